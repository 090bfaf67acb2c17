//! What computing costs.
//!
//! A price list is immutable once used: its name and rates are stored with every bill, so any bill can be
//! made again. `cost = Σ quantity × rate`, as an exact fraction in 128 bits, rounded **up** to the
//! micro-credit once, at the very end. More of anything never costs less, so what was measured within the
//! reserved resources and time never costs more than the estimate that was held.

use castalia_base::{Credits, Error};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What was reserved or measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Metered {
    /// Processors, in thousandths.
    pub cpu_millis: u64,
    /// Memory in MiB.
    pub memory_mb: u64,
    /// Scratch storage in MiB.
    pub storage_mb: u64,
    /// GPUs.
    pub gpu: u64,
    /// For how long, in milliseconds.
    pub milliseconds: u64,
}

/// A price list: integer rates in micro-credits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Prices {
    /// The list's name, for instance `2026-01`.
    pub name: String,
    /// One processor for a second.
    pub cpu_second: u32,
    /// One GiB of memory for a second.
    pub memory_gib_second: u32,
    /// One GiB of scratch storage for an hour.
    pub storage_gib_hour: u32,
    /// One GPU for a second.
    pub gpu_second: u32,
}

impl Default for Prices {
    /// `2026-01`: one credit is about an hour of one processor.
    fn default() -> Self {
        Self {
            name: "2026-01".into(),
            cpu_second: 278,
            memory_gib_second: 35,
            storage_gib_hour: 100,
            gpu_second: 5_556,
        }
    }
}

/// The common denominator of the four products: thousandths of a processor or milliseconds (10⁶), MiB and
/// milliseconds (1024 × 1000), MiB and milliseconds of an hour (1024 × 3,600,000), milliseconds (1000).
const DENOMINATOR: i128 = 1024 * 3_600_000_000;

impl Prices {
    fn cost(&self, m: &Metered) -> Option<Credits> {
        let time = i128::from(m.milliseconds);
        let part = |quantity: u64, rate: u32, denominator: i128| {
            i128::from(quantity)
                .checked_mul(time)?
                .checked_mul(i128::from(rate))?
                .checked_mul(DENOMINATOR / denominator)
        };
        let parts = [
            part(m.cpu_millis, self.cpu_second, 1_000_000)?,
            part(m.memory_mb, self.memory_gib_second, 1024 * 1000)?,
            part(m.storage_mb, self.storage_gib_hour, 1024 * 3_600_000)?,
            part(m.gpu, self.gpu_second, 1000)?,
        ];
        let sum = parts.into_iter().try_fold(0i128, i128::checked_add)?;
        let up = sum.checked_add(DENOMINATOR - 1)? / DENOMINATOR;
        i64::try_from(up).ok().map(Credits)
    }

    fn checked(&self, m: &Metered) -> Result<Credits, Error> {
        self.cost(m)
            .ok_or_else(|| Error::field("too_expensive", "/resources", "costs more than can be counted"))
    }

    /// The most that work with these resources may cost until its deadline (in `milliseconds`).
    ///
    /// # Errors
    /// `too_expensive` when the amount leaves the range of an i64.
    pub fn estimate(&self, reserved: &Metered) -> Result<Credits, Error> {
        self.checked(reserved)
    }

    /// What was used, at most what was held.
    ///
    /// # Errors
    /// `too_expensive` when the amount leaves the range of an i64.
    pub fn bill(&self, measured: &Metered, held: Credits) -> Result<Credits, Error> {
        Ok(self.checked(measured)?.min(held))
    }

    /// What a bill was made from, to be stored with its debit.
    pub fn inputs(&self, measured: &Metered) -> Value {
        json!({"prices": self, "measured": measured})
    }
}

/// Makes a bill again from [`Prices::inputs`] (before it was capped by the hold); `None` for other JSON.
pub fn recompute(inputs: &Value) -> Option<Credits> {
    let prices: Prices = serde_json::from_value(inputs.get("prices")?.clone()).ok()?;
    let measured: Metered = serde_json::from_value(inputs.get("measured")?.clone()).ok()?;
    prices.cost(&measured)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hour(cpu_millis: u64) -> Metered {
        Metered { cpu_millis, milliseconds: 3_600_000, ..Metered::default() }
    }

    #[test]
    fn a_credit_is_about_a_processor_hour() {
        let prices = Prices::default();
        assert_eq!(prices.estimate(&hour(1000)).expect("fits"), Credits(1_000_800));
        assert_eq!(prices.estimate(&Metered::default()).expect("fits"), Credits::ZERO);
        // 1 ms of 1/1000 processor is 0.000278 micro-credits: rounded up.
        let tiny = Metered { cpu_millis: 1, milliseconds: 1, ..Metered::default() };
        assert_eq!(prices.estimate(&tiny).expect("fits"), Credits(1));
        let all =
            Metered { cpu_millis: 2000, memory_mb: 1024, storage_mb: 2048, gpu: 1, milliseconds: 3_600_000 };
        assert_eq!(prices.estimate(&all).expect("fits"), Credits((2 * 278 + 35 + 5_556) * 3600 + 200));
        assert_eq!(prices.estimate(&hour(u64::MAX)).expect_err("is too much").code(), "too_expensive");
    }

    proptest! {
        #[test]
        fn less_never_costs_more_and_a_bill_can_be_made_again(
            cpu in 0u64..100_000, mem in 0u64..1_000_000, disk in 0u64..1_000_000, gpu in 0u64..16, ms in 0u64..1_000_000_000,
            less in 0u64..=100,
        ) {
            let prices = Prices::default();
            let reserved = Metered { cpu_millis: cpu, memory_mb: mem, storage_mb: disk, gpu, milliseconds: ms };
            let used = Metered { memory_mb: mem * less / 100, milliseconds: ms * less / 100, ..reserved };
            let held = prices.estimate(&reserved).expect("fits");
            let bill = prices.bill(&used, held).expect("fits");
            prop_assert!(bill <= held);
            prop_assert_eq!(recompute(&prices.inputs(&used)), Some(bill));
        }
    }
}
