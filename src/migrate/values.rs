//! The values that fill in the variables of templates. They may be secrets, so no message repeats one, nor shows a line
//! of the file: findings name the file, and say the line in words.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::decisions::File;
use crate::diagnostic::{Code, Diagnostic, Location, Sink, shorten};
use crate::exceptions::Pattern;
use crate::schema::codes::{EMPTY_VALUE, INVALID_VALUE, UNQUOTED_TEXT, WRONG_TYPE};
use crate::yaml::{self, Entry, Node, Source, SourceId, Value};

/// The key that holds values of single branches; no variable can be called so.
const BRANCHES: &str = "branches";

/// What fills in variables.
#[derive(Clone, Default)]
pub struct Values {
    all: BTreeMap<String, String>,
    branches: Vec<(Pattern, BTreeMap<String, String>)>,
}

impl Values {
    /// Reads a file of values: a map of names and texts, and under `branches` further such maps by the names of
    /// branches, or by patterns of them. What is wrong with it goes into `sink`, and nothing is returned then.
    pub fn parse(path: &str, bytes: Vec<u8>, sink: &mut Sink) -> Option<Self> {
        let path: Arc<str> = path.into();
        let text = yaml::decode(&path, bytes, sink)?;
        let source = Source { id: SourceId(0), path, text };
        let mut found = Sink::default();
        let tree = yaml::parse(&source, &mut found);
        let empty = Node { span: yaml::Span { source: source.id, start: 0, end: 0 }, value: Value::Null };
        let file = File::new(&source, tree.as_ref().unwrap_or(&empty));
        let mut reader = Reader { source: &source, file, sink };
        for finding in found.findings() {
            let start = finding.primary.span.as_ref().map_or(0, |span| span.start);
            let line = reader.file.line(u32::try_from(start).unwrap_or(u32::MAX));
            // The words of the finding itself may repeat what is written.
            reader.refuse(finding.code, line, finding.code.summary());
        }
        let values = reader.read(tree.as_ref()?);
        (values.1 && !found.has_errors()).then_some(values.0)
    }

    /// Returns the values for a branch: those of the first pattern that fits, and those for all.
    pub fn of(&self, branch: &str) -> BTreeMap<String, String> {
        let mut values = self.all.clone();
        if let Some((_, own)) = self.branches.iter().find(|(pattern, _)| pattern.fits(branch)) {
            values.extend(own.clone());
        }
        values
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.all.keys().chain(self.branches.iter().flat_map(|(_, values)| values.keys()));
        f.debug_set().entries(names).finish()
    }
}

struct Reader<'a> {
    source: &'a Source,
    file: File<'a>,
    sink: &'a mut Sink,
}

impl Reader<'_> {
    /// The values, and whether all of them could be read.
    fn read(&mut self, tree: &Node) -> (Values, bool) {
        let before = self.sink.len();
        let Value::Map(entries) = &tree.value else {
            self.refuse(&WRONG_TYPE, 1, "the file is no map of names and texts");
            return (Values::default(), false);
        };
        let all = self.texts(entries.iter().filter(|entry| &*entry.key != BRANCHES));
        let mut branches = Vec::new();
        if let Some(entry) = entries.iter().find(|entry| &*entry.key == BRANCHES) {
            self.map(entry);
            for branch in entry.node.entries() {
                self.map(branch);
                match Pattern::new(&branch.key) {
                    Ok(pattern) => branches.push((pattern, self.texts(branch.node.entries()))),
                    Err(why) => {
                        let what = format!("`{}` is not a pattern: {why}", shorten(&branch.key));
                        self.refuse(&INVALID_VALUE, self.file.line(branch.key_span.start), &what);
                    }
                }
            }
        }
        (Values { all, branches }, self.sink.len() == before)
    }

    fn map(&mut self, entry: &Entry) {
        if !matches!(entry.node.value, Value::Map(_)) {
            let what = format!("`{}` is no map of names and texts", shorten(&entry.key));
            self.refuse(&WRONG_TYPE, self.file.line(entry.key_span.start), &what);
        }
    }

    fn texts<'e>(&mut self, entries: impl IntoIterator<Item = &'e Entry>) -> BTreeMap<String, String> {
        let mut texts = BTreeMap::new();
        for entry in entries {
            let text = match &entry.node.value {
                Value::String(text) => Ok(text.to_string()),
                // As it is written: `1.10` is `1.10`. An alias is written elsewhere.
                Value::Number(_) | Value::Bool(_) => Some(self.source.slice(entry.node.span))
                    .filter(|written| !written.is_empty() && !written.starts_with('*'))
                    .map(str::to_owned)
                    .ok_or((
                        &UNQUOTED_TEXT,
                        "has a number that stands elsewhere: write it as a text in quotes",
                    )),
                Value::Null => Err((&EMPTY_VALUE, "has no text: write \"\" for an empty one")),
                Value::Seq(_) | Value::Map(_) => Err((&WRONG_TYPE, "is no text")),
            };
            match text {
                Ok(text) => drop(texts.insert(entry.key.to_string(), text)),
                Err((code, what)) => {
                    let what = format!("`{}` {what}", shorten(&entry.key));
                    self.refuse(code, self.file.line(entry.key_span.start), &what);
                }
            }
        }
        texts
    }

    fn refuse(&mut self, code: &'static Code, line: usize, what: &str) {
        let finding =
            Diagnostic::new(code, Location::file(self.source.path.clone()), format!("line {line}: {what}"));
        self.sink.push(finding.help("write one `NAME: \"text\"` in a line"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<Values>, Vec<String>) {
        let mut sink = Sink::default();
        let values = Values::parse("values.yaml", text.into(), &mut sink);
        let found = sink.into_findings();
        assert!(found.iter().all(|finding| finding.primary.span.is_none()), "no line of the file is shown");
        let each = found.iter().map(|finding| format!("{}: {}", finding.code.name, finding.message));
        (values, each.collect())
    }

    #[test]
    fn values_are_texts_as_they_are_written() {
        let (values, found) = read(
            "TAG: 1.10\nPORT: 8080\nDEBUG: true\nHOST: shop.example\nEMPTY: \"\"\n\
             branches:\n  legacy/shop*: { HOST: live.example }\n  legacy/*: { HOST: other.example, ZONE: a }\n",
        );
        assert_eq!(found, Vec::<String>::new());
        let values = values.unwrap();
        let of = |branch: &str| {
            let each = values.of(branch).into_iter().map(|(name, text)| format!("{name}={text}"));
            each.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(of("main"), "DEBUG=true EMPTY= HOST=shop.example PORT=8080 TAG=1.10");
        assert_eq!(of("legacy/shop-a"), "DEBUG=true EMPTY= HOST=live.example PORT=8080 TAG=1.10");
        assert_eq!(of("legacy/orders"), "DEBUG=true EMPTY= HOST=other.example PORT=8080 TAG=1.10 ZONE=a");
        assert_eq!(
            format!("{values:?}"),
            r#"{"DEBUG", "EMPTY", "HOST", "PORT", "TAG", "HOST", "HOST", "ZONE"}"#
        );
    }

    #[test]
    fn what_is_wrong_is_said_by_line_and_never_by_value() {
        let wrong = [
            ("A: x\nB: [hunter2]\n", "wrong-type: line 2: `B` is no text"),
            ("A: x\nB:\n", "empty-value: line 2: `B` has no text: write \"\" for an empty one"),
            ("- hunter2\n", "wrong-type: line 1: the file is no map of names and texts"),
            ("A: x\nbranches: hunter2\n", "wrong-type: line 2: `branches` is no map of names and texts"),
            (
                "branches:\n  legacy/x: [hunter2]\n",
                "wrong-type: line 2: `legacy/x` is no map of names and texts",
            ),
            (
                "branches:\n  \"legacy/{x\": { A: hunter2 }\n",
                "invalid-value: line 2: `legacy/{x` is not a pattern: ",
            ),
            ("A: x\nB: *hunter2\n", "unknown-alias: line 2: "),
            ("A: hunter2\nB: \"hunter2\n", "yaml-syntax: line "),
            ("A: &a 7\nB: *a\n", "unquoted-text: line 2: `B` has a number that stands elsewhere"),
            ("A: hunter2\nA: hunter3\n", "duplicate-key: line 2: "),
        ];
        for (text, expected) in wrong {
            let (values, found) = read(text);
            assert!(values.is_none(), "{text}");
            assert!(found.iter().any(|found| found.starts_with(expected)), "{text}: {found:#?}");
            assert!(!found.iter().any(|found| found.contains("hunter")), "{text}: {found:#?}");
        }
    }
}
