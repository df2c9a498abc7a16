//! `releases/<environment>.yaml` of an API: what was released last. It lies in the tree, so that a shallow clone and a squash know it
//! too, and a render keeps what a restart wrote.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::ordered::Ordered;
use crate::yaml::{self, Source, SourceId};

/// A file in `releases/` that is no record.
pub static INVALID_RECORD: Code =
    Code::unreadable("invalid-record", include_str!("../docs/rules/invalid-record.md"));

/// A request that a release would refuse.
pub static UNFULFILLABLE_REQUEST: Code = Code::new(
    "unfulfillable-request",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../docs/rules/unfulfillable-request.md"),
);

/// The directory of an API's records.
pub const RELEASES: &str = "releases";
/// The first line of a record.
const HEADER: &str =
    "# Written by onramp: what was released last, and by whom. `onramp history` tells the rest.\n";

/// What was released last of one API in one environment.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// Always `onramp/v1`.
    api_version: String,
    /// By the key of metadata.yaml that says the image, such as `image` or `workloads.web.image`, or by kind, name and container of an
    /// extra resource, such as `CronJob/nightly/job`.
    #[serde(default)]
    pub releases: Ordered<Release>,
    /// The last restart without a release.
    #[serde(default)]
    pub restart: Option<Restart>,
}

/// One release.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Release {
    /// What was released.
    pub image: String,
    /// What ran before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// The number of its build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build_number: Option<u64>,
    /// The greatest number that was ever released here, where a step back was taken since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest_build: Option<u64>,
    /// The commit that was built.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_revision: Option<String>,
    /// Where the pipeline's run can be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pipeline: Option<String>,
    /// Who released it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When, as RFC 3339 in UTC.
    pub time: String,
}

/// A restart without a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restart {
    /// When, as RFC 3339 in UTC: the value of the annotation.
    pub time: String,
    /// Why.
    pub reason: String,
    /// Who asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
}

/// Returns where the record of an environment lies in an API's directory.
pub fn record_path(api: &str, environment: &str) -> String {
    format!("{}/{api}/{RELEASES}/{environment}.yaml", crate::snapshot::ONBOARDING)
}

impl Record {
    /// Reads a record.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn parse(path: &str, bytes: Vec<u8>) -> Result<Self, String> {
        let mut sink = Sink::default();
        let path: Arc<str> = path.into();
        let read = yaml::decode(&path, bytes, &mut sink).and_then(|text| {
            let source = Source { id: SourceId(0), path: path.clone(), text };
            yaml::parse(&source, &mut sink)
        });
        if let Some(finding) = sink.into_findings().into_iter().next() {
            return Err(finding.message);
        }
        let read = read.ok_or_else(|| "it is empty".to_owned())?;
        read.typed().map_err(|error| error.to_string())
    }

    /// Writes a record.
    pub fn to_text(&self) -> String {
        let mut json = json!({ "apiVersion": "onramp/v1" });
        if !self.releases.is_empty() {
            json["releases"] = json!(self.releases);
        }
        if let Some(restart) = &self.restart {
            json["restart"] = json!(restart);
        }
        format!("{HEADER}{}", yaml::emit(&json))
    }

    /// Notes a release of what a key says.
    pub fn set(&mut self, key: &str, release: Release) {
        let mut all: Vec<(String, Release)> =
            self.releases.iter().map(|(name, old)| (name.to_owned(), old.clone())).collect();
        match all.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => *old = release,
            None => all.push((key.to_owned(), release)),
        }
        self.releases = all.into_iter().collect();
    }
}

impl Release {
    /// Returns the greatest build number that was ever released here.
    pub fn highest_build(&self) -> Option<u64> {
        self.newest_build.max(self.build_number)
    }
}
