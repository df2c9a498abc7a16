//! Patches and extra resources, as lint reads them: beyond one mistake at a time, which the pages of the rules and
//! the conformance table have.

use crate::env::Env;

mod environments;

const METADATA: &str = "\
apiVersion: onramp/v1
name: payments
owner: { team: payments, email: payments@acme.example }
image: registry.example/apis/payments:v2.0.0
ports: { http: 8080 }
";
const PATH: &str = "onboarding/payments/metadata.yaml";
const PATCH: &str = "onboarding/payments/patches/a.yaml";
const RESOURCE: &str = "onboarding/payments/resources/a.yaml";

fn env(more: &str) -> Env {
    let environments =
        if more.contains("environments:") { "" } else { "environments: { staging: {}, prod: {} }\n" };
    Env::with_api(&format!("{METADATA}{environments}{more}"))
}

fn findings(env: &Env) -> Vec<String> {
    env.run(&["lint", "--format", "json"]).findings()
}

/// The messages of all findings.
fn messages(env: &Env) -> Vec<String> {
    let report = env.run(&["lint", "--format", "json"]).json();
    let each = report["findings"].as_array().expect("a list").iter();
    each.map(|finding| finding["message"].as_str().expect("a text").to_owned()).collect()
}

#[test]
fn a_patch_with_a_target_may_be_for_some_environments() {
    let target = "{ path: patches/a.yaml, target: { kind: HorizontalPodAutoscaler } }";
    let text = format!(
        "environments: {{ staging: {{}}, prod: {{ resources: {{ requests: {{ cpu: 10m }} }}, autoscaling: {{ min: 2, max: 4 }} }} }}\npatches: [{target}]\n"
    );
    let some = env(&text);
    some.write(PATCH, "- { op: replace, path: /spec/maxReplicas, value: 6 }\n");
    assert_eq!(findings(&some), Vec::<String>::new());
    some.write(PATCH, "- { op: replace, path: /spec/maxReplica, value: 6 }\n");
    assert_eq!(messages(&some), ["`HorizontalPodAutoscaler payments` has no `/spec/maxReplica` in `prod`"]);
    // Without a target it has to be there in all of them.
    some.edit(PATH, target, "patches/a.yaml");
    some.write(
        PATCH,
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: payments }\n",
    );
    assert_eq!(messages(&some), ["the API has no `HorizontalPodAutoscaler payments` in `staging`"]);
}

#[test]
fn patches_see_what_the_ones_before_them_did() {
    let target = "target: { kind: Deployment, name: payments }";
    let env = env(&format!("patches: [patches/a.yaml, {{ path: patches/b.yaml, {target} }}]\n"));
    let merge = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: payments }\nspec:\n  template:\n    spec:\n      \
                 containers: [{ name: first, image: registry.example/apis/x:v1 }]\n";
    env.write(PATCH, merge);
    // The new container comes first, so this is the one that was there.
    env.write(
        "onboarding/payments/patches/b.yaml",
        "- { op: test, path: /spec/template/spec/containers/1/name, value: app }\n",
    );
    assert_eq!(findings(&env), Vec::<String>::new());
    env.write(PATCH, merge.replace("name: first", "name: app"));
    assert_eq!(findings(&env), ["missing-patch-path onboarding/payments/patches/b.yaml:1:21"]);
}

#[test]
fn each_mistake_of_a_file_is_found_where_it_stands() {
    let env = env("patches: [patches/a.yaml]\nextraResources: [resources/a.yaml]\n");
    env.write(
        PATCH,
        "# one\napiVersion: apps/v1\nkind: Deployment\nmetadata: { name: paymets }\n---\napiVersion: apps/v1\nkind: Deployment\n\
         metadata: { name: payments }\nspec:\n  paused: null\n  $setElementOrder/x: []\n---\nkind: Deployment\n",
    );
    env.write(
        RESOURCE,
        "apiVersion: v1\nkind: List\nitems:\n- { apiVersion: v1, kind: ConfigMap, metadata: { name: x }, data: { a: 010 } }\n---\n\
         - none\n",
    );
    let found = findings(&env);
    assert_eq!(
        found,
        [
            format!("invalid-patch {PATCH}:11:3"),
            format!("invalid-patch {PATCH}:13:1"),
            format!("invalid-patch {PATCH}:13:1"),
            format!("ambiguous-scalar {RESOURCE}:4:72"),
        ]
    );
    let report = env.run(&["lint", "--format", "json"]).json();
    for finding in report["findings"].as_array().expect("a list") {
        assert_eq!(finding["related"][0]["location"]["path"], PATH, "{finding}");
    }
    env.edit(RESOURCE, "010", "\"010\"");
    env.edit(PATCH, "  $setElementOrder/x: []\n---\nkind: Deployment\n", "");
    assert_eq!(
        findings(&env),
        [
            format!("unknown-patch-target {PATCH}:4:19"),
            format!("ineffective-patch {PATCH}:10:3"),
            format!("invalid-resource {RESOURCE}:6:3"),
        ]
    );
}

#[test]
fn nothing_of_a_secret_is_shown() {
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: { name: x }\nstringData: { greeting: hunter2 }\n";
    let json = "{\"kind\":\"Secret\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"x\"},\"data\":{\"greeting\":\"hunter2\"}}";
    let list = format!("apiVersion: v1\nkind: List\nitems:\n- {json}\n- {{ kind: ConfigMap }}\n");
    let texts = [secret.to_owned(), json.to_owned(), list, format!("{secret}---\nkind: X\n")];
    for text in &texts {
        let env = env("extraResources: [resources/a.yaml]\n");
        env.write(RESOURCE, text);
        let printed = env.run(&["lint"]);
        assert!(printed.stdout.contains("committed-secret"), "{printed}");
        assert!(!printed.stdout.contains("hunter2"), "{printed}");
        env.write(RESOURCE, format!("{text}a: 0644 hunter2: [\n"));
        let printed = env.run(&["lint"]);
        assert!(!printed.stdout.contains("hunter2"), "{printed}");
        assert!(!findings(&env).is_empty());
    }
    // A patch of one neither.
    let env = env("patches: [patches/a.yaml]\n");
    env.write(PATCH, secret);
    let printed = env.run(&["lint"]);
    assert!(printed.stdout.contains("committed-secret") && !printed.stdout.contains("hunter2"), "{printed}");
}

#[test]
fn kinds_go_by_their_group() {
    let allow = |kinds: &str, object: &str| {
        let env = env("extraResources: [resources/a.yaml]\n");
        let platform = env.read("platform.yaml");
        env.write("platform.yaml", format!("{platform}extraResources: {{ kinds: [{kinds}] }}\n"));
        env.write(RESOURCE, format!("{object}\nmetadata: {{ name: x }}\n"));
        findings(&env)
    };
    let knative = "apiVersion: serving.knative.dev/v1\nkind: Service";
    let refused = |place: &str| [format!("resource-kind-not-allowed {RESOURCE}:{place}")];
    assert_eq!(allow("Service", knative), refused("1:13"));
    assert_eq!(allow("Service.serving.knative.dev", knative), Vec::<String>::new());
    assert_eq!(allow("Backup", "apiVersion: velero.io/v1\nkind: Backup"), Vec::<String>::new());
    assert_eq!(allow("", "apiVersion: v1\nkind: ConfigMap"), refused("2:7"));
    assert_eq!(allow("Namespace", "apiVersion: v1\nkind: ConfigMap").len(), 2);

    // Nor may a patch touch what the API may not bring along.
    let env = env("patches: [patches/a.yaml]\nextraResources: [resources/a.yaml]\n");
    for file in [PATCH, RESOURCE] {
        env.write(file, format!("{knative}\nmetadata: {{ name: x }}\n"));
    }
    let refused = |place: &str| format!("resource-kind-not-allowed {place}");
    let places = [format!("{PATCH}:2:7"), format!("{RESOURCE}:1:13")];
    assert_eq!(findings(&env), places.map(|place| refused(&place)));
}

#[test]
fn an_object_belongs_to_one_api() {
    let env = env("");
    let other = METADATA.replace("payments", "orders");
    let shared =
        "namespace: shop\nextraResources: [resources/a.yaml]\nenvironments: { staging: {}, prod: {} }\n";
    env.write("onboarding/orders/metadata.yaml", format!("{other}{shared}"));
    env.write(
        "onboarding/orders/resources/a.yaml",
        "apiVersion: v1\nkind: Service\nmetadata: { name: payments }\nspec: { ports: [{ port: 80 }] }\n",
    );
    assert_eq!(findings(&env), Vec::<String>::new(), "another namespace");
    env.edit(PATH, "environments:", "namespace: shop\nenvironments:");
    let at = "duplicate-object onboarding/orders/resources/a.yaml:3:19";
    assert_eq!(findings(&env), [at], "once, although there are three clusters");
    assert_eq!(messages(&env), ["`Service payments` in namespace `shop` also belongs to `payments`"]);
    // Both APIs are told.
    for api in ["payments", "orders"] {
        assert_eq!(env.run(&["lint", api, "--format", "json"]).findings(), [at]);
    }
    // Two environments that are one place are told once for all their objects.
    env.remove("onboarding/orders");
    env.edit("platform.yaml", "[prod-eu, prod-us]", "[staging-eu]");
    assert_eq!(
        messages(&env),
        [
            "`Service payments`, `Deployment payments`, `PodDisruptionBudget payments` in namespace `shop` is also that of `staging`"
        ]
    );
}

#[test]
fn images_are_held_to_the_rules_wherever_they_stand() {
    let patch = "{ path: patches/a.yaml, target: { kind: Deployment } }";
    let env = env(&format!("patches: [{patch}, patches/b.yaml]\nextraResources: [resources/a.yaml]\n"));
    env.write(
        "platform.yaml",
        "apiVersion: onramp/v1\nenvironments: { staging: {}, prod: {} }\n\
         images: { registries: [registry.example], forbidTags: [latest] }\n",
    );
    env.write(
        PATCH,
        "- { op: replace, path: /spec/template/spec/containers/0/image, value: evil.example/a:v1 }\n\
         - { op: add, path: /spec/template/spec/containers/-, value: { name: b, image: registry.example/b } }\n\
         - { op: add, path: /spec/template/spec/initContainers, value: [{ name: c, image: registry.example/c:latest }] }\n\
         - { op: test, path: /spec/template/spec/containers/0/image, value: evil.example/a:v1 }\n",
    );
    let second = "onboarding/payments/patches/b.yaml";
    env.write(
        second,
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: payments }\nspec:\n  template:\n    spec:\n      \
         containers: [{ name: d, image: evil.example/d }]\n",
    );
    let resource = |image: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: x }}\ndata: {{ image: none }}\n---\n\
             apiVersion: batch/v1\nkind: Job\nmetadata: {{ name: x }}\nspec:\n  template:\n    spec:\n      restartPolicy: Never\n      \
             containers: [{{ name: e, image: \"{image}\" }}]\n"
        )
    };
    env.write(RESOURCE, resource("registry.example/e:{{TAG}}"));
    let mut expected = vec![
        format!("image-registry-not-allowed {PATCH}:1:71"),
        format!("image-without-tag {PATCH}:2:79"),
        format!("forbidden-image-tag {PATCH}:3:82"),
        format!("image-registry-not-allowed {second}:7:38"),
        format!("image-without-tag {second}:7:38"),
        format!("invalid-image {RESOURCE}:13:38"),
    ];
    assert_eq!(findings(&env), expected);
    // Where an environment asks for a digest, it is asked for here too.
    env.edit("platform.yaml", "prod: {}", "prod: { requireDigest: true }");
    env.edit(PATH, "payments:v2.0.0", &format!("payments@sha256:{}", "0".repeat(64)));
    let unpinned = findings(&env).iter().filter(|finding| finding.starts_with("image-not-pinned")).count();
    assert_eq!(unpinned, 4);
    // The overlay writes the image of the API's own containers, by this name.
    env.edit("platform.yaml", "prod: { requireDigest: true }", "prod: {}");
    env.write(RESOURCE, resource("payments-app"));
    expected.pop();
    assert_eq!(findings(&env), expected);
}

#[test]
fn a_resource_is_held_against_the_schema_of_its_kind() {
    let env = env("extraResources: [resources/a.yaml]\n");
    let policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: a }\nspec: { podSelectr: {} }\n";
    env.write(
        RESOURCE,
        format!(
            "# one\n---\n{policy}---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ServiceAccount\n  \
             metadata: {{ name: b, labels: {{ a: 1 }} }}\n---\napiVersion: a.example/v1\nkind: Own\nmetadata: {{ name: c }}\n"
        ),
    );
    let platform = env.read("platform.yaml");
    env.write(
        "platform.yaml",
        format!("{platform}extraResources: {{ kinds: [NetworkPolicy, ServiceAccount, Own, Ingress] }}\n"),
    );
    assert_eq!(
        findings(&env),
        [format!("unknown-key {RESOURCE}:6:9"), format!("wrong-type {RESOURCE}:13:37")]
    );
    let report = env.run(&["lint", "--format", "json"]).json();
    assert_eq!(report["findings"][0]["help"], "did you mean `podSelector`?");
    assert_eq!(report["findings"][0]["related"][0]["location"]["path"], PATH);
    // What is allowed where it moved to is one finding, not two.
    env.write(RESOURCE, "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: { name: x }\n");
    assert_eq!(findings(&env), [format!("removed-api-version {RESOURCE}:1:13")]);
    // Where that may pass, nobody else says it, nor judges the object by another version.
    let platform = env.read("platform.yaml");
    let level =
        |level: &str| platform.replacen("rules: {", &format!("rules: {{ removed-api-version: {level},"), 1);
    if platform.contains("rules: {") {
        env.write("platform.yaml", level("ignore"));
    } else {
        env.write("platform.yaml", format!("{platform}rules: {{ removed-api-version: ignore }}\n"));
    }
    assert_eq!(findings(&env), Vec::<String>::new());
    env.write("platform.yaml", &platform);
}

#[test]
fn patches_meet_what_a_state_of_life_renders() {
    let env = env(
        "lifecycle: approved\nresources: { requests: { cpu: 10m } }\nautoscaling: { min: 2, max: 4 }\npatches: [patches/a.yaml]\nextraResources: [resources/a.yaml]\n",
    );
    env.write(
        "platform.yaml",
        "apiVersion: onramp/v1\nenvironments: { staging: {}, prod: {} }\nlifecycles:\n  approved: { next: [resting] }\n  \
         resting: { render: scaled-down, next: [retired] }\n  retired: { render: none }\n",
    );
    env.write(
        PATCH,
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: payments }\nspec: { maxReplicas: 5 }\n",
    );
    env.write(RESOURCE, "apiVersion: v1\nkind: Service\nmetadata: { name: payments }\n");
    let taken = format!("duplicate-object {RESOURCE}:3:19");
    assert_eq!(findings(&env), std::slice::from_ref(&taken));
    env.edit(PATH, "approved", "resting");
    assert_eq!(findings(&env), [format!("unknown-patch-target {PATCH}:3:19"), taken]);
    env.edit(PATH, "resting", "retired");
    assert_eq!(findings(&env), Vec::<String>::new());
}

#[test]
fn patches_reach_what_routers_and_rollouts_make() {
    let env = env(
        "patches: [{ path: patches/a.yaml, target: { kind: HTTPRoute } }, { path: patches/b.yaml, target: { kind: Rollout } }]\n\
         routes: { unified: { prefix: /pay } }\nstrategy: { type: canary, steps: [{ weight: 20 }] }\n",
    );
    env.write(
        "platform.yaml",
        "apiVersion: onramp/v1\nrollouts: argo\nenvironments:\n\
         \x20 staging: { unifiedHost: a.example, router: gateway-api, gateway: { name: g, namespace: gateways } }\n\
         \x20 prod: { unifiedHost: b.example, router: gateway-api, gateway: { name: g, namespace: gateways } }\n",
    );
    env.write(PATCH, "- { op: replace, path: /spec/rules/0/backendRefs/0/port, value: 8080 }\n");
    env.write("onboarding/payments/patches/b.yaml", "- { op: add, path: /spec/minReadySeconds, value: 5 }\n");
    assert_eq!(findings(&env), Vec::<String>::new());
    env.edit(PATCH, "rules/0", "rules/1");
    assert_eq!(findings(&env), [format!("missing-patch-path {PATCH}:1:24")]);
}

#[test]
fn one_name_for_two_rendered_objects_is_one_finding() {
    let env = env("environments: { staging: {}, prod: {} }\n");
    env.write(
        "platform.yaml",
        "apiVersion: onramp/v1\nrollouts: argo\nenvironments: { staging: {}, prod: {} }\n",
    );
    env.write(
        PATH,
        "apiVersion: onramp/v1\nname: payments\nowner: { team: payments, email: payments@acme.example }\n\
         image: registry.example/apis/payments:v2.0.0\nenvironments: { prod: {} }\nworkloads:\n\
         \x20 web: { ports: { http: 8080 }, strategy: { type: canary, steps: [{ weight: 20 }] } }\n\
         \x20 web-canary: { ports: { http: 8080 } }\n",
    );
    assert_eq!(messages(&env), ["two objects of kind Service are called `payments-web-canary`"]);
    // Where a key says the name, the finding is there.
    env.edit(PATH, "web-canary: {", "worker: { identity: { service: payments-web },");
    assert_eq!(messages(&env), ["two objects of kind Service are called `payments-web`"]);
    assert_eq!(findings(&env), [format!("duplicate-name {PATH}:8:34")]);
}

/// The codes of all findings, with their places.
fn places(env: &Env, code: &str) -> Vec<String> {
    findings(env).into_iter().filter(|finding| finding.starts_with(code)).collect()
}

#[test]
fn what_a_removal_breaks_is_said_of_the_removal() {
    let target = "patches: [{ path: patches/a.yaml, target: { kind: Deployment } }]\n";
    let limits =
        "resources: { requests: { cpu: 1m, memory: 1Mi } }\nautoscaling: { min: 2, max: 4, cpu: 70 }\n";
    let steps = env(&format!("{target}{limits}"));
    steps.write(
        PATCH,
        "- { op: add, path: /spec/minReadySeconds, value: 3 }\n\
         - { op: remove, path: /spec/template/spec/containers/0/ports }\n\
         - { op: remove, path: /spec/template/spec/containers/0/resources/requests }\n",
    );
    assert_eq!(places(&steps, "unknown-target-port"), [format!("unknown-target-port {PATCH}:2:23")]);
    assert_eq!(
        places(&steps, "autoscaler-without-request"),
        [format!("autoscaler-without-request {PATCH}:3:23")]
    );
    let merged = env(&format!("patches: [patches/a.yaml]\n{limits}"));
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: payments }\nspec:\n  template:\n    spec:\n      containers:\n      - name: app\n";
    merged.write(
        PATCH,
        format!("{deployment}        ports:\n        - {{ containerPort: 8080, protocol: TCP, $patch: delete }}\n        resources: {{ requests: null }}\n"),
    );
    assert_eq!(places(&merged, "unknown-target-port"), [format!("unknown-target-port {PATCH}:10:57")]);
    assert_eq!(places(&merged, "autoscaler-without-request").len(), 1);
    assert!(
        places(&merged, "autoscaler-without-request")[0].contains(&format!("{PATCH}:11:")),
        "{:?}",
        findings(&merged)
    );
    // What a later patch puts back is not gone.
    steps.write(
        PATCH,
        "- { op: remove, path: /spec/template/spec/containers/0/ports }\n\
         - { op: add, path: /spec/template/spec/containers/0/ports, value: [{ name: http, containerPort: 8080 }] }\n",
    );
    assert_eq!(places(&steps, "unknown-target-port"), Vec::<String>::new());
}
