//! Where stages put findings and go on.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Code, Diagnostic, Severity, WaivedBy};

/// What platform.yaml makes of the findings of a code. The order is that of badness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// They are not looked at.
    Off,
    /// They have this severity.
    At(Severity),
}

/// What platform.yaml says of one code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// Where nothing below fits; nothing for the severity that the code has of its own.
    pub default: Option<Setting>,
    /// By environment.
    pub environments: BTreeMap<Box<str>, Setting>,
    /// By the state of life of the API.
    pub lifecycles: BTreeMap<Box<str>, Setting>,
}

/// Severities set by platform.yaml, by code name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels(BTreeMap<Box<str>, Level>);

/// The states of life that count for an API. A change is held against the state that it leaves and the one that it brings,
/// whichever is stricter, so that it cannot choose its own rules. One in no state is in the state `None`, and so is one of
/// which nothing is said.
pub type States = Vec<Option<Box<str>>>;

/// Collects findings. A stage that can blame the user takes a sink and goes on.
#[derive(Debug, Default)]
pub struct Sink {
    findings: Vec<Diagnostic>,
    levels: Arc<Levels>,
    /// Of the one API that is looked at.
    states: States,
    /// Of all, where findings say whose they are.
    of_apis: BTreeMap<Arc<str>, States>,
}

impl FromIterator<(Box<str>, Level)> for Levels {
    fn from_iter<T: IntoIterator<Item = (Box<str>, Level)>>(levels: T) -> Self {
        Self(levels.into_iter().collect())
    }
}

impl Level {
    /// Returns what holds for an API in a state of its life in an environment: the state's word comes before the
    /// environment's, and that before the one for all.
    fn of(&self, state: Option<&str>, environment: Option<&str>) -> Option<Setting> {
        let by_state = state.and_then(|state| self.lifecycles.get(state));
        let by_environment = || environment.and_then(|environment| self.environments.get(environment));
        by_state.or_else(by_environment).copied().or(self.default)
    }
}

impl Levels {
    /// Returns the severity of a code in an environment, for APIs in no state of life in particular; nothing where it is
    /// switched off.
    pub fn of_code(&self, code: &Code, environment: &str) -> Option<Severity> {
        let level = self.0.get(code.name).filter(|_| code.waived_by != WaivedBy::Never);
        match level.and_then(|level| level.of(None, Some(environment))) {
            Some(Setting::At(severity)) => Some(severity),
            Some(Setting::Off) => None,
            None => Some(code.severity),
        }
    }

    /// Returns the severity of a finding about an API in one of several states; nothing where its code is switched off.
    ///
    /// One about several environments has the worst that any of these gives it. A code that nobody may waive keeps its own:
    /// what cannot be read cannot be allowed.
    fn severity(&self, finding: &Diagnostic, states: &[Option<Box<str>>]) -> Option<Severity> {
        let level = self.0.get(finding.code.name);
        let Some(level) = level.filter(|_| finding.code.waived_by != WaivedBy::Never) else {
            return Some(finding.severity);
        };
        // In no state or environment in particular is one case as well.
        let none = |is_empty: bool| is_empty.then_some(None).into_iter();
        let states = || states.iter().map(Option::as_deref).chain(none(states.is_empty()));
        let environments = &finding.environments;
        let environments = environments.iter().map(|name| Some(&**name)).chain(none(environments.is_empty()));
        let settings =
            environments.flat_map(|environment| states().map(move |state| level.of(state, environment)));
        let worst = settings.map(|setting| setting.unwrap_or(Setting::At(finding.severity))).max();
        match worst {
            Some(Setting::At(severity)) => Some(severity),
            Some(Setting::Off) | None => None,
        }
    }
}

impl Sink {
    /// Makes a sink that applies `levels` to what it is given.
    pub fn new(levels: Arc<Levels>) -> Self {
        Self { levels, ..Self::default() }
    }

    /// Makes an empty sink that treats what it is given in the same way.
    #[must_use]
    pub fn another(&self) -> Self {
        Self {
            findings: Vec::new(),
            levels: self.levels.clone(),
            states: self.states.clone(),
            of_apis: self.of_apis.clone(),
        }
    }

    /// Says in which states of its life the API is that comes next.
    pub fn in_states(&mut self, states: States) {
        self.states = states;
    }

    /// Says in which states all APIs are, for findings that name theirs.
    #[must_use]
    pub fn knowing(mut self, states: BTreeMap<Arc<str>, States>) -> Self {
        self.of_apis = states;
        self
    }

    /// Takes a finding, at the severity that the platform gives its code.
    ///
    /// A code that nobody may waive keeps its severity: what cannot be read cannot be allowed.
    // Cold, as whatever else makes a finding or a failure: the compiler keeps the way there short and out of the way.
    #[cold]
    pub fn push(&mut self, mut finding: Diagnostic) {
        let states = finding.api.as_ref().and_then(|api| self.of_apis.get(api)).unwrap_or(&self.states);
        let Some(severity) = self.levels.severity(&finding, states) else { return };
        finding.severity = severity;
        self.findings.push(finding);
    }

    /// Tells whether a finding of severity error was taken.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// Tells whether a finding of severity error was taken after the first `mark` ones.
    pub fn errors_since(&self, mark: usize) -> bool {
        self.findings.iter().skip(mark).any(|finding| finding.severity == Severity::Error)
    }

    /// Tells how many findings were taken.
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    /// Tells whether nothing was taken.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// Returns the findings so far, in the order they were taken.
    pub fn findings(&self) -> &[Diagnostic] {
        &self.findings
    }

    /// Returns the findings in the order they were taken.
    pub fn into_findings(self) -> Vec<Diagnostic> {
        self.findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Code, Location};

    static CODE: Code = Code::new("some-code", Severity::Warning, WaivedBy::Platform, "");
    static FIRM: Code = Code::unreadable("firm-code", "");

    fn finding(code: &'static Code, environments: &[&str]) -> Diagnostic {
        let finding = Diagnostic::new(code, Location::file("a"), "wrong");
        environments.iter().fold(finding, |finding, name| finding.in_environment(*name))
    }

    /// `some-code` is info; an error in prod, nothing in staging; nothing for a poc, a warning for what is billed.
    fn levels() -> Arc<Levels> {
        let at = |list: &[(&str, Setting)]| list.iter().map(|(name, set)| ((*name).into(), *set)).collect();
        let level = Level {
            default: Some(Setting::At(Severity::Info)),
            environments: at(&[("prod", Setting::At(Severity::Error)), ("staging", Setting::Off)]),
            lifecycles: at(&[("poc", Setting::Off), ("billing", Setting::At(Severity::Warning))]),
        };
        Arc::new([("some-code".into(), level.clone()), ("firm-code".into(), level)].into_iter().collect())
    }

    fn severity(states: &[&str], environments: &[&str]) -> Option<Severity> {
        let mut sink = Sink::new(levels());
        let known = |state: &&str| (!state.is_empty()).then(|| (*state).into());
        sink.in_states(states.iter().map(known).collect());
        sink.push(finding(&CODE, environments));
        sink.into_findings().first().map(|finding| finding.severity)
    }

    #[test]
    fn the_state_of_life_comes_before_the_environment_and_that_before_the_default() {
        assert_eq!(severity(&[], &[]), Some(Severity::Info));
        assert_eq!(severity(&[], &["prod"]), Some(Severity::Error));
        assert_eq!(severity(&[], &["staging"]), None);
        assert_eq!(severity(&[], &["dev"]), Some(Severity::Info));
        assert_eq!(severity(&["poc"], &["prod"]), None);
        assert_eq!(severity(&["billing"], &["staging"]), Some(Severity::Warning));
        assert_eq!(severity(&["approved"], &["prod"]), Some(Severity::Error));
    }

    #[test]
    fn the_worst_of_several_holds() {
        assert_eq!(severity(&[], &["staging", "prod"]), Some(Severity::Error));
        assert_eq!(severity(&[], &["staging", "dev"]), Some(Severity::Info));
        assert_eq!(severity(&["poc", "billing"], &["prod"]), Some(Severity::Warning));
        assert_eq!(severity(&["poc", "approved"], &["prod"]), Some(Severity::Error));
        assert_eq!(severity(&["poc", ""], &["prod"]), Some(Severity::Error));
    }

    #[test]
    fn what_nobody_may_waive_keeps_its_severity() {
        let mut sink = Sink::new(levels());
        sink.in_states(vec![Some("poc".into())]);
        sink.push(finding(&FIRM, &["staging"]));
        assert_eq!(sink.into_findings()[0].severity, Severity::Error);
    }

    #[test]
    fn a_finding_that_names_its_api_has_that_ones_state() {
        let states = BTreeMap::from([("a".into(), vec![Some("poc".into())])]);
        let mut sink = Sink::new(levels()).knowing(states);
        for api in ["a", "b"] {
            let mut finding = finding(&CODE, &[]);
            finding.api = Some(api.into());
            sink.push(finding);
        }
        let apis: Vec<_> = sink.into_findings().into_iter().filter_map(|finding| finding.api).collect();
        assert_eq!(apis, ["b".into()]);
    }
}
