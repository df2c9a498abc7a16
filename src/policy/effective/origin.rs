//! The line that is behind a place of an object.
//!
//! Asked in this order: the patch that took it away, the last patch that decided it, the extra resource that the object is, the config file, the row of
//! the [`table`], a template of the repo's own, and the nearest key that somebody wrote.

mod generated;
mod routes;
mod rows;
mod table;
mod template;

pub(super) use generated::led_back;

use std::borrow::Cow;

use super::EffectiveContext;
use crate::diagnostic::Location;
use crate::effective::{Path, Taken, name_of};
use crate::kustomize::Object;
use crate::metadata::{API_LABEL, COMPONENT_LABEL, NAME_LABEL};
use crate::policy::{InEnvironment, InWorkload};
use rows::{Hit, Scope, look};
use table::Row;

/// Finds the line that is behind a place of an object in an environment.
pub(super) fn locate(
    context: &EffectiveContext<'_>,
    environment: &InEnvironment<'_>,
    object: &Object,
    path: &Path<'_>,
) -> Location {
    let way = named(asking(path.follow(&object.json)));
    let removal = || context.api.hatch.removal_behind(environment.name, object, path);
    if way.last().is_some_and(|last| last.value.is_none())
        && let Some(location) = removal()
    {
        return location;
    }
    let names = [("environment", environment.name), ("secret", &*object.name)];
    let asked = Asked { context, environment, object, way: &way, names };
    asked.hatch().or_else(|| asked.config()).unwrap_or_else(|| asked.layers())
}

/// Fields that are needed because of what another one beside them says.
const NEEDED: &[(&str, &str)] =
    &[("dnsConfig", "dnsPolicy"), ("completions", "completionMode"), ("externalName", "type")];

/// Leads from a field that is not there to the one that asks for it.
fn asking(mut way: Vec<Taken<'_>>) -> Vec<Taken<'_>> {
    if let [.., parent, last] = &mut way[..]
        && last.value.is_none()
        && let Some((_, asks)) = NEEDED.iter().find(|(needed, _)| *needed == last.text)
        && let Some(value) = parent.value.and_then(|parent| parent.get(asks))
    {
        *last = Taken { text: Cow::Borrowed(*asks), index: None, value: Some(value) };
    }
    way
}

/// Calls elements of lists by their names, which the table knows them by, where the path goes by their places.
fn named(mut way: Vec<Taken<'_>>) -> Vec<Taken<'_>> {
    let mut field = String::new();
    for taken in &mut way {
        if taken.index.is_none() {
            field.clear();
            field.push_str(&taken.text);
        } else if let Some(name) = taken.value.and_then(|value| name_of(&field, value)) {
            taken.text = name;
        }
    }
    way
}

/// A place that a line is wanted for.
struct Asked<'a, 'b> {
    context: &'a EffectiveContext<'b>,
    environment: &'a InEnvironment<'b>,
    object: &'a Object,
    way: &'a [Taken<'a>],
    /// What the names in braces of the table stand for.
    names: [(&'static str, &'a str); 2],
}

/// Where the template of a pod stands in an object.
const TEMPLATES: [&[&str]; 2] = [&["spec", "template"], &["spec", "jobTemplate", "spec", "template"]];

impl Asked<'_, '_> {
    /// Asks patches and extra resources.
    fn hatch(&self) -> Option<Location> {
        let hatch = &self.context.api.hatch;
        let patch = || hatch.patch_behind(self.environment.name, self.object, self.way);
        // The overlay sets the namespace and the labels of what is brought along, too.
        let by_overlay =
            self.starts_with(&["metadata", "namespace"]) || self.starts_with(&["metadata", "labels"]);
        if by_overlay && !hatch.resource_says(self.environment.name, self.object, self.way) {
            return patch();
        }
        patch().or_else(|| hatch.resource_behind(self.environment.name, self.object, self.way))
    }

    /// Asks the files and literals of a generated ConfigMap.
    fn config(&self) -> Option<Location> {
        if self.kind() != "ConfigMap" {
            return None;
        }
        let environment = self.environment;
        let context = self.context.api;
        let mut all = environment.api.configs();
        let (at, config) = all.find(|(at, _)| environment.api.config_name_at(at) == *self.object.name)?;
        if let [field, key, ..] = self.way
            && (field.text == "data" || field.text == "binaryData")
        {
            if let Some(file) = config.files.iter().find(|file| file.key == *key.text)
                && context.has_file(&file.path)
            {
                return Some(Location::file(format!("{}/{}", context.directory, file.path)));
            }
            return Some(context.locate(environment.tree, &[&at[..], &["literals", &key.text]].concat()));
        }
        if self.starts_with(&["metadata", "namespace"]) || self.starts_with(&["metadata", "labels"]) {
            return None;
        }
        let at = if self.starts_with(&["metadata", "name"]) { [&at[..], &["name"]].concat() } else { at };
        Some(context.locate_key(environment.tree, &at))
    }

    /// Asks the table, the repo's own templates, and at last what is around the place.
    fn layers(&self) -> Location {
        let hit = self.label().or_else(|| routes::look_up(self)).or_else(|| self.table());
        if let Some(Hit::Exact(span)) = hit {
            return self.context.api.location(span);
        }
        if let Some(location) = template::own(self) {
            return location;
        }
        match hit {
            Some(Hit::Near(span) | Hit::Exact(span)) => self.context.api.location(span),
            None => self.nearest(),
        }
    }

    /// Labels that onramp makes of keys with other names.
    fn label(&self) -> Option<Hit> {
        let at = self.way.iter().position(|taken| taken.text == "labels" || taken.text == "matchLabels")?;
        let label = self.way.get(at + 1)?;
        let key = match &*label.text {
            "app.kubernetes.io/part-of" | API_LABEL => "name",
            "platform/team" => "owner.team",
            "platform/tier" => "tier",
            NAME_LABEL if self.way[at].text == "labels" => "name",
            COMPONENT_LABEL => "workloads",
            _ => return None,
        };
        // What somebody writes by hand has the last word.
        if let Some(Hit::Exact(span)) = self.table() {
            return Some(Hit::Exact(span));
        }
        if key == "workloads" {
            let name = label.value?.as_str()?;
            let spot = crate::policy::spot::Spot::of(self.environment.tree).get(key)?.get(name)?;
            return Some(Hit::Exact(spot.span()));
        }
        let rows: &[Row] = match key {
            "name" => &[("", "api:name")],
            "tier" => &[("", "api:tier")],
            _ => &[("", "api:owner.team")],
        };
        look(rows, self.way, self.scope(None, &[]))
    }

    fn table(&self) -> Option<Hit> {
        let workload = self.workload();
        let own = |rows| look(rows, self.way, self.scope(workload.as_ref(), &[]));
        let general = || own(table::OBJECT);
        if self.starts_with(&["metadata", "namespace"]) {
            return general();
        }
        if let Some(hit) = self.container(workload.as_ref()) {
            return Some(hit);
        }
        let rows = match self.kind() {
            "Deployment" | "StatefulSet" | "CronJob" | "Job" | "Rollout" => match self.in_pod() {
                Some(way) => return look(table::POD, way, self.scope(workload.as_ref(), &[])),
                None => table::WORKLOAD,
            },
            "Service" => table::SERVICE,
            "ServiceAccount" => table::ACCOUNT,
            "HorizontalPodAutoscaler" => table::AUTOSCALER,
            "PodDisruptionBudget" => table::BUDGET,
            "NetworkPolicy" => table::NETWORK,
            "ExternalSecret" => table::SECRET,
            _ => return general(),
        };
        own(rows).or_else(general)
    }

    /// Looks up a place in a container.
    fn container(&self, workload: Option<&InWorkload<'_>>) -> Option<Hit> {
        let workload = workload?;
        let way = self.in_pod()?;
        let [spec, list, element, rest @ ..] = way else { return None };
        if spec.text != "spec" || !matches!(&*list.text, "containers" | "initContainers") {
            return None;
        }
        let name = element.value.and_then(|container| container["name"].as_str()).unwrap_or(&element.text);
        let here = workload.workload.containers().find(|here| here.name == name)?;
        let below = here.path(&[]);
        let scope = self.scope(Some(workload), &below);
        let hit = look(table::CONTAINER, rest, scope);
        // What nobody says of a container stands at the key that makes it one.
        let made_by: &[Row] = if below.is_empty() { &[("", "image")] } else { &[("", "")] };
        hit.or_else(|| match look(made_by, &[], scope) {
            Some(Hit::Exact(span) | Hit::Near(span)) => Some(Hit::Near(span)),
            None => None,
        })
    }

    /// Returns the part of the way that is in the template of a pod.
    fn in_pod(&self) -> Option<&[Taken<'_>]> {
        let lead = TEMPLATES.iter().find(|lead| self.starts_with(lead))?;
        self.way.get(lead.len()..)
    }

    fn starts_with(&self, keys: &[&str]) -> bool {
        self.way.len() >= keys.len() && self.way.iter().zip(keys).all(|(taken, key)| taken.text == *key)
    }

    fn kind(&self) -> &str {
        self.object.json["kind"].as_str().unwrap_or_default()
    }

    fn scope<'s>(&'s self, workload: Option<&InWorkload<'s>>, below: &'s [&'s str]) -> Scope<'s> {
        Scope {
            workload: workload.map_or(self.environment.tree, |workload| workload.tree),
            below,
            api: self.environment.tree,
            platform: &self.context.api.platform.tree,
            names: &self.names,
        }
    }

    /// Finds the workload that an object belongs to.
    fn workload(&self) -> Option<InWorkload<'_>> {
        let api = self.environment.api;
        let (kind, name) = (self.kind(), &*self.object.name);
        let environment: InEnvironment<'_> = *self.environment;
        let mut all = environment.workloads();
        all.find(|here| {
            let workload = here.workload;
            match kind {
                "Service" => {
                    api.service_name(workload) == name
                        || api.second_service_name(workload).as_deref() == Some(name)
                }
                "ServiceAccount" => api.account_name(workload).as_deref() == Some(name),
                "HorizontalPodAutoscaler" => api.autoscaler_name(workload) == name,
                "PodDisruptionBudget" | "NetworkPolicy" => api.own_name(workload) == name,
                "Rollout" => api.workload_name(workload) == name,
                _ => workload.kind.as_str() == kind && api.workload_name(workload) == name,
            }
        })
    }

    /// Points at the workload, or else at the API.
    fn nearest(&self) -> Location {
        let context = self.context.api;
        match self.workload() {
            Some(here) if self.environment.api.several => {
                context.locate_key(self.environment.tree, &["workloads", &here.workload.name])
            }
            _ if self.starts_with(&["metadata", "namespace"]) => {
                context.locate_environment(self.environment.name)
            }
            _ => context.locate(self.environment.tree, &["name"]),
        }
    }
}
