//! Hosts: what a request names, and what a route names.

use super::Route;

/// How many near hosts are worth naming.
const NEAREST: usize = 3;

/// Returns a request's host as routers compare it: in lower case, without port and final dot.
pub fn plain_host(host: &str) -> String {
    let host = host.split(':').next().unwrap_or_default();
    host.trim_end_matches('.').to_ascii_lowercase()
}

/// Tells whether a route's host means a request's host, `*.` standing for one or more labels. onramp
/// itself refuses wildcards.
pub(super) fn matches(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some(suffix) => host.len() > suffix.len() && host.ends_with(suffix),
        None => pattern == host,
    }
}

/// As [`matches()`], `*.` standing for one label.
pub(super) fn matches_label(pattern: &str, host: &str) -> bool {
    let label = pattern.strip_prefix('*').and_then(|suffix| host.strip_suffix(suffix));
    label.map_or(pattern == host, |label| !label.is_empty() && !label.contains('.'))
}

/// Orders hosts as all routers do: one without wildcard before one with, a longer one before a
/// shorter one. The best is the least.
pub(super) fn rank(pattern: &str) -> (bool, std::cmp::Reverse<usize>) {
    (pattern.starts_with('*'), std::cmp::Reverse(pattern.len()))
}

/// Returns the routes of the one virtual host that a router picks before it looks at paths.
pub(super) fn virtual_host<'a>(
    routes: &[&'a Route],
    host: &str,
    matches: fn(&str, &str) -> bool,
) -> Vec<&'a Route> {
    let matching = routes.iter().copied().filter(|route| matches(&route.host, host));
    let Some(best) = matching.clone().map(|route| rank(&route.host)).min() else { return Vec::new() };
    matching.filter(|route| rank(&route.host) == best).collect()
}

/// Returns the hosts that a reader most likely meant, nearest first.
pub fn nearest_hosts<'a>(host: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut ranked: Vec<(usize, &str)> =
        known.into_iter().map(|known| (strsim::damerau_levenshtein(host, known), known)).collect();
    ranked.sort_unstable();
    ranked.dedup();
    ranked.into_iter().take(NEAREST).map(|(_, known)| known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_compared_without_case_port_and_final_dot() {
        assert_eq!(plain_host("Api.Acme.Example.:8443"), "api.acme.example");
    }

    #[test]
    fn a_wildcard_needs_a_label() {
        assert!(matches("*.a.example", "b.a.example"));
        assert!(matches("*.a.example", "c.b.a.example"));
        assert!(!matches("*.a.example", "a.example"));
        assert!(!matches("*.a.example", "ba.example"));
        assert!(matches_label("*.a.example", "b.a.example"));
        assert!(!matches_label("*.a.example", "c.b.a.example"));
        assert!(matches_label("a.example", "a.example"));
    }

    #[test]
    fn the_nearest_come_first() {
        let known = ["shop.b.example", "api.acme.example", "api.staging.acme.example", "x.example"];
        assert_eq!(nearest_hosts("api.acme.exampel", known)[0], "api.acme.example");
        assert_eq!(nearest_hosts("api.acme.exampel", known).len(), 3);
    }
}
