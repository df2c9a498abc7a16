//! The ingress-nginx controller.
//!
//! A rewrite makes every path of the host a case-insensitive regular expression, whatever object it
//! stands in, and the controller tries them by the length of their text. So on a host that is
//! rewritten all paths are written as expressions, with endings of one length, so that a longer prefix
//! stays the longer text; that of an exact path is longer than any other. The controller puts the `^`
//! in front itself, and the API server refuses a path that does not start with `/`.
//! Source: <https://kubernetes.github.io/ingress-nginx/user-guide/ingress-path-matching/>, and for the
//! annotations <https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/>.

use serde_json::{Map, Value as Json, json};

use super::entry::{Entry, EntryPath, Rewrite, rewrites_host};
use super::ingress::{Group, annotations, certificates, escape, groups, object_name, placed, rule};
use super::written::PathKind;
use super::{INGRESS, Made, Placed, Refusal, Router, Written, refuse_pre_shared};
use crate::metadata::{ByteSize, Timeout};
use crate::ordered::map;
use crate::platform::{Environment, RouterKind};

pub(super) struct IngressNginx;

/// How the class is called where platform.yaml says nothing.
const CLASS: &str = "nginx";
/// What all annotations begin with.
const PREFIX: &str = "nginx.ingress.kubernetes.io/";

/// Ends a prefix, and captures what follows the slash.
const BELOW: &str = "(/|$)(.*)";
/// Ends a prefix of the same length, and captures what follows with its slash: a request for the
/// prefix itself gets no slash that it did not have.
const WITH_SLASH: &str = "(/(.*)|$)";
/// Ends an exact path, longer than the ending of a prefix.
const EXACT: &str = "$$$$$$$$$$";

impl Router for IngressNginx {
    fn kind(&self) -> RouterKind {
        RouterKind::IngressNginx
    }

    fn template(&self) -> &'static str {
        "ingress-nginx.yaml.j2"
    }

    fn objects(&self) -> &'static [Made] {
        &[INGRESS]
    }

    fn refusals(&self, entries: &[Entry<'_>], _: &Environment) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        for entry in entries {
            refusals.extend(refuse_pre_shared(entry));
            refusals.extend(refuse_tilde(entries, entry));
            if let Some(limit) = entry.settings.rate_limit
                && limit.burst.is_some_and(|burst| burst % limit.requests_per_second != 0)
            {
                refusals.push(Refusal {
                    at: entry.at(&["rateLimit", "burst"]),
                    why: "it takes the burst as a multiple of `requestsPerSecond`".to_owned(),
                    help: format!(
                        "write a multiple of {}, or leave it out for five times as many",
                        limit.requests_per_second
                    ),
                });
            }
        }
        refusals
    }

    fn written(&self, path: &EntryPath<'_>, mixed: bool) -> Written {
        let rewritten = path.rewrite != Rewrite::Keep;
        if !rewritten && (path.is_whole_host() || !mixed) {
            return Written::plain(path);
        }
        let target = rewritten.then(|| replacement(path));
        Written { text: expression(path), kind: PathKind::Expression, target }
    }

    fn placed<'e, 'a>(&self, entries: &'e [Entry<'a>], environment: &Environment) -> Vec<Placed<'e, 'a>> {
        placed(entries, self, &|entry| objects(entries, entry, environment))
    }

    fn context(&self, entries: &[Entry<'_>], environment: &Environment) -> Json {
        let mut routes = Vec::new();
        for entry in entries {
            let groups = objects(entries, entry, environment);
            for (group, (tls, own)) in groups.iter().zip(certificates(entry, &groups)) {
                routes.push(route(entries, entry, group, tls.as_ref(), own));
            }
        }
        let class = environment.class_of(self.kind()).unwrap_or(CLASS);
        map([("router", json!({ "class": class })), ("routes", routes.into())])
    }

    /// The controller of Argo Rollouts makes a second Ingress with a weight beside each.
    fn rollout_routing(&self, service: &str, context: &Json) -> Option<Json> {
        let leads = |path: &Json| path["backend"]["service"]["name"] == service;
        let all = |list: &Json, key: &str| list[key].as_array().cloned().unwrap_or_default();
        let names: Vec<Json> = all(context, "routes")
            .into_iter()
            .filter(|route| all(route, "rules").iter().any(|rule| all(rule, "paths").iter().any(leads)))
            .map(|route| route["name"].clone())
            .collect();
        (!names.is_empty()).then(|| json!({ "nginx": { "stableIngresses": names } }))
    }

    fn precedence(&self, path: &EntryPath<'_>, regex: bool) -> Option<usize> {
        let text = if regex { expression(path) } else { path.prefix.to_owned() };
        Some(text.len())
    }
}

fn objects<'e, 'a>(
    entries: &[Entry<'_>],
    entry: &'e Entry<'a>,
    environment: &Environment,
) -> Vec<Group<'e, 'a>> {
    let name = object_name(entry, RouterKind::IngressNginx, environment);
    groups(entry, name, &|host, path| {
        // `use-regex` holds for all hosts of an object, and there for the paths of all objects. A whole
        // host that is rewritten anyway goes with either.
        let mixed = rewrites_host(entries, host.host);
        (!mixed || !path.is_whole_host()).then_some(mixed)
    })
}

/// Refuses what the admission webhook refuses in a path of type `Prefix` or `Exact`, where
/// `strict-validate-path-type` is on, as it is unless somebody turns it off.
/// Source: `internal/ingress/inspector/rules.go` of <https://github.com/kubernetes/ingress-nginx>.
fn refuse_tilde(entries: &[Entry<'_>], entry: &Entry<'_>) -> Vec<Refusal> {
    let hosts = entry.hosts.iter().filter(|host| !rewrites_host(entries, host.host));
    let paths = hosts.flat_map(|host| host.paths.iter().map(move |path| (host, path)));
    paths
        .filter(|(_, path)| path.prefix.contains('~'))
        .map(|(host, path)| Refusal {
            at: entry.at_path(host, path, "prefix"),
            why: format!("it refuses the `~` of `{}` in a path that is no regular expression", path.prefix),
            help: "choose a prefix without `~`".to_owned(),
        })
        .collect()
}

fn route(
    entries: &[Entry<'_>],
    entry: &Entry<'_>,
    group: &Group<'_, '_>,
    tls: Option<&Json>,
    mut own: Map<String, Json>,
) -> Json {
    let mut set = |key: &str, value: String| drop(own.insert(format!("{PREFIX}{key}"), value.into()));
    let written = |host: &str, path: &EntryPath<'_>| IngressNginx.written(path, rewrites_host(entries, host));
    if let Some(path) = group.rewritten {
        set("rewrite-target", replacement(path));
    }
    let mut all = group.hosts.iter().flat_map(|(host, paths)| paths.iter().map(|path| (host.host, *path)));
    if all.any(|(host, path)| written(host, path).kind == PathKind::Expression) {
        set("use-regex", "true".to_owned());
    }
    if let Some(EntryPath { rewrite: Rewrite::Strip, prefix, .. }) = group.rewritten {
        set("x-forwarded-prefix", (*prefix).to_owned());
    }
    let settings = &entry.settings;
    if let Some(Timeout(seconds)) = settings.timeout {
        set("proxy-read-timeout", seconds.to_string());
        set("proxy-send-timeout", seconds.to_string());
    }
    if let Some(size) = settings.max_body_size {
        set("proxy-body-size", nginx_size(size));
    }
    if !settings.allowed_sources.is_empty() {
        set("whitelist-source-range", settings.allowed_sources.join(","));
    }
    if let Some(limit) = settings.rate_limit {
        set("limit-rps", limit.requests_per_second.to_string());
        if let Some(burst) = limit.burst {
            set("limit-burst-multiplier", (burst / limit.requests_per_second).to_string());
        }
    }
    let rules: Vec<Json> = group
        .hosts
        .iter()
        .map(|(host, paths)| rule(host.host, paths, &|path| written(host.host, path)))
        .collect();
    map([
        ("name", group.name.as_str().into()),
        ("annotations", annotations(own, entry, RouterKind::IngressNginx)),
        ("tls", tls.cloned().unwrap_or_default()),
        ("rules", rules.into()),
    ])
}

/// Writes a path as a regular expression.
fn expression(path: &EntryPath<'_>) -> String {
    let start = escape(path.prefix);
    match path.rewrite {
        _ if path.exact && start.is_empty() => format!("/{EXACT}"),
        _ if path.exact => format!("{start}{EXACT}"),
        // The whole host, which has to be the shortest text and to begin with a slash.
        _ if start.is_empty() => "/(.*)".to_owned(),
        Rewrite::Prefix(_) => format!("{start}{WITH_SLASH}"),
        Rewrite::Keep | Rewrite::Strip => format!("{start}{BELOW}"),
    }
}

/// Returns what a rewritten path becomes.
fn replacement(path: &EntryPath<'_>) -> String {
    match path.rewrite {
        Rewrite::Prefix(other) if path.exact => other.to_owned(),
        Rewrite::Prefix(other) if path.is_whole_host() => format!("{other}/$1"),
        Rewrite::Prefix(other) => format!("{other}$1"),
        Rewrite::Keep | Rewrite::Strip if path.exact => "/".to_owned(),
        Rewrite::Keep | Rewrite::Strip => "/$2".to_owned(),
    }
}

/// Writes bytes as nginx does, whose units are powers of 1024.
/// Source: <https://nginx.org/en/docs/syntax.html>.
fn nginx_size(ByteSize(bytes): ByteSize) -> String {
    let units = [("g", 1 << 30), ("m", 1 << 20), ("k", 1 << 10)];
    match units.iter().find(|(_, unit)| bytes % unit == 0) {
        Some((name, unit)) => format!("{}{name}", bytes / unit),
        None => bytes.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_nginx_s() {
        let size = |bytes| nginx_size(ByteSize(bytes));
        assert_eq!([size(10 << 20), size(1 << 30), size(512 << 10)], ["10m", "1g", "512k"]);
        assert_eq!([size(10_000_000), size(1500)], ["10000000", "1500"]);
    }

    #[test]
    fn endings_keep_the_order_of_prefixes() {
        assert_eq!(BELOW.len(), WITH_SLASH.len());
        assert!(EXACT.len() > BELOW.len());
    }

    #[test]
    fn the_prefix_is_a_literal() {
        assert_eq!(escape("/v1.2/pay_ments~x"), "/v1\\.2/pay_ments~x");
        assert_eq!(escape("/"), "");
    }
}
