//! What was found of each API, for who looks at a fleet again after a change of a few.

use std::collections::BTreeMap;

use super::ApiResult;

/// What earlier runs found of APIs, one by one. Rules across the fleet are asked anew each time.
///
/// Whoever changes a file of an API, or a waiver that names it, has to [`Seen::forget`] it. Under all APIs nothing may change:
/// platform.yaml, templates, waivers by pattern.
#[derive(Debug, Default)]
pub struct Seen(BTreeMap<String, ApiResult>);

impl Seen {
    /// Has an API looked at again.
    pub fn forget(&mut self, api: &str) {
        self.0.remove(api);
    }

    pub(super) fn of(&self, api: &str) -> Option<ApiResult> {
        self.0.get(api).cloned()
    }

    /// Keeps what is new, and of APIs that are gone nothing.
    pub(super) fn keep(&mut self, results: &[(&str, ApiResult)]) {
        let mut before = std::mem::take(&mut self.0);
        self.0.extend(results.iter().map(|(name, result)| {
            before.remove_entry(*name).unwrap_or_else(|| ((*name).to_owned(), result.clone()))
        }));
    }
}
