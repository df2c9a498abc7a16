//! A migration as commits: one for each API, or one for all.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::cli::repo::{Repo, of_git};
use crate::git::{self, Files, FollowState, Head, NewCommit, ObjectId};
use crate::migrate::{ApiOutcome, Migration};
use crate::outcome::Failure;

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
    let mut tip = start;
    let mut own: BTreeSet<&str> = BTreeSet::new();
    for api in &migration.outcome.apis {
        let paths = migration.by_api.get(&api.name).map(Vec::as_slice).unwrap_or_default();
        own.extend(paths.iter().map(String::as_str));
        if !how.one {
            let subject = format!("migrate: {}", api.name);
            tip = commit(&git, tip, paths.iter().map(String::as_str), &subject, &[api], migration, how)?;
        }
    }
    let around = migration.files.keys().map(String::as_str);
    if how.one {
        let apis: Vec<&ApiOutcome> =
            migration.outcome.apis.iter().filter(|api| migration.by_api.contains_key(&api.name)).collect();
        let subject = format!("migrate: {} APIs", apis.len());
        tip = commit(&git, tip, around, &subject, &apis, migration, how)?;
    } else {
        let around = around.filter(|path| !own.contains(path));
        tip = commit(&git, tip, around, "migrate: what stands around the APIs", &[], migration, how)?;
    }
    if tip == start {
        return Ok(());
    }
    let moved =
        git.move_reference(&name, &tip, Some(&start), "onramp: migrate").map_err(|error| of_git(&error))?;
    if !moved {
        return Err(Failure::refused("somebody else moved the branch meanwhile").hint("run it again"));
    }
    let paths: Vec<String> = migration.files.keys().cloned().collect();
    let followed = git.follow(&name, &start, &tip, &paths).map_err(|error| of_git(&error))?;
    for work_tree in followed {
        if let FollowState::Failed(error) = work_tree.state {
            return Err(of_git(&error));
        }
    }
    Ok(())
}

/// Makes a commit of some files, and returns it; the tip where they are there already.
fn commit<'a>(
    git: &git::Repo,
    tip: ObjectId,
    paths: impl Iterator<Item = &'a str>,
    subject: &str,
    apis: &[&ApiOutcome],
    migration: &Migration,
    how: &How,
) -> Result<ObjectId, Failure> {
    let file = |path: &str| {
        let text = migration.files.get(path)?;
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
