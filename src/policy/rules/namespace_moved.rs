//! An API moves to another namespace.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::policy::{Check, Rule, TransitionContext};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Transition(check) };

static CODE: Code = Code::new(
    "namespace-moved",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/namespace-moved.md"),
);

fn check(context: &TransitionContext<'_>, sink: &mut Sink) {
    for environment in context.staying() {
        let mut moved = environment.objects.iter().filter_map(|change| Some((change, change.moved_from?)));
        let Some((first, from)) = moved.next() else { continue };
        let to = first.id.namespace.unwrap_or_default();
        let message = format!(
            "`{}` moves from namespace `{from}` to `{to}` in `{}`: nothing moves in a cluster, so its objects are deleted \
             there and made anew, without the Secrets and volumes of the old namespace",
            context.name, environment.environment
        );
        sink.push(
            context
                .finding(&CODE, Some(environment), &["namespace"], message)
                .label("leads to another namespace")
                .help("run the API in both namespaces until nobody needs the old one, as two environments or two APIs"),
        );
    }
}
