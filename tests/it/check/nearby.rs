//! Of a few APIs the same is found whether all others are read in full or not.

use crate::env::Env;

/// An API with some of the ways in which two can meet.
fn api(name: &str, rest: &str) -> String {
    format!(
        "apiVersion: onramp/v1\nname: {name}\nowner: {{ team: a, email: a@acme.example }}\n\
         image: registry.example/apis/{name}:v1.0.0\nports: {{ http: 8080 }}\n{rest}"
    )
}

#[test]
fn a_few_have_the_findings_that_they_have_among_all() {
    let env = Env::new();
    env.write("platform.yaml", include_str!("../../../fixtures/rules/platform.yaml"));
    let both = "environments: { staging: {}, prod: {} }\n";
    let apis = [
        (
            "payments",
            format!(
                "routes: {{ unified: {{ prefix: /payments }} }}\nnetworkPolicy: {{ callers: [{{ api: orders }}] }}\n{both}"
            ),
        ),
        ("same-prefix", format!("routes: {{ unified: {{ prefix: /payments }} }}\n{both}")),
        ("below", format!("routes: {{ unified: {{ prefix: /payments/cards, strip: false }} }}\n{both}")),
        ("escaped", format!("routes: {{ unified: {{ prefix: \"/p\\x61yments\" }} }}\n{both}")),
        ("alias", format!("labels: {{ a: &p payments }}\nnamespace: *p\n{both}")),
        ("folded", format!("namespace: \"pay\\\n  ments\"\n{both}")),
        ("by-pattern", format!("namespace: \"{{name}}\"\n{both}")),
        ("payments-staging", both.to_owned()),
        (
            "caller",
            "networkPolicy: { callers: [{ api: payments }] }\nenvironments: { staging: {} }\n".to_owned(),
        ),
        ("other", format!("routes: {{ unified: {{ prefix: /other }} }}\n{both}")),
        ("unrelated", both.to_owned()),
    ];
    for (name, rest) in &apis {
        env.write(&format!("onboarding/{name}/metadata.yaml"), api(name, rest));
    }
    // Objects of one name, in one namespace.
    for name in ["payments", "alias", "folded"] {
        let path = format!("onboarding/{name}/metadata.yaml");
        env.write(&path, env.read(&path) + "extraResources: [resources/a.yaml]\n");
        let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: shared }\ndata: { a: b }\n";
        env.write(&format!("onboarding/{name}/resources/a.yaml"), object);
    }
    let all = env.run(&["lint", "--format", "json"]).json();
    let found = all["findings"].as_array().expect("findings are a list");
    assert!(found.len() > 5, "{all:#}");
    for (name, _) in &apis {
        let few = env.run(&["lint", name, "--format", "json"]).json();
        let own = |finding: &&serde_json::Value| finding["api"] == *name;
        let among_all: Vec<_> = found.iter().filter(own).collect();
        let alone: Vec<_> =
            few["findings"].as_array().expect("findings are a list").iter().filter(own).collect();
        assert_eq!(alone, among_all, "{name}");
    }
}
