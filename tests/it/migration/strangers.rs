//! Habits of people who never heard of this platform: what could have been applied is read, and what is not known is named.

use serde_json::Value as Json;

use super::branches::config;
use super::import::Import;
use super::{api, migrate, migrated};
use crate::env::Env;

const HEAD: &str = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";

fn deployment(name: &str, image: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: {name} }}\nspec:\n  selector: {{ matchLabels: {{ app: {name} }} }}\n  \
         template:\n    metadata: {{ labels: {{ app: {name} }} }}\n    spec:\n      containers:\n      \
         - name: {name}\n        image: {image}\n"
    )
}

fn service(name: &str, more: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{ name: {name}{more} }}\nspec: {{ selector: {{ app: {name} }}, ports: [{{ port: 80 }}] }}\n"
    )
}

/// A config repo beside one branch.
fn beside(branch: &str, files: &[(&str, &str)]) -> Env {
    let env = config();
    let import = Import::default().commit(branch, true);
    files.iter().fold(import, |import, (path, text)| import.file(path, text)).into_repo(&env);
    env
}

/// Verdicts of the objects of an API in an environment, by kind and name.
fn verdicts(api: &Json, environment: &str) -> Vec<String> {
    let environments = api["environments"].as_array().expect("they are a list");
    let found = environments.iter().find(|found| found["name"] == environment);
    let objects = found.and_then(|found| found["objects"].as_array()).cloned().unwrap_or_default();
    let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
    objects
        .iter()
        .map(|object| {
            format!("{} {}: {}", text(&object["kind"]), text(&object["name"]), text(&object["verdict"]))
        })
        .collect()
}

#[test]
fn a_kustomization_that_names_what_nobody_has_is_built_without_it() {
    let overlay =
        format!("{HEAD}resources:\n- ../../base\n- namespace.yaml\n- github.com/acme/tools?ref=v1\n");
    let env = beside(
        "legacy/shop",
        &[
            (
                "base/kustomization.yaml",
                &format!("{HEAD}resources: [shop.yaml]\ncommonLabels: {{ team: pay }}\n"),
            ),
            ("base/shop.yaml", &deployment("shop", "shop:1.0")),
            ("overlays/prod/kustomization.yaml", &overlay),
        ],
    );
    let report = migrated(&env, &[]);
    let shop = api(&report, "shop");
    assert_eq!((&shop["state"], &shop["standing"]), (&"written".into(), &"left".into()), "{shop:#}");
    assert_eq!(verdicts(shop, "prod"), ["Deployment shop: intended"]);
    let told: Vec<(&str, u64)> = shop["gaps"]
        .as_array()
        .expect("they are a list")
        .iter()
        .map(|gap| (gap["file"].as_str().unwrap_or_default(), gap["line"].as_u64().unwrap_or_default()))
        .collect();
    let file = "overlays/prod/kustomization.yaml";
    assert_eq!(told, [(file, 5), (file, 6)]);
    assert_eq!(report["selectorsChanged"], 0);
    let _ = env.run(&["migrate", "verify"]).success();
}

#[test]
fn why_nothing_of_a_branch_can_be_applied_is_said() {
    let env = beside(
        "legacy/shop",
        &[
            (
                "kustomization.yaml",
                &format!("{HEAD}resources: [shop.yaml]\npatches: [{{ path: gone.yaml }}]\n"),
            ),
            ("shop.yaml", &deployment("shop", "shop:1.0")),
        ],
    );
    let run = migrate(&env, &["--format", "json"]);
    assert_eq!(run.code, 1, "{run}");
    let report = run.json();
    let why = api(&report, "shop")["why"].as_str().unwrap_or_default();
    assert!(
        why.ends_with(
            "kustomization.yaml:1: the kustomization cannot be built: there is no file `gone.yaml`"
        ),
        "{why}"
    );
}

#[test]
fn an_environment_that_nobody_could_know_is_one_by_its_company() {
    let image = |tag: &str| deployment("shop", &format!("shop:{tag}"));
    let env = beside(
        "legacy/shop",
        &[
            ("k8s/prod/shop.yaml", &image("1.0")),
            ("k8s/fkt/shop.yaml", &image("1.1")),
            ("k8s/hml/shop.yaml", &image("1.2")),
        ],
    );
    let report = migrated(&env, &[]);
    assert_eq!(report["addedEnvironments"], serde_json::json!(["homolog", "fkt"]));
    let shop = api(&report, "shop");
    for environment in ["prod", "fkt", "homolog"] {
        assert_eq!(verdicts(shop, environment), ["Deployment shop: intended"], "{environment}");
    }
    // What was learnt is known from now on, and means the same.
    let files = env.files();
    migrated(&env, &[]);
    super::unchanged(&env, &files);
}

#[test]
fn two_kustomizations_of_one_file_are_asked_for_by_their_own_names() {
    let overlay =
        |tag: &str| format!("{HEAD}bases: [../k8s]\nimages: [{{ name: shop, newTag: \"{tag}\" }}]\n");
    let env = beside(
        "legacy/shop",
        &[
            ("k8s/kustomization.yaml", &format!("{HEAD}resources: [shop.yaml]\n")),
            ("k8s/shop.yaml", &deployment("shop", "shop:1.0")),
            ("k8s-new/kustomization.yaml", &overlay("1.1")),
            ("k8s-newer/kustomization.yaml", &overlay("1.2")),
        ],
    );
    let report = migrated(&env, &[]);
    let questions = api(&report, "shop")["questions"].as_array().expect("they are a list");
    let asked = questions.iter().find(|question| question["kind"] == "definition").expect("it is asked");
    let text = "which definition of Deployment shop counts: `k8s-new/kustomization.yaml`, `k8s-newer/kustomization.yaml`?";
    assert_eq!(asked["text"], text);
    env.write(
        "migration/decisions.yaml",
        "apiVersion: onramp/v1\napis: { shop: { definitions: { Deployment shop: k8s-newer/kustomization.yaml } } }\n",
    );
    migrated(&env, &[]);
    assert!(env.read("onboarding/shop/metadata.yaml").contains("shop:1.2"));
}

#[test]
fn what_another_definition_takes_the_place_of_is_not_called_the_same() {
    let env = beside(
        "legacy/shop",
        &[
            ("k8s/shop.yaml", &deployment("shop", "shop:1.0")),
            ("k8s/prod/app.yaml", &deployment("shop", "shop:1.1")),
        ],
    );
    let report = migrated(&env, &[]);
    let files = report["branches"][0]["files"].as_array().expect("they are a list");
    let of = |path: &str| {
        let file = files.iter().find(|file| file["path"] == path).unwrap_or_else(|| panic!("no {path}"));
        file["documents"][0]["fates"][0].clone()
    };
    assert_eq!(of("k8s/prod/app.yaml")["name"], "said");
    let fate = of("k8s/shop.yaml");
    assert_eq!((&fate["name"], &fate["what"]), (&"superseded".into(), &"k8s/prod/app.yaml".into()));
}

#[test]
fn a_workload_without_a_namespace_is_where_its_service_is() {
    let ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: shop, namespace: front }\nspec:\n  \
                   defaultBackend: { service: { name: shop, port: { number: 80 } } }\n";
    for (files, left) in [
        (vec![("service.yaml", service("shop", ", namespace: front"))], false),
        (vec![("service.yaml", service("shop", "")), ("ingress.yaml", ingress.to_owned())], false),
        (vec![("service.yaml", service("other", ", namespace: front"))], true),
    ] {
        let shop = deployment("shop", "shop:1.0");
        let mut all = vec![("shop.yaml", shop.as_str())];
        all.extend(files.iter().map(|(path, text)| (*path, text.as_str())));
        let env = beside("legacy/shop", &all);
        let report = migrated(&env, &[]);
        let metadata = env.read("onboarding/shop/metadata.yaml");
        assert_eq!(metadata.contains("namespace: front"), !left, "{metadata}");
        let verdicts = verdicts(api(&report, "shop"), "prod");
        assert_eq!(verdicts.iter().any(|verdict| verdict.ends_with("left")), left, "{verdicts:?}");
    }
}

#[test]
fn an_image_of_a_pipeline_is_a_question_and_no_obstacle() {
    for image in
        ["registry.example/shop:{{ tag }}", "\"{{ IMAGE }}\"", "registry.example/shop:__TAG__", "IMAGE_TAG"]
    {
        let env = beside("legacy/shop", &[("shop.yaml", &deployment("shop", image))]);
        let report = migrated(&env, &[]);
        let shop = api(&report, "shop");
        assert_eq!(shop["state"], "written", "{image}: {shop:#}");
        let questions = shop["questions"].as_array().expect("they are a list");
        let asked = questions.iter().any(|question| question["kind"] == "image");
        assert!(
            asked && verdicts(shop, "prod").iter().all(|verdict| verdict.starts_with("Deployment shop: ")),
            "{image}"
        );
    }
}

/// A config repo beside branches with one Deployment each.
fn branches(names: &[&str]) -> Env {
    let env = config();
    let import = names.iter().fold(Import::default(), |import, name| {
        import.commit(name, true).file("shop.yaml", deployment("shop", "shop:1.0"))
    });
    import.into_repo(&env);
    env
}

/// The APIs of a report, each with its environments and the kinds of its questions.
fn told(report: &Json) -> Vec<String> {
    let list = |json: &Json, key: &str| -> Vec<String> {
        let items = json.as_array().expect("they are a list").iter();
        items.map(|item| item[key].as_str().unwrap_or_default().to_owned()).collect()
    };
    let apis = report["apis"].as_array().expect("they are a list").iter();
    let one = |api: &Json| {
        let mut kinds = list(&api["questions"], "kind");
        kinds.retain(|kind| !matches!(kind.as_str(), "owner" | "image"));
        let name = api["name"].as_str().unwrap_or_default();
        format!("{name}: {} {}", list(&api["environments"], "name").join(" "), kinds.join(" "))
    };
    apis.map(|api| one(api).trim_end().to_owned()).collect()
}

#[test]
fn what_is_not_production_never_lands_there_in_silence() {
    let env = branches(&["legacy/cart-qa", "legacy/mail-int", "legacy/pay-nonprod", "legacy/shop"]);
    let report = migrated(&env, &["--dry-run"]);
    assert_eq!(told(&report), ["cart: qa", "mail-int: prod environment", "pay: nonprod", "shop: prod"]);
    let questions = api(&report, "mail-int")["questions"].as_array().expect("they are a list");
    let asked = questions.iter().find(|question| question["kind"] == "environment").expect("it is asked");
    assert_eq!(
        asked["text"],
        "in which environment does `legacy/mail-int` run: its name says `int`, and it is put into `prod`?"
    );
    // What was proposed answers it.
    let answers = report["answers"]["decisions"].as_str().unwrap_or_default();
    assert!(answers.contains("branches:\n  legacy/mail-int:\n    environment: integration\n"), "{answers}");
    env.write(
        "migration/decisions.yaml",
        "apiVersion: onramp/v1\nbranches: { legacy/mail-int: { environment: integration } }\n",
    );
    let report = migrated(&env, &["--dry-run"]);
    assert_eq!(told(&report)[1], "mail-int: integration");
}

#[test]
fn a_word_that_was_decided_holds_for_a_branch_alone() {
    let env = branches(&["legacy/cart-qa", "legacy/mail-live", "legacy/pay-perf", "legacy/load-test"]);
    env.write(
        "migration/decisions.yaml",
        "apiVersion: onramp/v1\nenvironments: { qa: staging, live: staging, perf: load, uat: nowhere, test: null }\n",
    );
    let report = migrated(&env, &["--dry-run"]);
    assert_eq!(told(&report), ["cart: staging", "load-test: prod", "mail: staging", "pay: load"]);
    // An environment that the platform lacks is told, and a word that nothing is called by as well.
    assert_eq!(report["addedEnvironments"], serde_json::json!(["load"]));
    assert_eq!(report["unusedDecisions"], serde_json::json!(["line 2: environments.uat"]));
}

#[test]
fn one_branch_too_many_leaves_the_others_together_and_is_told() {
    let env = branches(&["legacy/chat_PROD", "legacy/chat_STAGE", "legacy/live-chat"]);
    let report = migrated(&env, &["--dry-run"]);
    assert_eq!(told(&report), ["chat: staging prod", "live-chat: prod api"]);
    let env = branches(&["legacy/two-words", "legacy/Two_Words"]);
    let report = migrated(&env, &["--dry-run"]);
    assert_eq!(told(&report), ["two-words: prod", "two-words-2: prod api"]);
    env.write(
        "migration/decisions.yaml",
        "apiVersion: onramp/v1\nbranches: { legacy/two-words: { api: second } }\n",
    );
    let report = migrated(&env, &["--dry-run"]);
    assert_eq!(told(&report), ["second: prod", "two-words: prod"]);
}

#[test]
fn what_is_left_out_for_its_namespace_is_asked_for() {
    let other = deployment("other", "shop:1.0")
        .replace("name: other }\nspec", "name: other, namespace: team-b }\nspec");
    let shop =
        deployment("shop", "shop:1.0").replace("name: shop }\nspec", "name: shop, namespace: team-a }\nspec");
    let env = beside("legacy/shop", &[("a.yaml", &shop), ("b.yaml", &other)]);
    let report = migrated(&env, &["--dry-run"]);
    assert_eq!(told(&report), ["shop: prod namespace"]);
    let questions = api(&report, "shop")["questions"].as_array().expect("they are a list");
    let asked = questions.iter().find(|question| question["kind"] == "namespace").expect("it is asked");
    assert_eq!(
        asked["text"],
        "which namespace does it run in, in `prod`: `team-b`, `team-a`? It is `team-b` for now, and 1 object is left out"
    );
    env.write(
        "migration/decisions.yaml",
        "apiVersion: onramp/v1\napis: { shop: { namespaces: { prod: team-a } } }\n",
    );
    let report = migrated(&env, &[]);
    assert_eq!(told(&report), ["shop: prod"]);
    assert_eq!(
        verdicts(api(&report, "shop"), "prod"),
        ["Deployment shop: identical", "Deployment other: left"]
    );
    assert!(env.read("onboarding/shop/metadata.yaml").contains("namespace: team-a"));
}

#[test]
fn apis_whose_namespace_the_platform_says_are_counted() {
    let env = branches(&["legacy/cart", "legacy/shop"]);
    let run = migrate(&env, &["--dry-run"]);
    let line = "namespace from the platform       2 APIs, whose branches name none: a cluster sees no new objects only if";
    assert!(run.stdout.contains(line), "{run}");
}

#[test]
fn an_environment_of_config_maps_alone_keeps_them_as_they_are() {
    let map = |value: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: shop }}\ndata: {{ a: {value} }}\n")
    };
    let (dev, prod) = (map("one"), map("two"));
    let shop = deployment("shop", "shop:1.0");
    let env =
        beside("legacy/shop", &[("dev/a.yaml", &dev), ("prod/a.yaml", &prod), ("prod/shop.yaml", &shop)]);
    let report = migrated(&env, &[]);
    let api = api(&report, "shop");
    assert_eq!(api["state"], "written", "{api:#}");
    assert_eq!(verdicts(api, "dev"), ["ConfigMap shop: intended"]);
    assert!(env.read("onboarding/shop/resources/dev/configmap-shop.yaml").contains("a: one"));
    assert!(env.read("onboarding/shop/metadata.yaml").contains("a: two"));
    env.git(&["add", "--all"]);
    let _ = env.run(&["migrate", "verify"]).success();
    let env = beside("legacy/shop", &[("a.yaml", &dev)]);
    assert_eq!(super::api(&migrated(&env, &[]), "shop")["state"], "written");
}

#[test]
fn an_object_without_a_name_is_left_out_with_the_reason() {
    let job = "apiVersion: batch/v1\nkind: Job\nmetadata: { generateName: move- }\nspec: { template: { spec: { containers: [] } } }\n";
    let env = beside("legacy/shop", &[("job.yaml", job), ("shop.yaml", &deployment("shop", "shop:1.0"))]);
    let report = migrated(&env, &["--dry-run"]);
    let shop = api(&report, "shop");
    assert_eq!(shop["standing"], "left");
    assert_eq!(
        shop["gaps"][0]["text"],
        "Job is left out: it has `generateName` and no `name`, and Kustomize names objects by `metadata.name`"
    );
    assert_eq!(report["branches"][0]["files"][0]["documents"][0]["fate"], "left");
}

#[test]
fn secrets_are_withheld_however_they_are_said_and_passwords_elsewhere_are_counted() {
    let list = "apiVersion: v1\nkind: SecretList\nitems: [{ metadata: { name: db }, stringData: { p: quince-in-a-list } }]\n";
    let small = "apiVersion: v1\nkind: secret\nmetadata: { name: mq }\nstringData: { p: quince-in-small }\n";
    let shop = deployment("shop", "shop:1.0").replace(
        "        image:",
        "        env: [{ name: DB_PASSWORD, value: quince-and-kohlrabi-7 }]\n        image:",
    );
    let env = beside("legacy/shop", &[("a.yaml", list), ("b.yaml", small), ("shop.yaml", &shop)]);
    let run = migrate(&env, &[]);
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stdout.contains("secrets withheld                  2 documents"), "{run}");
    assert!(run.stdout.contains("passwords and keys in plain text  1 value in 1 API"), "{run}");
    assert!(run.stdout.contains("  in plain text: 1 value that may be a password or a key"), "{run}");
    assert!(!run.stdout.contains("quince"), "{run}");
    for (path, bytes) in env.files() {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains("quince-in"), "{path}");
    }
}
