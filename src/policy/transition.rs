//! What a rule on a change may look at: an API before and after, and all that change together.
//!
//! "Before" is what the change started from, "after" is what it leads to. What a change may do is said by neither of them
//! but by [`Trust`], which comes from the tip of the branch that the change wants to be merged into.

mod keys;
mod level;
mod trust;

pub use keys::KeyChange;
pub use level::Need;
pub use trust::Trust;

use std::sync::Arc;

use super::Claim;
use crate::diagnostic::{Code, Diagnostic, Location};
use crate::effective::{EnvironmentChange, Id};
use crate::kustomize::Object;
use crate::metadata::Metadata;
use crate::platform::{Level, LoadedPlatform};

/// One API before or after.
#[derive(Clone, Copy, Debug)]
pub struct State<'a> {
    /// The platform's side there.
    pub platform: &'a LoadedPlatform,
    /// The API's metadata.yaml; nothing where it cannot be read.
    pub metadata: Option<&'a Metadata>,
}

/// A file that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedFile {
    /// Its path from the root of the config repo.
    pub path: String,
    /// What differs.
    pub kind: FileChange,
}

/// How a file differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileChange {
    /// It is new.
    Added,
    /// Its content is another.
    Edited,
    /// It is gone.
    Removed,
    /// It is, or was, something else than a plain file: a link, a submodule, an executable.
    Odd,
}

/// One API that a change touches.
#[derive(Debug)]
pub struct TransitionContext<'a> {
    /// Its name: that of its directory.
    pub name: &'a str,
    /// Its directory.
    pub directory: &'a str,
    /// What it was; nothing where it is new.
    pub before: Option<State<'a>>,
    /// What it will be; nothing where it is gone.
    pub after: Option<State<'a>>,
    /// Files of its directory that differ.
    pub files: &'a [ChangedFile],
    /// Generated files of its directory that are not what they would be rendered to.
    pub stale: &'a [String],
    /// Keys of its metadata.yaml that differ.
    pub keys: Vec<KeyChange>,
    /// What changes in each environment that it is or was in, by name.
    pub environments: &'a [EnvironmentChange<'a>],
    /// What the base branch allows.
    pub trust: &'a Trust,
}

impl<'a> TransitionContext<'a> {
    /// Walks the environments that are there on both sides.
    pub fn staying(&self) -> impl Iterator<Item = &'a EnvironmentChange<'a>> {
        self.environments
            .iter()
            .filter(|here| here.before.objects().is_some() && here.after.objects().is_some())
    }

    /// Returns the level that the base branch gives the API, or that somebody with the right to approved.
    pub fn level(&self) -> Level {
        self.trust.level_of(self.name)
    }

    /// Makes a finding at the place that most likely causes what it tells; see [`TransitionContext::cause`].
    pub fn finding(
        &self,
        code: &'static Code,
        environment: Option<&EnvironmentChange<'_>>,
        words: &[&str],
        message: String,
    ) -> Diagnostic {
        let place = self.cause(environment.map(|environment| environment.environment), words);
        let mut finding = Diagnostic::new(code, place, message);
        finding.api = Some(self.name.into());
        environment.into_iter().fold(finding, |finding, here| finding.in_environment(here.environment))
    }

    /// Points at what most likely causes an effect in an environment, or in any: the changed key of metadata.yaml that holds
    /// one of `words`, else any changed key of it, else a changed file that people write, else the first changed one.
    pub fn cause(&self, environment: Option<&str>, words: &[&str]) -> Location {
        let keys = || self.keys.iter().filter(|change| environment.is_none_or(|name| change.holds_in(name)));
        let about = |word: &&str| keys().find(|change| change.is_about(word));
        if let Some(change) = words.iter().find_map(about).or_else(|| keys().next()) {
            return change.location.clone();
        }
        let written = |file: &&ChangedFile| {
            let below = file.path.strip_prefix(self.directory).unwrap_or_default();
            !below.starts_with("/base/")
                && !below.starts_with("/overlays/")
                && file.kind != FileChange::Removed
        };
        match self.files.iter().find(written).or_else(|| self.files.first()) {
            Some(file) => Location::file(file.path.as_str()),
            None => Location::file(format!("{}/metadata.yaml", self.directory)),
        }
    }

    /// Returns what the API is of, on the side after the change where it is there.
    pub fn newest(&self) -> Option<State<'a>> {
        self.after.or(self.before)
    }
}

/// Names an object of an environment for a message.
pub fn named(environment: &EnvironmentChange<'_>, id: &Id<'_>) -> String {
    format!("`{id}` in `{}`", environment.environment)
}

/// Walks the objects that an environment has after a change.
pub fn objects_after<'a>(environment: &EnvironmentChange<'a>) -> impl Iterator<Item = &'a Object> + use<'a> {
    environment.after.objects().unwrap_or_default().iter()
}

/// What is kept of one API for the rules about the change as a whole.
#[derive(Clone, Debug)]
pub struct ApiChange {
    /// The API.
    pub api: Arc<str>,
    /// Where its change is best seen.
    pub location: Location,
    /// Whether it was there before.
    pub before: bool,
    /// Whether it is there after.
    pub after: bool,
    /// Environments in which objects of it change.
    pub environments: Vec<Box<str>>,
    /// Its hosts and paths before.
    pub claimed: Vec<Claim>,
    /// Its hosts and paths after.
    pub claims: Vec<Claim>,
}

/// All that a change touches.
#[derive(Debug)]
pub struct ChangeContext<'a> {
    /// The APIs, by name.
    pub apis: &'a [ApiChange],
    /// Files outside the APIs' directories.
    pub around: &'a [ChangedFile],
    /// The platform's side after the change.
    pub platform: &'a LoadedPlatform,
    /// What the base branch allows.
    pub trust: &'a Trust,
}
