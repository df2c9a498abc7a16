//! A bump touches exactly the lines that hold its image, whatever the file looks like.

use proptest::prelude::*;

use super::{planned, request};
use crate::env::Env;

const OLD: &str = "registry.example/apis/payments:v2.0.0";
const NEW: &str = "registry.example/apis/payments:v2.1.0@sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// What an environment can look like, and whether it names an image of its own.
const ENVIRONMENTS: &[&str] = &[
    "  prod: {}\n",
    "  prod: { }   # nothing yet\n",
    "  prod: { replicas: 2 }\n",
    "  prod: {replicas: 2}\n",
    "  prod: { image: IMAGE, replicas: 2 } # flow\n",
    "  prod: {\n    replicas: 2, # why\n    image: \"IMAGE\" }\n",
    "  prod:\n    image: IMAGE\n",
    "  prod:\n    image: 'IMAGE' # the one that runs\n    replicas: 2\n",
    "  prod: # live\n    # few are enough\n    replicas: 2\n    image:    \"IMAGE\"   \n",
    "  prod:\n    # Größe: ünïcode \u{1F600}\n    replicas: 2\n    env: { \"A\": \"b\" }\n",
    "  prod:\n      replicas: 2\n      # at the end\n",
    "  \"prod\":\n    \"image\": IMAGE\n",
    "  prod:\n    !!str image: !!str IMAGE\n",
    "  prod:\n    image:\n      IMAGE\n    replicas: 2\n",
];

const OTHERS: &[&str] = &[
    "",
    "  staging: {}\n",
    "  staging:\n    image: registry.example/apis/payments:v9.9.9\n    replicas: 1\n",
];

const ABOVE: &[&str] = &[
    "",
    "# a comment: image: not this one\n",
    "env: { A: \"image: nor this\", B: 'it''s' }\n",
    "env:\n  TEXT: |\n    image: in a block\n\n    end\n  FOLDED: >-\n    one\n    two\n",
    "labels: &l { a: b }\npodLabels: *l\n",
    "\n\n",
];

fn document() -> impl Strategy<Value = (String, usize)> {
    let pick = |of: &'static [&'static str]| (0..of.len()).prop_map(move |at| (of[at], at));
    (pick(ENVIRONMENTS), pick(OTHERS), pick(ABOVE), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |((prod, at), (other, _), (above, _), first, crlf, end, marked)| {
            let prod = prod.replace("IMAGE", OLD);
            let both = if first { format!("{prod}{other}") } else { format!("{other}{prod}") };
            let mut text = format!(
                "apiVersion: onramp/v1\nname: payments\nowner: {{ team: payments, email: payments@acme.example }}\n{above}image: {OLD} # all\n\
                 ports: {{ http: 8080 }}\nenvironments:\n{both}"
            );
            if marked {
                text = format!("---\n{text}");
            }
            if !end {
                text.truncate(text.trim_end_matches('\n').len());
            }
            (if crlf { text.replace('\n', "\r\n") } else { text }, at)
        },
    )
}

/// Says which lines go and which come; the others are the same in the same order.
fn difference<'t>(old: &'t str, new: &'t str) -> (Vec<&'t str>, Vec<&'t str>) {
    let (old, new): (Vec<&str>, Vec<&str>) =
        (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let same = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let rest = old.len().min(new.len()) - same;
    let tail = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(old, new)| old == new).count();
    (old[same..old.len() - tail].to_vec(), new[same..new.len() - tail].to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn the_lines_of_the_image_change_and_no_other((text, at) in document()) {
        let env = Env::new();
        env.write("platform.yaml", include_str!("../../../fixtures/rules/platform.yaml"));
        env.write("onboarding/payments/metadata.yaml", &text);
        let run = env.run(&["render"]);
        prop_assert!(run.code == 0, "{}\n{text}", run.stdout);
        let plan = planned(&env, &request("prod", NEW));
        let plan = plan.map_err(|failure| TestCaseError::fail(format!("{failure}\n{text}")))?;
        let new = plan.files["onboarding/payments/metadata.yaml"].as_ref().expect("it stays");
        let (gone, come) = difference(&text, new);
        if ENVIRONMENTS[at].contains("IMAGE") {
            prop_assert_eq!(gone.len(), 1, "{}\n---\n{}", text, new);
            prop_assert_eq!(come.len(), 1);
            prop_assert_eq!(gone[0].replace(OLD, NEW), come[0]);
        } else {
            let removed: String = gone.concat();
            let added = come.concat();
            let key = format!("image: {NEW}");
            prop_assert!(added.contains(&key), "{}\n---\n{}", text, new);
            // Without the key it is what was there, but for the blanks of the braces.
            let bare = |text: &str| text.replace(&key, "").replace([' ', ',', '\r', '\n'], "");
            prop_assert_eq!(bare(&added), bare(&removed), "{}\n---\n{}", text, new);
        }
        let files = plan.files.keys().map(String::as_str).collect::<Vec<_>>();
        prop_assert!(files.iter().all(|path| !path.contains("staging")), "{:?}", files);
        for (path, text) in &plan.files {
            env.write(path, text.as_ref().expect("it stays"));
        }
        prop_assert_eq!(env.run(&["render", "--check"]).code, 0);
    }
}
