//! Files that others wrote: several documents, each on its own, read as Kubernetes' tools read them.

use serde_json::{Map, Value as Json};

use super::parse::parse_foreign;
use super::scalar::as_kubernetes;
use super::{Entry, Node, Source, Value, is_plain};
use crate::diagnostic::{Diagnostic, Sink};

/// One document of a file.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its text as a source of its own, whose spans count from the start of the document.
    pub source: Source,
    /// Its first byte in the file.
    pub start: usize,
    /// What it says, where its structure could be read.
    pub node: Option<Node>,
    /// What [`parse`](super::parse()) finds in it. Much of that can be read all the same: an ambiguous scalar means to a
    /// cluster what it means to `kubectl`, and of a key written twice the last value counts there.
    pub findings: Vec<Diagnostic>,
}

/// Reads the documents of a file. One that is broken leaves the others whole; those without content are left out.
///
/// A line that starts with `---` begins a document; `----`, which Kubernetes' readers took for one until they were
/// made to refuse it, is taken for one here.
pub fn documents(source: &Source) -> Vec<Document> {
    let text = source.text.as_str();
    let mut documents = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        if line.starts_with("---") {
            push(&mut documents, source, start..at);
            start = if line.starts_with("----") { at + line.len() } else { at };
        }
        at += line.len();
    }
    push(&mut documents, source, start..at);
    documents
}

fn push(documents: &mut Vec<Document>, file: &Source, range: std::ops::Range<usize>) {
    let start = range.start;
    let text = &file.text[range];
    let says_nothing = text.lines().enumerate().all(|(index, line)| {
        let line = if index == 0 { line.trim_start_matches('\u{feff}') } else { line };
        let line = line.strip_prefix("---").unwrap_or(line).trim();
        line.is_empty() || line.starts_with('#') || line == "..."
    });
    if says_nothing {
        return;
    }
    let source = Source { id: file.id, path: file.path.clone(), text: text.to_owned() };
    let mut sink = Sink::default();
    let node = parse_foreign(&source, &mut sink);
    documents.push(Document { source, start, node, findings: sink.into_findings() });
}

impl Document {
    /// Returns what a cluster gets when `kubectl` applies the document: `0644` is 420 and `on` is true there.
    pub fn to_json(&self) -> Option<Json> {
        self.node.as_ref().map(|node| self.value_of(node))
    }

    /// Returns the same of a part of the document.
    pub fn value_of(&self, node: &Node) -> Json {
        match &node.value {
            Value::String(text) if is_plain(&self.source, node.span) => as_kubernetes(text),
            Value::Seq(items) => Json::Array(items.iter().map(|item| self.value_of(item)).collect()),
            Value::Map(entries) => {
                let key = |entry: &Entry| match as_kubernetes(&entry.key) {
                    Json::String(text) => text,
                    _ if !is_plain(&self.source, entry.key_span) => entry.key.to_string(),
                    other => other.to_string(),
                };
                let pairs = entries.iter().map(|entry| (key(entry), self.value_of(&entry.node)));
                Json::Object(pairs.collect::<Map<_, _>>())
            }
            _ => node.to_json(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::yaml::SourceId;

    fn read(text: &str) -> Vec<(usize, Option<Json>, Vec<&'static str>)> {
        let source = Source { id: SourceId(0), path: Arc::from("a.yaml"), text: text.to_owned() };
        let codes = |document: &Document| document.findings.iter().map(|finding| finding.code.name).collect();
        documents(&source)
            .iter()
            .map(|document| (document.start, document.to_json(), codes(document)))
            .collect()
    }

    #[test]
    fn each_document_is_read_on_its_own() {
        let text = "\u{feff}---\n# nothing\n---\na: 1\n--- # b\nb: {\n---\n\n----\nc: 3\n...\n---\n";
        let read = read(text);
        assert_eq!(read.len(), 3, "{read:?}");
        assert_eq!(read[0], (text.find("---\na").expect("it is there"), Some(json!({"a": 1})), vec![]));
        assert_eq!(read[1].1, None);
        assert_eq!(read[1].2, ["yaml-syntax"]);
        assert_eq!(read[2], (text.find("c:").expect("it is there"), Some(json!({"c": 3})), vec![]));
    }

    #[test]
    fn of_a_key_written_twice_the_last_value_counts() {
        let read = read("a: 1\nb: {c: 1, c: 2}\na: 3\n");
        assert_eq!(read, [(0, Some(json!({"b": {"c": 2}, "a": 3})), vec!["duplicate-key"; 2])]);
    }

    #[test]
    fn three_dashes_inside_a_block_are_text() {
        let read = read("a: |\n  x\n  ---\n  y\nb: 1\n");
        assert_eq!(read, [(0, Some(json!({"a": "x\n---\ny\n", "b": 1})), vec![])]);
    }

    /// The values are those of `kubectl label --local -o json`.
    #[test]
    fn scalars_are_what_a_cluster_gets() {
        let read = read(
            "mode: 0644\nlead: 08\ny: 1\n'n': 2\nlist: [on, Off, y, 'on']\nnumber: 1_000\nhex: 0x1F\nbinary: 0b11\ntime: 12:30\nday: 2024-01-05\n\
             text: '0644'\n",
        );
        let (_, json, codes) = &read[0];
        assert_eq!(
            json.clone().expect("it was read"),
            json!({
                "mode": 420, "lead": 8.0, "true": 1, "n": 2, "list": [true, false, true, "on"], "number": 1000, "hex": 31, "binary": 3,
                "time": "12:30", "day": "2024-01-05", "text": "0644",
            })
        );
        assert!(codes.iter().all(|code| *code == "ambiguous-scalar"), "{codes:?}");
    }
}
