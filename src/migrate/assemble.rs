//! The objects of an API in all its environments as the files of its directory.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use super::decisions::ApiDecision;
use super::extra::{self, Extra};
use super::factor::factor;
use super::family::{Family, Item, Member, text, title};
use super::outcome::{Fate, SourceNote};
use super::routes::{self, Said};
use super::share;
use super::slot::Slot;
use super::words::{Edge, Naming, from_objects};
use crate::schema::METADATA;
use crate::yaml::emit;

pub(super) type Object = Map<String, Json>;

/// One environment of an API.
#[derive(Debug)]
pub(super) struct Side<'a> {
    /// Its name in platform.yaml.
    pub(super) environment: String,
    pub(super) family: Family<'a>,
    /// The namespace that the platform gives the API there.
    pub(super) namespace: String,
    /// What serves its routes; nothing where two routers do.
    pub(super) edge: Option<Edge>,
}

/// An object: the number of its side, kind and name.
pub(super) type Key = (usize, String);

/// In which form objects are written. It starts with words for all that words are for, and trials that fail change it.
#[derive(Clone, Debug, Default)]
pub(super) struct Form {
    /// What stays as it is: by the key of the workload, and the title of a ConfigMap.
    pub(super) kept: BTreeSet<String>,
    /// JSON 6902 operations that make up for what words do not say.
    pub(super) patches: BTreeMap<Key, Vec<Json>>,
    /// Whether nothing is taken out of the workloads of an environment.
    pub(super) apart: bool,
    /// Why routes stay as they are, where they do.
    pub(super) routes: Option<String>,
    /// Whether nothing is said for all workloads at once, save the image.
    pub(super) unshared: bool,
}

/// What is the same in every form.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    pub(super) api: &'a str,
    pub(super) owner: Json,
    pub(super) sides: Vec<Side<'a>>,
    pub(super) slots: Vec<Slot>,
    /// What people decided.
    pub(super) decided: Option<&'a ApiDecision>,
}

/// The files of an API, from its directory.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) files: BTreeMap<String, String>,
    /// What became of each object.
    pub(super) fates: BTreeMap<Key, Fate>,
    /// Why some stay as they were.
    pub(super) notes: BTreeSet<SourceNote>,
    /// Whether anything is said for all workloads at once.
    pub(super) shares: bool,
}

/// The file of an API team.
pub(super) const METADATA_FILE: &str = "metadata.yaml";

impl<'a> Frame<'a> {
    /// Returns the workload with the images that were decided.
    fn decided(&self, item: &Item<'a>) -> Json {
        let mut json = item.found.json.clone();
        self.decide(&mut json);
        json
    }

    /// Writes the images that were decided into an object that runs pods.
    pub(super) fn decide(&self, json: &mut Json) {
        let Some(decided) = self.decided else { return };
        let template = super::family::template(json);
        let Some(spec) = json.pointer_mut(&format!("{template}/spec")).and_then(Json::as_object_mut) else {
            return;
        };
        for list in ["containers", "initContainers"] {
            for container in spec.get_mut(list).and_then(Json::as_array_mut).into_iter().flatten() {
                if let Some(image) = container["image"].as_str().and_then(|image| decided.image(image)) {
                    container["image"] = image.into();
                }
            }
        }
    }

    /// Writes an API in a form.
    pub(super) fn draft(&self, form: &Form) -> Draft {
        let typed: Vec<&Slot> = self.slots.iter().filter(|slot| !form.kept.contains(&slot.key)).collect();
        let single = match typed.as_slice() {
            [only] if only.members.iter().all(Option::is_some) => Some(*only),
            _ => None,
        };
        let mut draft = Draft::default();
        let (routes, notes) = routes::said(self, form, &typed, single.is_none());
        draft.notes = notes.into_iter().collect();
        let mut words = Vec::with_capacity(self.sides.len());
        let mut extras: Vec<Vec<Extra>> = Vec::with_capacity(self.sides.len());
        for (index, side) in self.sides.iter().enumerate() {
            let mut keys = Object::new();
            if let Some(namespace) = side.family.namespace.as_ref().filter(|own| **own != side.namespace) {
                keys.insert("namespace".to_owned(), namespace.clone().into());
            }
            let said = |at: usize| &side.family.members[at];
            if let Some(slot) = single {
                if let Some(member) = slot.members[index].map(said) {
                    keys.append(&mut self.words(index, member, None, &mut draft));
                }
            } else if !typed.is_empty() {
                let mut workloads = Object::new();
                for slot in &typed {
                    if let Some(member) = slot.members[index].map(said) {
                        let words = self.words(index, member, Some(&slot.key), &mut draft);
                        workloads.insert(slot.key.clone(), words.into());
                    }
                }
                keys.insert("workloads".to_owned(), workloads.into());
            }
            let mut maps = Object::new();
            for item in side.family.config_maps.iter().filter(|item| !self.keeps_map(index, form, item)) {
                let name = text(&item.found.json, "/metadata/name");
                maps.insert(name.to_owned(), self.config(index, item, &mut draft).into());
                draft.fates.insert((index, title(&item.found.json)), Fate::Generated);
            }
            if !maps.is_empty() {
                keys.insert("configMaps".to_owned(), maps.into());
            }
            if let Some(Said { title, words }) = &routes[index] {
                keys.insert("routes".to_owned(), json!({ "legacy": words }));
                draft.fates.insert((index, title.clone()), Fate::Said);
            }
            words.push(Json::Object(keys));
            extras.push(self.extras(index, form, routes[index].as_ref()));
        }
        draft.shares = !form.unshared && share::lift(&mut words);
        let (top, mut own) =
            if form.apart && self.sides.len() > 1 { (json!({}), words) } else { factor(&words) };
        let mut metadata = json!({
            "apiVersion": "onramp/v1",
            "name": self.api,
            "owner": self.owner,
            "profile": "adopted",
        });
        merge(&mut metadata, top);
        if single.is_none() && metadata["workloads"].is_null() {
            metadata["workloads"] = json!({});
        }
        for own in &mut own {
            share_image(own);
        }
        if single.is_none() {
            leave_out(&typed, &mut metadata, &mut own);
        }
        extra::place(self, &extras, &mut metadata, &mut own, &mut draft);
        self.patch(form, &mut metadata, &mut own, &mut draft);
        let mut environments = Object::new();
        for (side, own) in self.sides.iter().zip(own) {
            environments.insert(side.environment.clone(), in_order(own));
        }
        metadata["environments"] = environments.into();
        let text = emit(&in_order(metadata));
        let schema = "# yaml-language-server: $schema=../../schemas/metadata.schema.json\n";
        draft.files.insert(METADATA_FILE.to_owned(), format!("{schema}{text}"));
        draft
    }

    /// Says a workload in words, with its Service and autoscaler.
    fn words(&self, side: usize, member: &Member<'a>, key: Option<&str>, draft: &mut Draft) -> Object {
        let naming = Naming { api: self.api, workload: key, container: None };
        let workload = self.decided(&member.workload);
        let service = member.service.map(|item| &item.found.json);
        let scaler = member.scaler.map(|item| &item.found.json);
        for item in [Some(member.workload), member.service, member.scaler].into_iter().flatten() {
            draft.fates.insert((side, title(&item.found.json)), Fate::Said);
        }
        from_objects(&workload, &naming, service, scaler).metadata
    }

    /// Says a ConfigMap: short values in place, texts as files.
    fn config(&self, side: usize, item: &Item<'a>, draft: &mut Draft) -> Object {
        let json = &item.found.json;
        let name = text(json, "/metadata/name");
        let (mut files, mut literals) = (Object::new(), Object::new());
        for (key, value) in json["data"].as_object().into_iter().flatten() {
            let value = value.as_str().unwrap_or_default();
            if is_literal(value) {
                literals.insert(key.clone(), value.into());
                continue;
            }
            let everywhere = self.sides.iter().all(|other| {
                let mut maps = other.family.config_maps.iter().map(|item| &item.found.json);
                maps.any(|map| text(map, "/metadata/name") == name && map["data"][key] == value)
            });
            let directory = if everywhere {
                "config".to_owned()
            } else {
                format!("config/{}", self.sides[side].environment)
            };
            let plain = format!("{directory}/{key}");
            let reserved =
                matches!(key.as_str(), "kustomization.yaml" | "kustomization.yml" | "Kustomization")
                    || self.sides.iter().any(|side| side.environment == *key);
            let free = |path: &String| draft.files.get(path).is_none_or(|known| known == value);
            let path = Some(plain).filter(|path| !reserved && free(path));
            let path = path.unwrap_or_else(|| format!("{directory}/{name}.{key}"));
            draft.files.insert(path.clone(), value.to_owned());
            files.insert(key.clone(), path.into());
        }
        let mut words = Object::new();
        for (key, map) in [("files", files), ("literals", literals)] {
            if !map.is_empty() {
                words.insert(key.to_owned(), map.into());
            }
        }
        words
    }

    /// Tells whether a ConfigMap stays as it is: nothing that metadata.yaml has words for reads it where no workload is.
    fn keeps_map(&self, index: usize, form: &Form, item: &Item<'a>) -> bool {
        let is_said = |slot: &Slot| !form.kept.contains(&slot.key) && slot.members[index].is_some();
        form.kept.contains(&title(&item.found.json)) || !self.slots.iter().any(is_said)
    }

    /// Returns what stays as it is in an environment.
    fn extras(&self, index: usize, form: &Form, route: Option<&Said>) -> Vec<Extra> {
        let family = &self.sides[index].family;
        let is_said = |item: &Item<'a>| route.is_some_and(|route| route.title == title(&item.found.json));
        let mut kept: Vec<Item<'a>> = family.others.iter().filter(|item| !is_said(item)).copied().collect();
        for slot in self.slots.iter().filter(|slot| form.kept.contains(&slot.key)) {
            if let Some(member) = slot.members[index].map(|at| &family.members[at]) {
                kept.extend([Some(member.workload), member.service, member.scaler].into_iter().flatten());
            }
        }
        let maps = family.config_maps.iter();
        kept.extend(maps.filter(|item| self.keeps_map(index, form, item)).copied());
        kept.iter().map(|item| Extra::new(item, |json| self.decide(json))).collect()
    }

    /// Writes the patches, and names them.
    fn patch(&self, form: &Form, metadata: &mut Json, own: &mut [Json], draft: &mut Draft) {
        let mut titles: Vec<&String> = form.patches.keys().map(|(_, title)| title).collect();
        titles.sort();
        titles.dedup();
        for title in titles {
            let each: Vec<Option<&Vec<Json>>> =
                (0..self.sides.len()).map(|side| form.patches.get(&(side, title.clone()))).collect();
            let (kind, name) = title.split_once(' ').unwrap_or((title, ""));
            let file = extra::file_name(kind, name);
            let target = json!({ "kind": kind, "name": name });
            let mut write = |directory: &str, entries: &mut Json, steps: &[Json]| {
                let path = format!("{directory}/{file}.yaml");
                draft.files.insert(path.clone(), emit(&Json::Array(steps.to_vec())));
                extra::push(entries, "patches", json!({ "path": path, "target": target }));
            };
            if each.iter().all(|steps| *steps == each[0])
                && let Some(steps) = each[0]
            {
                write("patches", metadata, steps);
                continue;
            }
            for (index, steps) in each.into_iter().enumerate() {
                if let Some(steps) = steps {
                    let directory = format!("patches/{}", self.sides[index].environment);
                    write(&directory, &mut own[index], steps);
                }
            }
        }
    }
}

/// Takes workloads out of environments that do not have them, where the top says something of them.
fn leave_out(typed: &[&Slot], metadata: &mut Json, own: &mut [Json]) {
    for slot in typed {
        let at_top = metadata["workloads"].get(&slot.key).is_some();
        for (index, own) in own.iter_mut().enumerate() {
            if slot.members[index].is_none() && at_top {
                own["workloads"][&slot.key] = Json::Null;
            }
        }
    }
}

/// Tells whether a value of a ConfigMap is shown in place rather than in a file.
fn is_literal(value: &str) -> bool {
    value.len() <= 200 && !value.contains(['\n', '\r'])
}

/// Writes the image once that all workloads of an environment run.
fn share_image(own: &mut Json) {
    let Some(workloads) = own.get_mut("workloads").and_then(Json::as_object_mut) else { return };
    let images: BTreeSet<Option<&str>> = workloads.values().map(|words| words["image"].as_str()).collect();
    let [Some(image)] = images.into_iter().collect::<Vec<_>>()[..] else { return };
    if workloads.len() < 2 {
        return;
    }
    let image = image.to_owned();
    for words in workloads.values_mut().filter_map(Json::as_object_mut) {
        words.shift_remove("image");
    }
    workloads.retain(|_, words| words.as_object().is_none_or(|words| !words.is_empty()));
    if workloads.is_empty()
        && let Some(own) = own.as_object_mut()
    {
        own.shift_remove("workloads");
    }
    own["image"] = image.into();
}

/// Puts all keys of one map into another.
fn merge(into: &mut Json, from: Json) {
    if let (Some(into), Json::Object(from)) = (into.as_object_mut(), from) {
        into.extend(from);
    }
}

/// Sorts the keys of a part of metadata.yaml as its schema has them.
fn in_order(part: Json) -> Json {
    let Json::Object(mut map) = part else { return part };
    let mut ordered = Object::new();
    for key in METADATA.json["properties"].as_object().into_iter().flat_map(Map::keys) {
        if let Some(value) = map.shift_remove(key) {
            ordered.insert(key.clone(), value);
        }
    }
    ordered.append(&mut map);
    ordered.into()
}
