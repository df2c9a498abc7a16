//! Autoscalers: `pkg/apis/autoscaling/validation`.

use super::amount::positive;
use super::at::{At, Faults, show};
use super::meta::{self, Naming};
use super::resources;
use super::text::{DNS_LABEL, SEGMENT};

/// Sources of a metric: what its `type` says, and the key that it needs.
const SOURCES: &[(&str, &str)] = &[
    ("Object", "object"),
    ("External", "external"),
    ("Pods", "pods"),
    ("Resource", "resource"),
    ("ContainerResource", "containerResource"),
];

/// `validateHorizontalPodAutoscalerSpec`, of both versions.
pub(super) fn autoscaler<'a>(root: At<'a, '_>, faults: &mut Faults<'a>) {
    meta::object(root, Naming::Subdomain, faults);
    let spec = root.key("spec");
    let (least, greatest) = (spec.key("minReplicas"), spec.key("maxReplicas"));
    faults.within(least, 1, i64::MAX);
    if greatest.number_or_zero() < 1 {
        faults.refuse(
            greatest,
            format!("`maxReplicas` is {}, and must be 1 at least", greatest.number_or_zero()),
        );
    } else if let (Some(least), Some(most)) = (least.number(), greatest.number())
        && most < least
    {
        faults.refuse(greatest, format!("`maxReplicas`, {most}, is below `minReplicas`, {least}"));
    }
    reference(spec.key("scaleTargetRef"), faults);
    // The first version has one metric.
    faults.within(spec.key("targetCPUUtilizationPercentage"), 1, i64::MAX);
    let metrics = spec.key("metrics");
    metrics.items().for_each(|one| metric(one, faults));
    let behavior = spec.key("behavior");
    for key in ["scaleUp", "scaleDown"] {
        rules(behavior.key(key), faults);
    }
}

/// `ValidateCrossVersionObjectReference`.
fn reference<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    for key in ["kind", "name"] {
        if faults.need_text(at.key(key)) {
            faults.hold(at.key(key), &SEGMENT);
        }
    }
}

/// `validateMetricSpec`.
fn metric<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    let kind = at.key("type");
    if faults.need_text(kind) {
        faults.one_of(kind, &["Object", "Pods", "Resource", "External", "ContainerResource"]);
    }
    let wanted = SOURCES.iter().find(|(name, _)| *name == kind.text()).map(|(_, key)| *key);
    if let Some(key) = wanted.filter(|key| !at.has(key)) {
        faults.refuse(at.key(key), format!("`type: {}` needs `{key}`", kind.text()));
    }
    for (_, key) in SOURCES.iter().filter(|(_, key)| at.has(key)) {
        let source = at.key(key);
        if wanted.is_some_and(|wanted| wanted != *key) {
            faults.refuse(source, format!("`type: {}` has no `{key}`", kind.text()));
            continue;
        }
        metric_source(key, source, faults);
    }
}

/// `validateObjectSource` and its kin.
fn metric_source<'a>(key: &str, at: At<'a, '_>, faults: &mut Faults<'a>) {
    let target = at.key("target");
    match key {
        "resource" | "containerResource" => {
            let name = at.key("name");
            if faults.need_text(name) && key == "containerResource" {
                resources::name(name.text(), name, resources::Scope::Container, faults);
            }
            if key == "containerResource" && faults.need_text(at.key("container")) {
                faults.hold(at.key("container"), &DNS_LABEL);
            }
        }
        _ => {
            let metric = at.key("metric");
            let name = metric.key("name");
            if faults.need_text(name) {
                faults.hold(name, &SEGMENT);
            }
            if key == "object" {
                reference(at.key("describedObject"), faults);
            }
        }
    }
    let kind = target.key("type");
    if faults.need_text(kind) {
        faults.one_of(kind, &["Utilization", "Value", "AverageValue"]);
    }
    let (value, average, percent) =
        (target.key("value"), target.key("averageValue"), target.key("averageUtilization"));
    positive(value, faults);
    positive(average, faults);
    faults.within(percent, 1, i64::MAX);
    match key {
        "object" | "external" => {
            if !value.is_set() && !average.is_set() {
                faults.refuse(target, "the target has `value` or `averageValue`");
            } else if value.is_set() && average.is_set() && key == "external" {
                faults.refuse(value, "`value` and `averageValue` exclude each other");
            }
        }
        "pods" if !average.is_set() => faults.refuse(average, "the target has an `averageValue`"),
        "pods" => {}
        _ => {
            if !percent.is_set() && !average.is_set() {
                faults.refuse(target, "the target has `averageUtilization` or `averageValue`");
            } else if percent.is_set() && average.is_set() {
                faults.refuse(average, "`averageUtilization` and `averageValue` exclude each other");
            }
        }
    }
}

/// `validateScalingRules`.
fn rules<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    faults.within(at.key("stabilizationWindowSeconds"), 0, 3600);
    faults.one_of(at.key("selectPolicy"), &["Max", "Min", "Disabled"]);
    let policies = at.key("policies");
    // Left out, there are default ones.
    if policies.is_set() && policies.len() == 0 {
        faults.refuse(policies, "`policies` must not be empty; leave it out for those of Kubernetes");
    }
    for policy in policies.items() {
        faults.one_of(policy.key("type"), &["Pods", "Percent"]);
        for (key, greatest) in [("value", i64::MAX), ("periodSeconds", 1800)] {
            let at = policy.key(key);
            if at.number_or_zero() < 1 || at.number_or_zero() > greatest {
                let bound = if greatest == 1800 { "from 1 to 1800 s" } else { "1 at least" };
                faults.refuse(
                    at,
                    format!("`{key}` is {}, and must be {bound}", show(&at.number_or_zero().to_string())),
                );
            }
        }
    }
}
