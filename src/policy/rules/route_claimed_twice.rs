//! Two APIs claim the same host and path.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
use crate::policy::Claim;
use crate::policy::{Check, FleetContext, Rule};
use std::collections::BTreeMap;

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Fleet(check) };

static CODE: Code = Code::new(
    "route-claimed-twice",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/route-claimed-twice.md"),
);

fn check(context: &FleetContext<'_>, sink: &mut Sink) {
    let mut claimed: BTreeMap<(&str, &str), Vec<&Claim>> = BTreeMap::new();
    for claim in context.claims {
        let others = claimed.entry((&claim.host, &claim.path)).or_default();
        let rival =
            others.iter().find(|other| other.api != claim.api && share_cluster(context, other, claim));
        if let Some(rival) = rival {
            let mut finding = Diagnostic::new(
                &CODE,
                claim.location.clone(),
                format!("`{}{}` is claimed by `{}` too", claim.host, claim.path, rival.api),
            )
            .label("claimed a second time")
            .related(rival.location.clone(), format!("claimed first by `{}`", rival.api))
            .help("choose another, or remove one of the two");
            finding.api = Some(claim.api.clone());
            sink.push(finding);
        }
        others.push(claim);
    }
}

/// Tells whether two claims meet in a cluster. An environment that names none has one of its own.
fn share_cluster(context: &FleetContext<'_>, one: &Claim, other: &Claim) -> bool {
    if one.environment == other.environment {
        return true;
    }
    let clusters = |claim: &Claim| {
        let environment = context.platform.model.environments.get(&claim.environment);
        environment.map(|environment| environment.clusters.as_slice()).unwrap_or_default()
    };
    clusters(one).iter().any(|cluster| clusters(other).contains(cluster))
}
