use super::*;

fn names() -> Names {
    let words = [
        ("prod", "prod"),
        ("production", "prod"),
        ("live", "prod"),
        ("stage", "staging"),
        ("dev", "dev"),
        ("qa", "qa"),
        ("preprod", "preprod"),
        ("nonprod", "nonprod"),
        ("test", "test"),
        ("int", "integration"),
    ];
    let mut words: BTreeMap<String, Option<String>> =
        words.map(|(word, environment)| (word.to_owned(), Some(environment.to_owned()))).into();
    words.insert("ci".to_owned(), None);
    let plain = ["prod", "production", "stage", "dev", "qa", "preprod", "nonprod"];
    Names { words, plain: plain.map(str::to_owned).into(), usual: Some("prod".to_owned()) }
}

/// The groups, each with its branches and their environments, and the names that questions are about behind `?`.
fn grouped_by(names: &Names, patterns: &[&str], branches: &[&str]) -> Vec<String> {
    let sorted: Vec<Sortable<'_>> =
        branches.iter().map(|name| Sortable { name, says_itself: name.contains("itself") }).collect();
    let patterns: Vec<String> = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
    let groups = groups(&sorted, &patterns, names, &Decisions::default());
    let show = |(index, environment): &(usize, Option<String>)| {
        format!(" {}={}", branches[*index], environment.as_deref().unwrap_or("-"))
    };
    let asked = |question: &Question| {
        let answer = question.answer.trim_start_matches("branches: ").replace(['{', '}', ' '], "");
        format!(" ?{answer}")
    };
    let line = |group: &Group| {
        let parts: String = group.parts.iter().map(show).collect();
        format!("{}:{parts}{}", group.name, group.asked.iter().map(asked).collect::<String>())
    };
    groups.iter().map(line).collect()
}

fn grouped(branches: &[&str]) -> Vec<String> {
    grouped_by(&names(), &["legacy/*"], branches)
}

#[test]
fn branches_of_several_environments_are_one_api() {
    assert_eq!(
        grouped(&["legacy/shop-stage", "legacy/shop-prod", "origin/legacy/cart", "legacy/cart-production"]),
        [
            "cart: origin/legacy/cart=- legacy/cart-production=prod",
            "shop: legacy/shop-stage=staging legacy/shop-prod=prod"
        ]
    );
    assert_eq!(
        grouped(&["legacy/pay-stage-eu", "legacy/pay-prod-eu", "legacy/pay-int", "legacy/pay-nonprod"]),
        [
            "pay: legacy/pay-int=integration legacy/pay-nonprod=nonprod",
            "pay-eu: legacy/pay-stage-eu=staging legacy/pay-prod-eu=prod"
        ]
    );
}

#[test]
fn a_branch_alone_is_in_the_environment_that_its_last_word_says() {
    assert_eq!(
        grouped(&[
            "legacy/Team_A--Mail.Prod",
            "legacy/api-qa",
            "legacy/cart_DEV",
            "legacy/dev",
            "legacy/dev/order",
            "legacy/foo-pre-prod",
            "legacy/non-prod/radio",
            "legacy/stage-manager",
        ]),
        [
            "api: legacy/api-qa=qa",
            "cart: legacy/cart_DEV=dev",
            "dev: legacy/dev=dev",
            "foo: legacy/foo-pre-prod=preprod",
            "order: legacy/dev/order=dev",
            "radio: legacy/non-prod/radio=nonprod",
            "stage-manager: legacy/stage-manager=staging",
            "team-a-mail: legacy/Team_A--Mail.Prod=prod",
        ]
    );
    // What its files say is surer.
    assert_eq!(grouped(&["legacy/itself-qa"]), ["itself-qa: legacy/itself-qa=-"]);
}

#[test]
fn a_word_that_may_mean_something_else_is_asked_for() {
    assert_eq!(
        grouped(&[
            "legacy/jenkins-ci-worker",
            "legacy/load-test",
            "legacy/order-live",
            "legacy/pay-stage-eu",
            "legacy/post-prod",
            "legacy/shop-prod-test",
            "legacy/us-prod-east",
            "legacy/x-int",
        ]),
        [
            "jenkins-ci-worker: legacy/jenkins-ci-worker=- ?legacy/jenkins-ci-worker:environment:…",
            "load-test: legacy/load-test=- ?legacy/load-test:environment:test",
            "order-live: legacy/order-live=-",
            "pay-stage-eu: legacy/pay-stage-eu=- ?legacy/pay-stage-eu:environment:staging",
            "post-prod: legacy/post-prod=- ?legacy/post-prod:environment:…",
            "shop-prod-test: legacy/shop-prod-test=- ?legacy/shop-prod-test:environment:test",
            "us-prod-east: legacy/us-prod-east=-",
            "x-int: legacy/x-int=- ?legacy/x-int:environment:integration",
        ]
    );
    // Where branches are put into another environment, `live` is in doubt and `int` as well.
    let names = Names { usual: Some("dev".to_owned()), ..names() };
    assert_eq!(
        grouped_by(&names, &["legacy/*"], &["legacy/order-live"]),
        ["order-live: legacy/order-live=- ?legacy/order-live:environment:prod"]
    );
    // Beside a worker, one of the CI is another one.
    assert_eq!(grouped(&["legacy/a-int-worker", "legacy/a-worker"]).len(), 2);
}

#[test]
fn directories_of_branches_are_environments_whatever_the_pattern_is() {
    for patterns in [&["dev/*", "prod/*"][..], &["*"], &["*/order"], &["dev/order", "prod/order"]] {
        assert_eq!(
            grouped_by(&names(), patterns, &["dev/order", "prod/order"]),
            ["order: dev/order=dev prod/order=prod"],
            "{patterns:?}"
        );
    }
    assert_eq!(
        grouped_by(&names(), &["dev/*"], &["dev/order", "dev/pay-prod"]),
        ["order: dev/order=dev", "pay: dev/pay-prod=prod ?dev/pay-prod:environment:dev"]
    );
    assert_eq!(
        grouped_by(&names(), &["test/*"], &["test/order"]),
        ["order: test/order=- ?test/order:environment:test"]
    );
}

#[test]
fn other_branches_of_one_name_are_apis_of_their_own() {
    assert_eq!(
        grouped(&["legacy/a_b", "legacy/a-b", "legacy/1st", "legacy/a-b-2"]),
        [
            "a-b: legacy/a_b=-",
            "a-b-2: legacy/a-b-2=-",
            "a-b-3: legacy/a-b=- ?legacy/a-b:api:a-b-3",
            "api-1st: legacy/1st=-"
        ]
    );
    // The others stay one.
    assert_eq!(
        grouped(&["legacy/chat_DEV", "legacy/chat_PROD", "legacy/live-chat"]),
        [
            "chat: legacy/chat_DEV=dev legacy/chat_PROD=prod",
            "live-chat: legacy/live-chat=prod ?legacy/live-chat:api:live-chat"
        ]
    );
}
