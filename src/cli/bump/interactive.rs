//! `onramp bump-image --interactive`: search, choose, see the plan, confirm.

use std::fmt::Write as _;

use super::{BumpArgs, digest};
use crate::cli::Global;
use crate::cli::clock::{now, today};
use crate::cli::release::{harmless_lines as lines, land, show};
use crate::cli::repo::{Repo, cannot_open};
use crate::cli::terminal::Terminal;
use crate::diagnostic::Sink;
use crate::outcome::{Failure, Outcome};
use crate::platform::{self, LoadedPlatform};
use crate::release::{self, Ask, Bump, Request, Target, catalog, choice, complete, matches};
use crate::report::harmless;
use crate::snapshot::Snapshot;

/// The most lines that are listed; more than that is for a narrower search.
const MOST: usize = 200;

pub(super) fn run(args: &BumpArgs, global: &Global, terminal: &Terminal) -> Result<Outcome, Failure> {
    if !Terminal::is_interactive() {
        return Err(Failure::usage("there is nobody to ask: standard input is no terminal")
            .hint("name what is meant with `--api`, `--env` and `--image`"));
    }
    let revision = args.at.branch.as_deref().unwrap_or("HEAD");
    let repo = Repo::open(global, Some(revision), terminal)?;
    let platform =
        platform::read(&repo.snapshot, &mut Sink::default()).map_err(|error| cannot_open(&error))?;
    let platform =
        platform.ok_or_else(|| Failure::usage("platform.yaml cannot be used").hint("run `onramp lint`"))?;
    let (all, unread) = catalog(&repo.snapshot, &platform).map_err(|error| cannot_open(&error))?;
    if unread > 0 {
        Terminal::error(&format!("note: {unread} APIs cannot be read, and are not listed\n"));
    }
    let Some(mut bumps) = choose(args, &all)? else {
        terminal.say("Nothing was changed.\n")?;
        return Ok(Outcome::Clean);
    };
    digest::resolve(&mut bumps, args, terminal)?;
    let request = Request { ask: Ask::Bump(bumps), terms: args.terms(), origin: args.who.origin() };
    // What is shown is planned on the tip as it is here; what lands is planned again on the tip that counts.
    let plan = release::plan(&repo.snapshot, &request, now(global), &today(global))?;
    let mut shown = String::from("\nThis will change:\n");
    for line in &plan.lines {
        let change = &line.change;
        let _ = writeln!(
            shown,
            "  {}: {}/{}  {} -> {}{}",
            change.environment,
            change.workload,
            change.container,
            change.old,
            change.new,
            line.note.as_deref().map(|note| format!("  ({note})")).unwrap_or_default()
        );
    }
    Terminal::error(&lines(&shown));
    if plan.files.is_empty() {
        terminal.say("Nothing to do.\n")?;
        return Ok(Outcome::Clean);
    }
    let answer = Terminal::ask("Commit it? [y/N] ")?;
    if !answer.is_some_and(|answer| matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")) {
        terminal.say("Nothing was changed.\n")?;
        return Ok(Outcome::Clean);
    }
    let landed = land(&request, &args.at, global, terminal);
    let changed: Vec<_> =
        landed.iter().flat_map(|landing| landing.plan.changes().cloned().collect::<Vec<_>>()).collect();
    let outcome = show(&request, landed, &args.at, terminal)?;
    let revision = Snapshot::revision(&repo.root, revision).map_err(|error| cannot_open(&error))?;
    terminal.say(&lines(&afterwards(&revision, &platform, &changed)?))?;
    Ok(outcome)
}

/// Asks what is meant; nothing where the person leaves.
fn choose(args: &BumpArgs, all: &[Target]) -> Result<Option<Vec<Bump>>, Failure> {
    let mut given = args.image.clone();
    loop {
        let wanted = match given.take() {
            Some(wanted) => wanted,
            None => match Terminal::ask("Image, or a part of its name (q to leave): ")? {
                Some(wanted) if !is_quit(&wanted) => wanted,
                _ => return Ok(None),
            },
        };
        let fits = |target: &&Target| {
            let asked = |name: &Option<String>, of: &str| name.as_deref().is_none_or(|name| name == of);
            matches(target, &wanted)
                && asked(&args.api, &target.api)
                && asked(&args.env, &target.environment)
                && asked(&args.namespace, &target.namespace)
        };
        let found: Vec<&Target> = all.iter().filter(fits).collect();
        if found.is_empty() {
            Terminal::error(&lines(&format!("nothing runs an image like `{}`\n", wanted.trim())));
            continue;
        }
        if found.len() > MOST {
            Terminal::error(&format!("{} containers fit; name more of it\n", found.len()));
            continue;
        }
        Terminal::error(&lines(&table(&found, &[])));
        let Some(chosen) =
            ask_until("Which ones? (1,3 or 2-4 or all, q to leave) ", |text| choice(text, found.len()))?
        else {
            return Ok(None);
        };
        let offered = complete(&wanted).ok();
        let question = match &offered {
            Some(image) => format!("Image to run, in full [{image}]: "),
            None => "Image to run, in full: ".to_owned(),
        };
        let read = |text: &str| match &offered {
            Some(image) if text.trim().is_empty() => Ok(image.clone()),
            _ => complete(text),
        };
        let Some(image) = ask_until(&question, read)? else { return Ok(None) };
        let bump = |index: &usize| {
            let target = found[*index];
            Bump {
                api: target.api.clone(),
                environment: target.environment.clone(),
                image: image.to_string(),
                name: None,
                namespace: Some(target.namespace.clone()),
                workload: Some(target.address()),
                container: Some(target.container.clone()),
            }
        };
        return Ok(Some(chosen.iter().map(bump).collect()));
    }
}

/// Asks again until the answer can be read; nothing where the person leaves.
fn ask_until<T>(question: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>, Failure> {
    loop {
        let Some(answer) = Terminal::ask(&harmless(question))?.filter(|answer| !is_quit(answer)) else {
            return Ok(None);
        };
        match read(&answer) {
            Ok(read) => return Ok(Some(read)),
            Err(why) => Terminal::error(&lines(&format!("{why}\n"))),
        }
    }
}

fn is_quit(answer: &str) -> bool {
    matches!(answer.trim().to_ascii_lowercase().as_str(), "q" | "quit")
}

/// Lists containers, with a mark on some.
fn table(targets: &[&Target], marked: &[usize]) -> String {
    let heads = ["", "namespace", "API", "environment", "workload", "container", "image"];
    let mut rows = vec![heads.map(str::to_owned)];
    for (index, target) in targets.iter().enumerate() {
        let number =
            if marked.contains(&index) { format!("* {}", index + 1) } else { (index + 1).to_string() };
        let Target { namespace, api, environment, workload, container, image, .. } = target;
        let cells = [namespace, api, environment, workload, container].map(Clone::clone);
        let [namespace, api, environment, workload, container] = cells;
        rows.push([number, namespace, api, environment, workload, container, image.to_string()]);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        let _ = writeln!(text, "{}", cells.join("  ").trim_end());
    }
    text
}

/// Lists everything in the namespaces that were touched, with a mark on what was changed.
fn afterwards(
    snapshot: &Snapshot,
    platform: &LoadedPlatform,
    changed: &[release::ImageChange],
) -> Result<String, Failure> {
    let (all, _) = catalog(snapshot, platform).map_err(|error| cannot_open(&error))?;
    let near: Vec<&Target> = all
        .iter()
        .filter(|target| {
            changed.iter().any(|change| {
                (&change.namespace, &change.environment) == (&target.namespace, &target.environment)
            })
        })
        .collect();
    let is_changed = |target: &&Target| {
        changed.iter().any(|change| {
            (&change.api, &change.environment, &change.workload, &change.container)
                == (&target.api, &target.environment, &target.workload, &target.container)
        })
    };
    let marked: Vec<usize> =
        near.iter().enumerate().filter(|(_, target)| is_changed(target)).map(|(index, _)| index).collect();
    Ok(format!("\n{}", table(&near, &marked)))
}
