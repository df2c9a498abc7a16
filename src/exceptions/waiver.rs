//! Waivers: which findings may pass, and why.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;

use super::{Pattern, Written, read};
use crate::diagnostic::{Diagnostic, Passed, PassedBy, Sink, WaivedBy};
use crate::schema::WAIVERS;

/// A finding that may pass.
#[derive(Clone, Debug)]
pub struct Waiver {
    /// The code of the finding.
    pub code: Box<str>,
    /// The APIs that it may pass for.
    pub api: Pattern,
    /// The one environment that it may pass in; none for all of them.
    pub environment: Option<Box<str>>,
    /// The files that it may pass in; none for all of them.
    pub path: Option<Pattern>,
    /// Why.
    pub reason: Box<str>,
    /// The last day on which it holds, as `YYYY-MM-DD`; none for ever.
    pub until: Option<Box<str>>,
    /// Who agreed to it.
    pub approved_by: Option<Box<str>>,
    /// Where it is written.
    pub written: Written,
}

/// What waivers did to findings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Applied {
    /// The waivers that cover a finding or a part of one, by their place in the list.
    pub used: BTreeSet<usize>,
    /// The findings that they cover as a whole, with the reasons.
    pub passed: Vec<Passed>,
}

/// The waivers that speak of one finding.
#[derive(Debug, Default)]
pub(super) struct Covering {
    /// By their place in the list.
    waivers: Vec<usize>,
    /// Whether nothing of the finding is left.
    pub(super) whole: bool,
}

/// Which waivers can speak of an API, so that not each is asked of each finding: of a migrated fleet every API has some.
#[derive(Clone, Debug, Default)]
pub(super) struct ByApi {
    /// Those that name one, by their places in the list.
    names: BTreeMap<Box<str>, Vec<usize>>,
    /// Those with a pattern.
    patterns: Vec<usize>,
}

/// A waiver as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RawWaiver {
    code: Box<str>,
    api: String,
    environment: Option<Box<str>>,
    path: Option<String>,
    reason: Box<str>,
    until: Option<Box<str>>,
    approved_by: Option<Box<str>>,
}

impl Waiver {
    /// Tells whether the day is past on which it was to end.
    pub fn is_expired(&self, today: &str) -> bool {
        self.until.as_deref().is_some_and(|until| until < today)
    }

    /// Tells whether it speaks of a finding, in whatever environment.
    fn speaks_of(&self, finding: &Diagnostic, api: Option<&str>) -> bool {
        *self.code == *finding.code.name
            // What belongs to no API has no name to fit.
            && self.api.fits(api.unwrap_or_default())
            && self.path.as_ref().is_none_or(|path| path.fits(&finding.primary.path))
    }
}

impl ByApi {
    pub(super) fn new(waivers: &[Waiver]) -> Self {
        let mut by_api = Self::default();
        for (index, waiver) in waivers.iter().enumerate() {
            if waiver.api.is_name() {
                by_api.names.entry(waiver.api.as_str().into()).or_default().push(index);
            } else {
                by_api.patterns.push(index);
            }
        }
        by_api
    }

    /// Returns those that can speak of what belongs to an API, or to none, in the order of the list.
    fn of(&self, api: Option<&str>) -> Vec<usize> {
        let named = self.names.get(api.unwrap_or_default()).into_iter().flatten();
        let mut all: Vec<usize> = named.chain(&self.patterns).copied().collect();
        all.sort_unstable();
        all
    }
}

/// Reads the waivers of one file.
pub(super) fn parse(path: &Arc<str>, bytes: Vec<u8>, sink: &mut Sink) -> Vec<Waiver> {
    let mut waivers = Vec::new();
    for (raw, written) in read::entries::<RawWaiver>(path, bytes, &WAIVERS, "waivers", sink) {
        let RawWaiver { code, api, environment, path, reason, until, approved_by } = raw;
        let api = read::pattern(&api, &written, &["api"], sink);
        let path = path.map(|path| read::pattern(&path, &written, &["path"], sink));
        // One whose bounds cannot be read would hold too widely without them.
        let (Some(api), Some(path)) = (api, path.map_or(Some(None), |path| path.map(Some))) else { continue };
        waivers.push(Waiver { code, api, environment, path, reason, until, approved_by, written });
    }
    waivers
}

/// Finds the waivers that speak of a finding.
///
/// A finding about some environments is covered where each of them is; one about no environment in particular
/// only by a waiver that names none.
pub(super) fn covering(
    waivers: &[Waiver],
    by_api: &ByApi,
    finding: &Diagnostic,
    api: Option<&str>,
    today: &str,
) -> Covering {
    let mut covering = Covering::default();
    if finding.code.waived_by == WaivedBy::Never {
        return covering;
    }
    let mut environments: BTreeSet<&str> = BTreeSet::new();
    for index in by_api.of(api) {
        let waiver = &waivers[index];
        if waiver.is_expired(today) || !waiver.speaks_of(finding, api) {
            continue;
        }
        match &waiver.environment {
            None => covering.whole = true,
            Some(name) if finding.environments.iter().any(|here| **here == **name) => {
                environments.insert(name);
            }
            Some(_) => continue,
        }
        covering.waivers.push(index);
    }
    let all = finding.environments.iter().all(|name| environments.contains(&**name));
    covering.whole |= all && !finding.environments.is_empty();
    covering
}

/// Takes the findings out that waivers cover.
pub(super) fn apply(
    waivers: &[Waiver],
    by_api: &ByApi,
    findings: &mut Vec<Diagnostic>,
    today: &str,
) -> Applied {
    let mut applied = Applied::default();
    if waivers.is_empty() {
        return applied;
    }
    findings.retain(|finding| {
        let covering = covering(waivers, by_api, finding, finding.api.as_deref(), today);
        if covering.whole {
            let reasons: Vec<&str> = covering.waivers.iter().map(|index| &*waivers[*index].reason).collect();
            let (finding, reason) = (finding.clone(), reasons.join("; "));
            applied.passed.push(Passed { finding, by: PassedBy::Waiver, reason });
        }
        applied.used.extend(covering.waivers);
        !covering.whole
    });
    applied
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Code, Location, Severity};

    static CODE: Code = Code::new("some-code", Severity::Error, WaivedBy::Platform, "");
    static FIRM: Code = Code::unreadable("firm-code", "");

    fn waivers(text: &str) -> Vec<Waiver> {
        let mut sink = Sink::default();
        let text = format!("apiVersion: onramp/v1\nwaivers:\n{text}");
        let waivers = parse(&"waivers/a.yaml".into(), text.into_bytes(), &mut sink);
        assert_eq!(sink.into_findings(), []);
        waivers
    }

    fn finding(api: Option<&str>, environments: &[&str]) -> Diagnostic {
        let place = Location::file("onboarding/payments/metadata.yaml");
        let mut finding = Diagnostic::new(&CODE, place, "wrong");
        finding.api = api.map(Into::into);
        environments.iter().fold(finding, |finding, name| finding.in_environment(*name))
    }

    fn applied(waivers: &[Waiver], findings: &mut Vec<Diagnostic>) -> Applied {
        apply(waivers, &ByApi::new(waivers), findings, "2026-07-01")
    }

    fn waives(waiver: &str, finding: Diagnostic) -> bool {
        let mut findings = vec![finding];
        let waiver = format!("- {{ code: some-code, reason: agreed, {waiver} }}");
        let applied = applied(&waivers(&waiver), &mut findings);
        assert_eq!(applied.passed.len(), 1 - findings.len());
        findings.is_empty()
    }

    #[test]
    fn a_waiver_holds_for_what_it_names() {
        let payments = || finding(Some("payments"), &[]);
        assert!(waives("api: payments", payments()));
        assert!(waives("api: pay*", payments()));
        assert!(waives("api: \"{orders,payments}\"", payments()));
        assert!(waives("api: \"*\"", payments()));
        assert!(!waives("api: orders", payments()));
        assert!(!waives("api: pay", payments()));
        assert!(waives("api: payments, path: onboarding/*/metadata.yaml", payments()));
        assert!(!waives("api: payments, path: platform.yaml", payments()));
        // What belongs to no API.
        assert!(waives("api: \"*\"", finding(None, &[])));
        assert!(!waives("api: \"?*\"", finding(None, &[])));
    }

    #[test]
    fn a_waiver_ends_with_its_day() {
        let payments = || finding(Some("payments"), &[]);
        assert!(waives("api: payments, until: \"2026-07-01\"", payments()));
        assert!(!waives("api: payments, until: \"2026-06-30\"", payments()));
    }

    #[test]
    fn an_environment_bounds_a_waiver() {
        let within = |environments: &[&str]| finding(Some("payments"), environments);
        assert!(waives("api: payments", within(&["staging", "prod"])));
        assert!(waives("api: payments, environment: prod", within(&["prod"])));
        assert!(!waives("api: payments, environment: prod", within(&["staging"])));
        assert!(!waives("api: payments, environment: prod", within(&["prod", "staging"])));
        assert!(!waives("api: payments, environment: prod", within(&[])));
        // Two together cover what neither does alone, and both are of use.
        let both = waivers(
            "- { code: some-code, reason: a, api: payments, environment: prod }\n\
             - { code: some-code, reason: b, api: payments, environment: staging }\n\
             - { code: some-code, reason: c, api: orders }\n",
        );
        let mut findings = vec![within(&["prod", "staging"])];
        let applied = applied(&both, &mut findings);
        assert_eq!(applied.used, BTreeSet::from([0, 1]));
        assert_eq!(applied.passed.iter().map(|passed| &*passed.reason).collect::<Vec<_>>(), ["a; b"]);
        assert_eq!(findings, []);
    }

    #[test]
    fn all_that_fit_are_found_in_the_order_of_the_list() {
        let waivers = waivers(
            "- { code: some-code, reason: a, api: \"p*\" }\n\
             - { code: some-code, reason: b, api: payments }\n\
             - { code: some-code, reason: c, api: orders }\n\
             - { code: some-code, reason: d, api: \"*\" }\n\
             - { code: some-code, reason: e, api: payments }\n",
        );
        for (api, reasons) in
            [(Some("payments"), "a; b; d; e"), (Some("orders"), "c; d"), (Some("cart"), "d"), (None, "d")]
        {
            let mut findings = vec![finding(api, &[])];
            let applied = applied(&waivers, &mut findings);
            let each = applied.passed.iter().map(|passed| &*passed.reason);
            assert_eq!(each.collect::<Vec<_>>(), [reasons], "{api:?}");
        }
    }

    #[test]
    fn what_nobody_may_waive_stays() {
        let mut findings = vec![Diagnostic::new(&FIRM, Location::file("a"), "wrong")];
        let waivers = waivers("- { code: firm-code, reason: agreed, api: \"*\" }");
        assert_eq!(applied(&waivers, &mut findings), Applied::default());
        assert_eq!(findings.len(), 1);
    }
}
