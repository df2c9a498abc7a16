//! The platform's own rules: what they find, where, and what is wrong with one.

use std::collections::BTreeSet;
use std::fs;

use onramp::cel::{Given, Program, Scope, Value, Wanted};
use onramp::diagnostic::Sink;
use serde_json::{Value as Json, json};

use crate::env::{Env, METADATA};

/// A platform with custom rules, which are written without indentation.
fn platform(rules: &str) -> String {
    format!(
        "apiVersion: onramp/v1\nkubernetesVersion: \"1.34\"\nenvironments: {{ staging: {{}}, prod: {{}} }}\ncustomRules:\n{rules}"
    )
}

/// The metadata of an API, with more keys.
fn metadata(more: &str) -> String {
    let image = if more.contains("image:") { "" } else { "image: registry.example/apis/payments:v2.0.0\n" };
    format!(
        "apiVersion: onramp/v1\nname: payments\nowner: {{ team: payments, email: payments@acme.example }}\n{image}{more}environments: {{ staging: {{}}, prod: {{}} }}\n"
    )
}

fn repo(rules: &str, more: &str) -> Env {
    let env = Env::new();
    env.write("platform.yaml", platform(rules));
    env.write("onboarding/payments/metadata.yaml", metadata(more));
    env
}

/// Lints, and returns a line for each finding.
fn lint(rules: &str, more: &str) -> Vec<String> {
    repo(rules, more).run(&["lint", "--format", "json"]).findings()
}

/// The blocks of a document with this info string, in order.
fn blocks(document: &str, info: &str) -> Vec<String> {
    let start = format!("```{info}\n");
    let each = document.split(&start).skip(1);
    each.filter_map(|rest| Some(rest.split_once("```")?.0.to_owned())).collect()
}

#[test]
fn the_examples_of_the_document_find_what_they_say() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/custom-rules.md");
    let document = fs::read_to_string(path).expect("it can be read");
    let rules = blocks(&document, "yaml rule");
    let (flagged, accepted) = (blocks(&document, "yaml flagged"), blocks(&document, "yaml accepted"));
    assert!(rules.len() >= 5 && rules.len() == flagged.len() && rules.len() == accepted.len());
    for ((rule, flagged), accepted) in rules.iter().zip(&flagged).zip(&accepted) {
        let code = rule.split_whitespace().nth(2).expect("the code comes first");
        let found = lint(rule, flagged);
        assert!(found.iter().any(|finding| finding.starts_with(code)), "{code}: {found:?}");
        let found = lint(rule, accepted);
        assert!(!found.iter().any(|finding| finding.starts_with(code)), "{code}: {found:?}");
        assert!(!found.iter().any(|finding| finding.starts_with("rule-failure")), "{code}: {found:?}");
    }
}

#[test]
fn what_is_wrong_with_an_expression_is_found_at_its_word() {
    let rule = |expression: &str| {
        format!(
            "- code: acme-rule\n  about: objects\n  match: {{ kinds: [Deployment] }}\n  validations:\n  - expression: {expression}\n"
        )
    };
    let shown = |expression: &str| lint(&rule(expression), "").join("\n");
    insta::assert_snapshot!(shown("objekt.spec.replicas == 1"), @"invalid-expression platform.yaml:9:17");
    insta::assert_snapshot!(shown("object.spec.replicas = 1"), @"invalid-expression platform.yaml:9:38");
    insta::assert_snapshot!(shown("object.metadata.name.startswith('a')"), @"invalid-expression platform.yaml:9:38");
    insta::assert_snapshot!(shown("object.spec.replicas + 1"), @"invalid-expression platform.yaml:9:17");
    insta::assert_snapshot!(shown("'a'"), @"invalid-expression platform.yaml:9:18");
    insta::assert_snapshot!(shown("request.userInfo.username != ''"), @"invalid-expression platform.yaml:9:17");
    insta::assert_snapshot!(shown("object.metadata.name.matches('(')"), @"invalid-expression platform.yaml:9:46");
    insta::assert_snapshot!(shown(">-\n      has(object.spec.replicas) &&\n      object.spec.replicas > '1'.size() + nope"), @"invalid-expression platform.yaml:11:43");
    insta::assert_snapshot!(shown("\"cel.bind(x, 1, x == 1)\""), @"invalid-expression platform.yaml:9:22");
}

#[test]
fn a_rule_has_levels_waivers_and_a_page() {
    let rule = "- code: acme-name\n  about: objects\n  match: { kinds: [Deployment] }\n  validations:\n  - { expression: \"object.metadata.name == 'other'\", message: call it `other` }\n  severity: error\n";
    let env = repo(rule, "");
    let found = env.run(&["lint", "--format", "json"]);
    assert_eq!(found.code, 1, "{found}");
    assert!(found.findings().iter().all(|finding| finding.starts_with("acme-name ")), "{found}");
    let explained = env.run(&["explain", "acme-name"]);
    assert!(explained.stdout.starts_with("# acme-name\n\ncall it `other`\n"), "{explained}");
    let sarif = env.run(&["lint", "--format", "sarif"]);
    assert!(sarif.stdout.contains("\"id\":\"acme-name\""), "{sarif}");

    env.write("platform.yaml", platform(&format!("{rule}rules: {{ acme-name: info }}\n")));
    assert_eq!(env.run(&["lint"]).code, 0);
    env.write("platform.yaml", platform(&format!("{rule}rules: {{ acme-nam: info }}\n")));
    let misspelled = env.run(&["lint", "--format", "json"]);
    assert!(misspelled.stdout.contains("did you mean `acme-name`?"), "{misspelled}");

    env.write("platform.yaml", platform(rule));
    env.write(
        "waivers/payments.yaml",
        "apiVersion: onramp/v1\nwaivers:\n- { api: payments, code: acme-name, reason: it had the name before the rule }\n",
    );
    let waived = env.run(&["lint"]);
    assert_eq!(waived.code, 0, "{waived}");
    env.write("platform.yaml", platform(&rule.replace("'other'", "'payments'")));
    let unused = env.run(&["lint", "--format", "json"]).findings();
    assert!(unused.iter().any(|finding| finding.starts_with("unused-waiver")), "{unused:?}");
}

#[test]
fn a_message_tells_no_secret() {
    let rule = "- code: acme-leak\n  about: objects\n  validations:\n  - { expression: \"object.kind != 'Deployment'\", messageExpression: \"string(object.spec.template.spec.containers[0].env[0].value)\" }\n";
    let env = repo(rule, "env: { DB_PASSWORD: correct-horse-battery }\n");
    for format in ["human", "json", "sarif", "github", "markdown"] {
        let found = env.run(&["lint", "--format", format]);
        assert!(found.stdout.contains("acme-leak"), "{found}");
        assert!(!found.stdout.contains("correct-horse"), "{found}");
    }
}

#[test]
fn every_secret_that_a_rule_knows_is_left_out_of_messages() {
    let rule = "- code: acme-leak\n  about: metadata\n  validations:\n  - { expression: \"metadata.name != 'payments'\", messageExpression: \"'it is ' + metadata.env.DB_PASS\" }\n";
    let found = repo(rule, "env: { DB_PASS: hunter2-Zq81xx }\n").run(&["lint", "--format", "json"]);
    assert!(found.stdout.contains("it is ***") && !found.stdout.contains("unter2"), "{found}");
}

#[test]
fn what_fails_tells_no_secret() {
    for expression in [
        "{'a': 1}[metadata.env.DB_TOKEN.substring(1)] == 1",
        "metadata.env.DB_TOKEN == '***' || int(metadata.env.DB_TOKEN) == 1",
    ] {
        let rule = format!(
            "- code: acme-leak\n  about: metadata\n  validations:\n  - expression: \"{expression}\"\n"
        );
        let found = repo(&rule, "env: { DB_TOKEN: hunter2-Zq81xx }\n").run(&["lint", "--format", "json"]);
        assert!(found.stdout.contains("rule-failure"), "{found}");
        assert!(!found.stdout.contains("unter2"), "{found}");
    }
}

#[test]
fn an_expression_that_names_a_password_holds_none() {
    let rule = "- code: acme-leak\n  about: metadata\n  validations:\n  - { expression: \"metadata.name != 'a'\", messageExpression: \"'DB_PASSWORD: ' + string(size(metadata.env.DB_PASSWORD))\" }\n";
    let found = lint(rule, "");
    assert!(!found.iter().any(|finding| finding.starts_with("literal-secret")), "{found:?}");
    // What stands beside the rules is looked at as before.
    let found = lint(&format!("{rule}defaults:\n- env: {{ SMTP_PASSWORD: hunter2-smtp }}\n"), "");
    assert!(found.iter().any(|finding| finding.starts_with("literal-secret")), "{found:?}");
}

#[test]
fn exported_policies_are_what_a_cluster_takes() {
    let rule = "- code: acme-few-pods\n  about: objects\n  match: { kinds: [Deployment], environments: [prod] }\n  params: { most: 5 }\n  variables: [{ name: replicas, expression: object.spec.?replicas.orValue(1) }]\n  validations:\n  - { expression: variables.replicas <= params.most, message: few pods, messageExpression: \"'at most ' + string(params.most)\" }\n  severity: error\n- code: acme-where\n  about: metadata\n  validations: [{ expression: environment.name != '' }]\n";
    let env = repo(rule, "");
    let exported = env.run(&["policy", "export", "--env", "prod"]);
    assert_eq!(exported.code, 0, "{exported}");
    insta::assert_snapshot!(exported, @r#"
    exit code: 0
    ----- stdout -----
    ---
    # Generated by onramp from platform.yaml. Do not edit.
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingAdmissionPolicy
    metadata:
      labels:
        app.kubernetes.io/managed-by: onramp
        platform/environment: prod
      name: onramp-prod-image-without-tag
    spec:
      failurePolicy: Fail
      matchConstraints:
        resourceRules:
        - apiGroups:
          - ""
          apiVersions:
          - v1
          operations:
          - CREATE
          - UPDATE
          resources:
          - pods
        - apiGroups:
          - apps
          apiVersions:
          - v1
          operations:
          - CREATE
          - UPDATE
          resources:
          - daemonsets
          - deployments
          - statefulsets
        - apiGroups:
          - argoproj.io
          apiVersions:
          - v1alpha1
          operations:
          - CREATE
          - UPDATE
          resources:
          - rollouts
        - apiGroups:
          - batch
          apiVersions:
          - v1
          operations:
          - CREATE
          - UPDATE
          resources:
          - cronjobs
          - jobs
      validations:
      - expression: variables.images.all(i, i.contains('@') || i.split('@')[0].split('/')[i.split('@')[0].split('/').size()
          - 1].contains(':'))
        message: each image has a tag or a digest
      variables:
      - expression: 'object.kind == ''Pod'' ? object.spec : object.kind == ''CronJob''
          ? object.spec.jobTemplate.spec.template.spec : object.spec.template.spec'
        name: pod
      - expression: variables.pod.containers + variables.pod.?initContainers.orValue([])
          + variables.pod.?ephemeralContainers.orValue([])
        name: containers
      - expression: variables.containers.filter(c, has(c.image)).map(c, string(c.image))
        name: images
    ---
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingAdmissionPolicyBinding
    metadata:
      labels:
        app.kubernetes.io/managed-by: onramp
        platform/environment: prod
      name: onramp-prod-image-without-tag
    spec:
      matchResources:
        objectSelector:
          matchLabels:
            app.kubernetes.io/managed-by: onramp
      policyName: onramp-prod-image-without-tag
      validationActions:
      - Deny
    ---
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingAdmissionPolicy
    metadata:
      labels:
        app.kubernetes.io/managed-by: onramp
        platform/environment: prod
      name: onramp-prod-acme-few-pods
    spec:
      failurePolicy: Fail
      matchConstraints:
        resourceRules:
        - apiGroups:
          - apps
          apiVersions:
          - v1
          operations:
          - CREATE
          - UPDATE
          resources:
          - deployments
      validations:
      - expression: variables.replicas <= variables.params.most
        message: few pods
        messageExpression: '''at most '' + string(variables.params.most)'
      variables:
      - expression: '{''most'': dyn(5)}'
        name: params
      - expression: object.spec.?replicas.orValue(1)
        name: replicas
    ---
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingAdmissionPolicyBinding
    metadata:
      labels:
        app.kubernetes.io/managed-by: onramp
        platform/environment: prod
      name: onramp-prod-acme-few-pods
    spec:
      matchResources:
        objectSelector:
          matchLabels:
            app.kubernetes.io/managed-by: onramp
      policyName: onramp-prod-acme-few-pods
      validationActions:
      - Deny
    ----- stderr -----
    not exported: acme-where: it is about metadata.yaml, which a cluster does not see
    not exported: committed-secret: a cluster has Secrets, and only a repo must not
    not exported: duplicate-object: a policy sees one object at a time
    not exported: namespace-not-allowed: a pattern of namespaces is for APIs, and says nothing of who else uses a cluster
    not exported: route-claimed-twice: a policy sees one object at a time
    "#);
    env.run(&["policy", "export", "--dir", "out/policies"]).success();
    assert!(env.exists("out/policies/prod.yaml"), "the directory is made");
    let wrong = env.run(&["policy", "export", "--env", "prd"]);
    assert_eq!(wrong.code, 2, "{wrong}");
}

/// A platform whose own rules can be exported.
pub(crate) const STRICT: &str = "apiVersion: onramp/v1\nkubernetesVersion: \"1.34\"\nenvironments: { prod: { requireDigest: true, minReplicas: 2 } }\nimages: { registries: [registry.example/apis, docker.io/library], forbidTags: [latest] }\ntiers: { standard: { limits: { cpu: \"2\", memory: 4Gi }, maxReplicas: 4 } }\n";

/// The exported policies of a platform, by code.
pub(crate) fn policies(platform: &str) -> Vec<(String, Json)> {
    let mut sink = Sink::default();
    let platform = onramp::platform::parse(platform.as_bytes().to_vec(), &mut sink).expect("it can be read");
    assert!(sink.is_empty(), "{:?}", sink.findings());
    let exported = onramp::policy::export(&platform, None, &platform.levels());
    let objects = exported.environments.into_iter().flat_map(|(_, objects)| objects);
    let policies = objects.filter(|object| object["kind"] == "ValidatingAdmissionPolicy");
    policies
        .map(|policy| {
            let name = policy["metadata"]["name"].as_str().expect("it has a name");
            (name.trim_start_matches("onramp-prod-").to_owned(), policy)
        })
        .collect()
}

/// Asks a policy of an object, as a cluster does: whether it lets the object pass.
fn passes(policy: &Json, object: &Json) -> Result<bool, String> {
    let text = |json: &Json| json.as_str().expect("it is a text").to_owned();
    let list = |key: &str| policy["spec"][key].as_array().cloned().unwrap_or_default();
    let roots = ["object", "params"];
    let mut scope = Scope::new(&roots, &[]);
    let mut variables = Vec::new();
    let compile = |expression: &Json, scope: &Scope<'_>, wanted| {
        let expression = text(expression);
        Program::compile(&expression, scope, wanted)
            .unwrap_or_else(|problems| panic!("{expression}: {problems:?}"))
    };
    for variable in list("variables") {
        let program = compile(&variable["expression"], &scope, Wanted::Any);
        scope.declare(&text(&variable["name"]), Some(&program));
        variables.push(program);
    }
    let values = || vec![Value::of(object), Value::Null];
    let truth =
        |program: &Program, variables: &[Program]| match program.evaluate(&Given::new(values(), variables)) {
            Ok(Value::Bool(value)) => Ok(value),
            other => Err(format!("{other:?}")),
        };
    for condition in list("matchConditions") {
        let program = compile(&condition["expression"], &Scope::new(&roots, &[]), Wanted::Bool);
        if !truth(&program, &[])? {
            return Ok(true);
        }
    }
    for validation in list("validations") {
        if !truth(&compile(&validation["expression"], &scope, Wanted::Bool), &variables)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Objects, and whether the exported policy of a code lets them pass.
pub(crate) fn judged() -> Vec<(&'static str, Json, bool)> {
    let pod = |image: &str| json!({ "kind": "Pod", "metadata": { "namespace": "x" }, "spec": { "containers": [{ "image": image }] } });
    let sized = |replicas: u32, memory: &str| {
        json!({
            "kind": "Deployment",
            "metadata": { "labels": { "platform/tier": "standard" } },
            "spec": { "replicas": replicas, "template": { "spec": { "containers": [
                { "name": "app", "resources": { "limits": { "memory": memory, "example.com/gpu": 1 }, "requests": { "cpu": 1 } } },
                { "name": "side" },
            ] } } },
        })
    };
    let scaled = |least: u32, most: u32| {
        json!({
            "kind": "HorizontalPodAutoscaler",
            "metadata": { "labels": { "platform/tier": "standard" } },
            "spec": { "minReplicas": least, "maxReplicas": most },
        })
    };
    let digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    vec![
        ("image-registry-not-allowed", pod("registry.example/apis/web:1"), true),
        ("image-registry-not-allowed", pod("registry.example/apis-evil/web:1"), false),
        ("image-registry-not-allowed", pod("nginx:1"), true),
        ("image-registry-not-allowed", pod("someone/nginx:1"), false),
        ("image-registry-not-allowed", pod("localhost:5000/web:1"), false),
        ("image-without-tag", pod("registry.example:5000/apis/web"), false),
        ("image-without-tag", pod("registry.example:5000/apis/web:1"), true),
        ("image-without-tag", pod(&format!("web@{digest}")), true),
        ("forbidden-image-tag", pod("web:latest"), false),
        ("forbidden-image-tag", pod("web:latest-1"), true),
        ("forbidden-image-tag", pod(&format!("web:latest@{digest}")), true),
        ("image-not-pinned", pod("web:1"), false),
        ("image-not-pinned", pod(&format!("web:1@{digest}")), true),
        ("too-few-replicas", scaled(1, 3), false),
        ("too-few-replicas", scaled(2, 3), true),
        ("too-many-replicas", scaled(1, 5), false),
        ("too-many-replicas", scaled(1, 4), true),
        ("too-many-replicas", sized(5, "1Gi"), false),
        ("too-many-replicas", sized(4, "1Gi"), true),
        ("resources-above-tier", sized(1, "5Gi"), false),
        ("resources-above-tier", sized(1, "4Gi"), true),
    ]
}

#[test]
fn exported_policies_judge_as_the_rules_do() {
    let policies = policies(STRICT);
    let mut asked = BTreeSet::new();
    for (code, object, expected) in judged() {
        let (_, policy) = policies.iter().find(|(name, _)| name == code).expect("it is exported");
        assert_eq!(passes(policy, &object), Ok(expected), "{code}: {object}");
        asked.insert(code.to_owned());
    }
    let exported: BTreeSet<String> = policies.into_iter().map(|(code, _)| code).collect();
    assert_eq!(asked, exported, "each policy is asked");
}

#[test]
fn names_that_kubernetes_nearly_has_are_told() {
    let env = Env::with_api(METADATA);
    let platform = env.read("platform.yaml");
    let rule = |kind: &str| {
        format!(
            "customRules:\n- code: own-rule\n  about: objects\n  match: {{ kinds: [{kind}] }}\n  validations: [{{ expression: \"true\", message: wrong }}]\n"
        )
    };
    let found = |more: &str| {
        env.write("platform.yaml", format!("{platform}{more}"));
        let findings = env.run(&["lint", "--format", "json"]).findings();
        findings
            .iter()
            .map(|finding| finding.split(' ').next().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    for wrong in [
        rule("Deploiment"),
        "extraResources: { kinds: [DeamonSet] }\n".to_owned(),
        "passthrough: { pod: [\"*\", hostNetwrk] }\n".to_owned(),
        "passthrough: { container: [securityContxt.privileged] }\n".to_owned(),
    ] {
        assert_eq!(found(&wrong), ["misspelt-name"], "{wrong}");
    }
    for right in [
        rule("Deployment"),
        rule("Deploiment.acme.example"),
        rule("Widget"),
        "extraResources: { kinds: [DaemonSet, Rollout] }\n".to_owned(),
        "passthrough: { pod: [\"*\", hostNetwork, volumes.hostPath], container: [securityContext.privileged] }\n".to_owned(),
    ] {
        assert_eq!(found(&right), Vec::<String>::new(), "{right}");
    }
}

#[test]
fn a_rule_that_cannot_be_asked_is_told_once() {
    let rule = |expression: &str| {
        format!("- code: acme-labels\n  about: objects\n  validations:\n  - expression: {expression}\n")
    };
    let failures = |expression: &str| {
        let report =
            repo(&rule(expression), "ports: { http: 8080 }\n").run(&["lint", "--format", "json"]).json();
        let all = report["findings"].as_array().expect("a list").clone();
        all.into_iter().filter(|finding| finding["code"] == "rule-failure").collect::<Vec<_>>()
    };
    let missing = failures("object.metadata.labels['acme.example/team'] != ''");
    assert_eq!(missing.len(), 1, "{missing:?}");
    let message = missing[0]["message"].as_str().expect("a text");
    assert!(message.contains("nor can it of 2 other objects"), "{message}");
    assert_eq!(missing[0]["environments"], json!(["staging", "prod"]));
    assert!(missing[0]["help"].as_str().is_some_and(|help| help.contains("has(")), "{missing:?}");
    // What has another cause is not mended by asking for the field.
    let other = failures("int(object.metadata.name) == 1");
    assert_eq!(other.len(), 1, "{other:?}");
    assert!(other[0]["help"].is_null(), "{other:?}");
}
