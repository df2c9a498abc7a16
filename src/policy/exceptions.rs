//! What a rule on waivers and freezes may look at.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::looks_at_rendered;
use crate::exceptions::{Exceptions, Ignore, Waiver};
use crate::platform::{LoadedPlatform, Subject};

/// The exceptions of a config repo with their surroundings.
#[derive(Debug)]
pub struct ExceptionsContext<'a> {
    /// What is written.
    pub exceptions: &'a Exceptions,
    /// The platform.
    pub platform: &'a LoadedPlatform,
    /// Names of all APIs, sorted.
    pub apis: &'a [String],
    /// The day that rules about dates go by, as `YYYY-MM-DD`.
    pub today: &'a str,
    /// The waivers that cover a finding, by their place in the list; nothing where not all findings are known.
    pub used: Option<&'a BTreeSet<usize>>,
    /// The APIs that could not be looked at as a whole.
    pub unread: &'a BTreeSet<Arc<str>>,
    /// The APIs with an error, which may not be built.
    pub stopped: &'a BTreeSet<Arc<str>>,
    /// The comments of owners that ignore findings.
    pub ignores: &'a [Ignored],
}

/// A comment that ignores findings, and what it did.
#[derive(Debug)]
pub struct Ignored {
    /// The API that it stands at.
    pub api: Arc<str>,
    /// The comment.
    pub ignore: Ignore,
    /// Which of its codes cover a finding, by their place in the list.
    pub used: BTreeSet<usize>,
    /// Whether all findings of the API are known.
    pub all_known: bool,
}

impl ExceptionsContext<'_> {
    /// Tells whether the platform has an environment.
    pub fn knows_environment(&self, name: &str) -> bool {
        self.platform.model.environments.get(name).is_some()
    }

    /// Tells whether what a waiver covers may be among what could not be looked at: an API that could not be read, or one that
    /// is not built where the code speaks of what is built.
    pub fn may_be_hidden(&self, waiver: &Waiver) -> bool {
        let fits = |apis: &BTreeSet<Arc<str>>| apis.iter().any(|api| waiver.api.fits(api));
        let of_built = || {
            let own = self.platform.custom.iter().find(|rule| *rule.code.name == *waiver.code);
            own.map_or_else(|| looks_at_rendered(&waiver.code), |rule| rule.written.about == Subject::Objects)
        };
        fits(self.unread) || (fits(self.stopped) || self.stopped.contains("")) && of_built()
    }
}
