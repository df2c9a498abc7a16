//! `onramp adopt`

mod effect;

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};
use serde_json::json;

use self::effect::Effect;
use super::Global;
use super::diff::complain;
use super::repo::{Repo, cannot_open, outcome_of};
use super::terminal::Terminal;
use crate::apply;
use crate::change::{Change, ChangeSet};
use crate::diagnostic::{Severity, Sink, count};
use crate::edit;
use crate::effective::{Collector, Groups, Kept, UnitChange, compare};
use crate::exceptions::Pattern;
use crate::fleet::{self, Work};
use crate::metadata;
use crate::outcome::{Failure, Outcome};
use crate::platform;
use crate::report::{FORMATS, Report, changes, harmless, quiet_in_logs};
use crate::snapshot::Snapshot;
use crate::yaml::{self, Node, Source, SourceId};

/// Take adopted APIs to the platform's full standard
///
/// An API that `onramp migrate` wrote has `profile: adopted`: it renders what ran before, and nothing more. This takes that line out of
/// metadata.yaml and renders base and overlays, after it has told what changes in the clusters: which pods are replaced and which objects are
/// new first, then every field. Names and selectors stay. Nothing is written while an error is open, or where an object would have to go
/// or to be created anew.
#[derive(Debug, Args)]
pub(super) struct AdoptArgs {
    /// APIs by name, by pattern (`shop-*`), or paths at or below their directories
    #[arg(value_name = "API", required_unless_present = "all")]
    apis: Vec<String>,
    /// The way that the step goes: up to the full standard. There is no other
    #[arg(long, required = true, env = "ONRAMP_STANDARD", value_parser = FalseyValueParser::new())]
    standard: bool,
    /// All adopted APIs
    #[arg(long, conflicts_with = "apis", env = "ONRAMP_ADOPT_ALL", value_parser = FalseyValueParser::new())]
    all: bool,
    /// Write nothing; show what would change
    #[arg(long, env = "ONRAMP_PLAN", value_parser = FalseyValueParser::new())]
    plan: bool,
    /// How to show the step
    #[arg(long, value_name = "FORMAT", default_value = "human", env = "ONRAMP_ADOPT_FORMAT")]
    format: Format,
}

/// How to show the step
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Human,
    /// For programs
    Json,
}

/// The key of metadata.yaml that the step takes out.
const KEY: &str = "profile";
const ADOPTED: &str = "adopted";
/// What the key says where it is left out.
const STANDARD: &str = "standard";

/// The APIs that were named, by where they stand.
#[derive(Default)]
struct Chosen {
    /// Those that are looked at: adopted ones, and those of which nobody can say, whose findings say why.
    names: Vec<String>,
    /// What writes the step into their metadata.yaml.
    metadata: Vec<Change>,
    /// Those that are there already.
    standard: Vec<String>,
}

/// What is kept of an API while its environments are compared.
struct One {
    kept: Kept,
    effect: Effect,
}

/// What the step does in the clusters.
#[derive(Default)]
struct Told {
    /// By API.
    effects: Vec<(String, Effect)>,
    groups: Groups,
}

pub(super) fn run(args: &AdoptArgs, global: &Global, terminal: &Terminal) -> Result<Outcome, Failure> {
    if !args.standard {
        return Err(Failure::usage("`onramp adopt` has no other way than `--standard`")
            .hint("`onramp adopt --standard --plan API` shows what the step would change"));
    }
    let repo = Repo::open(global, None, terminal)?;
    let chosen = choose(&named(args, &repo)?, &repo.snapshot)?;
    let for_programs = args.format == Format::Json;
    if chosen.names.is_empty() && for_programs {
        document(args, &chosen, &Told::default(), &ChangeSet::default(), &repo, terminal)?;
        return Ok(Outcome::Clean);
    }
    for name in &chosen.standard {
        // Of all APIs most may be.
        if !args.all && !for_programs {
            terminal.say(&format!("`{}` has the full standard already.\n", harmless(name)))?;
        }
    }
    if chosen.names.is_empty() {
        terminal.say("Nothing to do.\n")?;
        return Ok(Outcome::Clean);
    }

    // An open error of before is found again after the step, or is gone with it.
    let before = repo.run(Some(&chosen.names), Work::Render)?;
    let mut head = laid(&repo.snapshot, chosen.metadata.iter().map(kept_in_place))?;
    let found = fleet::run(&head, Some(&chosen.names), Work::Render, &repo.today)
        .map_err(|error| cannot_open(&error))?;
    let report = Report::new(found.findings, &head, found.apis, found.skipped).waived(found.waived);
    if !report.findings.is_empty() || (report.waived > 0 && !global.quiet) {
        let text = (FORMATS[0].write)(&report, terminal.style());
        if for_programs { Terminal::error(&text) } else { terminal.print(&text)? }
    }
    let outcome = outcome_of(&report, Severity::Error);
    if !matches!(outcome, Ok(Outcome::Clean)) {
        if !args.plan && !report.findings.is_empty() {
            Terminal::error("Nothing was written, since there are errors.\n");
        }
        return outcome;
    }
    fresh(&before.changes, &found.changes)?;

    let base = laid(&repo.snapshot, before.changes.changes.into_iter())?;
    head = laid(&head, found.changes.changes.iter().cloned())?;
    let Some(told) = look(&base, &head, &chosen.names, terminal)? else { return Ok(Outcome::Findings) };
    if !for_programs {
        terminal.print(&effect::text(&told.by_api(), global.verbose))?;
        terminal.print(&changes::text(&told.groups))?;
    }
    if let Some(refused) = told.refused() {
        if for_programs {
            document(args, &chosen, &told, &found.changes, &repo, terminal)?;
        }
        return Err(refused);
    }
    if !args.plan {
        // metadata.yaml comes last, so that a run that was killed is completed by the next one.
        let all = found.changes.changes.iter().chain(&chosen.metadata).cloned();
        apply::apply(&repo.root, &ChangeSet { changes: all.collect() })
            .map_err(|error| Failure::system(&error))?;
    }
    if for_programs {
        document(args, &chosen, &told, &found.changes, &repo, terminal)?;
        return Ok(Outcome::Clean);
    }
    terminal.say(&closing(args.plan, chosen.metadata.len(), &found.changes))?;
    if !args.plan && has_namespaces(&repo) {
        terminal
            .say("Run `onramp render` for the namespaces, whose quotas follow what their APIs ask for.\n")?;
    }
    Ok(Outcome::Clean)
}

/// Tells whether namespaces are rendered as well. What stands around all APIs adds them up, and is rendered with all of them.
fn has_namespaces(repo: &Repo) -> bool {
    let platform = platform::read(&repo.snapshot, &mut Sink::default()).ok().flatten();
    platform.is_some_and(|platform| platform.model.namespace_objects.enabled)
}

/// Finds the APIs that are meant. Here nothing stands for all of them by accident.
fn named(args: &AdoptArgs, repo: &Repo) -> Result<Vec<String>, Failure> {
    let known =
        fleet::api_names(&repo.snapshot, &mut Sink::default()).map_err(|error| cannot_open(&error))?;
    if args.all {
        return Ok(known);
    }
    let mut names = Vec::new();
    for argument in &args.apis {
        if known.contains(argument) {
            names.push(argument.clone());
            continue;
        }
        let pattern = Pattern::new(argument)
            .map_err(|why| Failure::usage(format!("`{argument}` is not a pattern: {why}")))?;
        if !pattern.is_name() {
            let before = names.len();
            names.extend(known.iter().filter(|name| pattern.fits(name)).cloned());
            if names.len() == before {
                return Err(Failure::usage(format!("no API fits `{argument}`")));
            }
            continue;
        }
        let meant = repo.apis(std::slice::from_ref(argument))?.filter(|names| !names.is_empty());
        let meant = meant.ok_or_else(|| {
            Failure::usage(format!("`{argument}` is about no single API"))
                .hint("`--all` means all adopted APIs")
        })?;
        names.extend(meant);
    }
    names.sort();
    names.dedup();
    Ok(names)
}

/// Sorts APIs by where they stand, and edits the metadata of those that are adopted.
fn choose(names: &[String], snapshot: &Snapshot) -> Result<Chosen, Failure> {
    let mut chosen = Chosen::default();
    for name in names {
        let path = fleet::metadata_path(name);
        let bytes = snapshot.read(&path, metadata::MAX_BYTES).ok().flatten();
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        let tree = text.as_deref().and_then(|text| read(&path, text));
        match (text, tree) {
            (Some(_), Some(tree)) if tree.get(KEY).and_then(Node::as_str) != Some(ADOPTED) => {
                chosen.standard.push(name.clone());
            }
            (Some(old), Some(_)) => {
                let new = edit::remove_at(&old, &[KEY]).map_err(|why| {
                    Failure::refused(format!("`{KEY}` cannot be taken out of `{path}`, since {why}"))
                        .hint("take it out by hand, run `onramp render` and read `onramp diff --base HEAD`")
                })?;
                chosen.names.push(name.clone());
                chosen.metadata.push(Change { path, old: Some(old), new: Some(new) });
            }
            _ => chosen.names.push(name.clone()),
        }
    }
    Ok(chosen)
}

fn read(path: &str, text: &str) -> Option<Node> {
    let source = Source { id: SourceId(0), path: path.into(), text: text.to_owned() };
    yaml::parse(&source, &mut Sink::default())
}

/// Says the same as the step does with every line where it is in the file, so that findings point to where people read them.
fn kept_in_place(change: &Change) -> Change {
    let text = change.old.as_deref().unwrap_or_default();
    let said = edit::set_at(text, &[KEY], STANDARD, &[]).ok();
    Change { new: said.or_else(|| change.new.clone()), ..change.clone() }
}

/// Lays what is written over a view of the repo.
fn laid(snapshot: &Snapshot, changes: impl Iterator<Item = Change>) -> Result<Snapshot, Failure> {
    let mut laid = snapshot.clone();
    for Change { path, new, .. } in changes {
        // What goes is named by nothing that is rendered: `fresh` sees to the overlays.
        let Some(new) = new else { continue };
        laid.lay(&path, new.into_bytes()).map_err(|error| cannot_open(&error))?;
    }
    Ok(laid)
}

/// Refuses to take a step from files that are not what metadata.yaml says: the difference would tell of more than the step. A file that
/// is as the step writes it was left by a run that was killed.
fn fresh(before: &ChangeSet, step: &ChangeSet) -> Result<(), Failure> {
    let is_overlay = |change: &&Change| change.new.is_none() && change.path.ends_with("/kustomization.yaml");
    let gone = step.changes.iter().find(is_overlay);
    let stale = before.changes.iter().find(|change| step.changes.iter().any(|own| own.path == change.path));
    match stale.or(gone) {
        Some(change) => {
            Err(Failure::refused(format!("`{}` is not what metadata.yaml renders to today", change.path))
                .hint("run `onramp render` first, so that what is shown is the step and nothing else"))
        }
        None => Ok(()),
    }
}

/// Finds what the step does in the clusters; nothing where that cannot be said, and then it is told why.
fn look(
    base: &Snapshot,
    head: &Snapshot,
    names: &[String],
    terminal: &Terminal,
) -> Result<Option<Told>, Failure> {
    let collector = Collector::default();
    let each = |change: &UnitChange<'_>| One { kept: collector.keep(change), effect: Effect::of(change) };
    let mut compared = compare(base, head, Some(names), each).map_err(|error| cannot_open(&error))?;
    if complain(std::mem::take(&mut compared.findings), head, compared.total, terminal) {
        return Ok(None);
    }
    let groups = collector.group(&compared, |one| &one.kept);
    let effects = compared.units.into_iter().map(|(unit, one)| (unit.name().to_owned(), one.effect));
    Ok(Some(Told { effects: effects.collect(), groups }))
}

impl Told {
    fn by_api(&self) -> Vec<(&str, &Effect)> {
        self.effects.iter().map(|(api, effect)| (api.as_str(), effect)).collect()
    }

    /// Refuses a step that recreates anything.
    fn refused(&self) -> Option<Failure> {
        let refused: Vec<String> = effect::refusals(&self.by_api());
        let first = refused.first()?;
        let more = match refused.len() - 1 {
            0 => String::new(),
            more => format!(", and {more} more like it"),
        };
        let failure = Failure::refused(format!("the step would recreate what runs: {first}{more}"));
        Some(failure.hint(
            "say in metadata.yaml what the object has today (`identity`, `service`, `spec`), or leave the API adopted",
        ))
    }
}

/// Prints the step for programs.
fn document(
    args: &AdoptArgs,
    chosen: &Chosen,
    told: &Told,
    generated: &ChangeSet,
    repo: &Repo,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let (added, changed, removed) = generated.counts();
    let written = !args.plan && told.refused().is_none() && !chosen.names.is_empty();
    let document = json!({
        "written": written,
        "apis": chosen.names,
        "standard": chosen.standard,
        "files": { "added": added, "changed": changed, "removed": removed },
        "renderNamespaces": written && has_namespaces(repo),
        "effects": told.effects.iter().map(|(api, effect)| effect.json(api)).collect::<Vec<_>>(),
        "changes": changes::value(&told.groups, ADOPTED, STANDARD),
    });
    terminal.print(&quiet_in_logs(&format!("{document:#}\n")))
}

/// Says in one line what was written.
fn closing(plan: bool, apis: usize, generated: &ChangeSet) -> String {
    let (new, differing, gone) = generated.counts();
    let parts: Vec<String> = [(new, "added"), (differing, "changed"), (gone, "removed")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{} {what}", count(number, "file")))
        .collect();
    let files = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
    let apis = count(apis, "API");
    if plan {
        format!("\nWould take {apis} to the full standard{files}. Nothing was written.\n")
    } else {
        format!("\nTook {apis} to the full standard{files}.\n")
    }
}
