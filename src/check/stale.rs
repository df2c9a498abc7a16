//! Generated files that are not what they would be rendered to.

use std::collections::BTreeMap;

use crate::change::{Change, ChangeSet};
use crate::diagnostic::{Diagnostic, Location, Sink, count};
use crate::fleet::ONBOARDING;
use crate::render::codes::STALE_RENDER;

/// The paths of such files, by API.
pub(super) struct Paths(BTreeMap<String, Vec<String>>);

impl Paths {
    pub(super) fn of(changes: &ChangeSet) -> Self {
        let mut paths: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for change in &changes.changes {
            let Some(api) = api_of(&change.path) else { continue };
            paths.entry(api.to_owned()).or_default().push(change.path.clone());
        }
        Self(paths)
    }

    pub(super) fn of_api(&self, api: &str) -> &[String] {
        self.0.get(api).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Makes one finding for each API, and for each directory around them.
pub(super) fn report(changes: &ChangeSet, sink: &mut Sink) {
    let mut groups: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
    for change in &changes.changes {
        groups.entry(unit_of(&change.path)).or_default().push(change);
    }
    for (unit, changes) in groups {
        let first = changes[0];
        let what = match (&first.old, &first.new) {
            (None, _) => "is missing",
            (_, None) => "is left over: nothing renders it",
            _ => "is not what it is rendered to",
        };
        let more = match changes.len() - 1 {
            0 => String::new(),
            1 => ", and 1 other file of it differs".to_owned(),
            more => format!(", and {} of it differ", count(more, "other file")),
        };
        let message = format!("`{}` {what}{more}", first.path);
        let api = api_of(&first.path);
        let command = api.map_or_else(|| "onramp render".to_owned(), |api| format!("onramp render {api}"));
        let mut finding = Diagnostic::new(&STALE_RENDER, Location::file(first.path.as_str()), message)
            .help(format!("run `{command}` and commit what it writes in `{unit}`"));
        finding.api = api.map(Into::into);
        sink.push(finding);
    }
}

fn api_of(path: &str) -> Option<&str> {
    path.strip_prefix(ONBOARDING)?.strip_prefix('/')?.split('/').next()
}

/// Returns the directory of an API, or the name at the top of the repo.
fn unit_of(path: &str) -> &str {
    let depth = if api_of(path).is_some() { 2 } else { 1 };
    path.match_indices('/').nth(depth - 1).map_or(path, |(at, _)| &path[..at])
}
