//! `onramp migrate run`: what is written, what is left alone, and what is told.

use serde_json::Value as Json;

use super::branches::{APIS, BRANCHES, ENCODED, PLAIN, config, fleet};
use super::import::Import;
use super::{api, migrate, migrated, states, unchanged};
use crate::env::Env;

/// Insists that nothing secret is in a text.
#[track_caller]
fn quiet(what: &str, bytes: &[u8]) {
    for secret in [PLAIN, ENCODED] {
        let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "{what} has the value of a Secret");
    }
}

#[test]
fn every_branch_is_written_and_renders_and_starts_clean() {
    let env = fleet();
    let report = migrated(&env, &[]);
    let expected: Vec<(&str, &str)> = APIS.iter().map(|api| (*api, "written")).collect();
    assert_eq!(states(&report), expected);
    let branches: Vec<&str> =
        report["branches"].as_array().unwrap().iter().filter_map(|branch| branch["name"].as_str()).collect();
    assert_eq!(branches, BRANCHES);
    assert_eq!((&report["podTemplatesChanged"], &report["selectorsChanged"]), (&0.into(), &0.into()));
    for api in APIS {
        assert!(env.exists(&format!("onboarding/{api}/metadata.yaml")), "{api}");
        assert!(env.exists(&format!("migration/apis/{api}.yaml")), "{api}");
    }
    let _ = env.run(&["render", "--check"]).success();
    let _ = env.run(&["lint", "--baseline", "migration/baseline.json"]).success();
    let _ = env.run(&["migrate", "verify", "--quiet"]).success();
    // The portal has a tag that moves, which the platform forbids: it is waived, and says where it came from.
    assert!(env.read("waivers/migration/portal.yaml").contains("It ran so in legacy/portal"));
}

#[test]
fn the_words_are_those_that_a_person_would_write() {
    let env = fleet();
    migrated(&env, &[]);
    insta::assert_snapshot!(env.read("onboarding/shop/metadata.yaml"), @r#"
    # yaml-language-server: $schema=../../schemas/metadata.schema.json
    # The shop. Ask Ann before you change the probes.
    apiVersion: onramp/v1
    name: shop
    owner:
      team: unassigned
      email: ann@acme.example
    ports:
      http: 8080
      metrics: 9090
    service:
      ports:
      - name: http
        port: 80
        targetPort: http
    probes:
      readiness:
        httpGet:
          path: /ready
          port: http
        periodSeconds: 7
      liveness:
        httpGet:
          path: /live
          port: 8080
        initialDelaySeconds: 20
    env:
      # debug costs too much
      LOG_LEVEL: info
      POD:
        field: metadata.name
      DB_PASSWORD:
        secret: shop-db
        key: password
    resources:
      requests:
        cpu: 250m
        memory: 512Mi
      limits:
        memory: 1Gi
    labels:
      app: shop
      team: blue
    podLabels:
      team: blue
    podAnnotations:
      prometheus.io/scrape: "true"
    profile: adopted
    configMaps:
      shop-config:
        literals:
          flags.json: "{\"fast\": true}"
    identity:
      selector:
        app: shop
      container: web
    volumes:
      config:
        config: shop-config
        mountPath: /etc/shop
      tmp:
        emptyDir:
          sizeLimit: 64Mi
        mountPath: /tmp
    pod:
      terminationGracePeriodSeconds: 45
    routes:
      legacy:
        port: 80
        name: shop
        maxBodySize: 8Mi
    environments:
      staging:
        image: registry.example/apis/shop:v1.5.0-rc1
        autoscaling:
          min: 1
          max: 6
          cpu: 70
        configMaps:
          shop-config:
            files:
              shop.properties: config/staging/shop.properties
        routes:
          legacy:
            hosts:
            - shop.staging.acme.example
      prod:
        image: registry.example/apis/shop:v1.4.2
        autoscaling:
          min: 3
          max: 6
          cpu: 70
        configMaps:
          shop-config:
            files:
              shop.properties: config/prod/shop.properties
        routes:
          legacy:
            hosts:
            - shop.acme.example
    "#);
}

#[test]
fn a_second_run_changes_no_file() {
    let env = fleet();
    migrated(&env, &[]);
    env.git(&["add", "--all"]);
    env.git(&["commit", "--quiet", "--message=migrated"]);
    let before = env.files();
    migrated(&env, &[]);
    assert_eq!(env.git(&["status", "--porcelain"]), "");
    unchanged(&env, &before);
}

#[test]
fn a_dry_run_writes_nothing_and_tells_the_same() {
    let env = fleet();
    let (before, refs) = (env.files(), env.git(&["show-ref"]));
    let dry = migrated(&env, &["--dry-run"]);
    unchanged(&env, &before);
    assert_eq!(env.git(&["show-ref"]), refs);
    assert_eq!(dry, migrated(&env, &[]));
    assert_ne!(env.files(), before);
}

#[test]
fn only_what_is_asked_for_is_written() {
    let env = fleet();
    let report = migrated(&env, &["--only", "cart,mail"]);
    assert_eq!(states(&report), [("cart", "written"), ("mail", "written")]);
    let written = env.files();
    let mut apis: Vec<&str> =
        written.iter().filter_map(|(path, _)| path.strip_prefix("onboarding/")?.split('/').next()).collect();
    apis.dedup();
    assert_eq!(apis, ["cart", "mail"]);
    let _ = env.run(&["render", "--check"]).success();
    // What is done stays, and the rest follows.
    migrated(&env, &[]);
    assert!(APIS.iter().all(|api| env.exists(&format!("onboarding/{api}/metadata.yaml"))));
    let whole = fleet();
    migrated(&whole, &[]);
    unchanged(&env, &whole.files());
}

#[test]
fn the_platform_gets_the_environment_that_it_lacks_and_keeps_what_it_says() {
    let env = fleet();
    let before = env.read("platform.yaml");
    let report = migrated(&env, &[]);
    assert_eq!(report["addedEnvironments"], serde_json::json!(["uat"]));
    let after = env.read("platform.yaml");
    let mut rest = after.lines();
    for line in before.lines() {
        assert!(rest.any(|other| other == line), "{line:?} is gone, or elsewhere:\n{after}");
    }
    let names: Vec<&str> = after
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'))
        .filter(|name| !name.starts_with(' '))
        .collect();
    assert_eq!(names[..3], ["uat", "staging", "prod"], "in the order of promotion\n{after}");
    assert!(env.exists("onboarding/reports/overlays/uat/kustomization.yaml"));
}

const DECISIONS: &str = "\
apiVersion: onramp/v1
environments: { uat: staging }
defaults:
  owner: { team: platform, email: platform@acme.example }
branches:
  legacy/tickets: { skip: \"replaced by the shop\" }
  legacy/mail: { api: post, environment: staging }
apis:
  shop:
    owner: { team: blue, email: blue@acme.example }
  portal:
    images: { \"registry.example/apis/portal:latest\": \"registry.example/apis/portal:v6.0.0\" }
  twice:
    definitions: { \"Deployment twice\": zz/other.yaml }
  gone: { skip: \"it never was\" }
";

#[test]
fn what_people_decided_is_done() {
    let env = fleet();
    let one = |level: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: twice }}\nspec:\n  selector: {{ matchLabels: {{ a: b }} }}\n  \
             template:\n    metadata: {{ labels: {{ a: b }} }}\n    spec:\n      containers:\n      - {{ name: twice, image: \"registry.example/apis/twice:{level}\" }}\n"
        )
    };
    let import = Import::default().commit("legacy/twice", true);
    import.file("a.yaml", one("v1")).file("zz/other.yaml", one("v2")).into_repo(&env);
    env.write("migration/decisions.yaml", DECISIONS);
    let run = migrate(&env, &["--format", "json"]);
    assert_eq!(run.code, 0, "what was decided needs nobody: {run}");
    let report = run.json();
    assert_eq!(report["addedEnvironments"], serde_json::json!([]));
    let tickets = api(&report, "tickets");
    assert_eq!((&tickets["state"], &tickets["why"]), (&"skipped".into(), &"replaced by the shop".into()));
    assert!(!env.exists("onboarding/tickets"));
    assert!(env.read("onboarding/shop/metadata.yaml").contains("email: blue@acme.example"));
    assert!(env.read("onboarding/cart/metadata.yaml").contains("email: platform@acme.example"));
    assert!(env.read("onboarding/portal/metadata.yaml").contains("registry.example/apis/portal:v6.0.0"));
    assert!(!env.exists("waivers/migration/portal.yaml"), "the tag moves no more");
    assert!(env.exists("onboarding/post/overlays/staging") && !env.exists("onboarding/post/overlays/prod"));
    assert!(env.exists("onboarding/reports/overlays/staging"), "uat means staging");
    assert!(env.read("onboarding/twice/metadata.yaml").contains("registry.example/apis/twice:v2"));
    // A decision changes pods, and says so; nothing else does.
    assert_eq!((&report["podTemplatesChanged"], &report["selectorsChanged"]), (&1.into(), &0.into()));
    let image = &api(&report, "portal")["environments"][0]["objects"][0]["differences"];
    let decided = image.as_array().unwrap().iter().filter(|one| one["class"] == "decided");
    let decided: Vec<&Json> = decided.map(|one| &one["path"]).collect();
    assert_eq!(decided, ["/spec/template/spec/containers/0/image"]);
    let unused = report["unusedDecisions"].as_array().unwrap();
    assert_eq!(unused.iter().filter_map(Json::as_str).collect::<Vec<_>>(), ["line 15: apis.gone"]);
    let _ = env.run(&["render", "--check"]).success();
    let _ = env.run(&["lint", "--baseline", "migration/baseline.json"]).success();
    let _ = env.run(&["migrate", "verify", "--quiet"]).success();
}

#[test]
fn what_is_there_already_is_left_alone() {
    let env = fleet();
    env.write("onboarding/cart/notes.txt", "by hand\n");
    let run = migrate(&env, &["--format", "json"]);
    assert_eq!(run.code, 1, "{run}");
    let cart = run.json();
    let cart = api(&cart, "cart");
    assert_eq!(cart["state"], "refused");
    assert_eq!(cart["why"], "`onboarding/cart` is there already, and no migration wrote it");
    let files = env.files();
    let own: Vec<&str> =
        files.iter().map(|(path, _)| path.as_str()).filter(|path| path.contains("cart")).collect();
    assert_eq!(own, ["onboarding/cart/notes.txt"]);
    assert!(env.exists("onboarding/shop/metadata.yaml"), "the others are written");
}

#[test]
fn an_edited_metadata_is_left_alone() {
    let env = super::done();
    env.edit("onboarding/mail/metadata.yaml", "team: unassigned", "team: letters");
    let before = env.files();
    let report = migrated(&env, &[]);
    assert_eq!(api(&report, "mail")["state"], "unchanged");
    assert_eq!(api(&report, "shop")["state"], "written");
    unchanged(&env, &before);
}

#[test]
fn no_value_of_a_secret_is_anywhere() {
    let env = fleet();
    let outputs = "--format=text,json=report.json,markdown=report.md,html=report.html";
    let run = env.run(&["migrate", "run", "--branches", "legacy/*", outputs, "--verbose"]);
    assert_eq!(run.code, 0, "{run}");
    quiet("standard output", run.stdout.as_bytes());
    quiet("standard error", run.stderr.as_bytes());
    let verify = env.run(&["migrate", "verify", "--format", "json"]);
    quiet("verify", verify.success().as_bytes());
    let plan = env.run(&["migrate", "plan"]);
    quiet("plan", plan.success().as_bytes());
    let files = env.files();
    assert!(files.iter().any(|(path, _)| path == "report.html"));
    for (path, bytes) in files {
        quiet(&path, &bytes);
    }
    // The test finds what it looks for: the branch has it.
    let branch = env.git(&["show", "legacy/ledger:secret.yaml"]);
    assert!(branch.contains(PLAIN) && branch.contains(ENCODED));
    // References stay.
    let metadata = env.read("onboarding/ledger/metadata.yaml");
    assert!(metadata.contains("ledger-token"), "{metadata}");
    let report = migrated(&env, &[]);
    assert_eq!(report["summary"]["secretsWithheld"], 1);
}

#[test]
fn the_numbers_of_a_report_add_up() {
    let env = fleet();
    let report = migrated(&env, &["--dry-run"]);
    let tables = report["summary"]["tables"].as_array().unwrap();
    let mut totals = 0;
    for table in tables {
        let rows = table["rows"].as_array().unwrap();
        for (column, total) in table["total"].as_object().into_iter().flatten() {
            let sum: u64 = rows.iter().filter_map(|row| row["counts"][column].as_u64()).sum();
            assert_eq!(Some(sum), total.as_u64(), "{} of {}", column, table["name"]);
            totals += 1;
        }
    }
    assert!(totals >= 5, "{totals} sums were looked at");
    let total = |name: &str, column: &str| {
        let table = tables.iter().find(|table| table["name"] == name);
        table.and_then(|table| table["total"][column].as_u64()).unwrap_or_else(|| panic!("{name} {column}"))
    };
    let count = |list: &mut dyn Iterator<Item = &Json>, key: &str| -> u64 {
        list.map(|item| item[key].as_array().map_or(0, Vec::len) as u64).sum()
    };
    let apis = report["apis"].as_array().unwrap();
    let branches = report["branches"].as_array().unwrap();
    assert_eq!(total("apis", "APIs"), APIS.len() as u64);
    let mut environments = apis.iter().flat_map(|api| api["environments"].as_array().unwrap());
    assert_eq!(total("apis", "objects"), count(&mut environments, "objects"));
    assert_eq!(total("branches", "branches"), BRANCHES.len() as u64);
    assert_eq!(total("files", "files"), count(&mut branches.iter(), "files"));
    assert_eq!(total("files", "files"), super::branches::files().len() as u64, "every file of the branches");
    let mut files = branches.iter().flat_map(|branch| branch["files"].as_array().unwrap());
    assert_eq!(total("documents", "documents"), count(&mut files, "documents"));
    assert_eq!(report["summary"]["questions"].as_u64().unwrap(), count(&mut apis.iter(), "questions"));
    let lost = count(&mut apis.iter(), "commentsLost");
    assert_eq!(report["summary"]["commentsLost"].as_u64().unwrap(), lost);
}

#[test]
fn a_migration_without_branches_is_a_mistake() {
    let env: Env = config();
    let run = migrate(&env, &[]);
    assert_eq!(run.code, 2, "{run}");
    insta::assert_snapshot!(run.stderr, @r"
    error: no branch fits `legacy/*`
    hint: `git branch --all` lists the branches
    ");
    let run = env.run(&["migrate", "verify"]);
    assert_eq!(run.code, 2, "{run}");
    insta::assert_snapshot!(run.stderr, @r"
    error: nothing here was migrated
    hint: `onramp migrate run --branches PATTERN` does it
    ");
}
