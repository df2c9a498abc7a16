//! Random Kubernetes objects that refer to each other by names of a few.

use serde_json::{Map, Value as Json, json};

use super::choices::Choices;
use super::strings::{key, odd_key, text};

pub(super) const WORKLOADS: &[&str] = &["web", "worker", "web-x"];
pub(super) const CONFIG_MAPS: &[&str] = &["settings", "env-config", "web"];
pub(super) const SECRETS: &[&str] = &["creds", "tls", "settings"];
pub(super) const NAMESPACES: &[&str] = &["shop", "other", "default"];
pub(super) const IMAGES: &[&str] = &[
    "nginx",
    "nginx:1.25",
    "registry.example/app:v1.2.3",
    "registry.example:5000/team/web",
    "registry.example:5000/team/web:v1",
    "reg.io/a@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "reg.io/a:v2@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
    "regxio/a:v2",
];
const SERVICE_ACCOUNTS: &[&str] = &["web", "runner"];
const CONTAINERS: &[&str] = &["app", "sidecar", "setup"];

/// A map of texts.
pub(super) fn texts(choices: &mut Choices, most: usize) -> Json {
    choices
        .some(most, |choices| (key(choices), Json::String(text(choices))))
        .into_iter()
        .collect::<Map<_, _>>()
        .into()
}

fn metadata(choices: &mut Choices, name: &str) -> Json {
    let mut metadata = json!({ "name": name });
    if choices.chance(25) {
        metadata["namespace"] = choices.pick(NAMESPACES).into();
    }
    if choices.chance(30) {
        metadata["labels"] = json!({ "app": choices.pick(&["web", "y", "1.0"]) });
    }
    if choices.chance(30) {
        let some = choices.some(3, |choices| (odd_key(choices), Json::String(text(choices))));
        metadata["annotations"] = some.into_iter().collect::<Map<_, _>>().into();
    }
    metadata
}

fn variable(choices: &mut Choices, index: usize) -> Json {
    let name = format!("{}_{index}", choices.pick(&["A", "LOG", "y"]));
    match choices.below(6) {
        0..=2 => json!({ "name": name, "value": text(choices) }),
        3 => json!({ "name": name, "valueFrom": { "configMapKeyRef":
            { "name": choices.pick(CONFIG_MAPS), "key": key(choices) } } }),
        4 => json!({ "name": name, "valueFrom": { "secretKeyRef":
            { "name": choices.pick(SECRETS), "key": key(choices), "optional": true } } }),
        _ => json!({ "name": name, "valueFrom": { "fieldRef": { "fieldPath": "metadata.name" } } }),
    }
}

pub(super) fn env(choices: &mut Choices, most: usize) -> Json {
    let mut index = 0;
    let list = choices.some(most, |choices| {
        index += 1;
        variable(choices, index)
    });
    list.into()
}

pub(super) fn container(choices: &mut Choices, name: &str) -> Json {
    let mut container = json!({ "name": name, "image": choices.pick(IMAGES) });
    if choices.chance(50) {
        container["env"] = env(choices, 4);
    }
    if choices.chance(25) {
        container["envFrom"] = match choices.below(2) {
            0 => json!([{ "configMapRef": { "name": choices.pick(CONFIG_MAPS) } }]),
            _ => json!([{ "secretRef": { "name": choices.pick(SECRETS) }, "prefix": "P_" }]),
        };
    }
    if choices.chance(40) {
        let mut ports = vec![json!({ "name": "http", "containerPort": 8080, "protocol": "TCP" })];
        if choices.chance(40) {
            ports.push(json!({ "name": "dns", "containerPort": 8080, "protocol": "UDP" }));
        }
        container["ports"] = ports.into();
    }
    if choices.chance(25) {
        container["args"] = choices.some(3, text).into();
    }
    if choices.chance(25) {
        container["volumeMounts"] =
            json!([{ "name": "data", "mountPath": "/data" }, { "name": "tmp", "mountPath": "/tmp" }]);
    }
    if choices.chance(25) {
        container["resources"] =
            json!({ "limits": { "cpu": choices.pick(&["1", "500m", "0.5"]) }, "requests": {} });
    }
    if choices.chance(20) {
        container["readinessProbe"] =
            json!({ "httpGet": { "path": "/", "port": "http" }, "periodSeconds": 5 });
    }
    container
}

fn volume(choices: &mut Choices, name: &str) -> Json {
    let source = match choices.below(5) {
        0 => {
            json!({ "configMap": { "name": choices.pick(CONFIG_MAPS), "items": [{ "key": "a", "path": "a" }] } })
        }
        1 => json!({ "secret": { "secretName": choices.pick(SECRETS) } }),
        2 => json!({ "projected": { "sources": [
            { "configMap": { "name": choices.pick(CONFIG_MAPS) } }, { "secret": { "name": choices.pick(SECRETS) } },
        ] } }),
        3 => json!({ "persistentVolumeClaim": { "claimName": "data" } }),
        _ => json!({ "emptyDir": {} }),
    };
    let mut volume = json!({ "name": name });
    volume.as_object_mut().expect("an object").extend(source.as_object().expect("an object").clone());
    volume
}

fn pod(choices: &mut Choices, app: &str) -> Json {
    let count = 1 + choices.below(3);
    let containers: Vec<Json> = CONTAINERS[..count].iter().map(|name| container(choices, name)).collect();
    let mut spec = json!({ "containers": containers });
    if choices.chance(20) {
        spec["initContainers"] = json!([container(choices, "init")]);
    }
    if choices.chance(40) {
        spec["volumes"] = json!([volume(choices, "data"), volume(choices, "tmp")]);
    }
    if choices.chance(25) {
        spec["serviceAccountName"] = choices.pick(SERVICE_ACCOUNTS).into();
    }
    if choices.chance(15) {
        spec["imagePullSecrets"] = json!([{ "name": choices.pick(SECRETS) }]);
    }
    if choices.chance(15) {
        spec["topologySpreadConstraints"] = json!([{ "maxSkew": 1, "topologyKey": "zone",
            "whenUnsatisfiable": "DoNotSchedule", "labelSelector": { "matchLabels": { "app": app } } }]);
    }
    if choices.chance(15) {
        spec["affinity"] = json!({ "podAntiAffinity": { "preferredDuringSchedulingIgnoredDuringExecution": [
            { "weight": 1, "podAffinityTerm": { "topologyKey": "host", "labelSelector": { "matchLabels": { "app": app } } } },
        ] } });
    }
    let mut template = json!({ "spec": spec });
    if choices.chance(80) {
        template["metadata"] = json!({ "labels": { "app": app } });
    }
    template
}

/// A random object of a kind with this name. `kind` 0 is a Deployment.
pub(super) fn object(choices: &mut Choices) -> Json {
    let kind = choices.below(KINDS.len());
    KINDS[kind](choices)
}

const KINDS: &[fn(&mut Choices) -> Json] = &[
    deployment,
    deployment,
    service,
    stateful_set,
    cron_job,
    job,
    config_map,
    secret,
    ingress,
    autoscaler,
    account,
    budget,
    policy,
    role_binding,
    cluster_role_binding,
    custom,
    claim,
    daemon_set,
    namespace,
    pod_alone,
    webhook,
];

fn deployment(choices: &mut Choices) -> Json {
    let name = choices.pick(WORKLOADS);
    let mut object = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata(choices, name),
        "spec": { "selector": { "matchLabels": { "app": name } }, "template": pod(choices, name) } });
    if choices.chance(50) {
        object["spec"]["replicas"] = choices.below(5).into();
    }
    object
}

fn stateful_set(choices: &mut Choices) -> Json {
    let name = choices.pick(WORKLOADS);
    json!({ "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": metadata(choices, name),
        "spec": { "serviceName": choices.pick(WORKLOADS), "selector": { "matchLabels": { "app": name } },
            "template": pod(choices, name),
            "volumeClaimTemplates": [{ "metadata": { "name": "data" }, "spec": { "accessModes": ["ReadWriteOnce"] } }] } })
}

fn daemon_set(choices: &mut Choices) -> Json {
    let name = choices.pick(WORKLOADS);
    json!({ "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": metadata(choices, name),
        "spec": { "template": pod(choices, name) } })
}

fn cron_job(choices: &mut Choices) -> Json {
    let name = choices.pick(WORKLOADS);
    json!({ "apiVersion": "batch/v1", "kind": "CronJob", "metadata": metadata(choices, name),
        "spec": { "schedule": "*/5 * * * *", "jobTemplate": { "spec": { "template": pod(choices, name) } } } })
}

fn job(choices: &mut Choices) -> Json {
    let name = choices.pick(WORKLOADS);
    json!({ "apiVersion": "batch/v1", "kind": "Job", "metadata": metadata(choices, name),
        "spec": { "template": pod(choices, name) } })
}

fn pod_alone(choices: &mut Choices) -> Json {
    let name = choices.pick(WORKLOADS);
    let spec = pod(choices, name)["spec"].clone();
    json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata(choices, name), "spec": spec })
}

fn service(choices: &mut Choices) -> Json {
    let name = choices.pick(WORKLOADS);
    let mut spec =
        json!({ "ports": [{ "name": "http", "port": 80, "protocol": "TCP", "targetPort": "http" }] });
    if choices.chance(80) {
        spec["selector"] = json!({ "app": name });
    }
    json!({ "apiVersion": "v1", "kind": "Service", "metadata": metadata(choices, name), "spec": spec })
}

fn config_map(choices: &mut Choices) -> Json {
    let name = choices.pick(CONFIG_MAPS);
    let mut object = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata(choices, name) });
    if choices.chance(90) {
        object["data"] = texts(choices, 4);
    }
    object
}

fn secret(choices: &mut Choices) -> Json {
    let name = choices.pick(SECRETS);
    json!({ "apiVersion": "v1", "kind": "Secret", "metadata": metadata(choices, name), "type": "Opaque",
        "stringData": texts(choices, 3) })
}

fn ingress(choices: &mut Choices) -> Json {
    let mut object = json!({ "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata(choices, "web"),
        "spec": { "rules": [{ "host": "a.example", "http": { "paths": [{ "path": "/", "pathType": "Prefix",
            "backend": { "service": { "name": choices.pick(WORKLOADS), "port": { "number": 80 } } } }] } }] } });
    if choices.chance(40) {
        object["spec"]["tls"] = json!([{ "hosts": ["a.example"], "secretName": choices.pick(SECRETS) }]);
    }
    if choices.chance(30) {
        object["spec"]["defaultBackend"] =
            json!({ "service": { "name": choices.pick(WORKLOADS), "port": { "number": 80 } } });
    }
    if choices.chance(30) {
        let annotation = choices.pick(&[
            "nginx.ingress.kubernetes.io/auth-secret",
            "nginx.ingress.kubernetes.io/fastcgi-params-configmap",
        ]);
        object["metadata"]["annotations"] =
            json!({ annotation: choices.pick(&["settings", "shop/settings", "creds"]) });
    }
    object
}

fn autoscaler(choices: &mut Choices) -> Json {
    let name = choices.pick(WORKLOADS);
    json!({ "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": metadata(choices, name),
        "spec": { "minReplicas": 1, "maxReplicas": 3, "scaleTargetRef":
            { "apiVersion": "apps/v1", "kind": choices.pick(&["Deployment", "StatefulSet"]), "name": name } } })
}

fn account(choices: &mut Choices) -> Json {
    let name = choices.pick(SERVICE_ACCOUNTS);
    let mut object =
        json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata(choices, name) });
    if choices.chance(20) {
        object["imagePullSecrets"] = json!([{ "name": choices.pick(SECRETS) }]);
    }
    object
}

fn budget(choices: &mut Choices) -> Json {
    let name = choices.pick(WORKLOADS);
    let mut object = json!({ "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata(choices, name),
        "spec": { "maxUnavailable": choices.pick(&["1", "25%"]) } });
    if choices.chance(70) {
        object["spec"]["selector"] = json!({ "matchLabels": { "app": name } });
    }
    object
}

fn policy(choices: &mut Choices) -> Json {
    let name = choices.pick(WORKLOADS);
    json!({ "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata(choices, name),
        "spec": { "podSelector": { "matchLabels": { "app": name } },
            "ingress": [{ "from": [{ "podSelector": { "matchLabels": { "app": "x" } } }] }] } })
}

fn role_binding(choices: &mut Choices) -> Json {
    json!({ "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": metadata(choices, "web"),
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "web" },
        "subjects": [{ "kind": "ServiceAccount", "name": choices.pick(SERVICE_ACCOUNTS), "namespace": choices.pick(NAMESPACES) },
            { "kind": "Group", "name": "web" }] })
}

fn cluster_role_binding(choices: &mut Choices) -> Json {
    json!({ "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": { "name": "web" },
        "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "web" },
        "subjects": [{ "kind": "ServiceAccount", "name": choices.pick(SERVICE_ACCOUNTS), "namespace": choices.pick(NAMESPACES) }] })
}

fn claim(choices: &mut Choices) -> Json {
    json!({ "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata(choices, "data"),
        "spec": { "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "1Gi" } } } })
}

fn namespace(choices: &mut Choices) -> Json {
    json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": choices.pick(NAMESPACES) } })
}

fn webhook(choices: &mut Choices) -> Json {
    json!({ "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
        "metadata": { "name": "hook" },
        "webhooks": [{ "name": "a.example.com", "clientConfig": { "service":
            { "name": choices.pick(WORKLOADS), "namespace": choices.pick(NAMESPACES) } } }] })
}

/// An object that kustomize knows nothing of, with anything in it.
fn custom(choices: &mut Choices) -> Json {
    let (version, kind) = choices.pick(&[
        ("argoproj.io/v1alpha1", "Rollout"),
        ("example.com/v1", "Thing"),
        ("external-secrets.io/v1", "ExternalSecret"),
    ]);
    let mut spec = Map::new();
    for (key, value) in choices.some(4, |choices| (odd_key(choices), anything(choices, 4))) {
        spec.insert(key, value);
    }
    if choices.chance(40) {
        spec.insert("template".to_owned(), pod(choices, "web"));
    }
    json!({ "apiVersion": version, "kind": kind, "metadata": metadata(choices, "web"), "spec": spec })
}

/// Any JSON.
pub(super) fn anything(choices: &mut Choices, depth: usize) -> Json {
    match choices.below(if depth == 0 { 7 } else { 9 }) {
        0..=2 => text(choices).into(),
        3 => choices.below(10_000).into(),
        4 => choices.pick(&[0.5, 1.5e10, 1e-7, 123_456.75, 1_234_567.5, -0.25]).into(),
        5 => choices.chance(50).into(),
        6 => [Json::Null, json!([]), json!({})][choices.below(3)].clone(),
        7 => choices.some(3, |choices| anything(choices, depth - 1)).into(),
        _ => choices
            .some(3, |choices| (odd_key(choices), anything(choices, depth - 1)))
            .into_iter()
            .collect::<Map<_, _>>()
            .into(),
    }
}
