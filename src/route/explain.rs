//! `route explain`: the answers of several environments, for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::{Answer, Route, Url, answer};
use crate::platform::RouterKind;
use crate::report::harmless;

/// The version of the JSON form; it rises when a reader of the old one would go wrong.
const VERSION: u32 = 1;

/// What one router of one environment does with a URL.
#[derive(Debug)]
pub struct Explained<'a> {
    /// The environment.
    pub environment: &'a str,
    /// The router.
    pub router: RouterKind,
    /// Its answer.
    pub answer: Answer<'a>,
}

/// Asks every router that has a route for the host, environment by environment, and in each router by
/// router, in the order of the routes. Nothing where none has.
pub fn explain<'a>(routes: &'a [Route], url: &Url) -> Vec<Explained<'a>> {
    let mut explained = Vec::new();
    let mut environments: Vec<&str> = Vec::new();
    for route in routes {
        if !environments.contains(&&*route.environment) {
            environments.push(&route.environment);
        }
    }
    for environment in environments {
        let here: Vec<&Route> = routes.iter().filter(|route| *route.environment == *environment).collect();
        let mut kinds: Vec<RouterKind> = Vec::new();
        for route in &here {
            if super::host::matches(&route.host, &url.host) && !kinds.contains(&route.router) {
                kinds.push(route.router);
            }
        }
        explained.extend(kinds.into_iter().map(|router| {
            let answer = answer(router, &here, &url.host, &url.target);
            Explained { environment, router, answer }
        }));
    }
    explained
}

/// Writes the answers for people.
pub fn human(url: &Url, explained: &[Explained<'_>]) -> String {
    let mut out = format!("{}{}\n", url.host, url.target);
    for Explained { environment, router, answer } in explained {
        let _ = writeln!(out, "\n{environment} ({})", router.name());
        match (answer.route, answer.status) {
            (Some(route), _) => {
                let workload =
                    route.workload.as_ref().map(|name| format!(", workload {name}")).unwrap_or_default();
                let _ = writeln!(
                    out,
                    "  answers    {}{workload}: service {}, port {}",
                    route.api, route.service, route.port
                );
                let _ =
                    writeln!(out, "  container  {}", answer.container_path.as_deref().unwrap_or_default());
                let kind = if route.exact { "exactly " } else { "" };
                let _ = writeln!(
                    out,
                    "  route      {} of {}: {kind}{}{}, {}",
                    route.entry.key(),
                    route.object,
                    route.host,
                    route.path,
                    route.rewrite
                );
                let _ = writeln!(out, "  written    {}", route.origin);
            }
            (None, status) => {
                let _ =
                    writeln!(out, "  answers    no API: the router itself, with {}", status.unwrap_or(404));
            }
        }
        for lost in &answer.lost {
            let _ = writeln!(
                out,
                "  also fits  {}{} of {} ({}): {}",
                lost.route.host, lost.route.path, lost.route.object, lost.route.origin, lost.why
            );
        }
        for note in &answer.notes {
            let _ = writeln!(out, "  note       {}: {}", note.kind.name(), note.text);
        }
    }
    out.lines().map(|line| harmless(line) + "\n").collect()
}

/// Writes the answers for programs.
pub fn json(url: &Url, explained: &[Explained<'_>]) -> String {
    let answers: Vec<Json> = explained
        .iter()
        .map(|Explained { environment, router, answer }| {
            let lost: Vec<Json> = answer
                .lost
                .iter()
                .map(|lost| json!({ "route": route_json(lost.route), "why": lost.why }))
                .collect();
            let notes: Vec<Json> = answer
                .notes
                .iter()
                .map(|note| json!({ "kind": note.kind.name(), "text": note.text }))
                .collect();
            json!({
                "environment": environment,
                "router": router.name(),
                "route": answer.route.map(route_json),
                "containerPath": answer.container_path,
                "status": answer.status,
                "alsoFits": lost,
                "notes": notes,
            })
        })
        .collect();
    let document = json!({ "version": VERSION, "host": url.host, "target": url.target, "answers": answers });
    format!("{document:#}\n")
}

/// Returns a route as both commands write it.
pub(super) fn route_json(route: &Route) -> Json {
    json!({
        "environment": &*route.environment,
        "router": route.router.name(),
        "host": route.host,
        "path": route.path,
        "exact": route.exact,
        "rewrite": route.rewrite.to_string(),
        "entry": route.entry.key(),
        "api": &*route.api,
        "workload": route.workload,
        "service": route.service,
        "port": route.port,
        "object": route.object,
        "written": { "path": &*route.origin.path, "line": route.origin.line },
    })
}
