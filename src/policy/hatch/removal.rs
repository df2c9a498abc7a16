//! Which line of a patch took a place of an object away.

use serde_json::Value as Json;

use super::document::Object as Written;
use super::patch::{Content, Patch};
use super::{Hatch, Placed};
use crate::diagnostic::Location;
use crate::effective::{Path, Taken};
use crate::kustomize::{Object, merge};
use crate::policy::spot::Spot;
use crate::yaml::{Span, Value};

impl Hatch {
    /// Returns the line of the patch that took a place of an object away: nothing where the object never had it, or where
    /// a later patch puts it back.
    pub fn removal_behind(&self, environment: &str, object: &Object, path: &Path<'_>) -> Option<Location> {
        self.taken_away(environment, object, &|json| is_there(path, json).then(|| path.clone()))
    }

    /// Returns the line of the patch after which `find` finds no place in an object any more.
    pub fn taken_away<'p>(
        &self,
        environment: &str,
        object: &Object,
        find: &dyn Fn(&Json) -> Option<Path<'p>>,
    ) -> Option<Location> {
        if self.patches.is_empty() {
            return None;
        }
        let mut now = self.before(environment, object)?.clone();
        let mut path = find(&now)?;
        let mut culprit = None;
        let mut was_there = true;
        for patch in self.patches_in(environment) {
            if patch.target.as_ref().is_some_and(|target| !target.fits(&now)) {
                continue;
            }
            for step in patch.steps_for(object, &now) {
                let way = path.follow(&now);
                let line = step.line(&way);
                let Some(next) = step.applied(&now) else { continue };
                now = next;
                let found = find(&now);
                if found.is_none() && was_there {
                    culprit = Some(line);
                }
                was_there = found.is_some();
                path = found.unwrap_or(path);
            }
        }
        culprit.filter(|_| !was_there)
    }

    /// Returns the line of the patch that deletes an object which the API renders or brings along.
    pub fn deletion_of(&self, environment: &str, kind: &str, name: &str) -> Option<Location> {
        let placed: &Placed = self.environments.iter().find(|placed| placed.name == environment)?;
        let brought = self.resources_in(environment).map(|resource| &resource.json);
        let mut all = placed.rendered.iter().chain(brought);
        let before = all.find(|json| json["kind"] == *kind && json["metadata"]["name"] == *name)?;
        self.patches_in(environment).find_map(|patch| {
            let Content::Merge(documents) = &patch.content else { return None };
            let deletes = |document: &&Written| {
                let named = document.kind == kind && document.name == name;
                let meant = patch.target.as_ref().map_or(named, |target| target.fits(before));
                meant && document.json["$patch"] == "delete"
            };
            documents.iter().find(deletes).map(|document| document.locate(&["$patch"]))
        })
    }
}

/// One step of a patch.
enum Step<'p> {
    Merge(&'p Written),
    Operation(&'p super::operation::Operation),
}

impl Patch {
    /// Returns what of the patch is for an object.
    fn steps_for(&self, object: &Object, now: &Json) -> Vec<Step<'_>> {
        match &self.content {
            Content::Merge(documents) => {
                let meant = |document: &&Written| {
                    self.target.is_some() || (now["kind"] == *document.kind && document.name == *object.name)
                };
                documents.iter().filter(meant).map(Step::Merge).collect()
            }
            Content::Operations(operations) => operations.iter().map(Step::Operation).collect(),
        }
    }
}

impl Step<'_> {
    /// Applies it; nothing where that cannot be done, which is a finding of its own, or deletes the object.
    fn applied(&self, now: &Json) -> Option<Json> {
        match self {
            Step::Merge(document) => merge::merge(now.clone(), document.json.clone()).ok().flatten(),
            Step::Operation(operation) => {
                let mut next = now.clone();
                operation.apply(&mut next, "").ok()?;
                Some(next)
            }
        }
    }

    /// Returns the line that is about a place, as near as the patch comes to it.
    fn line(&self, way: &[Taken<'_>]) -> Location {
        match self {
            Step::Merge(document) => document.location(directive(document, way)),
            Step::Operation(operation) => operation.location(),
        }
    }
}

/// Finds the directive, or the `null`, that takes a place out of an object.
fn directive(document: &Written, way: &[Taken<'_>]) -> Span {
    let (spot, depth) = Spot::of(document.node()).follow(way);
    // A list that is replaced says so in an element of its own.
    let items = spot.node.items().iter().filter_map(|item| item.get("$patch"));
    let own = (depth > 0).then(|| spot.node.get("$patch")).flatten();
    let found = own.or_else(|| items.into_iter().next());
    match found {
        Some(found) if !matches!(found.value, Value::Null) => found.span,
        _ => spot.span(),
    }
}

fn is_there(path: &Path<'_>, json: &Json) -> bool {
    path.follow(json).last().is_some_and(|last| last.value.is_some())
}
