//! Writes a synthetic config repo and renders it: what `examples/fleet.rs` offers as a command, and
//! what `benches/fleet.rs` measures on.
//!
//! Same seed, same bytes. An API depends on the seed and its number alone, so that the first thousand
//! of ten thousand are the thousand.

mod api;
mod config;
mod env;
mod random;
mod words;
mod yaml;

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::io;
use std::path::Path;

use onramp::apply;
use onramp::fleet::{self, ONBOARDING, Work};
use onramp::snapshot::Snapshot;
use random::Random;
use words::{DOMAINS, NOUNS, QUALIFIERS};

/// The seed where none is given.
pub(crate) const SEED: u64 = 1;

/// The platform's side: what `onramp init` writes, with sizes for three kinds of APIs.
const PLATFORM: &str = include_str!("platform.yaml");

/// The stream of names; those of the APIs are their numbers.
const NAMES: u64 = u64::MAX;

/// What was written.
#[derive(Debug, Default)]
pub(crate) struct Fleet {
    /// Number of APIs.
    pub(crate) apis: usize,
    /// Number of overlays: one for each environment that an API is in.
    pub(crate) overlays: usize,
    /// Number of files that people would have written.
    pub(crate) written: usize,
    /// Number of files that onramp made of them.
    pub(crate) rendered: usize,
    /// Bytes of all files.
    pub(crate) bytes: usize,
}

/// Writes a config repo of so many APIs into an empty or new directory, renders it, and checks that
/// there is nothing to find or to change then.
///
/// # Errors
/// Fails where the directory is not empty, a file cannot be written, or `onramp` finds something.
pub(crate) fn generate(directory: &Path, apis: usize, seed: u64) -> Result<Fleet, Box<dyn Error>> {
    refuse_content(directory)?;
    let mut fleet = Fleet { apis, ..Fleet::default() };
    write(directory, "platform.yaml", PLATFORM, &mut fleet)?;
    let mut names = Random::new(seed, NAMES);
    let mut taken = BTreeSet::new();
    for number in 0..apis {
        let (name, domain) = name(&mut names, &mut taken);
        let api = api::write(&mut Random::new(seed, number as u64), &name, domain);
        for (path, text) in &api.files {
            write(directory, &format!("{ONBOARDING}/{name}/{path}"), text, &mut fleet)?;
        }
    }
    let changes = look(directory)?;
    fleet.rendered = changes.changes.len();
    for change in &changes.changes {
        fleet.bytes += change.new.as_ref().map_or(0, String::len);
        // `onboarding/<api>/overlays/<env>/kustomization.yaml`
        let is_overlay = change.path.ends_with("/kustomization.yaml")
            && change.path.contains("/overlays/")
            && change.path.matches('/').count() == 4;
        fleet.overlays += usize::from(is_overlay);
    }
    apply::apply(directory, &changes).map_err(|error| format!("{error}: {}", error.source))?;
    let left = look(directory)?;
    if let Some(change) = left.changes.first() {
        return Err(format!("`{}` would change again after it was rendered", change.path).into());
    }
    Ok(fleet)
}

/// Runs the pipeline over the repo, which is expected to have no findings.
fn look(directory: &Path) -> Result<onramp::change::ChangeSet, Box<dyn Error>> {
    let snapshot = Snapshot::work_tree(directory).map_err(|error| error.diagnostic().message)?;
    let outcome = fleet::run(&snapshot, None, Work::Render, "2026-01-01")
        .map_err(|error| error.diagnostic().message)?;
    match outcome.findings.first() {
        None => Ok(outcome.changes),
        Some(first) => Err(format!(
            "onramp has {} findings on the fleet; the first is in `{}`: {} ({})",
            outcome.findings.len(),
            first.primary.path,
            first.message,
            first.code.name,
        )
        .into()),
    }
}

/// Makes up a name that no other API has, and says which domain it is of.
fn name(random: &mut Random, taken: &mut BTreeSet<String>) -> (String, &'static str) {
    let mut tries = 0;
    loop {
        let domain = random.pick(DOMAINS);
        let mut name = match random.between(1, 100) {
            1..=3 => (*domain).to_owned(),
            4..=65 => format!("{domain}-{}", random.pick(NOUNS)),
            _ => format!("{domain}-{}-{}", random.pick(NOUNS), random.pick(QUALIFIERS)),
        };
        // Names run out in a very large fleet; people begin to count then.
        tries += 1;
        if tries > 20 {
            name = format!("{name}-{}", random.between(2, 9_999));
        }
        if taken.insert(name.clone()) {
            return (name, domain);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the generator is an end that writes")]
fn write(directory: &Path, path: &str, text: &str, fleet: &mut Fleet) -> Result<(), Box<dyn Error>> {
    let file = directory.join(path);
    let parent = file.parent().unwrap_or(directory);
    fs::create_dir_all(parent)
        .and_then(|()| fs::write(&file, text))
        .map_err(|error| format!("failed to write `{}`: {error}", file.display()))?;
    fleet.written += 1;
    fleet.bytes += text.len();
    Ok(())
}

/// What is there already would be overwritten, or be part of what is measured.
#[expect(clippy::disallowed_methods, reason = "the directory is looked at before there is a repo")]
fn refuse_content(directory: &Path) -> Result<(), Box<dyn Error>> {
    match fs::read_dir(directory) {
        Ok(mut entries) => match entries.next() {
            Some(_) => Err(format!("`{}` is not empty", directory.display()).into()),
            None => Ok(()),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(format!("failed to list `{}`: {error}", directory.display()).into()),
    }
}
