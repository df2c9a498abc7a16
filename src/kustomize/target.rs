//! Which objects a patch with a `target` is for.

use super::codes::INVALID_KUSTOMIZATION;
use super::kustomization::{Kustomization, Target, Text};
use super::pattern::Pattern;
use super::resource::Resource;
use super::selector::Selector;
use crate::diagnostic::{Diagnostic, Sink, shorten};

/// A target, ready to be held against objects.
#[derive(Debug)]
pub(super) struct Matcher {
    group: Option<Pattern>,
    version: Option<Pattern>,
    kind: Option<Pattern>,
    name: Option<Pattern>,
    namespace: Option<Pattern>,
    labels: Option<Selector>,
    annotations: Option<Selector>,
}

impl Matcher {
    /// Reads the patterns of a target; those that are none are findings.
    pub(super) fn read(kustomization: &Kustomization, target: &Target, sink: &mut Sink) -> Option<Self> {
        let mut sound = true;
        let mut wrong = |text: &Text, what: &str| {
            let message = format!("`{}` is no {what}", shorten(&text.value));
            sink.push(Diagnostic::new(&INVALID_KUSTOMIZATION, kustomization.at(text.span), message));
            sound = false;
        };
        let mut pattern = |text: &Option<Text>| {
            let text = text.as_ref()?;
            Pattern::anchored(&text.value).map_err(|_| wrong(text, "regular expression")).ok()
        };
        let (group, version, kind) =
            (pattern(&target.group), pattern(&target.version), pattern(&target.kind));
        let (name, namespace) = (pattern(&target.name), pattern(&target.namespace));
        let mut selector = |text: &Option<Text>| {
            let text = text.as_ref()?;
            let read = Selector::read(&text.value);
            if read.is_none() {
                wrong(text, "label selector");
            }
            read
        };
        let (labels, annotations) = (selector(&target.labels), selector(&target.annotations));
        sound.then_some(Self { group, version, kind, name, namespace, labels, annotations })
    }

    /// Tells whether an object has all that the target says, by the name that it had first or the one that it has.
    pub(super) fn fits(&self, resource: &Resource) -> bool {
        let fits =
            |pattern: &Option<Pattern>, text: &str| pattern.as_ref().is_none_or(|pattern| pattern.fits(text));
        let first = resource.previous.first();
        let either = |pattern: &Option<Pattern>, now: &str, first: Option<&str>| {
            fits(pattern, now) || first.is_some_and(|first| fits(pattern, first))
        };
        let of = |key: &str| resource.json.get("metadata").and_then(|metadata| metadata.get(key));
        fits(&self.kind, resource.kind())
            && either(&self.name, resource.name(), first.map(|first| &*first.name))
            && either(&self.namespace, resource.effective_namespace(), first.map(|first| &*first.namespace))
            && fits(&self.group, resource.group())
            && fits(&self.version, resource.version())
            && self.labels.as_ref().is_none_or(|selector| selector.fits(of("labels")))
            && self.annotations.as_ref().is_none_or(|selector| selector.fits(of("annotations")))
    }
}
