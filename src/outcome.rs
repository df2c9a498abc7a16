//! How a command ends: its exit code, and the words for a failure.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | clean, nothing to do |
//! | 1 | findings at or above the fail level, a stale render, or a refused release |
//! | 2 | usage, configuration, environment, authentication |
//! | 3 | I/O failure, a server's rejection, or a bug in onramp |
//! | 4 | the time budget is spent; safe to retry |

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

use serde::{Deserialize, Serialize};

/// How a command ended, when it ran to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Clean, or nothing to do.
    Clean,
    /// Findings at or above the fail level, or a stale render.
    Findings,
}

/// Whose fault a failure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// How the command was called, or what it was called on.
    Usage,
    /// What was asked for is against a rule of the platform, or cannot be proved to be what was meant.
    Refused,
    /// The system under it, or onramp itself.
    System,
    /// Nobody's: the time was up before it was done, and it may be tried again.
    OutOfTime,
}

/// Why a command could not run to its end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Failure {
    /// Whose fault.
    pub kind: Kind,
    /// What failed.
    pub message: String,
    /// Why, from near to far.
    pub causes: Vec<String>,
    /// What to try.
    pub hints: Vec<String>,
}

impl Failure {
    /// Blames the call.
    #[cold]
    pub fn usage(message: impl Into<String>) -> Self {
        Self { kind: Kind::Usage, message: message.into(), causes: Vec::new(), hints: Vec::new() }
    }

    /// Says no to what was asked for.
    #[cold]
    pub fn refused(message: impl Into<String>) -> Self {
        Self { kind: Kind::Refused, ..Self::usage(message) }
    }

    /// Blames the system, with the chain of causes that an error carries.
    #[cold]
    pub fn system(error: &dyn Error) -> Self {
        let mut causes = Vec::new();
        let mut source = error.source();
        while let Some(cause) = source {
            causes.push(cause.to_string());
            source = cause.source();
        }
        Self { kind: Kind::System, message: error.to_string(), causes, hints: Vec::new() }
    }

    /// Adds something to try.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error: {}", self.message)?;
        for cause in &self.causes {
            writeln!(f, "caused by: {cause}")?;
        }
        for hint in &self.hints {
            writeln!(f, "hint: {hint}")?;
        }
        Ok(())
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Clean => Self::SUCCESS,
            Outcome::Findings => Self::from(1),
        }
    }
}

impl From<Kind> for ExitCode {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Refused => Self::from(1),
            Kind::Usage => Self::from(2),
            Kind::System => Self::from(3),
            Kind::OutOfTime => Self::from(4),
        }
    }
}
