//! `onramp upgrade`

use std::fmt::Write as _;

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};
use serde_json::json;

use super::Global;
use super::repo::{Repo, cannot_open, outcome_of};
use super::terminal::Terminal;
use crate::apply;
use crate::change::ChangeSet;
use crate::diagnostic::{Severity, Sink, count, nearest};
use crate::fleet::{Step, Work};
use crate::outcome::{Failure, Outcome};
use crate::platform::{self, CURRENT, TemplateVersions};
use crate::render::BUILT_IN_TEMPLATES_VERSION;
use crate::report::{FORMATS, Report, harmless};

/// Move APIs to a newer version of the templates
///
/// Renders each API that is on an older version with both, and moves those whose rendered files do not
/// differ: the key `template` of metadata.yaml is changed, or removed where the platform's default is
/// meant, and base and overlays are rendered. Nothing is written while an error is open.
#[derive(Debug, Args)]
pub(super) struct UpgradeArgs {
    /// APIs by name, or paths at or below their directories [default: all]
    #[arg(value_name = "PATH or API")]
    apis: Vec<String>,
    /// The version to move to
    #[arg(long, value_name = "VERSION", default_value = CURRENT, env = "ONRAMP_TO")]
    to: String,
    /// Write nothing; say which APIs would move, and which would render something else
    #[arg(long, env = "ONRAMP_PLAN", value_parser = FalseyValueParser::new())]
    plan: bool,
    /// Also move APIs whose rendered files differ
    #[arg(long, env = "ONRAMP_ALL", value_parser = FalseyValueParser::new())]
    all: bool,
    /// Show the differences as a unified diff; `--verbose` does too
    #[arg(long, env = "ONRAMP_DIFF", value_parser = FalseyValueParser::new())]
    diff: bool,
    /// How to show the outcome
    #[arg(long, value_name = "FORMAT", default_value = "human", env = "ONRAMP_UPGRADE_FORMAT")]
    format: Format,
}

/// How to show the outcome
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Human,
    /// For programs
    Json,
}

/// The steps, by what becomes of them.
struct Plan<'a> {
    args: &'a UpgradeArgs,
    versions: &'a TemplateVersions,
    steps: &'a [Step],
}

pub(super) fn run(args: &UpgradeArgs, global: &Global, terminal: &Terminal) -> Result<Outcome, Failure> {
    let repo = Repo::open(global, None, terminal)?;
    let only = repo.apis(&args.apis)?;
    // What is wrong with platform.yaml is said by the run over the fleet.
    let platform =
        platform::read(&repo.snapshot, &mut Sink::default()).map_err(|error| cannot_open(&error))?;
    let versions = platform.map(|platform| platform.model.templates);
    if let Some(versions) = &versions {
        check_target(&args.to, versions)?;
    }
    let found = repo.run(only.as_deref(), Work::Upgrade(&args.to))?;
    let report = Report::new(found.findings, &repo.snapshot, found.apis, found.skipped).waived(found.waived);
    if !report.findings.is_empty() || (report.waived > 0 && !global.quiet) {
        let text = (FORMATS[0].write)(&report, terminal.style());
        if args.format == Format::Json { Terminal::error(&text) } else { terminal.print(&text)? }
    }
    let outcome = outcome_of(&report, Severity::Error);
    if !matches!(outcome, Ok(Outcome::Clean)) {
        if !args.plan && !report.findings.is_empty() {
            Terminal::error("Nothing was written, since there are errors.\n");
        }
        return outcome;
    }
    let plan = Plan { args, versions: &versions.unwrap_or_default(), steps: &found.steps };
    if !args.plan {
        apply::apply(&repo.root, &plan.writes()).map_err(|error| Failure::system(&error))?;
    }
    if args.format == Format::Json {
        terminal.print(&format!("{:#}\n", plan.json()))?;
    } else {
        plan.print(args.diff || global.verbose, terminal)?;
    }
    let refused = !args.plan && plan.steps.iter().any(|step| plan.is_wanted(step) && step.metadata.is_err());
    Ok(if refused { Outcome::Findings } else { Outcome::Clean })
}

fn check_target(to: &str, versions: &TemplateVersions) -> Result<(), Failure> {
    if versions.age(to).is_some() {
        return Ok(());
    }
    let known: Vec<&str> = versions.all().collect();
    let failure = Failure::usage(format!("`platform.yaml` has no version `{to}` of the templates"));
    Err(match nearest(to, known.iter().copied()) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint(format!("versions are, oldest first, {}", known.join(", "))),
    })
}

impl Plan<'_> {
    /// Tells whether a step is asked for: those without a difference always are.
    fn is_wanted(&self, step: &Step) -> bool {
        self.args.all || step.difference.is_empty()
    }

    fn moves(&self, step: &Step) -> bool {
        self.is_wanted(step) && step.metadata.is_ok()
    }

    /// Returns what the wanted steps write. Of each API metadata.yaml comes last, so that a run that was
    /// killed is completed by the next one.
    fn writes(&self) -> ChangeSet {
        let moving = self.steps.iter().filter(|step| self.is_wanted(step));
        let changes = moving.filter_map(|step| {
            let metadata = step.metadata.as_ref().ok()?;
            Some(step.files.iter().chain([metadata]).cloned())
        });
        ChangeSet { changes: changes.flatten().collect() }
    }

    fn print(&self, diff: bool, terminal: &Terminal) -> Result<(), Failure> {
        if self.steps.is_empty() {
            return terminal.say("Nothing to upgrade.\n");
        }
        let editable = |step: &&Step| step.metadata.is_ok();
        let (same, differing): (Vec<&Step>, Vec<&Step>) =
            self.steps.iter().filter(editable).partition(|step| step.difference.is_empty());
        let refused: Vec<&Step> = self.steps.iter().filter(|step| step.metadata.is_err()).collect();
        let mut text = String::new();
        let title = if self.args.plan { "Can move" } else { "Moved" };
        group(&mut text, &format!("{title} with no rendered difference"), &same, |_| String::new());
        let title = match (self.args.plan, self.args.all) {
            (true, _) => "Can move with a rendered difference",
            (false, true) => "Moved with a rendered difference",
            (false, false) => "Left where they are, since they would render something else",
        };
        group(&mut text, title, &differing, |step| {
            let (added, removed) = step.difference.lines();
            format!("{}, +{added} -{removed} lines", count(step.difference.changes.len(), "file"))
        });
        group(
            &mut text,
            "Cannot be moved: `template` in metadata.yaml is to be edited by hand",
            &refused,
            |step| step.metadata.as_ref().err().map(ToString::to_string).unwrap_or_default(),
        );
        // A plan is what the command was called for; what was done is a word on how it went.
        let shown = if self.args.plan { terminal.print(&text) } else { terminal.say(&text) };
        shown?;
        if diff {
            let mut text: String = differing.iter().map(|step| step.difference.unified()).collect();
            // `git apply` needs every byte; only a terminal obeys them.
            if Terminal::is_at_output() {
                text = text.lines().map(|line| harmless(line) + "\n").collect();
            }
            terminal.print(&text)?;
        }
        terminal.say(&self.summary())
    }

    fn summary(&self) -> String {
        let moving = self.steps.iter().filter(|step| self.moves(step)).count();
        let to = &self.args.to;
        let mut text = if self.args.plan {
            format!("{} of {} would move to `{to}`", moving, count(self.steps.len(), "API"))
        } else {
            format!("{} of {} moved to `{to}`", moving, count(self.steps.len(), "API"))
        };
        let left = self.steps.iter().filter(|step| !self.is_wanted(step)).count();
        if left > 0 {
            let _ =
                write!(text, "; {left} would render something else: read `--plan --diff`, then add `--all`");
        }
        text + ".\n"
    }

    fn json(&self) -> serde_json::Value {
        let apis = self.steps.iter().map(|step| {
            let (added, removed) = step.difference.lines();
            json!({
                "api": step.api,
                "from": step.from,
                "files": step.difference.changes.iter().map(|change| &change.path).collect::<Vec<_>>(),
                "linesAdded": added,
                "linesRemoved": removed,
                "moved": !self.args.plan && self.moves(step),
                "refused": step.metadata.as_ref().err().map(ToString::to_string),
            })
        });
        json!({
            "builtInTemplates": BUILT_IN_TEMPLATES_VERSION,
            "versions": self.versions.all().collect::<Vec<_>>(),
            "default": self.versions.default,
            "to": self.args.to,
            "apis": apis.collect::<Vec<_>>(),
        })
    }
}

/// Writes one group of steps, an API a line.
fn group(text: &mut String, title: &str, steps: &[&Step], detail: impl Fn(&Step) -> String) {
    if steps.is_empty() {
        return;
    }
    let width = steps.iter().map(|step| step.api.len()).max().unwrap_or_default();
    let _ = writeln!(text, "{title}:");
    for step in steps {
        let line = format!("  {:width$}  from {}  {}", step.api, step.from, detail(step));
        let _ = writeln!(text, "{}", harmless(line.trim_end()));
    }
}
