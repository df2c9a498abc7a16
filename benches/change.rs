//! How long `onramp` takes to say what a change of the repo does to a whole fleet:
//!
//! ```text
//! ONRAMP_KUSTOMIZE=/path/to/kustomize cargo bench --bench change
//! ```
//!
//! Two changes are committed to a rendered fleet: another size class for ten APIs, and a line in the template of every
//! Deployment. `onramp check` and `onramp diff` look at each, as processes of their own with the files in the page cache.
//! No peer answers the question; what `kustomize build` needs for one of the overlays that they would have to build, on
//! both sides, is measured in the same run.
//!
//! `ONRAMP_BENCH_SIZES="1000 10000"` says how many APIs. Without a kustomize the benchmark fails.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its table")]
#![expect(clippy::disallowed_methods, reason = "a benchmark writes files and starts processes itself")]

#[path = "../examples/fleet/generator.rs"]
mod generator;
#[path = "measure/kustomize.rs"]
mod kustomize;
#[path = "measure/process.rs"]
mod process;
#[path = "measure/sizes.rs"]
mod sizes;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use kustomize::find_kustomize;
use onramp::apply;
use onramp::edit;
use onramp::fleet::{self, Work};
use onramp::snapshot::Snapshot;
use process::{Failure, Row, load, median, mega_of_kb, ratio, show};
use sizes::sizes;

/// How often each process is measured.
const ROUNDS: usize = 5;
/// How many APIs the small change is about.
const FEW: usize = 10;
/// The row that is held against kustomize.
const TEMPLATE_DIFF: &str = "diff, a template";
/// The day that rules about dates go by.
const TODAY: &str = "2026-01-01";
/// A built-in template, to which the great change adds a line.
const TEMPLATE: &str = include_str!("../templates/deployment.yaml.j2");

fn main() -> ExitCode {
    process::main(bench)
}

fn bench() -> Result<(), Failure> {
    let kustomize = find_kustomize()?;
    println!("{ROUNDS} rounds, load average {}\n", load());
    for size in sizes()? {
        let directory = tempfile::tempdir()?;
        let repo = directory.path().join("fleet");
        let fleet = generator::generate(&repo, size, generator::SEED).map_err(|error| error.to_string())?;
        git(&repo, &["init", "--quiet", "--initial-branch=main", "."])?;
        commit(&repo, "base")?;
        change_few(&repo)?;
        commit(&repo, "few")?;
        change_template(&repo)?;
        commit(&repo, "template")?;
        measure(&repo, &kustomize, &fleet)?;
    }
    println!("load average {}", load());
    Ok(())
}

/// Gives ten APIs, evenly chosen, another size class.
fn change_few(repo: &Path) -> Result<(), Failure> {
    let mut apis = fs::read_dir(repo.join("onboarding"))?.collect::<Result<Vec<_>, _>>()?;
    apis.sort_by_key(fs::DirEntry::file_name);
    let mut changed = 0;
    for number in 0..apis.len() {
        // Every API once, in an order that spreads those that are taken.
        let api = &apis[number * 7919 % apis.len()];
        let path = api.path().join("metadata.yaml");
        let text = fs::read_to_string(&path)?;
        if changed < FEW && text.contains("\ntier: standard\n") {
            let text = edit::set(&text, "tier", "large", &["name"]).map_err(|why| why.to_string())?;
            fs::write(&path, text)?;
            changed += 1;
        }
    }
    if changed < FEW { Err("the fleet has no ten APIs of tier standard".into()) } else { render(repo) }
}

/// Overrides the template of Deployments with one that has a line more.
fn change_template(repo: &Path) -> Result<(), Failure> {
    let text = TEMPLATE.replacen("\nspec:\n", "\nspec:\n  minReadySeconds: 5\n", 1);
    if text == TEMPLATE {
        return Err("the template of Deployments has no line `spec:`".into());
    }
    fs::create_dir_all(repo.join("templates"))?;
    fs::write(repo.join("templates/deployment.yaml.j2"), text)?;
    render(repo)
}

fn render(repo: &Path) -> Result<(), Failure> {
    let snapshot = Snapshot::work_tree(repo).map_err(|error| error.diagnostic().message)?;
    let outcome =
        fleet::run(&snapshot, None, Work::Render, TODAY).map_err(|error| error.diagnostic().message)?;
    if let Some(finding) = outcome.findings.first() {
        return Err(format!("`{}`: {}", finding.primary.path, finding.message).into());
    }
    apply::apply(repo, &outcome.changes).map_err(|error| format!("{error}: {}", error.source).into())
}

/// Commits everything, and names the commit.
fn commit(repo: &Path, name: &str) -> Result<(), Failure> {
    git(repo, &["add", "--all"])?;
    let author = ["-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "gc.auto=0"];
    git(repo, &[&author[..], &["commit", "--quiet", "--message", name]].concat())?;
    git(repo, &["tag", name])
}

fn git(repo: &Path, arguments: &[&str]) -> Result<(), Failure> {
    let output = Command::new("git").args(arguments).current_dir(repo).output()?;
    if output.status.success() {
        return Ok(());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("`git {}` ended with {}:\n{errors}", arguments.join(" "), output.status).into())
}

fn measure(repo: &Path, kustomize: &Path, fleet: &generator::Fleet) -> Result<(), Failure> {
    let onramp = |arguments: &'static [&'static str]| -> Box<dyn Fn() -> Command> {
        let repo = repo.to_owned();
        Box::new(move || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_onramp"));
            command.args(["--today", TODAY]).args(arguments).current_dir(&repo).env_clear();
            command
        })
    };
    let mut rows = [
        Row::new("diff, ten APIs", onramp(&["diff", "--base", "base", "--head", "few"]), "10 APIs"),
        // What it takes is not the API's to change at the usual level.
        Row {
            code: 1,
            ..Row::new(
                "check, ten APIs",
                onramp(&["check", "--base", "base", "--head", "few"]),
                "level-exceeded",
            )
        },
        Row::new(TEMPLATE_DIFF, onramp(&["diff", "--base", "few", "--head", "template"]), "APIs"),
        Row {
            code: 1,
            ..Row::new(
                "check, a template",
                onramp(&["check", "--base", "few", "--head", "template"]),
                "level-exceeded",
            )
        },
    ];
    let overlay = first_overlay(repo)?;
    let mut builds = Vec::new();
    for row in &mut rows {
        row.look_at_memory()?;
    }
    for _ in 0..ROUNDS {
        for row in &mut rows {
            row.time()?;
        }
        let start = Instant::now();
        let output = Command::new(kustomize).arg("build").arg(&overlay).output()?;
        builds.push(start.elapsed());
        if !output.status.success() {
            return Err(
                format!("`kustomize build {}` ended with {}", overlay.display(), output.status).into()
            );
        }
    }
    print(&rows, &builds, fleet);
    Ok(())
}

fn print(rows: &[Row], builds: &[Duration], fleet: &generator::Fleet) {
    println!("{} APIs, {} overlays", fleet.apis, fleet.overlays);
    println!("{:<52} {:>11} {:>11} {:>11}", "", "best", "median", "peak memory");
    for row in rows {
        let memory = row.memory.map_or("unknown".to_owned(), |kb| format!("{:.0} MB", mega_of_kb(kb)));
        println!("{:<52} {:>11} {:>11} {memory:>11}", row.name, show(row.best()), show(row.median()));
    }
    let build = median(builds);
    println!("{:<52} {:>11} {:>11}", "kustomize build, one overlay", "", show(build));
    let both = build * u32::try_from(2 * fleet.overlays).unwrap_or(u32::MAX);
    println!("{:<52} {:>11} {:>11}", "  extrapolated, not measured: both sides", "", show(both));
    let ours = rows.iter().find(|row| row.name == TEMPLATE_DIFF).map(Row::median).unwrap_or_default();
    println!("{:<52} {:>11} {:>11}\n", "  against our diff of a template", "", ratio(both, ours));
}

fn first_overlay(repo: &Path) -> Result<PathBuf, Failure> {
    let mut apis = fs::read_dir(repo.join("onboarding"))?.collect::<Result<Vec<_>, _>>()?;
    apis.sort_by_key(fs::DirEntry::file_name);
    let overlays = apis.iter().map(|api| api.path().join("overlays/staging"));
    overlays.into_iter().find(|overlay| overlay.is_dir()).ok_or_else(|| "the fleet has no overlays".into())
}
