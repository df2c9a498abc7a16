//! The versions of the templates that a config repo keeps.

use std::collections::BTreeMap;

use super::codes::UNKNOWN_TEMPLATE_VERSION;
use super::template::{DIRECTORY, Templates};
use crate::diagnostic::Diagnostic;
use crate::platform::{CURRENT, LoadedPlatform};

/// Templates by version.
pub struct TemplateSets {
    /// What an API gets that pins none.
    default: String,
    sets: Vec<(String, Templates)>,
}

impl TemplateSets {
    /// Loads every version that platform.yaml names, and the files at the top as `current`.
    ///
    /// `own` holds the repo's own templates by version and file name. What is wrong with them, and a
    /// version without any, goes to `findings`.
    pub fn load(
        mut own: BTreeMap<String, BTreeMap<String, String>>,
        platform: &LoadedPlatform,
        findings: &mut Vec<Diagnostic>,
    ) -> Self {
        let settings = &platform.model.templates;
        let mut sets = Vec::new();
        for (index, version) in settings.all().enumerate() {
            let own = own.remove(version).unwrap_or_default();
            let directory = directory(version);
            if own.is_empty() && version != CURRENT {
                let place = platform.locate(["templates", "versions", &index.to_string()]);
                let message = format!("`{directory}/` holds no template");
                findings.push(
                    Diagnostic::new(&UNKNOWN_TEMPLATE_VERSION, place, message)
                        .help("put the version's templates there, or take it out of `versions`"),
                );
            }
            sets.push((version.to_owned(), Templates::load(&directory, own, findings)));
        }
        Self { default: settings.default.clone(), sets }
    }

    /// Returns the templates of the version that an API gets, or nothing where there is no such one.
    pub fn of(&self, pin: Option<&str>) -> Option<&Templates> {
        let wanted = pin.unwrap_or(&self.default);
        self.sets.iter().find(|(version, _)| version == wanted).map(|(_, templates)| templates)
    }
}

/// Returns where the files of a version lie.
fn directory(version: &str) -> String {
    if version == CURRENT { DIRECTORY.to_owned() } else { format!("{DIRECTORY}/{version}") }
}
