use serde_json::{Value as Json, json};

use super::*;

const NAMING: Naming<'static> = Naming { api: "shop", workload: None, container: None };

/// A Deployment around a pod.
fn deployment(pod: &Json) -> Json {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "shop"},
        "spec": {
            "selector": {"matchLabels": {"app": "shop"}},
            "template": {"metadata": {"labels": {"app": "shop"}}, "spec": pod},
        },
    })
}

fn keys(workload: &Json) -> Json {
    let converted = from_objects(workload, &NAMING, None, None);
    assert_eq!(converted.residue, []);
    Json::Object(converted.metadata)
}

fn faults(converted: &Converted) -> Vec<(&str, Cause)> {
    converted.residue.iter().map(|residue| (&*residue.path, residue.cause)).collect()
}

#[test]
fn two_ways_to_write_one_object_have_one_normal_form() {
    let plain = deployment(&json!({"containers": [{
        "name": "app", "image": "a:1", "ports": [{"containerPort": 80}],
        "resources": {"limits": {"cpu": 1, "memory": "1024Mi"}},
        "readinessProbe": {"httpGet": {"port": 80}},
        "env": [{"name": "A", "value": ""}, {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}],
    }], "serviceAccount": "sa", "volumes": [
        {"name": "v"}, {"name": "c", "configMap": {"name": "c", "defaultMode": "0644"}},
    ]}));
    let mut full = deployment(&json!({
        "volumes": [{"emptyDir": {}, "name": "v"}, {"name": "c", "configMap": {"name": "c", "defaultMode": 420}}],
        "containers": [{
            "name": "app", "image": "a:1", "imagePullPolicy": "IfNotPresent", "command": null, "args": [],
            "ports": [{"containerPort": 80, "protocol": "TCP"}],
            "resources": {"limits": {"cpu": "1000m", "memory": "1Gi"}},
            "readinessProbe": {
                "httpGet": {"port": 80, "path": "/", "scheme": "HTTP"}, "initialDelaySeconds": 0,
                "failureThreshold": 3, "periodSeconds": 10, "successThreshold": 1, "timeoutSeconds": 1,
            },
            "env": [{"name": "A"},
                    {"name": "B", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "spec.nodeName"}}}],
            "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
        }],
        "dnsPolicy": "ClusterFirst", "restartPolicy": "Always", "schedulerName": "default-scheduler",
        "securityContext": {}, "terminationGracePeriodSeconds": 30, "serviceAccountName": "sa", "hostNetwork": false,
    }));
    full["status"] = json!({"replicas": 1});
    full["metadata"] = json!({
        "name": "shop", "uid": "1", "resourceVersion": "2", "creationTimestamp": null, "labels": {},
        "annotations": {"deployment.kubernetes.io/revision": "3"},
    });
    full["spec"]["replicas"] = 1.into();
    full["spec"]["revisionHistoryLimit"] = 10.into();
    full["spec"]["progressDeadlineSeconds"] = 600.into();
    full["spec"]["strategy"] =
        json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}});
    let (plain, full) = (normal(&plain), normal(&full));
    assert_eq!(plain.object, full.object);
    assert_eq!(normal(&plain.object).object, plain.object, "the normal form is a fixed point");
    assert_eq!(full.notes, []);
    let retyped: Vec<&str> = plain.notes.iter().map(|note| &*note.path).collect();
    assert_eq!(retyped, ["/spec/template/spec/volumes/1/configMap/defaultMode"]);
}

#[test]
fn what_differs_to_a_cluster_differs_in_the_normal_form() {
    let of = |container: Json| normal(&deployment(&json!({"containers": [container]}))).object;
    let base = json!({"name": "app", "image": "a:1", "securityContext": {"runAsNonRoot": false}});
    let mut seen = vec![of(base.clone())];
    for (key, value) in [
        ("securityContext", json!({})),
        ("securityContext", Json::Null),
        ("imagePullPolicy", json!("Always")),
        ("command", json!(["a"])),
        ("ports", json!([{"containerPort": 80}, {"containerPort": 81}])),
        ("ports", json!([{"containerPort": 81}, {"containerPort": 80}])),
        ("livenessProbe", json!({"tcpSocket": {"port": 80}, "failureThreshold": 4})),
        ("resources", json!({"requests": {"cpu": "1m"}})),
    ] {
        let mut other = base.clone();
        other[key] = value;
        let other = of(other);
        assert!(!seen.contains(&other), "{key}");
        seen.push(other);
    }
}

#[test]
fn a_plain_deployment_is_a_few_keys() {
    let workload = deployment(&json!({
        "serviceAccountName": "sa",
        "terminationGracePeriodSeconds": 45,
        "containers": [{
            "name": "app", "image": "a:1", "imagePullPolicy": "Always",
            "ports": [{"name": "http", "containerPort": 8080}],
            "env": [
                {"name": "B", "value": "1"},
                {"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k", "optional": true}}},
                {"name": "C", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
            ],
            "envFrom": [{"configMapRef": {"name": "c"}, "prefix": "P_"}],
            "livenessProbe": {"httpGet": {"path": "/", "port": "http"}, "periodSeconds": 10},
        }],
    }));
    assert_eq!(
        keys(&workload),
        json!({
            "identity": {"selector": {"app": "shop"}},
            "image": "a:1",
            "ports": {"http": 8080},
            "env": {"B": "1", "A": {"secret": "s", "key": "k", "optional": true}, "C": {"resource": "limits.cpu"}},
            "envFrom": [{"config": "c", "prefix": "P_"}],
            "probes": {"liveness": {"httpGet": {"path": "/", "port": "http"}}},
            "service": {"enabled": false},
            "serviceAccount": "sa",
            "pod": {"terminationGracePeriodSeconds": 45},
            "container": {"imagePullPolicy": "Always"},
        })
    );
}

#[test]
fn the_main_container_is_the_one_that_the_service_leads_to() {
    let workload = deployment(&json!({"containers": [
        {"name": "proxy", "image": "nginx:1", "ports": [{"name": "http", "containerPort": 80}]},
        {"name": "shop", "image": "a:1", "ports": [{"containerPort": 8080}]},
        {"name": "metrics", "image": "m:1"},
    ], "initContainers": [{"name": "migrate", "image": "a:1", "args": ["migrate"]}]}));
    let sidecar =
        |name: &str| json!({"spec": {"ports": [{"port": 80, "targetPort": name}]}, "kind": "Service"});
    let name = |service: Option<&Json>, container: Option<&'static str>| {
        let naming = Naming { container, ..NAMING };
        from_objects(&workload, &naming, service, None).metadata["identity"]["container"].clone()
    };
    assert_eq!(name(None, None), "shop");
    assert_eq!(name(Some(&sidecar("http")), None), "proxy");
    assert_eq!(name(Some(&sidecar("gone")), None), "shop");
    assert_eq!(name(Some(&sidecar("http")), Some("metrics")), "metrics");

    let keys = keys(&workload);
    assert_eq!(
        keys["sidecars"],
        json!({
            "proxy": {"before": true, "image": "nginx:1", "ports": {"http": 80}},
            "metrics": {"image": "m:1"},
        })
    );
    assert_eq!(keys["initContainers"], json!({"migrate": {"args": ["migrate"]}}), "it shares the image");
    assert_eq!(keys["container"], json!({"ports": [{"containerPort": 8080}]}));
}

#[test]
fn volumes_are_short_as_far_as_their_order_allows() {
    let mount = |name: &str, path: &str| json!({"name": name, "mountPath": path});
    let workload = deployment(&json!({
        "containers": [
            {"name": "app", "image": "a:1", "volumeMounts": [
                mount("config", "/c"), mount("data", "/d"), mount("config", "/late"), mount("data", "/d2"),
            ]},
            {"name": "side", "image": "b:1", "volumeMounts": [mount("data", "/x")]},
        ],
        "volumes": [
            {"name": "config", "configMap": {
                "name": "shop", "defaultMode": 256, "items": [{"key": "a", "path": "b", "mode": 511}],
            }},
            {"name": "data", "emptyDir": {"medium": "Memory"}},
            {"name": "disk", "hostPath": {"path": "/d"}},
            {"name": "late", "secret": {"secretName": "s"}},
        ],
    }));
    let converted = from_objects(&workload, &NAMING, None, None);
    assert_eq!(converted.residue, []);
    assert_eq!(converted.needs.into_iter().collect::<Vec<_>>(), [Permission::HostPath]);
    let keys = converted.metadata;
    assert_eq!(
        keys["volumes"],
        json!({
            "config": {
                "config": "shop", "items": {"a": {"path": "b", "mode": "0777"}}, "mode": "0400", "mountPath": "/c",
            },
            "data": {"emptyDir": {"medium": "Memory"}, "mounts": [
                {"mountPath": "/d"}, {"mountPath": "/x", "container": "side"},
            ]},
        })
    );
    assert_eq!(keys["container"]["volumeMounts"], json!([mount("config", "/late"), mount("data", "/d2")]));
    let names: Vec<&Json> =
        keys["pod"]["volumes"].as_array().expect("a list").iter().map(|v| &v["name"]).collect();
    assert_eq!(names, ["disk", "late"]);
}

#[test]
fn what_the_model_cannot_say_is_named_and_not_written() {
    let workload = deployment(&json!({
        "containers": [{
            "name": "app", "image": "a:1", "imagePolicy": "Always",
            "env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}],
            "resources": {"limits": {"cpu": "many", "nvidia.com/gpu": 1, "disk": 1}},
        }],
    }));
    let converted = from_objects(&workload, &NAMING, None, None);
    let container = "/spec/template/spec/containers/0";
    let expected = [
        ("/imagePolicy", Cause::Object),
        ("/resources/limits/cpu", Cause::Object),
        ("/env/1", Cause::Model),
        ("/resources/limits/disk", Cause::Model),
    ];
    let expected = expected.map(|(path, cause)| (format!("{container}{path}"), cause));
    let found = faults(&converted);
    assert_eq!(found, expected.each_ref().map(|(path, cause)| (&**path, *cause)));
    assert_eq!(converted.metadata["env"], json!({"A": "1"}));
    assert_eq!(converted.metadata["resources"], json!({"limits": {"nvidia.com/gpu": "1"}}));

    let mut odd = deployment(&json!({"containers": [{"name": "app", "image": "a:1"}]}));
    odd["spec"]["selector"] =
        json!({"matchLabels": {"app": "shop", "x": "y"}, "matchExpressions": [{"key": "z"}]});
    odd["metadata"]["finalizers"] = json!(["f"]);
    let converted = from_objects(&odd, &NAMING, None, None);
    assert_eq!(
        faults(&converted),
        [
            ("/metadata/finalizers", Cause::Model),
            ("/spec/selector/matchExpressions", Cause::Model),
            ("/spec/selector/matchLabels/x", Cause::Object),
        ]
    );
    let foreign = json!({"apiVersion": "apps/v1", "kind": "DaemonSet"});
    assert_eq!(faults(&from_objects(&foreign, &NAMING, None, None)), [("", Cause::Model)]);
}

#[test]
fn a_service_is_said_by_ports_where_they_say_the_same() {
    let workload = deployment(&json!({"containers": [{"name": "app", "image": "a:1", "ports": [
        {"name": "http", "containerPort": 8080}, {"name": "dns", "containerPort": 53, "protocol": "UDP"},
    ]}]}));
    let service = |ports: Json| {
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "front"}, "spec": {
            "type": "NodePort", "selector": {"app": "shop"}, "ports": ports, "publishNotReadyAddresses": true,
        }})
    };
    let same = json!([
        {"name": "http", "port": 80, "targetPort": "http"},
        {"name": "dns", "port": 53, "targetPort": "dns", "protocol": "UDP"},
    ]);
    let keys = from_objects(&workload, &NAMING, Some(&service(same)), None).metadata;
    assert_eq!(keys["identity"]["service"], "front");
    assert_eq!(
        keys["ports"],
        json!({"http": {"containerPort": 8080, "servicePort": 80}, "dns": {"containerPort": 53, "protocol": "UDP"}})
    );
    assert_eq!(keys["service"], json!({"type": "NodePort", "spec": {"publishNotReadyAddresses": true}}));

    let other = json!([{"name": "http", "port": 80, "targetPort": 8080, "nodePort": 30080}]);
    let keys = from_objects(&workload, &NAMING, Some(&service(other.clone())), None).metadata;
    assert_eq!(keys["ports"], json!({"http": 8080, "dns": {"containerPort": 53, "protocol": "UDP"}}));
    assert_eq!(keys["service"]["ports"], other);
}

#[test]
fn an_autoscaler_takes_the_place_of_replicas() {
    let mut workload = deployment(&json!({"containers": [{"name": "app", "image": "a:1"}]}));
    workload["spec"]["replicas"] = 3.into();
    let old = json!({
        "apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "shop-hpa", "labels": {"a": "b"}},
        "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "shop", "apiVersion": "extensions/v1beta1"},
                 "maxReplicas": 5, "targetCPUUtilizationPercentage": 60},
    });
    let converted = from_objects(&workload, &NAMING, None, Some(&old));
    assert_eq!(
        converted.metadata["autoscaling"],
        json!({"min": 1, "max": 5, "cpu": 60, "labels": {"a": "b"}})
    );
    assert_eq!(converted.metadata["identity"]["hpa"], "shop-hpa");
    assert_eq!(converted.metadata.get("replicas"), None);
    assert_eq!(faults(&converted), []);
    let converted: Vec<&str> = converted.notes.iter().map(|note| &*note.path).collect();
    assert_eq!(converted, ["/spec/scaleTargetRef/apiVersion", "/apiVersion"]);
    assert_eq!(keys(&workload)["replicas"], 3);
}

#[test]
fn an_api_is_in_one_namespace_and_its_labels_are_labels() {
    let mut workload = deployment(&json!({"containers": [{"name": "app", "image": "a:1"}]}));
    workload["metadata"]["annotations"] = json!({"a.example/b": "any text", "no key/b": ""});
    workload["spec"]["template"]["metadata"]["labels"]["x"] = "no value".into();
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "shop", "namespace": "one"},
        "spec": {"selector": {"app": "shop"}}});
    let scaler = json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "shop", "namespace": "two"}, "spec": {"maxReplicas": 2}});
    let converted = from_objects(&workload, &NAMING, Some(&service), Some(&scaler));
    assert_eq!(converted.namespace.as_deref(), Some("one"));
    assert_eq!(
        faults(&converted),
        [
            ("/metadata/annotations/no key~1b", Cause::Object),
            ("/spec/template/metadata/labels/x", Cause::Object),
            ("/metadata/namespace", Cause::Model),
        ]
    );
    assert_eq!(converted.metadata["annotations"], json!({"a.example/b": "any text"}));
}

#[test]
fn jobs_have_a_schedule_and_no_selector() {
    let template = json!({
        "metadata": {"labels": {"app": "shop"}, "name": "job"},
        "spec": {"restartPolicy": "Never", "containers": [{"name": "app", "image": "a:1"}]},
    });
    let cron = json!({"apiVersion": "batch/v1beta1", "kind": "CronJob", "metadata": {"name": "shop"}, "spec": {
        "schedule": "@daily", "concurrencyPolicy": "Forbid",
        "jobTemplate": {"spec": {"backoffLimit": 6, "template": template}},
    }});
    assert_eq!(
        keys(&cron),
        json!({
            "kind": "CronJob", "identity": {"podName": "job"}, "image": "a:1", "podLabels": {"app": "shop"},
            "pod": {"restartPolicy": "Never"}, "schedule": "@daily", "spec": {"concurrencyPolicy": "Forbid"},
            // Filled in when the Job is made, so that here it is more than a default.
            "job": {"backoffLimit": 6},
        })
    );
    let mut exported = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "shop"},
        "spec": {"backoffLimit": 6, "selector": {"matchLabels": {"controller-uid": "1"}}, "template": template}});
    exported["spec"]["template"]["metadata"]["labels"]["job-name"] = "shop".into();
    let mut endless = exported.clone();
    endless["spec"]["template"]["spec"]["restartPolicy"] = "Always".into();
    let converted = from_objects(&endless, &NAMING, None, None);
    assert_eq!(faults(&converted), [("/spec/template/spec/restartPolicy", Cause::Object)]);
    assert_eq!(
        keys(&exported),
        json!({"kind": "Job", "identity": {"podName": "job"}, "image": "a:1", "podLabels": {"app": "shop"},
               "pod": {"restartPolicy": "Never"}})
    );
}

#[test]
fn a_service_that_was_exported_loses_its_addresses() {
    let service = |metadata: Json| {
        let spec = json!({"clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"], "ports": [{"port": 80}]});
        stripped(&json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec})).object
    };
    assert_eq!(service(json!({"name": "a", "uid": "1"}))["spec"], json!({"ports": [{"port": 80}]}));
    assert_eq!(service(json!({"name": "a"}))["spec"]["clusterIP"], "10.0.0.1");
}

#[test]
fn an_unknown_kind_loses_its_noise_only() {
    let object = json!({"apiVersion": "a.example/v1", "kind": "Thing", "metadata": {"name": "a", "uid": "1"},
        "spec": {"replicas": 0, "list": []}, "status": {"ready": true}});
    assert_eq!(
        stripped(&object).object,
        json!({"apiVersion": "a.example/v1", "kind": "Thing", "metadata": {"name": "a"},
            "spec": {"replicas": 0, "list": []}})
    );
}

#[test]
fn null_in_a_list_or_map_is_the_zero_value() {
    let object = json!({"kind": "ConfigMap", "data": {"a": null, "b": 1}});
    assert_eq!(stripped(&object).object["data"], json!({"a": "", "b": "1"}));
    let workload = deployment(&json!({"containers": [{"name": "app", "image": "a:1", "args": ["a", null]}]}));
    assert_eq!(keys(&workload)["args"], json!(["a", ""]));
}

#[test]
fn what_is_refused_is_taken_with_its_whole_field() {
    let workload =
        deployment(&json!({"containers": [{"name": "app", "image": "a:1", "args": ["a", ["b"]]}]}));
    let converted = from_objects(&workload, &NAMING, None, None);
    assert_eq!(faults(&converted), [("/spec/template/spec/containers/0/args", Cause::Object)]);
    assert_eq!(converted.residue[0].value, json!(["a", ["b"]]));
    assert_eq!(converted.metadata.get("args"), None);
}

#[test]
fn an_image_that_no_registry_has_is_noted() {
    let workload = deployment(&json!({"containers": [{"name": "app", "image": "__IMAGE_TAG__"}]}));
    let converted = from_objects(&workload, &NAMING, None, None);
    assert_eq!(converted.metadata["image"], "__IMAGE_TAG__");
    assert_eq!(converted.residue, []);
    let notes: Vec<(NoteKind, &str)> = converted.notes.iter().map(|note| (note.kind, &*note.path)).collect();
    assert_eq!(notes, [(NoteKind::Placeholder, "/spec/template/spec/containers/0/image")]);
}

#[test]
fn kinds_of_other_groups_keep_all_that_they_say() {
    for (version, kind) in [
        ("serving.knative.dev/v1", "Service"),
        ("apps.kruise.io/v1beta1", "StatefulSet"),
        ("batch.volcano.sh/v1alpha1", "Job"),
    ] {
        let spec = json!({"template": {"own": 1, "spec": {"containers": []}}, "replicas": 1, "more": true});
        let object = json!({"apiVersion": version, "kind": kind, "metadata": {"name": "a"}, "spec": spec});
        for read in [normal(&object), stripped(&object)] {
            assert_eq!(read.object["spec"], spec, "{version}");
            assert_eq!(read.notes, [], "{version}");
        }
    }
}
