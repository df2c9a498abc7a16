//! A kind or field in platform.yaml that Kubernetes does not have, and nearly has.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy, nearest};
use crate::kubernetes::{self, Target, Version};
use crate::platform::{LoadedPlatform, ORDINARY_KINDS};
use crate::policy::{Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Platform(check) };

static CODE: Code = Code::new(
    "misspelt-name",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/misspelt-name.md"),
);

/// What is further from every known name may be somebody's own.
const FARTHEST: usize = 2;

fn check(platform: &LoadedPlatform, sink: &mut Sink) {
    let model = &platform.model;
    let ordinary = |kind: &str| ORDINARY_KINDS.iter().any(|(known, _)| *known == kind);
    // The defaults are not looked up: that would read the schemas for everybody.
    for (index, kind) in model.extra_resources.kinds.iter().enumerate().filter(|(_, kind)| !ordinary(kind)) {
        look_at_kind(platform, kind, &["extraResources", "kinds", &index.to_string()], sink);
    }
    for (at, rule) in model.custom_rules.iter().enumerate() {
        let at = at.to_string();
        for (index, kind) in rule.matches.kinds.iter().enumerate().filter(|(_, kind)| !ordinary(kind)) {
            look_at_kind(platform, kind, &["customRules", &at, "match", "kinds", &index.to_string()], sink);
        }
    }
    let Some(nearest_version) = Version::nearest(&model.kubernetes_version) else { return };
    let lists = [
        ("pod", "PodSpec", &model.passthrough.pod),
        ("container", "Container", &model.passthrough.container),
    ];
    for (key, definition, fields) in lists {
        for (index, field) in fields.iter().enumerate().filter(|(_, field)| *field != "*") {
            let Some(schema) = kubernetes::schema(nearest_version.version, Target::Part(definition)) else {
                continue;
            };
            let Some(known) = schema.json["properties"].as_object() else { continue };
            // What follows a dot is a field inside.
            let name = field.split('.').next().unwrap_or_default();
            let near = (!known.contains_key(name)).then(|| near(name, known.keys().map(String::as_str)));
            if let Some(near) = near.flatten() {
                let place = ["passthrough", key, &index.to_string()];
                sink.push(finding(platform, &place, format!("a {key} has no field `{name}`"), near));
            }
        }
    }
}

fn look_at_kind(platform: &LoadedPlatform, kind: &str, place: &[&str], sink: &mut Sink) {
    // With a group it is somebody's own.
    if kind.contains(['.', '*']) {
        return;
    }
    let known: Vec<&str> = kubernetes::kinds().chain(ORDINARY_KINDS.iter().map(|(kind, _)| *kind)).collect();
    if known.contains(&kind) {
        return;
    }
    if let Some(near) = near(kind, known) {
        sink.push(finding(platform, place, format!("Kubernetes has no kind `{kind}`"), near));
    }
}

fn near<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest(name, known).filter(|near| strsim::damerau_levenshtein(name, near) <= FARTHEST)
}

fn finding(platform: &LoadedPlatform, place: &[&str], message: String, near: &str) -> Diagnostic {
    Diagnostic::new(&CODE, platform.locate(place.iter().copied()), message)
        .label("fits nothing")
        .help(format!("did you mean `{near}`?"))
}
