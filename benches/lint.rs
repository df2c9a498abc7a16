//! How long `onramp lint` takes with every rule, the API server's judgement and twenty rules in CEL, beside the tools that people
//! run on manifests:
//!
//! ```text
//! ONRAMP_KUBECONFORM=... ONRAMP_KUBERNETES_SCHEMAS=... ONRAMP_KUBE_SCORE=... cargo bench --bench lint
//! ```
//!
//! The peers get the objects that the same fleet builds to, one file for each overlay, from the page cache. kubeconform (strict) holds
//! them against JSON schemas in a directory, kube-score against its checks. Both read manifests only: what it takes to build them is
//! not counted. `ONRAMP_BENCH_SIZES="1000 10000"` says how many APIs. Without the peers the benchmark fails.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its table")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads files and starts processes itself")]

#[path = "../examples/fleet/generator.rs"]
mod generator;
#[path = "measure/process.rs"]
mod process;
#[path = "measure/sizes.rs"]
mod sizes;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use process::{Failure, Row, load, mega_of_kb, ratio, show};
use sizes::sizes;

/// How often each is measured.
const ROUNDS: usize = 3;
/// Threads of ours and of kubeconform.
const WORKERS: &str = "2";
/// Twenty rules of a platform.
const RULES: &str = include_str!("measure/rules.yaml");

fn main() -> ExitCode {
    process::main(bench)
}

fn bench() -> Result<(), Failure> {
    let peers = Peers {
        kubeconform: named("ONRAMP_KUBECONFORM")?,
        schemas: named("ONRAMP_KUBERNETES_SCHEMAS")?,
        kube_score: named("ONRAMP_KUBE_SCORE")?,
    };
    println!("{WORKERS} workers, {ROUNDS} rounds, load average {}\n", load());
    for size in sizes()? {
        measure(size, &peers)?;
    }
    println!("load average {}", load());
    Ok(())
}

/// The other tools.
struct Peers {
    kubeconform: PathBuf,
    /// Directory of JSON schemas by kind, such as `deployment-apps-v1.json`.
    schemas: PathBuf,
    kube_score: PathBuf,
}

fn named(variable: &str) -> Result<PathBuf, Failure> {
    let path = env::var_os(variable).filter(|path| !path.is_empty());
    path.map(PathBuf::from).ok_or_else(|| format!("{variable} names nothing").into())
}

fn measure(size: usize, peers: &Peers) -> Result<(), Failure> {
    let directory = tempfile::tempdir()?;
    let repo = directory.path().join("fleet");
    let fleet = generator::generate(&repo, size, generator::SEED).map_err(|error| error.to_string())?;
    let platform = fs::read_to_string(repo.join("platform.yaml"))?;
    let built = directory.path().join("built");
    let out = built.display().to_string();
    Row::new("build", onramp(&repo, &["build", "--all", "--out", &out]), "Built").time()?;

    let checked = format!("Checked {size} APIs: ");
    let mut own =
        Row::new("onramp lint, all built-in rules", onramp(&repo, &["lint", "--exit-zero"]), &checked);
    own.look_at_memory()?;
    repeat(&mut own)?;
    fs::write(repo.join("platform.yaml"), format!("{platform}\n{RULES}"))?;
    let mut all =
        Row::new("onramp lint, and 20 rules in CEL", onramp(&repo, &["lint", "--exit-zero"]), &checked);
    all.look_at_memory()?;
    repeat(&mut all)?;

    let mut kubeconform = Row::new("kubeconform -strict", kubeconform(peers, &built), "Summary: ");
    repeat(&mut kubeconform)?;
    let mut score = Row::new("kube-score score", kube_score(peers, &built)?, "");
    // It has something against most objects of the world.
    score.code = 1;
    repeat(&mut score)?;

    println!("{} APIs, {} overlays", fleet.apis, fleet.overlays);
    println!("{:<52} {:>11} {:>11} {:>11}", "", "best", "median", "peak memory");
    for row in [&own, &all, &kubeconform, &score] {
        let memory = row.memory.map_or(String::new(), |kb| format!("{:.0} MB", mega_of_kb(kb)));
        println!("{:<52} {:>11} {:>11} {memory:>11}", row.name, show(row.best()), show(row.median()));
    }
    for peer in [&kubeconform, &score] {
        let name = format!("  {} against onramp lint with everything", peer.name);
        println!(
            "{name:<52} {:>11} {:>11}",
            ratio(peer.best(), all.best()),
            ratio(peer.median(), all.median())
        );
    }
    println!();
    Ok(())
}

fn repeat(row: &mut Row) -> Result<(), Failure> {
    (0..ROUNDS).try_for_each(|_| row.time())
}

fn onramp(repo: &Path, arguments: &[&str]) -> Box<dyn Fn() -> Command> {
    let repo = repo.to_owned();
    let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    Box::new(move || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_onramp"));
        command.args(["--jobs", WORKERS]).args(&arguments).current_dir(&repo).env_clear();
        command
    })
}

fn kubeconform(peers: &Peers, built: &Path) -> Box<dyn Fn() -> Command> {
    let (program, built) = (peers.kubeconform.clone(), built.to_owned());
    let schemas = format!("{}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json", peers.schemas.display());
    Box::new(move || {
        let mut command = Command::new(&program);
        command.args([
            "-strict",
            "-summary",
            "-ignore-missing-schemas",
            "-n",
            WORKERS,
            "-schema-location",
            &schemas,
        ]);
        command.arg(&built);
        command
    })
}

/// It takes files, and all of them at once on its command line: as many as a command line holds.
fn kube_score(peers: &Peers, built: &Path) -> Result<Box<dyn Fn() -> Command>, Failure> {
    let program = peers.kube_score.clone();
    let mut files = Vec::new();
    below(built, &mut files)?;
    files.sort();
    Ok(Box::new(move || {
        let mut command = Command::new(&program);
        command.args(["score", "--output-format", "ci"]).args(&files);
        command
    }))
}

fn below(directory: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() { below(&path, files)? } else { files.push(path) }
    }
    Ok(())
}
