//! Findings as editors show them.

use std::collections::BTreeMap;
use std::ops::Range;

use lsp_types::{
    CodeAction, CodeActionKind, Command, Diagnostic as Shown, DiagnosticRelatedInformation,
    DiagnosticSeverity, Location, NumberOrString, TextEdit, WorkspaceEdit,
};
use serde_json::json;

use super::file::Unit;
use super::{Files, SOURCE};
use crate::diagnostic::{Code, Diagnostic, Fix, Safety, Severity};
use crate::fleet::{self, Work};
use crate::report::Report;
use crate::snapshot::SnapshotError;

/// What `onramp.explain` is called in a request.
pub(super) const EXPLAIN: &str = "onramp.explain";

/// A finding, where its unit has it.
#[derive(Debug)]
pub(super) struct Finding {
    /// The file.
    pub(super) path: String,
    /// Its bytes; nothing for the file as a whole.
    pub(super) span: Range<usize>,
    pub(super) code: &'static Code,
    severity: Severity,
    message: String,
    related: Vec<(String, Range<usize>, String)>,
    fix: Option<Fix>,
}

/// Looks at a unit, and keeps of the findings those that have a place in it: their own, or one that they speak of.
pub(super) fn look_at(files: &Files<'_>, unit: &Unit, today: &str) -> Result<Vec<Finding>, SnapshotError> {
    let snapshot = files.snapshot();
    let only = match unit {
        Unit::Api(name) => vec![name.clone()],
        Unit::Common => Vec::new(),
    };
    let outcome = fleet::run(snapshot, Some(&only), Work::Lint, today)?;
    // The report takes what looks like a secret out of the words.
    let report = Report::new(outcome.findings, snapshot, outcome.apis, outcome.skipped);
    Ok(report.findings.into_iter().filter_map(|located| Finding::of(located.diagnostic, unit)).collect())
}

impl Finding {
    /// Keeps what has a place in a unit: its own, or one that it speaks of.
    pub(super) fn of(diagnostic: Diagnostic, unit: &Unit) -> Option<Self> {
        let others = diagnostic.related.iter().map(|other| &other.location);
        let place =
            std::iter::once(&diagnostic.primary).chain(others).find(|place| unit.has(&place.path))?.clone();
        let mut message = diagnostic.message;
        if let Some(help) = &diagnostic.help {
            message = format!("{message}\nhelp: {help}");
        }
        let related = diagnostic.related.into_iter().map(|other| (other.location, other.label));
        let related = related.chain([(diagnostic.primary, diagnostic.label)]);
        let related = related.filter(|(location, _)| *location != place);
        let related =
            related.map(|(at, label)| (at.path.to_string(), at.span.unwrap_or(0..0), label)).collect();
        Some(Self {
            path: place.path.to_string(),
            span: place.span.unwrap_or(0..0),
            code: diagnostic.code,
            severity: diagnostic.severity,
            message,
            related,
            fix: diagnostic.fix,
        })
    }

    /// Makes of it what is published.
    pub(super) fn show(&self, files: &Files<'_>) -> Shown {
        let related = self.related.iter().filter_map(|(path, span, label)| {
            let location = Location { uri: files.uri(path)?, range: files.lines(path, span.clone()) };
            let message = if label.is_empty() { "here".to_owned() } else { label.clone() };
            Some(DiagnosticRelatedInformation { location, message })
        });
        let related: Vec<_> = related.collect();
        Shown {
            range: files.lines(&self.path, self.span.clone()),
            severity: Some(match self.severity {
                Severity::Error => DiagnosticSeverity::ERROR,
                Severity::Warning => DiagnosticSeverity::WARNING,
                Severity::Info => DiagnosticSeverity::INFORMATION,
            }),
            code: Some(NumberOrString::String(self.code.name.to_owned())),
            code_description: None,
            source: Some(SOURCE.to_owned()),
            message: self.message.clone(),
            related_information: (!related.is_empty()).then_some(related),
            tags: None,
            data: None,
        }
    }

    /// Tells whether a finding stands where bytes of a file are.
    pub(super) fn touches(&self, path: &str, span: &Range<usize>) -> bool {
        self.path == path && self.span.start <= span.end && span.start <= self.span.end
    }

    /// Returns what can be done about it.
    pub(super) fn actions(&self, files: &Files<'_>) -> Vec<CodeAction> {
        let shown = || Some(vec![self.show(files)]);
        let mut actions = Vec::new();
        if let Some(fix) = &self.fix
            && let Some(edit) = edit(fix, files)
        {
            let note = if fix.safety == Safety::Safe { "" } else { " (may change more than that)" };
            actions.push(CodeAction {
                title: format!("{}{note}", fix.message),
                kind: Some(CodeActionKind::QUICKFIX),
                diagnostics: shown(),
                edit: Some(edit),
                is_preferred: (fix.safety == Safety::Safe).then_some(true),
                ..CodeAction::default()
            });
        }
        let title = format!("Explain {}", self.code.name);
        actions.push(CodeAction {
            title: title.clone(),
            // It mends nothing, so it is of no kind.
            kind: None,
            diagnostics: shown(),
            command: Some(Command {
                title,
                command: EXPLAIN.to_owned(),
                arguments: Some(vec![json!(self.code.name)]),
            }),
            ..CodeAction::default()
        });
        actions
    }
}

/// Makes one change of the edits of a fix, or none where a file of them cannot be named.
fn edit(fix: &Fix, files: &Files<'_>) -> Option<WorkspaceEdit> {
    let mut changes: BTreeMap<String, (lsp_types::Uri, Vec<TextEdit>)> = BTreeMap::new();
    for edit in &fix.edits {
        let text =
            TextEdit { range: files.lines(&edit.path, edit.span.clone()), new_text: edit.text.clone() };
        let uri = files.uri(&edit.path)?;
        changes.entry(edit.path.to_string()).or_insert_with(|| (uri, Vec::new())).1.push(text);
    }
    // Some clients take a plain map alone.
    #[expect(
        clippy::mutable_key_type,
        reason = "the type of the protocol; an address is not changed in place"
    )]
    let changes = changes.into_values().collect();
    Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() })
}
