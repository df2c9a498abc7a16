//! GKE's Ingress controller: a URL map of exact paths and `/*`, the longest first, no rewrite.
//!
//! A prefix `/x` becomes the two path rules `/x` and `/x/*`, `/` becomes `/*`, and an exact path one
//! rule: `validateAndModifyPrefixPathType` of kubernetes/ingress-gce, `pkg/translator`. The host is chosen first.
//! Rules: <https://cloud.google.com/load-balancing/docs/url-map-concepts#pm-constraints>.

use std::cmp::Reverse;

use super::super::{Answer, Note, NoteKind, Rewrite, Route, host, path};
use super::less_specific;
use crate::render::{PathKind, Written};

pub(super) fn answer<'a>(routes: &[&'a Route], host: &str, target: &str) -> Answer<'a> {
    let (request, _) = path::split(target);
    let mut matching = host::virtual_host(routes, host, host::matches);
    matching.retain(|route| rules(route).iter().any(|rule| fits(rule, request)));
    matching.sort_by_key(|route| {
        // A `*` adds nothing: `/a` goes before `/*`.
        let length = |rule: String| rule.trim_end_matches('*').len();
        let longest = rules(route).into_iter().filter(|rule| fits(rule, request)).map(length).max();
        (Reverse(longest), !route.exact, &route.object)
    });
    let mut answer = Answer::first(&matching, |_| target.to_owned(), less_specific);
    if let Some(route) = answer.route.filter(|route| route.rewrite != Rewrite::Keep) {
        let text = format!(
            "gce-ingress cannot rewrite: lint refuses this, and as it stands the container would see the prefix `{}`",
            route.path
        );
        answer.notes.push(Note::new(NoteKind::NoRewrite, text));
    }
    answer
}

/// Returns the path rules of a route.
fn rules(route: &Route) -> Vec<String> {
    let Written { text, kind, .. } = &route.written;
    match path::trimmed(text) {
        _ if *kind == PathKind::Exact => vec![text.clone()],
        "" => vec!["/*".to_owned()],
        path => vec![path.to_owned(), format!("{path}/*")],
    }
}

fn fits(rule: &str, request: &str) -> bool {
    match rule.strip_suffix('*') {
        Some(prefix) => request.starts_with(prefix),
        None => request == rule,
    }
}
