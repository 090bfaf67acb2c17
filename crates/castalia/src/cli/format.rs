//! Values as people read them: times, durations, sizes, amounts.

use castalia_base::{Credits, Timestamp};
use serde_json::Value;

/// Micro-credits as credits: `12.5`.
pub(crate) fn credits(value: &Value) -> String {
    value.as_i64().map_or_else(|| "-".into(), |micro| Credits(micro).to_string())
}

/// `812 B`, `3.4 KiB`, `1.2 GiB`.
pub(crate) fn size(bytes: u64) -> String {
    let mut amount = bytes as f64;
    for unit in ["B", "KiB", "MiB", "GiB"] {
        if amount < 1024.0 {
            return if unit == "B" { format!("{bytes} B") } else { format!("{amount:.1} {unit}") };
        }
        amount /= 1024.0;
    }
    format!("{amount:.1} TiB")
}

/// `850 ms`, `12.3 s`, `3 min 5 s`, `2 h`, `3 d 4 h`.
pub(crate) fn duration(ms: i64) -> String {
    let ms = ms.max(0);
    let s = ms / 1000;
    let two = |many: i64, unit: &str, few: i64, small: &str| match few {
        0 => format!("{many} {unit}"),
        few => format!("{many} {unit} {few} {small}"),
    };
    match s {
        0 => format!("{ms} ms"),
        1..60 => format!("{}.{} s", s, ms % 1000 / 100),
        60..3600 => two(s / 60, "min", s % 60, "s"),
        3600..86_400 => two(s / 3600, "h", s % 3600 / 60, "min"),
        _ => two(s / 86_400, "d", s % 86_400 / 3600, "h"),
    }
}

/// The time in an RFC 3339 text.
pub(crate) fn time(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

/// The time now.
pub(crate) fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}

/// `just now`, `3 min ago`, `2 h ago`, `5 days ago`, the date when it is long ago, `in 3 min` for what comes.
pub(crate) fn ago(value: &Value, now: Timestamp) -> String {
    let Some(at) = time(value) else { return "-".into() };
    let s = now.ms_since(at) / 1000;
    // What comes is rounded, so that a day from now is not “in 23 h” a moment later.
    let told = |length: i64, unit: &str| match s {
        0.. => format!("{} {unit} ago", s / length),
        _ => format!("in {} {unit}", (-s + length / 2) / length),
    };
    match s.abs() {
        0..10 if s >= 0 => "just now".into(),
        0..60 => told(1, "s"),
        60..3600 => told(60, "min"),
        3600..86_400 => told(3600, "h"),
        86_400..129_600 => told(86_400, "day"),
        129_600..172_800 if s >= 0 => told(86_400, "day"),
        129_600..5_184_000 => told(86_400, "days"),
        _ => at.to_string().chars().take(10).collect(),
    }
}

/// The times that the server says in UTC (`14:02 UTC`, `2026-11-22 14:02 UTC`) by the clock of this machine, with the
/// day where it is another than today.
pub(crate) fn local_times(text: &str) -> String {
    times_in(text, &jiff::Zoned::now())
}

fn times_in(text: &str, now: &jiff::Zoned) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(end) = rest.find(" UTC") {
        let (before, after) = rest.split_at(end);
        out.push_str(before);
        match local(before, now) {
            Some((length, local)) => {
                out.truncate(out.len() - length);
                out.push_str(&local);
            }
            None => out.push_str(" UTC"),
        }
        rest = &after[" UTC".len()..];
    }
    out + rest
}

/// The time at the end of a text, and how long it is there.
fn local(text: &str, now: &jiff::Zoned) -> Option<(usize, String)> {
    let tail = |length: usize| text.len().checked_sub(length).and_then(|at| text.get(at..));
    let today = now.with_time_zone(jiff::tz::TimeZone::UTC).strftime("%Y-%m-%d").to_string();
    let read = |day: &str, time: &str| format!("{day}T{time}:00Z").parse::<jiff::Timestamp>().ok();
    let dated = tail(16).and_then(|t| Some((16, read(t.get(..10)?, t.get(11..)?)?)));
    let (length, at) = dated.or_else(|| Some((5, read(&today, tail(5)?)?)))?;
    let at = at.to_zoned(now.time_zone().clone());
    let form = if at.date() == now.date() { "%H:%M" } else { "%Y-%m-%d %H:%M" };
    Some((length, at.strftime(form).to_string()))
}

/// `2026-01-31 12:00:00 UTC (3 min ago)`.
pub(crate) fn moment(value: &Value, now: Timestamp) -> String {
    match time(value) {
        Some(at) => {
            let text = at.to_string();
            let plain: String = text.chars().take(19).map(|c| if c == 'T' { ' ' } else { c }).collect();
            format!("{plain} UTC ({})", ago(value, now))
        }
        None => "-".into(),
    }
}

/// The time from one moment to another, or to now.
pub(crate) fn span(from: &Value, to: &Value, now: Timestamp) -> String {
    time(from).map_or_else(|| "-".into(), |from| duration(time(to).unwrap_or(now).ms_since(from)))
}

/// A JSON value on one line: text without quotes, the rest as JSON.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".into(),
        other => other.to_string(),
    }
}

/// At most `width` characters, with `…` where something was left out.
pub(crate) fn clip(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(width.saturating_sub(1)).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_are_told_by_the_clock_of_the_reader() {
        let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(9));
        let now = "2026-11-21T16:00:00Z".parse::<jiff::Timestamp>().expect("a time").to_zoned(zone);
        let told = |text: &str| times_in(text, &now);
        assert_eq!(told("kernel busy since 15:02 UTC, 1 socket"), "kernel busy since 00:02, 1 socket");
        assert_eq!(told("since 14:02 UTC"), "since 2026-11-21 23:02");
        assert_eq!(told("until 2026-11-23 18:30 UTC"), "until 2026-11-24 03:30");
        assert_eq!(told("é UTC and 99:99 UTC"), "é UTC and 99:99 UTC");
    }

    #[test]
    fn sizes_and_durations() {
        assert_eq!(
            [size(0), size(1023), size(1024), size(3_500_000), size(1 << 40)],
            ["0 B", "1023 B", "1.0 KiB", "3.3 MiB", "1.0 TiB"]
        );
        let durations = [
            duration(-5),
            duration(850),
            duration(12_345),
            duration(185_000),
            duration(7_200_000),
            duration(273_600_000),
        ];
        assert_eq!(durations, ["0 ms", "850 ms", "12.3 s", "3 min 5 s", "2 h", "3 d 4 h"]);
    }

    #[test]
    fn times_are_relative_to_now() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().expect("a time");
        let told = |text: &str| ago(&json!(text), now);
        assert_eq!(told("2026-03-01T11:59:58Z"), "just now");
        assert_eq!(told("2026-03-01T11:57:00Z"), "3 min ago");
        assert_eq!(told("2026-02-28T12:00:00Z"), "1 day ago");
        assert_eq!(told("2025-01-31T12:00:00.123Z"), "2025-01-31");
        assert_eq!(told("2026-03-01T13:00:00Z"), "in 1 h");
        assert_eq!(told("2026-03-31T11:59:58Z"), "in 30 days");
        assert_eq!(ago(&Value::Null, now), "-");
        assert_eq!(moment(&json!("2026-03-01T11:57:00.000Z"), now), "2026-03-01 11:57:00 UTC (3 min ago)");
    }

    #[test]
    fn long_text_is_clipped() {
        assert_eq!(clip("abcdef", 4), "abc…");
        assert_eq!(clip("äöü", 3), "äöü");
    }
}
