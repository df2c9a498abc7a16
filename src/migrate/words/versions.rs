//! Old API versions, converted to the ones that clusters serve today.
//!
//! Sources: the `conversion.go` and `zz_generated.conversion.go` of Kubernetes' `pkg/apis`, and its deprecated API
//! migration guide. Fields as they are written are converted; where a version had another default for a field
//! that is left out, a note says so, because what the cluster holds then depends on how it was applied.

use serde_json::{Map, Value as Json, json};

use super::{Note, NoteKind};

/// Converts an object to the current version of its kind, and returns the notes; an object of a current or
/// unknown version stays as it is.
pub(super) fn convert(object: &mut Json) -> Vec<Note> {
    let version = text(object, "apiVersion");
    let kind = text(object, "kind");
    let mut notes = Vec::new();
    if kind == "HorizontalPodAutoscaler" {
        scale_target(object, &mut notes);
    }
    let target = match (version.as_str(), kind.as_str()) {
        (
            "extensions/v1beta1" | "apps/v1beta1" | "apps/v1beta2",
            "Deployment" | "StatefulSet" | "DaemonSet",
        ) => {
            workload(object, &version, &kind, &mut notes);
            "apps/v1"
        }
        ("batch/v1beta1" | "batch/v2alpha1", "CronJob") => "batch/v1",
        ("autoscaling/v1", "HorizontalPodAutoscaler") => {
            autoscaler_v1(object);
            "autoscaling/v2"
        }
        ("autoscaling/v2beta1", "HorizontalPodAutoscaler") => {
            autoscaler_v2beta1(object);
            "autoscaling/v2"
        }
        ("autoscaling/v2beta2", "HorizontalPodAutoscaler") => "autoscaling/v2",
        ("extensions/v1beta1" | "networking.k8s.io/v1beta1", "Ingress") => {
            ingress(object);
            "networking.k8s.io/v1"
        }
        ("policy/v1beta1", "PodDisruptionBudget") => "policy/v1",
        _ => return notes,
    };
    let why = format!("`{version}` is converted to `{target}`");
    notes.push(Note {
        kind: NoteKind::Converted,
        path: "/apiVersion".to_owned(),
        value: version.into(),
        why,
    });
    if let Some(map) = object.as_object_mut() {
        map.insert("apiVersion".to_owned(), target.into());
    }
    notes
}

fn text(object: &Json, key: &str) -> String {
    object[key].as_str().unwrap_or_default().to_owned()
}

fn workload(object: &mut Json, version: &str, kind: &str, notes: &mut Vec<Note>) {
    let labels = object.pointer("/spec/template/metadata/labels").cloned();
    let Some(spec) = object.get_mut("spec").and_then(Json::as_object_mut) else { return };
    // apps/v1beta2 asks for the selector, as apps/v1 does.
    if let Some(labels) = labels
        && version != "apps/v1beta2"
    {
        let selector = spec.entry("selector").or_insert(Json::Null);
        let empty = selector.as_object().is_none_or(Map::is_empty);
        if empty {
            *selector = json!({ "matchLabels": labels });
        }
    }
    // What apps/v1 no longer has: `rollbackTo`, and `templateGeneration` of a DaemonSet.
    for gone in ["rollbackTo", "templateGeneration"] {
        if let Some(value) = spec.shift_remove(gone) {
            let why = "apps/v1 has no such field".to_owned();
            notes.push(Note { kind: NoteKind::Converted, path: format!("/spec/{gone}"), value, why });
        }
    }
    for (field, default) in other_defaults(version, kind) {
        if !spec.contains_key(*field) {
            let why = format!("left out, which meant {default} in `{version}`");
            let path = format!("/spec/{field}");
            notes.push(Note { kind: NoteKind::OtherDefault, path, value: Json::Null, why });
        }
    }
}

/// Fields that a version filled in differently from apps/v1: `pkg/apis/extensions/v1beta1/defaults.go`,
/// `pkg/apis/apps/v1beta1/defaults.go`.
fn other_defaults(version: &str, kind: &str) -> &'static [(&'static str, &'static str)] {
    match (version, kind) {
        ("extensions/v1beta1", "Deployment") => &[
            ("strategy", "a rolling update with maxSurge 1 and maxUnavailable 1"),
            ("progressDeadlineSeconds", "no deadline"),
            ("revisionHistoryLimit", "all revisions"),
        ],
        ("apps/v1beta1", "Deployment") => &[("revisionHistoryLimit", "2")],
        ("extensions/v1beta1", "DaemonSet") | ("apps/v1beta1", "StatefulSet") => {
            &[("updateStrategy", "`OnDelete`")]
        }
        _ => &[],
    }
}

/// What an autoscaler scales has moved to apps/v1 with the rest.
fn scale_target(object: &mut Json, notes: &mut Vec<Note>) {
    let Some(version) = object.pointer_mut("/spec/scaleTargetRef/apiVersion") else { return };
    if matches!(version.as_str(), Some("extensions/v1beta1" | "apps/v1beta1" | "apps/v1beta2")) {
        let value = std::mem::replace(version, "apps/v1".into());
        let path = "/spec/scaleTargetRef/apiVersion".to_owned();
        let why = "clusters serve workloads as `apps/v1`".to_owned();
        notes.push(Note { kind: NoteKind::Converted, path, value, why });
    }
}

fn autoscaler_v1(object: &mut Json) {
    let Some(spec) = object.get_mut("spec").and_then(Json::as_object_mut) else { return };
    if let Some(percent) = spec.shift_remove("targetCPUUtilizationPercentage")
        && !percent.is_null()
    {
        let target = json!({ "type": "Utilization", "averageUtilization": percent });
        let metric = json!({ "type": "Resource", "resource": { "name": "cpu", "target": target } });
        spec.insert("metrics".to_owned(), json!([metric]));
    }
}

/// `pkg/apis/autoscaling/v2beta1/conversion.go`: each source named its target by a field of its own.
fn autoscaler_v2beta1(object: &mut Json) {
    let Some(metrics) = object.pointer_mut("/spec/metrics").and_then(Json::as_array_mut) else { return };
    for metric in metrics {
        for source in ["resource", "containerResource", "pods", "object", "external"] {
            if let Some(Json::Object(fields)) = metric.get_mut(source) {
                metric_source(source, fields);
            }
        }
    }
}

fn metric_source(source: &str, fields: &mut Map<String, Json>) {
    let mut target = Map::new();
    for (old, kind, new) in [
        ("targetAverageUtilization", "Utilization", "averageUtilization"),
        ("targetAverageValue", "AverageValue", "averageValue"),
        ("averageValue", "AverageValue", "averageValue"),
        ("targetValue", "Value", "value"),
    ] {
        if let Some(value) = fields.shift_remove(old)
            && !value.is_null()
        {
            target.insert("type".to_owned(), kind.into());
            target.insert(new.to_owned(), value);
        }
    }
    if source == "object"
        && let Some(described) = fields.shift_remove("target")
    {
        fields.insert("describedObject".to_owned(), described);
    }
    let named = fields.shift_remove("metricName");
    let selector = fields.shift_remove("selector").or_else(|| fields.shift_remove("metricSelector"));
    if let Some(name) = named {
        let mut metric = Map::from_iter([("name".to_owned(), name)]);
        if let Some(selector) = selector {
            metric.insert("selector".to_owned(), selector);
        }
        fields.insert("metric".to_owned(), Json::Object(metric));
    }
    fields.insert("target".to_owned(), Json::Object(target));
}

/// `pkg/apis/networking/v1beta1/conversion.go`: backends got a shape of their own, and path types a name.
fn ingress(object: &mut Json) {
    let Some(spec) = object.get_mut("spec").and_then(Json::as_object_mut) else { return };
    if let Some(mut backend) = spec.shift_remove("backend") {
        convert_backend(&mut backend);
        spec.insert("defaultBackend".to_owned(), backend);
    }
    let Some(rules) = spec.get_mut("rules").and_then(Json::as_array_mut) else { return };
    for rule in rules {
        let Some(paths) = rule.pointer_mut("/http/paths").and_then(Json::as_array_mut) else { continue };
        for path in paths.iter_mut().filter_map(Json::as_object_mut) {
            if path.get("pathType").is_none_or(Json::is_null) {
                path.insert("pathType".to_owned(), "ImplementationSpecific".into());
            }
            if let Some(backend) = path.get_mut("backend") {
                convert_backend(backend);
            }
        }
    }
}

fn convert_backend(backend: &mut Json) {
    let Some(map) = backend.as_object_mut() else { return };
    let Some(name) = map.shift_remove("serviceName") else { return };
    let port = match map.shift_remove("servicePort") {
        Some(Json::String(name)) => match name.parse::<u16>() {
            Ok(number) => json!({ "number": number }),
            Err(_) => json!({ "name": name }),
        },
        Some(number) => json!({ "number": number }),
        None => json!({}),
    };
    map.insert("service".to_owned(), json!({ "name": name, "port": port }));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(mut object: Json) -> (Json, Vec<String>) {
        let notes = convert(&mut object);
        (object, notes.into_iter().map(|note| note.path).collect())
    }

    #[test]
    fn a_deployment_of_extensions_gets_its_selector_and_says_what_it_meant() {
        let (object, notes) = converted(json!({
            "apiVersion": "extensions/v1beta1", "kind": "Deployment",
            "spec": {
                "rollbackTo": {"revision": 1},
                "strategy": {"type": "Recreate"},
                "template": {"metadata": {"labels": {"app": "a"}}},
            },
        }));
        assert_eq!(object["apiVersion"], "apps/v1");
        assert_eq!(object["spec"]["selector"], json!({"matchLabels": {"app": "a"}}));
        assert_eq!(object["spec"].get("rollbackTo"), None);
        assert_eq!(
            notes,
            [
                "/spec/rollbackTo",
                "/spec/progressDeadlineSeconds",
                "/spec/revisionHistoryLimit",
                "/apiVersion"
            ]
        );
    }

    #[test]
    fn autoscalers_of_all_versions_are_one() {
        let target = json!([{"type": "Resource", "resource": {
            "name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70},
        }}]);
        let (v1, _) = converted(json!({
            "apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler",
            "spec": {"maxReplicas": 3, "targetCPUUtilizationPercentage": 70},
        }));
        let (v2beta1, _) = converted(json!({
            "apiVersion": "autoscaling/v2beta1", "kind": "HorizontalPodAutoscaler",
            "spec": {"maxReplicas": 3, "metrics": [
                {"type": "Resource", "resource": {"name": "cpu", "targetAverageUtilization": 70}},
            ]},
        }));
        let (v2beta2, _) = converted(json!({
            "apiVersion": "autoscaling/v2beta2", "kind": "HorizontalPodAutoscaler",
            "spec": {"maxReplicas": 3, "metrics": target.clone()},
        }));
        for object in [v1, v2beta1, v2beta2] {
            assert_eq!(object["apiVersion"], "autoscaling/v2");
            assert_eq!(object["spec"]["metrics"], target);
        }
    }

    #[test]
    fn metrics_of_pods_objects_and_outside_are_renamed() {
        let (object, _) = converted(json!({
            "apiVersion": "autoscaling/v2beta1", "kind": "HorizontalPodAutoscaler",
            "spec": {"metrics": [
                {"type": "Pods", "pods": {"metricName": "packets", "targetAverageValue": "1k"}},
                {"type": "Object", "object": {
                    "metricName": "hits", "target": {"kind": "Ingress", "name": "main"}, "targetValue": "2k",
                }},
                {"type": "External", "external": {
                    "metricName": "queue", "metricSelector": {"matchLabels": {"q": "a"}}, "targetAverageValue": 30,
                }},
            ]},
        }));
        assert_eq!(
            object["spec"]["metrics"],
            json!([
                {"type": "Pods", "pods": {
                    "metric": {"name": "packets"}, "target": {"type": "AverageValue", "averageValue": "1k"},
                }},
                {"type": "Object", "object": {
                    "describedObject": {"kind": "Ingress", "name": "main"}, "metric": {"name": "hits"},
                    "target": {"type": "Value", "value": "2k"},
                }},
                {"type": "External", "external": {
                    "metric": {"name": "queue", "selector": {"matchLabels": {"q": "a"}}},
                    "target": {"type": "AverageValue", "averageValue": 30},
                }},
            ])
        );
    }

    #[test]
    fn backends_of_an_old_ingress_name_a_service() {
        let (object, _) = converted(json!({
            "apiVersion": "extensions/v1beta1", "kind": "Ingress",
            "spec": {
                "backend": {"serviceName": "d", "servicePort": "http"},
                "rules": [{"host": "a.example", "http": {"paths": [
                    {"path": "/", "backend": {"serviceName": "a", "servicePort": 80}},
                    {"path": "/b", "pathType": "Exact", "backend": {"serviceName": "b", "servicePort": "81"}},
                ]}}],
            },
        }));
        let service = |name: &str, port: Json| json!({"service": {"name": name, "port": port}});
        assert_eq!(object["apiVersion"], "networking.k8s.io/v1");
        assert_eq!(object["spec"]["defaultBackend"], service("d", json!({"name": "http"})));
        assert_eq!(
            object["spec"]["rules"][0]["http"]["paths"],
            json!([
                {"path": "/", "backend": service("a", json!({"number": 80})),
                 "pathType": "ImplementationSpecific"},
                {"path": "/b", "pathType": "Exact", "backend": service("b", json!({"number": 81}))},
            ])
        );
    }

    #[test]
    fn a_current_object_stays() {
        let object = json!({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {}}});
        assert_eq!(converted(object.clone()), (object, Vec::new()));
    }
}
