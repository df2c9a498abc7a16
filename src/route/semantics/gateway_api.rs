//! The Gateway API: exact and segment-wise matches, nothing decoded.
//!
//! Precedence by the most specific host, then an exact path, then the longest prefix, then age, then
//! name: <https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule>. What an implementation
//! does with `//`, `%2F` and dot segments before it matches is not specified.

use std::cmp::Reverse;

use super::super::{Answer, Rewrite, Route, host, path};
use super::less_specific;

pub(super) fn answer<'a>(routes: &[&'a Route], host: &str, target: &str) -> Answer<'a> {
    let (request, query) = path::split(target);
    let mut matching: Vec<&Route> = routes
        .iter()
        .copied()
        .filter(|route| host::matches(&route.host, host) && fits(route, request))
        .collect();
    matching.sort_by_key(|route| {
        (host::rank(&route.host), !route.exact, Reverse(path::trimmed(&route.path).len()), &route.object)
    });
    Answer::first(&matching, |route| format!("{}{query}", rewritten(route, request)), less_specific)
}

fn fits(route: &Route, request: &str) -> bool {
    if route.exact { request == route.path } else { path::has_prefix(request, &route.path) }
}

/// Applies `ReplacePrefixMatch`, or `ReplaceFullPath` on an exact match, which allows no other.
fn rewritten(route: &Route, request: &str) -> String {
    let replacement = match &route.rewrite {
        Rewrite::Keep => return request.to_owned(),
        Rewrite::Strip => "/",
        Rewrite::Prefix(prefix) => prefix,
    };
    if route.exact { replacement.to_owned() } else { path::replace(request, &route.path, replacement) }
}
