//! Lists whose elements are told apart by keys.
//!
//! Where every element says its keys, the rule is short: the patch's elements come first. Where one does not, kustomize
//! (`walk/associative_sequence.go` of kyaml) moves, drops and doubles elements, and so [`literal`] does what it does,
//! step by step.

mod literal;

use std::borrow::Cow;

use serde_json::Value as Json;

use super::{DIRECTIVE, Directive, Outcome, Refusal, added, alone as alone_value, settle as settle_value};
use crate::kustomize::merge_keys::{Field, Type};

/// Keys of a list.
pub(super) type Keys = &'static [&'static str];

/// Merges a patch's list with an object's.
pub(super) fn merged(
    old: Vec<Json>,
    mut new: Vec<Json>,
    keys: Keys,
    ty: &'static Type,
) -> Outcome<Option<Json>> {
    match directive(&mut new)? {
        Directive::Delete => return Ok(None),
        Directive::Replace => return alone(new, keys, ty).map(Some),
        Directive::Merge => {}
    }
    let Some(plain) = Plain::of(&[&old, &new], keys) else {
        return literal::merge(old, literal::Patch::Other(new), keys, ty).map(Some);
    };
    let mut old: Vec<Option<Json>> = old.into_iter().map(Some).collect();
    let mut first = Vec::with_capacity(old.len() + new.len());
    for item in new {
        let twin = old.iter_mut().find(|old| old.as_ref().is_some_and(|old| plain.same(old, &item)));
        match twin {
            Some(place) => {
                let merged = super::merged(place.take().unwrap_or_default(), item, Some(Field::Map(ty)))?;
                // With two keys an element stays where the object has it.
                if plain.keys.len() > 1 { *place = merged } else { first.extend(merged) }
            }
            None => first.extend(added(item, Some(Field::Map(ty)))?),
        }
    }
    for item in old.into_iter().flatten() {
        let mut item = item;
        settle_value(&mut item, Some(Field::Map(ty)))?;
        first.push(item);
    }
    Ok(Some(Json::Array(first)))
}

/// Returns what comes of a patch's list that is merged with itself.
pub(super) fn alone(items: Vec<Json>, keys: Keys, ty: &'static Type) -> Outcome<Json> {
    if Plain::of(&[&items], keys).is_none() {
        return literal::merge(items, literal::Patch::Same, keys, ty);
    }
    let mut out = Vec::with_capacity(items.len());
    for item in items {
        out.extend(alone_value(item, Some(Field::Map(ty)))?);
    }
    Ok(Json::Array(out))
}

/// Visits a list that the patch does not speak of.
pub(super) fn settle(items: &mut Vec<Json>, keys: Keys, ty: &'static Type) -> Outcome<()> {
    if Plain::of(&[items], keys).is_some() {
        return items.iter_mut().try_for_each(|item| settle_value(item, Some(Field::Map(ty))));
    }
    if let Json::Array(out) = literal::merge(std::mem::take(items), literal::Patch::None, keys, ty)? {
        *items = out;
    }
    Ok(())
}

/// Merges lists of plain values: those of the patch first, each once.
pub(super) fn merged_set(old: Vec<Json>, mut new: Vec<Json>) -> Outcome<Option<Json>> {
    match directive(&mut new)? {
        Directive::Delete => Ok(None),
        Directive::Replace => set_alone(new).map(Some),
        Directive::Merge => {
            new.extend(old);
            set_alone(new).map(Some)
        }
    }
}

/// Leaves each value of a list of plain values once.
pub(super) fn set_alone(items: Vec<Json>) -> Outcome<Json> {
    let mut out: Vec<Json> = Vec::with_capacity(items.len());
    for item in items {
        if matches!(item, Json::Object(_) | Json::Array(_)) {
            let message = "the list is merged by its values, and one of them is none".to_owned();
            return Err(Refusal { path: Vec::new(), message });
        }
        if !out.iter().any(|known| text(known) == text(&item)) {
            out.push(item);
        }
    }
    Ok(Json::Array(out))
}

/// Takes the directive out of a list: an element that is nothing else.
pub(super) fn directive(items: &mut Vec<Json>) -> Outcome<Directive> {
    let names = |item: &Json| item.as_object().is_some_and(|map| map.contains_key(DIRECTIVE));
    let Some(at) = items.iter().position(names) else { return Ok(Directive::Merge) };
    if items[at].as_object().is_some_and(|map| map.len() > 1) {
        return Ok(Directive::Merge);
    }
    let Some(directive) = Directive::named(&items[at][DIRECTIVE]) else {
        let message = "`$patch` is neither `delete`, `replace` nor `merge`".to_owned();
        return Err(Refusal { path: vec![DIRECTIVE.to_owned()], message });
    };
    let said = items[at][DIRECTIVE].clone();
    items.retain(|item| !is_empty(item) && item.get(DIRECTIVE) != Some(&said));
    Ok(directive)
}

/// Lists whose elements all say what they are told apart by, and no two of a list the same.
struct Plain {
    /// The keys that count: the second one only where all elements have it.
    keys: Vec<&'static str>,
}

impl Plain {
    fn of(lists: &[&Vec<Json>], keys: Keys) -> Option<Self> {
        let mut items = lists.iter().flat_map(|list| list.iter());
        if items.any(|item| !item.is_object() || item.get(DIRECTIVE).is_some()) {
            return None;
        }
        let mut counting = Vec::with_capacity(keys.len());
        for (index, key) in keys.iter().enumerate() {
            let mut all = lists.iter().flat_map(|list| list.iter());
            let count = lists.iter().map(|list| list.len()).sum::<usize>();
            let saying = all.by_ref().filter(|item| !key_text(item, key).is_empty()).count();
            match saying {
                _ if saying == count => counting.push(*key),
                0 if index > 0 => {}
                _ => return None,
            }
        }
        let plain = Self { keys: counting };
        let unique = |list: &&Vec<Json>| {
            list.iter().enumerate().all(|(at, item)| !list[..at].iter().any(|other| plain.same(item, other)))
        };
        lists.iter().all(unique).then_some(plain)
    }

    fn same(&self, one: &Json, other: &Json) -> bool {
        self.keys.iter().all(|key| key_text(one, key) == key_text(other, key))
    }
}

fn key_text<'a>(item: &'a Json, key: &str) -> Cow<'a, str> {
    item.get(key).map_or(Cow::Borrowed(""), text)
}

/// Returns what a value is compared by: its text. Nothing that is no single value has one.
fn text(value: &Json) -> Cow<'_, str> {
    match value {
        Json::String(text) => Cow::Borrowed(text),
        Json::Number(number) => Cow::Owned(number.to_string()),
        Json::Bool(true) => Cow::Borrowed("true"),
        Json::Bool(false) => Cow::Borrowed("false"),
        Json::Null | Json::Array(_) | Json::Object(_) => Cow::Borrowed(""),
    }
}

fn is_empty(item: &Json) -> bool {
    item.is_null() || item.as_object().is_some_and(serde_json::Map::is_empty)
}
