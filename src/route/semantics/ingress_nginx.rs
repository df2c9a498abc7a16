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

use super::super::{Answer, Lost, Note, NoteKind, Rewrite, Route, host, path};

/// What the Ingress API calls the type of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathType {
    /// By whole segments.
    Prefix,
    /// This very path.
    Exact,
    /// As the controller likes: here a regex.
    ImplementationSpecific,
}

/// A path of an Ingress object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IngressPath {
    /// The path, a regex for [`PathType::ImplementationSpecific`].
    pub path: String,
    /// Its type.
    pub path_type: PathType,
    /// The annotation `rewrite-target`.
    pub rewrite_target: Option<String>,
}

/// Returns the form in which a route stands in its Ingress object.
pub fn ingress_path(route: &Route) -> IngressPath {
    let (target, tail) = match (&route.rewrite, route.path.as_str()) {
        (Rewrite::Keep, _) | (Rewrite::Strip, "/") => {
            let path_type = if route.exact { PathType::Exact } else { PathType::Prefix };
            return IngressPath { path: route.path.clone(), path_type, rewrite_target: None };
        }
        (Rewrite::Strip, _) if route.exact => ("/".to_owned(), "$"),
        (Rewrite::Prefix(prefix), _) if route.exact => (prefix.clone(), "$"),
        (Rewrite::Strip, _) => ("/$2".to_owned(), "(/|$)(.*)"),
        (Rewrite::Prefix(prefix), "/") => (format!("{}/$1", path::trimmed(prefix)), "(.*)"),
        (Rewrite::Prefix(prefix), _) => (format!("{}$1$2", path::trimmed(prefix)), "(/|$)(.*)"),
    };
    // Of what a prefix may hold, a regex reads the dot alone.
    let path = format!("{}{tail}", route.path.replace('.', "\\."));
    IngressPath { path, path_type: PathType::ImplementationSpecific, rewrite_target: Some(target) }
}

/// A `location` block.
struct Location<'a> {
    path: String,
    path_type: PathType,
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
    let is_regex = server.iter().any(|route| ingress_path(route).rewrite_target.is_some());
    let mut matching = Vec::new();
    let locations = locations(&server);
    if is_regex {
        matching.extend(locations.iter().filter(|location| location.fits_as_regex(&uri)));
    } else {
        matching.extend(locations.iter().filter(|location| location.fits(&uri)));
        matching
            .sort_by_key(|location| (location.path_type != PathType::Exact, Reverse(location.path.len())));
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
    let default = IngressPath { path: "/".to_owned(), path_type: PathType::Prefix, rewrite_target: None };
    // The controller starts with the default backend, whose place a route for the root takes.
    let mut paths: Vec<(IngressPath, Option<&Route>)> = vec![(default, None)];
    let mut by_name = server.to_vec();
    by_name.sort_by(|a, b| a.object.cmp(&b.object));
    for route in by_name {
        let path = ingress_path(route);
        let same = paths
            .iter_mut()
            .find(|(known, _)| (&known.path, known.path_type) == (&path.path, path.path_type));
        match same {
            Some((_, known)) => *known = known.or(Some(route)),
            None => paths.push((path, Some(route))),
        }
    }
    paths.sort_by(|(a, _), (b, _)| (b.path.len(), &b.path).cmp(&(a.path.len(), &a.path)));
    let exact: Vec<String> = paths
        .iter()
        .filter(|(path, _)| path.path_type == PathType::Exact)
        .map(|(path, _)| path.path.clone())
        .collect();
    let mut locations = Vec::new();
    for (IngressPath { path, path_type, .. }, route) in paths {
        if path_type != PathType::Prefix || path == "/" {
            locations.push(Location { path, path_type, route });
            continue;
        }
        locations.push(Location { path: format!("{path}/"), path_type, route });
        if !exact.contains(&path) {
            locations.push(Location { path, path_type: PathType::Exact, route });
        }
    }
    locations
}

impl Location<'_> {
    /// Without regex: the path itself, or its start.
    fn fits(&self, uri: &[u8]) -> bool {
        match self.path_type {
            PathType::Exact => uri == self.path.as_bytes(),
            _ => uri.starts_with(self.path.as_bytes()),
        }
    }

    /// As `~* "^path"`.
    fn fits_as_regex(&self, uri: &[u8]) -> bool {
        match (self.path_type, self.route) {
            (PathType::ImplementationSpecific, Some(route)) => groups(route, uri).is_some(),
            _ => literally(self.path.as_bytes(), uri, true).is_some(),
        }
    }
}

/// Matches the start of a URI without regard to case, and returns the rest. Where a path was written
/// as a plain one and is read as a regex, its dots stand for any character but a newline.
fn literally<'u>(path: &[u8], uri: &'u [u8], dot_is_any: bool) -> Option<&'u [u8]> {
    let (start, rest) = uri.split_at_checked(path.len())?;
    let fits = |(wanted, actual): (&u8, &u8)| match wanted {
        b'.' if dot_is_any => *actual != b'\n',
        _ => wanted.eq_ignore_ascii_case(actual),
    };
    path.iter().zip(start).all(fits).then_some(rest)
}

/// Matches a rewriting route's regex, and returns what its two groups capture: the slash, and the
/// rest up to a newline, which `.` does not match. `$` also matches in front of a last newline.
fn groups<'u>(route: &Route, uri: &'u [u8]) -> Option<(&'static str, &'u [u8])> {
    let prefix = if route.exact { &route.path } else { path::trimmed(&route.path) };
    let rest = literally(prefix.as_bytes(), uri, false)?;
    let line = |text: &'u [u8]| text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    match rest {
        b"" | b"\n" => Some(("", b"")),
        [b'/', rest @ ..] if !route.exact => Some(("/", line(rest))),
        _ => None,
    }
}

/// Returns what the container is asked for: as sent, or rewritten and encoded anew.
fn passed_on(route: &Route, uri: &[u8], target: &str, query: &str) -> String {
    let Some(rewrite) = ingress_path(route).rewrite_target else { return target.to_owned() };
    let (slash, rest) = groups(route, uri).unwrap_or_default();
    let mut path: Vec<u8> = match &route.rewrite {
        _ if route.exact => rewrite.into_bytes(),
        Rewrite::Prefix(prefix) => [path::trimmed(prefix).as_bytes(), slash.as_bytes(), rest].concat(),
        _ => [b"/", rest].concat(),
    };
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
    let mut segments: Vec<&[u8]> = Vec::new();
    let last = decoded.split(|byte| *byte == b'/').count() - 1;
    for (index, segment) in decoded.split(|byte| *byte == b'/').enumerate().skip(1) {
        match segment {
            b"." | b"" if index < last => {}
            b"." => segments.push(b""),
            b".." => {
                segments.pop()?;
                if index == last {
                    segments.push(b"");
                }
            }
            _ => segments.push(segment),
        }
    }
    Some([b"/", segments.join(&b'/').as_slice()].concat())
}

fn why(winner: &Route, loser: &Route, is_regex: bool) -> String {
    let (first, second) = (ingress_path(winner).path, ingress_path(loser).path);
    if is_regex {
        format!(
            "the text of its location, `{second}`, is not longer than `{first}`, and the longest goes first"
        )
    } else {
        super::less_specific(winner, loser)
    }
}

/// Names the routes that the controller left out since another object has the same path.
fn add_twins<'a>(answer: &mut Answer<'a>, server: &[&'a Route]) {
    let Some(winner) = answer.route else { return };
    let twin =
        |route: &&&Route| !std::ptr::eq(**route, winner) && ingress_path(route) == ingress_path(winner);
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
    let cause = server
        .iter()
        .find(|route| !std::ptr::eq(**route, winner) && ingress_path(route).rewrite_target.is_some());
    if ingress_path(winner).rewrite_target.is_some() {
        return None;
    }
    let literal = winner.path.as_bytes();
    let rest = uri.get(literal.len()..).unwrap_or_default();
    if !rest.is_empty() && (winner.exact || !rest.starts_with(b"/")) {
        let what = if winner.exact { "an exact path" } else { "a whole segment" };
        let text = format!("`{}` was written as {what} and matches as the start of a regex", winner.path);
        return Some(Note::new(NoteKind::PartOfSegment, text));
    }
    let text = format!(
        "`{}` rewrites, so all paths of this host are case-insensitive regexes, also `{}`",
        cause?.object, winner.path
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
