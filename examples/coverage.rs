//! Says how much of real Kubernetes configuration the model can say:
//!
//! ```text
//! cargo run --example coverage -- BUNDLE [--quiet] [--repo DIR]
//! ```
//!
//! `BUNDLE` is a git bundle or a bare repository with one branch for each service. Every workload is converted to
//! a `metadata.yaml`, which is read, linted and rendered as any other, on a platform that opens all that Kubernetes
//! has. Objects and what comes back must have one normal form, and nothing may come with them. What the model cannot
//! say is listed, object by object (not with `--quiet`), and counted. Branches are counted apart by what stands
//! before the first `/` of their names. Equal objects count once.
//!
//! With `--repo` nothing is counted: the objects are written as a config repo, one for each group below DIR, whose findings
//! `onramp lint` then says.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command that says what it found")]

#[path = "coverage/compare.rs"]
mod compare;
#[path = "coverage/corpus.rs"]
mod corpus;
#[path = "coverage/family.rs"]
mod family;
#[path = "coverage/repo.rs"]
mod repo;
#[path = "coverage/tally.rs"]
mod tally;
#[path = "coverage/trip.rs"]
mod trip;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use corpus::Corpus;
use tally::Tally;
use trip::Workshop;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (flags, plain): (Vec<&String>, Vec<&String>) =
        arguments.iter().partition(|argument| argument.starts_with('-'));
    let quiet = flags.iter().any(|flag| *flag == "--quiet");
    let outcome = match (plain.as_slice(), flags.iter().any(|flag| *flag == "--repo")) {
        ([bundle], false) => run(Path::new(bundle), quiet),
        ([bundle, directory], true) => write(Path::new(bundle), Path::new(directory)),
        _ => {
            eprintln!("usage: cargo run --example coverage -- BUNDLE [--quiet] [--repo DIR]");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(3)
        }
    }
}

/// Returns whether every object came back as it was, or with its differences named.
fn run(bundle: &Path, quiet: bool) -> Result<bool, Box<dyn Error>> {
    let clone = tempfile::tempdir()?;
    let repository = if bundle.is_dir() { bundle } else { corpus::clone(bundle, clone.path())? };
    let workshop = Workshop::new()?;
    let mut faithful = true;
    for (group, corpus) in Corpus::read(repository)? {
        if corpus.objects.is_empty() {
            println!("== {group}: nothing to convert");
            continue;
        }
        println!("== {group}");
        corpus.print(quiet);
        let tally = Tally::of(&corpus, &workshop);
        tally.print(quiet);
        faithful &= tally.is_faithful();
    }
    Ok(faithful)
}

/// Writes the corpus as config repos.
fn write(bundle: &Path, directory: &Path) -> Result<bool, Box<dyn Error>> {
    let clone = tempfile::tempdir()?;
    let repository = if bundle.is_dir() { bundle } else { corpus::clone(bundle, clone.path())? };
    for (group, corpus) in Corpus::read(repository)? {
        println!("{group}: {} APIs", repo::write(&corpus, &directory.join(&group))?);
    }
    Ok(true)
}
