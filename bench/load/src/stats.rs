//! Percentiles.

/// Sorted samples.
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    /// Sorts them.
    pub(crate) fn new(mut samples: Vec<f64>) -> Self {
        samples.sort_by(f64::total_cmp);
        Self(samples)
    }

    /// The value below which `p` (0 to 1) of them lie: the nearest rank.
    pub(crate) fn at(&self, p: f64) -> f64 {
        let rank = (p * self.0.len() as f64).ceil() as usize;
        self.0.get(rank.max(1) - 1).copied().unwrap_or(f64::NAN)
    }

    /// The middle one.
    pub(crate) fn median(&self) -> f64 {
        self.at(0.5)
    }

    /// The smallest and the largest.
    pub(crate) fn spread(&self) -> (f64, f64) {
        (self.at(0.0), self.at(1.0))
    }

    /// `p50/p95/p99` with one decimal.
    pub(crate) fn quantiles(&self) -> String {
        format!("{:.1} / {:.1} / {:.1}", self.at(0.5), self.at(0.95), self.at(0.99))
    }
}

#[cfg(test)]
mod tests {
    use super::Samples;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let samples = Samples::new((1..=100).rev().map(f64::from).collect());
        assert_eq!((samples.median(), samples.at(0.95), samples.at(0.99)), (50.0, 95.0, 99.0));
        assert_eq!(samples.spread(), (1.0, 100.0));
        assert_eq!(Samples::new(vec![7.0]).at(0.99), 7.0);
    }
}
