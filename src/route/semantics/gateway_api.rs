//! The Gateway API: exact and segment-wise matches, nothing decoded.
//!
//! Precedence by the most specific host, then an exact path, then the longest prefix, then age, then
//! name: <https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule>. What an implementation
//! does with `//`, `%2F` and dot segments before it matches is not specified.

use std::cmp::Reverse;

use super::super::{Answer, Route, host, path};
use super::less_specific;
use crate::render::{PathKind, Written};

pub(super) fn answer<'a>(routes: &[&'a Route], host: &str, target: &str) -> Answer<'a> {
    let (request, query) = path::split(target);
    let mut matching: Vec<&Route> = routes
        .iter()
        .copied()
        .filter(|route| host::matches(&route.host, host) && fits(route, request))
        .collect();
    matching.sort_by_key(|route| {
        let Written { text, kind, .. } = &route.written;
        let length = path::trimmed(text).len();
        (host::rank(&route.host), *kind != PathKind::Exact, Reverse(length), &route.object)
    });
    Answer::first(&matching, |route| format!("{}{query}", rewritten(route, request)), less_specific)
}

fn fits(route: &Route, request: &str) -> bool {
    let Written { text, kind, .. } = &route.written;
    if *kind == PathKind::Exact { request == text } else { path::has_prefix(request, text) }
}

/// Applies `ReplacePrefixMatch`, or `ReplaceFullPath` on an exact match, which allows no other.
fn rewritten(route: &Route, request: &str) -> String {
    let Written { text, kind, target } = &route.written;
    match target {
        None => request.to_owned(),
        Some(replacement) if *kind == PathKind::Exact => replacement.clone(),
        Some(replacement) => path::replace(request, text, replacement),
    }
}
