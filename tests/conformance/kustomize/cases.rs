//! A random kustomization with everything that it names.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use super::choices::Choices;
use super::kustomization::fields;
use super::objects::object;

/// Files by path from the root of the case.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// What earlier directories of a case have.
#[derive(Default)]
pub(super) struct Known {
    /// Objects in files.
    pub(super) objects: Vec<Json>,
    /// Generated ones: whether it is a Secret, and its name.
    pub(super) generated: BTreeSet<(bool, &'static str)>,
}

/// The directory that is built.
pub(super) const ROOT: &str = "overlays/prod";

/// Writes a case.
pub(super) fn case(choices: &mut Choices) -> Files {
    let mut files = Files::new();
    let mut known = Known::default();
    let mut resources = Vec::new();
    if choices.chance(25) {
        directory(choices, "ground", &[], &mut known, &mut files);
        resources.push("../ground");
    }
    directory(choices, "base", &resources, &mut known, &mut files);
    let mut resources = vec!["../../base"];
    if choices.chance(15) {
        directory(choices, "beside", &[], &mut known, &mut files);
        resources.push("../../beside");
    }
    let mut components = Vec::new();
    if choices.chance(35) {
        component(choices, "components/one", &mut known, &mut files);
        components.push("../../components/one");
    }
    if choices.chance(10) {
        component(choices, "components/two", &mut known, &mut files);
        components.push("../../components/two");
    }
    let mut own =
        if choices.chance(30) { objects(choices, 2, &mut known, ROOT, &mut files) } else { Vec::new() };
    own.splice(0..0, resources.into_iter().map(str::to_owned));
    let mut kustomization = fields(choices, ROOT, &mut known, &mut files);
    kustomization.insert("resources".to_owned(), own.into());
    if !components.is_empty() {
        kustomization.insert("components".to_owned(), components.into());
    }
    if choices.chance(4) {
        kustomization.insert("sortOptions".to_owned(), json!({ "order": choices.pick(&["fifo", "legacy"]) }));
    }
    write(choices, ROOT, "Kustomization", kustomization, &mut files);
    files
}

fn directory(choices: &mut Choices, path: &str, bases: &[&str], known: &mut Known, files: &mut Files) {
    let mut resources = objects(choices, 6, known, path, files);
    resources.extend(bases.iter().map(|&base| base.to_owned()));
    let mut kustomization = if choices.chance(40) { fields(choices, path, known, files) } else { Map::new() };
    kustomization.insert("resources".to_owned(), resources.into());
    write(choices, path, "Kustomization", kustomization, files);
}

fn component(choices: &mut Choices, path: &str, known: &mut Known, files: &mut Files) {
    let resources = if choices.chance(30) { objects(choices, 2, known, path, files) } else { Vec::new() };
    let mut kustomization = fields(choices, path, known, files);
    // One without anything is refused by all.
    if kustomization.is_empty() {
        kustomization.insert("patches".to_owned(), json!([]));
    }
    if !resources.is_empty() {
        kustomization.insert("resources".to_owned(), resources.into());
    }
    write(choices, path, "Component", kustomization, files);
}

/// Writes some objects into files, of which none holds the same object as another, and returns their paths.
fn objects(
    choices: &mut Choices,
    most: usize,
    known: &mut Known,
    path: &str,
    files: &mut Files,
) -> Vec<String> {
    let id = |object: &Json| {
        [&object["apiVersion"], &object["kind"], &object["metadata"]["name"]].map(ToString::to_string)
    };
    // Two that are the same are refused by all, which needs to be seen only now and then.
    let mut seen: BTreeSet<_> = known.objects.iter().map(id).collect();
    let mut made = vec![object(choices)];
    made.extend(choices.some(most - 1, object));
    if !choices.chance(2) {
        made.retain(|object| seen.insert(id(object)));
    }
    known.objects.extend(made.iter().cloned());
    let mut paths = Vec::new();
    let several = choices.chance(40);
    let groups: Vec<&[Json]> = if several { vec![&made[..]] } else { made.chunks(1).collect() };
    for (index, group) in groups.into_iter().filter(|group| !group.is_empty()).enumerate() {
        let name = format!("objects-{index}.yaml");
        let documents: Vec<String> = group.iter().map(|object| document(choices, object)).collect();
        files.insert(format!("{path}/{name}"), documents.join("---\n").into_bytes());
        paths.push(name);
    }
    paths
}

fn write(choices: &mut Choices, path: &str, kind: &str, mut fields: Map<String, Json>, files: &mut Files) {
    let version = if kind == "Component" {
        "kustomize.config.k8s.io/v1alpha1"
    } else {
        "kustomize.config.k8s.io/v1beta1"
    };
    fields.insert("apiVersion".to_owned(), version.into());
    fields.insert("kind".to_owned(), kind.into());
    let text = document(choices, &Json::Object(fields));
    files.insert(format!("{path}/kustomization.yaml"), text.into_bytes());
}

/// Writes a document, mostly in blocks, else in braces.
fn document(choices: &mut Choices, value: &Json) -> String {
    let in_braces = choices.chance(15);
    let text = value.to_string();
    // In braces these would be breaks of the line, or nothing that a reader lets pass.
    let harmless = |character: char| character >= ' ' && !('\u{7f}'..'\u{a0}').contains(&character);
    if in_braces && text.chars().all(|c| harmless(c) && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')) {
        format!("{text}\n")
    } else {
        onramp::yaml::emit(value)
    }
}
