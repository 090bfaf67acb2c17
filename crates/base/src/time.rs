//! One clock, passed in; UTC milliseconds everywhere, RFC 3339 on the wire.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Milliseconds since 1970-01-01T00:00:00Z. Serialises as RFC 3339 with milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This time plus `ms` milliseconds.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
    /// Milliseconds from `earlier` to this time; negative when it is not earlier.
    pub fn ms_since(self, earlier: Timestamp) -> i64 {
        self.0 - earlier.0
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(t) => write!(f, "{t:.3}"),
            Err(_) => write!(f, "{}ms", self.0),
        }
    }
}

impl std::str::FromStr for Timestamp {
    type Err = crate::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<jiff::Timestamp>().map(|t| Self(t.as_millisecond())).map_err(|e| {
            crate::Error::invalid("invalid_time", format!("`{text}` is not an RFC 3339 time: {e}"))
        })
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        text.parse().map_err(|e: crate::Error| serde::de::Error::custom(e.detail()))
    }
}
impl schemars::JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "format": "date-time"})
    }
}

/// Where the time comes from. Cheap to clone; tests use [`Clock::fixed`] and move it by hand.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Fixed(Arc<AtomicI64>),
    Shifted(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }
    /// A clock that stands at `start` until [`Clock::advance_ms`].
    pub fn fixed(start: Timestamp) -> Self {
        Self(Source::Fixed(Arc::new(AtomicI64::new(start.0))))
    }
    /// The machine's clock with so many milliseconds added, which whoever has the number may change: a clock that
    /// somebody sets.
    pub fn shifted(by: Arc<AtomicI64>) -> Self {
        Self(Source::Shifted(by))
    }
    /// The time now.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => Timestamp(jiff::Timestamp::now().as_millisecond()),
            Source::Shifted(by) => {
                Timestamp(jiff::Timestamp::now().as_millisecond() + by.load(Ordering::SeqCst))
            }
            Source::Fixed(ms) => Timestamp(ms.load(Ordering::SeqCst)),
        }
    }
    /// Moves a fixed clock; does nothing to the machine's.
    pub fn advance_ms(&self, by: i64) {
        if let Source::Fixed(ms) = &self.0 {
            ms.fetch_add(by, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_three_digits_and_come_back() {
        let t = Timestamp(1_764_000_000_120);
        assert_eq!(t.to_string(), "2025-11-24T16:00:00.120Z");
        assert_eq!(t.to_string().parse::<Timestamp>().expect("parses"), t);
    }
}
