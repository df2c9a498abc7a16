//! Gateways of the Gateway API.
//!
//! An `HTTPRoute` has one list of hosts for all its rules, so hosts with different paths get routes of
//! their own. A longer prefix wins over a shorter one, and an exact path over both, by the
//! specification. TLS ends at the Gateway. GKE's controller refuses `timeouts` on a route and reads its
//! own policies, which belong to a Service.
//! Sources: <https://gateway-api.sigs.k8s.io/reference/spec/>,
//! <https://cloud.google.com/kubernetes-engine/docs/how-to/configure-gateway-resources> and
//! <https://cloud.google.com/kubernetes-engine/docs/how-to/gatewayclass-capabilities>.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Map, Value as Json, json};

use super::entry::{Entry, EntryHost, EntryPath, Rewrite, Target};
use super::health::{HealthCheck, Protocol};
use super::ingress::{Names, annotations};
use super::written::PathKind;
use super::{
    Made, Placed, Refusal, Router, Written, refuse_settings, refuse_split_timeouts, service_timeouts,
};
use crate::metadata::Timeout;
use crate::platform::{Environment, Gateway, RouterKind};
use crate::schema;

pub(super) struct GatewayApi;

/// The most hosts of an `HTTPRoute`, and the most rules.
const MOST: usize = 16;

impl Router for GatewayApi {
    fn kind(&self) -> RouterKind {
        RouterKind::GatewayApi
    }

    fn template(&self) -> &'static str {
        "gateway-api.yaml.j2"
    }

    fn objects(&self) -> &'static [Made] {
        const {
            &[
                Made::of("routes", "name", "gateway.networking.k8s.io/v1", "HTTPRoute"),
                Made::of("healthChecks", "service", "networking.gke.io/v1", "HealthCheckPolicy"),
                Made::of("backendPolicies", "service", "networking.gke.io/v1", "GCPBackendPolicy"),
            ]
        }
    }

    fn refusals(&self, entries: &[Entry<'_>], environment: &Environment) -> Vec<Refusal> {
        let gke = is_gke(environment);
        let mut refusals =
            if gke { refuse_split_timeouts(entries, "in a policy of the Service") } else { Vec::new() };
        // During a move the certificate is for the other router.
        let alone = environment.router.iter().all(|kind| kind == RouterKind::GatewayApi);
        for entry in entries {
            for (at, _) in entry.certificates().filter(|_| alone) {
                refusals.push(Refusal {
                    at,
                    why: "TLS ends at the Gateway, whose listener names the certificate".to_owned(),
                    help: "remove it, and let a listener of the Gateway have the certificate".to_owned(),
                });
            }
            let help = if gke {
                "let a security policy of Cloud Armor say it, in a GCPBackendPolicy, and remove the key"
            } else {
                "put a policy of the Gateway's own kind into `extraResources`, and remove the key"
            };
            let features = ["maxBodySize", "allowedSources", "rateLimit"];
            refusals.extend(refuse_settings(entry, &features, "an HTTPRoute has no field for it", help));
        }
        refusals
    }

    fn written(&self, path: &EntryPath<'_>, _: bool) -> Written {
        let target = match path.rewrite {
            Rewrite::Keep => None,
            Rewrite::Strip => Some("/".to_owned()),
            Rewrite::Prefix(other) => Some(other.to_owned()),
        };
        Written { target, ..Written::plain(path) }
    }

    fn placed<'e, 'a>(&self, entries: &'e [Entry<'a>], _: &Environment) -> Vec<Placed<'e, 'a>> {
        let mut all = Vec::new();
        for entry in entries {
            for Object { name, hosts, paths } in objects(entry) {
                for host in hosts {
                    all.extend(host.paths[paths.clone()].iter().map(|path| {
                        let written = self.written(path, false);
                        Placed { entry, host, path, object: name.clone(), written }
                    }));
                }
            }
        }
        all
    }

    fn context(&self, entries: &[Entry<'_>], environment: &Environment) -> Json {
        let gke = is_gke(environment);
        let mut routes = Vec::new();
        for entry in entries {
            let timeout = entry.settings.timeout.filter(|_| !gke);
            for Object { name, hosts, paths } in objects(entry) {
                let rules: Vec<Json> = hosts[0].paths[paths].iter().map(|path| rule(path, timeout)).collect();
                routes.push(json!({
                    "name": name,
                    "annotations": annotations(Map::new(), entry, RouterKind::GatewayApi),
                    "parent": parent(environment.gateway.as_ref()),
                    "hosts": hosts.iter().map(|host| host.host).collect::<Vec<_>>(),
                    "rules": rules,
                }));
            }
        }
        let (checks, policies) = if gke { policies(entries) } else { (Vec::new(), Vec::new()) };
        json!({ "routes": routes, "healthChecks": checks, "backendPolicies": policies })
    }

    fn asks_root(&self, target: &Target<'_>, environment: &Environment) -> bool {
        is_gke(environment) && target.health.is_none()
    }
}

fn is_gke(environment: &Environment) -> bool {
    environment.gateway.as_ref().is_some_and(Gateway::is_gke)
}

/// Returns what a route attaches to; that there is none is a finding on platform.yaml.
fn parent(gateway: Option<&Gateway>) -> Json {
    json!({
        "name": gateway.map(|gateway| &gateway.name),
        "namespace": gateway.map(|gateway| &gateway.namespace),
        "sectionName": gateway.map(|gateway| &gateway.section_name),
    })
}

/// An `HTTPRoute`.
struct Object<'e, 'a> {
    name: String,
    hosts: Vec<&'e EntryHost<'a>>,
    /// Which paths of each of the hosts.
    paths: Range<usize>,
}

fn objects<'e, 'a>(entry: &'e Entry<'a>) -> Vec<Object<'e, 'a>> {
    let mut names = Names::new(entry.name.clone());
    let mut objects = Vec::new();
    for hosts in same_paths(entry) {
        let count = hosts[0].paths.len();
        for hosts in hosts.chunks(MOST) {
            for start in (0..count).step_by(MOST) {
                let paths = start..count.min(start + MOST);
                objects.push(Object { name: names.next(hosts[0].host), hosts: hosts.to_vec(), paths });
            }
        }
    }
    objects
}

/// Puts hosts together that have the same paths, in the order of the file.
fn same_paths<'e, 'a>(entry: &'e Entry<'a>) -> Vec<Vec<&'e EntryHost<'a>>> {
    type Key<'k> = (&'k str, bool, Rewrite<'k>, &'k str, u16);
    fn key<'k>(host: &'k EntryHost<'_>) -> Vec<Key<'k>> {
        let key = |path: &'k EntryPath<'_>| {
            (path.prefix, path.exact, path.rewrite, &*path.target.service, path.target.port_number)
        };
        host.paths.iter().map(key).collect()
    }
    let mut lists: Vec<Vec<&'e EntryHost<'a>>> = Vec::new();
    for host in &entry.hosts {
        match lists.iter_mut().find(|list| key(list[0]) == key(host)) {
            Some(list) => list.push(host),
            None => lists.push(vec![host]),
        }
    }
    lists
}

fn rule(path: &EntryPath<'_>, timeout: Option<Timeout>) -> Json {
    let Written { text, kind, target } = GatewayApi.written(path, false);
    let exact = kind == PathKind::Exact;
    let mut filters = Vec::new();
    if let Some(other) = target {
        let (kind, key) = if exact {
            ("ReplaceFullPath", "replaceFullPath")
        } else {
            ("ReplacePrefixMatch", "replacePrefixMatch")
        };
        filters.push(json!({ "type": "URLRewrite", "urlRewrite": { "path": { "type": kind, key: other } } }));
    }
    if path.rewrite == Rewrite::Strip {
        let header = json!([{ "name": "X-Forwarded-Prefix", "value": path.prefix }]);
        filters.push(json!({ "type": "RequestHeaderModifier", "requestHeaderModifier": { "set": header } }));
    }
    json!({
        "match": { "type": if exact { "Exact" } else { "PathPrefix" }, "value": text },
        "filters": if filters.is_empty() { Json::Null } else { filters.into() },
        "timeouts": timeout.map(|timeout| json!({ "request": duration(timeout) })),
        "service": path.target.service,
        "port": path.target.port_number,
    })
}

/// Writes a duration in the greatest unit that it is a multiple of, since the Gateway API takes no number
/// of more than five digits. Source: <https://gateway-api.sigs.k8s.io/geps/gep-2257/>.
fn duration(Timeout(seconds): Timeout) -> String {
    let units = [("h", 3600), ("m", 60)];
    match units.iter().find(|(_, unit)| seconds % unit == 0) {
        Some((name, unit)) => format!("{}{name}", seconds / unit),
        None => format!("{seconds}s"),
    }
}

/// Returns GKE's policies of each Service: health check and timeout.
fn policies(entries: &[Entry<'_>]) -> (Vec<Json>, Vec<Json>) {
    let mut checks = BTreeMap::new();
    for target in entries.iter().flat_map(Entry::targets) {
        if let Some(check) = &target.health {
            checks.insert(&target.service, check);
        }
    }
    let checks = checks.into_iter().map(|(service, check)| health_check(service, check)).collect();
    let policy = |(service, Timeout(seconds))| json!({ "service": service, "timeout": seconds });
    (checks, service_timeouts(entries).into_iter().map(policy).collect())
}

fn health_check(service: &str, check: &HealthCheck<'_>) -> Json {
    // A load balancer reaches the pods themselves, so the port is the container's.
    let port = json!({ "portSpecification": "USE_FIXED_PORT", "port": check.port });
    let with = |fields: Json| {
        let mut map = port.as_object().cloned().unwrap_or_default();
        let fields = fields.as_object().cloned().unwrap_or_default();
        map.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
        Json::Object(map)
    };
    let config = match check.protocol {
        Protocol::Get { secure, path, host } => {
            let host = host.filter(|host| schema::check_host(host).is_ok());
            let (kind, key) =
                if secure { ("HTTPS", "httpsHealthCheck") } else { ("HTTP", "httpHealthCheck") };
            json!({ "type": kind, key: with(json!({ "requestPath": path, "host": host })) })
        }
        Protocol::Tcp => json!({ "type": "TCP", "tcpHealthCheck": with(json!({})) }),
        Protocol::Grpc { service } => {
            json!({ "type": "GRPC", "grpcHealthCheck": with(json!({ "grpcServiceName": service })) })
        }
    };
    json!({
        "service": service,
        "interval": check.interval,
        "timeout": check.timeout,
        "healthy": check.healthy,
        "unhealthy": check.unhealthy,
        "config": config,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_no_more_digits_than_they_were_written_with() {
        let written =
            [45, 90, 60, 5400, 7200, 99_999, 99_999 * 60, 99_999 * 3600].map(|s| duration(Timeout(s)));
        assert_eq!(written, ["45s", "90s", "1m", "90m", "2h", "99999s", "99999m", "99999h"]);
    }
}
