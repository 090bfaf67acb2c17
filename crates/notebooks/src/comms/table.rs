//! What may be called.

/// A method.
#[derive(Debug, PartialEq, Eq)]
pub struct Method {
    /// Its channel.
    pub channel: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What its caller needs.
    pub permission: &'static str,
}

const fn method(channel: &'static str, name: &'static str, permission: &'static str) -> Method {
    Method { channel, name, permission }
}

const VIEW: &str = "notebooks.view";
const RUN: &str = "notebooks.run";
const EDIT: &str = "notebooks.edit";

/// All methods; there are no others.
pub const METHODS: &[Method] = &[
    method("notebook", "get", VIEW),
    method("notebook", "queue_cell", RUN),
    method("notebook", "run", RUN),
    method("notebook", "cancel", RUN),
    method("notebook", "interrupt_kernel", RUN),
    method("notebook", "checkpoint", EDIT),
    method("kernel", "start", RUN),
    method("kernel", "shutdown", RUN),
    method("kernel", "interrupt", RUN),
    method("kernel", "restart_kernel", RUN),
    method("kernel", "complete", RUN),
    method("kernel", "inspect", RUN),
    method("kernel", "variables", RUN),
    method("kernel", "input_reply", RUN),
    method("comms", "comm_open", RUN),
    method("comms", "comm_msg", RUN),
    method("comms", "comm_close", RUN),
    method("config", "get", VIEW),
];

pub(super) fn find(channel: &str, name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|m| m.channel == channel && m.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_those_of_the_table_alone() {
        assert_eq!(find("notebook", "queue_cell").map(|m| m.permission), Some("notebooks.run"));
        assert_eq!(find("kernel", "start_kernel"), None);
        assert_eq!(find("notebook", "__init__"), None);
        for (at, m) in METHODS.iter().enumerate() {
            assert!(
                METHODS[at + 1..].iter().all(|n| (n.channel, n.name) != (m.channel, m.name)),
                "{m:?} twice"
            );
        }
    }
}
