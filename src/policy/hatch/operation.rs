//! One operation of a JSON 6902 patch, and where it is written.
//!
//! It is held against RFC 6902, and not against what Kustomize's library takes besides: a `replace` of a key that is not
//! there, an index of -1.

use serde_json::Value as Json;

use super::codes::INVALID_PATCH;
use super::document::Document;
use crate::diagnostic::{Location, Sink};
use crate::kustomize::json_patch::{self, Fault, Manner};
use crate::yaml::{Node, Span};

/// One operation.
#[derive(Debug)]
pub(super) struct Operation {
    step: json_patch::Operation,
    document: Document,
    /// What it writes, with its places.
    value: Option<Node>,
}

/// Why an operation cannot be applied.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) location: Location,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

/// Reads an operation; what is none is a finding.
pub(super) fn read(document: &Document, node: &Node, sink: &mut Sink) -> Option<Operation> {
    match json_patch::Operation::read(node, &Node::to_json) {
        Ok(operation) => {
            let value = node.get("value").filter(|_| operation.writes()).cloned();
            Some(Operation { step: operation, document: document.without_content(), value })
        }
        Err(faults) => {
            for Fault { span, message, help } in faults {
                sink.push(document.finding(&INVALID_PATCH, span, message).maybe_help(help));
            }
            None
        }
    }
}

impl Operation {
    /// Returns where the operation says what it changes.
    pub(super) fn location(&self) -> Location {
        self.at(self.step.path().span)
    }

    /// Returns the keys and indices of what it changes.
    pub(super) fn steps(&self) -> &[String] {
        &self.step.path().steps
    }

    /// Returns what it writes, with its places in the document.
    pub(super) fn value(&self) -> Option<&Node> {
        self.value.as_ref()
    }

    /// Points at a piece of its document.
    pub(super) fn location_of(&self, span: Span) -> Location {
        self.at(span)
    }

    /// Tells whether the operation is about something of an object that is not known here: files of a ConfigMap that are
    /// no text.
    pub(super) fn is_beyond(&self, object: &Json) -> bool {
        object["kind"] == "ConfigMap" && self.step.pointers().any(|pointer| pointer.steps[0] == "binaryData")
    }

    /// Applies the operation to an object, which messages call `title`.
    pub(super) fn apply(&self, object: &mut Json, title: &str) -> Result<(), Refusal> {
        let path = &self.step.path().text;
        // What the files of a ConfigMap hold is not known here.
        let unknown = object["kind"] == "ConfigMap" && path.starts_with("/data/");
        if self.step.is_test() && unknown && object.pointer(path).is_some() {
            return Ok(());
        }
        self.step.apply(object, title, Manner::Rfc).map_err(|fault| Refusal {
            location: self.at(fault.span),
            message: fault.message,
            help: fault.help,
        })
    }

    fn at(&self, span: Span) -> Location {
        self.document.location(span)
    }
}
