//! A file of patches: documents of a strategic merge, or a list of JSON 6902 operations.

use std::sync::Arc;

use super::codes::INVALID_PATCH;
use super::document::{Document, File, NAMED_HERE, Object, Reader, holds_in};
use super::image;
use super::operation::{self, Operation};
use crate::diagnostic::{Diagnostic, Location};
use crate::metadata::{self, PatchTarget};
use crate::yaml::{Node, Value};

/// One entry of `patches`.
#[derive(Debug)]
pub(super) struct Patch {
    pub(super) target: Option<PatchTarget>,
    pub(super) content: Content,
    /// Where metadata.yaml names it.
    pub(super) entry: Location,
    /// The only environment that it is for, where it is one's own.
    pub(super) only_in: Option<Arc<str>>,
}

impl Patch {
    /// Tells whether it is applied in an environment.
    pub(super) fn is_in(&self, environment: &str) -> bool {
        holds_in(self.only_in.as_deref(), environment)
    }
}

/// What a patch says.
#[derive(Debug)]
pub(super) enum Content {
    /// Parts of objects, laid over them.
    Merge(Vec<Object>),
    /// Steps, one after the other.
    Operations(Vec<Operation>),
}

/// Reads a patch; nothing where it is none.
pub(super) fn read(reader: &mut Reader<'_, '_>, patch: &metadata::Patch, entry: &Location) -> Option<Patch> {
    let file = reader.file(&patch.path, entry)?;
    // Operations do not say that they are for a Secret; what they put there is one all the same.
    if patch.target.as_ref().is_some_and(|target| target.kind == "Secret") {
        reader.secret(file.path);
        return None;
    }
    let is_list = |document: &Document| matches!(document.node.value, Value::Seq(_));
    let Some(first) = file.documents.first() else {
        let finding = Diagnostic::new(&INVALID_PATCH, Location::file(file.path), "the file holds no patch");
        reader
            .sink
            .push(finding.related(entry.clone(), NAMED_HERE).help("write the patch, or remove the entry"));
        return None;
    };
    let before = reader.sink.len();
    let content = if is_list(first) {
        list(reader, &file, patch.target.is_some())
    } else {
        if let Some(second) = file.documents.get(1).filter(|_| patch.target.is_some()) {
            let message = "a patch with a `target` has a second document";
            let finding = second.finding(&INVALID_PATCH, key_or_start(&second.node), message);
            reader.sink.push(finding.help("give each its own file, or leave the target out"));
        }
        let mut objects = Vec::new();
        for document in file.documents {
            directives(reader, &document, &document.node);
            image::of_object(reader, &document);
            reader.objects(document, &INVALID_PATCH, &mut objects);
        }
        Content::Merge(objects)
    };
    let sound = !reader.sink.errors_since(before);
    let only_in = reader.only_in.clone();
    sound.then(|| Patch { target: patch.target.clone(), content, entry: entry.clone(), only_in })
}

/// Reads a JSON 6902 patch.
fn list(reader: &mut Reader<'_, '_>, file: &File, has_target: bool) -> Content {
    let document = &file.documents[0];
    let start = key_or_start(&document.node);
    if !has_target {
        let finding =
            document.finding(&INVALID_PATCH, start, "a JSON 6902 patch does not say what it is for");
        reader.sink.push(
            finding.help("write the entry in metadata.yaml as `{ path: …, target: { kind: …, name: … } }`"),
        );
    }
    if let Some(second) = file.documents.get(1) {
        let message = "a second document follows a JSON 6902 patch; Kustomize drops it without a word";
        let finding = second.finding(&INVALID_PATCH, key_or_start(&second.node), message);
        reader.sink.push(finding.help("put all operations into one list"));
    }
    // Kustomize looks at the very first byte.
    if file.text.starts_with('[') && serde_json::from_str::<serde_json::Value>(&file.text).is_err() {
        let message = "Kustomize reads a file that starts with `[` as JSON, and this is none";
        let finding = document.finding(&INVALID_PATCH, start, message);
        reader.sink.push(finding.help("start each operation with `- `, or quote all keys and texts"));
    }
    if document.node.items().is_empty() {
        reader.sink.push(document.finding(&INVALID_PATCH, document.node.span, "the patch has no operation"));
    }
    let mut operations = Vec::new();
    for node in document.node.items() {
        image::of_operation(reader, document, node);
        operations.extend(operation::read(document, node, reader.sink));
    }
    Content::Operations(operations)
}

/// Looks for directives that Kustomize does not know.
fn directives(reader: &mut Reader<'_, '_>, document: &Document, node: &Node) {
    for entry in node.entries() {
        if &*entry.key == "$patch" {
            if !matches!(entry.node.as_str(), Some("delete" | "replace" | "merge")) {
                let message = "`$patch` is neither `delete`, `replace` nor `merge`";
                let finding = document.finding(&INVALID_PATCH, entry.node.span, message);
                reader.sink.push(finding.label("unknown to Kustomize"));
            }
        } else if entry.key.starts_with('$') {
            let message =
                format!("`{}` is no directive of Kustomize, which would write it into the object", entry.key);
            let finding = document.finding(&INVALID_PATCH, entry.key_span, message);
            reader.sink.push(finding.label("unknown to Kustomize").help("Kustomize knows `$patch` alone"));
        }
        directives(reader, document, &entry.node);
    }
    for item in node.items() {
        directives(reader, document, item);
    }
}

/// Returns a short piece to point at.
fn key_or_start(node: &Node) -> crate::yaml::Span {
    let first = node.items().first().unwrap_or(node);
    first.entries().first().map_or(node.span, |entry| entry.key_span)
}
