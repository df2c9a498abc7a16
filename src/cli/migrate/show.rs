//! Where reports of a migration go, and how it ends.

use crate::cli::Global;
use crate::cli::formats::{Named, Output, files_first};
use crate::cli::terminal::Terminal;
use crate::migrate::{self, State, Verdict, report};
use crate::outcome::{Failure, Outcome};
use crate::report::markdown;

/// How a report is written.
#[derive(Clone, Debug)]
pub(super) struct Format {
    name: &'static str,
    /// Writes it; all of it where that is asked for.
    write: fn(&migrate::Outcome, bool) -> String,
}

/// All formats of a migration; the first is what people get who ask for none.
pub(super) static FORMATS: &[Format] = &[
    Format { name: "text", write: report::text },
    Format { name: "json", write: |outcome, _| report::json(outcome) },
    Format { name: "markdown", write: |outcome, _| report::markdown(outcome, markdown::LIMIT) },
    Format { name: "html", write: |outcome, _| report::html(outcome) },
];

impl Named for Format {
    fn name(&self) -> &'static str {
        self.name
    }
}

/// Writes a report in all formats that were asked for.
pub(super) fn write(
    outcome: &migrate::Outcome,
    outputs: &[Output<Format>],
    global: &Global,
    terminal: &Terminal,
) -> Result<(), Failure> {
    for output in files_first(outputs) {
        output.deliver(&(output.format.write)(outcome, global.verbose), false, terminal)?;
    }
    Ok(())
}

/// Says how a step ends: an API that is not written, or not proved, is a finding.
pub(super) fn outcome(outcome: &migrate::Outcome) -> Outcome {
    let is_open = |api: &migrate::ApiOutcome| {
        matches!(api.state, State::Refused(_)) || api.verdict() == Verdict::Unexplained
    };
    if outcome.apis.iter().any(is_open) { Outcome::Findings } else { Outcome::Clean }
}
