//! The keys of a file as an outline.

use lsp_types::{DocumentSymbol, SymbolKind};

use super::file::Role;
use super::text::Encoding;
use crate::diagnostic::Sink;
use crate::yaml::{self, Node, Source, SourceId, Value};

/// Deeper keys are not in the outline.
const MAX_DEPTH: usize = 4;

/// Returns the keys of a file that has a schema of ours, as far as it can be read.
pub(super) fn symbols(path: &str, text: &str, encoding: Encoding) -> Vec<DocumentSymbol> {
    if Role::of(path) == Role::Other {
        return Vec::new();
    }
    let source = Source { id: SourceId(0), path: path.into(), text: text.to_owned() };
    let tree = yaml::parse(&source, &mut Sink::default());
    tree.map(|tree| below(&tree, text, encoding, 0)).unwrap_or_default()
}

fn below(node: &Node, text: &str, encoding: Encoding, depth: usize) -> Vec<DocumentSymbol> {
    if depth == MAX_DEPTH {
        return Vec::new();
    }
    let symbol = |entry: &yaml::Entry| {
        let key = entry.key_span.start as usize..entry.key_span.end as usize;
        // What an alias stands for is written elsewhere.
        let end = (entry.node.span.end as usize).max(key.end);
        let own = entry.node.span.start as usize >= key.end;
        let kind = match &entry.node.value {
            Value::Map(_) => SymbolKind::OBJECT,
            Value::Seq(_) => SymbolKind::ARRAY,
            Value::String(_) => SymbolKind::STRING,
            Value::Number(_) => SymbolKind::NUMBER,
            Value::Bool(_) => SymbolKind::BOOLEAN,
            Value::Null => SymbolKind::NULL,
        };
        let children = below(&entry.node, text, encoding, depth + 1);
        #[expect(deprecated, reason = "the type of the protocol cannot be made without its old field")]
        DocumentSymbol {
            name: if entry.key.is_empty() { "''".to_owned() } else { entry.key.to_string() },
            detail: None,
            kind,
            tags: None,
            deprecated: None,
            range: encoding.lines(text, key.start..if own { end } else { key.end }),
            selection_range: encoding.lines(text, key),
            children: (!children.is_empty()).then_some(children),
        }
    };
    node.entries().iter().map(symbol).collect()
}
