//! Two APIs claim the same host and path.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
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
    let mut claimed: BTreeMap<(String, String, bool), Vec<&Claim>> = BTreeMap::new();
    // Of an extra resource and a route of metadata.yaml the first one is the other's.
    let (brought, typed): (Vec<&Claim>, Vec<&Claim>) = context.claims.iter().partition(|claim| claim.brought);
    for claim in typed.into_iter().chain(brought) {
        if let Some(environment) = shared_host(context, claim) {
            let message = format!("`{}` is the unified host of `{environment}`", claim.host);
            sink.push(
                finding(claim, message)
                    .label("a legacy host would take all of it")
                    .help("use `routes.unified` for a prefix on it"),
            );
        }
        // ingress-nginx matches the paths of a host that rewrites without regard to case. An exact path
        // and a prefix of the same text do not meet: every router prefers the exact one.
        let key = (claim.host.to_lowercase(), claim.path.to_lowercase(), claim.exact);
        let others = claimed.entry(key).or_default();
        if let Some(rival) =
            others.iter().find(|other| are_two(other, claim) && other.meets(claim, context.platform))
        {
            let who = match (rival.api == claim.api, rival.environment == claim.environment) {
                (false, _) => format!("by `{}` too", rival.api),
                (true, false) => format!("in `{}` too", rival.environment),
                (true, true) => "twice by one API".to_owned(),
            };
            sink.push(
                finding(claim, format!("`{}{}` is claimed {who}", claim.host, claim.path))
                    .label("claimed a second time")
                    .related(rival.location.clone(), "claimed first here")
                    .help("choose another, or remove one of the two"),
            );
        }
        others.push(claim);
    }
}

/// Tells whether two claims are for two places of one router. Ingress objects of one API in one environment are held against
/// each other by `duplicate-ingress-path`, and one that is in two environments has nothing that a person could change.
fn are_two(one: &Claim, other: &Claim) -> bool {
    let told =
        one.api == other.api && (one.environment == other.environment || one.location == other.location);
    one.class == other.class && !(told && (one.brought || other.brought))
}

fn finding(claim: &Claim, message: String) -> Diagnostic {
    let mut finding =
        Diagnostic::new(&CODE, claim.location.clone(), message).in_environment(claim.environment.clone());
    finding.api = Some(claim.api.clone());
    finding
}

/// Returns the environment whose unified host a claim takes as a whole.
fn shared_host<'a>(context: &FleetContext<'a>, claim: &Claim) -> Option<&'a str> {
    let whole = &*claim.path == "/" && !claim.exact && claim.class.is_none();
    let mut environments = context.platform.model.environments.iter();
    let found =
        environments.find(|(_, environment)| environment.unified_host.as_deref() == Some(&claim.host));
    found.map(|(name, _)| name).filter(|_| whole)
}
