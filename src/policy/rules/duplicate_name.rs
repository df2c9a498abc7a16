//! Two things of one API have the same name where each needs its own.

use std::collections::BTreeSet;

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
        for (at, _) in api.configs().filter(|(_, config)| !config.is_empty()) {
            let name = at.get(1).map_or_else(|| api.config_name(), |name| (*name).to_owned());
            if !objects.insert(("ConfigMap", name.clone())) {
                let location = context.locate_in(&environment, &at);
                found.insert(("ConfigMap", name.clone()));
                sink.push(finding(location, format!("two ConfigMaps are called `{name}`")));
            }
        }
        for here in environment.workloads() {
            let workload = here.workload;
            let mut names = vec![(workload.kind.as_str(), api.workload_name(workload), "name")];
            if workload.has_service() {
                names.push(("Service", api.service_name(workload), "service"));
            }
            if workload.autoscaling.is_some() {
                names.push(("HorizontalPodAutoscaler", api.autoscaler_name(workload), "hpa"));
            }
            for (kind, name, key) in names {
                if !objects.insert((kind, name.clone())) {
                    let location = context.locate_workload(&here, &["identity", key]);
                    sink.push(finding(location, format!("two objects of kind {kind} are called `{name}`")));
                    found.insert((kind, name));
                }
            }
            in_pod(context, &here, sink);
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
    for Held { id, place } in &holding.objects {
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

fn finding(location: Location, message: String) -> Diagnostic {
    Diagnostic::new(&CODE, location, message).label("needs a name of its own").help("rename one of the two")
}
