//! All branches to the files of a config repo, and what is proved of them.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::api::{self, Written, left_out};
use super::ask::{gaps, images_asked, notes, nothing_applied, owner, values_asked};
use super::assemble::{Frame, Side};
use super::before::{Before, before, in_order, is_interrupted};
use super::comments::{Carried, carry};
use super::decisions::Decisions;
use super::environments;
use super::family::{Item, family};
use super::group::Group;
use super::known::{Known, Sorted};
use super::outcome::{ApiOutcome, EnvironmentOutcome, Outcome, Question, State, Verdict};
use super::record::{Part, Record};
use super::slot::slots;
use super::trial::Trial;
use super::values::Values;
use super::words::Edge;
use super::{sync, told};
use crate::diagnostic::Sink;
use crate::git::Repo;
use crate::legacy::{self, Branch, Reference};
use crate::outcome::Failure;
use crate::platform::{self, LoadedPlatform};
use crate::render::TemplateSets;
use crate::snapshot::{ONBOARDING, Snapshot};

/// What is migrated, and how.
#[derive(Debug)]
pub struct Request<'a> {
    /// Patterns of branches. A sync without any takes the branches of all records.
    pub branches: &'a [String],
    /// The APIs that are written; all where it is empty.
    pub only: &'a [String],
    /// What people decided.
    pub decisions: &'a Decisions,
    /// Texts for variables of templates.
    pub values: Option<&'a Values>,
    /// Whether APIs are written anew whose branches moved since.
    pub sync: bool,
    /// Whether an API with unexplained differences is written.
    pub allow_unexplained: bool,
    /// The day, as `YYYY-MM-DD`, that rules about dates go by.
    pub today: &'a str,
}

/// How far a migration is.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// The branches are read, and so many APIs are to be done.
    Begin(usize),
    /// This API is done.
    Done(&'a str),
}

/// What a migration would write, and what it proved.
pub struct Migration {
    /// What reports tell.
    pub outcome: Outcome,
    /// Files by path from the root of the repo; nothing for one that goes.
    pub files: BTreeMap<String, Option<String>>,
    /// The files of each API among them.
    pub by_api: BTreeMap<String, Vec<String>>,
    pub(super) prepared: Prepared,
}

/// Migrates branches of a repository into a config repo. Nothing is written here.
///
/// `progress` is told how many APIs there are, and each that is done.
///
/// # Errors
/// Where the config repo cannot be read, or no branch fits. What is wrong with single branches is in the outcome.
pub fn run(
    config: &Snapshot,
    repo: &Repo,
    request: &Request<'_>,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Migration, Failure> {
    let prepared = prepare(config, repo, request)?;
    let wanted: Vec<usize> = (0..prepared.groups.len())
        .filter(|index| request.only.is_empty() || request.only.contains(&prepared.groups[*index].name))
        .collect();
    progress(Progress::Begin(wanted.len()));
    let done = prepared.migrate(&wanted, config, repo, request, progress)?;
    let mut migration = Migration {
        outcome: Outcome { added_environments: prepared.added.clone(), ..Outcome::default() },
        files: prepared.files.clone(),
        by_api: BTreeMap::new(),
        prepared,
    };
    for done in done {
        migration.take(done);
    }
    migration.outcome.unused_decisions = request.decisions.unused();
    migration.tell();
    Ok(migration)
}

impl Migration {
    /// Takes over what became of an API.
    fn take(&mut self, done: Done) {
        let Done { outcome, files } = done;
        for path in self.by_api.remove(&outcome.name).unwrap_or_default() {
            self.files.remove(&path);
        }
        if !files.is_empty() {
            self.by_api.insert(outcome.name.clone(), files.keys().cloned().collect());
        }
        self.files.extend(files);
        self.outcome.apis.retain(|known| known.name != outcome.name);
        self.outcome.apis.push(outcome);
    }

    /// Migrates APIs once more without objects that are left out, each by kind and name with the reason.
    pub(super) fn without(
        &mut self,
        left: BTreeMap<String, BTreeMap<String, String>>,
        config: &Snapshot,
        repo: &Repo,
        request: &Request<'_>,
    ) -> Result<(), Failure> {
        let groups = &self.prepared.groups;
        let again: Vec<usize> =
            (0..groups.len()).filter(|index| left.contains_key(&groups[*index].name)).collect();
        for (api, objects) in left {
            self.prepared.left.entry(api).or_default().extend(objects);
        }
        let done = self.prepared.migrate(&again, config, repo, request, &|_| {})?;
        for done in done {
            self.take(done);
        }
        Ok(())
    }

    /// Returns the environments of the APIs that are written.
    pub fn environments(&self) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        for (api, paths) in &self.by_api {
            let overlays = format!("{ONBOARDING}/{api}/overlays/");
            let written = paths.iter().filter(|path| matches!(self.files.get(*path), Some(Some(_))));
            let below = written.filter_map(|path| path.strip_prefix(&overlays));
            found.extend(below.filter_map(|below| below.split('/').next()));
        }
        found
    }

    /// Takes environments out of platform.yaml again that were added for APIs which are not written. Tells whether there were any.
    pub(super) fn without_unused_environments(&mut self, config: &Snapshot) -> Result<bool, Failure> {
        let used = self.environments();
        let wanted: Vec<String> =
            self.prepared.added.iter().filter(|name| used.contains(name.as_str())).cloned().collect();
        if wanted.len() == self.prepared.added.len() {
            return Ok(false);
        }
        let plain = read_platform(config)?;
        self.files.remove(&*plain.source.path);
        let (platform, text, added) = with_environments(plain, &wanted)?;
        self.files.extend(text.map(|text| (platform.source.path.to_string(), Some(text))));
        self.prepared.platform = platform;
        self.prepared.added.clone_from(&added);
        self.outcome.added_environments = added;
        Ok(true)
    }

    /// Lists the files in the order in which they are written: what stands around the APIs, then each API, and its record last.
    /// What has a record is whole, whenever a run is interrupted.
    pub fn in_order(&self) -> Vec<&str> {
        in_order(&self.files, &self.by_api)
    }

    /// Tells what became of files and documents, once it is known of the APIs.
    pub(super) fn tell(&mut self) {
        self.outcome.apis.sort_by(|one, other| one.name.cmp(&other.name));
        self.outcome.branches = told::branches(&self.prepared.branches, &self.outcome.apis);
    }
}

/// What was read before the first API is looked at.
pub(super) struct Prepared {
    branches: Vec<Branch>,
    groups: Vec<Group>,
    platform: LoadedPlatform,
    sets: TemplateSets,
    files: BTreeMap<String, Option<String>>,
    added: Vec<String>,
    words: BTreeMap<String, String>,
    /// Objects that are left out, by API: kind and name, and why.
    left: BTreeMap<String, BTreeMap<String, String>>,
    /// The APIs that branches are a part of already.
    claimed: BTreeMap<String, String>,
    /// APIs that cannot be, and why.
    clashes: BTreeMap<String, String>,
}

impl Prepared {
    /// Migrates some of the APIs.
    fn migrate(
        &self,
        wanted: &[usize],
        config: &Snapshot,
        repo: &Repo,
        request: &Request<'_>,
        progress: &(dyn Fn(Progress<'_>) + Sync),
    ) -> Result<Vec<Done>, Failure> {
        let nothing = Snapshot::tree(repo.no_tree().map_err(|error| Failure::system(&error))?);
        let templates = self.sets.of(None);
        let templates =
            templates.ok_or_else(|| Failure::refused("the templates of the repo cannot be read"))?;
        let platform = &self.platform;
        let trial = Trial { platform, templates, nothing: &nothing };
        let nothing_left = BTreeMap::new();
        let one = |index: &usize| {
            let group = &self.groups[*index];
            let left = self.left.get(&group.name).unwrap_or(&nothing_left);
            let (words, claimed, clashes) = (&self.words, &self.claimed, &self.clashes);
            let place =
                Place { config, repo, platform, words, request, trial: &trial, left, claimed, clashes };
            let done = migrated(group, &self.branches, &place);
            progress(Progress::Done(&group.name));
            done
        };
        Ok(wanted.par_iter().map(one).collect())
    }
}

/// Reads the branches, sorts them into APIs, and adds the environments that the platform lacks.
fn prepare(config: &Snapshot, repo: &Repo, request: &Request<'_>) -> Result<Prepared, Failure> {
    let platform = read_platform(config)?;
    let words = environments::words(&platform.model, request.decisions);
    let known = Known::read(config)?;
    let found = known.find(repo, request)?;
    if found.is_nothing() && request.branches.is_empty() {
        return Err(Failure::usage("nothing here was migrated")
            .hint("`onramp migrate run --branches PATTERN` does it"));
    }
    if found.is_nothing() {
        let patterns: Vec<String> = request.branches.iter().map(|pattern| format!("`{pattern}`")).collect();
        return Err(Failure::usage(format!("no branch fits {}", patterns.join(" or ")))
            .hint("`git branch --all` lists the branches"));
    }
    let (branches, words) = read_all(repo, &found.references, request, words);
    let names = environments::names(&words, &platform.model, request.decisions);
    let Sorted { groups, clashes } = known.sort(&found, &branches, &names, request);
    let mut wanted: Vec<String> = Vec::new();
    for group in &groups {
        for (index, of_branch) in &group.parts {
            let found = branches[*index].environments.keys();
            let usual = || request.decisions.environment().map(str::to_owned);
            wanted.extend(found.filter_map(|own| own.clone().or_else(|| of_branch.clone()).or_else(usual)));
        }
    }
    request.decisions.found(&wanted);
    let (platform, text, added) = with_environments(platform, &wanted)?;
    let files = text.map(|text| (platform.source.path.to_string(), Some(text))).into_iter().collect();
    let mut sink = Sink::default();
    let sets =
        crate::fleet::templates(config, &platform, &mut sink).map_err(|error| Failure::system(&error))?;
    let claimed = known.claimed();
    let left = BTreeMap::new();
    Ok(Prepared { branches, groups, platform, sets, files, added, words, left, claimed, clashes })
}

/// Adds environments that the platform lacks. Returns its new text, where there is one, and those that were added.
fn with_environments(
    platform: LoadedPlatform,
    wanted: &[String],
) -> Result<(LoadedPlatform, Option<String>, Vec<String>), Failure> {
    let (text, added) =
        environments::add(&platform.source.text, &platform.model, wanted).map_err(Failure::refused)?;
    if added.is_empty() {
        return Ok((platform, None, added));
    }
    let mut sink = Sink::default();
    let read = platform::parse(text.clone().into_bytes(), &mut sink);
    let read = read.ok_or_else(|| {
        let why = sink.into_findings().into_iter().next().map(|finding| finding.message);
        Failure::refused(format!(
            "the branches have environments that platform.yaml cannot have: {}",
            why.unwrap_or_default()
        ))
        .hint("say what their words mean under `environments` of the decisions file")
    })?;
    Ok((read, Some(text), added))
}

/// Reads a branch as a request says, with the words that mean environments.
pub(super) fn read_branch(
    repo: &Repo,
    reference: &Reference,
    words: &BTreeMap<String, String>,
    request: &Request<'_>,
) -> Branch {
    let values = request.values.map(|values| values.of(&reference.name)).unwrap_or_default();
    legacy::read(repo, reference, &environments::settings(words, request.decisions, values))
}

/// Reads the branches. An environment that one of them taught is one for all of them, as it will be from now on.
fn read_all(
    repo: &Repo,
    references: &[Reference],
    request: &Request<'_>,
    mut words: BTreeMap<String, String>,
) -> (Vec<Branch>, BTreeMap<String, String>) {
    let read = |words: &BTreeMap<String, String>| -> Vec<Branch> {
        references.par_iter().map(|reference| read_branch(repo, reference, words, request)).collect()
    };
    let mut branches = read(&words);
    for _ in 0..MAX_LESSONS {
        let known: BTreeSet<&String> = words.values().collect();
        let named = branches.iter().flat_map(|branch| branch.environments.keys().flatten());
        let new: BTreeSet<String> = named.filter(|name| !known.contains(name)).cloned().collect();
        if new.is_empty() {
            break;
        }
        words.extend(new.into_iter().map(|name| (name.clone(), name)));
        branches = read(&words);
    }
    (branches, words)
}

/// How often branches are read again, since they taught an environment.
const MAX_LESSONS: usize = 3;

pub(super) fn read_platform(config: &Snapshot) -> Result<LoadedPlatform, Failure> {
    let mut sink = Sink::default();
    let read = platform::read(config, &mut sink).map_err(|error| Failure::system(&error))?;
    read.ok_or_else(|| {
        let why = sink.into_findings().into_iter().next().map(|finding| finding.message);
        Failure::usage(format!(
            "platform.yaml cannot be read: {}",
            why.unwrap_or_else(|| "there is none".to_owned())
        ))
        .hint("`onramp init` writes one, and `onramp lint` says what is wrong with it")
    })
}

/// Where APIs are migrated to.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) config: &'a Snapshot,
    pub(super) repo: &'a Repo,
    pub(super) platform: &'a LoadedPlatform,
    pub(super) words: &'a BTreeMap<String, String>,
    pub(super) request: &'a Request<'a>,
    pub(super) trial: &'a Trial<'a>,
    /// Objects that are left out, by kind and name, and why.
    pub(super) left: &'a BTreeMap<String, String>,
    /// The APIs that branches are a part of already.
    pub(super) claimed: &'a BTreeMap<String, String>,
    /// APIs that cannot be, and why.
    pub(super) clashes: &'a BTreeMap<String, String>,
}

/// An API that is done.
struct Done {
    outcome: ApiOutcome,
    files: BTreeMap<String, Option<String>>,
}

fn migrated(group: &Group, branches: &[Branch], place: &Place<'_>) -> Done {
    let request = place.request;
    let parts: Vec<&Branch> = group.parts.iter().map(|(index, _)| &branches[*index]).collect();
    let mut outcome = begin(group, &parts);
    let decided = request.decisions.api(&group.name);
    let skipped = |branch: &&Branch| request.decisions.branch(&branch.reference.name)?.skip.as_deref();
    let skip = decided.and_then(|decided| decided.skip());
    if let Some(reason) = skip.or_else(|| parts.iter().find_map(skipped)) {
        outcome.state = State::Skipped(reason.to_owned());
        return Done { outcome, files: BTreeMap::new() };
    }
    let directory = format!("{ONBOARDING}/{}", group.name);
    let before = match before(group, &parts, place) {
        Before::Nothing => return written(group, branches, place, None),
        Before::InTheWay(why) => return refused(outcome, why),
        Before::Written(record, edited) => return written(group, branches, place, Some((&record, edited))),
        Before::Unrecorded => None,
        Before::Edited(record) => Some(record),
    };
    // What an interrupted run left is what would be written now. All else is of people.
    let done = written(group, branches, place, before.as_ref().map(|record| (record, false)));
    if done.outcome.state == State::Written
        && is_interrupted(place.config, &directory, &done.files, before.as_ref())
    {
        return done;
    }
    if before.is_none() {
        return refused(outcome, format!("`{directory}` is there already, and no migration wrote it"));
    }
    outcome.state = State::Unchanged;
    Done { outcome, files: BTreeMap::new() }
}

/// Writes an API anew, or brings what people made of it up to date where the record says that they `edited` it.
fn written(group: &Group, branches: &[Branch], place: &Place<'_>, before: Option<(&Record, bool)>) -> Done {
    let Place { platform, words, request, trial, left, .. } = *place;
    let directory = format!("{ONBOARDING}/{}", group.name);
    let parts: Vec<&Branch> = group.parts.iter().map(|(index, _)| &branches[*index]).collect();
    let mut outcome = begin(group, &parts);
    outcome.questions.extend(group.asked.iter().cloned());
    let mut sides = sides(group, branches, platform, request);
    for side in &mut sides {
        side.family.leave(left);
        outcome.questions.extend(side.family.questions.iter().cloned());
    }
    outcome.gaps = gaps(&parts);
    outcome.questions.extend(values_asked(&parts, sides.is_empty()));
    if sides.is_empty() {
        return refused(outcome, nothing_applied(&parts));
    }
    let (empty, sides): (Vec<_>, Vec<_>) = sides.into_iter().partition(|side| side.family.is_empty());
    let empty: Vec<EnvironmentOutcome> = empty
        .iter()
        .map(|side| EnvironmentOutcome { name: side.environment.clone(), objects: left_out(&side.family) })
        .collect();
    if sides.is_empty() {
        outcome.environments = empty;
        return refused(outcome, "all that is applied is left out".to_owned());
    }
    let frame = frame_of(group, &parts, sides, words, request, &mut outcome.questions);
    images_asked(&frame, &mut outcome.questions);
    outcome.notes = notes(&frame);
    let edited = before.is_some_and(|(_, edited)| edited);
    let (written, own) = match before.filter(|_| edited) {
        Some((record, _)) => match sync::take_over(record, group, &frame, place) {
            Ok(sync::Merged { written, own }) => (written, Some(own)),
            Err(why) => return refused(outcome, why),
        },
        None => (api::write(&frame, trial), None),
    };
    let Written { mut draft, tried, environments, errors } = written;
    outcome.notes.extend(draft.notes.iter().cloned());
    outcome.notes.sort();
    // What people edited has its own comments.
    let carried = if edited { Carried::default() } else { carry(&frame, &mut draft) };
    outcome.comments_kept = carried.kept;
    outcome.comments_lost = carried.lost;
    outcome.environments = environments;
    outcome.environments.extend(empty);
    outcome.questions.sort();
    outcome.questions.dedup();
    let Some(tried) = tried else {
        let why = errors.first().map_or_else(String::new, |error| format!(": {}", error.message));
        return refused(outcome, format!("what is written cannot be built{why}"));
    };
    if outcome.verdict() == Verdict::Unexplained && !request.allow_unexplained {
        return refused(outcome, "it has unexplained differences".to_owned());
    }
    let sources = group.parts.iter().zip(&parts).map(|((_, environment), branch)| Part {
        branch: branch.reference.name.clone(),
        commit: branch.reference.commit.to_string(),
        environment: environment.clone(),
    });
    let own = own.as_ref().unwrap_or(&draft.files);
    let record = Record::new(sources.collect(), own, left).to_text();
    let mut files: BTreeMap<String, Option<String>> = BTreeMap::new();
    for (path, _) in before.iter().flat_map(|(record, _)| record.files.iter()) {
        files.insert(format!("{directory}/{path}"), None);
    }
    files.extend(draft.files.into_iter().map(|(path, text)| (format!("{directory}/{path}"), Some(text))));
    files.extend(tried.rendered.into_iter().map(|(path, text)| (path, Some(text))));
    files.insert(Record::path(&group.name), Some(record));
    outcome.files = files.iter().filter(|(_, text)| text.is_some()).map(|(path, _)| path.clone()).collect();
    Done { outcome, files }
}

/// What became of an API that is not written, and why.
fn refused(mut outcome: ApiOutcome, why: String) -> Done {
    outcome.state = State::Refused(why);
    Done { outcome, files: BTreeMap::new() }
}

/// What is told of an API before anything is known of it.
pub(super) fn begin(group: &Group, parts: &[&Branch]) -> ApiOutcome {
    let sources = parts.iter().map(|branch| &branch.reference);
    ApiOutcome {
        name: group.name.clone(),
        sources: sources.map(|branch| (branch.name.clone(), branch.commit.to_string())).collect(),
        state: State::Written,
        environments: Vec::new(),
        questions: Vec::new(),
        comments_kept: 0,
        comments_lost: Vec::new(),
        notes: Vec::new(),
        gaps: Vec::new(),
        findings: BTreeMap::new(),
        files: Vec::new(),
    }
}

/// Puts together what is the same in every form of an API.
pub(super) fn frame_of<'a>(
    group: &'a Group,
    parts: &[&Branch],
    sides: Vec<Side<'a>>,
    words: &BTreeMap<String, String>,
    request: &'a Request<'_>,
    questions: &mut Vec<Question>,
) -> Frame<'a> {
    let families: Vec<_> = sides.iter().map(|side| &side.family).collect();
    let slots = slots(&families, words);
    let owner = owner(group, parts, request, questions);
    Frame { api: &group.name, owner, sides, slots, decided: request.decisions.api(&group.name) }
}

/// Sorts the objects of an API by environment, in the order of the platform.
pub(super) fn sides<'a>(
    group: &Group,
    branches: &'a [Branch],
    platform: &LoadedPlatform,
    request: &Request<'_>,
) -> Vec<Side<'a>> {
    let names: Vec<&str> = platform.model.environments.iter().map(|(name, _)| name).collect();
    let usual = request.decisions.environment().or_else(|| environments::usual(&platform.model));
    let mut places: BTreeMap<usize, Vec<Item<'a>>> = BTreeMap::new();
    for (index, of_branch) in &group.parts {
        let branch = &branches[*index];
        for (own, objects) in &branch.environments {
            let environment = own.as_deref().or(of_branch.as_deref()).or(usual);
            let Some(at) = names.iter().position(|name| Some(*name) == environment) else { continue };
            let items = objects.iter().map(|found| Item { branch: &branch.reference.name, found });
            places.entry(at).or_default().extend(items);
        }
    }
    let decided = request.decisions.api(&group.name);
    let sides = places.into_iter().filter(|(_, items)| !items.is_empty()).map(|(at, items)| {
        let environment = names[at].to_owned();
        let settings = platform.model.environments.get(names[at]);
        let namespace = settings.map(|settings| settings.namespace_of(&group.name, None)).unwrap_or_default();
        let edge = settings.and_then(|settings| {
            let mut routers = settings.router.iter();
            let router = routers.next().filter(|_| routers.next().is_none())?;
            Some(Edge { router, class: settings.class_of(router).map(str::to_owned) })
        });
        Side { environment, family: family(items, decided, names[at]), namespace, edge }
    });
    sides.collect()
}
