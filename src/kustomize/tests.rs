use std::collections::BTreeMap;

use super::*;

/// Files in memory, by path.
struct Texts(BTreeMap<&'static str, &'static str>);

impl Files for Texts {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, SnapshotError> {
        Ok(self.0.get(path).map(|text| text.as_bytes().to_vec()))
    }
}

const CONFIG: &str = "{ apiVersion: v1, kind: ConfigMap, metadata: { name: a } }\n";

/// Builds `o` and returns its findings: code, file with the text that is pointed at, and message.
fn refused(files: &[(&'static str, &'static str)]) -> Vec<(&'static str, String, String)> {
    let texts = Texts(files.iter().copied().collect());
    let mut sink = Sink::default();
    assert_eq!(Builder::new(&texts).build("o", &mut sink), None);
    let shown = |location: crate::diagnostic::Location| {
        let text = location.span.map_or("", |span| &texts.0[&*location.path][span]);
        format!("{} {text}", location.path)
    };
    let findings = sink.into_findings();
    findings.into_iter().map(|finding| (finding.code.name, shown(finding.primary), finding.message)).collect()
}

/// What the kustomization says, other files, and code, place and a part of the message of the finding.
type Case = (&'static str, &'static [(&'static str, &'static str)], &'static str, &'static str, &'static str);

/// kustomize 5.7.1 and 5.8.1 refuse all of these, or onramp says that it does not evaluate them.
#[test]
fn what_cannot_be_built_is_said_where_it_is_written() {
    let cases: &[Case] = &[
        (
            "resources: [b.yaml]",
            &[],
            "unbuildable-overlay",
            "o/kustomization.yaml b.yaml",
            "there is no file",
        ),
        (
            "resources: [../b.yaml]",
            &[("b.yaml", CONFIG)],
            "unbuildable-overlay",
            "o/kustomization.yaml ../b.yaml",
            "not in or below",
        ),
        ("resources: [../../b]", &[], "path-outside-repo", "o/kustomization.yaml ../../b", "leads out"),
        (
            "resources: ['https://a.b/c']",
            &[],
            "unsupported-kustomization-field",
            "o/kustomization.yaml 'https://a.b/c'",
            "does not fetch",
        ),
        (
            "resources: [b]",
            &[("o/b/kustomization.yaml", "resources: [..]")],
            "unbuildable-overlay",
            "o/b/kustomization.yaml ..",
            "leads back",
        ),
        (
            "resources: [a.yaml, b.yaml]",
            &[("o/a.yaml", CONFIG), ("o/b.yaml", CONFIG)],
            "unbuildable-overlay",
            "o/b.yaml ConfigMap",
            "there already",
        ),
        (
            "resources: [a.yaml]",
            &[("o/a.yaml", "kind: ConfigMap\n")],
            "unbuildable-overlay",
            "o/a.yaml ConfigMap",
            "no `metadata.name`",
        ),
        ("resources: [a.yaml]", &[("o/a.yaml", "a: {\n")], "yaml-syntax", "o/a.yaml {", "is not closed"),
        (
            "components: [c]",
            &[("o/c/kustomization.yaml", "namespace: x")],
            "unbuildable-overlay",
            "o/kustomization.yaml c",
            "is no Component",
        ),
        (
            "replicas: [{ name: web, count: 2 }]",
            &[],
            "unbuildable-overlay",
            "o/kustomization.yaml web",
            "no Deployment",
        ),
        (
            "patches: [{ path: p.yaml }]",
            &[("o/p.yaml", CONFIG)],
            "unbuildable-overlay",
            "o/p.yaml ConfigMap",
            "no `ConfigMap a` to patch",
        ),
        (
            "patches: [{ path: p.yaml }]",
            &[("o/p.yaml", "- { op: add, path: /a, value: 1 }\n")],
            "unbuildable-overlay",
            "o/kustomization.yaml path",
            "what it is for",
        ),
        (
            "configMapGenerator: [{ name: a, behavior: merge }]",
            &[],
            "unbuildable-overlay",
            "o/kustomization.yaml name",
            "to merge into",
        ),
        (
            "configMapGenerator: [{ name: a, literals: [b=1, b=2] }]",
            &[],
            "unbuildable-overlay",
            "o/kustomization.yaml b=2",
            "there twice",
        ),
        ("namespace: 12", &[], "invalid-kustomization", "o/kustomization.yaml 12", "text is expected"),
        ("namespace: on", &[], "ambiguous-scalar", "o/kustomization.yaml on", "read as"),
        (
            "resource: [a.yaml]",
            &[],
            "invalid-kustomization",
            "o/kustomization.yaml resource",
            "no field `resource`",
        ),
        (
            "patches: [{ path: a.yaml, patch: b }]",
            &[],
            "invalid-kustomization",
            "o/kustomization.yaml b",
            "both `path` and `patch`",
        ),
        (
            "images: [{ name: '(' }]",
            &[],
            "invalid-kustomization",
            "o/kustomization.yaml '('",
            "no regular expression",
        ),
        (
            "replacements: []",
            &[],
            "unsupported-kustomization-field",
            "o/kustomization.yaml replacements",
            "does not evaluate",
        ),
        (
            "commonLabels: { a: b }",
            &[],
            "unsupported-kustomization-field",
            "o/kustomization.yaml commonLabels",
            "does not evaluate",
        ),
    ];
    for (kustomization, files, code, place, message) in cases {
        let mut all = files.to_vec();
        all.push(("o/kustomization.yaml", kustomization));
        let findings = refused(&all);
        let fits =
            |(is, at, says): &(&str, String, String)| is == code && at == place && says.contains(message);
        assert!(findings.first().is_some_and(fits), "{kustomization}: {findings:?}");
    }
}

#[test]
fn a_base_is_evaluated_once_and_its_users_do_not_meet() {
    let files = [
        (
            "base/kustomization.yaml",
            "resources: [a.yaml]\nconfigMapGenerator: [{ name: c, literals: [k=1] }]\n",
        ),
        ("base/a.yaml", CONFIG),
        ("x/kustomization.yaml", "resources: [../base]\nnamespace: x\n"),
        ("y/kustomization.yaml", "resources: [../base]\nnamePrefix: y-\n"),
    ];
    let texts = Texts(files.into_iter().collect());
    let mut builder = Builder::new(&texts);
    let mut sink = Sink::default();
    let mut names = |directory: &str| {
        let objects = builder.build(directory, &mut sink).expect("it builds");
        let shown = |object: &Object| {
            (
                object.json["metadata"]["name"].clone(),
                object.json["metadata"]["namespace"].clone(),
                object.name.clone(),
                object.hashed,
            )
        };
        objects.iter().map(shown).collect::<Vec<_>>()
    };
    let hash = "c-bbd6m56k95";
    assert_eq!(
        names("x"),
        [("a".into(), "x".into(), "a".into(), false), (hash.into(), "x".into(), "c".into(), true)]
    );
    assert_eq!(
        names("y"),
        [
            ("y-a".into(), Json::Null, "a".into(), false),
            (format!("y-{hash}").into(), Json::Null, "c".into(), true)
        ]
    );
    assert_eq!(names("x")[0], ("a".into(), "x".into(), "a".into(), false));
}
