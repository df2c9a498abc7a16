//! Jobs: `pkg/apis/batch/validation`.

use super::at::{At, Faults, show};
use super::meta::{self, Naming};
use super::text::{QUALIFIED, SUBDOMAIN};
use super::{cron, pod, selector, warning, zone};

/// Pods of an indexed job at a time, at the most.
const MAX_PARALLELISM: i64 = 100_000;

/// `ValidateJob`. Its selector is made by the server.
pub(super) fn job<'a>(root: At<'a, '_>, faults: &mut Faults<'a>) {
    meta::object(root, Naming::Subdomain, faults);
    warning::long_name(root, faults);
    let (metadata, spec) = (root.key("metadata"), root.key("spec"));
    job_spec(spec, faults);
    if spec.key("manualSelector").is_true() {
        selector::of_template(spec, false, faults);
    } else if spec.has("selector") {
        selector::selector(spec.key("selector"), faults);
        let message = "the server makes the selector of a job; leave it out, or write `manualSelector: true`";
        faults.refuse(spec.key("selector"), message);
    }
    let completions = spec.key("completions").number_or_zero();
    if spec.key("completionMode").text() == "Indexed" && completions > 0 {
        let name = metadata.key("name");
        let last = format!("{}-{}", name.text(), completions - 1);
        if (super::text::DNS_LABEL.check)(&last).is_err() {
            faults
                .refuse(name, format!("the last pod would be called {}, which is no DNS label", show(&last)));
        }
    }
}

/// `validateCronJobSpec`.
pub(super) fn cron_job<'a>(root: At<'a, '_>, faults: &mut Faults<'a>) {
    meta::object(root, Naming::Subdomain, faults);
    warning::long_name(root, faults);
    let (metadata, spec) = (root.key("metadata"), root.key("spec"));
    let name = metadata.key("name");
    if name.text().len() > 52 {
        let message = format!(
            "{} has {} characters, 52 at the most in a CronJob",
            show(name.text()),
            name.text().len()
        );
        faults.refuse(name, message);
    }
    let schedule = spec.key("schedule");
    if faults.need_text(schedule) {
        if schedule.text().contains("TZ") {
            faults.refuse(schedule, "a schedule has no `TZ`; write `timeZone`");
        } else if let Err(why) = cron::parse(schedule.text()) {
            faults.refuse(schedule, format!("{} is no schedule: {why}", show(schedule.text())));
        } else if !cron::comes(schedule.text()) {
            let message =
                format!("{} never comes: no month that it names has such a day", show(schedule.text()));
            faults.breaks(schedule, message);
        }
    }
    for key in ["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"] {
        faults.not_negative(spec.key(key));
    }
    let time_zone = spec.key("timeZone");
    if time_zone.is_set() && !zone::is_known(time_zone.text()) {
        let message = format!(
            "{} is no time zone; write one as in `Europe/Berlin` or `Etc/UTC`",
            show(time_zone.text())
        );
        faults.refuse(time_zone, message);
    }
    faults.one_of(spec.key("concurrencyPolicy"), &["Allow", "Forbid", "Replace", ""]);
    let template = spec.key("jobTemplate");
    let job = template.key("spec");
    job_spec(job, faults);
    if job.has("selector") {
        faults.refuse(job.key("selector"), "the server makes the selector of a job; leave it out");
    }
    if job.key("manualSelector").is_true() {
        faults.refuse(job.key("manualSelector"), "the server makes the selector of a job; leave it out");
    }
}

/// `validateJobSpec`.
fn job_spec<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    let not_negative = [
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
    ];
    for key in not_negative {
        faults.not_negative(at.key(key));
    }
    let (mode, completions) = (at.key("completionMode"), at.key("completions"));
    let (per_index, failed) = (at.key("backoffLimitPerIndex"), at.key("maxFailedIndexes"));
    faults.one_of(mode, &["NonIndexed", "Indexed"]);
    if failed.is_set() && !per_index.is_set() {
        faults.refuse(per_index, "`maxFailedIndexes` needs `backoffLimitPerIndex`");
    }
    if mode.text() == "Indexed" {
        if !completions.is_set() {
            faults.refuse(completions, "`completionMode: Indexed` needs `completions`");
        }
        faults.within(at.key("parallelism"), 0, MAX_PARALLELISM);
        faults.within(failed, 0, completions.number().unwrap_or(i64::MAX).min(MAX_PARALLELISM));
        if completions.number_or_zero() > 100_000 && per_index.is_set() {
            if !failed.is_set() {
                faults.refuse(failed, "`maxFailedIndexes` is needed above 100000 `completions`");
            }
            faults.within(at.key("parallelism"), 0, 10_000);
            faults.within(failed, 0, 10_000);
        }
    } else {
        for at in [per_index, failed] {
            if at.is_set() {
                faults.refuse(at, "it needs `completionMode: Indexed`");
            }
        }
    }
    managed_by(at.key("managedBy"), faults);
    failure_policy(at, faults);
    success_policy(at, faults);
    let replacement = at.key("podReplacementPolicy");
    let known: &[&str] =
        if at.has("podFailurePolicy") { &["Failed"] } else { &["Failed", "TerminatingOrFailed"] };
    faults.one_of(replacement, known);
    let template = at.key("template");
    pod::template(template, &[], faults);
    let spec = template.key("spec");
    let restart = spec.key("restartPolicy");
    match restart.text() {
        "" | "Always" => {
            faults.refuse(restart, "the pods of a job have `restartPolicy: OnFailure` or `Never`");
        }
        "OnFailure" if at.has("podFailurePolicy") => {
            faults.refuse(restart, "`podFailurePolicy` needs `restartPolicy: Never`");
        }
        _ => {}
    }
}

/// `IsDomainPrefixedPath`.
fn managed_by<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    if !at.is_set() {
        return;
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~%!$&'()*+,;=:".contains(&byte);
    match at.text().split_once('/') {
        Some((host, path)) if !host.is_empty() && !path.is_empty() => {
            faults.hold_text(at, host, &SUBDOMAIN);
            if !path.bytes().all(fits) {
                faults.refuse(at, format!("{} is no path", show(path)));
            }
        }
        _ => faults.refuse(at, "it has a prefix, as in `example.com/name`"),
    }
    if at.text().len() > 63 {
        faults.refuse(at, "it has 63 characters at the most");
    }
}

/// `validatePodFailurePolicy`.
fn failure_policy<'a>(spec: At<'a, '_>, faults: &mut Faults<'a>) {
    let policy = spec.key("podFailurePolicy");
    let rules = policy.key("rules");
    let template = spec.key("template");
    let pod = template.key("spec");
    if rules.len() > 20 {
        faults.refuse(rules, format!("there are {} rules, 20 at the most", rules.len()));
    }
    for rule in rules.items() {
        let (action, codes, conditions) =
            (rule.key("action"), rule.key("onExitCodes"), rule.key("onPodConditions"));
        if faults.need_text(action) {
            faults.one_of(action, &["FailJob", "FailIndex", "Ignore", "Count"]);
        }
        if action.text() == "FailIndex" && !spec.has("backoffLimitPerIndex") {
            faults.refuse(action, "`FailIndex` needs `backoffLimitPerIndex`");
        }
        if codes.is_set() == (conditions.len() > 0) {
            faults.refuse(rule, "a rule has one of `onExitCodes` and `onPodConditions`");
        }
        for condition in conditions.items() {
            faults.hold(condition.key("type"), &QUALIFIED);
            // Left out, it is `True`.
            faults.one_of(condition.key("status"), &["True", "False", "Unknown", ""]);
        }
        if codes.is_set() {
            exit_codes(codes, pod, faults);
        }
    }
}

/// `validatePodFailurePolicyRuleOnExitCodes`.
fn exit_codes<'a>(at: At<'a, '_>, pod: At<'a, '_>, faults: &mut Faults<'a>) {
    let (operator, values, container) = (at.key("operator"), at.key("values"), at.key("containerName"));
    if faults.need_text(operator) {
        faults.one_of(operator, &["In", "NotIn"]);
    }
    let (regular, init) = (pod.key("containers"), pod.key("initContainers"));
    let known = |name: &str| regular.items().chain(init.items()).any(|one| one.json["name"] == name);
    if container.is_set() && !known(container.text()) {
        faults.refuse(container, format!("the pod has no container {}", show(container.text())));
    }
    match values.len() {
        0 => faults.refuse(values, "`values` must not be empty"),
        1..=255 => {}
        count => faults.refuse(values, format!("there are {count} values, 255 at the most")),
    }
    let mut last = None;
    for value in values.items() {
        let code = value.number_or_zero();
        if code == 0 && operator.text() == "In" {
            faults.refuse(value, "0 is no failure");
        }
        if last.is_some_and(|last| last >= code) {
            faults.refuse(value, "the values are in order, each once");
        }
        last = Some(code);
    }
}

/// `validateSuccessPolicy`.
fn success_policy<'a>(spec: At<'a, '_>, faults: &mut Faults<'a>) {
    let policy = spec.key("successPolicy");
    if !policy.is_set() {
        return;
    }
    if spec.key("completionMode").text() != "Indexed" {
        return faults.refuse(policy, "it needs `completionMode: Indexed`");
    }
    let rules = policy.key("rules");
    match rules.len() {
        0 => faults.refuse(rules, "`rules` must not be empty"),
        1..=20 => {}
        count => faults.refuse(rules, format!("there are {count} rules, 20 at the most")),
    }
    let completions = spec.key("completions").number_or_zero();
    for rule in rules.items() {
        let (count, indexes) = (rule.key("succeededCount"), rule.key("succeededIndexes"));
        if !count.is_set() && !indexes.is_set() {
            faults.refuse(rule, "a rule has `succeededCount` or `succeededIndexes`");
        }
        let total = indexes.is_set().then(|| count_indexes(indexes.text(), completions));
        if total == Some(None) {
            faults.refuse(
                indexes,
                format!("{} are no indexes below {completions}, in order", show(indexes.text())),
            );
        }
        faults.within(count, 0, completions.min(total.flatten().unwrap_or(completions)));
    }
}

/// `validateIndexesFormat`.
fn count_indexes(text: &str, completions: i64) -> Option<i64> {
    let (mut total, mut last) = (0, -1);
    for interval in text.split(',').filter(|_| !text.is_empty()) {
        let (first, end) = interval.split_once('-').unwrap_or((interval, interval));
        let (first, end): (i64, i64) = (first.parse().ok()?, end.parse().ok()?);
        let in_order = first > last && (first < end || (first == end && !interval.contains('-')));
        if !in_order || end >= completions {
            return None;
        }
        total += end - first + 1;
        last = end;
    }
    Some(total)
}
