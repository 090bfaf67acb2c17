//! Decides why a unit ended. Pure.

use rustix::process::WaitStatus;

use crate::Cause;

/// What is known when the program has ended.
pub(super) struct Evidence {
    pub(super) code: Option<i32>,
    pub(super) signal: Option<i32>,
    /// What the shim itself had decided, if it did.
    pub(super) decided: Option<Cause>,
    pub(super) oom_kills: u64,
    /// True when working folder and log have reached the limit.
    pub(super) storage_full: bool,
}

const SIGKILL: i32 = 9;
const SIGXFSZ: i32 = 25;

/// The cause: first what the shim decided, then what the kernel did, then the program itself.
pub(super) fn cause(evidence: &Evidence) -> Cause {
    let failed = evidence.code != Some(0);
    if let Some(decided) = &evidence.decided {
        return decided.clone();
    }
    // A program whose child was killed for memory usually fails with a code of its own.
    if evidence.oom_kills > 0 && (evidence.signal == Some(SIGKILL) || failed) {
        return Cause::Memory;
    }
    if evidence.signal == Some(SIGXFSZ) || (failed && evidence.storage_full) {
        return Cause::Storage;
    }
    Cause::Exited
}

/// Code and signal of an ended program. A sandbox reports a signal as 128 + number, so both are given then.
pub(super) fn code_and_signal(status: WaitStatus, sandboxed: bool) -> (Option<i32>, Option<i32>) {
    let code = status.exit_status();
    let told = code.filter(|c| sandboxed && (129..=159).contains(c)).map(|c| c - 128);
    (code, status.terminating_signal().or(told))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_evidence_wins() {
        let base = || Evidence { code: None, signal: None, decided: None, oom_kills: 0, storage_full: false };
        let oom = Evidence { signal: Some(SIGKILL), oom_kills: 1, ..base() };
        assert_eq!(cause(&oom), Cause::Memory);
        assert_eq!(cause(&Evidence { decided: Some(Cause::Deadline), ..oom }), Cause::Deadline);
        assert_eq!(cause(&Evidence { code: Some(0), oom_kills: 1, ..base() }), Cause::Exited);
        assert_eq!(cause(&Evidence { signal: Some(SIGXFSZ), ..base() }), Cause::Storage);
        assert_eq!(cause(&Evidence { code: Some(1), storage_full: true, ..base() }), Cause::Storage);
        assert_eq!(cause(&Evidence { code: Some(0), storage_full: true, ..base() }), Cause::Exited);
    }
}
