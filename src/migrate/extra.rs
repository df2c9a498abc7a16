//! Objects that stay as they are: files in `resources/`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::assemble::{Draft, Frame};
use super::family::{Item, text, title};
use super::outcome::Fate;
use super::words::{current, without_noise};
use crate::yaml::emit;

/// An object that stays as it is.
#[derive(Clone, Debug)]
pub(super) struct Extra {
    title: String,
    kind: String,
    name: String,
    text: String,
}

impl Extra {
    /// Takes an object over: its own text where nothing in it has to change.
    pub(super) fn new(item: &Item<'_>, change: impl Fn(&mut Json)) -> Self {
        let found = item.found;
        let mut json = found.json.clone();
        change(&mut json);
        without_noise(&mut json);
        current(&mut json);
        let text_of = |pointer: &str| text(&found.json, pointer).to_owned();
        let kept = found.text.as_ref().filter(|_| json == found.json);
        let mut written = kept.map_or_else(|| emit(&json), ToString::to_string);
        if !written.ends_with('\n') {
            written.push('\n');
        }
        Self {
            title: title(&found.json),
            kind: text_of("/kind"),
            name: text_of("/metadata/name"),
            text: written,
        }
    }
}

/// Returns the name of the file of an object, without ending.
pub(super) fn file_name(kind: &str, name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || matches!(c, '-' | '.') { c.to_ascii_lowercase() } else { '-' }
    };
    format!("{kind}-{name}").chars().map(plain).take(120).collect()
}

/// Adds an entry to a list.
pub(super) fn push(entries: &mut Json, list: &str, entry: Json) {
    if !entries[list].is_array() {
        entries[list] = json!([]);
    }
    if let Some(entries) = entries[list].as_array_mut() {
        entries.push(entry);
    }
}

/// Writes the files, and names them: at the top what all environments have, in an environment what is its own.
pub(super) fn place(
    frame: &Frame<'_>,
    extras: &[Vec<Extra>],
    metadata: &mut Json,
    own: &mut [Json],
    draft: &mut Draft,
) {
    let mut order: Vec<&str> = Vec::new();
    let mut all: BTreeMap<&str, BTreeMap<usize, &Extra>> = BTreeMap::new();
    for (side, extras) in extras.iter().enumerate() {
        for extra in extras {
            let known = all.entry(&extra.title).or_default();
            if known.is_empty() {
                order.push(&extra.title);
            }
            known.insert(side, extra);
        }
    }
    order.sort_unstable();
    let mut taken = BTreeSet::new();
    for title in order {
        let sides = &all[title];
        let Some(first) = sides.values().next() else { continue };
        let plain = file_name(&first.kind, &first.name);
        let mut tries = std::iter::once(plain.clone()).chain((2..).map(|number| format!("{plain}-{number}")));
        let file = tries.find(|file| taken.insert(file.clone())).unwrap_or_default();
        let shared = sides.len() == frame.sides.len() && sides.values().all(|extra| extra.text == first.text);
        for (side, extra) in sides {
            let environment = &frame.sides[*side].environment;
            let path = if shared {
                format!("resources/{file}.yaml")
            } else {
                format!("resources/{environment}/{file}.yaml")
            };
            if !shared {
                push(&mut own[*side], "extraResources", path.clone().into());
            }
            draft.fates.insert((*side, extra.title.clone()), Fate::Kept(path.clone()));
            draft.files.insert(path, extra.text.clone());
        }
        if shared {
            push(metadata, "extraResources", format!("resources/{file}.yaml").into());
        }
    }
}
