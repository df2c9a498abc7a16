//! Migrations from end to end: branches by hand in git, a config repo beside them, and what became of the one in the other.

pub(crate) mod branches;
mod commits;
mod hostile;
mod import;
mod interrupted;
mod plan;
mod proof;
mod routes;
mod runs;
mod share;
mod strangers;
mod sync;

use serde_json::Value as Json;

use crate::env::{Env, Run};

/// Runs `onramp migrate run` on all branches with more arguments.
fn migrate(env: &Env, more: &[&str]) -> Run {
    env.run(&[&["migrate", "run", "--branches", "legacy/*", "--quiet"], more].concat())
}

/// What `onramp migrate run --format json` says of all branches.
#[track_caller]
fn migrated(env: &Env, more: &[&str]) -> Json {
    let run = migrate(env, &[&["--format", "json"], more].concat());
    assert_eq!(run.code, 0, "{run}");
    run.json()
}

/// A fleet that is migrated and committed.
fn done() -> Env {
    let env = branches::fleet();
    migrated(&env, &[]);
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--message=migrated"]);
    env
}

/// Insists that no file changed since.
#[track_caller]
fn unchanged(env: &Env, before: &[(String, Vec<u8>)]) {
    let after = env.files();
    let gone = before.iter().filter(|file| !after.contains(file));
    let new = after.iter().filter(|file| !before.contains(file));
    let show = |(path, bytes): &(String, Vec<u8>)| format!("{path}\n{}", String::from_utf8_lossy(bytes));
    let changed: Vec<String> = gone.chain(new).map(show).collect();
    assert!(changed.is_empty(), "before and after:\n{}", changed.join("\n"));
}

/// An API in a report.
#[track_caller]
fn api<'a>(report: &'a Json, name: &str) -> &'a Json {
    let apis = report["apis"].as_array().expect("APIs are a list");
    let found = apis.iter().find(|api| api["name"] == name);
    found.unwrap_or_else(|| panic!("no `{name}` in {report:#}"))
}

/// Names and states of all APIs in a report.
fn states(report: &Json) -> Vec<(&str, &str)> {
    let apis = report["apis"].as_array().map(Vec::as_slice).unwrap_or_default();
    apis.iter()
        .map(|api| (api["name"].as_str().unwrap_or_default(), api["state"].as_str().unwrap_or_default()))
        .collect()
}
