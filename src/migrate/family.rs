//! Which objects of an environment belong together: found by what selects what, not by names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value as Json;

use super::decisions::ApiDecision;
use super::outcome::{Question, QuestionKind};
use super::words::is_of_others;
use crate::kubernetes::{Scope, scope};
use crate::legacy::Found;
use crate::yaml::encode_scalar;

/// An object of an API, and the branch that it is in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item<'a> {
    pub(super) branch: &'a str,
    pub(super) found: &'a Found,
}

/// The objects of an API in one environment, by what they are to it.
#[derive(Debug, Default)]
pub(super) struct Family<'a> {
    pub(super) members: Vec<Member<'a>>,
    /// ConfigMaps that a generator can make.
    pub(super) config_maps: Vec<Item<'a>>,
    /// All others that belong to the API.
    pub(super) others: Vec<Item<'a>>,
    /// Secrets with values.
    pub(super) secrets: Vec<Item<'a>>,
    /// What is no part of the API, and why.
    pub(super) left: Vec<(Item<'a>, String)>,
    /// Definitions that do not count, and the file of the one that does.
    pub(super) superseded: Vec<(Item<'a>, String)>,
    /// The namespace that the objects name.
    pub(super) namespace: Option<String>,
    pub(super) questions: Vec<Question>,
}

/// A workload with the Service that leads to it and the autoscaler that scales it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member<'a> {
    pub(super) workload: Item<'a>,
    pub(super) service: Option<Item<'a>>,
    pub(super) scaler: Option<Item<'a>>,
}

/// The kinds that the model has words for.
const WORKLOADS: &[&str] = &["Deployment", "StatefulSet", "CronJob", "Job"];

/// Returns a text of an object, and the empty one where there is none.
pub(super) fn text<'a>(object: &'a Json, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Json::as_str).unwrap_or_default()
}

/// Returns kind and name.
pub(super) fn title(object: &Json) -> String {
    format!("{} {}", text(object, "/kind"), text(object, "/metadata/name"))
}

/// Returns where the pod template of a workload stands.
pub(super) fn template(object: &Json) -> &'static str {
    if object["kind"] == "CronJob" { "/spec/jobTemplate/spec/template" } else { "/spec/template" }
}

/// Sorts the objects of an environment.
pub(super) fn family<'a>(
    items: Vec<Item<'a>>,
    decided: Option<&ApiDecision>,
    environment: &str,
) -> Family<'a> {
    let mut family = Family::default();
    let mut items = family.definitions(items, decided);
    let said = decided.and_then(|decided| decided.namespace(environment));
    family.namespace = said.map(str::to_owned).or_else(|| main_namespace(&items));
    let own = family.namespace.clone();
    let mut elsewhere: BTreeMap<&str, usize> = BTreeMap::new();
    items.retain(|item| {
        let belongs = family.belongs(item);
        let namespace = text(&item.found.json, "/metadata/namespace");
        if !belongs
            && !namespace.is_empty()
            && !is_secret(&item.found.json)
            && !is_of_cluster(&item.found.json)
        {
            *elsewhere.entry(namespace).or_default() += 1;
        }
        belongs
    });
    if said.is_none() && !elsewhere.is_empty() {
        family.questions.push(namespace_asked(environment, own.as_deref(), &elsewhere));
    }
    let (workloads, rest): (Vec<_>, Vec<_>) =
        items.into_iter().partition(|item| is_workload(&item.found.json));
    let mut rest: Vec<Option<Item<'a>>> = rest.into_iter().map(Some).collect();
    for workload in workloads {
        let mut find = |fits: fn(&Json, &Json) -> bool| {
            let found = rest
                .iter_mut()
                .find(|other| other.is_some_and(|other| fits(&other.found.json, &workload.found.json)));
            found.and_then(Option::take)
        };
        let (service, scaler) = (find(leads_to), find(scales));
        family.members.push(Member { workload, service, scaler });
    }
    for item in rest.into_iter().flatten() {
        let is_config = is_generated(&item.found.json);
        if is_config { family.config_maps.push(item) } else { family.others.push(item) }
    }
    family
}

impl<'a> Family<'a> {
    /// Keeps one definition of each object: the one that was decided, else the one in the file with the shortest name.
    fn definitions(&mut self, items: Vec<Item<'a>>, decided: Option<&ApiDecision>) -> Vec<Item<'a>> {
        let mut places: BTreeMap<[&str; 4], Vec<Item<'a>>> = BTreeMap::new();
        let mut order = Vec::new();
        for item in items {
            let json = &item.found.json;
            let group = text(json, "/apiVersion").split_once('/').map_or("", |(group, _)| group);
            // Kinds moved between groups, and are what they were.
            let group = if group == "extensions" { "" } else { group };
            let group = if is_known(text(json, "/kind")) && !is_of_others(json) { "" } else { group };
            let key =
                [group, text(json, "/kind"), text(json, "/metadata/namespace"), text(json, "/metadata/name")];
            let known = places.entry(key).or_default();
            if known.is_empty() {
                order.push(key);
            }
            if !known.iter().any(|other| other.found.json == *json) {
                known.push(item);
            }
        }
        let mut kept = Vec::with_capacity(order.len());
        for key in order {
            let mut definitions = places.remove(&key).unwrap_or_default();
            let title = format!("{} {}", key[1], key[3]);
            let origin = |item: &Item<'_>| item.found.origin.file.clone();
            // Of one file several kustomizations may make different things.
            let files: BTreeSet<Arc<str>> = definitions.iter().map(origin).collect();
            let is_one_file = files.len() < definitions.len();
            let file = |item: &Item<'_>| {
                let built_by = item.found.built_by.as_ref().filter(|_| is_one_file);
                built_by.map_or_else(|| origin(item), Arc::clone)
            };
            let several = definitions.len() > 1;
            let wanted = decided.filter(|_| several).and_then(|decided| decided.definition(&title));
            if several && wanted.is_none() {
                definitions.sort_by_key(|item| (file(item).len(), file(item), item.found.origin.document));
                let files: Vec<String> = definitions.iter().map(|item| format!("`{}`", file(item))).collect();
                self.questions.push(Question {
                    kind: QuestionKind::Definition,
                    text: format!("which definition of {title} counts: {}?", files.join(", ")),
                    answer: format!("definitions: {{ \"{title}\": {} }}", file(&definitions[0])),
                    is_open: true,
                });
            }
            let at = wanted.and_then(|wanted| definitions.iter().position(|item| *file(item) == *wanted));
            let counts = definitions.remove(at.unwrap_or(0));
            let told = file(&counts).to_string();
            self.superseded.extend(definitions.into_iter().map(|item| (item, told.clone())));
            kept.push(counts);
        }
        kept
    }

    /// Tells whether nothing of it is written.
    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty() && self.config_maps.is_empty() && self.others.is_empty()
    }

    /// Takes objects out, each by kind and name with the reason.
    pub(super) fn leave(&mut self, left: &BTreeMap<String, String>) {
        if left.is_empty() {
            return;
        }
        let why = |item: &Item<'_>| left.get(&title(&item.found.json)).cloned();
        let members = std::mem::take(&mut self.members);
        for mut member in members {
            for part in [&mut member.service, &mut member.scaler] {
                if let Some((item, why)) = part.and_then(|item| Some((item, why(&item)?))) {
                    self.left.push((item, why));
                    *part = None;
                }
            }
            match why(&member.workload) {
                Some(reason) => {
                    self.left.push((member.workload, reason));
                    self.others.extend([member.service, member.scaler].into_iter().flatten());
                }
                None => self.members.push(member),
            }
        }
        for list in [&mut self.config_maps, &mut self.others] {
            let (gone, kept): (Vec<_>, Vec<_>) =
                std::mem::take(list).into_iter().partition(|item| why(item).is_some());
            *list = kept;
            self.left.extend(gone.into_iter().filter_map(|item| Some((item, why(&item)?))));
        }
    }

    /// Tells whether an object is a part of the API, and notes why it is not.
    fn belongs(&mut self, item: &Item<'a>) -> bool {
        let json = &item.found.json;
        let namespace = text(json, "/metadata/namespace");
        if is_secret(json) {
            self.secrets.push(*item);
            return false;
        }
        let why = if is_of_cluster(json) {
            "it belongs to the whole cluster, not to one API".to_owned()
        } else if !namespace.is_empty() && self.namespace.as_deref() != Some(namespace) {
            match self.namespace.as_deref() {
                Some(own) => format!("it is in the namespace `{namespace}`, and the API in `{own}`"),
                None => format!("it is in the namespace `{namespace}`, and the rest of the API names none"),
            }
        } else {
            return true;
        };
        self.left.push((*item, why));
        false
    }
}

/// Asks for the namespace of an API of which objects would be left out, since they name another one.
fn namespace_asked(environment: &str, own: Option<&str>, elsewhere: &BTreeMap<&str, usize>) -> Question {
    let count: usize = elsewhere.values().sum();
    let names: Vec<String> = own.iter().chain(elsewhere.keys()).map(|name| format!("`{name}`")).collect();
    let own_name = own.map_or_else(|| "the platform's".to_owned(), |own| format!("`{own}`"));
    let first = elsewhere.keys().next().copied().unwrap_or_default();
    Question {
        kind: QuestionKind::Namespace,
        text: format!(
            "which namespace does it run in, in `{environment}`: {}? It is {own_name} for now, and {} left out",
            names.join(", "),
            if count == 1 { "1 object is".to_owned() } else { format!("{count} objects are") }
        ),
        answer: format!("namespaces: {{ {environment}: {} }}", encode_scalar(own.unwrap_or(first))),
        is_open: true,
    }
}

/// Tells whether an object holds secret values, however its kind is spelt.
fn is_secret(json: &Json) -> bool {
    text(json, "/kind").eq_ignore_ascii_case("secret")
        && ["data", "stringData", "sops"].iter().any(|key| !json[*key].is_null())
}

/// Tells whether an object is in no namespace.
fn is_of_cluster(json: &Json) -> bool {
    scope(text(json, "/apiVersion"), text(json, "/kind")) == Some(Scope::Cluster)
}

/// Kinds that are the same in whatever group they stand.
fn is_known(kind: &str) -> bool {
    matches!(
        kind,
        "Deployment"
            | "StatefulSet"
            | "DaemonSet"
            | "Ingress"
            | "CronJob"
            | "HorizontalPodAutoscaler"
            | "NetworkPolicy"
    )
}

/// The namespace that most workloads name: those that name none went where the others are. Without workloads the one that
/// most objects name.
fn main_namespace(items: &[Item<'_>]) -> Option<String> {
    let most = |wanted: &dyn Fn(&Json) -> bool| {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for item in items.iter().filter(|item| wanted(&item.found.json)) {
            *counts.entry(text(&item.found.json, "/metadata/namespace")).or_default() += 1;
        }
        let any = !counts.is_empty();
        counts.remove("");
        // Of as many workloads the namespace counts that has more besides.
        let all = |name: &str| {
            items.iter().filter(|item| text(&item.found.json, "/metadata/namespace") == name).count()
        };
        let most = counts.into_iter().max_by_key(|(name, count)| (*count, all(name)));
        (any, most.map(|(name, _)| name.to_owned()))
    };
    let is_own = |json: &Json| {
        json["kind"] != "Secret"
            && scope(text(json, "/apiVersion"), text(json, "/kind")) != Some(Scope::Cluster)
    };
    match most(&is_workload) {
        (true, None) => namespace_of_company(items),
        (true, named) => named,
        (false, _) => most(&is_own).1,
    }
}

/// The one namespace that is named by what works only in the namespace of the workloads: Services that lead to their pods, what
/// leads to these, and autoscalers.
fn namespace_of_company(items: &[Item<'_>]) -> Option<String> {
    let workloads = || items.iter().filter(|item| is_workload(&item.found.json));
    let leads = |service: &Json| workloads().any(|workload| leads_to(service, &workload.found.json));
    let is_company = |json: &Json| {
        leads(json)
            || workloads().any(|workload| scales(json, &workload.found.json))
            || json["kind"] == "Ingress"
                && items.iter().any(|item| leads(&item.found.json) && is_behind(json, &item.found.json))
    };
    let company = items.iter().filter(|item| is_company(&item.found.json));
    let named: BTreeSet<&str> = company.map(|item| text(&item.found.json, "/metadata/namespace")).collect();
    let mut named = named.into_iter().filter(|name| !name.is_empty());
    named.next().filter(|_| named.next().is_none()).map(ToOwned::to_owned)
}

/// Tells whether an Ingress leads to a Service.
fn is_behind(ingress: &Json, service: &Json) -> bool {
    let name = &service["metadata"]["name"];
    let leads = |backend: &Json| backend["serviceName"] == *name || backend["service"]["name"] == *name;
    let rules = ingress["spec"]["rules"].as_array().into_iter().flatten();
    let paths = rules.filter_map(|rule| rule["http"]["paths"].as_array()).flatten();
    leads(&ingress["spec"]["backend"])
        || leads(&ingress["spec"]["defaultBackend"])
        || paths.map(|path| &path["backend"]).any(leads)
}

/// Tells whether the model has words for an object that runs pods: one that lacks what no server does without has none.
fn is_workload(object: &Json) -> bool {
    if is_of_others(object) || !WORKLOADS.iter().any(|kind| object["kind"] == *kind) {
        return false;
    }
    let Some(pod) = object.pointer(template(object)) else { return false };
    let lists = ["containers", "initContainers"].map(|key| pod["spec"][key].as_array());
    let mut containers = lists.into_iter().flatten().flatten();
    let complete = lists[0].is_some_and(|list| !list.is_empty())
        && containers.all(|container| container["name"].is_string() && container["image"].is_string());
    let selected = object["apiVersion"] != "apps/v1" || object["spec"]["selector"].is_object();
    complete && selected && (object["kind"] != "CronJob" || object["spec"]["schedule"].is_string())
}

/// Tells whether a Service leads to the pods of a workload.
fn leads_to(service: &Json, workload: &Json) -> bool {
    let Some(selector) = service["spec"]["selector"].as_object() else { return false };
    let labels = &workload["spec"]["template"]["metadata"]["labels"];
    service["kind"] == "Service"
        && service["apiVersion"] == "v1"
        && !matches!(text(workload, "/kind"), "CronJob" | "Job")
        && !selector.is_empty()
        && selector.iter().all(|(key, value)| labels[key] == *value)
}

/// Tells whether an autoscaler scales a workload.
fn scales(autoscaler: &Json, workload: &Json) -> bool {
    let target = &autoscaler["spec"]["scaleTargetRef"];
    autoscaler["kind"] == "HorizontalPodAutoscaler"
        && target["kind"] == workload["kind"]
        && target["name"] == workload["metadata"]["name"]
}

/// Tells whether a generator can make a ConfigMap: it has a name and texts, and nothing else.
fn is_generated(object: &Json) -> bool {
    let Some(map) = object.as_object() else { return false };
    let metadata = object["metadata"].as_object();
    let data = object["data"].as_object();
    object["kind"] == "ConfigMap"
        && object["apiVersion"] == "v1"
        && map.keys().all(|key| matches!(key.as_str(), "apiVersion" | "kind" | "metadata" | "data"))
        && metadata.is_some_and(|metadata| {
            metadata.keys().all(|key| matches!(key.as_str(), "name" | "namespace" | "creationTimestamp"))
        })
        && data.is_some_and(|data| {
            !data.is_empty() && data.iter().all(|(key, value)| is_file_name(key) && value.is_string())
        })
}

/// Tells whether a key of a ConfigMap can be the name of a file.
fn is_file_name(key: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !key.is_empty()
        && key.len() <= 253
        && key.chars().all(plain)
        && !matches!(key, "." | "..")
        && !key.starts_with("..")
}
