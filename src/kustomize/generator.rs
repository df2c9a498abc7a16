//! `configMapGenerator` and `secretGenerator`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::codes::UNBUILDABLE_OVERLAY;
use super::kustomization::{Behavior, Generator, Kustomization, Text};
use super::load::{self, Named};
use super::resource::Resource;
use super::unprintable::hold_keys;
use super::{Files, LeftOut, base64};
use crate::diagnostic::{Diagnostic, Location, Sink, shorten};

/// Makes the object of a generator, and puts it to the others or into the one that is there. Where something is left out
/// already, so is what would go into it.
pub(super) fn run(
    files: &dyn Files,
    directory: &str,
    kustomization: &Kustomization,
    generator: &Generator,
    (resources, left_out): (&mut Vec<Resource>, &mut Option<Vec<LeftOut>>),
    sink: &mut Sink,
) {
    let mut reader = Reader {
        files,
        directory,
        kustomization,
        sink,
        secret: generator.secret,
        data: BTreeMap::new(),
        sound: true,
    };
    reader.read(generator);
    let (data, sound) = (reader.data, reader.sound);
    if sound {
        let resource = object(generator, data, kustomization.at(generator.span));
        absorb(generator.behavior, resource, (resources, left_out), sink);
    }
}

/// What the keys of a generator hold.
type Data = BTreeMap<String, Vec<u8>>;

struct Reader<'a> {
    files: &'a dyn Files,
    directory: &'a str,
    kustomization: &'a Kustomization,
    sink: &'a mut Sink,
    secret: bool,
    data: Data,
    sound: bool,
}

impl Reader<'_> {
    fn read(&mut self, generator: &Generator) {
        for text in &generator.envs {
            if let Some((path, bytes)) = self.file(text, &text.value) {
                self.env(text, &path, &bytes);
            }
        }
        for text in &generator.literals {
            match text.value.split_once('=') {
                Some((key, value)) if !key.is_empty() => {
                    self.add(text, key, unquoted(value).as_bytes().to_vec());
                }
                _ => self.wrong(text, "the literal is no `key=value`".to_owned(), Some("write `key=value`")),
            }
        }
        for text in &generator.files {
            let (key, path) = match text.value.split_once('=') {
                None => (text.value.rsplit('/').next().unwrap_or_default(), &*text.value),
                Some((key, path)) if !key.is_empty() && !path.is_empty() && !path.contains('=') => {
                    (key, path)
                }
                Some(_) => {
                    let message = format!("`{}` is neither `path` nor `key=path`", shorten(&text.value));
                    self.wrong(text, message, None);
                    continue;
                }
            };
            if let Some((_, bytes)) = self.file(text, path) {
                self.add(text, key, bytes);
            }
        }
    }

    fn file(&mut self, text: &Text, path: &str) -> Option<(Arc<str>, Vec<u8>)> {
        let at = self.kustomization.at(text.span);
        let read = load::file(self.files, self.directory, Named { path, at: &at }, self.sink);
        self.sound &= read.is_some();
        read
    }

    /// Reads a file of lines `KEY=value`.
    fn env(&mut self, text: &Text, path: &Arc<str>, bytes: &[u8]) {
        let Ok(content) = std::str::from_utf8(bytes) else {
            self.wrong(text, format!("`{path}` is not UTF-8, and a file of variables has to be"), None);
            return;
        };
        for line in content.strip_prefix('\u{feff}').unwrap_or(content).split('\n') {
            let line = line.strip_suffix('\r').unwrap_or(line).trim_start();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            // kustomize asks nothing of the names, and passes over a line without one.
            if !key.is_empty() {
                self.add(text, key, value.as_bytes().to_vec());
            }
        }
    }

    fn add(&mut self, at: &Text, key: &str, value: Vec<u8>) {
        if std::str::from_utf8(&value).is_ok_and(is_broken_block) && !self.secret {
            let message =
                format!("the text of `{key}` has several lines, and the first one starts with a tab");
            self.wrong(
                at,
                message,
                Some("kustomize cannot read what it writes then; start with another character"),
            );
        } else if self.data.insert(key.to_owned(), value).is_some() {
            self.wrong(at, format!("the key `{key}` is there twice"), Some("remove one of the two"));
        }
    }

    fn wrong(&mut self, text: &Text, message: String, help: Option<&str>) {
        self.sound = false;
        let finding = Diagnostic::new(&UNBUILDABLE_OVERLAY, self.kustomization.at(text.span), message);
        self.sink.push(finding.maybe_help(help.map(str::to_owned)));
    }
}

/// Takes one pair of quotes from around a literal.
fn unquoted(value: &str) -> &str {
    let inner = |quote: char| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}

fn object(generator: &Generator, data: Data, location: Location) -> Resource {
    let kind = if generator.secret { "Secret" } else { "ConfigMap" };
    let mut json =
        json!({ "apiVersion": "v1", "kind": kind, "metadata": { "name": &*generator.name.value } });
    if let Some(namespace) = &generator.namespace {
        json["metadata"]["namespace"] = (*namespace.value).into();
    }
    for (key, pairs) in
        [("labels", &generator.options.labels), ("annotations", &generator.options.annotations)]
    {
        if !pairs.is_empty() {
            json["metadata"][key] =
                pairs.iter().map(|(key, value)| (key.to_string(), Json::from(&**value))).collect();
        }
    }
    if generator.secret {
        json["type"] = generator.ty.as_ref().map_or("Opaque", |ty| &ty.value).into();
        json["data"] =
            data.into_iter().map(|(key, value)| (key, Json::from(base64::lines(&value)))).collect();
    } else {
        for (key, value) in data {
            match String::from_utf8(value) {
                Ok(text) => json["data"][key] = text.into(),
                Err(error) => json["binaryData"][key] = base64::lines(error.as_bytes()).into(),
            }
        }
    }
    if generator.options.immutable {
        json["immutable"] = true.into();
    }
    let hashed = !generator.options.no_hash;
    Resource { hashed, ..Resource::new(json, location) }
}

/// Puts a generated object to the others.
fn absorb(
    behavior: Behavior,
    mut new: Resource,
    (resources, left_out): (&mut Vec<Resource>, &mut Option<Vec<LeftOut>>),
    sink: &mut Sink,
) {
    let id = new.id();
    let mut known = resources.iter_mut().filter(|resource| resource.is_or_was(&id));
    match (known.next(), known.next()) {
        (None, _) if behavior == Behavior::Create => {
            hold_keys(&new, &["labels"], &["data", "binaryData"], sink);
            resources.push(new);
        }
        (None, _) => {
            let message = format!("there is no `{}` to merge into or to replace", id.title());
            if let Some(left_out) = left_out {
                left_out.push(LeftOut { place: new.location, why: message });
                return;
            }
            let finding = Diagnostic::new(&UNBUILDABLE_OVERLAY, new.location, message);
            sink.push(finding.help("correct the name, or remove `behavior`"));
        }
        (Some(known), None) if behavior == Behavior::Create => {
            let message = format!("`{}` is there already", id.title());
            let finding = Diagnostic::new(&UNBUILDABLE_OVERLAY, new.location, message);
            let finding = finding.related(known.location.clone(), "the first one");
            sink.push(finding.help("write `behavior: merge` or `behavior: replace`, or another name"));
        }
        (Some(known), None) => {
            inherit(&mut new, known);
            if behavior == Behavior::Merge {
                for key in ["data", "binaryData"] {
                    merge_data(&mut new.json, &known.json, key);
                }
            }
            hold_keys(&new, &["labels"], &["data", "binaryData"], sink);
            *known = new;
        }
        (Some(_), Some(_)) => {
            let message = format!("`{}` could go into several objects", id.title());
            sink.push(Diagnostic::new(&UNBUILDABLE_OVERLAY, new.location, message));
        }
    }
}

/// Gives a generated object the names of the one that it takes the place of, and its labels and annotations.
fn inherit(new: &mut Resource, known: &mut Resource) {
    for key in ["labels", "annotations"] {
        let of = |resource: &Resource| {
            let pairs = resource.json.get("metadata").and_then(|metadata| metadata.get(key));
            pairs.and_then(Json::as_object).cloned().unwrap_or_default()
        };
        let mut pairs = of(known);
        pairs.extend(of(new));
        let pairs: Map<String, Json> = pairs.into_iter().map(|(key, value)| (key, text_of(&value))).collect();
        if pairs.is_empty() {
            new.metadata().shift_remove(key);
        } else {
            new.metadata().insert(key.to_owned(), Json::Object(pairs));
        }
    }
    for (key, value) in [("name", known.name()), ("namespace", known.namespace())] {
        let value = value.to_owned();
        if value.is_empty() {
            new.metadata().shift_remove(key);
        } else {
            new.metadata().insert(key.to_owned(), value.into());
        }
    }
    new.previous.clone_from(&known.previous);
    new.prefixes.clone_from(&known.prefixes);
    new.suffixes.clone_from(&known.suffixes);
    new.hashed &= known.hashed;
}

/// Adds the keys of the object that was there.
fn merge_data(new: &mut Json, known: &Json, key: &str) {
    let of = |json: &Json| json.get(key).and_then(Json::as_object).cloned().unwrap_or_default();
    let mut data = of(known);
    data.extend(of(new));
    let Json::Object(map) = new else { return };
    if data.is_empty() {
        map.shift_remove(key);
    } else {
        let data: Map<String, Json> = data.into_iter().map(|(key, value)| (key, text_of(&value))).collect();
        map.insert(key.to_owned(), Json::Object(data));
    }
}

/// Tells whether kustomize cannot read a text again: it writes one of several lines as a block, and a block cannot start
/// with a tab.
fn is_broken_block(text: &str) -> bool {
    text.starts_with('\t') && text.contains('\n')
}

/// Makes text of a plain value.
fn text_of(value: &Json) -> Json {
    match value {
        Json::Number(_) | Json::Bool(_) => value.to_string().into(),
        Json::Null => "".into(),
        other => other.clone(),
    }
}
