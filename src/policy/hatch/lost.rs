//! The parts of a strategic-merge patch that come to nothing.

use serde_json::Value as Json;

use crate::diagnostic::nearest;
use crate::kustomize::merge_keys::{self, Field};
use crate::yaml::{Node, Span, Value};

/// A part of a patch that does not do what its author meant.
#[derive(Debug)]
pub(super) struct Lost {
    pub(super) span: Span,
    pub(super) message: String,
    pub(super) help: Option<String>,
    /// Whether it names a part of the object that is not there, and adds a broken one.
    pub(super) unknown: bool,
}

/// Finds the parts of a patch that come to nothing. Of a kind that Kustomize does not know, whose lists it replaces,
/// nothing is said.
pub(super) fn find(patch: &Node, object: &Json) -> Vec<Lost> {
    let mut found = Vec::new();
    let text = |key: &str| object[key].as_str().unwrap_or_default();
    if let Some(directive) = patch.get("$patch").filter(|directive| directive.as_str() == Some("replace")) {
        found.push(Lost {
            span: directive.span,
            message: "`$patch: replace` on a whole object does nothing".to_owned(),
            help: Some("put it into the part that is to be replaced, such as `spec`".to_owned()),
            unknown: false,
        });
    } else if let Some(ty) = merge_keys::of_object(text("apiVersion"), text("kind")) {
        in_map(patch, object, Some(Field::Map(ty)), "", &mut found);
    }
    found
}

fn in_map(patch: &Node, base: &Json, ty: Option<Field>, at: &str, found: &mut Vec<Lost>) {
    if patch.get("$patch").is_some_and(|directive| directive.as_str() != Some("merge")) {
        return;
    }
    for entry in patch.entries().iter().filter(|entry| &*entry.key != "$patch") {
        let here = if at.is_empty() { entry.key.to_string() } else { format!("{at}.{}", entry.key) };
        let ty = match ty {
            Some(Field::Map(ty)) => ty.field(&entry.key),
            _ => None,
        };
        match (&entry.node.value, base.get(&*entry.key)) {
            (Value::Null, None) => found.push(Lost {
                span: entry.key_span,
                message: format!("`{here}` is removed where it is not"),
                help: base
                    .as_object()
                    .and_then(|map| did_you_mean(&entry.key, map.keys().map(String::as_str))),
                unknown: false,
            }),
            (Value::Map(_), Some(below @ Json::Object(_))) => in_map(&entry.node, below, ty, &here, found),
            (Value::Seq(items), Some(Json::Array(below))) => {
                if let Some(Field::List(keys, element)) = ty {
                    let list = List { keys, element: Field::Map(element), name: &entry.key, path: &here };
                    list.look(items, below, found);
                }
            }
            _ => {}
        }
    }
}

/// A list whose elements are told apart by keys.
struct List<'a> {
    keys: &'a [&'a str],
    element: Field,
    name: &'a str,
    path: &'a str,
}

impl List<'_> {
    fn look(&self, items: &[Node], base: &[Json], found: &mut Vec<Lost>) {
        let plain: Vec<Json> = items.iter().map(Node::to_json).collect();
        let first = self.keys[0];
        let replaces = |item: &Json| item.get("$patch") == Some(&"replace".into());
        if plain.iter().any(replaces) || !base.iter().chain(&plain).all(|item| item.get(first).is_some()) {
            return;
        }
        for (node, item) in items.iter().zip(&plain) {
            let same = |old: &&Json| self.keys.iter().all(|key| old.get(key) == item.get(key));
            let name = item[first].as_str().map_or_else(|| item[first].to_string(), str::to_owned);
            let span = node.get(first).map_or(node.span, |key| key.span);
            let near = || did_you_mean(&name, base.iter().filter_map(|old| old[first].as_str()));
            match base.iter().find(same) {
                Some(old) => {
                    in_map(node, old, Some(self.element), &format!("{}.{name}", self.path), found);
                }
                None if base.iter().any(|old| self.is_one_sided(old, item)) => found.push(Lost {
                    span,
                    message: format!(
                        "Kustomize drops what the patch says of port {name}: `protocol` stands on one side only"
                    ),
                    help: Some(if item.get("protocol").is_some() {
                        "leave `protocol` out, as the object does".to_owned()
                    } else {
                        "add the port's `protocol`, such as `protocol: TCP`".to_owned()
                    }),
                    unknown: false,
                }),
                None if item.get("$patch") == Some(&"delete".into()) => found.push(Lost {
                    span,
                    message: format!("`{}` has no `{name}` to delete", self.path),
                    help: near(),
                    unknown: false,
                }),
                None if matches!(self.name, "containers" | "initContainers")
                    && item.get("image").is_none() =>
                {
                    found.push(Lost {
                        span,
                        message: format!("`{}` has no `{name}`, and a new container needs an image", self.path),
                        help: near(),
                        unknown: true,
                    });
                }
                None => {}
            }
        }
    }

    /// Tells whether two ports have one number, and only one of them a protocol.
    fn is_one_sided(&self, base: &Json, patch: &Json) -> bool {
        self.keys.contains(&"protocol")
            && base.get(self.keys[0]) == patch.get(self.keys[0])
            && base.get("protocol").is_some() != patch.get("protocol").is_some()
    }
}

fn did_you_mean<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    nearest(word, candidates).map(|near| format!("did you mean `{near}`?"))
}
