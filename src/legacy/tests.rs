use serde_json::json;

use super::*;
use crate::git::sample::Sample;

mod hostile;
mod kustomize;

pub(super) fn settings() -> Settings {
    let words =
        [("prod", "prod"), ("production", "prod"), ("staging", "staging"), ("dev", "dev"), ("qa", "qa")];
    let words = words.map(|(word, environment)| (word.to_owned(), environment.to_owned())).into();
    Settings { words, ..Settings::default() }
}

/// Commits what is there on the only branch, and reads that.
pub(super) fn read_all(sample: &Sample, settings: &Settings) -> Branch {
    sample.commit();
    let repo = Repo::discover(&sample.path).unwrap();
    let references = branches(&repo, &["main".to_owned()]).unwrap();
    read(&repo, &references[0], settings)
}

/// Reads a branch of these files.
pub(super) fn read_files(files: &[(&str, &str)]) -> Branch {
    let sample = Sample::new(&[]);
    for (path, text) in files {
        sample.write(path, text);
    }
    read_all(&sample, &settings())
}

/// Returns the text of a small object.
pub(super) fn object(kind: &str, name: &str, more: &str) -> String {
    format!("apiVersion: v1\nkind: {kind}\nmetadata:\n  name: {name}\n{more}")
}

/// Tells what is applied where, as `environment: kind/name@file`.
pub(super) fn applied(branch: &Branch) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, objects) in &branch.environments {
        for found in objects {
            let (title, file) = (file::title(&found.json), &found.origin.file);
            lines.push(format!("{}: {title}@{file}", name.as_deref().unwrap_or("-")));
        }
    }
    lines
}

/// Tells what became of a file.
pub(super) fn fate<'a>(branch: &'a Branch, path: &str) -> &'a File {
    branch.files.iter().find(|file| &*file.path == path).unwrap()
}

#[test]
fn a_branch_is_read_with_all_its_documents() {
    let text = format!(
        "# head\n---\n{}---\r\n# said\n{}----\nkind: List\napiVersion: v1\nitems:\n- {{kind: List, apiVersion: v1, items: [{{apiVersion: v1, \
         kind: Secret, metadata: {{name: c}}}}]}}\n- {{apiVersion: v1, kind: Pod, metadata: {{name: d}}}}\n---\nname: only\nkind: Thing\n---\na: [\n",
        object("Service", "a", "spec:\n  mode: 0644 # octal\n"),
        object("ConfigMap", "b", "data: {}\n"),
    );
    let branch = read_files(&[("all.yaml", &text), ("README.md", "# Hi"), ("values.yml", "image: a\n")]);
    assert_eq!(branch.author, Some(("sample".to_owned(), "sample@acme.example".to_owned())));
    assert_eq!(branch.failure, None);
    let found = &branch.environments[&None];
    assert_eq!(
        applied(&branch),
        ["-: Service/a@all.yaml", "-: ConfigMap/b@all.yaml", "-: Secret/c@all.yaml", "-: Pod/d@all.yaml"]
    );
    assert_eq!(found[0].json["spec"]["mode"], json!(420));
    assert_eq!(found[0].text, None, "an octal number is read differently by others");
    assert_eq!(
        found[1].text.as_deref(),
        Some(&*format!("# said\n{}", object("ConfigMap", "b", "data: {}\n")))
    );
    assert_eq!(found[2].text, None);
    let origin = |document, line| Origin { file: "all.yaml".into(), document, line };
    assert_eq!(
        found.iter().map(|found| found.origin.clone()).collect::<Vec<_>>(),
        [origin(0, 3), origin(1, 10), origin(2, 17), origin(2, 17)]
    );
    let states: Vec<_> = fate(&branch, "all.yaml")
        .documents
        .iter()
        .map(|document| (&*document.title, &document.state))
        .collect();
    assert_eq!(
        states[..4],
        [
            ("Service/a", &DocumentState::Objects),
            ("ConfigMap/b", &DocumentState::Objects),
            ("List", &DocumentState::Objects),
            ("Thing", &DocumentState::NoObject),
        ]
    );
    assert!(matches!(states[4].1, DocumentState::Unreadable(code, _) if code == "yaml-syntax"), "{states:?}");
    assert_eq!(fate(&branch, "README.md").skipped, Some(Skipped::NotYaml));
    assert_eq!(fate(&branch, "values.yml").documents[0].state, DocumentState::NoObject);
}

#[test]
fn what_is_marked_wins_over_what_is_not() {
    let (plain, other) = (object("Service", "a", ""), object("Service", "a", "spec: {}\n"));
    let branch = read_files(&[
        ("k8s/a.yaml", &plain),
        ("k8s/same.yaml", &plain),
        ("k8s/prod/other.yaml", &other),
        ("k8s/staging/same.yaml", &plain),
        ("k8s/staging/b.yaml", &object("Service", "b", "")),
    ]);
    assert_eq!(
        applied(&branch),
        [
            "-: Service/a@k8s/a.yaml",
            "prod: Service/a@k8s/prod/other.yaml",
            "staging: Service/b@k8s/staging/b.yaml",
            "staging: Service/a@k8s/staging/same.yaml",
        ]
    );
    // Two that differ and have no mark are both there: the caller has to decide.
    let branch = read_files(&[("a.yaml", &plain), ("b.yaml", &other)]);
    assert_eq!(applied(&branch), ["-: Service/a@a.yaml", "-: Service/a@b.yaml"]);
}

#[test]
fn an_object_in_namespaces_that_differ_by_a_word_tells_environments() {
    let at = |kind: &str, name: &str, namespace: &str| {
        format!("{}  namespace: {namespace}\n---\n", object(kind, name, ""))
    };
    let text = at("Service", "a", "shop-dev")
        + &at("Service", "a", "shop-prod")
        + &object("Namespace", "shop-prod", "---\n")
        + &object("Secret", "s", "");
    let branch = read_files(&[("all.yaml", &text)]);
    assert_eq!(
        applied(&branch),
        [
            "dev: Secret/s@all.yaml",
            "dev: Service/a@all.yaml",
            "prod: Secret/s@all.yaml",
            "prod: Service/a@all.yaml",
            "prod: Namespace/shop-prod@all.yaml",
        ]
    );
    let text = at("Service", "a", "shop") + &at("Service", "a", "shop-dev") + &object("Secret", "s", "");
    assert_eq!(
        applied(&read_files(&[("all.yaml", &text)])),
        [
            "-: Secret/s@all.yaml",
            "-: Service/a@all.yaml",
            "dev: Secret/s@all.yaml",
            "dev: Service/a@all.yaml",
        ]
    );
    // Namespaces of other services are none.
    let text = at("Service", "a", "shop") + &at("Service", "a", "till");
    assert_eq!(applied(&read_files(&[("all.yaml", &text)])).len(), 2);
}

#[test]
fn comments_say_what_they_speak_of() {
    let text = "# top\n---\n# the service\napiVersion: v1 # first\nkind: Service\nmetadata:\n  # its name\n  name: a\nspec:\n  text: 'a # b'\n  \
                block: |\n    # none\n  ports:\n  # the port\n  - port: 1 # one\n    a/b~c: 2 # two\n  # after\n";
    let branch = read_files(&[("a.yaml", text)]);
    let comments: Vec<_> = branch.environments[&None][0]
        .comments
        .iter()
        .map(|comment| (comment.line, &*comment.text, &*comment.path, comment.trailing))
        .collect();
    assert_eq!(
        comments,
        [
            (3, "the service", "/apiVersion", false),
            (4, "first", "/apiVersion", true),
            (7, "its name", "/metadata/name", false),
            (14, "the port", "/spec/ports/0", false),
            (15, "one", "/spec/ports/0/port", true),
            (16, "two", "/spec/ports/0/a~1b~0c", true),
            (17, "after", "", false),
        ]
    );
}
