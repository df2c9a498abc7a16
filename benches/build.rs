//! How long `onramp build` takes beside kustomize, which builds the same overlays in the same run:
//!
//! ```text
//! ONRAMP_KUSTOMIZE=/path/to/kustomize ONRAMP_KUSTOMIZE_PEER=/path/to/peer cargo bench --bench build
//! ```
//!
//! kustomize takes part in two ways: as the command, one process for each overlay, and as the library, all overlays in two
//! processes that run side by side. The second is `tests/conformance/peer`, which `.ci/run` builds below `target/tools`.
//! Without both the benchmark fails.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its table")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads files and starts processes itself")]

#[path = "../examples/fleet/generator.rs"]
mod generator;
#[path = "measure/kustomize.rs"]
mod kustomize;
#[path = "measure/process.rs"]
mod process;

use std::env;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use kustomize::find_kustomize;
use process::{Failure, Row, best, load, median, mega_of_kb, ratio, show};

/// How often each is measured.
const ROUNDS: usize = 5;
/// How many APIs the fleet has: about 2,000 overlays.
const APIS: usize = 1000;
/// Processes of kustomize's library side by side, and threads of ours.
const WORKERS: usize = 2;

fn main() -> ExitCode {
    process::main(bench)
}

fn bench() -> Result<(), Failure> {
    let kustomize = find_kustomize()?;
    let peer = env::var("ONRAMP_KUSTOMIZE_PEER").map_err(|_| "ONRAMP_KUSTOMIZE_PEER names no peer")?;
    let peer = peer.split(':').next_back().unwrap_or_default().to_owned();
    println!("{WORKERS} workers, {ROUNDS} rounds, load average {}\n", load());
    let directory = tempfile::tempdir()?;
    let repo = directory.path().join("fleet");
    let fleet = generator::generate(&repo, APIS, generator::SEED).map_err(|error| error.to_string())?;
    let overlays = overlays(&repo)?;
    if overlays.len() != fleet.overlays {
        return Err("not every overlay is found".into());
    }

    let mut one = Row::new("onramp build API --env ENV", onramp(&repo, one_overlay(&overlays)?), "kind: ");
    let mut command = Row::new("kustomize build", of_kustomize(&kustomize, &overlays[0]), "kind: ");
    // What was written in one round is not written again in the next, so each round has a directory of its own.
    let (mut all, mut library) = (Vec::new(), Vec::new());
    let mut memory =
        Row::new("onramp build --all", onramp(&repo, everything(&directory.path().join("look"))), "Built");
    memory.look_at_memory()?;
    for round in 0..ROUNDS {
        one.time()?;
        command.time()?;
        let out = directory.path().join(format!("out-{round}"));
        let mut row = Row::new("onramp build --all", onramp(&repo, everything(&out)), "Built");
        row.time()?;
        all.extend(row.times);
        library.push(by_library(&peer, &overlays)?);
    }

    println!("{} APIs, {} overlays", fleet.apis, fleet.overlays);
    println!("{:<52} {:>11} {:>11}", "", "best", "median");
    let line = |name: &str, times: &[Duration]| {
        println!("{name:<52} {:>11} {:>11}", show(best(times)), show(median(times)));
    };
    let against = |name: &str, theirs: &[Duration], ours: &[Duration], factor: u32| {
        let (best, median) =
            (ratio(best(theirs) * factor, best(ours)), ratio(median(theirs) * factor, median(ours)));
        println!("{name:<52} {best:>11} {median:>11}");
    };
    for (name, row) in [("onramp", &one), ("kustomize", &command)] {
        let name = format!("one overlay, a process: {name} build");
        println!("{name:<52} {:>11} {:>11}", show(row.best()), show(row.median()));
    }
    against("  kustomize against onramp", &command.times, &one.times, 1);
    line("all overlays: onramp build --all, files written", &all);
    println!(
        "  peak memory {:>53}",
        memory.memory.map_or("unknown".into(), |kb| format!("{:.0} MB", mega_of_kb(kb)))
    );
    line("all overlays: kustomize's library, nothing written", &library);
    against("  kustomize's library against onramp", &library, &all, 1);
    let each = u32::try_from(fleet.overlays / WORKERS)?;
    against("  one process each, extrapolated, against onramp", &command.times, &all, each);
    println!("\nload average {}", load());
    Ok(())
}

fn onramp(repo: &Path, arguments: Vec<String>) -> Box<dyn Fn() -> Command> {
    let repo = repo.to_owned();
    Box::new(move || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_onramp"));
        command.args(["--jobs", &WORKERS.to_string()]).args(&arguments).current_dir(&repo).env_clear();
        command
    })
}

fn everything(out: &Path) -> Vec<String> {
    vec!["build".to_owned(), "--all".to_owned(), "--out".to_owned(), out.display().to_string()]
}

fn one_overlay(overlays: &[PathBuf]) -> Result<Vec<String>, Failure> {
    let names: Vec<String> = overlays[0].iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let [.., api, _, environment] = names.as_slice() else {
        return Err("an overlay lies below its API".into());
    };
    Ok(vec!["build".to_owned(), api.clone(), "--env".to_owned(), environment.clone()])
}

fn of_kustomize(kustomize: &Path, overlay: &Path) -> Box<dyn Fn() -> Command> {
    let (kustomize, overlay) = (kustomize.to_owned(), overlay.to_owned());
    Box::new(move || {
        let mut command = Command::new(&kustomize);
        command.arg("build").arg(&overlay);
        command
    })
}

/// Builds all overlays with kustomize's library, shared out among the workers.
fn by_library(peer: &str, overlays: &[PathBuf]) -> Result<Duration, Failure> {
    let start = Instant::now();
    let workers = (0..WORKERS).map(|worker| {
        let mut child = Command::new(peer).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let own = overlays.iter().skip(worker).step_by(WORKERS);
        let lines: Vec<String> = own.map(|overlay| overlay.display().to_string()).collect();
        let lines = lines.join("\n");
        let mut input = child.stdin.take().ok_or("the peer has no input")?;
        // The peer answers while it is still asked.
        std::thread::spawn(move || input.write_all(lines.as_bytes()));
        Ok(child)
    });
    let workers: Vec<Child> = workers.collect::<Result<_, Failure>>()?;
    let readers: Vec<_> =
        workers.into_iter().map(|child| std::thread::spawn(|| child.wait_with_output())).collect();
    let mut built = 0;
    for reader in readers {
        let output = reader.join().map_err(|_| "a reader panicked")??;
        let text = String::from_utf8(output.stdout)?;
        if let Some(refused) = text.lines().find(|line| line.contains("\"error\":")) {
            return Err(format!("kustomize's library refuses an overlay: {refused}").into());
        }
        built += text.lines().count();
    }
    if built == overlays.len() {
        Ok(start.elapsed())
    } else {
        Err("kustomize's library left overlays out".into())
    }
}

fn overlays(repo: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut overlays = Vec::new();
    for api in fs::read_dir(repo.join("onboarding"))? {
        let below = api?.path().join("overlays");
        overlays.extend(
            fs::read_dir(below)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?,
        );
    }
    overlays.sort();
    Ok(overlays)
}
