//! Any workload that a cluster could hold comes back from the words of the model as it was: the same pod template,
//! order of lists included, but for what is named as residue.

#[path = "../../examples/coverage/compare.rs"]
mod compare;
#[path = "../../examples/coverage/trip.rs"]
mod trip;

use onramp::migrate::{Naming, from_objects};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value as Json, json};

/// Few names, so that they meet.
fn name() -> impl Strategy<Value = &'static str> {
    select(vec!["a", "b", "c", "http", "UPPER"])
}

/// A map of the fields that are there.
fn fields(fields: Vec<(&'static str, BoxedStrategy<Json>)>) -> BoxedStrategy<Json> {
    let fields = fields.into_iter().map(|(key, value)| option::of(value).prop_map(move |value| (key, value)));
    let pairs = fields.collect::<Vec<_>>();
    pairs
        .prop_map(|pairs| {
            pairs.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
        })
        .boxed()
}

fn one_of(values: &Json) -> BoxedStrategy<Json> {
    select(values.as_array().cloned().unwrap_or_default()).boxed()
}

fn list(item: impl Strategy<Value = Json> + 'static) -> BoxedStrategy<Json> {
    vec(item, 0..5).prop_map(Json::Array).boxed()
}

/// Adds a field that is always there.
fn with(
    key: &'static str,
    value: impl Strategy<Value = Json> + 'static,
    rest: BoxedStrategy<Json>,
) -> BoxedStrategy<Json> {
    (value, rest)
        .prop_map(move |(value, mut rest)| {
            rest[key] = value;
            rest
        })
        .boxed()
}

fn port() -> BoxedStrategy<Json> {
    let rest = fields(vec![
        ("name", one_of(&json!(["http", "metrics", "Bad_Name", "x"]))),
        ("protocol", one_of(&json!(["TCP", "UDP"]))),
        ("hostPort", one_of(&json!([0, 8080]))),
    ]);
    with("containerPort", one_of(&json!([80, 8080])), rest)
}

fn variable() -> BoxedStrategy<Json> {
    let value = one_of(&json!([
        {}, {"value": ""}, {"value": "on"}, {"value": "$(A)"},
        {"valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
        {"valueFrom": {"configMapKeyRef": {"name": "c", "key": "k", "optional": false}}},
        {"valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}},
        {"valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "1m"}}},
        {"valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "containerName": "a"}}},
    ]));
    with("name", one_of(&json!(["A", "B", "C", "D", "", "1x"])), value)
}

fn mount() -> BoxedStrategy<Json> {
    let rest = fields(vec![
        ("subPath", one_of(&json!(["", "x"]))),
        ("readOnly", one_of(&json!([true, false]))),
        ("mountPropagation", one_of(&json!(["HostToContainer"]))),
    ]);
    let rest = with("mountPath", one_of(&json!(["/a", "/b"])), rest);
    with("name", name().prop_map(Json::from), rest)
}

fn volume() -> BoxedStrategy<Json> {
    let source = one_of(&json!([
        {}, {"emptyDir": {}}, {"emptyDir": {"medium": "Memory"}},
        {"configMap": {"name": "c", "defaultMode": 420, "items": [{"key": "k", "path": "p"}]}},
        {"configMap": {"name": "c", "items": [{"key": "k", "path": "p"}, {"key": "k", "path": "q"}]}},
        {"secret": {"secretName": "s", "defaultMode": 256, "optional": true}},
        {"secret": {}}, {"persistentVolumeClaim": {"claimName": "p", "readOnly": true}},
        {"persistentVolumeClaim": {"claimName": "p"}},
        {"projected": {"sources": [{"secret": {"name": "s"}}]}},
        {"hostPath": {"path": "/"}}, {"csi": {"driver": "d"}},
    ]));
    with("name", name().prop_map(Json::from), source)
}

fn container() -> BoxedStrategy<Json> {
    let probe = one_of(&json!([
        {}, {"httpGet": {"port": 80}, "periodSeconds": 10}, {"exec": {"command": ["x"]}, "initialDelaySeconds": 5},
    ]));
    let rest = fields(vec![
        ("command", one_of(&json!([[], ["a", ""]]))),
        ("args", one_of(&json!([["--a"]]))),
        ("ports", list(port())),
        ("env", list(variable())),
        (
            "envFrom",
            one_of(
                &json!([[{"secretRef": {"name": "s"}}, {"configMapRef": {"name": "c"}, "prefix": "P"}], [{}]]),
            ),
        ),
        ("livenessProbe", probe.clone()),
        ("readinessProbe", probe),
        (
            "resources",
            one_of(&json!([{}, {"limits": {"cpu": "0.5", "gpu/x": 1}}, {"requests": {"memory": "1024Mi"}}])),
        ),
        ("volumeMounts", list(mount())),
        ("imagePullPolicy", one_of(&json!(["Always", "IfNotPresent"]))),
        ("securityContext", one_of(&json!([{}, {"privileged": true}]))),
        ("workingDir", one_of(&json!(["", "/w"]))),
    ]);
    let rest = with("image", one_of(&json!(["a:1", "b"])), rest);
    with("name", one_of(&json!(["app", "shop", "x", "y", "z"])), rest)
}

fn deployment() -> BoxedStrategy<Json> {
    let pod = fields(vec![
        ("initContainers", list(container())),
        ("volumes", list(volume())),
        ("serviceAccountName", one_of(&json!(["", "sa"]))),
        ("securityContext", one_of(&json!([{}, {"fsGroup": 1}]))),
        ("terminationGracePeriodSeconds", one_of(&json!([0, 30, 31]))),
        ("hostNetwork", one_of(&json!([true, false]))),
        ("madeUp", one_of(&json!([1]))),
    ]);
    let pod = with("containers", vec(container(), 1..4).prop_map(Json::Array), pod);
    let metadata = fields(vec![
        ("name", one_of(&json!(["shop", "pod"]))),
        ("namespace", one_of(&json!(["shop"]))),
        ("annotations", one_of(&json!([{}, {"a/b": "c"}]))),
    ]);
    let metadata = with(
        "labels",
        one_of(&json!([
            {"app": "shop", "app.kubernetes.io/name": "shop"}, {"x": "y", "app.kubernetes.io/name": "shop", "app": "shop"},
        ])),
        metadata,
    );
    let template = (pod, metadata).prop_map(|(spec, metadata)| json!({"spec": spec, "metadata": metadata}));
    let spec = fields(vec![
        ("replicas", one_of(&json!([0, 1, 2]))),
        ("minReadySeconds", one_of(&json!([0, 5]))),
        ("revisionHistoryLimit", one_of(&json!([0, 10]))),
        (
            "strategy",
            one_of(&json!([
                {}, {"type": "Recreate"}, {"type": "RollingUpdate"}, {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}},
                {"rollingUpdate": {"maxUnavailable": "25%", "maxSurge": 0}},
            ])),
        ),
    ]);
    let spec = with(
        "selector",
        one_of(&json!([
            {"matchLabels": {"app": "shop"}}, {"matchLabels": {"app.kubernetes.io/name": "shop"}},
        ])),
        spec,
    );
    let spec = with("template", template, spec);
    let metadata = json!({"name": "shop", "labels": {"l": "m"}});
    spec.prop_map(move |spec| json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}))
        .boxed()
}

fn service() -> BoxedStrategy<Json> {
    let rest = fields(vec![
        ("name", one_of(&json!(["http", "metrics", "x"]))),
        ("protocol", one_of(&json!(["TCP", "UDP"]))),
        ("targetPort", one_of(&json!(["http", "metrics", 80, 8080]))),
        ("nodePort", one_of(&json!([0, 30000]))),
    ]);
    let port = with("port", one_of(&json!([80, 8080])), rest);
    let spec = fields(vec![
        ("type", one_of(&json!(["ClusterIP", "NodePort", "LoadBalancer"]))),
        ("clusterIP", one_of(&json!(["None", ""]))),
        ("sessionAffinity", one_of(&json!(["None", "ClientIP"]))),
        ("externalTrafficPolicy", one_of(&json!(["Local"]))),
    ]);
    let selector = one_of(&json!([{"app": "shop"}, {"app": "shop", "app.kubernetes.io/name": "shop"}]));
    let spec = with("selector", selector, with("ports", list(port), spec));
    let metadata = fields(vec![
        ("labels", one_of(&json!([{}, {"a": "b"}]))),
        ("annotations", one_of(&json!([{"a": "b"}]))),
        ("finalizers", one_of(&json!([["f"]]))),
    ]);
    let metadata = with("name", one_of(&json!(["shop", "front"])), metadata);
    (metadata, spec)
        .prop_map(|(metadata, spec)| json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}))
        .boxed()
}

fn autoscaler() -> BoxedStrategy<Json> {
    let metric = one_of(&json!([
        {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}},
        {"type": "Resource", "resource": {"name": "memory", "target": {"type": "Utilization", "averageUtilization": 80}}},
        {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "AverageValue", "averageValue": "1000m"}}},
        {"type": "Pods", "pods": {"metric": {"name": "x"}, "target": {"type": "AverageValue", "averageValue": 5}}},
    ]));
    let spec = fields(vec![
        ("minReplicas", one_of(&json!([1, 2]))),
        ("metrics", list(metric)),
        (
            "behavior",
            one_of(
                &json!([{}, {"scaleUp": {"selectPolicy": "Max"}}, {"scaleDown": {"selectPolicy": "Min"}}]),
            ),
        ),
    ]);
    let spec = with("maxReplicas", one_of(&json!([3])), spec);
    let target = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"});
    let spec = with("scaleTargetRef", Just(target), spec);
    (one_of(&json!([{"name": "shop"}, {"name": "other", "labels": {"a": "b"}}])), spec)
        .prop_map(|(metadata, spec)| {
            json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": metadata, "spec": spec})
        })
        .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_workload_comes_back(
        deployment in deployment(),
        service in option::of(service()),
        autoscaler in option::of(autoscaler()),
        workload in option::of(Just("web")),
        kind in select(vec!["Deployment", "StatefulSet"]),
    ) {
        let (mut deployment, mut autoscaler) = (deployment, autoscaler);
        deployment["kind"] = kind.into();
        if let Some(autoscaler) = &mut autoscaler {
            autoscaler["spec"]["scaleTargetRef"]["kind"] = kind.into();
        }
        let naming = Naming { api: "shop", workload, container: None };
        let converted = from_objects(&deployment, &naming, service.as_ref(), autoscaler.as_ref());
        let metadata = trip::metadata("shop", &[(workload, &converted)]);
        // Random objects need not please a platform, but the reader takes whatever is written of them.
        let built = WORKSHOP.with(|workshop| workshop.build("shop", &metadata, |_, _| ()));
        prop_assert!(built.is_ok(), "{:?}\n{:#}\n{:#}", built, deployment, metadata);
        let scaled = autoscaler.is_some();
        let objects = [Some(&deployment), service.as_ref(), autoscaler.as_ref()];
        let objects = objects.into_iter().flatten();
        let before: Vec<Json> =
            objects.map(|object| compare::expected(object, &converted.residue, scaled)).collect();
        let difference = compare::differences(&before, &built.unwrap_or_default());
        prop_assert_eq!(difference, None, "{:#}\n{:#}\n{:#?}", deployment, metadata, converted.residue);
    }
}

thread_local! {
    static WORKSHOP: trip::Workshop = trip::Workshop::new().expect("the platform is right");
}
