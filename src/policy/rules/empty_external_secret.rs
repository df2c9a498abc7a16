//! A Secret from an outside store that would have no key.

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code =
    Code::unreadable("empty-external-secret", include_str!("../../../docs/rules/empty-external-secret.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for environment in context.environments() {
        for (name, secret) in environment.api.external_secrets.iter() {
            if secret.keys.is_empty() && secret.all.is_none() {
                sink.push(
                    Diagnostic::new(
                        &CODE,
                        context.locate_key(environment.tree, &["externalSecrets", name]),
                        format!("the Secret `{name}` would have no key in `{}`", environment.name),
                    )
                    .label("makes nothing")
                    .help(
                        "name each key under `keys` with what holds its value in the store, or a whole secret under `all`",
                    ),
                );
            }
        }
    }
}
