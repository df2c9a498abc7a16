//! What overlays belong to, and where they lie.

use std::collections::BTreeSet;
use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

use super::{Overlay, Own, overlays};
use crate::diagnostic::{Diagnostic, Sink};
use crate::kustomize::Builder;
use crate::render::{KUSTOMIZATION, NAMESPACES_DIRECTORY};
use crate::snapshot::{Kind, ONBOARDING, Snapshot, SnapshotError};

/// What overlays belong to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// An API, by the name of its directory.
    Api(Arc<str>),
    /// A namespace whose own objects are in the repo.
    Namespace(Arc<str>),
}

/// Lists what is on any side, APIs first, by name; of APIs named in `only` these.
pub(super) fn units(sides: &[&Snapshot], only: Option<&[String]>) -> Result<Vec<Unit>, SnapshotError> {
    if let Some(only) = only {
        return Ok(only.iter().map(|name| Unit::Api(name.as_str().into())).collect());
    }
    let mut units = BTreeSet::new();
    for side in sides {
        units.extend(directories(side, ONBOARDING)?.into_iter().map(Unit::Api));
        for environment in directories(side, NAMESPACES_DIRECTORY)? {
            let names = directories(side, &format!("{NAMESPACES_DIRECTORY}/{environment}"))?;
            units.extend(names.into_iter().map(Unit::Namespace));
        }
    }
    Ok(units.into_iter().collect())
}

/// Lists the names of directories; what stands in the place of the directory around them is for lint to say.
fn directories(snapshot: &Snapshot, directory: &str) -> Result<Vec<Arc<str>>, SnapshotError> {
    let entries = match snapshot.list(directory) {
        Err(SnapshotError::Symlink { .. } | SnapshotError::NotADirectory { .. }) => Vec::new(),
        listed => listed?,
    };
    let directories = entries.iter().filter(|entry| entry.kind == Kind::Directory);
    Ok(directories.map(|entry| entry.path.rsplit('/').next().unwrap_or_default().into()).collect())
}

impl Unit {
    /// Returns its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Api(name) | Self::Namespace(name) => name,
        }
    }

    /// Returns the directories that its objects come from, on any side.
    pub(super) fn directories(&self, sides: &[&Snapshot]) -> Vec<String> {
        match self {
            Self::Api(name) => vec![format!("{ONBOARDING}/{name}")],
            Self::Namespace(name) => {
                let environments =
                    sides.iter().filter_map(|side| namespace_environments(side).ok()).flatten();
                let environments: BTreeSet<Arc<str>> = environments.collect();
                environments.iter().map(|environment| namespace(environment, name)).collect()
            }
        }
    }

    /// Builds all its environments; nothing where these cannot be listed, which is a finding.
    pub(super) fn build(&self, snapshot: &Snapshot, sink: &mut Sink) -> Option<Vec<Overlay>> {
        let built = match self {
            Self::Api(name) => overlays(snapshot, &format!("{ONBOARDING}/{name}"), sink),
            Self::Namespace(name) => namespace_overlays(snapshot, name, sink),
        };
        built.map_err(|error| sink.push(error.diagnostic())).ok()
    }

    /// Returns findings as those of the API.
    pub(super) fn tag(&self, sink: Sink) -> Vec<Diagnostic> {
        let mut findings = sink.into_findings();
        if let Self::Api(name) = self {
            for finding in &mut findings {
                finding.api = Some(name.clone());
            }
        }
        findings
    }
}

impl Display for Unit {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(name) => out.write_str(name),
            Self::Namespace(name) => write!(out, "namespace {name}"),
        }
    }
}

fn namespace_environments(snapshot: &Snapshot) -> Result<Vec<Arc<str>>, SnapshotError> {
    directories(snapshot, NAMESPACES_DIRECTORY)
}

fn namespace(environment: &str, name: &str) -> String {
    format!("{NAMESPACES_DIRECTORY}/{environment}/{name}")
}

fn namespace_overlays(
    snapshot: &Snapshot,
    name: &str,
    sink: &mut Sink,
) -> Result<Vec<Overlay>, SnapshotError> {
    let mut overlays = Vec::new();
    for environment in namespace_environments(snapshot)? {
        let directory = namespace(&environment, name);
        let kustomization = format!("{directory}/{KUSTOMIZATION}");
        if snapshot.list(&directory)?.iter().any(|entry| *entry.path == *kustomization) {
            let objects = Builder::new(&Own::new(snapshot, &directory)?).build(&directory, sink);
            overlays.push(Overlay { environment, objects });
        }
    }
    Ok(overlays)
}
