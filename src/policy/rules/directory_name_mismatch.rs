//! The name in metadata.yaml is not the name of its directory.

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::unreadable(
    "directory-name-mismatch",
    include_str!("../../../docs/rules/directory-name-mismatch.md"),
);

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let name = &context.metadata.top.api.name;
    if name != context.name {
        sink.push(
            Diagnostic::new(
                &CODE,
                context.locate(&context.metadata.written, &["name"]),
                format!("the API is called `{name}`, but its directory `{}`", context.name),
            )
            .label("differs from the directory")
            .help(format!("write `name: {}`, or rename the directory", context.name))
            .meant(name, Some(context.name)),
        );
    }
}
