//! What a draft builds to: read, rendered and evaluated as any API, in memory.

use std::sync::Arc;

use super::assemble::{Draft, METADATA_FILE};
use crate::diagnostic::{Diagnostic, Severity, Sink};
use crate::effective::Own;
use crate::kustomize::{Builder, Object};
use crate::metadata;
use crate::platform::LoadedPlatform;
use crate::render::{self, FileTree, Templates};
use crate::snapshot::{ONBOARDING, Snapshot, SnapshotError};

/// Where drafts are tried out.
pub(super) struct Trial<'a> {
    pub(super) platform: &'a LoadedPlatform,
    pub(super) templates: &'a Templates,
    /// Files beside which nothing lies.
    pub(super) nothing: &'a Snapshot,
}

/// What a draft builds to.
#[derive(Debug)]
pub(super) struct Tried {
    /// The generated files, from the root of the repo.
    pub(super) rendered: FileTree,
    /// The objects by environment, in the order in which they were asked for.
    pub(super) objects: Vec<Vec<Object>>,
}

impl Trial<'_> {
    /// Builds the overlays of a draft.
    ///
    /// # Errors
    /// Returns the errors of the first stage that has some.
    pub(super) fn build(
        &self,
        api: &str,
        draft: &Draft,
        environments: &[&str],
    ) -> Result<Tried, Vec<Diagnostic>> {
        let directory = format!("{ONBOARDING}/{api}");
        let path: Arc<str> = format!("{directory}/{METADATA_FILE}").into();
        let mut sink = Sink::default();
        let text = draft.files.get(METADATA_FILE).cloned().unwrap_or_default();
        let metadata = metadata::read(&path, text.into_bytes(), self.platform, &mut sink);
        let metadata = metadata.ok_or_else(|| errors(std::mem::take(&mut sink)))?;
        let drafts = render::drafts(&metadata, &self.platform.model, self.templates)
            .map_err(|finding| vec![*finding])?;
        let (files, listed) = self.beside(&directory, draft).map_err(|error| vec![error.diagnostic()])?;
        let own = Own::rendered(&files, &directory, &listed, &drafts);
        let mut builder = Builder::new(&own);
        let mut objects = Vec::with_capacity(environments.len());
        for environment in environments {
            match builder.build(&format!("{directory}/overlays/{environment}"), &mut sink) {
                Some(built) => objects.push(built),
                None => return Err(errors(sink)),
            }
        }
        Ok(Tried { rendered: drafts.into_tree(), objects })
    }

    /// Lays the files of a draft that people keep.
    fn beside(
        &self,
        directory: &str,
        draft: &Draft,
    ) -> Result<(Snapshot, Vec<crate::snapshot::Entry>), SnapshotError> {
        let mut files = self.nothing.clone();
        for (path, text) in draft.files.iter().filter(|(path, _)| *path != METADATA_FILE) {
            files.lay(&format!("{directory}/{path}"), text.as_bytes())?;
        }
        let listed = files.walk(directory)?;
        Ok((files, listed))
    }
}

fn errors(sink: Sink) -> Vec<Diagnostic> {
    let mut findings = sink.into_findings();
    findings.retain(|finding| finding.severity == Severity::Error);
    findings
}
