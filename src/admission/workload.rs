//! Workloads: `pkg/apis/apps/validation`.

use serde_json::Value as Json;

use super::at::{At, Faults, show};
use super::meta::{self, Naming};
use super::text::{DNS_LABEL, PERCENT};
use super::{claim, pod as pods, selector, warning};

/// `ValidatePodCreate`.
pub(super) fn pod<'a>(root: At<'a, '_>, faults: &mut Faults<'a>) {
    meta::object(root, Naming::Subdomain, faults);
    let (metadata, spec) = (root.key("metadata"), root.key("spec"));
    pods::deletion_cost(metadata, faults);
    pods::spec(spec, &[], Some(metadata.key("name").text()), faults);
    for key in ["containers", "initContainers"] {
        let containers = spec.key(key);
        for container in containers.items() {
            let image = container.key("image");
            if image.text().trim() != image.text() {
                faults.refuse(image, "the image has blanks around it");
            }
        }
    }
    if spec.key("ephemeralContainers").len() > 0 {
        faults.refuse(spec.key("ephemeralContainers"), "they can be added to a running pod only");
    }
    if !spec.key("nodeName").text().is_empty() && spec.key("schedulingGates").len() > 0 {
        faults.refuse(spec.key("nodeName"), "`nodeName` and `schedulingGates` exclude each other");
    }
    if spec.key("serviceAccountName").text().is_empty() {
        let volumes = spec.key("volumes");
        for volume in volumes.items() {
            let projected = volume.key("projected");
            let sources = projected.key("sources");
            for source in sources.items().filter(|source| source.has("serviceAccountToken")) {
                faults.refuse(source.key("serviceAccountToken"), "it needs `serviceAccountName`");
            }
        }
    }
    warning::pod(root, faults);
}

/// `ValidateDeploymentSpec`.
pub(super) fn deployment<'a>(root: At<'a, '_>, faults: &mut Faults<'a>) {
    meta::object(root, Naming::Subdomain, faults);
    warning::long_name(root, faults);
    let spec = root.key("spec");
    for key in ["replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"] {
        faults.not_negative(spec.key(key));
    }
    selector::of_template(spec, true, faults);
    always_running(spec, faults);
    deployment_strategy(spec.key("strategy"), faults);
    let (deadline, ready) = (spec.key("progressDeadlineSeconds"), spec.key("minReadySeconds"));
    // Left out, it is 600 seconds.
    let seconds = deadline.number().unwrap_or(600);
    if seconds <= ready.number_or_zero() {
        let message = format!(
            "`progressDeadlineSeconds`, {seconds} s, must be more than `minReadySeconds`, {} s",
            ready.number_or_zero()
        );
        faults.refuse(if deadline.is_set() { deadline } else { ready }, message);
    }
}

/// `ValidateReplicaSetSpec`.
pub(super) fn replica_set<'a>(root: At<'a, '_>, faults: &mut Faults<'a>) {
    meta::object(root, Naming::Subdomain, faults);
    warning::long_name(root, faults);
    let spec = root.key("spec");
    for key in ["replicas", "minReadySeconds"] {
        faults.not_negative(spec.key(key));
    }
    selector::of_template(spec, true, faults);
    always_running(spec, faults);
}

/// `ValidateDaemonSetSpec`.
pub(super) fn daemon_set<'a>(root: At<'a, '_>, faults: &mut Faults<'a>) {
    meta::object(root, Naming::Subdomain, faults);
    let spec = root.key("spec");
    for key in ["minReadySeconds", "revisionHistoryLimit"] {
        faults.not_negative(spec.key(key));
    }
    selector::of_template(spec, true, faults);
    always_running(spec, faults);
    let strategy = spec.key("updateStrategy");
    let (kind, rolling) = (strategy.key("type"), strategy.key("rollingUpdate"));
    faults.one_of(kind, &["RollingUpdate", "OnDelete", ""]);
    if !matches!(kind.text(), "" | "RollingUpdate") || !rolling.is_set() {
        return;
    }
    let (unavailable, surge) = (rolling.key("maxUnavailable"), rolling.key("maxSurge"));
    for at in [unavailable, surge] {
        count_or_percent(at, faults);
        not_above_all(at, faults);
    }
    // Left out, they are 1 and 0.
    match (amount(unavailable).unwrap_or(1), amount(surge).unwrap_or(0)) {
        (0, 0) => faults
            .refuse(unavailable, "`maxUnavailable` and `maxSurge` are both 0, so no pod can be replaced"),
        (1.., 1..) => {
            faults.refuse(surge, "`maxSurge` needs `maxUnavailable: 0`, which is 1 where it is left out");
        }
        _ => {}
    }
}

/// `ValidateStatefulSetSpec`. It does not look at the pod itself, so what is wrong there keeps pods from being made.
pub(super) fn stateful_set<'a>(root: At<'a, '_>, faults: &mut Faults<'a>) {
    meta::object(root, Naming::Label, faults);
    let spec = root.key("spec");
    let policy = spec.key("podManagementPolicy");
    faults.one_of(policy, &["OrderedReady", "Parallel", ""]);
    let strategy = spec.key("updateStrategy");
    let (kind, rolling) = (strategy.key("type"), strategy.key("rollingUpdate"));
    faults.one_of(kind, &["RollingUpdate", "OnDelete", ""]);
    if kind.text() == "OnDelete" && rolling.is_set() {
        faults.refuse(rolling, "`type: OnDelete` has no `rollingUpdate`");
    } else {
        faults.not_negative(rolling.key("partition"));
        if faults.since(35) {
            let unavailable = rolling.key("maxUnavailable");
            count_or_percent(unavailable, faults);
            not_above_all(unavailable, faults);
            if amount(unavailable) == Some(0) {
                faults.refuse(unavailable, "`maxUnavailable` cannot be 0");
            }
        }
    }
    let retention = spec.key("persistentVolumeClaimRetentionPolicy");
    for key in ["whenDeleted", "whenScaled"] {
        faults.one_of(retention.key(key), &["Retain", "Delete", ""]);
    }
    for key in ["replicas", "minReadySeconds"] {
        faults.not_negative(spec.key(key));
    }
    let ordinals = spec.key("ordinals");
    faults.not_negative(ordinals.key("start"));
    // Each pod carries the name with a hyphen and ten more characters as a label, and a label has 63.
    let metadata = root.key("metadata");
    let name = metadata.key("name");
    if name.text().len() > 52 {
        let message = format!(
            "{} has {} characters; above 52 no pod of a StatefulSet can be made, since a label holds the name and a hash",
            show(name.text()),
            name.text().len()
        );
        faults.breaks(name, message);
    }
    // Held to it since 1.33.
    if faults.since(33) {
        faults.hold_if_set(spec.key("serviceName"), &DNS_LABEL);
    }
    selector::of_template(spec, true, faults);
    let templates = spec.key("volumeClaimTemplates");
    let mut claims = Vec::new();
    for template in templates.items() {
        let metadata = template.key("metadata");
        claims.push(metadata.key("name").text());
        faults.later(|faults| claim::template(template, faults));
    }
    let template = spec.key("template");
    let metadata = template.key("metadata");
    selector::labels(metadata.key("labels"), faults);
    meta::annotations(metadata.key("annotations"), faults);
    let pod = template.key("spec");
    restart_policy(pod, faults);
    faults.later(|faults| pods::template(template, &claims, faults));
}

/// A Rollout's pods are checked by its controller.
pub(super) fn rollout<'a>(root: At<'a, '_>, faults: &mut Faults<'a>) {
    meta::object(root, Naming::Subdomain, faults);
    let spec = root.key("spec");
    if spec.has("template") {
        faults.later(|faults| {
            selector::of_template(spec, true, faults);
            always_running(spec, faults);
        });
    }
}

/// A template whose pods run until they are replaced.
fn always_running<'a>(spec: At<'a, '_>, faults: &mut Faults<'a>) {
    let template = spec.key("template");
    pods::template(template, &[], faults);
    restart_policy(template.key("spec"), faults);
}

fn restart_policy<'a>(pod: At<'a, '_>, faults: &mut Faults<'a>) {
    let restart = pod.key("restartPolicy");
    if !matches!(restart.text(), "" | "Always") {
        faults.refuse(
            restart,
            format!("{} has no place here: these pods run until they are replaced", show(restart.text())),
        );
    }
    let deadline = pod.key("activeDeadlineSeconds");
    if deadline.is_set() {
        faults.refuse(deadline, "it has no place here: these pods run until they are replaced");
    }
}

/// `ValidateDeploymentStrategy`.
fn deployment_strategy<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    let (kind, rolling) = (at.key("type"), at.key("rollingUpdate"));
    faults.one_of(kind, &["Recreate", "RollingUpdate", ""]);
    if kind.text() == "Recreate" {
        if rolling.is_set() {
            faults.refuse(rolling, "`type: Recreate` has no `rollingUpdate`");
        }
        return;
    }
    let (unavailable, surge) = (rolling.key("maxUnavailable"), rolling.key("maxSurge"));
    count_or_percent(unavailable, faults);
    count_or_percent(surge, faults);
    not_above_all(unavailable, faults);
    // Left out, both are 25 %.
    if amount(unavailable) == Some(0) && amount(surge) == Some(0) {
        faults.refuse(unavailable, "`maxUnavailable` and `maxSurge` are both 0, so no pod can be replaced");
    }
}

/// `ValidatePositiveIntOrPercent`.
pub(super) fn count_or_percent<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    if at.json.is_string() {
        faults.hold(at, &PERCENT);
    } else {
        faults.not_negative(at);
    }
}

/// `IsNotMoreThan100Percent`.
pub(super) fn not_above_all<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    if at.json.is_string() && amount(at).is_some_and(|percent| percent > 100) {
        faults.refuse(at, format!("{} is more than 100%", show(at.text())));
    }
}

/// `getIntOrPercentValue`.
fn amount(at: At<'_, '_>) -> Option<u64> {
    match at.json {
        Json::String(text) => {
            let digits = text.strip_suffix('%').unwrap_or(text);
            // What is no number counts as 0.
            Some(digits.parse().unwrap_or(0))
        }
        json => json.as_u64(),
    }
}
