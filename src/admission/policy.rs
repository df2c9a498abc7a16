//! Disruption budgets: `pkg/apis/policy/validation`.

use super::at::{At, Faults};
use super::meta::{self, Naming};
use super::selector::selector;
use super::workload::{count_or_percent, not_above_all};

/// `ValidatePodDisruptionBudgetSpec`.
pub(super) fn disruption_budget<'a>(root: At<'a, '_>, faults: &mut Faults<'a>) {
    // Its name is held to nothing but what a path can have.
    meta::object(root, Naming::Segment, faults);
    let spec = root.key("spec");
    let (available, unavailable) = (spec.key("minAvailable"), spec.key("maxUnavailable"));
    if available.is_set() && unavailable.is_set() {
        faults.refuse(unavailable, "`minAvailable` and `maxUnavailable` exclude each other");
    }
    for at in [available, unavailable] {
        count_or_percent(at, faults);
        not_above_all(at, faults);
    }
    selector(spec.key("selector"), faults);
    faults.one_of(spec.key("unhealthyPodEvictionPolicy"), &["IfHealthyBudget", "AlwaysAllow"]);
}
