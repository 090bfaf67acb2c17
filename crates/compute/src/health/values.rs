//! The values that stand in a `health_check` block. Each refuses what makes no sense while it is read, so that the
//! reader of the file can name the line.

use std::borrow::Cow;
use std::fmt;
use std::num::{NonZeroU16, NonZeroU32};
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error as _, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const DAY: f64 = 86_400.0;

/// A time of up to a day: a number of seconds (`15`, `0.5`), or text with a unit (`500ms`, `15s`, `2m`, `1h`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seconds(pub Duration);

impl Seconds {
    /// Whole seconds.
    pub const fn new(seconds: u64) -> Self {
        Seconds(Duration::from_secs(seconds))
    }

    fn checked(seconds: f64) -> Result<Self, String> {
        if !(0.0..=DAY).contains(&seconds) {
            return Err(format!("{seconds} s is no time between 0 and a day"));
        }
        Ok(Seconds(Duration::from_secs_f64(seconds)))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let split = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
        let (number, unit) = text.split_at(split);
        let factor = match unit {
            "ms" => 0.001,
            "" | "s" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3600.0,
            _ => return Err(format!("{unit:?} is no unit of time (ms, s, m or h)")),
        };
        let number: f64 =
            number.trim().parse().map_err(|_| format!("{text:?} is no time, such as 15 or 500ms"))?;
        Seconds::checked(number * factor)
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&in_words(self.0))
    }
}

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if self.0.subsec_nanos() == 0 {
            s.serialize_u64(self.0.as_secs())
        } else {
            s.serialize_f64(self.0.as_secs_f64())
        }
    }
}

struct SecondsVisitor;

impl Visitor<'_> for SecondsVisitor {
    type Value = Seconds;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time in seconds, such as 15, 0.5 or 500ms")
    }

    fn visit_u64<E: serde::de::Error>(self, v: u64) -> Result<Seconds, E> {
        Seconds::checked(v as f64).map_err(E::custom)
    }

    fn visit_i64<E: serde::de::Error>(self, v: i64) -> Result<Seconds, E> {
        Seconds::checked(v as f64).map_err(E::custom)
    }

    fn visit_f64<E: serde::de::Error>(self, v: f64) -> Result<Seconds, E> {
        Seconds::checked(v).map_err(E::custom)
    }

    fn visit_str<E: serde::de::Error>(self, v: &str) -> Result<Seconds, E> {
        Seconds::parse(v).map_err(E::custom)
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(SecondsVisitor)
    }
}

impl JsonSchema for Seconds {
    fn schema_name() -> Cow<'static, str> {
        "Seconds".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number of seconds, or text with a unit: 500ms, 15s, 2m, 1h.",
            "anyOf": [{"type": "number", "minimum": 0, "maximum": 86400}, {"type": "string"}],
        })
    }
}

/// Reads a time that must not be zero.
pub(super) fn positive<'de, D: Deserializer<'de>>(d: D) -> Result<Seconds, D::Error> {
    let seconds = Seconds::deserialize(d)?;
    if seconds.0 < Duration::from_millis(10) {
        return Err(D::Error::custom("must be at least 0.01 s"));
    }
    Ok(seconds)
}

/// Reads an optional TCP port.
pub(crate) fn port<'de, D: Deserializer<'de>>(d: D) -> Result<Option<NonZeroU16>, D::Error> {
    let Some(number) = Option::<i64>::deserialize(d)? else { return Ok(None) };
    let port = u16::try_from(number).ok().and_then(NonZeroU16::new);
    port.map(Some).ok_or_else(|| D::Error::custom(format!("{number} is no port (1 to 65535)")))
}

/// Reads how many failures are tolerated.
pub(super) fn retries<'de, D: Deserializer<'de>>(d: D) -> Result<NonZeroU32, D::Error> {
    let number = i64::deserialize(d)?;
    let retries = u32::try_from(number).ok().filter(|n| *n <= 1000).and_then(NonZeroU32::new);
    retries.ok_or_else(|| D::Error::custom(format!("must be at least 1 and at most 1000, not {number}")))
}

/// The path of an HTTP check: begins with `/`, without spaces; a query is allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Endpoint(String);

impl Endpoint {
    /// Checks a path.
    pub fn new(text: impl Into<String>) -> Result<Self, String> {
        let text = text.into();
        if text.contains("://") {
            return Err(format!("{text:?} must be a path such as /health, without scheme and host"));
        }
        if !text.starts_with('/') {
            return Err(format!("{text:?} must begin with /"));
        }
        if text.contains(|c: char| c.is_whitespace() || c.is_control() || !c.is_ascii() || c == '#') {
            return Err(format!("{text:?} has characters that a path must percent-encode"));
        }
        Ok(Endpoint(text))
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Endpoint {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Endpoint::new(String::deserialize(d)?).map_err(D::Error::custom)
    }
}

/// Statuses that are a good answer: `200`, `200-399`, or several with commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statuses(Vec<(u16, u16)>);

impl Default for Statuses {
    fn default() -> Self {
        Statuses(vec![(200, 399)])
    }
}

impl Statuses {
    /// Whether a status is a good answer.
    pub fn contains(&self, status: u16) -> bool {
        self.0.iter().any(|(low, high)| (*low..=*high).contains(&status))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no list of statuses, such as 200-399 or 200,401");
        let mut ranges = Vec::new();
        for part in text.split(',') {
            let (low, high) = part.split_once('-').unwrap_or((part, part));
            let parse = |t: &str| t.trim().parse::<u16>().ok().filter(|s| (100..=599).contains(s));
            let (low, high) = (parse(low).ok_or_else(wrong)?, parse(high).ok_or_else(wrong)?);
            if low > high {
                return Err(wrong());
            }
            ranges.push((low, high));
        }
        Ok(Statuses(ranges))
    }
}

impl fmt::Display for Statuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (low, high)) in self.0.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            if low == high { write!(f, "{comma}{low}")? } else { write!(f, "{comma}{low}-{high}")? }
        }
        Ok(())
    }
}

impl Serialize for Statuses {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

struct StatusesVisitor;

impl Visitor<'_> for StatusesVisitor {
    type Value = Statuses;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HTTP statuses, such as 200-399 or 200,401")
    }

    fn visit_u64<E: serde::de::Error>(self, v: u64) -> Result<Statuses, E> {
        Statuses::parse(&v.to_string()).map_err(E::custom)
    }

    fn visit_i64<E: serde::de::Error>(self, v: i64) -> Result<Statuses, E> {
        u64::try_from(v)
            .map_err(|_| E::invalid_value(Unexpected::Signed(v), &self))
            .and_then(|v| self.visit_u64(v))
    }

    fn visit_str<E: serde::de::Error>(self, v: &str) -> Result<Statuses, E> {
        Statuses::parse(v).map_err(E::custom)
    }
}

impl<'de> Deserialize<'de> for Statuses {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(StatusesVisitor)
    }
}

impl JsonSchema for Statuses {
    fn schema_name() -> Cow<'static, str> {
        "Statuses".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "HTTP statuses that are a good answer, such as 200-399 or 200,401.",
            "anyOf": [{"type": "integer", "minimum": 100, "maximum": 599}, {"type": "string"}],
        })
    }
}

/// A command: one text is given to `/bin/sh -c`, a list is run as it is. Exit code 0 is a good answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "HealthCommand")]
pub enum Command {
    /// For the shell.
    Shell(String),
    /// Program and arguments.
    Exec(Vec<String>),
}

impl Command {
    /// Program and arguments, with every `{port}` and `{prefix}` filled in.
    pub fn argv(&self, port: u16, prefix: &str) -> Vec<String> {
        let fill = |text: &String| text.replace("{port}", &port.to_string()).replace("{prefix}", prefix);
        match self {
            Command::Shell(script) => vec!["/bin/sh".into(), "-c".into(), fill(script)],
            Command::Exec(argv) => argv.iter().map(fill).collect(),
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Command::Shell(script) => script.trim().is_empty(),
            Command::Exec(argv) => argv.first().is_none_or(|program| program.is_empty()),
        }
    }
}

/// Reads an optional command that must not be empty. A leading `CMD` or `CMD-SHELL`, as container definitions write
/// it, is understood.
pub(super) fn command<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Command>, D::Error> {
    let command = match Option::<Command>::deserialize(d)? {
        Some(Command::Exec(mut argv)) if argv.len() > 1 && argv[0] == "CMD-SHELL" => {
            argv.remove(0);
            Some(Command::Shell(argv.join(" ")))
        }
        Some(Command::Exec(mut argv)) if argv.len() > 1 && argv[0] == "CMD" => {
            argv.remove(0);
            Some(Command::Exec(argv))
        }
        other => other,
    };
    if command.as_ref().is_some_and(Command::is_empty) {
        return Err(D::Error::custom("the command is empty"));
    }
    Ok(command)
}

/// `0.25 s`, `45 s`, `3 min`, `2 min 45 s`, `80 ms`.
pub(super) fn in_words(time: Duration) -> String {
    let ms = time.as_millis();
    match ms {
        0..1000 => format!("{ms} ms"),
        1000..10_000 if ms % 1000 >= 50 => format!("{:.1} s", ms as f64 / 1000.0),
        1000..120_000 => format!("{} s", (ms + 500) / 1000),
        120_000..7_200_000 => two((ms + 500) / 1000, 60, "min", "s"),
        _ => two((ms + 30_000) / 60_000, 60, "h", "min"),
    }
}

fn two(total: u128, per: u128, large: &str, small: &str) -> String {
    match (total / per, total % per) {
        (whole, 0) => format!("{whole} {large}"),
        (whole, rest) => format!("{whole} {large} {rest} {small}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_and_without_unit() {
        let read = |json: &str| {
            serde_json::from_str::<Seconds>(json).map(|s| s.0.as_millis()).map_err(|e| e.to_string())
        };
        for (json, ms) in
            [("15", 15_000), ("0.25", 250), ("\"500ms\"", 500), ("\"2 m\"", 120_000), ("\"1h\"", 3_600_000)]
        {
            assert_eq!(read(json), Ok(ms), "{json}");
        }
        for bad in ["-1", "86401", "\"soon\"", "\"5 weeks\"", "true", "\"\"", "1e300"] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert_eq!(serde_json::to_string(&Seconds::new(15)).unwrap(), "15");
        assert_eq!(serde_json::to_string(&Seconds(Duration::from_millis(250))).unwrap(), "0.25");
    }

    #[test]
    fn times_are_told_in_words() {
        for (ms, words) in [
            (80, "80 ms"),
            (1_000, "1 s"),
            (2_500, "2.5 s"),
            (45_000, "45 s"),
            (165_000, "2 min 45 s"),
            (180_000, "3 min"),
            (7_260_000, "2 h 1 min"),
        ] {
            assert_eq!(in_words(Duration::from_millis(ms)), words);
        }
    }

    #[test]
    fn endpoints_are_paths() {
        for good in ["/", "/health", "/api/status?verbose=1", "/user/a%20b/health"] {
            assert!(Endpoint::new(good).is_ok(), "{good}");
        }
        for bad in ["", "health", "http://h/health", "/a b", "/a\nHost: x", "/ä", "/a#b"] {
            assert!(Endpoint::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn statuses_are_ranges() {
        let read = |json: &str| serde_json::from_str::<Statuses>(json);
        let some = read("\"200-299, 401\"").unwrap();
        assert!(some.contains(204) && some.contains(401) && !some.contains(302));
        assert_eq!(some.to_string(), "200-299,401");
        assert!(read("204").unwrap().contains(204));
        for bad in ["\"\"", "\"ok\"", "\"300-200\"", "99", "700", "\"200-\""] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
