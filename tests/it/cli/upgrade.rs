//! `onramp upgrade`: which APIs move, what is written, and what is left alone.

use crate::env::Env;

const PLATFORM: &str = "\
apiVersion: onramp/v1
environments: { prod: {} }
templates: { default: \"2026.1\", versions: [\"2025.1\", \"2026.1\"] }
";

/// A Service with one line of the template's own.
fn service(line: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{{{ service.name }}}}\nspec:\n  {line}\n  type: \
         {{{{ service.type }}}}\n  selector: {{{{ service.selector }}}}\n  ports: {{{{ service.ports }}}}\n"
    )
}

fn metadata(name: &str, more: &str) -> String {
    format!(
        "apiVersion: onramp/v1\nname: {name}\nowner: {{ team: t, email: t@acme.example }}\n{more}image: \
         registry.example/{name}:v1\nenvironments: {{ prod: {{}} }}\n"
    )
}

/// Three versions that differ in the Service; `worker` has none, `shop` and `cart` have.
fn fleet() -> Env {
    let env = Env::new();
    env.write("platform.yaml", PLATFORM);
    env.write("templates/service.yaml.j2", service("internalTrafficPolicy: Local"));
    env.write("templates/2026.1/service.yaml.j2", service("internalTrafficPolicy: Cluster"));
    env.write("templates/2025.1/service.yaml.j2", service("publishNotReadyAddresses: true"));
    env.write("onboarding/cart/metadata.yaml", metadata("cart", "ports: { http: 8080 }\n"));
    env.write(
        "onboarding/shop/metadata.yaml",
        metadata("shop", "template: \"2025.1\" # until June\nports: { http: 8080 }\n"),
    );
    env.write("onboarding/worker/metadata.yaml", metadata("worker", "template: '2025.1'\n"));
    let _ = env.run(&["render"]).success();
    env
}

#[test]
fn a_pin_chooses_the_templates() {
    let env = fleet();
    let has = |api: &str, line: &str| env.read(&format!("onboarding/{api}/base/service.yaml")).contains(line);
    assert!(has("cart", "internalTrafficPolicy: Cluster"), "the default");
    assert!(has("shop", "publishNotReadyAddresses: true"), "the pin");
    env.edit("onboarding/shop/metadata.yaml", "\"2025.1\"", "current");
    env.edit("onboarding/worker/metadata.yaml", "2025.1", "2026.1");
    let _ = env.run(&["render"]).success();
    assert!(has("shop", "internalTrafficPolicy: Local"), "the files at the top");
}

#[test]
fn the_plan_tells_apart_what_differs_and_writes_nothing() {
    let env = fleet();
    let before = env.files();
    insta::assert_snapshot!(env.run(&["upgrade", "--plan"]), @r"
    exit code: 0
    ----- stdout -----
    Can move with no rendered difference:
      worker  from 2025.1
    Can move with a rendered difference:
      cart  from 2026.1  1 file, +1 -1 lines
      shop  from 2025.1  1 file, +1 -1 lines
    1 of 3 APIs would move to `current`; 2 would render something else: read `--plan --diff`, then add `--all`.
    ");
    insta::assert_snapshot!(env.run(&["upgrade", "--plan", "--to", "2026.1", "--diff", "shop"]), @r"
    exit code: 0
    ----- stdout -----
    Can move with a rendered difference:
      shop  from 2025.1  1 file, +1 -1 lines
    diff --git a/onboarding/shop/base/service.yaml b/onboarding/shop/base/service.yaml
    --- a/onboarding/shop/base/service.yaml
    +++ b/onboarding/shop/base/service.yaml
    @@ -4,7 +4,7 @@
     metadata:
       name: shop
     spec:
    -  publishNotReadyAddresses: true
    +  internalTrafficPolicy: Cluster
       type: ClusterIP
       selector:
         app.kubernetes.io/name: shop
    0 of 1 API would move to `2026.1`; 1 would render something else: read `--plan --diff`, then add `--all`.
    ");
    assert!(env.files() == before);
}

#[test]
fn what_does_not_differ_moves_and_nothing_else() {
    let env = fleet();
    let before = env.files();
    let old = env.read("onboarding/worker/metadata.yaml");
    insta::assert_snapshot!(env.run(&["upgrade"]), @r"
    exit code: 0
    ----- stdout -----
    Moved with no rendered difference:
      worker  from 2025.1
    Left where they are, since they would render something else:
      cart  from 2026.1  1 file, +1 -1 lines
      shop  from 2025.1  1 file, +1 -1 lines
    1 of 3 APIs moved to `current`; 2 would render something else: read `--plan --diff`, then add `--all`.
    ");
    let differing: Vec<String> = before
        .iter()
        .zip(env.files())
        .filter(|(old, new)| **old != *new)
        .map(|(old, _)| old.0.clone())
        .collect();
    assert_eq!(differing, ["onboarding/worker/metadata.yaml"]);
    assert_eq!(env.read("onboarding/worker/metadata.yaml"), old.replace("'2025.1'", "'current'"));
    assert_eq!(env.run(&["render", "--check"]).success(), "Nothing changed.\n");
    assert_eq!(env.run(&["upgrade", "worker"]).success(), "Nothing to upgrade.\n");
}

#[test]
fn the_default_is_not_written_but_meant() {
    let env = fleet();
    insta::assert_snapshot!(env.run(&["upgrade", "--to", "2026.1", "--all"]), @r"
    exit code: 0
    ----- stdout -----
    Moved with no rendered difference:
      worker  from 2025.1
    Moved with a rendered difference:
      shop  from 2025.1  1 file, +1 -1 lines
    2 of 2 APIs moved to `2026.1`.
    ");
    assert_eq!(
        env.read("onboarding/shop/metadata.yaml"),
        metadata("shop", "ports: { http: 8080 }\n"),
        "the line is gone with its comment"
    );
    assert!(env.read("onboarding/shop/base/service.yaml").contains("internalTrafficPolicy: Cluster"));
    let nothing = env.run(&["upgrade", "--to", "2026.1"]).success();
    assert!(nothing.ends_with("Nothing to upgrade.\n"), "{nothing}");
    let findings = env.run(&["lint", "--format", "json"]).findings();
    assert_eq!(findings, ["unused-template-version platform.yaml:3:44"]);
    env.remove("templates/2025.1");
    env.edit("platform.yaml", "[\"2025.1\", \"2026.1\"]", "[\"2026.1\"]");
    let _ = env.run(&["render"]).success();

    // Beyond the default the version has to be said.
    assert_eq!(env.run(&["upgrade", "--all", "-q"]).success(), "");
    assert!(env.read("onboarding/cart/metadata.yaml").contains("\nname: cart\ntemplate: current\nowner: "));
    assert!(env.read("onboarding/cart/base/service.yaml").contains("internalTrafficPolicy: Local"));
    // The default is kept even when everybody is beyond it.
    assert_eq!(env.run(&["render", "--check"]).success(), "Nothing changed.\n");
}

#[test]
fn programs_get_json() {
    let env = fleet();
    let run = env.run(&["upgrade", "--format", "json"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(run.stdout, @r#"
    {
      "builtInTemplates": "1",
      "versions": [
        "2025.1",
        "2026.1",
        "current"
      ],
      "default": "2026.1",
      "to": "current",
      "apis": [
        {
          "api": "cart",
          "from": "2026.1",
          "files": [
            "onboarding/cart/base/service.yaml"
          ],
          "linesAdded": 1,
          "linesRemoved": 1,
          "moved": false,
          "refused": null
        },
        {
          "api": "shop",
          "from": "2025.1",
          "files": [
            "onboarding/shop/base/service.yaml"
          ],
          "linesAdded": 1,
          "linesRemoved": 1,
          "moved": false,
          "refused": null
        },
        {
          "api": "worker",
          "from": "2025.1",
          "files": [],
          "linesAdded": 0,
          "linesRemoved": 0,
          "moved": true,
          "refused": null
        }
      ]
    }
    "#);
    let json = env.run(&["upgrade", "--format", "json", "worker"]).json();
    assert_eq!(json["apis"], serde_json::json!([]));
}

#[test]
fn what_cannot_be_edited_is_said_and_left() {
    let env = fleet();
    let path = "onboarding/worker/metadata.yaml";
    env.edit(path, "template: '2025.1'\n", "labels: { since: &since \"2025.1\" }\ntemplate: *since\n");
    let _ = env.run(&["render"]).success();
    let before = env.files();
    insta::assert_snapshot!(env.run(&["upgrade"]), @r"
    exit code: 1
    ----- stdout -----
    Left where they are, since they would render something else:
      cart  from 2026.1  1 file, +1 -1 lines
      shop  from 2025.1  1 file, +1 -1 lines
    Cannot be moved: `template` in metadata.yaml is to be edited by hand:
      worker  from 2025.1  its value is an alias
    0 of 3 APIs moved to `current`; 2 would render something else: read `--plan --diff`, then add `--all`.
    ");
    assert_eq!(env.run(&["upgrade", "--plan"]).code, 0);
    assert!(env.files() == before);
}

#[test]
fn nothing_is_written_while_an_error_is_open() {
    let env = fleet();
    env.edit(
        "onboarding/cart/metadata.yaml",
        "registry.example/cart:v1",
        "registry.example/cart:v1\nimgae: x",
    );
    let before = env.files();
    let run = env.run(&["upgrade", "--all"]);
    assert_eq!(run.code, 1, "{run}");
    assert_eq!(run.stderr, "Nothing was written, since there are errors.\n");
    assert!(env.files() == before);
    // The error of one API does not hold up another that is asked for by name.
    let _ = env.run(&["upgrade", "worker"]).success();
    // In JSON the findings do not mix with the outcome.
    let run = env.run(&["upgrade", "--format", "json"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    assert!(run.stderr.contains("unknown-key"), "{run}");

    env.edit("onboarding/cart/metadata.yaml", "\nimgae: x", "");
    env.write("templates/service.yaml.j2", "kind: {{ nothing.there }}\n");
    let run = env.run(&["upgrade"]);
    assert_eq!(run.code, 2, "{run}");
    assert!(run.stdout.contains("template-failure"), "{run}");
}

#[test]
fn a_version_that_is_not_there_is_the_callers_or_the_files_fault() {
    let env = fleet();
    insta::assert_snapshot!(env.run(&["upgrade", "--to", "2026.2"]), @r"
    exit code: 2
    ----- stdout -----
    ----- stderr -----
    error: `platform.yaml` has no version `2026.2` of the templates
    hint: did you mean `2026.1`?
    ");
    env.edit("onboarding/worker/metadata.yaml", "2025.1", "2024.1");
    env.write("templates/2024/service.yaml.j2", "kind: Service\n");
    env.write("templates/2025.1/more/service.yaml.j2", "kind: Service\n");
    env.remove("templates/2026.1");
    env.edit("platform.yaml", "default: \"2026.1\"", "default: newest");
    insta::assert_snapshot!(env.run(&["lint", "--color", "never"]), @r#"
    exit code: 2
    ----- stdout -----
    unknown-template-version

      × `platform.yaml` has no version `2024.1` of the templates
       ╭─[onboarding/worker/metadata.yaml:4:11]
     4 │ template: '2024.1'
       ·           ────┬───
       ·               ╰── not a version
       ╰────
      help: did you mean `2025.1`?

    unknown-template-version

      × `platform.yaml` has no version `newest` of the templates
       ╭─[platform.yaml:3:23]
     3 │ templates: { default: newest, versions: ["2025.1", "2026.1"] }
       ·                       ───┬──
       ·                          ╰── not a version
       ╰────
      help: versions are `2025.1`, `2026.1`, `current`

    unknown-template-version

      × `templates/2026.1/` holds no template
       ╭─[platform.yaml:3:52]
     3 │ templates: { default: newest, versions: ["2025.1", "2026.1"] }
       ·                                                    ────────
       ╰────
      help: put the version's templates there, or take it out of `versions`

    unknown-template

      × templates/2024: `templates/2024/` is no version that `templates.versions` in `platform.yaml`
      │ names
      help: name it there, or move it out of `templates/`

    unknown-template

      × templates/2025.1/more: `templates/2025.1/more/` is no version that `templates.versions` in
      │ `platform.yaml` names
      help: name it there, or move it out of `templates/`

    Checked 3 APIs: 5 errors.
    ----- stderr -----
    error: a template of this repo cannot be used
    "#);
    assert_eq!(env.run(&["render"]).code, 2);
}

#[test]
fn a_killed_run_is_completed_by_the_next() {
    let env = fleet();
    // Rendered files come before metadata.yaml: as if it ended between the two.
    let old = env.read("onboarding/shop/metadata.yaml");
    let _ = env.run(&["upgrade", "--to", "2026.1", "--all"]).success();
    let whole = env.files();
    env.write("onboarding/shop/metadata.yaml", old);
    let _ = env.run(&["upgrade", "--to", "2026.1", "--all"]).success();
    assert!(env.files() == whole);
}
