//! JSON 6902 patches: operations read, and applied.
//!
//! Kustomize's library (`evanphx/json-patch`) departs from RFC 6902 in places: it takes a `replace` of a key that is not
//! there for an `add`, counts a negative index from the end, and `null` for what is not there. [`Manner`] says which counts.

use serde_json::Value as Json;

use crate::diagnostic::{count, nearest, shorten};
use crate::yaml::{Node, Span, Value};

/// One operation.
#[derive(Clone, Debug)]
pub struct Operation {
    verb: Verb,
    path: Pointer,
    from: Option<Pointer>,
    value: Json,
}

/// A place in an object, as RFC 6901 writes it.
#[derive(Clone, Debug)]
pub struct Pointer {
    /// As it is written.
    pub text: String,
    /// Its keys and indices.
    pub steps: Vec<String>,
    /// Where it is written.
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// Whose word counts where RFC 6902 and kustomize differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// The RFC's: what it refuses does not mean what its author thinks.
    Rfc,
    /// Kustomize's: what it builds is what a cluster gets.
    Kustomize,
}

/// What is wrong with an operation, or keeps it from being applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The place in the patch.
    pub span: Span,
    /// A fragment.
    pub message: String,
    /// An instruction.
    pub help: Option<String>,
}

impl Operation {
    /// Reads one operation, and what it puts somewhere by `value_of`.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn read(node: &Node, value_of: &dyn Fn(&Node) -> Json) -> Result<Self, Vec<Fault>> {
        let Value::Map(entries) = &node.value else {
            let message = format!("an operation is a map, and this is {}", node.value.kind());
            return Err(vec![fault(node.span, message, "write `- { op: add, path: /spec/…, value: … }`")]);
        };
        let start = entries.first().map_or(node.span, |entry| entry.key_span);
        let Some(written) = node.get("op") else {
            return Err(vec![fault(start, "the operation has no `op`", format!("`op` is {}", verbs()))]);
        };
        let name = written.as_str().unwrap_or_default();
        let Some((_, verb)) = VERBS.iter().find(|(known, _)| *known == name) else {
            let near = nearest(name, VERBS.iter().map(|(known, _)| *known));
            let help =
                near.map_or_else(|| format!("`op` is {}", verbs()), |near| format!("did you mean `{near}`?"));
            return Err(vec![fault(written.span, format!("`{}` is no operation", shorten(name)), help)]);
        };
        let mut faults = Vec::new();
        let mut pointer = |key: &str| {
            let read = match node.get(key) {
                None => Err(fault(
                    start,
                    format!("`op: {name}` needs `{key}`"),
                    format!("write `{key}: /spec/…`"),
                )),
                Some(written) => Pointer::read(written),
            };
            read.map_err(|fault| faults.push(fault)).ok()
        };
        let path = pointer("path");
        let needs_from = matches!(verb, Verb::Move | Verb::Copy);
        let from = if needs_from { pointer("from") } else { None };
        let value = node.get("value");
        if matches!(verb, Verb::Add | Verb::Replace | Verb::Test) && value.is_none() {
            let message = format!("`op: {name}` needs `value`");
            faults.push(fault(start, message, "write `value: null` where null is meant"));
        }
        match path {
            Some(path) if faults.is_empty() => {
                let value = value.map(value_of).unwrap_or_default();
                Ok(Self { verb: *verb, path, from, value })
            }
            _ => Err(faults),
        }
    }

    /// Returns the place that the operation changes.
    pub fn path(&self) -> &Pointer {
        &self.path
    }

    /// Returns the places that the operation speaks of.
    pub fn pointers(&self) -> impl Iterator<Item = &Pointer> {
        std::iter::once(&self.path).chain(&self.from)
    }

    /// Tells whether the operation writes a value of its own.
    pub fn writes(&self) -> bool {
        matches!(self.verb, Verb::Add | Verb::Replace)
    }

    /// Tells whether the operation changes nothing, and only tests.
    pub fn is_test(&self) -> bool {
        self.verb == Verb::Test
    }

    /// Applies the operation to an object, which messages call `title`.
    ///
    /// # Errors
    /// If the object has no such place, or is not what it is tested for.
    pub fn apply(&self, object: &mut Json, title: &str, manner: Manner) -> Result<(), Fault> {
        let at = Place { pointer: &self.path, title, manner };
        match self.verb {
            Verb::Add => at.add(object, self.value.clone()),
            Verb::Remove => at.remove(object).map(drop),
            Verb::Replace => at.replace(object, self.value.clone()),
            Verb::Test => {
                at.holds_no_notes()?;
                // Kustomize takes null for what is not there.
                let here = match at.find(object, &self.path.steps) {
                    Ok(here) => here.clone(),
                    Err(_) if self.value.is_null() => Json::Null,
                    Err(fault) => return Err(fault),
                };
                if here == self.value {
                    return Ok(());
                }
                let message = format!("`{}` of `{title}` is not what the patch tests it for", self.path.text);
                Err(Fault { span: self.path.span, message, help: None })
            }
            Verb::Copy | Verb::Move => {
                let Some(from) = &self.from else { return Ok(()) };
                let from = Place { pointer: from, ..at };
                from.holds_no_notes()?;
                let value = if self.verb == Verb::Move {
                    from.remove(object)?
                } else {
                    from.find(object, &from.pointer.steps)?.clone()
                };
                at.add(object, value)
            }
        }
    }
}

impl Pointer {
    fn read(node: &Node) -> Result<Self, Fault> {
        let text = node.as_str().unwrap_or_default();
        let escapes = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        if !text.starts_with('/') || !escapes {
            let message = format!("`{}` is no JSON pointer", shorten(text));
            let help = "write `/` before each key; in a key, `~1` for `/` and `~0` for `~`";
            return Err(fault(node.span, message, help));
        }
        let steps = text[1..].split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
        Ok(Self { text: text.to_owned(), steps, span: node.span })
    }
}

/// A pointer into an object that is being changed.
#[derive(Clone, Copy)]
struct Place<'a> {
    pointer: &'a Pointer,
    title: &'a str,
    manner: Manner,
}

impl Place<'_> {
    /// Refuses to read what kustomize has put notes of its own into at that moment: the annotations as a whole.
    fn holds_no_notes(&self) -> Result<(), Fault> {
        let [first, rest @ ..] = &*self.pointer.steps else { return Ok(()) };
        let whole = rest.is_empty() || (rest.len() == 1 && rest[0] == "annotations");
        if self.manner == Manner::Rfc || first != "metadata" || !whole {
            return Ok(());
        }
        let message =
            format!("kustomize has notes of its own in `{}` of `{}`", self.pointer.text, self.title);
        Err(fault(self.pointer.span, message, "name a single label or annotation"))
    }

    /// Follows some steps of the pointer.
    fn find<'v>(&self, object: &'v mut Json, steps: &[String]) -> Result<&'v mut Json, Fault> {
        let mut here = object;
        for (depth, step) in steps.iter().enumerate() {
            let there = match &*here {
                Json::Object(map) => map.contains_key(step),
                Json::Array(items) => self.index(step, items.len()).is_some_and(|index| index < items.len()),
                _ => false,
            };
            if !there {
                return Err(self.missing(here, depth, step));
            }
            let next = match here {
                Json::Object(map) => map.get_mut(step),
                Json::Array(items) => {
                    let index = self.index(step, items.len()).unwrap_or_default();
                    items.get_mut(index)
                }
                _ => None,
            };
            let Some(next) = next else { return Err(self.missing(&Json::Null, depth, step)) };
            here = next;
        }
        Ok(here)
    }

    /// Follows all steps but the last, which comes with what they lead to.
    fn parent<'v>(&self, object: &'v mut Json) -> Result<(&'v mut Json, &str), Fault> {
        let Some((last, parents)) = self.pointer.steps.split_last() else {
            return Err(self.missing(object, 0, ""));
        };
        let parent = self.find(object, parents)?;
        Ok((parent, last))
    }

    fn add(&self, object: &mut Json, value: Json) -> Result<(), Fault> {
        let depth = self.pointer.steps.len() - 1;
        let (parent, last) = self.parent(object)?;
        match parent {
            Json::Object(map) => drop(map.insert(last.to_owned(), value)),
            Json::Array(items) if last == "-" => items.push(value),
            // Behind the last element is a place too.
            Json::Array(items) => {
                match self.index(last, items.len() + 1).filter(|index| *index <= items.len()) {
                    Some(index) => items.insert(index, value),
                    None => return Err(self.missing(parent, depth, last)),
                }
            }
            _ => return Err(self.missing(parent, depth, last)),
        }
        Ok(())
    }

    fn replace(&self, object: &mut Json, value: Json) -> Result<(), Fault> {
        if self.manner == Manner::Kustomize
            && let (Json::Object(map), last) = self.parent(object)?
        {
            map.insert(last.to_owned(), value);
            return Ok(());
        }
        *self.find(object, &self.pointer.steps)? = value;
        Ok(())
    }

    fn remove(&self, object: &mut Json) -> Result<Json, Fault> {
        let depth = self.pointer.steps.len() - 1;
        let (parent, last) = self.parent(object)?;
        let gone = match parent {
            Json::Object(map) => map.shift_remove(last),
            Json::Array(items) => {
                let index = self.index(last, items.len()).filter(|index| *index < items.len());
                index.map(|index| items.remove(index))
            }
            _ => None,
        };
        gone.ok_or_else(|| self.missing(parent, depth, last))
    }

    /// Reads an index of a list of `length` places.
    fn index(&self, step: &str, length: usize) -> Option<usize> {
        match self.manner {
            // Digits, without a zero before others.
            Manner::Rfc => {
                let canonical = step == "0" || !step.starts_with(['0', '+', '-']);
                step.parse().ok().filter(|_| canonical)
            }
            Manner::Kustomize => match step.strip_prefix('-') {
                Some(back) => length.checked_sub(back.parse().ok()?),
                None => step.parse().ok(),
            },
        }
    }

    /// Says what of the pointer is not there.
    fn missing(&self, here: &Json, depth: usize, step: &str) -> Fault {
        let raw: Vec<&str> = self.pointer.text.split('/').take(depth + 2).collect();
        let message = format!("`{}` has no `{}`", self.title, raw.join("/"));
        let help = match here {
            Json::Object(map) => {
                let near = nearest(step, map.keys().map(String::as_str));
                near.map(|near| format!("did you mean `{near}`?"))
            }
            Json::Array(items) => {
                Some(format!("the list has {}, counted from 0", count(items.len(), "element")))
            }
            _ => Some("what stands above it is neither a map nor a list".to_owned()),
        };
        Fault { span: self.pointer.span, message, help }
    }
}

fn verbs() -> String {
    VERBS.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn fault(span: Span, message: impl Into<String>, help: impl Into<String>) -> Fault {
    Fault { span, message: message.into(), help: Some(help.into()) }
}

#[cfg(test)]
mod tests;
