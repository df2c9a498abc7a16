//! Measures many writers of one branch, each a process of its own, over HTTP on this machine:
//!
//! ```text
//! cargo run --release --example land -- REPOSITORY WRITERS serial|queue|alone [PATH]
//! ```
//!
//! `REPOSITORY` is a bare one with `onboarding/NAME/metadata.yaml` for at least as many APIs on its branch `main`; it is copied
//! first. Each writer adds a line to the file of an API of its own. `serial`: one after the other. `queue`: all at once, sharing
//! pushes. `alone`: all at once, as if each had a machine of its own. With `PATH` as the last word the server is left out.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command that says what it did")]
#![expect(clippy::disallowed_methods, reason = "a command that is started as others are")]

#[path = "../tests/it/land/server.rs"]
#[expect(dead_code, reason = "here it behaves")]
mod server;

use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use onramp::git::{Files, Remote, Scratch};
use onramp::land::{self, At, Budget, Change, LandError, Landed, Prepared, Target, queue};
use onramp::snapshot::Snapshot;

use server::{Reply, Server};

const USAGE: &str =
    "usage: cargo run --release --example land -- REPOSITORY WRITERS serial|queue|alone [PATH]";
const BUDGET: Duration = Duration::from_mins(5);

type Outcome = Result<Landed, LandError<String>>;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["write", url, queue, api] => write(url, queue, api),
        [repository, writers, mode @ ("serial" | "queue" | "alone"), rest @ ..] => match writers.parse() {
            Ok(writers) => measure(Path::new(repository), writers, mode, rest == ["PATH"]),
            Err(_) => Err(USAGE.into()),
        },
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(repository: &Path, writers: usize, mode: &str, is_path: bool) -> Result<(), Box<dyn Error>> {
    let temp = tempfile::tempdir()?;
    let bare = temp.path().join("r.git");
    git(temp.path(), &["clone", "--quiet", "--bare", &repository.to_string_lossy(), "r.git"])?;
    for (key, value) in [
        ("http.receivepack", "true"),
        ("uploadpack.allowFilter", "true"),
        ("gc.auto", "0"),
        ("receive.autogc", "false"),
    ] {
        git(&bare, &["config", key, value])?;
    }
    let server = Server::start(temp.path(), None, |_| Reply::Serve);
    let url = if is_path { bare.to_string_lossy().into_owned() } else { server.url("", "r.git") };
    let apis = git(&bare, &["ls-tree", "--name-only", "main:onboarding"])?;
    let apis: Vec<&str> = apis.lines().take(writers).collect();
    let before: usize = git(&bare, &["rev-list", "--count", "main"])?.trim().parse()?;
    let queue = if mode == "queue" { temp.path().join("queues/one") } else { temp.path().join("none") };
    let start = |api: &str| {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["write", &url, &queue.to_string_lossy(), api]).stdout(Stdio::piped());
        command.spawn()
    };
    let began = Instant::now();
    let mut said = Vec::new();
    if mode == "serial" {
        for api in &apis {
            said.push(start(api)?.wait_with_output()?);
        }
    } else {
        let started: Result<Vec<_>, _> = apis.iter().map(|api| start(api)).collect();
        for child in started? {
            said.push(child.wait_with_output()?);
        }
    }
    let took = began.elapsed();
    let after: usize = git(&bare, &["rev-list", "--count", "main"])?.trim().parse()?;
    let landed = said.iter().filter(|output| output.status.success()).count();
    let (mut tries, mut lengths) = (Vec::new(), Vec::new());
    for output in &said {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut words = text.split_whitespace().filter_map(|word| word.parse::<u32>().ok());
        tries.extend(words.next());
        lengths.extend(words.next());
    }
    tries.sort_unstable();
    lengths.sort_unstable();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!(
        "{mode}: {landed} of {} landed, {} commits, in {:.1} s; tries: all {}, median {:?}, most {:?}; one writer: median {:?} ms, longest {:?} ms; load {}",
        apis.len(),
        after - before,
        took.as_secs_f64(),
        tries.iter().sum::<u32>(),
        tries.get(tries.len() / 2),
        tries.last(),
        lengths.get(lengths.len() / 2),
        lengths.last(),
        load.trim(),
    );
    Ok(())
}

/// One writer. It prints its tries and how long it took, in milliseconds.
fn write(url: &str, dir: &str, api: &str) -> Result<(), Box<dyn Error>> {
    let began = Instant::now();
    let budget = Budget { until: began + BUDGET };
    let remote = Remote::url(url, Path::new("/"))?;
    let mut scratch = None;
    let mut all = |apis: &[String]| -> Result<Vec<Outcome>, Box<dyn Error>> {
        let scratch = match &mut scratch {
            Some(scratch) => scratch,
            none => none.insert(Scratch::new(
                &remote,
                "",
                &[("user.name", "Test"), ("user.email", "test@acme.example")],
            )?),
        };
        Ok(each(scratch, budget, apis))
    };
    let tries = if dir.ends_with("none") {
        tries_of(all(&[api.to_owned()])?.pop())?
    } else {
        let answer = queue::run(Path::new(dir), api.as_bytes(), budget.until, &mut |requests| {
            let apis: Vec<String> =
                requests.iter().map(|request| String::from_utf8_lossy(request).into_owned()).collect();
            let Ok(outcomes) = all(&apis) else { return vec![None; requests.len()] };
            outcomes
                .into_iter()
                .map(|outcome| tries_of(Some(outcome)).ok().map(|tries| tries.to_le_bytes().to_vec()))
                .collect()
        })?;
        u32::from_le_bytes(answer.try_into().map_err(|_| "an answer of another kind")?)
    };
    println!("{tries} {}", began.elapsed().as_millis());
    Ok(())
}

fn each(scratch: &mut Scratch, budget: Budget, apis: &[String]) -> Vec<Outcome> {
    let directories: Vec<String> = apis.iter().map(|api| format!("onboarding/{api}")).collect();
    let wanted: Vec<[&str; 1]> = directories.iter().map(|directory| [directory.as_str()]).collect();
    let mut prepares: Vec<_> =
        apis.iter().map(|api| move |snapshot: &Snapshot| release(snapshot, api)).collect();
    let mut changes: Vec<Change<'_, String>> = prepares
        .iter_mut()
        .zip(&wanted)
        .map(|(prepare, wanted)| Change {
            wanted,
            prepare: prepare as &mut dyn FnMut(&Snapshot) -> Result<Prepared, String>,
        })
        .collect();
    let target = Target { branch: "main", from: None };
    land::remote_each(&mut At::Scratch(scratch), target, budget, &mut changes)
}

fn release(snapshot: &Snapshot, api: &str) -> Result<Prepared, String> {
    let path = format!("onboarding/{api}/metadata.yaml");
    let text =
        snapshot.read(&path, 1 << 20).map_err(|error| error.to_string())?.ok_or("there is no such API")?;
    let mark = b"# released\n";
    if text.ends_with(mark) {
        return Ok(Prepared::Nothing);
    }
    let files = Files::from([(path, Some([&text[..], mark].concat()))]);
    Ok(Prepared::Commit { files, message: format!("release {api}\n"), author: None, sign_off: false })
}

fn tries_of(outcome: Option<Outcome>) -> Result<u32, Box<dyn Error>> {
    match outcome {
        Some(Ok(Landed::Commit { tries, .. })) => Ok(tries),
        Some(Ok(Landed::Nothing { .. })) => Err("it was there already".into()),
        Some(Err(error)) => Err(error.to_string().into()),
        None => Err("nothing came of it".into()),
    }
}

fn git(directory: &Path, args: &[&str]) -> Result<String, Box<dyn Error>> {
    let output = Command::new("git").args(args).current_dir(directory).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(String::from_utf8(output.stdout)?)
}
