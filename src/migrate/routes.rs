//! Which Ingress or `HTTPRoute` of an environment is said in `routes.legacy`, and why others stay as they are.

use super::assemble::{Form, Frame, Object, Side};
use super::family::title;
use super::outcome::SourceNote;
use super::slot::Slot;
use super::words::{Backend, from_route, is_route};

/// A route that is said in words.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) title: String,
    pub(super) words: Object,
}

/// A patch of a route with more operations says less than the object itself.
pub(super) const MOST_OPERATIONS: usize = 3;

/// Tells whether an object is one that routes can say, by its kind and name.
pub(super) fn is_route_title(title: &str) -> bool {
    title.starts_with("Ingress ") || title.starts_with("HTTPRoute ")
}

impl Form {
    /// Leaves routes as they are.
    pub(super) fn without_routes(&self, why: &str) -> Self {
        let mut patches = self.patches.clone();
        patches.retain(|(_, title), _| !is_route_title(title));
        Self { patches, routes: Some(why.to_owned()), ..self.clone() }
    }
}

impl Frame<'_> {
    /// Tells whether there is something that routes could say.
    pub(super) fn has_routes(&self) -> bool {
        let mut others = self.sides.iter().flat_map(|side| &side.family.others);
        others.any(|item| is_route(&item.found.json))
    }
}

/// Finds the route of each environment that is said: of several the one that most environments have. `slots` are the
/// workloads that are said, and `several` is whether they have names.
pub(super) fn said(
    frame: &Frame<'_>,
    form: &Form,
    slots: &[&Slot],
    several: bool,
) -> (Vec<Option<Said>>, Vec<SourceNote>) {
    let mut notes = Vec::new();
    let mut each: Vec<Vec<Said>> = Vec::with_capacity(frame.sides.len());
    for (index, side) in frame.sides.iter().enumerate() {
        let backends = backends(side, index, slots, several);
        let mut found = Vec::new();
        for json in side.family.others.iter().map(|item| &item.found.json).filter(|json| is_route(json)) {
            let words = match (&form.routes, &side.edge) {
                (Some(why), _) => Err(why.clone()),
                (None, None) => Err("the environment has two routers".to_owned()),
                (None, Some(edge)) => from_route(json, frame.api, edge, &backends),
            };
            match words {
                Ok(words) => found.push(Said { title: title(json), words }),
                Err(why) => notes.push(note(title(json), &why)),
            }
        }
        each.push(found);
    }
    let times = |title: &str| each.iter().flatten().filter(|said| said.title == title).count();
    let chosen: Vec<Option<Said>> =
        each.iter().map(|found| found.iter().rev().max_by_key(|said| times(&said.title)).cloned()).collect();
    for (found, chosen) in each.iter().zip(&chosen) {
        let others =
            found.iter().filter(|said| chosen.as_ref().is_none_or(|chosen| chosen.title != said.title));
        notes.extend(others.map(|said| note(said.title.clone(), "`routes.legacy` says one object")));
    }
    (chosen, notes)
}

fn note(object: String, why: &str) -> SourceNote {
    SourceNote { object, path: String::new(), text: format!("it stays as it is: {why}") }
}

/// Returns what routes can lead to in an environment: the workloads that are said, and have a Service.
fn backends<'f>(side: &'f Side<'_>, index: usize, slots: &[&'f Slot], several: bool) -> Vec<Backend<'f>> {
    let said = slots.iter().filter_map(|slot| {
        let service = side.family.members[slot.members[index]?].service?;
        Some(Backend { workload: several.then_some(slot.key.as_str()), service: &service.found.json })
    });
    said.collect()
}
