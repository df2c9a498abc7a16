//! Measures what a change of one API costs in a repository: `cargo run --release --example bump -- DIR [ROUNDS]`, beside what
//! `git add` and `git commit` take for the same. It commits to the branch that is checked out in `DIR`, so name a clone.

#![expect(clippy::disallowed_methods, reason = "the repository is prepared here")]
#![expect(clippy::print_stdout, reason = "figures are printed")]

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use onramp::git::{Files, Head, NewCommit, Repo};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let dir = PathBuf::from(arguments.next().ok_or("which repository?")?);
    let rounds: usize = arguments.next().map_or(Ok(10), |text| text.parse())?;
    let mut apis: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(dir.join("onboarding"))? {
        apis.push(entry?.path());
    }
    apis.sort();
    let mut steps: Vec<(&str, Vec<Duration>)> = [
        "write_tree",
        "commit",
        "move_reference",
        "all three",
        "follow",
        "whole",
        "git add",
        "git commit",
        "add and commit",
    ]
    .map(|name| (name, Vec::new()))
    .into();
    for round in 0..rounds {
        let api = &apis[round * apis.len() / rounds];
        let files = change(&dir, api, &format!("# round {round}\n"))?;
        let mut clock = Clock::new();
        let started = Instant::now();
        let repo = Repo::discover(&dir)?;
        let Head::Branch { name, commit: Some(old) } = repo.head()? else { return Err("no branch".into()) };
        let tree = repo.write_tree(&old, &files)?;
        let mut times = vec![clock.lap()];
        let parents = [old];
        let commit =
            NewCommit { tree, parents: &parents, message: "measured\n", author: None, sign_off: false };
        let new = repo.commit(&commit)?;
        times.push(clock.lap());
        assert!(repo.move_reference(&name, &new, Some(&old), "measured")?);
        times.push(clock.lap());
        times.push(started.elapsed());
        let paths: Vec<String> = files.keys().cloned().collect();
        let followed = repo.follow(&name, &old, &new, &paths)?;
        times.push(clock.lap());
        times.push(started.elapsed());
        println!("{}: {:?}", api.display(), followed[0].state);

        let metadata = api.join("metadata.yaml");
        fs::write(&metadata, fs::read_to_string(&metadata)? + "# by hand\n")?;
        let started = Instant::now();
        let mut clock = Clock::new();
        git(&dir, &["add".as_ref(), metadata.as_ref()])?;
        times.push(clock.lap());
        git(&dir, &["commit".as_ref(), "-qm".as_ref(), "measured".as_ref()])?;
        times.push(clock.lap());
        times.push(started.elapsed());
        for ((_, all), time) in steps.iter_mut().zip(times) {
            all.push(time);
        }
    }
    for (name, all) in &mut steps {
        all.sort();
        println!(
            "{name:<16} least {:>6.1} ms, median {:>6.1} ms",
            all[0].as_secs_f64() * 1e3,
            all[all.len() / 2].as_secs_f64() * 1e3
        );
    }
    Ok(())
}

/// The three files of a release: two that are there, and one that may be new.
fn change(dir: &Path, api: &Path, line: &str) -> Result<Files, Box<dyn Error>> {
    let api = api.strip_prefix(dir)?.to_str().ok_or("a name that is not UTF-8")?.to_owned();
    let mut files = Files::new();
    for path in ["metadata.yaml", "overlays/prod/kustomization.yaml", "releases/prod.yaml"] {
        let path = format!("{api}/{path}");
        let mut text = fs::read(dir.join(&path)).unwrap_or_default();
        text.extend_from_slice(line.as_bytes());
        files.insert(path, Some(text));
    }
    Ok(files)
}

fn git(dir: &Path, arguments: &[&std::ffi::OsStr]) -> Result<(), Box<dyn Error>> {
    let status = Command::new("git").current_dir(dir).args(arguments).status()?;
    if status.success() { Ok(()) } else { Err("git failed".into()) }
}

struct Clock(Instant);

impl Clock {
    fn new() -> Self {
        Self(Instant::now())
    }

    fn lap(&mut self) -> Duration {
        let lap = self.0.elapsed();
        self.0 = Instant::now();
        lap
    }
}
