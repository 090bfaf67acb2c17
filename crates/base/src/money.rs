//! Money as an integer of its smallest unit.

use serde::{Deserialize, Serialize};

/// An amount in micro-credits (1 credit = 1,000,000). JSON: an integer, never a float.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct Credits(pub i64);

impl Credits {
    /// Nothing.
    pub const ZERO: Credits = Credits(0);
    /// Micro-credits in one credit.
    pub const PER_CREDIT: i64 = 1_000_000;
    /// Whole credits.
    pub const fn whole(credits: i64) -> Self {
        Self(credits * Self::PER_CREDIT)
    }
    /// The sum, or `None` when it leaves the range of an i64.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }
    /// The difference, or `None` when it leaves the range of an i64.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }
}

impl std::fmt::Display for Credits {
    /// Credits with up to six decimals and no trailing zeros: `12.5`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let micro = self.0.unsigned_abs();
        let whole = micro / 1_000_000;
        let part = format!("{:06}", micro % 1_000_000);
        match part.trim_end_matches('0') {
            "" => write!(f, "{sign}{whole}"),
            part => write!(f, "{sign}{whole}.{part}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Credits;

    #[test]
    fn credits_print_as_people_write_them() {
        assert_eq!(Credits(12_500_000).to_string(), "12.5");
        assert_eq!(Credits(-1).to_string(), "-0.000001");
        assert_eq!(Credits::whole(1000).to_string(), "1000");
    }
}
