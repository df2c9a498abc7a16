//! The queue of a machine: everybody gets an answer of their own, whoever is killed.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use onramp::land::queue::{self, MOST, QueueError};
use tempfile::TempDir;

use super::loops::worker;
use super::plenty;

/// A base directory as it is made for a user, and a queue in it.
fn place() -> (TempDir, PathBuf) {
    let temp = TempDir::new().expect("a temporary directory can be made");
    let dir = queue::directory(&temp.path().join("base"), &["https://host/a.git", "main"]);
    (temp, dir)
}

/// Answers each request with itself and a mark.
fn answered(requests: Vec<Vec<u8>>) -> Vec<Option<Vec<u8>>> {
    requests.into_iter().map(|request| Some([&request[..], b" done"].concat())).collect()
}

#[test]
fn everybody_gets_their_own_answer() {
    let (_temp, dir) = place();
    let (calls, served) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for number in 0..100 {
            let (dir, calls, served) = (&dir, &calls, &served);
            scope.spawn(move || {
                let request = format!("request {number}");
                let answer = queue::run(dir, request.as_bytes(), plenty().until, &mut |requests| {
                    calls.fetch_add(1, Ordering::SeqCst);
                    assert!(requests.len() <= MOST, "{}", requests.len());
                    served.lock().unwrap().extend(requests.iter().cloned());
                    std::thread::sleep(Duration::from_millis(20));
                    answered(requests)
                });
                assert_eq!(String::from_utf8(answer.unwrap()).unwrap(), format!("{request} done"));
            });
        }
    });
    let served = served.into_inner().unwrap();
    assert_eq!(served.len(), 100, "each is done once");
    assert_eq!(served.iter().collect::<BTreeSet<_>>().len(), 100);
    assert!(calls.load(Ordering::SeqCst) < 100, "they share turns");
    let left: Vec<_> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["lock"]);
}

#[test]
fn what_one_turn_did_not_come_to_is_for_the_next() {
    let (_temp, dir) = place();
    let mut passing = |requests: Vec<Vec<u8>>| vec![None; requests.len()];
    let error = queue::run(&dir, b"one", plenty().until, &mut passing).unwrap_err();
    assert!(matches!(error, QueueError::Spent { taken: false }), "{error:?}");
    let answer = queue::run(&dir, b"two", plenty().until, &mut |requests| {
        assert_eq!(requests, [b"two"], "what was given up is gone");
        answered(requests)
    });
    assert_eq!(answer.unwrap(), b"two done");
}

#[test]
fn whoever_waits_in_vain_takes_the_request_back() {
    let (_temp, dir) = place();
    let (started, finish) = (std::sync::mpsc::channel(), std::sync::mpsc::channel::<()>());
    std::thread::scope(|scope| {
        let dir = &dir;
        scope.spawn(move || {
            let answer = queue::run(dir, b"first", plenty().until, &mut |requests| {
                started.0.send(()).unwrap();
                finish.1.recv().unwrap();
                answered(requests)
            });
            assert_eq!(answer.unwrap(), b"first done");
        });
        started.1.recv().unwrap();
        let soon = Instant::now() + Duration::from_millis(100);
        let error = queue::run(dir, b"late", soon, &mut |_| panic!("it is not its turn")).unwrap_err();
        assert!(matches!(error, QueueError::Spent { taken: false }), "{error:?}");
        finish.0.send(()).unwrap();
    });
}

#[test]
fn a_directory_of_others_is_not_used() {
    let (temp, dir) = place();
    let base = temp.path().join("base");
    let refused = |dir: &Path| {
        let error = queue::run(dir, b"", plenty().until, &mut answered).unwrap_err();
        assert!(matches!(error, QueueError::Unavailable { .. }), "{error:?}");
        error.to_string()
    };
    fs::create_dir(&base).unwrap();
    fs::set_permissions(&base, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(refused(&dir).contains("others may look into"));
    fs::set_permissions(&base, fs::Permissions::from_mode(0o700)).unwrap();
    let elsewhere = temp.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &dir).unwrap();
    assert!(refused(&dir).contains("is no directory"));
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
}

#[test]
fn who_differs_does_not_meet() {
    let base = Path::new("/run/user/1/onramp");
    let of = |parts: &[&str]| queue::directory(base, parts);
    assert_eq!(of(&["a", "b"]), of(&["a", "b"]));
    assert_ne!(of(&["a", "b"]), of(&["ab"]));
    assert_ne!(of(&["a", "b"]), of(&["b", "a"]));
    assert!(!of(&["https://me:secret@host"]).to_string_lossy().contains("secret"));
    for variable in [
        "GIT_AUTHOR_NAME",
        "GIT_COMMITTER_EMAIL",
        "GIT_CONFIG_COUNT",
        "GIT_SSH_COMMAND",
        "GIT_ASKPASS",
        "HOME",
    ] {
        assert!(queue::is_relevant(variable), "{variable}");
    }
    for variable in ["PATH", "CI_JOB_ID", "GIT_DIR", "COLUMNS"] {
        assert!(!queue::is_relevant(variable), "{variable}");
    }
}

/// What a process does whose turn it is: it notes what it does, and takes its time for it.
fn noted(dir: &Path, requests: Vec<Vec<u8>>) -> Vec<Option<Vec<u8>>> {
    let note = dir.with_extension("done");
    for request in &requests {
        let mut file =
            fs::OpenOptions::new().create(true).append(true).open(&note).expect("files can be opened");
        file.write_all(&[&request[..], b"\n"].concat()).expect("files can be written");
        std::thread::sleep(Duration::from_millis(2));
    }
    answered(requests)
}

#[test]
fn killed_processes_take_nobody_with_them() {
    // As a process of its own: one request after the other, for as long as it lives.
    if let (Some(dir), Ok(name)) = (std::env::var_os("ONRAMP_TEST_QUEUE"), std::env::var("ONRAMP_TEST_NAME"))
    {
        let dir = Path::new(&dir);
        for number in 0..20 {
            let request = format!("{name}.{number}");
            let answer = queue::run(dir, request.as_bytes(), plenty().until, &mut |all| noted(dir, all));
            assert_eq!(String::from_utf8(answer.unwrap()).unwrap(), format!("{request} done"));
        }
        return;
    }
    let (_temp, dir) = place();
    let path = dir.to_string_lossy();
    let start = |name: &str| {
        let test = "land::queue::killed_processes_take_nobody_with_them";
        worker(test, &[("ONRAMP_TEST_QUEUE", &path), ("ONRAMP_TEST_NAME", name)])
    };
    let survivors: Vec<Child> = (0..4).map(|number| start(&format!("survivor-{number}"))).collect();
    let victims: Vec<Child> = (0..12).map(|number| start(&format!("victim-{number}"))).collect();
    // Each dies somewhere else on its way; most of the time one of them has the lock.
    for (number, mut victim) in victims.into_iter().enumerate() {
        std::thread::sleep(Duration::from_millis(5 + 7 * (number as u64 % 5)));
        victim.kill().unwrap();
        victim.wait().unwrap();
    }
    for mut survivor in survivors {
        assert!(survivor.wait().unwrap().success());
    }
    let done = fs::read_to_string(dir.with_extension("done")).unwrap();
    let done: BTreeSet<&str> = done.lines().collect();
    for survivor in 0..4 {
        for number in 0..20 {
            assert!(done.contains(format!("survivor-{survivor}.{number}").as_str()), "{survivor}.{number}");
        }
    }
    // What the victims left goes with the next turn.
    queue::run(&dir, b"last", plenty().until, &mut answered).unwrap();
    let left: Vec<String> = fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "lock" && !name.ends_with("-alive"))
        .collect();
    assert_eq!(left, [""; 0]);
}
