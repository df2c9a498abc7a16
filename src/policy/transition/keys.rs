//! Which keys of a metadata.yaml a change touches.

use serde_json::Value as Json;

use crate::diagnostic::Location;
use crate::metadata::Metadata;
use crate::yaml::{Node, Source, Value};

/// A key of a metadata.yaml that differs: the highest one that comes, goes or has another value that is no map.
#[derive(Clone, Debug)]
pub struct KeyChange {
    /// The keys that lead to it.
    pub path: Vec<Box<str>>,
    /// Where it stands after the change; what is gone, where the map that held it stands.
    pub location: Location,
    /// Its value before; nothing where it is new.
    pub before: Option<Json>,
    /// Its value after; nothing where it is gone.
    pub after: Option<Json>,
}

impl KeyChange {
    /// Lists what differs between two states of a file, in the order of the newer one; what is gone comes last in each map.
    pub fn between(before: Option<&Metadata>, after: &Metadata) -> Vec<Self> {
        let mut comparison = Comparison { source: &after.source, path: Vec::new(), found: Vec::new() };
        let top = top_of(&after.written);
        match before {
            Some(before) => comparison.maps(&before.written, &after.written, &top),
            None => after.written.entries().iter().for_each(|entry| {
                comparison.step(&entry.key, |this| this.found(None, Some(&entry.node), &entry.node));
            }),
        }
        comparison.found
    }

    /// Tells whether a key on the way to it, or in its value, is called so.
    pub fn is_about(&self, word: &str) -> bool {
        let inside = |value: &Option<Json>| value.as_ref().is_some_and(|value| holds(value, word));
        self.path.iter().any(|key| &**key == word) || inside(&self.before) || inside(&self.after)
    }

    /// Tells whether the key can mean something in an environment.
    pub fn holds_in(&self, environment: &str) -> bool {
        match self.path.as_slice() {
            [first, name, ..] if &**first == "environments" => &**name == environment,
            _ => true,
        }
    }

    /// Returns the keys with dots between them.
    pub fn dotted(&self) -> String {
        self.path.join(".")
    }
}

/// A finding about the file points at its first key.
fn top_of(written: &Node) -> Node {
    let first = written.entries().first();
    let span = first.map_or(written.span, |entry| entry.key_span);
    Node { span, value: Value::Null }
}

fn holds(json: &Json, word: &str) -> bool {
    match json {
        Json::Object(map) => map.iter().any(|(key, value)| key == word || holds(value, word)),
        Json::Array(list) => list.iter().any(|value| holds(value, word)),
        _ => false,
    }
}

struct Comparison<'a> {
    source: &'a Source,
    path: Vec<Box<str>>,
    found: Vec<KeyChange>,
}

impl Comparison<'_> {
    fn maps(&mut self, before: &Node, after: &Node, place: &Node) {
        for entry in after.entries() {
            self.step(&entry.key, |this| match before.get(&entry.key) {
                Some(old) => {
                    let place = Node { span: entry.key_span, value: Value::Null };
                    this.values(old, &entry.node, &place);
                }
                None => this.found(None, Some(&entry.node), &entry.node),
            });
        }
        for entry in before.entries().iter().filter(|entry| after.get(&entry.key).is_none()) {
            self.step(&entry.key, |this| this.found(Some(&entry.node), None, place));
        }
    }

    fn values(&mut self, before: &Node, after: &Node, place: &Node) {
        match (&before.value, &after.value) {
            (Value::Map(_), Value::Map(_)) => self.maps(before, after, place),
            _ if before.to_json() == after.to_json() => {}
            _ => self.found(Some(before), Some(after), after),
        }
    }

    fn step(&mut self, key: &str, work: impl FnOnce(&mut Self)) {
        self.path.push(key.into());
        work(self);
        self.path.pop();
    }

    fn found(&mut self, before: Option<&Node>, after: Option<&Node>, place: &Node) {
        self.found.push(KeyChange {
            path: self.path.clone(),
            location: self.source.location(place.span),
            before: before.map(Node::to_json),
            after: after.map(Node::to_json),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Sink;

    fn metadata(text: &str) -> Metadata {
        let head =
            "apiVersion: onramp/v1\nname: a\nowner: { team: a, email: a@acme.example }\nimage: r/a:1\n";
        let platform = b"apiVersion: onramp/v1\nenvironments: { staging: {}, prod: {} }\n".to_vec();
        let mut sink = Sink::default();
        let platform = crate::platform::parse(platform, &mut sink).unwrap();
        let environments = if text.contains("environments") { "" } else { "\nenvironments: { prod: {} }" };
        let text = format!("{head}{text}{environments}\n");
        let read = crate::metadata::read(&"m.yaml".into(), text.into_bytes(), &platform, &mut sink);
        read.unwrap_or_else(|| panic!("{:?}", sink.into_findings()))
    }

    fn changed(before: &str, after: &str) -> Vec<String> {
        let (before, after) = (metadata(before), metadata(after));
        let text = &after.source.text;
        let shown = |change: &KeyChange| {
            let span = change.location.span.clone().unwrap();
            format!("{} at {:?}", change.dotted(), &text[span])
        };
        KeyChange::between(Some(&before), &after).iter().map(shown).collect()
    }

    #[test]
    fn the_highest_key_that_differs_is_told_at_its_place() {
        assert_eq!(changed("environments: { prod: {} }", "environments:\n  prod: {}"), [""; 0]);
        assert_eq!(changed("env: { A: a }", "env: { A: b, B: c }"), ["env.A at \"b\"", "env.B at \"c\""]);
        assert_eq!(changed("env: { A: a, B: b }", "env: { A: a }"), ["env.B at \"env\""]);
        assert_eq!(changed("replicas: 2", ""), ["replicas at \"apiVersion\""]);
        assert_eq!(
            changed("environments: { prod: { replicas: 2 } }", "environments: { prod: {}, staging: {} }"),
            ["environments.prod.replicas at \"prod\"", "environments.staging at \"{}\""]
        );
        assert_eq!(changed("args: [a]", "args: [b]"), ["args at \"[b]\""]);
    }

    #[test]
    fn a_place_is_found_by_a_word() {
        let (before, after) = (metadata("identity: { selector: { app: x } }"), metadata("replicas: 2"));
        let changes = KeyChange::between(Some(&before), &after);
        let about = |word| changes.iter().filter(|change| change.is_about(word)).count();
        assert_eq!((about("replicas"), about("app"), about("env")), (1, 1, 0));
    }
}
