//! What the branches of legacy services hold: files by hand, read from git without a checkout.
//!
//! A branch is read whole: what is applied in which environment, and what became of each file and document. Nothing here
//! fails as a whole; what cannot be read is said of the file that it stands in, and the rest is read.

mod comments;
mod environments;
mod file;
mod gather;
mod glob;
mod kustomizations;
mod template;
mod tree;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value as Json;

use crate::git::{GitError, ObjectId, Repo};

/// A branch, by its names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// What people call it: `legacy/shop`, or `origin/legacy/shop`.
    pub name: String,
    /// Its tip.
    pub commit: ObjectId,
}

/// How branches are read.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Environments by the words that mean them, in lower case: `production` and `prod` are `prod`.
    pub words: BTreeMap<String, String>,
    /// Words that mean none, in lower case, whatever it looks like.
    pub no_words: BTreeSet<String>,
    /// Texts that take the place of variables, by the name that the files use.
    pub values: BTreeMap<String, String>,
}

/// What a branch holds.
#[derive(Clone, Debug)]
pub struct Branch {
    /// The branch.
    pub reference: Reference,
    /// Who made its last commit: name and mail address.
    pub author: Option<(String, String)>,
    /// What is applied where. The objects of no particular environment are under `None`: there are no others then.
    pub environments: BTreeMap<Option<String>, Vec<Found>>,
    /// All files, sorted by path.
    pub files: Vec<File>,
    /// Where objects stand that are applied nowhere, by file and line, and the file of the definition that counts instead.
    pub overridden: BTreeMap<(Arc<str>, usize), Arc<str>>,
    /// What is applied with the branch and is not in it, or cannot be read: the cluster may have more than is known here.
    pub gaps: Vec<Gap>,
    /// Why nothing could be read, where nothing could.
    pub failure: Option<String>,
}

/// Something that is applied with a branch and is not known here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// Path of the file that names or holds it.
    pub file: Arc<str>,
    /// The line there, from 1.
    pub line: usize,
    /// What it is and why, as a fragment.
    pub why: String,
}

/// An object as it is applied.
#[derive(Clone, Debug)]
pub struct Found {
    /// What it says, as Kubernetes' tools read it.
    pub json: Json,
    /// Where it stands; of an object that a kustomization builds, the place of the kustomization.
    pub origin: Origin,
    /// The file of the kustomization that built it, where one did.
    pub built_by: Option<Arc<str>>,
    /// Its text, where the object is a whole document that can be kept as it is.
    pub text: Option<Arc<str>>,
    /// The comments of its document, in order.
    pub comments: Arc<[Comment]>,
}

/// Where an object stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// Path of the file in the branch.
    pub file: Arc<str>,
    /// Which document of the file, from 0.
    pub document: usize,
    /// The document's first line, from 1.
    pub line: usize,
}

/// A comment, and what it speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Its line in the file, from 1.
    pub line: usize,
    /// The text without `#`.
    pub text: String,
    /// The place in the object that it stands before or behind, as a JSON pointer (RFC 6901); empty for the document.
    pub path: String,
    /// Whether it stands behind a value on the same line.
    pub trailing: bool,
}

/// A file and what became of it.
#[derive(Clone, Debug)]
pub struct File {
    /// Path in the branch.
    pub path: Arc<str>,
    /// What became of it as a whole, where it was not read document by document.
    pub skipped: Option<Skipped>,
    /// Its documents.
    pub documents: Vec<Document>,
    /// What looks like a variable and stands where a program may well mean it so; it is left as it is.
    pub left: Vec<Variable>,
}

/// Why a file is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Skipped {
    /// Its name is not one of YAML or JSON.
    NotYaml,
    /// It holds NUL bytes: encrypted, or binary.
    Encrypted,
    /// It is larger than what is read; its size in bytes.
    TooLarge(u64),
    /// A symbolic link.
    Link,
    /// Another repository.
    Submodule,
    /// Its name is not UTF-8, or one that no file may have.
    BadName,
    /// The branch has more files than are read.
    TooMany,
    /// Neither that: the reason as a fragment.
    Unreadable(String),
    /// It is a template whose variables nobody filled in.
    Template(Vec<Variable>),
    /// A file of that kustomization, which is what is applied.
    Input(Arc<str>),
}

/// A variable of a template.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Variable {
    /// The key under which a file of values fills it in.
    pub name: String,
    /// As it is written.
    pub written: String,
    /// Its first line in the file, from 1.
    pub line: usize,
    /// What the template says instead where there is no value; it is not taken without being asked for.
    pub default: Option<String>,
}

/// A document and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its first line in the file, from 1; of one that cannot be read the line of the mistake.
    pub line: usize,
    /// Kind and name, or what it is called otherwise.
    pub title: String,
    /// What it is.
    pub state: DocumentState,
}

/// What a document is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentState {
    /// Objects that are applied, in the environments of the branch.
    Objects,
    /// No object of Kubernetes: it lacks `apiVersion`, `kind` or a name.
    NoObject,
    /// An object that cannot be taken over as it is, with the reason.
    LeftOut(String),
    /// It cannot be read: the code of the finding and its message.
    Unreadable(String, String),
    /// The kustomization that is applied, or one of its own that is not applied by itself.
    Kustomization,
    /// A kustomization that cannot be evaluated, with the reason.
    Unbuildable(String),
    /// Part of that kustomization.
    Input(Arc<str>),
}

/// Finds branches by patterns of their short names, such as `legacy/*`, where `*` stands for any text, slashes too, `?` for
/// one letter and `[abc]` for one of several. A name without any of them is that branch, or the directory of all below it.
///
/// Branches of remotes are found by `origin/legacy/*`, and by `legacy/*` where there is no local branch of that name. The
/// order is that of the names. Nothing found is no error.
///
/// # Errors
/// If the references cannot be read.
pub fn branches(repo: &Repo, patterns: &[String]) -> Result<Vec<Reference>, GitError> {
    Ok(glob::select(repo.branches()?, patterns))
}

/// Tells whether a branch would be among those that fit, by its short name, whether it is there or not.
pub fn fits(branch: &str, patterns: &[String]) -> bool {
    let below = branch.split_once('/').map(|(_, below)| below);
    let is_it = |pattern: &String| {
        let full = format!("refs/heads/{branch}");
        glob::matches(pattern, branch, &full)
            || below
                .is_some_and(|below| branch.starts_with("origin/") && glob::matches(pattern, below, &full))
    };
    patterns.iter().any(is_it)
}

/// Reads a branch. This never fails: what cannot be read is said of its file, or as [`Branch::failure`] of all.
pub fn read(repo: &Repo, reference: &Reference, settings: &Settings) -> Branch {
    let mut branch = Branch {
        reference: reference.clone(),
        author: None,
        environments: BTreeMap::new(),
        files: Vec::new(),
        overridden: BTreeMap::new(),
        gaps: Vec::new(),
        failure: None,
    };
    let listed = repo.find_commit(&reference.commit.to_string()).and_then(|commit| {
        branch.author = Some((commit.author.name.clone(), commit.author.email.clone()));
        let tree = repo.whole_tree_of(&commit)?;
        let listed = tree::list(&tree)?;
        Ok((tree, listed))
    });
    match listed {
        Ok((tree, listed)) => gather::run(&tree, listed, settings, &mut branch),
        Err(error) => branch.failure = Some(error.to_string()),
    }
    branch
}
