//! The formulas that follow from the numbers of a health check, and advice about them.
//!
//! | formula | recommended |
//! |---|---|
//! | latest verdict about a start = start period + interval × retries | 60–180 s |
//! | retry window = interval × retries | 60–120 s |
//! | start period ≥ 1.5 × the usual start, and 1.5 × its 95th percentile | |
//! | timeout < interval, and at least the usual answer + 5 s | |
//! | retries 5–8; fewer risk false alarms, 10 and more hide trouble | |

use std::time::Duration;

use super::HealthCheck;
use super::values::in_words;

/// How much longer than a usual start a start period should be.
pub const START_MARGIN: f64 = 1.5;

/// How much longer than a usual answer a timeout should be.
pub const ANSWER_MARGIN: Duration = Duration::from_secs(5);

/// Time without a good answer after which a service that was well is unhealthy: `interval × retries`.
pub fn retry_window(check: &HealthCheck) -> Duration {
    check.interval.0.saturating_mul(check.retries.get())
}

/// Time after the start at which a service that was never ready is unhealthy: `start_period + interval × retries`.
pub fn detection_window(check: &HealthCheck) -> Duration {
    check.start_period.0.saturating_add(retry_window(check))
}

/// The start period that suits a service which usually starts in `usual`: 1.5 times that.
pub fn start_period_for(usual: Duration) -> Duration {
    usual.mul_f64(START_MARGIN)
}

/// The timeout that suits an endpoint which usually answers in `usual`: five seconds more.
pub fn timeout_for(usual: Duration) -> Duration {
    usual.saturating_add(ANSWER_MARGIN)
}

/// What a person who tunes this check should know, in words; empty when nothing is unusual.
pub fn advice(check: &HealthCheck) -> Vec<String> {
    let mut found = Vec::new();
    let retries = check.retries.get();
    let window = retry_window(check);
    if retries < 5 {
        found.push(format!(
            "{retries} retries tolerate little: a passing fault may end a healthy service; 5 to 8 suit most"
        ));
    }
    if retries >= 10 {
        found.push(format!("{retries} retries forgive much and may hide real trouble; 5 to 8 suit most"));
    }
    if check.timeout.0 >= check.interval.0 {
        found.push(format!(
            "a try may take {}, as long as the interval of {} or longer: a hang is seen late",
            in_words(check.timeout.0),
            in_words(check.interval.0)
        ));
    }
    if window < Duration::from_secs(60) {
        found.push(format!(
            "a service is unhealthy after {} without a good answer; 60 to 120 s suit most",
            in_words(window)
        ));
    }
    if check.start_period.0 < Duration::from_secs(30) {
        found.push(format!(
            "a start period of {} suits only what starts in less than {}",
            in_words(check.start_period.0),
            in_words(check.start_period.0.div_f64(START_MARGIN))
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::health::Seconds;

    fn check(start_period: u64, interval: u64, retries: u32, timeout: u64) -> HealthCheck {
        HealthCheck {
            start_period: Seconds::new(start_period),
            interval: Seconds::new(interval),
            timeout: Seconds::new(timeout),
            retries: NonZeroU32::new(retries).unwrap(),
            ..HealthCheck::default()
        }
    }

    #[test]
    fn the_latest_verdict_is_start_period_plus_interval_times_retries() {
        for (name, start_period, interval, retries, latest) in [
            ("chat before", 30, 5, 5, 55),
            ("chat after", 45, 15, 8, 165),
            ("ide before", 30, 10, 3, 60),
            ("ide after", 45, 15, 8, 165),
            ("lab", 60, 30, 8, 300),
        ] {
            let check = check(start_period, interval, retries, 5);
            assert_eq!(detection_window(&check), Duration::from_secs(latest), "{name}");
        }
    }

    #[test]
    fn start_periods_are_one_and_a_half_times_the_usual_start() {
        for (usual, period) in [(20, 30), (30, 45), (60, 90)] {
            assert_eq!(start_period_for(Duration::from_secs(usual)), Duration::from_secs(period));
        }
        assert_eq!(timeout_for(Duration::from_secs(5)), Duration::from_secs(10));
    }

    #[test]
    fn the_recommended_check_needs_no_advice_and_the_others_are_told_why() {
        let usual = HealthCheck::default();
        assert_eq!(advice(&usual), Vec::<String>::new());
        assert!((60..=180).contains(&detection_window(&usual).as_secs()));
        assert!((60..=120).contains(&retry_window(&usual).as_secs()));
        let hasty = advice(&check(30, 5, 3, 5)).join("\n");
        for word in ["tolerate little", "as long as the interval", "60 to 120 s"] {
            assert!(hasty.contains(word), "{word}: {hasty}");
        }
        let lab = advice(&check(60, 30, 8, 60)).join("\n");
        assert!(lab.contains("a hang is seen late"), "{lab}");
        assert!(advice(&check(10, 15, 12, 10)).join("\n").contains("hide real trouble"));
    }
}
