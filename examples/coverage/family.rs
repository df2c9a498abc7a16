//! Which objects belong together, and which are whole.

use onramp::image::ImageRef;
use serde_json::Value as Json;

use crate::trip::containers;

/// The kinds that run pods.
pub(crate) const WORKLOADS: &[&str] = &["Deployment", "StatefulSet", "CronJob", "Job"];

/// What a server would miss first.
pub(crate) fn missing(workload: &Json) -> Option<&'static str> {
    let template = template(workload);
    let current = workload["apiVersion"] == "apps/v1";
    let containers = template["spec"]["containers"].as_array();
    let all = ["containers", "initContainers"].map(|key| template["spec"][key].as_array());
    let lacks = |key: &str| all.iter().flatten().copied().flatten().any(|container| container[key].is_null());
    if containers.is_none_or(Vec::is_empty) {
        Some("no containers")
    } else if lacks("image") {
        Some("no image")
    } else if lacks("name") {
        Some("a container without name")
    } else if current && workload["spec"]["selector"].is_null() {
        Some("no selector")
    } else if workload["kind"] == "CronJob" && workload["spec"]["schedule"].as_str().is_none_or(str::is_empty)
    {
        Some("no schedule")
    } else if !["Deployment", "StatefulSet"].iter().any(|kind| workload["kind"] == *kind)
        && template["spec"]["restartPolicy"].is_null()
    {
        Some("no restart policy")
    } else {
        None
    }
}

/// Tells whether a Service leads to the pods of a workload.
pub(crate) fn selects(service: &Json, workload: &Json) -> bool {
    let Some(selector) = service["spec"]["selector"].as_object() else { return false };
    let labels = &template(workload)["metadata"]["labels"];
    service["kind"] == "Service"
        && !matches!(workload["kind"].as_str(), Some("CronJob" | "Job"))
        && !selector.is_empty()
        && selector.iter().all(|(key, value)| labels[key] == *value)
}

/// Tells whether an autoscaler scales a workload.
pub(crate) fn scales(autoscaler: &Json, workload: &Json) -> bool {
    let target = &autoscaler["spec"]["scaleTargetRef"];
    autoscaler["kind"] == "HorizontalPodAutoscaler"
        && target["kind"] == workload["kind"]
        && target["name"] == workload["metadata"]["name"]
}

/// Writes an image where something else would have filled one in.
pub(crate) fn fill_in_images(workload: &mut Json) {
    for container in containers(workload) {
        if container["image"].as_str().is_none_or(|image| ImageRef::parse(image).is_err()) {
            container["image"] = "placeholder.example/image:1".into();
        }
    }
}

/// A name that an API or a workload may have, made of one that an object has.
pub(crate) fn word(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = name.rsplit('/').next().unwrap_or_default().chars().map(plain).take(30).collect();
    let name = name.trim_matches('-');
    if name.starts_with(|c: char| c.is_ascii_lowercase()) { name.to_owned() } else { format!("a{name}") }
}

fn template(workload: &Json) -> &Json {
    let path =
        if workload["kind"] == "CronJob" { "/spec/jobTemplate/spec/template" } else { "/spec/template" };
    workload.pointer(path).unwrap_or(&Json::Null)
}
