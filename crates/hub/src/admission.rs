//! Who may start now: in the order of the queue, within what the installation may run. Pure.
//!
//! A quota (of a user, of a project) refuses at once, since the person who asks can do something about it; what the
//! whole installation lacks only makes one wait, with a place in the queue.

/// What all workspaces of a node together may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Workspaces at once.
    pub running: u64,
    /// Workspaces that start at the same time.
    pub starting: u64,
    /// Processors, in thousandths.
    pub cpu_millis: u64,
    /// Memory in MiB.
    pub memory_mb: u64,
}

/// What is in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) running: u64,
    pub(crate) starting: u64,
    pub(crate) cpu_millis: u64,
    pub(crate) memory_mb: u64,
}

/// One that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) id: String,
    pub(crate) cpu_millis: u64,
    pub(crate) memory_mb: u64,
}

/// What is lacking for a candidate, in words; `None` when it may start.
pub(crate) fn lacking(capacity: &Capacity, used: &Use, c: &Candidate) -> Option<&'static str> {
    if used.running >= capacity.running {
        Some("as many workspaces run as may")
    } else if used.starting >= capacity.starting {
        Some("as many workspaces start at the moment as may")
    } else if used.cpu_millis + c.cpu_millis > capacity.cpu_millis && used.cpu_millis > 0 {
        Some("the processors are taken")
    } else if used.memory_mb + c.memory_mb > capacity.memory_mb && used.memory_mb > 0 {
        Some("the memory is taken")
    } else {
        None
    }
}

/// How many of the candidates, from the first, start now. Nobody overtakes: one that is too large for the moment would
/// otherwise wait for ever behind small ones.
pub(crate) fn decide(capacity: &Capacity, mut used: Use, candidates: &[Candidate]) -> usize {
    candidates
        .iter()
        .take_while(|c| {
            let fits = lacking(capacity, &used, c).is_none();
            if fits {
                used.running += 1;
                used.starting += 1;
                used.cpu_millis += c.cpu_millis;
                used.memory_mb += c.memory_mb;
            }
            fits
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPACITY: Capacity = Capacity { running: 10, starting: 3, cpu_millis: 4000, memory_mb: 4096 };

    fn waits(sizes: &[u64]) -> Vec<Candidate> {
        sizes
            .iter()
            .enumerate()
            .map(|(n, memory)| Candidate { id: n.to_string(), cpu_millis: 100, memory_mb: *memory })
            .collect()
    }

    #[test]
    fn as_many_start_as_fit_and_nobody_overtakes() {
        assert_eq!(decide(&CAPACITY, Use::default(), &waits(&[100, 100])), 2);
        assert_eq!(decide(&CAPACITY, Use::default(), &waits(&[1; 9])), 3, "the spawn limit");
        assert_eq!(
            decide(&CAPACITY, Use::default(), &waits(&[4000, 2000, 10])),
            1,
            "the large one waits first"
        );
        let full = Use { running: 10, ..Use::default() };
        assert_eq!(decide(&CAPACITY, full, &waits(&[1])), 0);
    }

    #[test]
    fn what_is_larger_than_the_machine_starts_alone() {
        assert_eq!(decide(&CAPACITY, Use::default(), &waits(&[9000, 1])), 1);
        let some = Use { running: 1, memory_mb: 1, ..Use::default() };
        assert_eq!(decide(&CAPACITY, some, &waits(&[9000])), 0);
    }
}
