//! What the server takes and warns of: `pkg/api/pod/warnings.go`. Only what people can act upon.

use super::amount::{Amount, written};
use super::at::{At, Faults, show};
use super::text::DNS_LABEL;

/// Labels of nodes that are gone, each with what came after: `GetNodeLabelDeprecatedMessage`.
const NODE_LABELS: &[(&str, &str)] = &[
    ("beta.kubernetes.io/arch", "kubernetes.io/arch"),
    ("beta.kubernetes.io/os", "kubernetes.io/os"),
    ("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"),
    ("failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"),
    ("beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type"),
];

/// Annotations without effect, each with what to write.
const ANNOTATIONS: &[(&str, &str)] = &[
    ("scheduler.alpha.kubernetes.io/critical-pod", "`priorityClassName`"),
    ("security.alpha.kubernetes.io/sysctls", "`securityContext.sysctls`"),
    ("security.alpha.kubernetes.io/unsafe-sysctls", "`securityContext.sysctls`"),
];

/// Volumes whose plugins are gone.
const VOLUMES: &[&str] = &[
    "photonPersistentDisk",
    "gitRepo",
    "scaleIO",
    "flocker",
    "storageos",
    "quobyte",
    "glusterfs",
    "cephfs",
    "rbd",
];

/// A name that its pods get as a part of theirs.
pub(super) fn long_name<'a>(root: At<'a, '_>, faults: &mut Faults<'a>) {
    let metadata = root.key("metadata");
    let name = metadata.key("name");
    if let Err(why) = (DNS_LABEL.check)(name.text()) {
        let message =
            format!("{} becomes a part of host names, and is no DNS label: {why}", show(name.text()));
        faults.warn(name, message);
    }
}

/// `warningsForPodSpecAndMeta`.
pub(super) fn pod<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    let (metadata, spec) = (at.key("metadata"), at.key("spec"));
    let annotations = metadata.key("annotations");
    for (name, instead) in ANNOTATIONS {
        if annotations.has(name) {
            faults.warn(annotations.key(name), format!("the annotation has no effect; write {instead}"));
        }
    }
    node_labels(spec, faults);
    let volumes = spec.key("volumes");
    for volume in volumes.items() {
        for key in VOLUMES.iter().filter(|key| volume.has(key)) {
            faults.warn(volume.key(key), format!("volumes of the kind `{key}` are gone from Kubernetes"));
        }
    }
    for (list, key) in [("hostAliases", "ip"), ("imagePullSecrets", "name")] {
        let list = spec.key(list);
        let mut seen: Vec<&str> = Vec::new();
        for item in list.items() {
            let at = item.key(key);
            if seen.contains(&at.text()) {
                faults.warn(at, format!("{} stands there twice", show(at.text())));
            } else if at.text().is_empty() && key == "name" {
                faults.warn(at, "the name is empty");
            }
            seen.push(at.text());
        }
    }
    let grace = spec.key("terminationGracePeriodSeconds");
    if grace.number_or_zero() < 0 {
        faults.warn(grace, "a negative number of seconds counts as 1");
    }
    let (regular, init) = (spec.key("containers"), spec.key("initContainers"));
    for container in init.items().chain(regular.items()) {
        duplicate_variables(container.key("env"), faults);
        let resources = container.key("resources");
        for list in ["limits", "requests"] {
            let list = resources.key(list);
            for key in ["memory", "ephemeral-storage"] {
                let at = list.key(key);
                if Amount::read(at.json).is_some_and(|amount| !amount.is_whole()) {
                    faults.warn(at, format!("{} is a part of a byte", written(at.json)));
                }
            }
        }
    }
    ports(regular, faults);
}

fn node_labels<'a>(spec: At<'a, '_>, faults: &mut Faults<'a>) {
    let find = |label: &str| NODE_LABELS.iter().find(|(old, _)| *old == label).map(|(_, new)| *new);
    let warn = |at: At<'a, '_>, label: &str, faults: &mut Faults<'a>| {
        if let Some(new) = find(label) {
            faults.warn(at, format!("the label {} of nodes is deprecated; write `{new}`", show(label)));
        }
    };
    let selector = spec.key("nodeSelector");
    selector.entries().for_each(|(key, value)| warn(value, key, faults));
    let affinity = spec.key("affinity");
    let node = affinity.key("nodeAffinity");
    let required = node.key("requiredDuringSchedulingIgnoredDuringExecution");
    let terms = required.key("nodeSelectorTerms");
    for term in terms.items() {
        let expressions = term.key("matchExpressions");
        expressions.items().for_each(|one| warn(one.key("key"), one.key("key").text(), faults));
    }
    let preferred = node.key("preferredDuringSchedulingIgnoredDuringExecution");
    for term in preferred.items() {
        let preference = term.key("preference");
        let expressions = preference.key("matchExpressions");
        expressions.items().for_each(|one| warn(one.key("key"), one.key("key").text(), faults));
    }
    let constraints = spec.key("topologySpreadConstraints");
    for constraint in constraints.items() {
        warn(constraint.key("topologyKey"), constraint.key("topologyKey").text(), faults);
        if !constraint.has("labelSelector") {
            faults.warn(constraint.key("labelSelector"), "without a `labelSelector` no pod is counted");
        }
    }
}

/// A variable that hides one above it. One that is made of the former value is meant so.
fn duplicate_variables<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    if at.len() < 2 {
        return;
    }
    let mut seen = std::collections::BTreeSet::new();
    for variable in at.items() {
        let (name, value) = (variable.key("name"), variable.key("value"));
        let reference = format!("$({})", name.text());
        let extends =
            value.text().contains(&reference) && value.text() != reference && !variable.has("valueFrom");
        if !seen.insert(name.text()) && !extends {
            faults.warn(
                name,
                format!("the variable {} stands there twice, and the last one counts", show(name.text())),
            );
        }
    }
}

/// Ports of all containers together.
fn ports<'a>(containers: At<'a, '_>, faults: &mut Faults<'a>) {
    let (mut names, mut numbers) = (Vec::new(), Vec::new());
    for container in containers.items() {
        let ports = container.key("ports");
        for port in ports.items() {
            let name = port.key("name");
            if !name.text().is_empty() {
                if names.contains(&name.text()) {
                    faults.warn(
                        name,
                        format!("two ports are called {}, and a service finds the first", show(name.text())),
                    );
                }
                names.push(name.text());
            }
            let protocol = Some(port.key("protocol").text()).filter(|text| !text.is_empty()).unwrap_or("TCP");
            let number = port.key("containerPort");
            let host = (port.key("hostPort").number_or_zero(), port.key("hostIP").text());
            let key = (number.number_or_zero(), protocol);
            let clash = numbers.iter().any(|(other, other_host): &(_, (i64, &str))| {
                *other == key && (*other_host == host || other_host.0 == 0 || host.0 == 0)
            });
            if clash {
                faults.warn(number, format!("port {} stands there twice", key.0));
            }
            numbers.push((key, host));
        }
    }
}
