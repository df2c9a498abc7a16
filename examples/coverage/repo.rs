//! The objects of a corpus as a config repo, so that its findings can be counted and read.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;

use onramp::kubernetes::{Scope, scope};
use onramp::migrate::{Converted, Naming, from_objects};
use onramp::yaml::emit;
use serde_json::{Value as Json, json};

use crate::corpus::{Corpus, Object};
use crate::family::{WORKLOADS, fill_in_images, missing, scales, selects, word};
use crate::trip::{PLATFORM, metadata};

/// What a server adds to an object, and people export with it.
const EXPORTED: &[&str] =
    &["namespace", "uid", "resourceVersion", "creationTimestamp", "generation", "selfLink", "managedFields"];

/// Writes an API for each directory of the corpus that has workloads: these in the words of the model, all else as extra
/// resources. What the model cannot say of a workload is left out. Returns the number of APIs.
pub(crate) fn write(corpus: &Corpus, root: &Path) -> Result<usize, Box<dyn Error>> {
    // Every rule has its say.
    let (before, rest) = PLATFORM.split_once("rules:").unwrap_or((PLATFORM, ""));
    let open = rest.split_once("passthrough:").map_or("", |(_, open)| open);
    let lenient = "rules: { removed-api-version: warning, image-without-tag: warning, resource-kind-not-allowed: warning }\n";
    file(root, "platform.yaml", &format!("{before}{lenient}passthrough:{open}"))?;
    let mut places: BTreeMap<(&str, &str), Vec<&Object>> = BTreeMap::new();
    for object in &corpus.objects {
        places.entry((&object.branch, &object.directory)).or_default().push(object);
    }
    let mut apis = 0;
    for objects in places.values() {
        let api = format!("{}-{apis}", word(&objects[0].branch));
        apis += usize::from(directory(&api, objects, root)?);
    }
    Ok(apis)
}

fn directory(api: &str, objects: &[&Object], root: &Path) -> Result<bool, Box<dyn Error>> {
    let is_workload = |object: &&&Object| {
        WORKLOADS.iter().any(|kind| object.json["kind"] == *kind) && missing(&object.json).is_none()
    };
    let workloads: Vec<&&Object> = objects.iter().filter(is_workload).collect();
    let mut said: BTreeSet<*const Object> = BTreeSet::new();
    let mut converted: BTreeMap<String, Converted> = BTreeMap::new();
    let mut ids: BTreeSet<String> = BTreeSet::new();
    for workload in &workloads {
        said.insert(std::ptr::from_ref(**workload));
        // Of an object that lies here for several environments the first one stands for all.
        if !ids.insert(id(&workload.json)) {
            continue;
        }
        let key = format!("w{}", converted.len());
        let mut complete = workload.json.clone();
        fill_in_images(&mut complete);
        let service = objects.iter().find(|object| selects(&object.json, &workload.json));
        let autoscaler = objects.iter().find(|object| scales(&object.json, &workload.json));
        let naming = Naming { api, workload: Some(&key), container: None };
        let one =
            from_objects(&complete, &naming, service.map(|one| &one.json), autoscaler.map(|one| &one.json));
        let found = [service, autoscaler].into_iter().flatten();
        ids.extend(found.map(|object| id(&object.json)));
        said.extend([service, autoscaler].into_iter().flatten().map(|object| std::ptr::from_ref(*object)));
        converted.insert(key, one);
    }
    if converted.is_empty() {
        return Ok(false);
    }
    let named: Vec<(Option<&str>, &Converted)> =
        converted.iter().map(|(name, one)| (Some(name.as_str()), one)).collect();
    let mut whole = metadata(api, &named);
    // Each namespace of its own, so that what two branches have does not meet.
    whole["namespace"] = api.into();
    let mut extra = Vec::new();
    for object in objects.iter().filter(|object| !said.contains(&std::ptr::from_ref(**object))) {
        let mut json = object.json.clone();
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        let (kind, api_version) = (text(&json["kind"]), text(&json["apiVersion"]));
        // Secrets with values and what belongs to a whole cluster keep an API from being looked at any further.
        if !ids.insert(id(&json)) || kind == "Secret" || scope(&api_version, &kind) == Some(Scope::Cluster) {
            continue;
        }
        if json["apiVersion"].as_str().is_none_or(|version| version.contains("kustomize"))
            || json["metadata"]["name"].is_null()
        {
            continue;
        }
        if let Some(metadata) = json["metadata"].as_object_mut() {
            for key in EXPORTED {
                metadata.remove(*key);
            }
        }
        let path = format!("resources/{}.yaml", extra.len());
        file(root, &format!("onboarding/{api}/{path}"), &emit(&json))?;
        extra.push(path);
    }
    if !extra.is_empty() {
        whole["extraResources"] = json!(extra);
    }
    file(root, &format!("onboarding/{api}/metadata.yaml"), &emit(&whole))?;
    Ok(true)
}

/// What an object is called in its namespace.
fn id(object: &Json) -> String {
    format!("{} {}", object["kind"], object["metadata"]["name"])
}

#[expect(clippy::disallowed_methods, reason = "an example writes what it is asked for")]
fn file(root: &Path, path: &str, text: &str) -> Result<(), Box<dyn Error>> {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap_or(root))?;
    Ok(std::fs::write(path, text)?)
}
