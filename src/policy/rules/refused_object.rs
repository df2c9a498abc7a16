//! What an API builds to and an API server would refuse. It tells of the lesser faults too, since all come from one look.

use serde_json::Value as Json;

use super::{broken_value, server_warning};
use crate::admission::{self, Outcome};
use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::effective::Path;
use crate::policy::{Check, EffectiveContext, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Server(check) };

static CODE: Code = Code::new(
    "refused-object",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/refused-object.md"),
);

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    // A version that is none is a finding of its own.
    let Some(nearest) = context.api.kubernetes() else { return };
    for built in &context.environments {
        let objects: Vec<&Json> = built.objects.iter().map(|object| &object.json).collect();
        let own = objects.iter().enumerate().flat_map(|(index, object)| {
            admission::faults(object, nearest.version).into_iter().map(move |fault| (index, fault))
        });
        // An extra resource in a version that is gone is told by `removed-api-version`, whoever may let that pass.
        let told_elsewhere: Vec<bool> = built
            .objects
            .iter()
            .map(|object| {
                context.api.hatch.brings(object) && admission::is_gone(&object.json, nearest.version)
            })
            .collect();
        let mut said: Vec<(usize, Path<'_>)> = Vec::new();
        for (index, fault) in own.chain(admission::faults_between(&objects, nearest.version)) {
            if told_elsewhere[index] {
                continue;
            }
            // That a key is missing and that its value is none is one thing.
            let told =
                |(other, path): &(usize, Path<'_>)| *other == index && fault.path.0.starts_with(&path.0);
            let way = fault.path.follow(&built.objects[index].json);
            if way.last().is_some_and(|taken| taken.value.is_none()) && said.iter().any(told) {
                continue;
            }
            said.push((index, fault.path.clone()));
            let object = &built.objects[index];
            let (code, says) = match fault.outcome {
                Outcome::Refused => (&CODE, "the API server refuses the"),
                Outcome::Broken => (&broken_value::CODE, "what cannot work is in the"),
                Outcome::Warned => (&server_warning::CODE, "the API server warns of the"),
            };
            let kind = object.json["kind"].as_str().unwrap_or_default();
            let place = if fault.path.0.is_empty() { String::new() } else { format!(" at `{}`", fault.path) };
            let message = format!("{says} {kind}{place}: {}", fault.message);
            sink.push(context.finding(built, object, &fault.path, code, message));
        }
    }
}
