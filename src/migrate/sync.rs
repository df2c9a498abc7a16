//! An API that people edited since it was migrated, while its branch moved: both changes are brought together.

use std::collections::{BTreeMap, BTreeSet};

use super::api::{self, Proof, Written, prove};
use super::assemble::{Draft, Frame, Key};
use super::comments::carry;
use super::difference::Class;
use super::group::Group;
use super::merge::merge;
use super::outcome::{EnvironmentOutcome, Fate};
use super::record::{Part, Record};
use super::run::{Place, frame_of, read_branch, sides};
use crate::diagnostic::Sink;
use crate::effective;
use crate::legacy::Branch;
use crate::snapshot::ONBOARDING;

/// An API that people edited, brought up to date.
pub(super) struct Merged {
    /// What is written, and what is proved of it.
    pub(super) written: Written,
    /// What a migration alone would have written. This is what the record names, so that the edits stay edits.
    pub(super) own: BTreeMap<String, String>,
}

/// Writes what the branches changed into what people made of an API. What differs from the branches because somebody edited it
/// is told as theirs.
///
/// # Errors
/// Says what both changed, or what cannot be read any more.
pub(super) fn take_over(
    record: &Record,
    group: &Group,
    frame: &Frame<'_>,
    place: &Place<'_>,
) -> Result<Merged, String> {
    let old = branches(record, place)?;
    let before = record.group(&group.name);
    let refs: Vec<&Branch> = old.iter().collect();
    let sides = sides(&before, &old, place.platform, place.request);
    let was = frame_of(&before, &refs, sides, place.words, place.request, &mut Vec::new());
    let mut base = api::write(&was, place.trial);
    let mut theirs = api::write(frame, place.trial);
    carry(&was, &mut base.draft);
    carry(frame, &mut theirs.draft);
    let own = theirs.draft.files.clone();
    let directory = format!("{ONBOARDING}/{}", group.name);
    let mut ours = BTreeMap::new();
    for (path, _) in record.files.iter() {
        let read =
            place.config.read(&format!("{directory}/{path}"), u64::MAX).map_err(|error| error.to_string())?;
        if let Some(bytes) = read {
            let text = String::from_utf8(bytes).map_err(|_| format!("`{directory}/{path}` is not UTF-8"))?;
            ours.insert(path.to_owned(), text);
        }
    }
    let merged = merge(&base.draft.files, &ours, &theirs.draft.files)
        .map_err(|conflicts| format!("both the branch and somebody here changed {}", conflicts.join(", ")))?;
    let edited = edited(&was, &directory, place)?;
    let draft = Draft { files: merged, ..theirs.draft };
    let environments: Vec<&str> = frame.sides.iter().map(|side| side.environment.as_str()).collect();
    let written = match place.trial.build(frame.api, &draft, &environments) {
        Ok(tried) => {
            let fate = |key: &Key| draft.fates.get(key).cloned().unwrap_or(Fate::Said);
            let mut environments = prove(frame, &Proof { objects: &tried.objects, fate: &fate });
            attribute(&mut environments, &edited);
            Written { draft, tried: Some(tried), environments, errors: Vec::new() }
        }
        Err(errors) => Written { draft, tried: None, environments: Vec::new(), errors },
    };
    Ok(Merged { written, own })
}

/// Reads the branches as they were when they were migrated.
fn branches(record: &Record, place: &Place<'_>) -> Result<Vec<Branch>, String> {
    let one = |part: &Part| {
        let reference = part.reference().ok_or_else(|| format!("`{}` is no commit", part.commit))?;
        let read = read_branch(place.repo, &reference, place.words, place.request);
        match read.failure {
            Some(why) => {
                Err(format!("the commit {} of `{}` cannot be read: {why}", part.commit, part.branch))
            }
            None => Ok(read),
        }
    };
    record.sources.iter().map(one).collect()
}

/// Where what is committed differs from what was migrated: environment, kind and name, and place.
type Edited = BTreeSet<(String, String, String)>;

fn edited(was: &Frame<'_>, directory: &str, place: &Place<'_>) -> Result<Edited, String> {
    let overlays = effective::overlays(place.config, directory, &mut Sink::default())
        .map_err(|error| error.to_string())?;
    let objects = was.sides.iter().map(|side| {
        let overlay = overlays.iter().find(|overlay| *overlay.environment == *side.environment);
        overlay.and_then(|overlay| overlay.objects.clone()).unwrap_or_default()
    });
    let objects: Vec<Vec<_>> = objects.collect();
    let proved = prove(was, &Proof { objects: &objects, fate: &|_| Fate::Said });
    let mut edited = Edited::new();
    for environment in proved {
        for object in environment.objects {
            for difference in object.differences.into_iter().filter(|one| one.class == Class::Unexplained) {
                let title = format!("{} {}", object.kind, object.name);
                edited.insert((environment.name.clone(), title, difference.path));
            }
        }
    }
    Ok(edited)
}

/// Says of differences that were there before whose they are.
fn attribute(environments: &mut [EnvironmentOutcome], edited: &Edited) {
    for environment in environments {
        for object in &mut environment.objects {
            let title = format!("{} {}", object.kind, object.name);
            for difference in object.differences.iter_mut().filter(|one| one.class == Class::Unexplained) {
                let place = (environment.name.clone(), title.clone(), difference.path.clone());
                if edited.contains(&place) {
                    difference.class = Class::Edited;
                }
            }
        }
    }
}
