//! What the states of an API's life do to what is rendered of it.

use crate::env::Env;

const PLATFORM: &str = "\
apiVersion: onramp/v1
environments: { prod: { unifiedHost: api.acme.example } }
lifecycles:
  approved: { next: [deprecated] }
  deprecated: { notice: to be switched off, next: [resting] }
  resting: { render: scaled-down, next: [retired] }
  retired: { render: none }
";

fn metadata(name: &str, lifecycle: &str) -> String {
    format!(
        "apiVersion: onramp/v1\nname: {name}\nowner: {{ team: t, email: t@acme.example }}\nlifecycle: {lifecycle}\n\
         image: registry.example/{name}:v1\nports: {{ http: 8080 }}\nautoscaling: {{ min: 2, max: 4 }}\n\
         resources: {{ requests: {{ cpu: 10m }} }}\nconfig: {{ literals: {{ A: b }} }}\nroutes: {{ unified: {{ prefix: /pay }} }}\nenvironments: {{ prod: {{}} }}\n"
    )
}

fn in_state(lifecycle: &str) -> Env {
    let env = Env::new();
    env.write("platform.yaml", PLATFORM);
    env.write("onboarding/payments/metadata.yaml", metadata("payments", lifecycle));
    let _ = env.run(&["render"]).success();
    env
}

fn generated(env: &Env) -> Vec<(String, Vec<u8>)> {
    let mut files = env.files();
    files.retain(|(path, _)| path.starts_with("onboarding/") && !path.ends_with("/metadata.yaml"));
    files
}

#[test]
fn each_state_leads_to_the_same_files_from_any_other() {
    let states = ["approved", "deprecated", "resting", "retired"];
    for from in states {
        let env = in_state(from);
        for to in states {
            env.write("onboarding/payments/metadata.yaml", metadata("payments", to));
            let _ = env.run(&["render"]).success();
            assert!(generated(&env) == generated(&in_state(to)), "{from} to {to}");
        }
    }
    assert!(generated(&in_state("approved")) == generated(&in_state("deprecated")));
}

#[test]
fn a_retired_api_leaves_a_record_and_nothing_else() {
    let paths: Vec<String> = generated(&in_state("retired")).into_iter().map(|(path, _)| path).collect();
    let overlay = "onboarding/payments/overlays/prod";
    assert_eq!(paths, [format!("{overlay}/kustomization.yaml"), format!("{overlay}/record.yaml")]);
}

#[test]
fn a_route_is_free_once_its_api_rests() {
    for (lifecycle, taken) in
        [("approved", true), ("deprecated", true), ("resting", false), ("retired", false)]
    {
        let env = in_state(lifecycle);
        env.write("onboarding/checkout/metadata.yaml", metadata("checkout", "approved"));
        let findings = env.run(&["lint", "--format", "json"]).findings();
        let claimed = findings.iter().any(|finding| finding.starts_with("route-claimed-twice "));
        assert_eq!(claimed, taken, "{lifecycle}: {findings:?}");
    }
}

#[test]
fn the_platform_sets_the_level_of_what_it_says_and_of_what_is_said_of_it() {
    let env = in_state("deprecated");
    insta::assert_snapshot!(env.run(&["lint", "--color", "never"]), @r"
    exit code: 0
    ----- stdout -----
    lifecycle-notice

      ☞ lifecycle `deprecated`: to be switched off
       ╭─[onboarding/payments/metadata.yaml:4:12]
     4 │ lifecycle: deprecated
       ·            ──────────
       ╰────
      help: what may follow is `resting`

    Checked 1 API: 1 note.
    ");
    env.edit("platform.yaml", "next: [resting]", "next: [retired]");
    let findings = || env.run(&["lint", "--format", "json"]).findings();
    let notice = "lifecycle-notice onboarding/payments/metadata.yaml:4:12";
    assert_eq!(findings(), [notice, "unreachable-lifecycle platform.yaml:6:3"]);
    let levels = "rules: { unreachable-lifecycle: ignore, lifecycle-notice: error }\n";
    env.write("platform.yaml", env.read("platform.yaml") + levels);
    assert_eq!(findings(), [notice]);
    assert_eq!(env.run(&["lint", "-q"]).code, 1);
}
