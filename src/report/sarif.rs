//! For code scanning: the Static Analysis Results Interchange Format, version 2.1.0.
//!
//! Source: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>, and for what GitHub makes of it
//! <https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::{Located, Place, Report, Style, counts, text};
use crate::diagnostic::{Code, Location, Severity, count};

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

/// Makes the document: the worst results first, as many as fit.
fn document(report: &Report, most_results: usize, most_bytes: usize) -> Json {
    let fingerprints = fingerprints(report);
    let mut order: Vec<usize> = (0..report.findings.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(report.findings[*index].diagnostic.severity));
    let mut rules = Rules::default();
    let mut results = Vec::new();
    let mut bytes = FRAME;
    for index in &order {
        let finding = &report.findings[*index];
        let code = finding.diagnostic.code;
        let known = rules.indices.get(code.name).copied();
        let result = result(report, finding, known.unwrap_or(rules.list.len()), &fingerprints[*index]);
        let rule = known.is_none().then(|| rule(code));
        // One more for the comma behind each.
        bytes += length(&result) + 1 + rule.as_ref().map_or(0, |rule| length(rule) + 1);
        if results.len() == most_results || bytes > most_bytes {
            break;
        }
        results.push(result);
        if let Some(rule) = rule {
            rules.indices.insert(code.name, rules.list.len());
            rules.list.push(rule);
        }
    }
    let left_out = &order[results.len()..];
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
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "onramp",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.list,
            }},
            "invocations": [{ "executionSuccessful": true, "toolExecutionNotifications": notifications }],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

/// The rules that results speak of, in the order of their first result.
#[derive(Default)]
struct Rules {
    list: Vec<Json>,
    indices: BTreeMap<&'static str, usize>,
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
    if let Some(api) = &diagnostic.api {
        result["properties"] = json!({ "api": api.as_ref() });
    }
    result
}

/// Names a place. One that speaks of the file as a whole points at its start: GitHub insists on a line.
fn location(report: &Report, location: &Location, place: &Place) -> Json {
    let region = match (place.start, place.end) {
        (Some(start), Some(end)) => json!({
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
        }),
        _ => json!({ "startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1 }),
    };
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(&report.path(&location.path)), "uriBaseId": "%SRCROOT%" },
        "region": region,
    }})
}

/// Makes a message. `[text](target)` would become a link in it, so the two halves are kept apart.
fn message(text: &str) -> Json {
    let lines: Vec<String> = text.lines().map(|line| super::harmless(line).replace("](", "] (")).collect();
    json!({ "text": lines.join("\n") })
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

/// Returns what tells each finding from the others, whatever line it stands on: the code, the file, the
/// text of the line without its indentation, and the how-manieth of these it is. Where a line is added
/// above, GitHub knows the finding again.
fn fingerprints(report: &Report) -> Vec<String> {
    let mut seen: BTreeMap<u64, usize> = BTreeMap::new();
    let fingerprint = |finding: &Located| {
        let diagnostic = &finding.diagnostic;
        // A hash is no place to keep a secret, so it is that of what may be shown.
        let line = finding.place.file.as_ref().zip(diagnostic.primary.span.as_ref()).map(|(file, span)| {
            let (_, start) = file.line(span.start);
            file.masked[start..].lines().next().unwrap_or_default().trim()
        });
        let parts = [diagnostic.code.name, &report.path(&diagnostic.primary.path), line.unwrap_or_default()];
        let hash = fnv1a(parts.join("\0").as_bytes());
        let number = seen.entry(hash).or_default();
        *number += 1;
        format!("{hash:016x}:{number}")
    };
    report.findings.iter().map(fingerprint).collect()
}

/// The hash FNV-1a, 64 bits: the same in every version and on every machine, which the standard library
/// does not promise of its own. Source: <http://www.isthe.com/chongo/tech/comp/fnv/>.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
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
    fn no_message_holds_a_link() {
        let text = message("see [here](https://evil.example)\n\u{1b}[31m")["text"].clone();
        assert_eq!(text, "see [here] (https://evil.example)\n␛[31m");
    }

    #[test]
    fn paths_are_relative_references() {
        assert_eq!(uri("onboarding/a b/%20#?:é.yaml"), "onboarding/a%20b/%2520%23%3F%3A%C3%A9.yaml");
    }
}
