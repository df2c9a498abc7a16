//! Release requests that a change brings: whether they could be applied as they are.

use super::files::Files;
use crate::diagnostic::{Diagnostic, Location, Sink};
use crate::moment::Moment;
use crate::record::UNFULFILLABLE_REQUEST;
use crate::release::{Ask, Origin, REQUESTS, Request, Terms, plan, read_request};
use crate::snapshot::Snapshot;
use crate::yaml;

fn is_yaml(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, end)| matches!(end, "yaml" | "yml"))
}

/// Reads the requests that a change brings, and plans each on what would be merged.
pub(super) fn check(head: &Snapshot, files: &Files, now: Moment, today: &str, sink: &mut Sink) {
    for file in &files.around {
        let name = file.path.strip_prefix(REQUESTS).and_then(|path| path.strip_prefix('/'));
        if !name.is_some_and(|name| !name.contains('/') && is_yaml(name)) {
            continue;
        }
        let bytes = match head.read(&file.path, yaml::MAX_BYTES as u64) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => continue,
            Err(error) => {
                sink.push(error.diagnostic());
                continue;
            }
        };
        let Some(asked) = read_request(&file.path, bytes, sink) else { continue };
        // Whoever merges it agrees to it: it need not go by a pull request once more.
        let request = Request {
            ask: Ask::Bump(asked.bumps),
            terms: Terms { pull_request: true, ..Terms::default() },
            origin: Origin { reason: asked.reason, request: Some(asked.id), ..Origin::default() },
        };
        if let Err(failure) = plan(head, &request, now, today) {
            let mut finding =
                Diagnostic::new(&UNFULFILLABLE_REQUEST, Location::file(file.path.clone()), failure.message);
            if let Some(hint) = failure.hints.first() {
                finding = finding.help(hint.clone());
            }
            sink.push(finding);
        }
    }
}
