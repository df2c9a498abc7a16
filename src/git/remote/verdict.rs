//! What git and a server said, as what it means.
//!
//! The words of git itself are in a fixed language (`LC_ALL=C`); those of servers are their own. Whoever loses a race is told so in a
//! dozen wordings, and none of them may pass for a refusal. The other way round it only costs tries until the time is over.

use super::process::Ended;
use super::{Pushed, RemoteError};

/// The most that is kept of a server's words: lines and bytes.
const WORDS: (usize, usize) = (40, 4 << 10);

/// Reasons that stay, whoever comes first; looked for before those of a lost race, whose words a hook could have in its own.
const REFUSED: &[&str] = &[
    "hook declined",
    "protected branch",
    "permission denied",
    "shallow update not allowed",
    "prohibited",
    "not allowed",
    // A branch `a/b` beside a branch `a`.
    "exists; cannot create",
    "not a directory",
    "is a directory",
    "read-only file system",
    "no space left",
];

/// Reasons of a lost race.
const LOST: &[&str] = &[
    // By git on this side.
    "fetch first",
    "non-fast-forward",
    "stale info",
    "needs force",
    "remote ref updated since checkout",
    // By git on the server; the last three since 2.50.
    "cannot lock ref",
    "failed to update ref",
    "failed to lock",
    "unable to lock",
    "unable to resolve reference",
    "incorrect old value provided",
    "reference already exists",
    "reference does not exist",
    "reference conflict",
    // By JGit (Gerrit) and go-git.
    "non-fast forward",
    "lock failure",
    "lock error",
    "lock_failure",
    "reference has changed concurrently",
    // By GitLab and Azure DevOps.
    "please refresh and try again",
    "has already been updated by another client",
    "reference update failed",
    "state update to",
];

/// Reasons of a server that is not well.
const TROUBLED: &[&str] = &[
    "internal server error",
    "internal error",
    "service unavailable",
    "timed out",
    "timeout",
    "unpacker error",
    "failed to report status",
    "temporarily",
    "try again later",
];

/// Words of whoever is not let in.
const LOCKED_OUT: &[&str] = &[
    "authentication failed",
    "could not read username",
    "could not read password",
    "terminal prompts disabled",
    "permission denied",
    "returned error: 401",
    "returned error: 403",
    "returned error: 407",
    "invalid username or password",
    "invalid credentials",
    "http basic: access denied",
    "access denied",
    "host key verification failed",
    "too many authentication failures",
    "no supported authentication methods",
    "support for password authentication was removed",
];

/// Words of a failure that stays.
const PERMANENT: &[&str] = &[
    "does not appear to be a git repository",
    "repository not found",
    "returned error: 404",
    "' not found",
    "access denied or repository not exported",
    "certificate",
    "unable to find remote helper",
    "is not a valid repository name",
    "mismatched algorithms",
    "transport '",
    "invalid path",
    "no space left on device",
];

/// Words of a connection that was never made: nothing can have been sent.
const NOT_CONNECTED: &[&str] = &[
    "failed to connect",
    "couldn't connect",
    "could not connect",
    "unable to connect",
    "connection refused",
    "could not resolve",
    "unable to look up",
    "temporary failure in name resolution",
    "name or service not known",
    "no route to host",
    "network is unreachable",
    "host is down",
];

/// Words of a connection that broke, or of a server that is not well.
const BROKEN: &[&str] = &[
    "connection timed out",
    "operation timed out",
    "connection reset",
    "connection closed",
    "connection was reset",
    "broken pipe",
    "timed out",
    "returned error: 5",
    "returned error: 408",
    "returned error: 429",
    "http 5",
    "http 429",
    "rpc failed",
    "early eof",
    "hung up unexpectedly",
    "unexpected disconnect",
    "unexpected eof",
    "empty reply from server",
    "transfer closed",
    "bytes of body are still expected",
    "kex_exchange_identification",
    "ssl_error_syscall",
    "gnutls recv error",
    "gnutls_handshake",
    "ssl_read",
    "recv failure",
    "send failure",
    "bad line length",
    "invalid response",
    "protocol error",
    "internal server error",
    "service unavailable",
    "failed to report status",
    "could not read from remote repository",
];

/// Says what a failed fetch means.
pub(super) fn of_fetch(remote: &str, branch: &str, stderr: &str) -> RemoteError {
    let lower = stderr.to_ascii_lowercase();
    if lower.contains("couldn't find remote ref") {
        return RemoteError::NoBranch { remote: remote.to_owned(), branch: branch.to_owned() };
    }
    failure(remote, "fetch", &lower, stderr)
}

/// Says how a push ended.
pub(super) fn of_push(remote: &str, ended: &Ended) -> Result<Pushed, RemoteError> {
    if ended.killed {
        return Ok(Pushed::Unknown("git was not done in time".to_owned()));
    }
    let lower = ended.stderr.to_ascii_lowercase();
    if let Some((flag, summary)) = reference(&ended.stdout) {
        let reason = summary.to_ascii_lowercase();
        if flag != '!' {
            // A connection that breaks after the server's report leaves a failure behind a success.
            return Ok(if ended.success {
                Pushed::Landed
            } else {
                Pushed::Unknown(words(summary, &ended.stderr))
            });
        }
        let is = |list: &[&str]| list.iter().any(|word| reason.contains(word));
        if reason.starts_with("[remote failure]") {
            return Ok(Pushed::Unknown(words(summary, &ended.stderr)));
        }
        // `cannot lock ref` with numbers is a race, whatever else stands there.
        let outrun = reason.contains("is at") && reason.contains("but expected");
        if outrun || (!is(REFUSED) && is(LOST)) {
            return Ok(Pushed::Lost);
        }
        if !is(REFUSED) && is(TROUBLED) {
            return Ok(Pushed::Unknown(words(summary, &ended.stderr)));
        }
        return Ok(Pushed::Rejected(words(summary, &ended.stderr)));
    }
    match failure(remote, "push", &lower, &ended.stderr) {
        RemoteError::Unreachable { .. } if !contains(&lower, NOT_CONNECTED) => {
            Ok(Pushed::Unknown(said(&ended.stderr)))
        }
        error => Err(error),
    }
}

/// Tells whether a fetch failed because another one of this side was at the same reference.
pub(super) fn is_contended(message: &str) -> bool {
    let lower = message.to_ascii_lowercase();
    contains(
        &lower,
        &["cannot lock ref", "unable to update local ref", "shallow.lock", ".lock': file exists"],
    )
}

/// Finds the line of `--porcelain` about the branch: its flag and what is said of it.
fn reference(stdout: &str) -> Option<(char, &str)> {
    stdout.lines().find_map(|line| {
        let mut fields = line.splitn(3, '\t');
        let (flag, names, summary) = (fields.next()?, fields.next()?, fields.next()?);
        let mut chars = flag.chars();
        let flag = chars.next()?;
        (chars.next().is_none() && " +-*!=".contains(flag) && names.contains(':')).then_some((flag, summary))
    })
}

fn failure(remote: &str, command: &'static str, lower: &str, stderr: &str) -> RemoteError {
    let (remote, message) = (remote.to_owned(), said(stderr));
    if contains(lower, NOT_CONNECTED) {
        RemoteError::Unreachable { remote, message }
    } else if contains(lower, LOCKED_OUT) {
        RemoteError::Authentication { remote, message }
    } else if contains(lower, PERMANENT) {
        RemoteError::Failed { remote, command, message }
    } else if contains(lower, BROKEN) {
        RemoteError::Unreachable { remote, message }
    } else {
        RemoteError::Failed { remote, command, message }
    }
}

fn contains(lower: &str, list: &[&str]) -> bool {
    list.iter().any(|word| lower.contains(word))
}

/// Makes one line of what git said.
fn said(stderr: &str) -> String {
    harmless(&super::said(stderr.as_bytes()))
}

/// Returns why a branch was not moved, and then what the server said to it, one line each.
fn words(summary: &str, stderr: &str) -> String {
    let reason = summary.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(summary);
    let mut text = harmless(reason);
    let lines = stderr.lines().filter_map(|line| line.strip_prefix("remote:")).map(harmless);
    for line in lines.filter(|line| !line.is_empty()).take(WORDS.0) {
        if text.len() + line.len() >= WORDS.1 {
            text.push_str("\n…");
            break;
        }
        text.push('\n');
        text.push_str(&line);
    }
    text
}

/// Takes out what could move a cursor: control characters, and the rest of the escape that one begins.
fn harmless(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut chars = line.trim().chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' && chars.peek() == Some(&'[') {
            chars.next();
            // Parameters, up to the letter that ends it.
            while chars.next().is_some_and(|c| !('@'..='~').contains(&c)) {}
        } else if !c.is_control() {
            out.push(c);
        } else if c == '\t' {
            out.push(' ');
        }
        if out.len() > WORDS.1 {
            break;
        }
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(flag: char, summary: &str, stderr: &str) -> Result<Pushed, RemoteError> {
        let stdout = format!("To https://host/a\n{flag}\tabc:refs/heads/main\t{summary}\nDone\n");
        of_push("r", &Ended { success: flag != '!', killed: false, stdout, stderr: stderr.to_owned() })
    }

    #[test]
    fn each_wording_of_a_lost_race_is_one() {
        let of = |summary: &str| push('!', summary, "").unwrap();
        for summary in [
            "[rejected] (fetch first)",
            "[rejected] (non-fast-forward)",
            "[rejected] (stale info)",
            "[remote rejected] (cannot lock ref 'refs/heads/main': is at 98bf7e5 but expected 00da1b3)",
            "[remote rejected] (cannot lock ref 'refs/heads/not allowed': is at 98bf7e5 but expected 00da1b3)",
            "[remote rejected] (cannot lock ref 'refs/heads/main': reference already exists)",
            "[remote rejected] (cannot lock ref 'refs/heads/main': Unable to create '/x/main.lock': File exists.)",
            "[remote rejected] (failed to update ref)",
            "[remote rejected] (incorrect old value provided)",
            "[remote rejected] (reference already exists)",
            "[remote rejected] (reference does not exist)",
            "[remote rejected] (failed to lock)",
            "[remote rejected] (non-fast forward)",
            "[remote rejected] (lock error: a concurrent operation is holding the lock)",
            "[remote rejected] (reference has changed concurrently)",
            "[remote rejected] (Could not update refs/heads/main. Please refresh and try again.)",
            "[remote rejected] (TF402455: The reference 'refs/heads/main' has already been updated by another client)",
        ] {
            assert_eq!(of(summary), Pushed::Lost, "{summary}");
        }
        for (summary, words) in [
            ("[remote rejected] (pre-receive hook declined)", "pre-receive hook declined"),
            ("[remote rejected] (protected branch hook declined)", "protected branch hook declined"),
            ("[remote rejected] (hook declined)", "hook declined"),
            ("[remote rejected] (permission denied)", "permission denied"),
            ("[remote rejected] (shallow update not allowed)", "shallow update not allowed"),
            (
                "[remote rejected] (push declined due to repository rule violations)",
                "push declined due to repository rule violations",
            ),
            (
                "[remote rejected] (cannot lock ref 'refs/heads/a/b': 'refs/heads/a' exists; cannot create 'refs/heads/a/b')",
                "cannot lock ref 'refs/heads/a/b': 'refs/heads/a' exists; cannot create 'refs/heads/a/b'",
            ),
        ] {
            assert_eq!(of(summary), Pushed::Rejected(words.to_owned()), "{summary}");
        }
        for summary in
            ["[remote rejected] (Internal Server Error)", "[remote failure] (remote failed to report status)"]
        {
            assert!(matches!(of(summary), Pushed::Unknown(_)), "{summary}");
        }
    }

    #[test]
    fn a_server_speaks_for_itself_and_harmlessly() {
        let stderr = "remote: \u{1b}[31mno\u{1b}[0m releases on Friday        \nerror: failed to push\nremote:\nremote: \u{7}ask\ttheir team\r\n";
        let Pushed::Rejected(words) =
            push('!', "[remote rejected] (pre-receive hook declined)", stderr).unwrap()
        else {
            panic!("not rejected");
        };
        assert_eq!(words, "pre-receive hook declined\nno releases on Friday\nask their team");
        let endless = "remote: and so on\n".repeat(100_000);
        let Pushed::Rejected(words) = push('!', "[remote rejected] (hook declined)", &endless).unwrap()
        else {
            panic!("not rejected");
        };
        assert!(words.len() <= WORDS.1 + 8 && words.lines().count() <= WORDS.0 + 1, "{}", words.len());
    }

    #[test]
    fn what_landed_has_landed() {
        for (flag, summary) in [(' ', "1234..5678"), ('*', "[new branch]"), ('=', "[up to date]")] {
            assert_eq!(push(flag, summary, "").unwrap(), Pushed::Landed);
        }
        let stdout = " \tabc:refs/heads/main\t1..2\n".to_owned();
        let ended = Ended { success: false, killed: false, stdout, stderr: "fatal: broken".to_owned() };
        assert!(matches!(of_push("r", &ended), Ok(Pushed::Unknown(_))));
    }

    #[test]
    fn failures_are_told_apart() {
        let fetch = |text: &str| of_fetch("r", "main", text);
        for text in [
            "fatal: unable to access 'http://127.0.0.1:1/x/': Failed to connect to 127.0.0.1 port 1 after 0 ms: Couldn't connect to server",
            "fatal: unable to access 'http://nosuch.invalid/x/': Could not resolve host: nosuch.invalid",
            "ssh: connect to host 127.0.0.1 port 1: Connection refused\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights",
            "fatal: unable to connect to 127.0.0.1:\n127.0.0.1[0: 127.0.0.1]: errno=Connection refused",
            "fatal: unable to access 'https://host/': The requested URL returned error: 503",
            "error: RPC failed; curl 56 GnuTLS recv error (-54): Error in the pull function.\nfatal: early EOF",
            "fatal: the remote end hung up unexpectedly",
        ] {
            assert!(matches!(fetch(text), RemoteError::Unreachable { .. }), "{text}");
        }
        for text in [
            "fatal: Authentication failed for 'https://host/a/'",
            "fatal: could not read Username for 'https://host': terminal prompts disabled",
            "git@host: Permission denied (publickey).\nfatal: Could not read from remote repository.",
            "fatal: unable to access 'https://host/a/': The requested URL returned error: 403",
            "Host key verification failed.\nfatal: Could not read from remote repository.",
        ] {
            assert!(matches!(fetch(text), RemoteError::Authentication { .. }), "{text}");
        }
        for text in [
            "fatal: repository 'https://host/a/' not found",
            "fatal: '/nope/x' does not appear to be a git repository\nfatal: Could not read from remote repository.",
            "fatal: unable to access 'https://host/': SSL certificate problem: self-signed certificate",
            "fatal: something new",
        ] {
            assert!(matches!(fetch(text), RemoteError::Failed { .. }), "{text}");
        }
        assert!(matches!(
            fetch("fatal: couldn't find remote ref refs/heads/main"),
            RemoteError::NoBranch { .. }
        ));
        let push = |stderr: &str| {
            let stderr = stderr.to_owned();
            of_push("r", &Ended { success: false, killed: false, stdout: String::new(), stderr })
        };
        assert!(matches!(
            push("error: RPC failed; HTTP 502 curl 22\nfatal: the remote end hung up unexpectedly"),
            Ok(Pushed::Unknown(_))
        ));
        assert!(matches!(
            push("fatal: unable to access 'x': Failed to connect to host"),
            Err(RemoteError::Unreachable { .. })
        ));
        assert!(matches!(
            push("fatal: Authentication failed for 'x'"),
            Err(RemoteError::Authentication { .. })
        ));
    }
}
