//! The pipelines of `onramp init --ci` and of docs/ci.md: the script against a real git and clients that play a part, the files
//! against what forges and the command line read.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use onramp::diagnostic::Sink;
use onramp::yaml::{self, Source, SourceId};
use serde_json::Value as Json;

use crate::env::{Env, METADATA, Run};
use crate::land::server::{Reply, Server};

const SCRIPT: &str = include_str!("../../templates/init/ci/release.sh");
const NEW: &str = "registry.example/apis/payments:v2.1.0";
const OLD: &str = "registry.example/apis/payments:v2.0.0";

/// The pipelines that `init` writes.
const FILES: &[(&str, &str)] = &[
    ("github.yaml", include_str!("../../templates/init/ci/github.yaml")),
    ("gitlab.yaml", include_str!("../../templates/init/ci/gitlab.yaml")),
    ("bump.github.yaml", include_str!("../../templates/init/ci/bump.github.yaml")),
    ("bump.gitlab.yaml", include_str!("../../templates/init/ci/bump.gitlab.yaml")),
];

/// A config repo in `server.git`, the script, and clients in `bin` that note what they are asked in `asked`, and take their answer
/// from what `PLAYS` says.
fn site() -> Env {
    let env = Env::with_api(METADATA);
    env.run(&["render"]).success();
    env.git(&["init", "--quiet", "--initial-branch=main"]);
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--message=start"]);
    env.git(&["clone", "--quiet", "--bare", ".", "server.git"]);
    env.write("ci/release.sh", SCRIPT);
    client(&env, "argocd", ARGOCD);
    client(&env, "kubectl", KUBECTL);
    client(&env, "flux", "exit 1\n");
    env
}

fn client(env: &Env, name: &str, plays: &str) {
    let path = format!("bin/{name}");
    env.write(&path, format!("#!/bin/sh\necho \"{name} $*\" >> asked\n{plays}"));
    std::fs::set_permissions(env.path(&path), std::fs::Permissions::from_mode(0o755))
        .expect("modes can be set");
}

const ARGOCD: &str = r#"
commit=$(git --git-dir=server.git rev-parse main)
start=$(git --git-dir=server.git rev-list --max-parents=0 main)
app() {
  cat <<END
{"status": {"sync": {"revision": "$1", "status": "$2"}, "health": {"status": "$3"},
  "operationState": {"phase": "$4", "message": "no such\\nkind", "syncResult": {"revision": "$5"}}}}
END
}
case $PLAYS in
later)
  case $(grep -c '^argocd' asked) in
  1) app "$start" Synced Healthy Succeeded "$start" ;;
  2) echo "the server is away" >&2; exit 20 ;;
  3) app "$commit" OutOfSync Healthy Running "$start" ;;
  4) app "$commit" Synced Progressing Succeeded "$commit" ;;
  *) app "$commit" Synced Healthy Succeeded "$commit" ;;
  esac ;;
next)
  next=$(git --git-dir=server.git commit-tree "main^{tree}" -p main -m next)
  git --git-dir=server.git update-ref refs/heads/main "$next"
  app "$next" Synced Healthy Succeeded "$next" ;;
before) app "$start" Synced Healthy Succeeded "$start" ;;
failed) app "$commit" OutOfSync Healthy Failed "$commit" ;;
garbage) echo "<html>" ;;
esac
"#;

const KUBECTL: &str = r#"
runs() { echo "{\"spec\": {\"template\": {\"spec\": {\"containers\": [{\"name\": \"app\", \"image\": \"$1\"}]}}}}"; }
case "$1 $PLAYS" in
"rollout stuck") echo "error: deployment exceeded its progress deadline" >&2; exit 1 ;;
"rollout "*) echo "deployment successfully rolled out" ;;
"get applied")
  echo "{\"status\": {\"lastAppliedRevision\": \"main@sha1:$(git --git-dir=server.git rev-parse main)\",
    \"conditions\": [{\"type\": \"Ready\", \"status\": \"True\"}]}}" ;;
"get overtaken")
  runs "registry.example/apis/payments:v$(grep -c '^kubectl get' asked).9.0"
  # Meanwhile somebody releases a newer one.
  [ "$(grep -c '^kubectl get' asked)" -gt 1 ] || PLAYS= onramp bump-image --api payments --env prod \
    --image registry.example/apis/payments:v2.9.0 --remote server.git --build-number 9 >/dev/null ;;
"get old") runs registry.example/apis/payments:v2.0.0 ;;
"get "*)
  [ "$(grep -c '^kubectl get' asked)" -gt 1 ] && runs registry.example/apis/payments:v2.1.0 ||
    runs registry.example/apis/payments:v2.0.0 ;;
esac
"#;

/// Runs a shell at the root as a job of a pipeline does.
fn shell(env: &Env, args: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = Command::new("sh");
    command.args(args).current_dir(env.root()).env_clear();
    let binary = Path::new(env!("CARGO_BIN_EXE_onramp")).parent().expect("a file has a parent");
    let path = std::env::var("PATH").expect("the path is text");
    let jq = std::env::var("ONRAMP_JQ").expect("ONRAMP_JQ names a jq; `.ci/run` sets it");
    let jq = Path::new(&jq).parent().expect("a file has a parent").display();
    command.env("PATH", format!("{}:{}:{jq}:{path}", env.path("bin").display(), binary.display()));
    command
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .env("TMPDIR", env.root());
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "CI").env(format!("GIT_{role}_EMAIL"), "ci@acme.example");
    }
    command.env("WAIT_INTERVAL", "0").env("WAIT_CLUSTERS", "prod-eu");
    env.finish_of(command.envs(variables.iter().copied()))
}

/// Releases by the script. `plays` is what the clients play.
fn release(env: &Env, plays: &str, variables: &[(&str, &str)]) -> Run {
    let args = "ci/release.sh --api payments --env prod --remote server.git --build-number 7 --image";
    let args: Vec<&str> = args.split(' ').chain([NEW]).collect();
    shell(env, &args, &[&[("PLAYS", plays)], variables].concat())
}

fn asked(env: &Env) -> Vec<String> {
    if !env.exists("asked") {
        return Vec::new();
    }
    env.read("asked").lines().map(str::to_owned).collect()
}

fn at_server(env: &Env) -> String {
    env.git(&["--git-dir=server.git", "show", "main:onboarding/payments/metadata.yaml"])
}

/// Returns the way back that a red run prints.
fn way_back(run: &Run) -> &str {
    let line =
        run.stderr.lines().find_map(|line| line.strip_prefix("release:   onramp ")).expect("a way back");
    assert!(line.starts_with("rollback 'payments' --env 'prod' --remote "), "{run}");
    line
}

#[test]
fn a_release_is_waited_for_until_its_commit_is_synced_and_healthy() {
    let env = site();
    let run = release(&env, "later", &[("WAIT_CLUSTERS", "prod-eu")]);
    assert_eq!(run.code, 0, "{run}");
    let told: Json = serde_json::from_str(&run.stdout).expect("standard output is the JSON alone");
    assert_eq!(told["outcome"], "landed");
    let commit = told["commit"].as_str().expect("a commit");
    assert!(run.stderr.ends_with(&format!("release: payments-prod-prod-eu runs {commit}\n")), "{run}");
    assert_eq!(asked(&env), vec!["argocd app get payments-prod-prod-eu --refresh --output json"; 5]);

    // The commit of somebody who came after holds ours. Every cluster is waited for.
    let env = site();
    let run = release(&env, "next", &[("WAIT_CLUSTERS", "prod-eu prod-us")]);
    assert_eq!(run.code, 0, "{run}");
    assert_eq!(asked(&env).len(), 2);
    assert!(run.stderr.contains("payments-prod-prod-us runs "), "{run}");
    // Nothing is left behind.
    assert!(!env.files().iter().any(|(path, _)| path.starts_with("tmp.")));
}

#[test]
fn what_landed_and_does_not_run_is_red_and_shows_the_way_back() {
    for (plays, says) in [
        ("before", "error: the time is over: payments-prod-prod-eu: Synced Healthy Succeeded"),
        ("failed", "error: payments-prod-prod-eu: the sync failed: no such kind"),
        ("garbage", "error: the time is over: payments-prod-prod-eu: argocd does not answer"),
    ] {
        let env = site();
        let run = release(&env, plays, &[("WAIT_TIMEOUT", "0")]);
        assert_eq!(run.code, 5, "{plays}: {run}");
        assert!(run.stderr.contains(says), "{plays}: {run}");
        assert!(at_server(&env).contains(NEW));
        // It works as it is printed.
        let back = shell(&env, &["-c", &format!("onramp {}", way_back(&run).replace("[ROOT]", "."))], &[]);
        assert_eq!(back.code, 0, "{plays}: {back}");
        assert!(at_server(&env).contains(OLD) && !at_server(&env).contains(NEW), "{}", at_server(&env));
    }
}

#[test]
fn a_workload_has_to_have_the_image_before_its_rollout_counts() {
    let kubectl = ("WAIT_FOR", "kubectl");
    let env = site();
    let run = release(&env, "", &[kubectl, ("WAIT_CONTEXTS", "eu us")]);
    assert_eq!(run.code, 0, "{run}");
    let asked = asked(&env);
    let get = |context: &str| {
        format!("kubectl get deployment payments --namespace payments --context {context} --output json")
    };
    assert_eq!(asked[..2], [get("eu"), get("eu")]);
    assert!(asked[2].starts_with(
        "kubectl rollout status deployment/payments --namespace payments --context eu --timeout="
    ));
    assert_eq!(asked[3], get("us"));
    for (plays, timeout, code, says) in [
        ("stuck", "60", 5, "error: deployment payments: error: deployment exceeded its progress deadline"),
        (
            "old",
            "0",
            5,
            "error: the time is over: deployment payments: app is registry.example/apis/payments:v2.0.0",
        ),
        ("overtaken", "60", 0, "v2.9.0, which is a newer release"),
    ] {
        let env = site();
        let run = release(&env, plays, &[kubectl, ("WAIT_TIMEOUT", timeout)]);
        assert_eq!(run.code, code, "{plays}: {run}");
        assert!(run.stderr.contains(says), "{plays}: {run}");
        if code == 5 {
            let _ = way_back(&run);
        }
    }
    let env = site();
    let run = release(&env, "applied", &[("WAIT_FOR", "flux"), ("WAIT_APPS", "apis")]);
    assert_eq!(run.code, 0, "{run}");
    assert!(
        self::asked(&env)[0]
            .starts_with("flux reconcile kustomization apis --namespace flux-system --with-source")
    );
}

#[test]
fn where_nothing_landed_nothing_is_waited_for() {
    let env = site();
    assert_eq!(release(&env, "next", &[("WAIT_FOR", "none")]).code, 0);
    let again = release(&env, "before", &[]);
    assert!(again.code == 0 && again.stderr.contains("nothing to do: it is released already"), "{again}");
    let args =
        "ci/release.sh --api payments --env prod --remote server.git --image registry.example/apis/payments";
    let args: Vec<&str> = args.split(' ').collect();
    let run = |image: &str, more: &[&str]| {
        let image = format!("registry.example/apis/payments:{image}");
        let args: Vec<&str> = args[..args.len() - 1]
            .iter()
            .copied()
            .chain([image.as_str()])
            .chain(more.iter().copied())
            .collect();
        shell(&env, &args, &[("PLAYS", "before")])
    };
    let older = run("v9.0.0", &["--build-number", "6"]);
    assert!(older.code == 0 && older.stderr.contains("a newer release is there"), "{older}");
    assert!(older.stdout.contains("superseded"), "{older}");
    let asks = run("v2.2.0", &["--pr-branch"]);
    assert!(asks.code == 0 && asks.stderr.contains("open a pull request from it"), "{asks}");
    assert_eq!(run("latest", &[]).code, 1);
    assert_eq!(run("v2.2.0", &["--no-such-flag"]).code, 2);
    // What is set wrong is told before anything lands.
    let before = at_server(&env);
    for wrong in [("WAIT_CLUSTERS", ""), ("WAIT_FOR", "helm"), ("WAIT_TIMEOUT", "10m"), ("WAIT_FOR", "flux")]
    {
        let run = release(&env, "before", &[wrong]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{wrong:?}: {run}");
    }
    assert!(at_server(&env) == before && asked(&env).is_empty());
}

#[test]
fn a_release_whose_time_was_over_is_tried_again() {
    // It landed, and nobody could say so: what is there then is waited for.
    let lost = |times: u32| {
        format!(
            "[ \"$(grep -c '^onramp' asked)\" -gt {times} ] && exec '{0}' \"$@\"\n'{0}' \"$@\" >/dev/null\necho '{{}}'\nexit 4\n",
            env!("CARGO_BIN_EXE_onramp")
        )
    };
    let env = site();
    client(&env, "onramp", &lost(2));
    let run = release(&env, "later", &[]);
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stderr.contains("try 3 of 3") && run.stderr.contains("payments-prod-prod-eu runs "), "{run}");
    assert_eq!(asked(&env).iter().filter(|line| line.starts_with("argocd")).count(), 5);
    let env = site();
    client(&env, "onramp", &lost(9));
    assert_eq!(release(&env, "later", &[("WAIT_TRIES", "2")]).code, 4);
    assert_eq!(asked(&env).len(), 2);
}

/// Reads a pipeline as onramp reads YAML.
fn parsed(name: &str, text: &str) -> Json {
    let mut sink = Sink::default();
    // A forge's own: what it puts in before it reads, and a key that YAML 1.1 takes for a truth value.
    let mut text = text.replace("\non:\n", "\n\"on\":\n");
    while let Some((before, rest)) = text.split_once("${{") {
        let (_, after) = rest.split_once("}}").expect("an expression ends");
        text = format!("{before}7{after}");
    }
    let source = Source { id: SourceId(0), path: name.into(), text };
    let tree = yaml::parse(&source, &mut sink).unwrap_or_else(|| panic!("{name} is YAML"));
    let findings: Vec<String> = sink.into_findings().into_iter().map(|finding| finding.message).collect();
    assert_eq!(findings, Vec::<String>::new(), "{name}");
    tree.to_json()
}

fn file(name: &str) -> Json {
    let (_, text) = FILES.iter().find(|(file, _)| *file == name).expect("a pipeline");
    parsed(name, text)
}

#[test]
fn requests_that_were_merged_are_released_by_the_pipelines() {
    let github = file("github.yaml");
    let steps = github["jobs"]["requests"]["steps"].as_array().expect("steps");
    let github = steps
        .iter()
        .find_map(|step| step["run"].as_str().filter(|run| run.contains("--request")))
        .expect("a step");
    let gitlab = file("gitlab.yaml");
    let gitlab = gitlab["onramp-requests"]["script"][0].as_str().expect("a script").to_owned();
    for (script, mut variables) in [
        (
            github,
            vec![
                ("GITHUB_ACTIONS", "true"),
                ("GITHUB_SERVER_URL", "https://h"),
                ("GITHUB_REPOSITORY", "acme/config"),
                ("BRANCH", "main"),
            ],
        ),
        (gitlab.as_str(), vec![("GITLAB_CI", "true"), ("CI_DEFAULT_BRANCH", "main")]),
    ] {
        let env = Env::with_api(&METADATA.replace("tier:", "source: https://h/acme/payments\ntier:"));
        env.run(&["render"]).success();
        let ask = |image: &str| {
            format!(
                "apiVersion: onramp/v1\nreleases:\n- {{ api: payments, environment: prod, image: \"{image}\" }}\n"
            )
        };
        env.write("requests/a-refused.yaml", ask("registry.example/apis/payments:latest"));
        env.write("requests/b-new.yaml", ask(NEW));
        env.git(&["init", "--quiet", "--initial-branch=main"]);
        env.git(&["add", "--all"]);
        env.git(&["commit", "--quiet", "--message=start"]);
        env.git(&["clone", "--quiet", "--bare", ".", "server.git"]);
        env.git(&["remote", "add", "origin", "server.git"]);
        // As a runner checks it out.
        env.git(&["checkout", "--quiet", "--detach"]);
        let url = env.path("server").to_string_lossy().into_owned();
        variables.extend([("CI_PROJECT_URL", url.as_str()), ("CI_COMMIT_SHA", "0f3a")]);
        let run = shell(&env, &["-e", "-c", script], &variables);
        assert_eq!(run.code, 1, "one is refused: {run}");
        assert!(at_server(&env).contains(NEW), "{run}");
        let there = env.git(&["--git-dir=server.git", "ls-tree", "-r", "--name-only", "main", "requests"]);
        assert_eq!(there, "requests/a-refused.yaml\nrequests/done/b-new.yaml\n");
    }
}

#[test]
fn a_token_reaches_git_and_stands_in_no_address() {
    for (name, job, user) in [
        ("bump.github.yaml", "/jobs/staging/env", "x-access-token"),
        ("bump.gitlab.yaml", "/release-staging/variables", "onramp"),
    ] {
        let env = site();
        env.git(&["--git-dir=server.git", "config", "http.receivepack", "true"]);
        let server = Server::start(env.root(), Some(&format!("{user}:right-one")), |_| Reply::Serve);
        let url = server.url("", "server.git");
        let pipeline = file(name);
        let said = pipeline.pointer(job).expect("its variables");
        // GitLab writes a dollar that it is to leave alone twice. The server is another one here.
        let helper = said["GIT_CONFIG_VALUE_0"].as_str().expect("a helper").replace("$$", "$");
        let variables = [
            ("GIT_CONFIG_COUNT", said["GIT_CONFIG_COUNT"].as_str().expect("a count")),
            ("GIT_CONFIG_KEY_0", "credential.helper"),
            ("GIT_CONFIG_VALUE_0", &helper),
            ("PLAYS", "next"),
        ];
        let args =
            ["ci/release.sh", "--api", "payments", "--env", "prod", "--image", NEW, "--remote", url.as_str()];
        let run = shell(&env, &args, &[&variables[..], &[("CONFIG_TOKEN", "wrong-one")]].concat());
        assert_eq!(run.code, 2, "{run}");
        let run = shell(&env, &args, &[&variables[..], &[("CONFIG_TOKEN", "right-one")]].concat());
        assert_eq!(run.code, 0, "{run}");
        assert!(at_server(&env).contains(NEW) && !format!("{run}").contains("right-one"), "{run}");
    }
}

/// Splits a line of shell into the words of each command in it. What a variable holds is a number: every flag takes one as a text.
fn commands(line: &str) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None | Some('"'), '$') => {
                while chars.next_if(|c| c.is_ascii_alphanumeric() || "_{}".contains(*c)).is_some() {}
                word.get_or_insert_default().push('7');
            }
            (None, ' ') => all.last_mut().expect("a command").extend(word.take()),
            (None, '|' | '&' | ';' | '>' | '<' | ')') => {
                all.last_mut().expect("a command").extend(word.take());
                all.push(Vec::new());
            }
            _ => word.get_or_insert_default().push(c),
        }
    }
    all.last_mut().expect("a command").extend(word);
    all
}

#[test]
fn pipelines_are_yaml_and_name_flags_that_exist() {
    let document = include_str!("../../docs/ci.md");
    let mut texts: Vec<(String, String)> =
        FILES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    for (name, text) in FILES {
        assert!(parsed(name, text).is_object(), "{name}");
    }
    for (number, block) in document.split("```").skip(1).step_by(2).enumerate() {
        let (info, text) = block.split_once('\n').expect("a block has lines");
        if info == "yaml" {
            let _ = parsed("docs/ci.md", text);
        }
        assert!(["yaml", "sh", "console"].contains(&info), "docs/ci.md: a block of {info}");
        texts.push((format!("docs/ci.md, block {}", number + 1), text.to_owned()));
    }
    let mut found = 0;
    for (name, text) in texts {
        let text = text.replace("\\\n", " ");
        for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
            for words in commands(line) {
                let called = |name: &str| {
                    words.iter().position(|word| word == name).map(|at| words[at + 1..].to_vec())
                };
                let args = match (called("onramp"), called("ci/release.sh")) {
                    (Some(args), _) if args.iter().any(|arg| arg.starts_with('-')) => args,
                    (_, Some(args)) if !args.is_empty() => {
                        let bump = ["bump-image", "--format", "json"].map(str::to_owned);
                        bump.into_iter().chain(args).collect()
                    }
                    _ => continue,
                };
                found += 1;
                let all = ["onramp".to_owned()].into_iter().chain(args.iter().cloned());
                if let Err(error) = onramp::cli::command().try_get_matches_from(all) {
                    panic!("{name}: {args:?}: {error}");
                }
            }
        }
    }
    assert!(found >= 12, "{found} command lines are looked at");
}
