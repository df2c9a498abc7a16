//! What APIs say of each other: who names whom, and where those who are named can be found.

use std::sync::Arc;

use super::ApiContext;
use crate::diagnostic::Location;
use crate::metadata::Profile;

/// Where an API can be found in one environment.
#[derive(Clone, Debug)]
pub struct Neighbour {
    /// The API.
    pub api: Arc<str>,
    /// The environment.
    pub environment: Arc<str>,
    /// Its namespace there.
    pub namespace: Box<str>,
    /// Whether that is not the one that its name leads to.
    pub elsewhere: bool,
    /// Whether its pods have no label of onramp's own.
    pub adopted: bool,
}

/// An API that another one names in one environment.
#[derive(Clone, Debug)]
pub struct Reference {
    /// The API that names it.
    pub api: Arc<str>,
    /// The environment.
    pub environment: Arc<str>,
    /// The API that is named.
    pub wanted: Box<str>,
    /// Where it is named.
    pub location: Location,
}

impl Neighbour {
    /// Returns where an API can be found, in each environment that it is in.
    pub fn all(context: &ApiContext<'_>) -> Vec<Self> {
        let api: Arc<str> = context.name.into();
        let here = context.environments().map(|environment| {
            let own = environment.api.namespace.as_deref();
            let namespace = environment.settings.namespace_of(context.name, own);
            let expected = || environment.settings.namespace_of(context.name, None);
            Self {
                api: api.clone(),
                environment: environment.name.into(),
                elsewhere: own.is_some() && namespace != expected(),
                namespace: namespace.into(),
                adopted: environment.api.profile == Profile::Adopted,
            }
        });
        here.collect()
    }
}

impl Reference {
    /// Returns the APIs that an API's NetworkPolicies name.
    pub fn all(context: &ApiContext<'_>) -> Vec<Self> {
        let mut references = Vec::new();
        for environment in context.environments() {
            for (at, peer) in environment.api.network_policy.peers() {
                let Some(wanted) = &peer.api else { continue };
                let [list, index] = &at;
                references.push(Self {
                    api: context.name.into(),
                    environment: environment.name.into(),
                    wanted: wanted.as_str().into(),
                    location: context.locate_in(&environment, &["networkPolicy", list, index, "api"]),
                });
            }
        }
        references
    }
}
