//! The identity of a finding: name, default severity, who may waive it, and its page.

use std::sync::{Mutex, PoisonError};

/// How bad a finding is. The order is the order of badness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Should be changed.
    Warning,
    /// Must be changed; nothing is rendered while one is open.
    Error,
}

/// Who may lower or switch off a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaivedBy {
    /// The owner of the API, by a comment at the line; the platform team as well.
    Owner,
    /// The platform team, under `rules` in platform.yaml.
    Platform,
    /// Nobody: the input cannot be read or rendered as it is.
    Never,
}

/// A kind of finding. Its name is a kebab-case noun of what is wrong, and is the page's file name,
/// the waiver key and the argument of `onramp explain` in one.
#[derive(Debug)]
pub struct Code {
    /// The name, such as `duplicate-key`.
    pub name: &'static str,
    /// The severity where platform.yaml says nothing else.
    pub severity: Severity,
    /// Who may waive it.
    pub waived_by: WaivedBy,
    /// The page `docs/rules/<name>.md`, which is what `onramp explain` prints.
    pub page: &'static str,
}

impl Code {
    /// Makes a code.
    pub const fn new(
        name: &'static str,
        severity: Severity,
        waived_by: WaivedBy,
        page: &'static str,
    ) -> Self {
        Self { name, severity, waived_by, page }
    }

    /// Makes the code of a file that cannot be read or rendered as it is: an error that nobody waives.
    pub const fn unreadable(name: &'static str, page: &'static str) -> Self {
        Self::new(name, Severity::Error, WaivedBy::Never, page)
    }

    /// Makes the code of a platform's own rule.
    ///
    /// Findings point at their code for as long as the program runs, so it is kept for good; the same code is kept once,
    /// however often platform.yaml is read.
    pub fn custom(name: &str, severity: Severity, waived_by: WaivedBy, page: &str) -> &'static Self {
        static KNOWN: Mutex<Vec<&'static Code>> = Mutex::new(Vec::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |code: &&&Code| {
            (code.name, code.severity, code.waived_by, code.page) == (name, severity, waived_by, page)
        };
        if let Some(code) = known.iter().find(same) {
            return code;
        }
        let (name, page) = (&*name.to_owned().leak(), &*page.to_owned().leak());
        let code: &'static Self = Box::leak(Box::new(Self { name, severity, waived_by, page }));
        known.push(code);
        code
    }

    /// Returns the page's one-line summary: its first line that is neither heading nor blank.
    pub fn summary(&self) -> &'static str {
        self.page
            .lines()
            .map(str::trim)
            .find(|line| !line.is_empty() && !line.starts_with('#'))
            .unwrap_or(self.name)
    }
}

/// A code is its name; the page is only carried along.
impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Code {}

impl Severity {
    /// Returns the lowercase name, as platform.yaml and the JSON output spell it.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}
