//! One API from its objects to its files: written in words, tried out, and written otherwise where the proof fails.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::assemble::{Draft, Form, Frame, Key};
use super::difference::{Class, Difference, Expected, compare};
use super::family::{Family, Item, Member, title};
use super::outcome::{EnvironmentOutcome, Fate, ObjectOutcome, Verdict};
use super::patch::operations;
use super::routes::{MOST_OPERATIONS, is_route_title};
use super::trial::{Trial, Tried};
use crate::diagnostic::Diagnostic;
use crate::kustomize::Object;

/// How an API is written in the end.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) draft: Draft,
    pub(super) tried: Option<Tried>,
    pub(super) environments: Vec<EnvironmentOutcome>,
    /// Why it cannot be written in any form.
    pub(super) errors: Vec<Diagnostic>,
}

/// How often the form of an API is changed before it is told as it is.
const TRIES: usize = 12;

/// So many parts are looked at one by one for the one that cannot be built.
const MANY: usize = 50;

/// Finds the form of an API that is proved, and as much of it in words as can be.
pub(super) fn write(frame: &Frame<'_>, trial: &Trial<'_>) -> Written {
    let mut form = Form::default();
    let mut last = None;
    let mut doubted = false;
    for _ in 0..TRIES {
        let draft = frame.draft(&form);
        match attempt(frame, &draft, trial) {
            Ok(tried) => {
                let nowhere = || Fate::Unwritten("it was lost".to_owned());
                let fate = |key: &Key| draft.fates.get(key).cloned().unwrap_or_else(nowhere);
                let environments = prove(frame, &Proof { objects: &tried.objects, fate: &fate });
                let mut next = improved(frame, &form, &environments, &tried);
                if next.is_some() && !std::mem::replace(&mut doubted, true) {
                    next = unshared(frame, &form, &draft, wrong(&environments), trial).or(next);
                }
                let written = Written { draft, tried: Some(tried), environments, errors: Vec::new() };
                match next {
                    Some(next) => form = next,
                    None => return written,
                }
                last = Some(written);
            }
            Err(errors) => match unshared(frame, &form, &draft, usize::MAX, trial)
                .or_else(|| without_culprit(frame, &form, trial))
            {
                Some(next) => form = next,
                None => {
                    return Written { draft, tried: None, environments: Vec::new(), errors };
                }
            },
        }
    }
    last.unwrap_or_else(|| {
        let draft = frame.draft(&form);
        Written { draft, tried: None, environments: Vec::new(), errors: Vec::new() }
    })
}

fn attempt(frame: &Frame<'_>, draft: &Draft, trial: &Trial<'_>) -> Result<Tried, Vec<Diagnostic>> {
    let environments: Vec<&str> = frame.sides.iter().map(|side| side.environment.as_str()).collect();
    trial.build(frame.api, draft, &environments)
}

/// Finds the form in which each workload says all that it is, where what they share is to blame: fewer objects are wrong then.
fn unshared(frame: &Frame<'_>, form: &Form, draft: &Draft, most: usize, trial: &Trial<'_>) -> Option<Form> {
    let next = draft.shares.then(|| Form { unshared: true, ..form.clone() })?;
    let tried = attempt(frame, &frame.draft(&next), trial).ok()?;
    let environments = prove(frame, &Proof { objects: &tried.objects, fate: &|_| Fate::Said });
    (wrong(&environments) < most).then_some(next)
}

fn wrong(environments: &[EnvironmentOutcome]) -> usize {
    let objects = environments.iter().flat_map(|environment| &environment.objects);
    objects.filter(|object| object.verdict() == Verdict::Unexplained).count()
}

/// Finds a form without what keeps the API from being built: each part is tried without the others.
fn without_culprit(frame: &Frame<'_>, form: &Form, trial: &Trial<'_>) -> Option<Form> {
    if form.routes.is_none() && frame.has_routes() {
        let next = form.without_routes("it cannot be built from words");
        if attempt(frame, &frame.draft(&next), trial).is_ok() {
            return Some(next);
        }
    }
    if !form.patches.is_empty() {
        // A patch that cannot be applied: what it was for stays as it is.
        let mut next = Form { patches: BTreeMap::new(), ..form.clone() };
        let titles: BTreeSet<&String> = form.patches.keys().map(|(_, title)| title).collect();
        let slots = frame.slots.iter().filter(|slot| titles.iter().any(|title| is_of(frame, slot, title)));
        next.kept.extend(slots.map(|slot| slot.key.clone()));
        next.kept.extend(titles.into_iter().filter(|title| title.starts_with("ConfigMap ")).cloned());
        return Some(next);
    }
    if !form.apart && frame.sides.len() > 1 {
        let next = Form { apart: true, ..form.clone() };
        if attempt(frame, &frame.draft(&next), trial).is_ok() {
            return Some(next);
        }
    }
    let maps =
        frame.sides.iter().flat_map(|side| &side.family.config_maps).map(|item| title(&item.found.json));
    let parts: BTreeSet<String> = frame.slots.iter().map(|slot| slot.key.clone()).chain(maps).collect();
    let left: Vec<String> = parts.difference(&form.kept).cloned().collect();
    let fails_alone = |part: &String| {
        let others = parts.iter().filter(|other| *other != part).cloned();
        let alone = Form { kept: form.kept.iter().cloned().chain(others).collect(), ..form.clone() };
        attempt(frame, &frame.draft(&alone), trial).is_err()
    };
    let all = Form { kept: parts.clone(), apart: true, ..Form::default() };
    if left.is_empty() {
        return None;
    }
    if attempt(frame, &frame.draft(&all), trial).is_err() {
        // What stays as it is cannot be built either; nothing that is said otherwise helps.
        return None;
    }
    // Of very many the search would take longer than it is worth.
    let searched = left.iter().take(if left.len() > MANY { 0 } else { MANY });
    let culprits: Vec<String> = searched.filter(|part| fails_alone(part)).cloned().collect();
    let mut next = form.clone();
    // Each may be built alone, and not together.
    next.kept.extend(if culprits.is_empty() { left } else { culprits });
    Some(next)
}

fn is_of(frame: &Frame<'_>, slot: &super::slot::Slot, title: &str) -> bool {
    let members = slot.members.iter().zip(&frame.sides);
    let mut members = members.filter_map(|(at, side)| at.map(|at| &side.family.members[at]));
    members.any(|member| parts(member).any(|item| super::family::title(&item.found.json) == title))
}

fn parts<'a>(member: &Member<'a>) -> impl Iterator<Item = Item<'a>> {
    [Some(member.workload), member.service, member.scaler].into_iter().flatten()
}

/// Returns a form that could be better than one that was proved in part; nothing where there is none.
fn improved(
    frame: &Frame<'_>,
    form: &Form,
    environments: &[EnvironmentOutcome],
    tried: &Tried,
) -> Option<Form> {
    let mut next = form.clone();
    let mut without_routes = false;
    for (index, environment) in environments.iter().enumerate() {
        let wrong = environment.objects.iter().filter(|object| object.verdict() == Verdict::Unexplained);
        for object in wrong {
            let title = format!("{} {}", object.kind, object.name);
            let key: Key = (index, title.clone());
            let built = tried.objects[index].iter().find(|built| super::family::title(&built.json) == title);
            let steps = built.and_then(|built| operations(&built.json, &object.differences));
            let is_said = matches!(object.fate, Fate::Said);
            // What is built from nothing comes with a route.
            let of_routes = is_said && (object.origin.is_none() || is_route_title(&title));
            match steps {
                Some(steps) if of_routes && steps.len() > MOST_OPERATIONS => without_routes = true,
                Some(steps) if is_said && !form.patches.contains_key(&key) && !steps.is_empty() => {
                    next.patches.insert(key, steps);
                }
                _ => {
                    let slot = frame.slots.iter().find(|slot| is_of(frame, slot, &title));
                    if let Some(slot) = slot {
                        next.kept.insert(slot.key.clone());
                        next.patches.retain(|(_, title), _| !is_of(frame, slot, title));
                    } else if object.fate == Fate::Generated {
                        next.kept.insert(title);
                    } else if of_routes {
                        without_routes = true;
                    }
                }
            }
        }
    }
    if without_routes && form.routes.is_none() && frame.has_routes() {
        next = next.without_routes("words and a small patch do not say all of it");
    }
    let changed = next.kept != form.kept || next.patches != form.patches || next.routes != form.routes;
    changed.then_some(next)
}

/// What is held against the branches.
pub(super) struct Proof<'a> {
    /// What is built, by side.
    pub(super) objects: &'a [Vec<Object>],
    /// What became of an object that is built.
    pub(super) fate: &'a dyn Fn(&Key) -> Fate,
}

/// Holds what is built against what the branches have.
pub(super) fn prove(frame: &Frame<'_>, proof: &Proof<'_>) -> Vec<EnvironmentOutcome> {
    let each = frame.sides.iter().enumerate().map(|(index, side)| {
        let family = &side.family;
        let built = &proof.objects[index];
        let mut objects = Vec::new();
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let scaled: BTreeSet<String> = scaled(family.members.iter());
        let members = family.members.iter().flat_map(parts);
        for item in members.chain(family.config_maps.iter().copied()).chain(family.others.iter().copied()) {
            let title = title(&item.found.json);
            let fate = (proof.fate)(&(index, title.clone()));
            let images = images(frame, &item.found.json);
            let accepted =
                |path: &str| frame.decided.and_then(|decided| decided.accepts(&title, path)).is_some();
            let expected = Expected {
                namespace: family.namespace.as_deref().unwrap_or(&side.namespace),
                scaled: scaled.contains(&title),
                images: &images,
                accepted: &accepted,
            };
            let other = built.iter().find(|built| super::family::title(&built.json) == title);
            let differences = match other {
                Some(other) => compare(&item.found.json, &other.json, &expected),
                None => vec![whole(Some(item.found.json.clone()), None)],
            };
            seen.insert(title);
            objects.push(outcome(&item, fate, differences));
        }
        for built in built.iter().filter(|built| !seen.contains(&super::family::title(&built.json))) {
            objects.push(ObjectOutcome {
                kind: super::family::text(&built.json, "/kind").to_owned(),
                name: super::family::text(&built.json, "/metadata/name").to_owned(),
                origin: None,
                is_workload: false,
                fate: Fate::Said,
                differences: vec![whole(None, Some(built.json.clone()))],
            });
        }
        objects.extend(left_out(family));
        EnvironmentOutcome { name: side.environment.clone(), objects }
    });
    each.collect()
}

/// What is no part of what is built.
pub(super) fn left_out(family: &Family<'_>) -> Vec<ObjectOutcome> {
    let left = family.left.iter().map(|(item, why)| (item, Fate::Left(why.clone())));
    let secrets = family.secrets.iter().map(|item| (item, Fate::Withheld));
    let superseded = family.superseded.iter().map(|(item, by)| (item, Fate::Superseded(by.clone())));
    left.chain(secrets).chain(superseded).map(|(item, fate)| outcome(item, fate, Vec::new())).collect()
}

/// The titles of workloads that an autoscaler scales.
fn scaled<'a>(members: impl Iterator<Item = &'a Member<'a>>) -> BTreeSet<String> {
    members
        .filter(|member| member.scaler.is_some())
        .map(|member| title(&member.workload.found.json))
        .collect()
}

/// The places of images that somebody decided on.
fn images(frame: &Frame<'_>, object: &Json) -> Vec<String> {
    let mut changed = object.clone();
    frame.decide(&mut changed);
    if changed == *object {
        return Vec::new();
    }
    let mut found = Vec::new();
    super::difference::leaves(object, &changed, &mut String::new(), &mut found);
    found.into_iter().map(|leaf| leaf.path).collect()
}

fn outcome(item: &Item<'_>, fate: Fate, differences: Vec<Difference>) -> ObjectOutcome {
    let json = &item.found.json;
    let origin = &item.found.origin;
    let template = json.pointer(super::family::template(json));
    ObjectOutcome {
        kind: super::family::text(json, "/kind").to_owned(),
        name: super::family::text(json, "/metadata/name").to_owned(),
        origin: Some((item.branch.to_owned(), origin.file.clone(), origin.line)),
        is_workload: template.is_some_and(|template| template["spec"]["containers"].is_array()),
        fate,
        differences,
    }
}

/// An object that is there on one side only.
fn whole(before: Option<Json>, after: Option<Json>) -> Difference {
    Difference { path: String::new(), before, after, class: Class::Unexplained }
}
