//! What changes of the objects of one API in one environment, by meaning: objects are paired, and their fields compared.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::field::{FieldChange, fields};
use super::id::Id;
use super::pod;
use super::risk::{Risk, assess, template_risk};
use crate::kustomize::Object;

/// A change of one object.
#[derive(Clone, Debug)]
pub struct ObjectChange<'a> {
    /// Which object, as it will be; as it was where it goes.
    pub id: Id<'a>,
    /// The object as it was; nothing where it is new.
    pub before: Option<&'a Object>,
    /// The object as it will be; nothing where it goes.
    pub after: Option<&'a Object>,
    /// The namespace that it lay in, where it moves to another: in a cluster that is a removal and a creation.
    pub moved_from: Option<&'a str>,
    /// What differs between the two; empty where one of them is missing. A name that differs only by the hash of a
    /// changed ConfigMap or Secret is no difference of its own.
    pub fields: Vec<FieldChange<'a>>,
    /// The ConfigMaps and Secrets that its pods read and whose content, and so the hash in their names, changes.
    pub content: Vec<Id<'a>>,
    /// What the change does in the cluster.
    pub risk: Risk,
}

impl ObjectChange<'_> {
    /// Tells whether nothing of the object was written differently: its pods only read something that changed.
    pub fn only_follows(&self) -> bool {
        self.fields.is_empty() && self.before.is_some() && self.after.is_some() && self.moved_from.is_none()
    }
}

/// Compares the objects of an environment. Nothing stands for an environment that is not there on that side.
///
/// The outcome is sorted by [`Id`]. Objects pair by group, kind, namespace, and name without its hash; of what is left, an
/// object that goes and one of the same kind and name that comes in another namespace are one that moves.
pub fn changes<'a>(before: Option<&'a [Object]>, after: Option<&'a [Object]>) -> Vec<ObjectChange<'a>> {
    let old = by_id(before.unwrap_or_default());
    let new = by_id(after.unwrap_or_default());
    let names = (content_names(&old), content_names(&new));
    let mut changes: Vec<ObjectChange<'a>> = pairs(&old, &new);
    for change in &mut changes {
        if let (Some(before), Some(after)) = (change.before, change.after) {
            change.fields = fields(before, after, (&names.0, &names.1));
            change.content = pod::content(before, after, (&names.0, &names.1));
        }
    }
    changes.retain(|change| !change.only_follows() || !change.content.is_empty());
    // What a ConfigMap with a hash does depends on who reads it.
    let mut read: BTreeMap<Id<'a>, Risk> = BTreeMap::new();
    for change in &changes {
        for content in &change.content {
            let risk = read.entry(*content).or_default();
            *risk = (*risk).max(template_risk(&change.id));
        }
    }
    let is_new = before.is_none();
    for change in &mut changes {
        assess(change, is_new, read.get(&change.id).copied().unwrap_or_default());
    }
    changes
}

/// Pairs objects, sorted by what they are; nothing is compared yet.
fn pairs<'a>(
    old: &BTreeMap<Id<'a>, &'a Object>,
    new: &BTreeMap<Id<'a>, &'a Object>,
) -> Vec<ObjectChange<'a>> {
    let pair = |id, before, after, moved_from| ObjectChange {
        id,
        before,
        after,
        moved_from,
        fields: Vec::new(),
        content: Vec::new(),
        risk: Risk::None,
    };
    let mut gone: BTreeMap<Id<'a>, &'a Object> =
        old.iter().filter(|(id, _)| !new.contains_key(id)).map(|(id, object)| (*id, *object)).collect();
    let coming: Vec<Id<'a>> = new.keys().filter(|id| !old.contains_key(id)).copied().collect();
    let mut pairs = Vec::new();
    for (id, object) in new {
        let known = old.get(id).copied();
        let source = if known.is_none() { moved(id, &gone, &coming) } else { None };
        let before = known.or_else(|| gone.remove(&source?));
        pairs.push(pair(*id, before, Some(*object), source.and_then(|from| from.namespace)));
    }
    pairs.extend(gone.into_iter().map(|(id, object)| pair(id, Some(object), None, None)));
    pairs.sort_by_key(|change| change.id);
    pairs
}

/// What a name of a ConfigMap or Secret stands for, by its final name.
pub(super) type Names<'a> = BTreeMap<&'a str, Id<'a>>;

fn by_id(objects: &[Object]) -> BTreeMap<Id<'_>, &Object> {
    objects.iter().map(|object| (Id::of(object), object)).collect()
}

fn content_names<'a>(objects: &BTreeMap<Id<'a>, &'a Object>) -> Names<'a> {
    let content = objects.iter().filter(|(id, _)| id.is_content());
    content.filter_map(|(id, object)| Some((object.json["metadata"]["name"].as_str()?, *id))).collect()
}

/// Finds the object that moved to where a new one is: the only one of its kind and name that goes, if no other comes.
fn moved<'a>(id: &Id<'a>, gone: &BTreeMap<Id<'a>, &'a Object>, coming: &[Id<'a>]) -> Option<Id<'a>> {
    let twin = |other: &&Id<'a>| {
        (other.group, other.kind, other.name) == (id.group, id.kind, id.name)
            && other.namespace.is_some() == id.namespace.is_some()
    };
    let mut from = gone.keys().filter(twin);
    let found = from.next().copied()?;
    (from.next().is_none() && coming.iter().filter(twin).count() == 1).then_some(found)
}

/// Returns a text below an object's keys.
pub(super) fn text<'a>(json: &'a Json, keys: &[&str]) -> Option<&'a str> {
    keys.iter().try_fold(json, |json, key| json.get(key))?.as_str()
}
