//! One operation of a JSON 6902 patch: read, and applied.
//!
//! As RFC 6902 says, and not as Kustomize's library does where the two differ: it takes a `replace` of a key that is
//! not there for an `add`, and counts an index of -1 from the end.

use serde_json::Value as Json;

use super::codes::INVALID_PATCH;
use super::document::Document;
use crate::diagnostic::{Diagnostic, Location, Sink, nearest};
use crate::yaml::{Node, Span, Value};

/// One operation.
#[derive(Debug)]
pub(super) struct Operation {
    verb: Verb,
    path: Pointer,
    from: Option<Pointer>,
    value: Json,
}

/// A place in an object, as RFC 6901 writes it.
#[derive(Debug)]
struct Pointer {
    text: String,
    steps: Vec<String>,
    location: Location,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Verb {
    Add,
    Remove,
    Replace,
    Move,
    Copy,
    Test,
}

const VERBS: &[(&str, Verb)] = &[
    ("add", Verb::Add),
    ("remove", Verb::Remove),
    ("replace", Verb::Replace),
    ("move", Verb::Move),
    ("copy", Verb::Copy),
    ("test", Verb::Test),
];

/// Why an operation cannot be applied.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) location: Location,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

/// Reads an operation; what is wrong with it goes into the sink.
pub(super) fn read(document: &Document, node: &Node, sink: &mut Sink) -> Option<Operation> {
    let finding = |span: Span, message: String| document.finding(&INVALID_PATCH, span, message);
    let Value::Map(entries) = &node.value else {
        let message = format!("an operation is a map, and this is {}", node.value.kind());
        sink.push(finding(node.span, message).help("write `- { op: add, path: /spec/…, value: … }`"));
        return None;
    };
    let start = entries.first().map_or(node.span, |entry| entry.key_span);
    let Some(written) = node.get("op") else {
        sink.push(
            finding(start, "the operation has no `op`".to_owned()).help(format!("`op` is {}", verbs())),
        );
        return None;
    };
    let name = written.as_str().unwrap_or_default();
    let Some((_, verb)) = VERBS.iter().find(|(known, _)| *known == name) else {
        let near = nearest(name, VERBS.iter().map(|(known, _)| *known));
        let help =
            near.map_or_else(|| format!("`op` is {}", verbs()), |near| format!("did you mean `{near}`?"));
        let message = format!("`{}` is no operation", crate::diagnostic::shorten(name));
        sink.push(finding(written.span, message).help(help));
        return None;
    };
    let mut pointer = |key: &str| match node.get(key) {
        None => {
            let message = format!("`op: {name}` needs `{key}`");
            sink.push(finding(start, message).help(format!("write `{key}: /spec/…`")));
            None
        }
        Some(written) => read_pointer(document, written, sink),
    };
    let path = pointer("path");
    let from = matches!(verb, Verb::Move | Verb::Copy).then(|| pointer("from"));
    let needs_value = matches!(verb, Verb::Add | Verb::Replace | Verb::Test);
    let value = node.get("value");
    if needs_value && value.is_none() {
        sink.push(
            finding(start, format!("`op: {name}` needs `value`"))
                .help("write `value: null` where null is meant"),
        );
        return None;
    }
    let from = match from {
        Some(from) => Some(from?),
        None => None,
    };
    Some(Operation { verb: *verb, path: path?, from, value: value.map(Node::to_json).unwrap_or_default() })
}

fn verbs() -> String {
    VERBS.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn read_pointer(document: &Document, node: &Node, sink: &mut Sink) -> Option<Pointer> {
    let text = node.as_str().unwrap_or_default();
    let escapes = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    if !text.starts_with('/') || !escapes {
        let message = format!("`{}` is no JSON pointer", crate::diagnostic::shorten(text));
        let finding: Diagnostic = document.finding(&INVALID_PATCH, node.span, message);
        sink.push(finding.help("write `/` before each key; in a key, `~1` for `/` and `~0` for `~`"));
        return None;
    }
    let steps = text[1..].split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
    Some(Pointer { text: text.to_owned(), steps, location: document.location(node.span) })
}

impl Operation {
    /// Returns where the operation says what it changes.
    pub(super) fn location(&self) -> &Location {
        &self.path.location
    }

    /// Tells whether the operation is about something of an object that is not known here: files of a ConfigMap that are
    /// no text.
    pub(super) fn is_beyond(&self, object: &Json) -> bool {
        let mut pointers = std::iter::once(&self.path).chain(&self.from);
        object["kind"] == "ConfigMap" && pointers.any(|pointer| pointer.steps[0] == "binaryData")
    }

    /// Applies the operation to an object, which messages call `title`.
    pub(super) fn apply(&self, object: &mut Json, title: &str) -> Result<(), Refusal> {
        let path = &self.path;
        match self.verb {
            Verb::Add => add(object, path, self.value.clone(), title),
            Verb::Remove => remove(object, path, title).map(drop),
            Verb::Replace => {
                *find(object, path, &path.steps, title)? = self.value.clone();
                Ok(())
            }
            Verb::Test => {
                // Kustomize takes null for what is not there.
                let here = match find(object, path, &path.steps, title) {
                    Ok(here) => here.clone(),
                    Err(_) if self.value.is_null() => Json::Null,
                    Err(refusal) => return Err(refusal),
                };
                // What the files of a ConfigMap hold is not known here.
                let unknown = object["kind"] == "ConfigMap" && path.text.starts_with("/data/");
                if here == self.value || unknown {
                    return Ok(());
                }
                let message = format!("`{}` of `{title}` is not what the patch tests it for", path.text);
                Err(Refusal { location: path.location.clone(), message, help: None })
            }
            Verb::Copy | Verb::Move => {
                let Some(from) = &self.from else { return Ok(()) };
                let value = if self.verb == Verb::Move {
                    remove(object, from, title)?
                } else {
                    find(object, from, &from.steps, title)?.clone()
                };
                add(object, path, value, title)
            }
        }
    }
}

/// Follows some steps of a pointer.
fn find<'a>(
    object: &'a mut Json,
    pointer: &Pointer,
    steps: &[String],
    title: &str,
) -> Result<&'a mut Json, Refusal> {
    let mut here = object;
    for (depth, step) in steps.iter().enumerate() {
        let missing = refusal(here, pointer, depth, step, title);
        let next = match here {
            Json::Object(map) => map.get_mut(step),
            Json::Array(items) => index(step).and_then(|index| items.get_mut(index)),
            _ => None,
        };
        here = next.ok_or(missing)?;
    }
    Ok(here)
}

fn add(object: &mut Json, pointer: &Pointer, value: Json, title: &str) -> Result<(), Refusal> {
    let Some((last, parents)) = pointer.steps.split_last() else { return Ok(()) };
    let parent = find(object, pointer, parents, title)?;
    let missing = refusal(parent, pointer, parents.len(), last, title);
    match parent {
        Json::Object(map) => drop(map.insert(last.clone(), value)),
        Json::Array(items) if last == "-" => items.push(value),
        Json::Array(items) => match index(last).filter(|index| *index <= items.len()) {
            Some(index) => items.insert(index, value),
            None => return Err(missing),
        },
        _ => return Err(missing),
    }
    Ok(())
}

fn remove(object: &mut Json, pointer: &Pointer, title: &str) -> Result<Json, Refusal> {
    let Some((last, parents)) = pointer.steps.split_last() else { return Ok(Json::Null) };
    let parent = find(object, pointer, parents, title)?;
    let missing = refusal(parent, pointer, parents.len(), last, title);
    let gone = match parent {
        Json::Object(map) => map.remove(last),
        Json::Array(items) => {
            index(last).filter(|index| *index < items.len()).map(|index| items.remove(index))
        }
        _ => None,
    };
    gone.ok_or(missing)
}

/// Reads an index of a list: digits, without a zero before others.
fn index(step: &str) -> Option<usize> {
    let canonical = step == "0" || !step.starts_with(['0', '+', '-']);
    step.parse().ok().filter(|_| canonical)
}

/// Says what of a pointer is not there.
fn refusal(here: &Json, pointer: &Pointer, depth: usize, step: &str, title: &str) -> Refusal {
    let raw: Vec<&str> = pointer.text.split('/').take(depth + 2).collect();
    let message = format!("`{title}` has no `{}`", raw.join("/"));
    let help = match here {
        Json::Object(map) => {
            let near = nearest(step, map.keys().map(String::as_str));
            near.map(|near| format!("did you mean `{near}`?"))
        }
        Json::Array(items) => {
            Some(format!("the list has {}, counted from 0", crate::diagnostic::count(items.len(), "element")))
        }
        _ => Some("what stands above it is neither a map nor a list".to_owned()),
    };
    Refusal { location: pointer.location.clone(), message, help }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::yaml::{Source, SourceId, parse};

    fn operation(text: &str) -> Result<Operation, String> {
        let path: Arc<str> = "a.yaml".into();
        let source = Source { id: SourceId(0), path: path.clone(), text: text.to_owned() };
        let mut sink = Sink::default();
        let node = parse(&source, &mut sink).unwrap();
        let document =
            Document { file: path, start: 0, node: node.clone(), entry: Location::file("metadata.yaml") };
        let read = read(&document, &node, &mut sink);
        read.ok_or_else(|| sink.into_findings().remove(0).message)
    }

    fn applied(text: &str) -> Result<Json, String> {
        let mut object = json!({ "a": { "b/c": 1, "l": [1, 2] }, "n": null });
        operation(text)?.apply(&mut object, "X x").map_err(|refusal| refusal.message)?;
        Ok(object)
    }

    #[test]
    fn operations_do_what_the_rfc_says() {
        let cases = [
            ("{ op: add, path: /a/l/1, value: 9 }", json!([1, 9, 2])),
            ("{ op: add, path: /a/l/2, value: 9 }", json!([1, 2, 9])),
            ("{ op: add, path: /a/l/-, value: 9 }", json!([1, 2, 9])),
            ("{ op: remove, path: /a/l/0 }", json!([2])),
            ("{ op: replace, path: /a/l/0, value: 9 }", json!([9, 2])),
            ("{ op: move, from: /a/l/0, path: /a/l/1 }", json!([2, 1])),
            ("{ op: copy, from: /a/b~1c, path: /a/l/0 }", json!([1, 1, 2])),
            ("{ op: test, path: /a/b~1c, value: 1 }", json!([1, 2])),
            ("{ op: test, path: /none, value: null }", json!([1, 2])),
        ];
        for (text, list) in cases {
            assert_eq!(applied(text).map(|object| object["a"]["l"].clone()), Ok(list), "{text}");
        }
    }

    #[test]
    fn what_is_not_there_is_named() {
        for (text, message) in [
            ("{ op: add, path: /a/l/3, value: 9 }", "`X x` has no `/a/l/3`"),
            ("{ op: add, path: /b/c, value: 9 }", "`X x` has no `/b`"),
            ("{ op: remove, path: /a/l/01 }", "`X x` has no `/a/l/01`"),
            ("{ op: remove, path: /a/l/-1 }", "`X x` has no `/a/l/-1`"),
            ("{ op: replace, path: /a/b, value: 9 }", "`X x` has no `/a/b`"),
            ("{ op: move, from: /x, path: /a/b }", "`X x` has no `/x`"),
            (
                "{ op: test, path: /a/b~1c, value: 2 }",
                "`/a/b~1c` of `X x` is not what the patch tests it for",
            ),
        ] {
            assert_eq!(applied(text), Err(message.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_no_operation_is_said() {
        for (text, message) in [
            ("[]", "an operation is a map, and this is a list"),
            ("{ path: /a }", "the operation has no `op`"),
            ("{ op: put, path: /a }", "`put` is no operation"),
            ("{ op: add, path: /a }", "`op: add` needs `value`"),
            ("{ op: remove }", "`op: remove` needs `path`"),
            ("{ op: move, path: /a }", "`op: move` needs `from`"),
            ("{ op: remove, path: a }", "`a` is no JSON pointer"),
            ("{ op: remove, path: /a~2 }", "`/a~2` is no JSON pointer"),
        ] {
            assert_eq!(operation(text).map(drop), Err(message.to_owned()), "{text}");
        }
    }
}
