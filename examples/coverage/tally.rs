//! What the model can say of a corpus, counted.

use std::collections::{BTreeMap, BTreeSet};

use onramp::migrate::{Cause, Converted, Naming, NoteKind, Residue, from_objects, normal};
use onramp::policy;
use serde_json::Value as Json;

use crate::compare::{differences, expected};
use crate::corpus::{Corpus, Object};
use crate::family::{WORKLOADS, fill_in_images, missing, scales, selects, word};
use crate::trip::{Workshop, metadata};

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
    /// Workloads that came back as they were, with Service and autoscaler.
    identical: usize,
    /// Those that came back different without a word.
    unfaithful: Vec<String>,
    /// Those whose words lint has something against.
    refused: Vec<String>,
    refusals: BTreeMap<String, usize>,
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
    pub(crate) fn of(corpus: &Corpus, workshop: &Workshop) -> Self {
        let mut tally = Self::default();
        let mut places: BTreeMap<(&str, &str), Vec<&Object>> = BTreeMap::new();
        for object in &corpus.objects {
            places.entry((&object.branch, &object.directory)).or_default().push(object);
        }
        for objects in places.values() {
            tally.place(objects, workshop);
        }
        tally
    }

    /// Counts the objects of one directory.
    fn place(&mut self, objects: &[&Object], workshop: &Workshop) {
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
            let api = word(workload.branch.rsplit_once("--").map_or(&*workload.branch, |(_, api)| api));
            let name = word(workload.json["metadata"]["name"].as_str().unwrap_or_default());
            let key = (workloads.len() > 1).then_some(&*name);
            let naming = Naming { api: &api, workload: key, container: None };
            let (service, autoscaler) = (service.copied(), autoscaler.copied());
            let found: Vec<&Object> = [service, autoscaler].into_iter().flatten().collect();
            let convert = |workload: &Json| {
                from_objects(workload, &naming, service.map(|one| &one.json), autoscaler.map(|one| &one.json))
            };
            let converted = convert(&workload.json);
            self.count(workload, &converted);
            for other in &found {
                if self.is_new(other) {
                    self.count(other, &converted);
                }
            }
            let mut complete = workload.json.clone();
            fill_in_images(&mut complete);
            let converted = convert(&complete);
            let objects: Vec<&Json> =
                std::iter::once(&complete).chain(found.iter().map(|one| &one.json)).collect();
            let outcome = come_back(workshop, &naming, &converted, &objects);
            self.trip(workload, outcome);
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

    /// Counts the way back of a workload.
    fn trip(&mut self, workload: &Object, outcome: Result<Option<String>, Vec<String>>) {
        let Some(kind) = kind(&workload.json) else { return };
        let figures = self.0.entry(kind).or_default();
        match outcome {
            Ok(None) => figures.identical += 1,
            Ok(Some(difference)) => figures.unfaithful.push(format!("{}: {difference}", place(workload))),
            Err(findings) => {
                let codes = findings.iter().map(|finding| finding.split(':').next().unwrap_or_default());
                for code in codes.collect::<BTreeSet<_>>() {
                    *figures.refusals.entry(code.to_owned()).or_default() += 1;
                }
                figures.refused.push(format!("{}: {}", place(workload), findings.join("; ")));
            }
        }
    }

    /// Counts one object that was converted.
    fn count(&mut self, object: &Object, converted: &Converted) {
        let Some(kind) = kind(&object.json) else { return };
        let figures = self.0.entry(kind).or_default();
        let place = place(object);
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
    }

    pub(crate) fn is_faithful(&self) -> bool {
        self.0.values().all(|figures| figures.unfaithful.is_empty())
    }

    pub(crate) fn print(&self, quiet: bool) {
        for (kind, figures) in &self.0 {
            println!("-- {kind}");
            if !quiet {
                figures.partial.iter().for_each(|line| println!("residue: {line}"));
                figures.refused.iter().for_each(|line| println!("refused: {line}"));
            }
            figures.unfaithful.iter().for_each(|line| println!("DIFFERENT: {line}"));
            print_sorted("residue at", &figures.residue);
            print_sorted("refused by", &figures.refusals);
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
            if !WORKLOADS.contains(kind) {
                continue;
            }
            println!("{} need a permission", figures.with_permission);
            println!(
                "round trip: {} identical, {} different, {} refused by lint",
                figures.identical,
                figures.unfaithful.len(),
                figures.refused.len(),
            );
        }
    }
}

/// Renders words and compares what they build with the objects that they came from: errors, or the first difference.
fn come_back(
    workshop: &Workshop,
    naming: &Naming<'_>,
    converted: &Converted,
    objects: &[&Json],
) -> Result<Option<String>, Vec<String>> {
    let scaled = converted.metadata.contains_key("autoscaling");
    let metadata = metadata(naming.api, &[(naming.workload, converted)]);
    let built = workshop.build(naming.api, &metadata, policy::check_api)?;
    let before: Vec<Json> =
        objects.iter().map(|object| expected(object, &converted.residue, scaled)).collect();
    Ok(differences(&before, &built))
}

/// Where an object was found.
fn place(object: &Object) -> String {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let (kind, name) = (text(&object.json["kind"]), text(&object.json["metadata"]["name"]));
    format!("{}:{} {kind} {name}", object.branch, object.path)
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

/// A path without the words and indices of one object.
fn general(path: &str) -> String {
    let steps = path.split('/').map(|step| if step.parse::<usize>().is_ok() { "*" } else { step });
    steps.collect::<Vec<_>>().join("/")
}
