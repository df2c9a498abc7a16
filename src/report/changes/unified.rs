//! The whole difference of what is applied, as a unified diff of manifests.

use std::fmt::Write as _;

use similar::TextDiff;

use crate::effective::{Side, Unit, UnitChange, without_secrets};
use crate::kustomize::print;

/// Writes the difference of a unit's manifests, one file for each environment that changes, named as `build --all` names
/// them. Secret-looking values do not show; where nothing else differs a comment says so.
pub fn unified(change: &UnitChange<'_>) -> String {
    let mut out = String::new();
    for environment in change.environments.iter().filter(|environment| !environment.objects.is_empty()) {
        let path = match change.unit {
            Unit::Api(name) => format!("{}/{name}.yaml", environment.environment),
            Unit::Namespace(name) => format!("{}/namespaces/{name}.yaml", environment.environment),
        };
        let name = |prefix: &str, side: &Side<'_>| match side {
            Side::Absent => "/dev/null".to_owned(),
            Side::Broken | Side::Built(_) => format!("{prefix}/{path}"),
        };
        let (old, new) = (manifest(environment.before), manifest(environment.after));
        let _ = writeln!(out, "diff --git a/{path} b/{path}");
        if old == new {
            out.push_str("# only values differ that are not shown\n");
            continue;
        }
        let diff = TextDiff::from_lines(&old, &new);
        let header = (name("a", &environment.before), name("b", &environment.after));
        let _ = write!(out, "{}", diff.unified_diff().header(&header.0, &header.1));
    }
    out
}

fn manifest(side: Side<'_>) -> String {
    let shown: Vec<_> =
        side.objects().unwrap_or_default().iter().map(|object| without_secrets(&object.json)).collect();
    print(&shown)
}
