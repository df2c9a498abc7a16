//! Findings as values: what is wrong, where, why, and what to write instead.
//!
//! The type is ours; `miette` only draws it. Positions stay byte ranges until the report is made,
//! when each file with a finding is read once more to turn them into lines and columns.

mod code;
mod fix;
mod passed;
mod sink;
mod words;

pub use code::{Code, Severity, WaivedBy};
pub use fix::{Edit, Fix, Safety};
pub use passed::{Passed, PassedBy};
pub use sink::{Level, Levels, Setting, Sink, States};
pub use words::{count, line_range, nearest, shorten};

use std::ops::Range;
use std::sync::Arc;

/// One finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// What kind of finding; carries the default severity and the page.
    pub code: &'static Code,
    /// How bad, after platform.yaml and flags had their say.
    pub severity: Severity,
    /// A lowercase fragment, names in backticks, no final period.
    pub message: String,
    /// The place to change.
    pub primary: Location,
    /// A few words under the primary place; empty for none.
    pub label: String,
    /// Other places that the message speaks of, each with its own words.
    pub related: Vec<Related>,
    /// An instruction: what to write instead.
    pub help: Option<String>,
    /// The API that the finding belongs to, where it belongs to one.
    pub api: Option<Arc<str>>,
    /// The environments that it is about, where it is about some of them alone.
    pub environments: Vec<Arc<str>>,
    /// What would mend it, where that can be said byte by byte.
    pub fix: Option<Fix>,
}

/// A place in a file of the config repo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file, relative to the root of the config repo, with `/`.
    pub path: Arc<str>,
    /// Byte range in it; `None` speaks of the file (or of its absence) as a whole.
    pub span: Option<Range<usize>>,
}

/// A further place of a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Related {
    /// Where.
    pub location: Location,
    /// What is there.
    pub label: String,
}

impl Diagnostic {
    /// Makes a finding of a code's default severity at a place.
    #[cold]
    pub fn new(code: &'static Code, primary: Location, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity,
            message: message.into(),
            primary,
            label: String::new(),
            related: Vec::new(),
            help: None,
            api: None,
            environments: Vec::new(),
            fix: None,
        }
    }

    /// Adds what would mend it.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    /// Adds what would mend it, where there is something.
    #[must_use]
    pub fn maybe_fix(mut self, fix: Option<Fix>) -> Self {
        self.fix = fix.or(self.fix);
        self
    }

    /// Offers to write the word that was probably meant, where the primary place is the wrong one.
    #[must_use]
    pub fn meant(self, wrong: &str, near: Option<&str>) -> Self {
        let fix = near.and_then(|near| Fix::word(&self.primary, wrong, near));
        self.maybe_fix(fix)
    }

    /// Says that it is about an environment.
    #[must_use]
    pub fn in_environment(mut self, name: impl Into<Arc<str>>) -> Self {
        self.environments.push(name.into());
        self
    }

    /// Adds the words under the primary place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Adds the instruction.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds the instruction where there is one.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }

    /// Moves the finding, of a part of a file, to where that part stands in the file.
    #[must_use]
    pub fn moved(mut self, start: usize) -> Self {
        let related = self.related.iter_mut().map(|related| &mut related.location);
        for location in std::iter::once(&mut self.primary).chain(related) {
            if let Some(span) = &mut location.span {
                *span = start + span.start..start + span.end;
            }
        }
        for edit in self.fix.iter_mut().flat_map(|fix| &mut fix.edits) {
            edit.span = start + edit.span.start..start + edit.span.end;
        }
        self
    }

    /// Points at the patch that took away what is missing, where one did; what asks for it becomes a further place.
    #[must_use]
    pub fn taken_away(mut self, patch: Option<Location>) -> Self {
        let Some(patch) = patch else { return self };
        let asks = std::mem::replace(&mut self.primary, patch);
        self.label("taken away here")
            .related(asks, "asked for here")
            .help("keep it, or change what asks for it")
    }

    /// Adds a further place.
    #[must_use]
    pub fn related(mut self, location: Location, label: impl Into<String>) -> Self {
        self.related.push(Related { location, label: label.into() });
        self
    }
}

impl Location {
    /// Speaks of a file as a whole.
    pub fn file(path: impl Into<Arc<str>>) -> Self {
        Self { path: path.into(), span: None }
    }

    /// Moves a place in a part of a file to where that part starts in the file.
    #[must_use]
    pub fn moved(mut self, start: usize) -> Self {
        self.span = self.span.map(|span| start + span.start..start + span.end);
        self
    }

    /// Points at a byte range of a file.
    pub fn at(path: impl Into<Arc<str>>, span: Range<usize>) -> Self {
        Self { path: path.into(), span: Some(span) }
    }
}
