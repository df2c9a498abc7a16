//! For programs: one JSON document, described by `schemas/migration.schema.json`.

use serde_json::{Map, Value as Json, json};

use super::summary::{document_fate, file_fate};
use super::{Section, Standing, Summary, shown, skeleton, words};
use crate::migrate::{
    ApiOutcome, BranchOutcome, Difference, DocumentOutcome, EnvironmentOutcome, Fate, FileOutcome,
    ObjectOutcome, Outcome, State,
};
use crate::report::quiet_in_logs;
use crate::secrets;

/// The version of the format; it rises when a reader of the old one would go wrong.
const VERSION: u32 = 1;

/// Writes all that is known.
pub fn json(outcome: &Outcome) -> String {
    let summary = Summary::new(outcome);
    let skeleton = skeleton(outcome);
    let document = json!({
        "version": VERSION,
        "tool": { "name": "onramp", "version": env!("CARGO_PKG_VERSION") },
        "podTemplatesChanged": summary.pods_changed,
        "selectorsChanged": summary.selectors_changed,
        "summary": {
            "tables": summary.sections.iter().map(section).collect::<Vec<_>>(),
            "secretsWithheld": summary.withheld,
            "questions": summary.questions,
            "blockingQuestions": summary.blocking,
            "commentsKept": summary.comments_kept,
            "commentsLost": summary.comments_lost,
            "notes": summary.notes,
            "gaps": summary.gaps,
            "findings": summary.findings,
        },
        "addedEnvironments": outcome.added_environments,
        "unusedDecisions": outcome.unused_decisions,
        "apis": outcome.apis.iter().map(api).collect::<Vec<_>>(),
        "branches": outcome.branches.iter().map(branch).collect::<Vec<_>>(),
        "answers": { "decisions": skeleton.decisions, "values": skeleton.values },
    });
    quiet_in_logs(&format!("{document:#}\n"))
}

fn section(section: &Section) -> Json {
    let counts = |counts: &[usize]| -> Map<String, Json> {
        section
            .columns
            .iter()
            .zip(counts)
            .map(|(column, number)| ((*column).to_owned(), (*number).into()))
            .collect()
    };
    let rows = section
        .rows
        .iter()
        .map(|row| json!({ "name": row.name, "words": row.words, "counts": counts(&row.counts) }));
    let mut json = json!({ "name": section.name, "rows": rows.collect::<Vec<_>>() });
    if let Some(totals) = &section.totals {
        json["total"] = counts(totals).into();
    }
    json
}

fn api(api: &ApiOutcome) -> Json {
    let state = match &api.state {
        State::Written => "written",
        State::Unchanged => "unchanged",
        State::Skipped(_) => "skipped",
        State::Refused(_) => "refused",
    };
    let source = |(branch, commit): &(String, String)| json!({ "branch": branch, "commit": commit });
    let mut json = json!({
        "name": api.name,
        "state": state,
        "standing": Standing::of(api).name(),
        "sources": api.sources.iter().map(source).collect::<Vec<_>>(),
    });
    if let State::Refused(why) | State::Skipped(why) = &api.state {
        json["why"] = shown::told(why).into();
    }
    json["environments"] = api.environments.iter().map(environment).collect();
    let questions = api.questions.iter().map(|question| {
        json!({
            "kind": words::question(question.kind).0,
            "text": shown::told(&question.text),
            "answer": secrets::redacted(&question.answer),
            "blocking": !question.is_open,
        })
    });
    json["questions"] = questions.collect();
    json["commentsKept"] = api.comments_kept.into();
    let lost = api.comments_lost.iter().map(|lost| {
        json!({ "branch": lost.branch, "file": &*lost.file, "line": lost.line, "text": shown::told(&lost.text) })
    });
    json["commentsLost"] = lost.collect();
    let notes = api
        .notes
        .iter()
        .map(|note| json!({ "object": note.object, "path": note.path, "text": shown::told(&note.text) }));
    json["notes"] = notes.collect();
    let gaps = api.gaps.iter().map(|gap| {
        json!({ "branch": gap.branch, "file": &*gap.file, "line": gap.line, "text": shown::told(&gap.text) })
    });
    json["gaps"] = gaps.collect();
    json["findings"] = json!(api.findings);
    json["files"] = json!(api.files);
    json
}

fn environment(environment: &EnvironmentOutcome) -> Json {
    let EnvironmentOutcome { name, objects } = environment;
    json!({ "name": name, "objects": objects.iter().map(object).collect::<Vec<_>>() })
}

fn object(object: &ObjectOutcome) -> Json {
    let mut json = json!({
        "kind": object.kind,
        "name": object.name,
        "workload": object.is_workload,
        "verdict": words::verdict(object.verdict()).0,
        "fate": fate(&object.fate),
    });
    if let Some((branch, file, line)) = &object.origin {
        json["origin"] = json!({ "branch": branch, "file": &**file, "line": line });
    }
    json["differences"] = object.differences.iter().map(|one| difference(object, one)).collect();
    json
}

fn difference(object: &ObjectOutcome, difference: &Difference) -> Json {
    let Difference { path, before, after, class } = difference;
    let mut json = json!({ "path": path, "class": class.name() });
    for (key, value) in [("before", before), ("after", after)] {
        if let Some(value) = value {
            json[key] = shown::masked(&object.kind, path, value);
        }
    }
    json
}

fn fate(fate: &Fate) -> Json {
    let (name, what) = words::fate(fate);
    let mut json = json!({ "name": name });
    if let Some(what) = what {
        json["what"] = shown::told(&what).into();
    }
    json
}

fn branch(branch: &BranchOutcome) -> Json {
    let mut json = json!({
        "name": branch.name,
        "commit": branch.commit,
        "apis": branch.apis,
        "files": branch.files.iter().map(file).collect::<Vec<_>>(),
    });
    if let Some(why) = &branch.failure {
        json["failure"] = shown::told(why).into();
    }
    json
}

fn file(file: &FileOutcome) -> Json {
    let mut json = json!({
        "path": &*file.path,
        "fate": file_fate(file),
        "documents": file.documents.iter().map(document).collect::<Vec<_>>(),
    });
    if let Some(what) = file.skipped.as_ref().and_then(|skipped| words::skipped(skipped).1) {
        json["what"] = shown::told(&what).into();
    }
    json
}

fn document(document: &DocumentOutcome) -> Json {
    json!({
        "line": document.line,
        "title": shown::told(&document.title),
        "fate": document_fate(document),
        "fates": document.fates.iter().map(fate).collect::<Vec<_>>(),
    })
}
