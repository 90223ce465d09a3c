use std::fmt;
use std::io::{self, Write};

use crate::error::{Code, Fault};

use super::one_line::one_line;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Good
    Good = 0,
    /// A token was rejected, or a target was missed
    Rejected = 1,
    /// The arguments or the configuration are wrong
    Usage = 64,
    /// A defect of ours
    Internal = 70,
    /// Reading or writing failed
    Io = 74,
}

/// Why a command did not get as far as a result.
#[derive(Debug)]
#[must_use]
pub struct Failure {
    exit: Exit,
    what: String,
    hint: Option<String>,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Failure {
    /// Wrong usage: `what` names the argument and what is wrong with it.
    #[cold]
    pub fn usage(what: impl Into<String>) -> Self {
        Self::new(Exit::Usage, what)
    }

    /// Reading or writing `name` failed.
    #[cold]
    pub fn io(name: &str, error: &io::Error) -> Self {
        Self::new(Exit::Io, format!("{name}: {error}"))
    }

    /// A defect of ours.
    #[cold]
    pub fn internal(what: impl Into<String>) -> Self {
        Self::new(Exit::Internal, what)
    }

    pub(super) fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self {
            exit,
            what: what.into(),
            hint: None,
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "fits map_err")]
    pub(super) fn output(error: io::Error) -> Self {
        Self::io("standard output", &error)
    }

    /// The same failure with what to do next.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The exit code.
    #[must_use]
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// Tells whoever called: one line, and a hint where there is one. That nobody can be told is
    /// no further failure.
    pub fn report(&self, errors: &mut dyn Write) {
        let _ = writeln!(errors, "bearerd: {}", one_line(&self.what));
        if let Some(hint) = &self.hint {
            let _ = writeln!(errors, "hint: {}", one_line(hint));
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        let exit = match fault.code() {
            Code::ConfigError | Code::ValidationError | Code::KeysUnavailable => Exit::Usage,
            Code::StoreUnavailable => Exit::Io,
            _ => Exit::Internal,
        };
        Self::new(exit, fault.chain())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Failure {}
