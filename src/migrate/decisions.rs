//! The decisions file: what people answered to the questions of a migration, so that each is asked once.
//!
//! Whoever asks is noted, so that an entry that decides nothing can be told: it has a typing mistake, or its branch is gone.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Deserialize;

use crate::diagnostic::Sink;
use crate::exceptions::Pattern;
use crate::metadata::Owner;
use crate::ordered::Ordered;
use crate::schema::{self, DECISIONS};
use crate::yaml::{Node, Source};

/// What was decided. Without a file nothing is: the default.
#[derive(Debug, Default)]
pub struct Decisions {
    words: BTreeMap<String, Option<String>>,
    /// The environments that words mean.
    meant: Vec<Said<String>>,
    owner: Option<Said<Owner>>,
    owners: Vec<Named<Owner>>,
    environment: Option<Said<String>>,
    branches: Vec<Named<BranchDecision>>,
    apis: Vec<Named<ApiDecision>>,
}

/// What was decided of a branch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BranchDecision {
    /// Why it is left out.
    pub skip: Option<String>,
    /// The API that it becomes a part of.
    pub api: Option<String>,
    /// The environment that it runs in.
    pub environment: Option<String>,
}

/// What was decided of an API.
#[derive(Debug)]
pub struct ApiDecision {
    skip: Option<String>,
    owner: Option<Said<Owner>>,
    /// In the order of the file, by environment.
    namespaces: Vec<(String, Said<String>)>,
    /// In the order of the file, by what the branch says.
    images: Vec<(String, Said<String>)>,
    /// In the order of the file, by kind and name.
    definitions: Vec<(String, Said<String>)>,
    accept: Vec<Said<Accepted>>,
}

/// A difference that is intended.
#[derive(Debug)]
struct Accepted {
    object: Pattern,
    path: String,
    reason: String,
}

/// An entry for all names that fit.
#[derive(Debug)]
struct Named<T> {
    pattern: Pattern,
    entry: Said<T>,
}

/// Something that the file says, and whether anybody asked for it.
#[derive(Debug)]
struct Said<T> {
    value: T,
    /// Its keys in the file, joined by dots.
    place: String,
    /// Its line in the file, from 1.
    line: usize,
    /// Lookups come from several threads, in no order that matters.
    used: AtomicBool,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(rename = "apiVersion")]
    _api_version: String,
    #[serde(default)]
    environments: BTreeMap<String, Option<String>>,
    #[serde(default)]
    defaults: RawDefaults,
    #[serde(default)]
    owners: Ordered<Owner>,
    #[serde(default)]
    branches: Ordered<BranchDecision>,
    #[serde(default)]
    apis: Ordered<RawApi>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawDefaults {
    owner: Option<Owner>,
    environment: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawApi {
    skip: Option<String>,
    owner: Option<Owner>,
    namespaces: Ordered<String>,
    images: Ordered<String>,
    definitions: Ordered<String>,
    accept: Vec<RawAccepted>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAccepted {
    object: String,
    path: String,
    reason: String,
}

impl Decisions {
    /// Reads a decisions file. What is wrong with it goes into `sink`, and nothing is returned then.
    pub fn parse(path: &str, bytes: Vec<u8>, sink: &mut Sink) -> Option<Self> {
        let path: Arc<str> = path.into();
        let (source, tree) = DECISIONS.read(&path, bytes, schema::scalars_as_text, sink)?;
        let raw: Raw = schema::typed(&path, &tree, sink)?;
        let before = sink.len();
        let found = Reader { file: File::new(&source, &tree), sink: &mut *sink }.read(&raw);
        (!sink.errors_since(before)).then_some(found)
    }

    /// Returns words in the names of branches, directories and files, in lower case, each with the environment that it
    /// means; nothing for one that means none.
    pub fn words(&self) -> &BTreeMap<String, Option<String>> {
        &self.words
    }

    /// Notes the environments that branches have: a word that means another one decides nothing.
    pub fn found(&self, environments: &[String]) {
        for said in self.meant.iter().filter(|said| environments.contains(&said.value)) {
            said.ask();
        }
    }

    /// Returns the environment of branches that say none.
    pub fn environment(&self) -> Option<&str> {
        self.environment.as_ref().map(|said| said.ask().as_str())
    }

    /// Returns what was decided of a branch, by its short name.
    pub fn branch(&self, name: &str) -> Option<&BranchDecision> {
        fitting(&self.branches, name)
    }

    /// Returns what was decided of an API.
    pub fn api(&self, name: &str) -> Option<&ApiDecision> {
        fitting(&self.apis, name)
    }

    /// Returns who answers for an API: as its own entry says, or else the owners by name, or else the defaults.
    pub fn owner(&self, api: &str) -> Option<&Owner> {
        let own = self.api(api).and_then(|decision| decision.owner.as_ref());
        let own = own.map(Said::ask).or_else(|| fitting(&self.owners, api));
        own.or_else(|| self.owner.as_ref().map(Said::ask))
    }

    /// Returns the entries that nobody asked for, in the order of the file: `line 12: apis.shop`.
    pub fn unused(&self) -> Vec<String> {
        let mut unused = Vec::new();
        unused.extend(self.owner.as_ref().and_then(Said::unused));
        unused.extend(self.environment.as_ref().and_then(Said::unused));
        unused.extend(self.owners.iter().filter_map(|named| named.entry.unused()));
        unused.extend(self.meant.iter().filter_map(Said::unused));
        unused.extend(self.branches.iter().filter_map(|named| named.entry.unused()));
        for Named { entry, .. } in &self.apis {
            match entry.unused() {
                Some(whole) => unused.push(whole),
                None => unused.extend(entry.value.unused()),
            }
        }
        unused.sort_unstable();
        unused.into_iter().map(|(line, place)| format!("line {line}: {place}")).collect()
    }
}

impl ApiDecision {
    /// Returns why the API is not taken over.
    pub fn skip(&self) -> Option<&str> {
        self.skip.as_deref()
    }

    /// Returns the namespace that it runs in, of an environment.
    pub fn namespace(&self, environment: &str) -> Option<&str> {
        by_key(&self.namespaces, environment)
    }

    /// Returns what is written instead of an image reference of a branch.
    pub fn image(&self, said: &str) -> Option<&str> {
        by_key(&self.images, said)
    }

    /// Returns which file counts of those that define an object, by kind and name.
    pub fn definition(&self, object: &str) -> Option<&str> {
        by_key(&self.definitions, object)
    }

    /// Returns why a difference is intended: of an object by kind and name, at a JSON pointer.
    pub fn accepts(&self, object: &str, path: &str) -> Option<&str> {
        let covers = |accepted: &Accepted| {
            let below = path.strip_prefix(&*accepted.path);
            below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) && accepted.object.fits(object)
        };
        self.accept.iter().find(|said| covers(&said.value)).map(|said| said.ask().reason.as_str())
    }

    fn unused(&self) -> Vec<(usize, &str)> {
        // Of one that is left out, nobody asks for the rest.
        if self.skip.is_some() {
            return Vec::new();
        }
        let owner = self.owner.iter().filter_map(Said::unused);
        let texts = self
            .namespaces
            .iter()
            .chain(&self.images)
            .chain(&self.definitions)
            .filter_map(|(_, said)| said.unused());
        owner.chain(texts).chain(self.accept.iter().filter_map(Said::unused)).collect()
    }
}

impl<T> Said<T> {
    fn ask(&self) -> &T {
        self.used.store(true, Ordering::Relaxed);
        &self.value
    }

    fn unused(&self) -> Option<(usize, &str)> {
        (!self.used.load(Ordering::Relaxed)).then_some((self.line, self.place.as_str()))
    }
}

fn fitting<'a, T>(entries: &'a [Named<T>], name: &str) -> Option<&'a T> {
    entries.iter().find(|named| named.pattern.fits(name)).map(|named| named.entry.ask())
}

fn by_key<'a>(entries: &'a [(String, Said<String>)], key: &str) -> Option<&'a str> {
    entries.iter().find(|(known, _)| known == key).map(|(_, said)| said.ask().as_str())
}

/// The file, for places in it.
pub(super) struct File<'a> {
    source: &'a Source,
    tree: &'a Node,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl<'a> File<'a> {
    pub(super) fn new(source: &'a Source, tree: &'a Node) -> Self {
        let breaks = source.text.match_indices('\n').map(|(at, _)| at + 1);
        Self { source, tree, lines: std::iter::once(0).chain(breaks).collect() }
    }

    /// The line of a byte, from 1.
    pub(super) fn line(&self, byte: u32) -> usize {
        self.lines.partition_point(|start| *start <= byte as usize)
    }

    /// The line of the last key of a path, or of the item that it leads to.
    fn line_of(&self, path: &[&str]) -> usize {
        let Some((last, above)) = path.split_last() else { return 1 };
        let (node, _) = self.tree.follow(above.iter().copied());
        let span = node.entry(last).map_or_else(|| node.follow([*last]).0.span, |entry| entry.key_span);
        self.line(span.start)
    }

    fn said<T>(&self, value: T, path: &[&str]) -> Said<T> {
        let used = AtomicBool::new(false);
        Said { value, place: path.join("."), line: self.line_of(path), used }
    }

    /// Reads the pattern that a path leads to, as its last key or as the value there; one that is none is a finding.
    pub(super) fn pattern(&self, text: &str, path: &[&str], sink: &mut Sink) -> Option<Pattern> {
        let place = || {
            let (node, _) = self.tree.follow(path.iter().copied());
            let span = match path.split_last() {
                Some((last, above)) if *last == text => {
                    let entry = self.tree.follow(above.iter().copied()).0.entry(last);
                    entry.map_or(node.span, |entry| entry.key_span)
                }
                _ => node.span,
            };
            self.source.location(span)
        };
        Pattern::read(text, place, sink)
    }
}

struct Reader<'a> {
    file: File<'a>,
    sink: &'a mut Sink,
}

impl Reader<'_> {
    fn read(mut self, raw: &Raw) -> Decisions {
        let RawDefaults { owner, environment } = raw.defaults.clone();
        let owner = owner.map(|owner| self.file.said(owner, &["defaults", "owner"]));
        let environment = environment.map(|name| self.file.said(name, &["defaults", "environment"]));
        let owners = self.named("owners", &raw.owners);
        let branches = self.named("branches", &raw.branches);
        let apis = raw.apis.iter().filter_map(|(name, api)| {
            let path = ["apis", name];
            let pattern = self.file.pattern(name, &path, self.sink)?;
            let api = self.api(name, api);
            Some(Named { pattern, entry: self.file.said(api, &path) })
        });
        let apis = apis.collect();
        let words = raw.environments.iter().filter_map(|(word, said)| Some((word, said.clone()?)));
        let meant = words.map(|(word, said)| self.file.said(said, &["environments", word])).collect();
        Decisions { words: raw.environments.clone(), meant, owner, owners, environment, branches, apis }
    }

    /// Reads the entries below a key, each for all names that fit.
    fn named<T: Clone>(&mut self, key: &str, entries: &Ordered<T>) -> Vec<Named<T>> {
        let named = entries.iter().filter_map(|(name, value)| {
            let path = [key, name];
            let pattern = self.file.pattern(name, &path, self.sink)?;
            Some(Named { pattern, entry: self.file.said(value.clone(), &path) })
        });
        named.collect()
    }

    fn api(&mut self, name: &str, raw: &RawApi) -> ApiDecision {
        let file = &self.file;
        let texts = |key: &str, texts: &Ordered<String>| -> Vec<(String, Said<String>)> {
            let texts = texts
                .iter()
                .map(|(said, text)| (said.to_owned(), file.said(text.clone(), &["apis", name, key, said])));
            texts.collect()
        };
        let owner = raw.owner.clone().map(|owner| file.said(owner, &["apis", name, "owner"]));
        let namespaces = texts("namespaces", &raw.namespaces);
        let (images, definitions) = (texts("images", &raw.images), texts("definitions", &raw.definitions));
        let accept = raw.accept.iter().enumerate().filter_map(|(index, raw)| {
            let index = index.to_string();
            let at = ["apis", name, "accept", &index, "object"];
            let object = file.pattern(&raw.object, &at, self.sink)?;
            let accepted = Accepted { object, path: raw.path.clone(), reason: raw.reason.clone() };
            Some(file.said(accepted, &at[..4]))
        });
        let accept = accept.collect();
        ApiDecision { skip: raw.skip.clone(), owner, namespaces, images, definitions, accept }
    }
}

#[cfg(test)]
mod tests;
