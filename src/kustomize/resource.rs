//! An object on its way through a build, and the names that it had.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::quotes::Quoted;
use super::scope;
use crate::diagnostic::Location;
use crate::ordered::field;

/// What an object is known by at some moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Id {
    /// Its API group; the core group is empty.
    pub(super) group: Box<str>,
    /// Its version.
    pub(super) version: Box<str>,
    /// Its kind.
    pub(super) kind: Box<str>,
    /// Its name.
    pub(super) name: Box<str>,
    /// Its namespace as kustomize compares it: `default` where it names none, and a word of its own for an object of the
    /// cluster.
    pub(super) namespace: Box<str>,
}

/// An earlier name of an object. Its group and version are those that it has now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Previous {
    pub(super) kind: Box<str>,
    pub(super) name: Box<str>,
    pub(super) namespace: Box<str>,
}

/// One step on the way to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Key(Box<str>),
    Index(usize),
}

/// A null of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Null {
    pub(super) path: Box<[Step]>,
    /// `null`, `~` or nothing. What is written stays in an object, and nothing goes away in a merge.
    pub(super) written: Box<str>,
    /// Whether it stands between braces, where kustomize makes a text of nothing.
    pub(super) in_braces: bool,
}

/// How far labels reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    Objects,
    Templates,
    Selectors,
}

/// A label or annotation that a kustomization has written into several places at once. It is one value there to kustomize, which a later
/// change of any place changes in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shared {
    pub(super) annotation: bool,
    pub(super) key: Box<str>,
    pub(super) value: Box<str>,
    pub(super) reach: Reach,
}

/// An object, and what kustomize keeps about it.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    pub(super) json: Json,
    /// Its names, from the first on, without the one that it has now.
    pub(super) previous: Vec<Previous>,
    /// The prefixes that it got.
    pub(super) prefixes: Vec<Box<str>>,
    /// The suffixes that it got.
    pub(super) suffixes: Vec<Box<str>>,
    /// Whether its name is to end in a hash of its content.
    pub(super) hashed: bool,
    /// The labels and annotations that stand in several places as one value.
    pub(super) shared: Vec<Shared>,
    /// Texts that are written in quotes.
    pub(super) quoted: Arc<Quoted>,
    /// How the nulls in it are written, which kustomize goes by.
    pub(super) nulls: Vec<Null>,
    /// Where it is written, or the generator that makes it.
    pub(super) location: Location,
}

/// The word that kustomize has for the namespace of an object that has none.
const NO_NAMESPACE: &str = "_non_namespaceable_";

impl Resource {
    pub(super) fn new(json: Json, location: Location) -> Self {
        Self {
            json,
            previous: Vec::new(),
            prefixes: Vec::new(),
            suffixes: Vec::new(),
            hashed: false,
            shared: Vec::new(),
            quoted: Arc::default(),
            nulls: Vec::new(),
            location,
        }
    }

    pub(super) fn api_version(&self) -> &str {
        text(&self.json, "apiVersion")
    }

    pub(super) fn group(&self) -> &str {
        group_version(self.api_version()).0
    }

    pub(super) fn version(&self) -> &str {
        group_version(self.api_version()).1
    }

    pub(super) fn kind(&self) -> &str {
        text(&self.json, "kind")
    }

    pub(super) fn name(&self) -> &str {
        field(&self.json, "metadata").map_or("", |metadata| text(metadata, "name"))
    }

    /// Returns the namespace that the object names; empty where it names none.
    pub(super) fn namespace(&self) -> &str {
        field(&self.json, "metadata").map_or("", |metadata| text(metadata, "namespace"))
    }

    /// Returns the name that the object was given first.
    pub(super) fn first_name(&self) -> &str {
        self.previous.first().map_or_else(|| self.name(), |previous| &previous.name)
    }

    /// Tells whether the object is one of the cluster, as far as kustomize knows its kind.
    pub(super) fn is_of_cluster(&self) -> bool {
        scope::is_of_cluster(self.api_version(), self.kind())
    }

    /// Returns the namespace as it is compared.
    pub(super) fn effective_namespace(&self) -> &str {
        effective(self.api_version(), self.kind(), self.namespace())
    }

    /// Returns what the object is known by now.
    pub(super) fn id(&self) -> Id {
        Id {
            group: self.group().into(),
            version: self.version().into(),
            kind: self.kind().into(),
            name: self.name().into(),
            namespace: self.effective_namespace().into(),
        }
    }

    /// Tells whether the object is known by this now.
    pub(super) fn is(&self, id: &Id) -> bool {
        self.name() == &*id.name
            && self.kind() == &*id.kind
            && self.group() == &*id.group
            && self.version() == &*id.version
            && self.effective_namespace() == &*id.namespace
    }

    /// Tells whether the object is or was known by this.
    pub(super) fn is_or_was(&self, id: &Id) -> bool {
        let was = |previous: &Previous| {
            previous.name == id.name
                && previous.kind == id.kind
                && effective(self.api_version(), &previous.kind, &previous.namespace) == &*id.namespace
                && self.group() == &*id.group
                && self.version() == &*id.version
        };
        self.is(id) || self.previous.iter().any(was)
    }

    /// Notes what the object is called before that changes.
    pub(super) fn remember(&mut self) {
        let previous = Previous {
            kind: self.kind().into(),
            name: self.name().into(),
            namespace: self.effective_namespace().into(),
        };
        self.previous.push(previous);
    }

    /// Makes texts of the nulls that come out as such: where nothing is written between braces.
    pub(super) fn settle_nulls(&mut self) {
        for null in std::mem::take(&mut self.nulls) {
            if null.in_braces && null.written.is_empty() {
                null.becomes_empty(&mut self.json);
            }
        }
    }

    /// Makes texts of the nulls that are printed as such: those, and annotations for which nothing is written.
    pub(super) fn print_nulls(&mut self) {
        for null in std::mem::take(&mut self.nulls) {
            if null.written.is_empty() && (null.in_braces || null.is_annotation()) {
                null.becomes_empty(&mut self.json);
            }
        }
    }

    /// Loses all names but the last, and what was to come of it.
    pub(super) fn forget(&mut self) {
        self.previous.clear();
        self.prefixes.clear();
        self.suffixes.clear();
        self.hashed = false;
    }

    pub(super) fn set_name(&mut self, name: &str) {
        self.metadata().insert("name".to_owned(), name.into());
    }

    /// Returns the metadata, which is made where there is none.
    pub(super) fn metadata(&mut self) -> &mut Map<String, Json> {
        map_in(&mut self.json, "metadata")
    }

    /// Names the object in a message.
    pub(super) fn title(&self) -> String {
        format!("{} {}", self.kind(), self.name())
    }
}

impl Null {
    /// Writes an empty text where the null still is.
    fn becomes_empty(&self, json: &mut Json) {
        let found = self.path.iter().try_fold(json, |value, step| match step {
            Step::Key(key) => value.get_mut(&**key),
            Step::Index(index) => value.get_mut(*index),
        });
        if let Some(value) = found.filter(|value| value.is_null()) {
            *value = "".into();
        }
    }

    fn is_annotation(&self) -> bool {
        let is = |step: &Step, name: &str| matches!(step, Step::Key(key) if **key == *name);
        self.path.len() == 3 && is(&self.path[0], "metadata") && is(&self.path[1], "annotations")
    }
}

impl Id {
    /// Names the object in a message.
    pub(super) fn title(&self) -> String {
        format!("{} {}", self.kind, self.name)
    }
}

/// Returns the map under a key, which is made where something else is.
pub(super) fn map_in<'a>(value: &'a mut Json, key: &str) -> &'a mut Map<String, Json> {
    if !value.is_object() {
        *value = Json::Object(Map::new());
    }
    let Json::Object(map) = value else { unreachable!("it is a map now") };
    let inner = map.entry(key).or_insert_with(|| Json::Object(Map::new()));
    if !inner.is_object() {
        *inner = Json::Object(Map::new());
    }
    let Json::Object(inner) = inner else { unreachable!("it is a map now") };
    inner
}

/// Splits an `apiVersion`: `apps/v1`, `v1`.
pub(super) fn group_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

/// Returns a namespace as kustomize compares it.
fn effective<'a>(api_version: &str, kind: &str, namespace: &'a str) -> &'a str {
    if scope::is_of_cluster(api_version, kind) {
        NO_NAMESPACE
    } else if namespace.is_empty() {
        "default"
    } else {
        namespace
    }
}

fn text<'a>(map: &'a Json, key: &str) -> &'a str {
    field(map, key).and_then(Json::as_str).unwrap_or_default()
}
