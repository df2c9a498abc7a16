//! Files to objects, as kustomize reads them.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::codes::UNBUILDABLE_OVERLAY;
use super::quotes::Quoted;
use super::resource::{Null, Resource, Step};
use crate::diagnostic::{Diagnostic, Location, Sink};
use crate::yaml::{self, Document, Entry, Node, Scalar, Source, SourceId, Value, codes, is_plain};

/// Turns the bytes of a file into text.
pub(super) fn source(path: &Arc<str>, bytes: Vec<u8>, sink: &mut Sink) -> Option<Source> {
    let text = yaml::decode(path, bytes, sink)?;
    Some(Source { id: SourceId(0), path: path.clone(), text })
}

/// Reads the documents of a file. What keeps kustomize from reading them is a finding, and nothing is returned then.
pub(super) fn documents(source: &Source, sink: &mut Sink) -> Option<Vec<Document>> {
    let before = sink.len();
    separators(source, sink);
    let mut documents = yaml::documents(source);
    for document in &mut documents {
        for finding in std::mem::take(&mut document.findings) {
            if !is_harmless(&finding) {
                sink.push(finding.moved(document.start));
            }
        }
    }
    (!sink.errors_since(before)).then_some(documents)
}

/// Refuses what kustomize refuses between documents: content on the line of `---`, but for the first line.
fn separators(source: &Source, sink: &mut Sink) {
    for (at, _) in source.text.match_indices("\n---") {
        let Some(end) = source.text[at + 1..].find('\n').map(|end| at + 1 + end) else { continue };
        let rest = source.text[at + 4..end].trim();
        if !rest.is_empty() && !rest.starts_with('#') {
            let place = Location::at(source.path.clone(), at + 1..end);
            let finding =
                Diagnostic::new(&UNBUILDABLE_OVERLAY, place, "something stands behind `---` on its line");
            sink.push(finding.help("start the document on the next line; a separator is three dashes"));
        }
    }
}

/// Tells whether kustomize reads in its own way what others read in theirs.
fn is_harmless(finding: &Diagnostic) -> bool {
    [&codes::AMBIGUOUS_SCALAR, &codes::MERGE_KEY].contains(&finding.code)
}

/// What the objects of a file are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// They are applied.
    Resource,
    /// They are laid over others, and a null takes something away.
    Patch,
}

/// Reads the objects of a file: each document, or the items of a list. What is no object is a finding.
pub(super) fn objects(source: &Source, role: Role, sink: &mut Sink) -> Option<Vec<Resource>> {
    objects_of(&documents(source, sink)?, role, sink)
}

/// The same of documents that are read already.
pub(super) fn objects_of(documents: &[Document], role: Role, sink: &mut Sink) -> Option<Vec<Resource>> {
    let only = documents.len() == 1;
    let mut waiting = VecDeque::with_capacity(documents.len());
    for document in documents {
        let Some(node) = &document.node else { continue };
        waiting.push_back((document, node));
    }
    // The items of the one `List` of a file take its place; those of others come last.
    if only
        && let Some((document, node)) = waiting.front().copied()
        && matches!(kind(node), Some("List" | "ResourceList"))
        && let Some(items) = node.get("items")
    {
        waiting = items.items().iter().map(|item| (document, item)).collect();
    }
    let before = sink.len();
    let mut objects = Vec::with_capacity(waiting.len());
    while let Some((document, node)) = waiting.pop_front() {
        if is_empty(node) {
            continue;
        }
        if let Some(items) =
            node.get("items").filter(|_| kind(node).is_some_and(|kind| kind.ends_with("List")))
        {
            match &items.value {
                Value::Seq(items) => waiting.extend(items.iter().map(|item| (document, item))),
                Value::Null => {}
                other => {
                    let message = format!("`items` of a list is {}", other.kind());
                    sink.push(Diagnostic::new(&UNBUILDABLE_OVERLAY, at(document, items), message));
                }
            }
            continue;
        }
        objects.extend(object(document, node, role, sink));
    }
    (!sink.errors_since(before)).then_some(objects)
}

fn kind(node: &Node) -> Option<&str> {
    node.get("kind").and_then(Node::as_str)
}

fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Null => true,
        Value::Map(entries) => entries.is_empty(),
        Value::Seq(items) => items.is_empty(),
        _ => false,
    }
}

/// Reads one object.
fn object(document: &Document, node: &Node, role: Role, sink: &mut Sink) -> Option<Resource> {
    let location = Location::at(document.source.path.clone(), start(document, node));
    let named = node.get("metadata").and_then(|metadata| metadata.get("name"));
    let mut sound = true;
    for (key, value, needed) in [
        ("apiVersion", node.get("apiVersion"), false),
        ("kind", node.get("kind"), true),
        ("metadata.name", named, !kind(node).is_some_and(|kind| kind.ends_with("List"))),
    ] {
        let message = match value.map(|value| &value.value) {
            Some(Value::String(text)) if !text.is_empty() => continue,
            None | Some(Value::Null | Value::String(_)) if !needed => continue,
            None => format!("the object has no `{key}`"),
            Some(Value::String(_)) => format!("`{key}` is empty"),
            Some(value) => format!("`{key}` is {}, not a name", value.kind()),
        };
        let place = value.map_or_else(|| location.clone(), |value| at(document, value));
        let help = format!("write `{key}`: kustomize knows objects by apiVersion, kind and name");
        sink.push(Diagnostic::new(&UNBUILDABLE_OVERLAY, place, message).help(help));
        sound = false;
    }
    if !sound {
        return None;
    }
    let mut reader =
        Reader { document, role, sink, path: Vec::new(), nulls: Vec::new(), quoted: Quoted::new() };
    let json = reader.value(node);
    let (nulls, quoted) = (reader.nulls, Arc::new(reader.quoted));
    Some(Resource { quoted, nulls, ..Resource::new(json, location) })
}

/// Returns the bytes of a short piece to point at.
fn start(document: &Document, node: &Node) -> std::ops::Range<usize> {
    let span = node.get("kind").map_or(node.span, |kind| kind.span);
    document.start + span.start as usize..document.start + span.end as usize
}

fn at(document: &Document, node: &Node) -> Location {
    let range = document.start + node.span.start as usize..document.start + node.span.end as usize;
    Location::at(document.source.path.clone(), range)
}

/// Turns a document into JSON.
struct Reader<'a> {
    document: &'a Document,
    role: Role,
    sink: &'a mut Sink,
    path: Vec<Step>,
    nulls: Vec<Null>,
    quoted: Quoted,
}

impl Reader<'_> {
    fn value(&mut self, node: &Node) -> Json {
        match &node.value {
            Value::String(text) => self.text(node, text),
            Value::Seq(items) => {
                let mut out = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    self.path.push(Step::Index(index));
                    out.push(self.value(item));
                    self.path.pop();
                }
                Json::Array(out)
            }
            Value::Map(entries) => {
                let mut out = Map::with_capacity(entries.len());
                for entry in entries {
                    self.key(entry);
                    self.path.push(Step::Key(entry.key.clone()));
                    let value = self.value(&entry.node);
                    if value.is_null() {
                        self.null(node, &entry.node);
                    }
                    self.path.pop();
                    out.insert(entry.key.to_string(), value);
                }
                Json::Object(out)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => self.plain(node),
        }
    }

    /// Refuses a key that kustomize reads as a number or a day, and then fails.
    fn key(&mut self, entry: &Entry) {
        if !is_plain(&self.document.source, entry.key_span)
            || !matches!(yaml::resolve(&entry.key), Scalar::Ambiguous(_))
            || yaml::as_kustomize(&entry.key) == *entry.key
        {
            return;
        }
        let message = format!("the key `{}` is no text to kustomize", crate::diagnostic::shorten(&entry.key));
        let place = self.document.source.location(entry.key_span).moved(self.document.start);
        let finding = Diagnostic::new(&codes::NON_STRING_KEY, place, message);
        self.sink.push(finding.help("put it into quotes"));
    }

    fn null(&mut self, map: &Node, node: &Node) {
        let slice = |node: &Node| self.document.source.slice(node.span);
        let null = Null {
            path: self.path.as_slice().into(),
            written: slice(node).into(),
            in_braces: slice(map).starts_with('{'),
        };
        self.nulls.push(null);
    }

    fn text(&mut self, node: &Node, text: &str) -> Json {
        let written = self.document.source.slice(node.span);
        if written.starts_with('"') && has_escaped_slash(written) {
            let finding = Diagnostic::new(
                &codes::YAML_SYNTAX,
                at(self.document, node),
                "kustomize does not know the escape `\\/`",
            );
            self.sink.push(finding.help("write `/`"));
        }
        let plain = is_plain(&self.document.source, node.span);
        if let (Some(Step::Key(key)), false) = (self.path.last(), plain) {
            self.quoted.insert((key.clone(), text.into()));
        }
        if !plain || self.is_annotation() {
            return text.into();
        }
        // An alias does not show whether its value is quoted at the anchor.
        if written.starts_with('*') && matches!(yaml::resolve(text), Scalar::Ambiguous(_) | Scalar::NonFinite)
        {
            let message =
                format!("`{}` is read differently by Kubernetes tools", crate::diagnostic::shorten(text));
            let finding = Diagnostic::new(&codes::AMBIGUOUS_SCALAR, at(self.document, node), message);
            self.sink.push(finding.help("write the value in quotes, without an alias"));
        }
        yaml::as_kustomize(text)
    }

    /// Reads a plain value. kustomize makes text of all annotations, as they are written.
    fn plain(&self, node: &Node) -> Json {
        let written = self.document.source.slice(node.span);
        let removes = self.role == Role::Patch && node.value == Value::Null;
        if self.is_annotation() && !removes && !written.is_empty() && !written.starts_with('*') {
            return written.into();
        }
        node.to_json()
    }

    fn is_annotation(&self) -> bool {
        let key = |step: Option<&Step>, name: &str| matches!(step, Some(Step::Key(key)) if **key == *name);
        self.path.len() == 3 && key(self.path.first(), "metadata") && key(self.path.get(1), "annotations")
    }
}

/// Tells whether a text in double quotes has `\/`, which JSON allows and yaml.v3 does not know.
fn has_escaped_slash(written: &str) -> bool {
    let mut escaped = false;
    written.bytes().any(|byte| {
        let is = escaped && byte == b'/';
        escaped = byte == b'\\' && !escaped;
        is
    })
}
