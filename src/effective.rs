//! What a cluster gets: the objects that the committed overlays build to, and what a change of the repo changes of them.

mod build;
mod change;
mod compare;
mod field;
mod group;
mod id;
mod list;
mod path;
mod placeholder;
mod pod;
mod risk;
mod secret;
mod shape;
#[cfg(test)]
mod tests;
mod unit;

pub use build::{Built, build_all};
pub use change::{ObjectChange, changes};
pub use compare::{Compared, EnvironmentChange, Side, UnitChange, compare};
pub use field::FieldChange;
pub use group::{Collector, Count, Group, GroupedChange, Groups, Kept, Member, Unknown};
pub use id::Id;
pub use path::{Path, Step};
pub use placeholder::show;
pub use risk::{RISKS, Risk, is_immutable};
pub use secret::without_secrets;
pub use shape::{Difference, Lines, Shape, Value};
pub use unit::Unit;

use std::sync::Arc;

use crate::diagnostic::Sink;
use crate::kustomize::{Builder, Object};
use crate::snapshot::{Snapshot, SnapshotError};

/// One API in one environment, as it is committed.
#[derive(Debug)]
pub struct Overlay {
    /// The environment: the name of the overlay's directory.
    pub environment: Arc<str>,
    /// Its objects in the order of kustomize; nothing where it cannot be built, which is a finding.
    pub objects: Option<Vec<Object>>,
}

/// Builds all overlays of an API directory, such as `onboarding/payments`, sorted by name. Base and components are evaluated once.
///
/// # Errors
/// If the directory cannot be listed.
pub fn overlays(
    snapshot: &Snapshot,
    directory: &str,
    sink: &mut Sink,
) -> Result<Vec<Overlay>, SnapshotError> {
    let mut builder = Builder::new(snapshot);
    let mut overlays = Vec::new();
    for entry in snapshot.list(&format!("{directory}/overlays"))? {
        if entry.kind != crate::snapshot::Kind::Directory {
            continue;
        }
        let name = entry.path.rsplit('/').next().unwrap_or_default();
        overlays.push(Overlay { environment: name.into(), objects: builder.build(&entry.path, sink) });
    }
    Ok(overlays)
}
