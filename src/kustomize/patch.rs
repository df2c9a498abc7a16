//! `patches`.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::codes::{UNBUILDABLE_OVERLAY, UNSUPPORTED_KUSTOMIZATION_FIELD};
use super::json_patch::{Manner, Operation};
use super::kustomization::{Content, Kustomization, Patch, Text};
use super::load::{self, Named};
use super::merge::{self, Refusal};
use super::quotes::{self, Quoted, Watch};
use super::read::{self, Role};
use super::resource::{Null, Resource, Shared, Step};
use super::target::Matcher;
use super::unprintable::hold_keys;
use super::{Files, LeftOut, drafts, merge_keys};
use crate::diagnostic::{Diagnostic, Location, Sink, shorten};
use crate::yaml::{Document, Source, SourceId, Value};

/// Applies an entry of `patches`. Where something is left out already, so is what is for an object that is not there.
pub(super) fn run(
    files: &dyn Files,
    directory: &str,
    kustomization: &Kustomization,
    entry: &Patch,
    (resources, left_out): (&mut Vec<Resource>, &mut Option<Vec<LeftOut>>),
    sink: &mut Sink,
) -> Option<()> {
    let at = kustomization.at(entry.span);
    let (source, inline) = match &entry.content {
        Content::Path(text) => {
            let named = Named { path: &text.value, at: &kustomization.at(text.span) };
            let path = load::resolve(directory, named, sink)?;
            load::hold_inside(files, directory, &path, named, sink).ok()?;
            let parts = files.documents(&path).filter(|_| entry.target.is_none());
            if let Some(parts) = parts.and_then(|parts| drafts::objects(&path, parts)) {
                let source = Source { id: SourceId(0), path: path.into(), text: String::new() };
                return Run { at, inline: None, source: &source }.merge(parts, (resources, left_out), sink);
            }
            (load::source(files, directory, named, sink)?, None)
        }
        Content::Inline(text) => (inlined(kustomization, text), Some(kustomization.at(text.span))),
    };
    // A place in an inline text is one in the kustomization, but not by counting bytes: there is an indentation.
    let before = sink.len();
    let mut own = Sink::default();
    let content = read(&source, &mut own);
    for finding in own.into_findings() {
        sink.push(relocated(finding, inline.as_ref()));
    }
    let content = content.filter(|_| !sink.errors_since(before))?;
    let target = match &entry.target {
        Some(target) => Some(Matcher::read(kustomization, target, sink)?),
        None => None,
    };
    let run = Run { at, inline, source: &source };
    if let (Said::Objects(_), Some(renames)) = (&content, entry.renames) {
        let message = "onramp does not evaluate strategic-merge patches that change names or kinds";
        let finding = Diagnostic::new(&UNSUPPORTED_KUSTOMIZATION_FIELD, kustomization.at(renames), message);
        sink.push(finding.help("change them by a JSON 6902 patch, or leave them as they are"));
        return None;
    }
    match (content, target) {
        (Said::Objects(patches), None) => run.merge(patches, (resources, left_out), sink),
        (Said::Objects(patches), Some(target)) => run.merge_into(patches, &target, resources, sink),
        (Said::Operations(operations), Some(target)) => run.operations(&operations, &target, resources, sink),
        (Said::Operations(_), None) => {
            let message = "a JSON 6902 patch does not say what it is for";
            let finding = Diagnostic::new(&UNBUILDABLE_OVERLAY, run.at, message);
            sink.push(finding.help("write a `target` with `kind` and `name`"));
            None
        }
    }
}

/// What a patch says.
enum Said {
    /// Parts of objects.
    Objects(Vec<Resource>),
    /// Operations, and where the document starts that they stand in.
    Operations(Vec<(usize, Operation)>),
}

fn inlined(kustomization: &Kustomization, text: &Text) -> Source {
    Source { id: SourceId(0), path: kustomization.path.clone(), text: text.value.trim().to_owned() }
}

fn read(source: &Source, sink: &mut Sink) -> Option<Said> {
    let documents = read::documents(source, sink)?;
    let whole = || Location::file(source.path.clone());
    let Some(first) = documents.first() else {
        let finding = Diagnostic::new(&UNBUILDABLE_OVERLAY, whole(), "the patch is empty");
        sink.push(finding.help("write the patch, or remove the entry"));
        return None;
    };
    let Some(Value::Seq(items)) = first.node.as_ref().map(|node| &node.value) else {
        return read::objects_of(&documents, Role::Patch, sink).map(Said::Objects);
    };
    if documents.len() > 1 {
        let message = "a second document follows a JSON 6902 patch";
        let finding = Diagnostic::new(&UNBUILDABLE_OVERLAY, whole(), message);
        sink.push(finding.help("put all operations into one list"));
        return None;
    }
    // kustomize looks at the very first byte.
    if source.text.starts_with('[') && serde_json::from_str::<Json>(&source.text).is_err() {
        let message = "kustomize reads a patch that starts with `[` as JSON, and this is none";
        let finding = Diagnostic::new(&UNBUILDABLE_OVERLAY, whole(), message);
        sink.push(finding.help("start each operation with `- `, or quote all keys and texts"));
        return None;
    }
    let mut operations = Vec::with_capacity(items.len());
    let mut sound = true;
    for item in items {
        match Operation::read(item, &|node| first.value_of(node)) {
            Ok(operation) => operations.push((first.start, operation)),
            Err(faults) => {
                sound = false;
                for fault in faults {
                    let place = place(first, fault.span);
                    let finding = Diagnostic::new(&UNBUILDABLE_OVERLAY, place, fault.message);
                    sink.push(finding.maybe_help(fault.help));
                }
            }
        }
    }
    if operations.is_empty() && sound {
        sink.push(Diagnostic::new(&UNBUILDABLE_OVERLAY, whole(), "the patch has no operation"));
        return None;
    }
    sound.then_some(Said::Operations(operations))
}

fn place(document: &Document, span: crate::yaml::Span) -> Location {
    document.source.location(span).moved(document.start)
}

/// Points at the text of an inline patch as a whole.
fn relocated(mut finding: Diagnostic, inline: Option<&Location>) -> Diagnostic {
    if let Some(inline) = inline {
        finding.primary = inline.clone();
        finding.related.clear();
    }
    finding
}

/// A patch that is being applied.
struct Run<'a> {
    /// The entry in the kustomization.
    at: Location,
    inline: Option<Location>,
    source: &'a Source,
}

impl Run<'_> {
    /// Lays each part over the object that it names.
    fn merge(
        &self,
        patches: Vec<Resource>,
        (resources, left_out): (&mut Vec<Resource>, &mut Option<Vec<LeftOut>>),
        sink: &mut Sink,
    ) -> Option<()> {
        for patch in patches {
            let id = patch.id();
            let found: Vec<usize> =
                (0..resources.len()).filter(|index| resources[*index].is_or_was(&id)).collect();
            let [index] = found[..] else {
                let message = if found.is_empty() {
                    format!("there is no `{}` to patch", id.title())
                } else {
                    format!("`{}` could be several objects", id.title())
                };
                if let Some(left_out) = left_out.as_mut().filter(|_| found.is_empty()) {
                    left_out.push(LeftOut { place: self.at.clone(), why: message });
                    continue;
                }
                let finding = Diagnostic::new(&UNBUILDABLE_OVERLAY, patch.location.clone(), message);
                let finding =
                    finding.help("apiVersion, kind, name and namespace have to be those of the object");
                sink.push(relocated(finding, self.inline.as_ref()).related(self.at.clone(), "named here"));
                return None;
            };
            let location = patch.location.clone();
            if !self.lay(patch.json, &patch.quoted, &location, &mut resources[index], sink)? {
                resources.remove(index);
            }
        }
        Some(())
    }

    /// Lays a part over all objects that a target means.
    fn merge_into(
        &self,
        mut patches: Vec<Resource>,
        target: &Matcher,
        resources: &mut Vec<Resource>,
        sink: &mut Sink,
    ) -> Option<()> {
        let (Some(mut patch), true) = (patches.pop(), patches.is_empty()) else {
            let message = "a patch with a `target` has several documents";
            let finding = Diagnostic::new(&UNBUILDABLE_OVERLAY, self.at.clone(), message);
            sink.push(finding.help("give each its own entry, or leave the target out"));
            return None;
        };
        textual(&mut patch);
        let mut found = Sink::default();
        hold_keys(&patch, &["labels", "annotations"], &[], &mut found);
        if !found.is_empty() {
            let found = found.into_findings().into_iter();
            found.for_each(|finding| sink.push(relocated(finding, self.inline.as_ref())));
            return None;
        }
        let mut failed = false;
        resources.retain_mut(|resource| {
            if failed || !target.fits(resource) {
                return true;
            }
            let mut json = patch.json.clone();
            json["apiVersion"] = resource.json["apiVersion"].clone();
            let kept = self.lay(json, &patch.quoted, &patch.location, resource, sink);
            failed |= kept.is_none();
            kept.unwrap_or(true)
        });
        (!failed).then_some(())
    }

    /// Lays a part over an object. It stays what it is called; false means that the patch deletes it.
    fn lay(
        &self,
        patch: Json,
        quoted: &Quoted,
        location: &Location,
        resource: &mut Resource,
        sink: &mut Sink,
    ) -> Option<bool> {
        drop_empty(resource);
        if let Some(shared) = resource.shared.iter().find(|shared| changes(&patch, shared, false)) {
            let what = if shared.annotation { "annotation" } else { "label" };
            let message = format!("`{}` has the {what} `{}` in several places", resource.title(), shared.key);
            let finding = Diagnostic::new(&UNBUILDABLE_OVERLAY, location.clone(), message);
            let finding = finding.help("set it once: kustomize changes the other places too");
            sink.push(relocated(finding, self.inline.as_ref()));
            return None;
        }
        if forgets(&patch) {
            resource.forget();
        }
        let known = |key: &str, of: &Json| of.get(key).cloned();
        let kind = known("kind", &resource.json);
        let (name, namespace) =
            (known("name", &resource.json["metadata"]), known("namespace", &resource.json["metadata"]));
        let known_quoted = std::mem::take(&mut resource.quoted);
        let watch = Watch::new(&known_quoted, &resource.json, &patch);
        match merge::merge(resource.json.take(), patch) {
            Ok(None) => return Some(false),
            Ok(Some(json)) => resource.json = json,
            Err(Refusal { path, message }) => {
                let place = if path.is_empty() { String::new() } else { format!("`{}`: ", path.join(".")) };
                let title = format!("{} {}", text(kind.as_ref()), text(name.as_ref()));
                let message = format!("{place}{message}, in `{title}`");
                let finding = Diagnostic::new(&UNBUILDABLE_OVERLAY, location.clone(), message);
                sink.push(relocated(finding, self.inline.as_ref()));
                return None;
            }
        }
        if let Some(key) = watch.lost(&resource.json) {
            let message = format!("a value of `{key}` stands in quotes, and the patch has no text for it");
            let finding = Diagnostic::new(&UNBUILDABLE_OVERLAY, location.clone(), message);
            let finding =
                finding.help("take the quotes away in the object: kustomize keeps them, and makes it a text");
            sink.push(relocated(finding, self.inline.as_ref()));
            return None;
        }
        resource.quoted = known_quoted;
        if !quoted.is_empty() {
            Arc::make_mut(&mut resource.quoted).extend(quoted.iter().cloned());
        }
        if resource.json.as_object().is_none_or(Map::is_empty) {
            return Some(false);
        }
        if let Json::Object(map) = &mut resource.json {
            map.extend(kind.map(|kind| ("kind".to_owned(), kind)));
        }
        let metadata = resource.metadata();
        metadata.extend(name.map(|name| ("name".to_owned(), name)));
        match namespace.filter(|namespace| namespace.as_str().is_some_and(|text| !text.is_empty())) {
            Some(namespace) => drop(metadata.insert("namespace".to_owned(), namespace)),
            None => drop(metadata.shift_remove("namespace")),
        }
        Some(true)
    }

    /// Applies operations to all objects that a target means.
    fn operations(
        &self,
        operations: &[(usize, Operation)],
        target: &Matcher,
        resources: &mut [Resource],
        sink: &mut Sink,
    ) -> Option<()> {
        for resource in resources.iter_mut().filter(|resource| target.fits(resource)) {
            resource.remember();
            // Through JSON all nulls are written, and no two places are one.
            resource.settle_nulls();
            resource.shared.clear();
            let title = resource.title();
            for (start, operation) in operations {
                if let Err(fault) = operation.apply(&mut resource.json, &title, Manner::Kustomize) {
                    let place = self.source.location(fault.span).moved(*start);
                    let finding =
                        Diagnostic::new(&UNBUILDABLE_OVERLAY, place, fault.message).maybe_help(fault.help);
                    sink.push(
                        relocated(finding, self.inline.as_ref()).related(self.at.clone(), "named here"),
                    );
                    return None;
                }
            }
            let mut quoted = Quoted::new();
            quotes::written_anew(&resource.json, &mut quoted);
            resource.quoted = Arc::new(quoted);
            if resource.kind().is_empty() || resource.name().is_empty() {
                let message = format!("the patch takes kind or name from `{}`", shorten(&title));
                let finding = Diagnostic::new(&UNBUILDABLE_OVERLAY, self.at.clone(), message);
                sink.push(finding.help("leave them, or remove the object"));
                return None;
            }
        }
        Some(())
    }
}

/// Tells whether a patch takes all annotations away. kustomize keeps there what it knows of an object.
fn forgets(patch: &Json) -> bool {
    let Some(metadata) = patch.get("metadata") else { return false };
    let replaces = |part: &Json| {
        part.get("$patch").is_some_and(|directive| directive == "replace" || directive == "delete")
    };
    let annotations = metadata.get("annotations");
    replaces(metadata)
        || annotations.is_some_and(|annotations| annotations.is_null() || replaces(annotations))
}

/// Tells whether a patch changes a label or annotation that stands in several places.
fn changes(patch: &Json, shared: &Shared, in_labels: bool) -> bool {
    match patch {
        Json::Array(items) => items.iter().any(|item| changes(item, shared, false)),
        Json::Object(map) => map.iter().any(|(key, value)| {
            let labels = match &**key {
                "annotations" => shared.annotation,
                "labels" | "matchLabels" | "selector" => !shared.annotation,
                _ => false,
            };
            in_labels && *key == *shared.key && value.as_str().is_some_and(|text| *text != *shared.value)
                || changes(value, shared, labels)
        }),
        _ => false,
    }
}

fn text(value: Option<&Json>) -> &str {
    value.and_then(Json::as_str).unwrap_or_default()
}

/// Takes from an object the values for which nothing is written, wherever a merge comes by. Lists that a patch replaces
/// it does not look into.
fn drop_empty(resource: &mut Resource) {
    let ty = merge_keys::of_object(resource.api_version(), resource.kind());
    for null in resource.nulls.iter().filter(|null| null.written.is_empty()) {
        take(&mut resource.json, &null.path, ty.map(merge_keys::Field::Map));
    }
}

fn take(value: &mut Json, path: &[Step], ty: Option<merge_keys::Field>) {
    use merge_keys::Field;
    match (value, path) {
        (Json::Object(map), [Step::Key(key)]) if map.get(&**key).is_some_and(Json::is_null) => {
            map.shift_remove(&**key);
        }
        (Json::Object(map), [Step::Key(key), rest @ ..]) => {
            let below = match ty {
                Some(Field::Map(ty)) => ty.field(key),
                _ => None,
            };
            if let Some(value) = map.get_mut(&**key) {
                take(value, rest, below);
            }
        }
        (Json::Array(items), [Step::Index(index), rest @ ..]) => {
            if let (Some(Field::List(_, ty)), Some(value)) = (ty, items.get_mut(*index)) {
                take(value, rest, Some(Field::Map(ty)));
            }
        }
        _ => {}
    }
}

/// Makes text of a patch's labels and annotations, as kustomize does where there is a target: a null, which would take
/// one away, is a text then.
fn textual(patch: &mut Resource) {
    let written = |key: &str, name: &str, nulls: &[Null]| {
        let is = |step: &Step, wanted: &str| matches!(step, Step::Key(key) if **key == *wanted);
        let here = |null: &&Null| match &*null.path {
            [one, two, three] => is(one, "metadata") && is(two, key) && is(three, name),
            _ => false,
        };
        nulls.iter().find(here).map_or_else(|| "null".into(), |null| null.written.clone())
    };
    let metadata = patch.json.get_mut("metadata");
    let Some(Json::Object(metadata)) = metadata else { return };
    for key in ["labels", "annotations"] {
        let Some(value) = metadata.get_mut(key) else { continue };
        let Json::Object(pairs) = value else {
            metadata.shift_remove(key);
            continue;
        };
        for (name, value) in pairs.iter_mut() {
            *value = match value {
                Json::String(text) => std::mem::take(text).into(),
                Json::Null => Json::from(&*written(key, name, &patch.nulls)),
                Json::Number(_) | Json::Bool(_) => value.to_string().into(),
                Json::Array(_) | Json::Object(_) => "".into(),
            };
        }
        if pairs.is_empty() {
            metadata.shift_remove(key);
        }
    }
}
