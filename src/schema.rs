//! The JSON schemas, and what they say about a tree.
//!
//! `schemas/*.json` are the published contract, written by hand (draft 2020-12). A violation is
//! mapped back to the key or value in the YAML file that caused it, and worded by
//! [`messages`](self::messages).

pub mod codes;
mod formats;
mod messages;
mod specialise;

pub use formats::{check_host, check_path_prefix, check_relative_path};
pub use specialise::{generated, specialise};

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value as Json;

use crate::diagnostic::Sink;
use crate::yaml::{Node, Sources};

/// A published schema.
#[derive(Debug)]
pub struct Schema {
    /// What `onramp schema NAME` calls it.
    pub name: &'static str,
    /// Its text, as published.
    pub text: &'static str,
    /// Its text, parsed.
    pub json: Json,
    validator: Validator,
}

/// The schema of `onboarding/<api>/metadata.yaml`.
pub static METADATA: LazyLock<Schema> =
    LazyLock::new(|| Schema::embedded("metadata", include_str!("../schemas/metadata.schema.json")));

/// The schema of `platform.yaml`.
pub static PLATFORM: LazyLock<Schema> =
    LazyLock::new(|| Schema::embedded("platform", include_str!("../schemas/platform.schema.json")));

/// The schema of the JSON output.
pub static DIAGNOSTICS: LazyLock<Schema> =
    LazyLock::new(|| Schema::embedded("diagnostics", include_str!("../schemas/diagnostics.schema.json")));

/// All published schemas.
pub static SCHEMAS: &[&LazyLock<Schema>] = &[&METADATA, &PLATFORM, &DIAGNOSTICS];

impl Schema {
    fn embedded(name: &'static str, text: &'static str) -> Self {
        let json: Json =
            serde_json::from_str(text).expect("an embedded schema is JSON, a test reads all of them");
        let mut options = jsonschema::options()
            .should_validate_formats(true)
            .should_ignore_unknown_formats(false)
            .offline();
        for format in formats::FORMATS {
            options = options.with_format(format.name, move |text| (format.check)(text).is_ok());
        }
        let validator = options.build(&json).expect("an embedded schema compiles, a test builds all of them");
        Self { name, text, json, validator }
    }

    /// Puts a finding into `sink` for each violation in `tree`, and tells whether there was none.
    ///
    /// `json` is `tree` as JSON; the caller has it already.
    pub fn check(&self, tree: &Node, json: &Json, sources: &Sources<'_>, sink: &mut Sink) -> bool {
        let mut clean = true;
        for error in self.validator.iter_errors(json) {
            clean = false;
            messages::explain(self, &error, tree, sources, sink);
        }
        clean
    }

    /// Tells whether a JSON value fits.
    pub fn accepts(&self, json: &Json) -> bool {
        self.validator.is_valid(json)
    }
}
