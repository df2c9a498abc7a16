//! A Secret with values, in git.

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code =
    Code::unreadable("committed-secret", include_str!("../../../docs/rules/committed-secret.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for file in &context.hatch.secrets {
        sink.push(
            // No line of the file is shown: a value may stand on any.
            Diagnostic::new(&CODE, file.clone(), "the file holds a Secret with values").help(
                "remove it and change the secret, which git keeps for ever; name a Secret that something else makes, \
                 or write an ExternalSecret",
            ),
        );
    }
}
