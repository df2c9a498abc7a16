//! A namespace outside what the platform allows.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
use crate::platform::NamespaceVerdict;
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::new(
    "namespace-not-allowed",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/namespace-not-allowed.md"),
);

/// The most characters of a namespace (RFC 1123 label).
const MAX_LENGTH: usize = 63;

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let namespaces = &context.platform.model.namespaces;
    for environment in context.environments() {
        let pattern = environment.api.namespace.as_deref().unwrap_or(&environment.settings.namespace);
        let name = crate::platform::namespace(pattern, &environment.api.name);
        if name.len() > MAX_LENGTH {
            sink.push(
                Diagnostic::new(
                    &CODE,
                    context.locate_in(&environment, &["namespace"]),
                    format!("namespace `{name}` has {} characters, {MAX_LENGTH} are the most", name.len()),
                )
                .label("too long once the name is put in")
                .in_environment(environment.name)
                .help("shorten the name, or the namespace pattern of the environment"),
            );
            continue;
        }
        let verdict = context.platform.namespaces.verdict(&name);
        if verdict == NamespaceVerdict::Allowed {
            continue;
        }
        let list = |patterns: &[String]| {
            patterns.iter().map(|pattern| format!("`{pattern}`")).collect::<Vec<_>>().join(", ")
        };
        let help = if verdict == NamespaceVerdict::Denied {
            format!("`namespaces` in `platform.yaml` denies {}", list(&namespaces.deny))
        } else {
            format!("`namespaces` in `platform.yaml` allows {}", list(&namespaces.allow))
        };
        sink.push(
            Diagnostic::new(
                &CODE,
                context.locate_in(&environment, &["namespace"]),
                format!("namespace `{name}` is not one that the platform allows in `{}`", environment.name),
            )
            .label(format!("becomes `{name}`"))
            .in_environment(environment.name)
            .help(help),
        );
    }
}
