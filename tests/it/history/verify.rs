//! Commits of people who would like to be taken for a release.

use std::cell::RefCell;

use onramp::release::Ask;

use super::{IMAGE, applied, commit, committed, released, wanted};
use crate::env::{Env, METADATA};

const API: &str = "onboarding/payments/metadata.yaml";
const OVERLAY: &str = "onboarding/payments/overlays/prod/kustomization.yaml";
const RECORD: &str = "onboarding/payments/releases/prod.yaml";

/// Two APIs, so that one can be said and the other changed.
fn two() -> Env {
    let env = Env::with_api(METADATA);
    env.write("onboarding/orders/metadata.yaml", METADATA.replace("payments", "orders"));
    env.run(&["render"]).success();
    env.git(&["init", "--quiet", "--initial-branch=main"]);
    commit(&env, "2026-01-01", "start\n");
    env
}

#[test]
fn releases_pass() {
    let env = committed(METADATA);
    released(&env, "2026-02-01", "staging", "v2.1.0");
    released(&env, "2026-02-02", "prod", "v2.1.0");
    released(&env, "2026-02-03", "prod", "v2.2.0");
    let text = env.run(&["verify-release", "HEAD~3..HEAD"]).success();
    assert_eq!(text.lines().filter(|line| line.starts_with("ok ")).count(), 3, "{text}");
    let last = format!("payments/app in prod: {IMAGE}:v2.1.0 -> {IMAGE}:v2.2.0");
    assert!(
        text.contains(&last) && text.ends_with("Checked 3 commits: releases, and nothing else.\n"),
        "{text}"
    );
    let text = env.run(&["verify-release", "HEAD..HEAD"]).success();
    assert_eq!(text, "Checked 0 commits: releases, and nothing else.\n");
    let mut request = wanted("prod", "v2.3.0");
    request.origin.request = Some("r-1".to_owned());
    let plan = applied(&env, &request);
    assert!(env.exists("requests/done/r-1.yaml"));
    commit(&env, "2026-02-04", &format!("{}Signed-off-by: Ann <ann@acme.example>\n", plan.message));
    env.run(&["verify-release", "HEAD~1..HEAD"]).success();
}

/// Two containers that share an image by declaration, and one that has its own.
#[test]
fn releases_of_several_containers_pass_where_all_are_told() {
    let metadata = METADATA
        .replace("ports:", "sidecars: { proxy: { image: 'registry.example/apis/proxy:v1' } }\nports:");
    let env = committed(&metadata);
    let mut both = wanted("prod", "v2.1.0");
    if let Ask::Bump(bumps) = &mut both.ask {
        let mut sidecar = bumps[0].clone();
        sidecar.image = "registry.example/apis/proxy:v2".to_owned();
        sidecar.container = Some("proxy".to_owned());
        bumps.push(sidecar);
    }
    let plan = applied(&env, &both);
    assert_eq!(plan.changes().count(), 2);
    commit(&env, "2026-02-01", &plan.message);
    env.run(&["verify-release", "HEAD~1..HEAD"]).success();
    env.git(&["reset", "--quiet", "--soft", "HEAD~1"]);
    let second = plan.message.find("Onramp-Api: payments\n").expect("it is there");
    let rest = &plan.message[second + 1..];
    let end = second + 1 + rest.find("Onramp-Api: payments\n").expect("it is there twice");
    let half = format!("{}{}", &plan.message[..second], &plan.message[end..]);
    commit(&env, "2026-02-01", &half);
    let run = env.run(&["verify-release", "HEAD~1..HEAD"]);
    assert!(run.code == 1 && run.stdout.contains("is not what the release that its trailers say"), "{run}");
}

/// Each way to smuggle something in, and what is said of it.
#[test]
fn what_is_no_release_is_refused_with_the_reason() {
    let env = two();
    let base = env.git(&["rev-parse", "HEAD"]);
    let missed = RefCell::new(Vec::new());
    let trick = |name: &str, reason: &str, smuggle: &dyn Fn(&Env, &str) -> String| {
        env.git(&["reset", "--quiet", "--hard", base.trim()]);
        env.git(&["clean", "--quiet", "-fd"]);
        let plan = applied(&env, &wanted("prod", "v2.1.0"));
        let message = smuggle(&env, &plan.message);
        if !message.is_empty() {
            commit(&env, "2026-02-01", &message);
        }
        let run = env.run(&["verify-release", &format!("{}..HEAD", base.trim())]);
        if run.code != 1 || !run.stdout.contains(reason) {
            missed.borrow_mut().push(format!("{name}: wanted {reason:?}\n{run}"));
        }
    };
    let write = |path: &'static str, old: &'static str, new: &'static str| {
        move |env: &Env, message: &str| {
            env.edit(path, old, new);
            message.to_owned()
        }
    };
    let say = |old: &'static str, new: &'static str| {
        move |_: &Env, message: &str| {
            assert!(message.contains(old), "{message}");
            message.replace(old, new)
        }
    };
    let file = |path: &'static str| {
        move |env: &Env, message: &str| {
            env.write(path, "x: y\n");
            message.to_owned()
        }
    };
    let mixed = |path: &'static str, arguments: &'static [&'static str]| {
        move |env: &Env, message: &str| {
            env.git(&["add", "--all"]);
            let blob = env.git(&["hash-object", "-w", "platform.yaml"]);
            let head = env.git(&["rev-parse", "HEAD"]);
            let object = if arguments == ["160000"] { head.trim() } else { blob.trim() };
            match arguments {
                [mode @ ("160000" | "120000")] => {
                    env.git(&["update-index", "--add", "--cacheinfo", &format!("{mode},{object},{path}")]);
                }
                _ => drop(env.git(&[&["update-index"], arguments, &[path]].concat())),
            }
            env.write(".git/MESSAGE", message);
            env.git(&["commit", "--quiet", "--file=.git/MESSAGE"]);
            String::new()
        }
    };
    trick("no trailers", "no trailers of a release", &|_, _| "fix: a thing\n".to_owned());
    trick("a file beside", "no part of that release: `README.md`", &file("README.md"));
    trick("a workflow", "`.github/workflows/x.yaml`", &file(".github/workflows/x.yaml"));
    trick("a request of nobody", "`requests/r-1.yaml`", &file("requests/r-1.yaml"));
    trick(
        "another record",
        "`onboarding/payments/releases/staging.yaml`",
        &file("onboarding/payments/releases/staging.yaml"),
    );
    trick(
        "a record of nobody",
        "`onboarding/orders/releases/prod.yaml`",
        &file("onboarding/orders/releases/prod.yaml"),
    );
    trick("another key", "is not what the release", &write(API, "LOG_LEVEL: info", "LOG_LEVEL: debug"));
    trick(
        "a comment that waives",
        "is not what the release",
        &write(API, "tier:", "# onramp: ignore missing-probe x\ntier:"),
    );
    trick(
        "another image",
        "is not what the release",
        &write(API, "prod: {", "staging: { image: 'x:v1' }\n  prod: {"),
    );
    trick(
        "a patch of the overlay",
        "is not what the release",
        &write(OVERLAY, "images:", "namePrefix: x-\nimages:"),
    );
    trick("another environment", "no part of that release", &|env, message| {
        env.edit("onboarding/payments/overlays/staging/kustomization.yaml", "v2.0.0", "v2.1.0");
        message.to_owned()
    });
    trick("the base", "no part of that release", &|env, message| {
        env.edit("onboarding/payments/base/deployment.yaml", "payments", "payments2");
        message.to_owned()
    });
    trick("another API", "no part of that release", &|env, message| {
        env.edit("onboarding/orders/metadata.yaml", "v2.0.0", "v2.1.0");
        message.to_owned()
    });
    trick("only metadata", "does not change, and the release", &|env, message| {
        env.git(&["checkout", "--quiet", "--", OVERLAY]);
        message.to_owned()
    });
    trick("only the overlay", "does not change, and the release", &|env, message| {
        env.git(&["checkout", "--quiet", "--", API]);
        message.to_owned()
    });
    trick("no record", "it writes no `onboarding/payments/releases/prod.yaml`", &|env, message| {
        env.remove(RECORD);
        message.to_owned()
    });
    trick(
        "a record of another image",
        "is not what the release",
        &write(
            RECORD,
            "    image: registry.example/apis/payments:v2.1.0",
            "    image: registry.example/apis/payments:v2.0.9",
        ),
    );
    trick("a record of another past", "is not what the release", &write(RECORD, "v2.0.0", "v1.0.0"));
    trick(
        "a record of another person",
        "is not what the release",
        &write(RECORD, "actor: ann", "actor: bob"),
    );
    trick("a record of no time", "does not say when", &write(RECORD, "2026-07-01T12:00:00Z", "yesterday"));
    trick(
        "a key in the record",
        "releases/prod.yaml",
        &write(RECORD, "releases:", "restart: { time: x, reason: y }\nreleases:"),
    );
    trick(
        "another new image",
        "is not what the release",
        &say(
            "New-Image: registry.example/apis/payments:v2.1.0",
            "New-Image: registry.example/apis/payments:v2.1.1",
        ),
    );
    trick(
        "another old image",
        "and it ran `registry.example/apis/payments:v2.0.0`",
        &say(
            "Old-Image: registry.example/apis/payments:v2.0.0",
            "Old-Image: registry.example/apis/payments:v1.0.0",
        ),
    );
    trick("another namespace", "lives in `payments`", &say("Namespace: payments", "Namespace: orders"));
    trick("another workload", "no such container", &say("Workload: payments", "Workload: orders"));
    trick("another API is said", "no such container", &say("Api: payments", "Api: orders"));
    trick("an API that is none", "has no API `order`", &say("Api: payments", "Api: order"));
    trick(
        "another environment is said",
        "lives in `payments-staging`",
        &say("Environment: prod", "Environment: staging"),
    );
    trick("another person is said", "each once and in its order", &say("Actor: ann", "Actor: bob"));
    trick("a second paragraph", "outside the last paragraph", &|_, message| {
        format!("{message}\nOnramp-Api: orders\nOnramp-Environment: prod\n")
    });
    trick("a paragraph behind", "do not stand in the last paragraph", &|_, message| {
        format!("{message}\nSigned-off-by: x <x@y>\n")
    });
    trick("said twice", "each once and in its order", &|_, message| format!("{message}Onramp-Actor: bob\n"));
    trick("a hidden word", "hides or reorders", &say("Actor: ann", "Actor: \u{202e}nna"));
    trick(
        "executable",
        "the mode of `onboarding/payments/metadata.yaml` changes",
        &mixed(API, &["--chmod=+x"]),
    );
    trick("an executable record", "is new, and its mode is 100755", &mixed(RECORD, &["--chmod=+x"]));
    trick("a link", "is no file any more", &mixed(OVERLAY, &["120000"]));
    trick("a submodule", "no part of that release: `vendor`", &mixed("vendor", &["160000"]));
    trick("a submodule in its place", "is not a regular file", &mixed(RECORD, &["160000"]));
    trick("nothing", "it changes nothing", &|env, message| {
        env.git(&["reset", "--quiet", "--hard"]);
        env.git(&["clean", "--quiet", "-fd"]);
        message.to_owned()
    });
    trick("a removal", "`onboarding/payments/metadata.yaml` is gone", &|env, message| {
        env.remove(API);
        message.to_owned()
    });
    trick("a commit that the next takes back", "no part of that release", &|env, message| {
        env.write("README.md", "x");
        commit(env, "2026-02-01", message);
        env.remove("README.md");
        "revert\n".to_owned()
    });
    trick("words in another encoding", "not UTF-8 to the end", &|env, message| {
        env.write(".git/MESSAGE", message);
        env.git(&["add", "--all"]);
        env.git(&["-c", "i18n.commitEncoding=UTF-7", "commit", "--quiet", "--file=.git/MESSAGE"]);
        String::new()
    });
    trick("a merge", "it merges", &|env, message| {
        commit(env, "2026-02-01", message);
        env.git(&["checkout", "--quiet", "-b", "side", "HEAD~1"]);
        env.write("README.md", "x");
        commit(env, "2026-02-01", "side\n");
        env.git(&["checkout", "--quiet", "main"]);
        env.git(&["merge", "--quiet", "--no-edit", "side"]);
        env.git(&["branch", "--quiet", "-D", "side"]);
        String::new()
    });
    let missed = missed.into_inner();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn a_range_must_be_one() {
    let env = committed(METADATA);
    let base = env.git(&["rev-parse", "HEAD"]).trim().to_owned();
    let head = released(&env, "2026-02-01", "prod", "v2.1.0");
    let zeros = "0".repeat(40);
    let run = |range: String| env.run(&["verify-release", "--", &range]);
    for (range, code, words) in [
        (format!("{head}..{base}"), 1, "takes commits back"),
        (format!("{base}..{zeros}"), 1, "would be deleted"),
        (format!("{zeros}..{head}"), 2, "HEAD is the new branch itself"),
        (format!("{base}...{head}"), 2, "is no range"),
        (format!("..{head}"), 2, "is no range"),
        (format!("nothing..{head}"), 2, "has no revision"),
        (format!("--all..{head}"), 2, "starts with `-`"),
    ] {
        let run = run(range);
        assert!(run.code == code && run.stderr.contains(words), "wanted {words:?}\n{run}");
    }
    env.git(&["checkout", "--quiet", "--orphan", "other"]);
    commit(&env, "2026-02-01", "anew\n");
    let run = run("main..other".to_owned());
    assert!(run.code == 1 && run.stderr.contains("no commit in common"), "{run}");
}

/// A restart is as little as a release, and as exact.
#[test]
fn a_restart_passes_and_nothing_more() {
    let env = committed(METADATA);
    let restart = Ask::Restart { api: "payments".to_owned(), environment: "prod".to_owned() };
    let mut request = wanted("prod", "v2.1.0");
    request.ask = restart;
    request.origin.reason = Some("stuck".to_owned());
    let plan = applied(&env, &request);
    commit(&env, "2026-02-01", &plan.message);
    let text = env.run(&["verify-release", "HEAD~1..HEAD"]).success();
    assert!(text.contains("payments in prod: restart"), "{text}");
    let told = env.run(&["history", "payments", "--all", "--limit", "1"]).success();
    assert!(told.contains("rolling restart") && !told.contains("contradicted"), "{told}");
    for (path, old, new) in [
        (RECORD, "stuck", "bored"),
        (API, "tier:", "# x\ntier:"),
        (OVERLAY, "images:", "namePrefix: x-\nimages:"),
    ] {
        env.git(&["reset", "--quiet", "--soft", "HEAD~1"]);
        env.edit(path, old, new);
        commit(&env, "2026-02-01", &plan.message);
        let run = env.run(&["verify-release", "HEAD~1..HEAD"]);
        assert!(run.code == 1 && run.stdout.contains(path), "{path}: {run}");
        env.edit(path, new, old);
        commit(&env, "2026-02-01", "x\n");
        env.git(&["reset", "--quiet", "--soft", "HEAD~1"]);
    }
}

/// A release of an image that stands in an extra resource, and each way to hide something in its file.
#[test]
fn releases_of_what_is_brought_along_pass_and_nothing_beside_them() {
    const FILE: &str = "onboarding/payments/resources/prod/worker.yaml";
    const SHARED: &str = "onboarding/payments/resources/nightly.yaml";
    let worker = |image: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: worker }}\nspec:\n  selector: {{ matchLabels: {{ app: w }} }}\n  \
             template:\n    metadata: {{ labels: {{ app: w }} }}\n    spec:\n      containers:\n      - name: work\n        image: {image} # runs\n"
        )
    };
    let nightly = "apiVersion: batch/v1\nkind: Job\nmetadata: { name: nightly }\nspec: { template: { spec: { restartPolicy: Never, containers: [{ \
                   name: job, image: 'registry.example/apis/job:v1' }] } } }\n";
    let metadata = METADATA.replace("prod: {}", "prod: { extraResources: [resources/prod/worker.yaml] }");
    let env = Env::with_api(&format!("{metadata}extraResources: [resources/nightly.yaml]\n"));
    env.write(FILE, worker("registry.example/apis/worker:v1.0.0"));
    env.write(SHARED, nightly);
    env.run(&["render"]).success();
    env.git(&["init", "--quiet", "--initial-branch=main"]);
    let base = commit(&env, "2026-01-01", "start\n");
    let wanted = crate::release::request("prod", "registry.example/apis/worker:v1.1.0");
    let plan = applied(&env, &wanted);
    commit(&env, "2026-02-01", &plan.message);
    let text = env.run(&["verify-release", "HEAD~1..HEAD"]).success();
    let line =
        "worker/work in prod: registry.example/apis/worker:v1.0.0 -> registry.example/apis/worker:v1.1.0";
    assert!(text.contains(line), "{text}");
    let told = env.run(&["history", "payments", "--env", "prod"]).success();
    assert!(told.contains("worker") && told.contains("v1.1.0"), "{told}");
    let mut back = wanted.clone();
    back.ask = Ask::Rollback {
        bump: onramp::release::Bump {
            api: "payments".to_owned(),
            environment: "prod".to_owned(),
            ..Default::default()
        },
    };
    let back = applied(&env, &back);
    commit(&env, "2026-02-02", &back.message);
    env.run(&["verify-release", "HEAD~1..HEAD"]).success();

    let trick = |name: &str, reason: &str, smuggle: &dyn Fn(&str) -> String| {
        env.git(&["reset", "--quiet", "--hard", &base]);
        env.git(&["clean", "--quiet", "-fd"]);
        let plan = applied(&env, &wanted);
        let message = smuggle(&plan.message);
        commit(&env, "2026-02-01", &message);
        let run = env.run(&["verify-release", &format!("{base}..HEAD")]);
        assert!(run.code == 1 && run.stdout.contains(reason), "{name}: wanted {reason:?}\n{run}");
    };
    let differs = format!("`{FILE}` is not what the release that its trailers say makes of it");
    let file = |old: &'static str, new: &'static str| {
        let env = &env;
        move |message: &str| {
            env.edit(FILE, old, new);
            message.to_owned()
        }
    };
    trick("another image", &differs, &file("worker:v1.1.0", "worker:v1.2.0"));
    trick("a comment", &differs, &file("# runs", "# walks"));
    trick("another field", &differs, &file("- name: work\n", "- name: work\n        args: [x]\n"));
    trick("another object", &differs, &|message| {
        env.write(
            FILE,
            format!("{}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: x }}\n", env.read(FILE)),
        );
        message.to_owned()
    });
    trick("another file", "no part of that release", &|message| {
        env.edit(SHARED, "job:v1", "job:v2");
        message.to_owned()
    });
    trick("nothing at all", "does not change", &|message| {
        env.edit(FILE, "worker:v1.1.0", "worker:v1.0.0");
        message.to_owned()
    });
    trick("what ran before", "it ran `registry.example/apis/worker:v1.0.0`", &|message| {
        message.replace(
            "Onramp-Old-Image: registry.example/apis/worker:v1.0.0",
            "Onramp-Old-Image: registry.example/apis/worker:v0",
        )
    });
    trick("what is shared", "`resources/nightly.yaml` is shared by `staging` and `prod`", &|message| {
        env.edit(SHARED, "job:v1", "job:v2");
        message
            .replace("Onramp-Workload: worker", "Onramp-Workload: nightly")
            .replace("Onramp-Container: work", "Onramp-Container: job")
            .replace("registry.example/apis/worker:v1.0.0", "registry.example/apis/job:v1")
            .replace("registry.example/apis/worker:v1.1.0", "registry.example/apis/job:v2")
            .replace("worker/work", "nightly/job")
    });
}
