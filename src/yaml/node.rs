//! The span tree: what a YAML file says, and where it says it.

use std::fmt;

use serde_json::Value as Json;

/// Which file a [`Span`] points into: the [`Source`](super::Source) of that id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u16);

/// A half-open range of bytes in one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The file.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A value with the place that it was written at. After a merge each node still carries the place
/// in the layer that it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where the value stands (without its key, anchor or tag).
    pub span: Span,
    /// What it says.
    pub value: Value,
}

/// What a node says, as the Kubernetes tools would read it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer or a finite float.
    Number(serde_json::Number),
    /// Text, quoted or not.
    String(Box<str>),
    /// A list.
    Seq(Vec<Node>),
    /// A map in file order, without duplicate keys.
    Map(Vec<Entry>),
}

/// One key of a map.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: Box<str>,
    /// Where the key stands.
    pub key_span: Span,
    /// Its value.
    pub node: Node,
}

impl Node {
    /// Makes a tree of a JSON value. Its nodes stand nowhere: their spans are empty.
    pub fn without_place(json: &Json) -> Self {
        let span = Span { source: SourceId(0), start: 0, end: 0 };
        let value = match json {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(number) => Value::Number(number.clone()),
            Json::String(text) => Value::String(text.as_str().into()),
            Json::Array(items) => Value::Seq(items.iter().map(Self::without_place).collect()),
            Json::Object(map) => {
                let entry = |(key, value): (&String, &Json)| Entry {
                    key: key.as_str().into(),
                    key_span: span,
                    node: Self::without_place(value),
                };
                Value::Map(map.iter().map(entry).collect())
            }
        };
        Self { span, value }
    }

    /// Returns the entries of a map, or none for anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Returns the items of a list, or none for anything else.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::Seq(items) => items,
            _ => &[],
        }
    }

    /// Returns the entry of `key` in a map.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| &*entry.key == key)
    }

    /// Returns the value of `key` in a map.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// Returns the text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// Follows a path of keys and list indices as far as it exists, and returns what is there.
    ///
    /// The second value is how many steps could be taken, so that a caller can tell a hit from the
    /// nearest place to point at.
    pub fn follow<'a>(&self, path: impl IntoIterator<Item = &'a str>) -> (&Node, usize) {
        let mut node = self;
        let mut taken = 0;
        for step in path {
            let next = match &node.value {
                Value::Map(_) => node.get(step),
                Value::Seq(items) => step.parse().ok().and_then(|index: usize| items.get(index)),
                _ => None,
            };
            let Some(next) = next else { break };
            node = next;
            taken += 1;
        }
        (node, taken)
    }

    /// Converts to a JSON value, dropping the places.
    pub fn to_json(&self) -> Json {
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(value) => Json::Number(value.clone()),
            Value::String(value) => Json::String(value.to_string()),
            Value::Seq(items) => Json::Array(items.iter().map(Node::to_json).collect()),
            Value::Map(entries) => Json::Object(
                entries.iter().map(|entry| (entry.key.to_string(), entry.node.to_json())).collect(),
            ),
        }
    }
}

impl Value {
    /// Names the kind of value in a reader's words: "a string", "a list".
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(number) if number.is_f64() => "a decimal number",
            Value::Number(_) => "an integer",
            Value::String(_) => "a string",
            Value::Seq(_) => "a list",
            Value::Map(_) => "a map",
        }
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "source {}", self.0)
    }
}
