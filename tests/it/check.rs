//! `onramp check`: what a change may do, and what it leads to.

mod detours;
mod levels;
mod nearby;
mod output;
mod trust;

use crate::env::{Env, Run};

/// The platform of these tests, without what each one says of levels.
const PLATFORM: &str = include_str!("../../fixtures/rules/platform.yaml");

/// Where the API of most tests is written.
const PATH: &str = "onboarding/payments/metadata.yaml";

/// An API with a patch and an extra resource.
const METADATA: &str = "\
apiVersion: onramp/v1
name: payments
owner: { team: payments, email: payments@acme.example }
tier: standard
lifecycle: approved
image: registry.example/apis/payments:v2.0.0
ports: { http: 8080 }
env: { LOG_LEVEL: info }
replicas: 2
config: { literals: { MODE: fast } }
patches: [patches/grace.yaml]
extraResources: [resources/nightly.yaml]
environments:
  staging: {}
  prod: {}
";

const PATCH: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: { name: payments }
spec: { template: { spec: { terminationGracePeriodSeconds: 45 } } }
";

const NIGHTLY: &str = "\
apiVersion: batch/v1
kind: CronJob
metadata: { name: payments-nightly }
spec:
  schedule: 0 3 * * *
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
          - name: nightly
            image: registry.example/apis/payments:v2.0.0
";

/// A repo whose main branch is rendered and has levels, with a branch `change` checked out.
fn repo(platform: &str) -> Env {
    let env = Env::new();
    env.write("platform.yaml", format!("{PLATFORM}{platform}"));
    env.write(PATH, METADATA);
    env.write("onboarding/payments/patches/grace.yaml", PATCH);
    env.write("onboarding/payments/resources/nightly.yaml", NIGHTLY);
    let orders = METADATA.replace("payments", "orders");
    let orders =
        orders.replace("patches: [patches/grace.yaml]\nextraResources: [resources/nightly.yaml]\n", "");
    env.write("onboarding/orders/metadata.yaml", orders.replace("tier: standard\n", "profile: adopted\n"));
    render(&env);
    env.git(&["init", "--quiet", "--initial-branch=main"]);
    commit(&env, "base");
    env.git(&["checkout", "--quiet", "-b", "change"]);
    env
}

fn render(env: &Env) {
    let _ = env.run(&["render"]).success();
}

fn commit(env: &Env, message: &str) {
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
}

/// Checks the branch against main.
fn check(env: &Env, args: &[&str]) -> Run {
    env.run(&[&["check", "--base", "main", "--color", "never"], args].concat())
}

/// Returns the codes and places of what is found.
#[track_caller]
fn findings(env: &Env, args: &[&str]) -> Vec<String> {
    check(env, &[&["--format", "json"], args].concat()).findings()
}

/// Returns the messages of what is found.
#[track_caller]
fn messages(env: &Env) -> Vec<String> {
    let json = check(env, &["--format", "json"]).json();
    let findings = json["findings"].as_array().expect("findings are a list").clone();
    findings.iter().map(|finding| format!("{}: {}", finding["code"], finding["message"])).collect()
}
