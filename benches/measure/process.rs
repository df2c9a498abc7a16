//! A process that is measured: its times, its memory, and the proof that it did its work.

use std::env;
use std::error::Error;
use std::fs;
use std::process::{Child, Command, ExitCode, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often the memory of a process is looked at.
const POLL: Duration = Duration::from_millis(1);

pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// Runs a benchmark, where `cargo bench` asks for it.
pub(crate) fn main(bench: fn() -> Result<(), Failure>) -> ExitCode {
    // `cargo test --all-targets` starts benchmarks without it: that they build is enough then.
    if !env::args_os().any(|argument| argument == "--bench") {
        eprintln!("nothing is measured without `--bench`, which `cargo bench` passes");
        return ExitCode::SUCCESS;
    }
    exit_code(bench())
}

/// Says why a process of a benchmark failed.
pub(crate) fn exit_code(result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// One process, several times.
pub(crate) struct Row {
    /// What it is called in the table.
    pub(crate) name: &'static str,
    pub(crate) command: Box<dyn Fn() -> Command>,
    /// What it must print, as proof that it did its work.
    pub(crate) expected: String,
    /// The exit code of an answer.
    pub(crate) code: i32,
    pub(crate) times: Vec<Duration>,
    /// Peak resident memory in kB, where the system tells.
    pub(crate) memory: Option<u64>,
}

impl Row {
    pub(crate) fn new(name: &'static str, command: Box<dyn Fn() -> Command>, expected: &str) -> Self {
        Self { name, command, expected: expected.to_owned(), code: 0, times: Vec::new(), memory: None }
    }

    pub(crate) fn time(&mut self) -> Result<(), Failure> {
        let start = Instant::now();
        let output = (self.command)().output()?;
        self.times.push(start.elapsed());
        self.check(&output)
    }

    pub(crate) fn look_at_memory(&mut self) -> Result<(), Failure> {
        let child = (self.command)().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let id = child.id();
        let waiting = thread::spawn(move || Child::wait_with_output(child));
        while !waiting.is_finished() {
            // The last value, not the greatest: the first may still be of the process that forked.
            self.memory = peak_memory(id).or(self.memory);
            thread::sleep(POLL);
        }
        let output = waiting.join().map_err(|_| "the thread that waits for a process panicked")?;
        self.check(&output?)
    }

    /// A process that failed early would be fast.
    pub(crate) fn check(&self, output: &Output) -> Result<(), Failure> {
        let text = String::from_utf8_lossy(&output.stdout);
        if output.status.code() == Some(self.code) && text.contains(&self.expected) {
            return Ok(());
        }
        let errors = String::from_utf8_lossy(&output.stderr);
        Err(format!("`{}` ended with {}:\n{text}{errors}", self.name, output.status).into())
    }

    pub(crate) fn best(&self) -> Duration {
        best(&self.times)
    }

    pub(crate) fn median(&self) -> Duration {
        median(&self.times)
    }
}

pub(crate) fn best(times: &[Duration]) -> Duration {
    times.iter().min().copied().unwrap_or_default()
}

pub(crate) fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Reads the high-water mark of a process's resident memory in kB; it is gone when the process is.
pub(crate) fn peak_memory(id: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// Returns how busy the machine is, since others may use it.
pub(crate) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_else(|_| "unknown".to_owned());
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

pub(crate) fn show(time: Duration) -> String {
    match time.as_secs_f64() {
        seconds if seconds >= 10.0 => format!("{seconds:.0} s"),
        seconds if seconds >= 1.0 => format!("{seconds:.2} s"),
        seconds if seconds >= 0.01 => format!("{:.0} ms", seconds * 1e3),
        seconds if seconds >= 0.001 => format!("{:.1} ms", seconds * 1e3),
        seconds => format!("{:.0} µs", seconds * 1e6),
    }
}

pub(crate) fn ratio(one: Duration, other: Duration) -> String {
    let ratio = one.as_secs_f64() / other.as_secs_f64();
    if ratio >= 100.0 { format!("{ratio:.0} x") } else { format!("{ratio:.1} x") }
}

#[expect(clippy::cast_precision_loss, reason = "shown without digits")]
pub(crate) fn mega_of_kb(kb: u64) -> f64 {
    kb as f64 * 1024.0 / 1e6
}
