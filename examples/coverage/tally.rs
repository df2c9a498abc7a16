//! What the model can say of a corpus, counted.

use std::collections::{BTreeMap, BTreeSet};

use onramp::migrate::{Cause, Converted, Naming, NoteKind, Residue, from_objects, normal};
use serde_json::Value as Json;

use crate::compare::{difference, expected};
use crate::corpus::{Corpus, Object};
use crate::expand;

const WORKLOADS: &[&str] = &["Deployment", "StatefulSet", "CronJob", "Job"];

/// Figures of one kind of object.
#[derive(Default)]
struct Figures {
    found: usize,
    /// Normal forms, to count equal objects once.
    distinct: BTreeSet<String>,
    /// Patches and drafts: objects that no server would take.
    incomplete: BTreeMap<&'static str, usize>,
    whole: usize,
    /// Those whose residue is their own fault: no cluster holds it.
    faulty: usize,
    /// Those with residue.
    partial: Vec<String>,
    /// Those that came back different without a word.
    unfaithful: Vec<String>,
    permissions: BTreeMap<&'static str, usize>,
    with_permission: usize,
    notes: BTreeMap<NoteKind, usize>,
    residue: BTreeMap<String, usize>,
    identity: BTreeMap<String, usize>,
}

/// Figures by kind.
#[derive(Default)]
pub(crate) struct Tally(BTreeMap<&'static str, Figures>);

impl Tally {
    pub(crate) fn of(corpus: &Corpus) -> Self {
        let mut tally = Self::default();
        let mut places: BTreeMap<(&str, &str), Vec<&Object>> = BTreeMap::new();
        for object in &corpus.objects {
            places.entry((&object.branch, &object.directory)).or_default().push(object);
        }
        for objects in places.values() {
            tally.place(objects);
        }
        tally
    }

    /// Counts the objects of one directory.
    fn place(&mut self, objects: &[&Object]) {
        for kind in objects.iter().filter_map(|object| kind(&object.json)) {
            self.0.entry(kind).or_default().found += 1;
        }
        let workloads: Vec<&&Object> = objects
            .iter()
            .filter(|object| kind(&object.json).is_some_and(|kind| WORKLOADS.contains(&kind)))
            .collect();
        let mut attached: BTreeSet<*const Object> = BTreeSet::new();
        for workload in &workloads {
            let Some(kind) = kind(&workload.json) else { continue };
            // Several environments may lie side by side, each in a file of its own.
            let mut near = objects.to_vec();
            near.sort_by_key(|object| object.path != workload.path);
            let service = near.iter().find(|object| selects(&object.json, &workload.json));
            let autoscaler = near.iter().find(|object| scales(&object.json, &workload.json));
            attached.extend(
                [service, autoscaler].into_iter().flatten().map(|object| std::ptr::from_ref(*object)),
            );

            let figures = self.0.entry(kind).or_default();
            if let Some(what) = missing(&workload.json) {
                *figures.incomplete.entry(what).or_default() += 1;
                continue;
            }
            let stored = normal(&workload.json).object;
            if !figures.distinct.insert(stored.to_string()) {
                continue;
            }
            let api = workload.branch.rsplit_once("--").map_or(&*workload.branch, |(_, api)| api);
            let name = workload.json["metadata"]["name"].as_str().unwrap_or_default();
            let naming = Naming { api, workload: (workloads.len() > 1).then_some(name), container: None };
            let converted =
                from_objects(&workload.json, &naming, service.map(|s| &s.json), autoscaler.map(|a| &a.json));
            self.count(workload, &converted, |keys| {
                expand::workload(keys, &naming, converted.namespace.as_deref())
            });
            for (other, render) in [
                (service, expand::service as fn(&_, &_, Option<&str>) -> Json),
                (autoscaler, expand::autoscaler),
            ] {
                if let Some(other) = other
                    && self.is_new(other)
                {
                    let namespace = other.json["metadata"]["namespace"].as_str();
                    self.count(other, &converted, |keys| render(keys, &naming, namespace));
                }
            }
        }
        for object in objects {
            if matches!(kind(&object.json), Some("Service" | "HorizontalPodAutoscaler"))
                && !attached.contains(&std::ptr::from_ref(*object))
                && let Some(kind) = kind(&object.json)
            {
                let figures = self.0.entry(kind).or_default();
                *figures.incomplete.entry("no workload here").or_default() += 1;
            }
        }
    }

    fn is_new(&mut self, object: &Object) -> bool {
        let Some(kind) = kind(&object.json) else { return false };
        let figures = self.0.entry(kind).or_default();
        figures.distinct.insert(normal(&object.json).object.to_string())
    }

    /// Counts one object that was converted, and compares it with what the keys render to.
    fn count(
        &mut self,
        object: &Object,
        converted: &Converted,
        render: impl Fn(&serde_json::Map<String, Json>) -> Json,
    ) {
        let Some(kind) = kind(&object.json) else { return };
        let figures = self.0.entry(kind).or_default();
        let name = object.json["metadata"]["name"].as_str().unwrap_or_default();
        let place = format!("{}:{} {kind} {name}", object.branch, object.path);
        let residue: Vec<&Residue> =
            converted.residue.iter().filter(|residue| residue.object == kind).collect();
        if residue.is_empty() {
            figures.whole += 1;
        } else {
            figures.faulty += usize::from(residue.iter().all(|part| part.cause == Cause::Object));
            let parts: Vec<String> =
                residue.iter().map(|part| format!("{} ({})", part.path, part.why)).collect();
            figures.partial.push(format!("{place}: {}", parts.join("; ")));
        }
        for part in &residue {
            *figures.residue.entry(format!("{} ({})", general(&part.path), part.why)).or_default() += 1;
        }
        if WORKLOADS.contains(&kind) {
            figures.with_permission += usize::from(!converted.needs.is_empty());
            for permission in &converted.needs {
                *figures.permissions.entry(permission.name()).or_default() += 1;
            }
            let notes: BTreeSet<NoteKind> = converted.notes.iter().map(|note| note.kind).collect();
            for kind in notes {
                *figures.notes.entry(kind).or_default() += 1;
            }
            for word in converted.metadata.get("identity").and_then(Json::as_object).into_iter().flatten() {
                *figures.identity.entry(word.0.clone()).or_default() += 1;
            }
        }
        let scaled = converted.metadata.contains_key("autoscaling");
        let before = expected(&object.json, &residue, scaled);
        let after = normal(&render(&converted.metadata)).object;
        if let Some(difference) = difference(&before, &after, "") {
            figures.unfaithful.push(format!("{place}: {difference}"));
        }
    }

    pub(crate) fn is_faithful(&self) -> bool {
        self.0.values().all(|figures| figures.unfaithful.is_empty())
    }

    pub(crate) fn print(&self, quiet: bool) {
        for (kind, figures) in &self.0 {
            println!("-- {kind}");
            if !quiet {
                figures.partial.iter().for_each(|line| println!("residue: {line}"));
            }
            figures.unfaithful.iter().for_each(|line| println!("DIFFERENT: {line}"));
            print_sorted("residue at", &figures.residue);
            print_sorted("identity", &figures.identity);
            print_sorted("incomplete", &figures.incomplete);
            print_sorted("permission", &figures.permissions);
            for (note, count) in &figures.notes {
                println!("noted: {count} {note:?}");
            }
            let distinct = figures.distinct.len();
            println!(
                "{} found, {distinct} distinct: {} without residue ({:.1} %), {} more with faults of their own ({:.1} %)",
                figures.found,
                figures.whole,
                percent(figures.whole, distinct),
                figures.faulty,
                percent(figures.whole + figures.faulty, distinct),
            );
            println!(
                "{} need a permission, {} came back different",
                figures.with_permission,
                figures.unfaithful.len(),
            );
        }
    }
}

fn print_sorted(what: &str, counts: &BTreeMap<impl AsRef<str>, usize>) {
    let mut counts: Vec<(&str, usize)> = counts.iter().map(|(key, count)| (key.as_ref(), *count)).collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (key, count) in counts {
        println!("{what}: {count:>4} {key}");
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of objects are small")]
fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { 100.0 } else { 100.0 * part as f64 / whole as f64 }
}

/// The kinds that are counted.
fn kind(object: &Json) -> Option<&'static str> {
    let kind = object["kind"].as_str()?;
    let counted = WORKLOADS.iter().chain(&["Service", "HorizontalPodAutoscaler"]);
    counted.copied().find(|known| *known == kind)
}

fn template(workload: &Json) -> &Json {
    let path =
        if workload["kind"] == "CronJob" { "/spec/jobTemplate/spec/template" } else { "/spec/template" };
    workload.pointer(path).unwrap_or(&Json::Null)
}

/// What a server would miss first.
fn missing(workload: &Json) -> Option<&'static str> {
    let template = template(workload);
    let current = workload["apiVersion"] == "apps/v1";
    let containers = template["spec"]["containers"].as_array();
    let all = ["containers", "initContainers"].map(|key| template["spec"][key].as_array());
    let lacks = |key: &str| all.iter().flatten().copied().flatten().any(|container| container[key].is_null());
    if containers.is_none_or(Vec::is_empty) {
        Some("no containers")
    } else if lacks("image") {
        Some("no image")
    } else if lacks("name") {
        Some("a container without name")
    } else if current && workload["spec"]["selector"].is_null() {
        Some("no selector")
    } else {
        None
    }
}

fn selects(service: &Json, workload: &Json) -> bool {
    let Some(selector) = service["spec"]["selector"].as_object() else { return false };
    let labels = &template(workload)["metadata"]["labels"];
    service["kind"] == "Service"
        && !matches!(workload["kind"].as_str(), Some("CronJob" | "Job"))
        && !selector.is_empty()
        && selector.iter().all(|(key, value)| labels[key] == *value)
}

fn scales(autoscaler: &Json, workload: &Json) -> bool {
    let target = &autoscaler["spec"]["scaleTargetRef"];
    autoscaler["kind"] == "HorizontalPodAutoscaler"
        && target["kind"] == workload["kind"]
        && target["name"] == workload["metadata"]["name"]
}

/// A path without the words and indices of one object.
fn general(path: &str) -> String {
    let steps = path.split('/').map(|step| if step.parse::<usize>().is_ok() { "*" } else { step });
    steps.collect::<Vec<_>>().join("/")
}
