//! A pod's own fields: `ValidatePodSpec`.

use super::at::{At, Faults, show};
use super::container::{self, Pod};
use super::text::{DNS_LABEL, IP, QUALIFIED, SEARCH_DOMAIN, SUBDOMAIN};
use super::{meta, resources, schedule, security, selector, volume, warning};

/// A template of pods: `ValidatePodTemplateSpec`. `claims` are the volumes that the workload adds to those of the template.
pub(super) fn template<'a>(at: At<'a, '_>, claims: &[&'a str], faults: &mut Faults<'a>) {
    let metadata = at.key("metadata");
    selector::labels(metadata.key("labels"), faults);
    meta::annotations(metadata.key("annotations"), faults);
    deletion_cost(metadata, faults);
    spec(at.key("spec"), claims, None, faults);
    warning::pod(at, faults);
}

/// `ValidatePodSpecificAnnotations`, of which the rest is long gone.
pub(super) fn deletion_cost<'a>(metadata: At<'a, '_>, faults: &mut Faults<'a>) {
    let annotations = metadata.key("annotations");
    let cost = annotations.key("controller.kubernetes.io/pod-deletion-cost");
    let text = cost.text();
    let leading = text.strip_prefix('-').unwrap_or(text);
    let odd = text.starts_with('+') || leading.len() > 1 && leading.starts_with('0');
    if cost.is_set() && (odd || text.parse::<i32>().is_err()) {
        faults.refuse(cost, format!("{} is no 32-bit integer", show(text)));
    }
}

/// `ValidatePodSpec`. `name` is that of a pod, and nothing in a template.
pub(super) fn spec<'a>(at: At<'a, '_>, claims: &[&'a str], name: Option<&str>, faults: &mut Faults<'a>) {
    let mut volumes = volume::volumes(at.key("volumes"), name, faults);
    volumes.extend(claims.iter().map(|name| (*name, true)));
    let host_network = at.key("hostNetwork").is_true();
    let pod = Pod {
        volumes: &volumes,
        restart_policy: at.key("restartPolicy").text(),
        // Left out, it is 30 seconds.
        grace: at.key("terminationGracePeriodSeconds").number().unwrap_or(30),
        host_users: !at.key("hostUsers").is_false(),
        claims: at
            .key("resourceClaims")
            .items()
            .map(|claim| claim.json["name"].as_str().unwrap_or_default())
            .collect(),
    };
    container::containers(at, &pod, faults);
    if host_network {
        host_ports(at.key("containers"), faults);
    }
    if name.is_none() && at.key("ephemeralContainers").len() > 0 {
        faults.refuse(at.key("ephemeralContainers"), "a template has no `ephemeralContainers`");
    }
    faults.one_of(at.key("restartPolicy"), &["Always", "OnFailure", "Never", ""]);
    selector::labels(at.key("nodeSelector"), faults);
    security::of_pod(at, faults);
    schedule::affinity(at.key("affinity"), faults);
    schedule::tolerations(at.key("tolerations"), faults);
    schedule::spread(at.key("topologySpreadConstraints"), faults);
    dns(at, faults);
    names(at, faults);
    if faults.since(34) {
        resources::of_pod(at, faults);
    }
    let overhead = at.key("overhead");
    overhead
        .entries()
        .for_each(|(name, amount)| resources::amount(name, amount, resources::Scope::Container, faults));
}

/// Names of other objects, and what of a pod is a name itself.
fn names<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    for key in ["serviceAccountName", "nodeName", "priorityClassName"] {
        faults.hold_if_set(at.key(key), &SUBDOMAIN);
    }
    if at.has("runtimeClassName") {
        faults.hold(at.key("runtimeClassName"), &SUBDOMAIN);
    }
    for key in ["hostname", "subdomain"] {
        faults.hold_if_set(at.key(key), &DNS_LABEL);
    }
    faults.within(at.key("activeDeadlineSeconds"), 1, i64::from(i32::MAX));
    let gates = at.key("readinessGates");
    gates.items().for_each(|gate| faults.hold(gate.key("conditionType"), &QUALIFIED));
    let gates = at.key("schedulingGates");
    let mut seen: Vec<&str> = Vec::new();
    for gate in gates.items() {
        let name = gate.key("name");
        faults.hold(name, &QUALIFIED);
        if seen.contains(&name.text()) {
            faults.refuse(name, format!("{} stands there twice", show(name.text())));
        }
        seen.push(name.text());
    }
    let aliases = at.key("hostAliases");
    for alias in aliases.items() {
        faults.hold(alias.key("ip"), &IP);
        let hosts = alias.key("hostnames");
        hosts.items().for_each(|host| faults.hold(host, &SUBDOMAIN));
    }
    let claims = at.key("resourceClaims");
    let mut seen: Vec<&str> = Vec::new();
    for claim in claims.items() {
        let name = claim.key("name");
        if seen.contains(&name.text()) {
            faults.refuse(name, format!("{} stands there twice", show(name.text())));
        }
        faults.hold(name, &DNS_LABEL);
        seen.push(name.text());
        if claim.has("resourceClaimName") == claim.has("resourceClaimTemplateName") {
            faults.refuse(claim, "it names one of `resourceClaimName` and `resourceClaimTemplateName`");
        }
        for key in ["resourceClaimName", "resourceClaimTemplateName"] {
            if claim.has(key) {
                faults.hold(claim.key(key), &SUBDOMAIN);
            }
        }
    }
}

/// `validatePodHostNetworkDeps`: a port of the host is the port itself.
fn host_ports<'a>(containers: At<'a, '_>, faults: &mut Faults<'a>) {
    for container in containers.items() {
        let ports = container.key("ports");
        for port in ports.items() {
            let (host, own) = (port.key("hostPort"), port.key("containerPort"));
            if host.number_or_zero() != 0 && host.number() != own.number() {
                let message = format!(
                    "with `hostNetwork`, `hostPort` is the `containerPort`, {}",
                    own.number_or_zero()
                );
                faults.refuse(host, message);
            }
        }
    }
}

/// `validatePodDNSConfig`.
fn dns<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    let config = at.key("dnsConfig");
    let (servers, searches) = (config.key("nameservers"), config.key("searches"));
    if at.key("dnsPolicy").text() == "None" {
        if !config.is_set() {
            return faults.refuse(config, "`dnsPolicy: None` needs a `dnsConfig`");
        }
        if servers.len() == 0 {
            return faults.refuse(servers, "`dnsPolicy: None` needs a name server in `dnsConfig`");
        }
    }
    if servers.len() > 3 {
        faults.refuse(servers, format!("there are {} name servers, 3 at the most", servers.len()));
    }
    servers.items().for_each(|server| faults.hold(server, &IP));
    if searches.len() > 32 {
        faults.refuse(searches, format!("there are {} search domains, 32 at the most", searches.len()));
    }
    let characters = searches.items().map(|search| search.text().len() + 1).sum::<usize>();
    if characters > 2049 {
        faults.refuse(
            searches,
            format!("the search domains have {} characters, 2048 at the most", characters - 1),
        );
    }
    for search in searches.items() {
        let domain = search.text().strip_suffix('.').unwrap_or(search.text());
        // Relaxed in 1.33.
        if !faults.since(33) {
            faults.hold_text(search, domain, &SUBDOMAIN);
        } else if search.text() != "." {
            faults.hold_text(search, domain, &SEARCH_DOMAIN);
        }
    }
    let options = config.key("options");
    options.items().for_each(|option| {
        faults.need_text(option.key("name"));
    });
}
