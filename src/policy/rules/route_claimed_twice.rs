//! Two APIs claim the same host and path.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
use crate::platform::Environment;
use crate::policy::Claim;
use crate::policy::{Check, FleetContext, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Fleet(check) };

static CODE: Code = Code::new(
    "route-claimed-twice",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/route-claimed-twice.md"),
);

fn check(context: &FleetContext<'_>, sink: &mut Sink) {
    let mut claimed: BTreeMap<(String, String), Vec<&Claim>> = BTreeMap::new();
    for claim in context.claims {
        if let Some(environment) = shared_host(context, claim) {
            let message = format!("`{}` is the unified host of `{environment}`", claim.host);
            sink.push(
                finding(claim, message)
                    .label("a legacy host would take all of it")
                    .help("use `routes.unified` for a prefix on it"),
            );
        }
        // ingress-nginx matches the paths of a host that rewrites without regard to case.
        let key = (claim.host.to_lowercase(), claim.path.to_lowercase());
        let others = claimed.entry(key).or_default();
        if let Some(rival) = others.iter().find(|other| meet(context, other, claim)) {
            let who = if rival.api == claim.api {
                format!("in `{}`", rival.environment)
            } else {
                format!("by `{}`", rival.api)
            };
            sink.push(
                finding(claim, format!("`{}{}` is claimed {who} too", claim.host, claim.path))
                    .label("claimed a second time")
                    .related(rival.location.clone(), "claimed first here")
                    .help("choose another, or remove one of the two"),
            );
        }
        others.push(claim);
    }
}

fn finding(claim: &Claim, message: String) -> Diagnostic {
    let mut finding = Diagnostic::new(&CODE, claim.location.clone(), message);
    finding.api = Some(claim.api.clone());
    finding
}

/// Returns the environment whose unified host a claim takes as a whole.
fn shared_host<'a>(context: &FleetContext<'a>, claim: &Claim) -> Option<&'a str> {
    let whole = &*claim.path == "/";
    let mut environments = context.platform.model.environments.iter();
    let found =
        environments.find(|(_, environment)| environment.unified_host.as_deref() == Some(&claim.host));
    found.map(|(name, _)| name).filter(|_| whole)
}

/// Tells whether two claims are different ones that meet in a cluster.
fn meet(context: &FleetContext<'_>, one: &Claim, other: &Claim) -> bool {
    if one.environment == other.environment {
        return one.api != other.api;
    }
    let clusters = |claim: &Claim| {
        context
            .platform
            .model
            .environments
            .get(&claim.environment)
            .map(Environment::clusters)
            .unwrap_or_default()
    };
    clusters(one).iter().any(|cluster| clusters(other).contains(cluster))
}
