//! What a change may do, as the tip of the base branch says it.

use std::collections::BTreeMap;

use crate::exceptions::{Exceptions, Freeze};
use crate::metadata::{Metadata, Profile};
use crate::moment::Moment;
use crate::ordered::Ordered;
use crate::platform::{Budget, Level, Levels, Lifecycle, LoadedPlatform};

/// What a change may do. Nothing in it comes from the change itself.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    levels: Levels,
    budget: Budget,
    lifecycles: Ordered<Lifecycle>,
    /// The last environment in promotion order.
    last: Option<String>,
    apis: BTreeMap<Box<str>, Level>,
    approved: Option<Level>,
    exceptions: Exceptions,
    now: Option<Moment>,
}

impl Trust {
    /// Takes what platform.yaml says on the base. Where it has none, or one that cannot be read, what holds is what holds
    /// when nothing is said.
    pub fn new(platform: Option<&LoadedPlatform>) -> Self {
        let Some(platform) = platform.map(|platform| &platform.model) else { return Self::default() };
        Self {
            levels: platform.levels.clone(),
            budget: platform.budget.clone(),
            lifecycles: platform.lifecycles.clone(),
            last: platform.environments.iter().last().map(|(name, _)| name.to_owned()),
            ..Self::default()
        }
    }

    /// Adds an API that the base has. One that cannot be read there gets the least that any could have.
    pub fn api(&mut self, name: &str, metadata: Option<&Metadata>) {
        let level = match metadata.map(|metadata| &metadata.top.api) {
            None => self.levels.default.min(self.levels.migrated),
            Some(api) => {
                let given = match api.profile {
                    Profile::Standard => self.levels.default,
                    Profile::Adopted => self.levels.migrated,
                };
                // An API may narrow what it is given, never widen it.
                api.level.map_or(given, |own| own.min(given))
            }
        };
        self.apis.insert(name.into(), level);
    }

    /// Adds the waivers and freezes of the base, and the moment that these are held against.
    #[must_use]
    pub fn under(mut self, exceptions: Exceptions, now: Moment) -> Self {
        self.exceptions = exceptions;
        self.now = Some(now);
        self
    }

    /// Adds that somebody with the right to it agreed to changes of a level.
    #[must_use]
    pub fn approved(mut self, level: Option<Level>) -> Self {
        self.approved = level;
        self
    }

    /// Returns what may change of an API; one that is new has what new APIs have.
    pub fn level_of(&self, api: &str) -> Level {
        self.at_least(self.apis.get(api).copied().unwrap_or(self.levels.default))
    }

    /// Returns what may change outside the APIs' directories, where nobody but the platform has a say.
    pub fn level_around(&self) -> Level {
        self.at_least(self.levels.default)
    }

    fn at_least(&self, level: Level) -> Level {
        self.approved.map_or(level, |approved| approved.max(level))
    }

    /// Returns how much one change may do; nothing bounds what the platform approved as a whole.
    pub fn budget(&self) -> Budget {
        if self.approved == Some(Level::L3) { Budget::default() } else { self.budget.clone() }
    }

    /// Returns the freeze that holds for an API in an environment.
    pub fn freeze(&self, api: &str, environment: &str) -> Option<&Freeze> {
        self.exceptions.freeze(api, environment, self.now?)
    }

    /// Returns waivers and freezes.
    pub fn exceptions(&self) -> &Exceptions {
        &self.exceptions
    }

    /// Returns the last environment in promotion order.
    pub fn last_environment(&self) -> Option<&str> {
        self.last.as_deref()
    }

    /// Returns a state of the life of an API.
    pub fn lifecycle(&self, name: &str) -> Option<&Lifecycle> {
        self.lifecycles.get(name)
    }
}
