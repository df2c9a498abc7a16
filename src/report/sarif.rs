//! For code scanning: the Static Analysis Results Interchange Format, version 2.1.0.
//!
//! Source: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>, and for what GitHub makes of it
//! <https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::fingerprint::Seen;
use super::{Located, PassedBy, Place, Report, ShownPassed, Style, counts, text};
use crate::diagnostic::{Code, Fix, Location, Severity, count};

/// The most results of a run that GitHub keeps.
const MOST_RESULTS: usize = 5_000;
/// The most bytes of a file. GitHub takes 10 MB after compression; a text of that size never has more.
const MOST_BYTES: usize = 10_000_000;
/// What stands around rules and results, at the most.
const FRAME: usize = 4_000;
/// The most places of a result that GitHub shows.
const MOST_PLACES: usize = 100;

/// Writes the report.
pub(super) fn write(report: &Report, _: &Style) -> String {
    let document = document(report, MOST_RESULTS, MOST_BYTES);
    text::quiet_in_logs(&format!("{document}\n"))
}

/// Makes the document: the worst results first, as many as fit, and then those that pass.
fn document(report: &Report, most_results: usize, most_bytes: usize) -> Json {
    let mut seen = Seen::default();
    let prints = report.findings.iter().map(|finding| seen.fingerprint(report, finding));
    let prints: Vec<String> = prints.collect();
    let mut order: Vec<usize> = (0..report.findings.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(report.findings[*index].diagnostic.severity));
    let mut run = Run { most_results, most_bytes, bytes: FRAME, ..Run::default() };
    let fits = |index: &&usize| {
        let finding = &report.findings[**index];
        run.add(finding.diagnostic.code, |rule| result(report, finding, rule, &prints[**index]))
    };
    let shown = order.iter().take_while(fits).count();
    let left_out = &order[shown..];
    let mut notifications = Vec::new();
    if !left_out.is_empty() {
        let counts = counts(left_out.iter().map(|index| &report.findings[*index]));
        notifications
            .push(notification("warning", &format!("left out, since the file would be too large: {counts}")));
    }
    if report.skipped > 0 {
        let skipped = count(report.skipped, "API");
        notifications.push(notification("error", &format!("{skipped} could not be looked at")));
    }
    if report.waived > 0 {
        notifications.push(notification("note", &format!("{} waived", count(report.waived, "finding"))));
    }
    let passed = report.shown_passed();
    let fits = |passed: &&ShownPassed| {
        let print = seen.fingerprint(report, &passed.finding);
        run.add(passed.finding.diagnostic.code, |rule| suppressed(report, passed, rule, &print))
    };
    let shown = if left_out.is_empty() { passed.iter().take_while(fits).count() } else { 0 };
    if shown < passed.len() {
        let waived = count(passed.len() - shown, "waived finding");
        notifications
            .push(notification("warning", &format!("left out, since the file would be too large: {waived}")));
    }
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "onramp",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": run.rules,
            }},
            "invocations": [{ "executionSuccessful": true, "toolExecutionNotifications": notifications }],
            "columnKind": "unicodeCodePoints",
            "results": run.results,
        }],
    })
}

/// Results as long as they fit, and the rules that they speak of, in the order of their first result.
#[derive(Default)]
struct Run {
    rules: Vec<Json>,
    indices: BTreeMap<&'static str, usize>,
    results: Vec<Json>,
    bytes: usize,
    most_results: usize,
    most_bytes: usize,
}

impl Run {
    /// Adds a result, which is told where its rule stands. Tells whether it fits.
    fn add(&mut self, code: &'static Code, result: impl FnOnce(usize) -> Json) -> bool {
        let known = self.indices.get(code.name).copied();
        let result = result(known.unwrap_or(self.rules.len()));
        let rule = known.is_none().then(|| rule(code));
        // One more for the comma behind each.
        self.bytes += length(&result) + 1 + rule.as_ref().map_or(0, |rule| length(rule) + 1);
        if self.results.len() == self.most_results || self.bytes > self.most_bytes {
            return false;
        }
        self.results.push(result);
        if let Some(rule) = rule {
            self.indices.insert(code.name, self.rules.len());
            self.rules.push(rule);
        }
        true
    }
}

fn rule(code: &Code) -> Json {
    json!({
        "id": code.name,
        "name": code.name,
        "shortDescription": { "text": code.summary() },
        "fullDescription": { "text": code.summary() },
        "help": { "text": code.page, "markdown": code.page },
        "defaultConfiguration": { "level": level(code.severity) },
        "properties": { "tags": ["gitops"], "problem.severity": match code.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "recommendation",
        }},
    })
}

fn result(report: &Report, finding: &Located, rule: usize, fingerprint: &str) -> Json {
    let diagnostic = &finding.diagnostic;
    let lines: Vec<&str> =
        [&diagnostic.message].into_iter().chain(&diagnostic.help).map(String::as_str).collect();
    let mut primary = location(report, &diagnostic.primary, &finding.place);
    if !diagnostic.label.is_empty() {
        primary["message"] = message(&diagnostic.label);
    }
    let mut result = json!({
        "ruleId": diagnostic.code.name,
        "ruleIndex": rule,
        "level": level(diagnostic.severity),
        "message": message(&lines.join("\n")),
        "locations": [primary],
        "partialFingerprints": { "primaryLocationLineHash": fingerprint },
    });
    let related = diagnostic.related.iter().zip(&finding.related).take(MOST_PLACES - 1).enumerate();
    let related: Vec<Json> = related
        .map(|(index, (related, place))| {
            let mut location = location(report, &related.location, place);
            location["id"] = (index + 1).into();
            location["message"] = message(&related.label);
            location
        })
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = related.into();
    }
    if let Some((fix, places)) = finding.fix() {
        result["fixes"] = json!([self::fix(report, fix, places)]);
    }
    if let Some(api) = &diagnostic.api {
        result["properties"] = json!({ "api": api.as_ref() });
    }
    result
}

/// Makes the result of a finding that passes. GitHub knows no suppressions and would open an alert for it, so there is none
/// unless it was asked for.
fn suppressed(report: &Report, passed: &ShownPassed, rule: usize, fingerprint: &str) -> Json {
    let mut result = result(report, &passed.finding, rule, fingerprint);
    let kind = if passed.by == PassedBy::Ignore { "inSource" } else { "external" };
    let justification = message(&passed.reason)["text"].clone();
    result["suppressions"] = json!([{ "kind": kind, "status": "accepted", "justification": justification }]);
    result
}

/// Makes a fix: what is replaced in each file.
fn fix(report: &Report, fix: &Fix, places: &[Place]) -> Json {
    let mut files: BTreeMap<&str, Vec<Json>> = BTreeMap::new();
    for (edit, place) in fix.edits.iter().zip(places) {
        let mut replacement = json!({ "deletedRegion": region(place) });
        // Without it what is deleted is only deleted.
        if !edit.text.is_empty() {
            replacement["insertedContent"] = json!({ "text": edit.text });
        }
        files.entry(&edit.path).or_default().push(replacement);
    }
    let changes = files.into_iter().map(|(path, replacements)| {
        json!({ "artifactLocation": artifact(report, path), "replacements": replacements })
    });
    json!({ "description": message(&fix.message), "artifactChanges": changes.collect::<Vec<_>>() })
}

/// Names a place.
fn location(report: &Report, location: &Location, place: &Place) -> Json {
    json!({ "physicalLocation": {
        "artifactLocation": artifact(report, &location.path),
        "region": region(place),
    }})
}

fn artifact(report: &Report, path: &str) -> Json {
    json!({ "uri": uri(&report.path(path)), "uriBaseId": "%SRCROOT%" })
}

/// Names a part of a file. What speaks of the file as a whole points at its start: GitHub insists on a line.
fn region(place: &Place) -> Json {
    match (place.start, place.end) {
        (Some(start), Some(end)) => json!({
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
        }),
        _ => json!({ "startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1 }),
    }
}

/// Makes a message. `[text](target)` would become a link in it, and `{0}` a placeholder, so both are kept apart.
/// Source: sections 3.11.5 and 3.11.6 of the specification.
fn message(text: &str) -> Json {
    let lines: Vec<String> = text.lines().map(|line| literal(&super::harmless(line))).collect();
    json!({ "text": lines.join("\n") })
}

fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['{', ']']) {
        let (before, after) = rest.split_at(at + 1);
        out.push_str(before);
        let digits = after.trim_start_matches(|c: char| c.is_ascii_digit());
        let is_placeholder = before.ends_with('{') && digits.len() < after.len() && digits.starts_with('}');
        if is_placeholder || (before.ends_with(']') && after.starts_with('(')) {
            out.push(' ');
        }
        rest = after;
    }
    out + rest
}

fn notification(level: &str, text: &str) -> Json {
    json!({ "level": level, "message": { "text": text } })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// Writes a path as a relative URI.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(byte.into());
            }
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

/// Returns how many bytes a value takes in the file.
fn length(value: &Json) -> usize {
    text::quiet_in_logs(&value.to_string()).len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostic;
    use crate::snapshot::Snapshot;

    static CODE: Code = Code::unreadable("some-code", "# some-code\n\nSomething is wrong.\n");

    /// A report of findings in files that are not there.
    fn report(findings: usize) -> Report {
        let directory = tempfile::tempdir().unwrap();
        let snapshot = Snapshot::work_tree(directory.path()).unwrap();
        let finding = |index| {
            let mut finding = Diagnostic::new(&CODE, Location::file(format!("{index}.yaml")), "it is wrong");
            if index % 2 == 0 {
                finding.severity = Severity::Info;
            }
            finding
        };
        Report::new((0..findings).map(finding).collect(), &snapshot, 1, 0)
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let report = report(10);
        let run = |most_results, most_bytes| document(&report, most_results, most_bytes)["runs"][0].clone();
        let whole = run(10, 100_000);
        assert_eq!(whole["results"].as_array().unwrap().len(), 10);
        assert_eq!(whole["invocations"][0]["toolExecutionNotifications"], json!([]));
        let few = run(7, 100_000);
        let levels: Vec<&Json> = few["results"].as_array().unwrap().iter().map(|r| &r["level"]).collect();
        assert_eq!(levels, ["error", "error", "error", "error", "error", "note", "note"]);
        let said = &few["invocations"][0]["toolExecutionNotifications"][0];
        assert_eq!(said["message"]["text"], "left out, since the file would be too large: 3 notes");
        for most_bytes in (FRAME..FRAME + 4_000).step_by(97) {
            let length = length(&document(&report, 10, most_bytes));
            assert!(length <= most_bytes, "{length} of {most_bytes}");
        }
        assert_eq!(run(10, FRAME)["results"], json!([]));
    }

    #[test]
    fn no_message_holds_a_link_or_a_placeholder() {
        let text = message("see [here](https://evil.example)\n\u{1b}[31m")["text"].clone();
        assert_eq!(text, "see [here] (https://evil.example)\n␛[31m");
        let text = message("[a](0) {0} {12} {a} {0,1} {} ](")["text"].clone();
        assert_eq!(text, "[a] (0) { 0} { 12} {a} {0,1} {} ] (");
    }

    #[test]
    fn paths_are_relative_references() {
        assert_eq!(uri("onboarding/a b/%20#?:é.yaml"), "onboarding/a%20b/%2520%23%3F%3A%C3%A9.yaml");
    }
}
