//! A place in a file that people write, found by the way into the object that comes of it.

use crate::effective::{self, Taken};
use crate::yaml::{Node, Span, Value};

/// What stands at a place, and its key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot<'n> {
    /// What stands there.
    pub(super) node: &'n Node,
    key: Option<Span>,
}

impl<'n> Spot<'n> {
    /// Starts at the top of a tree.
    pub(super) fn of(node: &'n Node) -> Self {
        Self { node, key: None }
    }

    /// Goes one key further.
    pub(super) fn get(self, key: &str) -> Option<Self> {
        match &self.node.value {
            Value::Map(_) => {
                let entry = self.node.entry(key)?;
                Some(Self { node: &entry.node, key: Some(entry.key_span) })
            }
            Value::Seq(items) => {
                let node = items.get(key.parse::<usize>().ok()?)?;
                Some(Self { node, key: None })
            }
            _ => None,
        }
    }

    /// Goes along the way as far as the file does, and says how many steps that was. Elements of lists are found by what
    /// Kubernetes knows them by, and by their place where it goes by that.
    pub(super) fn follow(self, way: &[Taken<'_>]) -> (Self, usize) {
        let mut here = self;
        let mut field: &str = "";
        for (depth, taken) in way.iter().enumerate() {
            let next = match &here.node.value {
                Value::Seq(items) => element(items, field, taken),
                _ => here.get(&taken.text),
            };
            let Some(next) = next else { return (here, depth) };
            if taken.index.is_none() {
                field = &taken.text;
            }
            here = next;
        }
        (here, way.len())
    }

    /// Returns a short piece to point at: a value, or the key of a map or list.
    pub(super) fn span(self) -> Span {
        let short = |node: &Node| {
            !matches!(node.value, Value::Map(_) | Value::Seq(_)) && node.span.start < node.span.end
        };
        if short(self.node) {
            return self.node.span;
        }
        if let Some(key) = self.key {
            return key;
        }
        let first = self.node.items().first().unwrap_or(self.node);
        match first.entries().first() {
            Some(entry) if short(&entry.node) => entry.node.span,
            Some(entry) => entry.key_span,
            None => first.span,
        }
    }
}

fn element<'n>(items: &'n [Node], field: &str, taken: &Taken<'_>) -> Option<Spot<'n>> {
    let plain = |node: &'n Node| Spot { node, key: None };
    let wanted = taken.value.and_then(|value| effective::name_of(field, value));
    if let Some(wanted) = wanted {
        let named =
            |node: &&Node| effective::name_of(field, &node.to_json()).is_some_and(|name| name == wanted);
        let mut found = items.iter().filter(named);
        match (found.next(), found.next()) {
            (Some(one), None) => return Some(plain(one)),
            (Some(_), Some(_)) => return items.get(taken.index?).map(plain),
            (None, _) => {}
        }
        // A file may leave out what its neighbours are told apart by; then it is its value that tells.
        let same = |node: &&Node| taken.value.is_some_and(|value| node.to_json() == *value);
        return items.iter().find(same).map(plain);
    }
    items.get(taken.index?).map(plain)
}
