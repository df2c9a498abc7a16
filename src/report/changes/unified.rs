//! The whole difference of what is applied, as a unified diff of manifests.

use std::fmt::Write as _;

use super::broken;
use crate::effective::{EnvironmentChange, Side, Unit, UnitChange, without_secrets};
use crate::kustomize::print;
use crate::lines;
use crate::report::harmless;
use crate::report::text::lines_without_commands;

/// Writes the difference of a unit's manifests, one file for each environment that changes, named as `build --all` names
/// them. Secret-looking values do not show; where nothing else differs a comment says so.
pub fn unified(change: &UnitChange<'_>) -> String {
    let mut out = String::new();
    let tells = |one: &&EnvironmentChange<'_>| one.is_unknown() || !one.objects.is_empty();
    for environment in change.environments.iter().filter(tells) {
        let path = match change.unit {
            Unit::Api(name) => format!("{}/{name}.yaml", environment.environment),
            Unit::Namespace(name) => format!("{}/namespaces/{name}.yaml", environment.environment),
        };
        let name = |prefix: &str, side: &Side<'_>| match side {
            Side::Absent => "/dev/null".to_owned(),
            Side::Broken | Side::Built(_) => format!("{prefix}/{path}"),
        };
        let _ = writeln!(out, "diff --git a/{path} b/{path}");
        if environment.is_unknown() {
            let is_broken = |side| matches!(side, Side::Broken);
            let why = broken(is_broken(environment.before), is_broken(environment.after));
            let _ = writeln!(out, "# cannot be compared: {why}");
            continue;
        }
        let (old, new) = (manifest(environment.before), manifest(environment.after));
        if old == new {
            out.push_str("# only values differ that are not shown\n");
            continue;
        }
        let names = (name("a", &environment.before), name("b", &environment.after));
        out.push_str(&lines::unified(&old, &new, (&names.0, &names.1)));
    }
    let text: String = out.lines().map(|line| harmless(line) + "\n").collect();
    lines_without_commands(&text)
}

fn manifest(side: Side<'_>) -> String {
    let shown: Vec<_> =
        side.objects().unwrap_or_default().iter().map(|object| without_secrets(&object.json)).collect();
    print(&shown)
}
