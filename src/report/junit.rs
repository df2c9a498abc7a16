//! For servers that show test reports: `JUnit` XML, in the form that Jenkins describes (`junit-10.xsd` of its plugin xunit).
//!
//! An API is a suite, a finding a test of it: an error has failed, and what is less was skipped, so that it is listed and
//! fails nothing. A run without findings is one test that passed, since readers take a report without tests for a broken one.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Located, Report, Style, harmless, text};
use crate::diagnostic::{Severity, count};

/// What findings belong to that belong to no API.
const PLATFORM: &str = "platform";

/// One suite, being written.
#[derive(Default)]
struct Suite {
    cases: String,
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

/// Writes the report.
pub(super) fn write(report: &Report, _: &Style) -> String {
    let mut suites: BTreeMap<&str, Suite> = BTreeMap::new();
    for finding in &report.findings {
        let name = finding.diagnostic.api.as_deref().unwrap_or_default();
        suites.entry(name).or_default().finding(report, finding, name);
    }
    if report.skipped > 0 {
        let message = format!("{} could not be looked at", count(report.skipped, "API"));
        suites.entry("").or_default().case("", "skipped APIs", "error", "skipped", &message, &message);
    }
    if suites.is_empty() {
        let suite = suites.entry("").or_default();
        let _ = writeln!(suite.cases, r#"    <testcase classname="onramp" name="no findings"/>"#);
        suite.tests = 1;
    }
    let total = |of: fn(&Suite) -> usize| suites.values().map(of).sum::<usize>();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let (tests, failures, errors) = (total(|of| of.tests), total(|of| of.failures), total(|of| of.errors));
    let _ = writeln!(
        out,
        r#"<testsuites name="onramp" tests="{tests}" failures="{failures}" errors="{errors}">"#
    );
    for (name, suite) in &suites {
        let Suite { cases, tests, failures, errors, skipped } = suite;
        let name = attribute(named(name));
        let _ = writeln!(
            out,
            r#"  <testsuite name="{name}" tests="{tests}" failures="{failures}" errors="{errors}" skipped="{skipped}">"#
        );
        out.push_str(cases);
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

impl Suite {
    fn finding(&mut self, report: &Report, finding: &Located, api: &str) {
        let diagnostic = &finding.diagnostic;
        let address = finding.place.address(&report.path(&diagnostic.primary.path));
        let mut lines = vec![format!("{}: {address}", diagnostic.severity.name())];
        lines.push(diagnostic.message.clone());
        lines.extend(diagnostic.help.as_deref().map(|help| format!("help: {help}")));
        for (related, place) in diagnostic.related.iter().zip(&finding.related) {
            let address = place.address(&report.path(&related.location.path));
            lines.push(format!("{address}: {}", related.label));
        }
        let body: Vec<String> = lines.iter().map(|line| harmless(line)).collect();
        let element = if diagnostic.severity == Severity::Error { "failure" } else { "skipped" };
        let name = format!("{} {address}", diagnostic.code.name);
        self.case(api, &name, element, diagnostic.code.name, &diagnostic.message, &body.join("\n"));
    }

    fn case(&mut self, api: &str, name: &str, element: &str, kind: &str, message: &str, body: &str) {
        self.tests += 1;
        match element {
            "failure" => self.failures += 1,
            "error" => self.errors += 1,
            _ => self.skipped += 1,
        }
        let (class, name) = (attribute(named(api)), attribute(name));
        let (kind, message) = (attribute(kind), attribute(message));
        let body = escaped(&text::lines_without_commands(body));
        let _ = writeln!(self.cases, r#"    <testcase classname="{class}" name="{name}">"#);
        let _ =
            writeln!(self.cases, r#"      <{element} type="{kind}" message="{message}">{body}</{element}>"#);
        self.cases.push_str("    </testcase>\n");
    }
}

fn named(api: &str) -> &str {
    if api.is_empty() { PLATFORM } else { api }
}

/// Writes a text as the value of an attribute, on one line.
fn attribute(text: &str) -> String {
    escaped(&harmless(text))
}

/// Escapes what XML takes for its own, and replaces what it has no place for. Source of the latter: the production `Char`
/// of <https://www.w3.org/TR/xml/#charsets>; control characters are gone already.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            // Also the end of `]]>`, which no text may hold.
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => out.push('?'),
            c => out.push(c),
        }
    }
    out
}
