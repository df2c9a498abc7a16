//! A mount names a volume or a container that is not there.

use serde_json::Value as Json;

use crate::diagnostic::{Code, Diagnostic, Location, Sink, nearest};
use crate::metadata::InPod;
use crate::policy::{ApiContext, Check, InWorkload, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::unreadable("unknown-volume", include_str!("../../../docs/rules/unknown-volume.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for here in context.workloads() {
        let workload = here.workload;
        let containers: Vec<&str> = workload.containers().map(|here| here.name).collect();
        for (name, volume) in workload.volumes.iter() {
            for (index, mount) in volume.mounts.iter().enumerate() {
                let Some(wanted) = mount.container.as_deref() else { continue };
                if !containers.contains(&wanted) {
                    let path = ["volumes", name, "mounts", &index.to_string(), "container"];
                    let location = context.locate_workload(&here, &path);
                    sink.push(finding(location, "container", wanted, &containers));
                }
            }
        }
        let volumes = volumes(&here);
        for InPod { name, container, place } in workload.containers() {
            let mounts = container.verbatim.get("volumeMounts").and_then(Json::as_array);
            for (index, mount) in mounts.into_iter().flatten().enumerate() {
                let Some(wanted) = mount["name"].as_str() else { continue };
                if !volumes.contains(&wanted) {
                    let index = index.to_string();
                    let at = InPod { name, container, place };
                    let path = at.path(&["container", "volumeMounts", &index, "name"]);
                    let location = context.locate_workload(&here, &path);
                    sink.push(finding(location, "volume", wanted, &volumes));
                }
            }
        }
    }
}

/// Returns the names of all volumes of a workload's pods.
fn volumes<'a>(here: &InWorkload<'a>) -> Vec<&'a str> {
    let workload = here.workload;
    let mut names: Vec<&str> = workload.volumes.keys().collect();
    names.extend(here.environment.api.config.mount_path.is_some().then_some("config"));
    let of = |list: Option<&'a Json>| list.and_then(Json::as_array).into_iter().flatten();
    names.extend(of(workload.pod.get("volumes")).filter_map(|volume| volume["name"].as_str()));
    let claims = of(workload.spec.get("volumeClaimTemplates"));
    names.extend(claims.filter_map(|claim| claim["metadata"]["name"].as_str()));
    names
}

fn finding(location: Location, what: &str, wanted: &str, known: &[&str]) -> Diagnostic {
    Diagnostic::new(&CODE, location, format!("no {what} of the pod is called `{wanted}`"))
        .label(format!("no such {what}"))
        .help(match nearest(wanted, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => format!("add the {what}"),
            None => format!("there are {}", known.join(", ")),
        })
        .meant(wanted, nearest(wanted, known.iter().copied()))
}
