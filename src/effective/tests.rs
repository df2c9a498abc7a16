//! Objects against objects: what is told, and what it does.

use serde_json::{Value as Json, json};

use super::{ObjectChange, Risk, changes};
use crate::kustomize::Object;

fn object(json: Json) -> Object {
    let name = json["metadata"]["name"].as_str().unwrap_or_default().into();
    Object { json, name, hashed: false }
}

fn hashed(mut json: Json, hash: &str) -> Object {
    let name: Box<str> = json["metadata"]["name"].as_str().unwrap_or_default().into();
    json["metadata"]["name"] = format!("{name}-{hash}").into();
    Object { json, name, hashed: true }
}

fn deployment(container: &Json) -> Object {
    object(json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": { "name": "payments", "namespace": "payments" },
        "spec": {
            "selector": { "matchLabels": { "app": "payments" } },
            "template": { "spec": { "containers": [container] } },
        },
    }))
}

/// Each change with its fields, one a line.
fn told(changes: &[ObjectChange<'_>]) -> String {
    let mut lines = Vec::new();
    for change in changes {
        let word = match (change.before, change.after, change.moved_from) {
            (None, ..) => "new ",
            (_, None, _) => "gone ",
            (.., Some(_)) => "moved ",
            _ => "",
        };
        lines.push(format!("{word}{}: {}", change.id, change.risk.name()));
        for id in &change.content {
            lines.push(format!("  reads {id}"));
        }
        for field in &change.fields {
            let value = |value: Option<&Json>| value.map_or("-".to_owned(), Json::to_string);
            let what = if field.reordered {
                "order".to_owned()
            } else {
                format!("{} -> {}", value(field.before), value(field.after))
            };
            lines.push(format!("  {} {what}", field.path));
        }
    }
    lines.join("\n")
}

fn compared(before: &[Object], after: &[Object]) -> String {
    told(&changes(Some(before), Some(after)))
}

#[test]
fn list_elements_are_told_by_their_keys() {
    let before = deployment(&json!({
        "name": "app", "image": "r/app:1",
        "env": [{ "name": "A", "value": "1" }, { "name": "B", "value": "$(A)" }, { "name": "C", "value": "3" }],
        "ports": [{ "containerPort": 8080, "name": "http" }],
        "args": ["-a", "-b"],
    }));
    let after = deployment(&json!({
        "name": "app", "image": "r/app:2",
        "env": [{ "name": "B", "value": "$(A)" }, { "name": "A", "value": "2" }, { "name": "D", "value": "4" }],
        "ports": [{ "containerPort": 8080, "name": "web", "protocol": "TCP" }],
        "args": ["-a"],
    }));
    insta::assert_snapshot!(compared(&[before], &[after]), @r#"
    Deployment payments: rolling-restart
      spec.template.spec.containers[app].args ["-a","-b"] -> ["-a"]
      spec.template.spec.containers[app].env[A].value "1" -> "2"
      spec.template.spec.containers[app].env[C] {"name":"C","value":"3"} -> -
      spec.template.spec.containers[app].env[D] - -> {"name":"D","value":"4"}
      spec.template.spec.containers[app].env order
      spec.template.spec.containers[app].image "r/app:1" -> "r/app:2"
      spec.template.spec.containers[app].ports[8080/TCP].name "http" -> "web"
      spec.template.spec.containers[app].ports[8080/TCP].protocol - -> "TCP"
    "#);
}

#[test]
fn a_config_map_with_another_hash_is_one_change_and_restarts_who_reads_it() {
    let config = |value: &str, hash: &str| {
        hashed(
            json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "payments-config" }, "data": { "a": value } }),
            hash,
        )
    };
    let reader = |hash: &str| {
        let name = format!("payments-config-{hash}");
        deployment(&json!({ "name": "app", "envFrom": [{ "configMapRef": { "name": name } }] }))
    };
    let (one, two) = ("aaaaaaaaaa", "bbbbbbbbbb");
    let before = [config("1", one), reader(one)];
    insta::assert_snapshot!(compared(&before, &[config("2", two), reader(two)]), @r#"
    ConfigMap payments-config: rolling-restart
      data.a "1" -> "2"
    Deployment payments: rolling-restart
      reads ConfigMap payments-config
    "#);
    // Nobody reads the new one yet.
    insta::assert_snapshot!(compared(&before[..1], &[config("2", two)]), @r#"
    ConfigMap payments-config: none
      data.a "1" -> "2"
    "#);
    // The name of another one is a change of the reader.
    let other = hashed(
        json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "other" }, "data": {} }),
        one,
    );
    let reads_other = deployment(
        &json!({ "name": "app", "envFrom": [{ "configMapRef": { "name": "other-aaaaaaaaaa" } }] }),
    );
    insta::assert_snapshot!(compared(&[other.clone(), config("1", one), reader(one)], &[other, config("1", one), reads_other]), @r#"
    Deployment payments: rolling-restart
      spec.template.spec.containers[app].envFrom[0].configMapRef.name "payments-config-aaaaaaaaaa" -> "other-aaaaaaaaaa"
    "#);
}

#[test]
fn objects_pair_across_versions_and_namespaces() {
    let ingress = |version: &str, namespace: &str, host: &str| {
        object(json!({
            "apiVersion": version, "kind": "Ingress",
            "metadata": { "name": "payments", "namespace": namespace },
            "spec": { "rules": [{ "host": host, "http": { "paths": [{ "path": "/", "backend": {} }] } }] },
        }))
    };
    let now = "networking.k8s.io/v1";
    insta::assert_snapshot!(compared(&[ingress("extensions/v1beta1", "a", "x")], &[ingress(now, "a", "x")]), @r#"
    Ingress payments: none
      apiVersion "extensions/v1beta1" -> "networking.k8s.io/v1"
    "#);
    insta::assert_snapshot!(compared(&[ingress(now, "a", "x")], &[ingress(now, "b", "y")]), @r#"
    moved Ingress payments: replace
      metadata.namespace "a" -> "b"
      spec.rules[x] {"host":"x","http":{"paths":[{"path":"/","backend":{}}]}} -> -
      spec.rules[y] - -> {"host":"y","http":{"paths":[{"path":"/","backend":{}}]}}
    "#);
    // Two of the name that come: which one moved is anybody's guess.
    insta::assert_snapshot!(compared(&[ingress(now, "a", "x")], &[ingress(now, "b", "x"), ingress(now, "c", "x")]), @r"
    gone Ingress payments: delete
    new Ingress payments: traffic
    new Ingress payments: traffic
    ");
}

#[test]
fn an_environment_that_comes_or_goes() {
    let all = [deployment(&json!({ "name": "app" }))];
    assert_eq!(told(&changes(None, Some(&all))), "new Deployment payments: create");
    assert_eq!(told(&changes(Some(&all), None)), "gone Deployment payments: delete");
    assert_eq!(told(&changes(Some(&all), Some(&all))), "");
}

/// The risk of setting one place of an object from one value to another.
#[track_caller]
fn risk_of(api_version: &str, kind: &str, path: &str, from: &Json, to: &Json) -> Risk {
    let make = |value: &Json| {
        let mut json = json!({ "apiVersion": api_version, "kind": kind, "metadata": { "name": "x" } });
        let mut place = &mut json;
        for key in path.split('/') {
            place = &mut place[key];
        }
        *place = value.clone();
        object(json)
    };
    let (before, after) = ([make(from)], [make(to)]);
    let changes = changes(Some(&before), Some(&after));
    assert_eq!(changes.len(), 1, "{kind} {path}");
    changes[0].risk
}

#[test]
fn each_field_has_its_risk() {
    let (one, two) = (json!("a"), json!("b"));
    for (api_version, kind, path, risk) in [
        ("apps/v1", "Deployment", "metadata/labels/x", Risk::None),
        ("apps/v1", "Deployment", "metadata/annotations/x", Risk::None),
        ("apps/v1", "Deployment", "spec/strategy/type", Risk::None),
        ("apps/v1", "Deployment", "spec/replicas", Risk::Scaling),
        ("apps/v1", "Deployment", "spec/template/metadata/labels/x", Risk::RollingRestart),
        ("apps/v1", "Deployment", "spec/selector/matchLabels/x", Risk::Replace),
        ("apps/v1", "StatefulSet", "spec/volumeClaimTemplates", Risk::Replace),
        ("apps/v1", "StatefulSet", "spec/template/spec/x", Risk::RollingRestart),
        ("batch/v1", "CronJob", "spec/jobTemplate/spec/template/spec/x", Risk::None),
        ("batch/v1", "CronJob", "spec/schedule", Risk::None),
        ("batch/v1", "Job", "spec/template/spec/x", Risk::Replace),
        ("argoproj.io/v1alpha1", "Rollout", "spec/workloadRef/name", Risk::RollingRestart),
        ("argoproj.io/v1alpha1", "Rollout", "spec/strategy/canary/stableService", Risk::Traffic),
        ("argoproj.io/v1alpha1", "Rollout", "spec/strategy/canary/steps", Risk::None),
        ("autoscaling/v2", "HorizontalPodAutoscaler", "spec/maxReplicas", Risk::Scaling),
        ("policy/v1", "PodDisruptionBudget", "spec/maxUnavailable", Risk::Scaling),
        ("v1", "ResourceQuota", "spec/hard/pods", Risk::Scaling),
        ("v1", "Service", "spec/selector/x", Risk::Traffic),
        ("v1", "Service", "metadata/annotations/x", Risk::Traffic),
        ("v1", "Service", "metadata/labels/x", Risk::None),
        ("v1", "Service", "spec/clusterIP", Risk::Replace),
        ("networking.k8s.io/v1", "Ingress", "metadata/annotations/x", Risk::Traffic),
        ("networking.k8s.io/v1", "NetworkPolicy", "spec/ingress", Risk::Traffic),
        ("gateway.networking.k8s.io/v1", "HTTPRoute", "spec/hostnames", Risk::Traffic),
        ("v1", "ConfigMap", "data/x", Risk::ConfigReload),
        ("v1", "Secret", "type", Risk::Replace),
        ("v1", "ServiceAccount", "metadata/annotations/x", Risk::ConfigReload),
        ("v1", "Namespace", "metadata/labels/x", Risk::Traffic),
        ("v1", "Namespace", "metadata/annotations/x", Risk::ConfigReload),
        ("v1", "Pod", "metadata/labels/x", Risk::Traffic),
        ("keda.sh/v1alpha1", "ScaledObject", "metadata/annotations/x", Risk::Scaling),
        ("batch/v1", "Job", "spec/suspend", Risk::Scaling),
        ("argoproj.io/v1alpha1", "Rollout", "spec/restartAt", Risk::RollingRestart),
        ("argoproj.io/v1alpha1", "Rollout", "spec/strategy", Risk::Traffic),
        ("rbac.authorization.k8s.io/v1", "Role", "rules", Risk::ConfigReload),
        ("rbac.authorization.k8s.io/v1", "RoleBinding", "roleRef/name", Risk::Replace),
        ("v1", "PersistentVolumeClaim", "spec/resources/requests/storage", Risk::Scaling),
        ("v1", "PersistentVolumeClaim", "spec/storageClassName", Risk::Replace),
        ("example.com/v1", "Thing", "spec/x", Risk::ConfigReload),
    ] {
        assert_eq!(risk_of(api_version, kind, path, &one, &two), risk, "{kind} {path}");
    }
    assert_eq!(risk_of("v1", "Secret", "type", &Json::Null, &json!("kubernetes.io/tls")), Risk::Replace);
    assert_ne!(risk_of("v1", "Secret", "type", &Json::Null, &json!("Opaque")), Risk::Replace);
    let policy = "spec/podManagementPolicy";
    assert_eq!(risk_of("apps/v1", "StatefulSet", policy, &json!("OrderedReady"), &Json::Null), Risk::None);
    assert_eq!(risk_of("apps/v1", "StatefulSet", policy, &json!("Parallel"), &Json::Null), Risk::Replace);
    // The server has filled in an address, which cannot be taken away.
    assert_eq!(risk_of("v1", "Service", "spec/clusterIP", &Json::Null, &json!("None")), Risk::Replace);
    assert_eq!(risk_of("v1", "Service", "spec/clusterIPs", &Json::Null, &json!(["None"])), Risk::Replace);
    assert_eq!(risk_of("v1", "Service", "spec/clusterIP", &Json::Null, &json!("10.0.0.1")), Risk::Traffic);
    assert_eq!(risk_of("v1", "Service", "spec/clusterIP", &json!("None"), &Json::Null), Risk::Traffic);
}

#[test]
fn an_immutable_config_map_cannot_change() {
    let config = |value: &str, immutable: bool| {
        object(json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "c" },
            "immutable": immutable, "data": { "a": value },
        }))
    };
    let risk = |before: Object, after: Object| changes(Some(&[before]), Some(&[after]))[0].risk;
    assert_eq!(risk(config("1", true), config("2", true)), Risk::Replace);
    assert_eq!(risk(config("1", true), config("1", false)), Risk::Replace);
    assert_eq!(risk(config("1", false), config("1", true)), Risk::None);
}

#[test]
fn the_order_of_volume_claim_templates_cannot_change() {
    let claim = |name: &str| json!({ "metadata": { "name": name } });
    let (one, two) = (json!([claim("a"), claim("b")]), json!([claim("b"), claim("a")]));
    assert_eq!(risk_of("apps/v1", "StatefulSet", "spec/volumeClaimTemplates", &one, &two), Risk::Replace);
}

#[test]
fn a_config_map_with_a_hash_does_what_its_readers_do() {
    let risk = |api_version: &str, kind: &str, template: &[&str]| {
        let side = |value: &str, hash: &str| {
            let config = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "c" }, "data": { "a": value } });
            let mut reader =
                json!({ "apiVersion": api_version, "kind": kind, "metadata": { "name": "x" }, "spec": {} });
            let place = template.iter().fold(&mut reader["spec"], |place, key| &mut place[*key]);
            *place = json!({ "volumes": [{ "name": "c", "configMap": { "name": format!("c-{hash}") } }] });
            [hashed(config, hash), object(reader)]
        };
        let (before, after) = (side("1", "aaaaaaaaaa"), side("2", "bbbbbbbbbb"));
        changes(Some(&before), Some(&after))[0].risk
    };
    assert_eq!(risk("batch/v1", "Job", &["template", "spec"]), Risk::Replace);
    assert_eq!(risk("batch/v1", "CronJob", &["jobTemplate", "spec", "template", "spec"]), Risk::None);
    assert_eq!(risk("apps/v1", "Deployment", &["template", "spec"]), Risk::RollingRestart);
}

#[test]
fn a_value_is_told_with_the_name_that_makes_it_a_secret() {
    let twice = |value: &str| {
        let variable = json!({ "name": "DB_PASSWORD", "value": value });
        [deployment(&json!({ "name": "app", "env": [variable, { "name": "DB_PASSWORD", "value": "same" }] }))]
    };
    let (before, after) = (twice("one"), twice("two"));
    let changes = changes(Some(&before), Some(&after));
    let field = &changes[0].fields[0];
    assert_eq!(field.path.to_string(), "spec.template.spec.containers[app].env[0]");
    let shown = super::secret::hidden("Deployment", &field.path, field.after.unwrap());
    assert_eq!(shown, json!({ "name": "DB_PASSWORD", "value": "***" }));
}

#[test]
fn a_config_map_that_loses_its_hash_restarts_who_reads_it() {
    let config =
        json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "c" }, "data": { "a": "1" } });
    let reader =
        |name: &str| deployment(&json!({ "name": "app", "envFrom": [{ "configMapRef": { "name": name } }] }));
    let before = [hashed(config.clone(), "aaaaaaaaaa"), reader("c-aaaaaaaaaa")];
    insta::assert_snapshot!(compared(&before, &[object(config), reader("c")]), @r#"
    ConfigMap c: rolling-restart
      metadata.name "c-aaaaaaaaaa" -> "c"
    Deployment payments: rolling-restart
      reads ConfigMap c
    "#);
}
