//! Where a mark stands, and what that makes of it.

use super::documents;
use super::scan::{Kind, Mark};
use crate::yaml::{Document, Node, Source, Value};

/// What a mark is, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// A variable that has to be filled in.
    Variable,
    /// Most likely a variable of a program that reads the text.
    Program,
    /// Maybe a variable; the object can be read without knowing.
    Open,
}

/// Findings that do not keep a document from being read.
const HARMLESS: [&str; 5] =
    ["ambiguous-scalar", "duplicate-key", "explicit-tag", "merge-key", "non-string-key"];

/// Fields whose value names something, so that no cluster takes a `$` in them.
const NAMES: [&str; 16] = [
    "name",
    "generateName",
    "namespace",
    "namePrefix",
    "nameSuffix",
    "host",
    "hosts",
    "hostname",
    "serviceName",
    "secretName",
    "claimName",
    "storageClassName",
    "ingressClassName",
    "serviceAccountName",
    "externalName",
    "priorityClassName",
];
/// Fields whose value is a number, a quantity or a port.
const NUMBERS: [&str; 12] = [
    "replicas",
    "minReplicas",
    "maxReplicas",
    "port",
    "targetPort",
    "nodePort",
    "containerPort",
    "cpu",
    "memory",
    "storage",
    "averageUtilization",
    "number",
];
/// Maps whose values are names.
const MAPS: [&str; 4] = ["labels", "matchLabels", "selector", "nodeSelector"];
/// Fields that say which image runs.
const IMAGES: [&str; 5] = ["image", "newTag", "newName", "tag", "digest"];

/// Says of each mark what it is.
pub(super) fn standings(source: &Source, marks: &[Mark]) -> Vec<Standing> {
    let mut standings = vec![Standing::Program; marks.len()];
    let mut next = 0;
    let documents = documents(source);
    for (index, document) in documents.iter().enumerate() {
        let end = documents.get(index + 1).map_or(source.text.len(), |next| next.start);
        let first = next;
        next += marks[first..].iter().take_while(|mark| mark.range.start < end).count();
        one(document, &marks[first..next], &mut standings[first..next]);
    }
    standings
}

fn one(document: &Document, marks: &[Mark], standings: &mut [Standing]) {
    if marks.is_empty() {
        return;
    }
    let is_broken = document.findings.iter().any(|finding| !HARMLESS.contains(&finding.code.name));
    // A document that cannot be read is one that something else has to be made of first.
    let demand = |standings: &mut [Standing]| {
        for (mark, standing) in marks.iter().zip(standings) {
            if matches!(mark.kind, Kind::Braces | Kind::Bars | Kind::Bare | Kind::Ats) {
                *standing = Standing::Variable;
            }
        }
    };
    let Some(node) = &document.node else { return demand(standings) };
    let kind = node.get("kind").and_then(Node::as_str).unwrap_or_default();
    let version = node.get("apiVersion").and_then(Node::as_str).unwrap_or_default();
    let walk = Walk {
        document,
        marks,
        is_data: matches!(kind, "ConfigMap" | "Secret"),
        is_own: version
            .split_once('/')
            .is_some_and(|(group, _)| group.contains('.') && !group.ends_with(".k8s.io")),
    };
    walk.node(node, &mut Vec::new(), standings);
    if is_broken {
        demand(standings);
    }
}

struct Walk<'a> {
    document: &'a Document,
    marks: &'a [Mark],
    /// Whether the object holds texts for programs.
    is_data: bool,
    /// Whether it is of a kind that Kubernetes does not know.
    is_own: bool,
}

impl Walk<'_> {
    fn node<'n>(&self, node: &'n Node, path: &mut Vec<&'n str>, standings: &mut [Standing]) {
        match &node.value {
            Value::Map(entries) => {
                for entry in entries {
                    self.scalar(entry.key_span.start, entry.key_span.end, path, true, standings);
                    path.push(&entry.key);
                    self.node(&entry.node, path, standings);
                    path.pop();
                }
            }
            Value::Seq(items) => {
                for item in items {
                    self.node(item, path, standings);
                }
            }
            _ => self.scalar(node.span.start, node.span.end, path, false, standings),
        }
    }

    fn scalar(&self, start: u32, end: u32, path: &[&str], is_key: bool, standings: &mut [Standing]) {
        let (start, end) = (self.document.start + start as usize, self.document.start + end as usize);
        let first = self.marks.partition_point(|mark| mark.range.start < start);
        for (mark, standing) in self.marks[first..].iter().zip(&mut standings[first..]) {
            if mark.range.start >= end {
                break;
            }
            *standing = self.standing(mark, start..end, path, is_key);
        }
    }

    fn standing(&self, mark: &Mark, within: std::ops::Range<usize>, path: &[&str], is_key: bool) -> Standing {
        let start = within.start - self.document.start;
        let text = self.document.source.text.get(start..within.end - self.document.start).unwrap_or_default();
        let is_block = text.starts_with(['|', '>']);
        let last = path.last().copied().unwrap_or_default();
        let is_text = self.is_data && matches!(path.first(), Some(&("data" | "stringData" | "binaryData")))
            || self.is_own && !matches!(path.first(), Some(&"metadata"))
            || path.contains(&"annotations")
            || path.iter().any(|key| matches!(*key, "command" | "args"));
        match mark.kind {
            Kind::Bare => Standing::Program,
            Kind::Braces if is_block || is_text && !mark.is_of_deployment() => Standing::Program,
            Kind::Dollar | Kind::Angles | Kind::Underscores | Kind::Ats if is_text || is_block => {
                Standing::Program
            }
            Kind::Dollar | Kind::Angles | Kind::Underscores | Kind::Ats | Kind::Bars | Kind::Braces
                if IMAGES.contains(&last) && !is_key =>
            {
                Standing::Open
            }
            Kind::Braces | Kind::Bars | Kind::Underscores | Kind::Ats => Standing::Variable,
            Kind::Dollar | Kind::Angles => {
                let is_name = is_key
                    || NAMES.contains(&last)
                    || NUMBERS.contains(&last)
                    || path.iter().any(|key| MAPS.contains(key));
                let is_env = last == "value" && path.contains(&"env");
                let whole = text.trim_matches(['"', '\'']).len() == mark.range.len();
                if is_name || is_env && whole { Standing::Variable } else { Standing::Open }
            }
        }
    }
}
