//! A place in an object, and the faults found so far.

use serde_json::Value as Json;

use super::text::Grammar;
use super::{Fault, Outcome};
use crate::diagnostic::shorten;
use crate::effective::{Path, Step};
use crate::kubernetes::Version;
use crate::ordered::field;

static NOTHING: Json = Json::Null;

/// A place in an object, and how it was reached. The way is written down only when a fault is found.
#[derive(Clone, Copy, Debug)]
pub(super) struct At<'a, 'p> {
    /// What is there; null where nothing is, as for the server.
    pub(super) json: &'a Json,
    step: Way<'a>,
    parent: Option<&'p At<'a, 'p>>,
}

#[derive(Clone, Copy, Debug)]
enum Way<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

impl<'a> At<'a, '_> {
    /// Starts at an object.
    pub(super) fn root(json: &'a Json) -> Self {
        Self { json, step: Way::Root, parent: None }
    }

    /// Goes to a key, whether it is there or not.
    pub(super) fn key<'s>(&'s self, key: &'a str) -> At<'a, 's> {
        At { json: field(self.json, key).unwrap_or(&NOTHING), step: Way::Key(key), parent: Some(self) }
    }

    /// Walks a list; nothing where there is none.
    pub(super) fn items<'s>(&'s self) -> impl DoubleEndedIterator<Item = At<'a, 's>> + ExactSizeIterator {
        let items = self.json.as_array().map_or(&[][..], Vec::as_slice);
        let parent = Some(self);
        items.iter().enumerate().map(move |(index, json)| At { json, step: Way::Index(index), parent })
    }

    /// Walks a map with its keys; nothing where there is none.
    pub(super) fn entries<'s>(&'s self) -> impl Iterator<Item = (&'a str, At<'a, 's>)> {
        let entries = self.json.as_object().into_iter().flatten();
        entries.map(|(key, json)| (key.as_str(), At { json, step: Way::Key(key), parent: Some(self) }))
    }

    /// Tells whether anything is there.
    pub(super) fn is_set(&self) -> bool {
        !self.json.is_null()
    }

    /// Tells whether a key has anything behind it.
    pub(super) fn has(&self, key: &str) -> bool {
        field(self.json, key).is_some_and(|value| !value.is_null())
    }

    /// Reads a text; the empty one where there is none, as the server does.
    pub(super) fn text(&self) -> &'a str {
        self.json.as_str().unwrap_or_default()
    }

    /// Reads an integer.
    pub(super) fn number(&self) -> Option<i64> {
        self.json.as_i64()
    }

    /// Reads an integer as the server does where 0 and nothing are the same.
    pub(super) fn number_or_zero(&self) -> i64 {
        self.number().unwrap_or_default()
    }

    /// Tells whether `true` is there.
    pub(super) fn is_true(&self) -> bool {
        self.json.as_bool() == Some(true)
    }

    /// Tells whether `false` is there.
    pub(super) fn is_false(&self) -> bool {
        self.json.as_bool() == Some(false)
    }

    /// How many elements or keys are there.
    pub(super) fn len(&self) -> usize {
        match self.json {
            Json::Array(items) => items.len(),
            Json::Object(map) => map.len(),
            _ => 0,
        }
    }

    /// Names the place: the last key on the way.
    fn name(&self) -> &'a str {
        match (self.step, self.parent) {
            (Way::Key(key), _) => key,
            (Way::Index(_), Some(parent)) => parent.name(),
            _ => "the object",
        }
    }

    /// Writes down how the place was reached.
    pub(super) fn path(&self) -> Path<'a> {
        let mut steps = Vec::new();
        let mut here = Some(self);
        while let Some(at) = here {
            match at.step {
                Way::Root => {}
                Way::Key(key) => steps.push(Step::Key(key)),
                Way::Index(index) => steps.push(Step::Index(index)),
            }
            here = at.parent;
        }
        steps.reverse();
        Path(steps)
    }
}

/// What was found so far.
#[derive(Debug)]
pub(super) struct Faults<'a> {
    list: Vec<Fault<'a>>,
    /// The version that is asked about.
    pub(super) version: Version,
    /// What follows from what the server refuses in a pod: nothing at once, where it looks at the template only when pods
    /// are made of it.
    refusal: Outcome,
    /// Whether the server looks at the values in the pods of a workload at all.
    pub(super) looks_into_pods: bool,
}

impl<'a> Faults<'a> {
    /// Nothing yet.
    pub(super) fn new(version: Version) -> Self {
        Self { list: Vec::new(), version, refusal: Outcome::Refused, looks_into_pods: true }
    }

    /// Tells whether the version is this minor one or a later one: 33 for 1.33.
    pub(super) fn since(&self, minor: u32) -> bool {
        self.version.minor() >= minor
    }

    /// Looks at a template that the server takes as it is: what is refused there keeps pods from being made.
    pub(super) fn later(&mut self, look: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.refusal, Outcome::Broken);
        look(self);
        self.refusal = before;
    }

    /// The server refuses this.
    #[cold]
    pub(super) fn refuse(&mut self, at: At<'a, '_>, message: impl Into<String>) {
        self.push(at.path(), self.refusal, message.into());
    }

    /// The server refuses the object for what its schema says of a place; unless the value can be `decoded` and is in a pod
    /// that it does not look into.
    #[cold]
    pub(super) fn refuse_by_schema(&mut self, path: Path<'a>, decoded: bool, message: String) {
        let in_pod = path.is_within(&["spec", "template", "spec"])
            || path.is_within(&["spec", "volumeClaimTemplates"]);
        let outcome =
            if decoded && in_pod && !self.looks_into_pods { Outcome::Broken } else { Outcome::Refused };
        self.push(path, outcome, message);
    }

    /// The server warns of this.
    #[cold]
    pub(super) fn warn(&mut self, at: At<'a, '_>, message: impl Into<String>) {
        self.push(at.path(), Outcome::Warned, message.into());
    }

    /// The server takes this, and it does not do what it says.
    #[cold]
    pub(super) fn breaks(&mut self, at: At<'a, '_>, message: impl Into<String>) {
        self.push(at.path(), Outcome::Broken, message.into());
    }

    /// Refuses nothing, or an empty text.
    pub(super) fn need_text(&mut self, at: At<'a, '_>) -> bool {
        if at.text().is_empty() {
            self.refuse(at, format!("`{}` must not be empty", at.name()));
        }
        !at.text().is_empty()
    }

    /// Refuses a text that does not follow a grammar.
    pub(super) fn hold(&mut self, at: At<'a, '_>, grammar: &Grammar) {
        self.hold_text(at, at.text(), grammar);
    }

    /// The same for a text that is no value, such as a key, or a part of one.
    pub(super) fn hold_text(&mut self, at: At<'a, '_>, text: &str, grammar: &Grammar) {
        if let Err(why) = (grammar.check)(text) {
            self.refuse(at, format!("{} is no {}: {why}", show(text), grammar.noun));
        }
    }

    /// The same where an empty text is none.
    pub(super) fn hold_if_set(&mut self, at: At<'a, '_>, grammar: &Grammar) {
        if !at.text().is_empty() {
            self.hold(at, grammar);
        }
    }

    /// Refuses a text that is set and not in a list.
    pub(super) fn one_of(&mut self, at: At<'a, '_>, known: &[&str]) {
        if at.is_set() && !known.contains(&at.text()) {
            let known: Vec<String> =
                known.iter().filter(|word| !word.is_empty()).map(|word| format!("`{word}`")).collect();
            let message =
                format!("`{}` cannot be {}: it must be {}", at.name(), show(at.text()), known.join(" or "));
            self.refuse(at, message);
        }
    }

    /// Refuses a number that is set and not in a range.
    pub(super) fn within(&mut self, at: At<'a, '_>, least: i64, greatest: i64) {
        let Some(number) = at.number().filter(|number| !(least..=greatest).contains(number)) else { return };
        let bound = match (number < least, greatest) {
            (true, _) => format!("the least is {least}"),
            (false, _) => format!("the greatest is {greatest}"),
        };
        self.refuse(at, format!("`{}` cannot be {number}: {bound}", at.name()));
    }

    /// Refuses a negative number.
    pub(super) fn not_negative(&mut self, at: At<'a, '_>) {
        self.within(at, 0, i64::MAX);
    }

    /// Refuses a number that is no port.
    pub(super) fn port(&mut self, at: At<'a, '_>) {
        self.within(at, 1, 65535);
    }

    fn push(&mut self, path: Path<'a>, outcome: Outcome, message: String) {
        let told = |fault: &Fault<'_>| {
            fault.path == path && (fault.outcome == outcome || fault.outcome == Outcome::Refused)
        };
        if !self.list.iter().any(told) {
            self.list.push(Fault { path, outcome, message });
        }
    }

    /// Returns what was found.
    pub(super) fn finish(self) -> Vec<Fault<'a>> {
        self.list
    }
}

/// Shows a text of a user in a message.
pub(super) fn show(text: &str) -> String {
    format!("`{}`", shorten(text))
}
