//! One file of a hatch as documents, and a document as an object.

use std::sync::Arc;

use serde_json::Value as Json;

use super::image::NamedImage;
use super::{ApiContext, FilePath};
use crate::diagnostic::{Code, Diagnostic, Location, Sink};
use crate::kubernetes::{self, Nearest, Removed, VERSIONS};
use crate::yaml::{self, Node, Source, SourceId, Span, Value};

/// Reads hatch files.
pub(super) struct Reader<'a, 'b> {
    pub(super) context: &'a ApiContext<'b>,
    /// The only environment that what is read holds in, where it is one's own.
    pub(super) only_in: Option<Arc<str>>,
    /// Files that hold a Secret with values.
    pub(super) secrets: Vec<Location>,
    /// The images that the files name.
    pub(super) images: Vec<NamedImage>,
    pub(super) sink: &'a mut Sink,
}

/// One document of a file.
#[derive(Clone, Debug)]
pub(super) struct Document {
    pub(super) file: FilePath,
    /// First byte of the document in the file.
    pub(super) start: usize,
    pub(super) node: Node,
    /// Where metadata.yaml names the file.
    pub(super) entry: Location,
}

/// A Kubernetes object that a file holds.
#[derive(Clone, Debug)]
pub struct Object {
    document: Document,
    /// The same without places.
    pub json: Json,
    /// Its API group and version.
    pub api_version: String,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The namespace that it names, if it does.
    pub namespace: Option<String>,
    /// The only environment that it is in, where it is one's own.
    pub only_in: Option<Arc<str>>,
}

impl Object {
    /// Tells whether it is in an environment.
    pub fn is_in(&self, environment: &str) -> bool {
        holds_in(self.only_in.as_deref(), environment)
    }

    /// Returns the API group; the core group is empty.
    pub fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// Says since when a version of Kubernetes no longer serves it as it is written, and what to write.
    pub fn removed(&self, nearest: Nearest) -> Option<Removed> {
        // Of a version older than all that are known it is not known what it still has.
        let sure = nearest.exact || VERSIONS.last() == Some(&nearest.version);
        kubernetes::removed(&self.api_version, &self.kind)
            .filter(|removed| sure && removed.is_gone_in(nearest.version))
    }

    /// Returns kind and name, as messages call it.
    pub fn title(&self) -> String {
        format!("{} {}", self.kind, self.name)
    }

    /// Points at what a path of keys leads to, or at the last part of it that is there.
    pub fn locate(&self, path: &[&str]) -> Location {
        let (node, _) = self.node().follow(path.iter().copied());
        self.document.location(node.span)
    }

    /// Makes a finding about what a path of keys leads to.
    pub fn finding(&self, code: &'static Code, path: &[&str], message: String) -> Diagnostic {
        let finding = Diagnostic::new(code, self.locate(path), message);
        about(finding, self.only_in.as_deref()).related(self.document.entry.clone(), NAMED_HERE)
    }

    /// Returns where metadata.yaml names the file.
    pub(super) fn entry(&self) -> &Location {
        &self.document.entry
    }

    pub(super) fn node(&self) -> &Node {
        &self.document.node
    }

    pub(super) fn location(&self, span: Span) -> Location {
        self.document.location(span)
    }
}

/// Tells whether what is in all environments or in one alone is in an environment.
pub(super) fn holds_in(only_in: Option<&str>, environment: &str) -> bool {
    only_in.is_none_or(|only| only == environment)
}

/// Says of a finding which environment alone it is about, if it is about one.
pub(super) fn about(finding: Diagnostic, only_in: Option<&str>) -> Diagnostic {
    match only_in {
        Some(environment) => finding.in_environment(environment),
        None => finding,
    }
}

/// What stands under the entry of metadata.yaml.
pub(super) const NAMED_HERE: &str = "the file is named here";

impl Document {
    /// Returns the document without what it says, to point into it.
    pub(super) fn without_content(&self) -> Self {
        let node = Node { span: self.node.span, value: Value::Null };
        Self { file: self.file.clone(), start: self.start, node, entry: self.entry.clone() }
    }

    pub(super) fn location(&self, span: Span) -> Location {
        Location::at(self.file.clone(), self.start + span.start as usize..self.start + span.end as usize)
    }

    pub(super) fn finding(&self, code: &'static Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, self.location(span), message).related(self.entry.clone(), NAMED_HERE)
    }
}

/// A file with its documents.
pub(super) struct File {
    pub(super) path: FilePath,
    pub(super) text: String,
    pub(super) documents: Vec<Document>,
}

impl Reader<'_, '_> {
    /// Reads a file of the API. Nothing is returned where it is not there, or not sound YAML throughout.
    pub(super) fn file(&mut self, path: &str, entry: &Location) -> Option<File> {
        if !self.context.has_file(path) {
            return None;
        }
        let path: FilePath = format!("{}/{path}", self.context.directory).into();
        let bytes = match self.context.snapshot.read_listed(&path, yaml::MAX_BYTES as u64) {
            Ok(bytes) => bytes.unwrap_or_default(),
            Err(error) => {
                self.sink.push(error.diagnostic().related(entry.clone(), NAMED_HERE));
                return None;
            }
        };
        let mut found = Sink::default();
        let text = yaml::decode(&path, bytes, &mut found);
        let source = text.map(|text| Source { id: SourceId(0), path: path.clone(), text });
        let read = source.as_ref().map(yaml::documents).unwrap_or_default();
        let secret = source.as_ref().is_some_and(|source| speaks_of_secrets(&source.text));
        let mut findings = found.into_findings();
        let mut documents = Vec::with_capacity(read.len());
        for document in read {
            let start = document.start;
            findings.extend(document.findings.into_iter().map(|finding| finding.moved(start)));
            if let Some(node) = document.node {
                documents.push(Document { file: path.clone(), start, node, entry: entry.clone() });
            }
        }
        if documents.iter().any(|document| holds_secret(&document.node)) {
            self.secret(path);
            return None;
        }
        let sound = findings.is_empty();
        for finding in findings {
            let finding = if secret { without_excerpt(finding) } else { finding };
            self.sink.push(finding.related(entry.clone(), NAMED_HERE));
        }
        source.filter(|_| sound).map(|source| File { path, text: source.text, documents })
    }

    /// Notes a file whose content is not looked at any further, so that no finding shows a part of it.
    pub(super) fn secret(&mut self, path: FilePath) {
        let location = Location::file(path);
        if !self.secrets.contains(&location) {
            self.secrets.push(location);
        }
    }

    /// Reads a document as the objects that it holds: itself, or the items of a list. What is none is a finding.
    pub(super) fn objects(&mut self, document: Document, code: &'static Code, objects: &mut Vec<Object>) {
        let of = |key: &str| document.node.get(key).and_then(Node::as_str).filter(|text| !text.is_empty());
        let kind = of("kind").map(str::to_owned);
        if kind.as_deref().is_some_and(|kind| kind.ends_with("List"))
            && let Some(items) = document.node.get("items")
        {
            for node in items.items() {
                self.objects(Document { node: node.clone(), ..document.clone() }, code, objects);
            }
            return;
        }
        if !matches!(document.node.value, Value::Map(_)) {
            let message =
                format!("a Kubernetes object is expected, and this is {}", document.node.value.kind());
            let finding = document.finding(code, first_line(&document.node), message);
            self.sink.push(
                finding.label("no object").help("write `apiVersion`, `kind` and `metadata: { name: … }`"),
            );
            return;
        }
        let metadata = document.node.get("metadata");
        let name = metadata.and_then(|metadata| metadata.get("name"));
        let written = [
            ("apiVersion", document.node.get("apiVersion")),
            ("kind", document.node.get("kind")),
            ("metadata.name", name),
        ];
        let mut sound = true;
        for (key, node) in written {
            if node.and_then(Node::as_str).is_some_and(|text| !text.is_empty()) {
                continue;
            }
            sound = false;
            let (span, message) = match node {
                Some(node) => (node.span, format!("`{key}` is {}, not a name", node.value.kind())),
                None => (first_key(&document.node), format!("the object has no `{key}`")),
            };
            let finding = document.finding(code, span, message);
            self.sink.push(
                finding.help(format!("write `{key}`: Kustomize knows objects by apiVersion, kind and name")),
            );
        }
        let (Some(api_version), Some(kind), Some(name)) =
            (of("apiVersion"), kind, name.and_then(Node::as_str))
        else {
            return;
        };
        if !sound {
            return;
        }
        let namespace = metadata.and_then(|metadata| metadata.get("namespace"));
        let namespace = namespace.and_then(Node::as_str).map(str::to_owned);
        let (api_version, name) = (api_version.to_owned(), name.to_owned());
        let json = document.node.to_json();
        let only_in = self.only_in.clone();
        objects.push(Object { document, json, api_version, kind, name, namespace, only_in });
    }
}

/// Tells whether a file may hold a Secret, even where it cannot be read.
fn speaks_of_secrets(text: &str) -> bool {
    text.match_indices("kind").any(|(at, kind)| {
        let rest = text[at + kind.len()..].trim_start_matches(['"', '\'', ' ', '\t']);
        let value = rest.strip_prefix(':').map(|rest| rest.trim_start_matches(['"', '\'', ' ', '\t']));
        value.is_some_and(|value| value.starts_with("Secret"))
    })
}

/// Takes from a finding what it shows of the file: the value of a Secret may stand there.
fn without_excerpt(finding: Diagnostic) -> Diagnostic {
    let message = "the file cannot be read, and is not shown because it speaks of a Secret";
    Diagnostic::new(finding.code, Location::file(finding.primary.path), message)
        .help(format!("`onramp explain {}` says what may be wrong in it", finding.code.name))
}

/// Tells whether a document is a Secret with values, or has one in its list.
fn holds_secret(node: &Node) -> bool {
    let says = |key: &&str| match node.get(key).map(|data| &data.value) {
        None | Some(Value::Null) => false,
        Some(Value::Map(entries)) => !entries.is_empty(),
        Some(_) => true,
    };
    let is_secret = node.get("kind").and_then(Node::as_str) == Some("Secret");
    (is_secret && ["data", "stringData"].iter().any(says))
        || node.get("items").is_some_and(|items| items.items().iter().any(holds_secret))
}

/// Returns a short piece to point at: the first key of a map, or the value itself.
fn first_key(node: &Node) -> Span {
    node.entries().first().map_or(node.span, |entry| entry.key_span)
}

fn first_line(node: &Node) -> Span {
    Span { end: node.span.end.min(node.span.start + 1).max(node.span.start), ..node.span }
}
