//! `--baseline`: findings that were there before.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use clap::builder::FalseyValueParser;

use super::repo::{Repo, cannot_open, read_file};
use super::select::Selection;
use super::terminal::Terminal;
use crate::apply;
use crate::diagnostic::{Levels, Severity, Sink, WaivedBy, count};
use crate::exceptions::{Baseline, MAX_BASELINE, Scope};
use crate::outcome::Failure;
use crate::policy;
use crate::report::Report;
use crate::snapshot::Snapshot;

/// Findings that were there before
#[derive(Debug, Args)]
pub(super) struct BaselineArgs {
    /// Findings that this file knows do not count; those that it knows and that are gone are findings
    #[arg(long, value_name = "FILE", env = "ONRAMP_BASELINE")]
    baseline: Option<PathBuf>,
    /// Take what is gone out of the baseline; nothing is ever added
    #[arg(long, requires = "baseline", env = "ONRAMP_UPDATE_BASELINE", value_parser = FalseyValueParser::new())]
    update_baseline: bool,
    /// Write all that is found into a new baseline
    #[arg(long, requires = "baseline", conflicts_with = "update_baseline", env = "ONRAMP_WRITE_BASELINE", value_parser = FalseyValueParser::new())]
    write_baseline: bool,
}

/// What was looked at.
pub(super) struct LookedAt<'a> {
    /// The APIs; nothing for all of them.
    pub(super) only: Option<&'a [String]>,
    /// The codes.
    pub(super) selection: &'a Selection,
    /// What the platform says of severities.
    pub(super) levels: Arc<Levels>,
    /// What was read.
    pub(super) snapshot: &'a Snapshot,
}

impl BaselineArgs {
    /// Reads the baseline before any work is done; nothing where none is asked for.
    pub(super) fn read(&self, part: bool) -> Result<Option<Baseline>, Failure> {
        let Some(file) = &self.baseline else { return Ok(None) };
        let bytes = read_file(file, MAX_BASELINE)?;
        match (bytes, self.write_baseline) {
            (Some(_), true) => Err(Failure::usage(format!("there is a baseline `{}` already", file.display()))
                .hint("`--update-baseline` takes out what is gone; to take over all that is found now, remove the file first")),
            (None, true) if part => {
                Err(Failure::usage("a new baseline is one of the whole fleet")
                    .hint("leave out names of APIs, `--changed-since`, `--select` and `--ignore`"))
            }
            (None, true) => apply::check_report(file).map(|()| Some(Baseline::default())).map_err(|error| Failure::system(&error)),
            (None, false) => Err(Failure::usage(format!("there is no baseline `{}`", file.display()))
                .hint("`--write-baseline` writes one")),
            (Some(bytes), false) => parse(&bytes, file).map(Some),
        }
    }

    /// Takes known findings out of a report, and adds what is gone of them; writes the file where that is asked for.
    pub(super) fn apply(
        &self,
        baseline: Option<Baseline>,
        report: Report,
        looked_at: &LookedAt<'_>,
        repo: &Repo,
        terminal: &Terminal,
    ) -> Result<Report, Failure> {
        let (Some(baseline), Some(file)) = (baseline, &self.baseline) else { return Ok(report) };
        let findings = || report.findings.iter().map(|finding| &finding.diagnostic);
        let baseline = if self.write_baseline { Baseline::of(findings()) } else { baseline };
        let covered = baseline.cover(findings());
        let is_known = known(&report, looked_at);
        let scope = Scope { is_known: &is_known };
        let lowered = baseline.lowered(&covered, scope);
        let gone = if self.update_baseline || self.write_baseline {
            if self.write_baseline || lowered.len() < baseline.len() {
                apply::write_report(file, &lowered.to_json()).map_err(|error| Failure::system(&error))?;
            }
            let left = count(lowered.len(), "finding");
            let less = baseline.len() - lowered.len();
            terminal.note(&format!("the baseline knows {left}, {less} fewer than before\n"));
            Vec::new()
        } else {
            let path = file.to_string_lossy();
            let path = repo.inside(&path).unwrap_or_else(|| path.into_owned());
            let mut sink = Sink::new(looked_at.levels.clone());
            let gone = baseline.gone(&covered, scope, &path);
            gone.into_iter()
                .filter(|finding| looked_at.selection.has(finding.code))
                .for_each(|finding| sink.push(finding));
            sink.into_findings()
        };
        drop(is_known);
        Ok(report.passing(&covered.covered).and(gone, looked_at.snapshot))
    }
}

/// Takes out of a report what the baseline of another revision knows. `file` is seen from the root of the config repo.
pub(super) fn of_base(report: Report, file: &Path, tip: &Snapshot, repo: &Repo) -> Result<Report, Failure> {
    let path = file.to_string_lossy();
    let path = repo.inside(&path).unwrap_or_else(|| path.into_owned());
    // Where the base has none, nothing is known before.
    let Some(bytes) = tip.read(&path, MAX_BASELINE).map_err(|error| cannot_open(&error))? else {
        return Ok(report);
    };
    let baseline = parse(&bytes, file)?;
    let covered = baseline.cover(report.findings.iter().map(|finding| &finding.diagnostic));
    Ok(report.passing(&covered.covered))
}

fn parse(bytes: &[u8], file: &Path) -> Result<Baseline, Failure> {
    let failure = |why| Failure::usage(format!("the baseline `{}` cannot be read: {why}", file.display()));
    Baseline::parse(bytes).map_err(failure)
}

/// Tells of a code and an API whether all such findings are among those of a report.
fn known<'a>(report: &Report, looked_at: &'a LookedAt<'_>) -> impl Fn(&str, Option<&str>) -> bool + use<'a> {
    let errors = || {
        let all = report.findings.iter().map(|finding| &finding.diagnostic);
        all.filter(|finding| finding.severity == Severity::Error)
    };
    let api = |finding: &crate::diagnostic::Diagnostic| finding.api.clone().unwrap_or_default();
    let unread = errors().filter(|finding| finding.code.waived_by == WaivedBy::Never).map(api);
    let unread: BTreeSet<Arc<str>> = unread.collect();
    // Where an error is open, nothing is rendered, and rules on what is rendered find nothing.
    let stopped: BTreeSet<Arc<str>> = errors().map(api).collect();
    move |code, api| {
        let selected = policy::code(code).is_none_or(|code| looked_at.selection.has(code));
        let looked_at =
            looked_at.only.is_none_or(|only| api.is_some_and(|api| only.iter().any(|name| name == api)));
        let hidden = |apis: &BTreeSet<Arc<str>>| apis.contains("") || apis.contains(api.unwrap_or_default());
        let rendered = !policy::looks_at_rendered(code) || !hidden(&stopped);
        selected && looked_at && rendered && !hidden(&unread)
    }
}
