use super::*;
use crate::diagnostic::{Code, Fix, Location, Severity};

static READING: Code = Code::unreadable("unknown-key", "");
static LATER: Code = Code::unreadable("missing-image", "");

fn finding(code: &'static Code, message: &str, fix: Option<Fix>) -> Diagnostic {
    let mut finding = Diagnostic::new(code, Location::file("onboarding/a/metadata.yaml"), message);
    finding.severity = Severity::Error;
    finding.maybe_fix(fix)
}

fn edit(start: usize, end: usize, text: &str) -> Fix {
    Fix::safe("mend it").edit("onboarding/a/metadata.yaml", start..end, text)
}

#[test]
fn edits_that_touch_wait_for_the_next_round() {
    let text = |_: &Arc<str>| "0123456789";
    let mut splices = Splices::default();
    assert!(splices.take(&edit(2, 4, "x"), &text));
    assert!(!splices.take(&edit(3, 5, "x"), &text), "overlapping");
    assert!(!splices.take(&edit(4, 4, "x"), &text), "touching");
    assert!(splices.take(&edit(5, 5, "x"), &text));
    assert!(!splices.take(&edit(8, 11, "x"), &text), "behind the end");
    let around = edit(6, 6, "(").edit("onboarding/a/metadata.yaml", 9..9, ")");
    assert!(splices.take(&around, &text));
    assert!(!splices.take(&edit(7, 8, "x"), &text), "between the edits of another");
}

#[test]
fn all_other_bytes_stay() {
    let text = "\u{feff}a: 1.10 # é\r\nb: x\r\n";
    let at = text.find("1.10").expect("it is there");
    let fix = Fix::quotes(&Arc::from("p"), &(at..at + 4), "1.10").expect("it is no alias");
    let files = splice::by_file([&fix]);
    let edits = files.values().next().expect("one file");
    assert_eq!(splice::apply(text, edits), "\u{feff}a: \"1.10\" # é\r\nb: x\r\n");
}

#[test]
fn a_fix_is_judged_by_what_is_found_after_it() {
    let chosen = [finding(&READING, "one", Some(edit(0, 1, "x")))];
    let other = || finding(&READING, "other", None);
    let of = |after: &[Diagnostic]| verdict::of(&chosen, &[chosen[0].clone(), other()], after, &[]);
    assert!(of(&[other()]).is_empty());
    assert!(!of(&[chosen[0].clone(), other()]).is_empty(), "still there");
    assert!(!of(&[other(), finding(&READING, "new", None)]).is_empty(), "a new one of the same stage");
    assert!(of(&[other(), finding(&LATER, "new", None)]).is_empty(), "what could not be seen before");
}

#[test]
fn only_files_of_the_chosen_apis_are_touched() {
    let only = ["pay".to_owned()];
    assert!(is_selected(Some(&only), "onboarding/pay/metadata.yaml"));
    assert!(!is_selected(Some(&only), "onboarding/payments/metadata.yaml"));
    assert!(!is_selected(Some(&only), "platform.yaml"));
    assert!(is_selected(None, "platform.yaml"));
}
