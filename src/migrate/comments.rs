//! Comments of the branches, carried to where their words stand.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value as Json;

use super::assemble::{Draft, Frame, METADATA_FILE};
use super::family::{Item, template, text, title};
use super::outcome::{Fate, LostComment};
use crate::diagnostic::Sink;
use crate::legacy::Comment;
use crate::metadata::holds_for_all;
use crate::yaml::{self, Node, Source, SourceId};

/// What became of comments.
#[derive(Debug, Default)]
pub(super) struct Carried {
    pub(super) kept: usize,
    pub(super) lost: Vec<LostComment>,
}

/// Writes the comments of objects that are said in words above the keys that say the same; those of objects that stay as
/// they are stay with them. A comment that has no place, or that could be a secret, is lost and told.
pub(super) fn carry(frame: &Frame<'_>, draft: &mut Draft) -> Carried {
    let mut carried = Carried::default();
    let Some(written) = draft.files.get(METADATA_FILE).cloned() else { return carried };
    let path: Arc<str> = METADATA_FILE.into();
    let source = Source { id: SourceId(0), path, text: written.clone() };
    let Some(tree) = yaml::parse(&source, &mut Sink::default()) else { return carried };
    let mut lines: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut seen: BTreeSet<(usize, String)> = BTreeSet::new();
    for (index, side) in frame.sides.iter().enumerate() {
        let mut read: BTreeSet<(&str, &str, usize)> = BTreeSet::new();
        for (item, key) in items(frame, index) {
            let origin = &item.found.origin;
            let fate = draft.fates.get(&(index, title(&item.found.json)));
            for comment in item.found.comments.iter() {
                // Several objects of a list have one document, and its comments.
                if !read.insert((item.branch, &origin.file, comment.line)) {
                    continue;
                }
                let kept_file = matches!(fate, Some(Fate::Kept(file)) if stays(draft, file, &comment.text));
                if kept_file {
                    carried.kept += 1;
                    continue;
                }
                let place = matches!(fate, Some(Fate::Said)).then(|| {
                    let words = words(&item.found.json, comment, &tree, key);
                    place(&tree, &side.environment, key, &words)
                });
                match place.flatten().filter(|_| is_harmless(&comment.text)) {
                    Some(at) => {
                        let at = written[..at].rfind('\n').map_or(0, |end| end + 1);
                        let line = comment.text.trim().to_owned();
                        carried.kept += 1;
                        if seen.insert((at, line.clone())) {
                            lines.entry(at).or_default().push(line);
                        }
                    }
                    None => carried.lost.push(LostComment {
                        branch: item.branch.to_owned(),
                        file: origin.file.clone(),
                        line: comment.line,
                        text: comment.text.clone(),
                    }),
                }
            }
        }
    }
    let mut commented = written;
    for (at, comments) in lines.into_iter().rev() {
        let indent = commented[at..].len() - commented[at..].trim_start_matches(' ').len();
        let indent = " ".repeat(indent);
        let text = comments.iter().fold(String::new(), |text, line| {
            text + &indent
                + "# "
                + line
                + "
"
        });
        commented.insert_str(at, &text);
    }
    draft.files.insert(METADATA_FILE.to_owned(), commented);
    carried
}

/// Walks the objects of an environment that are written, with the key of the workload that they are said under.
fn items<'f>(frame: &'f Frame<'_>, index: usize) -> Vec<(Item<'f>, Option<&'f str>)> {
    let family = &frame.sides[index].family;
    let mut items = Vec::new();
    for (at, member) in family.members.iter().enumerate() {
        let slot = frame.slots.iter().find(|slot| slot.members[index] == Some(at));
        let key = slot.map(|slot| slot.key.as_str());
        for item in [Some(member.workload), member.service, member.scaler].into_iter().flatten() {
            items.push((item, key));
        }
    }
    items.extend(family.config_maps.iter().chain(&family.others).map(|item| (*item, None)));
    items
}

/// Tells whether a file that stays as it was has a comment.
fn stays(draft: &Draft, file: &str, comment: &str) -> bool {
    draft.files.get(file).is_some_and(|text| text.contains(comment.trim()))
}

/// Tells whether a comment may be written: it is no order to a tool, and nothing in it looks like a secret.
fn is_harmless(text: &str) -> bool {
    let line = text.trim();
    let is_order = ["onramp:", "yaml-language-server:"].iter().any(|order| line.starts_with(order));
    !is_order && !line.chars().any(char::is_control) && crate::report::masked(line) == line
}

/// Finds the key that says something, of the workload or of all, in the environment or at the top: where more of the path
/// is there.
fn place(tree: &Node, environment: &str, key: Option<&str>, words: &[String]) -> Option<usize> {
    let several = tree.get("workloads").is_some();
    let workload: Vec<&str> = match key {
        Some(key) if several => vec!["workloads", key],
        _ => Vec::new(),
    };
    let here = ["environments", environment];
    let own: Vec<&str> = here.into_iter().chain(workload.iter().copied()).collect();
    let reach = |prefix: &[&str]| {
        let path: Vec<&str> = prefix.iter().copied().chain(words.iter().map(String::as_str)).collect();
        let (_, taken) = tree.follow(path.iter().copied());
        let depth = taken.checked_sub(prefix.len())?;
        if depth == 0 && !words.is_empty() {
            return None;
        }
        let (last, above) = path[..taken].split_last()?;
        let (parent, _) = tree.follow(above.iter().copied());
        Some((depth, parent.entry(last)?.key_span.start as usize))
    };
    let is_shared = several && key.is_some() && words.first().is_some_and(|word| holds_for_all(word));
    let shared: &[&[&str]] = if is_shared { &[&here, &[]] } else { &[] };
    let places = [own.as_slice(), &workload].into_iter().chain(shared.iter().copied()).filter_map(reach);
    let best = if words.is_empty() {
        reach(&workload).or_else(|| reach(&own).filter(|_| !workload.is_empty()))
    } else {
        places.reduce(|best, next| if next.0 > best.0 { next } else { best })
    };
    // What is said of the whole stands above the workload, or above the first key of the file.
    best.or_else(|| {
        (words.is_empty() && !several)
            .then(|| (0, tree.entries().first().map_or(0, |entry| entry.key_span.start as usize)))
    })
    .map(|(_, at)| at)
}

/// Returns the words for what a comment speaks of, from the workload.
fn words(object: &Json, comment: &Comment, tree: &Node, key: Option<&str>) -> Vec<String> {
    let steps: Vec<String> =
        comment.path.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
    let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
    let found: Vec<&str> = match text(object, "/kind") {
        "Service" => match steps.as_slice() {
            ["spec", "ports", ..] => vec!["ports"],
            _ => vec!["service"],
        },
        "HorizontalPodAutoscaler" => vec!["autoscaling"],
        "Ingress" | "HTTPRoute" => match steps.as_slice() {
            ["spec", "tls", ..] => vec!["routes", "legacy", "tls"],
            ["spec", "rules" | "hostnames", ..] => vec!["routes", "legacy", "hosts"],
            ["metadata", "annotations", ..] => vec!["routes", "legacy", "annotations"],
            _ => vec!["routes", "legacy"],
        },
        _ => return of_workload(object, &steps, tree, key),
    };
    found.into_iter().map(str::to_owned).collect()
}

fn of_workload(object: &Json, steps: &[&str], tree: &Node, key: Option<&str>) -> Vec<String> {
    let pods: Vec<&str> = template(object).split('/').skip(1).collect();
    let owned = |words: &[&str]| -> Vec<String> { words.iter().map(|word| (*word).to_owned()).collect() };
    let Some(rest) = steps.strip_prefix(pods.as_slice()) else {
        return match steps {
            ["spec", field @ ("replicas" | "strategy" | "schedule"), ..] => owned(&[field]),
            ["spec", "selector", ..] => owned(&["identity", "selector"]),
            ["spec", rest @ ..] => [owned(&["spec"]), owned(rest)].concat(),
            ["metadata", "name", ..] => owned(&["identity", "name"]),
            ["metadata", "namespace", ..] => Vec::new(),
            ["metadata", rest @ ..] => owned(rest),
            _ => Vec::new(),
        };
    };
    match rest {
        ["metadata", "labels", rest @ ..] => [owned(&["podLabels"]), owned(rest)].concat(),
        ["metadata", "annotations", rest @ ..] => [owned(&["podAnnotations"]), owned(rest)].concat(),
        ["spec", list @ ("containers" | "initContainers"), index, rest @ ..] => {
            let container = &object.pointer(template(object)).unwrap_or(&Json::Null)["spec"][*list];
            let container =
                index.parse::<usize>().ok().and_then(|index| container.get(index)).unwrap_or(&Json::Null);
            let name = text(container, "/name");
            let beside = if *list == "containers" { "sidecars" } else { "initContainers" };
            let mut words = if says(tree, key, beside, name) { owned(&[beside, name]) } else { Vec::new() };
            words.extend(of_container(container, rest));
            words
        }
        ["spec", "volumes", index, ..] => {
            let volumes = &object.pointer(template(object)).unwrap_or(&Json::Null)["spec"]["volumes"];
            let volume = index.parse::<usize>().ok().and_then(|index| volumes.get(index));
            owned(&["volumes", volume.map_or("", |volume| text(volume, "/name"))])
        }
        ["spec", "serviceAccountName", ..] => owned(&["serviceAccount"]),
        ["spec", rest @ ..] => [owned(&["pod"]), owned(rest)].concat(),
        _ => Vec::new(),
    }
}

fn of_container(container: &Json, steps: &[&str]) -> Vec<String> {
    let named = |list: &str, index: &str| {
        let item = index.parse::<usize>().ok().and_then(|index| container[list].get(index));
        item.map_or("", |item| text(item, "/name")).to_owned()
    };
    let owned = |words: &[&str]| -> Vec<String> { words.iter().map(|word| (*word).to_owned()).collect() };
    match steps {
        ["env", index, ..] => vec!["env".to_owned(), named("env", index)],
        ["ports", index, ..] => vec!["ports".to_owned(), named("ports", index)],
        ["volumeMounts", index, ..] => vec!["volumes".to_owned(), named("volumeMounts", index)],
        ["livenessProbe", rest @ ..] => [owned(&["probes", "liveness"]), owned(rest)].concat(),
        ["readinessProbe", rest @ ..] => [owned(&["probes", "readiness"]), owned(rest)].concat(),
        ["startupProbe", rest @ ..] => [owned(&["probes", "startup"]), owned(rest)].concat(),
        ["name", ..] => owned(&["identity", "container"]),
        ["image" | "resources" | "command" | "args" | "env" | "envFrom" | "ports", ..] => owned(steps),
        [_, ..] => [owned(&["container"]), owned(steps)].concat(),
        [] => Vec::new(),
    }
}

/// Tells whether metadata.yaml has a container beside the main one, wherever it says so.
fn says(tree: &Node, key: Option<&str>, list: &str, name: &str) -> bool {
    let environments = tree.get("environments").map(Node::entries).unwrap_or_default();
    let layers = std::iter::once(tree).chain(environments.iter().map(|entry| &entry.node));
    layers.into_iter().any(|layer| {
        let of_workload = key.and_then(|key| layer.get("workloads")?.get(key));
        [Some(layer), of_workload]
            .into_iter()
            .flatten()
            .any(|node| node.get(list).is_some_and(|list| list.get(name).is_some()))
    })
}
