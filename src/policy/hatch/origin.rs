//! Which line of a patch or an extra resource is behind a place of an object.

use serde_json::Value as Json;

use super::document::Object as Written;
use super::operation::Operation;
use super::patch::{Content, Patch};
use super::{Hatch, Placed};
use crate::diagnostic::Location;
use crate::effective::Taken;
use crate::kustomize::Object;
use crate::policy::spot::Spot;
use crate::yaml::{Node, Value};

/// A line of a file, and how many steps of the way into the object it goes along.
#[derive(Debug)]
struct Behind {
    location: Location,
    depth: usize,
    /// Whether it leads no further because all below it is replaced there.
    whole: bool,
}

impl Hatch {
    /// Returns the line of the last patch that decided what stands at a place of an object.
    pub fn patch_behind(&self, environment: &str, object: &Object, way: &[Taken<'_>]) -> Option<Location> {
        // Kustomize keeps what an object is called, whatever a patch says.
        let identity = match way {
            [first] => matches!(&*first.text, "apiVersion" | "kind"),
            [first, second] => first.text == "metadata" && matches!(&*second.text, "name" | "namespace"),
            _ => false,
        };
        if self.patches.is_empty() || identity {
            return None;
        }
        let before = self.before(environment, object);
        let known = before.map_or(0, |before| depth_in(before, way));
        let extra = self.resource(environment, object).is_some();
        let effective = way.last().and_then(|last| last.value);
        self.patches_in(environment).rev().find_map(|patch| {
            let behind = patch.behind(object, before.unwrap_or(&object.json), way)?;
            // A patch of a map is not behind what it leaves as it is: only behind what is set there, or not there without it.
            let sets = behind.depth == way.len() && !matches!(effective, Some(Json::Object(_)));
            let adds = behind.depth > known && !extra;
            (sets || adds || behind.whole).then_some(behind.location)
        })
    }

    /// Returns the line of the extra resource that an object is, at a place of it or as near as the file comes.
    pub fn resource_behind(&self, environment: &str, object: &Object, way: &[Taken<'_>]) -> Option<Location> {
        let written = self.resource(environment, object)?;
        let (spot, _) = Spot::of(written.node()).follow(way);
        Some(written.location(spot.span()))
    }

    /// Tells whether an extra resource itself says a place.
    pub fn resource_says(&self, environment: &str, object: &Object, way: &[Taken<'_>]) -> bool {
        self.resource(environment, object)
            .is_some_and(|written| Spot::of(written.node()).follow(way).1 == way.len())
    }

    /// Tells whether an object of an environment is an extra resource.
    pub fn brings(&self, environment: &str, object: &Object) -> bool {
        self.resource(environment, object).is_some()
    }

    fn resource(&self, environment: &str, object: &Object) -> Option<&Written> {
        self.resources_in(environment).find(|written| {
            object.json["kind"] == *written.kind
                && object.json["apiVersion"] == *written.api_version
                && *object.name == *written.name
        })
    }

    /// Returns what an object was before patches.
    pub(super) fn before(&self, environment: &str, object: &Object) -> Option<&Json> {
        let placed: &Placed = self.environments.iter().find(|placed| placed.name == environment)?;
        let brought = self.resources_in(environment).map(|resource| &resource.json);
        let all = placed.rendered.iter().chain(brought);
        let mut all = all.filter(|json| json["kind"] == object.json["kind"]);
        all.find(|json| json["metadata"]["name"] == *object.name)
    }
}

impl Patch {
    fn behind(&self, object: &Object, before: &Json, way: &[Taken<'_>]) -> Option<Behind> {
        if self.target.as_ref().is_some_and(|target| !target.fits(before)) {
            return None;
        }
        match &self.content {
            Content::Merge(documents) => documents.iter().rev().find_map(|document| {
                let named = document.kind == before["kind"].as_str().unwrap_or_default()
                    && document.name == *object.name;
                (named || self.target.is_some()).then(|| merged(document, way)).flatten()
            }),
            Content::Operations(operations) => {
                operations.iter().rev().find_map(|operation| operation.behind(&object.json, before, way))
            }
        }
    }
}

/// Follows the way into a strategic-merge patch.
fn merged(document: &Written, way: &[Taken<'_>]) -> Option<Behind> {
    let (spot, depth) = Spot::of(document.node()).follow(way);
    if depth == 0 {
        return None;
    }
    let replaces = spot.node.get("$patch").is_some_and(|directive| directive.as_str() == Some("replace"));
    let ends = !matches!(spot.node.value, Value::Map(_) | Value::Seq(_));
    let last = way.get(depth - 1).and_then(|taken| taken.value);
    // What another patch or the overlay has overwritten since is not this one's.
    if ends && last.is_some_and(|last| !came_of(last, &spot.node.to_json())) {
        return None;
    }
    let whole = replaces || (ends && depth < way.len());
    Some(Behind { location: document.location(spot.span()), depth, whole })
}

impl Operation {
    fn behind(&self, object: &Json, before: &Json, way: &[Taken<'_>]) -> Option<Behind> {
        let value = self.value()?;
        let steps = self.steps();
        if steps.len() > way.len() {
            return None;
        }
        let (mut here, mut was) = (Some(object), Some(before));
        let mut field = "";
        for (at, (step, taken)) in steps.iter().zip(way).enumerate() {
            was = was.and_then(|was| match was {
                Json::Array(list) => list.get(step.parse::<usize>().ok()?),
                map => map.get(step),
            });
            // A later patch may have put another element in front; its name tells which one was meant.
            let element = was.filter(|_| taken.index.is_some());
            let renamed = element.and_then(|was| changed(was, &steps[at + 1..], value));
            let meant = renamed.as_ref().or(element).and_then(|was| crate::effective::name_of(field, was));
            if taken.index.is_none() {
                field = &taken.text;
            }
            let same = match (taken.index, here.and_then(Json::as_array)) {
                // What was appended may have moved since; its value tells it from its neighbours.
                (Some(_), Some(_)) if step == "-" => {
                    taken.value.is_some_and(|there| came_of(there, &value.to_json()))
                }
                (Some(index), Some(_)) => meant.map_or_else(
                    || *step == index.to_string(),
                    |meant| {
                        taken.value.and_then(|value| crate::effective::name_of(field, value)) == Some(meant)
                    },
                ),
                _ => *step == taken.text,
            };
            if !same {
                return None;
            }
            here = taken.value;
        }
        if here.is_some_and(|here| !came_of(here, &value.to_json())) {
            return None;
        }
        let (spot, below) = Spot::of(value).follow(&way[steps.len()..]);
        let location = if below == 0 && matches!(spot.node.value, Value::Map(_) | Value::Seq(_)) {
            self.location()
        } else {
            self.location_of(spot.span())
        };
        Some(Behind { location, depth: steps.len() + below, whole: true })
    }
}

/// Returns an element of a list with the field that an operation sets in it: it may be the one that it is known by.
fn changed(element: &Json, rest: &[String], value: &Node) -> Option<Json> {
    let [field] = rest else { return None };
    let mut changed = element.clone();
    changed.as_object_mut()?.insert(field.clone(), value.to_json());
    Some(changed)
}

/// Tells whether what is there is what was written, with what Kustomize does to it later: names get a hash, maps get
/// further keys.
fn came_of(there: &Json, written: &Json) -> bool {
    match (there, written) {
        (Json::String(there), Json::String(written)) => {
            let rest = there.strip_prefix(written.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        }
        (Json::Array(there), Json::Array(written)) => {
            there.len() == written.len()
                && there.iter().zip(written).all(|(there, written)| came_of(there, written))
        }
        (Json::Object(there), Json::Object(written)) => written
            .iter()
            .filter(|(key, value)| !key.starts_with('$') && !value.is_null())
            .all(|(key, value)| there.get(key).is_some_and(|there| came_of(there, value))),
        (there, written) => there == written,
    }
}

/// Tells how many steps of a way an object has had before.
fn depth_in(before: &Json, way: &[Taken<'_>]) -> usize {
    let mut here = before;
    let mut field = "";
    for (depth, taken) in way.iter().enumerate() {
        let next = match (here, taken.index) {
            (Json::Object(map), None) => {
                field = &taken.text;
                map.get(&*taken.text)
            }
            (Json::Array(list), Some(index)) => {
                let named = taken.value.and_then(|value| crate::effective::name_of(field, value));
                match named {
                    Some(name) => crate::effective::position(field, list, &name).map(|at| &list[at]),
                    None => list.get(index),
                }
            }
            _ => None,
        };
        let Some(next) = next else { return depth };
        here = next;
    }
    way.len()
}
