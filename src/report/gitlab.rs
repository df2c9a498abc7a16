//! For GitLab: a Code Quality report, which the widget of a merge request and the lines of its diff show.
//!
//! Source: <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>. GitLab compares the report of
//! a branch with that of its target by `fingerprint`, so that is the same wherever a finding moves in its file.

use serde_json::{Value as Json, json};

use super::fingerprint::fingerprints;
use super::{Located, Report, Style, harmless, text};
use crate::diagnostic::Severity;

/// Writes the report.
pub(super) fn write(report: &Report, _: &Style) -> String {
    let fingerprints = fingerprints(report);
    let entries = report.findings.iter().zip(fingerprints);
    let entries: Vec<Json> = entries.map(|(finding, print)| entry(report, finding, &print)).collect();
    text::quiet_in_logs(&format!("{:#}\n", Json::Array(entries)))
}

fn entry(report: &Report, finding: &Located, fingerprint: &str) -> Json {
    let diagnostic = &finding.diagnostic;
    let mut description = harmless(&diagnostic.message);
    if let Some(help) = &diagnostic.help {
        description = format!("{description}; help: {}", harmless(help));
    }
    // What speaks of a file as a whole is shown at its first line: GitLab insists on one.
    let begin = finding.place.start.map_or(1, |start| start.line);
    let end = finding.place.last_line().unwrap_or(begin);
    json!({
        "description": description,
        "check_name": diagnostic.code.name,
        "fingerprint": fingerprint,
        "severity": match diagnostic.severity {
            Severity::Error => "critical",
            Severity::Warning => "minor",
            Severity::Info => "info",
        },
        "location": {
            "path": report.path(&diagnostic.primary.path),
            "lines": { "begin": begin, "end": end },
        },
    })
}
