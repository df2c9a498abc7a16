//! A migration as commits: one for each API, or one for all.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::cli::repo::{Repo, of_git};
use crate::fleet::{self, Work};
use crate::git::{self, Files, FollowState, Head, NewCommit, ObjectId};
use crate::migrate::{self, ApiOutcome, DIRECTORY, Migration};
use crate::outcome::Failure;
use crate::platform;
use crate::snapshot::{ONBOARDING, Snapshot};

/// How commits are made.
pub(super) struct How {
    /// One for all.
    pub(super) one: bool,
    /// Whether the branches are parents.
    pub(super) with_history: bool,
}

/// Commits a migration to the branch that is checked out. Index and files follow where nobody changed them.
///
/// # Errors
/// If no branch is checked out, if it moved meanwhile, or git cannot make a commit.
pub(super) fn land(repo: &Repo, source: &git::Repo, migration: &Migration, how: &How) -> Result<(), Failure> {
    let git = git::Repo::discover(&repo.root).map_err(|error| of_git(&error))?;
    if how.with_history && git.git_dir() != source.git_dir() {
        return Err(Failure::usage(
            "the branches are in another repository, and cannot be parents of commits in this one",
        )
        .hint("fetch them into this one, or leave `--with-history` out"));
    }
    let Head::Branch { name, .. } = git.head().map_err(|error| of_git(&error))? else {
        return Err(Failure::usage("no branch is checked out").hint("check out the one that the APIs go to"));
    };
    let Some(start) = git.reference(&name).map_err(|error| of_git(&error))? else {
        return Err(Failure::usage("the branch has no commit yet").hint("commit `platform.yaml` first"));
    };
    let files = complete(&git, &start, &repo.snapshot, migration, &repo.today)?;
    let mut tip = start;
    let mut own: BTreeSet<&str> = BTreeSet::new();
    for api in &migration.outcome.apis {
        let paths = migration.by_api.get(&api.name).map(Vec::as_slice).unwrap_or_default();
        let waivers = waivers(&api.name);
        let known = files.get_key_value(&waivers).filter(|_| migration.by_api.contains_key(&api.name));
        let paths: BTreeSet<&str> =
            paths.iter().map(String::as_str).chain(known.map(|(path, _)| path.as_str())).collect();
        own.extend(&paths);
        if !how.one {
            let subject = format!("migrate: {}", api.name);
            tip = commit(&git, tip, paths.into_iter(), &subject, &[api], &files, how)?;
        }
    }
    let around = files.keys().map(String::as_str);
    if how.one {
        let apis: Vec<&ApiOutcome> =
            migration.outcome.apis.iter().filter(|api| migration.by_api.contains_key(&api.name)).collect();
        let subject = format!("migrate: {} APIs", apis.len());
        tip = commit(&git, tip, around, &subject, &apis, &files, how)?;
    } else {
        let around = around.filter(|path| !own.contains(path));
        tip = commit(&git, tip, around, "migrate: what stands around the APIs", &[], &files, how)?;
    }
    if tip == start {
        return Ok(());
    }
    let moved =
        git.move_reference(&name, &tip, Some(&start), "onramp: migrate").map_err(|error| of_git(&error))?;
    if !moved {
        return Err(Failure::refused("somebody else moved the branch meanwhile").hint("run it again"));
    }
    let paths: Vec<String> = files.keys().cloned().collect();
    let followed = git.follow(&name, &start, &tip, &paths).map_err(|error| of_git(&error))?;
    for work_tree in followed {
        if let FollowState::Failed(error) = work_tree.state {
            return Err(of_git(&error));
        }
    }
    Ok(())
}

/// Files by path from the root of the config repo; nothing for one that goes.
type Written = BTreeMap<String, Option<String>>;

fn waivers(api: &str) -> String {
    format!("waivers/{DIRECTORY}/{api}.yaml")
}

/// Adds what an earlier migration wrote and nobody committed: the work tree has it, so this one did not write it again. What
/// people have in the work tree is not looked at, but for waivers of an API that no commit has.
fn complete(
    git: &git::Repo,
    start: &ObjectId,
    work_tree: &Snapshot,
    migration: &Migration,
    today: &str,
) -> Result<Written, Failure> {
    let mut files = migration.files.clone();
    let tree = git.tree(&start.to_string()).map_err(|error| of_git(&error))?;
    let mut committed = Snapshot::tree(tree);
    let read = |from: &Snapshot, path: &str| -> Result<Option<String>, Failure> {
        let bytes = from.read(path, u64::MAX).map_err(|error| Failure::system(&error))?;
        Ok(bytes.and_then(|bytes| String::from_utf8(bytes).ok()))
    };
    for api in migration.by_api.keys() {
        let path = waivers(api);
        if !files.contains_key(&path)
            && read(&committed, &path)?.is_none()
            && let Some(text) = read(work_tree, &path)?
        {
            files.insert(path, Some(text));
        }
    }
    let wanted: Vec<String> = migration.environments().into_iter().map(str::to_owned).collect();
    if !files.contains_key(platform::PATH)
        && let Some(text) = read(&committed, platform::PATH)?
        && let Some(text) = migrate::with_environments(&text, &wanted)
    {
        files.insert(platform::PATH.to_owned(), Some(text));
    }
    for (path, text) in &files {
        if let Some(text) = text {
            committed.lay(path, text.as_bytes()).map_err(|error| Failure::system(&error))?;
        }
    }
    let found = fleet::run(&committed, None, Work::Render, today).map_err(|error| Failure::system(&error))?;
    let around = found.changes.changes.into_iter().filter(|change| {
        !change.path.starts_with(&format!("{ONBOARDING}/")) && !files.contains_key(&change.path)
    });
    let around: Vec<_> = around.map(|change| (change.path, change.new)).collect();
    files.extend(around);
    Ok(files)
}

/// Makes a commit of some files, and returns it; the tip where they are there already.
fn commit<'a>(
    git: &git::Repo,
    tip: ObjectId,
    paths: impl Iterator<Item = &'a str>,
    subject: &str,
    apis: &[&ApiOutcome],
    written: &Written,
    how: &How,
) -> Result<ObjectId, Failure> {
    let file = |path: &str| {
        let text = written.get(path)?;
        Some((path.to_owned(), text.as_ref().map(|text| text.as_bytes().to_vec())))
    };
    let files: Files = paths.filter_map(file).collect();
    if files.is_empty() {
        return Ok(tip);
    }
    let tree = git.write_tree(&tip, &files).map_err(|error| of_git(&error))?;
    if git.find_commit(&tip.to_string()).is_ok_and(|commit| commit.tree == tree) {
        return Ok(tip);
    }
    let sources: BTreeSet<&(String, String)> = apis.iter().flat_map(|api| &api.sources).collect();
    let mut message = format!("{subject}\n");
    for (index, (branch, commit)) in sources.iter().enumerate() {
        message += if index == 0 { "\n" } else { "" };
        let _ = writeln!(message, "Onramp-Source: {branch} {commit}");
    }
    let mut parents = vec![tip];
    if how.with_history {
        parents.extend(sources.iter().filter_map(|(_, commit)| ObjectId::from_hex(commit)));
    }
    let new = NewCommit { tree, parents: &parents, message: &message, author: None, sign_off: false };
    git.commit(&new).map_err(|error| of_git(&error))
}
