//! What an API builds to and an API server would refuse. It tells of the lesser faults too, since all come from one look.

use super::{broken_value, server_warning};
use crate::admission::{self, Outcome};
use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::policy::{Check, EffectiveContext, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Effective(check) };

static CODE: Code = Code::new(
    "refused-object",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/refused-object.md"),
);

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    // A version that is none is a finding of its own.
    let Some(nearest) = context.api.kubernetes() else { return };
    for (built, object) in context.objects() {
        for fault in admission::faults(&object.json, nearest.version) {
            let code = match fault.outcome {
                Outcome::Refused => &CODE,
                Outcome::Broken => &broken_value::CODE,
                Outcome::Warned => &server_warning::CODE,
            };
            let kind = object.json["kind"].as_str().unwrap_or_default();
            let place = if fault.path.0.is_empty() { String::new() } else { format!(" at `{}`", fault.path) };
            let message = match fault.outcome {
                Outcome::Refused => format!("the API server refuses the {kind}{place}: {}", fault.message),
                Outcome::Broken => format!("the {kind} cannot work{place}: {}", fault.message),
                Outcome::Warned => format!("the API server warns of the {kind}{place}: {}", fault.message),
            };
            sink.push(context.finding(built, object, &fault.path, code, message));
        }
    }
}
