//! When a workspace is idle: decided from facts, told in words. Pure.

use crate::definition::Idle;
use castalia_base::Timestamp;

/// What is known about a running workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// When it became ready.
    pub(crate) since: i64,
    /// When something happened last that counts.
    pub(crate) last_activity: i64,
    /// Open WebSockets.
    pub(crate) sockets: usize,
    /// Requests that are being answered.
    pub(crate) requests: usize,
    /// What its program says is busy, in words, and since when: `kernel`, …
    pub(crate) busy: Vec<Busy>,
    /// The program was asked and did not say.
    pub(crate) silent: bool,
    /// Its user keeps it until then.
    pub(crate) kept_until: Option<i64>,
    /// When its user was warned.
    pub(crate) warned_at: Option<i64>,
}

/// Something that works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Busy {
    /// What it is: `kernel`, `terminal`.
    pub(crate) what: String,
    /// When it was last heard of, as far as known.
    pub(crate) since: Option<i64>,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing; why, in words.
    Keep(String),
    /// Not yet, but at this time if nothing happens.
    Waits {
        /// When it is to be stopped.
        stops_at: i64,
        /// In words.
        text: String,
        /// Whether its user is to be warned now.
        warn: bool,
    },
    /// Stop it; why, in words.
    Cull(String),
}

/// `14:02 UTC` of a time on the day of `now`, `2026-11-22 14:02 UTC` of another. Whoever shows it to a person puts the
/// person's own time zone in its place.
pub(crate) fn clock(ms: i64, now: i64) -> String {
    let (text, today) = (Timestamp(ms).to_string(), Timestamp(now).to_string());
    let (day, time) = (text.get(..10), text.get(11..16).unwrap_or("??:??"));
    match day {
        Some(day) if today.get(..10) != Some(day) => format!("{day} {time} UTC"),
        _ => format!("{time} UTC"),
    }
}

/// A length of time in words: `45 s`, `12 min`, `1 h 5 min`.
pub(crate) fn words(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    match seconds {
        0..100 => format!("{seconds} s"),
        100..3600 => format!("{} min", seconds / 60),
        _ if seconds % 3600 < 60 => format!("{} h", seconds / 3600),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// Reasons to keep it, whatever the time of its last activity.
fn reasons(idle: &Idle, f: &Facts, now: i64) -> Vec<String> {
    let mut reasons = Vec::new();
    if let Some(until) = f.kept_until.filter(|until| *until > now) {
        reasons.push(format!("its user keeps it until {}", clock(until, now)));
    }
    if idle.keep_sockets && f.sockets > 0 {
        reasons.push(count(f.sockets, "open socket"));
    }
    if f.requests > 0 {
        reasons.push(count(f.requests, "request") + " under way");
    }
    if idle.keep_busy {
        for busy in &f.busy {
            let since = busy.since.map(|since| format!(" since {}", clock(since, now))).unwrap_or_default();
            reasons.push(format!("{} busy{since}", busy.what));
        }
    }
    if f.silent {
        // Who can't be asked is not ended on a doubt.
        reasons.push("it does not say what is busy".into());
    }
    reasons
}

/// Decides. `now` and all facts are milliseconds UTC.
pub(crate) fn decide(idle: &Idle, f: &Facts, now: i64) -> Verdict {
    let age = now - f.since;
    let most = ms(idle.max_age);
    if most > 0 && age >= most && f.kept_until.is_none_or(|until| until <= now) {
        return Verdict::Cull(format!("ran for {}, longer than the {} that it may", words(age), words(most)));
    }
    let timeout = ms(idle.timeout);
    if timeout == 0 {
        return Verdict::Keep("kept: it is never stopped for being idle".into());
    }
    let reasons = reasons(idle, f, now);
    if !reasons.is_empty() {
        return Verdict::Keep(format!("kept: {}", reasons.join(", ")));
    }
    // A clock that was set back must not make it look idle, nor one that was set forward make the past longer.
    let last = f.last_activity.max(f.since).min(now);
    let warning = ms(idle.warning);
    let warned = f.warned_at.filter(|at| *at >= last);
    let quiet = now - last;
    let due = last + timeout;
    // Whoever is warned has the whole time of the warning left, also after the server was away.
    let stops_at = match (warning > 0, warned) {
        (true, Some(at)) => due.max(at + warning),
        (true, None) => due.max(now + warning),
        (false, _) => due,
    };
    if now >= stops_at {
        return Verdict::Cull(format!("idle for {}", words(quiet)));
    }
    let text = if quiet < 60_000 {
        format!("kept: used just now; stops after {} without activity", words(timeout))
    } else {
        format!("idle for {}; stops at {} if nothing happens", words(quiet), clock(stops_at, now))
    };
    let warn = warning > 0 && warned.is_none() && now >= due - warning;
    Verdict::Waits { stops_at, text, warn }
}

fn ms(seconds: castalia_compute::health::Seconds) -> i64 {
    i64::try_from(seconds.0.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use castalia_compute::health::Seconds;

    const HOUR: i64 = 3_600_000;
    const MINUTE: i64 = 60_000;

    fn rules() -> Idle {
        Idle { timeout: Seconds::new(3600), warning: Seconds::new(300), ..Idle::default() }
    }

    fn quiet() -> Facts {
        Facts { since: 0, last_activity: 0, ..Facts::default() }
    }

    fn told(v: Verdict) -> String {
        match v {
            Verdict::Keep(text) | Verdict::Cull(text) | Verdict::Waits { text, .. } => text,
        }
    }

    #[test]
    fn it_is_kept_with_reasons_that_a_person_can_read() {
        let mut f = Facts {
            sockets: 2,
            busy: vec![Busy { what: "kernel".into(), since: Some(14 * HOUR + 2 * MINUTE) }],
            ..quiet()
        };
        let idle = Idle { keep_sockets: true, ..rules() };
        assert_eq!(
            told(decide(&idle, &f, 50 * HOUR)),
            "kept: 2 open sockets, kernel busy since 1970-01-01 14:02 UTC"
        );
        // An open tab alone keeps nothing, unless the definition says so.
        f.busy.clear();
        f.warned_at = Some(HOUR);
        assert!(matches!(decide(&rules(), &f, 50 * HOUR), Verdict::Cull(_)));
    }

    #[test]
    fn a_warning_comes_before_the_end() {
        let mut f = quiet();
        assert!(matches!(decide(&rules(), &f, 54 * MINUTE), Verdict::Waits { warn: false, .. }));
        let at = 55 * MINUTE;
        assert!(
            matches!(decide(&rules(), &f, at), Verdict::Waits { warn: true, stops_at, .. } if stops_at == HOUR)
        );
        f.warned_at = Some(at);
        assert!(matches!(decide(&rules(), &f, HOUR - 1), Verdict::Waits { warn: false, .. }));
        assert_eq!(decide(&rules(), &f, HOUR), Verdict::Cull("idle for 1 h".into()));
    }

    #[test]
    fn who_was_away_is_warned_first() {
        // The server was down, or the clock jumped by a day: nothing is ended without the warning.
        let late = 25 * HOUR;
        assert!(
            matches!(decide(&rules(), &quiet(), late), Verdict::Waits { warn: true, stops_at, .. } if stops_at == late + 5 * MINUTE)
        );
        let warned = Facts { warned_at: Some(late), ..quiet() };
        assert!(matches!(decide(&rules(), &warned, late + MINUTE), Verdict::Waits { .. }));
        assert!(matches!(decide(&rules(), &warned, late + 5 * MINUTE), Verdict::Cull(_)));
    }

    #[test]
    fn activity_after_a_warning_takes_it_back() {
        let f = Facts { last_activity: 56 * MINUTE, warned_at: Some(55 * MINUTE), ..quiet() };
        assert!(matches!(decide(&rules(), &f, HOUR), Verdict::Waits { warn: false, .. }));
    }

    #[test]
    fn a_clock_that_was_set_back_ends_nothing() {
        let f = Facts { since: 10 * HOUR, last_activity: 10 * HOUR, ..quiet() };
        assert!(matches!(decide(&rules(), &f, 2 * HOUR), Verdict::Waits { warn: false, .. }));
    }

    #[test]
    fn a_kept_one_stays_and_an_old_one_goes() {
        let kept = Facts { kept_until: Some(3 * HOUR), ..quiet() };
        assert_eq!(told(decide(&rules(), &kept, 2 * HOUR)), "kept: its user keeps it until 03:00 UTC");
        let longer = Facts { kept_until: Some(27 * HOUR), ..quiet() };
        assert_eq!(told(decide(&rules(), &longer, 0)), "kept: its user keeps it until 1970-01-02 03:00 UTC");
        let old = Idle { max_age: Seconds::new(7200), ..rules() };
        let f = Facts { last_activity: 2 * HOUR, ..quiet() };
        assert_eq!(told(decide(&old, &f, 2 * HOUR)), "ran for 2 h, longer than the 2 h that it may");
        let silent = Facts { silent: true, ..quiet() };
        assert!(matches!(decide(&rules(), &silent, 9 * HOUR), Verdict::Keep(_)));
    }
}
