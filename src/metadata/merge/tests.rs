//! The merge spike: small fixtures that say, for every layer, which value wins and where it points.

use std::sync::Arc;

use crate::diagnostic::Sink;
use crate::metadata::{self, Metadata};
use crate::platform::{self, LoadedPlatform};
use crate::report::Position;
use crate::yaml::Sources;

/// Lines before `defaults` in the platform of these fixtures.
const PLATFORM: &str = "\
apiVersion: onramp/v1
environments: { staging: {}, prod: {} }
tiers:
  small: { requests: { cpu: 100m }, limits: { cpu: 200m } }
";

/// Lines before what a fixture adds to metadata.yaml.
const API: &str = "\
apiVersion: onramp/v1
name: payments
owner: { team: payments, email: p@acme.example }
image: registry.example/payments:v1
";

struct Case {
    platform: LoadedPlatform,
    metadata: Option<Metadata>,
    findings: Vec<String>,
}

/// Merges the layers; `staging` and `prod` are always named.
fn merge(defaults: &str, api: &str, staging: &str) -> Case {
    let mut sink = Sink::default();
    let platform_text = format!("{PLATFORM}{defaults}");
    let platform = platform::parse(platform_text.into_bytes(), &mut sink);
    let mut findings = Vec::new();
    let Some(platform) = platform else { panic!("the platform is broken: {:?}", sink.into_findings()) };
    let text = format!("{API}{api}environments:\n  prod: {{}}\n  staging:\n{staging}");
    let path: Arc<str> = "metadata.yaml".into();
    let metadata = metadata::read(&path, text.clone().into_bytes(), &platform, &mut sink);
    for finding in sink.into_findings() {
        let file = if *finding.primary.path == *platform::PATH { &platform.source.text } else { &text };
        let at = Position::of(file, finding.primary.span.map_or(0, |span| span.start));
        findings.push(format!("{} {}:{}:{}", finding.code.name, finding.primary.path, at.line, at.column));
    }
    Case { platform, metadata, findings }
}

impl Case {
    /// Writes `value <- file:line:column` of a path in staging.
    fn staging(&self, path: &[&str]) -> String {
        self.show(path, |metadata| {
            let staging = metadata.environments.iter().find(|environment| environment.name == "staging");
            &staging.expect("staging is named in every fixture").merged.tree
        })
    }

    /// Writes the same of the top.
    fn top(&self, path: &[&str]) -> String {
        self.show(path, |metadata| &metadata.top.tree)
    }

    fn show<'a>(&'a self, path: &[&str], tree: impl Fn(&'a Metadata) -> &'a crate::yaml::Node) -> String {
        let metadata = self.metadata.as_ref().unwrap_or_else(|| panic!("not read: {:?}", self.findings));
        let sources = Sources::new(vec![&self.platform.built_in, &self.platform.source, &metadata.source]);
        let (node, taken) = tree(metadata).follow(path.iter().copied());
        if taken < path.len() {
            return "nothing".to_owned();
        }
        let source = sources.of(node.span);
        let at = Position::of(&source.text, node.span.start as usize);
        format!("{} <- {}:{}:{}", node.to_json(), source.path, at.line, at.column)
    }
}

/// Checks values and places in staging.
fn check(defaults: &str, api: &str, staging: &str, expected: &[(&[&str], &str)]) {
    let case = merge(defaults, api, staging);
    assert_eq!(case.findings, Vec::<String>::new());
    for (path, expected) in expected {
        assert_eq!(case.staging(path), *expected, "{path:?}");
    }
}

/// Checks what is found wrong, and where.
fn refuse(defaults: &str, api: &str, staging: &str, expected: &[&str]) {
    assert_eq!(merge(defaults, api, staging).findings, expected);
}

const NONE: &str = "    {}\n";

#[test]
fn the_weakest_layer_holds_where_nothing_else_speaks() {
    check("", "", NONE, &[(&["replicas"], "1 <- <built-in defaults>:2:11")]);
}

#[test]
fn each_layer_wins_over_the_ones_below() {
    let defaults = "defaults: [{ podAnnotations: { a: platform, b: platform, c: platform } }]\n";
    let api = "podAnnotations: { b: api, c: api }\n";
    check(
        defaults,
        api,
        "    podAnnotations: { c: staging }\n",
        &[
            (&["podAnnotations", "a"], "\"platform\" <- platform.yaml:5:35"),
            (&["podAnnotations", "b"], "\"api\" <- metadata.yaml:5:22"),
            (&["podAnnotations", "c"], "\"staging\" <- metadata.yaml:9:26"),
        ],
    );
}

#[test]
fn an_environment_does_not_touch_the_top() {
    let case = merge("", "env: { A: top }\n", "    env: { A: staging }\n");
    assert_eq!(case.top(&["env", "A"]), "\"top\" <- metadata.yaml:5:11");
    assert_eq!(case.staging(&["env", "A"]), "\"staging\" <- metadata.yaml:9:15");
}

#[test]
fn later_defaults_win_over_earlier_ones() {
    let defaults = "defaults:\n- labels: { a: one }\n- labels: { a: two }\n";
    check(defaults, "", NONE, &[(&["labels", "a"], "\"two\" <- platform.yaml:7:16")]);
}

#[test]
fn defaults_match_by_tier_lifecycle_and_team() {
    let defaults = "\
defaults:
- match: { tier: small }
  labels: { tier: 'yes' }
- match: { tier: large }
  labels: { other: 'no' }
- match: { team: [orders, payments] }
  labels: { team: 'yes' }
- match: { team: payments, lifecycle: poc }
  labels: { both: 'no' }
";
    check(
        defaults,
        "tier: small\n",
        NONE,
        &[
            (&["labels", "tier"], "\"yes\" <- platform.yaml:7:19"),
            (&["labels", "other"], "nothing"),
            (&["labels", "team"], "\"yes\" <- platform.yaml:11:19"),
            (&["labels", "both"], "nothing"),
        ],
    );
}

#[test]
fn a_tier_gives_resources_and_the_api_overrides_one() {
    check(
        "",
        "tier: small\nresources: { limits: { cpu: 150m } }\n",
        NONE,
        &[
            (&["resources", "requests", "cpu"], "\"100m\" <- platform.yaml:4:29"),
            (&["resources", "limits", "cpu"], "\"150m\" <- metadata.yaml:6:29"),
        ],
    );
}

#[test]
fn lists_replace() {
    check("", "args: [a, b]\n", "    args: [c]\n", &[(&["args"], "[\"c\"] <- metadata.yaml:9:11")]);
}

#[test]
fn null_removes_what_the_top_says() {
    check(
        "",
        "env: { A: '1', B: '2' }\n",
        "    env: { A: null }\n",
        &[(&["env"], "{\"B\":\"2\"} <- metadata.yaml:9:10")],
    );
}

#[test]
fn null_at_the_top_removes_what_the_platform_says() {
    let defaults = "defaults: [{ podAnnotations: { a: x } }]\n";
    check(defaults, "podAnnotations: { a: null }\n", NONE, &[(&["podAnnotations", "a"], "nothing")]);
}

#[test]
fn null_removes_a_whole_map() {
    check(
        "",
        "probes: { liveness: { exec: { command: [x] } } }\n",
        "    probes: { liveness: null }\n",
        &[(&["probes", "liveness"], "nothing")],
    );
}

#[test]
fn null_that_removes_nothing_is_found_in_its_layer() {
    refuse("", "env: { A: '1' }\n", "    env: { B: null }\n", &["nothing-to-remove metadata.yaml:9:15"]);
    refuse("", "env: { A: null }\n", NONE, &["nothing-to-remove metadata.yaml:5:11"]);
    refuse("", "", "    probes: { startup: null }\n", &["nothing-to-remove metadata.yaml:8:24"]);
}

#[test]
fn null_twice_removes_once() {
    let api = "env: { A: '1' }\n";
    refuse("defaults: [{ env: { A: null } }]\n", api, NONE, &["nothing-to-remove platform.yaml:5:24"]);
}

#[test]
fn an_env_value_is_one_unit() {
    check(
        "",
        "env: { A: { secret: s, key: k, optional: true } }\n",
        "    env: { A: { config: c, key: k } }\n",
        &[(&["env", "A"], "{\"config\":\"c\",\"key\":\"k\"} <- metadata.yaml:9:15")],
    );
}

#[test]
fn env_keeps_its_order_and_new_names_go_last() {
    let case = merge("", "env: { A: '1', B: $(A), C: '3' }\n", "    env: { D: '4', B: '2', A: null }\n");
    assert_eq!(case.staging(&["env"]), "{\"B\":\"2\",\"C\":\"3\",\"D\":\"4\"} <- metadata.yaml:9:10");
}

#[test]
fn the_strategy_is_one_unit() {
    check(
        "",
        "strategy: { type: rolling, maxSurge: 1 }\n",
        "    strategy: { type: recreate }\n",
        &[(&["strategy"], "{\"type\":\"recreate\"} <- metadata.yaml:9:15")],
    );
}

#[test]
fn replicas_take_the_place_of_autoscaling() {
    check(
        "",
        "autoscaling: { min: 2, max: 4 }\n",
        "    replicas: 1\n",
        &[(&["autoscaling"], "nothing"), (&["replicas"], "1 <- metadata.yaml:9:15")],
    );
}

#[test]
fn ways_of_rewriting_exclude_each_other() {
    let api = "routes: { unified: { prefix: /p, strip: false, tls: { issuer: one, secret: s } } }\n";
    let case = merge("", api, "    routes: { unified: { rewritePrefix: /x, tls: { secret: t } } }\n");
    assert_eq!(case.findings, Vec::<String>::new());
    let tree = &case.metadata.as_ref().expect("it is valid").environments[0].merged.tree;
    let unified = tree.get("routes").and_then(|routes| routes.get("unified")).expect("it is there");
    // A certificate is one unit.
    let expected = serde_json::json!({ "prefix": "/p", "tls": { "secret": "t" }, "rewritePrefix": "/x" });
    assert_eq!(unified.to_json(), expected);
}

#[test]
fn autoscaling_takes_the_place_of_replicas() {
    check(
        "",
        "",
        "    autoscaling: { min: 2, max: 4 }\n",
        &[(&["replicas"], "nothing"), (&["autoscaling", "max"], "4 <- metadata.yaml:8:33")],
    );
}

#[test]
fn autoscaling_is_one_unit() {
    check(
        "",
        "autoscaling: { min: 2, max: 4, cpu: 70 }\n",
        "    autoscaling: { min: 1, max: 2 }\n",
        &[(&["autoscaling", "cpu"], "nothing")],
    );
}

#[test]
fn half_an_autoscaling_is_refused_where_it_stands() {
    refuse(
        "",
        "autoscaling: { min: 2, max: 4 }\n",
        "    autoscaling: { max: 9 }\n",
        &["missing-key metadata.yaml:9:20"],
    );
}

#[test]
fn a_probe_keeps_its_numbers_when_its_handler_changes() {
    let api = "probes: { readiness: { httpGet: { path: /r, port: 80 }, periodSeconds: 5 } }\n";
    check(
        "",
        api,
        "    probes: { readiness: { tcpSocket: { port: 81 } } }\n",
        &[
            (&["probes", "readiness", "httpGet"], "nothing"),
            (&["probes", "readiness", "tcpSocket", "port"], "81 <- metadata.yaml:9:47"),
            (&["probes", "readiness", "periodSeconds"], "5 <- metadata.yaml:5:72"),
        ],
    );
}

#[test]
fn a_probe_handler_is_one_unit() {
    let api = "probes: { readiness: { httpGet: { path: /r, port: 80, scheme: HTTPS } } }\n";
    check(
        "",
        api,
        "    probes: { readiness: { httpGet: { port: 81 } } }\n",
        &[(&["probes", "readiness", "httpGet"], "{\"port\":81} <- metadata.yaml:9:37")],
    );
}

#[test]
fn a_port_is_one_unit() {
    check(
        "",
        "ports: { http: { containerPort: 80, servicePort: 8080 } }\n",
        "    ports: { http: 81 }\n",
        &[(&["ports", "http"], "81 <- metadata.yaml:9:20")],
    );
}

#[test]
fn a_map_takes_the_place_of_a_scalar() {
    check(
        "",
        "env: { A: text }\n",
        "    env: { A: { field: metadata.name } }\n",
        &[(&["env", "A", "field"], "\"metadata.name\" <- metadata.yaml:9:24")],
    );
}

#[test]
fn config_files_merge_in_their_map_form_only() {
    check(
        "",
        "config: { files: { a: config/a, b: config/b } }\n",
        "    config: { files: { b: config/staging/b } }\n",
        &[(&["config", "files"], "{\"a\":\"config/a\",\"b\":\"config/staging/b\"} <- metadata.yaml:9:22")],
    );
    check(
        "",
        "config: { files: [config/a] }\n",
        "    config: { files: [config/staging/b] }\n",
        &[(&["config", "files"], "[\"config/staging/b\"] <- metadata.yaml:9:22")],
    );
}

#[test]
fn an_alias_points_at_itself() {
    check("", "labels: { a: &x one, b: *x }\n", NONE, &[(&["labels", "b"], "\"one\" <- metadata.yaml:5:25")]);
}

#[test]
fn a_disabled_environment_is_left_out() {
    let case = merge("", "", "    enabled: false\n");
    let names: Vec<&str> = case
        .metadata
        .iter()
        .flat_map(|metadata| &metadata.environments)
        .map(|known| known.name.as_str())
        .collect();
    assert_eq!(names, ["prod"]);
}

#[test]
fn a_wrong_value_is_found_in_its_layer() {
    for (api, staging, expected) in [
        ("replicas: many\n", NONE, "wrong-type metadata.yaml:5:11"),
        ("", "    replicas: many\n", "wrong-type metadata.yaml:8:15"),
        ("env: { A: [x] }\n", NONE, "wrong-type metadata.yaml:5:11"),
        ("", "    env: { A: [x] }\n", "wrong-type metadata.yaml:8:15"),
        ("", "    prots: {}\n", "unknown-key metadata.yaml:8:5"),
        ("env: { A: 1.10 }\n", NONE, "unquoted-text metadata.yaml:5:11"),
        ("", "    env:\n      A: 1.10\n", "unquoted-text metadata.yaml:9:10"),
        ("", "    image: a b\n", "invalid-value metadata.yaml:8:12"),
    ] {
        refuse("", api, staging, &[expected]);
    }
}

#[test]
fn a_wrong_value_of_the_platform_is_found_there() {
    for (defaults, expected) in [
        ("defaults: [{ labels: { a: [x] } }]\n", "wrong-type platform.yaml:5:27"),
        ("defaults: [{ env: { A: 1.10 } }]\n", "unquoted-text platform.yaml:5:24"),
        ("defaults: [{ lables: {} }]\n", "unknown-key platform.yaml:5:14"),
    ] {
        let mut sink = Sink::default();
        let text = format!("{PLATFORM}{defaults}");
        assert!(platform::parse(text.clone().into_bytes(), &mut sink).is_none(), "{defaults}");
        let found: Vec<String> = sink
            .into_findings()
            .into_iter()
            .map(|finding| {
                let at = Position::of(&text, finding.primary.span.map_or(0, |span| span.start));
                format!("{} {}:{}:{}", finding.code.name, finding.primary.path, at.line, at.column)
            })
            .collect();
        assert_eq!(found, [expected]);
    }
}

#[test]
fn what_only_the_merge_brings_together_is_found_where_it_was_written() {
    // Both layers are fine alone: the probe's two handlers come from two of them.
    let defaults = "defaults: [{ probes: { liveness: { exec: { command: [x] } } } }]\n";
    check(
        defaults,
        "probes: { liveness: { grpc: { port: 1 } } }\n",
        NONE,
        &[
            (&["probes", "liveness", "exec"], "nothing"),
            (&["probes", "liveness", "grpc", "port"], "1 <- metadata.yaml:5:37"),
        ],
    );
}

#[test]
fn null_in_a_unit_removes_nothing() {
    refuse(
        "",
        "identity: { selector: { a: b } }\n",
        "    identity: { selector: { a: null, c: d } }\n",
        &["nothing-to-remove metadata.yaml:9:32"],
    );
}

#[test]
fn an_environment_adds_to_patches_and_extra_resources() {
    let api = "patches: [patches/a.yaml]\nextraResources: [resources/a.yaml]\n";
    let case = merge("", api, "    patches: [patches/staging/b.yaml]\n    args: [one]\n");
    assert_eq!(case.findings, Vec::<String>::new());
    let both = "[\"patches/a.yaml\",\"patches/staging/b.yaml\"] <- metadata.yaml:10:14";
    assert_eq!(case.staging(&["patches"]), both);
    assert_eq!(case.top(&["patches"]), "[\"patches/a.yaml\"] <- metadata.yaml:5:10");
    assert_eq!(case.staging(&["extraResources"]), "[\"resources/a.yaml\"] <- metadata.yaml:6:17");
    // Each leads to the layer that names it.
    let place = |index: usize| {
        let staging = case.metadata.as_ref().unwrap().environments.iter().find(|here| here.name == "staging");
        let list = staging.unwrap().merged.tree.get("patches").unwrap();
        list.items()[index].span.start
    };
    assert!(place(0) < place(1));
    let alone = merge("", "", "    extraResources: [resources/staging/b.yaml]\n");
    assert_eq!(alone.findings, Vec::<String>::new());
    assert_eq!(alone.top(&["extraResources"]), "nothing");
    assert_eq!(alone.staging(&["extraResources"]), "[\"resources/staging/b.yaml\"] <- metadata.yaml:8:21");
}
