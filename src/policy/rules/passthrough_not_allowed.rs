//! A field in Kubernetes' own words is not open to APIs, or has a word of its own here.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
use crate::metadata::Kind;
use crate::policy::{ApiContext, Check, InWorkload, Rule};
use crate::yaml::{Node, Value};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::new(
    "passthrough-not-allowed",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/passthrough-not-allowed.md"),
);

/// Fields of a pod that reach beyond it. The sources of volumes are told below.
const POD_GUARDED: &[&str] =
    &["hostNetwork", "hostPID", "hostIPC", "hostUsers", "nodeName", "securityContext.sysctls"];

/// Fields of a container that reach beyond the pod.
const CONTAINER_GUARDED: &[&str] =
    &["securityContext.privileged", "securityContext.procMount", "ports.hostPort", "volumeDevices"];

/// Sources of volumes that stay within the namespace, or that a cluster's administrator has set up.
const OPEN_VOLUMES: &[&str] = &[
    "name",
    "configMap",
    "secret",
    "emptyDir",
    "persistentVolumeClaim",
    "projected",
    "downwardAPI",
    "csi",
    "ephemeral",
];

/// What has a key of its own, and which.
const POD_OWNED: &[(&str, &str)] =
    &[("containers", "sidecars"), ("initContainers", "initContainers"), ("ephemeralContainers", "sidecars")];
const CONTAINER_OWNED: &[(&str, &str)] = &[
    ("name", "identity.container"),
    ("image", "image"),
    ("command", "command"),
    ("args", "args"),
    ("env", "env"),
    ("envFrom", "envFrom"),
    ("resources", "resources"),
    ("readinessProbe", "probes.readiness"),
    ("livenessProbe", "probes.liveness"),
    ("startupProbe", "probes.startup"),
];
const SPEC_OWNED: &[(&str, &str)] = &[
    ("replicas", "replicas"),
    ("selector", "identity.selector"),
    ("template", "pod"),
    ("schedule", "schedule"),
    ("jobTemplate", "job"),
];
const SERVICE_OWNED: &[(&str, &str)] = &[
    ("ports", "service.ports"),
    ("selector", "service.selector"),
    ("type", "service.type"),
    ("sessionAffinity", "service.sessionAffinity"),
];

/// A block of verbatim fields, and those that it may not hold.
type Owned<'a> = (Vec<&'a str>, &'a [(&'a str, &'a str)]);

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let open = &context.platform.model.passthrough;
    for here in context.workloads() {
        let mut owned: Vec<Owned<'_>> = vec![
            (vec!["spec"], SPEC_OWNED),
            (vec!["job"], SPEC_OWNED),
            (vec!["service", "spec"], SERVICE_OWNED),
        ];
        let mut pod_owned = POD_OWNED.to_vec();
        if here.workload.service_account.is_some() {
            pod_owned.push(("serviceAccountName", "serviceAccount"));
        }
        owned.push((vec!["pod"], &pod_owned));
        let containers = containers(&here);
        owned.extend(containers.iter().map(|path| (path.clone(), CONTAINER_OWNED)));
        if here.workload.kind == Kind::Deployment {
            owned.push((vec!["spec"], &[("strategy", "strategy")]));
        }
        for (path, keys) in owned {
            let (block, taken) = here.tree.follow(path.iter().copied());
            for (key, instead) in keys.iter().filter(|_| taken == path.len()) {
                if block.get(key).is_some() {
                    let message = format!("`{key}` has a key of its own");
                    let help = format!("write `{instead}`");
                    push(context, &here, &[&path[..], &[key]].concat(), message, help, sink);
                }
            }
        }
        guarded(context, &here, &["pod"], &open.pod, POD_GUARDED, sink);
        volumes(context, &here, &open.pod, sink);
        for path in &containers {
            guarded(context, &here, path, &open.container, CONTAINER_GUARDED, sink);
        }
    }
}

/// Returns the paths of all `container` blocks.
fn containers<'a>(here: &InWorkload<'a>) -> Vec<Vec<&'a str>> {
    let mut paths = vec![vec!["container"]];
    for map in ["sidecars", "initContainers"] {
        let entries = here.tree.get(map).map(Node::entries).unwrap_or_default();
        paths.extend(entries.iter().map(|entry| vec![map, &*entry.key, "container"]));
    }
    paths
}

/// Reports the fields of a block that are not open.
fn guarded(
    context: &ApiContext<'_>,
    here: &InWorkload<'_>,
    path: &[&str],
    open: &[String],
    guarded: &[&str],
    sink: &mut Sink,
) {
    let (block, taken) = here.tree.follow(path.iter().copied());
    if taken < path.len() {
        return;
    }
    let is_open = |name: &str| open.iter().any(|known| known == name);
    for entry in block.entries() {
        let named = guarded.iter().any(|name| name.split('.').next() == Some(&*entry.key) && is_open(name));
        if !is_open("*") && !is_open(&entry.key) && !named {
            refuse(context, here, &[path, &[&entry.key]].concat(), &entry.key, open, sink);
        }
    }
    for name in guarded.iter().filter(|name| !is_open(name)) {
        let steps: Vec<&str> = name.split('.').collect();
        for found in present(block, &steps) {
            let found: Vec<&str> = found.iter().map(String::as_str).collect();
            refuse(context, here, &[path, &found].concat(), name, open, sink);
        }
    }
}

/// Returns the places where a dotted name is set, through lists; `false` counts as not set.
fn present(node: &Node, steps: &[&str]) -> Vec<Vec<String>> {
    let Some((step, rest)) = steps.split_first() else {
        return if node.value == Value::Bool(false) { Vec::new() } else { vec![Vec::new()] };
    };
    let behind = |key: &str, node: &Node, steps: &[&str]| -> Vec<Vec<String>> {
        let found = present(node, steps).into_iter();
        found.map(|path| std::iter::once(key.to_owned()).chain(path).collect()).collect()
    };
    match &node.value {
        Value::Seq(items) => items
            .iter()
            .enumerate()
            .flat_map(|(index, item)| behind(&index.to_string(), item, steps))
            .collect(),
        _ => node.get(step).map(|node| behind(step, node, rest)).unwrap_or_default(),
    }
}

/// Reports sources of volumes that are not open.
fn volumes(context: &ApiContext<'_>, here: &InWorkload<'_>, open: &[String], sink: &mut Sink) {
    let (volumes, taken) = here.tree.follow(["pod", "volumes"]);
    for (index, volume) in volumes.items().iter().enumerate().filter(|_| taken == 2) {
        for entry in volume.entries().iter().filter(|entry| !OPEN_VOLUMES.contains(&&*entry.key)) {
            let name = format!("volumes.{}", entry.key);
            if !open.contains(&name) {
                let path = ["pod", "volumes", &index.to_string(), &entry.key];
                refuse(context, here, &path, &name, open, sink);
            }
        }
    }
}

fn refuse(
    context: &ApiContext<'_>,
    here: &InWorkload<'_>,
    path: &[&str],
    name: &str,
    open: &[String],
    sink: &mut Sink,
) {
    let message = format!("the platform does not open `{name}` to APIs");
    let help = format!(
        "do without it, or ask the platform team to add `{name}` to `passthrough`, which opens {}",
        open.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    );
    push(context, here, path, message, help, sink);
}

fn push(
    context: &ApiContext<'_>,
    here: &InWorkload<'_>,
    path: &[&str],
    message: String,
    help: String,
    sink: &mut Sink,
) {
    sink.push(
        Diagnostic::new(&CODE, context.locate_key(here.tree, path), message)
            .label("not open")
            .help(help)
            .in_environment(here.environment.name),
    );
}
