//! Fields in Kubernetes' own words, held against Kubernetes' own schema.

use crate::diagnostic::Sink;
use crate::kubernetes::{self, Target, Version};
use crate::yaml::{Node, Sources};

use super::workload::{Kind, Workload};

/// Holds what one workload says in Kubernetes' own words against the platform's version.
///
/// `place` leads to the workload, so that findings name the whole path.
pub(super) fn check(
    version: Version,
    workload: &Workload,
    tree: &Node,
    place: &[&str],
    sources: &Sources<'_>,
    sink: &mut Sink,
) {
    let mut hold = |target: Target<'_>, path: &[&str]| {
        let (node, taken) = tree.follow(path.iter().copied());
        if taken == path.len() {
            // A definition that this version does not have has nothing to say.
            let _ = kubernetes::check(version, target, &[place, path].concat(), node, sources, sink);
        }
    };
    let spec = match workload.kind {
        Kind::Deployment => "DeploymentSpec",
        Kind::StatefulSet => "StatefulSetSpec",
        Kind::CronJob => "CronJobSpec",
        Kind::Job => "JobSpec",
    };
    hold(Target::Part("PodSpec"), &["pod"]);
    hold(Target::Part("Container"), &["container"]);
    hold(Target::Part(spec), &["spec"]);
    hold(Target::Part("JobSpec"), &["job"]);
    hold(Target::Part("ServiceSpec"), &["service", "spec"]);
    for map in ["sidecars", "initContainers"] {
        for entry in tree.get(map).map(Node::entries).unwrap_or_default() {
            hold(Target::Part("Container"), &[map, &entry.key, "container"]);
        }
    }
    for (list, definition) in
        [(["service", "ports"], "ServicePort"), (["autoscaling", "metrics"], "autoscaling.v2.MetricSpec")]
    {
        let (node, taken) = tree.follow(list);
        let items = if taken == list.len() { node.items() } else { &[] };
        for index in 0..items.len() {
            hold(Target::Definition(definition), &[&list[..], &[&index.to_string()]].concat());
        }
    }
    for (name, volume) in workload.volumes.iter() {
        hold(Target::Definition("EmptyDirVolumeSource"), &["volumes", name, "emptyDir"]);
        for index in 0..volume.projected.as_ref().map_or(0, Vec::len) {
            let index = index.to_string();
            hold(Target::Definition("VolumeProjection"), &["volumes", name, "projected", &index]);
        }
    }
}
