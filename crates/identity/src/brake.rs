//! The brake on guessing passwords: after a few failures a user's name and the address rest for a while,
//! longer each time. The name is kept as a hash only, since people type passwords into the wrong field.

use crate::crypto::digest;
use crate::{Service, store};
use castalia_base::{Ctx, Error, Kind};
use castalia_db::Tx;
use std::net::IpAddr;

/// Failures further apart than this do not add up.
pub(crate) const MEMORY_MS: i64 = 15 * 60 * 1000;
const FIRST_REST_MS: i64 = 15_000;
const LONGEST_REST_MS: i64 = 5 * 60 * 1000;
const USER_TRIES: i64 = 5;
/// More, because many people may sit behind one address.
const ADDRESS_TRIES: i64 = 10;

pub(crate) fn user_key(name: &str) -> String {
    format!("user:{}", digest(name))
}

/// The address, or for IPv6 its /64, which is what one customer gets.
pub(crate) fn address_key(address: Option<IpAddr>) -> Option<String> {
    Some(match address? {
        IpAddr::V4(v4) => format!("addr:{v4}"),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("addr:{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    })
}

/// How long to rest after so many failures; `None` while there are tries left.
fn rest_ms(failures: i64, tries: i64) -> Option<i64> {
    let over = u32::try_from(failures - tries).ok()?;
    Some(FIRST_REST_MS.saturating_mul(2i64.saturating_pow(over)).min(LONGEST_REST_MS))
}

impl Service {
    /// Refuses while any of the subjects rests.
    pub(crate) async fn check_brakes(&self, ctx: &Ctx, subjects: &[String]) -> Result<(), Error> {
        for subject in subjects {
            let until = store::brakes::blocked_until(&mut self.db.read(), subject).await?;
            let wait = until.map_or(0, |until| until.ms_since(ctx.now()));
            if wait > 0 {
                let seconds = wait.unsigned_abs().div_ceil(1000);
                let detail = format!("too many failed sign-ins; try again in {seconds} s");
                return Err(Error::new(Kind::RateLimited, "too_many_failures", detail)
                    .with_retry_after_ms(wait.unsigned_abs()));
            }
        }
        Ok(())
    }

    /// Counts a failure for each subject.
    pub(crate) async fn count_failure(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        subjects: &[String],
    ) -> Result<(), Error> {
        let now = ctx.now();
        for subject in subjects {
            let failures = store::brakes::count(tx, subject, now, now.plus_ms(-MEMORY_MS)).await?;
            let tries = if subject.starts_with("user:") { USER_TRIES } else { ADDRESS_TRIES };
            if let Some(rest) = rest_ms(failures, tries) {
                store::brakes::block(tx, subject, now.plus_ms(rest)).await?;
            }
        }
        Ok(())
    }

    /// Forgets the failures of a user who has signed in.
    pub(crate) async fn release_brake(&self, tx: &mut Tx, name: &str) -> Result<(), Error> {
        let subject = user_key(name);
        if store::brakes::blocked_until(tx, &subject).await?.is_some() {
            store::brakes::clear(tx, &subject).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_doubles_up_to_five_minutes() {
        assert_eq!(rest_ms(4, 5), None);
        assert_eq!(rest_ms(5, 5), Some(15_000));
        assert_eq!(rest_ms(7, 5), Some(60_000));
        assert_eq!(rest_ms(500, 5), Some(300_000));
    }

    #[test]
    fn one_customer_of_ipv6_is_one_address() {
        let key = |text: &str| address_key(text.parse().ok());
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:2"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_eq!(key("192.0.2.1").as_deref(), Some("addr:192.0.2.1"));
    }
}
