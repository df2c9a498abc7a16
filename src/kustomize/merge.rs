//! Strategic merge, as kustomize does it: what comes of an object when a patch is laid over it.
//!
//! It follows `merge2` of kyaml, which visits object and patch side by side. Where only the patch has something, it is
//! merged with itself, which takes nulls and directives out of it. So there are three ways to go down: `merged` for
//! two sides, `alone` for one that meets itself, `settle` for a part of the object that the patch does not speak of.

mod list;

use serde_json::{Map, Value as Json};

use super::merge_keys::{self, Field, Type};

/// Why a patch cannot be laid over an object: kustomize refuses it.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The keys that lead to the place.
    pub path: Vec<String>,
    /// What is wrong there, as a fragment.
    pub message: String,
}

type Outcome<T> = Result<T, Refusal>;

const DIRECTIVE: &str = "$patch";

/// Lays a patch over an object; nothing is left of one that the patch deletes.
///
/// What an object is known by (its kind, name and namespace) is merged like all else: the caller knows whether it may change.
///
/// # Errors
/// If object and patch have values of different shapes at one place, or `$patch` says what kustomize does not know.
pub fn merge(object: Json, mut patch: Json) -> Outcome<Option<Json>> {
    let ty = type_of(&object).or_else(|| type_of(&patch));
    match directive(&mut patch)? {
        Directive::Delete => Ok(None),
        // kustomize makes the new object and drops it.
        Directive::Replace => Ok(Some(object)),
        Directive::Merge => match (object, patch) {
            (Json::Object(object), Json::Object(patch)) => {
                merged_maps(object, patch, ty).map(Some).map(|map| map.map(Json::Object))
            }
            (object, patch) => Err(mismatch(&object, &patch)),
        },
    }
}

/// What a patch says of the place where it says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Directive {
    Merge,
    Replace,
    Delete,
}

impl Directive {
    fn named(name: &Json) -> Option<Self> {
        match name.as_str()? {
            "merge" => Some(Self::Merge),
            "replace" => Some(Self::Replace),
            "delete" => Some(Self::Delete),
            _ => None,
        }
    }
}

/// Takes the directive out of a map.
fn directive(patch: &mut Json) -> Outcome<Directive> {
    let Json::Object(map) = patch else { return Ok(Directive::Merge) };
    let Some(name) = map.get(DIRECTIVE) else { return Ok(Directive::Merge) };
    let Some(directive) = Directive::named(name) else {
        return Err(Refusal {
            path: vec![DIRECTIVE.to_owned()],
            message: "`$patch` is neither `delete`, `replace` nor `merge`".to_owned(),
        });
    };
    map.shift_remove(DIRECTIVE);
    Ok(directive)
}

/// Merges the two sides of one place; nothing is left where the place goes away.
fn merged(old: Json, mut new: Json, ty: Option<Field>) -> Outcome<Option<Json>> {
    match (old, new) {
        (Json::Null, new) => added(new, ty),
        (_, Json::Null) => Ok(None),
        (Json::Object(old), Json::Object(map)) => {
            new = Json::Object(map);
            match directive(&mut new)? {
                Directive::Delete => Ok(None),
                Directive::Replace => fields_alone(new, ty).map(Some),
                Directive::Merge => {
                    let Json::Object(map) = new else { return Ok(None) };
                    let ty = embedded(ty, &old, &map);
                    merged_maps(old, map, ty).map(|map| Some(Json::Object(map)))
                }
            }
        }
        (Json::Array(old), Json::Array(new)) => match ty {
            Some(Field::List(keys, element)) => list::merged(old, new, keys, element),
            Some(Field::Set) => list::merged_set(old, new),
            _ => Ok(Some(Json::Array(new))),
        },
        (old, new) if is_scalar(&old) && is_scalar(&new) => Ok(Some(new)),
        (old, new) => Err(mismatch(&old, &new)),
    }
}

fn merged_maps(
    old: Map<String, Json>,
    new: Map<String, Json>,
    ty: Option<&'static Type>,
) -> Outcome<Map<String, Json>> {
    let mut out = old;
    for (key, value) in &mut out {
        if !new.contains_key(key) {
            settle(value, field(ty, key)).map_err(|refusal| refusal.below(key))?;
        }
    }
    for (key, value) in new {
        let old = out.get_mut(&key).map(Json::take).unwrap_or_default();
        match merged(old, value, field(ty, &key)).map_err(|refusal| refusal.below(&key))? {
            Some(value) => drop(out.insert(key, value)),
            None => drop(out.shift_remove(&key)),
        }
    }
    Ok(out)
}

/// Returns what comes of a part of a patch where the object has nothing.
fn added(mut new: Json, ty: Option<Field>) -> Outcome<Option<Json>> {
    match &new {
        Json::Null => Ok(None),
        // A directive that is unknown stays: kustomize looks away here.
        Json::Object(_) => match directive(&mut new) {
            Ok(Directive::Delete) => Ok(None),
            _ => fields_alone(new, ty).map(Some),
        },
        Json::Array(_) => list_alone(new, ty),
        _ => Ok(Some(new)),
    }
}

/// Returns what comes of a part of a patch that is merged with itself.
fn alone(mut new: Json, ty: Option<Field>) -> Outcome<Option<Json>> {
    match &mut new {
        Json::Null => Ok(None),
        Json::Object(_) => match directive(&mut new)? {
            Directive::Delete => Ok(None),
            _ => fields_alone(new, ty).map(Some),
        },
        Json::Array(items) if matches!(ty, Some(Field::List(..) | Field::Set)) => {
            if list::directive(items)? == Directive::Delete {
                return Ok(None);
            }
            list_alone(new, ty)
        }
        _ => Ok(Some(new)),
    }
}

fn fields_alone(new: Json, ty: Option<Field>) -> Outcome<Json> {
    let Json::Object(map) = new else { return Ok(new) };
    let ty = embedded(ty, &map, &map);
    let mut out = Map::with_capacity(map.len());
    for (key, value) in map {
        if let Some(value) = alone(value, field(ty, &key)).map_err(|refusal| refusal.below(&key))? {
            out.insert(key, value);
        }
    }
    Ok(Json::Object(out))
}

fn list_alone(new: Json, ty: Option<Field>) -> Outcome<Option<Json>> {
    match (new, ty) {
        (Json::Array(items), Some(Field::List(keys, element))) => list::alone(items, keys, element).map(Some),
        (Json::Array(items), Some(Field::Set)) => list::set_alone(items).map(Some),
        (new, _) => Ok(Some(new)),
    }
}

/// Visits a part of an object that the patch does not speak of. Of a list whose elements can be told apart it leaves all
/// as it is.
fn settle(value: &mut Json, ty: Option<Field>) -> Outcome<()> {
    match (&mut *value, ty) {
        (Json::Object(map), ty) => {
            let ty = embedded(ty, map, map);
            for (key, value) in map {
                settle(value, field(ty, key)).map_err(|refusal| refusal.below(key))?;
            }
        }
        (Json::Array(items), Some(Field::List(keys, element))) => list::settle(items, keys, element)?,
        (Json::Array(items), Some(Field::Set)) => *value = list::set_alone(std::mem::take(items))?,
        _ => {}
    }
    Ok(())
}

/// Returns what is known of a map: by the place where it stands, or, where that says nothing, by what it calls itself.
fn embedded(ty: Option<Field>, one: &Map<String, Json>, other: &Map<String, Json>) -> Option<&'static Type> {
    match ty {
        Some(Field::Map(ty)) => Some(ty),
        Some(Field::List(..) | Field::Set) => None,
        None => of_map(one).or_else(|| of_map(other)),
    }
}

fn type_of(object: &Json) -> Option<&'static Type> {
    object.as_object().and_then(of_map)
}

fn of_map(map: &Map<String, Json>) -> Option<&'static Type> {
    merge_keys::of_object(map.get("apiVersion")?.as_str()?, map.get("kind")?.as_str()?)
}

fn field(ty: Option<&'static Type>, name: &str) -> Option<Field> {
    ty.and_then(|ty| ty.field(name))
}

fn is_scalar(value: &Json) -> bool {
    !matches!(value, Json::Object(_) | Json::Array(_))
}

fn mismatch(old: &Json, new: &Json) -> Refusal {
    let kind = |value: &Json| match value {
        Json::Object(_) => "a map",
        Json::Array(_) => "a list",
        _ => "a single value",
    };
    let message = format!("the object has {} and the patch {}", kind(old), kind(new));
    Refusal { path: Vec::new(), message }
}

impl Refusal {
    fn below(mut self, key: &str) -> Self {
        self.path.insert(0, key.to_owned());
        self
    }
}

#[cfg(test)]
mod tests;
