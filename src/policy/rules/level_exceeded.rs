//! A change needs more than the base branch allows it.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Code, Diagnostic, Location, Severity, Sink, WaivedBy, count};
use crate::platform::Level;
use crate::policy::transition::{ChangedFile, FileChange, Need};
use crate::policy::{ChangeContext, Check, Rule, TransitionContext};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::TransitionAndChange(check, check_around) };

static CODE: Code = Code::new(
    "level-exceeded",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/level-exceeded.md"),
);

fn check(context: &TransitionContext<'_>, sink: &mut Sink) {
    let allowed = context.level();
    let mut places: BTreeMap<(String, usize), Vec<Need>> = BTreeMap::new();
    for need in Need::all(context).into_iter().filter(|need| need.level > allowed) {
        let start = need.location.span.as_ref().map_or(0, |span| span.start);
        places.entry((need.location.path.to_string(), start)).or_default().push(need);
    }
    for mut needs in places.into_values() {
        // The most that is needed speaks for all of the place.
        needs.sort_by_key(|need| std::cmp::Reverse(need.level));
        let first = &needs[0];
        let same: Vec<&Need> = needs.iter().filter(|need| need.what == first.what).collect();
        let environments: Vec<&str> = same.iter().filter_map(|need| need.environment.as_deref()).collect();
        let within = within(&environments);
        let others: BTreeSet<&str> =
            needs.iter().map(|need| need.what.as_str()).filter(|what| *what != first.what).collect();
        let more = match others.len() {
            0 => String::new(),
            1 => ", as does 1 other here".to_owned(),
            more => format!(", as do {} here", count(more, "other")),
        };
        let message = format!(
            "{}{within} needs level {:?}, and `{}` has {allowed:?}{more}",
            first.what, first.level, context.name
        );
        let mut finding = context.finding(&CODE, None, &[], message);
        finding.primary = first.location.clone();
        // What is needed in some environments alone can be waived there.
        if needs.iter().all(|need| need.environment.is_some()) {
            let all: BTreeSet<&str> = needs.iter().filter_map(|need| need.environment.as_deref()).collect();
            finding = all.into_iter().fold(finding, Diagnostic::in_environment);
        }
        sink.push(
            finding
                .label(format!("needs {:?}", first.level))
                .help("take it out of this change, or ask the platform team to approve it"),
        );
    }
}

/// Names environments: nothing, " in `a`", " in `a`, `b` and `c`".
fn within(names: &[&str]) -> String {
    let mut names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let Some(last) = names.pop() else { return String::new() };
    if names.is_empty() { format!(" in {last}") } else { format!(" in {} and {last}", names.join(", ")) }
}

/// What lies outside the APIs' directories is the platform's, whatever it does. One finding for each name at the top: a
/// change of a template changes thousands of files.
fn check_around(context: &ChangeContext<'_>, sink: &mut Sink) {
    let allowed = context.trust.level_around();
    if allowed >= Level::L3 {
        return;
    }
    let mut tops: BTreeMap<&str, Vec<&ChangedFile>> = BTreeMap::new();
    for file in context.around.iter().filter(|file| !is_request(file)) {
        tops.entry(file.path.split('/').next().unwrap_or_default()).or_default().push(file);
    }
    for files in tops.into_values() {
        let more = match files.len() - 1 {
            0 => String::new(),
            more => format!(" and {}", count(more, "other file")),
        };
        let path = &files[0].path;
        let message = format!("a change of `{path}`{more} needs level L3, and this change has {allowed:?}");
        sink.push(
            Diagnostic::new(&CODE, Location::file(path.as_str()), message)
                .label("needs L3")
                .help("take it out of this change, or ask the platform team to approve it"),
        );
    }
}

/// Requests for a release are files that anybody may add; what they ask for is held against the rules when they are read.
fn is_request(file: &ChangedFile) -> bool {
    let asks = file.path.starts_with("requests/") && file.kind != FileChange::Odd;
    // What was applied stays on record, or it would be applied again.
    asks && (file.kind == FileChange::Added || !file.path.starts_with("requests/done/"))
}
