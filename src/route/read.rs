//! From an API's entries to routes: the one place that knows both.

use super::{Origin, Rewrite, Route};
use crate::diagnostic::Location;
use crate::policy::{ApiContext, InEnvironment};
use crate::render::{self, Placed, Router};
use crate::report::Position;

/// Returns all routes of an API, environment by environment, and in each router by router.
pub fn of(context: &ApiContext<'_>) -> Vec<Route> {
    let mut routes = Vec::new();
    for environment in context.environments() {
        let entries = render::entries(environment.api, environment.settings);
        for router in render::routers_of(environment.settings) {
            let placed = router.placed(&entries, environment.settings);
            routes.extend(placed.into_iter().map(|placed| route(context, &environment, router, placed)));
        }
    }
    routes
}

fn route(
    context: &ApiContext<'_>,
    environment: &InEnvironment<'_>,
    router: &dyn Router,
    Placed { entry, host, path, object, written }: Placed<'_, '_>,
) -> Route {
    let at = entry.at_path(host, path, "prefix");
    let at: Vec<&str> = at.iter().map(String::as_str).collect();
    let target = &path.target;
    Route {
        api: context.name.into(),
        environment: environment.name.into(),
        router: router.kind(),
        entry: entry.kind,
        object,
        host: host.host.to_owned(),
        path: path.prefix.to_owned(),
        exact: path.exact,
        rewrite: match path.rewrite {
            render::Rewrite::Keep => Rewrite::Keep,
            render::Rewrite::Strip => Rewrite::Strip,
            render::Rewrite::Prefix(other) => Rewrite::Prefix(other.to_owned()),
        },
        written,
        workload: environment.api.several.then(|| target.workload.to_owned()),
        service: target.service.clone(),
        port: match &target.port_name {
            Some(name) if !target.by_number => name.clone(),
            _ => target.port_number.to_string(),
        },
        origin: origin(context, &context.locate_in(environment, &at)),
    }
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
