//! The namespaces themselves, where the platform wants them rendered: each with what limits it and what
//! opens it to the teams that own its APIs.
//!
//! Several APIs may share a namespace, so this is made from all of them at once.

mod quota;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use self::quota::Usage;
use super::lifecycle::scaled_down;
use super::{FileTree, KUSTOMIZATION, Templates, header};
use crate::diagnostic::Diagnostic;
use crate::metadata::Metadata;
use crate::ordered::Ordered;
use crate::platform::{self, Extent, LimitRange, NamespaceObjects, Platform};
use crate::quantity::Quantity;
use crate::yaml;

/// Where namespaces stand in a config repo.
pub const NAMESPACES_DIRECTORY: &str = "namespaces";

/// The one manifest of a namespace.
const MANIFEST: &str = "namespace.yaml";

/// What keeps Argo CD from ever deleting a Namespace, and everything in it.
const NEVER_DELETE: (&str, &str) = ("argocd.argoproj.io/sync-options", "Prune=false,Delete=false");

/// What one API means to its namespace in one environment.
#[derive(Clone, Debug)]
pub struct Share {
    /// The API.
    pub api: String,
    /// The environment.
    pub environment: String,
    namespace: String,
    team: String,
    usage: Usage,
}

impl Share {
    /// Returns the shares of an API, one for each environment.
    pub fn all(metadata: &Metadata, platform: &Platform) -> Vec<Self> {
        let defaults = platform.namespace_objects.limit_range.as_ref();
        let here = metadata.environments.iter().filter_map(|environment| {
            let settings = platform.environments.get(&environment.name)?;
            let api = &environment.merged.api;
            let tier = api.tier.as_deref().and_then(|tier| platform.tiers.get(tier));
            Some(Self {
                api: api.name.clone(),
                environment: environment.name.clone(),
                namespace: settings.namespace_of(&api.name, api.namespace.as_deref()),
                team: api.owner.team.clone(),
                usage: match platform.extent(api.lifecycle.as_deref()) {
                    Extent::Full => Usage::of_api(api, tier, defaults),
                    Extent::ScaledDown | Extent::None => Usage::of_api(&scaled_down(api), tier, defaults),
                },
            })
        });
        here.collect()
    }

    /// Returns how many pods there are at the most.
    pub fn pods(&self) -> u64 {
        self.usage.pods()
    }

    /// Returns how much of `cpu` or `memory` its pods request at the most; nothing where a container does not say it.
    pub fn requests(&self, resource: &str) -> Option<Quantity> {
        self.usage.requests(resource)
    }
}

/// Renders the namespaces that all shares together need.
///
/// # Errors
/// Returns the finding of a template that fails.
pub fn namespaces(
    shares: &[Share],
    platform: &Platform,
    templates: &Templates,
) -> Result<FileTree, Box<Diagnostic>> {
    let mut wanted: BTreeMap<(&str, &str), Vec<&Share>> = BTreeMap::new();
    for share in shares {
        wanted.entry((&share.environment, &share.namespace)).or_default().push(share);
    }
    let mut tree = FileTree::new();
    for ((environment, name), shares) in wanted {
        let directory = format!("{NAMESPACES_DIRECTORY}/{environment}/{name}");
        let context = json!({ "namespace": namespace(name, &shares, platform) });
        let kustomization = json!({ "base": { "resources": [MANIFEST], "components": null } });
        for (file, template, context) in
            [(MANIFEST, "namespace.yaml.j2", context), (KUSTOMIZATION, "base.yaml.j2", kustomization)]
        {
            let mut text = header(platform::PATH);
            yaml::emit_documents(&mut text, &templates.render(template, context)?);
            tree.insert(format!("{directory}/{file}"), text);
        }
    }
    Ok(tree)
}

fn namespace(name: &str, shares: &[&Share], platform: &Platform) -> Json {
    let wanted = &platform.namespace_objects;
    let own = json!({ "app.kubernetes.io/managed-by": "onramp" });
    let mut labels = own.as_object().cloned().unwrap_or_default();
    labels.extend(pairs(&wanted.labels));
    let mut annotations: Map<String, Json> = pairs(&wanted.annotations).collect();
    if platform.gitops.is_some() {
        annotations.insert(NEVER_DELETE.0.to_owned(), NEVER_DELETE.1.into());
    }
    let teams: BTreeSet<&str> = shares.iter().map(|share| share.team.as_str()).collect();
    let groups: Vec<String> = wanted
        .group
        .iter()
        .flat_map(|pattern| teams.iter().map(move |team| pattern.replace("{team}", team)))
        .collect();
    json!({
        "name": name,
        "labels": labels,
        "ownLabels": own,
        "annotations": (!annotations.is_empty()).then_some(annotations),
        "quota": quota(shares, wanted),
        "limits": wanted.limit_range.as_ref().map(limits),
        "groups": groups,
        "rules": wanted.role.clone().map_or_else(read_only, Json::Array),
    })
}

fn quota(shares: &[&Share], wanted: &NamespaceObjects) -> Option<Json> {
    wanted.quota.enabled.then(|| {
        let total = shares.iter().map(|share| &share.usage).fold(Usage::none(), Usage::plus);
        Json::Object(total.hard(wanted.quota.headroom_percent))
    })
}

fn limits(range: &LimitRange) -> Json {
    let parts = [
        ("default", &range.limits),
        ("defaultRequest", &range.default_request),
        ("max", &range.max),
        ("min", &range.min),
    ];
    let said = parts.into_iter().filter(|(_, amounts)| !amounts.is_empty());
    Json::Object(said.map(|(key, amounts)| (key.to_owned(), json!(amounts))).collect())
}

/// What a team may do in its namespace unless platform.yaml says otherwise: read what its APIs have, and
/// logs. Not Secrets, whose values would be read with them.
fn read_only() -> Json {
    let read = |groups: &[&str], resources: &[&str]| json!({ "apiGroups": groups, "resources": resources, "verbs": ["get", "list", "watch"] });
    json!([
        read(
            &[""],
            &[
                "configmaps",
                "endpoints",
                "events",
                "limitranges",
                "persistentvolumeclaims",
                "pods",
                "resourcequotas",
                "serviceaccounts",
                "services",
            ],
        ),
        { "apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"] },
        read(&["apps"], &["deployments", "replicasets", "statefulsets"]),
        read(&["batch"], &["cronjobs", "jobs"]),
        read(&["autoscaling"], &["horizontalpodautoscalers"]),
        read(&["policy"], &["poddisruptionbudgets"]),
        read(&["networking.k8s.io"], &["ingresses", "networkpolicies"]),
        read(&["discovery.k8s.io"], &["endpointslices"]),
        read(&["events.k8s.io"], &["events"]),
        read(&["gateway.networking.k8s.io"], &["httproutes"]),
        read(&["external-secrets.io"], &["externalsecrets"]),
    ])
}

fn pairs(map: &Ordered<String>) -> impl Iterator<Item = (String, Json)> {
    map.iter().map(|(key, value)| (key.to_owned(), value.clone().into()))
}
