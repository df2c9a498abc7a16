//! The proof of a migration, made again later: what is committed against what the branches hold now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::api::{Proof, left_out, prove};
use super::ask::gaps;
use super::family::title;
use super::outcome::{EnvironmentOutcome, Fate, Outcome, State, Verdict};
use super::record::Record;
use super::run::{Progress, Request, begin, frame_of, read_branch, read_platform, sides};
use super::{environments, told};
use crate::diagnostic::{Location, Severity, Sink};
use crate::effective;
use crate::fleet::{self, Work};
use crate::git::Repo;
use crate::legacy::{self, Branch, Reference};
use crate::outcome::Failure;
use crate::render::codes::UNUSABLE_TEMPLATE;
use crate::snapshot::{ONBOARDING, Snapshot};
use crate::yaml::{self, Source, SourceId};

/// Proves all migrated APIs again, from the files that are committed and from their branches as they are now. Nothing is
/// written. An API whose branch moved, whose files are not what they render to, or that differs otherwise, is
/// [`State::Refused`].
///
/// # Errors
/// Where the config repo cannot be read, or nothing in it was migrated.
pub fn verify(
    config: &Snapshot,
    repo: &Repo,
    request: &Request<'_>,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Outcome, Failure> {
    let platform = read_platform(config)?;
    let words = environments::words(&platform.model, request.decisions);
    let mut apis = Record::apis(config).map_err(|error| Failure::system(&error))?;
    apis.retain(|api| request.only.is_empty() || request.only.contains(api));
    if apis.is_empty() {
        return Err(Failure::usage("nothing here was migrated")
            .hint("`onramp migrate run --branches PATTERN` does it"));
    }
    let rendered = rendered(config, &apis, request.today)?;
    let mut records = BTreeMap::new();
    for api in &apis {
        records.insert(api.clone(), Record::read(config, api).map_err(Failure::usage)?.unwrap_or_default());
    }
    let tips = tips(repo, &records)?;
    let one = |api: &String| -> Result<_, Failure> {
        let record = &records[api];
        let mut branches: Vec<Branch> = Vec::new();
        let mut wrong: Vec<String> = Vec::new();
        for part in &record.sources {
            let tip = tips.get(&part.branch).cloned();
            let reference = if let Some(tip) = tip {
                if tip.commit.to_string() != part.commit {
                    let (old, new) = (short(&part.commit), tip.commit.short());
                    wrong.push(format!("`{}` moved from {old} to {new} since", part.branch));
                }
                tip
            } else {
                // What is committed is held against what was migrated.
                wrong.push(format!("`{}` is gone since", part.branch));
                part.reference()
                    .ok_or_else(|| Failure::usage(format!("`{}` names no commit", Record::path(api))))?
            };
            branches.push(read_branch(repo, &reference, &words, request));
        }
        let group = record.group(api);
        let refs: Vec<&Branch> = branches.iter().collect();
        let mut outcome = begin(&group, &refs);
        outcome.state = State::Unchanged;
        outcome.gaps = gaps(&refs);
        let mut sides = sides(&group, &branches, &platform, request);
        let left = record.left.iter().map(|(title, why)| (title.to_owned(), why.clone())).collect();
        for side in &mut sides {
            side.family.leave(&left);
        }
        let (empty, sides): (Vec<_>, Vec<_>) = sides.into_iter().partition(|side| side.family.is_empty());
        let frame = frame_of(&group, &refs, sides, &words, request, &mut Vec::new());
        let directory = format!("{ONBOARDING}/{api}");
        let mut sink = Sink::default();
        let overlays =
            effective::overlays(config, &directory, &mut sink).map_err(|error| Failure::system(&error))?;
        let mut objects: Vec<Vec<_>> = Vec::new();
        for side in &frame.sides {
            let overlay = overlays.iter().find(|overlay| *overlay.environment == *side.environment);
            let built = overlay.and_then(|overlay| overlay.objects.clone());
            if built.is_none() {
                wrong.push(format!("its overlay for `{}` cannot be built", side.environment));
            }
            objects.push(built.unwrap_or_default());
        }
        let known: BTreeSet<&str> = frame.sides.iter().map(|side| side.environment.as_str()).collect();
        for overlay in overlays.iter().filter(|overlay| !known.contains(&*overlay.environment)) {
            wrong.push(format!("it has an overlay for `{}`, and no branch of it has", overlay.environment));
        }
        let fates = fates(config, record, &directory);
        let fate = |(_, title): &super::assemble::Key| {
            let usual = if title.starts_with("ConfigMap ") { Fate::Generated } else { Fate::Said };
            fates.get(title).cloned().unwrap_or(usual)
        };
        outcome.environments = prove(&frame, &Proof { objects: &objects, fate: &fate });
        let empty = empty.iter().map(|side| EnvironmentOutcome {
            name: side.environment.clone(),
            objects: left_out(&side.family),
        });
        outcome.environments.extend(empty);
        wrong.extend(rendered.errors.get(api).into_iter().flatten().cloned());
        if let Some(files) = rendered.stale.get(api) {
            wrong.push(format!("{files} of its generated files are not what it renders to"));
        }
        if outcome.verdict() == Verdict::Unexplained {
            wrong.push("it has unexplained differences".to_owned());
        }
        if !wrong.is_empty() {
            outcome.state = State::Refused(wrong.join("; "));
        }
        progress(Progress::Done(api));
        drop(frame);
        Ok((outcome, branches))
    };
    progress(Progress::Begin(apis.len()));
    let done: Vec<_> = apis.par_iter().map(one).collect::<Result<_, Failure>>()?;
    let mut all = Vec::new();
    let mut outcomes = Vec::new();
    for (outcome, branches) in done {
        outcomes.push(outcome);
        all.extend(branches);
    }
    Ok(Outcome {
        branches: told::branches(&all, &outcomes),
        apis: outcomes,
        added_environments: Vec::new(),
        unused_decisions: Vec::new(),
    })
}

/// Returns the branches of all records as they are now, by name.
fn tips(repo: &Repo, records: &BTreeMap<String, Record>) -> Result<BTreeMap<String, Reference>, Failure> {
    let parts = records.values().flat_map(|record| &record.sources);
    let names: BTreeSet<String> = parts.map(|part| part.branch.clone()).collect();
    let names: Vec<String> = names.into_iter().collect();
    let found = legacy::branches(repo, &names).map_err(|error| Failure::system(&error))?;
    Ok(found.into_iter().map(|found| (found.name.clone(), found)).collect())
}

/// Finds the objects that stand as they were in files of an API, by kind and name.
fn fates(config: &Snapshot, record: &Record, directory: &str) -> BTreeMap<String, Fate> {
    let mut fates = BTreeMap::new();
    for (path, _) in record.files.iter().filter(|(path, _)| path.starts_with("resources/")) {
        let Ok(Some(bytes)) = config.read(&format!("{directory}/{path}"), yaml::MAX_BYTES as u64) else {
            // That it is not there is told of the overlay, which cannot be built.
            continue;
        };
        let shown: Arc<str> = path.into();
        let Some(text) = yaml::decode(&shown, bytes, &mut Sink::default()) else { continue };
        let source = Source { id: SourceId(0), path: shown, text };
        let objects = yaml::documents(&source).into_iter().filter_map(|document| document.to_json());
        fates.extend(objects.map(|object| (title(&object), Fate::Kept(path.to_owned()))));
    }
    fates
}

/// What rendering says of APIs.
struct Rendered {
    /// How many generated files of each are not what it renders to.
    stale: BTreeMap<String, usize>,
    /// Why one cannot be rendered.
    errors: BTreeMap<String, Vec<String>>,
}

/// Renders the APIs, and compares with what is there.
///
/// # Errors
/// If none of them can be rendered, such as for a template that is wrong.
fn rendered(config: &Snapshot, apis: &[String], today: &str) -> Result<Rendered, Failure> {
    let found =
        fleet::run(config, Some(apis), Work::Render, today).map_err(|error| Failure::system(&error))?;
    let mut rendered = Rendered { stale: BTreeMap::new(), errors: BTreeMap::new() };
    for finding in found.findings.iter().filter(|finding| finding.severity == Severity::Error) {
        let why = format!("{} ({}, {})", finding.message, finding.code.name, place(config, &finding.primary));
        if UNUSABLE_TEMPLATE.contains(&finding.code) {
            return Err(Failure::usage(format!("a template of this repo cannot be used: {why}")));
        }
        match &finding.api {
            Some(api) => rendered.errors.entry(api.to_string()).or_default().push(why),
            None if found.skipped > 0 => return Err(Failure::refused(why)),
            None => {}
        }
    }
    for change in &found.changes.changes {
        let below = change.path.strip_prefix(ONBOARDING).and_then(|path| path.strip_prefix('/'));
        if let Some((api, _)) = below.and_then(|path| path.split_once('/')) {
            *rendered.stale.entry(api.to_owned()).or_default() += 1;
        }
    }
    Ok(rendered)
}

/// Says where a finding is: file and line.
fn place(config: &Snapshot, location: &Location) -> String {
    let bytes = config.read(&location.path, yaml::MAX_BYTES as u64).ok().flatten();
    let before = location.span.as_ref().and_then(|span| bytes.as_ref()?.get(..span.start));
    match before {
        Some(before) => format!("{}:{}", location.path, before.split(|byte| *byte == b'\n').count()),
        None => location.path.to_string(),
    }
}

/// The first digits of a commit.
fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}
