//! What a migration tells: an [`Outcome`] as text, JSON, markdown and HTML.
//!
//! Each begins with the two numbers that management asks for, pod templates and selectors that changed, and a page of counts in
//! which every branch, file, document, object and API stands in exactly one line ([`Summary`]). Then come the APIs, those that
//! need somebody first, and what became of each file. No text of a branch is trusted: it is made harmless for the format, and
//! what looks like a secret does not show (`shown`).

mod html;
mod json;
mod markdown;
mod shown;
mod skeleton;
mod summary;
mod text;
mod words;

pub use html::html;
pub use json::json;
pub use markdown::markdown;
pub use skeleton::{Skeleton, skeleton};
pub use summary::{Row, Section, Standing, Summary};
pub use text::text;

use super::{ApiOutcome, Outcome, Verdict};

/// Tells whether somebody has to look at an API: it was not written, has an open question, lacks something, or
/// differs where it must not.
fn needs_somebody(api: &ApiOutcome) -> bool {
    let mut objects = api.environments.iter().flat_map(|environment| &environment.objects);
    matches!(Standing::of(api), Standing::Refused | Standing::Proved(Verdict::Unexplained))
        || !api.questions.is_empty()
        || !api.gaps.is_empty()
        || api.literals() > 0
        || objects.any(|object| object.changes_pods() || object.changes_selector())
}

/// Returns the APIs in the order of reports: those that need somebody first, of these the worst, then by name.
fn in_order(outcome: &Outcome) -> Vec<&ApiOutcome> {
    let mut apis: Vec<&ApiOutcome> = outcome.apis.iter().collect();
    apis.sort_by_cached_key(|api| {
        (!needs_somebody(api), std::cmp::Reverse(Standing::of(api)), api.name.clone())
    });
    apis
}
