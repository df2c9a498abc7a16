//! What a migration did and what it proved, as values: all that reports tell.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::difference::{Class, Difference};
use crate::legacy::Skipped;

/// What became of all branches.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The branches, by name.
    pub branches: Vec<BranchOutcome>,
    /// The APIs that they became, by name.
    pub apis: Vec<ApiOutcome>,
    /// Environments that the branches have and platform.yaml lacked, in the order in which they were added to it.
    pub added_environments: Vec<String>,
    /// Entries of the decisions file that decided nothing.
    pub unused_decisions: Vec<String>,
}

/// What became of a branch.
#[derive(Clone, Debug)]
pub struct BranchOutcome {
    /// Its short name.
    pub name: String,
    /// The commit that was read, in full.
    pub commit: String,
    /// The APIs that it became a part of; one, unless nothing in it is applied.
    pub apis: Vec<String>,
    /// Why nothing could be read.
    pub failure: Option<String>,
    /// Every file, by path.
    pub files: Vec<FileOutcome>,
}

/// What became of a file.
#[derive(Clone, Debug)]
pub struct FileOutcome {
    /// Its path in the branch.
    pub path: Arc<str>,
    /// Why it was not read document by document, where it was not.
    pub skipped: Option<Skipped>,
    /// Its documents, in order.
    pub documents: Vec<DocumentOutcome>,
}

/// What became of a document.
#[derive(Clone, Debug)]
pub struct DocumentOutcome {
    /// Its first line, from 1.
    pub line: usize,
    /// Kind and name, or what it is called otherwise.
    pub title: String,
    /// What became of it: one entry unless environments differ.
    pub fates: Vec<Fate>,
}

/// What became of a document or an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// Its words stand in `metadata.yaml`.
    Said,
    /// Its content stands in files that a ConfigMap is generated from.
    Generated,
    /// It stands in this file of `resources/` as it was.
    Kept(String),
    /// It is a part of that kustomization, and what that builds is what counts.
    Input(Arc<str>),
    /// It is a kustomization.
    Kustomization,
    /// The same object stands in this file already.
    Repeated(String),
    /// Another definition of the same object in this file counts.
    Superseded(String),
    /// A Secret with values: references to it are kept, and its values are nowhere.
    Withheld,
    /// It is no part of the API: why, as a fragment.
    Left(String),
    /// It is no object of Kubernetes.
    NoObject,
    /// It cannot be read: the code of the finding, and why.
    Unreadable(String, String),
    /// Its API was not written: why, as a fragment.
    Unwritten(String),
}

/// What became of an API.
#[derive(Clone, Debug)]
pub struct ApiOutcome {
    /// Its name.
    pub name: String,
    /// The branches that it comes from, with the commit that was read of each.
    pub sources: Vec<(String, String)>,
    /// How it ended.
    pub state: State,
    /// What was proved, by environment in the order of the platform.
    pub environments: Vec<EnvironmentOutcome>,
    /// What somebody has to decide.
    pub questions: Vec<Question>,
    /// How many comments came along.
    pub comments_kept: usize,
    /// Comments that have no place in what was written.
    pub comments_lost: Vec<LostComment>,
    /// What was noticed in the source.
    pub notes: Vec<SourceNote>,
    /// What is applied with the branches and is not known here, so that the cluster may have more.
    pub gaps: Vec<SourceGap>,
    /// What the platform's rules find in it, by code: how often. These are waived or in the baseline.
    pub findings: BTreeMap<String, usize>,
    /// The files that were written, from the root of the repo.
    pub files: Vec<String>,
}

/// How the migration of an API ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It was written, or would be without `--dry-run`.
    Written,
    /// It was written before from the same commits, and was edited since or is only looked at.
    Unchanged,
    /// Somebody decided to leave it out, with that reason.
    Skipped(String),
    /// It was not written: why, as a fragment.
    Refused(String),
}

/// What was proved of an API in an environment.
#[derive(Clone, Debug)]
pub struct EnvironmentOutcome {
    /// Its name.
    pub name: String,
    /// The objects of the branch, and those that came from nowhere.
    pub objects: Vec<ObjectOutcome>,
}

/// What was proved of an object.
#[derive(Clone, Debug)]
pub struct ObjectOutcome {
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Where it stands: branch, file and line; nothing for an object that no branch has.
    pub origin: Option<(String, Arc<str>, usize)>,
    /// Whether it runs pods.
    pub is_workload: bool,
    /// What became of it.
    pub fate: Fate,
    /// Where what is rendered differs from it.
    pub differences: Vec<Difference>,
}

/// What is known of an object in the end, from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// A cluster sees no difference.
    Identical,
    /// It differs by what the closed list names.
    Intended,
    /// It is left out on purpose, and named.
    Left,
    /// Something differs, and nothing says why.
    Unexplained,
}

/// What somebody has to decide.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Question {
    /// Which kind of question.
    pub kind: QuestionKind,
    /// The question, as a sentence.
    pub text: String,
    /// What the decisions file could say, as YAML.
    pub answer: String,
    /// Whether the API is written all the same.
    pub is_open: bool,
}

/// Kinds of questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum QuestionKind {
    /// Which image runs: it has no tag, one that moves, or is a placeholder.
    Image,
    /// Who owns the API.
    Owner,
    /// What fills in the variables of a template.
    Values,
    /// Which of two definitions of an object counts.
    Definition,
    /// In which environment a branch runs: its name may say one, and does not for sure.
    Environment,
    /// In which namespace an API runs: its objects name several.
    Namespace,
    /// Whether a branch is an API of its own, since another one is in its place.
    Api,
}

/// A comment that has no place in what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostComment {
    /// The branch.
    pub branch: String,
    /// The file in the branch.
    pub file: Arc<str>,
    /// Its line, from 1.
    pub line: usize,
    /// What it says.
    pub text: String,
}

/// Something that is applied with a branch, and is not in it or cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceGap {
    /// The branch.
    pub branch: String,
    /// The file that names or holds it.
    pub file: Arc<str>,
    /// The line there, from 1.
    pub line: usize,
    /// What it is and why, as a fragment.
    pub text: String,
}

/// Something that was noticed in the source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceNote {
    /// Kind and name of the object.
    pub object: String,
    /// Where in it, as a JSON pointer.
    pub path: String,
    /// What it is, as a fragment.
    pub text: String,
}

impl ObjectOutcome {
    /// Says what is known of the object in the end.
    pub fn verdict(&self) -> Verdict {
        let left =
            matches!(self.fate, Fate::Withheld | Fate::Left(_) | Fate::Superseded(_) | Fate::Unwritten(_));
        let worst = self.differences.iter().map(|difference| difference.class.verdict()).max();
        match worst {
            _ if left => Verdict::Left,
            Some(verdict) => verdict,
            None => Verdict::Identical,
        }
    }

    /// Tells whether the pod template differs in any way that a cluster sees.
    pub fn changes_pods(&self) -> bool {
        self.is_workload
            && self.differences.iter().any(|difference| difference.class.is_seen() && difference.is_of_pods())
    }

    /// Tells whether the selector differs.
    pub fn changes_selector(&self) -> bool {
        let is_selector = |path: &str| path == "/spec/selector" || path.starts_with("/spec/selector/");
        self.differences.iter().any(|difference| difference.class.is_seen() && is_selector(&difference.path))
    }
}

impl ApiOutcome {
    /// Tells whether the platform says the namespace of an environment of which no object names one.
    pub fn is_given_a_namespace(&self) -> bool {
        let is_given = |object: &ObjectOutcome| {
            object.differences.iter().any(|difference| {
                difference.class == Class::Namespace && difference.path == "/metadata/namespace"
            })
        };
        let here = |object: &&ObjectOutcome| object.origin.is_some() && object.verdict() != Verdict::Left;
        self.environments.iter().any(|environment| {
            let mut objects = environment.objects.iter().filter(here).peekable();
            objects.peek().is_some() && objects.all(is_given)
        })
    }

    /// Returns how many passwords and keys came along in plain text.
    pub fn literals(&self) -> usize {
        self.findings.get("literal-secret").copied().unwrap_or_default()
    }

    /// Returns the worst of what is known of its objects; identical where it has none. What is not known is left out.
    pub fn verdict(&self) -> Verdict {
        let objects = self.environments.iter().flat_map(|environment| &environment.objects);
        let gaps = if self.gaps.is_empty() { Verdict::Identical } else { Verdict::Left };
        objects.map(ObjectOutcome::verdict).max().unwrap_or(Verdict::Identical).max(gaps)
    }
}
