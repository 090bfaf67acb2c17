//! Limits on what a unit uses: cgroups where we may write them, rlimits and watching where not.
//!
//! | limit | with a cgroup | without |
//! |---|---|---|
//! | memory | `memory.max` / `memory.limit_in_bytes`, the kernel kills | resident memory of all processes is summed every 100 ms, the shim kills |
//! | processor | quota per 100 ms | not limited (said by `castalia doctor`) |
//! | storage | working folder and log are measured about once a second, the shim kills; `RLIMIT_FSIZE` bounds one file | the same |

mod cgroup;
mod folder_size;
mod probe;

pub(crate) use cgroup::{Cgroup, CgroupPlan};
pub(crate) use folder_size::folder_size;
pub(crate) use probe::probe;

/// Bytes in a megabyte of [`crate::Resources`].
pub(crate) const MB: u64 = 1 << 20;
