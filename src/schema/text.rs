//! Scalars that mean their own text: `PORT: 8080` in `env` is the text "8080".
//!
//! Only where the spelling is the canonical one: `1.10`, `0755`, `on` or `1e3` would silently become
//! something else in one reader or another, so they are findings that say what to write.

use crate::diagnostic::{Diagnostic, Fix, Sink};
use crate::yaml::{self, Node, Source, Span, Value};

use super::codes;

/// Where a number or boolean stands for its text; `*` is any key.
const TEXT: &[&[&str]] = &[
    &["env", "*"],
    &["config", "literals", "*"],
    &["configMaps", "*", "literals", "*"],
    &["resources", "*", "*"],
    &["requests", "*"],
    &["limits", "*"],
    &["namespaceObjects", "limitRange", "*", "*"],
];

/// Maps whose values hold the same keys as the file itself, to any depth: `environments.prod.workloads.web.sidecars`.
const NESTED: &[&str] = &["environments", "defaults", "tiers", "workloads", "sidecars", "initContainers"];

/// Turns numbers and booleans that stand for text into text, and reports keys with nothing behind them.
pub fn scalars_as_text(tree: &mut Node, source: &Source, sink: &mut Sink) {
    empty_values(tree, source, sink, "");
    visit(tree, source, sink);
}

/// Follows every pattern and converts what lies at its end, here and in nested maps.
fn visit(node: &mut Node, source: &Source, sink: &mut Sink) {
    for pattern in TEXT {
        descend(node, source, sink, pattern, "");
    }
    let Value::Map(entries) = &mut node.value else { return };
    for entry in entries.iter_mut().filter(|entry| NESTED.contains(&&*entry.key)) {
        match &mut entry.node.value {
            Value::Map(nested) => nested.iter_mut().for_each(|entry| visit(&mut entry.node, source, sink)),
            Value::Seq(items) => items.iter_mut().for_each(|item| visit(item, source, sink)),
            _ => {}
        }
    }
}

fn descend(node: &mut Node, source: &Source, sink: &mut Sink, pattern: &[&str], key: &str) {
    let Some((step, rest)) = pattern.split_first() else { return convert(node, source, sink, key) };
    match &mut node.value {
        Value::Map(entries) => {
            for entry in entries.iter_mut().filter(|entry| *step == "*" || **step == *entry.key) {
                let key = entry.key.clone();
                descend(&mut entry.node, source, sink, rest, &key);
            }
        }
        Value::Seq(items) if *step == "*" => {
            for item in items {
                descend(item, source, sink, rest, key);
            }
        }
        _ => {}
    }
}

fn convert(node: &mut Node, source: &Source, sink: &mut Sink, key: &str) {
    let written = source.slice(node.span);
    let canonical = match &node.value {
        Value::Number(number) if number.is_f64() => decimal(written),
        Value::Number(number) => number.to_string() == written && number.as_i64().is_some_and(is_exact),
        Value::Bool(value) => value.to_string() == written,
        _ => return,
    };
    if !canonical {
        sink.push(
            Diagnostic::new(
                &codes::UNQUOTED_TEXT,
                source.location(node.span),
                format!("`{written}` does not survive as text: YAML reads it as {}", node.value.kind()),
            )
            .label("quotes are missing")
            .help(if written.starts_with('*') {
                "put the value in quotes where its anchor stands".to_owned()
            } else {
                format!("write `{key}: \"{written}\"`")
            })
            .maybe_fix(Fix::quotes(&source.path, &bytes(node.span), written)),
        );
    }
    node.value = Value::String(written.into());
}

fn bytes(span: Span) -> std::ops::Range<usize> {
    span.start as usize..span.end as usize
}

/// Tells whether a reader that has only 64-bit floats, such as an editor, sees the same integer.
fn is_exact(number: i64) -> bool {
    number.unsigned_abs() < 1 << 53
}

/// Tells whether a decimal says all of itself: `0.5` does, `1.10` and `1e3` do not.
fn decimal(written: &str) -> bool {
    written.parse::<f64>().is_ok_and(|number| number.to_string() == written)
}

/// Reports keys with nothing behind them, and takes them out so that nothing else is said of them.
fn empty_values(node: &mut Node, source: &Source, sink: &mut Sink, path: &str) {
    match &mut node.value {
        Value::Map(entries) => {
            for entry in entries.iter_mut() {
                if !yaml::is_empty_value(source, &entry.node) {
                    empty_values(&mut entry.node, source, sink, &entry.key);
                    continue;
                }
                let key = &entry.key;
                let help = if path == "environments" {
                    format!("write `{key}: {{}}`")
                } else {
                    format!(
                        "write `{key}: \"\"` for an empty text, or `{key}: null` to remove what a weaker layer sets"
                    )
                };
                sink.push(
                    Diagnostic::new(
                        &codes::EMPTY_VALUE,
                        source.location(entry.key_span),
                        format!("`{key}:` has nothing behind it"),
                    )
                    .label("ends here")
                    .help(help),
                );
            }
            let empty: Vec<bool> =
                entries.iter().map(|entry| yaml::is_empty_value(source, &entry.node)).collect();
            let mut empty = empty.into_iter();
            entries.retain(|_| !empty.next().unwrap_or(false));
        }
        Value::Seq(items) => {
            for item in items {
                empty_values(item, source, sink, path);
            }
        }
        _ => {}
    }
}
