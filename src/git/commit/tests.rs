#![expect(clippy::disallowed_methods, reason = "fixtures are written straight to disk")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::git::sample::Sample;

/// A repository whose own configuration says who makes commits, since the environment of a test is nobody's.
fn sample(init: &[&str]) -> Sample {
    let sample = Sample::new(init);
    sample.git(["config", "user.name", "Ada Example"]);
    sample.git(["config", "user.email", "ada@acme.example"]);
    sample.git(["config", "commit.gpgSign", "false"]);
    sample.write("a", "a").commit();
    sample
}

fn new(sample: &Sample, message: &str, author: Option<&Author>, sign_off: bool) -> Result<String, GitError> {
    let id = |revision: &str| ObjectId::from_hex(&sample.git(["rev-parse", revision])).unwrap();
    let parents = [id("HEAD")];
    let new = NewCommit { tree: id("HEAD^{tree}"), parents: &parents, message, author, sign_off };
    Repo::discover(&sample.path).unwrap().commit(&new).map(|commit| commit.to_string())
}

fn message_of(sample: &Sample, commit: &str) -> String {
    let raw = sample.git(["cat-file", "commit", commit]);
    raw.split_once("\n\n").unwrap().1.to_owned()
}

#[test]
fn a_message_is_kept_byte_for_byte() {
    for init in [&[][..], &["--object-format=sha256"]] {
        let sample = sample(init);
        sample.git(["config", "i18n.commitEncoding", "ISO-8859-1"]);
        let message =
            "deploy: “x” \t\n\n# no comment\n  \r\nbody ü\n---\n\n\nOnramp-Api: a\nOnramp-Image: r/a:1\n";
        let commit = new(&sample, message, None, false).unwrap();
        assert_eq!(message_of(&sample, &commit), message.trim_end());
        assert_eq!(sample.git(["cat-file", "-s", &commit]).parse::<usize>().unwrap(), {
            let head = sample.git(["cat-file", "commit", &commit]);
            head.split_once("\n\n").unwrap().0.len() + 2 + message.len()
        });
        assert!(!sample.git(["cat-file", "commit", &commit]).contains("\nencoding "));
        assert_eq!(sample.git(["rev-parse", &format!("{commit}^")]), sample.git(["rev-parse", "HEAD"]));
        assert_eq!(
            sample.git(["log", "-1", "--format=%cn <%ce>", &commit]),
            "Ada Example <ada@acme.example>"
        );
        let error = new(&sample, "a\0b", None, false).unwrap_err().to_string();
        assert_eq!(error, "a commit cannot be made: the message has a NUL");
    }
}

#[test]
fn an_author_of_ones_own_leaves_the_committer() {
    let sample = sample(&[]);
    let author = Author { name: "Grace Ü".to_owned(), email: "grace@acme.example".to_owned() };
    let commit = new(&sample, "x", Some(&author), false).unwrap();
    let format = "--format=%an <%ae> %cn <%ce>";
    assert_eq!(
        sample.git(["log", "-1", format, &commit]),
        "Grace Ü <grace@acme.example> Ada Example <ada@acme.example>"
    );
    for (name, email) in [("a\nb", "x@y"), ("a <b", "x@y"), ("a", "x>y"), ("a", "x\0")] {
        let author = Author { name: name.to_owned(), email: email.to_owned() };
        let error = new(&sample, "x", Some(&author), false).unwrap_err();
        assert!(matches!(error, GitError::InvalidCommit { .. }), "{error}");
    }
    // What git leaves nothing of.
    let author = Author { name: String::new(), email: "x@y".to_owned() };
    let error = new(&sample, "x", Some(&author), false).unwrap_err().to_string();
    assert!(
        error.contains("git does not know who makes commits") && error.contains("empty ident name"),
        "{error}"
    );
}

#[test]
fn a_sign_off_joins_the_trailers() {
    let sample = sample(&[]);
    let line = "Signed-off-by: Ada Example <ada@acme.example>";
    for (message, signed) in [
        ("subject", format!("subject\n\n{line}")),
        ("subject\n\nbody: with\nno trailers\n\n", format!("subject\n\nbody: with\nno trailers\n\n{line}")),
        ("feat: x\n\nbody\n\nA-B: c\n more\n", format!("feat: x\n\nbody\n\nA-B: c\n more\n{line}")),
        ("feat: x\n", format!("feat: x\n\n{line}")),
        (&format!("x\n\nA: b\n{line}\n"), format!("x\n\nA: b\n{line}")),
    ] {
        let commit = new(&sample, message, None, true).unwrap();
        assert_eq!(message_of(&sample, &commit), signed);
        let trailers = sample.git(["log", "-1", "--format=%(trailers:key=Signed-off-by)", &commit]);
        assert_eq!(trailers.trim(), line, "git takes it for a trailer");
    }
}

#[test]
fn a_repository_that_takes_nothing_says_so() {
    let sample = sample(&[]);
    let id = ObjectId::from_hex(&sample.git(["rev-parse", "HEAD"])).unwrap();
    let missing = ObjectId::from_hex(&"1".repeat(40)).unwrap();
    let repo = Repo::discover(&sample.path).unwrap();
    let commit = NewCommit { tree: missing, parents: &[id], message: "x", author: None, sign_off: false };
    let error = repo.commit(&commit).unwrap_err().to_string();
    assert!(error.contains("`git commit-tree` failed") && error.contains(&missing.to_string()), "{error}");
}

#[test]
fn nobody_in_particular_makes_no_commit() {
    let sample = sample(&[]);
    for name in ["user.name", "author.name", "committer.name"] {
        sample.git(["config", name, ""]);
    }
    let error = new(&sample, "x", None, false).unwrap_err();
    assert!(matches!(error, GitError::Identity { .. }), "{error}");
    assert!(error.to_string().contains("empty ident name"), "in git's words: {error}");
    let error = new(&sample, "x", None, true).unwrap_err();
    assert!(matches!(error, GitError::Identity { .. }), "{error}");
    sample.git(["config", "user.useConfigOnly", "true"]);
    for name in ["user.email", "author.email", "committer.email"] {
        sample.git(["config", name, ""]);
    }
    let author = Author { name: "Grace".to_owned(), email: "grace@acme.example".to_owned() };
    let error = new(&sample, "x", Some(&author), false).unwrap_err();
    assert!(matches!(error, GitError::Identity { .. }), "an author is no committer: {error}");
}

/// Makes a program that git takes for one that signs.
fn signer(sample: &Sample, text: &str) -> String {
    let path = sample.beside("signer");
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path.to_string_lossy().into_owned()
}

#[test]
fn commits_are_signed_as_git_is_configured_to() {
    for (format, program, text) in [
        ("openpgp", "gpg.program", "cat >/dev/null; echo '[GNUPG:] SIG_CREATED ' >&2; echo 'a signature'"),
        ("ssh", "gpg.ssh.program", "for last; do :; done; echo 'a signature' >\"$last.sig\""),
        ("x509", "gpg.x509.program", "cat >/dev/null; echo '[GNUPG:] SIG_CREATED ' >&2; echo 'a signature'"),
    ] {
        let sample = sample(&[]);
        sample.git(["config", "gpg.format", format]);
        sample.git(["config", "user.signingKey", "/a/key"]);
        sample.git(["config", program, &signer(&sample, text)]);
        let raw = |commit: &str| sample.git(["cat-file", "commit", commit]);
        assert!(
            !raw(&new(&sample, "x", None, false).unwrap()).contains("gpgsig"),
            "only where it is asked for"
        );
        sample.git(["config", "commit.gpgSign", "yes"]);
        assert!(raw(&new(&sample, "x", None, true).unwrap()).contains("\ngpgsig a signature\n"), "{format}");
        sample.git(["config", program, &signer(&sample, "echo 'no such key' >&2; exit 1")]);
        let error = new(&sample, "x", None, false).unwrap_err();
        assert!(matches!(error, GitError::Signature { .. }), "{format}: {error}");
        // Git before 2.41 keeps the words of gpg to itself.
        let words = if format == "ssh" { "no such key" } else { "failed to sign" };
        assert!(error.to_string().contains(words), "{format}: {error}");
    }
    let sample = sample(&[]);
    sample.git(["config", "commit.gpgSign", "maybe"]);
    let error = new(&sample, "x", None, false).unwrap_err().to_string();
    assert!(error.contains("bad boolean"), "{error}");
}

#[test]
#[expect(clippy::print_stderr, reason = "who runs the tests sees what was not tried")]
fn a_key_of_ssh_signs_for_real() {
    let sample = sample(&[]);
    let key = sample.beside("key");
    let made =
        Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"]).arg(&key).output();
    let Ok(made) = made else {
        // The test before this one signs by a program of its own, wherever it runs.
        eprintln!("there is no `ssh-keygen` here, so no key of its own signs");
        return;
    };
    assert!(made.status.success(), "{made:?}");
    let public = fs::read_to_string(key.with_extension("pub")).unwrap();
    let allowed = sample.beside("allowed");
    fs::write(&allowed, format!("ada@acme.example {public}")).unwrap();
    for (name, value) in [
        ("gpg.format", "ssh"),
        ("commit.gpgSign", "true"),
        ("user.signingKey", &*key.to_string_lossy()),
        ("gpg.ssh.allowedSignersFile", &*allowed.to_string_lossy()),
    ] {
        sample.git(["config", name, value]);
    }
    let commit = new(&sample, "signed\n\nA: b\n", None, true).unwrap();
    sample.git(["verify-commit", &commit]);
    assert_eq!(sample.git(["log", "-1", "--format=%GS", &commit]), "ada@acme.example");
}
