//! NetworkPolicies: who may reach the pods of each workload, and what they may reach.
//!
//! A NetworkPolicy only ever opens; what one selects is closed in the directions that it names. So
//! whatever must stay open has to be said here: the routers, monitoring, the pods of the same API, and for
//! egress DNS and the metadata server.

use serde_json::{Map, Value as Json, json};

use super::{list, strings, workload_labels};
use crate::metadata::{API_LABEL, Api, Destination, DestinationPort, Peer, Profile, Workload};
use crate::ordered::Ordered;
use crate::platform::{self, Environment, NetworkSource, Platform, RouterKind};
use crate::render::router;

/// The label by which Kubernetes names each namespace.
const NAMESPACE_LABEL: &str = "kubernetes.io/metadata.name";

/// Where Google's load balancers and their health checks come from, where the backends are pods
/// (<https://cloud.google.com/load-balancing/docs/firewall-rules>). Requests through those that are not
/// global come from a proxy-only subnet instead, which only platform.yaml knows.
const GOOGLE_FRONT_ENDS: &[&str] = &["35.191.0.0/16", "130.211.0.0/22"];

/// How the classes of GKE's global Gateways begin.
const GLOBAL_GATEWAYS: &[&str] = &["gke-l7-global-external-managed", "gke-l7-gxlb"];

/// The class of GKE's Ingress that is not global.
const INTERNAL_INGRESS: &str = "gce-internal";

/// GKE's metadata server with its ports: with Dataplane V2, and without it
/// (<https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity>).
const METADATA_SERVER: &[(&str, [u16; 2])] =
    &[("169.254.169.254/32", [80, 8080]), ("169.254.169.252/32", [988, 987])];

/// Where DNS is answered unless platform.yaml says otherwise.
const DNS_NAMESPACE: &str = "kube-system";

/// Tells whether an API has NetworkPolicies.
///
/// One that was adopted has none until its callers are named: nobody knows them, and closing the pods
/// to them would be an outage.
fn is_wanted(api: &Api, platform: &Platform) -> bool {
    let known = api.profile == Profile::Standard || !api.network_policy.callers.is_empty();
    api.network_policy.enabled.unwrap_or(platform.network_policy.enabled && known)
}

/// Prepares the context of `networkpolicy.yaml.j2` for each workload that has a policy.
pub(in crate::render) fn network_policies(
    api: &Api,
    environment: &Environment,
    platform: &Platform,
) -> Vec<Json> {
    if !is_wanted(api, platform) {
        return Vec::new();
    }
    let routed = routed(api, environment);
    let policy = Policies { api, environment, platform, routed: &routed };
    api.workloads.iter().filter_map(|workload| policy.of(workload)).collect()
}

/// Returns the router whose requests would reach no pod: a policy closes them, a route leads to them,
/// and nobody says where the router is.
pub fn router_without_source(
    api: &Api,
    environment: &Environment,
    platform: &Platform,
) -> Option<&'static str> {
    if !is_wanted(api, platform) || routed(api, environment).is_empty() {
        return None;
    }
    let mut routers = environment.router.iter();
    routers.find(|router| source(platform, environment, *router).is_none()).map(RouterKind::name)
}

/// Returns where a router's requests come from.
fn source(platform: &Platform, environment: &Environment, router: RouterKind) -> Option<NetworkSource> {
    if let Some(source) = platform.network_policy.sources.get(router.name()) {
        return Some(source.clone());
    }
    let google = match router {
        RouterKind::GceIngress => environment.class_of(router) != Some(INTERNAL_INGRESS),
        RouterKind::GatewayApi => {
            let class = environment.gateway.as_ref().and_then(|gateway| gateway.class.as_deref());
            class.is_some_and(|class| GLOBAL_GATEWAYS.iter().any(|global| class.starts_with(global)))
        }
        RouterKind::IngressNginx | RouterKind::Kong => false,
    };
    google.then(|| NetworkSource {
        ip_blocks: GOOGLE_FRONT_ENDS.iter().map(|block| (*block).to_owned()).collect(),
        ..NetworkSource::default()
    })
}

/// A port of a Service that a route leads to.
struct Routed {
    service: String,
    port: u16,
    /// The port of the container that a load balancer asks whether it can serve.
    health: Option<u16>,
}

fn routed(api: &Api, environment: &Environment) -> Vec<Routed> {
    let entries = router::entries(api, environment);
    let targets = entries.iter().flat_map(router::Entry::targets);
    let port = |target: &router::Target<'_>| Routed {
        service: target.service.clone(),
        port: target.port_number,
        health: target.health.as_ref().map(|health| health.port),
    };
    targets.map(port).collect()
}

/// The policies of an API in one environment.
struct Policies<'a> {
    api: &'a Api,
    environment: &'a Environment,
    platform: &'a Platform,
    routed: &'a [Routed],
}

impl Policies<'_> {
    /// Prepares the policy of a workload. One that listens nowhere has none for what comes in, so that
    /// with nothing to say about what goes out there is no policy at all.
    fn of(&self, workload: &Workload) -> Option<Json> {
        let listening = listening(workload);
        let ingress = (!listening.is_empty()).then(|| self.ingress(workload, &listening));
        let egress = self.api.network_policy.egress.as_ref().map(|wanted| self.egress(wanted));
        let directions = [("Ingress", ingress.is_some()), ("Egress", egress.is_some())];
        let types: Vec<&str> =
            directions.into_iter().filter(|(_, there)| *there).map(|(name, _)| name).collect();
        (!types.is_empty()).then(|| {
            json!({ "policy": {
                "name": self.api.own_name(workload),
                "labels": workload_labels(self.api, workload),
                "selector": self.api.selector(workload),
                "types": types,
                "ingress": ingress,
                "egress": egress,
            } })
        })
    }

    fn ingress(&self, workload: &Workload, listening: &[(u16, String)]) -> Vec<Json> {
        let mut rules = vec![rule("from", self.own_pods(), None)];
        let service = self.api.service_name(workload);
        let mut routed: Vec<(u16, String)> = Vec::new();
        let offered = workload.service_ports();
        for here in self.routed.iter().filter(|routed| routed.service == service) {
            let port = offered.iter().find(|port| port.port == here.port).and_then(|port| port.target);
            for port in port.into_iter().chain(here.health) {
                add(&mut routed, port, "TCP");
            }
        }
        if !routed.is_empty() {
            let (platform, environment) = (self.platform, self.environment);
            let sources =
                environment.router.iter().filter_map(|router| source(platform, environment, router));
            for source in sources {
                let ports = if source.ports.is_empty() { ports(&routed) } else { source_ports(&source) };
                rules.push(rule("from", source_peers(&source), ports));
            }
        }
        let callers: Vec<Json> = self.api.network_policy.callers.iter().map(|peer| self.peer(peer)).collect();
        if !callers.is_empty() {
            rules.push(rule("from", callers, ports(listening)));
        }
        if let Some(source) = &self.platform.network_policy.monitoring {
            rules.push(rule("from", source_peers(source), source_ports(source)));
        }
        rules
    }

    fn egress(&self, wanted: &[Destination]) -> Vec<Json> {
        let mut rules = vec![rule("to", self.own_pods(), None)];
        for destination in wanted {
            let peers = destination.peer.iter().map(|peer| self.peer(peer)).collect();
            rules.push(rule("to", peers, list(destination.ports.iter().map(destination_port))));
        }
        let settings = &self.platform.network_policy;
        let (dns, dns_ports) = match &settings.dns {
            Some(source) => (source_peers(source), source.ports.clone()),
            None => (vec![json!({ "namespaceSelector": in_namespace(DNS_NAMESPACE) })], Vec::new()),
        };
        let dns_ports = if dns_ports.is_empty() { vec![53.into()] } else { dns_ports };
        let each = dns_ports
            .iter()
            .flat_map(|port| ["UDP", "TCP"].map(|protocol| json!({ "port": port, "protocol": protocol })));
        rules.push(rule("to", dns, list(each)));
        if settings.metadata_server {
            for (address, open) in METADATA_SERVER {
                let each = open.iter().map(|port| json!({ "port": port, "protocol": "TCP" }));
                rules.push(rule("to", vec![json!({ "ipBlock": { "cidr": address } })], list(each)));
            }
        }
        rules
    }

    /// Returns the pods of the API itself.
    fn own_pods(&self) -> Vec<Json> {
        let selects = |labels: Option<Json>| json!({ "podSelector": { "matchLabels": labels } });
        if self.api.profile == Profile::Standard {
            return vec![selects(Some(of_api(&self.api.name)))];
        }
        // What was adopted has no label of onramp's own.
        let workloads = self.api.workloads.iter();
        workloads.map(|workload| selects(strings(&self.api.selector(workload)))).collect()
    }

    fn peer(&self, peer: &Peer) -> Json {
        let Peer { api, namespace, pod_labels, cidr } = peer;
        if let Some(api) = api {
            let namespace = platform::namespace(&self.environment.namespace, api);
            return json!({
                "namespaceSelector": in_namespace(&namespace),
                "podSelector": { "matchLabels": of_api(api) },
            });
        }
        if let Some(cidr) = cidr {
            return json!({ "ipBlock": { "cidr": cidr } });
        }
        let mut pods = Map::new();
        pods.extend(namespace.iter().map(|name| ("namespaceSelector".to_owned(), in_namespace(name))));
        pods.extend(selector(pod_labels).map(|labels| ("podSelector".to_owned(), labels)));
        Json::Object(pods)
    }
}

fn selector(labels: &Ordered<String>) -> Option<Json> {
    strings(labels).map(|labels| json!({ "matchLabels": labels }))
}

fn of_api(name: &str) -> Json {
    json!({ API_LABEL: name })
}

fn in_namespace(name: &str) -> Json {
    json!({ "matchLabels": { NAMESPACE_LABEL: name } })
}

/// Makes a rule; without peers it holds for all, without ports for every port.
fn rule(side: &str, peers: Vec<Json>, ports: Option<Json>) -> Json {
    let mut rule = Map::new();
    rule.extend(list(peers.into_iter()).map(|peers| (side.to_owned(), peers)));
    rule.extend(ports.map(|ports| ("ports".to_owned(), ports)));
    Json::Object(rule)
}

/// Returns the ports on which the containers of a workload listen, as far as it says them.
fn listening(workload: &Workload) -> Vec<(u16, String)> {
    let mut ports = Vec::new();
    for here in workload.running_containers() {
        for (_, port) in here.container.ports.iter() {
            add(&mut ports, port.container_port, &port.protocol);
        }
        let verbatim = here.container.verbatim.get("ports").and_then(Json::as_array);
        for port in verbatim.into_iter().flatten() {
            let number = port["containerPort"].as_u64().and_then(|number| u16::try_from(number).ok());
            if let Some(number) = number {
                add(&mut ports, number, port["protocol"].as_str().unwrap_or("TCP"));
            }
        }
    }
    for port in workload.service_ports().iter().filter_map(|port| port.target) {
        if !ports.iter().any(|(known, _)| *known == port) {
            add(&mut ports, port, "TCP");
        }
    }
    ports
}

fn add(ports: &mut Vec<(u16, String)>, port: u16, protocol: &str) {
    if !ports.iter().any(|known| known.0 == port && known.1 == protocol) {
        ports.push((port, protocol.to_owned()));
    }
}

fn ports(all: &[(u16, String)]) -> Option<Json> {
    list(all.iter().map(|(port, protocol)| json!({ "port": port, "protocol": protocol })))
}

fn destination_port(port: &DestinationPort) -> Json {
    match port.end_port {
        Some(end) => json!({ "port": port.port, "endPort": end, "protocol": port.protocol }),
        None => json!({ "port": port.port, "protocol": port.protocol }),
    }
}

fn source_peers(source: &NetworkSource) -> Vec<Json> {
    let selectors =
        [("namespaceSelector", &source.namespace_selector), ("podSelector", &source.pod_selector)];
    let pods: Map<String, Json> = selectors
        .into_iter()
        .filter_map(|(key, selector)| Some((key.to_owned(), Json::Object(selector.clone()?))))
        .collect();
    let pods = (!pods.is_empty()).then_some(Json::Object(pods));
    let blocks = source.ip_blocks.iter().map(|block| json!({ "ipBlock": { "cidr": block } }));
    pods.into_iter().chain(blocks).collect()
}

fn source_ports(source: &NetworkSource) -> Option<Json> {
    list(source.ports.iter().map(|port| json!({ "port": port, "protocol": "TCP" })))
}
