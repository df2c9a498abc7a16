//! For reviewdog, which comments on the lines of a change: its diagnostic format, as one document.
//!
//! Source: <https://github.com/reviewdog/reviewdog/tree/master/proto/rdf>. Its columns count bytes, and its end is one past
//! the last. What it is told becomes a comment in markdown, so a message is written as one.

use serde_json::{Map, Value as Json, json};

use super::{File, Located, Place, Report, Style, markdown, text};
use crate::diagnostic::{Location, Severity};

/// Writes the report.
pub(super) fn write(report: &Report, _: &Style) -> String {
    let diagnostics: Vec<Json> = report.findings.iter().map(|finding| diagnostic(report, finding)).collect();
    let document = json!({ "source": { "name": "onramp" }, "diagnostics": diagnostics });
    text::quiet_in_logs(&format!("{document:#}\n"))
}

fn diagnostic(report: &Report, finding: &Located) -> Json {
    let found = &finding.diagnostic;
    let mut message = markdown::prose(&found.message);
    if let Some(help) = &found.help {
        message.push_str("\nhelp: ");
        message.push_str(&markdown::prose(help));
    }
    let mut json = Map::new();
    json.insert("message".to_owned(), message.into());
    json.insert("location".to_owned(), location(report, &found.primary, &finding.place));
    let severity = match found.severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
        Severity::Info => "INFO",
    };
    json.insert("severity".to_owned(), severity.into());
    json.insert("code".to_owned(), json!({ "value": found.code.name }));
    let related = found.related.iter().zip(&finding.related).map(|(related, place)| {
        let location = location(report, &related.location, place);
        json!({ "message": markdown::prose(&related.label), "location": location })
    });
    let related: Vec<Json> = related.collect();
    if !related.is_empty() {
        json.insert("related_locations".to_owned(), related.into());
    }
    if let Some(suggestion) = suggestion(finding) {
        json.insert("suggestions".to_owned(), json!([suggestion]));
    }
    Json::Object(json)
}

fn location(report: &Report, location: &Location, place: &Place) -> Json {
    let path = report.path(&location.path);
    match place.file.as_ref().zip(location.span.as_ref()) {
        Some((file, span)) => {
            json!({ "path": path, "range": range(file, span.start, span.end.max(span.start)) })
        }
        None => json!({ "path": path }),
    }
}

fn range(file: &File, start: usize, end: usize) -> Json {
    json!({ "start": position(file, start), "end": position(file, end) })
}

fn position(file: &File, offset: usize) -> Json {
    let offset = offset.min(file.plain.len());
    let (line, start) = file.line(offset);
    json!({ "line": line + 1, "column": offset - start + 1 })
}

/// Writes a fix as one replacement. Several suggestions would be as many alternatives, so edits are joined with what stands
/// between them; those in another file than the finding have no place here.
fn suggestion(finding: &Located) -> Option<Json> {
    let (fix, places) = finding.fix()?;
    let file = places.first()?.file.as_ref()?;
    if fix.edits.iter().any(|edit| edit.path != finding.diagnostic.primary.path) {
        return None;
    }
    let mut edits: Vec<_> = fix.edits.iter().collect();
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let (start, end) = (edits.first()?.span.start, edits.last()?.span.end);
    let mut text = String::new();
    let mut at = start;
    for edit in edits {
        let between = at..edit.span.start;
        // What may not be shown may not be suggested.
        if file.masked.get(between.clone())? != file.plain.get(between.clone())? {
            return None;
        }
        text.push_str(&file.plain[between]);
        text.push_str(&edit.text);
        at = edit.span.end;
    }
    Some(json!({ "range": range(file, start, end), "text": text }))
}
