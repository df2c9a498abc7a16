//! A path that never gets a request, since another API's shorter prefix is tried before it.
//!
//! ingress-nginx and Kong try paths by the length of their text. One API that rewrites paths of a host
//! writes them as regular expressions, whose text is longer, and the plain paths of another API on that
//! host fall behind.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
use crate::policy::{Check, Claim, FleetContext, Order, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Fleet(check) };

static CODE: Code = Code::new(
    "shadowed-route",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/shadowed-route.md"),
);

fn check(context: &FleetContext<'_>, sink: &mut Sink) {
    let mut hosts: BTreeMap<&str, (Vec<&Claim>, Vec<&Claim>)> = BTreeMap::new();
    for claim in context.claims.iter().filter(|claim| !claim.order.is_empty()) {
        let (rewriting, plain) = hosts.entry(&claim.host).or_default();
        if claim.rewrites { rewriting.push(claim) } else { plain.push(claim) }
    }
    for (rewriting, plain) in hosts.values() {
        for claim in plain {
            let mut rivals = rewriting.iter().filter(|other| other.meets(claim, context.platform));
            if let Some((other, order)) = rivals.find_map(|other| Some((other, shadow(other, claim)?))) {
                let mut finding = Diagnostic::new(
                    &CODE,
                    claim.location.clone(),
                    format!(
                        "`{}{}` gets no request: `{}` tries `{}` of `{}` first",
                        claim.host,
                        claim.path,
                        order.router.name(),
                        other.path,
                        other.api
                    ),
                )
                .label("behind a shorter prefix")
                .related(other.location.clone(), "this prefix is rewritten, and so tried as a longer text")
                .help("put both paths into one API, or onto hosts of their own");
                finding.api = Some(claim.api.clone());
                sink.push(finding);
            }
        }
    }
}

/// Returns the router that tries `other`, a rewritten prefix, before the longer plain path of `claim`.
fn shadow(other: &Claim, claim: &Claim) -> Option<Order> {
    let below =
        claim.path.strip_prefix(&*other.path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if other.api == claim.api || other.exact || !below {
        return None;
    }
    claim.order.iter().copied().find(|order| {
        other.order.iter().any(|rival| rival.router == order.router && rival.regex >= order.plain)
    })
}
