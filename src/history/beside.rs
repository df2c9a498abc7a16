//! What changed beside images since the last release: a rollback takes images back and nothing else, and says so.

use crate::diagnostic::Sink;
use crate::effective::{self, ObjectChange, Overlay, Step};
use crate::git::{Commit, GitError, Repo, Tree};
use crate::record::record_path;
use crate::snapshot::{ONBOARDING, Snapshot};

/// How many commits are looked at for the last release.
const MOST: usize = 2_000;

/// Names what differs of an API in an environment from what ran before its last release, but for images: objects, with the number
/// of fields. Nothing where no release is found, or one of the two cannot be built.
///
/// # Errors
/// If an object cannot be read.
pub fn beside(repo: &Repo, from: &Commit, api: &str, environment: &str) -> Result<Vec<String>, GitError> {
    let record = [record_path(api, environment)];
    for logged in repo.log(&from.id, &record)?.take(MOST) {
        let logged = logged?;
        let Some(parent) = logged.commit.parents.first().filter(|_| logged.changed && !logged.edge) else {
            continue;
        };
        let (before, now) = (repo.tree_of(&repo.find_commit(&parent.to_string())?)?, repo.tree_of(from)?);
        let [before, now] = [before, now].map(|tree| overlay(tree, api, environment));
        let objects =
            |overlay: &'_ Option<Overlay>| overlay.as_ref().and_then(|overlay| overlay.objects.clone());
        let (Some(before), Some(now)) = (objects(&before), objects(&now)) else { return Ok(Vec::new()) };
        let changes = effective::changes(Some(&before), Some(&now));
        return Ok(changes.iter().filter_map(told).collect());
    }
    Ok(Vec::new())
}

fn overlay(tree: Tree, api: &str, environment: &str) -> Option<Overlay> {
    let overlays =
        effective::overlays(&Snapshot::tree(tree), &format!("{ONBOARDING}/{api}"), &mut Sink::default());
    overlays.ok()?.into_iter().find(|overlay| *overlay.environment == *environment)
}

/// Says what changes of an object beside images.
fn told(change: &ObjectChange<'_>) -> Option<String> {
    let id = &change.id;
    if change.before.is_none() || change.after.is_none() {
        let what = if change.before.is_none() { "is new" } else { "is gone" };
        return Some(format!("{id} {what}"));
    }
    let fields: Vec<String> = change
        .fields
        .iter()
        .filter(|field| field.path.0.last() != Some(&Step::Key("image")))
        .map(|field| field.path.to_string())
        .collect();
    (!fields.is_empty()).then(|| format!("{id}: {}", fields.join(", ")))
}
