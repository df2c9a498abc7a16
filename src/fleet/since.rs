//! Which APIs a change of the repo touches.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::{ONBOARDING, api_names};
use crate::diagnostic::Sink;
use crate::exceptions::{FREEZES, WAIVERS};
use crate::platform;
use crate::snapshot::{Snapshot, SnapshotError};

/// Directories beside the APIs' that reach into what is found of every API.
const REACHING: &[&str] = &[WAIVERS, FREEZES, "templates"];

/// Returns the APIs whose directories differ between two views, sorted, those that only one of them has included; nothing
/// where something differs that reaches into all of them.
///
/// # Errors
/// If one of the views cannot be listed.
pub fn touched(before: &Snapshot, now: &Snapshot) -> Result<Option<Vec<String>>, SnapshotError> {
    let platform = |view: &Snapshot| view.read(platform::PATH, crate::yaml::MAX_BYTES as u64);
    // What cannot be read is a finding of whoever reads it next.
    let same_platform = matches!((platform(before), platform(now)), (Ok(old), Ok(new)) if old == new);
    if !same_platform || REACHING.iter().any(|directory| !now.is_same(before, directory)) {
        return Ok(None);
    }
    let mut names = BTreeSet::new();
    for view in [before, now] {
        names.extend(api_names(view, &mut Sink::default())?);
    }
    let names: Vec<String> = names.into_iter().collect();
    let differs = |name: &String| !now.is_same(before, &format!("{ONBOARDING}/{name}"));
    Ok(Some(names.into_par_iter().filter(differs).collect()))
}
