//! Bytes that are no metadata.yaml, and no platform.yaml either.

use std::fmt::Write as _;

use super::{assert_calm, assert_nothing_rendered, assert_refused, two_apis};
use crate::env::METADATA;

const PLATFORM: &str = include_str!("../../../fixtures/rules/platform.yaml");

/// What a file can hold instead of `valid`, each with its one finding. `{N}` is the line behind `valid`.
fn contents(valid: &str) -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let behind = |more: &str| format!("{valid}{more}").into_bytes();
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let again = format!("*a{}, ", level - 1).repeat(9);
        writeln!(bomb, "a{level}: &a{level} [{again}]").expect("a string");
    }
    let mut stairs = String::new();
    for depth in 0..1400 {
        writeln!(stairs, "{:depth$}a:", "").expect("a string");
    }
    vec![
        ("empty", Vec::new(), "empty-document"),
        ("a blank line", b"\n \n".to_vec(), "empty-document"),
        ("only a byte order mark", "\u{feff}".into(), "empty-document"),
        ("only comments", b"# a\n# b\n".to_vec(), "empty-document"),
        ("only dashes", b"---\n".to_vec(), "empty-document"),
        ("20 MiB", vec![b'#'; 20 << 20], "file-too-large"),
        ("binary", b"\x7fELF\x02\x01\x00\x00".to_vec(), "encrypted-file:1:7"),
        ("a NUL far down", behind("# a\n# \0\n"), "encrypted-file:{N+1}:3"),
        ("not UTF-8", b"apiVersion: onramp/v1\nname: caf\xe9\n".to_vec(), "invalid-encoding:2:10"),
        ("UTF-16", b"\xff\xfea\0:\0".to_vec(), "invalid-encoding:1:2"),
        ("tabs", b"apiVersion: onramp/v1\nowner:\n\tteam: a\n".to_vec(), "tab-indentation:3:1"),
        ("duplicate keys", behind("apiVersion: onramp/v1\n"), "duplicate-key:{N}:1"),
        ("two documents", behind("---\napiVersion: onramp/v1\n"), "several-documents:{N}:1"),
        ("an alias bomb", behind(&bomb), "alias-expansion:{N+5}:10"),
        ("an alias of itself", behind("a: &a [*a]\n"), "alias-expansion:{N}:8"),
        (
            "flow lists 10,000 deep",
            behind(&format!("a: {}{}\n", "[".repeat(10_000), "]".repeat(10_000))),
            "deep-nesting:{N}:132",
        ),
        (
            "flow maps 10,000 deep",
            behind(&format!("a: {}{}\n", "{a: ".repeat(10_000), "}".repeat(10_000))),
            "deep-nesting:{N}:256",
        ),
        ("unclosed 10,000 deep", behind(&format!("a: {}", "[".repeat(10_000))), "deep-nesting:{N}:132"),
        (
            "block lists 10,000 deep",
            behind(&format!("a:\n  {}a\n", "- ".repeat(10_000))),
            "deep-nesting:{N+1}:129",
        ),
        ("block maps 1,400 deep", stairs.into_bytes(), "deep-nesting:65:65"),
        ("a template tag", behind("{{ x }}\n"), "template-leftover:{N}:1"),
        ("a template statement", format!("{{% if x %}}\n{valid}").into_bytes(), "template-leftover:1:1"),
        ("a list", b"- a\n".to_vec(), "wrong-type:1:3"),
        ("a text", b"hello\n".to_vec(), "wrong-type:1:1"),
        ("null", b"null\n".to_vec(), "wrong-type:1:1"),
        ("a merge conflict", format!("<<<<<<< HEAD\n{valid}=======\n").into_bytes(), "yaml-syntax:1:1"),
    ]
}

fn expected(pattern: &str, path: &str, valid: &str) -> String {
    let line = valid.lines().count() + 1;
    let pattern = pattern.replace("{N}", &line.to_string());
    let pattern = pattern.replace("{N+1}", &(line + 1).to_string()).replace("{N+5}", &(line + 5).to_string());
    match pattern.split_once(':') {
        Some((code, place)) => format!("{code} {path}:{place}"),
        None => format!("{pattern} {path}"),
    }
}

#[test]
fn what_is_no_metadata_is_one_finding() {
    let path = "onboarding/payments/metadata.yaml";
    for (what, bytes, pattern) in contents(METADATA) {
        let env = two_apis();
        env.write(path, bytes);
        assert_refused(what, &env, &[&expected(pattern, path, METADATA)]);
    }
}

#[test]
fn what_is_no_platform_is_one_finding_and_leaves_the_apis_out() {
    let (_, valid) = PLATFORM.split_once('\n').expect("a comment comes first");
    for (what, bytes, pattern) in contents(valid) {
        let env = two_apis();
        env.write("platform.yaml", bytes);
        assert_refused(what, &env, &[&expected(pattern, "platform.yaml", valid)]);
        let json = env.run(&["lint", "--format", "json"]).json();
        assert_eq!((&json["summary"]["apis"], &json["summary"]["skipped"]), (&0.into(), &2.into()), "{what}");
    }
}

#[test]
fn a_value_that_was_never_rendered_is_named() {
    let env = two_apis();
    env.edit(
        "onboarding/payments/metadata.yaml",
        "image: registry.example/apis/payments:v2.0.0",
        "image: {{ .image }}",
    );
    env.edit("onboarding/payments/metadata.yaml", "LOG_LEVEL: info", "LOG_LEVEL: {{ level }}");
    let lint = env.run(&["lint", "--format", "json"]);
    let path = "onboarding/payments/metadata.yaml";
    for place in ["6:8", "8:19"] {
        let wanted = format!("template-leftover {path}:{place}");
        assert!(lint.findings().contains(&wanted), "{lint}");
    }
    assert_nothing_rendered("a left-over", &env, 1);
}

#[test]
fn line_ends_and_marks_of_windows_are_accepted() {
    let crlf = METADATA.replace('\n', "\r\n");
    for text in [crlf.clone(), format!("\u{feff}{METADATA}"), format!("\u{feff}{crlf}")] {
        let env = two_apis();
        env.write("onboarding/payments/metadata.yaml", &text);
        env.write("platform.yaml", PLATFORM.replace('\n', "\r\n"));
        assert_eq!(env.run(&["lint", "--format", "json"]).findings(), [""; 0], "{text:?}");
        assert_eq!(env.run(&["render"]).success(), "Rendered 2 APIs: 20 files added.\n");
        // What is written is the same as from the plain file.
        let plain = two_apis();
        let _ = plain.run(&["render"]).success();
        for path in ["base/deployment.yaml", "overlays/prod/kustomization.yaml"] {
            let path = format!("onboarding/payments/{path}");
            assert_eq!(env.read(&path), plain.read(&path));
        }
    }
}

#[test]
fn places_are_right_behind_windows_line_ends_and_marks() {
    let broken = METADATA.replace("tier: standard", "tier: huge").replace('\n', "\r\n");
    for text in [broken.clone(), format!("\u{feff}{broken}")] {
        let env = two_apis();
        env.write("onboarding/payments/metadata.yaml", text);
        assert_refused("CRLF", &env, &["unknown-tier onboarding/payments/metadata.yaml:4:7"]);
        let json = env.run(&["lint", "--format", "json"]).json();
        let location = &json["findings"][0]["location"];
        assert_eq!((&location["endLine"], &location["endColumn"]), (&4.into(), &11.into()));
        insta::allow_duplicates! { insta::assert_snapshot!(env.run(&["lint"]), @r"
        exit code: 1
        ----- stdout -----
        unknown-tier

          × `platform.yaml` has no tier `huge`
           ╭─[onboarding/payments/metadata.yaml:4:7]
         4 │ tier: huge 
           ·       ──┬─
           ·         ╰── not a tier
           ╰────
          help: tiers are `standard`

        Checked 2 APIs: 1 error.
        "); }
    }
    // A mark is no column.
    let env = two_apis();
    env.write("onboarding/payments/metadata.yaml", format!("\u{feff}nope: 1\n{METADATA}"));
    assert_refused("a mark", &env, &["unknown-key onboarding/payments/metadata.yaml:1:1"]);
}

#[test]
fn a_file_full_of_mistakes_is_reported_whole() {
    let env = two_apis();
    let mut text = METADATA.to_owned();
    for number in 0..2000 {
        writeln!(text, "k{number}: 1").expect("a string");
    }
    env.write("onboarding/payments/metadata.yaml", &text);
    let lint = env.run(&["lint", "--format", "json"]);
    let expected: Vec<String> =
        (12..2012).map(|line| format!("unknown-key onboarding/payments/metadata.yaml:{line}:1")).collect();
    assert_eq!(lint.findings(), expected);
    assert_nothing_rendered("2,000 unknown keys", &env, 1);
    let human = env.run(&["lint"]);
    assert_calm("2,000 unknown keys", &human);
    assert_eq!(human.stdout.lines().last(), Some("Checked 2 APIs: 2000 errors."));

    // Of traps in the syntax the first hundred are shown, and the others are counted.
    env.write("onboarding/payments/metadata.yaml", format!("{METADATA}args: [{}]\n", "on, ".repeat(2000)));
    let lint = env.run(&["lint", "--format", "json"]);
    assert_eq!(lint.findings().len(), 100);
    assert!(lint.stdout.contains("; 1900 more findings in this file are not shown"), "{lint}");
    assert_eq!(lint.code, 1);
}

#[test]
fn people_are_told_what_to_do() {
    let env = two_apis();
    let path = "onboarding/payments/metadata.yaml";
    env.write(path, "apiVersion: onramp/v1\nowner:\n\tteam: a\n");
    insta::assert_snapshot!(env.run(&["lint"]), @r"
    exit code: 1
    ----- stdout -----
    tab-indentation

      × a tab is used for indentation
       ╭─[onboarding/payments/metadata.yaml:3:1]
     3 │  team: a
       · ─
       ╰────
      help: write two spaces per level instead of the tab; most editors can convert the file

    Checked 2 APIs: 1 error.
    ");
    env.write(path, b"\0GITCRYPT\0\x12");
    insta::assert_snapshot!(env.run(&["lint"]), @r"
    exit code: 1
    ----- stdout -----
    encrypted-file

      × the file holds NUL bytes: it is encrypted or binary, not YAML
       ╭─[onboarding/payments/metadata.yaml:1:1]
     1 │ ?GITCRYPT??
       · ─
       ╰────
      help: decrypt it (`git-crypt unlock`), or replace it by the YAML that was meant

    Checked 2 APIs: 1 error.
    ");
    env.write(path, "# nothing yet\n");
    insta::assert_snapshot!(env.run(&["lint"]), @r"
    exit code: 1
    ----- stdout -----
    empty-document

      × onboarding/payments/metadata.yaml: the file holds no value, only comments
      help: write the document, or delete the file

    Checked 2 APIs: 1 error.
    ");
    env.write(path, format!("{METADATA}tier: standard\n"));
    insta::assert_snapshot!(env.run(&["lint"]), @r"
    exit code: 1
    ----- stdout -----
    duplicate-key

      × the key `tier` is written twice in one map
       ╭─[onboarding/payments/metadata.yaml:4:1]
     4 │ tier: standard
       · ──┬─
       ·   ╰── first here
       ╰────
        ╭─[onboarding/payments/metadata.yaml:12:1]
     12 │ tier: standard
        · ──┬─
        ·   ╰── again here
        ╰────
      help: remove one of the two: tools differ in which one they take

    Checked 2 APIs: 1 error.
    1 fixable with `onramp lint --fix`.
    ");
    env.write(path, vec![b'#'; 20 << 20]);
    insta::assert_snapshot!(env.run(&["lint"]), @r"
    exit code: 1
    ----- stdout -----
    file-too-large

      × onboarding/payments/metadata.yaml: `onboarding/payments/metadata.yaml` has 20971520 bytes,
      │ more than the 1048576 allowed
      help: split the file, or keep what it holds elsewhere

    Checked 2 APIs: 1 error.
    ");
    env.write(path, METADATA);
    env.write("platform.yaml", "apiVersion: onramp/v1\nenvironments: yes\n");
    insta::assert_snapshot!(env.run(&["lint"]), @r#"
    exit code: 1
    ----- stdout -----
    ambiguous-scalar

      × `yes` is read as `true` by some Kubernetes tools and as text by others
       ╭─[platform.yaml:2:15]
     2 │ environments: yes
       ·               ───
       ╰────
      help: write `"yes"` for the text, or `true`

    wrong-type

      × `environments` must be a map, but is a string
       ╭─[platform.yaml:2:15]
     2 │ environments: yes
       ·               ─┬─
       ·                ╰── this is a string
       ╰────
      help: write a map, such as `environments: { staging: { namespace: "{name}-staging" }, prod:
            { minReplicas: 2 } }`

    Checked 0 APIs: 2 errors, 2 APIs not looked at.
    1 fixable with `onramp lint --fix`.
    "#);
}
