//! Kong: the request is normalised, regex paths go before prefixes, the longest prefix wins.
//!
//! Kong's ingress controller turns a prefix `/x` into the paths `/x/` and `~/x$`, and an exact path
//! into `~/x$` (`PathsFromIngressPaths` in Kong/kubernetes-ingress-controller). `strip_path` takes the
//! matched part away. What is decoded, and what is encoded again, is `kong/tools/uri.lua`.

use std::cmp::Reverse;

use super::super::{Answer, Rewrite, Route, host, path};
use super::less_specific;

/// Characters that Kong never decodes, since they could change the meaning.
const RESERVED: &[u8] = b"!*'();:@&=+$,/?%#[]";

pub(super) fn answer<'a>(routes: &[&'a Route], host: &str, target: &str) -> Answer<'a> {
    let (request, query) = path::split(target);
    let request = normalised(request.as_bytes());
    let mut matching: Vec<&Route> = routes
        .iter()
        .copied()
        .filter(|route| host::matches(&route.host, host) && fits(route, &request))
        .collect();
    matching.sort_by_key(|route| {
        let is_regex = route.exact || request == path::trimmed(&route.path).as_bytes();
        (host::rank(&route.host).0, !is_regex, !route.exact, Reverse(route.path.len()), &route.object)
    });
    Answer::first(&matching, |route| format!("{}{query}", upstream(route, &request)), less_specific)
}

fn fits(route: &Route, request: &[u8]) -> bool {
    if route.exact {
        return request == route.path.as_bytes();
    }
    let rest = request.strip_prefix(path::trimmed(&route.path).as_bytes());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

/// Returns what the container is asked for. `strip_path` on `~/x$` leaves `/`.
fn upstream(route: &Route, request: &[u8]) -> String {
    let rest = request.strip_prefix(path::trimmed(&route.path).as_bytes()).unwrap_or(request);
    let path = match &route.rewrite {
        Rewrite::Keep => request.to_vec(),
        Rewrite::Strip => rest.to_vec(),
        Rewrite::Prefix(prefix) => [path::trimmed(prefix).as_bytes(), rest].concat(),
    };
    if path.is_empty() { "/".to_owned() } else { escaped(&path) }
}

/// Decodes all but reserved characters, resolves dot segments and merges slashes.
fn normalised(path: &[u8]) -> Vec<u8> {
    let decoded = decoded(path);
    let mut segments: Vec<&[u8]> = Vec::new();
    let last = decoded.split(|byte| *byte == b'/').count() - 1;
    for (index, segment) in decoded.split(|byte| *byte == b'/').enumerate().skip(1) {
        match segment {
            b"." | b"" if index < last => {}
            b"." => segments.push(b""),
            b".." => {
                segments.pop();
                if index == last {
                    segments.push(b"");
                }
            }
            _ => segments.push(segment),
        }
    }
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
