//! The merge of lists step by step, with all that kustomize does where elements lack a key or share one.
//!
//! Names and order of steps are those of `setAssociativeSequenceElements` in kyaml. There an element that was merged is
//! the same node in every list that holds it, so elements are shared here too.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::Value as Json;

use super::{Keys, Outcome, Refusal, is_empty, key_text, text};
use crate::kustomize::merge::{DIRECTIVE, added, alone, merged, settle};
use crate::kustomize::merge_keys::{Field, Type};

/// What the object's list meets.
pub(super) enum Patch {
    /// Nothing.
    None,
    /// Itself.
    Same,
    /// A list of the patch.
    Other(Vec<Json>),
}

type Element = Rc<RefCell<Json>>;
type List = Rc<RefCell<Vec<Element>>>;

pub(super) fn merge(old: Vec<Json>, patch: Patch, keys: Keys, ty: &'static Type) -> Outcome<Json> {
    let dest = shared(old);
    let origin = match patch {
        Patch::None => None,
        Patch::Same => Some(dest.clone()),
        Patch::Other(items) => Some(shared(items)),
    };
    let mut values: Vec<Vec<String>> = Vec::new();
    for list in origin.iter().chain([&dest]) {
        for element in list.borrow().iter() {
            let value: Vec<String> =
                keys.iter().map(|key| key_text(&element.borrow(), key).into_owned()).collect();
            if !values.contains(&value) {
                values.push(value);
            }
        }
    }
    if keys.len() > 1 {
        merge_values(&mut values);
    }
    let items = shared(Vec::new());
    let mut counting = Vec::new();
    for value in &values {
        let (keys, value) = valid(keys, &values, value);
        let found = |list: &List| {
            let (keys, value) = valid_of_one(&keys, &value);
            find(list, &keys, &value)
        };
        let result = walk(found(&dest), origin.as_ref().and_then(found), ty)?;
        let result = result.filter(|element| !is_empty(&element.borrow()));
        match result {
            None => set(&dest, &keys, &value, None)?,
            Some(element) => {
                for (key, value) in keys.iter().zip(&value) {
                    name(&element, key, value)?;
                }
                set(&items, &keys, &value, Some(&element))?;
            }
        }
        counting = keys;
    }
    if values.is_empty() {
        return Ok(unshared(&dest));
    }
    append(&items, &dest, &counting)?;
    Ok(unshared(&items))
}

fn shared(items: Vec<Json>) -> List {
    Rc::new(RefCell::new(items.into_iter().map(|item| Rc::new(RefCell::new(item))).collect()))
}

fn unshared(list: &List) -> Json {
    list.borrow().iter().map(|element| element.borrow().clone()).collect()
}

/// Takes two ports for one where one of them does not say its protocol.
fn merge_values(values: &mut [Vec<String>]) {
    for one in 0..values.len() {
        // What is compared is what it was before the round.
        let before = values[one].clone();
        for other in 0..values.len() {
            if let Some(both) = matching(&before, &values[other]) {
                values[one].clone_from(&both);
                values[other] = both;
            }
        }
    }
}

fn matching(one: &[String], other: &[String]) -> Option<Vec<String>> {
    let mut common = false;
    let mut both = Vec::with_capacity(one.len());
    for (one, other) in one.iter().zip(other) {
        if one == other {
            common = true;
        } else if !one.is_empty() && !other.is_empty() {
            return None;
        }
        both.push(if one.is_empty() { other.clone() } else { one.clone() });
    }
    common.then_some(both)
}

/// Returns the keys that any element says, and an element's values of them.
fn valid(keys: Keys, all: &[Vec<String>], value: &[String]) -> (Vec<&'static str>, Vec<String>) {
    let said: Vec<bool> =
        (0..keys.len()).map(|index| all.iter().any(|value| !value[index].is_empty())).collect();
    if !said.contains(&true) {
        return (keys.to_vec(), value.to_vec());
    }
    let kept = |index: &usize| said[*index];
    let indices: Vec<usize> = (0..keys.len()).filter(kept).collect();
    (
        indices.iter().map(|index| keys[*index]).collect(),
        indices.iter().map(|index| value[*index].clone()).collect(),
    )
}

/// The same for one element alone.
fn valid_of_one(keys: &[&'static str], value: &[String]) -> (Vec<&'static str>, Vec<String>) {
    if value.iter().all(String::is_empty) {
        return (keys.to_vec(), value.to_vec());
    }
    let said = || keys.iter().zip(value).filter(|(_, value)| !value.is_empty());
    (said().map(|(key, _)| *key).collect(), said().map(|(_, value)| value.clone()).collect())
}

/// Finds the first element whose keys have these texts.
fn find(list: &List, keys: &[&str], value: &[String]) -> Option<Element> {
    let fits = |element: &&Element| {
        let element = element.borrow();
        let says = |key: &str, value: &str| element.get(key).is_some_and(|there| text(there) == value);
        element.is_object() && keys.iter().zip(value).all(|(key, value)| says(key, value))
    };
    list.borrow().iter().find(fits).cloned()
}

/// Merges an element with its twin; what is left is one of the two.
fn walk(dest: Option<Element>, origin: Option<Element>, ty: &'static Type) -> Outcome<Option<Element>> {
    let ty = Some(Field::Map(ty));
    match (dest, origin) {
        (None, None) => Ok(None),
        (Some(dest), None) => {
            settle(&mut dest.borrow_mut(), ty)?;
            Ok(Some(dest))
        }
        (None, Some(origin)) => {
            let value = added(origin.borrow().clone(), ty)?;
            Ok(put(origin, value))
        }
        (Some(dest), Some(origin)) if Rc::ptr_eq(&dest, &origin) => {
            let value = alone(dest.borrow().clone(), ty)?;
            Ok(put(dest, value))
        }
        (Some(dest), Some(origin)) => {
            let replaces = origin.borrow().get(DIRECTIVE).is_some_and(|directive| directive == "replace");
            let value = merged(dest.borrow().clone(), origin.borrow().clone(), ty)?;
            without_directive(&origin);
            Ok(put(if replaces { origin } else { dest }, value))
        }
    }
}

fn put(element: Element, value: Option<Json>) -> Option<Element> {
    if let Some(value) = value {
        *element.borrow_mut() = value;
        return Some(element);
    }
    without_directive(&element);
    None
}

fn without_directive(element: &Element) {
    if let Json::Object(map) = &mut *element.borrow_mut() {
        map.shift_remove(DIRECTIVE);
    }
}

/// Makes sure that an element says a key.
fn name(element: &Element, key: &str, value: &str) -> Outcome<()> {
    let Json::Object(map) = &mut *element.borrow_mut() else { return Err(no_map()) };
    if !map.contains_key(key) && !value.is_empty() {
        map.insert(key.to_owned(), crate::yaml::as_kustomize(value));
    }
    Ok(())
}

/// Puts an element into a list in the place of those that have its keys, or behind all; without an element, takes those
/// out. An element without the keys goes where no value is asked for.
fn set(list: &List, keys: &[&str], values: &[String], element: Option<&Element>) -> Outcome<()> {
    let by_keys = keys.first().is_some_and(|key| !key.is_empty())
        && values.first().is_some_and(|value| !value.is_empty());
    let mut kept = Vec::new();
    let mut met = false;
    for item in list.borrow().iter() {
        let there = item.borrow();
        if is_empty(&there) {
            continue;
        }
        if !there.is_object() {
            if by_keys {
                kept.push(item.clone());
                continue;
            }
            return Err(no_map());
        }
        // A key for which there is no value is not asked for, unless there is none at all.
        let says = |(key, wanted): (&&str, &String)| {
            there.get(*key).is_some_and(|field| wanted.is_empty() || text(field) == **wanted)
        };
        if values.is_empty() || !keys.iter().zip(values).all(says) {
            if !values.is_empty() {
                kept.push(item.clone());
            }
            continue;
        }
        met = true;
        kept.extend(element.cloned());
    }
    if let Some(element) = element.filter(|_| !met) {
        kept.push(element.clone());
    }
    *list.borrow_mut() = kept;
    Ok(())
}

/// Puts the object's elements behind those of the patch, or in their places.
fn append(items: &List, dest: &List, keys: &[&str]) -> Outcome<()> {
    let elements = dest.borrow().clone();
    for element in elements {
        let mut values = Vec::with_capacity(keys.len());
        for key in keys {
            if !element.borrow().is_object() {
                return Err(no_map());
            }
            match element.borrow().get(key) {
                Some(value) => values.push(text(value).into_owned()),
                None => items.borrow_mut().push(element.clone()),
            }
        }
        if keys.len() > 1 {
            set(items, keys, &values, None)?;
        }
        set(items, keys, &values, Some(&element))?;
    }
    Ok(())
}

fn no_map() -> Refusal {
    Refusal {
        path: Vec::new(),
        message: "the list is merged by keys, and an element of it is no map".to_owned(),
    }
}
