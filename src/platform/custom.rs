//! Rules of the platform's own, in CEL: as written, and compiled once for all APIs.

use std::fmt::Write as _;
use std::ops::Range;

use serde::Deserialize;
use serde_json::Value as Json;

use super::codes::{EXPENSIVE_RULE, INVALID_EXPRESSION};
use crate::cel::{MOST_ESTIMATED, Problem, Program, Scope, Step, Wanted};
use crate::diagnostic::{Code, Diagnostic, Location, Severity, Sink, WaivedBy};
use crate::schema;
use crate::yaml::{Node, Source};

/// A rule as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RawCustomRule {
    /// What its findings are called.
    pub code: String,
    /// What it looks at.
    pub about: Subject,
    /// Which of those.
    #[serde(default, rename = "match")]
    pub matches: Match,
    /// Which of those, by expression.
    #[serde(default)]
    pub match_conditions: Vec<NamedExpression>,
    /// What expressions share.
    #[serde(default)]
    pub variables: Vec<NamedExpression>,
    /// A constant that expressions see as `params`.
    #[serde(default)]
    pub params: Json,
    /// What has to be true.
    pub validations: Vec<RawValidation>,
    /// How bad it is if it is not.
    #[serde(default)]
    pub severity: CustomSeverity,
    /// Where people can read about it.
    pub docs: Option<String>,
    /// Who may waive it.
    #[serde(default)]
    pub waived_by: CustomWaiver,
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// metadata.yaml, merged for each environment.
    Metadata,
    /// The objects that would be applied.
    Objects,
}

/// Which APIs, environments and objects a rule is for; all where it says nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Match {
    /// Kinds of objects: `Kind`, or `Kind.group`.
    pub kinds: Vec<String>,
    /// Environments.
    pub environments: Vec<String>,
    /// Lifecycle states of the API.
    pub lifecycles: Vec<String>,
    /// Tiers of the API.
    pub tiers: Vec<String>,
}

/// An expression with a name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedExpression {
    /// The name.
    pub name: String,
    /// The expression.
    pub expression: String,
}

/// What has to be true, and what is said if it is not.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RawValidation {
    /// What has to be true.
    pub expression: String,
    /// What is said.
    pub message: Option<String>,
    /// What is said, as an expression.
    pub message_expression: Option<String>,
    /// Where a finding points.
    pub path: Option<String>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CustomSeverity {
    /// Must be changed.
    Error,
    /// Should be changed.
    #[default]
    Warning,
    /// Good to know.
    Info,
}

/// Who may waive a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CustomWaiver {
    /// The platform team.
    #[default]
    Platform,
    /// Nobody.
    Never,
}

/// A rule that can be asked.
#[derive(Debug)]
pub struct CustomRule {
    /// The identity of its findings.
    pub code: &'static Code,
    /// The rule as it is written.
    pub written: RawCustomRule,
    /// Where its code is written.
    pub location: Location,
    /// Which objects or APIs it is for.
    pub conditions: Vec<Compiled>,
    /// What its expressions share.
    pub variables: Vec<Program>,
    /// What has to be true.
    pub validations: Vec<Validation>,
}

/// What has to be true.
#[derive(Debug)]
pub struct Validation {
    /// The expression.
    pub check: Compiled,
    /// What is said, if that is an expression.
    pub message: Option<Program>,
    /// Where a finding points, if the rule says it.
    pub path: Option<Vec<Step>>,
}

/// An expression with its place.
#[derive(Debug)]
pub struct Compiled {
    /// The expression.
    pub program: Program,
    /// Where it is written.
    pub location: Location,
}

/// What expressions on objects are given, in this order; those on metadata have the merged tree in place of the first.
pub const ROOTS: &[&str] = &["object", "params", "api", "environment"];
const METADATA_ROOTS: &[&str] = &["metadata", "params", "api", "environment"];

/// What an admission policy knows of a request, and a config repo does not.
const ABSENT: &[(&str, &str)] = &[
    ("oldObject", "a config repo has no object before this one; `onramp check` looks at changes"),
    ("request", "there is no request before the object is applied"),
    ("authorizer", "nobody asks for a permission before the object is applied"),
    (
        "namespaceObject",
        "the namespace is not known before the object is applied; `environment.namespace` is its name",
    ),
];

/// Compiles the rules of platform.yaml, as far as they can be.
pub(super) fn compile(
    raw: &[RawCustomRule],
    tree: &Node,
    source: &Source,
    sink: &mut Sink,
) -> Vec<CustomRule> {
    raw.iter()
        .enumerate()
        .filter_map(|(index, rule)| Compiler { index: index.to_string(), rule, tree, source, sink }.compile())
        .collect()
}

struct Compiler<'a> {
    index: String,
    rule: &'a RawCustomRule,
    tree: &'a Node,
    source: &'a Source,
    sink: &'a mut Sink,
}

impl Compiler<'_> {
    /// Finds a place in the rule.
    fn node(&self, path: &[&str]) -> &Node {
        self.tree.follow(["customRules", &self.index].into_iter().chain(path.iter().copied())).0
    }

    fn compile(mut self) -> Option<CustomRule> {
        let rule = self.rule;
        let roots = if rule.about == Subject::Objects { ROOTS } else { METADATA_ROOTS };
        let mut scope = Scope::new(roots, ABSENT);
        let mut sound = true;
        let mut variables = Vec::new();
        for (index, variable) in rule.variables.iter().enumerate() {
            let index = index.to_string();
            if scope.declares(&variable.name) {
                let location = self.source.location(self.node(&["variables", &index, "name"]).span);
                let message = format!("the variable `{}` is there twice", variable.name);
                self.sink.push(Diagnostic::new(&INVALID_EXPRESSION, location, message).label("again"));
                sound = false;
            }
            let at = ["variables", &index, "expression"];
            let program = self.program(&variable.expression, &at, &scope, Wanted::Any);
            scope.declare(&variable.name, program.as_ref());
            sound &= program.is_some();
            variables.extend(program);
        }
        let mut conditions = Vec::new();
        for (index, condition) in rule.match_conditions.iter().enumerate() {
            let index = index.to_string();
            let at = ["matchConditions", &index, "expression"];
            // Kubernetes evaluates conditions before variables, which they cannot use.
            let program = self.program(&condition.expression, &at, &Scope::new(roots, ABSENT), Wanted::Bool);
            sound &= program.is_some();
            let location = self.source.location(self.node(&at).span);
            conditions.extend(program.map(|program| Compiled { program, location }));
        }
        let mut validations = Vec::new();
        for (index, validation) in rule.validations.iter().enumerate() {
            let index = index.to_string();
            let at = ["validations", &index, "expression"];
            let check = self.program(&validation.expression, &at, &scope, Wanted::Bool);
            let message = validation.message_expression.as_ref().map(|text| {
                self.program(text, &["validations", &index, "messageExpression"], &scope, Wanted::Text)
            });
            let path = validation.path.as_deref().map(|path| {
                let steps = read_path(path);
                if steps.is_none() {
                    let location = self.source.location(self.node(&["validations", &index, "path"]).span);
                    let message = format!("`{path}` is not a path");
                    self.sink.push(
                        Diagnostic::new(&schema::codes::INVALID_VALUE, location, message)
                            .label("this path")
                            .help(
                                "write keys with dots between them: `spec.template.spec.containers[0].image`",
                            ),
                    );
                }
                steps
            });
            sound &= check.is_some() && message.as_ref().is_none_or(Option::is_some);
            sound &= path.as_ref().is_none_or(Option::is_some);
            let location = self.source.location(self.node(&at).span);
            validations.extend(check.map(|program| Validation {
                check: Compiled { program, location },
                message: message.flatten(),
                path: path.flatten(),
            }));
        }
        let location = self.source.location(self.node(&["code"]).span);
        sound.then(|| CustomRule {
            code: code(rule),
            written: rule.clone(),
            location,
            conditions,
            variables,
            validations,
        })
    }

    fn program(&mut self, text: &str, at: &[&str], scope: &Scope<'_>, wanted: Wanted) -> Option<Program> {
        match Program::compile(text, scope, wanted) {
            Ok(program) => {
                if let Some((span, steps)) = program.too_expensive() {
                    let message = format!(
                        "the expression may take {steps} steps, more than {MOST_ESTIMATED}, with 100 elements in each list of an object"
                    );
                    let finding = Diagnostic::new(&EXPENSIVE_RULE, self.place(text, at, &span), message);
                    self.sink.push(
                        finding.label("this one multiplies").help(
                            "ask of fewer lists within each other, or narrow them by `variables` first",
                        ),
                    );
                    return None;
                }
                Some(program)
            }
            Err(problems) => {
                for Problem { span, message, help } in problems {
                    let finding = Diagnostic::new(&INVALID_EXPRESSION, self.place(text, at, &span), message);
                    self.sink.push(finding.label("in this expression").maybe_help(help));
                }
                None
            }
        }
    }

    /// Finds the bytes of the file that a part of an expression stands at; the whole value where they cannot be told.
    fn place(&self, text: &str, at: &[&str], span: &Range<usize>) -> Location {
        let node = self.node(at);
        let raw = self.source.slice(node.span);
        let start = node.span.start as usize;
        match (offset(raw, text, span.start), offset(raw, text, span.end)) {
            (Some(from), Some(to)) if from <= to => {
                Location::at(self.source.path.clone(), start + from..start + to)
            }
            _ => self.source.location(node.span),
        }
    }
}

/// Finds a byte of a value in the way that it is written: after a quote, with indentation, over several lines. Nothing where
/// what is written does not lead there, as with escapes.
fn offset(raw: &str, text: &str, wanted: usize) -> Option<usize> {
    // The sign of a block and the rest of its line, or a quote.
    let mut at = match raw.chars().next() {
        Some('|' | '>') => raw.find('\n').map_or(0, |end| end + 1),
        Some('"' | '\'') => 1,
        _ => 0,
    };
    let mut after = at;
    for (index, c) in text.char_indices() {
        if index >= wanted {
            break;
        }
        if c.is_whitespace() {
            // A line break that is written may mean a space, and one that is not may stand there for show.
            let rest = &raw[at..];
            let blank = rest.len() - rest.trim_start().len();
            let inner = text[index..].len() - text[index..].trim_start().len();
            at += if blank == inner || blank == 0 {
                c.len_utf8() * usize::from(blank > 0)
            } else {
                blank.min(1)
            };
            after = at;
            continue;
        }
        let rest = &raw[at..];
        at += rest.len() - rest.trim_start().len();
        // Of two quotes within quotes the first is there for the second.
        if raw[at..].starts_with("''") && c == '\'' && raw.starts_with('\'') {
            at += 1;
        }
        raw[at..].starts_with(c).then_some(())?;
        at += c.len_utf8();
        after = at;
    }
    if wanted < text.len() && !text[wanted..].starts_with(char::is_whitespace) {
        let rest = &raw[after..];
        let start = after + rest.len() - rest.trim_start().len();
        // The end of a part is right behind it, the start of the next one where it begins.
        let behind = wanted > 0 && !text[..wanted].ends_with(char::is_whitespace);
        return Some(if behind { after } else { start });
    }
    Some(after.min(raw.len()))
}

/// Reads `spec.template.spec.containers[0].image`; brackets hold an index or a key in quotes.
fn read_path(text: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let (index, after) = inner.split_once(']')?;
            let quoted = |quote| index.strip_prefix(quote).and_then(|key: &str| key.strip_suffix(quote));
            steps.push(match quoted('"').or_else(|| quoted('\'')) {
                Some(key) => Step::Field(key.to_owned()),
                None => Step::Index(index.parse().ok()?),
            });
            rest = after;
        } else {
            rest = if steps.is_empty() { rest } else { rest.strip_prefix('.')? };
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let key = Some(&rest[..end]).filter(|key| !key.is_empty())?;
            steps.push(Step::Field(key.to_owned()));
            rest = &rest[end..];
        }
    }
    Some(steps)
}

/// Makes the identity of a rule's findings, with a page of its own.
fn code(rule: &RawCustomRule) -> &'static Code {
    let severity = match rule.severity {
        CustomSeverity::Error => Severity::Error,
        CustomSeverity::Warning => Severity::Warning,
        CustomSeverity::Info => Severity::Info,
    };
    let waived_by = match rule.waived_by {
        CustomWaiver::Platform => WaivedBy::Platform,
        CustomWaiver::Never => WaivedBy::Never,
    };
    let mut page = format!("# {}\n\n", rule.code);
    let said = rule.validations.iter().find_map(|validation| validation.message.as_deref());
    page.push_str(&said.map_or_else(|| "A rule of this platform.".to_owned(), one_line));
    page.push_str("\n\nA rule of this platform, written under `customRules` in `platform.yaml`.\n\n## What it checks\n\n");
    for validation in &rule.validations {
        page.push_str("```cel\n");
        let lines = validation.expression.lines().map(|line| line.replace(char::is_control, " "));
        page.push_str(&lines.collect::<Vec<_>>().join("\n").replace("```", "` ` `"));
        page.push_str("\n```\n\n");
    }
    if let Some(docs) = &rule.docs {
        let _ = writeln!(page, "More: {}", one_line(docs));
    }
    Code::custom(&rule.code, severity, waived_by, &page)
}

/// Writes a text so that a page can hold it: on one line, without signs for a terminal, and no link.
fn one_line(text: &str) -> String {
    let words = text.split_whitespace().map(|word| word.replace(char::is_control, "").replace("](", "] ("));
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_an_expression_is_a_place_in_the_file() {
        for (raw, text, part) in [
            ("object.a == 1", "object.a == 1", "=="),
            ("\"object.a == 1\"", "object.a == 1", "1"),
            ("'object.a == ''x'' && true'", "object.a == 'x' && true", "true"),
            ("object.a == 1 &&\n      object.bb\n", "object.a == 1 &&\nobject.bb", "bb"),
            ("object.a == 1 &&\n      object.bb\n", "object.a == 1 && object.bb", "object.bb"),
            (">-\n      object.a == 1 &&\n      object.bb\n", "object.a == 1 && object.bb", "object.bb"),
            ("\"'a' == object.a\"", "'a' == object.a", "=="),
        ] {
            let start = text.rfind(part).unwrap();
            let (from, to) =
                (offset(raw, text, start).unwrap(), offset(raw, text, start + part.len()).unwrap());
            assert_eq!(&raw[from..to], part, "{raw}");
        }
        assert_eq!(offset("\"a\\x41b\"", "aAb", 2), None);
    }

    #[test]
    fn paths_are_read_or_refused() {
        let shown = |text| read_path(text).map(|steps| format!("{steps:?}"));
        assert_eq!(
            shown("spec.containers[0]['a.b']").unwrap(),
            r#"[Field("spec"), Field("containers"), Index(0), Field("a.b")]"#
        );
        for wrong in ["spec..a", "spec[", "spec[x]", "spec]a[", ".spec"] {
            assert_eq!(shown(wrong), None, "{wrong}");
        }
    }
}
