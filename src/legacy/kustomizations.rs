//! The kustomizations of a branch: which of them are applied, what they build, and which files are only part of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value as Json;

use super::tree::split;
use crate::diagnostic::Sink;
use crate::git::{GitError, Tree};
use crate::kustomize::{self, Builder, LeftOut, Object};
use crate::ordered;
use crate::snapshot::SnapshotError;
use crate::yaml::{self, Source, SourceId};

/// Fields that are lists of files or directories.
const LISTS: [&str; 8] = [
    "resources",
    "bases",
    "components",
    "crds",
    "configurations",
    "generators",
    "transformers",
    "validators",
];
/// Fields that are lists of things with a file.
const WITH_PATH: [&str; 3] = ["patches", "patchesJson6902", "replacements"];
/// Fields of a kustomization that only puts files together.
const PLAIN: [&str; 5] = ["apiVersion", "kind", "metadata", "resources", "namespace"];

/// How often the files of a branch may be named by one kustomization, over others.
const MAX_NAMED: usize = 20_000;
/// How many directories may name one another in a row.
const MAX_HEIGHT: usize = 64;

/// A kustomization.
#[derive(Debug)]
pub(super) struct Kustomization {
    /// The path of its file.
    pub(super) path: Arc<str>,
    /// Whether it works on what others have, and is never applied by itself.
    component: bool,
    /// The files that it names, as paths in the branch.
    files: BTreeSet<String>,
    /// Those of them that objects come from.
    sources: BTreeSet<String>,
    /// The directories that it names.
    directories: BTreeSet<String>,
    /// Files of Secrets that it names, by the name of the Secret; only where that gets no hash.
    secrets: Vec<(String, String)>,
    /// Whether it does no more than name files of its own directory.
    plain: bool,
}

/// What became of a kustomization that nobody else names.
#[derive(Debug)]
pub(super) enum Outcome {
    /// What it builds, the files of Secrets that are not in the branch, by the names of the Secrets, and what it goes without.
    Built(Vec<Object>, Vec<(String, String)>, Vec<LeftOut>),
    /// It is one for others.
    Component,
    /// Why it cannot be built.
    Failed(String),
}

/// All kustomizations of a branch, by directory.
#[derive(Debug, Default)]
pub(super) struct Kustomizations {
    all: BTreeMap<String, Kustomization>,
    /// The directories of those that are applied.
    pub(super) roots: BTreeSet<String>,
}

/// The texts of a branch that are read already, filled in, by path; nothing of what is not to be built with.
pub(super) type Texts<'a> = BTreeMap<&'a str, Result<&'a str, String>>;

impl Kustomizations {
    /// Reads those of a branch. `paths` are all its files.
    pub(super) fn new<'a>(
        found: impl Iterator<Item = (&'a Arc<str>, &'a str)>,
        paths: &BTreeSet<&str>,
    ) -> Self {
        let read: Vec<(&Arc<str>, Json)> =
            found.map(|(path, text)| (path, json(path, text).unwrap_or_default())).collect();
        let homes: BTreeSet<&str> = read.iter().map(|(path, _)| split(path).0).collect();
        let mut all = BTreeMap::new();
        for (path, json) in &read {
            let home = split(path).0;
            let kustomization = Kustomization::new(path, json, &homes, paths);
            // Of two in one directory kustomize takes none, and says so.
            all.entry(home.to_owned()).or_insert(kustomization);
        }
        let mut found = Self { all, roots: BTreeSet::new() };
        found.roots = found.roots();
        found
    }

    /// Those that no other names; and where some name each other in a circle, the first of them.
    fn roots(&self) -> BTreeSet<String> {
        let named: BTreeSet<&String> = self
            .all
            .iter()
            .flat_map(|(home, one)| one.directories.iter().filter(move |directory| *directory != home))
            .collect();
        let mut roots: BTreeSet<String> =
            self.all.keys().filter(|home| !named.contains(home)).cloned().collect();
        let mut reached = BTreeSet::new();
        for root in &roots {
            self.reach(root, &mut reached);
        }
        let mut circles = Vec::new();
        for home in self.all.keys() {
            if !reached.contains(home.as_str()) {
                circles.push(home.clone());
                self.reach(home, &mut reached);
            }
        }
        roots.extend(circles);
        roots
    }

    fn reach<'a>(&'a self, home: &'a str, reached: &mut BTreeSet<&'a str>) {
        let mut open = vec![home];
        while let Some(home) = open.pop() {
            if let Some(one) = self.all.get(home)
                && reached.insert(home)
            {
                open.extend(one.directories.iter().map(String::as_str));
            }
        }
    }

    /// Returns the kustomization of a directory.
    pub(super) fn get(&self, home: &str) -> Option<&Kustomization> {
        self.all.get(home)
    }

    /// Tells of each file that is only part of a kustomization, of which: those that one names, and those that lie in a
    /// directory that one names. What lies beside a kustomization that is applied is none of them.
    pub(super) fn inputs<'a>(
        &self,
        paths: impl Iterator<Item = &'a Arc<str>>,
    ) -> BTreeMap<Arc<str>, Arc<str>> {
        let mut owners: BTreeMap<&str, &Arc<str>> = BTreeMap::new();
        for one in self.all.values() {
            for file in &one.files {
                owners.entry(file).or_insert(&one.path);
            }
        }
        let is_root = |home: &str| self.roots.contains(home);
        let owner = |path: &'a Arc<str>| {
            if let Some(owner) = owners.get(&**path) {
                return Some((Arc::clone(path), Arc::clone(owner)));
            }
            let home = self.home(path)?;
            let owner = (!is_root(home)).then(|| self.all.get(home)).flatten()?;
            Some((Arc::clone(path), Arc::clone(&owner.path)))
        };
        paths.filter_map(owner).collect()
    }

    /// Returns the nearest directory above a file that has a kustomization.
    fn home<'a>(&self, path: &'a str) -> Option<&'a str> {
        let mut home = split(path).0;
        loop {
            if self.all.contains_key(home) {
                return Some(home);
            }
            if home.is_empty() {
                return None;
            }
            home = split(home).0;
        }
    }

    /// Returns the kustomization beside a file that is applied and does not name it.
    pub(super) fn beside(&self, path: &str) -> Option<&Arc<str>> {
        let home = split(path).0;
        let is_root = self.roots.contains(home);
        self.all.get(home).filter(|_| is_root).map(|one| &one.path)
    }

    /// Returns the files that the objects of one come from, and of all that it names.
    pub(super) fn made_of(&self, root: &str) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        self.reach(root, &mut reached);
        let all = reached.iter().filter_map(|home| self.all.get(*home));
        all.flat_map(|one| &one.sources).map(String::as_str).collect()
    }

    /// Builds one that is applied.
    pub(super) fn build(&self, root: &str, builder: &mut Builder<'_>, files: &Files<'_>) -> Outcome {
        let Some(kustomization) = self.all.get(root) else { return Outcome::Failed(String::new()) };
        if kustomization.component {
            return Outcome::Component;
        }
        let (count, height) = self.burden(root, 0, &mut BTreeMap::new());
        if height > MAX_HEIGHT || count > MAX_NAMED {
            let reason = format!(
                "it leads to files {MAX_NAMED} times or more, or over more than {MAX_HEIGHT} directories"
            );
            return Outcome::Failed(reason);
        }
        let mut reached = BTreeSet::new();
        self.reach(root, &mut reached);
        for one in reached.iter().filter_map(|home| self.all.get(*home)) {
            for path in one.files.iter().map(String::as_str).chain([&*one.path]) {
                if let Some(Err(reason)) = files.texts.get(path) {
                    return Outcome::Failed(format!("`{path}` {reason}"));
                }
            }
        }
        let mut sink = Sink::default();
        if let Some(objects) = builder.build(root, &mut sink) {
            let all = reached.iter().filter_map(|home| self.all.get(*home));
            let missing = all.flat_map(|one| &one.secrets).filter(|(_, path)| !files.has(path));
            let left_out = builder.left_out();
            if let (true, Some(first)) = (objects.is_empty(), left_out.first()) {
                return Outcome::Failed(told(&first.why, &first.place.path, &kustomization.path));
            }
            return Outcome::Built(objects, missing.cloned().collect(), left_out);
        }
        let finding = sink.into_findings().into_iter().next();
        let reason = finding.map_or_else(
            || "a directory that it names cannot be built".to_owned(),
            |finding| told(&finding.message, &finding.primary.path, &kustomization.path),
        );
        Outcome::Failed(reason)
    }

    /// Counts how often a directory leads to files, and over how many directories: each that names two that name the same
    /// doubles what there is to build. A circle is for the build to find.
    fn burden<'a>(
        &'a self,
        home: &'a str,
        depth: usize,
        known: &mut BTreeMap<&'a str, (usize, usize)>,
    ) -> (usize, usize) {
        if let Some(known) = known.get(home) {
            return *known;
        }
        let Some(one) = self.all.get(home) else { return (0, 0) };
        if depth > MAX_HEIGHT {
            return (0, MAX_HEIGHT + 1);
        }
        known.insert(home, (0, 0));
        let (mut count, mut height) = (one.files.len(), 0);
        for directory in &one.directories {
            let (more, below) = self.burden(directory, depth + 1, known);
            count = count.saturating_add(more);
            height = height.max(below + 1);
        }
        known.insert(home, (count, height));
        (count, height)
    }

    /// Returns the files of Secrets that are not in the branch, where their content changes no name.
    pub(super) fn missing_secrets(&self, paths: &BTreeSet<&str>) -> BTreeSet<String> {
        let named = self.all.values().flat_map(|one| &one.secrets);
        named.map(|(_, path)| path).filter(|path| !paths.contains(path.as_str())).cloned().collect()
    }
}

impl Kustomization {
    fn new(path: &Arc<str>, json: &Json, homes: &BTreeSet<&str>, paths: &BTreeSet<&str>) -> Self {
        let home = split(path).0;
        let mut one = Self {
            path: Arc::clone(path),
            component: json["kind"] == "Component",
            files: BTreeSet::new(),
            sources: BTreeSet::new(),
            directories: BTreeSet::new(),
            secrets: Vec::new(),
            plain: json.as_object().is_some_and(|map| map.keys().all(|key| PLAIN.contains(&&**key))),
        };
        let hashed = json["generatorOptions"]["disableNameSuffixHash"] != true;
        let mut named: Vec<&str> = Vec::new();
        for field in LISTS {
            named.extend(texts(json, field));
        }
        for field in WITH_PATH {
            named.extend(items(json, field).filter_map(|item| ordered::field(item, "path")?.as_str()));
        }
        // Text of a patch may stand there as well; of old, `patches` was such a list.
        for field in ["patchesStrategicMerge", "patches"] {
            named.extend(texts(json, field).filter(|text| !text.contains('\n')));
        }
        named.extend(json["openapi"]["path"].as_str());
        named.extend(items(json, "helmCharts").filter_map(|chart| chart["valuesFile"].as_str()));
        for field in ["configMapGenerator", "secretGenerator"] {
            for generator in items(json, field) {
                let own =
                    texts(generator, "files").map(|file| file.split_once('=').map_or(file, |(_, file)| file));
                let own = own.chain(texts(generator, "envs")).chain(generator["env"].as_str());
                let own: Vec<&str> = own.collect();
                let is_named = match generator["options"]["disableNameSuffixHash"].as_bool() {
                    Some(disabled) => disabled,
                    None => !hashed,
                };
                if field == "secretGenerator"
                    && is_named
                    && let Some(name) = generator["name"].as_str()
                {
                    let pair = |path: &&str| Some((name.to_owned(), normal(home, path)?));
                    one.secrets.extend(own.iter().filter_map(pair));
                }
                named.extend(own);
            }
        }
        let sources: BTreeSet<String> = ["resources", "bases"]
            .into_iter()
            .flat_map(|field| texts(json, field))
            .filter_map(|path| normal(home, path))
            .collect();
        for path in named {
            let Some(path) = normal(home, path) else {
                one.plain = false;
                continue;
            };
            if homes.contains(path.as_str()) {
                one.plain = false;
                one.directories.insert(path);
            } else {
                one.plain &= split(&path).0 == home;
                if paths.contains(path.as_str()) {
                    if sources.contains(&path) {
                        one.sources.insert(path.clone());
                    }
                    one.files.insert(path);
                }
            }
        }
        one
    }

    /// Tells whether its files can stand for it where it cannot be built: it does no more than name them.
    pub(super) fn is_plain(&self) -> bool {
        self.plain
    }

    /// Tells whether it names a file.
    pub(super) fn names(&self, path: &str) -> bool {
        self.files.contains(path)
    }
}

/// What a build reads of a branch.
pub(super) struct Files<'a> {
    pub(super) tree: &'a Tree,
    /// What is read already.
    pub(super) texts: Texts<'a>,
    /// All files.
    pub(super) paths: BTreeSet<&'a str>,
    /// Files that are taken for empty ones.
    pub(super) empty: BTreeSet<String>,
}

impl Files<'_> {
    fn has(&self, path: &str) -> bool {
        self.paths.contains(path)
    }
}

impl kustomize::Files for Files<'_> {
    fn is_foreign(&self) -> bool {
        true
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, SnapshotError> {
        if let Some(Ok(text)) = self.texts.get(path) {
            return Ok(Some(text.as_bytes().to_vec()));
        }
        if self.empty.contains(path) {
            return Ok(Some(Vec::new()));
        }
        self.tree.read(path, kustomize::MAX_BYTES).map_err(|error| match error {
            GitError::Symlink { path } => SnapshotError::Symlink { path: path.into() },
            GitError::NotAFile { path } => SnapshotError::NotAFile { path: path.into() },
            GitError::NotADirectory { path } => SnapshotError::NotADirectory { path: path.into() },
            GitError::TooLarge { path, size, limit } => {
                SnapshotError::TooLarge { path: path.into(), size, limit }
            }
            error => SnapshotError::Git { path: path.into(), error: Box::new(error) },
        })
    }
}

/// Says why a kustomization cannot be built, and in which file, where that is another one.
fn told(why: &str, file: &str, kustomization: &str) -> String {
    if file.is_empty() || file == kustomization { why.to_owned() } else { format!("{why} (`{file}`)") }
}

fn json(path: &Arc<str>, text: &str) -> Option<Json> {
    let source = Source { id: SourceId(0), path: Arc::clone(path), text: text.to_owned() };
    yaml::documents(&source).first()?.to_json()
}

fn items<'a>(json: &'a Json, field: &str) -> impl Iterator<Item = &'a Json> {
    ordered::field(json, field).and_then(Json::as_array).into_iter().flatten()
}

fn texts<'a>(json: &'a Json, field: &str) -> impl Iterator<Item = &'a str> {
    items(json, field).filter_map(Json::as_str)
}

/// Joins a path to a directory; nothing where it leads out of the branch, or somewhere else altogether.
fn normal(directory: &str, path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains("://") || path.contains('\n') {
        return None;
    }
    kustomize::normal(directory, path)
}

/// Finds the file that an object came from, among those that its kustomization is made of: the first that says kind and name
/// on lines of their own. This asks no parser; what it does not find has the place of the kustomization.
pub(super) fn origin<'a>(
    object: &Object,
    texts: &[(&'a Arc<str>, &'a str)],
) -> Option<(&'a Arc<str>, usize, usize)> {
    let kind = object.json["kind"].as_str()?;
    for (path, text) in texts {
        let (mut document, mut first, mut has_kind, mut has_name) = (0, 0, false, false);
        let mut is_empty = true;
        for (index, line) in text.lines().chain(["---"]).enumerate() {
            if line.starts_with("---") {
                if has_kind && has_name {
                    return Some((path, document, first + 1));
                }
                document += usize::from(!is_empty);
                (first, has_kind, has_name, is_empty) = (index + 1, false, false, true);
                continue;
            }
            if is_empty && (line.trim().is_empty() || line.starts_with('#')) {
                first += usize::from(line.trim().is_empty());
                continue;
            }
            is_empty = false;
            has_kind |= value(line, "kind:").is_some_and(|value| value == kind);
            // The first name of a document that is indented once is that of the object.
            let indented = line.strip_prefix([' ', '\t']).map(str::trim_start);
            has_name |=
                indented.and_then(|line| value(line, "name:")).is_some_and(|value| value == &*object.name);
        }
    }
    None
}

fn value<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let value = line.strip_prefix(key)?.trim();
    let value = value.split(" #").next().unwrap_or(value).trim();
    Some(value.trim_matches(['"', '\'']))
}
