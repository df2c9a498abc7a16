//! From an API's entries to routes: the one place that knows both.

use std::sync::Arc;

use super::{Entry, Origin, Rewrite, Route};
use crate::diagnostic::Location;
use crate::policy::ApiContext;
use crate::render;
use crate::report::Position;

/// Returns all routes of an API, environment by environment.
pub fn of(context: &ApiContext<'_>) -> Vec<Route> {
    let api: Arc<str> = context.name.into();
    let mut routes = Vec::new();
    for environment in context.environments() {
        let name: Arc<str> = environment.name.into();
        for entry in render::entries(environment.api, environment.settings) {
            for (index, host) in entry.hosts.iter().enumerate() {
                let index = index.to_string();
                let written: &[&str] = match entry.prefix {
                    Some(_) => &["routes", "unified", "prefix"],
                    None => &["routes", "legacy", "hosts", &index],
                };
                routes.push(Route {
                    api: api.clone(),
                    environment: name.clone(),
                    router: environment.settings.router.into(),
                    entry: if entry.prefix.is_some() { Entry::Unified } else { Entry::Legacy },
                    object: entry.name.clone(),
                    host: (*host).to_owned(),
                    path: entry.prefix.unwrap_or("/").to_owned(),
                    exact: false,
                    rewrite: if entry.prefix.is_some() { Rewrite::Strip } else { Rewrite::Keep },
                    workload: None,
                    service: entry.service.to_owned(),
                    port: entry.port.to_owned(),
                    origin: origin(context, &context.locate_in(&environment, written)),
                });
            }
        }
    }
    routes
}

/// Counts lines: a route is in the API's file or in platform.yaml.
fn origin(context: &ApiContext<'_>, location: &Location) -> Origin {
    let sources = [&context.metadata.source, &context.platform.source];
    let text = sources.iter().find(|source| source.path == location.path).map(|source| source.text.as_str());
    let line = match (text, &location.span) {
        (Some(text), Some(span)) => Position::of(text, span.start).line,
        _ => 1,
    };
    Origin { path: location.path.clone(), line }
}
