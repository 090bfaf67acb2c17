//! Requests per minute, per operation and role: the token bucket of `governor`, one bucket per caller and
//! operation (GCRA: a minute's worth may come at once, then they come back evenly).

use castalia_base::{Error, Kind};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

/// Requests per minute: operation or pattern (`processes.*`, `*`), then role. The most exact pattern that
/// knows one of the caller's roles decides; of several roles the most generous. Besides roles there are
/// `user` (signed in, but none of the roles is named) and `anonymous` (per address). 0 closes the operation.
///
/// The defaults are meant to stop accidents and floods, not work: an administrator may submit 2,000
/// processes per second.
#[derive(Clone, Debug)]
pub struct Limits(pub BTreeMap<String, BTreeMap<String, u32>>);

impl Default for Limits {
    fn default() -> Self {
        let mut limits = Self(BTreeMap::new());
        limits.set(
            "*",
            &[
                ("admin", 12_000),
                ("developer", 6_000),
                ("viewer", 3_000),
                ("user", 3_000),
                ("anonymous", 300),
            ],
        );
        limits.set("processes.*", &[("admin", 120_000), ("developer", 30_000), ("user", 30_000)]);
        limits.set("auth.login", &[("anonymous", 30)]);
        limits.set("auth.token", &[("anonymous", 30)]);
        limits.set("setup.complete", &[("anonymous", 10)]);
        limits
    }
}

impl Limits {
    /// Sets the requests per minute for an operation or a pattern.
    pub fn set(&mut self, operation: &str, per_role: &[(&str, u32)]) {
        let row = self.0.entry(operation.to_owned()).or_default();
        row.extend(per_role.iter().map(|(role, n)| ((*role).to_owned(), *n)));
    }

    /// What a caller with these roles may send per minute; `None` when nothing is said.
    pub fn per_minute(&self, operation: &str, roles: &[String], anonymous: bool) -> Option<u32> {
        let noun = format!("{}.*", operation.split('.').next().unwrap_or_default());
        let rows = [operation, &noun, "*"].into_iter().filter_map(|key| self.0.get(key));
        rows.filter_map(|row| {
            if anonymous {
                return row.get("anonymous").copied();
            }
            let named = roles.iter().filter_map(|role| row.get(role)).max();
            named.or_else(|| row.get("user")).copied()
        })
        .next()
    }
}

type Buckets = Arc<DefaultKeyedRateLimiter<String>>;

/// The buckets. A quota belongs to a limiter, so there is one limiter per distinct number.
#[derive(Debug)]
pub(crate) struct Limiter {
    limits: Limits,
    clock: DefaultClock,
    buckets: Mutex<HashMap<u32, Buckets>>,
}

/// Above this many buckets the full ones are dropped at once, not only by the sweep.
const MANY: usize = 20_000;

impl Limiter {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, clock: DefaultClock::default(), buckets: Mutex::default() }
    }

    fn buckets(&self, per_minute: NonZeroU32) -> Buckets {
        let mut all = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(per_minute.get())
            .or_insert_with(|| Arc::new(RateLimiter::keyed(Quota::per_minute(per_minute))))
            .clone()
    }

    /// Takes one request out of the caller's bucket for the operation.
    pub(crate) fn check(
        &self,
        caller: &str,
        operation: &str,
        roles: &[String],
        anonymous: bool,
    ) -> Result<(), Error> {
        let Some(per_minute) = self.limits.per_minute(operation, roles, anonymous) else {
            return Ok(());
        };
        let Some(quota) = NonZeroU32::new(per_minute) else {
            return Err(Error::new(
                Kind::Forbidden,
                "closed_to_role",
                format!("`{operation}` is closed to your role"),
            ));
        };
        let buckets = self.buckets(quota);
        if let Err(refused) = buckets.check_key(&format!("{caller} {operation}")) {
            let wait = refused.wait_time_from(self.clock.now());
            let ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1);
            metrics::counter!("castalia_rate_limited_total", "operation" => operation.to_owned())
                .increment(1);
            let detail =
                format!("more than {per_minute} requests per minute for `{operation}`; wait a moment");
            return Err(Error::new(Kind::RateLimited, "rate_limited", detail).with_retry_after_ms(ms));
        }
        if buckets.len() > MANY {
            buckets.retain_recent();
        }
        Ok(())
    }

    /// Drops the buckets that are full again.
    pub(crate) fn shrink(&self) {
        let all: Vec<Buckets> =
            self.buckets.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        for buckets in all {
            buckets.retain_recent();
            buckets.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(names: &[&str]) -> Vec<String> {
        names.iter().map(|n| (*n).to_owned()).collect()
    }

    #[test]
    fn the_most_exact_rule_that_knows_the_role_decides() {
        let mut limits = Limits::default();
        limits.set("workflows.create", &[("admin", 100), ("developer", 50), ("viewer", 0)]);
        let ask = |operation: &str, names: &[&str]| limits.per_minute(operation, &roles(names), false);
        assert_eq!(ask("workflows.create", &["viewer", "developer"]), Some(50));
        assert_eq!(ask("workflows.create", &["viewer"]), Some(0));
        assert_eq!(ask("workflows.create", &["own"]), Some(3_000));
        assert_eq!(ask("processes.submit", &["admin"]), Some(120_000));
        assert_eq!(limits.per_minute("auth.login", &[], true), Some(30));
    }

    #[test]
    fn callers_have_buckets_of_their_own_and_are_told_how_long_to_wait() {
        let mut limits = Limits(BTreeMap::new());
        limits.set("a.b", &[("user", 2), ("viewer", 0)]);
        let limiter = Limiter::new(limits);
        let ask = |who: &str| limiter.check(who, "a.b", &[], false);
        assert!(ask("ada").is_ok() && ask("ada").is_ok() && ask("bob").is_ok());
        let refused = ask("ada").expect_err("is over");
        assert_eq!((refused.kind(), refused.code()), (Kind::RateLimited, "rate_limited"));
        assert!(refused.retry_after_ms().is_some_and(|ms| (1..=30_000).contains(&ms)));
        assert_eq!(
            limiter.check("eve", "a.b", &roles(&["viewer"]), false).expect_err("closed").code(),
            "closed_to_role"
        );
        assert!(limiter.check("eve", "c.d", &[], false).is_ok());
        limiter.shrink();
    }
}
