//! Random fields of a kustomization, all of the supported subset.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use super::cases::{Files, Known};
use super::choices::Choices;
use super::objects::{CONFIG_MAPS, IMAGES, NAMESPACES, SECRETS, anything, container, env, texts};
use super::strings::{key, odd_key, one_line, text};

/// Fields for the kustomization of a directory; files that they name are written there.
///
/// What is known may be patched and added to. Whether it is the build's, nobody promises.
pub(super) fn fields(
    choices: &mut Choices,
    directory: &str,
    known: &mut Known,
    files: &mut Files,
) -> Map<String, Json> {
    let mut fields = Map::new();
    let mut set = |key: &str, value: Json| {
        fields.insert(key.to_owned(), value);
    };
    if choices.chance(20) {
        set("namespace", choices.pick(NAMESPACES).into());
    }
    if choices.chance(12) {
        set("namePrefix", choices.pick(&["pre-", "a"]).into());
    }
    if choices.chance(12) {
        set("nameSuffix", choices.pick(&["-suf", "1"]).into());
    }
    if choices.chance(30) {
        set("labels", choices.some(2, labels).into());
    }
    if choices.chance(1) {
        set("commonLabels", json!({ "common": one_line(choices) }));
    }
    if choices.chance(15) {
        let pairs: Map<_, _> =
            choices.some(2, |choices| (odd_key(choices), Json::String(text(choices)))).into_iter().collect();
        set("commonAnnotations", pairs.into());
    }
    if choices.chance(30) {
        set("images", choices.some(3, image).into());
    }
    if choices.chance(15) {
        set("replicas", choices.some(2, |choices| replicas(choices, known)).into());
    }
    if choices.chance(10) {
        set("generatorOptions", options(choices));
    }
    if choices.chance(35) {
        set(
            "configMapGenerator",
            choices.some(2, |choices| generator(choices, false, known, directory, files)).into(),
        );
    }
    if choices.chance(15) {
        let mut generators = choices.some(2, |choices| generator(choices, true, known, directory, files));
        for generator in &mut generators {
            if choices.chance(30) {
                generator["type"] = choices.pick(&["kubernetes.io/tls", "Opaque", "x"]).into();
            }
        }
        set("secretGenerator", generators.into());
    }
    if choices.chance(45) && !known.objects.is_empty() {
        set("patches", choices.some(3, |choices| patch(choices, directory, &known.objects, files)).into());
    }
    fields
}

fn replicas(choices: &mut Choices, known: &Known) -> Json {
    let scaled = |object: &&Json| matches!(object["kind"].as_str(), Some("Deployment" | "StatefulSet"));
    let names: Vec<&Json> =
        known.objects.iter().filter(scaled).map(|object| &object["metadata"]["name"]).collect();
    let name =
        if names.is_empty() || choices.chance(3) { "nobody".into() } else { choices.pick(&names).clone() };
    json!({ "name": name, "count": choices.below(9) })
}

fn labels(choices: &mut Choices) -> Json {
    let pairs: Map<_, _> =
        choices.some(2, |choices| (key(choices), Json::String(one_line(choices)))).into_iter().collect();
    let mut labels = json!({ "pairs": pairs });
    match choices.below(4) {
        0 | 1 => {}
        2 => labels["includeSelectors"] = true.into(),
        _ => labels["includeTemplates"] = true.into(),
    }
    labels
}

fn image(choices: &mut Choices) -> Json {
    let name = choices.pick(IMAGES);
    let name = match choices.below(5) {
        0 => "reg.io/a",
        1 => "registry.example/./app",
        _ => name
            .split('@')
            .next()
            .unwrap_or(name)
            .trim_end_matches(":1.25")
            .trim_end_matches(":v1")
            .trim_end_matches(":v2"),
    };
    let mut image = json!({ "name": name });
    if choices.chance(40) {
        image["newName"] = choices.pick(&["other.example/x", "nginx", "localhost:5000/a/b"]).into();
    }
    if choices.chance(60) {
        image["newTag"] = choices.pick(&["v9", "1.10", "2026-01-05", "latest", "on", "1e3"]).into();
    }
    if choices.chance(20) {
        image["digest"] = "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc".into();
    }
    image
}

fn options(choices: &mut Choices) -> Json {
    let mut options = json!({});
    if choices.chance(40) {
        options["disableNameSuffixHash"] = choices.chance(70).into();
    }
    if choices.chance(30) {
        options["labels"] = json!({ "generated": one_line(choices) });
    }
    if choices.chance(30) {
        options["annotations"] = json!({ "note": text(choices) });
    }
    if choices.chance(10) {
        options["immutable"] = true.into();
    }
    options
}

fn generator(
    choices: &mut Choices,
    secret: bool,
    known: &mut Known,
    directory: &str,
    files: &mut Files,
) -> Json {
    let name = choices.pick(if secret { SECRETS } else { CONFIG_MAPS });
    let mut generator = json!({ "name": name });
    // Mostly what is there is changed, and what is not there is made.
    let there = known.generated.insert((secret, name)) == choices.chance(3);
    if there {
        generator["behavior"] = choices.pick(&["merge", "merge", "replace"]).into();
    } else if choices.chance(20) {
        generator["behavior"] = "create".into();
    }
    let mut used = BTreeSet::new();
    let mut unused = |choices: &mut Choices| {
        let key = key(choices);
        if used.insert(key.clone()) { key } else { format!("{key}{}", used.len()) }
    };
    if choices.chance(3) {
        generator["namespace"] = choices.pick(NAMESPACES).into();
    }
    if choices.chance(60) {
        let literal = |choices: &mut Choices| match choices.below(4) {
            0 => format!("{}=\"{}\"", unused(choices), text(choices)),
            1 => format!("{}='{}'", unused(choices), text(choices)),
            _ => format!("{}={}", unused(choices), text(choices)),
        };
        generator["literals"] = choices.some(3, literal).into();
    }
    if choices.chance(40) {
        let file = |choices: &mut Choices| {
            let name = choices.pick(&["app.yaml", "x.properties", "sub/b.txt", "bin"]);
            let content = match choices.below(8) {
                0 => vec![0xff, 0xfe, 0, b'a', b'\n'],
                1 => vec![0xc0; 60],
                _ => text(choices).into_bytes(),
            };
            files.entry(format!("{directory}/{name}")).or_insert(content);
            format!("{}={name}", unused(choices))
        };
        generator["files"] = choices.some(3, file).into();
    } else if choices.chance(20) {
        files.entry(format!("{directory}/plain.txt")).or_insert(text(choices).into_bytes());
        generator["files"] = json!(["plain.txt"]);
    }
    if choices.chance(25) {
        let name = choices.pick(&["a.env", "b.env"]);
        let line = |choices: &mut Choices| match choices.below(6) {
            0 => format!("# {}", one_line(choices)),
            1 => String::new(),
            2 => format!("  {}={}", unused(choices), one_line(choices)),
            _ => format!("{}={}", unused(choices), one_line(choices)),
        };
        let lines = choices.some(4, line).join("\n");
        files.entry(format!("{directory}/{name}")).or_insert(format!("{lines}\n").into_bytes());
        generator["envs"] = json!([name]);
    }
    if choices.chance(20) {
        generator["options"] = options(choices);
    }
    generator
}

fn patch(choices: &mut Choices, directory: &str, known: &[Json], files: &mut Files) -> Json {
    let target = &known[choices.below(known.len())];
    let by_json = choices.chance(35);
    let content = if by_json { json_patch(choices, target) } else { merge_patch(choices, target) };
    let text = onramp::yaml::emit(&content);
    let mut patch = if choices.chance(30) {
        let path = format!("patch-{}.yaml", files.len());
        files.insert(format!("{directory}/{path}"), text.into_bytes());
        json!({ "path": path })
    } else {
        json!({ "patch": text })
    };
    if by_json || choices.chance(40) {
        patch["target"] = selector(choices, target);
    }
    patch
}

fn selector(choices: &mut Choices, object: &Json) -> Json {
    let mut target = json!({ "kind": object["kind"] });
    match choices.below(8) {
        0..=3 => target["name"] = object["metadata"]["name"].clone(),
        4 => target["name"] = choices.pick(&["web.*", ".*", "we", "w.+r|web"]).into(),
        5 => {
            target["labelSelector"] = choices.pick(&["app=web", "app!=web", "app", "app in (web, y)"]).into();
        }
        6 => target = json!({ "name": object["metadata"]["name"] }),
        _ => target["kind"] = choices.pick(&["Deploy.*", "Deployment|Service", "Service"]).into(),
    }
    if choices.chance(20) {
        let (group, version) =
            object["apiVersion"].as_str().and_then(|text| text.split_once('/')).unwrap_or(("", "v1"));
        target["group"] = group.into();
        target["version"] = version.into();
    }
    if choices.chance(10) {
        target["namespace"] = choices.pick(NAMESPACES).into();
    }
    target
}

/// A strategic merge patch for an object.
fn merge_patch(choices: &mut Choices, object: &Json) -> Json {
    let mut patch = json!({ "apiVersion": object["apiVersion"], "kind": object["kind"],
        "metadata": { "name": object["metadata"]["name"] } });
    if let Some(namespace) = object["metadata"].get("namespace") {
        patch["metadata"]["namespace"] = namespace.clone();
    }
    if choices.chance(4) {
        patch["$patch"] = "delete".into();
        return patch;
    }
    if choices.chance(35) {
        let some = choices.some(2, |choices| (odd_key(choices), text_or_null(choices)));
        patch["metadata"]["annotations"] = some.into_iter().collect::<Map<_, _>>().into();
    }
    if choices.chance(15) {
        let some = choices.some(2, |choices| (key(choices), text_or_null(choices)));
        patch["metadata"]["labels"] = some.into_iter().collect::<Map<_, _>>().into();
    }
    let pointer = ["/spec/template/spec", "/spec/jobTemplate/spec/template/spec", "/spec"]
        .into_iter()
        .find(|pointer| object.pointer(&format!("{pointer}/containers")).is_some());
    if let Some(pointer) = pointer {
        let mut inner = pod_patch(choices);
        for step in pointer.rsplit('/').filter(|step| !step.is_empty()) {
            inner = json!({ step: inner });
        }
        patch["spec"] = inner["spec"].clone();
        if choices.chance(30) {
            patch["spec"]["replicas"] = if choices.chance(20) { Json::Null } else { choices.below(9).into() };
        }
    } else if object.get("data").is_some() {
        let data = choices.some(3, |choices| (key(choices), text_or_null(choices)));
        patch["data"] = data.into_iter().collect::<Map<_, _>>().into();
    } else if object["kind"] == "Service" {
        let port =
            json!({ "name": "http", "port": choices.pick(&[80, 81]), "protocol": "TCP", "targetPort": 8080 });
        patch["spec"] = json!({ "ports": [port] });
        if choices.chance(30) {
            patch["spec"]["selector"] = json!({ "$patch": "replace", "x": "y" });
        }
    } else if choices.chance(60) {
        let some = choices.some(3, |choices| (odd_key(choices), anything(choices, 2)));
        patch["spec"] = some.into_iter().collect::<Map<_, _>>().into();
    }
    patch
}

fn text_or_null(choices: &mut Choices) -> Json {
    if choices.chance(15) { Json::Null } else { text(choices).into() }
}

fn pod_patch(choices: &mut Choices) -> Json {
    let mut pod = json!({});
    if choices.chance(70) {
        let one = |choices: &mut Choices| {
            let name = choices.pick(&["app", "sidecar", "new"]);
            match choices.below(8) {
                0 => json!({ "name": name, "$patch": "delete" }),
                1 => container(choices, name),
                2 => json!({ "name": name, "image": choices.pick(IMAGES) }),
                3 => json!({ "name": name, "args": choices.some(2, text) }),
                4 => json!({ "name": name, "resources": { "limits": { "cpu": null, "memory": "1Gi" } } }),
                5 => {
                    json!({ "name": name, "ports": [{ "containerPort": 8080, "protocol": "TCP", "name": "web" }] })
                }
                _ => json!({ "name": name, "env": env(choices, 3) }),
            }
        };
        pod["containers"] = choices.some(2, one).into();
        if choices.chance(5) {
            let list = pod["containers"].as_array_mut().expect("a list");
            list.push(json!({ "$patch": "replace" }));
        }
    }
    if choices.chance(20) {
        let name = choices.pick(&["data", "tmp", "more"]);
        pod["volumes"] = match choices.below(4) {
            0 => json!([{ "name": name, "$patch": "delete" }]),
            1 => {
                json!([{ "name": name, "emptyDir": null, "configMap": { "name": choices.pick(CONFIG_MAPS) } }])
            }
            _ => json!([{ "name": name, "secret": { "secretName": choices.pick(SECRETS) } }]),
        };
    }
    if choices.chance(15) {
        pod["tolerations"] = json!([{ "key": "a", "operator": "Exists" }]);
    }
    if choices.chance(15) {
        pod["nodeSelector"] = texts(choices, 2);
    }
    if choices.chance(10) {
        pod["hostAliases"] = json!([{ "ip": "127.0.0.1", "hostnames": ["a"] }]);
    }
    if choices.chance(10) {
        pod["securityContext"] = json!({ "$patch": "replace", "runAsUser": 1000 });
    }
    pod
}

/// A JSON 6902 patch for an object.
fn json_patch(choices: &mut Choices, object: &Json) -> Json {
    let mut pointers = Vec::new();
    collect(object, String::new(), &mut pointers);
    let operation = |choices: &mut Choices| {
        let (path, value) = &pointers[choices.below(pointers.len())];
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        match choices.below(8) {
            0 | 1 => json!({ "op": "replace", "path": path, "value": like(choices, value) }),
            2 => json!({ "op": "remove", "path": path }),
            3 => json!({ "op": "add", "path": path, "value": like(choices, value) }),
            4 => {
                json!({ "op": "add", "path": format!("{parent}/{}", choices.pick(&["-", "x", "a~1b", "0"])), "value": like(choices, value) })
            }
            5 => json!({ "op": "test", "path": path, "value": value }),
            6 => json!({ "op": "copy", "from": path, "path": format!("{parent}/copied") }),
            _ => json!({ "op": "move", "from": path, "path": format!("{parent}/moved") }),
        }
    };
    let operations: Vec<Json> =
        std::iter::once(operation(choices)).chain(choices.some(2, operation)).collect();
    operations.into()
}

/// A value of the same type.
fn like(choices: &mut Choices, value: &Json) -> Json {
    match value {
        Json::String(_) => text(choices).into(),
        Json::Number(_) => choices.below(100).into(),
        Json::Object(_) => texts(choices, 3),
        _ => anything(choices, 2),
    }
}

/// All places of an object below its kind, and what is there.
fn collect(value: &Json, pointer: String, found: &mut Vec<(String, Json)>) {
    let escaped = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match value {
        Json::Object(map) => {
            for (key, value) in
                map.iter().filter(|(key, _)| !matches!(key.as_str(), "apiVersion" | "kind" | "name"))
            {
                collect(value, format!("{pointer}/{}", escaped(key)), found);
            }
        }
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
    if !pointer.is_empty() {
        found.push((pointer, value.clone()));
    }
}
