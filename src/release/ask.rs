//! Requests as files: `requests/<id>.yaml`, from a pull request or from whoever hands one over.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use super::request::REQUESTS;
use super::{Ask, Bump, Draft};
use crate::diagnostic::Sink;
use crate::outcome::Failure;
use crate::schema::{self, REQUEST};
use crate::yaml;

/// Where the requests lie that were applied.
pub(super) const DONE: &str = "requests/done";
/// The first line of one of them.
const HEADER: &str = "# Applied by onramp. It stays here, so that it is not applied again.\n";

/// A request, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Its name: what its file is called.
    pub id: String,
    /// Why.
    pub reason: Option<String>,
    /// What is to run.
    pub bumps: Vec<Bump>,
}

/// A request as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Raw {
    #[serde(rename = "apiVersion")]
    _api_version: String,
    reason: Option<String>,
    releases: Vec<RawRelease>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRelease {
    api: String,
    environment: String,
    namespace: Option<String>,
    workload: Option<String>,
    container: Option<String>,
    image: String,
}

/// Reads a request. What is wrong with it goes into `sink`, and nothing is returned then.
pub fn read_request(path: &str, bytes: Vec<u8>, sink: &mut Sink) -> Option<Asked> {
    let path: Arc<str> = path.into();
    let (_, tree) = REQUEST.read(&path, bytes, |_, _, _| {}, sink)?;
    let raw: Raw = schema::typed(&path, &tree, sink)?;
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let id = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml")).unwrap_or(name).to_owned();
    let bump = |raw: RawRelease| {
        let RawRelease { api, environment, namespace, workload, container, image } = raw;
        Bump { api, environment, image, name: None, namespace, workload, container }
    };
    Some(Asked { id, reason: raw.reason, bumps: raw.releases.into_iter().map(bump).collect() })
}

impl Draft<'_> {
    /// Tells whether a request was applied before.
    pub(super) fn was_applied(&self, id: &str) -> Result<bool, Failure> {
        Ok(self.text(&format!("{DONE}/{id}.yaml"))?.is_some())
    }

    /// Notes that a request is applied, in the same commit.
    pub(super) fn note_applied(&mut self, id: &str) -> Result<(), Failure> {
        let Ask::Bump(bumps) = &self.request.ask else { return Ok(()) };
        let releases: Vec<_> = bumps
            .iter()
            .map(|bump| {
                let mut release = json!({ "api": bump.api, "environment": bump.environment });
                let further = [
                    ("namespace", &bump.namespace),
                    ("workload", &bump.workload),
                    ("container", &bump.container),
                ];
                for (key, value) in further {
                    if let Some(value) = value {
                        release[key] = json!(value);
                    }
                }
                release["image"] = json!(bump.image);
                release
            })
            .collect();
        let mut request = json!({ "apiVersion": "onramp/v1" });
        if let Some(reason) = &self.request.origin.reason {
            request["reason"] = json!(reason);
        }
        request["releases"] = json!(releases);
        self.files.insert(format!("{DONE}/{id}.yaml"), Some(format!("{HEADER}{}", yaml::emit(&request))));
        let open = format!("{REQUESTS}/{id}.yaml");
        if self.text(&open)?.is_some() {
            self.files.insert(open, None);
        }
        Ok(())
    }
}
