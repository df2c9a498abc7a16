//! `onramp migrate sync`: what a branch changed since, beside what people changed in the config repo.

use super::branches::ENCODED;
use super::import::Import;
use super::{api, done, migrate, unchanged};
use crate::env::{Env, Run};

fn sync(env: &Env, more: &[&str]) -> Run {
    env.run(&[&["migrate", "sync", "--branches", "legacy/*", "--quiet", "--format", "json"], more].concat())
}

/// Changes a file of a branch.
#[track_caller]
fn change(env: &Env, branch: &str, file: &str, old: &str, new: &str) {
    let text = env.git(&["show", &format!("{branch}:{file}")]);
    assert!(text.contains(old), "{text}");
    Import::default().commit(branch, false).file(file, text.replace(old, new)).into_repo(env);
}

/// Insists that all is proved and nothing is stale.
#[track_caller]
fn clean(env: &Env) {
    let _ = env.run(&["render", "--check"]).success();
    let _ = env.run(&["lint", "--baseline", "migration/baseline.json"]).success();
    let _ = env.run(&["migrate", "verify", "--quiet"]).success();
}

#[test]
fn what_moved_and_nobody_touched_is_written_anew() {
    let env = done();
    change(&env, "legacy/shop-prod", "k8s/shop.yaml", "v1.4.2", "v1.4.3");
    let text = env.git(&["show", "legacy/search:search.yaml"]);
    let rest = text.replace("        - { name: backup, mountPath: /backup }\n", "").replace(
        "      volumes:\n      - name: backup\n        persistentVolumeClaim: { claimName: search-backup }\n",
        "",
    );
    let import = Import::default().commit("legacy/search", false);
    import.file("search.yaml", rest).remove("claim.yaml").into_repo(&env);
    let claims = |env: &Env| -> Vec<String> {
        let files = env.files().into_iter();
        let own = files.filter(|(path, _)| path.starts_with("onboarding/search/"));
        let named = own.filter(|(_, bytes)| String::from_utf8_lossy(bytes).contains("search-backup"));
        named.map(|(path, _)| path).collect()
    };
    assert!(claims(&env).iter().any(|path| path.contains("/resources/")), "{:?}", claims(&env));
    // A run does not take it over, and says what does.
    let run = migrate(&env, &["--format", "json"]);
    assert_eq!(run.code, 1, "{run}");
    let report = run.json();
    let why = api(&report, "shop")["why"].as_str().unwrap_or_default();
    assert!(why.contains("`legacy/shop-prod` moved") && why.contains("onramp migrate sync"), "{why}");
    assert_eq!(env.git(&["status", "--porcelain"]), "");
    let report = sync(&env, &[]);
    assert_eq!(report.code, 0, "{report}");
    assert!(env.read("onboarding/shop/metadata.yaml").contains("v1.4.3"));
    assert_eq!(claims(&env), [""; 0], "what the branch removed is gone");
    let changed = env.git(&["status", "--porcelain"]);
    let foreign =
        |line: &&str| !line.contains("shop") && !line.contains("search") && !line.contains("baseline");
    assert_eq!(changed.lines().find(foreign), None, "{changed}");
    clean(&env);
    // Nothing moved since.
    let before = env.files();
    assert_eq!(sync(&env, &[]).code, 0);
    unchanged(&env, &before);
}

#[test]
fn what_both_changed_in_different_places_is_kept() {
    let env = done();
    env.edit("onboarding/shop/metadata.yaml", "team: unassigned", "team: blue # since May");
    change(&env, "legacy/shop-prod", "k8s/shop.yaml", "v1.4.2", "v1.4.3");
    let run = sync(&env, &[]);
    assert_eq!(run.code, 0, "{run}");
    let metadata = env.read("onboarding/shop/metadata.yaml");
    assert!(
        metadata.contains("team: blue # since May") && metadata.contains("apis/shop:v1.4.3"),
        "{metadata}"
    );
    clean(&env);
}

/// Moves the image of the shop's branch, and returns what a sync says of the shop.
#[track_caller]
fn moved_shop(env: &Env, old: &str, new: &str) -> serde_json::Value {
    change(env, "legacy/shop-prod", "k8s/shop.yaml", old, new);
    let run = sync(env, &[]);
    assert_eq!(run.code, 0, "{run}");
    let report = run.json();
    assert_eq!(report["podTemplatesChanged"], 0, "the migration changed none of them: {report:#}");
    api(&report, "shop").clone()
}

#[test]
fn what_people_edited_is_theirs_after_each_sync_and_run() {
    let env = done();
    let old = "podAnnotations:\n  prometheus.io/scrape: \"true\"\n";
    env.edit(
        "onboarding/shop/metadata.yaml",
        old,
        &format!("# asked for by the team\n{old}  acme.example/team: blue\n"),
    );
    env.write("onboarding/shop/notes.txt", "of the team\n");
    let _ = env.run(&["render"]).success();
    let shop = moved_shop(&env, "v1.4.2", "v1.4.3");
    let environments = shop["environments"].as_array().expect("environments");
    let objects = environments.iter().flat_map(|one| one["objects"].as_array().expect("objects"));
    let differences = objects.flat_map(|one| one["differences"].as_array().expect("differences"));
    let classes: Vec<&str> = differences.filter_map(|one| one["class"].as_str()).collect();
    assert!(classes.contains(&"edited") && !classes.contains(&"decided"), "{shop:#}");
    let is_kept = || {
        let metadata = env.read("onboarding/shop/metadata.yaml");
        metadata.contains("# asked for by the team") && metadata.contains("acme.example/team: blue")
    };
    assert!(is_kept());
    // A run leaves it alone, and so does a sync of nothing.
    let before = env.files();
    let run = migrate(&env, &["--format", "json"]);
    assert_eq!(run.code, 0, "{run}");
    assert_eq!(api(&run.json(), "shop")["state"], "unchanged");
    unchanged(&env, &before);
    assert_eq!(sync(&env, &[]).code, 0);
    unchanged(&env, &before);
    // What moves once more is taken over once more.
    moved_shop(&env, "v1.4.3", "v1.4.4");
    assert!(is_kept() && env.read("onboarding/shop/metadata.yaml").contains("apis/shop:v1.4.4"));
}

#[test]
fn what_both_changed_in_one_place_is_refused() {
    let env = done();
    env.edit("onboarding/shop/metadata.yaml", "apis/shop:v1.4.2", "apis/shop:v1.4.9");
    let _ = env.run(&["render"]).success();
    change(&env, "legacy/shop-prod", "k8s/shop.yaml", "v1.4.2", "v1.4.3");
    change(&env, "legacy/cart", "deploy.production.yaml", "v3.0.4", "v3.0.5");
    let before = env.files();
    let run = sync(&env, &["--only", "shop"]);
    assert_eq!(run.code, 1, "{run}");
    let report = run.json();
    let shop = api(&report, "shop");
    assert_eq!(shop["state"], "refused");
    let why = shop["why"].as_str().unwrap_or_default();
    assert!(why.contains("both the branch and somebody here changed"), "{why}");
    assert!(why.contains("environments.prod.image") || why.contains("/environments/prod/image"), "{why}");
    unchanged(&env, &before);
    // The others are brought up to date.
    let run = sync(&env, &[]);
    assert_eq!(run.code, 1, "{run}");
    assert!(env.read("onboarding/cart/metadata.yaml").contains("v3.0.5"));
    assert!(env.read("onboarding/shop/metadata.yaml").contains("v1.4.9"));
}

#[test]
fn a_dry_sync_writes_nothing_and_a_new_secret_is_withheld() {
    let env = done();
    let secret = env.git(&["show", "legacy/ledger:secret.yaml"]).replace("ledger-token", "mail-token");
    Import::default().commit("legacy/mail", false).file("secret.yaml", secret).into_repo(&env);
    let before = env.files();
    let run = sync(&env, &["--dry-run"]);
    assert_eq!(run.code, 0, "{run}");
    unchanged(&env, &before);
    let run = sync(&env, &[]);
    assert_eq!(run.code, 0, "{run}");
    assert!(!run.stdout.contains(ENCODED));
    for (path, bytes) in env.files() {
        assert!(!String::from_utf8_lossy(&bytes).contains(ENCODED), "{path}");
    }
    assert_eq!(run.json()["summary"]["secretsWithheld"], 2);
    clean(&env);
}

#[test]
fn a_branch_that_is_gone_is_told() {
    let env = done();
    env.git(&["branch", "--quiet", "-D", "legacy/shop-stage"]);
    let before = env.files();
    let run = migrate(&env, &["--format", "json"]);
    assert_eq!(run.code, 1, "{run}");
    let report = run.json();
    let shop = report["apis"].as_array().unwrap().iter().find(|api| {
        api["sources"].as_array().is_some_and(|all| all.iter().any(|one| one["branch"] == "legacy/shop-prod"))
    });
    assert_eq!(shop.expect("it is told")["state"], "refused", "{report:#}");
    let same = |(path, bytes): &(String, Vec<u8>)| {
        !path.starts_with("onboarding/shop/") || before.contains(&(path.clone(), bytes.clone()))
    };
    assert!(env.files().iter().all(same));
    // A sync and the proof say it as well; the commit is still there, so all else is proved.
    let gone = "`legacy/shop-stage` is gone since";
    let said = |run: &Run| {
        assert_eq!(run.code, 1, "{run}");
        api(&run.json(), "shop")["why"].as_str().unwrap_or_default().to_owned()
    };
    let synced = said(&sync(&env, &[]));
    assert!(synced.starts_with(gone) && synced.contains("git branch legacy/shop-stage"), "{synced}");
    assert_eq!(said(&env.run(&["migrate", "verify", "--quiet", "--format", "json", "shop"])), gone);
    // Of an API without any branch a sync tells too.
    env.git(&["branch", "--quiet", "-D", "legacy/mail"]);
    let run = sync(&env, &[]);
    assert!(
        api(&run.json(), "mail")["why"].as_str().is_some_and(|why| why.starts_with("`legacy/mail` is gone"))
    );
    // It comes back as it is told.
    let command = synced.split('`').nth(3).expect("a command").to_owned();
    env.git(&command.split(' ').skip(1).collect::<Vec<_>>());
    let _ = env.run(&["migrate", "verify", "--quiet", "shop"]).success();
}

#[test]
fn a_sync_goes_by_the_records() {
    // One branch of an API brings the others along.
    let env = done();
    change(&env, "legacy/shop-prod", "k8s/shop.yaml", "v1.4.2", "v1.4.3");
    change(&env, "legacy/cart", "deploy.production.yaml", "v3.0.4", "v3.0.5");
    let one = env.run(&["migrate", "sync", "--quiet", "--format", "json", "--branches", "legacy/shop-prod"]);
    assert_eq!(one.code, 0, "{one}");
    let report = one.json();
    assert_eq!(super::states(&report), [("shop", "written")]);
    let sources = api(&report, "shop")["sources"].as_array().map(Vec::len);
    assert_eq!(sources, Some(2), "{report:#}");
    let metadata = env.read("onboarding/shop/metadata.yaml");
    assert!(metadata.contains("apis/shop:v1.4.3") && metadata.contains("  staging:"), "{metadata}");
    // Without any branch it is all of them.
    let all = env.run(&["migrate", "sync", "--quiet", "--format", "json"]);
    assert_eq!(all.code, 0, "{all}");
    assert_eq!(super::states(&all.json()).len(), super::branches::APIS.len());
    assert!(env.read("onboarding/cart/metadata.yaml").contains("v3.0.5"));
    clean(&env);
    // Where nothing was migrated there is nothing to do.
    let none = super::branches::config().run(&["migrate", "sync"]);
    assert_eq!(none.code, 2, "{none}");
    assert!(none.stderr.contains("nothing here was migrated"), "{none}");
}

#[test]
fn another_branch_of_the_same_name_is_not_said_to_have_moved() {
    let env = done();
    let before = env.files();
    for branch in ["cart", "mail"] {
        env.git(&["branch", "--quiet", &format!("hotfix/{branch}"), &format!("legacy/{branch}")]);
    }
    let run = env.run(&["migrate", "run", "--quiet", "--format", "json", "--branches", "hotfix/*"]);
    assert_eq!(run.code, 1, "{run}");
    let report = run.json();
    let why = api(&report, "cart-2")["why"].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        why,
        "`hotfix/cart` would be `cart`, and that is made of `legacy/cart`, as `migration/apis/cart.yaml` says: say under \
         `branches` of the decisions file which API `hotfix/cart` is"
    );
    unchanged(&env, &before);
    // What people say of it is done.
    env.write(
        "migration/decisions.yaml",
        "apiVersion: onramp/v1\nbranches:\n  hotfix/cart: { api: cart-fixed }\n  hotfix/mail: { skip: gone }\n",
    );
    let run = env.run(&["migrate", "run", "--quiet", "--format", "json", "--branches", "hotfix/*,legacy/*"]);
    assert_eq!(run.code, 0, "{run}");
    let report = run.json();
    assert_eq!(api(&report, "cart-fixed")["state"], "written");
    assert_eq!(api(&report, "cart")["state"], "written");
}
