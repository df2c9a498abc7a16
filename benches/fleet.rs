//! How long `onramp` takes over a whole fleet, beside what the machine and the peer need at least:
//!
//! ```text
//! ONRAMP_KUSTOMIZE=/path/to/kustomize cargo bench --bench fleet
//! ```
//!
//! Every figure is a process of its own, started cold with the files in the page cache: `onramp
//! lint`, `onramp render --check`, a parallel read of every file (this binary again, with `--read`),
//! and one `kustomize build` for each overlay of a sample. They run in turn, round by round, so that a
//! busy moment of the machine hits all of them.
//!
//! `ONRAMP_BENCH_SIZES="1000 10000"` says how many APIs. Without a kustomize the benchmark fails.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its table")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads files and its environment itself")]

#[path = "../examples/fleet/generator.rs"]
mod generator;
#[path = "measure/kustomize.rs"]
mod kustomize;
#[path = "measure/process.rs"]
mod process;
#[path = "measure/sizes.rs"]
mod sizes;

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use kustomize::find_kustomize;
use process::{Failure, Row, best, load, median, mega_of_kb, ratio, show};
use rayon::prelude::*;
use sizes::sizes;

/// How often each process is measured.
const ROUNDS: usize = 5;
/// The most overlays that kustomize builds; a whole fleet would take it half an hour.
const SAMPLE: usize = 60;
/// Threads of the parallel read, and kustomize processes at a time.
const WORKERS: usize = 2;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    match arguments.as_slice() {
        [flag, directory] if flag == "--read" => process::exit_code(read_all(Path::new(directory))),
        _ => process::main(bench),
    }
}

fn bench() -> Result<(), Failure> {
    let kustomize = find_kustomize()?;
    println!("{WORKERS} workers, {ROUNDS} rounds, load average {}", load());
    println!(
        "peak memory is VmHWM, looked at each millisecond in a run that is not timed: at least so much\n"
    );
    for size in sizes()? {
        let directory = tempfile::tempdir()?;
        let repo = directory.path().join("fleet");
        let fleet = generator::generate(&repo, size, generator::SEED).map_err(|error| error.to_string())?;
        measure(&repo, &kustomize)?.print(&fleet);
    }
    println!("load average {}", load());
    Ok(())
}

/// What was measured on one fleet.
struct Table {
    version: Row,
    lint: Row,
    render: Row,
    read: Row,
    /// Wall-clock times of the whole sample, some at a time.
    kustomize: Vec<Duration>,
    sample: usize,
}

fn measure(repo: &Path, kustomize: &Path) -> Result<Table, Failure> {
    let repo = repo.to_owned();
    let onramp = |arguments: &'static [&'static str]| -> Box<dyn Fn() -> Command> {
        let repo = repo.clone();
        Box::new(move || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_onramp"));
            // ONRAMP_* variables of whoever runs the benchmark are flags.
            command.args(arguments).current_dir(&repo).env_clear();
            command
        })
    };
    let this = env::current_exe()?;
    let onboarding = repo.join("onboarding");
    let read: Box<dyn Fn() -> Command> = Box::new(move || {
        let mut command = Command::new(&this);
        command.arg("--read").arg(&onboarding);
        command
    });
    let mut table = Table {
        version: Row::new("onramp --version", onramp(&["--version"]), "onramp "),
        lint: Row::new("onramp lint", onramp(&["lint"]), ""),
        render: Row::new("onramp render --check", onramp(&["render", "--check"]), "Nothing changed."),
        read: Row::new("parallel read of all files", read, "read "),
        kustomize: Vec::new(),
        sample: 0,
    };
    let overlays = sample(&repo)?;
    if overlays.is_empty() {
        return Err("the fleet has no overlays".into());
    }
    table.sample = overlays.len();
    let mut rows = [&mut table.version, &mut table.lint, &mut table.render, &mut table.read];
    // Fills the page cache, and takes the memory where looking at it costs no time that counts.
    for row in &mut rows {
        row.look_at_memory()?;
    }
    build_all(kustomize, &overlays)?;
    for _ in 0..ROUNDS {
        for row in &mut rows {
            row.time()?;
        }
        table.kustomize.push(build_all(kustomize, &overlays)?);
    }
    Ok(table)
}

impl Table {
    fn print(&self, fleet: &generator::Fleet) {
        println!(
            "{} APIs, {} overlays, {} files, {:.1} MB",
            fleet.apis,
            fleet.overlays,
            fleet.written + fleet.rendered,
            mega(fleet.bytes),
        );
        println!("{:<52} {:>11} {:>11} {:>11}", "", "best", "median", "peak memory");
        for row in [&self.version, &self.lint, &self.render, &self.read] {
            let memory = row.memory.map_or("unknown".to_owned(), |kb| format!("{:.0} MB", mega_of_kb(kb)));
            println!("{:<52} {:>11} {:>11} {memory:>11}", row.name, show(row.best()), show(row.median()));
        }
        let both = |time: fn(&Row) -> Duration| time(&self.lint) + time(&self.render);
        println!(
            "{:<52} {:>11} {:>11}",
            "lint + render --check",
            show(both(Row::best)),
            show(both(Row::median))
        );
        let to_read = |time: fn(&Row) -> Duration| ratio(both(time), time(&self.read));
        println!(
            "{:<52} {:>11} {:>11}",
            "  against the parallel read",
            to_read(Row::best),
            to_read(Row::median)
        );

        let each = |times: Duration| times / count(self.sample);
        let (least, middle) = (each(best(&self.kustomize)), each(median(&self.kustomize)));
        let name = format!("kustomize build, per overlay ({} built)", self.sample);
        println!("{name:<52} {:>11} {:>11}", show(least), show(middle));
        let all = count(fleet.overlays);
        let name = format!("  extrapolated, not measured: {all} overlays");
        println!("{name:<52} {:>11} {:>11}", show(least * all), show(middle * all));
        let (our_least, our_middle) = (self.render.best() / all, self.render.median() / all);
        println!("{:<52} {:>11} {:>11}", "render --check, per overlay", show(our_least), show(our_middle));
        let (fast, usual) = (ratio(least, our_least), ratio(middle, our_middle));
        println!("{:<52} {fast:>11} {usual:>11}\n", "  kustomize against it");
    }
}

/// Chooses overlays evenly over the fleet.
fn sample(repo: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut overlays = Vec::new();
    for api in sorted(&repo.join("onboarding"))? {
        overlays.extend(sorted(&api.join("overlays"))?);
    }
    let taken = SAMPLE.min(overlays.len());
    Ok((0..taken).map(|number| overlays[number * overlays.len() / taken].clone()).collect())
}

fn sorted(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// Builds overlays with one process each, some at a time, and says how long all of them took.
fn build_all(kustomize: &Path, overlays: &[PathBuf]) -> Result<Duration, Failure> {
    let next = AtomicUsize::new(0);
    let work = || -> Result<(), Failure> {
        while let Some(overlay) = overlays.get(next.fetch_add(1, Ordering::Relaxed)) {
            build(kustomize, overlay)?;
        }
        Ok(())
    };
    let start = Instant::now();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| "a worker panicked")?)
    })?;
    Ok(start.elapsed())
}

fn build(kustomize: &Path, overlay: &Path) -> Result<(), Failure> {
    let output = Command::new(kustomize).arg("build").arg(overlay).stdin(Stdio::null()).output()?;
    if output.status.success() && !output.stdout.is_empty() {
        return Ok(());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("`kustomize build {}` ended with {}:\n{errors}", overlay.display(), output.status).into())
}

/// The yardstick: lists and reads every file, one unit of work for each API, and does nothing else.
fn read_all(onboarding: &Path) -> Result<(), Failure> {
    rayon::ThreadPoolBuilder::new().num_threads(WORKERS).build_global()?;
    let apis = fs::read_dir(onboarding)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    let (files, bytes) = apis
        .par_iter()
        .map_init(|| vec![0; 1 << 16], |buffer, api| read_below(api, buffer))
        .try_reduce(|| (0, 0), |one, other| Ok((one.0 + other.0, one.1 + other.1)))?;
    println!("read {files} files, {bytes} bytes");
    Ok(())
}

fn read_below(directory: &Path, buffer: &mut [u8]) -> io::Result<(usize, usize)> {
    let mut sum = (0, 0);
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            let below = read_below(&entry.path(), buffer)?;
            sum = (sum.0 + below.0, sum.1 + below.1);
            continue;
        }
        let mut file = File::open(entry.path())?;
        sum.0 += 1;
        loop {
            match file.read(buffer)? {
                0 => break,
                count => sum.1 += count,
            }
        }
    }
    Ok(sum)
}

fn count(number: usize) -> u32 {
    u32::try_from(number).expect("a fleet has fewer than four billion overlays")
}

#[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
fn mega(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}
