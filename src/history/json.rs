//! The history for programs: one JSON document, told in `docs/history.md`.

use serde_json::{Map, Value as Json, json};

use super::{At, Entry, History, What};
use crate::git::{Commit, ObjectId};
use crate::moment::Moment;
use crate::report::quiet_in_logs;

/// The version of the format; it rises when a reader of the old one would go wrong.
const VERSION: u32 = 1;

/// Writes what changed on the way to a commit.
pub fn json(history: &History, from: &Commit) -> String {
    let unknown = history.unknown.iter().map(|unknown| {
        json!({
            "commit": unknown.commit.to_string(),
            "api": unknown.api,
            "environment": unknown.environment,
        })
    });
    let document = json!({
        "version": VERSION,
        "tool": tool(),
        "head": from.id.to_string(),
        "changes": history.entries.iter().map(entry).collect::<Vec<_>>(),
        "unknown": unknown.collect::<Vec<_>>(),
        "commits": history.commits,
        "shallow": history.shallow,
        "more": history.more,
    });
    quiet_in_logs(&format!("{document:#}\n"))
}

/// Writes what was committed at a moment.
pub fn json_at(at: &At, moment: Moment) -> String {
    let images = at.images.iter().map(|image| {
        let mut json = Map::new();
        put(&mut json, "api", Some(&image.api));
        put(&mut json, "environment", Some(&image.environment));
        put(&mut json, "namespace", image.namespace.as_ref());
        put(&mut json, "kind", Some(&image.container.kind));
        put(&mut json, "workload", Some(&image.container.workload));
        put(&mut json, "container", Some(&image.container.name));
        put(&mut json, "image", Some(&image.image));
        Json::Object(json)
    });
    let unknown =
        at.unknown.iter().map(|(api, environment)| json!({ "api": api, "environment": environment }));
    let document = json!({
        "version": VERSION,
        "tool": tool(),
        "at": moment.to_string(),
        "commit": at.commit.map(|(commit, _)| commit.to_string()),
        "time": at.commit.map(|(_, time)| time.to_string()),
        "images": images.collect::<Vec<_>>(),
        "unknown": unknown.collect::<Vec<_>>(),
        "shallow": at.shallow,
    });
    quiet_in_logs(&format!("{document:#}\n"))
}

fn tool() -> Json {
    json!({ "name": "onramp", "version": env!("CARGO_PKG_VERSION") })
}

fn entry(entry: &Entry) -> Json {
    let mut json = Map::new();
    let kind = match &entry.what {
        What::Image(_) => "image",
        What::Other { .. } => "other",
    };
    put(&mut json, "type", Some(kind));
    put(&mut json, "time", Some(&entry.time.to_string()));
    put(&mut json, "commit", Some(&entry.commit.to_string()));
    put(&mut json, "subject", Some(&entry.subject));
    json.insert("author".to_owned(), json!({ "name": entry.author.name, "email": entry.author.email }));
    put(&mut json, "api", Some(&entry.api));
    put(&mut json, "environment", Some(&entry.environment));
    match &entry.what {
        What::Image(step) => {
            put(&mut json, "namespace", step.namespace.as_ref());
            put(&mut json, "kind", Some(&step.container.kind).filter(|kind| !kind.is_empty()));
            put(&mut json, "workload", Some(&step.container.workload));
            put(&mut json, "container", Some(&step.container.name));
            put(&mut json, "old", step.old.as_ref());
            put(&mut json, "new", step.new.as_ref());
            put(&mut json, "mark", Some(step.mark.name()));
            put(&mut json, "said", step.said.as_ref());
            put(&mut json, "recordedIn", step.recorded_in.as_ref().map(ObjectId::to_string).as_ref());
            if let Some(record) = &step.record {
                put(&mut json, "actor", record.actor.as_ref());
                put(&mut json, "pipeline", record.pipeline.as_ref());
                if let Some(number) = record.build_number {
                    json.insert("buildNumber".to_owned(), number.into());
                }
                put(&mut json, "sourceRevision", record.source_revision.as_ref());
                put(&mut json, "reason", record.reason.as_ref());
            }
        }
        What::Other { risk, object, places } => {
            put(&mut json, "risk", Some(risk.name()));
            put(&mut json, "object", Some(object));
            json.insert("places".to_owned(), places.clone().into());
        }
    }
    Json::Object(json)
}

/// Puts a text in, where there is one.
fn put(json: &mut Map<String, Json>, key: &str, text: Option<impl AsRef<str>>) {
    if let Some(text) = text {
        json.insert(key.to_owned(), text.as_ref().into());
    }
}
