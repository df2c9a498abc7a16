//! Two objects compared as a cluster sees them, and the closed list of differences that are intended.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::outcome::Verdict;
use super::words::{NoteKind, Read, current, is_noise_at, normal};

/// A place where what is rendered differs from what the branch holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The place in the object, as a JSON pointer (RFC 6901); empty for the object as a whole.
    pub path: String,
    /// What the branch holds there; nothing where nothing is.
    pub before: Option<Json>,
    /// What is rendered there.
    pub after: Option<Json>,
    /// Why it differs.
    pub class: Class,
}

/// Why something differs. The list is closed: what is not on it is unexplained.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// The API version is one that clusters serve.
    ApiVersion,
    /// The server's defaults are made explicit or left out, or a quantity is spelt otherwise.
    Default,
    /// What exports carry, and no file should.
    Noise,
    /// The platform says the namespace, and the branch did not.
    Namespace,
    /// The number of pods is left to the autoscaler.
    Replicas,
    /// The server would refuse the value as it is written, and there is one thing that it can mean.
    Repaired,
    /// Somebody decided so, in the decisions file.
    Decided,
    /// People changed it in the config repo since it was migrated.
    Edited,
    /// Nothing says why.
    Unexplained,
}

impl Class {
    /// Returns the name that reports use.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ApiVersion => "api-version",
            Self::Default => "default",
            Self::Noise => "noise",
            Self::Namespace => "namespace",
            Self::Replicas => "replicas",
            Self::Repaired => "repaired",
            Self::Decided => "decided",
            Self::Edited => "edited",
            Self::Unexplained => "unexplained",
        }
    }

    /// Says what the class alone makes of an object.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Unexplained => Verdict::Unexplained,
            _ => Verdict::Intended,
        }
    }

    /// Tells whether a cluster sees such a difference, and the migration answers for it: not what people changed here since.
    pub fn is_seen(&self) -> bool {
        !matches!(self, Self::ApiVersion | Self::Default | Self::Noise | Self::Edited)
    }
}

impl Difference {
    /// Tells whether it lies in a pod template.
    pub fn is_of_pods(&self) -> bool {
        ["/spec/template", "/spec/jobTemplate/spec/template"].iter().any(|template| {
            self.path.strip_prefix(template).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }
}

/// What may differ in an object, because somebody or something else says it.
pub(super) struct Expected<'a> {
    /// The namespace that the platform gives it.
    pub(super) namespace: &'a str,
    /// Whether an autoscaler has its number of pods.
    pub(super) scaled: bool,
    /// Places of images that somebody decided on.
    pub(super) images: &'a [String],
    /// Tells of a place whether somebody accepted that it differs.
    pub(super) accepted: &'a dyn Fn(&str) -> bool,
}

/// Compares an object of a branch with what is built, and says why they differ. Nothing is returned of two that are
/// written alike.
pub(super) fn compare(before: &Json, after: &Json, expected: &Expected<'_>) -> Vec<Difference> {
    let (was, is) = (normal(before), normal(after));
    let mut found = Vec::new();
    leaves(&was.object, &is.object, &mut String::new(), &mut found);
    if expected.scaled && after.pointer("/spec/replicas").is_none() {
        // The server's default is not what runs where an autoscaler says the number. With none there, it says nothing.
        let left = |leaf: &&mut Leaf| leaf.path == "/spec/replicas" && leaf.before != Some(Json::from(0));
        found.iter_mut().filter(left).for_each(|leaf| leaf.after = None);
    }
    let mut differences: Vec<Difference> = found.into_iter().map(|leaf| leaf.classified(expected)).collect();
    differences.extend(faults(&was, &is, expected));
    differences.extend(repairs(&was, after));
    if before["apiVersion"] != after["apiVersion"] {
        // Converted means that the other one is what it was converted to, and no other.
        let converted = was.notes.iter().any(|note| note.kind == NoteKind::Converted)
            && was.object["apiVersion"] == is.object["apiVersion"];
        let class = if converted { Class::ApiVersion } else { Class::Unexplained };
        differences.retain(|difference| difference.path != "/apiVersion");
        differences
            .push(Leaf::at("/apiVersion", before.get("apiVersion"), after.get("apiVersion")).of(class));
    }
    // What is spelt otherwise and means the same.
    let mut spelt = Vec::new();
    let mut before = before.clone();
    current(&mut before);
    leaves(&before, after, &mut String::new(), &mut spelt);
    for leaf in spelt {
        let known =
            differences.iter().any(|known| below(&leaf.path, &known.path) || below(&known.path, &leaf.path));
        if !known && leaf.path != "/apiVersion" {
            let class = if is_noise_at(&leaf.path) { Class::Noise } else { Class::Default };
            differences.push(leaf.of(class));
        }
    }
    differences
}

/// What no server stores, in one of the two alone: it came from nowhere, or was lost.
fn faults(was: &Read, is: &Read, expected: &Expected<'_>) -> Vec<Difference> {
    let of = |read: &Read| -> BTreeSet<(String, String)> {
        let kinds = [NoteKind::Unknown, NoteKind::Refused];
        let notes = read.notes.iter().filter(|note| kinds.contains(&note.kind));
        notes.map(|note| (note.path.clone(), note.value.to_string())).collect()
    };
    let (was, is) = (of(was), of(is));
    let json = |text: &str| serde_json::from_str::<Json>(text).ok();
    let gone = was.difference(&is).map(|(path, value)| Leaf {
        path: path.clone(),
        before: json(value),
        after: None,
    });
    let new = is.difference(&was).map(|(path, value)| Leaf {
        path: path.clone(),
        before: None,
        after: json(value),
    });
    gone.chain(new).map(|leaf| leaf.classified(expected)).collect()
}

/// Values of another type than their field that are now written as what they mean.
fn repairs(was: &Read, after: &Json) -> Vec<Difference> {
    let retyped = was.notes.iter().filter(|note| note.kind == NoteKind::Retyped);
    let changed = retyped.filter(|note| after.pointer(&note.path).is_some_and(|value| *value != note.value));
    changed
        .map(|note| Leaf::at(&note.path, Some(&note.value), after.pointer(&note.path)).of(Class::Repaired))
        .collect()
}

/// A place where two values differ.
pub(super) struct Leaf {
    pub(super) path: String,
    pub(super) before: Option<Json>,
    pub(super) after: Option<Json>,
}

impl Leaf {
    fn at(path: &str, before: Option<&Json>, after: Option<&Json>) -> Self {
        Self { path: path.to_owned(), before: before.cloned(), after: after.cloned() }
    }

    fn of(self, class: Class) -> Difference {
        Difference { path: self.path, before: self.before, after: self.after, class }
    }

    fn classified(self, expected: &Expected<'_>) -> Difference {
        let class = match (&*self.path, &self.before, &self.after) {
            (path, ..) if expected.images.iter().any(|image| image == path) => Class::Decided,
            (path, None, Some(namespace)) if namespace == expected.namespace && is_namespace(path) => {
                Class::Namespace
            }
            ("/spec/replicas", Some(_), None) if expected.scaled => Class::Replicas,
            (path, ..) if (expected.accepted)(path) => Class::Decided,
            _ => Class::Unexplained,
        };
        self.of(class)
    }
}

/// Tells whether a namespace stands at a place that Kustomize fills in: of the object, and of an account that it binds.
fn is_namespace(path: &str) -> bool {
    let subject = path.strip_prefix("/subjects/").and_then(|rest| rest.strip_suffix("/namespace"));
    path == "/metadata/namespace"
        || subject.is_some_and(|index| index.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Tells whether a place is another one or lies in it.
fn below(path: &str, other: &str) -> bool {
    path.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Finds where two values differ. Of a list that got longer or shorter, the items that are alike at its start and end stay.
pub(super) fn leaves(before: &Json, after: &Json, path: &mut String, found: &mut Vec<Leaf>) {
    match (before, after) {
        (Json::Object(one), Json::Object(other)) => maps(one, other, path, found),
        (Json::Array(one), Json::Array(other)) if one.len() == other.len() => {
            for (index, (one, other)) in one.iter().zip(other).enumerate() {
                step(path, &index.to_string(), |path| leaves(one, other, path, found));
            }
        }
        _ if before == after => {}
        _ => found.push(Leaf::at(path, Some(before), Some(after))),
    }
}

fn maps(one: &Map<String, Json>, other: &Map<String, Json>, path: &mut String, found: &mut Vec<Leaf>) {
    for (key, before) in one {
        step(path, key, |path| match other.get(key) {
            Some(after) => leaves(before, after, path, found),
            None => found.push(Leaf::at(path, Some(before), None)),
        });
    }
    for (key, after) in other.iter().filter(|(key, _)| !one.contains_key(*key)) {
        step(path, key, |path| found.push(Leaf::at(path, None, Some(after))));
    }
}

/// Goes one step down a JSON pointer and back.
fn step(path: &mut String, key: &str, then: impl FnOnce(&mut String)) {
    let length = path.len();
    path.push('/');
    path.push_str(&key.replace('~', "~0").replace('/', "~1"));
    then(path);
    path.truncate(length);
}
