//! A `kustomization.yaml`, typed: what it says, and where it says it.

mod old;
mod read;

pub(super) use read::{of_json, read};

use std::sync::Arc;

use super::LeftOut;
use super::vars::Var;
use crate::diagnostic::{Location, shorten};
use crate::yaml::Span;

/// A text of the file, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) value: Box<str>,
    pub(super) span: Span,
}

/// A file of kind Kustomization or Component.
#[derive(Debug)]
pub(super) struct Kustomization {
    pub(super) path: Arc<str>,
    /// Whether it is a Component, which works on what its user has.
    pub(super) component: bool,
    pub(super) resources: Vec<Text>,
    pub(super) components: Vec<Text>,
    /// Generators of ConfigMaps, and behind them those of Secrets.
    pub(super) generators: Vec<Generator>,
    pub(super) patches: Vec<Patch>,
    /// Patches that come behind labels and annotations; only foreign kustomizations have some.
    pub(super) late_patches: Vec<Patch>,
    /// Only foreign kustomizations have some.
    pub(super) vars: Vec<Var>,
    /// What foreign kustomizations have made by somebody else, and what nobody does here therefore.
    pub(super) made: Vec<(Text, &'static str)>,
    pub(super) namespace: Option<Text>,
    pub(super) prefix: Option<Text>,
    pub(super) suffix: Option<Text>,
    pub(super) labels: Vec<Labels>,
    pub(super) annotations: Pairs,
    pub(super) replicas: Vec<Replicas>,
    pub(super) images: Vec<Image>,
    /// Whether objects are printed in the order in which they come.
    pub(super) fifo: bool,
}

/// Keys with texts, as labels are.
pub(super) type Pairs = Vec<(Box<str>, Box<str>)>;

/// An entry of `patches`.
#[derive(Debug)]
pub(super) struct Patch {
    pub(super) content: Content,
    pub(super) target: Option<Target>,
    /// Where it says that a strategic-merge patch may change names or kinds. A JSON 6902 patch always may.
    pub(super) renames: Option<Span>,
    /// The entry as a whole.
    pub(super) span: Span,
}

/// Where a patch is written.
#[derive(Debug)]
pub(super) enum Content {
    /// In a file.
    Path(Text),
    /// Right there.
    Inline(Text),
}

/// Which objects a patch is for: those that fit in all that is said. Patterns are anchored regular expressions.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) group: Option<Text>,
    pub(super) version: Option<Text>,
    pub(super) kind: Option<Text>,
    pub(super) name: Option<Text>,
    pub(super) namespace: Option<Text>,
    pub(super) labels: Option<Text>,
    pub(super) annotations: Option<Text>,
}

/// An entry of `labels`.
#[derive(Debug)]
pub(super) struct Labels {
    pub(super) pairs: Pairs,
    pub(super) selectors: bool,
    pub(super) templates: bool,
    /// The entry as a whole.
    pub(super) span: Span,
}

/// An entry of `replicas`.
#[derive(Debug)]
pub(super) struct Replicas {
    pub(super) name: Text,
    pub(super) count: i64,
}

/// An entry of `images`.
#[derive(Debug)]
pub(super) struct Image {
    pub(super) name: Text,
    pub(super) new_name: Option<Text>,
    pub(super) new_tag: Option<Text>,
    pub(super) tag_suffix: Option<Text>,
    pub(super) digest: Option<Text>,
}

/// An entry of `configMapGenerator` or `secretGenerator`.
#[derive(Debug)]
pub(super) struct Generator {
    pub(super) secret: bool,
    pub(super) name: Text,
    pub(super) namespace: Option<Text>,
    pub(super) behavior: Behavior,
    /// The type of a Secret.
    pub(super) ty: Option<Text>,
    pub(super) literals: Vec<Text>,
    pub(super) files: Vec<Text>,
    pub(super) envs: Vec<Text>,
    pub(super) options: Options,
    pub(super) span: Span,
}

/// What a generator does where its object is already there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behavior {
    /// It must not be there.
    Create,
    /// Its data is replaced.
    Replace,
    /// Data is added to its data.
    Merge,
}

/// What else generated objects say.
#[derive(Clone, Debug, Default)]
pub(super) struct Options {
    pub(super) labels: Pairs,
    pub(super) annotations: Pairs,
    pub(super) no_hash: bool,
    pub(super) immutable: bool,
}

impl Kustomization {
    /// Points at a piece of the file.
    pub(super) fn at(&self, span: Span) -> Location {
        Location::at(self.path.clone(), span.start as usize..span.end as usize)
    }

    /// Returns what cannot be had from here.
    pub(super) fn left_out(&self) -> Vec<LeftOut> {
        let one = |(made, how): &(Text, &str)| LeftOut {
            place: self.at(made.span),
            why: format!("onramp does not {how} `{}`", shorten(&made.value)),
        };
        self.made.iter().map(one).collect()
    }
}
