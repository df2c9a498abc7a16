//! Branches that want to do harm, or that nobody thought of: each is named, and the others are written.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::branches::{APIS, fleet};
use super::import::Import;
use super::{api, migrate, states};
use crate::env::Env;

fn deployment(name: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: {name} }}\nspec:\n  selector: {{ matchLabels: {{ app: {name} }} }}\n  \
         template:\n    metadata: {{ labels: {{ app: {name} }} }}\n    spec:\n      containers:\n      \
         - {{ name: {name}, image: \"registry.example/apis/{name}:v1.0.0\" }}\n"
    )
}

/// Runs on a fleet with more branches, insists that the usual ones are written, and hands out the report.
#[track_caller]
fn reported(import: Import, code: i32, more: &[&str]) -> (Env, Json) {
    let env = fleet();
    import.into_repo(&env);
    let run = migrate(&env, &[&["--format", "json"], more].concat());
    assert_eq!(run.code, code, "{run}");
    let report = run.json();
    for name in APIS {
        assert_eq!(api(&report, name)["state"], "written", "{name}");
        assert!(env.exists(&format!("onboarding/{name}/metadata.yaml")), "{name}");
    }
    let _ = env.run(&["render", "--check"]).success();
    (env, report)
}

/// What became of a file of a branch, and why.
#[track_caller]
fn fate(report: &Json, branch: &str, file: &str) -> String {
    let find = |list: &Json, key: &str, name: &str| {
        let items = list.as_array().expect("it is a list");
        items.iter().find(|item| item[key] == name).cloned()
    };
    let branch = find(&report["branches"], "name", branch).unwrap_or_else(|| panic!("no {branch}"));
    let found = find(&branch["files"], "path", file).unwrap_or_else(|| panic!("no {file} in {branch:#}"));
    match found["what"].as_str() {
        Some(what) => format!("{}: {what}", found["fate"].as_str().unwrap_or_default()),
        None => found["fate"].as_str().unwrap_or_default().to_owned(),
    }
}

#[test]
fn odd_files_beside_a_service_do_not_keep_it_from_being_written() {
    let mut bomb = "kind: A\napiVersion: v1\na0: &a0 [x, x]\n".to_owned();
    for level in 1..40 {
        let _ = writeln!(bomb, "a{level}: &a{level} [*a{0}, *a{0}]", level - 1);
    }
    let import = Import::default()
        .commit("legacy/odd", true)
        .file("app.yaml", deployment("odd"))
        .file("big.yaml", vec![b'#'; 50 << 20])
        .file("bomb.yaml", &bomb)
        .file("crypt.yaml", b"\0GITCRYPT\0")
        .file("latin.yaml", b"kind: \xe9\napiVersion: v1\n")
        .file("logo.png", b"\x89PNG")
        .file("broken.yaml", "apiVersion: v1\nkind: [\n")
        .link("link.yaml", "/etc/passwd")
        .module("vendor");
    let (env, report) = reported(import, 0, &[]);
    assert_eq!(api(&report, "odd")["state"], "written");
    let expected = [
        ("app.yaml", "read"),
        ("big.yaml", "too-large: 52428800 bytes"),
        ("bomb.yaml", "read"),
        ("crypt.yaml", "encrypted"),
        ("logo.png", "not-yaml"),
        ("broken.yaml", "read"),
        ("link.yaml", "link"),
        ("vendor", "submodule"),
    ];
    for (file, became) in expected {
        assert_eq!(fate(&report, "legacy/odd", file), became, "{file}");
    }
    assert!(fate(&report, "legacy/odd", "latin.yaml").starts_with("unreadable: "));
    let branch = report["branches"].as_array().unwrap().iter().find(|branch| branch["name"] == "legacy/odd");
    let files = branch.expect("it is told")["files"].as_array().unwrap();
    let documents = |name: &str| {
        let file = files.iter().find(|file| file["path"] == name).expect("it is told");
        file["documents"][0]["fate"].clone()
    };
    assert_eq!(
        [documents("app.yaml"), documents("bomb.yaml"), documents("broken.yaml")],
        ["said", "unreadable", "unreadable"]
    );
    // Nothing of the outside came in through the link.
    for (path, bytes) in env.files() {
        assert!(!String::from_utf8_lossy(&bytes).contains("root:x:0"), "{path}");
    }
}

#[test]
fn more_files_than_are_read_are_counted() {
    let mut import = Import::default().commit("legacy/many", true).file("0.yaml", deployment("many"));
    for index in 1..5_001 {
        import = import.file(&format!("data/{index:05}.yaml"), "a: b\n");
    }
    let (_, report) = reported(import, 0, &[]);
    assert_eq!(api(&report, "many")["state"], "written");
    assert_eq!(fate(&report, "legacy/many", "0.yaml"), "read");
    let tables = report["summary"]["tables"].as_array().unwrap();
    let files = tables.iter().find(|table| table["name"] == "files").expect("files are counted");
    let row = files["rows"].as_array().unwrap().iter().find(|row| row["name"] == "too-many");
    assert_eq!(row.expect("it is told")["counts"]["files"], 1);
}

#[test]
fn names_with_spaces_and_letters_of_all_kinds_are_read() {
    let import = Import::default()
        .commit("legacy/Überweisung", true)
        .file("k8s files/größe é.yaml", deployment("transfer"))
        .commit("legacy/Team_Blue--Pay.API", true)
        .file("a b/c d.yaml", deployment("pay"));
    let (env, report) = reported(import, 0, &[]);
    assert_eq!(fate(&report, "legacy/Überweisung", "k8s files/größe é.yaml"), "read");
    let of = |branch: &str| -> String {
        let branches = report["branches"].as_array().unwrap().iter();
        let found = branches.filter(|one| one["name"] == branch).find_map(|one| one["apis"][0].as_str());
        found.expect("it is part of an API").to_owned()
    };
    for (branch, workload) in [("legacy/Überweisung", "transfer"), ("legacy/Team_Blue--Pay.API", "pay")] {
        let name = of(branch);
        assert!(
            name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
            "{name}"
        );
        let metadata = env.read(&format!("onboarding/{name}/metadata.yaml"));
        assert!(metadata.contains(&format!("apis/{workload}:v1.0.0")), "{metadata}");
    }
    let _ = env.run(&["migrate", "verify", "--quiet"]).success();
}

#[test]
fn a_branch_with_nothing_to_apply_is_not_written_and_named() {
    let import = Import::default()
        .commit("legacy/empty", true)
        .commit("legacy/prose", true)
        .file("README.md", "# Nothing\n")
        .commit("legacy/values", true)
        .file("values.yaml", "replicas: 3\n");
    let (env, report) = reported(import, 1, &[]);
    let refused: Vec<&str> =
        states(&report).into_iter().filter(|(_, state)| *state == "refused").map(|(name, _)| name).collect();
    assert_eq!(refused, ["empty", "prose", "values"]);
    for name in refused {
        assert!(!env.exists(&format!("onboarding/{name}")), "{name}");
        assert!(api(&report, name)["why"].as_str().is_some_and(|why| !why.is_empty()));
    }
    assert_eq!(fate(&report, "legacy/prose", "README.md"), "not-yaml");
    // Nobody has to look at them twice.
    env.write(
        "migration/decisions.yaml",
        "apiVersion: onramp/v1\nbranches:\n  legacy/{empty,prose,values}: { skip: nothing runs }\n",
    );
    let run = migrate(&env, &["--format", "json"]);
    assert_eq!(api(&run.json(), "empty")["why"], "nothing runs");
}

#[test]
fn templates_are_named_with_their_variables_and_filled_in_when_asked() {
    let braces = deployment("filled").replace("  selector: {", "  replicas: {{ count }}\n  selector: {");
    let braces = braces.replace("v1.0.0", "{{ tag }}");
    let dollars = deployment("filled").replace("  selector: {", "  replicas: ${COUNT}\n  selector: {");
    let import = || {
        let import = Import::default().commit("legacy/braces", true).file("app.yaml", &braces);
        import.commit("legacy/dollars", true).file("app.yaml", &dollars)
    };
    let (env, report) = reported(import(), 1, &[]);
    for (name, written) in
        [("braces", "{{ count }} on line 5, {{ tag }} on line 11"), ("dollars", "${COUNT} on line 5")]
    {
        assert_eq!(api(&report, name)["state"], "refused");
        assert!(!env.exists(&format!("onboarding/{name}")));
        let told = fate(&report, &format!("legacy/{name}"), "app.yaml");
        assert_eq!(told, format!("template: {written}"), "{name}");
    }
    let values = Env::new();
    values.write("values.yaml", "tag: 1.10\ncount: 5\nCOUNT: 7\n");
    let path = values.path("values.yaml");
    let path = path.to_str().expect("paths are UTF-8");
    let (env, report) = reported(import(), 0, &["--values", path]);
    assert_eq!(api(&report, "braces")["state"], "written");
    assert!(env.read("onboarding/braces/metadata.yaml").contains("apis/filled:1.10"), "as it is written");
    assert!(env.read("onboarding/dollars/metadata.yaml").contains("replicas: 7"));
    let _ = env.run(&["migrate", "verify", "--quiet", "--values", path]).success();
    // Without the values there is nothing to prove.
    let run = env.run(&["migrate", "verify", "--quiet"]);
    assert_eq!(run.code, 1, "{run}");
}

#[test]
fn a_variable_in_an_image_is_a_question() {
    let text = deployment("asked").replace("v1.0.0", "${TAG}");
    let (_, report) = reported(Import::default().commit("legacy/asked", true).file("app.yaml", text), 0, &[]);
    let questions = api(&report, "asked")["questions"].as_array().unwrap();
    let image = questions.iter().find(|question| question["kind"] == "image").expect("it is asked");
    assert!(image["text"].as_str().is_some_and(|text| text.contains("${TAG}")), "{image}");
}

#[test]
fn an_unreadable_branch_does_not_stop_the_run() {
    let env = fleet();
    Import::default().commit("legacy/lost", true).file("app.yaml", deployment("lost")).into_repo(&env);
    let commit = env.git(&["rev-parse", "legacy/lost^{tree}"]);
    env.git(&["gc", "--quiet"]);
    // A reference to a commit whose tree is gone.
    let (env, tree) = (env, commit.trim().to_owned());
    let lost = Env::new();
    lost.git(&["init", "--quiet"]);
    lost.write("app.yaml", deployment("lost"));
    lost.git(&["add", "--all"]);
    lost.git(&["commit", "--quiet", "--message=by hand"]);
    let bytes = lost.git(&["cat-file", "commit", "HEAD"]).replace(&tree, &"2".repeat(40));
    let bytes = bytes.replacen(lost.git(&["rev-parse", "HEAD^{tree}"]).trim(), &"2".repeat(40), 1);
    env.write(".git/broken-commit", &bytes);
    let id = env.git(&["hash-object", "-t", "commit", "-w", "--literally", ".git/broken-commit"]);
    env.write(".git/refs/heads/legacy/broken", format!("{}\n", id.trim()));
    let run = migrate(&env, &["--format", "json"]);
    assert_eq!(run.code, 1, "{run}");
    let report = run.json();
    let branches = report["branches"].as_array().unwrap();
    let broken = branches.iter().find(|branch| branch["name"] == "legacy/broken").expect("it is told");
    assert!(broken["failure"].is_string(), "{broken:#}");
    assert_eq!(api(&report, "broken")["state"], "refused");
    for name in APIS.iter().chain(&["lost"]) {
        assert_eq!(api(&report, name)["state"], "written", "{name}");
    }
}
