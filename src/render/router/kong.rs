//! The Kong Ingress Controller.
//!
//! A path of type `Prefix` becomes the two routes `/x/` and `~/x$`, by whole segments; one of type
//! `ImplementationSpecific` is a regular expression behind `/~`, and a plain prefix (which `/xy` has
//! too) without. What is stripped is written as an expression: of an equality, which `/x` becomes in
//! the expressions router, Kong strips nothing. Endings are of one length, since Kong tries the longer
//! text first.
//! Sources: `internal/dataplane/translator/subtranslator/ingress.go` and `ingress_atc.go` of
//! <https://github.com/Kong/kubernetes-ingress-controller>, and for the annotations
//! <https://developer.konghq.com/kubernetes-ingress-controller/reference/annotations/>.

use serde_json::{Map, Value as Json, json};

use super::entry::{Entry, EntryPath, Rewrite, rewrites_host};
use super::ingress::{Group, annotations, certificates, escape, groups, object_name, placed, rule};
use super::written::PathKind;
use super::{
    INGRESS, Made, Placed, Refusal, Router, ServiceAnnotations, Written, refuse_pre_shared, refuse_settings,
    refuse_split_timeouts, service_timeouts,
};
use crate::metadata::Timeout;
use crate::platform::{Environment, RouterKind};

pub(super) struct Kong;

/// How the class is called where platform.yaml says nothing.
const CLASS: &str = "kong";
/// How an expression begins.
const REGEX: &str = "/~";

/// Ends a prefix.
const BELOW: &str = "(?:/|$)";
/// Ends a prefix of the same length, and captures what follows with its slash.
const CAPTURED: &str = "(/.*|$)";
/// Ends an exact path, longer than the ending of a prefix.
const EXACT: &str = "$$$$$$$$";

impl Router for Kong {
    fn kind(&self) -> RouterKind {
        RouterKind::Kong
    }

    fn template(&self) -> &'static str {
        "kong.yaml.j2"
    }

    fn objects(&self) -> &'static [Made] {
        &[INGRESS]
    }

    fn refusals(&self, entries: &[Entry<'_>], _: &Environment) -> Vec<Refusal> {
        let mut refusals = refuse_split_timeouts(entries, "on the Service");
        for entry in entries {
            refusals.extend(refuse_pre_shared(entry));
            refusals.extend(refuse_settings(
                entry,
                &["maxBodySize", "allowedSources", "rateLimit"],
                "that takes a KongPlugin",
                "put a KongPlugin into `extraResources`, name it in `annotations: { kong: { konghq.com/plugins: NAME } }`, and remove the key",
            ));
        }
        refusals
    }

    fn written(&self, path: &EntryPath<'_>, mixed: bool) -> Written {
        if path.rewrite == Rewrite::Keep && (path.is_whole_host() || !mixed) {
            return Written::plain(path);
        }
        let target = match (path.rewrite, path.exact, path.is_whole_host()) {
            (Rewrite::Keep | Rewrite::Strip, ..) => None,
            (Rewrite::Prefix(other), true, _) => Some(other.to_owned()),
            (Rewrite::Prefix(other), false, true) => Some(format!("{other}/$1")),
            (Rewrite::Prefix(other), false, false) => Some(format!("{other}$1")),
        };
        Written { text: expression(path), kind: PathKind::Expression, target }
    }

    fn placed<'e, 'a>(&self, entries: &'e [Entry<'a>], environment: &Environment) -> Vec<Placed<'e, 'a>> {
        placed(entries, self, &|entry| objects(entry, environment))
    }

    fn context(&self, entries: &[Entry<'_>], environment: &Environment) -> Json {
        let mut routes = Vec::new();
        for entry in entries {
            let groups = objects(entry, environment);
            for (group, (tls, own)) in groups.iter().zip(certificates(entry, &groups)) {
                routes.push(route(entries, entry, group, tls.as_ref(), own));
            }
        }
        let class = environment.class_of(self.kind()).unwrap_or(CLASS);
        json!({ "router": { "class": class }, "routes": routes })
    }

    /// Kong reads timeouts off the Service, in milliseconds.
    fn service_annotations(&self, entries: &[Entry<'_>]) -> ServiceAnnotations {
        service_timeouts(entries)
            .into_iter()
            .map(|(service, Timeout(seconds))| {
                let milliseconds = (u64::from(seconds) * 1000).to_string();
                let keys = ["konghq.com/read-timeout", "konghq.com/write-timeout"];
                (service, keys.map(|key| (key.to_owned(), milliseconds.clone())).into())
            })
            .collect()
    }

    fn precedence(&self, path: &EntryPath<'_>, regex: bool) -> Option<usize> {
        // Of a plain prefix the longer of its two routes counts, which has a slash behind it.
        Some(if regex { expression(path).len() - REGEX.len() } else { path.prefix.len() + 1 })
    }
}

fn objects<'e, 'a>(entry: &'e Entry<'a>, environment: &Environment) -> Vec<Group<'e, 'a>> {
    groups(entry, object_name(entry, RouterKind::Kong, environment), &|_, _| None)
}

fn route(
    entries: &[Entry<'_>],
    entry: &Entry<'_>,
    group: &Group<'_, '_>,
    tls: Option<&Json>,
    mut own: Map<String, Json>,
) -> Json {
    let strips = group.rewritten.is_some_and(|path| path.rewrite == Rewrite::Strip);
    own.insert("konghq.com/strip-path".to_owned(), strips.to_string().into());
    if let Some(target) = group.rewritten.and_then(|path| Kong.written(path, true).target) {
        own.insert("konghq.com/rewrite".to_owned(), target.into());
    }
    let rules: Vec<Json> = group
        .hosts
        .iter()
        .map(|(host, paths)| {
            let mixed = rewrites_host(entries, host.host);
            rule(host.host, paths, &|path| Kong.written(path, mixed))
        })
        .collect();
    json!({
        "name": group.name,
        "annotations": annotations(own, entry, RouterKind::Kong),
        "tls": tls,
        "rules": rules,
    })
}

/// Writes a path as a regular expression.
fn expression(path: &EntryPath<'_>) -> String {
    let start = escape(path.prefix);
    match path.rewrite {
        _ if path.exact && start.is_empty() => format!("{REGEX}/{EXACT}"),
        _ if path.exact => format!("{REGEX}{start}{EXACT}"),
        // The whole host, which has to be the shortest text.
        _ if start.is_empty() => format!("{REGEX}/(.*)"),
        Rewrite::Prefix(_) => format!("{REGEX}{start}{CAPTURED}"),
        Rewrite::Keep | Rewrite::Strip => format!("{REGEX}{start}{BELOW}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_keep_the_order_of_prefixes() {
        assert_eq!(BELOW.len(), CAPTURED.len());
        assert!(EXACT.len() > BELOW.len());
    }
}
