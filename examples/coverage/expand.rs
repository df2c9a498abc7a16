//! The way back: what the keys of a workload render to under `profile: adopted`, as Kubernetes objects. Written from
//! the description of the keys and not from the converter, so that one checks the other.

use onramp::migrate::Naming;
use serde_json::{Map, Value as Json, json};

type Object = Map<String, Json>;

/// Renders a workload of Deployment, `StatefulSet`, `CronJob` or Job.
pub(crate) fn workload(keys: &Object, naming: &Naming<'_>, namespace: Option<&str>) -> Json {
    let kind = keys.get("kind").and_then(Json::as_str).unwrap_or("Deployment");
    let is_job = matches!(kind, "CronJob" | "Job");
    let mut metadata = json!({ "name": name(keys, naming, "name") });
    set(&mut metadata, "namespace", namespace);
    set(&mut metadata, "labels", keys.get("labels").cloned());
    set(&mut metadata, "annotations", keys.get("annotations").cloned());

    let selector = if is_job { Object::new() } else { selector(keys, naming) };
    let mut template = json!({ "metadata": {}, "spec": pod(keys) });
    let mut labels = selector.clone();
    labels.extend(map(keys.get("podLabels")));
    set(&mut template["metadata"], "labels", Some(labels));
    set(&mut template["metadata"], "annotations", keys.get("podAnnotations").cloned());
    for (key, word) in [("name", "podName"), ("namespace", "podNamespace")] {
        set(&mut template["metadata"], key, identity(keys, word).cloned());
    }

    let mut spec = Json::Object(map(keys.get("spec")));
    let mut job = Json::Object(map(keys.get("job")));
    match kind {
        "CronJob" => {
            job["template"] = template;
            spec["schedule"] = keys.get("schedule").cloned().unwrap_or_default();
            spec["jobTemplate"] = json!({ "spec": job });
        }
        "Job" => {
            job["template"] = template;
            spec = job;
        }
        _ => {
            spec["selector"] = json!({ "matchLabels": selector });
            spec["template"] = template;
            set(&mut spec, "replicas", keys.get("replicas").cloned());
            set(&mut spec, "strategy", keys.get("strategy").map(strategy));
        }
    }
    let version = if is_job { "batch/v1" } else { "apps/v1" };
    json!({ "apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec })
}

/// Renders the Service of a workload.
pub(crate) fn service(keys: &Object, naming: &Naming<'_>, namespace: Option<&str>) -> Json {
    let words = map(keys.get("service"));
    let mut metadata = json!({ "name": name(keys, naming, "service") });
    set(&mut metadata, "namespace", namespace);
    set(&mut metadata, "labels", words.get("labels").cloned());
    set(&mut metadata, "annotations", words.get("annotations").cloned());
    let mut spec = Json::Object(map(words.get("spec")));
    match words.get("type").and_then(Json::as_str) {
        Some("Headless") => spec["clusterIP"] = "None".into(),
        Some(kind) => spec["type"] = kind.into(),
        None => {}
    }
    set(&mut spec, "sessionAffinity", words.get("sessionAffinity").cloned());
    spec["selector"] = words.get("selector").cloned().unwrap_or_else(|| selector(keys, naming).into());
    let from_names = || map(keys.get("ports")).iter().map(|(name, port)| offered(name, port)).collect();
    spec["ports"] = words.get("ports").cloned().unwrap_or_else(from_names);
    json!({ "apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec })
}

/// Renders the autoscaler of a workload.
pub(crate) fn autoscaler(keys: &Object, naming: &Naming<'_>, namespace: Option<&str>) -> Json {
    let words = map(keys.get("autoscaling"));
    let kind = keys.get("kind").and_then(Json::as_str).unwrap_or("Deployment");
    let mut metadata = json!({ "name": name(keys, naming, "hpa") });
    set(&mut metadata, "namespace", namespace);
    let target = json!({ "apiVersion": "apps/v1", "kind": kind, "name": name(keys, naming, "name") });
    let mut metrics: Vec<Json> = Vec::new();
    for resource in ["cpu", "memory"] {
        if let Some(percent) = words.get(resource) {
            let target = json!({ "type": "Utilization", "averageUtilization": percent });
            metrics.push(json!({ "type": "Resource", "resource": { "name": resource, "target": target } }));
        }
    }
    metrics.extend(list(words.get("metrics")));
    let mut spec = json!({
        "scaleTargetRef": target, "minReplicas": words["min"], "maxReplicas": words["max"], "metrics": metrics,
    });
    set(&mut spec, "behavior", words.get("behavior").cloned());
    json!({ "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": metadata, "spec": spec })
}

fn pod(keys: &Object) -> Json {
    let mut pod = Json::Object(map(keys.get("pod")));
    set(&mut pod, "serviceAccountName", keys.get("serviceAccount").cloned());
    let own = identity(keys, "container").and_then(Json::as_str).unwrap_or(Naming::CONTAINER);
    let mut containers = vec![container(keys, own, keys, true)];
    let mut before = Vec::new();
    for (name, words) in map(keys.get("sidecars")) {
        let words = map(Some(&words));
        let rendered = container(&words, &name, keys, false);
        if words.contains_key("before") { before.push(rendered) } else { containers.push(rendered) }
    }
    before.extend(containers);
    pod["containers"] = before.into();
    let inits = map(keys.get("initContainers"));
    let inits: Vec<Json> =
        inits.iter().map(|(name, words)| container(&map(Some(words)), name, keys, false)).collect();
    set(&mut pod, "initContainers", Some(inits));
    let mut volumes: Vec<Json> =
        map(keys.get("volumes")).iter().map(|(name, words)| volume(name, words)).collect();
    volumes.extend(list(pod.get("volumes")));
    set(&mut pod, "volumes", Some(volumes));
    pod
}

fn container(words: &Object, name: &str, workload: &Object, main: bool) -> Json {
    let mut container = Json::Object(map(words.get("container")));
    container["name"] = name.into();
    set(&mut container, "image", words.get("image").or_else(|| workload.get("image")).cloned());
    for key in ["command", "args", "resources"] {
        set(&mut container, key, words.get(key).cloned());
    }
    let mut ports: Vec<Json> = map(words.get("ports"))
        .iter()
        .map(|(name, port)| {
            let mut rendered =
                json!({ "name": name, "containerPort": port.get("containerPort").unwrap_or(port) });
            set(&mut rendered, "protocol", port.get("protocol").cloned());
            rendered
        })
        .collect();
    ports.extend(list(container.get("ports")));
    set(&mut container, "ports", Some(ports));
    let env: Vec<Json> = map(words.get("env")).iter().map(|(name, value)| variable(name, value)).collect();
    set(&mut container, "env", Some(env));
    let sources: Vec<Json> = list(words.get("envFrom")).iter().map(env_source).collect();
    set(&mut container, "envFrom", Some(sources));
    for (kind, probe) in map(words.get("probes")) {
        container[format!("{kind}Probe")] = probe;
    }
    let mut mounts: Vec<Json> = Vec::new();
    for (volume, words) in map(workload.get("volumes")) {
        let one = words.get("mountPath").is_some().then(|| words.clone());
        for mount in one.into_iter().chain(list(words.get("mounts"))) {
            let of = mount.get("container").and_then(Json::as_str);
            if of.map_or(main, |of| of == name) {
                let mut rendered = json!({ "name": volume });
                for key in ["mountPath", "subPath", "readOnly"] {
                    set(&mut rendered, key, mount.get(key).cloned());
                }
                mounts.push(rendered);
            }
        }
    }
    mounts.extend(list(container.get("volumeMounts")));
    set(&mut container, "volumeMounts", Some(mounts));
    container
}

fn variable(name: &str, value: &Json) -> Json {
    let source = match value {
        Json::Object(words) => words,
        text => return json!({ "name": name, "value": text }),
    };
    let reference = |word: &str, key: &str| {
        let mut reference = json!({ "name": source[word], "key": source["key"] });
        set(&mut reference, "optional", source.get("optional").cloned());
        json!({ "name": name, "valueFrom": { key: reference } })
    };
    if source.contains_key("secret") {
        reference("secret", "secretKeyRef")
    } else if source.contains_key("config") {
        reference("config", "configMapKeyRef")
    } else if let Some(field) = source.get("field") {
        json!({ "name": name, "valueFrom": { "fieldRef": { "fieldPath": field } } })
    } else {
        let mut reference = json!({ "resource": source["resource"] });
        set(&mut reference, "divisor", source.get("divisor").cloned());
        json!({ "name": name, "valueFrom": { "resourceFieldRef": reference } })
    }
}

fn env_source(words: &Json) -> Json {
    let (key, name) = match words.get("secret") {
        Some(name) => ("secretRef", name),
        None => ("configMapRef", &words["config"]),
    };
    let mut source = json!({ key: { "name": name } });
    set(&mut source[key], "optional", words.get("optional").cloned());
    set(&mut source, "prefix", words.get("prefix").cloned());
    source
}

fn volume(name: &str, words: &Json) -> Json {
    let (kind, mut source) = if let Some(config) = words.get("config") {
        ("configMap", json!({ "name": config }))
    } else if let Some(secret) = words.get("secret") {
        ("secret", json!({ "secretName": secret }))
    } else if let Some(claim) = words.get("persistentVolumeClaim") {
        ("persistentVolumeClaim", json!({ "claimName": claim }))
    } else if let Some(sources) = words.get("projected") {
        ("projected", json!({ "sources": sources }))
    } else {
        ("emptyDir", words["emptyDir"].clone())
    };
    let items: Vec<Json> = map(words.get("items"))
        .iter()
        .map(|(key, to)| {
            let mut item = json!({ "key": key, "path": to.get("path").unwrap_or(to) });
            set(&mut item, "mode", to.get("mode").map(mode));
            item
        })
        .collect();
    set(&mut source, "items", Some(items));
    set(&mut source, "defaultMode", words.get("mode").map(mode));
    set(&mut source, "optional", words.get("optional").cloned());
    json!({ "name": name, kind: source })
}

fn mode(word: &Json) -> Json {
    let octal = word.as_str().and_then(|text| i64::from_str_radix(text, 8).ok());
    octal.map_or_else(|| word.clone(), Json::from)
}

fn strategy(words: &Json) -> Json {
    let kind = if words["type"] == "recreate" { "Recreate" } else { "RollingUpdate" };
    let mut rolling = map(Some(words));
    rolling.shift_remove("type");
    let mut strategy = json!({ "type": kind });
    set(&mut strategy, "rollingUpdate", (!rolling.is_empty()).then_some(rolling));
    strategy
}

fn offered(name: &str, port: &Json) -> Json {
    let number = port.get("servicePort").or_else(|| port.get("containerPort")).unwrap_or(port);
    let mut offered = json!({ "name": name, "port": number, "targetPort": name });
    set(&mut offered, "protocol", port.get("protocol").cloned());
    offered
}

fn selector(keys: &Object, naming: &Naming<'_>) -> Object {
    identity(keys, "selector").map_or_else(|| naming.selector(), |labels| map(Some(labels)))
}

fn name(keys: &Object, naming: &Naming<'_>, word: &str) -> Json {
    identity(keys, word).cloned().unwrap_or_else(|| naming.object().into())
}

fn identity<'a>(keys: &'a Object, word: &str) -> Option<&'a Json> {
    keys.get("identity")?.get(word)
}

fn map(value: Option<&Json>) -> Object {
    value.and_then(Json::as_object).cloned().unwrap_or_default()
}

fn list(value: Option<&Json>) -> Vec<Json> {
    value.and_then(Json::as_array).cloned().unwrap_or_default()
}

/// Sets a key where there is a value that says something.
fn set(object: &mut Json, key: &str, value: Option<impl Into<Json>>) {
    if let Some(value) = value {
        object[key] = value.into();
    }
}
