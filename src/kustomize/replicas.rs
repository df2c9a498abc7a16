//! `replicas`.

use serde_json::Value as Json;

use super::codes::UNBUILDABLE_OVERLAY;
use super::field::{Leaf, NoWay, visit};
use super::kustomization::Kustomization;
use super::resource::Resource;
use crate::diagnostic::{Diagnostic, Sink, shorten};

/// The kinds that have a number of pods (`replicasFieldSpecs` of kustomize).
const KINDS: [&str; 4] = ["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"];

/// Sets numbers of pods. An entry for which there is no object is a finding, as it is for kustomize.
pub(super) fn run(kustomization: &Kustomization, resources: &mut [Resource], sink: &mut Sink) -> Option<()> {
    for entry in &kustomization.replicas {
        let mut found = false;
        for resource in resources.iter_mut() {
            let called = |kind: &str, name: &str| KINDS.contains(&kind) && name == &*entry.name.value;
            let was = resource.previous.iter().any(|previous| called(&previous.kind, &previous.name));
            if !was && !called(resource.kind(), resource.name()) {
                continue;
            }
            found = true;
            let set = &mut |value: &mut Json| {
                *value = entry.count.into();
                Ok(())
            };
            if visit(&mut resource.json, &["spec", "replicas"], Some(Leaf::Scalar), set) == Err(NoWay) {
                let message = format!("`{}` has no place for a number of pods", resource.title());
                sink.push(Diagnostic::new(&UNBUILDABLE_OVERLAY, resource.location.clone(), message));
                return None;
            }
        }
        if !found {
            let message = format!("there is no Deployment or StatefulSet `{}`", shorten(&entry.name.value));
            let finding = Diagnostic::new(&UNBUILDABLE_OVERLAY, kustomization.at(entry.name.span), message);
            sink.push(finding.help("correct the name, or remove the entry"));
            return None;
        }
    }
    Some(())
}
