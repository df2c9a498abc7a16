//! One workload, its Service and its autoscaler, as the keys of a workload in `metadata.yaml`.

use serde_json::Value as Json;

use super::maps::{Object, put, take, take_text};
use super::report::{Converted, Naming, Report};
use super::{pod, pointer, scaling, service};

/// Where the parts of a workload stand in its object.
struct Shape {
    kind: String,
    /// Pointer to the pod template.
    template: &'static str,
}

/// Converts a Deployment, `StatefulSet`, `CronJob` or Job, the Service that leads to it, and the autoscaler that
/// scales it. Objects of old API versions are converted first; an object of another kind is residue as a whole.
pub fn from_objects(
    workload: &Json,
    naming: &Naming<'_>,
    service: Option<&Json>,
    autoscaler: Option<&Json>,
) -> Converted {
    let mut report = Report::default();
    let mut object = report.read(workload);
    let kind = take_text(&mut object, "kind").unwrap_or_default();
    let template = match kind.as_str() {
        "Deployment" | "StatefulSet" | "Job" => "/spec/template",
        "CronJob" => "/spec/jobTemplate/spec/template",
        _ => {
            report.residue("", workload.clone(), "the model has no workload of this kind");
            return finish(Object::new(), report);
        }
    };
    let shape = Shape { kind, template };
    object.shift_remove("apiVersion");
    let mut metadata = take(&mut object, "metadata");
    report.namespace(&mut metadata);
    let mut spec = take(&mut object, "spec");

    let mut keys = Object::new();
    if shape.kind != "Deployment" {
        put(&mut keys, "kind", shape.kind.clone());
    }
    put(&mut keys, "labels", take(&mut metadata, "labels"));
    let mut identity = Object::new();
    let name = take_text(&mut metadata, "name").unwrap_or_default();
    if name != naming.object() {
        put(&mut identity, "name", name.clone());
    }
    let annotations = take(&mut metadata, "annotations");
    report.leftover("/metadata", metadata, "the model has no word for it on a workload");

    let mut job = job_of(&mut spec, &shape, &mut report);
    let from = job.as_mut().unwrap_or(&mut spec);
    let mut template = take(from, "template");
    let selector = selector(from, naming, &shape, &mut identity, &mut report);
    let mut pod = take(&mut template, "spec");
    let path = shape.below("/metadata");
    let metadata = take(&mut template, "metadata");
    let pod_words = pod::metadata(metadata, &selector, &path, &mut identity, &mut report);
    let mut parts = pod::parts(&mut pod, &shape.below("/spec"), &name, naming, service, &mut report);
    if shape.is_job() && !pod.contains_key("restartPolicy") {
        let path = shape.below("/spec/restartPolicy");
        report.fault(path, Json::Null, "the server refuses a job without one");
    }
    if let Some(name) = parts.main_name.take().filter(|name| name != Naming::CONTAINER) {
        put(&mut identity, "container", name);
    }

    let mut offered = Object::new();
    if let Some(service) = service {
        let object = report.read(service);
        offered = service::convert(object, naming, &selector, &mut parts.main, &mut identity, &mut report);
    } else if parts.main.contains_key("ports") && !shape.is_job() {
        put(&mut offered, "enabled", false);
    }
    let scaled = autoscaler.map(|autoscaler| {
        let object = report.read(autoscaler);
        scaling::convert(object, naming, &mut identity, &mut report)
    });
    report.object.clone_from(&shape.kind);

    put(&mut keys, "identity", identity);
    keys.append(&mut parts.main);
    put(&mut keys, "service", offered);
    let replicas = spec.shift_remove("replicas");
    match scaled {
        Some(scaled) => put(&mut keys, "autoscaling", scaled),
        None => put(&mut keys, "replicas", replicas.unwrap_or_default()),
    }
    if shape.kind == "Deployment" {
        let strategy = take(&mut spec, "strategy");
        put(&mut keys, "strategy", self::strategy(strategy, &mut report));
    }
    put(&mut keys, "annotations", annotations);
    keys.extend(pod_words);
    if let Some(account) = pod.shift_remove("serviceAccountName") {
        put(&mut keys, "serviceAccount", account);
    }
    put(&mut keys, "volumes", parts.volumes);
    put(&mut keys, "initContainers", parts.init);
    put(&mut keys, "sidecars", parts.sidecars);
    pod::permissions(&pod, &mut report);
    put(&mut keys, "pod", pod);
    if let Some(container) = keys.shift_remove("container") {
        put(&mut keys, "container", container);
    }
    if shape.kind == "CronJob" {
        put(&mut keys, "schedule", spec.shift_remove("schedule").unwrap_or_default());
    }
    if shape.kind != "Job" {
        put(&mut keys, "spec", spec);
    }
    put(&mut keys, "job", job.unwrap_or_default());
    finish(keys, report)
}

fn finish(metadata: Object, report: Report) -> Converted {
    let Report { residue, needs, notes, namespace, .. } = report;
    Converted { metadata, namespace, residue, needs, notes }
}

impl Shape {
    fn is_job(&self) -> bool {
        matches!(&*self.kind, "CronJob" | "Job")
    }

    fn below(&self, path: &str) -> String {
        format!("{}{path}", self.template)
    }
}

/// Takes the spec of the Job out of a `CronJob` or Job.
fn job_of(spec: &mut Object, shape: &Shape, report: &mut Report) -> Option<Object> {
    match shape.kind.as_str() {
        "Job" => Some(std::mem::take(spec)),
        "CronJob" => {
            let mut template = take(spec, "jobTemplate");
            let metadata = take(&mut template, "metadata");
            report.leftover(
                "/spec/jobTemplate/metadata",
                metadata,
                "the model has no word for the made Job's own",
            );
            Some(take(&mut template, "spec"))
        }
        _ => None,
    }
}

/// Takes the selector, and writes it into `identity` where the model would choose another. A job selects by a label
/// that the server makes.
fn selector(
    spec: &mut Object,
    naming: &Naming<'_>,
    shape: &Shape,
    identity: &mut Object,
    report: &mut Report,
) -> Object {
    if shape.is_job() {
        return Object::new();
    }
    let mut selector = take(spec, "selector");
    let labels = take(&mut selector, "matchLabels");
    report.leftover("/spec/selector", selector, "`identity.selector` holds labels only");
    // Order means nothing in a map.
    if labels != naming.selector() {
        put(identity, "selector", labels.clone());
    }
    labels
}

fn strategy(mut strategy: Object, report: &mut Report) -> Object {
    let mut words = Object::new();
    let rolling = take(&mut strategy, "rollingUpdate");
    match take_text(&mut strategy, "type").as_deref() {
        None if rolling.is_empty() => {}
        None | Some("RollingUpdate") => {
            put(&mut words, "type", "rolling");
            words.extend(rolling);
        }
        Some("Recreate") => {
            put(&mut words, "type", "recreate");
            for (key, value) in rolling {
                let path = pointer::key("/spec/strategy/rollingUpdate", &key);
                report.fault(path, value, "the server refuses it with `Recreate`");
            }
        }
        Some(other) => {
            report.fault("/spec/strategy/type", other.into(), "Kubernetes has no such strategy");
        }
    }
    words
}
