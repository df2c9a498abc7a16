use serde_json::json;

use super::*;
use crate::diagnostic::Diagnostic;
use crate::yaml::{self, Source, SourceId};

fn version(text: &str) -> Version {
    Version::nearest(text).expect("it is a version").version
}

fn kind<'a>(api_version: &'a str, kind: &'a str) -> Target<'a> {
    Target::Kind { api_version, kind }
}

/// Checks a text against a target, and returns each finding's code and message with what it points at.
fn findings(version: Version, target: Target<'_>, place: &[&str], text: &str) -> Vec<String> {
    let source = Source { id: SourceId(0), path: "a.yaml".into(), text: text.to_owned() };
    let mut sink = Sink::default();
    let tree = yaml::parse(&source, &mut sink).expect("it is YAML");
    assert!(sink.is_empty(), "{:?}", sink.into_findings());
    let sources = Sources::new(vec![&source]);
    let fits = check(version, target, place, &tree, &sources, &mut sink).expect("there is a schema");
    assert_eq!(fits, sink.is_empty());
    let words = |finding: Diagnostic| {
        let span = finding.primary.span.unwrap_or_default();
        let at = text[span].lines().next().unwrap_or_default().to_owned();
        format!("{}: {} | {} | {at}", finding.code.name, finding.message, finding.help.unwrap_or_default())
    };
    sink.into_findings().into_iter().map(words).collect()
}

#[test]
fn every_kind_has_a_schema_in_every_version_and_nothing_else_has() {
    for version in VERSIONS {
        for (api_version, name) in store::kinds() {
            let schema = schema(*version, kind(api_version, name));
            let schema = schema.unwrap_or_else(|| panic!("{version} {api_version} {name}"));
            assert!(
                schema.accepts(&json!({ "apiVersion": api_version, "kind": name })) || name != "ConfigMap"
            );
            assert!(!schema.accepts(&json!({ "apiVersion": api_version, "kind": "Other" })), "{name}");
            assert!(!schema.accepts(&json!({ "apiVersion": "other/v1", "kind": name })), "{name}");
            assert!(!schema.accepts(&json!({ "nosuch": {} })), "{name}");
        }
        let config = schema(*version, kind("v1", "ConfigMap")).expect("it is known");
        assert!(config.accepts(&json!({ "apiVersion": "v1", "kind": "ConfigMap", "data": { "a": "b" } })));
    }
    for unknown in [kind("v1", "Deployment"), kind("a.example/v1", "A"), Target::Definition("Nothing")] {
        assert!(schema(version("1.33"), unknown).is_none(), "{unknown:?}");
    }
}

/// What no kind leads to in a version is not looked at by the test above.
#[test]
fn every_definition_compiles_in_every_version_that_has_it() {
    for name in store::names() {
        let mut last = None;
        let mut compiled = 0;
        for version in VERSIONS {
            let json = store::json(*version, Target::Definition(name));
            // Most do not change from version to version.
            if json.is_some() && json != last {
                assert!(store::schema(*version, Target::Definition(name)).is_some());
                compiled += 1;
            }
            last = json;
        }
        assert!(compiled > 0, "{name} is in a version that is not listed");
    }
}

#[test]
fn a_definition_has_its_last_part_as_a_name_where_that_says_it_all() {
    let version = version("1.33");
    for name in [
        "PodSpec",
        "Container",
        "Volume",
        "Probe",
        "PodTemplateSpec",
        "ObjectMeta",
        "DeploymentSpec",
        "StatefulSetSpec",
        "DaemonSetSpec",
        "CronJobSpec",
        "JobSpec",
        "ServiceSpec",
        "ServicePort",
        "MetricSpec",
        "HorizontalPodAutoscalerBehavior",
        "VolumeProjection",
        "NetworkPolicySpec",
        "ResourceQuotaSpec",
        "LimitRangeSpec",
        "PodDisruptionBudgetSpec",
        "autoscaling.v1.HorizontalPodAutoscalerSpec",
        "autoscaling.v2.HorizontalPodAutoscalerSpec",
    ] {
        assert!(schema(version, Target::Definition(name)).is_some(), "{name}");
        assert!(schema(version, Target::Part(name)).is_some(), "{name}");
    }
    assert!(schema(version, Target::Definition("HorizontalPodAutoscalerSpec")).is_none(), "which one?");
}

#[test]
fn a_path_leads_into_a_kind() {
    let steps = Target::Definition("argoproj.io.v1alpha1.Rollout/spec/strategy/canary/steps");
    let text = "- setWeight: 20\n- pause: { duration: 10m }\n- setWieght: 40\n";
    assert_eq!(
        findings(version("1.33"), steps, &["strategy", "steps"], text),
        [
            "unknown-key: unknown key `setWieght` in `strategy.steps.2` | did you mean `setWeight`? | setWieght"
        ]
    );
    let rule = Target::Definition("networking.v1.Ingress/spec/rules/[]");
    assert!(findings(version("1.33"), rule, &[], "host: a.example\n").is_empty());
    assert!(schema(version("1.33"), Target::Definition("PodSpec/nosuch")).is_none());
    assert!(schema(version("1.33"), Target::Definition("PodSpec/volumes/name")).is_none());
}

#[test]
fn a_part_needs_nothing_itself_and_all_that_is_inside() {
    let version = version("1.33");
    assert!(findings(version, Target::Part("PodSpec"), &["pod"], "priorityClassName: high\n").is_empty());
    assert!(findings(version, Target::Part("Container"), &["container"], "tty: true\n").is_empty());
    assert_eq!(
        findings(version, Target::Definition("Container"), &["container"], "tty: true\n"),
        ["missing-key: `container` lacks the key `name` | add `name:` | tty"]
    );
    let nested = "initContainers:\n- tty: true\nvolumes:\n- emptyDir: {}\n";
    assert_eq!(
        findings(version, Target::Part("PodSpec"), &["pod"], nested),
        [
            "missing-key: `pod.initContainers.0` lacks the key `name` | add `name:` | tty",
            "missing-key: `pod.volumes.0` lacks the key `name` | add `name:` | emptyDir",
        ]
    );
}

#[test]
fn versions_differ_where_a_field_came() {
    let cases = [
        ("PodSpec", "resources: { limits: { cpu: 1 } }\n", "1.31", "1.32"),
        ("PodSpec", "hostnameOverride: a\n", "1.33", "1.34"),
        ("Container", "restartPolicyRules: []\n", "1.33", "1.34"),
        ("Container", "restartPolicy: OnFailure\n", "1.33", "1.34"),
        ("Volume", "image: { reference: a }\n", "1.30", "1.31"),
        ("ServiceSpec", "trafficDistribution: PreferClose\n", "1.29", "1.30"),
        ("PodSecurityContext", "supplementalGroupsPolicy: Strict\n", "1.30", "1.31"),
        ("PodDisruptionBudgetSpec", "unhealthyPodEvictionPolicy: AlwaysAllow\n", "1.25", "1.26"),
        ("Toleration", "operator: Gt\n", "1.34", "1.35"),
    ];
    for (name, text, without, with) in cases {
        for version in VERSIONS {
            let fits = findings(*version, Target::Part(name), &[], text).is_empty();
            assert!(
                fits || *version < Version::nearest(with).expect("a version").version,
                "{version} {text}"
            );
            assert!(
                !fits || *version > Version::nearest(without).expect("a version").version,
                "{version} {text}"
            );
        }
    }
    // The one field that went.
    assert!(!findings(version("1.36"), Target::Part("PodSpec"), &[], "workloadRef: {}\n").is_empty());
}

#[test]
fn a_key_with_null_is_no_key_but_its_name_counts() {
    let version = version("1.33");
    let object = kind("apps/v1", "Deployment");
    let dumped = "apiVersion: apps/v1
kind: Deployment
metadata:
  creationTimestamp: null
  name: a
spec:
  selector: { matchLabels: { app: a } }
  strategy: {}
  template:
    metadata: { creationTimestamp: null }
    spec:
      containers:
      - { name: a, image: b, resources: null }
status: {}
";
    assert_eq!(findings(version, object, &[], dumped), [""; 0]);
    assert_eq!(
        findings(version, object, &[], &dumped.replace("strategy: {}", "stratgy: null")),
        ["unknown-key: unknown key `stratgy` in `spec` | did you mean `strategy`? | stratgy"]
    );
    assert_eq!(
        findings(version, object, &[], &dumped.replace("name: a, image", "name: null, image")),
        ["missing-key: `spec.template.spec.containers.0` lacks the key `name` | add `name:` | name"]
    );
    assert_eq!(
        findings(version, object, &[], &dumped.replace("- { name: a, image: b, resources: null }", "- null")),
        ["wrong-type: `spec.template.spec.containers.0` must be a map, but is null | write a map | null"]
    );
}

/// In quotes it is text to all; without quotes `yaml::parse` refuses it, since readers disagree.
#[test]
fn an_octal_mode_is_written_as_the_number_it_is() {
    let volume = "- { name: a, secret: { secretName: s, defaultMode: \"0644\" } }\n";
    assert_eq!(
        findings(version("1.33"), Target::Definition("PodSpec/volumes"), &["pod", "volumes"], volume),
        ["wrong-type: `pod.volumes.0.secret.defaultMode` must be an integer, but is a string \
          | write `defaultMode: 420`, which is octal 0644 | \"0644\""]
    );
}

#[test]
fn schemas_are_made_once() {
    let one = schema(version("1.30"), kind("v1", "Secret")).expect("it is known");
    let other = schema(version("1.30"), kind("v1", "Secret")).expect("it is known");
    assert!(Arc::ptr_eq(&one, &other));
    assert!(!Arc::ptr_eq(&one, &schema(version("1.31"), kind("v1", "Secret")).expect("it is known")));
}
