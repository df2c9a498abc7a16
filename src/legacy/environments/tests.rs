use super::*;

fn words() -> Words {
    let words = [
        ("prod", "prod"),
        ("production", "prod"),
        ("staging", "staging"),
        ("stage", "staging"),
        ("dev", "dev"),
        ("development", "dev"),
        ("test", "test"),
        ("qa", "qa"),
        ("preprod", "preprod"),
    ];
    words.map(|(word, environment)| (word.to_owned(), environment.to_owned())).into()
}

/// The environments of each path, `-` for none in particular. A path that ends in `/` is a kustomization.
fn told(paths: &[&str]) -> Vec<String> {
    let place = |path: &&'static str| Place {
        path: path.trim_end_matches('/'),
        is_directory: path.ends_with('/'),
        ..Place::default()
    };
    // The paths of a table are texts of the program.
    let paths: Vec<&'static str> =
        paths.iter().map(|path| &*Box::leak((*path).to_owned().into_boxed_str())).collect();
    let places: Vec<Place<'_>> = paths.iter().map(place).collect();
    let spread = spread(&places, &words(), &BTreeSet::new());
    let one = |names: &BTreeSet<Option<String>>| {
        let names: Vec<&str> = names.iter().map(|name| name.as_deref().unwrap_or("-")).collect();
        names.join(" ")
    };
    spread.of.iter().map(one).collect()
}

#[test]
fn marks_are_read_from_paths() {
    let table: &[&[(&str, &str)]] = &[
        // Nothing is marked.
        &[("deployment.yaml", "-"), ("a/service.yaml", "-")],
        &[("dev-server.yaml", "-"), ("integration-test-job.yaml", "-"), ("devbot.yaml", "-")],
        // Directories.
        &[("k8s/prod/a.yaml", "prod"), ("k8s/Staging/a.yaml", "staging"), ("k8s/b.yaml", "prod staging")],
        &[("test/prod/a.yaml", "prod"), ("prod/cronjobs/test/a.yaml", "prod"), ("dev/test/a.yaml", "test")],
        &[("overlays/prod/", "prod"), ("overlays/dev/cronjobs/a/", "dev"), ("jobs/", "dev prod")],
        &[("pre-prod/a.yaml", "preprod"), ("prod/a.yaml", "prod")],
        // A directory is not asked where it is a word only in part, unless another one is beside it.
        &[("k8s-dev/a.yaml", "dev"), ("k8s-prod/a.yaml", "prod"), ("b.yaml", "dev prod")],
        &[("dev-tools/a.yaml", "-"), ("b.yaml", "-")],
        // What a directory overrides.
        &[("k8s/a.yml", "- dev"), ("k8s/prod/a.yaml", "prod"), ("k8s/dev/b.yaml", "dev")],
        // Files.
        &[("production.yml", "prod"), ("staging.yml", "staging"), ("common.yml", "prod staging")],
        &[("deployment-dev.yml", "dev"), ("deployment.yml", "-"), ("service.yml", "- dev")],
        &[("a-dev.yml", "dev"), ("a-qa.yaml", "qa"), ("a.yml", "-"), ("b.yml", "- dev qa")],
        &[("a_dev.yml", "dev"), ("a-qa.yaml", "qa"), ("b.yml", "dev qa")],
        &[("dev.values.yaml", "dev"), ("prod.values.yaml", "prod")],
        &[("app-dev-service.yml", "dev"), ("app-service.yml", "-")],
        &[("app-prod.yml", "prod"), ("app-test.yml", "test")],
        &[("a/app-test.yml", "-"), ("b/app.yml", "-")],
        &[("database-prod.yml", "prod"), ("dev-tools.yml", "prod")],
        &[("rds-staging-secret.yml", "-"), ("b.yml", "-")],
        &[("a-staging-secret.yml", "staging"), ("a-prod-secret.yml", "prod")],
        &[("app-non-prod.yml", "prod"), ("app-prod.yml", "prod")],
        &[("app-pre-prod.yml", "preprod"), ("app-prod.yml", "prod")],
        &[("DEPLOYMENT-PROD.YML", "prod"), ("Deployment.yml", "-")],
        &[("deployment.yaml.tmpl", "-"), ("deployment-dev.yml.j2", "dev")],
        // Odd names.
        &[("-.yaml", "prod"), ("", "prod"), ("é-prod.yaml", "prod"), ("..--.yml", "prod")],
    ];
    for row in table {
        let paths: Vec<&str> = row.iter().map(|(path, _)| *path).collect();
        let expected: Vec<&str> = row.iter().map(|(_, expected)| *expected).collect();
        assert_eq!(told(&paths), expected, "{paths:?}");
    }
}

#[test]
fn what_is_told_otherwise_counts_first() {
    let place = |told: Option<&str>, beside: &[&str]| Place {
        path: "a/prod/all.yaml",
        told: told.map(ToOwned::to_owned),
        beside: beside.iter().map(|name| (*name).to_owned()).collect(),
        ..Place::default()
    };
    let spread = spread(&[place(Some("dev"), &[]), place(None, &[])], &words(), &BTreeSet::new());
    assert_eq!(
        spread.of,
        [BTreeSet::from([Some("dev".to_owned())]), BTreeSet::from([Some("prod".to_owned())])]
    );
    let place = Place { path: "all.yaml", beside: BTreeSet::from(["dev".to_owned()]), ..Place::default() };
    let spread =
        super::spread(&[place, Place { path: "b.yaml", ..Place::default() }], &words(), &BTreeSet::new());
    assert_eq!(spread.of[0], BTreeSet::from([None]));
    assert_eq!(spread.of[1], BTreeSet::from([None, Some("dev".to_owned())]));
    assert_eq!(spread.marked, [false, false]);
}

#[test]
fn an_environment_of_any_name_is_told_by_its_company() {
    let place = |path: &'static str, runs: &[&str]| Place {
        path,
        is_directory: path.starts_with("overlays"),
        runs: runs.iter().map(|run| (*run).to_owned()).collect(),
        ..Place::default()
    };
    let places = [
        place("overlays/dev", &["Deployment/shop"]),
        place("overlays/acme-eu", &["Deployment/shop"]),
        place("overlays/tools", &["Deployment/tools"]),
        place("overlays/base", &["Deployment/shop"]),
        place("overlays/demo1", &["Deployment/shop"]),
        place("k8s/prd/deploy.yaml", &["Deployment/cart"]),
        place("k8s/fkt/deploy.yaml", &["Deployment/cart"]),
        place("k8s/fkt/service.yaml", &[]),
        place("k8s/ingress.yaml", &[]),
    ];
    let mut words = words();
    words.insert("prd".to_owned(), "prod".to_owned());
    let none = BTreeSet::from(["demo1".to_owned()]);
    let spread = spread(&places, &words, &none);
    let marked: Vec<&str> = places
        .iter()
        .zip(&spread.marked)
        .filter(|(_, marked)| **marked)
        .map(|(place, _)| place.path)
        .collect();
    assert_eq!(
        marked,
        [
            "overlays/dev",
            "overlays/acme-eu",
            "k8s/prd/deploy.yaml",
            "k8s/fkt/deploy.yaml",
            "k8s/fkt/service.yaml"
        ]
    );
    assert_eq!(spread.of[1], BTreeSet::from([Some("acme-eu".to_owned())]));
    assert_eq!(spread.of[7], BTreeSet::from([Some("fkt".to_owned())]));
    let all = ["acme-eu", "dev", "fkt", "prod"].map(|name| Some(name.to_owned()));
    assert_eq!(spread.of[8], BTreeSet::from(all));
}
