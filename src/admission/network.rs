//! Network policies: `ValidateNetworkPolicySpec`.

use serde_json::Value as Json;

use super::at::{At, Faults, show};
use super::meta::{self, Naming};
use super::selector::selector;
use super::text::{self, CIDR, PORT_NAME};

/// `ValidateNetworkPolicy`.
pub(super) fn network_policy<'a>(root: At<'a, '_>, faults: &mut Faults<'a>) {
    meta::object(root, Naming::Subdomain, faults);
    let spec = root.key("spec");
    selector(spec.key("podSelector"), faults);
    for (direction, others) in [("ingress", "from"), ("egress", "to")] {
        let rules = spec.key(direction);
        for rule in rules.items() {
            let (ports, peers) = (rule.key("ports"), rule.key(others));
            ports.items().for_each(|one| port(one, faults));
            peers.items().for_each(|one| peer(one, faults));
        }
    }
    let types = spec.key("policyTypes");
    if types.len() > 2 {
        faults.refuse(types, format!("there are {} policy types, 2 at the most", types.len()));
    }
    types.items().for_each(|one| faults.one_of(one, &["Ingress", "Egress"]));
}

/// `ValidateNetworkPolicyPort`.
fn port<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    let (first, last) = (at.key("port"), at.key("endPort"));
    faults.one_of(at.key("protocol"), &["TCP", "UDP", "SCTP"]);
    match first.json {
        Json::Number(_) => {
            faults.port(first);
            faults.port(last);
            if last.number().zip(first.number()).is_some_and(|(last, first)| last < first) {
                faults.refuse(last, "`endPort` is below `port`");
            }
        }
        Json::String(_) => {
            faults.hold(first, &PORT_NAME);
            if last.is_set() {
                faults.refuse(last, "`endPort` needs a `port` that is a number");
            }
        }
        _ if last.is_set() => faults.refuse(last, "`endPort` needs a `port`"),
        _ => {}
    }
}

/// `ValidateNetworkPolicyPeer`.
fn peer<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    let (pods, namespaces, block) = (at.key("podSelector"), at.key("namespaceSelector"), at.key("ipBlock"));
    selector(pods, faults);
    selector(namespaces, faults);
    let selects = pods.is_set() || namespaces.is_set();
    if block.is_set() {
        ip_block(block, faults);
        if selects {
            faults.refuse(block, "`ipBlock` and selectors exclude each other");
        }
    } else if !selects {
        faults.refuse(at, "a peer has a selector or an `ipBlock`");
    }
}

/// `ValidateIPBlock`.
fn ip_block<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    let (network, except) = (at.key("cidr"), at.key("except"));
    if !faults.need_text(network) {
        return;
    }
    faults.hold(network, &CIDR);
    let Some((outer, outer_length)) = text::cidr(network.text()) else { return };
    for part in except.items() {
        faults.hold(part, &CIDR);
        if let Some((inner, length)) = text::cidr(part.text()) {
            let inside = inner.is_ipv4() == outer.is_ipv4()
                && text::network(inner, outer_length) == outer
                && length > outer_length;
            if !inside {
                let message = format!("{} is no part of {}", show(part.text()), show(network.text()));
                faults.refuse(part, message);
            }
        }
    }
}
