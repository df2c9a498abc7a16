//! Extra resources.

use serde_json::Value as Json;

use super::codes::INVALID_RESOURCE;
use super::document::{NAMED_HERE, Object, Reader};
use super::image;
use crate::diagnostic::{Diagnostic, Location, Sink};
use crate::kubernetes::{self, Target};
use crate::metadata::Profile;
use crate::policy::rules::REFUSED_OBJECT;
use crate::yaml::{Source, Sources};

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
        let directive = document.node.entry("$patch");
        let is_patch = directive.is_some();
        if let Some(directive) = directive {
            let message = "`$patch` stands in an object, and Kustomize writes it to the cluster as it is";
            let finding = document.finding(&INVALID_RESOURCE, directive.key_span, message);
            reader.sink.push(finding.help("move the file to `patches/`, or take the key out"));
        }
        image::of_object(reader, &document);
        let before = objects.len();
        let start = document.start;
        reader.objects(document, &INVALID_RESOURCE, &mut objects);
        let text = file.text.get(start..).unwrap_or_default();
        if !is_patch {
            objects[before..].iter().for_each(|object| hold(reader, object, start, text));
        }
    }
    objects
}

/// Holds an object against what the platform's version of Kubernetes says of its kind, if that is known.
///
/// `text` is the file from where its document starts, at `start`.
fn hold(reader: &mut Reader<'_, '_>, object: &Object, start: usize, text: &str) {
    let Some(nearest) = reader.context.kubernetes() else { return };
    let target = Target::Kind { api_version: &object.api_version, kind: &object.kind };
    let location = object.locate(&[]);
    let source = Source { id: object.node().span.source, path: location.path, text: text.to_owned() };
    let mut found = Sink::default();
    let sources = Sources::new(vec![&source]);
    // Of a kind that this version does not know there is nothing to say.
    let _ = kubernetes::check(nearest.version, target, &[], object.node(), &sources, &mut found);
    // What was taken over ran before, whatever a schema says of its file: there it is for the platform to let it pass.
    let adopted = reader.context.metadata.top.api.profile == Profile::Adopted;
    for mut finding in found.into_findings() {
        if adopted {
            finding.code = &REFUSED_OBJECT;
        }
        reader.sink.push(finding.moved(start).related(object.entry().clone(), NAMED_HERE));
    }
}

/// Returns the labels of the pods that an object makes.
pub fn pod_labels(object: &Json) -> Option<&serde_json::Map<String, Json>> {
    let paths = ["/spec/template/metadata/labels", "/spec/jobTemplate/spec/template/metadata/labels"];
    let own = if object["kind"] == "Pod" { object.pointer("/metadata/labels") } else { None };
    own.or_else(|| paths.iter().find_map(|path| object.pointer(path))).and_then(Json::as_object)
}
