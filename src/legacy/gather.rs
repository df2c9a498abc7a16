//! What a branch applies where: the objects of its files, spread over its environments.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::environments::{self, Place, Spread};
use super::file::{self, Contents};
use super::kustomizations::{self, Files, Kustomizations, Outcome};
use super::template;
use super::tree::{Listed, is_kustomization, split};
use super::{
    Branch, Comment, Document, DocumentState, File, Found, Gap, Origin, Settings, Skipped, Variable,
};
use crate::git::Tree;
use crate::kustomize::{Builder, LeftOut};

/// How much text is looked through for the files that built objects came from, in bytes.
const MAX_SEARCH: usize = 16 << 20;

/// Objects that are applied together, and where from.
struct Group {
    path: Arc<str>,
    is_directory: bool,
    told: Option<String>,
    beside: BTreeSet<String>,
    /// The workloads among its objects, as they are called in the files.
    runs: BTreeSet<String>,
    objects: Vec<Found>,
}

/// A file whose text is filled in.
struct Read {
    path: Arc<str>,
    text: Result<String, Skipped>,
    /// Why the text, which is there, is none to apply.
    unfilled: Option<Skipped>,
    left: Vec<Variable>,
}

/// What became of the kustomizations of a branch.
#[derive(Default)]
struct Built {
    states: BTreeMap<Arc<str>, DocumentState>,
    inputs: BTreeMap<Arc<str>, Arc<str>>,
    /// Files that stand beside a kustomization that is applied and does not name them.
    beside: BTreeMap<Arc<str>, Arc<str>>,
    /// Files that are named and not there.
    missing: Vec<File>,
    groups: Vec<Group>,
    /// What kustomizations go without.
    gaps: BTreeSet<Gap>,
}

/// Reads the files of a branch into it.
pub(super) fn run(tree: &Tree, listed: Vec<Listed>, settings: &Settings, branch: &mut Branch) {
    let read: Vec<Read> = listed.into_iter().map(|listed| Read::new(listed, settings)).collect();
    let Built { mut states, inputs, beside, missing, mut groups, mut gaps } = build(tree, &read);
    for Read { path, text, unfilled, left } in read {
        let mut file = File { path: Arc::clone(&path), skipped: None, documents: Vec::new(), left };
        let input = inputs.get(&path);
        match (text, unfilled) {
            (Err(Skipped::NotYaml), _) if let Some(owner) = input => {
                file.skipped = Some(Skipped::Input(Arc::clone(owner)));
            }
            (Err(reason), _) | (Ok(_), Some(reason)) => file.skipped = Some(reason),
            (Ok(_), None) if let Some(state) = states.remove(&path) => {
                file.documents.push(Document { line: 1, title: "Kustomization".to_owned(), state });
            }
            (Ok(_), None) if let Some(owner) = input => {
                file.skipped = Some(Skipped::Input(Arc::clone(owner)));
            }
            (Ok(text), None) => {
                let Contents { documents, objects } = file::read(&path, text);
                match beside.get(&path) {
                    Some(owner) if !objects.is_empty() => {
                        let reason = format!("it stands beside `{owner}`, which does not name it");
                        file.skipped = Some(Skipped::Unreadable(reason));
                    }
                    _ => {
                        file.documents = documents;
                        plain(&path, objects, settings, &mut groups);
                    }
                }
            }
        }
        branch.files.push(file);
    }
    for file in &branch.files {
        gaps.extend(unread(file));
    }
    branch.gaps = gaps.into_iter().collect();
    branch.files.extend(missing);
    branch.files.sort_by(|a, b| a.path.cmp(&b.path));
    groups.sort_by(|a, b| a.path.cmp(&b.path));
    (branch.environments, branch.overridden) = assign(groups, settings);
}

impl Read {
    fn new(Listed { path, text }: Listed, settings: &Settings) -> Self {
        let text = match text {
            Ok(text) => text,
            Err(reason) => return Self { path, text: Err(reason), unfilled: None, left: Vec::new() },
        };
        let template::Filled { text, unfilled, left } = template::fill(&path, text, &settings.values);
        Self { path, text: Ok(text), unfilled, left }
    }
}

/// The comments of files that kustomizations are made of, by document, each read when first asked for.
#[derive(Default)]
struct Said(BTreeMap<Arc<str>, Vec<Arc<[Comment]>>>);

impl Said {
    fn of(&mut self, file: &Arc<str>, document: usize, texts: &[(&Arc<str>, &str)]) -> Arc<[Comment]> {
        let read = || {
            let text = texts.iter().find(|(path, _)| *path == file).map(|(_, text)| *text);
            let text = text.filter(|text| text.contains('#'));
            text.map(|text| file::comments(file, text)).unwrap_or_default()
        };
        let said = self.0.entry(Arc::clone(file)).or_insert_with(read);
        said.get(document).cloned().unwrap_or_default()
    }
}

/// Builds the kustomizations of a branch.
fn build(tree: &Tree, read: &[Read]) -> Built {
    let mut built = Built::default();
    let is_one = |read: &&Read| is_kustomization(&read.path);
    let found = read.iter().filter(is_one).filter_map(|read| Some((&read.path, read.text.as_deref().ok()?)));
    let mut found = found.peekable();
    if found.peek().is_none() {
        return built;
    }
    let paths: BTreeSet<&str> = read.iter().map(|read| &*read.path).collect();
    let kustomizations = Kustomizations::new(found, &paths);
    built.inputs = kustomizations.inputs(read.iter().map(|read| &read.path));
    let mut texts = kustomizations::Texts::new();
    for read in read {
        let known = match (&read.unfilled, &read.text) {
            (Some(_), _) => Err("is a template that nobody filled in".to_owned()),
            (None, Ok(text)) => Ok(text.as_str()),
            // Generators take files of any kind.
            (None, Err(Skipped::NotYaml | Skipped::Encrypted)) => continue,
            (None, Err(_)) => Err("cannot be read".to_owned()),
        };
        texts.insert(&read.path, known);
    }
    let empty = kustomizations.missing_secrets(&paths);
    let files = Files { tree, texts, paths, empty };
    let mut builder = Builder::new(&files);
    let mut comments = Said::default();
    for read in read.iter().filter(is_one) {
        built.inputs.remove(&read.path);
        let owner = kustomizations.get(split(&read.path).0).map_or(&read.path, |one| &one.path);
        built.states.insert(Arc::clone(&read.path), DocumentState::Kustomization);
        if *owner != read.path {
            let reason = format!("`{owner}` lies in the same directory");
            built.states.insert(Arc::clone(&read.path), DocumentState::Unbuildable(reason));
        }
    }
    for root in &kustomizations.roots {
        let Some(kustomization) = kustomizations.get(root) else { continue };
        let path = &kustomization.path;
        match kustomizations.build(root, &mut builder, &files) {
            Outcome::Component => {}
            Outcome::Failed(reason) => {
                built.states.insert(Arc::clone(path), DocumentState::Unbuildable(reason));
                if kustomization.is_plain() {
                    built.inputs.retain(|file, _| !kustomization.names(file));
                }
            }
            Outcome::Built(objects, missing, left_out) => {
                built.gaps.extend(left_out.iter().map(|left_out| gap(left_out, read)));
                let made_of = kustomizations.made_of(root);
                let texts = read.iter().filter(|read| made_of.contains(&*read.path));
                let texts: Vec<(&Arc<str>, &str)> =
                    texts.filter_map(|read| Some((&read.path, read.text.as_deref().ok()?))).collect();
                let size: usize = texts.iter().map(|(_, text)| text.len()).sum();
                let is_cheap = size.saturating_mul(objects.len()) <= MAX_SEARCH;
                let is_missing = |object: &crate::kustomize::Object| {
                    object.json["kind"] == "Secret" && missing.iter().any(|(name, _)| **name == *object.name)
                };
                let runs = objects.iter().filter_map(|object| workload(&object.json, &object.name)).collect();
                let found = objects.into_iter().filter(|object| !is_missing(object)).map(|object| {
                    let place = is_cheap.then(|| kustomizations::origin(&object, &texts)).flatten();
                    let said = place.map(|(file, document, _)| comments.of(file, document, &texts));
                    let (file, document, line) = place.unwrap_or((path, 0, 1));
                    let origin = Origin { file: Arc::clone(file), document, line };
                    let (comments, built_by) = (said.unwrap_or_default(), Some(Arc::clone(path)));
                    Found { json: object.json, origin, built_by, text: None, comments }
                });
                built.groups.push(Group {
                    path: root.as_str().into(),
                    is_directory: true,
                    told: None,
                    beside: BTreeSet::new(),
                    runs,
                    objects: found.collect(),
                });
                for (name, missing) in missing {
                    let reason = format!(
                        "it is not in the branch, and the Secret `{name}` that `{path}` makes of it is left out"
                    );
                    built.missing.push(File {
                        path: missing.into(),
                        skipped: Some(Skipped::Unreadable(reason)),
                        documents: Vec::new(),
                        left: Vec::new(),
                    });
                }
            }
        }
    }
    for Read { path, .. } in read {
        if let Some(owner) = kustomizations.beside(path)
            && built.states.get(owner) == Some(&DocumentState::Kustomization)
        {
            built.beside.insert(Arc::clone(path), Arc::clone(owner));
        }
    }
    built.missing.sort_by(|a, b| a.path.cmp(&b.path));
    built.missing.dedup_by(|a, b| a.path == b.path);
    built
}

/// Tells of something that a kustomization goes without.
fn gap(left_out: &LeftOut, read: &[Read]) -> Gap {
    let file = Arc::clone(&left_out.place.path);
    let text = read.iter().find(|read| read.path == file).and_then(|read| read.text.as_deref().ok());
    let before = left_out.place.span.as_ref().and_then(|span| text?.get(..span.start));
    Gap { line: 1 + before.unwrap_or_default().matches('\n').count(), file, why: left_out.why.clone() }
}

/// Tells what of a file may be applied and cannot be read.
fn unread(file: &File) -> impl Iterator<Item = Gap> {
    file.documents.iter().filter_map(|document| {
        let why = match &document.state {
            DocumentState::Unreadable(_, why) if document.title.is_empty() => why.clone(),
            DocumentState::Unreadable(_, why) => format!("{} cannot be read: {why}", document.title),
            DocumentState::LeftOut(why) => format!("{} is left out: {why}", document.title),
            DocumentState::Unbuildable(why) => format!("the kustomization cannot be built: {why}"),
            _ => return None,
        };
        Some(Gap { file: Arc::clone(&file.path), line: document.line, why })
    })
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
        let runs =
            objects.iter().filter_map(|found| workload(&found.json, file::name(&found.json)?)).collect();
        groups.push(Group { path: Arc::clone(path), is_directory: false, told, beside, runs, objects });
    }
}

/// Returns what a workload is called.
fn workload(json: &serde_json::Value, name: &str) -> Option<String> {
    let kind = json["kind"].as_str()?;
    let is_one = json["spec"]["template"]["spec"]["containers"].is_array() || kind == "CronJob";
    is_one.then(|| format!("{kind}/{name}"))
}

/// Objects by environment.
type Environments = BTreeMap<Option<String>, Vec<Found>>;

/// Places whose objects are applied nowhere, by file and line, and the file that counts instead.
type Overridden = BTreeMap<(Arc<str>, usize), Arc<str>>;

/// Spreads objects over the environments of their places.
fn assign(groups: Vec<Group>, settings: &Settings) -> (Environments, Overridden) {
    let places: Vec<Place<'_>> = groups.iter().map(Group::place).collect();
    let Spread { of, marked } = environments::spread(&places, &settings.words, &settings.no_words);
    drop(places);
    let mut objects: Vec<(Option<Found>, usize)> = Vec::new();
    for (index, group) in groups.into_iter().enumerate() {
        objects.extend(group.objects.into_iter().map(|found| (Some(found), index)));
    }
    let names: BTreeSet<&Option<String>> = of.iter().flatten().collect();
    let mut chosen: Vec<(&Option<String>, Vec<usize>)> = Vec::new();
    let mut uses = vec![0_usize; objects.len()];
    let mut overridden: BTreeMap<usize, usize> = BTreeMap::new();
    for name in names {
        let here = (0..objects.len()).filter(|index| of[objects[*index].1].contains(name)).collect();
        let here = distinct(&objects, here, &marked, &mut overridden);
        for index in &here {
            uses[*index] += 1;
        }
        chosen.push((name, here));
    }
    let origin = |index: usize| objects[index].0.as_ref().map(|found| &found.origin);
    let told = overridden.iter().filter(|(index, _)| uses[**index] == 0).filter_map(|(index, by)| {
        let (at, by) = (origin(*index)?, origin(*by)?);
        Some(((Arc::clone(&at.file), at.line), Arc::clone(&by.file)))
    });
    let overridden: Overridden = told.collect();
    let mut environments = BTreeMap::new();
    for (name, here) in chosen {
        let one = |index: usize| {
            uses[index] -= 1;
            if uses[index] == 0 { objects[index].0.take() } else { objects[index].0.clone() }
        };
        environments.insert(name.clone(), here.into_iter().filter_map(one).collect());
    }
    (environments, overridden)
}

/// Drops what stands twice: the same again, and what has no mark where something else of that name has one, which is noted.
fn distinct(
    objects: &[(Option<Found>, usize)],
    mut here: Vec<usize>,
    marked: &[bool],
    overridden: &mut BTreeMap<usize, usize>,
) -> Vec<usize> {
    let mut same: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for index in &here {
        if let Some(found) = &objects[*index].0 {
            same.entry(file::identity(&found.json)).or_default().push(*index);
        }
    }
    let mut dropped = BTreeSet::new();
    for mut twice in same.into_values().filter(|twice| twice.len() > 1) {
        let is_marked = |index: &usize| marked[objects[*index].1];
        let json = |index: usize| objects[index].0.as_ref().map(|found| &found.json);
        if let Some(by) = twice.iter().copied().find(is_marked) {
            for index in twice.extract_if(.., |index| !is_marked(index)) {
                if json(index) != json(by) {
                    overridden.insert(index, by);
                }
                dropped.insert(index);
            }
        }
        for (position, index) in twice.iter().enumerate() {
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
            runs: self.runs.clone(),
        }
    }
}
