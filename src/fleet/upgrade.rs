//! What moving an API to a newer version of the templates would change.

use crate::change::{Change, ChangeSet};
use crate::diagnostic::Diagnostic;
use crate::edit::{self, Refusal};
use crate::metadata::Metadata;
use crate::platform::{LoadedPlatform, TemplateVersions};
use crate::render::{self, FileTree, TemplateSets};

/// The step of one API to a newer version.
#[derive(Clone, Debug)]
pub struct Step {
    /// The API.
    pub api: String,
    /// The version that it gets today.
    pub from: String,
    /// How the rendered files of the two versions differ.
    pub difference: ChangeSet,
    /// What writes the new version into metadata.yaml, or why nothing can.
    pub metadata: Result<Change, Refusal>,
    /// What brings the rendered files to the new version from what is there.
    pub files: Vec<Change>,
}

/// The key of metadata.yaml that pins a version.
const KEY: &str = "template";
/// Keys behind which it goes where it is new: what an API is, before what it runs.
const BEHIND: &[&str] = &["lifecycle", "tier", "name"];

/// Plans the step of an API to the version `to`, with the files that it renders there. There is none
/// where the API gets that version or a newer one.
///
/// # Errors
/// Returns the finding of a template that fails.
pub(super) fn plan(
    name: &str,
    metadata: &Metadata,
    platform: &LoadedPlatform,
    templates: &TemplateSets,
    to: &str,
) -> Result<Option<(Step, FileTree)>, Box<Diagnostic>> {
    let versions = &platform.model.templates;
    let pin = metadata.top.api.template.as_deref();
    let from = versions.of(pin);
    let (Some(old), Some(new)) = (templates.of(Some(from)), templates.of(Some(to))) else { return Ok(None) };
    if versions.age(from) >= versions.age(to) {
        return Ok(None);
    }
    let old = render::render(metadata, &platform.model, old)?;
    let new = render::render(metadata, &platform.model, new)?;
    let step = Step {
        api: name.to_owned(),
        from: from.to_owned(),
        difference: ChangeSet::between(&old, &new),
        metadata: moved(metadata, versions, to),
        files: Vec::new(),
    };
    Ok(Some((step, new)))
}

/// Writes a version into metadata.yaml; the one that holds without a word is not written.
fn moved(metadata: &Metadata, versions: &TemplateVersions, to: &str) -> Result<Change, Refusal> {
    let old = &metadata.source.text;
    let new = if to == versions.default { edit::remove(old, KEY)? } else { edit::set(old, KEY, to, BEHIND)? };
    Ok(Change { path: metadata.source.path.to_string(), old: Some(old.clone()), new: Some(new) })
}
