//! What an API builds to and an API server would refuse. It tells of the lesser faults too, since all come from one look.

use serde_json::Value as Json;

use super::{broken_value, server_warning};
use crate::admission::{self, Fault, Outcome};
use crate::diagnostic::{Code, Diagnostic, Location, Severity, Sink, WaivedBy};
use crate::effective::{Path, Step};
use crate::kustomize::Object;
use crate::policy::{Check, EffectiveContext, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Server(check) };

pub(in crate::policy) static CODE: Code = Code::new(
    "refused-object",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/refused-object.md"),
);

/// What rules on the state say in the words of metadata.yaml and the server in its own, at another place: a code, and
/// the keys on the way to what the server then refuses; no keys where nothing that is built is what was meant. What both
/// say at one line needs no row.
const TWINS: &[(&str, &[&str])] = &[
    ("duplicate-name", &["name", "mountPath", "containers", "initContainers", "volumes", "volumeMounts"]),
    ("duplicate-port", &["ports"]),
    ("invalid-patch", &[]),
    ("inverted-range", &["minReplicas", "maxReplicas"]),
    ("missing-image", &["image"]),
    ("missing-schedule", &["schedule", "spec"]),
    ("name-too-long", &["name"]),
    ("patched-identity", &["selector", "labels", "metadata", "spec"]),
    ("probe-without-handler", &["livenessProbe", "readinessProbe", "startupProbe"]),
    ("request-above-limit", &["resources"]),
    ("reserved-label", &["labels", "selector"]),
    ("selector-mismatch", &["labels", "selector"]),
    ("stuck-rollout", &["rollingUpdate", "minReadySeconds", "progressDeadlineSeconds"]),
    ("unknown-volume", &["volumes", "volumeMounts"]),
];

/// How many bytes may lie between a key and the map behind it, which is where reading says that something is missing in it.
const BEHIND_KEY: usize = 80;

fn check(context: &EffectiveContext<'_>, open: &[&Diagnostic], sink: &mut Sink) {
    // A version that is none is a finding of its own.
    let Some(nearest) = context.api.kubernetes() else { return };
    for built in &context.environments {
        let objects: Vec<&Json> = built.objects.iter().map(|object| &object.json).collect();
        let own = objects.iter().enumerate().flat_map(|(index, object)| {
            admission::faults(object, nearest.version).into_iter().map(move |fault| (index, fault))
        });
        // An extra resource in a version that is gone is told by `removed-api-version`, whoever may let that pass.
        let gone = |object: &Object| {
            context.api.hatch.brings(built.environment.name, object)
                && admission::is_gone(&object.json, nearest.version)
        };
        let told_elsewhere: Vec<bool> = built.objects.iter().map(gone).collect();
        let mut told: Vec<(usize, Path<'_>)> = Vec::new();
        for (index, fault) in own.chain(admission::faults_between(&objects, nearest.version)) {
            if told_elsewhere[index] {
                continue;
            }
            let object = &built.objects[index];
            let absent = fault.path.follow(&object.json).last().is_some_and(|last| last.value.is_none());
            // That a key is missing and that its value is none is one thing.
            let above =
                |(other, path): &(usize, Path<'_>)| *other == index && fault.path.0.starts_with(&path.0);
            if has_twin(&fault, open) || absent && told.iter().any(above) {
                continue;
            }
            let (code, says) = match fault.outcome {
                Outcome::Refused => (&CODE, "the API server refuses the"),
                Outcome::Broken => (&broken_value::CODE, "what cannot work is in the"),
                Outcome::Warned => (&server_warning::CODE, "the API server warns of the"),
            };
            let kind = object.json["kind"].as_str().unwrap_or_default();
            let place = if fault.path.0.is_empty() { String::new() } else { format!(" at `{}`", fault.path) };
            let message = format!("{says} {kind}{place}: {}", fault.message);
            let finding = context.finding(built, object, &fault.path, code, message);
            if !open.iter().any(|error| is_missing_there(error, &finding.primary)) {
                sink.push(finding);
            }
            told.push((index, fault.path));
        }
    }
}

/// Tells whether a rule on the state has said it already.
fn has_twin(fault: &Fault<'_>, open: &[&Diagnostic]) -> bool {
    let passes =
        |key: &&str| fault.path.0.iter().any(|step| matches!(step, Step::Key(known) if known == key));
    let mut twins = TWINS.iter().filter(|(code, _)| open.iter().any(|error| error.code.name == *code));
    twins.any(|(_, keys)| keys.is_empty() || keys.iter().any(&passes))
}

/// Tells whether reading a file found a key missing in the map that a place is about: it points behind the key of the map,
/// and the place at the key.
fn is_missing_there(error: &Diagnostic, place: &Location) -> bool {
    let (Some(map), Some(key)) = (&error.primary.span, &place.span) else { return false };
    let behind = map.start.checked_sub(key.end);
    error.code == &crate::schema::codes::MISSING_KEY
        && error.primary.path == place.path
        && behind.is_some_and(|bytes| bytes <= BEHIND_KEY)
}
