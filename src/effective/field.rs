//! What differs between two states of one object, field by field.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use super::change::Names;
use super::list::{self, Pair};
use super::path::{Path, Step};
use super::risk::Risk;
use super::secret::names_secret;
use crate::kustomize::Object;
use crate::metadata::RESTARTED_AT;

/// A change of one field. The highest place that comes or goes is one change, with everything below it.
#[derive(Clone, Debug)]
pub struct FieldChange<'a> {
    /// Where.
    pub path: Path<'a>,
    /// What was there; nothing where it is new.
    pub before: Option<&'a Json>,
    /// What will be there; nothing where it goes.
    pub after: Option<&'a Json>,
    /// Whether only the order of a list's elements differs; `before` and `after` are the lists then.
    pub reordered: bool,
    /// What the change of this field alone does in the cluster.
    pub risk: Risk,
}

/// Tells whether a field asks for new pods, and for nothing else.
pub fn is_restart(field: &FieldChange<'_>) -> bool {
    let alone = |value: Option<&Json>| {
        value.is_none_or(|value| {
            value.as_object().is_some_and(|map| map.keys().all(|key| key == RESTARTED_AT))
        })
    };
    match &field.path.0[..] {
        [
            Step::Key("spec"),
            Step::Key("template"),
            Step::Key("metadata"),
            Step::Key("annotations"),
            rest @ ..,
        ] => match rest {
            [] => field.before.is_none() && alone(field.after),
            [Step::Key(key)] => *key == RESTARTED_AT && field.after.is_some(),
            _ => false,
        },
        _ => false,
    }
}

/// Compares two states of an object. A text that is the name of the same ConfigMap or Secret on both sides, with
/// another hash, is no difference.
pub(super) fn fields<'a>(
    before: &'a Object,
    after: &'a Object,
    names: (&Names<'a>, &Names<'a>),
) -> Vec<FieldChange<'a>> {
    let mut comparison = Comparison { names, path: Path::default(), found: Vec::new() };
    comparison.value(&before.json, &after.json);
    // Another hash says that the content differs, which is told already. A name that gets a hash or loses it is another
    // name, and whoever reads it follows.
    let [old, new] =
        [before, after].map(|object| object.json.get("metadata").and_then(|data| data.get("name")));
    if old != new && !(before.hashed && after.hashed && !comparison.found.is_empty()) {
        comparison.path = Path(vec![Step::Key("metadata"), Step::Key("name")]);
        comparison.found(old, new);
    }
    comparison.found
}

struct Comparison<'a, 'n> {
    names: (&'n Names<'a>, &'n Names<'a>),
    path: Path<'a>,
    found: Vec<FieldChange<'a>>,
}

/// How the difference of two lists was told.
enum Told {
    /// Element by element.
    Elements,
    /// The same, and what stays stays in another order.
    Reordered,
    /// Not yet: the lists differ as wholes.
    Whole,
}

impl<'a> Comparison<'a, '_> {
    fn value(&mut self, old: &'a Json, new: &'a Json) {
        match (old, new) {
            (Json::Object(old), Json::Object(new)) => self.maps(old, new),
            (Json::Array(old_list), Json::Array(new_list)) => match self.lists(old_list, new_list) {
                Told::Elements => {}
                Told::Whole => self.found(Some(old), Some(new)),
                Told::Reordered => {
                    self.found(Some(old), Some(new));
                    self.found.iter_mut().last().into_iter().for_each(|found| found.reordered = true);
                }
            },
            _ if self.same(old, new) || self.path.is(&["metadata", "name"]) => {}
            _ => self.found(Some(old), Some(new)),
        }
    }

    fn maps(&mut self, old: &'a Map<String, Json>, new: &'a Map<String, Json>) {
        let keys: BTreeSet<&'a String> = old.keys().chain(new.keys()).collect();
        for key in keys {
            // Kubernetes takes `null` for nothing.
            let old = old.get(key).filter(|value| !value.is_null());
            let new = new.get(key).filter(|value| !value.is_null());
            self.step(Step::Key(key), |this| match (old, new) {
                (Some(old), Some(new)) => this.value(old, new),
                (None, None) => {}
                (old, new) => this.found(old, new),
            });
        }
    }

    /// Compares element by element, where that can be told.
    fn lists(&mut self, old: &'a [Json], new: &'a [Json]) -> Told {
        let same = |old: &Json, new: &Json| self.same(old, new);
        if old.len() == new.len() && old.iter().zip(new).all(|(old, new)| same(old, new)) {
            return Told::Elements;
        }
        let field = self.path.field().unwrap_or_default();
        if let (Some(old_keys), Some(new_keys)) = (list::keys(field, old), list::keys(field, new)) {
            return self.keyed((old, &old_keys), (new, &new_keys));
        }
        if old.iter().chain(new).all(|element| !element.is_object()) {
            return Told::Whole;
        }
        let Some(pairs) = list::align(old, new, same) else { return Told::Whole };
        for pair in pairs {
            match pair {
                // A value alone would not say that it is a secret: the name beside it does.
                Pair::Both(from, to) if names_secret(&old[from]) || names_secret(&new[to]) => {
                    self.step(Step::Index(to), |this| this.found(Some(&old[from]), Some(&new[to])));
                }
                Pair::Both(from, to) => self.step(Step::Index(to), |this| this.value(&old[from], &new[to])),
                Pair::Old(from) => self.step(Step::Index(from), |this| this.found(Some(&old[from]), None)),
                Pair::New(to) => self.step(Step::Index(to), |this| this.found(None, Some(&new[to]))),
            }
        }
        Told::Elements
    }

    fn keyed(
        &mut self,
        (old, old_keys): (&'a [Json], &[Cow<'a, str>]),
        (new, new_keys): (&'a [Json], &[Cow<'a, str>]),
    ) -> Told {
        let index = |keys: &[Cow<'a, str>]| -> BTreeMap<Cow<'a, str>, usize> {
            keys.iter().cloned().enumerate().map(|(at, key)| (key, at)).collect()
        };
        let (old_at, new_at) = (index(old_keys), index(new_keys));
        for (key, from) in old_keys.iter().zip(old) {
            self.step(Step::Element(key.clone()), |this| match new_at.get(key) {
                Some(to) => this.value(from, &new[*to]),
                None => this.found(Some(from), None),
            });
        }
        for (key, to) in new_keys.iter().zip(new).filter(|(key, _)| !old_at.contains_key(*key)) {
            self.step(Step::Element(key.clone()), |this| this.found(None, Some(to)));
        }
        let kept_old = old_keys.iter().filter(|key| new_at.contains_key(*key));
        let kept_new = new_keys.iter().filter(|key| old_at.contains_key(*key));
        if kept_old.eq(kept_new) { Told::Elements } else { Told::Reordered }
    }

    fn step(&mut self, step: Step<'a>, work: impl FnOnce(&mut Self)) {
        self.path.0.push(step);
        work(self);
        self.path.0.pop();
    }

    fn found(&mut self, before: Option<&'a Json>, after: Option<&'a Json>) {
        self.found.push(FieldChange {
            path: self.path.clone(),
            before,
            after,
            reordered: false,
            risk: Risk::None,
        });
    }

    /// Tells whether two values mean the same.
    fn same(&self, old: &Json, new: &Json) -> bool {
        match (old, new) {
            (Json::String(old), Json::String(new)) => {
                let meant = |names: &Names<'a>, text: &str| names.get(text).map(|id| (id.kind, id.name));
                let before = || meant(self.names.0, old);
                old == new || before().is_some_and(|before| Some(before) == meant(self.names.1, new))
            }
            (Json::Array(old), Json::Array(new)) => {
                old.len() == new.len() && old.iter().zip(new).all(|(old, new)| self.same(old, new))
            }
            (Json::Object(old), Json::Object(new)) => {
                old.len() == new.len()
                    && old.iter().all(|(key, old)| new.get(key).is_some_and(|new| self.same(old, new)))
            }
            (old, new) => old == new,
        }
    }
}
