//! An extra resource that names another namespace than the API's own.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::new(
    "foreign-namespace",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/foreign-namespace.md"),
);

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let hatch = &context.hatch;
    for object in &hatch.resources {
        let Some(namespace) = &object.namespace else { continue };
        let here = hatch.environments.iter().filter(|environment| object.is_in(&environment.name));
        let elsewhere = here.filter(|environment| environment.namespace != *namespace);
        let names: Vec<&str> = elsewhere.map(|environment| environment.name.as_str()).collect();
        if !names.is_empty() {
            let message = format!("`{namespace}` is not the namespace of the API{}", hatch.only_in(&names));
            sink.push(
                object
                    .finding(&CODE, &["metadata", "namespace"], message)
                    .label("the overlay overwrites it")
                    .help("remove `metadata.namespace`: the overlay sets it in each environment"),
            );
        }
    }
}
