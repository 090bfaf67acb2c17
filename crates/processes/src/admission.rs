//! Who may start now: priority, then age, within the limits of each project and of the installation.
//!
//! A version that only its own project's limit holds back is passed over; one that the whole installation
//! has no room for closes the door behind it, so that a large one is not starved by small ones.

use crate::model::Resources;
use std::collections::BTreeMap;

/// What all running versions together may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Processors, in thousandths.
    pub cpu_millis: u64,
    /// Memory in MiB.
    pub memory_mb: u64,
    /// GPUs.
    pub gpu: u64,
    /// Versions at once.
    pub running: u64,
}

/// What one project may use at once; `None` means that only the installation's capacity counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) running: Option<u64>,
    pub(crate) cpu_millis: Option<u64>,
    pub(crate) memory_mb: Option<u64>,
    /// Of the project's bucket; not a matter of admission, but of the credentials that go with it.
    pub(crate) storage_mb: Option<u64>,
}

/// What is in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) running: u64,
    pub(crate) cpu_millis: u64,
    pub(crate) memory_mb: u64,
    pub(crate) gpu: u64,
}

impl Use {
    pub(crate) fn add(&mut self, r: &Resources) {
        self.running += 1;
        self.cpu_millis += u64::from(r.cpu_millis);
        self.memory_mb += r.memory_mb;
        self.gpu += u64::from(r.gpu);
    }
}

/// A queued version, in order of priority and age.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) project: String,
    pub(crate) process: String,
    pub(crate) version: i64,
    pub(crate) resources: Resources,
}

impl Capacity {
    /// Whether a version with these resources could ever start.
    pub fn could_hold(&self, r: &Resources) -> bool {
        u64::from(r.cpu_millis) <= self.cpu_millis
            && r.memory_mb <= self.memory_mb
            && u64::from(r.gpu) <= self.gpu
    }
    fn has_room(&self, used: &Use, r: &Resources) -> bool {
        used.running < self.running
            && used.cpu_millis + u64::from(r.cpu_millis) <= self.cpu_millis
            && used.memory_mb + r.memory_mb <= self.memory_mb
            && used.gpu + u64::from(r.gpu) <= self.gpu
    }
}

impl Limits {
    fn has_room(&self, used: &Use, r: &Resources) -> bool {
        let fits = |limit: Option<u64>, total: u64| limit.is_none_or(|limit| total <= limit);
        fits(self.running, used.running + 1)
            && fits(self.cpu_millis, used.cpu_millis + u64::from(r.cpu_millis))
            && fits(self.memory_mb, used.memory_mb + r.memory_mb)
    }
}

/// Who starts now.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Admitted {
    /// Positions among the candidates, in order.
    pub(crate) chosen: Vec<usize>,
    /// The installation is full: nobody behind these candidates starts either.
    pub(crate) closed: bool,
}

/// Decides which candidates start now.
pub(crate) fn decide(
    capacity: &Capacity,
    limits: &BTreeMap<String, Limits>,
    in_use: &BTreeMap<String, Use>,
    candidates: &[Candidate],
) -> Admitted {
    let mut total = Use::default();
    for used in in_use.values() {
        total.running += used.running;
        total.cpu_millis += used.cpu_millis;
        total.memory_mb += used.memory_mb;
        total.gpu += used.gpu;
    }
    let mut by_project = in_use.clone();
    let mut admitted = Admitted::default();
    for (n, candidate) in candidates.iter().enumerate() {
        let own = by_project.entry(candidate.project.clone()).or_default();
        let limit = limits.get(&candidate.project).copied().unwrap_or_default();
        if !limit.has_room(own, &candidate.resources) {
            continue;
        }
        if !capacity.has_room(&total, &candidate.resources) {
            admitted.closed = true;
            break;
        }
        own.add(&candidate.resources);
        total.add(&candidate.resources);
        admitted.chosen.push(n);
    }
    admitted
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPACITY: Capacity = Capacity { cpu_millis: 4000, memory_mb: 8192, gpu: 0, running: 100 };

    fn candidate(project: &str, version: i64, cpu_millis: u32) -> Candidate {
        let resources = Resources { cpu_millis, memory_mb: 100, ..Resources::default() };
        Candidate { project: project.into(), process: "p".into(), version, resources }
    }

    #[test]
    fn a_project_at_its_limit_is_passed_over() {
        let limits = BTreeMap::from([("a".to_owned(), Limits { running: Some(1), ..Limits::default() })]);
        let queue = [candidate("a", 1, 1000), candidate("a", 2, 1000), candidate("b", 1, 1000)];
        let admitted = decide(&CAPACITY, &limits, &BTreeMap::new(), &queue);
        assert_eq!(admitted, Admitted { chosen: vec![0, 2], closed: false });
    }

    #[test]
    fn a_large_one_is_not_starved_by_small_ones_behind_it() {
        let mut used = Use::default();
        used.add(&candidate("x", 0, 2000).resources);
        let in_use = BTreeMap::from([("x".to_owned(), used)]);
        let queue = [candidate("a", 1, 3000), candidate("b", 1, 100)];
        let admitted = decide(&CAPACITY, &BTreeMap::new(), &in_use, &queue);
        assert_eq!(admitted, Admitted { chosen: vec![], closed: true });
    }

    #[test]
    fn what_never_fits_is_known_beforehand() {
        assert!(!CAPACITY.could_hold(&candidate("a", 1, 5000).resources));
        assert!(!CAPACITY.could_hold(&Resources { gpu: 1, ..Resources::default() }));
    }

    proptest::proptest! {
        #[test]
        fn no_limit_is_ever_passed(cpus in proptest::collection::vec((0..4u8, 1..5000u32), 0..40), limit in 1..5u64) {
            let queue: Vec<_> = cpus.iter().enumerate().map(|(n, (p, c))| candidate(&p.to_string(), n as i64, *c)).collect();
            let limits = (0..4).map(|p| (p.to_string(), Limits { running: Some(limit), ..Limits::default() })).collect();
            let admitted = decide(&CAPACITY, &limits, &BTreeMap::new(), &queue).chosen;
            let cpu: u64 = admitted.iter().map(|n| u64::from(queue[*n].resources.cpu_millis)).sum();
            proptest::prop_assert!(cpu <= CAPACITY.cpu_millis);
            for p in 0..4 {
                let of = admitted.iter().filter(|n| queue[**n].project == p.to_string()).count() as u64;
                proptest::prop_assert!(of <= limit);
            }
        }
    }
}
