//! Rules of onramp itself that can be told from an object alone, as policies.

use serde_json::{Map, Value as Json};

use super::{Check, Policy, RESOURCES, Resource, literal, quoted};
use crate::diagnostic::Code;
use crate::platform::{Environment, LoadedPlatform};

/// Kinds that run pods, pods themselves among them.
const RUNS: &[&str] = &["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "Rollout", "StatefulSet"];

/// The pod that an object of one of these kinds describes.
const POD: &str = "object.kind == 'Pod' ? object.spec : \
    object.kind == 'CronJob' ? object.spec.jobTemplate.spec.template.spec : object.spec.template.spec";

/// Every container of it.
const CONTAINERS: &str = "variables.pod.containers + variables.pod.?initContainers.orValue([]) + \
    variables.pod.?ephemeralContainers.orValue([])";

/// Every image.
const IMAGES: &str = "variables.containers.filter(c, has(c.image)).map(c, string(c.image))";

/// The same, with the registry and directory that stand for none.
const FULL: &str = "variables.images.map(i, !i.contains('/') ? 'docker.io/library/' + i : \
    (i.split('/')[0].contains('.') || i.split('/')[0].contains(':') || i.split('/')[0] == 'localhost') ? i : \
    'docker.io/' + i)";

/// What is behind the last slash, which has the tag.
const TAG: &str = "i.split('@')[0].split('/')[i.split('@')[0].split('/').size() - 1]";

/// The tier of what onramp renders.
const TIER: &str = "object.metadata.?labels[?'platform/tier'].orValue('')";

/// Rules that are left out, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    (
        "namespace-not-allowed",
        "a pattern of namespaces is for APIs, and says nothing of who else uses a cluster",
    ),
    ("route-claimed-twice", "a policy sees one object at a time"),
    ("duplicate-object", "a policy sees one object at a time"),
    ("committed-secret", "a cluster has Secrets, and only a repo must not"),
];

fn resources(kinds: &[&str]) -> Vec<Resource> {
    RESOURCES.iter().copied().filter(|known| kinds.contains(&known.kind)).collect()
}

/// Makes a policy over the images of pods.
fn on_images(code: &'static Code, variables: &[(&str, String)], expression: String, message: &str) -> Policy {
    let mut all = vec![
        ("pod".to_owned(), POD.to_owned()),
        ("containers".to_owned(), CONTAINERS.to_owned()),
        ("images".to_owned(), IMAGES.to_owned()),
    ];
    all.extend(variables.iter().map(|(name, text)| ((*name).to_owned(), text.clone())));
    Policy {
        code,
        resources: resources(RUNS),
        conditions: Vec::new(),
        variables: all,
        validations: vec![Check { expression, message: Some(message.to_owned()), message_expression: None }],
    }
}

/// Collects the policies of an environment, and the rules that have none.
pub(super) fn policies(
    platform: &LoadedPlatform,
    settings: &Environment,
    policies: &mut Vec<Policy>,
    left_out: &mut Vec<(String, String)>,
) {
    let model = &platform.model;
    let code = |name: &str| crate::policy::code(name);
    if let (Some(code), false) = (code("image-registry-not-allowed"), model.images.registries.is_empty()) {
        let inside: Vec<String> = model
            .images
            .registries
            .iter()
            .map(|registry| {
                let registry = registry.trim_end_matches('/');
                let starts = |end: &str| format!("i.startsWith({})", quoted(&format!("{registry}{end}")));
                [format!("i == {}", quoted(registry)), starts("/"), starts(":"), starts("@")].join(" || ")
            })
            .collect();
        let expression = format!("variables.full.all(i, {})", inside.join(" || "));
        let message = format!("images come from {}", model.images.registries.join(", "));
        policies.push(on_images(code, &[("full", FULL.to_owned())], expression, &message));
    }
    if let Some(code) = code("image-without-tag") {
        let expression = format!("variables.images.all(i, i.contains('@') || {TAG}.contains(':'))");
        policies.push(on_images(code, &[], expression, "each image has a tag or a digest"));
    }
    if let (Some(code), false) = (code("forbidden-image-tag"), model.images.forbid_tags.is_empty()) {
        let ends = |tag: &String| format!("!{TAG}.endsWith({})", quoted(&format!(":{tag}")));
        let ends: Vec<String> = model.images.forbid_tags.iter().map(ends).collect();
        let expression = format!("variables.images.all(i, i.contains('@') || ({}))", ends.join(" && "));
        let message = format!("no image has a tag that moves: {}", model.images.forbid_tags.join(", "));
        policies.push(on_images(code, &[], expression, &message));
    }
    if let (Some(code), true) = (code("image-not-pinned"), settings.require_digest) {
        let expression =
            "variables.images.all(i, i.contains('@sha256:') || i.contains('@sha512:'))".to_owned();
        policies.push(on_images(code, &[], expression, "each image has a digest"));
    }
    if let (Some(code), true) = (code("too-few-replicas"), settings.min_replicas > 1) {
        let least = settings.min_replicas;
        policies.push(Policy {
            code,
            resources: resources(&["HorizontalPodAutoscaler"]),
            conditions: Vec::new(),
            variables: Vec::new(),
            validations: vec![Check {
                expression: format!("object.spec.?minReplicas.orValue(1) >= {least}"),
                message: Some(format!("at least {least} pods run")),
                message_expression: None,
            }],
        });
        left_out.push((
            code.name.to_owned(),
            "of a Deployment a policy cannot tell whether an autoscaler decides; it is exported for autoscalers".to_owned(),
        ));
    }
    policies.extend(tiers(platform));
    left_out.extend(LEFT_OUT.iter().map(|(code, why)| ((*code).to_owned(), (*why).to_owned())));
}

/// Makes the policies of size classes.
fn tiers(platform: &LoadedPlatform) -> Vec<Policy> {
    let mut policies = Vec::new();
    let most: Map<String, Json> = platform
        .model
        .tiers
        .iter()
        .filter_map(|(name, tier)| Some((name.to_owned(), tier.max_replicas?.into())))
        .collect();
    let tier = |code: &'static Code, kinds: &[&str], bounds: &Json, validation: Check| Policy {
        code,
        resources: resources(kinds),
        conditions: vec![("tier".to_owned(), format!("{TIER} in {}", literal(bounds)))],
        variables: vec![("bounds".to_owned(), format!("{}[{TIER}]", literal(bounds)))],
        validations: vec![validation],
    };
    if let (Some(code), false) = (crate::policy::code("too-many-replicas"), most.is_empty()) {
        let asked = "object.kind == 'HorizontalPodAutoscaler' ? object.spec.maxReplicas : object.spec.?replicas.orValue(1)";
        policies.push(tier(
            code,
            &["Deployment", "HorizontalPodAutoscaler", "Rollout", "StatefulSet"],
            &most.into(),
            Check {
                expression: format!("({asked}) <= variables.bounds"),
                message: None,
                message_expression: Some(
                    "'the tier gives at most ' + string(variables.bounds) + ' pods'".to_owned(),
                ),
            },
        ));
    }
    let limits: Map<String, Json> = platform
        .model
        .tiers
        .iter()
        .filter(|(_, tier)| !tier.limits.is_empty())
        .map(|(name, tier)| {
            let limits =
                tier.limits.iter().map(|(resource, most)| (resource.to_owned(), most.as_str().into()));
            (name.to_owned(), Json::Object(limits.collect()))
        })
        .collect();
    if let (Some(code), false) = (crate::policy::code("resources-above-tier"), limits.is_empty()) {
        let within = |list: &str| {
            format!(
                "c.?resources.{list}.orValue({{}}).all(r, !(r in variables.bounds) || \
                 !quantity(string(c.resources.{list}[r])).isGreaterThan(quantity(variables.bounds[r])))"
            )
        };
        let mut policy = tier(
            code,
            &["CronJob", "Deployment", "Job", "Rollout", "StatefulSet"],
            &limits.into(),
            Check {
                expression: format!(
                    "variables.containers.all(c, {} && {})",
                    within("requests"),
                    within("limits")
                ),
                message: Some("a container asks for no more than its tier gives".to_owned()),
                message_expression: None,
            },
        );
        let pod = [("pod", POD), ("containers", CONTAINERS)];
        policy.variables.extend(pod.map(|(name, text)| (name.to_owned(), text.to_owned())));
        policies.push(policy);
    }
    policies
}
