//! One file: its documents, and the objects in them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value as Json;

use super::environments::{self, Words};
use super::{Comment, Document, DocumentState, Found, Origin, comments};
use crate::ordered;
use crate::yaml::{self, Source, SourceId};

/// Findings that leave no doubt what a cluster would get.
const HARMLESS: [&str; 5] =
    ["ambiguous-scalar", "duplicate-key", "explicit-tag", "merge-key", "non-string-key"];

/// What kustomizations are of.
const KUSTOMIZE: &str = "kustomize.config.k8s.io/";

/// The most objects of one document; a list in a list can hold them many times over.
const MAX_ITEMS: usize = 10_000;

/// What a file holds.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) documents: Vec<Document>,
    pub(super) objects: Vec<Found>,
}

/// Which objects of a file are for which environment, where the file itself tells.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// Environments by namespace.
    pub(super) of: BTreeMap<String, String>,
    /// The namespace that is called like those but for the word.
    pub(super) unnamed: Option<String>,
}

/// Reads the documents of a file.
pub(super) fn read(path: &Arc<str>, text: String) -> Contents {
    let mut contents = Contents::default();
    if !says_kind(&text) {
        let title = title_of_file(path);
        contents.documents.push(Document { line: 1, title, state: DocumentState::NoObject });
        return contents;
    }
    let source = Source { id: SourceId(0), path: Arc::clone(path), text };
    let mut lines = Lines { text: &source.text, at: 0, line: 1 };
    for (index, document) in yaml::documents(&source).iter().enumerate() {
        let start = document.start + prologue(&document.source.text);
        let line = lines.of(start);
        let origin = Origin { file: Arc::clone(path), document: index, line };
        one(document, &origin, &mut contents);
    }
    contents
}

/// Reads the comments of a file, by document.
pub(super) fn comments(path: &Arc<str>, text: &str) -> Vec<Arc<[Comment]>> {
    let source = Source { id: SourceId(0), path: Arc::clone(path), text: text.to_owned() };
    let mut lines = Lines { text: &source.text, at: 0, line: 1 };
    let one = |document: &yaml::Document| {
        let line = lines.of(document.start + prologue(&document.source.text));
        comments::of(document, line).into()
    };
    yaml::documents(&source).iter().map(one).collect()
}

/// A text without both words holds no object, and most files of a service's sources are such: they need not be parsed.
fn says_kind(text: &str) -> bool {
    text.contains("kind") && text.contains("apiVersion")
}

fn one(document: &yaml::Document, origin: &Origin, contents: &mut Contents) {
    let line = origin.line;
    let wrong = document.findings.iter().find(|finding| !HARMLESS.contains(&finding.code.name));
    if let Some(finding) = wrong {
        let title = document.node.as_ref().map_or_else(String::new, |node| title(&node.to_json()));
        let text = &document.source.text;
        let mistake = finding.primary.span.as_ref().and_then(|span| text.get(prologue(text)..span.start));
        let line = line + mistake.unwrap_or_default().matches('\n').count();
        let state = DocumentState::Unreadable(finding.code.name.to_owned(), finding.message.clone());
        return contents.documents.push(Document { line, title, state });
    }
    let mut push = |title: String, state| contents.documents.push(Document { line, title, state });
    let Some(json) = document.to_json() else {
        let (code, message) = ("yaml-syntax".to_owned(), "the document cannot be read".to_owned());
        return push(String::new(), DocumentState::Unreadable(code, message));
    };
    let title = title(&json);
    if super::tree::is_kustomization(&origin.file) {
        return push(title, DocumentState::Kustomization);
    }
    if is_kustomization(&json) {
        let reason = "kustomize does not read a file of that name".to_owned();
        return push(title, DocumentState::Unbuildable(reason));
    }
    let is_list = is_list(&json);
    let mut objects = Vec::new();
    expand(json, &mut objects);
    if objects.is_empty() {
        let state = nameless(document.to_json()).map_or(DocumentState::NoObject, DocumentState::LeftOut);
        return push(title, state);
    }
    push(title, DocumentState::Objects);
    let comments: Arc<[Comment]> = comments::of(document, line).into();
    let text = (!is_list && document.findings.is_empty())
        .then(|| own_text(&document.source.text))
        .flatten()
        .map(Arc::from);
    for json in objects {
        contents.objects.push(Found {
            json,
            origin: origin.clone(),
            built_by: None,
            text: text.clone(),
            comments: Arc::clone(&comments),
        });
    }
}

/// Takes lists apart, and keeps what is an object.
fn expand(json: Json, objects: &mut Vec<Json>) {
    if objects.len() >= MAX_ITEMS {
        return;
    }
    if is_list(&json) {
        let Json::Object(mut map) = json else { return };
        // What a `SecretList` holds is Secrets without saying so.
        let kind = map.get("kind").and_then(Json::as_str).and_then(|kind| kind.strip_suffix("List"));
        let kind = kind.filter(|kind| !kind.is_empty()).map(str::to_owned);
        let version = map.get("apiVersion").cloned();
        if let Some(Json::Array(items)) = map.shift_remove("items") {
            for mut item in items {
                if let (Some(kind), Some(version), Json::Object(item)) = (&kind, &version, &mut item) {
                    item.entry("apiVersion").or_insert_with(|| version.clone());
                    item.entry("kind").or_insert_with(|| kind.clone().into());
                }
                expand(item, objects);
            }
        }
    } else if is_object(&json) {
        objects.push(json);
    }
}

/// Says why an object of Kubernetes that has no name cannot be taken over; nothing of what is no such object.
fn nameless(json: Option<Json>) -> Option<String> {
    let json = json?;
    let (version, kind) = (text(&json, "apiVersion")?, text(&json, "kind")?);
    let generated = ordered::field(&json, "metadata").and_then(|metadata| text(metadata, "generateName"));
    match generated {
        Some(_) => Some(
            "it has `generateName` and no `name`, and Kustomize names objects by `metadata.name`".to_owned(),
        ),
        None if crate::kubernetes::scope(version, kind).is_some() && !is_list(&json) => {
            Some("its `metadata.name` is no text".to_owned())
        }
        None => None,
    }
}

fn is_list(json: &Json) -> bool {
    text(json, "kind").is_some_and(|kind| kind.ends_with("List"))
        && matches!(ordered::field(json, "items"), Some(Json::Array(_)))
}

fn is_object(json: &Json) -> bool {
    let filled = |key| text(json, key).is_some_and(|text| !text.is_empty());
    filled("apiVersion") && filled("kind") && name(json).is_some_and(|name| !name.is_empty())
}

/// Tells whether a document is a kustomization by what it says of itself.
pub(super) fn is_kustomization(json: &Json) -> bool {
    text(json, "apiVersion").is_some_and(|version| version.starts_with(KUSTOMIZE))
}

fn text<'a>(json: &'a Json, key: &str) -> Option<&'a str> {
    ordered::field(json, key)?.as_str()
}

/// Returns the name of an object.
pub(super) fn name(json: &Json) -> Option<&str> {
    text(ordered::field(json, "metadata")?, "name")
}

/// Returns the namespace that an object names.
pub(super) fn namespace(json: &Json) -> Option<&str> {
    text(ordered::field(json, "metadata")?, "namespace").filter(|namespace| !namespace.is_empty())
}

/// Returns what tells an object from all others of a cluster: group, kind, namespace and name.
pub(super) fn identity(json: &Json) -> (&str, &str, &str, &str) {
    let version = text(json, "apiVersion").unwrap_or_default();
    let group = version.rsplit_once('/').map_or("", |(group, _)| group);
    let kind = text(json, "kind").unwrap_or_default();
    (group, kind, namespace(json).unwrap_or_default(), name(json).unwrap_or_default())
}

/// Returns what a document is called for people.
pub(super) fn title(json: &Json) -> String {
    let first_key = || json.as_object().and_then(|map| map.keys().next()).cloned();
    match (text(json, "kind"), name(json)) {
        (Some(kind), Some(name)) => format!("{kind}/{name}"),
        (Some(kind), None) => kind.to_owned(),
        (None, _) => first_key().unwrap_or_default(),
    }
}

fn title_of_file(path: &str) -> String {
    super::tree::split(path).1.to_owned()
}

/// Returns the text of a document without the line that parts it from the one before; nothing where that line says more.
fn own_text(text: &str) -> Option<&str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Some(rest) = text.strip_prefix("---") else { return Some(text) };
    let (line, rest) = rest.split_once('\n')?;
    let line = line.trim();
    (line.is_empty() || line.starts_with('#')).then_some(rest)
}

/// Returns how many bytes of a document stand before its first line that says something.
fn prologue(text: &str) -> usize {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let said = line.trim_start_matches('\u{feff}').trim_end();
        if !said.is_empty() && said != "---" {
            return at;
        }
        at += line.len();
    }
    0
}

/// Counts lines in one go over a text.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    /// Returns the line of a place, from 1. Places are asked in their order.
    fn of(&mut self, at: usize) -> usize {
        self.line += self.text.get(self.at..at).unwrap_or_default().matches('\n').count();
        self.at = at.max(self.at);
        self.line
    }
}

/// Finds the namespaces of a file that are environments: one object stands in several that differ by a word alone.
pub(super) fn namespaces(objects: &[Found], words: &Words) -> Told {
    let mut homes: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for found in objects {
        if let Some(namespace) = namespace(&found.json) {
            let (_, kind, _, name) = identity(&found.json);
            homes.entry((kind, name)).or_default().insert(namespace);
        }
    }
    let mut told = Told::default();
    for homes in homes.values().filter(|homes| homes.len() > 1) {
        let mut variants: BTreeMap<String, Vec<(&str, &str)>> = BTreeMap::new();
        for home in homes {
            for word in environments::find(home, words) {
                variants.entry(word.rest).or_default().push((home, word.environment));
            }
        }
        for (rest, variants) in variants {
            let unnamed = homes.contains(&*rest);
            let environments: BTreeSet<&str> = variants.iter().map(|(_, environment)| *environment).collect();
            if environments.len() > 1 || unnamed {
                let pair = |(home, environment): (&str, &str)| (home.to_owned(), environment.to_owned());
                told.of.extend(variants.into_iter().map(pair));
                if unnamed {
                    told.unnamed = Some(rest);
                }
            }
        }
    }
    told
}
