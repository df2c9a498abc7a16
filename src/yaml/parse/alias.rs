//! Anchors and what it costs to copy them.
//!
//! Nine lines of aliases can stand for a billion values, so copies are counted before they are made:
//! values, bytes of text, and depth.

use std::collections::HashMap;

use super::super::codes::{ALIAS_EXPANSION, DEEP_NESTING};
use super::super::{Node, Value};
use super::MAX_DEPTH;
use crate::diagnostic::Code;

/// How many values all copies of a file may have together.
const MAX_COPIED_NODES: usize = 100_000;

/// How many bytes of text they may have.
const MAX_COPIED_BYTES: usize = 16 << 20;

/// The anchored values of a document.
#[derive(Default)]
pub(super) struct Anchors {
    values: HashMap<usize, Anchored>,
    copied: Size,
}

enum Anchored {
    /// Its collection has not ended: an alias to it would contain itself.
    Open,
    Finished(Value, Size),
    /// Too large to keep a copy of.
    TooLarge,
}

#[derive(Clone, Copy, Default)]
struct Size {
    nodes: usize,
    bytes: usize,
    height: usize,
}

/// Why an alias is not followed.
pub(super) enum Refusal {
    Cycle,
    TooMany,
    TooDeep,
}

impl Anchors {
    /// Takes note of a collection that starts. Zero is no anchor.
    pub(super) fn open(&mut self, anchor: usize) {
        if anchor != 0 {
            self.values.insert(anchor, Anchored::Open);
        }
    }

    /// Keeps a finished value for its aliases.
    pub(super) fn finish(&mut self, anchor: usize, node: &Node) {
        if anchor == 0 {
            return;
        }
        let size = Size::of(node);
        // Nested anchors keep their inside once per level, so what is kept counts as a copy too.
        let kept = if self.copied.add(size) {
            Anchored::Finished(node.value.clone(), size)
        } else {
            Anchored::TooLarge
        };
        self.values.insert(anchor, kept);
    }

    /// Copies the value of an anchor to a place at some depth.
    pub(super) fn copy(&mut self, anchor: usize, depth: usize) -> Result<Value, Refusal> {
        match self.values.get(&anchor) {
            Some(Anchored::Finished(value, size)) => {
                if depth + size.height > MAX_DEPTH {
                    return Err(Refusal::TooDeep);
                }
                if !self.copied.add(*size) {
                    return Err(Refusal::TooMany);
                }
                Ok(value.clone())
            }
            Some(Anchored::TooLarge) => Err(Refusal::TooMany),
            Some(Anchored::Open) | None => Err(Refusal::Cycle),
        }
    }
}

impl Size {
    /// Measures a tree; its depth is bounded, so recursion is too.
    fn of(node: &Node) -> Self {
        let mut size = Self { nodes: 1, ..Self::default() };
        let mut child = |node: &Node| {
            let inner = Self::of(node);
            size.nodes += inner.nodes;
            size.bytes += inner.bytes;
            size.height = size.height.max(inner.height);
        };
        match &node.value {
            Value::Seq(items) => items.iter().for_each(&mut child),
            Value::Map(entries) => entries.iter().for_each(|entry| child(&entry.node)),
            Value::String(text) => return Self { nodes: 1, bytes: text.len(), height: 0 },
            Value::Null | Value::Bool(_) | Value::Number(_) => return size,
        }
        if let Value::Map(entries) = &node.value {
            size.bytes += entries.iter().map(|entry| entry.key.len()).sum::<usize>();
        }
        Self { height: size.height + 1, ..size }
    }

    /// Adds a copy, or refuses it.
    fn add(&mut self, copy: Self) -> bool {
        let (nodes, bytes) = (self.nodes + copy.nodes, self.bytes + copy.bytes);
        let fits = nodes <= MAX_COPIED_NODES && bytes <= MAX_COPIED_BYTES;
        if fits {
            (self.nodes, self.bytes) = (nodes, bytes);
        }
        fits
    }
}

impl Refusal {
    /// Says it: code, message, help.
    pub(super) fn words(&self, name: &str) -> (&'static Code, String, &'static str) {
        match self {
            Self::Cycle => (
                &ALIAS_EXPANSION,
                format!("`{name}` refers to the very value that it stands in"),
                "write the value itself",
            ),
            Self::TooMany => (
                &ALIAS_EXPANSION,
                format!(
                    "the aliases of this file stand for more than {MAX_COPIED_NODES} values or 16 MiB of text"
                ),
                "write the values that are needed, without aliases",
            ),
            Self::TooDeep => (
                &DEEP_NESTING,
                format!("with `{name}` expanded, maps and lists are nested deeper than {MAX_DEPTH} levels"),
                "flatten the structure",
            ),
        }
    }
}
