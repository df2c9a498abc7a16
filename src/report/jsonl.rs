//! For programs that read line by line: one JSON object for each finding, and one for the whole run at the end.
//!
//! Each line says what it is (`type`); the rest of it is as `schemas/diagnostics.schema.json` describes it, which also
//! has the form of a line (`$defs/line`).

use serde_json::{Map, Value as Json};

use super::{Report, Style, json, text};

/// Writes the report.
pub(super) fn write(report: &Report, _: &Style) -> String {
    let mut out = String::new();
    let mut line = |kind: &str, map: Map<String, Json>| {
        let mut whole = Map::new();
        whole.insert("type".to_owned(), kind.into());
        whole.extend(map);
        out.push_str(&text::quiet_in_logs(&Json::Object(whole).to_string()));
        out.push('\n');
    };
    for finding in &report.findings {
        line("finding", json::finding(finding));
    }
    for passed in report.shown_passed() {
        line("waived", json::passed(passed));
    }
    let mut summary = json::head();
    summary.extend(json::counts(report));
    line("summary", summary);
    out
}
