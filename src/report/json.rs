//! For programs: one JSON document, described by `schemas/diagnostics.schema.json`.

use serde_json::{Map, Value as Json, json};

use super::{Located, Place, Report, ShownPassed, Style, text};
use crate::diagnostic::{Fix, Location, Safety, Severity};

/// The version of the format; it rises when a reader of the old one would go wrong.
const VERSION: u32 = 1;

/// Writes the report.
pub(super) fn write(report: &Report, _: &Style) -> String {
    let findings: Vec<Json> = report.findings.iter().map(|found| finding(found).into()).collect();
    let mut document = head();
    document.insert("summary".to_owned(), counts(report).into());
    document.insert("findings".to_owned(), findings.into());
    let waived: Vec<Json> = report.shown_passed().iter().map(|one| passed(one).into()).collect();
    if !waived.is_empty() {
        document.insert("waived".to_owned(), waived.into());
    }
    text::quiet_in_logs(&format!("{:#}\n", Json::Object(document)))
}

/// What says who wrote it.
pub(super) fn head() -> Map<String, Json> {
    Map::from_iter([
        ("version".to_owned(), VERSION.into()),
        ("tool".to_owned(), json!({ "name": "onramp", "version": env!("CARGO_PKG_VERSION") })),
    ])
}

/// Counts over the whole run.
pub(super) fn counts(report: &Report) -> Map<String, Json> {
    let counts = [
        ("apis", report.apis),
        ("errors", report.count(Severity::Error)),
        ("warnings", report.count(Severity::Warning)),
        ("infos", report.count(Severity::Info)),
        ("skipped", report.skipped),
        ("waived", report.waived),
        ("fixed", report.fixed.0),
        ("fixable", report.fixable(Safety::Safe)),
        ("unsafelyFixable", report.fixable(Safety::Unsafe)),
    ];
    counts.into_iter().map(|(key, number)| (key.to_owned(), number.into())).collect()
}

/// One finding.
pub(super) fn finding(finding: &Located) -> Map<String, Json> {
    let diagnostic = &finding.diagnostic;
    let mut map = Map::new();
    map.insert("code".to_owned(), diagnostic.code.name.into());
    map.insert("severity".to_owned(), diagnostic.severity.name().into());
    map.insert("message".to_owned(), diagnostic.message.clone().into());
    map.insert("location".to_owned(), location(&diagnostic.primary, &finding.place));
    if !diagnostic.label.is_empty() {
        map.insert("label".to_owned(), diagnostic.label.clone().into());
    }
    let related = diagnostic.related.iter().zip(&finding.related);
    let related: Vec<Json> = related
        .map(|(related, place)| {
            json!({ "location": location(&related.location, place), "label": related.label })
        })
        .collect();
    map.insert("related".to_owned(), related.into());
    if let Some(help) = &diagnostic.help {
        map.insert("help".to_owned(), help.clone().into());
    }
    if let Some(api) = &diagnostic.api {
        map.insert("api".to_owned(), api.as_ref().into());
    }
    if !diagnostic.environments.is_empty() {
        let names: Vec<&str> = diagnostic.environments.iter().map(AsRef::as_ref).collect();
        map.insert("environments".to_owned(), names.into());
    }
    if let Some((fix, places)) = finding.fix() {
        map.insert("fix".to_owned(), fix_of(fix, places));
    }
    map.insert("summary".to_owned(), diagnostic.code.summary().into());
    map
}

/// A finding that passes, with what lets it.
pub(super) fn passed(passed: &ShownPassed) -> Map<String, Json> {
    let mut map = finding(&passed.finding);
    map.insert("waivedBy".to_owned(), passed.by.name().into());
    map.insert("reason".to_owned(), passed.reason.clone().into());
    map
}

fn fix_of(fix: &Fix, places: &[Place]) -> Json {
    let edits = fix.edits.iter().zip(places).map(|(edit, place)| {
        json!({
            "location": location(&Location::at(edit.path.clone(), edit.span.clone()), place),
            "text": edit.text,
        })
    });
    json!({
        "message": fix.message,
        "safety": fix.safety.name(),
        "edits": edits.collect::<Vec<_>>(),
    })
}

fn location(location: &Location, place: &Place) -> Json {
    let mut map = Map::new();
    map.insert("path".to_owned(), location.path.as_ref().into());
    if let (Some(start), Some(end), Some(span)) = (place.start, place.end, &location.span) {
        map.insert("line".to_owned(), start.line.into());
        map.insert("column".to_owned(), start.column.into());
        map.insert("endLine".to_owned(), end.line.into());
        map.insert("endColumn".to_owned(), end.column.into());
        map.insert("offset".to_owned(), span.start.into());
        map.insert("length".to_owned(), span.len().into());
    }
    Json::Object(map)
}
