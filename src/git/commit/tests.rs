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
