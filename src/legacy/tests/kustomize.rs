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
        (
            "patched/kustomization.yaml",
            &kustomization("resources: [b.yaml]\npatches: [{path: missing.yaml}]\n"),
        ),
        ("patched/b.yaml", &object("Service", "b", "")),
        ("circle/a/kustomization.yaml", &kustomization("resources: [../b]\n")),
        ("circle/b/kustomization.yaml", &kustomization("resources: [../a]\n")),
        ("out/kustomization.yaml", &kustomization("resources: [../../../etc/passwd, ../link]\n")),
        ("lost/kustomization.yaml", &kustomization("resources: [e.yaml]\npatches: [{path: p.yaml}]\n")),
        ("lost/e.yaml", &object("Service", "e", "")),
        ("lost/p.yaml", &object("Service", "other", "")),
        ("filled/kustomization.yaml", &kustomization("resources: [d.yaml]\n")),
        ("filled/d.yaml", &object("Service", "{{ name }}", "")),
        ("broken/kustomization.yaml", "a: [\n"),
        ("plain.yaml", &object("Service", "plain", "")),
    ]);
    assert_eq!(applied(&branch), ["-: Service/plain@plain.yaml"]);
    for home in ["patched", "circle/a", "out", "lost", "filled", "broken"] {
        let path = format!("{home}/kustomization.yaml");
        let state = state(&branch, &path);
        let DocumentState::Unbuildable(reason) = state else { panic!("{home}: {state:?}") };
        let gap = branch.gaps.iter().find(|gap| *gap.file == *path).expect("it is a gap");
        assert_eq!(gap.why, format!("the kustomization cannot be built: {reason}"), "{home}");
    }
    assert!(
        matches!(&fate(&branch, "filled/d.yaml").skipped, Some(Skipped::Template(open)) if open[0].name == "name")
    );
    let owner = "patched/kustomization.yaml";
    assert_eq!(fate(&branch, "patched/b.yaml").skipped, Some(Skipped::Input(owner.into())));
}

#[test]
fn what_nobody_has_is_left_out_of_a_kustomization_and_named() {
    let merge = "configMapGenerator: [{name: far, behavior: merge, literals: [a=b]}]\n";
    let chart = "helmCharts: [{name: redis, repo: 'https://charts.example'}]\ngenerators: [secrets.yaml]\n";
    let branch = read_files(&[
        (
            "base/kustomization.yaml",
            &kustomization(
                "resources:\n- a.yaml\n- missing.yaml\n- github.com/acme/base?ref=v1\n- broken.yaml\n",
            ),
        ),
        ("base/a.yaml", &object("Service", "a", "")),
        ("base/broken.yaml", "kind: Service\napiVersion: v1\nmetadata: {\n"),
        (
            "overlays/prod/kustomization.yaml",
            &kustomization(&format!(
                "bases: [../../base]\nresources: [../../shared.yaml]\n{merge}{chart}namePrefix: p-\npatchesStrategicMerge: [far.yaml]\n"
            )),
        ),
        ("overlays/prod/far.yaml", &object("Service", "far", "spec: {type: NodePort}\n")),
        ("shared.yaml", &object("Service", "shared", "")),
    ]);
    assert_eq!(applied(&branch), ["prod: Service/p-a@base/a.yaml", "prod: Service/p-shared@shared.yaml"]);
    let told: Vec<String> =
        branch.gaps.iter().map(|gap| format!("{}:{}: {}", gap.file, gap.line, gap.why)).collect();
    assert_eq!(
        told,
        [
            "base/kustomization.yaml:5: there is no file, and no directory with a kustomization, `missing.yaml`",
            "base/kustomization.yaml:6: onramp does not fetch `github.com/acme/base?ref=v1`",
            "base/kustomization.yaml:7: the `{` that opens here is not closed",
            "overlays/prod/kustomization.yaml:5: there is no `ConfigMap far` to merge into or to replace",
            "overlays/prod/kustomization.yaml:6: onramp does not render the chart `redis`",
            "overlays/prod/kustomization.yaml:7: onramp does not run the generator `secrets.yaml`",
            "overlays/prod/kustomization.yaml:9: there is no `Service far` to patch",
        ]
    );
    assert_eq!(state(&branch, "overlays/prod/kustomization.yaml"), &DocumentState::Kustomization);
}

#[test]
fn a_list_of_patches_may_be_one_of_files() {
    let branch = read_files(&[
        ("kustomization.yaml", &kustomization("resources: [a.yaml]\npatches: [./p.yaml]\n")),
        ("a.yaml", &object("Service", "a", "")),
        ("p.yaml", &object("Service", "a", "spec: {type: NodePort}\n")),
    ]);
    assert_eq!(applied(&branch), ["-: Service/a@a.yaml"]);
    assert_eq!(branch.environments[&None][0].json["spec"]["type"], "NodePort");
    assert_eq!(fate(&branch, "p.yaml").skipped, Some(Skipped::Input("kustomization.yaml".into())));
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
