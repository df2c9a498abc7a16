//! Programs that keep credentials for Docker: `docker-credential-<name> get`, the registry on standard input.
//!
//! Source: <https://github.com/docker/docker-credential-helpers#development>.

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::config::Credentials;

/// The most bytes of an answer.
const MOST: u64 = 64 << 10;
/// How long each look at a program that is about to end is put off.
const LOOK: Duration = Duration::from_millis(2);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    username: String,
    secret: String,
}

/// Asks a helper; nothing where it has none.
///
/// # Errors
/// Says in one line what did not work, and nothing that the helper said, which may be a secret.
pub(super) fn ask(name: &str, registry: &str, limit: Duration) -> Result<Option<Credentials>, String> {
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.is_empty() || !name.bytes().all(is_name) {
        return Err(format!("`{name}` is no name of a credential helper"));
    }
    run(Command::new(format!("docker-credential-{name}")).arg("get"), registry, limit)
        .map_err(|why| format!("`docker-credential-{name}` {why}"))
}

fn run(command: &mut Command, registry: &str, limit: Duration) -> Result<Option<Credentials>, String> {
    let until = Instant::now() + limit;
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| format!("cannot be run: {error}"))?;
    if let Some(mut pipe) = child.stdin.take() {
        // It is less than a pipe holds; who does not read it knows without.
        _ = pipe.write_all(registry.as_bytes());
    }
    let (sender, output) = mpsc::channel();
    if let Some(pipe) = child.stdout.take() {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            _ = pipe.take(MOST).read_to_end(&mut bytes);
            _ = sender.send(bytes);
        });
    }
    let output = output.recv_timeout(limit).ok();
    let status = ended(&mut child, until);
    let (Some(output), Some(status)) = (output, status) else {
        return Err("gave no answer in time".to_owned());
    };
    if !status.success() {
        // The library that helpers are written with says so, and no code tells it from a failure.
        let none = String::from_utf8_lossy(&output).contains("credentials not found");
        return if none { Ok(None) } else { Err("failed".to_owned()) };
    }
    let answer: Answer =
        serde_json::from_slice(&output).map_err(|_| "answered with something else than credentials")?;
    Ok(Some(match answer.username.as_str() {
        "<token>" => Credentials::Identity(answer.secret),
        _ => Credentials::Password { user: answer.username, password: answer.secret },
    }))
}

/// Waits for a program until its time is over, and ends it then.
fn ended(child: &mut Child, until: Instant) -> Option<ExitStatus> {
    loop {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        if Instant::now() >= until {
            _ = child.kill();
            _ = child.wait();
            return None;
        }
        thread::sleep(LOOK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, limit: u64) -> String {
        let mut command = Command::new("sh");
        match run(command.args(["-c", script]), "r.example", Duration::from_secs(limit)) {
            Ok(Some(Credentials::Password { user, password })) => format!("{user} {password}"),
            Ok(Some(Credentials::Identity(token))) => format!("identity {token}"),
            Ok(Some(Credentials::Token(_))) => "token".to_owned(),
            Ok(None) => "none".to_owned(),
            Err(why) => why,
        }
    }

    #[test]
    fn a_helper_is_asked_for_the_registry() {
        let script =
            "read -r host; printf '{\"ServerURL\":\"x\",\"Username\":\"ann\",\"Secret\":\"%s\"}' \"$host\"";
        assert_eq!(shell(script, 60), "ann r.example");
        assert_eq!(shell("echo '{\"Username\":\"<token>\",\"Secret\":\"abc\"}'", 60), "identity abc");
    }

    #[test]
    fn what_a_helper_cannot_is_said_without_its_words() {
        assert_eq!(shell("echo credentials not found in native keychain; exit 1", 60), "none");
        assert_eq!(shell("echo s3cret; exit 1", 60), "failed");
        assert_eq!(shell("echo s3cret", 60), "answered with something else than credentials");
        assert_eq!(shell("exec sleep 1000", 1), "gave no answer in time");
        assert_eq!(shell("exec >&-; exec sleep 1000", 1), "gave no answer in time");
        let missing = ask("no-such-thing-here", "r.example", Duration::from_mins(1));
        assert!(
            missing.is_err_and(|why| why.starts_with("`docker-credential-no-such-thing-here` cannot be run"))
        );
    }
}
