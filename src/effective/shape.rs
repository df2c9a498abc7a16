//! The shape of a change: what is left of it without what is particular to one API.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};

use serde_json::Value as Json;

use super::change::ObjectChange;
use super::compare::{EnvironmentChange, Side};
use super::field::FieldChange;
use super::id::Id;
use super::placeholder::Placeholders;
use super::risk::Risk;
use super::secret;
use super::unit::Unit;
use crate::lines::{Difference as Line, differences};

/// The most characters of a value that are kept; beyond that a value is told apart by a digest.
const MOST_CHARACTERS: usize = 400;

/// The most changed lines of a text that are kept.
const MOST_LINES: usize = 6;

/// Texts with more lines than this are compared by their lines alone, whatever their order.
const MOST_COMPARED_LINES: usize = 5_000;

/// A change without what is particular to one API: placeholders stand for its name, its namespace and its hosts, and
/// nothing in it is a secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shape {
    /// What the change does.
    pub risk: Risk,
    /// The kind and name of the object; empty where an environment comes or goes.
    pub object: Box<str>,
    /// The place in the object; empty where it is about the object as a whole.
    pub path: Box<str>,
    /// What differs.
    pub difference: Difference,
    /// Workloads whose pods are replaced since they read the object, by kind and name.
    pub restarts: Vec<Box<str>>,
}

/// What differs in a [`Shape`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Difference {
    /// The environment is new, with these kinds of objects; `whole` where the API is.
    EnvironmentComes {
        /// Whether it is not in any environment of the base.
        whole: bool,
        /// Its kinds and how many there are of each.
        kinds: BTreeMap<Box<str>, usize>,
    },
    /// The environment goes, with these kinds of objects; `whole` where the API does.
    EnvironmentGoes {
        /// Whether it is not in any environment of the head.
        whole: bool,
        /// Its kinds and how many there are of each.
        kinds: BTreeMap<Box<str>, usize>,
    },
    /// The object is new.
    Comes,
    /// The object goes.
    Goes,
    /// The object moves from one namespace to another.
    Moves(Box<str>, Box<str>),
    /// A value: before and after.
    Value(Option<Value>, Option<Value>),
    /// A text of several lines.
    Lines(Lines),
    /// A list's elements are in another order.
    Order,
    /// Values that differ from API to API.
    Various,
}

/// A value as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value {
    /// The value, or its start.
    pub shown: Box<str>,
    /// Tells values apart that are not shown whole. It is another one in each run.
    digest: u64,
}

/// What changes in a text of several lines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lines {
    /// How many lines come.
    pub added: usize,
    /// How many lines go.
    pub removed: usize,
    /// The first of them, with `+` or `-` in front.
    pub excerpt: Vec<Box<str>>,
    digest: u64,
}

/// Makes shapes; those of one run can be compared.
#[derive(Debug, Default)]
pub(super) struct Shaper {
    // Keys that nobody knows before the run: else a value could be made that looks like another one.
    keys: RandomState,
}

impl Shaper {
    /// Returns the shapes of all changes of a unit in an environment. `whole` says that the unit comes or goes with it.
    pub(super) fn shapes(&self, unit: &Unit, change: &EnvironmentChange<'_>, whole: bool) -> Vec<Shape> {
        if let Some(difference) = environment(change, whole) {
            let risk = change.risk().unwrap_or_default();
            return vec![Shape {
                risk,
                object: "".into(),
                path: "".into(),
                difference,
                restarts: Vec::new(),
            }];
        }
        let placeholders = Placeholders::of(unit, change);
        let mut shapes = Vec::new();
        for object in &change.objects {
            let one = One { shaper: self, placeholders: &placeholders, object, all: &change.objects };
            one.shapes(&mut shapes);
        }
        shapes
    }
}

fn environment(change: &EnvironmentChange<'_>, whole: bool) -> Option<Difference> {
    let kinds = || {
        let mut kinds = BTreeMap::new();
        change.objects.iter().for_each(|change| *kinds.entry(change.id.kind.into()).or_default() += 1);
        kinds
    };
    match (change.before, change.after) {
        _ if change.objects.is_empty() => None,
        (Side::Absent, _) => Some(Difference::EnvironmentComes { whole, kinds: kinds() }),
        (_, Side::Absent) => Some(Difference::EnvironmentGoes { whole, kinds: kinds() }),
        _ => None,
    }
}

/// The change of one object among the others of its environment.
struct One<'a> {
    shaper: &'a Shaper,
    placeholders: &'a Placeholders<'a>,
    object: &'a ObjectChange<'a>,
    all: &'a [ObjectChange<'a>],
}

impl One<'_> {
    fn shapes(&self, shapes: &mut Vec<Shape>) {
        let change = self.object;
        // What it reads says already that it restarts.
        if change.only_follows() {
            return;
        }
        let object: Box<str> = self.name(&change.id);
        let restarts = self.restarts();
        let mut push = |risk, path: String, difference| {
            // A label of a ConfigMap restarts nobody.
            let restarts = if risk >= Risk::RollingRestart { restarts.clone() } else { Vec::new() };
            shapes.push(Shape { risk, object: object.clone(), path: path.into(), difference, restarts });
        };
        match (change.before, change.after, change.moved_from) {
            (None, ..) => push(change.risk, String::new(), Difference::Comes),
            (_, None, _) => push(change.risk, String::new(), Difference::Goes),
            (.., Some(from)) => {
                let namespace = |name| self.placeholders.replace(name).into();
                let to = change.id.namespace.unwrap_or_default();
                push(change.risk, String::new(), Difference::Moves(namespace(from), namespace(to)));
            }
            _ => {}
        }
        for field in &change.fields {
            // The move says it.
            if change.moved_from.is_some() && field.path.is(&["metadata", "namespace"]) {
                continue;
            }
            let path = self.placeholders.replace(&field.path.to_string()).into_owned();
            push(field.risk, path, self.difference(field));
        }
    }

    fn name(&self, id: &Id<'_>) -> Box<str> {
        let name = match id.namespace.filter(|_| self.placeholders.many_namespaces) {
            Some(namespace) => format!("{id} in namespace {namespace}"),
            None => id.to_string(),
        };
        self.placeholders.replace(&name).into()
    }

    /// Finds who restarts since it reads the object.
    fn restarts(&self) -> Vec<Box<str>> {
        let readers = self.all.iter().filter(|other| other.content.contains(&self.object.id));
        readers.filter(|other| other.risk >= Risk::RollingRestart).map(|other| self.name(&other.id)).collect()
    }

    fn difference(&self, field: &FieldChange<'_>) -> Difference {
        if field.reordered {
            return Difference::Order;
        }
        let text = |value: Option<&Json>| value.and_then(Json::as_str).unwrap_or_default().to_owned();
        let is_text = |value: Option<&Json>| value.is_none_or(Json::is_string);
        let (before, after) = (text(field.before), text(field.after));
        if is_text(field.before)
            && is_text(field.after)
            && (before.trim_end().contains('\n') || after.trim_end().contains('\n'))
        {
            return Difference::Lines(self.lines(field, &before, &after));
        }
        let value = |value: Option<&Json>| value.map(|value| self.value(field, value));
        Difference::Value(value(field.before), value(field.after))
    }

    fn value(&self, field: &FieldChange<'_>, value: &Json) -> Value {
        let whole = self.placeholders.replace(&plain(value)).into_owned();
        let hidden = plain(&secret::hidden(self.object.id.kind, &field.path, value));
        let hidden = self.placeholders.replace(&hidden);
        let end = hidden.char_indices().nth(MOST_CHARACTERS).map(|(at, _)| at);
        let shown = end.map_or_else(|| hidden.to_string(), |end| format!("{}…", &hidden[..end]));
        // A digest for what can be seen would only be another word for it.
        let digest = if shown == whole { 0 } else { self.shaper.keys.hash_one(whole) };
        Value { shown: shown.into(), digest }
    }

    fn lines(&self, field: &FieldChange<'_>, before: &str, after: &str) -> Lines {
        let shown = |text: &str| -> Vec<String> {
            let hidden = secret::hidden(self.object.id.kind, &field.path, &"x".into()) != "x";
            if hidden { text.split('\n').map(|_| "***".to_owned()).collect() } else { secret::lines(text) }
        };
        let (old_shown, new_shown) = (shown(before), shown(after));
        let mut lines = Lines { added: 0, removed: 0, excerpt: Vec::new(), digest: 0 };
        let mut raw = Vec::new();
        let (old, new): (Vec<&str>, Vec<&str>) = (before.split('\n').collect(), after.split('\n').collect());
        if old.len().max(new.len()) > MOST_COMPARED_LINES {
            lines.added = missing(&new, &old);
            lines.removed = missing(&old, &new);
            lines.digest = self.shaper.keys.hash_one((before, after));
            return lines;
        }
        for line in differences(&old, &new) {
            let (sign, value, line) = match line {
                Line::New(at) => ('+', new[at], new_shown.get(at)),
                Line::Gone(at) => ('-', old[at], old_shown.get(at)),
            };
            *(if sign == '+' { &mut lines.added } else { &mut lines.removed }) += 1;
            raw.push((sign, self.placeholders.replace(value).into_owned()));
            if lines.excerpt.len() < MOST_LINES {
                let line = self.placeholders.replace(line.map_or("", String::as_str)).into_owned();
                lines.excerpt.push(format!("{sign}{}", crate::diagnostic::shorten(&line)).into());
            }
        }
        // A text that goes is not one that is emptied.
        lines.digest = self.shaper.keys.hash_one((raw, field.before.is_some(), field.after.is_some()));
        lines
    }
}

/// Counts the lines of one text that another does not have.
fn missing(lines: &[&str], other: &[&str]) -> usize {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for line in other {
        *counts.entry(line).or_default() += 1;
    }
    let known = |line: &&&str| match counts.get_mut(**line) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    lines.iter().filter(known).count()
}

/// Writes a value on one line: a text as it is, unless that would read as something else.
fn plain(value: &Json) -> String {
    match value {
        Json::String(text) if text.trim() == text && serde_json::from_str::<Json>(text).is_err() => {
            text.clone()
        }
        other => other.to_string(),
    }
}
