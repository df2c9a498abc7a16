//! More APIs go in one change than the platform allows.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy, count};
use crate::policy::transition::ApiChange;
use crate::policy::{ChangeContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Change(check) };

static CODE: Code = Code::new(
    "deletion-budget-exceeded",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/deletion-budget-exceeded.md"),
);

/// How many APIs a finding names.
const NAMED: usize = 5;

fn check(context: &ChangeContext<'_>, sink: &mut Sink) {
    let gone: Vec<&ApiChange> = context.apis.iter().filter(|change| change.before && !change.after).collect();
    let Some(budget) = context.trust.budget().deletions else { return };
    let (Some(first), true) = (gone.first(), gone.len() > budget as usize) else { return };
    let names: Vec<String> = gone.iter().take(NAMED).map(|change| format!("`{}`", change.api)).collect();
    let more = if gone.len() > NAMED { ", …" } else { "" };
    let message = format!(
        "{} go, and one change may remove {budget}: {}{more}",
        count(gone.len(), "API"),
        names.join(", ")
    );
    sink.push(
        Diagnostic::new(&CODE, first.location.clone(), message)
            .help("split the change, or ask the platform team to approve it"),
    );
}
