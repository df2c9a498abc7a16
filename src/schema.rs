//! The JSON schemas, and what they say about a tree.
//!
//! `schemas/*.json` are the published contract, written by hand (draft 2020-12). A violation is
//! mapped back to the key or value in the YAML file that caused it, and worded by
//! `messages`.

pub mod codes;
mod formats;
mod messages;
mod patterns;
mod text;
mod violations;

pub use formats::{check_cidr, check_host, check_path_prefix, check_relative_path};
pub use text::scalars_as_text;
pub use violations::{Violation, ViolationKind};

use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use jsonschema::Validator;
use serde::Deserialize;
use serde_json::Value as Json;

use crate::diagnostic::{Diagnostic, Location, Sink};
use crate::yaml::{self, Node, Source, SourceId, Sources};

/// A schema, ready to check.
#[derive(Debug)]
pub struct Schema {
    /// What it says.
    pub json: Json,
    /// Words that people write for a key, each with the instruction to write instead.
    synonyms: Synonyms,
    validator: Validator,
}

/// Keys that a schema does not have but people expect, with what to write instead.
pub type Synonyms = &'static [(&'static str, &'static str)];

/// A schema that onramp publishes.
#[derive(Debug)]
pub struct Published {
    /// What `onramp schema NAME` calls it.
    pub name: &'static str,
    /// Its text, as published.
    pub text: &'static str,
    schema: Schema,
}

/// The schema of `onboarding/<api>/metadata.yaml`.
pub static METADATA: LazyLock<Published> =
    LazyLock::new(|| Published::embedded("metadata", include_str!("../schemas/metadata.schema.json")));

/// The schema of `platform.yaml`.
pub static PLATFORM: LazyLock<Published> =
    LazyLock::new(|| Published::embedded("platform", include_str!("../schemas/platform.schema.json")));

/// The schema of files in `waivers/`.
pub static WAIVERS: LazyLock<Published> =
    LazyLock::new(|| Published::embedded("waivers", include_str!("../schemas/waivers.schema.json")));

/// The schema of files in `freezes/`.
pub static FREEZES: LazyLock<Published> =
    LazyLock::new(|| Published::embedded("freezes", include_str!("../schemas/freezes.schema.json")));

/// The schema of a release request.
pub static REQUEST: LazyLock<Published> =
    LazyLock::new(|| Published::embedded("request", include_str!("../schemas/request.schema.json")));

/// The schema of a decisions file.
pub static DECISIONS: LazyLock<Published> =
    LazyLock::new(|| Published::embedded("decisions", include_str!("../schemas/decisions.schema.json")));

/// The schema of the JSON output.
pub static DIAGNOSTICS: LazyLock<Published> =
    LazyLock::new(|| Published::embedded("diagnostics", include_str!("../schemas/diagnostics.schema.json")));

/// The schema of `diff --format json`.
pub static CHANGES: LazyLock<Published> =
    LazyLock::new(|| Published::embedded("changes", include_str!("../schemas/changes.schema.json")));

/// The schema of `migrate run --format json`.
pub static MIGRATION: LazyLock<Published> =
    LazyLock::new(|| Published::embedded("migration", include_str!("../schemas/migration.schema.json")));

/// The schema of a baseline.
pub static BASELINE: LazyLock<Published> =
    LazyLock::new(|| Published::embedded("baseline", include_str!("../schemas/baseline.schema.json")));

/// All published schemas.
pub static SCHEMAS: &[&LazyLock<Published>] = &[
    &METADATA,
    &PLATFORM,
    &WAIVERS,
    &FREEZES,
    &REQUEST,
    &DECISIONS,
    &BASELINE,
    &DIAGNOSTICS,
    &CHANGES,
    &MIGRATION,
];

impl Published {
    fn embedded(name: &'static str, text: &'static str) -> Self {
        let json: Json =
            serde_json::from_str(text).expect("an embedded schema is JSON, a test reads all of them");
        let schema = Schema::compile(json, messages::SYNONYMS)
            .expect("an embedded schema compiles, a test builds all of them");
        Self { name, text, schema }
    }

    /// Reads a file of this schema that nothing is merged with. `prepare` may change its tree before it is held against the
    /// schema, as [`scalars_as_text`] does. What is wrong goes into `sink`, and nothing is returned where that is an error.
    pub fn read(
        &self,
        path: &Arc<str>,
        bytes: Vec<u8>,
        prepare: impl FnOnce(&mut Node, &Source, &mut Sink),
        sink: &mut Sink,
    ) -> Option<(Source, Node)> {
        let before = sink.len();
        let text = yaml::decode(path, bytes, sink)?;
        let source = Source { id: SourceId(0), path: path.clone(), text };
        let mut tree = yaml::parse(&source, sink)?;
        prepare(&mut tree, &source, sink);
        self.check(&tree, &tree.to_json(), &Sources::new(vec![&source]), sink);
        (!sink.errors_since(before)).then_some((source, tree))
    }
}

impl Deref for Published {
    type Target = Schema;

    fn deref(&self) -> &Schema {
        &self.schema
    }
}

impl Schema {
    /// Makes a schema ready.
    ///
    /// # Errors
    /// Says why it is none.
    pub fn compile(json: Json, synonyms: Synonyms) -> Result<Self, String> {
        let mut options = jsonschema::options()
            .should_validate_formats(true)
            .should_ignore_unknown_formats(false)
            .offline();
        for format in formats::FORMATS {
            options = options.with_format(format.name, move |text| (format.check)(text).is_ok());
        }
        let validator = options.build(&json).map_err(|error| error.to_string())?;
        Ok(Self { json, synonyms, validator })
    }

    /// Puts a finding into `sink` for each violation in `tree`, and tells whether there was none.
    ///
    /// `json` is `tree` as JSON; the caller has it already.
    pub fn check(&self, tree: &Node, json: &Json, sources: &Sources<'_>, sink: &mut Sink) -> bool {
        self.check_below(&[], tree, json, sources, sink)
    }

    /// The same for a tree that is a part of another: findings name a key by its path from the root of
    /// that one, to which `place` leads.
    pub fn check_below(
        &self,
        place: &[&str],
        tree: &Node,
        json: &Json,
        sources: &Sources<'_>,
        sink: &mut Sink,
    ) -> bool {
        let before = sink.len();
        for error in self.validator.iter_errors(json) {
            messages::explain(self, &error, place, tree, sources, sink);
        }
        sink.len() == before
    }

    /// Tells whether a JSON value fits.
    pub fn accepts(&self, json: &Json) -> bool {
        self.validator.is_valid(json)
    }
}

/// Reads a type from a file that fits its schema, or from a part of one. One that cannot be read from it is a bug, and a finding
/// that says so.
pub fn typed<'de, T: Deserialize<'de>>(path: &Arc<str>, tree: &'de Node, sink: &mut Sink) -> Option<T> {
    tree.typed().map_err(|error| sink.push(model_disagrees(path.clone(), &error.to_string()))).ok()
}

/// Makes the finding for a file that passes its schema but not its type.
pub fn model_disagrees(path: Arc<str>, error: &str) -> Diagnostic {
    Diagnostic::new(
        &codes::ONRAMP_BUG,
        Location::file(path),
        format!("the file passes its schema, but onramp cannot read it: {error}"),
    )
    .help("this is a bug in onramp; please report it with the file")
}
