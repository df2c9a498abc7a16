//! Writes a synthetic config repo, to try and to measure `onramp` on:
//!
//! ```text
//! cargo run --release --example fleet -- DIR APIS [--seed N]
//! ```
//!
//! `DIR` must be empty or new. The repo is rendered, `onramp lint` finds nothing in it, and
//! `onramp render --check` has nothing to change. Same seed, same bytes.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command that says what it did")]

#[path = "fleet/generator.rs"]
mod generator;

use std::error::Error;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

const USAGE: &str = "usage: cargo run --release --example fleet -- DIR APIS [--seed N]";

fn main() -> ExitCode {
    let Some((directory, apis, seed)) = arguments(std::env::args_os().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match run(&directory, apis, seed) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(directory: &Path, apis: usize, seed: u64) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let fleet = generator::generate(directory, apis, seed)?;
    println!(
        "{}: {} APIs with {} overlays, {} files ({} written, {} rendered), {} bytes, seed {seed}, {:.1} s",
        directory.display(),
        fleet.apis,
        fleet.overlays,
        fleet.written + fleet.rendered,
        fleet.written,
        fleet.rendered,
        fleet.bytes,
        start.elapsed().as_secs_f64(),
    );
    Ok(())
}

fn arguments(arguments: impl Iterator<Item = OsString>) -> Option<(PathBuf, usize, u64)> {
    let mut seed = generator::SEED;
    let mut plain = Vec::new();
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        if argument == "--seed" {
            seed = arguments.next()?.to_str()?.parse().ok()?;
        } else {
            plain.push(argument);
        }
    }
    let [directory, apis] = plain.as_slice() else { return None };
    Some((directory.into(), apis.to_str()?.parse().ok()?, seed))
}
