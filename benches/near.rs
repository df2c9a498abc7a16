//! How long `onramp lint` takes over one API of a whole fleet, rules across the fleet included: what a person waits for before
//! each commit.
//!
//! ```text
//! cargo bench --bench near
//! ```
//!
//! Every figure is a process of its own, started cold with the files in the page cache: without what an earlier run kept, with it,
//! and of what is staged; beside a parallel read of each `metadata.yaml` (this binary again, with `--read`), which is what a run has to
//! do that keeps nothing. `ONRAMP_BENCH_SIZES="1000 10000"` says how many APIs.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its table")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads files and its environment itself")]

#[path = "../examples/fleet/generator.rs"]
#[expect(dead_code, reason = "the example says more about the fleet")]
mod generator;
#[path = "measure/process.rs"]
#[expect(dead_code, reason = "no peer and no memory is measured here")]
mod process;
#[path = "measure/sizes.rs"]
mod sizes;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use process::{Failure, Row, load, ratio, show};
use rayon::prelude::*;
use sizes::sizes;

/// How often each process is measured.
const ROUNDS: usize = 9;
/// Threads of the parallel read.
const WORKERS: usize = 2;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    match arguments.as_slice() {
        [flag, directory] if flag == "--read" => process::exit_code(read_all(Path::new(directory))),
        _ => process::main(bench),
    }
}

fn bench() -> Result<(), Failure> {
    println!("{ROUNDS} rounds, load average {}", load());
    for size in sizes()? {
        let directory = tempfile::tempdir()?;
        let repo = directory.path().join("fleet");
        generator::generate(&repo, size, generator::SEED).map_err(|error| error.to_string())?;
        measure(&repo, size)?;
    }
    println!("load average {}", load());
    Ok(())
}

fn measure(repo: &Path, size: usize) -> Result<(), Failure> {
    git(repo, &["init", "--quiet"])?;
    git(repo, &["add", "--all"])?;
    let who = ["-c", "user.name=bench", "-c", "user.email=bench@acme.example"];
    git(repo, &[&who[..], &["commit", "--quiet", "--message=fleet"]].concat())?;
    let onboarding = repo.join("onboarding");
    let mut names: Vec<String> = fs::read_dir(&onboarding)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<_>>()?;
    names.sort();
    let name = names.get(names.len() / 2).ok_or("the fleet has no API")?.clone();
    let path = onboarding.join(&name).join("metadata.yaml");
    fs::write(&path, fs::read_to_string(&path)? + "# one more line\n")?;
    git(repo, &["add", "--all"])?;

    let onramp = |arguments: Vec<String>| -> Box<dyn Fn() -> Command> {
        let repo: PathBuf = repo.to_owned();
        Box::new(move || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_onramp"));
            command.args(&arguments).current_dir(&repo).env_clear();
            command.env("PATH", env::var_os("PATH").unwrap_or_default());
            command
        })
    };
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let this = env::current_exe()?;
    let read: Box<dyn Fn() -> Command> = Box::new(move || {
        let mut command = Command::new(&this);
        command.arg("--read").arg(&onboarding);
        command
    });
    let looked = "Checked 1 API:";
    let mut rows = [
        Row::new("lint NAME --no-index", onramp(words(&["lint", &name, "--no-index"])), looked),
        Row::new("lint NAME", onramp(words(&["lint", &name])), looked),
        Row::new("lint --staged --no-index", onramp(words(&["lint", "--staged", "--no-index"])), looked),
        Row::new("lint --staged", onramp(words(&["lint", "--staged"])), looked),
        Row::new("parallel read of each metadata.yaml", read, "read "),
    ];
    // Fills the page cache and the index.
    for row in &mut rows {
        row.time()?;
        row.times.clear();
    }
    for _ in 0..ROUNDS {
        for row in &mut rows {
            row.time()?;
        }
    }
    let [.., floor] = &rows;
    println!("\n{size} APIs\n{:<40} {:>11} {:>11} {:>16}", "", "best", "median", "against the read");
    for row in &rows {
        let against = ratio(row.best(), floor.best());
        println!("{:<40} {:>11} {:>11} {against:>16}", row.name, show(row.best()), show(row.median()));
    }
    Ok(())
}

fn git(repo: &Path, arguments: &[&str]) -> Result<(), Failure> {
    let status = Command::new("git").args(arguments).current_dir(repo).status()?;
    if status.success() { Ok(()) } else { Err(format!("git {arguments:?} ended with {status}").into()) }
}

/// The yardstick: lists the APIs, reads the file of each, and does nothing else.
fn read_all(onboarding: &Path) -> Result<(), Failure> {
    rayon::ThreadPoolBuilder::new().num_threads(WORKERS).build_global()?;
    let apis = fs::read_dir(onboarding)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    let sizes: io::Result<Vec<usize>> =
        apis.par_iter().map(|api| Ok(fs::read(api.join("metadata.yaml"))?.len())).collect();
    println!("read {} bytes", sizes?.iter().sum::<usize>());
    Ok(())
}
