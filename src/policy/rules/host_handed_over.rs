//! A host and path goes from one API to another.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
use crate::policy::{ChangeContext, Check, Claim, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Change(check) };

static CODE: Code = Code::new(
    "host-handed-over",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/host-handed-over.md"),
);

fn check(context: &ChangeContext<'_>, sink: &mut Sink) {
    for change in context.apis {
        for claim in
            change.claims.iter().filter(|claim| !change.claimed.iter().any(|old| is_same(old, claim)))
        {
            let giver = context.apis.iter().filter(|other| other.api != change.api).find(|other| {
                let had = other.claimed.iter().any(|old| is_same(old, claim));
                had && !other.claims.iter().any(|kept| is_same(kept, claim))
            });
            let Some(giver) = giver else { continue };
            let message = format!(
                "`{}{}` goes from `{}` to `{}` in `{}`: the two are synced one after the other, and requests fail or reach \
                 the wrong one meanwhile",
                claim.host, claim.path, giver.api, change.api, claim.environment
            );
            let mut finding = Diagnostic::new(&CODE, claim.location.clone(), message)
                .label(format!("was of `{}`", giver.api))
                .help("hand it over in a quiet hour, with the approval of the platform; or move clients to a new host");
            finding.api = Some(change.api.clone());
            sink.push(finding);
        }
    }
}

fn is_same(one: &Claim, other: &Claim) -> bool {
    one.environment == other.environment
        && one.host.eq_ignore_ascii_case(&other.host)
        && one.path == other.path
        && one.exact == other.exact
}
