//! A git process with an end: it and whatever it started are gone when its time is over.

use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// What is kept of an output; a server may send words without end.
const KEPT: usize = 1 << 20;
/// How long a look at a process that said nothing yet may be put off.
const LOOK: Duration = Duration::from_millis(50);
/// How long the rest of an output is waited for after the process ended: a connection that ssh shares keeps it open.
const REST: Duration = Duration::from_millis(200);

/// How it ended, as bytes.
pub(super) struct Output {
    pub(super) success: bool,
    pub(super) killed: bool,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
}

/// How it ended, as text.
pub(super) struct Ended {
    pub(super) success: bool,
    /// Its time was over.
    pub(super) killed: bool,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// A running process, which does not outlive this.
struct Running {
    child: Child,
    /// It leads a group of its own, with all that it starts.
    leads: bool,
    ended: bool,
}

/// Runs a command until it ends or its time is over. One that may ask a person stays in the group that the terminal belongs to,
/// where Ctrl-C reaches it; of such a one only the process itself is killed.
pub(super) fn run(command: &mut Command, until: Instant, prompting: bool) -> io::Result<Output> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    if !prompting {
        std::os::unix::process::CommandExt::process_group(command, 0);
    }
    let mut running = Running { child: command.spawn()?, leads: !prompting, ended: false };
    let (sender, ends) = mpsc::channel();
    let stdout = kept(running.child.stdout.take(), sender.clone());
    let stderr = kept(running.child.stderr.take(), sender);
    let mut open = 2;
    let status = loop {
        if let Some(status) = running.child.try_wait()? {
            running.ended = true;
            break Some(status);
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            running.kill();
            break None;
        }
        if open == 0 {
            // It closed both, and is about to end.
            thread::sleep(left.min(Duration::from_millis(1)));
            continue;
        }
        match ends.recv_timeout(left.min(LOOK)) {
            Ok(()) => open -= 1,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => open = 0,
        }
    };
    let rest = Instant::now() + REST;
    while open > 0 {
        match ends.recv_timeout(rest.saturating_duration_since(Instant::now())) {
            Ok(()) => open -= 1,
            Err(_) => break,
        }
    }
    let take =
        |bytes: &Mutex<Vec<u8>>| std::mem::take(&mut *bytes.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(Output {
        success: status.as_ref().is_some_and(ExitStatus::success),
        killed: status.is_none(),
        stdout: take(&stdout),
        stderr: take(&stderr),
    })
}

/// Reads an output to its end, and keeps its beginning.
fn kept(pipe: Option<impl Read + Send + 'static>, ended: Sender<()>) -> Arc<Mutex<Vec<u8>>> {
    let bytes = Arc::new(Mutex::new(Vec::new()));
    let Some(mut pipe) = pipe else { return bytes };
    let kept = Arc::clone(&bytes);
    thread::spawn(move || {
        let mut buffer = [0; 8 << 10];
        loop {
            match pipe.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => {
                    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                    let room = KEPT.saturating_sub(kept.len()).min(read);
                    kept.extend_from_slice(&buffer[..room]);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        // Nobody may be waiting any more.
        _ = ended.send(());
    });
    bytes
}

impl Running {
    /// Ends it and all that it started. Failing means that it is gone.
    fn kill(&mut self) {
        #[cfg(unix)]
        if self.leads {
            _ = rustix::process::kill_process_group(
                rustix::process::Pid::from_child(&self.child),
                rustix::process::Signal::KILL,
            );
        }
        _ = self.child.kill();
        _ = self.child.wait();
        self.ended = true;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.ended {
            self.kill();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, seconds: u64) -> Output {
        let mut command = Command::new("sh");
        run(command.args(["-c", script]), Instant::now() + Duration::from_secs(seconds), false).unwrap()
    }

    #[test]
    fn what_was_said_is_kept_and_not_without_end() {
        let output = shell("echo one; echo two >&2; exit 3", 60);
        assert!(!output.success && !output.killed);
        assert_eq!((output.stdout.as_slice(), output.stderr.as_slice()), (&b"one\n"[..], &b"two\n"[..]));
        let output = shell("head -c 3000000 /dev/zero", 60);
        assert!(output.success);
        assert_eq!(output.stdout.len(), KEPT);
    }

    #[test]
    fn its_children_go_with_it() {
        let output = shell("sleep 1000 & echo $!; echo last >&2; wait", 1);
        assert!(output.killed && !output.success);
        assert_eq!(output.stderr, b"last\n");
        let child: i32 = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();
        let pid = rustix::process::Pid::from_raw(child).unwrap();
        // Whoever takes it over has to notice its end.
        let gone = (0..2_000).any(|_| {
            thread::sleep(Duration::from_millis(5));
            let state = std::fs::metadata(format!("/proc/{child}")).is_err();
            state || rustix::process::test_kill_process(pid).is_err() || is_zombie(child)
        });
        assert!(gone, "the child of the process is alive");
    }

    #[test]
    fn a_grandchild_that_holds_the_output_is_not_waited_for() {
        let output = shell("echo done; sleep 5 >&2 2>/dev/null & exit 0", 60);
        assert!(output.success);
        assert_eq!(output.stdout, b"done\n");
    }

    #[expect(clippy::disallowed_methods, reason = "a look at the system")]
    fn is_zombie(pid: i32) -> bool {
        std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|text| text.contains(") Z "))
    }
}
