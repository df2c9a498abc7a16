//! ingress-nginx: one `server` for each host, `location` blocks in its order, nginx's own rules.
//!
//! If any path of a host is rewritten, every path of that host becomes a case-insensitive regex that
//! is anchored at its start only, and the longest text goes first:
//! <https://kubernetes.github.io/ingress-nginx/user-guide/ingress-path-matching/>, `enforceRegexModifier`
//! and `buildLocation` in `internal/ingress/controller/template/template.go`. Otherwise a prefix `/x` is
//! two locations, `= /x` and `/x/`: `updateServerLocations` in `internal/ingress/controller/location.go`.
//! A wildcard host is one label: `buildServerName` in `template.go`.
//! nginx matches the decoded path without dot segments and with slashes merged, and passes on what
//! was sent unless it was rewritten: <https://nginx.org/en/docs/http/ngx_http_core_module.html#location>.

use std::cmp::Reverse;

use super::super::{Answer, Lost, Note, NoteKind, Route, host, path};
use super::expression::{Expression, Flavour, Match};
use crate::render::{PathKind, Written};

/// `~*`, and `$` of PCRE.
const FLAVOUR: Flavour = Flavour { ignores_case: true, before_newline: true };

/// A `location` block.
struct Location<'a> {
    path: String,
    kind: PathKind,
    /// None for the default backend, which answers 404.
    route: Option<&'a Route>,
}

pub(super) fn answer<'a>(routes: &[&'a Route], host: &str, target: &str) -> Answer<'a> {
    let server = host::virtual_host(routes, host, host::matches_label);
    if server.is_empty() {
        return Answer::refused(404);
    }
    let (request, query) = path::split(target);
    let Some(uri) = normalised(request.as_bytes()) else { return Answer::refused(400) };
    let is_regex = server.iter().any(|route| route.written.kind == PathKind::Expression);
    let mut matching = Vec::new();
    let locations = locations(&server);
    if is_regex {
        matching.extend(locations.iter().filter(|location| find(&location.path, &uri).is_some()));
    } else {
        matching.extend(locations.iter().filter(|location| location.fits(&uri)));
        matching.sort_by_key(|location| (location.kind != PathKind::Exact, Reverse(location.path.len())));
    }
    let mut found: Vec<&Route> = Vec::new();
    for route in matching.iter().map_while(|location| location.route) {
        // A prefix without regex is two locations.
        if !found.iter().any(|known| std::ptr::eq(*known, route)) {
            found.push(route);
        }
    }
    let mut answer = Answer::first(
        &found,
        |route| passed_on(route, &uri, target, query),
        |winner, loser| why(winner, loser, is_regex),
    );
    add_twins(&mut answer, &server);
    if is_regex {
        answer.notes.extend(regex_note(&answer, &server, &uri));
    }
    answer
}

/// Writes the locations of a server in the controller's order: duplicates left out, the longest path
/// first, then what a prefix adds.
fn locations<'a>(server: &[&'a Route]) -> Vec<Location<'a>> {
    // The controller starts with the default backend, whose place a route for the root takes.
    let mut paths: Vec<(&str, PathKind, Option<&Route>)> = vec![("/", PathKind::Prefix, None)];
    let mut by_name = server.to_vec();
    by_name.sort_by(|a, b| a.object.cmp(&b.object));
    for route in by_name {
        let Written { text, kind, .. } = &route.written;
        match paths.iter_mut().find(|(path, known, _)| (*path, *known) == (text, *kind)) {
            Some((.., known)) => *known = known.or(Some(route)),
            None => paths.push((text, *kind, Some(route))),
        }
    }
    paths.sort_by(|(a, ..), (b, ..)| (b.len(), b).cmp(&(a.len(), a)));
    let exact: Vec<&str> =
        paths.iter().filter(|(_, kind, _)| *kind == PathKind::Exact).map(|(path, ..)| *path).collect();
    let mut locations = Vec::new();
    for (path, kind, route) in paths {
        let path = path.to_owned();
        if kind != PathKind::Prefix || path == "/" {
            locations.push(Location { path, kind, route });
            continue;
        }
        locations.push(Location { path: format!("{path}/"), kind, route });
        if !exact.contains(&&*path) {
            locations.push(Location { path, kind: PathKind::Exact, route });
        }
    }
    locations
}

impl Location<'_> {
    /// Without regex: the path itself, or its start.
    fn fits(&self, uri: &[u8]) -> bool {
        match self.kind {
            PathKind::Exact => uri == self.path.as_bytes(),
            _ => uri.starts_with(self.path.as_bytes()),
        }
    }
}

/// Matches a path as `~* "^path"`, whatever it was written as: so a dot of a plain one stands for any
/// character.
fn find<'u>(path: &str, uri: &'u [u8]) -> Option<Match<'u>> {
    Expression::new(path, FLAVOUR).find(uri)
}

/// Returns what the container is asked for: as sent, or rewritten and encoded anew.
fn passed_on(route: &Route, uri: &[u8], target: &str, query: &str) -> String {
    let Written { text, target: replacement, .. } = &route.written;
    let Some((replacement, found)) = replacement.as_ref().zip(find(text, uri)) else {
        return target.to_owned();
    };
    let mut path = found.expand(replacement);
    if path.is_empty() {
        path.push(b'/');
    }
    let is_safe = |byte: u8| byte.is_ascii_graphic() && !b"\"#%<>?\\^`{|}".contains(&byte);
    // An empty query loses its mark.
    format!("{}{}", path::percent_encoded(&path, is_safe), if query == "?" { "" } else { query })
}

/// Decodes, resolves dot segments and merges slashes, as `ngx_http_parse_complex_uri` does. None
/// where nginx answers 400: a path that leaves the root, a NUL byte, a broken encoding.
fn normalised(path: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let byte = path::hex_pair(after).filter(|byte| *byte != 0)?;
            decoded.push(byte);
            rest = &after[2..];
        } else {
            decoded.push(*first);
            rest = after;
        }
    }
    let (segments, leaves) = path::resolved(&decoded);
    if leaves {
        return None;
    }
    Some([b"/", segments.join(&b'/').as_slice()].concat())
}

fn why(winner: &Route, loser: &Route, is_regex: bool) -> String {
    if is_regex {
        format!(
            "the text of its location, `{}`, is not longer than `{}`, and the longest goes first",
            loser.written.text, winner.written.text
        )
    } else {
        super::less_specific(winner, loser)
    }
}

/// Names the routes that the controller left out since another object has the same path.
fn add_twins<'a>(answer: &mut Answer<'a>, server: &[&'a Route]) {
    let Some(winner) = answer.route else { return };
    let path = |route: &'a Route| (&route.written.text, route.written.kind);
    let twin = |route: &&&'a Route| !std::ptr::eq(**route, winner) && path(route) == path(winner);
    for route in server.iter().filter(twin) {
        let text = format!(
            "`{}` says the same; the older object wins, and how old they are is not in the repo",
            route.object
        );
        answer.lost.push(Lost { route, why: format!("it says the same as `{}`", winner.object) });
        answer.notes.push(Note::new(NoteKind::Tie, text));
    }
}

/// Says that a rewrite elsewhere changed how the winner matches, and where that shows.
fn regex_note(answer: &Answer<'_>, server: &[&Route], uri: &[u8]) -> Option<Note> {
    let winner = answer.route.filter(|route| route.path != "/")?;
    if winner.written.kind == PathKind::Expression {
        return None;
    }
    let cause = server.iter().find(|route| route.written.kind == PathKind::Expression)?;
    let rest = uri.get(winner.path.len()..).unwrap_or_default();
    if !rest.is_empty() && (winner.exact || !rest.starts_with(b"/")) {
        let what = if winner.exact { "an exact path" } else { "a whole segment" };
        let text = format!("`{}` was written as {what} and matches as the start of a regex", winner.path);
        return Some(Note::new(NoteKind::PartOfSegment, text));
    }
    let text = format!(
        "`{}` rewrites, so all paths of this host are case-insensitive regexes, also `{}`",
        cause.object, winner.path
    );
    Some(Note::new(NoteKind::HostWideRegex, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each as a real nginx answered it; the conformance suite asks again.
    #[test]
    fn nginx_normalises_before_it_matches() {
        for (raw, expected) in [
            ("/", Some("/")),
            ("/a//b", Some("/a/b")),
            ("/a/./b", Some("/a/b")),
            ("/a/../b", Some("/b")),
            ("/a/..", Some("/")),
            ("/a/.", Some("/a/")),
            ("/a%2Fb", Some("/a/b")),
            ("/a/%2e%2e/b", Some("/b")),
            ("/...", Some("/...")),
            ("/../a", None),
            ("/a%00", None),
            ("/a%zz", None),
            ("/a%2", None),
        ] {
            let expected = expected.map(|text| text.as_bytes().to_vec());
            assert_eq!(normalised(raw.as_bytes()), expected, "{raw}");
        }
    }
}
