//! `--fix`, `--unsafe-fixes` and `--diff` of `onramp lint`.

use clap::Args;
use clap::builder::FalseyValueParser;

use super::formats::FormatArgs;
use super::repo::{Repo, cannot_open, no_api};
use super::terminal::Terminal;
use crate::apply;
use crate::change::{Change, ChangeSet};
use crate::diagnostic::{Code, Safety, count};
use crate::fix::{self, Fixed, Lint, Wanted};
use crate::outcome::{Failure, Outcome};
use crate::report::{harmless, shown};
use crate::snapshot::Snapshot;

/// What is mended
#[derive(Debug, Args)]
pub(super) struct FixArgs {
    /// Mend what can be mended without a look at the outcome
    #[arg(long, env = "ONRAMP_FIX", value_parser = FalseyValueParser::new())]
    fix: bool,
    /// Also apply fixes whose outcome somebody has to look at; implies --fix
    #[arg(long, env = "ONRAMP_UNSAFE_FIXES", value_parser = FalseyValueParser::new())]
    unsafe_fixes: bool,
    /// Write nothing; print what fixes would change as a unified diff, and exit with 1 if there is any
    #[arg(long, env = "ONRAMP_DIFF", value_parser = FalseyValueParser::new())]
    diff: bool,
}

impl FixArgs {
    /// Refuses what cannot be mended, or shown. `other` is what is looked at in place of the work tree.
    pub(super) fn check(&self, other: Option<&str>, formats: &FormatArgs) -> Result<(), Failure> {
        let mends = self.fix || self.unsafe_fixes || self.diff;
        if let (true, Some(other)) = (mends, other) {
            return Err(Failure::usage(format!("{other} cannot be mended"))
                .hint("fixes are for the files of the work tree"));
        }
        if self.diff && formats.outputs().any(|output| output.file.is_some()) {
            return Err(
                Failure::usage("`--diff` prints a diff, and no findings").hint("leave `--format` out")
            );
        }
        Ok(())
    }

    /// Tells whether a diff is wanted, and nothing written.
    pub(super) fn shows(&self) -> bool {
        self.diff
    }

    /// Applies fixes to the texts of files, where any are wanted; names those that do no good.
    pub(super) fn run(
        &self,
        repo: &mut Repo,
        only: Option<&[String]>,
        codes: &dyn Fn(&Code) -> bool,
        lint: Lint<'_>,
    ) -> Result<Option<Fixed>, Failure> {
        if !(self.fix || self.unsafe_fixes || self.diff) {
            return Ok(None);
        }
        let safety = if self.unsafe_fixes { Safety::Unsafe } else { Safety::Safe };
        let fixed = fix::fix(&mut repo.snapshot, &Wanted { only, codes, safety }, lint);
        let fixed = fixed.map_err(|error| cannot_open(&error))?;
        let found = &fixed.outcome;
        if found.apis == 0 && found.skipped == 0 && found.findings.is_empty() {
            return Err(no_api());
        }
        for (finding, why) in &fixed.left_out {
            let (code, path) = (finding.code.name, harmless(&finding.primary.path));
            Terminal::error(&format!("note: a fix of `{code}` in {path} was taken back: {why}\n"));
        }
        Ok(Some(fixed))
    }
}

/// Writes files that nobody else wrote to meanwhile.
pub(super) fn write(repo: &Repo, changes: &ChangeSet) -> Result<(), Failure> {
    let disk = Snapshot::work_tree(&repo.root).map_err(|error| cannot_open(&error))?;
    for change in &changes.changes {
        let old = change.old.as_deref().unwrap_or_default();
        let now = disk.read(&change.path, old.len() as u64);
        if !now.is_ok_and(|now| now.as_deref() == Some(old.as_bytes())) {
            let message =
                format!("`{}` changed while it was looked at, and nothing was written", change.path);
            return Err(Failure::usage(message).hint("run it again"));
        }
    }
    apply::apply(&repo.root, changes).map_err(|error| Failure::system(&error))
}

/// Prints what fixes would change. Secrets do not show, so a diff with stars cannot be applied.
pub(super) fn show(fixed: &Fixed, terminal: &Terminal) -> Result<Outcome, Failure> {
    let changes = &fixed.changes;
    if changes.is_empty() {
        terminal.say("Nothing to fix.\n")?;
        return Ok(Outcome::Clean);
    }
    let masked = |change: &Change| Change {
        path: change.path.clone(),
        old: change.old.as_deref().map(|text| shown(&change.path, text)),
        new: change.new.as_deref().map(|text| shown(&change.path, text)),
    };
    let masked = ChangeSet { changes: changes.changes.iter().map(masked).collect() };
    let mut diff = masked.unified();
    if Terminal::is_at_output() {
        diff = diff.lines().map(|line| harmless(line) + "\n").collect();
    }
    terminal.print(&diff)?;
    let (findings, files) = (count(fixed.fixed, "finding"), count(changes.changes.len(), "file"));
    terminal.say(&format!("Would fix {findings} in {files}.\n"))?;
    Ok(Outcome::Findings)
}
