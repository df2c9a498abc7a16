//! `onramp new`

use crate::env::{Env, METADATA};

const FLAGS: &[&str] =
    &["--team", "orders", "--email", "orders@acme.example", "--image", "registry.example/apis/orders:v1.0.0"];

/// `new NAME`, the flags that it needs, and more; a later flag of the same name replaces an earlier.
fn new<'a>(name: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec!["new", name];
    for pair in FLAGS.chunks(2).filter(|pair| !more.contains(&pair[0])) {
        args.extend(pair);
    }
    args.extend(more);
    args
}

#[test]
fn a_new_api_is_short_and_sound() {
    let env = Env::with_api(METADATA);
    insta::assert_snapshot!(env.run(&new("orders", &[])), @r"
    exit code: 0
    ----- stdout -----
    Wrote onboarding/orders/metadata.yaml. Next: `onramp lint orders`, then `onramp render orders`.
    ");
    let text = env.read("onboarding/orders/metadata.yaml");
    assert!(text.lines().count() < 15, "{text}");
    insta::assert_snapshot!(text, @r"
    # yaml-language-server: $schema=../../schemas/metadata.schema.json
    apiVersion: onramp/v1
    name: orders
    owner: { team: orders, email: orders@acme.example }
    lifecycle: poc
    tier: standard
    image: registry.example/apis/orders:v1.0.0
    ports: { http: 8080 }
    probes: { readiness: { tcpSocket: { port: http } } }
    routes: { unified: { prefix: /orders } }
    environments:
      staging: {}
    ");
    assert_eq!(env.run(&["lint"]).success(), "Checked 2 APIs: no findings.\n");
    let _ = env.run(&["render", "orders"]).success();
    assert_eq!(env.run(&["render", "--check", "orders"]).success(), "Nothing changed.\n");
}

#[test]
fn every_flag_is_taken() {
    let env = Env::with_api(METADATA);
    let more =
        ["--port", "9090", "--lifecycle", "approved", "--prefix", "/o", "--env", "prod", "--env", "staging"];
    let more: Vec<&str> = more.into_iter().chain(["--tier", "standard", "--team", "no", "-q"]).collect();
    assert_eq!(env.run(&new("orders", &more)).success(), "");
    insta::assert_snapshot!(env.read("onboarding/orders/metadata.yaml"), @r#"
    # yaml-language-server: $schema=../../schemas/metadata.schema.json
    apiVersion: onramp/v1
    name: orders
    owner: { team: "no", email: orders@acme.example }
    lifecycle: approved
    tier: standard
    image: registry.example/apis/orders:v1.0.0
    ports: { http: 9090 }
    probes: { readiness: { tcpSocket: { port: http } } }
    routes: { unified: { prefix: /o } }
    environments:
      prod: {}
      staging: {}
    "#);
    assert_eq!(env.run(&["lint"]).success(), "Checked 2 APIs: no findings.\n");
}

#[test]
fn it_works_in_a_repo_that_was_just_made() {
    let env = Env::new();
    let _ = env.run(&["init"]).success();
    let image = ["--image", "europe-docker.pkg.dev/acme/apis/orders:v1.0.0"];
    let _ = env.run_in("onboarding/payments", &new("orders", &image)).success();
    let _ = env.run(&new("carts", &[&image[..], &["--lifecycle", "approved"]].concat())).success();
    assert_eq!(env.run(&["lint"]).success(), "Checked 3 APIs: no findings.\n");
    let _ = env.run(&["render"]).success();
    assert_eq!(env.run(&["render", "--check"]).success(), "Nothing changed.\n");
}

#[test]
fn without_a_terminal_a_missing_flag_is_named() {
    for pair in FLAGS.chunks(2) {
        let env = Env::with_api(METADATA);
        let mut args = vec!["new", "orders"];
        args.extend(FLAGS.chunks(2).filter(|other| other[0] != pair[0]).flatten());
        let run = env.run(&args);
        assert_eq!(run.code, 2, "{run}");
        assert_eq!(
            run.stderr,
            format!("error: `{}` is missing\nhint: on a terminal, `onramp new` asks for it\n", pair[0])
        );
        assert!(!env.exists("onboarding/orders"));
    }
}

#[test]
fn what_would_not_be_sound_is_not_written() {
    let cases: &[(&str, &[&str], &str)] = &[
        ("Orders", &[], "invalid-value"),
        ("or_ders", &[], "invalid-value"),
        ("orders.v1", &[], "invalid-value"),
        ("a b", &[], "invalid-value"),
        ("a\nb: c", &[], "invalid-value"),
        ("..", &[], "leads out of the config repo"),
        ("../../orders", &[], "leads out of the config repo"),
        ("/tmp/orders", &[], "invalid-value"),
        ("orders", &["--image", "registry.example/Orders x"], "invalid-value"),
        ("orders", &["--image", "registry.example/apis/orders"], "image-without-tag"),
        ("orders", &["--image", "registry.example/apis/orders:latest"], "forbidden-image-tag"),
        ("orders", &["--image", "evil.example/apis/orders:v1"], "image-registry-not-allowed"),
        ("orders", &["--email", "nobody"], "invalid-value"),
        ("orders", &["--port", "0"], "invalid-value"),
        ("orders", &["--port", "70000"], "--port"),
        ("orders", &["--prefix", "orders"], "invalid-value"),
        ("orders", &["--tier", "huge"], "unknown-tier"),
        ("orders", &["--lifecycle", "dead"], "unknown-lifecycle"),
        ("orders", &["--lifecycle", "billing"], "missing-lifecycle-key"),
        ("orders", &["--env", "moon"], "unknown-environment"),
        ("orders", &["--lifecycle", "poc", "--env", "prod"], "environment-not-allowed"),
        ("payments", &[], "`onboarding/payments/metadata.yaml` exists already"),
    ];
    for (name, more, why) in cases {
        let env = Env::with_api(METADATA);
        let before = env.files();
        let run = env.run(&new(name, more));
        assert_eq!(run.code, 2, "{name} {more:?}: {run}");
        assert!(run.stderr.contains(why), "{name} {more:?}: {run}");
        assert_eq!(run.stdout, "", "{name} {more:?}");
        assert!(env.files() == before, "{name} {more:?}");
    }
    let env = Env::with_api(METADATA);
    insta::assert_snapshot!(env.run(&new("orders", &["--tier", "huge"])), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    unknown-tier

      × onboarding/orders/metadata.yaml: `platform.yaml` has no tier `huge`
      help: tiers are `standard`

    Checked 1 API: 1 error.
    error: `onboarding/orders/metadata.yaml` would not be valid; nothing was written
    ");
}

#[test]
fn what_is_given_cannot_become_structure() {
    let env = Env::with_api(METADATA);
    let team = "a, email: b@c.example }\nlevel: L3 #";
    let run = env.run(&new("orders", &["--team", team]));
    assert_eq!(run.code, 2, "{run}");
    assert!(!env.exists("onboarding/orders"));
    let _ = env.run(&new("orders", &["--email", "a,b}\"#'@acme.example"])).success();
    let shown = env.run(&["config", "show", "orders"]).success();
    assert!(shown.contains("  email: a,b}\"#'@acme.example "), "{shown}");
}
