//! What kustomize fails on when it writes what it has built.

use serde_json::{Map, Value as Json};

use super::codes::UNBUILDABLE_OVERLAY;
use super::resource::Resource;
use crate::diagnostic::{Diagnostic, Sink, shorten};
use crate::yaml::is_text_to_kustomize;

/// Finds in an object what kustomize cannot write.
pub(super) fn hold(resource: &Resource, sink: &mut Sink) {
    hold_keys(resource, &["annotations"], &[], sink);
    hold_texts(resource, &resource.json, sink);
}

/// Finds keys that kustomize writes without quotes although they are something else than text then. It does so with
/// the keys that it has put into an object itself, and with those of all annotations.
pub(super) fn hold_keys(resource: &Resource, metadata: &[&str], top: &[&str], sink: &mut Sink) {
    let inner = |key: &&str| resource.json.get("metadata")?.get(*key)?.as_object();
    let outer = |key: &&str| resource.json.get(*key)?.as_object();
    let maps = metadata.iter().filter_map(inner).chain(top.iter().filter_map(outer));
    for key in maps.flat_map(Map::keys).filter(|key| is_broken(key)) {
        wrong(
            resource,
            format!("kustomize writes the key `{}` of `{}` without quotes", shorten(key), resource.title()),
            "take another key: this one is no text of one line to YAML",
            sink,
        );
    }
}

/// A key of several lines goes wrong with some values, so none is taken.
fn is_broken(key: &str) -> bool {
    !is_text_to_kustomize(key) || key.contains('\n')
}

fn hold_texts(resource: &Resource, value: &Json, sink: &mut Sink) {
    match value {
        Json::String(text) => hold_text(resource, text, sink),
        Json::Array(items) => items.iter().for_each(|item| hold_texts(resource, item, sink)),
        Json::Object(map) => {
            for (key, value) in map {
                if key == "<<" {
                    let message = format!("kustomize takes a key `<<` of `{}` for a merge", resource.title());
                    wrong(resource, message, "take another key", sink);
                }
                hold_text(resource, key, sink);
                hold_texts(resource, value, sink);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

fn hold_text(resource: &Resource, text: &str, sink: &mut Sink) {
    // Nothing else is refused, and few texts have one of these bytes.
    if !text.bytes().any(|byte| matches!(byte, 0x7f | 0xc2 | 0xef)) {
        return;
    }
    if let Some(character) = text.chars().find(|character| is_refused(*character)) {
        let message = format!("`{}` has a character that kustomize cannot write", resource.title());
        let help = format!("remove `U+{:04X}`", u32::from(character));
        wrong(resource, message, &help, sink);
    }
}

/// What may not stand in JSON that go-yaml reads, although JSON allows it.
fn is_refused(character: char) -> bool {
    matches!(character, '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')
}

fn wrong(resource: &Resource, message: String, help: &str, sink: &mut Sink) {
    sink.push(Diagnostic::new(&UNBUILDABLE_OVERLAY, resource.location.clone(), message).help(help));
}
