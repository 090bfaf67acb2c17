//! Bearing with a server that is away for a while: what was begun there goes on without us.

use super::failure::Failure;
use super::out::Out;
use std::time::{Duration, Instant};

/// How long a server that does not answer is waited for.
const PATIENCE: Duration = Duration::from_secs(600);

/// Bears with a server that is away, and says so.
pub(crate) struct Patience {
    out: Out,
    away: Option<Instant>,
}

impl Patience {
    /// Nothing has been borne with yet.
    pub(crate) fn new(out: Out) -> Self {
        Self { out, away: None }
    }

    /// Waits a little when trying again may help; gives the failure back when not, or when it lasts too long.
    pub(crate) async fn bear(&mut self, failure: Failure) -> Result<(), Failure> {
        if !failure.is_transient() {
            return Err(failure);
        }
        let busy = matches!(failure, Failure::Refused(_));
        let since = *self.away.get_or_insert_with(|| {
            let (what, minutes) =
                (if busy { "has no time" } else { "does not answer" }, PATIENCE.as_secs() / 60);
            self.out.note(&format!("the server {what}; trying again for {minutes} minutes"));
            Instant::now()
        });
        match pause(&failure, since.elapsed()) {
            Some(pause) => tokio::time::sleep(pause).await,
            None => return Err(failure),
        }
        Ok(())
    }

    /// The server answered.
    pub(crate) fn relax(&mut self) {
        if self.away.take().is_some() {
            self.out.note("the server is back");
        }
    }
}

/// How long to wait before the next try, after the server was away for so long; `None` when it is too long.
fn pause(failure: &Failure, away: Duration) -> Option<Duration> {
    match failure {
        _ if away > PATIENCE => None,
        Failure::Refused(refusal) => Some(Duration::from_secs(refusal.retry_after.unwrap_or(1).clamp(1, 30))),
        _ => Some((away / 4).clamp(Duration::from_millis(100), Duration::from_secs(2))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::failure::Refusal;

    fn refused(status: u16, retry_after: Option<u64>) -> Failure {
        Failure::Refused(Box::new(Refusal { status, retry_after, ..Refusal::default() }))
    }

    fn away() -> Failure {
        Failure::Unreachable { url: String::new(), cause: String::new(), refused: true }
    }

    #[test]
    fn a_server_that_is_away_is_asked_ever_less_often_but_not_for_ever() {
        let after = |s| pause(&away(), Duration::from_secs(s)).map(|p| p.as_millis());
        assert_eq!([after(0), after(4), after(60), after(601)], [Some(100), Some(1000), Some(2000), None]);
    }

    #[test]
    fn a_server_that_has_no_time_says_itself_when() {
        let after = |retry_after| pause(&refused(429, retry_after), Duration::ZERO).map(|p| p.as_secs());
        assert_eq!([after(Some(5)), after(None), after(Some(9999))], [Some(5), Some(1), Some(30)]);
    }

    #[tokio::test]
    async fn what_will_not_change_is_not_waited_for() {
        let mut patience = Patience::new(Out::new(false, true));
        assert!(patience.bear(refused(404, None)).await.is_err());
        assert!(patience.away.is_none());
        assert!(patience.bear(away()).await.is_ok());
        patience.relax();
        assert!(patience.away.is_none(), "a new absence is borne with anew");
    }
}
