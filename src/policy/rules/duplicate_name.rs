//! Two things of one API have the same name where each needs its own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::diagnostic::{Code, Diagnostic, Location, Sink};
use crate::metadata::{InPod, Place};
use crate::policy::{ApiContext, Check, Held, InEnvironment, InWorkload, Rule};
use crate::render;

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::unreadable("duplicate-name", include_str!("../../../docs/rules/duplicate-name.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for environment in context.environments() {
        let api = environment.api;
        let mut objects = BTreeSet::new();
        let mut found = BTreeSet::new();
        let mut images = BTreeMap::new();
        for (at, _) in api.configs().filter(|(_, config)| !config.is_empty()) {
            let name = api.config_name_at(&at);
            if !objects.insert(("ConfigMap", name.clone())) {
                let location = context.locate_in(&environment, &at);
                found.insert(("ConfigMap", name.clone()));
                sink.push(finding(location, format!("two ConfigMaps are called `{name}`")));
            }
        }
        for here in environment.workloads() {
            let workload = here.workload;
            let mut names = vec![(workload.kind.as_str(), api.workload_name(workload), ["identity", "name"])];
            if workload.has_service() {
                names.push(("Service", api.service_name(workload), ["identity", "service"]));
            }
            let mut more = |kind, name: Option<String>, at| names.extend(name.map(|name| (kind, name, at)));
            more("Service", api.second_service_name(workload), ["identity", "service"]);
            more("ServiceAccount", api.account_name(workload), ["serviceAccount", "name"]);
            let autoscaler = workload.autoscaling.is_some().then(|| api.autoscaler_name(workload));
            more("HorizontalPodAutoscaler", autoscaler, ["identity", "hpa"]);
            for (kind, name, at) in names {
                if !objects.insert((kind, name.clone())) {
                    let location = context.locate_workload(&here, &at);
                    sink.push(finding(location, format!("two objects of kind {kind} are called `{name}`")));
                    found.insert((kind, name));
                }
            }
            for container in workload.containers() {
                // In the base, where Kustomize finds the image by it.
                let image = api.placeholder(workload, container.name);
                if images.insert(image.clone(), &workload.name).is_some_and(|other| *other != workload.name) {
                    let location = context.locate_workload(&here, &container.path(&[]));
                    let message = format!("containers of two workloads are both `{image}`");
                    sink.push(finding(location, message));
                }
            }
            in_pod(context, &here, sink);
            lists(context, &here, sink);
        }
        of_others(context, &environment, &found, sink);
    }
}

/// Looks at the names of all that is rendered, such as the second Service of a canary. `found` are kinds and names that
/// are found already, where they are written.
fn of_others(
    context: &ApiContext<'_>,
    environment: &InEnvironment<'_>,
    found: &BTreeSet<(&str, String)>,
    sink: &mut Sink,
) {
    let Some(holding) = context.holdings.iter().find(|holding| *holding.environment == *environment.name)
    else {
        return;
    };
    let mut seen = BTreeSet::new();
    for Held { id, place, .. } in &holding.objects {
        // What is brought along is another rule's.
        if place.is_some() || seen.insert((id.group(), &*id.kind, &*id.name)) {
            continue;
        }
        if !found.iter().any(|(kind, name)| *kind == id.kind && **name == *id.name) {
            let message = format!("two objects of kind {} are called `{}`", id.kind, id.name);
            let location = live_name(context, environment, &id.kind);
            sink.push(finding(location.unwrap_or_else(|| holding.location.clone()), message));
        }
    }
}

/// Points at the live name that a route says. Those that onramp makes up are told apart by itself; a live name
/// may be that of anything.
fn live_name(context: &ApiContext<'_>, environment: &InEnvironment<'_>, kind: &str) -> Option<Location> {
    if !matches!(kind, "Ingress" | "HTTPRoute") {
        return None;
    }
    let entries = render::entries(environment.api, environment.settings);
    let live = entries.iter().rfind(|entry| entry.is_live_name)?;
    Some(context.locate_in(environment, &["routes", live.kind.key(), "name"]))
}

/// Looks at the names inside one pod.
fn in_pod(context: &ApiContext<'_>, here: &InWorkload<'_>, sink: &mut Sink) {
    let mut containers = BTreeSet::new();
    for InPod { name, place, .. } in here.workload.containers() {
        if !containers.insert(name) {
            let path: &[&str] = match place {
                Place::Init => &["initContainers", name],
                Place::Main | Place::Sidecar => &["sidecars", name],
            };
            let location = context.locate_key(here.tree, path);
            sink.push(finding(location, format!("two containers of a pod are called `{name}`")));
        }
    }
    let own = here.environment.api.config.mount_path.is_some().then_some("config");
    let mut volumes: BTreeSet<&str> = here.workload.volumes.keys().collect();
    let verbatim = here.workload.pod.get("volumes").and_then(Json::as_array).into_iter().flatten();
    for name in own.into_iter().chain(verbatim.filter_map(|volume| volume["name"].as_str())) {
        if !volumes.insert(name) {
            let location = context.locate_workload(here, &["volumes", name]);
            sink.push(finding(location, format!("two volumes of a pod are called `{name}`")));
        }
    }
}

/// Lists of the pod in Kubernetes' own words, with the fields that tell their entries apart.
const LISTS: &[(&str, &[&str])] = &[
    ("hostAliases", &["ip"]),
    ("imagePullSecrets", &["name"]),
    ("topologySpreadConstraints", &["topologyKey", "whenUnsatisfiable"]),
];

/// Looks at lists of which a merge would keep one entry of two.
fn lists(context: &ApiContext<'_>, here: &InWorkload<'_>, sink: &mut Sink) {
    for (list, fields) in LISTS {
        let entries = here.workload.pod.get(*list).and_then(Json::as_array).into_iter().flatten();
        let mut known = Vec::new();
        for (index, entry) in entries.enumerate() {
            let key: Vec<&str> = fields.iter().filter_map(|field| entry[*field].as_str()).collect();
            if known.contains(&key) {
                let location = context.locate_workload(here, &["pod", list, &index.to_string()]);
                let message = format!("two entries of `{list}` have `{}`", key.join("`, `"));
                let finding = Diagnostic::new(&CODE, location, message).label("the second one");
                sink.push(finding.help("write one entry for both"));
            }
            known.push(key);
        }
    }
    for container in here.workload.containers() {
        let mut known = BTreeSet::new();
        for (path, at) in mounts(here, container) {
            if !known.insert(path.clone()) {
                let at: Vec<&str> = at.iter().map(String::as_str).collect();
                let location = context.locate_workload(here, &at);
                let message = format!("two mounts of `{}` are at `{path}`", container.name);
                let finding = Diagnostic::new(&CODE, location, message).label("the second one");
                sink.push(finding.help("mount one of the two elsewhere"));
            }
        }
    }
}

/// Returns where a container's mounts are, in its order, and which keys say so.
fn mounts(here: &InWorkload<'_>, container: InPod<'_>) -> Vec<(String, Vec<String>)> {
    let owned = |path: &[&str]| path.iter().map(|&key| key.to_owned()).collect::<Vec<_>>();
    let mut all = Vec::new();
    for (name, volume) in here.workload.volumes.iter() {
        let here = volume.all_mounts().filter(|mount| match &mount.container {
            Some(wanted) => wanted == container.name,
            None => container.place == Place::Main,
        });
        all.extend(here.map(|mount| (mount.mount_path, owned(&["volumes", name]))));
    }
    let config = &here.environment.api.config;
    if let (Place::Main, Some(path), false) = (container.place, &config.mount_path, config.is_empty()) {
        all.push((path.clone(), owned(&["config", "mountPath"])));
    }
    let verbatim = container.container.verbatim.get("volumeMounts").and_then(Json::as_array);
    for (index, mount) in verbatim.into_iter().flatten().enumerate() {
        let at = container.path(&["container", "volumeMounts"]);
        let at = [owned(&at), vec![index.to_string()]].concat();
        all.extend(mount["mountPath"].as_str().map(|path| (path.to_owned(), at)));
    }
    all
}

fn finding(location: Location, message: String) -> Diagnostic {
    Diagnostic::new(&CODE, location, message).label("needs a name of its own").help("rename one of the two")
}
