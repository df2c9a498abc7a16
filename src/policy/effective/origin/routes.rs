//! Places in what routers read: Ingress, `HTTPRoute`, and what stands beside them.

use serde_json::Value as Json;

use super::Asked;
use super::rows::{Hit, Scope, look};
use super::table::{ROUTE, Row};
use crate::platform::Extent;
use crate::policy::spot::Spot;
use crate::render::{self, EntryKind, Placed};

/// Finds what of `routes` is behind a place; nothing where the object is none that a router reads.
pub(super) fn look_up(asked: &Asked<'_, '_>) -> Option<Hit> {
    let environment = asked.environment;
    if asked.context.api.extent() != Extent::Full || !is_of_router(asked.kind()) {
        return None;
    }
    let entries = render::entries(environment.api, environment.settings);
    for router in render::routers_of(environment.settings) {
        let placed = router.placed(&entries, environment.settings);
        let mine = |placed: &&Placed<'_, '_>| {
            placed.object == *asked.object.name || placed.path.target.service == *asked.object.name
        };
        let all: Vec<&Placed<'_, '_>> = placed.iter().filter(mine).collect();
        let Some(first) = all.first() else { continue };
        if let Some(hit) = all.iter().find_map(|placed| of_path(asked, placed)) {
            return Some(hit);
        }
        let names = [
            ("entry", first.entry.kind.key()),
            ("router", router.kind().name()),
            ("environment", environment.name),
        ];
        return look(ROUTE, asked.way, Scope { names: &names, ..asked.scope(None, &[]) });
    }
    None
}

fn is_of_router(kind: &str) -> bool {
    matches!(
        kind,
        "Ingress"
            | "HTTPRoute"
            | "HealthCheckPolicy"
            | "GCPBackendPolicy"
            | "BackendConfig"
            | "KongPlugin"
            | "FrontendConfig"
    )
}

/// Looks a place up in the path, or the host, that it is about.
fn of_path(asked: &Asked<'_, '_>, placed: &Placed<'_, '_>) -> Option<Hit> {
    let way = asked.way;
    if way.len() < 2 || way[0].text != "spec" {
        return None;
    }
    let is_host = |value: Option<&Json>| value.and_then(Json::as_str) == Some(placed.host.host);
    let (host, path) = match &*way[1].text {
        "hostnames" => (is_host(way.get(2)?.value), false),
        "rules" => {
            let rule = way.get(2)?.value?;
            if let Some(host) = rule.get("host") {
                let path = way.get(5).and_then(|path| path.value);
                let path = path.is_some_and(|path| path["path"] == *placed.written.text);
                (is_host(Some(host)) && (path || way.len() < 6), path)
            } else {
                let text = rule.pointer("/matches/0/path/value");
                let here = text.is_some_and(|text| *text == *placed.written.text);
                (here, here)
            }
        }
        _ => return None,
    };
    if !host {
        return None;
    }
    let unified = placed.entry.kind == EntryKind::Unified;
    if !path {
        let host: &[Row] = &[("", "platform:environments.{environment}.unifiedHost")];
        if unified {
            return look(host, &[], asked.scope(None, &[]));
        }
        let at = placed.entry.at(&["hosts", &placed.host.index.to_string(), "host"]);
        return nearest(asked, &at);
    }
    let about = |key: &str| way.iter().skip(3).any(|taken| taken.text == key);
    let key = match () {
        () if about("port") => "port",
        () if about("service") || about("backendRefs") => "workload",
        () if about("filters") => "rewritePrefix",
        () => "prefix",
    };
    let own = placed.entry.at_path(placed.host, placed.path, key);
    exact(asked, &own)
        .or_else(|| exact(asked, &placed.entry.at(&[key])))
        .or_else(|| nearest(asked, &placed.entry.at_path(placed.host, placed.path, "prefix")))
}

/// Finds what is written at some keys of the API.
fn exact(asked: &Asked<'_, '_>, keys: &[String]) -> Option<Hit> {
    let mut spot = Spot::of(asked.environment.tree);
    for key in keys {
        spot = spot.get(key)?;
    }
    Some(Hit::Exact(spot.span()))
}

/// Finds what is written at some keys of the API, or the last of them that is there.
fn nearest(asked: &Asked<'_, '_>, keys: &[String]) -> Option<Hit> {
    (1..=keys.len()).rev().find_map(|length| exact(asked, &keys[..length]))
}
