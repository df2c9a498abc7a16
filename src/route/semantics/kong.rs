//! Kong: the request is normalised, regex paths go before prefixes, the longest prefix wins.
//!
//! Kong's ingress controller turns a prefix `/x` into the paths `/x/` and `~/x$`, and an exact path
//! into `~/x$` (`PathsFromIngressPaths` in Kong/kubernetes-ingress-controller); what begins with `/~` is a
//! regular expression. `strip_path` takes the matched part away. What is decoded, and what is encoded
//! again, is `kong/tools/uri.lua`.

use std::cmp::Reverse;

use super::super::{Answer, Rewrite, Route, host, path};
use super::expression::{Expression, Flavour};
use super::less_specific;
use crate::render::{PathKind, Written};

/// How a path begins that is an expression.
const REGEX: &str = "/~";
/// As Kong's router reads expressions.
const FLAVOUR: Flavour = Flavour { ignores_case: false, before_newline: false };

/// Characters that Kong never decodes, since they could change the meaning.
const RESERVED: &[u8] = b"!*'();:@&=+$,/?%#[]";

pub(super) fn answer<'a>(routes: &[&'a Route], host: &str, target: &str) -> Answer<'a> {
    let (request, query) = path::split(target);
    let request = normalised(request.as_bytes());
    let mut matching: Vec<(&Route, Vec<u8>)> = routes
        .iter()
        .filter(|route| host::matches(&route.host, host))
        .filter_map(|route| Some((*route, upstream(route, &request)?)))
        .collect();
    matching.sort_by_key(|(route, _)| {
        let (is_regex, length) = order(route, &request);
        (host::rank(&route.host).0, !is_regex, Reverse(length), !route.exact, &route.object)
    });
    let path = matching.first().map(|(_, path)| escaped(path)).unwrap_or_default();
    let matching: Vec<&Route> = matching.into_iter().map(|(route, _)| route).collect();
    Answer::first(&matching, |_| format!("{path}{query}"), |winner, loser| why(winner, loser, &request))
}

/// Tells how early Kong tries the path of a route that matches: whether by an expression, and how long
/// its text is.
fn order(route: &Route, request: &[u8]) -> (bool, usize) {
    let Written { text, kind, .. } = &route.written;
    match kind {
        PathKind::Expression => (true, text.len() - REGEX.len()),
        PathKind::Exact => (true, text.len() + 1),
        PathKind::Prefix => {
            let path = path::trimmed(text);
            (request == path.as_bytes(), path.len() + 1)
        }
    }
}

/// Returns what the container is asked for, where a route matches.
fn upstream(route: &Route, request: &[u8]) -> Option<Vec<u8>> {
    let Written { text, kind, target } = &route.written;
    let rest = match kind {
        PathKind::Expression => {
            let found = Expression::new(text.strip_prefix(REGEX).unwrap_or(text), FLAVOUR).find(request)?;
            if let Some(target) = target {
                return Some(found.expand(target));
            }
            found.rest
        }
        PathKind::Exact => (request == text.as_bytes()).then_some(b"".as_slice())?,
        PathKind::Prefix => {
            let rest = request.strip_prefix(path::trimmed(text).as_bytes())?;
            (rest.is_empty() || rest.starts_with(b"/")).then_some(rest)?
        }
    };
    let kept = if route.rewrite == Rewrite::Strip { rest } else { request };
    // What `strip_path` leaves gets its slash back.
    Some(if kept.starts_with(b"/") { kept.to_vec() } else { [b"/", kept].concat() })
}

fn why(winner: &Route, loser: &Route, request: &[u8]) -> String {
    let host = host::rank(&winner.host).0 == host::rank(&loser.host).0;
    match (order(winner, request), order(loser, request)) {
        ((true, _), (false, _)) if host => {
            format!("`{}` is a regular expression, and those go first", winner.written.text)
        }
        ((one, first), (other, second)) if host && one == other && first > second => {
            format!("its text `{}` is shorter than `{}`", loser.written.text, winner.written.text)
        }
        _ => less_specific(winner, loser),
    }
}

/// Decodes all but reserved characters, resolves dot segments and merges slashes.
fn normalised(path: &[u8]) -> Vec<u8> {
    let decoded = decoded(path);
    let (segments, _) = path::resolved(&decoded);
    segments.iter().fold(Vec::new(), |mut out, segment| {
        out.push(b'/');
        out.extend_from_slice(segment);
        out
    })
}

fn decoded(path: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((first, after)) = rest.split_first() {
        let triplet = path::hex_pair(after).filter(|_| *first == b'%');
        match triplet {
            Some(byte) if RESERVED.contains(&byte) => {
                out.push(b'%');
                out.extend(after[..2].iter().map(u8::to_ascii_uppercase));
            }
            Some(byte) => out.push(byte),
            None => out.push(*first),
        }
        rest = if triplet.is_some() { &after[2..] } else { after };
    }
    out
}

/// Encodes what may not stand in a path; a `%` that is left is part of an encoding.
fn escaped(path: &[u8]) -> String {
    let is_safe =
        |byte: u8| byte.is_ascii_alphanumeric() || RESERVED.contains(&byte) || b"-._~\\".contains(&byte);
    path::percent_encoded(path, is_safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: Kong/kong, `spec/01-unit/18-tools_uri_spec.lua` and RFC 3986, 5.2.4.
    #[test]
    fn requests_are_normalised() {
        for (raw, expected) in [
            ("/", "/"),
            ("/a/../b", "/b"),
            ("/a/..", "/"),
            ("/a/.", "/a/"),
            ("/../a", "/a"),
            ("/a//b", "/a/b"),
            ("//", "/"),
            ("/a//", "/a/"),
            ("/%61/%2f/%2F", "/a/%2F/%2F"),
            ("/%2e%2e/a", "/a"),
            ("/a%zz", "/a%zz"),
        ] {
            assert_eq!(String::from_utf8(normalised(raw.as_bytes())).unwrap(), expected, "{raw}");
        }
        assert_eq!(escaped(&normalised(b"/a%20b%C3%A9")), "/a%20b%C3%A9");
    }
}
