//! platform.yaml: the platform's side of the config repo.

mod around;
pub mod codes;
mod custom;
mod model;
mod router;
mod rules;

pub use around::{
    LimitRange, NamespaceObjects, NetworkPolicies, NetworkSource, Quota, SecretStore, SecretStoreKind,
};
pub use custom::{
    Compiled, CustomRule, CustomSeverity, CustomWaiver, Match, NamedExpression, ROOTS, RawCustomRule,
    RawValidation, Subject, Validation,
};
pub use model::{
    Budget, CURRENT, Engine, Environment, Extent, ExtraResources, Gitops, Images, Level, Levels, Lifecycle,
    Namespaces, ORDINARY_KINDS, Passthrough, Platform, Release, ReleaseMode, ReleaseOrder, ReleaseTarget,
    Rollouts, RuleLevel, TemplateVersions, Tier,
};
pub use router::{Gateway, RouterKind, Routers};
pub use rules::RuleLevels;

use std::sync::Arc;

use globset::{Glob, GlobSet, GlobSetBuilder};

use crate::diagnostic::{self, Diagnostic, Location, Sink};
use crate::schema;
use crate::snapshot::{Snapshot, SnapshotError};
use crate::yaml::{self, Node, Source, SourceId, Sources};

/// The id of the built-in defaults among an API's sources.
pub const BUILT_IN: SourceId = SourceId(0);
/// The id of platform.yaml.
pub const PLATFORM: SourceId = SourceId(1);

/// What every API has when neither the platform nor the API says otherwise.
const BUILT_IN_TEXT: &str = include_str!("platform/defaults.yaml");

/// Where the platform's side stands in a config repo.
pub const PATH: &str = "platform.yaml";

/// platform.yaml with its tree, and the built-in defaults below it.
#[derive(Debug)]
pub struct LoadedPlatform {
    /// The typed file.
    pub model: Platform,
    /// The file.
    pub source: Source,
    /// Its tree, for merging and for places.
    pub tree: Node,
    /// The built-in defaults as a file.
    pub built_in: Source,
    /// Their tree.
    pub built_in_tree: Node,
    /// `namespaces`, compiled once for all APIs.
    pub namespaces: NamespaceRules,
    /// `customRules`, compiled once for all APIs. One that means nothing is a finding, and is not among them.
    pub custom: Vec<CustomRule>,
}

/// Which namespaces an API may live in, as globs.
#[derive(Clone, Debug)]
pub struct NamespaceRules {
    allow: GlobSet,
    deny: GlobSet,
}

/// What the platform says of a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamespaceVerdict {
    /// An API may live there.
    Allowed,
    /// No pattern of `allow` fits.
    NotAllowed,
    /// A pattern of `deny` fits.
    Denied,
}

/// Reads platform.yaml.
///
/// Findings go into `sink`; nothing is returned where the file is missing or not what the schema says.
///
/// # Errors
/// Fails where the file exists but cannot be read.
pub fn read(snapshot: &Snapshot, sink: &mut Sink) -> Result<Option<LoadedPlatform>, SnapshotError> {
    let Some(bytes) = snapshot.read(PATH, yaml::MAX_BYTES as u64)? else {
        sink.push(missing());
        return Ok(None);
    };
    Ok(parse(bytes, sink))
}

/// Parses the bytes of a platform.yaml.
pub fn parse(bytes: Vec<u8>, sink: &mut Sink) -> Option<LoadedPlatform> {
    let path: Arc<str> = PATH.into();
    let text = yaml::decode(&path, bytes, sink)?;
    let source = Source { id: PLATFORM, path, text };
    let before = sink.len();
    let mut tree = yaml::parse(&source, sink)?;
    let built_in = built_in();
    schema::scalars_as_text(&mut tree, &source, sink);
    let built_in_tree = yaml::parse(&built_in, sink)?;
    let json = tree.to_json();
    schema::PLATFORM.check(&tree, &json, &Sources::new(vec![&built_in, &source]), sink);
    if sink.errors_since(before) {
        return None;
    }
    let model: Platform = match serde_json::from_value(json) {
        Ok(model) => model,
        Err(error) => {
            sink.push(schema::model_disagrees(source.path.clone(), &error.to_string()));
            return None;
        }
    };
    let compile = |key: &str, patterns: &[String], sink: &mut Sink| {
        globs(patterns).map_err(|(index, why)| {
            let (node, _) = tree.follow(["namespaces", key, &index.to_string()]);
            sink.push(bad_pattern(source.location(node.span), &patterns[index], &why));
        })
    };
    let allow = compile("allow", &model.namespaces.allow, sink).ok()?;
    let deny = compile("deny", &model.namespaces.deny, sink).ok()?;
    let namespaces = NamespaceRules { allow, deny };
    let custom = custom::compile(&model.custom_rules, &tree, &source, sink);
    Some(LoadedPlatform { model, source, tree, built_in, built_in_tree, namespaces, custom })
}

impl NamespaceRules {
    /// Says whether an API may live in a namespace.
    pub fn verdict(&self, namespace: &str) -> NamespaceVerdict {
        if self.deny.is_match(namespace) {
            NamespaceVerdict::Denied
        } else if self.allow.is_match(namespace) {
            NamespaceVerdict::Allowed
        } else {
            NamespaceVerdict::NotAllowed
        }
    }
}

impl LoadedPlatform {
    /// Returns the severities that `rules` sets.
    pub fn levels(&self) -> diagnostic::Levels {
        self.model.rules.iter().map(|(code, levels)| (code.clone(), levels.into())).collect()
    }

    /// Points at what lies at a path of keys, or at the last key of it that exists.
    pub fn locate<'a>(&self, path: impl IntoIterator<Item = &'a str>) -> Location {
        let (node, _) = self.tree.follow(path);
        self.source.location(node.span)
    }
}

/// Returns the namespace that a pattern gives to an API.
pub fn namespace(pattern: &str, api: &str) -> String {
    pattern.replace("{name}", api)
}

fn built_in() -> Source {
    Source { id: BUILT_IN, path: "<built-in defaults>".into(), text: BUILT_IN_TEXT.to_owned() }
}

/// Compiles patterns; an error names the one that is none.
fn globs(patterns: &[String]) -> Result<GlobSet, (usize, String)> {
    let mut set = GlobSetBuilder::new();
    for (index, pattern) in patterns.iter().enumerate() {
        set.add(Glob::new(pattern).map_err(|error| (index, error.kind().to_string()))?);
    }
    set.build().map_err(|error| (0, error.kind().to_string()))
}

fn bad_pattern(location: Location, pattern: &str, why: &str) -> Diagnostic {
    Diagnostic::new(&schema::codes::INVALID_VALUE, location, format!("`{pattern}` is not a pattern: {why}"))
        .label("this pattern")
        .help("`*` stands for any text, `?` for one character, `{a,b}` for one of several")
}

fn missing() -> Diagnostic {
    Diagnostic::new(&codes::MISSING_PLATFORM, Location::file(PATH), "this config repo has no `platform.yaml`")
        .help("run `onramp init` in an empty directory, or name the repo with `--repo DIR`")
}
