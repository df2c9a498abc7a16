//! Files that something else fills in before they are applied: what they lack, and the same filled in.
//!
//! Whether a text is a variable depends on where it stands. `{{ x }}` in front of a value is one wherever it stands, since no
//! cluster would take it; in a block of text that a program reads, such as a rule of Prometheus, it belongs to the
//! program. `${X}` is one in names, hosts and labels, where no cluster would take it, and as a whole value of a variable of the
//! environment; in a script, in an annotation and in the data of a `ConfigMap` it is most likely a program's own. `$(X)` is
//! Kubernetes'. Of an image the release says what runs, so that it is left as it is.

mod place;
mod scan;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::{Skipped, Variable};
use crate::yaml::codes::TEMPLATE_LEFTOVER;
use crate::yaml::{self, Source, SourceId};
use place::Standing;
use scan::{Kind, Meaning};

/// A text, with what could be filled in.
#[derive(Debug)]
pub(super) struct Filled {
    pub(super) text: String,
    /// Why it cannot be applied as it is.
    pub(super) unfilled: Option<Skipped>,
    /// What may be variables and is left as it is.
    pub(super) left: Vec<Variable>,
}

/// The most variables of a file that are told.
const MOST: usize = 200;

/// Fills a file with values.
pub(super) fn fill(path: &Arc<str>, text: String, values: &BTreeMap<String, String>) -> Filled {
    let text = quoted(path, text);
    let length = text.len();
    let filled = once(path, text, values);
    // A document that could not be read before has places only now.
    let again = filled.unfilled.is_none() && !values.is_empty() && filled.text.len() != length;
    if again { once(path, filled.text, values) } else { filled }
}

fn once(path: &Arc<str>, text: String, values: &BTreeMap<String, String>) -> Filled {
    let done = |text| Filled { text, unfilled: None, left: Vec::new() };
    // No object, no need to know.
    if !scan::may_hold_marks(&text) || !text.contains("kind") && !super::tree::is_kustomization(path) {
        return done(text);
    }
    let source = Source { id: SourceId(0), path: Arc::clone(path), text };
    let marks = scan::marks(&source.text);
    if marks.is_empty() {
        return done(source.text);
    }
    let standings = place::standings(&source, &marks);
    let text = source.text;
    // What is written in a tool's own words is the tool's everywhere, as soon as the tool is needed at all.
    let needs_tool = |kind: Kind| {
        marks
            .iter()
            .zip(&standings)
            .any(|(mark, standing)| mark.kind == kind && *standing == Standing::Variable)
    };
    let braces = needs_tool(Kind::Braces);
    let mut filled = String::with_capacity(text.len());
    let mut at = 0;
    let (mut open, mut left): (Vec<Variable>, Vec<Variable>) = (Vec::new(), Vec::new());
    for (mark, standing) in marks.iter().zip(&standings) {
        let is_variable = *standing == Standing::Variable || braces && mark.kind == Kind::Braces;
        let put = match &mark.meaning {
            Meaning::Flow if is_variable => {
                let written = crate::diagnostic::shorten(&mark.written);
                let reason = format!(
                    "it is a template with steps of its own, such as `{written}` in line {}, and no values fill it in: commit \
                     what its tool makes of it",
                    mark.line
                );
                return Filled { text, unfilled: Some(Skipped::Unreadable(reason)), left: Vec::new() };
            }
            Meaning::Nothing if is_variable => Some(""),
            Meaning::Literal(literal) if is_variable => Some(literal.as_str()),
            Meaning::Flow | Meaning::Nothing | Meaning::Literal(_) => continue,
            Meaning::Variable { name, default } => {
                let value = mark.names().iter().find_map(|name| values.get(*name));
                match value {
                    // In a script a name may be one of the script's own, whatever the values say.
                    Some(_) if *standing == Standing::Program && mark.kind == Kind::Dollar => None,
                    Some(value) if value.contains(char::is_control) => {
                        let reason = format!(
                            "the value for `{name}` has a line break or another control character, and could change more than \
                             its place"
                        );
                        return Filled {
                            text,
                            unfilled: Some(Skipped::Unreadable(reason)),
                            left: Vec::new(),
                        };
                    }
                    Some(value) => Some(value.as_str()),
                    None => {
                        let variable = Variable {
                            name: name.clone(),
                            written: mark.written.clone(),
                            line: mark.line,
                            default: default.clone(),
                        };
                        let list = if is_variable { &mut open } else { &mut left };
                        let is_told = is_variable || *standing == Standing::Open;
                        if is_told
                            && list.len() < MOST
                            && list.iter().all(|other| other.written != variable.written)
                        {
                            list.push(variable);
                        }
                        None
                    }
                }
            }
        };
        if let Some(put) = put {
            filled.push_str(&text[at..mark.range.start]);
            filled.push_str(put);
            at = mark.range.end;
        }
    }
    filled.push_str(&text[at..]);
    let unfilled = (!open.is_empty()).then_some(Skipped::Template(open));
    Filled { text: filled, unfilled, left }
}

/// Puts images in quotes that a template fills in behind their first part, as `registry.example/shop:{{ tag }}`: other readers
/// take that for text, and of an image it does not matter.
fn quoted(path: &Arc<str>, mut text: String) -> String {
    if !text.contains("image") || !text.contains("{{") {
        return text;
    }
    let source = Source { id: SourceId(0), path: Arc::clone(path), text };
    let mut found: Vec<Range<usize>> = Vec::new();
    for document in documents(&source) {
        let leftovers =
            document.findings.iter().filter(|finding| finding.code.name == TEMPLATE_LEFTOVER.name);
        let spans = leftovers.filter_map(|finding| finding.primary.span.clone());
        found.extend(spans.map(|span| document.start + span.start..document.start + span.end));
    }
    text = source.text;
    for Range { start, end } in found.into_iter().rev() {
        let key = text.get(..start).and_then(|before| before.rsplit('\n').next()).unwrap_or_default();
        let value = text.get(start..end).unwrap_or_default();
        let is_image = key.trim_start().trim_start_matches("- ").trim() == "image:";
        if is_image && !value.starts_with('{') && !value.contains(['"', '\\', '\n', '#']) {
            let quoted = format!("\"{value}\"");
            text.replace_range(start..end, &quoted);
        }
    }
    text
}

/// Reads the documents of a text.
fn documents(source: &Source) -> Vec<yaml::Document> {
    yaml::documents(source)
}

#[cfg(test)]
mod tests;
