//! What the pods of a namespace take at their most, for its ResourceQuota.
//!
//! A quota refuses each pod that says nothing about a resource that it counts. So a resource is only
//! counted where every container says it, or the LimitRange says it for the container.

use serde_json::{Map, Value as Json};

use crate::metadata::{Api, Container, IntOrString, Kind, Place, StrategyType, Verbatim, Workload};
use crate::ordered::Ordered;
use crate::platform::{LimitRange, Tier};
use crate::quantity::Quantity;

/// What is counted of a pod.
const COUNTED: &[(Side, &str)] = &[
    (Side::Requests, "cpu"),
    (Side::Requests, "memory"),
    (Side::Requests, "ephemeral-storage"),
    (Side::Limits, "cpu"),
    (Side::Limits, "memory"),
    (Side::Limits, "ephemeral-storage"),
];

/// The surge of a rolling update that says none, in percent, as Kubernetes does.
const DEFAULT_SURGE: u64 = 25;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Requests,
    Limits,
}

/// What pods take at their most.
#[derive(Clone, Debug)]
pub(super) struct Usage {
    pods: u64,
    /// In the order of [`COUNTED`]; nothing where it cannot be counted.
    amounts: Vec<Option<Quantity>>,
    storage: Option<Quantity>,
}

impl Usage {
    /// What no pods take.
    pub(super) fn none() -> Self {
        let zero = Some(Quantity::ZERO);
        Self { pods: 0, amounts: vec![zero; COUNTED.len()], storage: zero }
    }

    /// Adds what others take.
    pub(super) fn plus(self, other: &Self) -> Self {
        let add = |one: Option<Quantity>, other: Option<Quantity>| Some(one?.plus(other?));
        let both = self.amounts.into_iter().zip(&other.amounts);
        Self {
            pods: self.pods + other.pods,
            amounts: both.map(|(one, other)| add(one, *other)).collect(),
            storage: add(self.storage, other.storage),
        }
    }

    /// Returns the number of pods.
    pub(super) fn pods(&self) -> u64 {
        self.pods
    }

    /// Returns what they request of a resource; nothing where that cannot be counted.
    pub(super) fn requests(&self, resource: &str) -> Option<Quantity> {
        let at = COUNTED.iter().position(|counted| *counted == (Side::Requests, resource))?;
        self.amounts[at]
    }

    /// Counts the pods of an API.
    pub(super) fn of_api(api: &Api, tier: Option<&Tier>, defaults: Option<&LimitRange>) -> Self {
        let mut total = Self::none();
        for workload in &api.workloads {
            let pods = most_pods(workload);
            let count = Count { tier, defaults };
            let amounts = COUNTED.iter().map(|counted| Some(count.pod(workload, *counted)?.times(pods)));
            total = total.plus(&Self { pods, amounts: amounts.collect(), storage: Some(Quantity::ZERO) });
        }
        total.storage = storage(&api.workloads, tier);
        total
    }

    /// Returns the `hard` limits of the quota, with some more percent of each.
    pub(super) fn hard(&self, headroom_percent: u32) -> Map<String, Json> {
        let percent = 100 + u64::from(headroom_percent);
        let mut hard = Map::new();
        for ((side, resource), amount) in COUNTED.iter().zip(&self.amounts) {
            let Some(amount) = amount.map(|amount| amount.percent(percent)) else { continue };
            let side = if *side == Side::Requests { "requests" } else { "limits" };
            let text = if *resource == "cpu" { amount.in_millis() } else { amount.in_mebibytes() };
            hard.insert(format!("{side}.{resource}"), text.into());
        }
        if let Some(storage) = self.storage {
            hard.insert("requests.storage".to_owned(), storage.percent(percent).in_mebibytes().into());
        }
        hard.insert("pods".to_owned(), (self.pods * percent).div_ceil(100).to_string().into());
        hard
    }
}

/// Counts the storage that an API may claim: what its tier gives, and at least what its workloads claim for
/// themselves, since the pods would wait for their volumes for ever.
fn storage(workloads: &[Workload], tier: Option<&Tier>) -> Option<Quantity> {
    let given = Quantity::parse(tier?.storage.as_deref()?)?;
    let mut claimed = Quantity::ZERO;
    for workload in workloads {
        let claims = workload.spec.get("volumeClaimTemplates").and_then(Json::as_array);
        for claim in claims.into_iter().flatten() {
            let amount = claim.pointer("/spec/resources/requests/storage")?;
            claimed = claimed.plus(Quantity::parse(amount.as_str()?)?.times(most_pods(workload)));
        }
    }
    Some(given.max(claimed))
}

/// Returns the greatest number of pods that a workload has at once, those of a rolling update with them.
fn most_pods(workload: &Workload) -> u64 {
    let wanted = match &workload.autoscaling {
        Some(range) => range.max,
        None => workload.replicas.unwrap_or(1),
    };
    let wanted = u64::from(wanted);
    match workload.kind {
        Kind::Deployment => wanted + surge(workload, wanted),
        // Its pods have names, so that an old one goes before the new one comes.
        Kind::StatefulSet => wanted,
        Kind::CronJob | Kind::Job => workload.job.get("parallelism").and_then(Json::as_u64).unwrap_or(1),
    }
}

fn surge(workload: &Workload, pods: u64) -> u64 {
    let Some(strategy) = &workload.strategy else { return share(DEFAULT_SURGE, pods) };
    match (strategy.kind, &strategy.max_surge) {
        (StrategyType::Recreate, _) => 0,
        // Both versions run in full before the old one goes.
        (StrategyType::BlueGreen | StrategyType::Canary, _) => pods,
        (StrategyType::Rolling, None) => share(DEFAULT_SURGE, pods),
        (StrategyType::Rolling, Some(IntOrString::Int(surge))) => u64::from(*surge),
        (StrategyType::Rolling, Some(IntOrString::Text(percent))) => {
            let percent = percent.strip_suffix('%').and_then(|percent| percent.parse().ok());
            share(percent.unwrap_or(DEFAULT_SURGE), pods)
        }
    }
}

/// Returns some percent of a number of pods, rounded up as Kubernetes does for the surge.
fn share(percent: u64, pods: u64) -> u64 {
    (pods * percent).div_ceil(100)
}

/// What counting a pod goes by.
struct Count<'a> {
    tier: Option<&'a Tier>,
    defaults: Option<&'a LimitRange>,
}

impl Count<'_> {
    /// Counts one resource of a pod as the scheduler does: what runs together is added up, and an init
    /// container that takes more than that counts alone.
    fn pod(&self, workload: &Workload, counted: (Side, &str)) -> Option<Quantity> {
        let mut running = Quantity::ZERO;
        let mut most = Quantity::ZERO;
        for here in workload.containers() {
            let own = self.container(here.container, here.place, counted)?;
            if here.place == Place::Init && !stays(&here.container.verbatim) {
                most = most.max(running.plus(own));
            } else {
                running = running.plus(own);
            }
        }
        Some(most.max(running))
    }

    /// Counts one resource of a container: what it says, else what the LimitRange says for it. The main
    /// one counts at least what its tier gives.
    fn container(
        &self,
        container: &Container,
        place: Place,
        (side, resource): (Side, &str),
    ) -> Option<Quantity> {
        let read = |amounts: &Ordered<String>| Quantity::parse(amounts.get(resource)?);
        let resources = &container.resources;
        // What the API server completes a LimitRange with: `max` for a limit that it does not say, the
        // limit for the request, and at last `min`.
        let range = |amounts: fn(&LimitRange) -> &Ordered<String>| read(amounts(self.defaults?));
        let default_limit = || range(|range| &range.limits).or_else(|| range(|range| &range.max));
        let (own, tier) = match side {
            Side::Limits => {
                (read(&resources.limits).or_else(default_limit), self.tier.map(|tier| &tier.limits))
            }
            // The API server takes a container's own limit for the request that it does not say.
            Side::Requests => (
                read(&resources.requests)
                    .or_else(|| read(&resources.limits))
                    .or_else(|| range(|range| &range.default_request))
                    .or_else(default_limit)
                    .or_else(|| range(|range| &range.min)),
                self.tier.map(|tier| &tier.requests),
            ),
        };
        let tier = tier.filter(|_| place == Place::Main).and_then(read);
        Some(own?.max(tier.unwrap_or(Quantity::ZERO)))
    }
}

/// Tells whether an init container runs on beside the others (a native sidecar).
fn stays(container: &Verbatim) -> bool {
    container.get("restartPolicy").and_then(Json::as_str) == Some("Always")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn workload(keys: &Json, main: &Json) -> Workload {
        let mut workload: Workload = serde_json::from_value(keys.clone()).expect("keys of a workload");
        workload.main = serde_json::from_value(main.clone()).expect("keys of a container");
        workload
    }

    #[test]
    fn a_rolling_update_has_more_pods() {
        for (keys, pods) in [
            (json!({}), 2),
            (json!({ "replicas": 4 }), 5),
            (json!({ "replicas": 5 }), 7),
            (json!({ "replicas": 0 }), 0),
            (json!({ "autoscaling": { "min": 2, "max": 10 } }), 13),
            (json!({ "replicas": 4, "strategy": { "type": "recreate" } }), 4),
            (json!({ "replicas": 4, "strategy": { "type": "rolling", "maxSurge": 2 } }), 6),
            (json!({ "replicas": 4, "strategy": { "type": "rolling", "maxSurge": "100%" } }), 8),
            (json!({ "replicas": 4, "kind": "StatefulSet" }), 4),
            (json!({ "kind": "CronJob", "schedule": "0 3 * * *" }), 1),
            (json!({ "kind": "Job", "job": { "parallelism": 3 } }), 3),
        ] {
            assert_eq!(most_pods(&workload(&keys, &json!({}))), pods, "{keys}");
        }
    }

    #[test]
    fn a_pod_counts_as_the_scheduler_counts() {
        let cpu = |amount: &str| json!({ "resources": { "requests": { "cpu": amount } } });
        let mut init = cpu("3");
        init["resources"]["limits"] = json!({ "cpu": "4" });
        let mut stays = cpu("200m");
        stays["container"] = json!({ "restartPolicy": "Always" });
        let count = Count { tier: None, defaults: None };
        let requests = |keys: &Json| {
            let counted = count.pod(&workload(keys, &cpu("500m")), (Side::Requests, "cpu"));
            counted.map(Quantity::in_millis)
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(requests(&json!({})), some("500m"));
        assert_eq!(requests(&json!({ "sidecars": { "proxy": cpu("250m") } })), some("750m"));
        assert_eq!(requests(&json!({ "sidecars": { "proxy": {} } })), None, "nobody says what it takes");
        assert_eq!(requests(&json!({ "initContainers": { "migrate": init } })), some("3"));
        let both = json!({ "initContainers": { "proxy": stays, "migrate": init } });
        assert_eq!(requests(&both), some("3200m"));
        assert_eq!(requests(&json!({ "initContainers": { "proxy": stays } })), some("700m"));
    }

    #[test]
    fn tier_and_limit_range_say_what_a_container_does_not() {
        let tier: Tier = serde_json::from_value(json!({
            "requests": { "cpu": "1" }, "limits": { "cpu": "2" }, "storage": "25Gi"
        }))
        .expect("a tier");
        let range: LimitRange =
            serde_json::from_value(json!({ "default": { "cpu": "100m" } })).expect("a range");
        let count = Count { tier: Some(&tier), defaults: Some(&range) };
        let main = json!({ "resources": { "requests": { "cpu": "250m" }, "limits": { "cpu": "4" } } });
        let here = workload(&json!({ "sidecars": { "proxy": {} } }), &main);
        let of = |side| count.pod(&here, (side, "cpu")).map(Quantity::in_millis);
        assert_eq!(of(Side::Requests).as_deref(), Some("1100m"), "the tier's one, and the default");
        assert_eq!(of(Side::Limits).as_deref(), Some("4100m"), "its own four, and the default");

        let range: LimitRange =
            serde_json::from_value(json!({ "max": { "cpu": "3" }, "min": { "memory": "1Gi" } }))
                .expect("a range");
        let count = Count { tier: None, defaults: Some(&range) };
        let open = workload(&json!({}), &json!({}));
        let of = |side, resource| count.pod(&open, (side, resource)).map(Quantity::in_millis);
        assert_eq!(of(Side::Limits, "cpu").as_deref(), Some("3"), "the most is the default");
        assert_eq!(of(Side::Requests, "cpu").as_deref(), Some("3"));
        assert_eq!(of(Side::Limits, "memory"), None);
        assert_eq!(
            of(Side::Requests, "memory"),
            Quantity::parse("1Gi").map(Quantity::in_millis),
            "the least"
        );
    }

    #[test]
    fn claims_count_where_they_are_more_than_the_tier_gives() {
        let tier: Tier = serde_json::from_value(json!({ "storage": "25Gi" })).expect("a tier");
        let storage_of = |claimed: &Json, tier: Option<&Tier>| {
            let spec =
                json!({ "volumeClaimTemplates": [{ "spec": { "resources": { "requests": claimed } } }] });
            let keys = json!({ "kind": "StatefulSet", "replicas": 3, "spec": spec });
            storage(&[workload(&keys, &json!({}))], tier).map(Quantity::in_mebibytes)
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(storage_of(&json!({ "storage": "20Gi" }), Some(&tier)), some("60Gi"));
        assert_eq!(storage_of(&json!({ "storage": "5Gi" }), Some(&tier)), some("25Gi"));
        assert_eq!(storage_of(&json!({}), Some(&tier)), None, "nobody says how much");
        assert_eq!(storage_of(&json!({ "storage": "20Gi" }), None), None, "no tier counts it");
    }

    #[test]
    fn what_one_api_leaves_open_is_not_counted_for_any() {
        let mut open = Usage::none();
        open.pods = 3;
        open.amounts[0] = Quantity::parse("1500m");
        open.amounts[1] = None;
        open.storage = None;
        let total = Usage::none().plus(&open).plus(&Usage::none());
        let hard = Json::Object(total.hard(50));
        assert_eq!(hard["requests.cpu"], "2250m");
        assert_eq!(hard["pods"], "5");
        assert_eq!((hard.get("requests.memory"), hard.get("requests.storage")), (None, None));
        assert_eq!(hard["limits.memory"], "0");
    }
}
