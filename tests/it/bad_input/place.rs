//! Things that are not the files and directories they should be.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::UnixListener;
use std::process::Command;

use super::{assert_calm, assert_nothing_rendered, assert_refused, two_apis};
use crate::env::{Env, METADATA};

const PATH: &str = "onboarding/payments/metadata.yaml";

#[test]
fn only_regular_files_are_opened() {
    let expected = ["unreadable-file onboarding/payments/metadata.yaml"];
    let env = two_apis();
    env.remove(PATH);
    fs::create_dir(env.path(PATH)).expect("directories can be made");
    assert_refused("a directory", &env, &expected);
    insta::assert_snapshot!(env.run(&["lint"]), @r"
    exit code: 1
    ----- stdout -----
    unreadable-file

      × onboarding/payments/metadata.yaml: `onboarding/payments/metadata.yaml` is not a regular file
      help: put a regular file there, or name another path

    Checked 2 APIs: 1 error.
    ");

    // A reader that opened it would wait forever.
    env.remove(PATH);
    let made = Command::new("mkfifo").arg(env.path(PATH)).status().expect("mkfifo runs");
    assert!(made.success());
    assert_refused("a pipe", &env, &expected);

    env.remove(PATH);
    let _socket = UnixListener::bind(env.path(PATH)).expect("sockets can be made");
    assert_refused("a socket", &env, &expected);

    let env = two_apis();
    env.remove("platform.yaml");
    fs::create_dir(env.path("platform.yaml")).expect("directories can be made");
    let lint = env.run(&["lint", "--repo", ".", "--format", "json"]);
    assert_eq!(lint.findings(), ["unreadable-file platform.yaml"]);
    assert_eq!(lint.code, 1, "{lint}");
}

#[test]
fn links_are_not_followed() {
    let env = two_apis();
    env.rename(PATH, "elsewhere.yaml");
    env.link(PATH, "../../elsewhere.yaml");
    assert_refused("metadata.yaml", &env, &["symlink onboarding/payments/metadata.yaml"]);
    insta::assert_snapshot!(env.run(&["lint"]), @r"
    exit code: 1
    ----- stdout -----
    symlink

      × onboarding/payments/metadata.yaml: `onboarding/payments/metadata.yaml` is a symlink
      help: replace the link by a copy of what it points to

    Checked 2 APIs: 1 error.
    ");

    let env = two_apis();
    env.rename("onboarding/payments", "elsewhere");
    env.link("onboarding/payments", "../elsewhere");
    assert_refused("an API", &env, &["symlink onboarding/payments"]);

    // The other API is behind the link, too.
    let env = two_apis();
    env.rename("onboarding", "elsewhere");
    env.link("onboarding", "elsewhere");
    assert_refused("onboarding", &env, &["symlink onboarding"]);

    let env = two_apis();
    env.rename("platform.yaml", "elsewhere.yaml");
    env.link("platform.yaml", "elsewhere.yaml");
    assert_refused("platform.yaml", &env, &["symlink platform.yaml"]);

    let env = two_apis();
    env.link("templates", "onboarding");
    assert_refused("templates", &env, &["symlink templates"]);

    let env = two_apis();
    env.link("onboarding/payments/base", "/tmp");
    assert_refused("a generated directory", &env, &["symlink onboarding/payments/base"]);

    let env = two_apis();
    env.edit(
        PATH,
        "env: { LOG_LEVEL: info }",
        "config: { files: [config/passwd], mountPath: /etc/payments }",
    );
    env.link("onboarding/payments/config/passwd", "/etc/passwd");
    assert_refused(
        "a config file",
        &env,
        &["symlink onboarding/payments/config/passwd", "missing-file onboarding/payments/metadata.yaml:8:19"],
    );
    let human = env.run(&["lint"]);
    assert!(!human.stdout.contains("root:"), "{human}");
}

#[test]
fn nothing_is_written_through_a_link_at_the_top() {
    for directory in ["schemas", "argocd"] {
        let env = two_apis();
        fs::create_dir(env.path("elsewhere")).expect("directories can be made");
        env.link(directory, "elsewhere");
        assert_nothing_rendered(directory, &env, 1);
        let render = env.run(&["render"]);
        assert!(render.stdout.contains(&format!("`{directory}` is a symlink")), "{render}");
    }
    let env = two_apis();
    env.write("elsewhere.json", "{}\n");
    env.link("schemas/metadata.schema.json", "../elsewhere.json");
    assert_nothing_rendered("a schema", &env, 1);
}

#[test]
fn names_that_are_not_utf_8_are_findings() {
    let broken = OsStr::from_bytes(b"caf\xe9");
    let env = two_apis();
    fs::create_dir(env.path("onboarding").join(broken)).expect("directories can be made");
    assert_refused("a directory", &env, &["non-utf8-path onboarding/caf\u{fffd}"]);

    let env = two_apis();
    fs::write(env.path("onboarding/payments").join(broken), "x").expect("files can be written");
    assert_refused("a file", &env, &["non-utf8-path onboarding/payments/caf\u{fffd}"]);
    insta::assert_snapshot!(env.run(&["lint"]), @r"
    exit code: 1
    ----- stdout -----
    non-utf8-path

      × onboarding/payments/caf�: the name `onboarding/payments/caf�` is not UTF-8
      help: rename it with UTF-8 characters

    Checked 2 APIs: 1 error.
    ");
}

#[test]
fn a_directory_without_metadata_is_a_finding() {
    let env = two_apis();
    env.write("onboarding/carts/notes.txt", "later\n");
    assert_refused("no metadata", &env, &["missing-metadata onboarding/carts/metadata.yaml"]);
    insta::assert_snapshot!(env.run(&["lint"]), @r"
    exit code: 1
    ----- stdout -----
    missing-metadata

      × onboarding/carts/metadata.yaml: the directory `onboarding/carts` has no `metadata.yaml`
      help: run `onramp new carts`, or remove the directory

    Checked 3 APIs: 1 error.
    ");
}

#[test]
fn a_directory_that_cannot_name_objects_is_a_finding() {
    for name in ["Payments", "pay_ments", "-payments", "payments.v1", "9payments", "pay ments"] {
        let env = two_apis();
        env.rename("onboarding/payments", &format!("onboarding/{name}"));
        let path = format!("onboarding/{name}/metadata.yaml");
        assert_refused(name, &env, &[&format!("directory-name-mismatch {path}:2:7")]);
        env.edit(&path, "name: payments", &format!("name: \"{name}\""));
        assert_refused(name, &env, &[&format!("invalid-value {path}:2:7")]);
    }
}

#[test]
fn files_beside_the_apis_are_left_alone() {
    let env = two_apis();
    env.write("onboarding/README.md", "# APIs\n");
    assert_eq!(env.run(&["lint"]).success(), "Checked 2 APIs: no findings.\n");
}

#[test]
fn no_platform_is_usage() {
    let env = two_apis();
    env.remove("platform.yaml");
    insta::assert_snapshot!(env.run(&["lint"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: no `platform.yaml` in `[ROOT]` or above it
    hint: run `onramp init` in an empty directory, or name the config repo with `--repo DIR`
    ");
    insta::assert_snapshot!(env.run(&["lint", "--repo", "."]), @r"
    exit code: 2
    ----- stdout -----
    missing-platform

      × platform.yaml: this config repo has no `platform.yaml`
      help: run `onramp init` in an empty directory, or name the repo with `--repo DIR`

    Checked 0 APIs: 1 error, 2 APIs not looked at.
    ----- stderr -----
    error: this is not a config repo of onramp: it has no `platform.yaml`
    ");
    let lint = env.run(&["lint", "--repo", ".", "--format", "json"]);
    assert_eq!(lint.findings(), ["missing-platform platform.yaml"]);
    assert_eq!(lint.code, 2, "{lint}");
    assert_nothing_rendered("no platform", &env, 2);
}

#[test]
fn no_api_is_usage() {
    let env = Env::with_api(METADATA);
    env.remove("onboarding/payments");
    insta::assert_snapshot!(env.run(&["lint"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: no API found: `onboarding/` has no directories
    hint: run `onramp new NAME` to write the first one
    ");
    assert_nothing_rendered("an empty onboarding", &env, 2);
    env.remove("onboarding");
    assert_nothing_rendered("no onboarding", &env, 2);
    // A file of that name is somebody's mistake.
    env.write("onboarding", "");
    assert_refused("a file for onboarding", &env, &["unreadable-file onboarding"]);
}

#[test]
fn paths_do_not_leave_the_api() {
    for path in ["../orders/metadata.yaml", "config/../../../platform.yaml", "/etc/passwd", "..", "config/.."]
    {
        let env = two_apis();
        let config = format!("config: {{ files: [\"{path}\"], mountPath: /etc/payments }}");
        env.edit(PATH, "env: { LOG_LEVEL: info }", &config);
        assert_refused(path, &env, &["path-outside-repo onboarding/payments/metadata.yaml:8:19"]);
        for key in ["patches", "extraResources"] {
            let env = two_apis();
            env.edit(PATH, "env: { LOG_LEVEL: info }", &format!("{key}: [\"{path}\"]"));
            let lint = env.run(&["lint", "--format", "json"]);
            let first = lint.findings().remove(0);
            let codes = ["path-outside-repo", "invalid-value"];
            assert!(codes.iter().any(|code| first.starts_with(&format!("{code} {PATH}:8:"))), "{lint}");
            assert_nothing_rendered(path, &env, 1);
        }
    }
}

#[test]
fn a_broken_template_of_the_repo_is_located() {
    let cases: [(&str, &[u8], &str); 4] = [
        ("deployment.yaml.j2", b"{% if", "template-failure templates/deployment.yaml.j2:1:4"),
        ("deployment.yaml.j2", b"a: {{ x", "template-failure templates/deployment.yaml.j2:1:7"),
        ("deployment.yaml.j2", b"a\nb\xff\n", "invalid-encoding templates/deployment.yaml.j2:2:2"),
        ("deplyoment.yaml.j2", b"a: b\n", "unknown-template templates/deplyoment.yaml.j2"),
    ];
    for (name, bytes, expected) in cases {
        let env = two_apis();
        env.write(&format!("templates/{name}"), bytes);
        let code = if expected.starts_with("invalid-encoding") { 1 } else { 2 };
        assert_eq!(env.run(&["lint", "--format", "json"]).findings(), [expected]);
        assert_nothing_rendered(expected, &env, code);
    }
    // What only fails while it runs is found by rendering.
    let env = two_apis();
    env.write("templates/service.yaml.j2", "apiVersion: v1\nkind: {{ nope.kind }}\n");
    assert_nothing_rendered("an undefined value", &env, 2);
    let render = env.run(&["render", "payments"]);
    assert_calm("an undefined value", &render);
    insta::assert_snapshot!(render, @r"
    exit code: 2
    ----- stdout -----
    template-failure

      × template `service.yaml.j2` fails: undefined value: `nope` is undefined
       ╭─[templates/service.yaml.j2:2:10]
     2 │ kind: {{ nope.kind }}
       ·          ────┬────
       ·              ╰── here
       ╰────

    Checked 1 API: 1 error.
    ----- stderr -----
    Nothing was written, since there are errors.
    error: a template of this repo cannot be used
    ");
}
