//! Branches with kustomizations.

use super::*;

const HEAD: &str = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";

fn kustomization(more: &str) -> String {
    format!("{HEAD}{more}")
}

fn state<'a>(branch: &'a Branch, path: &str) -> &'a DocumentState {
    &fate(branch, path).documents[0].state
}

#[test]
fn overlays_are_built_and_their_bases_are_not_applied() {
    let branch = read_files(&[
        ("k8s/base/kustomization.yaml", &kustomization("resources: [a.yaml]\n")),
        ("k8s/base/a.yaml", &format!("# a\n---\n{}", object("Service", "a", "spec: {} # no type\n"))),
        ("k8s/base/unused.yaml", &object("Service", "unused", "")),
        (
            "k8s/overlays/prod/kustomization.yml",
            &kustomization("resources: [../../base]\nnamePrefix: p-\npatches: [{path: patch.yaml}]\n"),
        ),
        ("k8s/overlays/prod/patch.yaml", &object("Service", "a", "spec: {type: NodePort}\n")),
        ("k8s/overlays/prod/stray.yaml", &object("Service", "stray", "")),
        (
            "k8s/overlays/dev/Kustomization",
            &kustomization(
                "resources: [../../base, own.yaml]\nconfigMapGenerator: [{name: c, files: [a.conf]}]\n",
            ),
        ),
        ("k8s/overlays/dev/own.yaml", &object("Secret", "own", "")),
        ("k8s/overlays/dev/a.conf", "x=1"),
        (
            "k8s/part/kustomization.yaml",
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [c.yaml]\n",
        ),
        ("k8s/part/c.yaml", &object("Service", "c", "")),
        ("plain.yaml", &object("Service", "plain", "")),
    ]);
    let expected = [
        "dev: Service/a@k8s/base/a.yaml",
        "dev: Secret/own@k8s/overlays/dev/own.yaml",
        "dev: Service/plain@plain.yaml",
        "prod: Service/p-a@k8s/base/a.yaml",
        "prod: Service/plain@plain.yaml",
    ];
    let applied: Vec<String> =
        applied(&branch).into_iter().filter(|line| !line.contains("ConfigMap")).collect();
    let mut sorted = applied.clone();
    sorted.sort();
    let mut expected = expected.map(ToOwned::to_owned);
    expected.sort();
    assert_eq!(sorted, expected);
    let service = branch.environments[&Some("prod".to_owned())]
        .iter()
        .find(|found| file::name(&found.json) == Some("p-a"));
    let service = service.unwrap();
    assert_eq!((&*service.comments[0].text, &*service.comments[0].path), ("no type", "/spec"));
    assert_eq!((service.json["spec"]["type"].as_str(), service.origin.line), (Some("NodePort"), 3));
    for (path, owner) in [
        ("k8s/base/a.yaml", "k8s/base/kustomization.yaml"),
        ("k8s/base/unused.yaml", "k8s/base/kustomization.yaml"),
        ("k8s/overlays/prod/patch.yaml", "k8s/overlays/prod/kustomization.yml"),
        ("k8s/overlays/dev/a.conf", "k8s/overlays/dev/Kustomization"),
        ("k8s/part/c.yaml", "k8s/part/kustomization.yaml"),
    ] {
        assert_eq!(fate(&branch, path).skipped, Some(Skipped::Input(owner.into())), "{path}");
    }
    assert!(matches!(&fate(&branch, "k8s/overlays/prod/stray.yaml").skipped, Some(Skipped::Unreadable(_))));
    for path in
        ["k8s/base/kustomization.yaml", "k8s/overlays/dev/Kustomization", "k8s/part/kustomization.yaml"]
    {
        assert_eq!(state(&branch, path), &DocumentState::Kustomization, "{path}");
    }
}

#[test]
fn what_cannot_be_built_says_why_and_applies_nothing_wrongly() {
    let branch = read_files(&[
        ("far/kustomization.yaml", &kustomization("resources: ['https://example.org/a.yaml', a.yaml]\n")),
        ("far/a.yaml", &object("Service", "a", "")),
        ("patched/kustomization.yaml", &kustomization("resources: [missing.yaml, b.yaml]\nnamePrefix: p-\n")),
        ("patched/b.yaml", &object("Service", "b", "")),
        ("circle/a/kustomization.yaml", &kustomization("resources: [../b]\n")),
        ("circle/b/kustomization.yaml", &kustomization("resources: [../a]\n")),
        ("out/kustomization.yaml", &kustomization("resources: [../../../etc/passwd, ../link]\n")),
        ("simple/kustomization.yaml", &kustomization("resources: [c.yaml, missing.yaml]\nnamespace: x\n")),
        ("simple/c.yaml", &object("Service", "c", "")),
        ("filled/kustomization.yaml", &kustomization("resources: [d.yaml]\n")),
        ("filled/d.yaml", &object("Service", "{{ name }}", "")),
        ("broken/kustomization.yaml", "a: [\n"),
    ]);
    assert_eq!(applied(&branch), ["-: Service/c@simple/c.yaml"]);
    for home in ["far", "patched", "circle/a", "out", "simple", "filled", "broken"] {
        let state = state(&branch, &format!("{home}/kustomization.yaml"));
        assert!(
            matches!(state, DocumentState::Unbuildable(reason) if !reason.is_empty()),
            "{home}: {state:?}"
        );
    }
    assert!(
        matches!(&fate(&branch, "filled/d.yaml").skipped, Some(Skipped::Template(open)) if open[0].name == "name")
    );
    let owner = "patched/kustomization.yaml";
    assert_eq!(fate(&branch, "patched/b.yaml").skipped, Some(Skipped::Input(owner.into())));
}

#[test]
fn a_secret_whose_file_is_not_in_the_branch_is_left_out() {
    let generator = "secretGenerator: [{name: s, envs: [.env]}]\n";
    let text = format!("resources: [a.yaml]\n{generator}generatorOptions: {{disableNameSuffixHash: true}}\n");
    let branch =
        read_files(&[("kustomization.yaml", &kustomization(&text)), ("a.yaml", &object("Service", "a", ""))]);
    assert_eq!(applied(&branch), ["-: Service/a@a.yaml"]);
    assert!(
        matches!(&fate(&branch, ".env").skipped, Some(Skipped::Unreadable(reason)) if reason.contains("`s`"))
    );
    // With a hash nobody knows what it is called.
    let text = format!("resources: [a.yaml]\n{generator}");
    let branch =
        read_files(&[("kustomization.yaml", &kustomization(&text)), ("a.yaml", &object("Service", "a", ""))]);
    assert_eq!(applied(&branch), Vec::<String>::new());
    assert!(matches!(state(&branch, "kustomization.yaml"), DocumentState::Unbuildable(_)));
}
