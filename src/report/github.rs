//! For GitHub Actions: workflow commands, which become annotations on the lines of a pull request.
//!
//! Source of the syntax and of the escapes: `ActionCommand` in <https://github.com/actions/runner>. A step
//! may make ten annotations of each kind, and a job fifty; what comes later is not shown, so the worst come
//! first and a notice says how many are missing.

use std::fmt::Write as _;

use super::{Located, Report, Style, counts, harmless};
use crate::diagnostic::Severity;

/// The most annotations of one kind that a step may make.
const MOST: usize = 10;

/// Writes the report.
pub(super) fn write(report: &Report, _: &Style) -> String {
    let mut out = String::new();
    let mut left_out = Vec::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Info] {
        let findings: Vec<&Located> =
            report.findings.iter().filter(|finding| finding.diagnostic.severity == severity).collect();
        // The last notice says what was left out.
        let room = if severity == Severity::Info { MOST - 1 } else { MOST };
        let (shown, rest) = findings.split_at(findings.len().min(room));
        for finding in shown {
            annotate(report, finding, &mut out);
        }
        left_out.extend_from_slice(rest);
    }
    if !left_out.is_empty() {
        let message = format!(
            "{} not annotated: GitHub shows {MOST} of each kind in a step. `--format human` lists all of \
             them, and so does `--format sarif=FILE`.",
            counts(left_out.into_iter())
        );
        let _ = writeln!(out, "::notice title=onramp::{}", data(&message));
    }
    out + &report.closing_line() + "\n"
}

/// Writes the command of one finding.
fn annotate(report: &Report, finding: &Located, out: &mut String) {
    let diagnostic = &finding.diagnostic;
    let command = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let mut properties = format!("file={}", property(&harmless(&report.path(&diagnostic.primary.path))));
    if let Some((start, end)) = finding.place.start.zip(finding.place.end) {
        let last = finding.place.last_line().unwrap_or(start.line);
        let _ = write!(properties, ",line={},endLine={last}", start.line);
        // Columns are refused where the lines differ.
        if start.line == end.line {
            let _ = write!(properties, ",col={},endColumn={}", start.column, end.column);
        }
    }
    let mut lines = vec![harmless(&diagnostic.message)];
    lines.extend(diagnostic.help.as_deref().map(|help| format!("help: {}", harmless(help))));
    // An annotation cannot carry a change; a suggestion is a comment of a review.
    lines.extend(finding.fix().map(|(fix, _)| format!("fixable: {}", harmless(&fix.message))));
    for (related, place) in diagnostic.related.iter().zip(&finding.related) {
        let path = harmless(&report.path(&related.location.path));
        lines.push(format!("{}: {}", place.address(&path), harmless(&related.label)));
    }
    let message = data(&lines.join("\n"));
    let _ = writeln!(out, "::{command} {properties},title={}::{message}", property(diagnostic.code.name));
}

/// Escapes the text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a property, which ends at a comma, as all of them end at a colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
