//! Names of objects that other objects speak of, made right once all objects have their final names.

mod table;

use serde_json::Value as Json;

use self::table::{REFERENCES, Reference};
use super::codes::UNBUILDABLE_OVERLAY;
use super::field::{NoWay, visit};
use super::resource::{Previous, Resource};
use crate::diagnostic::{Diagnostic, Sink, shorten};

/// Writes the final names wherever the table says that one object names another.
pub(super) fn run(resources: &mut [Resource], sink: &mut Sink) -> Option<()> {
    let cards: Vec<Card> = resources.iter().map(Card::of).collect();
    let kinds: Vec<Known> = REFERENCES.iter().map(|reference| Known::of(reference, &cards)).collect();
    for index in 0..resources.len() {
        hold_subjects(&resources[index], sink)?;
        for (reference, kind) in REFERENCES.iter().zip(&kinds) {
            for places in reference.places {
                let Some(holder) = places.holder(&resources[index]) else { continue };
                // Where none has a new name, only the namespaces that stand beside names may be new.
                let concerned = kind.renamed || kind.any && places.with_namespace;
                for path in places.paths {
                    // What is no reference is refused even where there is nothing to change.
                    let known = if concerned { &*cards } else { &[] };
                    fix(&cards[index], reference, [holder.start, path], known, &mut resources[index], sink)?;
                }
            }
        }
    }
    Some(())
}

/// What a build holds of the kind that a reference names.
struct Known {
    /// Whether there is any such object.
    any: bool,
    /// Whether one of them has a new name.
    renamed: bool,
}

impl Known {
    fn of(reference: &Reference, cards: &[Card]) -> Self {
        let kind = || cards.iter().filter(|card| card.was(reference));
        Self { any: kind().next().is_some(), renamed: kind().any(|card| card.renamed) }
    }
}

/// Refuses a binding with a subject that is no map.
fn hold_subjects(resource: &Resource, sink: &mut Sink) -> Option<()> {
    let binding = matches!(resource.kind(), "RoleBinding" | "ClusterRoleBinding");
    let subjects = resource.json.get("subjects").and_then(Json::as_array).filter(|_| binding);
    if subjects.into_iter().flatten().all(Json::is_object) {
        return Some(());
    }
    let message = format!("a subject of `{}` is no map", resource.title());
    sink.push(Diagnostic::new(&UNBUILDABLE_OVERLAY, resource.location.clone(), message));
    None
}

/// What a reference has to know of an object. Its fields are being changed meanwhile; these do not.
struct Card {
    previous: Vec<Previous>,
    group: Box<str>,
    version: Box<str>,
    kind: Box<str>,
    name: Box<str>,
    namespace: Box<str>,
    effective_namespace: Box<str>,
    of_cluster: bool,
    renamed: bool,
    prefixes: Vec<Box<str>>,
    suffixes: Vec<Box<str>>,
}

impl Card {
    fn of(resource: &Resource) -> Self {
        Self {
            previous: resource.previous.clone(),
            group: resource.group().into(),
            version: resource.version().into(),
            kind: resource.kind().into(),
            name: resource.name().into(),
            namespace: resource.namespace().into(),
            effective_namespace: resource.effective_namespace().into(),
            of_cluster: resource.is_of_cluster(),
            renamed: resource.previous.iter().any(|previous| *previous.name != *resource.name()),
            prefixes: resource.prefixes.clone(),
            suffixes: resource.suffixes.clone(),
        }
    }

    /// Tells whether the object is or was of the kind that a reference names.
    fn was(&self, reference: &Reference) -> bool {
        self.was_of(reference.group, reference.version, reference.kind)
    }

    fn was_of(&self, group: &str, version: &str, kind: &str) -> bool {
        let fits = |wanted: &str, is: &str| wanted.is_empty() || wanted == is;
        fits(group, &self.group)
            && fits(version, &self.version)
            && self.previous.iter().any(|previous| fits(kind, &previous.kind))
    }

    /// Tells whether both got the same prefixes and suffixes, as far as the shorter lists go.
    fn is_dressed_like(&self, other: &Self, may_be_bare: bool) -> bool {
        let same = |one: &[Box<str>], other: &[Box<str>]| {
            let (short, long) = if one.len() > other.len() { (other, one) } else { (one, other) };
            if short.is_empty() { may_be_bare || long.is_empty() } else { long.ends_with(short) }
        };
        same(&self.prefixes, &other.prefixes) && same(&self.suffixes, &other.suffixes)
    }
}

/// Several objects could be meant.
struct Ambiguous;

/// Why kustomize refuses a reference.
enum Refused {
    /// Several objects have the name.
    Several(String),
    /// There is no name.
    Nameless,
}

/// One object's names of another kind of objects.
struct Search<'a> {
    referrer: &'a Card,
    reference: &'a Reference,
    /// The objects that the referrer can speak of.
    candidates: Vec<&'a Card>,
    /// Group and kind that stand beside the name.
    role: Option<(String, String)>,
}

fn fix(
    card: &Card,
    reference: &Reference,
    [start, path]: [&[&str]; 2],
    cards: &[Card],
    resource: &mut Resource,
    sink: &mut Sink,
) -> Option<()> {
    let role = path.ends_with(&["roleRef", "name"]).then(|| role_of(&resource.json)).flatten();
    let search =
        Search { referrer: card, reference, candidates: reachable(card, &resource.json, cards), role };
    let mut refused = None;
    let mut set = |value: &mut Json| {
        search.set(value).map_err(|why| {
            refused = Some(why);
            NoWay
        })
    };
    let outcome = visit(&mut resource.json, start, None, &mut |value| visit(value, path, None, &mut set));
    let message = match (outcome, refused) {
        (Ok(()), _) => return Some(()),
        (Err(NoWay), Some(Refused::Nameless)) => {
            format!("`{}` names no object at `{}`", resource.title(), [start, path].concat().join("."))
        }
        (Err(NoWay), Some(Refused::Several(name))) => {
            format!(
                "`{}` names a {} `{}`, and there are several",
                resource.title(),
                reference.kind,
                shorten(&name)
            )
        }
        (Err(NoWay), None) => {
            format!("`{}` has something else at `{}`", resource.title(), [start, path].concat().join("."))
        }
    };
    sink.push(Diagnostic::new(&UNBUILDABLE_OVERLAY, resource.location.clone(), message));
    None
}

/// Returns group and kind of a role that a binding names.
fn role_of(binding: &Json) -> Option<(String, String)> {
    let role = binding.get("roleRef")?;
    let text = |key: &str| Some(role.get(key)?.as_str()?.to_owned());
    Some((text("apiGroup")?, text("kind")?))
}

/// Returns the objects that an object can speak of: those of its namespace and of the cluster, and accounts that a
/// binding names with their namespace.
fn reachable<'a>(referrer: &Card, json: &Json, cards: &'a [Card]) -> Vec<&'a Card> {
    if referrer.of_cluster {
        return cards.iter().collect();
    }
    let subjects = json.get("subjects").and_then(Json::as_array).filter(|_| &*referrer.kind == "RoleBinding");
    let named = |card: &Card| {
        subjects.into_iter().flatten().any(|subject| {
            subject.get("kind").is_some_and(|kind| kind == "ServiceAccount")
                && subject.get("namespace").is_some_and(|namespace| *namespace == *card.namespace)
        })
    };
    let near = |card: &&Card| {
        card.of_cluster || card.effective_namespace == referrer.effective_namespace || named(card)
    };
    cards.iter().filter(near).collect()
}

impl Search<'_> {
    /// Writes a final name over the one that stands somewhere.
    fn set(&self, value: &mut Json) -> Result<(), Refused> {
        match value {
            Json::String(name) => {
                let found = self.find(name, &self.candidates, false);
                let found = found.map_err(|Ambiguous| Refused::Several(name.clone()))?;
                if let Some(card) = found {
                    *name = card.name.to_string();
                }
                Ok(())
            }
            Json::Array(items) => items.iter_mut().try_for_each(|item| self.set(item)),
            Json::Object(map) => {
                let Some(name) = map.get("name") else { return Err(Refused::Nameless) };
                let Some(name) = name.as_str().map(str::to_owned) else { return Ok(()) };
                let candidates =
                    match map.get("namespace").map(|namespace| namespace.as_str().unwrap_or_default()) {
                        None => self.candidates.clone(),
                        Some(namespace) => self.in_namespace(namespace),
                    };
                let found = self.find(&name, &candidates, true);
                let found = found.map_err(|Ambiguous| Refused::Several(name.clone()))?;
                if let Some(card) = found {
                    map.insert("name".to_owned(), (*card.name).into());
                    if !card.namespace.is_empty() {
                        map.insert("namespace".to_owned(), (*card.namespace).into());
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Returns the candidates whose first namespace this was, or else those that are in it now.
    fn in_namespace(&self, namespace: &str) -> Vec<&Card> {
        let first = |card: &&&Card| {
            let first = card.previous.first().map_or(&card.effective_namespace, |first| &first.namespace);
            !card.of_cluster && **first == *namespace
        };
        let found: Vec<&Card> = self.candidates.iter().filter(first).copied().collect();
        if !found.is_empty() {
            return found;
        }
        let now = |card: &&&Card| !card.of_cluster && *card.effective_namespace == *namespace;
        self.candidates.iter().filter(now).copied().collect()
    }

    /// Picks the object that a name means.
    fn find<'c>(
        &self,
        name: &str,
        candidates: &[&'c Card],
        with_namespace: bool,
    ) -> Result<Option<&'c Card>, Ambiguous> {
        let fits = |card: &&&Card| {
            card.previous.iter().any(|previous| *previous.name == *name)
                && card.was(self.reference)
                && self.role.as_ref().is_none_or(|(group, kind)| card.was_of(group, "", kind))
                && (self.referrer.of_cluster
                    || card.of_cluster
                    || &*card.kind == "ServiceAccount"
                    || card.effective_namespace == self.referrer.effective_namespace)
        };
        let mut found: Vec<&Card> = candidates.iter().filter(fits).copied().collect();
        if let [card] = found[..] {
            return Ok(Some(card));
        }
        found.retain(|card| card.is_dressed_like(self.referrer, true));
        if found.len() > 1 {
            found.retain(|card| card.is_dressed_like(self.referrer, false));
        }
        let Some((first, rest)) = found.split_first() else { return Ok(None) };
        let same =
            |card: &&Card| card.name == first.name && (!with_namespace || card.namespace == first.namespace);
        if rest.iter().all(same) { Ok(Some(first)) } else { Err(Ambiguous) }
    }
}
