//! metadata.yaml as types: one API as it holds in one environment (or at the top, for the base).
//!
//! Built from the merged tree, so it mirrors the file without `environments`; what the tree says of
//! workloads is in [`Workload`], of which each API has at least one. The schema is stricter where it
//! can be; a file that passes the schema and fails here is a bug in onramp.

use serde::Deserialize;

use super::network::NetworkPolicy;
use super::patch::Patch;
use super::routes::Routes;
use super::scaling::StrategyType;
use super::secrets::ExternalSecret;
use super::unions::ConfigFiles;
use super::volume::ServiceAccount;
use super::workload::Workload;
use crate::ordered::Ordered;
use crate::platform::Level;

/// One API, merged for one environment.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Api {
    /// Always `onramp/v1`.
    pub api_version: String,
    /// Equals the directory name; names the objects.
    pub name: String,
    /// Who answers for it.
    pub owner: Owner,
    /// URL of the source repository.
    pub source: Option<String>,
    /// A state from platform.yaml.
    pub lifecycle: Option<String>,
    /// The capability level that the API asks for.
    pub level: Option<Level>,
    /// A size class from platform.yaml.
    pub tier: Option<String>,
    /// Namespace pattern that overrides the environment's; may hold `{name}`.
    pub namespace: Option<String>,
    /// The version of the templates that it stays on.
    pub template: Option<String>,
    /// Whether it renders to the platform's full standard.
    #[serde(default)]
    pub profile: Profile,
    /// What goes into the API's own ConfigMap.
    #[serde(default)]
    pub config: Config,
    /// Further ConfigMaps, by the name of the object.
    #[serde(default)]
    pub config_maps: Ordered<Config>,
    /// Who may reach the pods, and what they may reach.
    #[serde(default)]
    pub network_policy: NetworkPolicy,
    /// Secrets that are made from an outside store, by the name of the Secret.
    #[serde(default)]
    pub external_secrets: Ordered<ExternalSecret>,
    /// Labels of the objects.
    #[serde(default)]
    pub labels: Ordered<String>,
    /// How requests from outside arrive.
    #[serde(default)]
    pub routes: Routes,
    /// Patches, below `patches/`; they have the last word. Those of an environment come behind those of the top.
    #[serde(default)]
    pub patches: Vec<Patch>,
    /// Further objects, below `resources/`; those of an environment come behind those of the top.
    #[serde(default)]
    pub extra_resources: Vec<String>,
    /// What runs: the one workload that the top of the file says, or those in `workloads`.
    #[serde(skip)]
    pub workloads: Vec<Workload>,
    /// Whether the file has `workloads`, so that objects are named after both API and workload.
    #[serde(skip)]
    pub several: bool,
}

/// Whether an API renders to the platform's full standard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// It does.
    #[default]
    Standard,
    /// It renders what the live objects have and nothing more, so that taking it over restarts nothing.
    Adopted,
}

/// The people behind an API.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Owner {
    /// Team name; becomes a label.
    pub team: String,
    /// Where mail reaches the team.
    pub email: String,
    /// Chat channel.
    pub channel: Option<String>,
    /// Who pays; some lifecycles require it.
    pub cost_center: Option<String>,
}

/// What goes into the API's own ConfigMap.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Config {
    /// Name of the ConfigMap; `<api>-config` when left out.
    pub name: Option<String>,
    /// Files below `config/`.
    pub files: ConfigFiles,
    /// Keys with their text.
    pub literals: Ordered<String>,
    /// Where the container finds the keys as files.
    pub mount_path: Option<String>,
}

impl Config {
    /// Tells whether there is nothing to put into a ConfigMap.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.literals.is_empty()
    }
}

impl Api {
    /// Returns the name of the API's own ConfigMap, before the hash.
    pub fn config_name(&self) -> String {
        self.config.name.clone().unwrap_or_else(|| format!("{}-config", self.name))
    }

    /// Returns the name of the ConfigMap that the keys of [`Api::configs`] lead to, before the hash.
    pub fn config_name_at(&self, at: &[&str]) -> String {
        at.get(1).map_or_else(|| self.config_name(), |name| (*name).to_owned())
    }

    /// Walks the generated ConfigMaps with the keys that lead to each: the API's own, and further ones.
    pub fn configs(&self) -> impl Iterator<Item = (Vec<&str>, &Config)> {
        let further = self.config_maps.iter().map(|(name, config)| (vec!["configMaps", name], config));
        std::iter::once((vec!["config"], &self.config)).chain(further)
    }

    /// Returns what the objects of a workload are called where nothing says otherwise.
    fn stem(&self, workload: &Workload) -> String {
        if self.several { format!("{}-{}", self.name, workload.name) } else { self.name.clone() }
    }

    /// Returns the name of a workload's Deployment, StatefulSet, CronJob or Job.
    pub fn workload_name(&self, workload: &Workload) -> String {
        workload.identity.name.clone().unwrap_or_else(|| self.stem(workload))
    }

    /// Returns the name of a workload's Service.
    pub fn service_name(&self, workload: &Workload) -> String {
        workload.identity.service.clone().unwrap_or_else(|| self.stem(workload))
    }

    /// Returns the name of the Service that leads to the new pods alone while a Rollout replaces the
    /// old ones, where there is one.
    pub fn second_service_name(&self, workload: &Workload) -> Option<String> {
        let strategy = workload.progressive().filter(|_| workload.has_service())?;
        let suffix = if strategy.kind == StrategyType::Canary { "canary" } else { "preview" };
        Some(format!("{}-{suffix}", self.service_name(workload)))
    }

    /// Returns the name of a workload's autoscaler.
    pub fn autoscaler_name(&self, workload: &Workload) -> String {
        workload.identity.hpa.clone().unwrap_or_else(|| self.stem(workload))
    }

    /// Returns the name of the service account that is rendered for a workload, where one is.
    pub fn account_name(&self, workload: &Workload) -> Option<String> {
        match &workload.service_account {
            Some(ServiceAccount::Own { name, .. }) => {
                Some(name.clone().unwrap_or_else(|| self.own_name(workload)))
            }
            _ => None,
        }
    }

    /// Returns the name of a workload's PodDisruptionBudget, and of its own service account.
    pub fn own_name(&self, workload: &Workload) -> String {
        self.stem(workload)
    }

    /// Returns the labels that a workload's selector goes by.
    pub fn selector(&self, workload: &Workload) -> Ordered<String> {
        if let Some(selector) = &workload.identity.selector {
            return selector.clone();
        }
        let mut labels = vec![(NAME_LABEL.to_owned(), self.name.clone())];
        if self.several {
            labels.push((COMPONENT_LABEL.to_owned(), workload.name.clone()));
        }
        labels.into_iter().collect()
    }

    /// Returns the image name that stands in the base for a container; the overlay's `images` entry
    /// maps it.
    ///
    /// Each container has a name of its own: Kustomize matches by name, so mapping by repository
    /// would hit every container that shares one.
    pub fn placeholder(&self, workload: &Workload, container: &str) -> String {
        format!("{}-{container}", self.stem(workload))
    }
}

/// The label that selectors go by.
pub const NAME_LABEL: &str = "app.kubernetes.io/name";
/// The label that all pods of an API have, unless it was adopted.
pub const API_LABEL: &str = "platform/api-name";
/// The label that tells the workloads of one API apart.
pub const COMPONENT_LABEL: &str = "app.kubernetes.io/component";
