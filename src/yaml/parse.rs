//! Builds the span tree from the parser's events, and finds the traps on the way.
//!
//! Only this file and its children name the parser. It keeps its own stack and no recursion:
//! the depth of a file is the author's, the depth of the machine stack is not.

mod alias;
mod comments;
mod syntax;
mod template;
mod traps;

pub use comments::comments;

use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle, Tag};

use self::alias::Anchors;
use super::codes::{
    AMBIGUOUS_SCALAR, DEEP_NESTING, DUPLICATE_KEY, NON_FINITE_NUMBER, TEMPLATE_LEFTOVER, UNKNOWN_ALIAS,
};
use super::scalar::{Scalar, resolve};
use super::{Entry, Node, Source, Span, Value, encode_scalar, entry_removal};
use crate::diagnostic::{Code, Diagnostic, Fix, Location, Sink};

/// How deep maps and lists may nest, aliases expanded.
pub const MAX_DEPTH: usize = 64;

/// How many findings one file gives. A file with more is not read by anybody one by one.
const MAX_FINDINGS: usize = 100;

/// Reads a file that holds exactly one document.
///
/// All findings go to the sink. The tree is returned wherever the structure could be read, even
/// with findings: a key written twice keeps its first value, an ambiguous scalar is text. An alias
/// becomes a copy of its value that stands at the alias; what is inside it stands at the anchor.
pub fn parse(source: &Source, sink: &mut Sink) -> Option<Node> {
    build(source, Twice::First, sink)
}

/// Reads one document like [`parse`], but a key written twice has its last value, as it has for `kubectl`.
pub(super) fn parse_foreign(source: &Source, sink: &mut Sink) -> Option<Node> {
    build(source, Twice::Last, sink)
}

/// Which value counts of a key that is written twice.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Twice {
    First,
    Last,
}

fn build(source: &Source, twice: Twice, sink: &mut Sink) -> Option<Node> {
    let mut builder = Builder::new(source, twice);
    let outcome = builder.run();
    builder.report(sink);
    match outcome {
        Ok(()) => builder.root,
        Err(Unreadable) => None,
    }
}

/// The file cannot be read to its end; the finding that says why is already made.
struct Unreadable;

/// A collection whose end has not come yet.
struct Frame {
    /// Where its indicator or first child stands.
    start: u32,
    flow: bool,
    anchor: usize,
    content: Content,
}

enum Content {
    Seq(Vec<Node>),
    Map {
        entries: Vec<Entry>,
        /// What `<<` brought, to be added where the map does not say it itself.
        merged: Vec<Entry>,
        key: Option<Key>,
    },
    /// Inside `{{ }}`, whose nodes mean nothing.
    Template,
}

/// A key that waits for its value.
enum Key {
    Text(Box<str>, Span),
    Merge,
    /// A key that no map of ours can hold; its value is dropped.
    Dropped,
}

struct Builder<'a> {
    source: &'a Source,
    twice: Twice,
    stack: Vec<Frame>,
    anchors: Anchors,
    root: Option<Node>,
    findings: Vec<Diagnostic>,
    suppressed: usize,
    /// End of the last event that had text: what comes next is written behind it.
    last_end: usize,
    /// Start of the last event.
    last_start: usize,
    /// Whether the file has a tab anywhere; nearly none has, and each node asks.
    has_tabs: bool,
}

impl<'a> Builder<'a> {
    fn new(source: &'a Source, twice: Twice) -> Self {
        Self {
            source,
            twice,
            stack: Vec::new(),
            anchors: Anchors::default(),
            root: None,
            findings: Vec::new(),
            suppressed: 0,
            last_end: 0,
            last_start: 0,
            has_tabs: source.text.contains('\t'),
        }
    }

    fn run(&mut self) -> Result<(), Unreadable> {
        let options = granit_parser::options! {
            disallow_directives: true,
            emit_unresolved_aliases: true,
            emit_comments: false,
            // Above our own limit, which counts both kinds together and names the place.
            flow_nesting_limit: 2 * MAX_DEPTH,
            block_nesting_limit: 2 * MAX_DEPTH,
        };
        let mut documents = 0;
        let mut first_document = 0..0;
        for item in Parser::new_from_str_with_options(&self.source.text, options) {
            let (event, place) = match item {
                Ok(item) => item,
                Err(error) => {
                    self.syntax_error(&error);
                    return Err(Unreadable);
                }
            };
            let range = place.byte_range().unwrap_or(0..0);
            self.check_blank_lines(range.start);
            let tag_range = place.tag_span().and_then(|span| span.byte_range());
            match event {
                Event::DocumentStart(..) => {
                    documents += 1;
                    if documents == 2 {
                        self.several_documents(&range, &first_document);
                        break;
                    }
                    first_document = range.clone();
                }
                Event::Scalar(text, style, anchor, tag) => {
                    self.scalar(&text, style, anchor, tag.as_deref(), &range, tag_range);
                }
                Event::SequenceStart(style, anchor, tag) => {
                    self.tagged_collection(tag.as_deref(), tag_range);
                    self.open(Content::Seq(Vec::new()), style, anchor, &range)?;
                }
                Event::MappingStart(style, anchor, tag) => {
                    self.tagged_collection(tag.as_deref(), tag_range);
                    let content = if style == StructureStyle::Flow && self.is_template(range.start) {
                        Content::Template
                    } else {
                        Content::Map { entries: Vec::new(), merged: Vec::new(), key: None }
                    };
                    self.open(content, style, anchor, &range)?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.close(&range),
                Event::Alias(anchor) => self.alias(anchor, &range)?,
                Event::UnresolvedAlias(name) => self.unknown_alias(&name, &range),
                _ => {}
            }
            if !range.is_empty() {
                self.last_end = self.last_end.max(range.end);
            }
            self.last_start = range.start;
        }
        self.check_nonempty()
    }

    /// Hands the findings over in the order of the file.
    fn report(&mut self, sink: &mut Sink) {
        let mut findings = std::mem::take(&mut self.findings);
        findings.sort_by_key(|finding| finding.primary.span.as_ref().map_or(0, |span| span.start));
        if self.suppressed > 0
            && let Some(last) = findings.last_mut()
        {
            let more = format!("{} more findings in this file are not shown", self.suppressed);
            last.help = Some(last.help.take().map_or(more.clone(), |help| format!("{help}; {more}")));
        }
        for finding in findings {
            sink.push(finding);
        }
    }

    fn push(&mut self, finding: Diagnostic) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(finding);
        } else {
            self.suppressed += 1;
        }
    }

    fn finding(&self, code: &'static Code, range: Range<usize>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, Location::at(self.source.path.clone(), range), message)
    }

    fn span(&self, range: Range<usize>) -> Span {
        Span { source: self.source.id, start: offset(range.start), end: offset(range.end) }
    }

    fn node(&self, range: Range<usize>, value: Value) -> Node {
        Node { span: self.span(range), value }
    }

    fn in_template(&self) -> bool {
        self.stack.iter().any(|frame| matches!(frame.content, Content::Template))
    }

    /// Tells whether the next node is a key.
    fn at_key(&self) -> bool {
        self.stack.last().is_some_and(|frame| matches!(frame.content, Content::Map { key: None, .. }))
    }

    // Scalars.

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        range: &Range<usize>,
        tag_range: Option<Range<usize>>,
    ) {
        if self.in_template() {
            return;
        }
        let at_key = self.at_key();
        let range = self.scalar_range(style, range, tag_range.clone());
        self.check_tabs(range.start);
        let text_tag = tag.is_some_and(|tag| tag.is_yaml_core_schema_tag("str"));
        if let Some(tag) = tag
            && !text_tag
        {
            self.explicit_tag(tag, tag_range.unwrap_or(range.clone()));
        }
        let plain = style == ScalarStyle::Plain && !text_tag;
        if plain && at_key && text == "<<" {
            self.merge_key(&range);
            return self.key(Key::Merge);
        }
        let value = if !plain {
            let cut_off = self.is_cut_off(style, &range);
            Value::String(text.strip_suffix('\n').filter(|_| cut_off).unwrap_or(text).into())
        } else if range.is_empty() {
            Value::Null
        } else if tag.is_some() {
            tagged_plain(text)
        } else {
            self.plain(text, &range, at_key)
        };
        let node = self.node(range.clone(), value);
        self.anchors.finish(anchor, &node);
        if at_key && let Some(kind) = not_a_string(&node.value) {
            let written = self.source.text.get(range.clone()).unwrap_or_default().to_owned();
            self.non_string_key(&range, kind, &written);
            let key = Key::Text(written.into(), self.span(range));
            return self.key(key);
        }
        self.place(node);
    }

    /// Reads a plain scalar, and says where its readers differ.
    fn plain(&mut self, text: &str, range: &Range<usize>, at_key: bool) -> Value {
        let quoted = || encode_quoted(text);
        let what = if at_key { "the key " } else { "" };
        if let Some(mark) = template::in_plain(text) {
            let message =
                format!("{what}`{}` is a template tag that was never rendered", template::shown(mark));
            let help = format!(
                "write the value that it stands for, or quote it where the braces are meant: {}",
                quoted()
            );
            self.push(self.finding(&TEMPLATE_LEFTOVER, range.clone(), message).help(help));
            return Value::String(text.into());
        }
        match resolve(text) {
            Scalar::Null => Value::Null,
            Scalar::Bool(value) => Value::Bool(value),
            Scalar::Number(value) => Value::Number(value),
            Scalar::Text => Value::String(text.into()),
            Scalar::NonFinite => {
                let message = format!("{what}`{text}` is a number that is not finite");
                let help = format!("write `{}` for the text, or a finite number", quoted());
                self.push(self.finding(&NON_FINITE_NUMBER, range.clone(), message).help(help));
                Value::String(text.into())
            }
            Scalar::Ambiguous(ambiguity) => {
                let message = format!(
                    "{what}`{text}` is read as {} by some Kubernetes tools and as {} by others",
                    ambiguity.some, ambiguity.others
                );
                let help = match ambiguity.instead {
                    Some(instead) if !at_key => format!("write `{}` for the text, or {instead}", quoted()),
                    _ => format!("write `{}`", quoted()),
                };
                let finding = self.finding(&AMBIGUOUS_SCALAR, range.clone(), message).help(help);
                // A scalar with a backslash or a quote is none that readers differ about.
                self.push(finding.maybe_fix(Fix::quotes(&self.source.path, range, text)));
                Value::String(text.into())
            }
        }
    }

    /// Tells whether a block of text ends with the file, and the file without a break: then it has none either.
    fn is_cut_off(&self, style: ScalarStyle, range: &Range<usize>) -> bool {
        matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) && range.end == self.source.text.len()
    }

    /// Corrects the parser's idea of where a scalar stands.
    fn scalar_range(
        &self,
        style: ScalarStyle,
        range: &Range<usize>,
        tag: Option<Range<usize>>,
    ) -> Range<usize> {
        let text = self.source.text.as_bytes();
        match style {
            // A value of nothing is put on the colon; the place to write one is behind it.
            ScalarStyle::Plain if range.is_empty() && !self.at_key() => {
                let colon = text.get(range.start) == Some(&b':');
                let at = range.start + usize::from(colon);
                at..at
            }
            // A block is said to start at its first line of content, and to end with the blanks behind it.
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let from = self.last_end.max(tag.map_or(0, |tag| tag.end));
                let start = block_header(text, from..range.start).unwrap_or(range.start);
                let written = self.source.text.get(start..range.end).unwrap_or_default();
                start..start + written.trim_end_matches([' ', '\t', '\r', '\n']).len()
            }
            _ => range.clone(),
        }
    }

    // Collections.

    fn open(
        &mut self,
        content: Content,
        style: StructureStyle,
        anchor: usize,
        range: &Range<usize>,
    ) -> Result<(), Unreadable> {
        if self.stack.len() >= MAX_DEPTH {
            let message = format!("maps and lists are nested deeper than {MAX_DEPTH} levels");
            self.push(self.finding(&DEEP_NESTING, range.clone(), message).help("flatten the structure"));
            return Err(Unreadable);
        }
        self.check_tabs(range.start);
        self.anchors.open(anchor);
        let flow = style == StructureStyle::Flow;
        self.stack.push(Frame { start: offset(range.start), flow, anchor, content });
        Ok(())
    }

    fn close(&mut self, range: &Range<usize>) {
        let Some(frame) = self.stack.pop() else { return };
        let value = match frame.content {
            Content::Template => {
                if !self.in_template() {
                    self.close_template(frame.anchor, frame.start as usize..range.end);
                }
                return;
            }
            _ if self.in_template() => return,
            Content::Seq(items) => Value::Seq(items),
            Content::Map { entries, merged, .. } => Value::Map(self.unique(entries, merged)),
        };
        let children = match &value {
            Value::Seq(items) => items.first().zip(items.last()).map(|(a, b)| (a.span.start, b.span.end)),
            Value::Map(entries) => {
                entries.first().zip(entries.last()).map(|(a, b)| (a.key_span.start, b.node.span.end))
            }
            _ => None,
        };
        let span = match children {
            _ if frame.flow && !range.is_empty() => {
                Span { source: self.source.id, start: frame.start, end: offset(range.end) }
            }
            Some((start, end)) => Span { source: self.source.id, start, end: end.max(start) },
            None => Span { source: self.source.id, start: frame.start, end: frame.start },
        };
        let node = Node { span, value };
        self.anchors.finish(frame.anchor, &node);
        if self.at_key() {
            let written = first_line(self.source.slice(span));
            self.non_string_key(&(span.start as usize..span.end as usize), node.value.kind(), written);
            return self.key(Key::Dropped);
        }
        self.place(node);
    }

    /// Reports keys that are written twice, keeps one of each, and adds what `<<` brought.
    fn unique(&mut self, entries: Vec<Entry>, merged: Vec<Entry>) -> Vec<Entry> {
        let mut order: Vec<usize> = (0..entries.len()).collect();
        order.sort_by(|a, b| entries[*a].key.cmp(&entries[*b].key).then(a.cmp(b)));
        let mut dropped = vec![false; entries.len()];
        for same in order.chunk_by(|a, b| entries[*a].key == entries[*b].key) {
            let first = &entries[same[0]];
            let kept = if self.twice == Twice::First { same.first() } else { same.last() };
            for other in same {
                dropped[*other] = Some(other) != kept;
            }
            for again in &same[1..] {
                let message = format!("the key `{}` is written twice in one map", first_line(&first.key));
                let place = self.source.location(entries[*again].key_span);
                self.push(
                    Diagnostic::new(&DUPLICATE_KEY, place, message)
                        .label("again here")
                        .related(self.source.location(first.key_span), "first here")
                        .help("remove one of the two: tools differ in which one they take")
                        .maybe_fix(self.repetition(first, &entries[*again])),
                );
            }
        }
        let mut kept: Vec<Entry> = entries
            .into_iter()
            .zip(dropped)
            .filter(|(_, dropped)| !dropped)
            .map(|(entry, _)| entry)
            .collect();
        for entry in merged {
            if !kept.iter().any(|other| other.key == entry.key) {
                kept.push(entry);
            }
        }
        kept
    }

    /// Takes a repetition out that says the same again.
    fn repetition(&self, first: &Entry, again: &Entry) -> Option<Fix> {
        if first.node.to_json() != again.node.to_json() || first.key_span.start > again.key_span.start {
            return None;
        }
        let range = |span: Span| span.start as usize..span.end as usize;
        let gone = entry_removal(&self.source.text, &range(again.key_span), &range(again.node.span))?;
        Some(Fix::safe("remove the repetition").without(self.source.path.clone(), gone))
    }

    /// Puts a finished node where it belongs.
    fn place(&mut self, node: Node) {
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(node);
            return;
        };
        match &mut frame.content {
            Content::Template => {}
            Content::Seq(items) => items.push(node),
            Content::Map { entries, merged, key } => match (key.take(), node.value) {
                (None, Value::String(text)) => *key = Some(Key::Text(text, node.span)),
                (Some(Key::Text(key, key_span)), value) => {
                    entries.push(Entry { key, key_span, node: Node { span: node.span, value } });
                }
                (Some(Key::Merge), Value::Map(base)) => merged.extend(base),
                (Some(Key::Merge), Value::Seq(bases)) => {
                    for base in bases {
                        if let Value::Map(base) = base.value {
                            merged.extend(base);
                        }
                    }
                }
                // Reported by whoever knew how it was written.
                (None | Some(Key::Dropped | Key::Merge), _) => {}
            },
        }
    }

    fn key(&mut self, new: Key) {
        if let Some(Frame { content: Content::Map { key, .. }, .. }) = self.stack.last_mut() {
            *key = Some(new);
        }
    }

    // Aliases.

    fn alias(&mut self, anchor: usize, range: &Range<usize>) -> Result<(), Unreadable> {
        if self.in_template() {
            return Ok(());
        }
        let name = self.source.text.get(range.clone()).unwrap_or_default().to_owned();
        let value = match self.anchors.copy(anchor, self.stack.len()) {
            Ok(value) => value,
            Err(refusal) => {
                let (code, message, help) = refusal.words(&name);
                self.push(self.finding(code, range.clone(), message).help(help));
                return Err(Unreadable);
            }
        };
        if self.at_key()
            && let Some(kind) = not_a_string(&value)
        {
            self.non_string_key(range, kind, &name);
            self.key(Key::Dropped);
        } else {
            let node = self.node(range.clone(), value);
            self.place(node);
        }
        Ok(())
    }

    fn unknown_alias(&mut self, name: &str, range: &Range<usize>) {
        if self.in_template() {
            return;
        }
        let message = format!("`*{name}` refers to an anchor `&{name}` that is not written before it");
        let help = format!("write the value itself, or `\"*{name}\"` where the text is meant");
        self.push(self.finding(&UNKNOWN_ALIAS, range.clone(), message).help(help));
        if self.at_key() {
            self.key(Key::Dropped);
        } else {
            let node = self.node(range.clone(), Value::String(format!("*{name}").into()));
            self.place(node);
        }
    }
}

/// Reads a plain scalar whose tag was reported: one fault, one finding.
fn tagged_plain(text: &str) -> Value {
    match resolve(text) {
        Scalar::Null => Value::Null,
        Scalar::Bool(value) => Value::Bool(value),
        Scalar::Number(value) => Value::Number(value),
        Scalar::Text | Scalar::NonFinite | Scalar::Ambiguous(_) => Value::String(text.into()),
    }
}

/// Names the kind of a value that cannot be a key.
fn not_a_string(value: &Value) -> Option<&'static str> {
    match value {
        Value::String(_) => None,
        Value::Null => Some("null"),
        value => Some(value.kind()),
    }
}

/// Finds the `|` or `>` of a block scalar between the token before it and its content: over blanks,
/// line breaks, comments, the colon or dash, anchor and tag.
fn block_header(text: &[u8], within: Range<usize>) -> Option<usize> {
    let mut at = within.start;
    while at < within.end {
        match text.get(at)? {
            b'|' | b'>' => return Some(at),
            b'#' => at += text[at..].iter().take_while(|byte| !matches!(byte, b'\n' | b'\r')).count(),
            b'&' | b'!' => at += text[at..].iter().take_while(|byte| !byte.is_ascii_whitespace()).count(),
            _ => at += 1,
        }
    }
    None
}

/// Quotes a text for a message, shortened where it is long.
fn encode_quoted(text: &str) -> String {
    let encoded = encode_scalar(text);
    if encoded.starts_with('"') { encoded } else { format!("\"{encoded}\"") }
}

fn first_line(text: &str) -> &str {
    let line = text.lines().next().unwrap_or_default();
    line.char_indices().nth(60).map_or(line, |(end, _)| &line[..end])
}

/// Offsets fit: a file is at most [`MAX_BYTES`](super::MAX_BYTES) long.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
