//! The autoscaler of a workload in the words of the model.

use serde_json::{Value as Json, json};

use super::maps::{Object, put, take, take_list, take_text};
use super::report::{Naming, Report};

/// Converts an autoscaler. `cpu` and `memory` are the first metrics that are rendered, so they say what stands
/// first, in this order; `metrics` holds the others.
pub(super) fn convert(
    mut object: Object,
    naming: &Naming<'_>,
    identity: &mut Object,
    report: &mut Report,
) -> Object {
    let mut metadata = take(&mut object, "metadata");
    let mut spec = take(&mut object, "spec");
    if let Some(name) = take_text(&mut metadata, "name").filter(|name| *name != naming.object()) {
        put(identity, "hpa", name);
    }
    report.namespace(&mut metadata);
    let (labels, annotations) = (take(&mut metadata, "labels"), take(&mut metadata, "annotations"));
    report.leftover("/metadata", metadata, "`autoscaling` has no word for it");
    // It was found by its target.
    spec.shift_remove("scaleTargetRef");
    let mut words = Object::new();
    put(&mut words, "min", spec.shift_remove("minReplicas").unwrap_or_else(|| 1.into()));
    put(&mut words, "max", spec.shift_remove("maxReplicas").unwrap_or_default());
    let mut metrics = take_list(&mut spec, "metrics").into_iter().peekable();
    for resource in ["cpu", "memory"] {
        if let Some(percent) = metrics.peek().and_then(|metric| utilization(metric, resource)) {
            put(&mut words, resource, percent);
            metrics.next();
        }
    }
    put(&mut words, "labels", labels);
    put(&mut words, "annotations", annotations);
    put(&mut words, "metrics", metrics.collect::<Vec<_>>());
    if let Some(behavior) = spec.shift_remove("behavior") {
        // Even an empty one fills in defaults.
        words.insert("behavior".to_owned(), behavior);
    }
    report.leftover("/spec", spec, "`autoscaling` has no word for it");
    words
}

/// Returns the percentage of a metric that is the utilization of a resource.
fn utilization(metric: &Json, resource: &str) -> Option<Json> {
    let percent = metric.pointer("/resource/target/averageUtilization")?;
    let target = json!({ "type": "Utilization", "averageUtilization": percent });
    let same = json!({ "type": "Resource", "resource": { "name": resource, "target": target } });
    (*metric == same).then(|| percent.clone())
}
