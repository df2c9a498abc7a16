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
    operation: json_patch::Operation,
    document: Document,
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
        Ok(operation) => Some(Operation { operation, document: document.without_content() }),
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
        self.at(self.operation.path().span)
    }

    /// Tells whether the operation is about something of an object that is not known here: files of a ConfigMap that are
    /// no text.
    pub(super) fn is_beyond(&self, object: &Json) -> bool {
        object["kind"] == "ConfigMap"
            && self.operation.pointers().any(|pointer| pointer.steps[0] == "binaryData")
    }

    /// Applies the operation to an object, which messages call `title`.
    pub(super) fn apply(&self, object: &mut Json, title: &str) -> Result<(), Refusal> {
        let path = &self.operation.path().text;
        // What the files of a ConfigMap hold is not known here.
        let unknown = object["kind"] == "ConfigMap" && path.starts_with("/data/");
        if self.operation.is_test() && unknown && object.pointer(path).is_some() {
            return Ok(());
        }
        self.operation.apply(object, title, Manner::Rfc).map_err(|fault| Refusal {
            location: self.at(fault.span),
            message: fault.message,
            help: fault.help,
        })
    }

    fn at(&self, span: Span) -> Location {
        self.document.location(span)
    }
}
