//! What may be written at a cursor.

use lsp_types::{CompletionItem, CompletionItemKind, CompletionTextEdit, Documentation, TextEdit};
use serde_json::Value as Json;

use super::Files;
use super::cursor::{At, Cursor, locate};
use super::file::Role;
use super::files::schema;
use super::words::Words;
use crate::diagnostic::{Sink, WaivedBy};
use crate::fleet::{self, ONBOARDING};
use crate::platform::LoadedPlatform;
use crate::policy::RULES;
use crate::snapshot::Kind;
use crate::yaml::{self, Node, Source, SourceId, encode_scalar};

/// As many things are offered.
const MOST: usize = 1000;

/// What is offered: the text, a few words on it, and more of them.
struct Offer {
    label: String,
    text: String,
    kind: CompletionItemKind,
    detail: String,
    documentation: Option<String>,
    first: bool,
}

/// Returns what may be written at a byte of a file.
pub(super) fn complete(files: &Files<'_>, path: &str, offset: usize) -> Vec<CompletionItem> {
    let Some(text) = files.text(path) else { return Vec::new() };
    let Some(cursor) = locate(&text, offset) else { return Vec::new() };
    let platform = files.platform();
    let role = Role::of(path);
    let Some(schema) = schema(role, platform.as_ref()) else { return Vec::new() };
    let words = Words::at(&schema, &cursor.path);
    let site = Site { files, path, role, text: &text, cursor: &cursor, platform: platform.as_ref() };
    let mut offers = Vec::new();
    if cursor.at != At::Value {
        offers.extend(site.keys(&words));
    }
    if cursor.at != At::Key {
        offers.extend(site.values(&words));
    }
    offers.truncate(MOST);
    let range = files.encoding().lines(&text, cursor.token.clone());
    let item = |offer: Offer| CompletionItem {
        sort_text: Some(format!("{}{}", u8::from(!offer.first), offer.label)),
        label: offer.label,
        kind: Some(offer.kind),
        detail: Some(offer.detail).filter(|detail| !detail.is_empty()),
        documentation: offer.documentation.map(Documentation::String),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text: offer.text })),
        ..CompletionItem::default()
    };
    offers.into_iter().map(item).collect()
}

struct Site<'a> {
    files: &'a Files<'a>,
    path: &'a str,
    role: Role,
    text: &'a str,
    cursor: &'a Cursor,
    platform: Option<&'a LoadedPlatform>,
}

impl Site<'_> {
    fn keys(&self, words: &Words<'_>) -> Vec<Offer> {
        let rest = &self.text[self.cursor.token.end..];
        let has_colon = rest.trim_start_matches(' ').starts_with(':');
        let there = self.keys_there();
        let offer = |key: &str, words: Option<&Words<'_>>, first: bool| {
            let types = words.map(Words::types).unwrap_or_default();
            let nested = types.first().is_some_and(|kind| matches!(*kind, "object" | "array"));
            let end = match (has_colon, nested) {
                (true, _) => "",
                (false, true) => ":",
                (false, false) => ": ",
            };
            Offer {
                label: key.to_owned(),
                text: format!("{}{end}", encode_scalar(key)),
                kind: CompletionItemKind::PROPERTY,
                detail: types.join(" or "),
                documentation: words.and_then(Words::description).map(ToOwned::to_owned),
                first,
            }
        };
        let known = words.keys();
        let mut offers: Vec<Offer> =
            known.iter().map(|(key, below)| offer(key, Some(below), words.is_required(key))).collect();
        let path: Vec<&str> = self.cursor.path.iter().map(String::as_str).collect();
        match (self.role, path.as_slice()) {
            (Role::Platform, ["rules"]) => offers.extend(codes(if has_colon { "" } else { ": " })),
            (Role::Metadata, ["environments", _, "workloads"]) => {
                let tree = self.tree();
                let written = tree.as_ref().and_then(|tree| tree.get("workloads")).map(Node::entries);
                offers.extend(written.into_iter().flatten().map(|entry| offer(&entry.key, None, true)));
            }
            _ => {}
        }
        offers.retain(|offer| !there.contains(&offer.label));
        offers
    }

    /// Keys of the map that the cursor is in, without the one that is being written.
    fn keys_there(&self) -> Vec<String> {
        let Some(tree) = self.tree() else { return Vec::new() };
        let (map, taken) = tree.follow(self.cursor.path.iter().map(String::as_str));
        if taken < self.cursor.path.len() {
            return Vec::new();
        }
        let others = map.entries().iter().filter(|entry| {
            let span = entry.key_span.start as usize..entry.key_span.end as usize;
            span.end < self.cursor.token.start || span.start > self.cursor.token.end
        });
        others.map(|entry| entry.key.to_string()).collect()
    }

    fn tree(&self) -> Option<Node> {
        let source = Source { id: SourceId(0), path: self.path.into(), text: self.text.to_owned() };
        yaml::parse(&source, &mut Sink::default())
    }

    fn values(&self, words: &Words<'_>) -> Vec<Offer> {
        let plain = |value: &Json| match value {
            Json::String(text) => encode_scalar(text),
            other => other.to_string(),
        };
        let offer = |label: String, kind, detail: &str, first| Offer {
            text: label.clone(),
            label,
            kind,
            detail: detail.to_owned(),
            documentation: None,
            first,
        };
        let mut offers: Vec<Offer> = Vec::new();
        for value in words.values() {
            offers.push(offer(plain(value), CompletionItemKind::ENUM_MEMBER, "", !value.is_null()));
        }
        if offers.is_empty() {
            if words.types().contains(&"boolean") {
                for value in ["true", "false"] {
                    offers.push(offer(value.to_owned(), CompletionItemKind::VALUE, "", true));
                }
            }
            let scalars = words.examples().iter().filter(|value| !value.is_object() && !value.is_array());
            offers.extend(
                scalars.map(|value| offer(plain(value), CompletionItemKind::VALUE, "example", false)),
            );
        }
        let mut name = |names: Vec<String>, kind, detail: &str| {
            offers.extend(names.into_iter().map(|name| offer(encode_scalar(&name), kind, detail, true)));
        };
        let path: Vec<&str> = self.cursor.path.iter().map(String::as_str).collect();
        match (self.role, path.as_slice()) {
            (Role::Waivers, ["waivers", _, "code"]) => {
                return codes("").collect();
            }
            (Role::Waivers, ["waivers", _, "environment"])
            | (Role::Freezes, ["freezes", _, "environments", _]) => {
                name(self.environments(), CompletionItemKind::ENUM_MEMBER, "environment");
            }
            (Role::Waivers, ["waivers", _, "api"])
            | (Role::Freezes, ["freezes", _, "apis", _])
            | (Role::Metadata, [.., "networkPolicy", _, _, "api"]) => {
                name(self.apis(), CompletionItemKind::REFERENCE, "API");
            }
            (Role::Metadata, [.., "files", _]) => {
                name(self.files_in("config"), CompletionItemKind::FILE, "file of the API");
            }
            (Role::Metadata, ["environments", here, "extraResources", _]) => {
                name(
                    self.files_in(&format!("resources/{here}")),
                    CompletionItemKind::FILE,
                    "file of the API",
                );
            }
            (Role::Metadata, [.., "extraResources", _]) => {
                name(self.shared_files_in("resources"), CompletionItemKind::FILE, "file of the API");
            }
            (
                Role::Metadata,
                ["environments", here, "patches", _] | ["environments", here, "patches", _, "path"],
            ) => {
                name(self.files_in(&format!("patches/{here}")), CompletionItemKind::FILE, "file of the API");
            }
            (Role::Metadata, [.., "patches", _] | [.., "patches", _, "path"]) => {
                name(self.shared_files_in("patches"), CompletionItemKind::FILE, "file of the API");
            }
            _ => {}
        }
        offers
    }

    fn environments(&self) -> Vec<String> {
        let names =
            self.platform.map(|platform| platform.model.environments.keys().map(ToOwned::to_owned).collect());
        names.unwrap_or_default()
    }

    fn apis(&self) -> Vec<String> {
        fleet::api_names(self.files.snapshot(), &mut Sink::default()).unwrap_or_default()
    }

    /// The same without those in directories of environments.
    fn shared_files_in(&self, directory: &str) -> Vec<String> {
        let mut files = self.files_in(directory);
        let environments = self.environments();
        files.retain(|file| {
            file.split('/').nth(1).is_none_or(|name| !environments.iter().any(|known| known == name))
        });
        files
    }

    /// Files that people keep in a directory of the API, as metadata.yaml names them.
    fn files_in(&self, directory: &str) -> Vec<String> {
        let mut parts = self.path.split('/');
        let (Some(ONBOARDING), Some(api)) = (parts.next(), parts.next()) else { return Vec::new() };
        let root = format!("{ONBOARDING}/{api}/");
        let entries = self.files.snapshot().walk(&format!("{root}{directory}")).unwrap_or_default();
        let own = entries
            .iter()
            .filter(|entry| entry.kind == Kind::File && !entry.path.ends_with("/kustomization.yaml"));
        own.filter_map(|entry| Some(entry.path.strip_prefix(&root)?.to_owned())).collect()
    }
}

/// The codes that somebody may waive, each with what comes behind it.
fn codes(end: &str) -> impl Iterator<Item = Offer> {
    let waivable = RULES.iter().map(|rule| rule.code).filter(|code| code.waived_by != WaivedBy::Never);
    waivable.map(move |code| Offer {
        label: code.name.to_owned(),
        text: format!("{}{end}", code.name),
        kind: CompletionItemKind::ENUM_MEMBER,
        detail: code.severity.name().to_owned(),
        documentation: Some(code.summary().to_owned()),
        first: true,
    })
}
