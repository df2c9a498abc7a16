//! Fields that kustomize reads still, and asks nobody to write: what they mean in the words of today. Strangers' kustomizations
//! are full of them; in our own they are findings.

use super::read::Reader;
use super::{Content, Image, Kustomization, Labels, Pairs, Patch, Text};
use crate::kustomize::vars::Var;
use crate::yaml::{Entry, Node, Span, Value};

/// The path of a variable's value where it says none.
const NAME: &str = "metadata.name";

/// What the fields of old say.
#[derive(Default)]
pub(super) struct Old {
    bases: Vec<Text>,
    labels: Option<(Pairs, Span)>,
    images: Vec<Image>,
    /// They come first.
    merges: Vec<Patch>,
    /// They come behind labels and annotations.
    operations: Vec<Patch>,
    vars: Vec<Var>,
    /// What somebody else makes: a name, and what it is.
    made: Vec<(Text, &'static str)>,
}

impl Old {
    /// Puts them where kustomize does.
    pub(super) fn put_into(self, out: &mut Kustomization) {
        out.resources.extend(self.bases);
        out.images.extend(self.images);
        out.patches.splice(0..0, self.merges);
        out.late_patches = self.operations;
        out.vars = self.vars;
        out.made = self.made;
        if let Some((pairs, span)) = self.labels.filter(|(pairs, _)| !pairs.is_empty()) {
            out.labels.push(Labels { pairs, selectors: true, templates: false, span });
        }
    }
}

impl Reader<'_> {
    /// Reads a field of old; false where it is none.
    pub(super) fn old(&mut self, key: &str, span: Span, node: &Node, old: &mut Old) -> bool {
        match key {
            "bases" => old.bases = self.texts(node),
            "commonLabels" => old.labels = Some((self.pairs(node), span)),
            "imageTags" => old.images = self.each(node, Self::image),
            "patchesStrategicMerge" => old.merges = self.each(node, Self::old_patch),
            "patchesJson6902" => old.operations = self.each(node, Self::patch),
            "vars" => old.vars = self.each(node, Self::var),
            // They only look at what is built.
            "validators" => drop(self.texts(node)),
            "helmCharts" | "helmChartInflationGenerator" => {
                old.made
                    .extend(self.each(node, |reader, item| Some((reader.chart(item), "render the chart"))));
            }
            "generators" => {
                let generators = self.texts(node).into_iter();
                old.made.extend(generators.map(|generator| (generator, "run the generator")));
            }
            "helmGlobals" => drop(self.map(node)),
            _ => return false,
        }
        true
    }

    /// Reads a patch that is the path of a file, or the text of the patch.
    pub(super) fn old_patch(&mut self, node: &Node) -> Option<Patch> {
        let text = self.text(node)?;
        let content = if text.value.contains('\n') { Content::Inline(text) } else { Content::Path(text) };
        Some(Patch { content, target: None, renames: None, span: node.span })
    }

    fn chart(&mut self, node: &Node) -> Text {
        let mut name = None;
        for Entry { key, node, .. } in self.map(node) {
            if matches!(&**key, "name" | "chartName") {
                name = self.text(node);
            }
        }
        name.unwrap_or_else(|| Text { value: "".into(), span: node.span })
    }

    fn var(&mut self, node: &Node) -> Option<Var> {
        let mut var = Var { path: NAME.to_owned(), ..Var::default() };
        for Entry { key, key_span, node } in self.map(node) {
            match &**key {
                "name" => var.name = self.word(node),
                "objref" | "objRef" => {
                    let (mut group, mut version) = (String::new(), String::new());
                    for Entry { key, node, .. } in self.map(node) {
                        match &**key {
                            "apiVersion" => var.api_version = self.word(node),
                            "group" => group = self.word(node) + "/",
                            "version" => version = self.word(node),
                            "kind" => var.kind = self.word(node),
                            "name" => var.object = self.word(node),
                            "namespace" => var.namespace = self.word(node),
                            _ => {}
                        }
                    }
                    if var.api_version.is_empty() && !version.is_empty() {
                        var.api_version = group.trim_start_matches('/').to_owned() + &version;
                    }
                }
                "fieldref" | "fieldRef" => {
                    for Entry { key, node, .. } in self.map(node) {
                        if matches!(&**key, "fieldpath" | "fieldPath") {
                            var.path = self.word(node);
                        }
                    }
                }
                unknown => self.unknown(unknown, *key_span, &["name", "objref", "fieldref"]),
            }
        }
        if var.name.is_empty() || matches!(node.value, Value::Null) {
            self.wrong(node.span, "the entry has no `name`", None);
            return None;
        }
        Some(var)
    }

    fn word(&mut self, node: &Node) -> String {
        self.text(node).map(|text| text.value.into_string()).unwrap_or_default()
    }
}
