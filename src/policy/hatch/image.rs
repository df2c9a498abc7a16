//! Images that patches and extra resources name.

use std::sync::Arc;

use super::codes::INVALID_IMAGE;
use super::document::{Document, NAMED_HERE, Reader, holds_in};
use crate::diagnostic::{Code, Diagnostic, Location, shorten};
use crate::image::ImageRef;
use crate::yaml::{Node, Value};

/// The lists of a pod whose items run an image.
const LISTS: &[&str] = &["containers", "initContainers", "ephemeralContainers"];

/// An image that a file names.
#[derive(Debug)]
pub struct NamedImage {
    /// The reference.
    pub image: ImageRef,
    location: Location,
    entry: Location,
    only_in: Option<Arc<str>>,
}

impl NamedImage {
    /// Tells whether it is named in an environment.
    pub fn is_in(&self, environment: &str) -> bool {
        holds_in(self.only_in.as_deref(), environment)
    }

    /// Makes a finding about it.
    pub fn finding(&self, code: &'static Code, message: String) -> Diagnostic {
        Diagnostic::new(code, self.location.clone(), message).related(self.entry.clone(), NAMED_HERE)
    }
}

/// Where in a pod a node stands, as far as images go.
#[derive(Clone, Copy, PartialEq)]
enum Within {
    Other,
    Containers,
    Container,
    Image,
}

impl Within {
    /// Goes one key or index further down.
    fn step(self, key: &str) -> Self {
        match self {
            _ if LISTS.contains(&key) => Within::Containers,
            Within::Containers => Within::Container,
            Within::Container if key == "image" => Within::Image,
            _ => Within::Other,
        }
    }
}

/// Notes the images in an object, or in a part of one.
pub(super) fn of_object(reader: &mut Reader<'_, '_>, document: &Document) {
    walk(reader, document, &document.node, Within::Other);
}

/// Notes the images that a JSON 6902 operation puts into an object.
pub(super) fn of_operation(reader: &mut Reader<'_, '_>, document: &Document, operation: &Node) {
    let text = |key| operation.get(key).and_then(Node::as_str);
    let (Some("add" | "replace"), Some(path), Some(value)) =
        (text("op"), text("path"), operation.get("value"))
    else {
        return;
    };
    let within = path.split('/').skip(1).fold(Within::Other, Within::step);
    walk(reader, document, value, within);
}

fn walk(reader: &mut Reader<'_, '_>, document: &Document, node: &Node, within: Within) {
    match &node.value {
        Value::Map(entries) => {
            for entry in entries {
                walk(reader, document, &entry.node, within.step(&entry.key));
            }
        }
        Value::Seq(items) => {
            for item in items {
                walk(reader, document, item, within.step(""));
            }
        }
        _ if within == Within::Image => note(reader, document, node),
        _ => {}
    }
}

fn note(reader: &mut Reader<'_, '_>, document: &Document, node: &Node) {
    // What is no text is a finding of Kubernetes' schema.
    let Some(text) = node.as_str() else { return };
    match ImageRef::parse(text) {
        Ok(image) if is_placeholder(reader, &image) => {}
        Ok(image) => {
            let (location, entry) = (document.location(node.span), document.entry.clone());
            let only_in = reader.only_in.clone();
            reader.images.push(NamedImage { image, location, entry, only_in });
        }
        Err(error) => {
            let message = format!("`{}` is not an image: {}", shorten(text), error.0);
            reader.sink.push(document.finding(&INVALID_IMAGE, node.span, message));
        }
    }
}

/// Tells whether the overlay writes the image of a container of the API here.
fn is_placeholder(reader: &Reader<'_, '_>, image: &ImageRef) -> bool {
    reader.context.containers().any(|container| {
        let of = container.of;
        holds_in(reader.only_in.as_deref(), of.environment.name)
            && of.environment.api.placeholder(of.workload, container.here.name) == image.repository()
    })
}
