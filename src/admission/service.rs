//! Services: `ValidateService`.

use std::net::IpAddr;

use super::at::{At, Faults, show};
use super::handler;
use super::meta::{self, Naming};
use super::selector;
use super::text::{self, CIDR, DNS_LABEL, IP, QUALIFIED, SUBDOMAIN};

/// The annotation that was there before `loadBalancerSourceRanges`.
const SOURCE_RANGES: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";

/// Ports that a cluster gives away as node ports, unless it was told otherwise.
const NODE_PORTS: std::ops::RangeInclusive<i64> = 30000..=32767;

/// `ValidateService`.
pub(super) fn service<'a>(root: At<'a, '_>, faults: &mut Faults<'a>) {
    // A digit may come first behind a gate, which newer versions can have open.
    let naming = if faults.since(35) { Naming::Label } else { Naming::Label1035 };
    meta::object(root, naming, faults);
    let spec = root.key("spec");
    let kind = Some(spec.key("type").text()).filter(|text| !text.is_empty()).unwrap_or("ClusterIP");
    faults.one_of(spec.key("type"), &["ClusterIP", "NodePort", "LoadBalancer", "ExternalName", ""]);
    let headless = spec.key("clusterIP").text() == "None";
    let ports = spec.key("ports");
    if ports.len() == 0 && !headless && kind != "ExternalName" {
        faults.refuse(ports, "a service has a port");
    }
    match kind {
        "LoadBalancer" | "NodePort" if headless => {
            faults.refuse(
                spec.key("clusterIP"),
                format!("`clusterIP: None` and `type: {kind}` exclude each other"),
            );
        }
        "ExternalName" => external_name(spec, faults),
        _ => {}
    }
    list_of_ports(ports, kind, faults);
    selector::labels(spec.key("selector"), faults);
    affinity(spec, faults);
    if kind != "ExternalName" {
        cluster_ips(spec, headless, faults);
    }
    let external = spec.key("externalIPs");
    for address in external.items() {
        faults.hold(address, &IP);
        if text::ip(address.text()).is_some_and(is_special) {
            faults.refuse(address, format!("{} is no address that others can reach", show(address.text())));
        }
    }
    load_balancer(root, kind, faults);
    traffic(spec, kind, faults);
    ignored(spec, kind, faults);
}

/// What a name outside has, and what it has not.
fn external_name<'a>(spec: At<'a, '_>, faults: &mut Faults<'a>) {
    for key in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
        let at = spec.key(key);
        if at.is_set() && (at.len() > 0 || at.json.as_str().is_some_and(|text| !text.is_empty())) {
            faults.refuse(at, format!("`type: ExternalName` has no `{key}`"));
        }
    }
    let name = spec.key("externalName");
    let text = name.text().strip_suffix('.').unwrap_or(name.text());
    if text.is_empty() {
        faults.refuse(name, "`type: ExternalName` needs an `externalName`");
    } else {
        faults.hold_text(name, text, &SUBDOMAIN);
    }
}

/// `validateServicePort`, and what ports have to do with each other.
fn list_of_ports<'a>(at: At<'a, '_>, kind: &str, faults: &mut Faults<'a>) {
    let mut names: Vec<&str> = Vec::new();
    let (mut taken, mut node_taken) = (Vec::new(), Vec::new());
    for port in at.items() {
        let name = port.key("name");
        if name.text().is_empty() {
            if at.len() > 1 {
                faults.refuse(name, "each of several ports has a name");
            }
        } else {
            faults.hold(name, &DNS_LABEL);
            if names.contains(&name.text()) {
                faults.refuse(name, format!("two ports are called {}", show(name.text())));
            }
            names.push(name.text());
        }
        let (number, target, node) = (port.key("port"), port.key("targetPort"), port.key("nodePort"));
        if number.number_or_zero() == 0 {
            faults.refuse(number, "`port` is missing");
        }
        faults.port(number);
        let protocol = Some(port.key("protocol").text()).filter(|text| !text.is_empty()).unwrap_or("TCP");
        faults.one_of(port.key("protocol"), &["TCP", "UDP", "SCTP", ""]);
        // 0 and the empty text are what was left out.
        if target.is_set() && target.number() != Some(0) && target.json != "" {
            handler::port(target, faults);
        }
        if port.has("appProtocol") {
            faults.hold(port.key("appProtocol"), &QUALIFIED);
        }
        if taken.contains(&(protocol, number.number_or_zero())) {
            faults.refuse(port, format!("port {} stands there twice", number.number_or_zero()));
        }
        taken.push((protocol, number.number_or_zero()));
        if let Some(outer) = node.number().filter(|outer| *outer != 0) {
            if kind == "ClusterIP" {
                faults.refuse(node, "`type: ClusterIP` has no `nodePort`");
            } else if node_taken.contains(&(protocol, outer)) {
                faults.refuse(node, format!("node port {outer} stands there twice"));
            } else if !NODE_PORTS.contains(&outer) {
                let message = format!("node port {outer} cannot be had: clusters give away 30000 to 32767");
                faults.breaks(node, message);
            }
            node_taken.push((protocol, outer));
        }
    }
}

/// `validateClientIPAffinityConfig`.
fn affinity<'a>(spec: At<'a, '_>, faults: &mut Faults<'a>) {
    let affinity = spec.key("sessionAffinity");
    faults.one_of(affinity, &["ClientIP", "None", ""]);
    if affinity.text() == "ClientIP" {
        let config = spec.key("sessionAffinityConfig");
        let client = config.key("clientIP");
        faults.within(client.key("timeoutSeconds"), 1, 86400);
    }
}

/// `ValidateServiceClusterIPsRelatedFields`.
fn cluster_ips<'a>(spec: At<'a, '_>, headless: bool, faults: &mut Faults<'a>) {
    let (one, all) = (spec.key("clusterIP"), spec.key("clusterIPs"));
    let (families, policy) = (spec.key("ipFamilies"), spec.key("ipFamilyPolicy"));
    let first = all.json.get(0).and_then(|first| first.as_str());
    match (one.text(), first) {
        ("", Some(_)) => faults.refuse(all, "`clusterIPs` needs `clusterIP`"),
        (one, Some(first)) if one != first => {
            faults.refuse(all, "the first of `clusterIPs` is `clusterIP`");
        }
        _ => {}
    }
    let mut seen: Vec<&str> = Vec::new();
    for family in families.items() {
        faults.one_of(family, &["IPv4", "IPv6"]);
        if seen.contains(&family.text()) {
            faults.refuse(family, format!("{} stands there twice", show(family.text())));
        }
        seen.push(family.text());
    }
    faults.one_of(policy, &["SingleStack", "PreferDualStack", "RequireDualStack"]);
    if !headless && !one.text().is_empty() {
        faults.hold(one, &IP);
    }
    for (index, address) in all.items().enumerate() {
        if address.text() == "None" && index == 0 {
            if all.len() > 1 {
                faults.refuse(all, "`None` stands alone");
            }
        } else {
            faults.hold(address, &IP);
        }
    }
    if all.len() > 2 {
        faults.refuse(all, format!("there are {} addresses, 2 at the most", all.len()));
    }
    let kinds: Vec<Option<bool>> =
        all.items().map(|address| text::ip(address.text()).map(|address| address.is_ipv4())).collect();
    if let [Some(one), Some(other)] = kinds[..]
        && one == other
    {
        faults.refuse(all, "two addresses are of two families");
    }
    // Where `clusterIPs` is left out, the server fills it in.
    let own = [text::ip(one.text()).map(|address| address.is_ipv4())];
    let kinds = if all.len() == 0 { &own[..] } else { &kinds[..] };
    for (family, v4) in families.items().zip(kinds) {
        let wanted = family.text() == "IPv4";
        if v4.is_some_and(|v4| v4 != wanted) && matches!(family.text(), "IPv4" | "IPv6") {
            faults.refuse(one, format!("its family is not {}, as `ipFamilies` says", show(family.text())));
        }
    }
}

/// `ValidateEndpointIP`.
fn is_special(address: IpAddr) -> bool {
    let link_local = match address {
        IpAddr::V4(address) => address.is_link_local() || address.octets()[..3] == [224, 0, 0],
        IpAddr::V6(address) => address.is_unicast_link_local() || address.segments()[0] & 0xff0f == 0xff02,
    };
    address.is_unspecified() || address.is_loopback() || link_local
}

/// What only a load balancer has.
fn load_balancer<'a>(root: At<'a, '_>, kind: &str, faults: &mut Faults<'a>) {
    let spec = root.key("spec");
    let ranges = spec.key("loadBalancerSourceRanges");
    let metadata = root.key("metadata");
    let annotations = metadata.key("annotations");
    let annotation = annotations.key(SOURCE_RANGES);
    if ranges.len() > 0 {
        if kind != "LoadBalancer" {
            faults.refuse(ranges, "it needs `type: LoadBalancer`");
        }
        ranges.items().for_each(|range| faults.hold_text(range, range.text().trim(), &CIDR));
    } else if annotation.is_set() {
        if kind != "LoadBalancer" {
            faults.refuse(annotation, "it needs `type: LoadBalancer`");
        }
        if !annotation.text().trim().is_empty() {
            annotation.text().split(',').for_each(|range| faults.hold_text(annotation, range.trim(), &CIDR));
        }
    }
    let allocate = spec.key("allocateLoadBalancerNodePorts");
    if allocate.is_set() && kind != "LoadBalancer" {
        faults.refuse(allocate, "it needs `type: LoadBalancer`");
    }
    let class = spec.key("loadBalancerClass");
    if class.is_set() {
        if kind == "LoadBalancer" {
            faults.hold(class, &QUALIFIED);
        } else {
            faults.refuse(class, "it needs `type: LoadBalancer`");
        }
    }
}

/// `validateServiceExternalTrafficPolicy`, `validateServiceTrafficDistribution`.
fn traffic<'a>(spec: At<'a, '_>, kind: &str, faults: &mut Faults<'a>) {
    let external = spec.key("externalTrafficPolicy");
    let reachable = matches!(kind, "LoadBalancer" | "NodePort")
        || (kind == "ClusterIP" && spec.key("externalIPs").len() > 0);
    if reachable {
        faults.one_of(external, &["Cluster", "Local", ""]);
    } else if !external.text().is_empty() {
        faults.refuse(external, format!("`type: {kind}` has no `externalTrafficPolicy`"));
    }
    let check = spec.key("healthCheckNodePort");
    if check.number_or_zero() != 0 {
        if kind == "LoadBalancer" && external.text() == "Local" {
            faults.port(check);
        } else {
            faults.refuse(check, "it needs `type: LoadBalancer` and `externalTrafficPolicy: Local`");
        }
    }
    faults.one_of(spec.key("internalTrafficPolicy"), &["Cluster", "Local"]);
    let known: &[&str] = if faults.since(34) {
        &["PreferClose", "PreferSameZone", "PreferSameNode"]
    } else {
        &["PreferClose"]
    };
    faults.one_of(spec.key("trafficDistribution"), known);
}

/// `GetWarningsForService`.
fn ignored<'a>(spec: At<'a, '_>, kind: &str, faults: &mut Faults<'a>) {
    let (addresses, name) = (spec.key("externalIPs"), spec.key("externalName"));
    if kind == "ExternalName" && addresses.len() > 0 {
        faults.warn(addresses, "`externalIPs` has no meaning with `type: ExternalName`");
    }
    if kind != "ExternalName" && !name.text().is_empty() {
        faults.warn(name, "`externalName` has no meaning without `type: ExternalName`");
    }
}
