//! The ingress-nginx controller.
//!
//! A rewrite makes every path of the host a case-insensitive regex, so the unified prefix is written
//! as one: `/payments(/|$)(.*)` to `/$2`. The controller puts the `^` in front itself, and the API
//! server refuses a path that does not start with `/`.
//! Source: <https://kubernetes.github.io/ingress-nginx/user-guide/ingress-path-matching/>.

use serde_json::{Value as Json, json};

use super::{Entry, Router};
use crate::platform::{Environment, RouterKind};

pub(super) struct IngressNginx;

impl Router for IngressNginx {
    fn kind(&self) -> RouterKind {
        RouterKind::IngressNginx
    }

    fn template(&self) -> &'static str {
        "ingress-nginx.yaml.j2"
    }

    fn context(&self, entries: &[Entry<'_>], environment: &Environment) -> Json {
        let routes: Vec<Json> = entries.iter().map(route).collect();
        json!({ "router": { "class": environment.ingress_class }, "routes": routes })
    }

    /// The controller makes a second Ingress with a weight beside each.
    fn rollout_routing(&self, objects: &[&str]) -> Option<Json> {
        (!objects.is_empty()).then(|| json!({ "nginx": { "stableIngresses": objects } }))
    }
}

fn route(entry: &Entry<'_>) -> Json {
    let (path, path_type, annotations) = match entry.prefix {
        None => ("/".to_owned(), "Prefix", Json::Null),
        Some(prefix) => (
            format!("{}(/|$)(.*)", escape(prefix)),
            "ImplementationSpecific",
            json!({
                "nginx.ingress.kubernetes.io/rewrite-target": "/$2",
                "nginx.ingress.kubernetes.io/use-regex": "true",
                "nginx.ingress.kubernetes.io/x-forwarded-prefix": prefix,
            }),
        ),
    };
    json!({
        "name": entry.name,
        "hosts": entry.hosts,
        "path": path,
        "pathType": path_type,
        "annotations": annotations,
        "service": entry.service,
        "port": match &entry.port.name {
            Some(name) => json!({ "name": name }),
            None => json!({ "number": entry.port.port }),
        },
    })
}

/// Escapes what a prefix may hold and a regex would read: the dot.
fn escape(prefix: &str) -> String {
    prefix.replace('.', "\\.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_is_a_literal() {
        assert_eq!(escape("/v1.2/pay_ments~x"), "/v1\\.2/pay_ments~x");
    }
}
