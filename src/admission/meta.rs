//! `metadata`: names, labels, annotations.

use super::at::{At, Faults};
use super::selector;
use super::text::{ANNOTATION_KEY, DNS_1035, DNS_LABEL, Grammar, QUALIFIED, SEGMENT, SUBDOMAIN};

/// Bytes that all annotations of an object have at the most, keys included.
const MAX_ANNOTATIONS: usize = 256 << 10;

/// The grammar of the name of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Naming {
    /// A DNS name, which most have.
    Subdomain,
    /// A DNS label.
    Label,
    /// A DNS label that begins with a letter.
    Label1035,
    /// Whatever can stand in a path.
    Segment,
}

impl Naming {
    fn grammar(self) -> &'static Grammar {
        match self {
            Self::Subdomain => &SUBDOMAIN,
            Self::Label => &DNS_LABEL,
            Self::Label1035 => &DNS_1035,
            Self::Segment => &SEGMENT,
        }
    }
}

/// `ValidateObjectMeta`.
pub(super) fn object<'a>(root: At<'a, '_>, naming: Naming, faults: &mut Faults<'a>) {
    let metadata = root.key("metadata");
    let (name, generate) = (metadata.key("name"), metadata.key("generateName"));
    if !name.text().is_empty() {
        faults.hold(name, naming.grammar());
    } else if generate.text().is_empty() {
        faults.refuse(name, "`name` is missing");
    }
    let prefix = generate.text();
    if !prefix.is_empty() {
        // `maskTrailingDash`: what is generated comes after it.
        let masked = match prefix.strip_suffix('-') {
            Some(rest) if !rest.is_empty() => {
                format!("{}a", &rest[..rest.len() - rest.chars().last().map_or(0, char::len_utf8)])
            }
            _ => prefix.to_owned(),
        };
        if (naming.grammar().check)(&masked).is_err() {
            faults.hold(generate, naming.grammar());
        }
    }
    faults.hold_if_set(metadata.key("namespace"), &DNS_LABEL);
    selector::labels(metadata.key("labels"), faults);
    annotations(metadata.key("annotations"), faults);
    let finalizers = metadata.key("finalizers");
    finalizers.items().for_each(|finalizer| faults.hold(finalizer, &QUALIFIED));
    owners(metadata.key("ownerReferences"), faults);
}

/// `ValidateAnnotations`.
pub(super) fn annotations<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    let mut bytes = 0;
    for (key, value) in at.entries() {
        faults.hold_text(value, key, &ANNOTATION_KEY);
        bytes += key.len() + value.text().len();
    }
    if bytes > MAX_ANNOTATIONS {
        faults.refuse(
            at,
            format!("the annotations have {bytes} bytes together, {MAX_ANNOTATIONS} at the most"),
        );
    }
}

/// `ValidateOwnerReferences`.
fn owners<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    for owner in at.items() {
        for key in ["apiVersion", "kind", "name", "uid"] {
            faults.need_text(owner.key(key));
        }
    }
    if at.items().filter(|owner| owner.key("controller").is_true()).count() > 1 {
        faults.refuse(at, "two owners are `controller: true`");
    }
}

/// `ValidateNamespace`.
pub(super) fn namespace<'a>(root: At<'a, '_>, faults: &mut Faults<'a>) {
    object(root, Naming::Label, faults);
    let spec = root.key("spec");
    let finalizers = spec.key("finalizers");
    for finalizer in finalizers.items() {
        faults.hold(finalizer, &QUALIFIED);
        let text = finalizer.text();
        if !text.contains('/') && !matches!(text, "kubernetes" | "orphan" | "foregroundDeletion") {
            faults.refuse(finalizer, "the name of a finalizer has a prefix, as in `example.com/name`");
        }
    }
}
