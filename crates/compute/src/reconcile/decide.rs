//! What to do about units. Pure.

use std::collections::BTreeMap;

use super::Wanted;
use crate::{Observed, Phase, StopRequest, UnitId};

/// How old a unit must be before it can be called an orphan.
pub const ORPHAN_AGE_MS: i64 = 120_000;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Start it (again a no-op if it was started before).
    Start(UnitId),
    /// Record that it runs since so many milliseconds UTC.
    Running(UnitId, i64),
    /// End it.
    Stop(UnitId, StopRequest),
    /// Record its end, then remove it.
    Collect(UnitId),
    /// It should end and never began: record that.
    Refuse(UnitId, StopRequest),
    /// It was running and the backend knows nothing of it any more: record the loss.
    Vanished(UnitId),
    /// Nobody claims it.
    ReportOrphan(UnitId),
}

impl Action {
    /// The unit that the action is about.
    pub fn unit(&self) -> &UnitId {
        match self {
            Action::Start(id)
            | Action::Running(id, _)
            | Action::Stop(id, _)
            | Action::Collect(id)
            | Action::Refuse(id, _)
            | Action::Vanished(id)
            | Action::ReportOrphan(id) => id,
        }
    }
}

/// Compares what is wanted with what is observed (both complete, or both about the same few units).
pub fn decide(wanted: &[Wanted], observed: &[Observed], now: i64) -> Vec<Action> {
    let mut both: BTreeMap<&UnitId, (Option<&Wanted>, Option<&Observed>)> = BTreeMap::new();
    for unit in wanted {
        both.entry(&unit.id).or_default().0 = Some(unit);
    }
    for unit in observed {
        both.entry(&unit.id).or_default().1 = Some(unit);
    }
    both.into_values().flat_map(|(wanted, observed)| decide_one(wanted, observed, now)).collect()
}

fn decide_one(wanted: Option<&Wanted>, observed: Option<&Observed>, now: i64) -> Vec<Action> {
    match (wanted, observed) {
        (None, None) => Vec::new(),
        (Some(wanted), None) => vec![missing(wanted)],
        (_, Some(Observed { id, phase: Phase::Ended(_), .. })) => vec![Action::Collect(id.clone())],
        (None, Some(observed)) => {
            let old = now - observed.created_at >= ORPHAN_AGE_MS;
            old.then(|| Action::ReportOrphan(observed.id.clone())).into_iter().collect()
        }
        (Some(wanted), Some(observed)) => present(wanted, observed),
    }
}

fn missing(wanted: &Wanted) -> Action {
    let id = wanted.id.clone();
    match &wanted.stop {
        _ if wanted.started => Action::Vanished(id),
        Some(stop) => Action::Refuse(id, stop.clone()),
        None => Action::Start(id),
    }
}

fn present(wanted: &Wanted, observed: &Observed) -> Vec<Action> {
    let id = &wanted.id;
    let mut actions = Vec::new();
    match observed.phase {
        Phase::Running { since, .. } if !wanted.started => actions.push(Action::Running(id.clone(), since)),
        Phase::Pending if wanted.stop.is_none() => actions.push(Action::Start(id.clone())),
        _ => {}
    }
    if let Some(stop) = &wanted.stop {
        let enough = observed.stopping.as_ref().is_some_and(|asked| asked.grace <= stop.grace);
        if !enough || observed.phase == Phase::Pending {
            actions.push(Action::Stop(id.clone(), stop.clone()));
        }
    }
    actions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cause, Exit, Usage};
    use std::time::Duration;

    fn id() -> UnitId {
        "unit_a".parse().unwrap()
    }

    fn wanted(started: bool, stop: Option<u64>) -> Wanted {
        Wanted { id: id(), started, stop: stop.map(request) }
    }

    fn request(grace: u64) -> StopRequest {
        StopRequest { reason: "cancelled by demo".into(), grace: Duration::from_secs(grace) }
    }

    fn seen(phase: Phase) -> Observed {
        Observed {
            id: id(),
            labels: BTreeMap::new(),
            created_at: 1000,
            phase,
            stopping: None,
            progress: None,
            usage: Usage::default(),
        }
    }

    const RUNNING: Phase = Phase::Running { pid: 7, since: 5 };

    #[test]
    fn a_wanted_unit_is_started_and_its_running_is_recorded() {
        assert_eq!(decide(&[wanted(false, None)], &[], 0), [Action::Start(id())]);
        assert_eq!(decide(&[wanted(false, None)], &[seen(Phase::Pending)], 0), [Action::Start(id())]);
        assert_eq!(decide(&[wanted(false, None)], &[seen(Phase::Starting)], 0), []);
        assert_eq!(decide(&[wanted(false, None)], &[seen(RUNNING)], 0), [Action::Running(id(), 5)]);
        assert_eq!(decide(&[wanted(true, None)], &[seen(RUNNING)], 0), []);
    }

    #[test]
    fn what_ran_is_never_started_again() {
        assert_eq!(decide(&[wanted(true, None)], &[], 0), [Action::Vanished(id())]);
        assert_eq!(decide(&[wanted(true, Some(1))], &[], 0), [Action::Vanished(id())]);
    }

    #[test]
    fn a_stop_is_asked_once_and_again_only_with_less_grace() {
        let mut unit = seen(RUNNING);
        assert_eq!(decide(&[wanted(true, Some(5))], &[unit.clone()], 0), [Action::Stop(id(), request(5))]);
        unit.stopping = Some(request(5));
        assert_eq!(decide(&[wanted(true, Some(5))], &[unit.clone()], 0), []);
        assert_eq!(decide(&[wanted(true, Some(0))], &[unit], 0), [Action::Stop(id(), request(0))]);
        assert_eq!(decide(&[wanted(false, Some(5))], &[], 0), [Action::Refuse(id(), request(5))]);
    }

    #[test]
    fn an_ended_unit_is_collected_whoever_claims_it() {
        let ended = seen(Phase::Ended(Exit::without_run(Cause::Deadline, 9)));
        assert_eq!(decide(&[wanted(true, None)], std::slice::from_ref(&ended), 0), [Action::Collect(id())]);
        assert_eq!(decide(&[], &[ended], 0), [Action::Collect(id())]);
    }

    #[test]
    fn an_orphan_is_old_and_unclaimed_and_only_reported() {
        assert_eq!(decide(&[], &[seen(RUNNING)], 1000 + ORPHAN_AGE_MS - 1), []);
        assert_eq!(decide(&[], &[seen(RUNNING)], 1000 + ORPHAN_AGE_MS), [Action::ReportOrphan(id())]);
    }
}
