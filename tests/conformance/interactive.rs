//! `bump-image --interactive` on a pseudo-terminal, which Python's standard library has.

use std::process::Command;

use serde_json::json;

use crate::env::{Env, METADATA};
use crate::tools::client_python;

const NEW: &str = "registry.example/apis/payments:v2.1.0";
const ASK: &str = "q to leave): ";
const WHICH: &str = "q to leave) ";
const CONFIRM: &str = "Commit it? [y/N] ";

/// A rendered and committed repo with two APIs.
fn committed() -> Env {
    let env = Env::with_api(METADATA);
    env.write("onboarding/orders/metadata.yaml", METADATA.replace("payments", "orders"));
    env.run(&["render"]).success();
    env.git(&["init", "--quiet", "--initial-branch=main"]);
    env.git(&["config", "user.name", "Ann"]);
    env.git(&["config", "user.email", "ann@acme.example"]);
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--message=start"]);
    env
}

/// Lets a person give some answers, and returns the screen and the exit code.
fn play(env: &Env, answers: &[(&str, &str)]) -> (String, i32) {
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/interactive.py");
    let output = Command::new(client_python())
        .arg(script)
        .arg(env.root())
        .arg(json!(answers).to_string())
        .args([env!("CARGO_BIN_EXE_onramp"), "bump-image", "--interactive"])
        .env("COLUMNS", "200")
        .output()
        .expect("python starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let screen = String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
    let (screen, code) = screen.rsplit_once('\n').expect("the last line is the exit code");
    (screen.to_owned(), code.parse().expect("it is a number"))
}

fn commits(env: &Env) -> String {
    env.git(&["rev-list", "--count", "HEAD"]).trim().to_owned()
}

#[test]
fn a_person_searches_chooses_and_confirms() {
    for (at, wanted) in ["payments", "payments:v1", "other.example/team/payments:v1"].iter().enumerate() {
        let env = committed();
        let choice = ["1,2", "1-2", "all"][at];
        let (screen, code) = play(
            &env,
            &[
                (ASK, "nothing-like-it"),
                (ASK, wanted),
                (WHICH, "7"),
                (WHICH, "x"),
                (WHICH, choice),
                ("in full", "payments"),
                ("in full", NEW),
                (CONFIRM, "y"),
            ],
        );
        assert_eq!((code, commits(&env).as_str()), (0, "2"), "{screen}");
        for said in [
            "nothing runs an image like `nothing-like-it`",
            "there is no line 7",
            "`x` is no number",
            "This will change:",
        ] {
            assert!(screen.contains(said), "{said}: {screen}");
        }
        assert!(screen.contains("* 1") || screen.contains("* 2"), "{screen}");
        let changed = env.git(&["diff", "--name-only", "HEAD~1", "HEAD"]);
        assert!(changed.contains("overlays/prod") && changed.contains("overlays/staging"), "{changed}");
        assert_eq!(env.git(&["status", "--short"]), "", "the work tree follows");
    }
}

#[test]
fn who_leaves_or_says_nothing_changes_nothing() {
    let until = |more: &[(&'static str, &'static str)]| {
        let mut answers = vec![(ASK, "payments"), (WHICH, "1"), ("in full", NEW)];
        answers.extend(more);
        answers
    };
    let scripts = [
        (vec![(ASK, "q")], 0),
        (vec![(ASK, "payments"), (WHICH, "q")], 0),
        (until(&[(CONFIRM, "")]), 0),
        (until(&[(CONFIRM, "n")]), 0),
        // 130: what a shell says of a process that was interrupted.
        (until(&[(CONFIRM, "^C")]), 130),
        (vec![(ASK, "^C")], 130),
    ];
    for (answers, expected) in scripts {
        let env = committed();
        let before = env.files();
        let (screen, code) = play(&env, &answers);
        assert_eq!((code, commits(&env).as_str()), (expected, "1"), "{screen}");
        assert!(env.files() == before, "nothing is written");
    }
}
