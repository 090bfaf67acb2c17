//! What can go wrong with a kernel.

/// Why something about a kernel did not work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file, a socket, a process.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// What the machine said.
        source: std::io::Error,
    },
    /// There is no kernel of that name.
    #[error("no kernel is called {name:?}; there are {there}")]
    NoSuchKernel {
        /// What was asked for.
        name: String,
        /// The names that there are.
        there: String,
    },
    /// A kernelspec that can't be meant.
    #[error("the kernelspec {name} can't be used: {why}")]
    BadSpec {
        /// Its name.
        name: String,
        /// What is wrong.
        why: String,
    },
    /// The kernel's sockets.
    #[error("the kernel's sockets: {0}")]
    Zmq(String),
    /// What the other side of the keeper's socket sent can't be read.
    #[error("the keeper's socket: {0}")]
    Protocol(String),
    /// The keeper refused.
    #[error("{0}")]
    Refused(String),
    /// The keeper has gone.
    #[error("the kernel's keeper has gone")]
    Gone,
}

impl Error {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

impl From<jupyter_zmq_client::RuntimeError> for Error {
    fn from(error: jupyter_zmq_client::RuntimeError) -> Self {
        Self::Zmq(error.to_string())
    }
}
