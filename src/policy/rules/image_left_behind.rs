//! An image that several containers share, and that was bumped for some of them only.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
use crate::policy::{Check, FleetContext, Rule, Running};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Fleet(check) };

static CODE: Code = Code::new(
    "image-left-behind",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/image-left-behind.md"),
);

fn check(context: &FleetContext<'_>, sink: &mut Sink) {
    let mut shared: BTreeMap<(&str, String, &str), Vec<&Running>> = BTreeMap::new();
    for running in context.running {
        // What is built from one source is released together; of an API without one that is known of its own workloads.
        let together = running.built_from.as_ref().unwrap_or(&running.api);
        let key = (&*running.environment, running.image.full_repository(), &**together);
        shared.entry(key).or_default().push(running);
    }
    for all in shared.values() {
        let Some(newest) = newest(all) else { continue };
        for running in all.iter().filter(|running| running.image != newest.image) {
            let message = format!(
                "`{}` runs as `{}` here and as `{}` in {}",
                running.image.repository(),
                version(running),
                version(newest),
                whose(newest, running),
            );
            let mut finding = Diagnostic::new(&CODE, running.location.clone(), message)
                .label("left behind?")
                .related(newest.location.clone(), "the other one")
                .help("release both together; workloads that always share an image say it once, above `workloads`")
                .in_environment(running.environment.clone());
            finding.api = Some(running.api.clone());
            sink.push(finding);
        }
    }
}

/// Returns the one that the others are held against: the newest by its version, else what most run, else the first. Nothing
/// where all are the same.
fn newest<'a>(all: &[&'a Running]) -> Option<&'a Running> {
    let first = *all.first()?;
    if all.iter().all(|running| running.image == first.image) {
        return None;
    }
    let number = |wanted: &Running| all.iter().filter(|running| running.image == wanted.image).count();
    let order = |one: &Running, other: &Running| match (one.image.version(), other.image.version()) {
        (Some(one), Some(other)) => one.cmp(&other),
        _ => Ordering::Equal,
    };
    all.iter().copied().reduce(|best, other| {
        let later = order(best, other).then(number(best).cmp(&number(other))) == Ordering::Less;
        if later { other } else { best }
    })
}

/// Returns tag and digest.
fn version(running: &Running) -> &str {
    let text = running.image.as_str();
    text[running.image.repository().len()..].trim_start_matches([':', '@'])
}

fn whose(newest: &Running, seen_from: &Running) -> String {
    match &newest.workload {
        Some(workload) if newest.api == seen_from.api => format!("`{workload}`"),
        _ => format!("`{}`", newest.api),
    }
}
