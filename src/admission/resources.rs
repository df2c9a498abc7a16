//! Requests and limits: `validateResourceRequirements`.

use super::amount::{Amount, not_negative, written};
use super::at::{At, Faults, show};
use super::text::{DNS_LABEL, QUALIFIED, qualified};

/// Names without a prefix that the server knows at all: `standardResources`.
const STANDARD: &[&str] = &[
    "cpu",
    "memory",
    "ephemeral-storage",
    "storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
    "requests.storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
];

/// Names that are counted: `integerResources`.
const COUNTED: &[&str] = &[
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
];

/// Whose resources they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// A container's: `validateContainerResourceName`.
    Container,
    /// A pod's as a whole: `validatePodResourceName`.
    Pod,
    /// A quota's: `ValidateResourceQuotaResourceName`.
    Quota,
    /// Whatever there is: `validateResourceName`.
    Any,
}

/// `ValidateContainerResourceRequirements`. `claims` are the resource claims of the pod.
pub(super) fn of_container<'a>(at: At<'a, '_>, claims: &[&str], faults: &mut Faults<'a>) {
    requirements(at, Scope::Container, faults);
    let list = at.key("claims");
    for claim in list.items() {
        let name = claim.key("name");
        if faults.need_text(name) && !claims.contains(&name.text()) {
            faults.refuse(name, format!("the pod has no resource claim {}", show(name.text())));
        }
        faults.hold_if_set(claim.key("request"), &DNS_LABEL);
    }
}

/// `validatePodResources`, without the sums over containers.
pub(super) fn of_pod<'a>(spec: At<'a, '_>, faults: &mut Faults<'a>) {
    let at = spec.key("resources");
    if at.has("claims") {
        faults.refuse(at.key("claims"), "a pod's resources have no `claims`");
    }
    requirements(at, Scope::Pod, faults);
}

fn requirements<'a>(at: At<'a, '_>, scope: Scope, faults: &mut Faults<'a>) {
    let (limits, requests) = (at.key("limits"), at.key("requests"));
    let (mut huge, mut ordinary) = (false, false);
    for list in [limits, requests] {
        for (key, value) in list.entries() {
            amount(key, value, scope, faults);
            huge |= is_huge(key);
            ordinary |= matches!(key, "cpu" | "memory");
        }
    }
    for (key, request) in requests.entries() {
        let limit = limits.key(key);
        let shared = is_native(key) && !is_huge(key);
        match (Amount::read(request.json), Amount::read(limit.json)) {
            (Some(wanted), Some(most)) if !shared && wanted != most => {
                let message = format!(
                    "the request {} must be the limit, {}",
                    written(request.json),
                    written(limit.json)
                );
                faults.refuse(request, message);
            }
            (Some(wanted), Some(most)) if wanted > most => {
                let message = format!(
                    "the request {} is above the limit {}",
                    written(request.json),
                    written(limit.json)
                );
                faults.refuse(request, message);
            }
            (_, None) if !shared && !limit.is_set() => {
                faults.refuse(request, format!("{} needs a limit, which is the request", show(key)));
            }
            _ => {}
        }
    }
    if huge && !ordinary {
        faults.refuse(at, "huge pages need `cpu` or `memory` beside them");
    }
}

/// A resource by its name, and how much of it: `ValidateResourceQuantityValue`.
pub(super) fn amount<'a>(key: &str, at: At<'a, '_>, scope: Scope, faults: &mut Faults<'a>) {
    name(key, at, scope, faults);
    let Some(amount) = Amount::read(at.json) else { return };
    not_negative(at, faults);
    if (COUNTED.contains(&key) || is_extended(key)) && !amount.is_whole() {
        faults.refuse(at, format!("{} of {} is no whole number", written(at.json), show(key)));
    }
    if scope == Scope::Container
        && let Some(size) = key.strip_prefix("hugepages-")
        && !divides(size, at)
    {
        faults.refuse(at, format!("{} is no multiple of {}", written(at.json), show(size)));
    }
}

/// The name of a resource.
pub(super) fn name<'a>(key: &str, at: At<'a, '_>, scope: Scope, faults: &mut Faults<'a>) {
    if qualified(key).is_err() {
        return faults.hold_text(at, key, &QUALIFIED);
    }
    let quota_huge = is_huge(key) || key.starts_with("requests.hugepages-");
    let known = if key.contains('/') {
        scope != Scope::Container || is_native(key) || is_extended(key)
    } else {
        match scope {
            Scope::Container => matches!(key, "cpu" | "memory" | "ephemeral-storage") || is_huge(key),
            Scope::Pod => matches!(key, "cpu" | "memory") || is_huge(key),
            Scope::Quota => (STANDARD.contains(&key) && key != "storage") || quota_huge,
            Scope::Any => STANDARD.contains(&key) || quota_huge,
        }
    };
    let known = known && (scope != Scope::Pod || !key.contains('/'));
    if !known {
        let whose = match scope {
            Scope::Container => "of a container; others have a prefix, as in `example.com/gpu`",
            Scope::Pod => "of a pod",
            Scope::Quota => "of a quota",
            Scope::Any => "that Kubernetes knows",
        };
        faults.refuse(at, format!("{} is no resource {whose}", show(key)));
    }
}

fn is_huge(key: &str) -> bool {
    key.starts_with("hugepages-")
}

/// `IsNativeResource`.
fn is_native(key: &str) -> bool {
    !key.contains('/') || key.contains("kubernetes.io/")
}

/// `IsExtendedResourceName`.
fn is_extended(key: &str) -> bool {
    !is_native(key) && !key.starts_with("requests.") && qualified(&format!("requests.{key}")).is_ok()
}

/// `IsHugePageResourceValueDivisible`.
fn divides(size: &str, at: At<'_, '_>) -> bool {
    let bytes = |amount: &str| -> Option<u64> {
        let digits = amount.find(|c: char| !c.is_ascii_digit()).unwrap_or(amount.len());
        let (number, unit) = amount.split_at(digits);
        let shift = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].iter().position(|known| *known == unit);
        let factor = match (shift, unit) {
            (Some(step), _) => 1u64.checked_shl(10 * u32::try_from(step).ok()?)?,
            (None, "k") => 1_000,
            (None, "M") => 1_000_000,
            (None, "G") => 1_000_000_000,
            _ => return None,
        };
        number.parse::<u64>().ok()?.checked_mul(factor)
    };
    let text = match at.json.as_str() {
        Some(text) => text.to_owned(),
        None => at.json.to_string(),
    };
    match (bytes(size), bytes(&text)) {
        (Some(size), Some(amount)) => size > 0 && amount % size == 0,
        // What is written in another way is left to the server.
        (Some(_), None) => true,
        (None, _) => false,
    }
}
