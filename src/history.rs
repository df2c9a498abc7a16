//! What was committed, and when: changes of images and whatever else changed, told from what the overlays of two commits build to.
//!
//! The walk goes along first parents, since these say what a branch held at any time; a merge is what it changes of its first
//! parent. What a commit says of itself only annotates: whoever edits an overlay by hand is in the history all the same, and
//! who says more than is done is contradicted.

mod beside;
mod images;
mod json;
mod marks;
mod range;
mod text;

pub use beside::beside;
pub use images::{Container, Image, images};
pub use json::{json, json_at};
pub use marks::Mark;
pub use range::{Checked, Range, range};
pub use text::{text, text_at};

use std::collections::BTreeSet;

use crate::effective::{self, EnvironmentChange, Risk, Side, Unit, UnitChange};
use crate::git::{Commit, GitError, ObjectId, Person, Repo, Tree};
use crate::moment::Moment;
use crate::release::Recorded;
use crate::snapshot::{ONBOARDING, Snapshot, SnapshotError};
use marks::{Said, mark};

/// How many commits of a merged branch are asked for what they say.
const MOST_MERGED: usize = 1_000;

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Query {
    /// The APIs; nothing for all of them.
    pub apis: Option<Vec<String>>,
    /// The environment; nothing for all of them.
    pub environment: Option<String>,
    /// How many changes of images, the newest ones.
    pub limit: usize,
    /// Whether other changes are told too.
    pub all: bool,
}

/// What was found.
#[derive(Debug, Default)]
pub struct History {
    /// The changes, the newest first.
    pub entries: Vec<Entry>,
    /// What cannot be told: one side cannot be built.
    pub unknown: Vec<Unknown>,
    /// How many commits were looked at.
    pub commits: usize,
    /// Whether a shallow clone ended the walk.
    pub shallow: bool,
    /// Whether there may be more, since as many as were asked for were found.
    pub more: bool,
}

/// One change of one environment.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The commit that brought it.
    pub commit: ObjectId,
    /// When that was made, by the clock of whoever made it.
    pub time: Moment,
    /// Who wrote it.
    pub author: Person,
    /// Its first line.
    pub subject: String,
    /// The API.
    pub api: String,
    /// The environment.
    pub environment: String,
    /// What changed.
    pub what: What,
}

/// What changed.
#[derive(Clone, Debug)]
pub enum What {
    /// The image of a container.
    Image(Box<ImageStep>),
    /// Something else of an object.
    Other {
        /// What it does in the cluster.
        risk: Risk,
        /// The object, as `ConfigMap payments`.
        object: String,
        /// The places in it; empty where it comes or goes as a whole.
        places: Vec<String>,
    },
}

/// A container that runs something else.
#[derive(Clone, Debug)]
pub struct ImageStep {
    /// Which container.
    pub container: Container,
    /// Where it lives.
    pub namespace: Option<String>,
    /// What it ran; nothing where it is new.
    pub old: Option<String>,
    /// What it runs; nothing where it is gone. Of what did not happen it is what was said.
    pub new: Option<String>,
    /// What the commit says of it.
    pub mark: Mark,
    /// The image that was said, where that is another one.
    pub said: Option<String>,
    /// What the commit says beside it, where it is recorded.
    pub record: Option<Recorded>,
    /// The commit of the merged branch that says it.
    pub recorded_in: Option<ObjectId>,
}

/// An environment of which nobody knows what a commit changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The commit.
    pub commit: ObjectId,
    /// The API.
    pub api: String,
    /// The environment.
    pub environment: String,
}

/// What ran at some time.
#[derive(Debug)]
pub struct At {
    /// The commit that the branch stood on; nothing where the history begins later.
    pub commit: Option<(ObjectId, Moment)>,
    /// What the containers ran.
    pub images: Vec<Image>,
    /// What cannot be told: the overlay could not be built.
    pub unknown: Vec<(String, String)>,
    /// Whether a shallow clone ended the walk, so that the commit is not there.
    pub shallow: bool,
}

/// Walks back from a commit and tells what changed.
///
/// # Errors
/// If the repository cannot be read. What cannot be built of single commits is in [`History::unknown`].
pub fn of(repo: &Repo, from: &Commit, query: &Query) -> Result<History, GitError> {
    let paths: Vec<String> = match &query.apis {
        Some(apis) => apis.iter().map(|api| format!("{ONBOARDING}/{api}")).collect(),
        None => vec![ONBOARDING.to_owned()],
    };
    let mut history = History::default();
    let mut found = 0;
    for logged in repo.log(&from.id, &paths)? {
        let logged = logged?;
        history.commits += 1;
        history.shallow |= logged.edge;
        let said = Said::of(&logged.commit, None);
        // What a commit says of an API and does not do is told as well, without looking at anything.
        if logged.edge || !(logged.changed || said.speaks_of(query)) {
            continue;
        }
        let entries = commit(repo, &logged.commit, said, query, &mut history.unknown)?;
        let is_image = |entry: &&Entry| matches!(entry.what, What::Image(_));
        found += entries.iter().filter(is_image).count();
        history.entries.extend(entries);
        let told = if query.all { history.entries.len() } else { found };
        if told >= query.limit {
            history.more = told > query.limit || !logged.commit.parents.is_empty();
            history.entries.truncate(query.limit);
            break;
        }
    }
    Ok(history)
}

/// Tells what one commit changed of its first parent.
fn commit(
    repo: &Repo,
    commit: &Commit,
    mut said: Said,
    query: &Query,
    unknown: &mut Vec<Unknown>,
) -> Result<Vec<Entry>, GitError> {
    let parent = commit.parents.first().map(|parent| repo.find_commit(&parent.to_string())).transpose()?;
    let after = files(repo, commit)?;
    let before = match &parent {
        Some(parent) => files(repo, parent)?,
        None => repo.no_tree()?,
    };
    let apis = differing(&before, &after, query)?;
    if let ([first, others @ ..], false) = (commit.parents.as_slice(), apis.is_empty()) {
        for other in others {
            // The oldest first, so that the last word counts.
            for merged in repo.between(&[*first], other, MOST_MERGED)?.iter().rev() {
                said.add(Said::of(merged, Some(merged.id)));
            }
        }
    }
    let (before, after) = (Snapshot::tree(before), Snapshot::tree(after));
    let told =
        effective::compare(&before, &after, Some(&apis), |change| of_unit(change, commit, &said, query));
    let told = told.map_err(of_snapshot)?;
    let mut entries = Vec::new();
    let mut done = BTreeSet::new();
    for (_, one) in told.units {
        done.extend(one.done);
        entries.extend(one.entries);
        unknown.extend(one.unknown);
    }
    entries.extend(said.undone(&done, unknown, commit, query));
    entries.sort_by(|one, other| (&one.api, &one.environment).cmp(&(&other.api, &other.environment)));
    Ok(entries)
}

/// Returns the files of a commit; none where something else stands in the place of the config repo.
fn files(repo: &Repo, commit: &Commit) -> Result<Tree, GitError> {
    match repo.tree_of(commit) {
        Err(GitError::NotADirectory { .. } | GitError::Symlink { .. }) => repo.no_tree(),
        read => read,
    }
}

/// Lists the APIs whose directories differ.
fn differing(before: &Tree, after: &Tree, query: &Query) -> Result<Vec<String>, GitError> {
    if let Some(apis) = &query.apis {
        let differs = |api: &&String| -> Result<bool, GitError> {
            let path = format!("{ONBOARDING}/{api}");
            let find = |tree: &Tree| match tree.find(&path) {
                Err(GitError::Symlink { .. }) => Ok(None),
                found => found,
            };
            Ok(find(before)? != find(after)?)
        };
        let kept = apis
            .iter()
            .filter_map(|api| differs(&api).map(|differs| differs.then(|| api.clone())).transpose());
        return kept.collect();
    }
    let list = |tree: &Tree| match tree.list(ONBOARDING) {
        Err(GitError::NotADirectory { .. } | GitError::Symlink { .. }) => Ok(None),
        listed => listed,
    };
    let (old, new) = (list(before)?, list(after)?);
    let entries = |nodes: &Option<std::sync::Arc<[crate::git::Node]>>| -> BTreeSet<(Box<[u8]>, ObjectId)> {
        nodes.iter().flat_map(|nodes| nodes.iter()).map(|node| (node.name.clone(), node.object.id)).collect()
    };
    let (old, new) = (entries(&old), entries(&new));
    let names: BTreeSet<&[u8]> = old.symmetric_difference(&new).map(|(name, _)| &**name).collect();
    Ok(names.into_iter().filter_map(|name| std::str::from_utf8(name).ok()).map(ToOwned::to_owned).collect())
}

/// What a commit changed of one API.
#[derive(Default)]
struct OfUnit {
    entries: Vec<Entry>,
    unknown: Vec<Unknown>,
    /// The containers whose images changed.
    done: BTreeSet<(String, String, String, String)>,
}

fn of_unit(change: &UnitChange<'_>, commit: &Commit, said: &Said, query: &Query) -> OfUnit {
    let Unit::Api(api) = change.unit else { return OfUnit::default() };
    let mut told = OfUnit::default();
    for here in &change.environments {
        if query.environment.as_deref().is_some_and(|wanted| wanted != here.environment) {
            continue;
        }
        let environment = here.environment.to_owned();
        if here.is_unknown() {
            told.unknown.push(Unknown { commit: commit.id, api: api.to_string(), environment });
            continue;
        }
        for mut step in steps(here) {
            let Container { workload, name, .. } = &step.container;
            told.done.insert((api.to_string(), environment.clone(), workload.clone(), name.clone()));
            mark(&mut step, said, api, &environment);
            told.entries.push(entry(commit, api, &environment, What::Image(Box::new(step))));
        }
        if query.all {
            told.entries.extend(others(here).map(|what| entry(commit, api, &environment, what)));
        }
    }
    told
}

/// Makes the entry of a change.
fn entry(commit: &Commit, api: &str, environment: &str, what: What) -> Entry {
    Entry {
        commit: commit.id,
        time: Moment(commit.committer.time),
        author: commit.author.clone(),
        subject: commit.subject().to_owned(),
        api: api.to_owned(),
        environment: environment.to_owned(),
        what,
    }
}

/// Lists the containers of an environment that run something else.
fn steps(here: &EnvironmentChange<'_>) -> Vec<ImageStep> {
    let of = |side: Side<'_>| images::of_objects(side.objects().unwrap_or_default());
    let (old, new) = (of(here.before), of(here.after));
    let keys: BTreeSet<&Container> = old.keys().chain(new.keys()).collect();
    let differing = keys
        .into_iter()
        .filter(|key| old.get(*key).map(|(image, _)| image) != new.get(*key).map(|(image, _)| image));
    let step = |key: &Container| ImageStep {
        container: key.clone(),
        namespace: new.get(key).or_else(|| old.get(key)).and_then(|(_, namespace)| namespace.clone()),
        old: old.get(key).map(|(image, _)| image.clone()),
        new: new.get(key).map(|(image, _)| image.clone()),
        mark: Mark::Unrecorded,
        said: None,
        record: None,
        recorded_in: None,
    };
    differing.map(step).collect()
}

/// Lists what else changed, object by object.
fn others<'a>(here: &'a EnvironmentChange<'_>) -> impl Iterator<Item = What> + 'a {
    here.objects.iter().filter_map(|change| {
        let object = change.id.to_string();
        if change.before.is_none() || change.after.is_none() || change.moved_from.is_some() {
            return Some(What::Other { risk: change.risk, object, places: Vec::new() });
        }
        let fields = change.fields.iter().filter(|field| !images::is_image(&field.path));
        let risk = fields.clone().map(|field| field.risk).max();
        let places: Vec<String> = fields.map(|field| field.path.to_string()).collect();
        match risk {
            Some(risk) => Some(What::Other { risk, object, places }),
            // Its pods read a ConfigMap that changed.
            None if !change.content.is_empty() => {
                let read = change.content.iter().map(ToString::to_string).collect();
                Some(What::Other { risk: change.risk, object, places: read })
            }
            None => None,
        }
    })
}

/// Says what was committed at a moment: what the containers ran by the last commit that is not younger.
///
/// # Errors
/// If the repository cannot be read.
pub fn at(repo: &Repo, from: &Commit, moment: Moment, query: &Query) -> Result<At, GitError> {
    let mut at = At { commit: None, images: Vec::new(), unknown: Vec::new(), shallow: false };
    for logged in repo.log(&from.id, &[])? {
        let logged = logged?;
        if logged.commit.committer.time > moment.0 {
            at.shallow |= logged.edge;
            continue;
        }
        let tree = files(repo, &logged.commit)?;
        let apis = match &query.apis {
            Some(apis) => apis.clone(),
            None => differing(&repo.no_tree()?, &tree, query)?,
        };
        at.commit = Some((logged.commit.id, Moment(logged.commit.committer.time)));
        (at.images, at.unknown) = images(&Snapshot::tree(tree), &apis).map_err(of_snapshot)?;
        break;
    }
    if let Some(wanted) = &query.environment {
        at.images.retain(|image| image.environment == *wanted);
        at.unknown.retain(|(_, environment)| environment == wanted);
    }
    Ok(at)
}

/// Takes the error of a repository out of that of a view of it.
fn of_snapshot(error: SnapshotError) -> GitError {
    match error {
        SnapshotError::Git { error, .. } => *error,
        // Of a revision nothing else comes: what is no file or leads elsewhere is looked at API by API.
        other => GitError::Endless { path: other.path().to_owned() },
    }
}
