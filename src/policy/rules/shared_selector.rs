//! Workloads of several APIs that know their pods by the same labels.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
use crate::policy::{Check, FleetContext, Held, Holding, Rule, Selector};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Fleet(check) };

static CODE: Code = Code::new(
    "shared-selector",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/shared-selector.md"),
);

/// Where pods meet, and the labels that they are known by: a cluster, or the environment where it names none, the
/// namespace, and the labels.
type Place<'a> = (Option<&'a str>, &'a str, &'a str, &'a BTreeMap<Box<str>, Box<str>>);

/// Whose a workload is.
type Owned<'a> = (&'a Holding, &'a Held, &'a Selector);

fn check(context: &FleetContext<'_>, sink: &mut Sink) {
    let mut places: BTreeMap<Place<'_>, Vec<Owned<'_>>> = BTreeMap::new();
    for holding in context.holdings {
        let settings = context.platform.model.environments.get(&holding.environment);
        let clusters = settings.map(|settings| settings.clusters.as_slice()).unwrap_or_default();
        for held in &holding.objects {
            let Some(selector) = &held.selector else { continue };
            let (namespace, labels) = (&*holding.namespace, &selector.labels);
            for cluster in clusters {
                let place = (Some(&**cluster), "", namespace, labels);
                places.entry(place).or_default().push((holding, held, selector));
            }
            if clusters.is_empty() {
                let place = (None, &*holding.environment, namespace, labels);
                places.entry(place).or_default().push((holding, held, selector));
            }
        }
    }
    let mut told = BTreeSet::new();
    for same in places.into_values() {
        let Some(((first, first_held, first_selector), rest)) = same.split_first() else { continue };
        for (here, held, selector) in rest {
            // Of one API the objects that it builds to are looked at.
            if here.api == first.api || !told.insert((&here.api, &held.id.name, &here.environment)) {
                continue;
            }
            let message = format!(
                "`{} {}` of `{}` and `{} {}` of `{}` know their pods by the same labels in the namespace `{}`",
                held.id.kind,
                held.id.name,
                here.api,
                first_held.id.kind,
                first_held.id.name,
                first.api,
                here.namespace
            );
            let mut finding = Diagnostic::new(&CODE, selector.location.clone(), message)
                .in_environment(here.environment.clone())
                .label("the same labels")
                .related(first_selector.location.clone(), "as here")
                .help("give the pods of each a label of their own, such as `app.kubernetes.io/name`");
            finding.api = Some(here.api.clone());
            sink.push(finding);
        }
    }
}
