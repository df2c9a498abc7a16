//! Extra resources.

use serde_json::Value as Json;

use super::codes::INVALID_RESOURCE;
use super::document::{NAMED_HERE, Object, Reader};
use crate::diagnostic::{Diagnostic, Location};

/// Reads a file of extra resources.
pub(super) fn read(reader: &mut Reader<'_, '_>, path: &str, entry: &Location) -> Vec<Object> {
    let mut objects = Vec::new();
    let Some(file) = reader.file(path, entry) else { return objects };
    if file.documents.is_empty() {
        let finding =
            Diagnostic::new(&INVALID_RESOURCE, Location::file(file.path), "the file holds no object");
        reader
            .sink
            .push(finding.related(entry.clone(), NAMED_HERE).help("write the object, or remove the entry"));
    }
    for document in file.documents {
        if let Some(directive) = document.node.entry("$patch") {
            let message = "`$patch` stands in an object, and Kustomize writes it to the cluster as it is";
            let finding = document.finding(&INVALID_RESOURCE, directive.key_span, message);
            reader.sink.push(finding.help("move the file to `patches/`, or take the key out"));
        }
        reader.objects(document, &INVALID_RESOURCE, &mut objects);
    }
    objects
}

/// Returns the labels of the pods that an object makes.
pub fn pod_labels(object: &Json) -> Option<&serde_json::Map<String, Json>> {
    let paths = ["/spec/template/metadata/labels", "/spec/jobTemplate/spec/template/metadata/labels"];
    let own = if object["kind"] == "Pod" { object.pointer("/metadata/labels") } else { None };
    own.or_else(|| paths.iter().find_map(|path| object.pointer(path))).and_then(Json::as_object)
}
