//! The Ingress controller of Google Cloud.
//!
//! It knows its objects by the annotation, not by `ingressClassName`: an object that has the field and
//! not the annotation is none of its own. A path of type `Prefix` becomes `/x` and `/x/*`, by whole
//! segments, and the longest wins. Nothing can be rewritten. Health check and timeout stand in a
//! `BackendConfig`, which the Service names.
//! Sources: `pkg/utils/utils.go`, `pkg/controller/translator/translator.go` and `pkg/annotations` of
//! <https://github.com/kubernetes/ingress-gce>, and
//! <https://cloud.google.com/kubernetes-engine/docs/how-to/ingress-configuration>.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use super::entry::{Entry, EntryPath, Rewrite, Target};
use super::health::{HealthCheck, Protocol};
use super::ingress::{Group, annotations, certificates, groups, object_name, placed, rule};
use super::{
    INGRESS, Made, Placed, Refusal, Router, ServiceAnnotations, Written, refuse_settings,
    refuse_split_timeouts, service_timeouts,
};
use crate::metadata::Timeout;
use crate::platform::{Environment, RouterKind};

pub(super) struct GceIngress;

/// How the class is called where platform.yaml says nothing: the external load balancer.
const CLASS: &str = "gce";

impl Router for GceIngress {
    fn kind(&self) -> RouterKind {
        RouterKind::GceIngress
    }

    fn template(&self) -> &'static str {
        "gce-ingress.yaml.j2"
    }

    fn objects(&self) -> &'static [Made] {
        const { &[INGRESS, Made::of("backends", "name", "cloud.google.com/v1", "BackendConfig")] }
    }

    fn refusals(&self, entries: &[Entry<'_>], _: &Environment) -> Vec<Refusal> {
        let mut refusals = refuse_split_timeouts(entries, "in the BackendConfig of the Service");
        for entry in entries {
            for host in &entry.hosts {
                for path in &host.paths {
                    let key = match path.rewrite {
                        Rewrite::Keep => continue,
                        Rewrite::Strip => "strip",
                        Rewrite::Prefix(_) => "rewritePrefix",
                    };
                    refusals.push(Refusal {
                        at: entry.at_path(host, path, key),
                        why: format!("it cannot rewrite `{}`", path.prefix),
                        help: "let the application serve the prefix and write `strip: false`, or let `gateway-api` be the router"
                            .to_owned(),
                    });
                }
            }
            // A second object would be a second load balancer.
            let is_plain =
                entry.hosts.iter().flat_map(|host| &host.paths).all(|path| path.rewrite == Rewrite::Keep);
            if is_plain && groups(entry, String::new(), &|_, _| None).len() > 1 {
                refusals.push(Refusal {
                    at: entry.at(&["hosts"]),
                    why: "its one Ingress has one issuer for all its Secrets".to_owned(),
                    help: "name the same `issuer` for all hosts, or none".to_owned(),
                });
            }
            refusals.extend(refuse_settings(
                entry,
                &["maxBodySize", "allowedSources", "rateLimit"],
                "an Ingress of Google Cloud has no field for it",
                "let a security policy of Cloud Armor say it, in a patch of the BackendConfig, and remove the key",
            ));
        }
        refusals
    }

    fn written(&self, path: &EntryPath<'_>, _: bool) -> Written {
        Written::plain(path)
    }

    fn placed<'e, 'a>(&self, entries: &'e [Entry<'a>], environment: &Environment) -> Vec<Placed<'e, 'a>> {
        placed(entries, self, &|entry| objects(entry, environment))
    }

    fn context(&self, entries: &[Entry<'_>], environment: &Environment) -> Json {
        let class = environment.class_of(self.kind()).unwrap_or(CLASS);
        let mut routes = Vec::new();
        for entry in entries {
            let groups = objects(entry, environment);
            for (group, (tls, mut own)) in groups.iter().zip(certificates(entry, &groups)) {
                own.insert("kubernetes.io/ingress.class".to_owned(), class.into());
                let shared: BTreeSet<&str> = group
                    .hosts
                    .iter()
                    .filter_map(|(host, _)| entry.tls_of(host)?.pre_shared_certificate.as_deref())
                    .collect();
                if !shared.is_empty() {
                    let names = shared.into_iter().collect::<Vec<_>>().join(",");
                    own.insert("ingress.gcp.kubernetes.io/pre-shared-cert".to_owned(), names.into());
                }
                let rules: Vec<Json> = group
                    .hosts
                    .iter()
                    .map(|(host, paths)| rule(host.host, paths, &|path| Written::plain(path)))
                    .collect();
                routes.push(json!({
                    "name": group.name,
                    "annotations": annotations(own, entry, RouterKind::GceIngress),
                    "tls": tls,
                    "rules": rules,
                }));
            }
        }
        let backends: Vec<Json> = backends(entries)
            .into_iter()
            .filter(|(_, backend)| !backend.is_empty())
            .map(|(service, backend)| json!({ "name": service, "spec": backend.spec() }))
            .collect();
        json!({ "routes": routes, "backends": backends })
    }

    fn asks_root(&self, target: &Target<'_>, _: &Environment) -> bool {
        !matches!(target.health, Some(HealthCheck { protocol: Protocol::Get { .. }, .. }))
    }

    fn service_annotations(&self, entries: &[Entry<'_>]) -> ServiceAnnotations {
        let annotations = |service: &str, backend: &Backend<'_>| {
            // Endpoints and not nodes are what the load balancer reaches; health checks ask their ports.
            let mut map =
                BTreeMap::from([("cloud.google.com/neg".to_owned(), json!({ "ingress": true }).to_string())]);
            if !backend.is_empty() {
                let config = json!({ "default": service }).to_string();
                map.insert("cloud.google.com/backend-config".to_owned(), config);
            }
            map
        };
        backends(entries)
            .into_iter()
            .map(|(service, backend)| (service.to_owned(), annotations(service, &backend)))
            .collect()
    }
}

fn objects<'e, 'a>(entry: &'e Entry<'a>, environment: &Environment) -> Vec<Group<'e, 'a>> {
    groups(entry, object_name(entry, RouterKind::GceIngress, environment), &|_, _| None)
}

/// What a `BackendConfig` says.
#[derive(Default)]
struct Backend<'e> {
    timeout: Option<Timeout>,
    check: Option<(&'e HealthCheck<'e>, bool, &'e str)>,
}

fn backends<'e>(entries: &'e [Entry<'_>]) -> BTreeMap<&'e str, Backend<'e>> {
    let timeouts = service_timeouts(entries);
    let mut backends: BTreeMap<&str, Backend<'_>> = BTreeMap::new();
    for target in entries.iter().flat_map(Entry::targets) {
        let backend = backends.entry(&target.service).or_default();
        backend.timeout = timeouts.get(&target.service).copied();
        // A BackendConfig asks by HTTP or not at all.
        if let Some(check @ HealthCheck { protocol: Protocol::Get { secure, path, .. }, .. }) = &target.health
        {
            backend.check = Some((check, *secure, path));
        }
    }
    backends
}

impl Backend<'_> {
    fn is_empty(&self) -> bool {
        self.timeout.is_none() && self.check.is_none()
    }

    fn spec(&self) -> Json {
        let mut spec = Map::new();
        if let Some((check, secure, path)) = self.check {
            let check = json!({
                "type": if secure { "HTTPS" } else { "HTTP" },
                "requestPath": path,
                "port": check.port,
                "checkIntervalSec": check.interval,
                "timeoutSec": check.timeout,
                "healthyThreshold": check.healthy,
                "unhealthyThreshold": check.unhealthy,
            });
            spec.insert("healthCheck".to_owned(), check);
        }
        if let Some(Timeout(seconds)) = self.timeout {
            spec.insert("timeoutSec".to_owned(), seconds.into());
        }
        Json::Object(spec)
    }
}
