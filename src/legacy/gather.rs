//! What a branch applies where: the objects of its files, spread over its environments.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::environments::{self, Place, Spread};
use super::file::{self, Contents};
use super::tree::Listed;
use super::{Branch, File, Found, Settings};
use crate::git::Tree;

/// Objects that are applied together, and where from.
struct Group {
    path: Arc<str>,
    is_directory: bool,
    told: Option<String>,
    beside: BTreeSet<String>,
    objects: Vec<Found>,
}

/// Reads the files of a branch into it.
pub(super) fn run(_tree: &Tree, listed: Vec<Listed>, settings: &Settings, branch: &mut Branch) {
    let mut groups = Vec::new();
    for Listed { path, text } in listed {
        let (skipped, documents) = match text {
            Ok(text) => {
                let Contents { documents, objects } = file::read(&path, text);
                plain(&path, objects, settings, &mut groups);
                (None, documents)
            }
            Err(reason) => (Some(reason), Vec::new()),
        };
        branch.files.push(File { path, skipped, documents });
    }
    branch.environments = assign(groups, settings);
}

/// Makes the groups of a plain file: one, unless its objects say themselves which environments they are for.
fn plain(path: &Arc<str>, objects: Vec<Found>, settings: &Settings, groups: &mut Vec<Group>) {
    if objects.is_empty() {
        return;
    }
    let file::Told { of, unnamed } = file::namespaces(&objects, &settings.words);
    let environments: BTreeSet<String> = of.values().cloned().collect();
    let mut parts: BTreeMap<(Option<String>, bool), Vec<Found>> = BTreeMap::new();
    for found in objects {
        let key = {
            let home = file::namespace(&found.json).or_else(|| {
                // A namespace lives where what is in it does.
                let (_, kind, _, name) = file::identity(&found.json);
                (kind == "Namespace").then_some(name)
            });
            match home {
                Some(home) if of.contains_key(home) => (of.get(home).cloned(), false),
                home => (None, unnamed.is_some() && home == unnamed.as_deref()),
            }
        };
        parts.entry(key).or_default().push(found);
    }
    for ((told, is_unnamed), objects) in parts {
        let beside = if is_unnamed { environments.clone() } else { BTreeSet::new() };
        groups.push(Group { path: Arc::clone(path), is_directory: false, told, beside, objects });
    }
}

/// Spreads objects over the environments of their places.
fn assign(groups: Vec<Group>, settings: &Settings) -> BTreeMap<Option<String>, Vec<Found>> {
    let places: Vec<Place<'_>> = groups.iter().map(Group::place).collect();
    let Spread { of, marked } = environments::spread(&places, &settings.words);
    drop(places);
    let mut objects: Vec<(Option<Found>, usize)> = Vec::new();
    for (index, group) in groups.into_iter().enumerate() {
        objects.extend(group.objects.into_iter().map(|found| (Some(found), index)));
    }
    let names: BTreeSet<&Option<String>> = of.iter().flatten().collect();
    let mut chosen: Vec<(&Option<String>, Vec<usize>)> = Vec::new();
    let mut uses = vec![0_usize; objects.len()];
    for name in names {
        let here = (0..objects.len()).filter(|index| of[objects[*index].1].contains(name)).collect();
        let here = distinct(&objects, here, &marked);
        for index in &here {
            uses[*index] += 1;
        }
        chosen.push((name, here));
    }
    let mut environments = BTreeMap::new();
    for (name, here) in chosen {
        let one = |index: usize| {
            uses[index] -= 1;
            if uses[index] == 0 { objects[index].0.take() } else { objects[index].0.clone() }
        };
        environments.insert(name.clone(), here.into_iter().filter_map(one).collect());
    }
    environments
}

/// Drops what stands twice: the same again, and what has no mark where something else of that name has one.
fn distinct(objects: &[(Option<Found>, usize)], mut here: Vec<usize>, marked: &[bool]) -> Vec<usize> {
    let mut same: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for index in &here {
        if let Some(found) = &objects[*index].0 {
            same.entry(file::identity(&found.json)).or_default().push(*index);
        }
    }
    let mut dropped = BTreeSet::new();
    for mut twice in same.into_values().filter(|twice| twice.len() > 1) {
        let is_marked = |index: &usize| marked[objects[*index].1];
        if twice.iter().any(is_marked) {
            dropped.extend(twice.extract_if(.., |index| !is_marked(index)));
        }
        for (position, index) in twice.iter().enumerate() {
            let json = |index: usize| objects[index].0.as_ref().map(|found| &found.json);
            if twice[..position].iter().any(|other| json(*other) == json(*index)) {
                dropped.insert(*index);
            }
        }
    }
    here.retain(|index| !dropped.contains(index));
    here
}

impl Group {
    fn place(&self) -> Place<'_> {
        Place {
            path: &self.path,
            is_directory: self.is_directory,
            told: self.told.clone(),
            beside: self.beside.clone(),
        }
    }
}
