//! Reads a kustomization: every field is known, or it is a finding.

use std::sync::Arc;

use serde_json::Value as Json;

use super::old::Old;
use super::{
    Behavior, Content, Generator, Image, Kustomization, Labels, Options, Pairs, Patch, Replicas, Target, Text,
};
use crate::diagnostic::{Diagnostic, Location, Sink, nearest, shorten};
use crate::kustomize::codes::{INVALID_KUSTOMIZATION, UNSUPPORTED_KUSTOMIZATION_FIELD};
use crate::yaml::{self, Entry, Node, Source, SourceId, Span, Value};

/// The fields that are evaluated.
const FIELDS: &[&str] = &[
    "apiVersion",
    "kind",
    "metadata",
    "resources",
    "components",
    "configMapGenerator",
    "secretGenerator",
    "generatorOptions",
    "patches",
    "namespace",
    "namePrefix",
    "nameSuffix",
    "labels",
    "commonAnnotations",
    "replicas",
    "images",
    "sortOptions",
];

/// The fields that kustomize knows besides, and what to do instead.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("bases", "name the directories under `resources`; `bases` is deprecated"),
    ("commonLabels", "write `labels` with `includeSelectors: true`; `commonLabels` is deprecated"),
    ("imageTags", "write `images`; `imageTags` is deprecated"),
    ("patchesStrategicMerge", "write `patches` with `path`; `patchesStrategicMerge` is deprecated"),
    ("patchesJson6902", "write `patches` with `path` and `target`; `patchesJson6902` is deprecated"),
    ("vars", "write the values themselves"),
    ("replacements", "write the values themselves, or a patch"),
    ("crds", "name the references in full"),
    ("openapi", "write lists of custom resources whole in patches"),
    ("configurations", "write a patch"),
    ("generators", "commit what they generate, and name it under `resources`"),
    ("transformers", "write a patch"),
    ("validators", "run them beside onramp"),
    ("helmCharts", "commit what the chart renders, and name it under `resources`"),
    ("helmGlobals", "commit what the chart renders, and name it under `resources`"),
    ("helmChartInflationGenerator", "commit what the chart renders, and name it under `resources`"),
    ("buildMetadata", "remove it"),
];

/// Reads a kustomization, with the fields of old where strangers wrote it; nothing is returned where a finding was made.
pub(in crate::kustomize) fn read(
    source: &Source,
    is_foreign: bool,
    sink: &mut Sink,
) -> Option<Kustomization> {
    let before = sink.len();
    let node = yaml::parse(source, sink);
    let kustomization = node.map(|node| Reader { source, is_foreign, sink }.kustomization(&node));
    kustomization.filter(|_| !sink.errors_since(before))
}

/// Reads the same from what it is written from, so that no place means anything.
pub(in crate::kustomize) fn of_json(path: Arc<str>, json: &Json, sink: &mut Sink) -> Option<Kustomization> {
    let before = sink.len();
    let source = Source { id: SourceId(0), path, text: String::new() };
    let node = Node::without_place(json);
    let kustomization = Reader { source: &source, is_foreign: false, sink }.kustomization(&node);
    Some(kustomization).filter(|_| !sink.errors_since(before))
}

pub(super) struct Reader<'a> {
    source: &'a Source,
    /// Whether the fields of old are read.
    is_foreign: bool,
    sink: &'a mut Sink,
}

impl Reader<'_> {
    fn kustomization(&mut self, node: &Node) -> Kustomization {
        let mut out = Kustomization {
            path: self.source.path.clone(),
            component: false,
            resources: Vec::new(),
            components: Vec::new(),
            generators: Vec::new(),
            patches: Vec::new(),
            late_patches: Vec::new(),
            vars: Vec::new(),
            made: Vec::new(),
            namespace: None,
            prefix: None,
            suffix: None,
            labels: Vec::new(),
            annotations: Vec::new(),
            replicas: Vec::new(),
            images: Vec::new(),
            fifo: false,
        };
        let mut options = Options::default();
        let mut secrets = Vec::new();
        let mut old = Old::default();
        for Entry { key, key_span, node } in self.map(node) {
            match &**key {
                // Looked at together.
                "apiVersion" | "kind" => {}
                "metadata" => drop(self.map(node)),
                "resources" => out.resources = self.texts(node),
                "components" => out.components = self.texts(node),
                "configMapGenerator" => out.generators = self.generators(node, false),
                "secretGenerator" => secrets = self.generators(node, true),
                "generatorOptions" => options = self.options(node),
                "patches" => out.patches = self.each(node, Self::patch),
                "namespace" => out.namespace = self.text(node),
                "namePrefix" => out.prefix = self.text(node),
                "nameSuffix" => out.suffix = self.text(node),
                "labels" => out.labels = self.each(node, |reader, item| Some(reader.labels(item))),
                "commonAnnotations" => out.annotations = self.pairs(node),
                "replicas" => out.replicas = self.each(node, Self::replicas),
                "images" => out.images = self.each(node, Self::image),
                "sortOptions" => out.fifo = self.is_fifo(node),
                other if self.is_foreign && self.old(other, *key_span, node, &mut old) => {}
                unknown => self.unknown(unknown, *key_span, FIELDS),
            }
        }
        old.put_into(&mut out);
        out.component = self.is_component(node);
        let says =
            |entry: &Entry| !matches!(&*entry.key, "apiVersion" | "kind") && !is_nothing(&entry.node.value);
        if !node.entries().iter().any(says) {
            self.wrong(
                node.span,
                "the file says nothing, and kustomize refuses it",
                Some("name `resources`".to_owned()),
            );
        }
        out.generators.extend(secrets);
        for generator in &mut out.generators {
            generator.options.fill(&options);
        }
        out
    }

    /// Reads what the file is, and holds its version against it.
    fn is_component(&mut self, node: &Node) -> bool {
        let text = |key: &str| node.get(key).and_then(Node::as_str).filter(|text| !text.is_empty());
        let kind = text("kind").unwrap_or("Kustomization");
        if !matches!(kind, "Kustomization" | "Component") {
            let at = node.get("kind").map_or(node.span, |kind| kind.span);
            let message =
                format!("`kind` is neither `Kustomization` nor `Component` but `{}`", shorten(kind));
            self.wrong(at, message, None);
            return false;
        }
        let component = kind == "Component";
        let version = if component { "v1alpha1" } else { "v1beta1" };
        let version = format!("kustomize.config.k8s.io/{version}");
        let written = node.get("apiVersion").filter(|written| written.value != Value::Null);
        if let Some(written) = written.filter(|written| written.as_str().is_none_or(|text| text != version)) {
            let message = format!("a file of kind `{kind}` has another `apiVersion`");
            self.wrong(written.span, message, Some(format!("write `apiVersion: {version}`")));
        }
        component
    }

    pub(super) fn patch(&mut self, node: &Node) -> Option<Patch> {
        if self.is_foreign && matches!(node.value, Value::String(_)) {
            return self.old_patch(node);
        }
        let (mut path, mut inline, mut target, mut renames) = (None, None, None, None);
        for Entry { key, key_span, node } in self.map(node) {
            match &**key {
                "path" => path = self.text(node),
                "patch" => inline = self.text(node),
                "target" if node.value != Value::Null => target = Some(self.target(node)),
                "target" => {}
                "options" => {
                    for Entry { key, key_span, node } in self.map(node) {
                        match &**key {
                            "allowNameChange" | "allowKindChange" => {
                                let off = matches!(node.value, Value::Bool(false) | Value::Null);
                                renames = renames.or((!off).then_some(*key_span));
                            }
                            unknown => {
                                self.unknown(unknown, *key_span, &["allowNameChange", "allowKindChange"]);
                            }
                        }
                    }
                }
                unknown => self.unknown(unknown, *key_span, &["path", "patch", "target", "options"]),
            }
        }
        let inline = inline.filter(|inline| !inline.value.trim().is_empty());
        let content = match (path, inline) {
            (Some(path), None) => Content::Path(path),
            (None, Some(inline)) => Content::Inline(inline),
            (Some(_), Some(inline)) => {
                self.wrong(
                    inline.span,
                    "the entry has both `path` and `patch`",
                    Some("remove one of the two".to_owned()),
                );
                return None;
            }
            (None, None) => {
                let help = Some("write `path: FILE`, or the patch under `patch: |-`".to_owned());
                self.wrong(head(node), "the entry has neither `path` nor `patch`", help);
                return None;
            }
        };
        Some(Patch { content, target, renames, span: head(node) })
    }

    fn target(&mut self, node: &Node) -> Target {
        let mut out = Target {
            group: None,
            version: None,
            kind: None,
            name: None,
            namespace: None,
            labels: None,
            annotations: None,
        };
        for Entry { key, key_span, node } in self.map(node) {
            match &**key {
                "group" => out.group = self.text(node),
                "version" => out.version = self.text(node),
                "kind" => out.kind = self.text(node),
                "name" => out.name = self.text(node),
                "namespace" => out.namespace = self.text(node),
                "labelSelector" => out.labels = self.text(node),
                "annotationSelector" => out.annotations = self.text(node),
                unknown => {
                    let known = [
                        "group",
                        "version",
                        "kind",
                        "name",
                        "namespace",
                        "labelSelector",
                        "annotationSelector",
                    ];
                    self.unknown(unknown, *key_span, &known);
                }
            }
        }
        out
    }

    fn labels(&mut self, node: &Node) -> Labels {
        let mut out = Labels { pairs: Vec::new(), selectors: false, templates: false, span: node.span };
        for Entry { key, key_span, node } in self.map(node) {
            match &**key {
                "pairs" => out.pairs = self.pairs(node),
                "includeSelectors" => out.selectors = self.boolean(node),
                "includeTemplates" => out.templates = self.boolean(node),
                "fields" => self.unsupported("fields", *key_span, "write a patch"),
                unknown => {
                    self.unknown(unknown, *key_span, &["pairs", "includeSelectors", "includeTemplates"]);
                }
            }
        }
        out
    }

    fn replicas(&mut self, node: &Node) -> Option<Replicas> {
        let (mut name, mut count) = (None, 0);
        for Entry { key, key_span, node } in self.map(node) {
            match &**key {
                "name" => name = self.text(node),
                "count" => count = self.integer(node),
                unknown => self.unknown(unknown, *key_span, &["name", "count"]),
            }
        }
        if name.is_none() {
            self.wrong(head(node), "the entry has no `name`", None);
        }
        Some(Replicas { name: name?, count })
    }

    pub(super) fn image(&mut self, node: &Node) -> Option<Image> {
        let (mut name, mut new_name, mut new_tag, mut tag_suffix, mut digest) =
            (None, None, None, None, None);
        for Entry { key, key_span, node } in self.map(node) {
            match &**key {
                "name" => name = self.text(node),
                "newName" => new_name = self.text(node),
                "newTag" => new_tag = self.text(node),
                "tagSuffix" => tag_suffix = self.text(node),
                "digest" => digest = self.text(node),
                unknown => {
                    self.unknown(unknown, *key_span, &["name", "newName", "newTag", "tagSuffix", "digest"]);
                }
            }
        }
        if name.is_none() {
            self.wrong(head(node), "the entry has no `name`", None);
        }
        Some(Image { name: name?, new_name, new_tag, tag_suffix, digest })
    }

    fn generators(&mut self, node: &Node, secret: bool) -> Vec<Generator> {
        self.each(node, |reader, node| reader.generator(node, secret))
    }

    fn generator(&mut self, node: &Node, secret: bool) -> Option<Generator> {
        let (mut name, mut namespace, mut behavior, mut ty) = (None, None, None, None);
        let (mut literals, mut files, mut envs) = (Vec::new(), Vec::new(), Vec::new());
        let mut options = Options::default();
        for Entry { key, key_span, node } in self.map(node) {
            match &**key {
                "name" => name = self.text(node),
                "namespace" => namespace = self.text(node),
                "behavior" => behavior = self.text(node),
                "type" if secret => ty = self.text(node),
                "literals" => literals = self.texts(node),
                "files" => files = self.texts(node),
                "envs" => envs = self.texts(node),
                "env" if self.is_foreign => envs.extend(self.text(node)),
                "env" => self.unsupported("env", *key_span, "write `envs`, a list; `env` is deprecated"),
                "options" => options = self.options(node),
                unknown => {
                    let known =
                        ["name", "namespace", "behavior", "type", "literals", "files", "envs", "options"];
                    self.unknown(unknown, *key_span, &known);
                }
            }
        }
        let behavior = match behavior.as_ref().map(|behavior| &*behavior.value) {
            None | Some("create") => Behavior::Create,
            Some("replace") => Behavior::Replace,
            Some("merge") => Behavior::Merge,
            // kustomize takes any other word for `create`, which nobody means.
            Some(other) => {
                let message = format!("`{}` is no behavior", shorten(other));
                let span = behavior.as_ref().map_or_else(|| head(node), |behavior| behavior.span);
                self.wrong(span, message, Some("write `create`, `merge` or `replace`".to_owned()));
                return None;
            }
        };
        if name.is_none() {
            self.wrong(head(node), "the entry has no `name`", None);
        }
        let name = name?;
        Some(Generator {
            secret,
            name,
            namespace,
            behavior,
            ty,
            literals,
            files,
            envs,
            options,
            span: head(node),
        })
    }

    fn options(&mut self, node: &Node) -> Options {
        let mut out = Options::default();
        for Entry { key, key_span, node } in self.map(node) {
            match &**key {
                "labels" => out.labels = self.pairs(node),
                "annotations" => out.annotations = self.pairs(node),
                "disableNameSuffixHash" => out.no_hash = self.boolean(node),
                "immutable" => out.immutable = self.boolean(node),
                unknown => {
                    let known = ["labels", "annotations", "disableNameSuffixHash", "immutable"];
                    self.unknown(unknown, *key_span, &known);
                }
            }
        }
        out
    }

    fn is_fifo(&mut self, node: &Node) -> bool {
        let mut fifo = false;
        for Entry { key, key_span, node } in self.map(node) {
            match &**key {
                "order" => match self.text(node) {
                    Some(order) if &*order.value == "fifo" => fifo = true,
                    Some(order) if &*order.value == "legacy" => {}
                    _ => self.wrong(node.span, "`order` is neither `legacy` nor `fifo`", None),
                },
                "legacySortOptions" => self.unsupported("legacySortOptions", *key_span, "remove it"),
                unknown => self.unknown(unknown, *key_span, &["order"]),
            }
        }
        fifo
    }

    // Values.

    pub(super) fn map<'n>(&mut self, node: &'n Node) -> &'n [Entry] {
        if !matches!(node.value, Value::Map(_) | Value::Null) {
            self.mistyped(node, "a map");
        }
        node.entries()
    }

    pub(super) fn each<T>(
        &mut self,
        node: &Node,
        mut read: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Vec<T> {
        if !matches!(node.value, Value::Seq(_) | Value::Null) {
            self.mistyped(node, "a list");
        }
        node.items().iter().filter_map(|item| read(self, item)).collect()
    }

    pub(super) fn texts(&mut self, node: &Node) -> Vec<Text> {
        self.each(node, |reader, item| {
            let text = reader.text(item);
            if text.is_none() && matches!(item.value, Value::Null | Value::String(_)) {
                reader.wrong(item.span, "the entry is empty", None);
            }
            text
        })
    }

    /// Reads a text; one that is empty says nothing.
    pub(super) fn text(&mut self, node: &Node) -> Option<Text> {
        match &node.value {
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => {
                if text.contains('\u{85}') {
                    let message = "kustomize takes the character U+0085 for the end of a line here";
                    self.wrong(node.span, message, Some("put the text into a file".to_owned()));
                }
                Some(Text { value: text.clone(), span: node.span })
            }
            Value::Null => None,
            _ => {
                self.mistyped(node, "text");
                None
            }
        }
    }

    fn boolean(&mut self, node: &Node) -> bool {
        match node.value {
            Value::Bool(value) => value,
            Value::Null => false,
            _ => {
                self.mistyped(node, "`true` or `false`");
                false
            }
        }
    }

    fn integer(&mut self, node: &Node) -> i64 {
        match &node.value {
            Value::Number(number) if number.is_i64() => number.as_i64().unwrap_or_default(),
            Value::Null => 0,
            _ => {
                self.mistyped(node, "an integer");
                0
            }
        }
    }

    pub(super) fn pairs(&mut self, node: &Node) -> Pairs {
        let mut out: Pairs = Vec::new();
        for Entry { key, key_span, node } in self.map(node) {
            let value = self.text(node).map(|text| text.value).unwrap_or_default();
            if !yaml::is_text_to_kustomize(key) {
                let message = format!("kustomize writes the key `{}` without quotes", shorten(key));
                let help = "take another key: this one is no text to YAML";
                self.wrong(*key_span, message, Some(help.to_owned()));
            }
            out.push((key.clone(), value));
        }
        // As kustomize goes through them.
        out.sort();
        out
    }

    // Findings.

    pub(super) fn unknown(&mut self, key: &str, span: Span, known: &[&str]) {
        let top = known == FIELDS;
        if top && let Some((_, help)) = UNSUPPORTED.iter().find(|(unsupported, _)| *unsupported == key) {
            return self.unsupported(key, span, help);
        }
        let message = format!("kustomize knows no field `{}` here", shorten(key));
        let near = nearest(key, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
        self.wrong(span, message, near);
    }

    fn unsupported(&mut self, key: &str, span: Span, help: &str) {
        let message = format!("onramp does not evaluate `{key}`");
        let finding = Diagnostic::new(&UNSUPPORTED_KUSTOMIZATION_FIELD, self.at(span), message);
        self.sink.push(finding.help(help));
    }

    fn mistyped(&mut self, node: &Node, expected: &str) {
        let message = format!("{expected} is expected, and this is {}", node.value.kind());
        let scalar = matches!(node.value, Value::Bool(_) | Value::Number(_)) && expected == "text";
        let help = scalar.then(|| format!("put it into quotes: `\"{}\"`", self.source.slice(node.span)));
        self.wrong(node.span, message, help);
    }

    pub(super) fn wrong(&mut self, span: Span, message: impl Into<String>, help: Option<String>) {
        self.sink.push(Diagnostic::new(&INVALID_KUSTOMIZATION, self.at(span), message).maybe_help(help));
    }

    fn at(&self, span: Span) -> Location {
        self.source.location(span)
    }
}

/// Tells whether kustomize takes a value for none.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

/// Returns a short piece to point at: the first key of a map, or the value itself.
fn head(node: &Node) -> Span {
    node.entries().first().map_or(node.span, |entry| entry.key_span)
}

impl Options {
    /// Adds what is said for all generators of the file.
    fn fill(&mut self, all: &Self) {
        let add = |own: &mut Pairs, all: &Pairs| {
            for (key, value) in all {
                if !own.iter().any(|(known, _)| known == key) {
                    own.push((key.clone(), value.clone()));
                }
            }
        };
        add(&mut self.labels, &all.labels);
        add(&mut self.annotations, &all.annotations);
        self.no_hash |= all.no_hash;
        self.immutable |= all.immutable;
    }
}
