//! Kustomize's way to a field: `spec/template/spec/containers/image`, which goes through lists by itself.

use serde_json::{Map, Value as Json};

use super::resource::Resource;
use crate::ordered;

/// A field of some kinds of objects. Where group, version or kind is empty, any will do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) group: &'static str,
    pub(super) version: &'static str,
    pub(super) kind: &'static str,
    /// The keys, from the object on. A key that ends in `[]` is that of a list.
    pub(super) path: &'static [&'static str],
    /// Whether it is made where it is not there.
    pub(super) create: bool,
}

/// What a field becomes that is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaf {
    /// A map, which starts empty.
    Map,
    /// A single value, which starts as null.
    Scalar,
}

/// Something on the way to a field that is neither map nor list: kustomize refuses it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoWay;

impl Field {
    /// Returns a field that is made in any object.
    pub(super) const fn any(path: &'static [&'static str]) -> Self {
        Self { group: "", version: "", kind: "", path, create: true }
    }

    /// Returns a field that is made in objects of a kind, of any group.
    pub(super) const fn of(kind: &'static str, path: &'static [&'static str]) -> Self {
        Self { group: "", version: "", kind, path, create: true }
    }

    /// Returns the same field for one group.
    pub(super) const fn group(self, group: &'static str) -> Self {
        Self { group, ..self }
    }

    /// Returns the same field for one version.
    pub(super) const fn version(self, version: &'static str) -> Self {
        Self { version, ..self }
    }

    /// Returns the same field, which is changed only where it is there.
    pub(super) const fn if_there(self) -> Self {
        Self { create: false, ..self }
    }

    /// Tells whether an object has the field's group, version and kind.
    pub(super) fn fits(&self, resource: &Resource) -> bool {
        let fits = |wanted: &str, is: &str| wanted.is_empty() || wanted == is;
        fits(self.kind, resource.kind())
            && fits(self.group, resource.group())
            && fits(self.version, resource.version())
    }
}

/// Hands the values that a path leads to, each in turn, to `set`.
pub(super) fn visit(
    value: &mut Json,
    path: &[&str],
    create: Option<Leaf>,
    set: &mut dyn FnMut(&mut Json) -> Result<(), NoWay>,
) -> Result<(), NoWay> {
    let Some((key, rest)) = path.split_first() else { return set(value) };
    match value {
        Json::Null => Ok(()),
        Json::Array(items) => items.iter_mut().try_for_each(|item| visit(item, path, create, set)),
        Json::Object(map) => {
            let list = key.strip_suffix("[]");
            let made = match create {
                Some(_) if list.is_some() => None,
                Some(Leaf::Scalar) if rest.is_empty() => Some(Json::Null),
                Some(_) => Some(Json::Object(Map::new())),
                None => None,
            };
            let key = list.unwrap_or(key);
            if let Some(made) = made
                && ordered::get(map, key).is_none_or(Json::is_null)
            {
                map.insert(key.to_owned(), made);
            }
            let Some(next) = ordered::get_mut(map, key) else { return Ok(()) };
            // A list of nothing becomes one without elements.
            if list.is_some() && next.is_null() {
                *next = Json::Array(Vec::new());
            }
            visit(next, rest, create, set)
        }
        _ => Err(NoWay),
    }
}
