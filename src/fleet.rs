//! The pipeline over all APIs: read, check, render, compare.
//!
//! One API is one unit of parallel work. Of each only what later stages need is kept: findings,
//! claims, changes.

mod around;
mod built;
mod compare;
mod foreign;
mod gather;
mod nearby;
mod read;
mod seen;
mod since;
mod templates;
mod upgrade;
mod waiving;

pub use crate::snapshot::ONBOARDING;
pub use gather::{Gathered, gather};
pub use seen::Seen;
pub use since::touched;
pub use templates::load as templates;
pub use upgrade::Step;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use crate::change::{Change, ChangeSet};
use crate::diagnostic::{Diagnostic, Levels, Location, Passed, Severity, Sink, States};
use crate::exceptions::{Exceptions, Ignore};
use crate::index::Index;
use crate::metadata::Metadata;
use crate::platform::{self, LoadedPlatform};
use crate::policy::{self, ApiContext, Claim, FleetContext, Hatch, Holding, Neighbour, Reference, Running};
use crate::render::{self, Drafts, FileTree, Share, TemplateSets, Templates};
use crate::snapshot::{Entry, Kind, Snapshot, SnapshotError};
use built::{Found, Said};
use nearby::Nearby;
use read::read_metadata;
use waiving::Waiving;

/// The file of an API team.
pub const METADATA_FILE: &str = "metadata.yaml";
/// The most bytes of a generated file or template that are read.
const MAX_GENERATED: u64 = 4 << 20;

/// What to do with each API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work<'a> {
    /// Read and check.
    Lint,
    /// Also render, and compare with what is there.
    Render,
    /// Plan the step to this version of the templates, for each API that gets an older one.
    Upgrade(&'a str),
}

/// What a run over the fleet found.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Findings in the order of the report.
    pub findings: Vec<Diagnostic>,
    /// What rendering would change; empty but for [`Work::Render`].
    pub changes: ChangeSet,
    /// Steps to a newer version of the templates; empty but for [`Work::Upgrade`].
    pub steps: Vec<Step>,
    /// How many APIs were looked at.
    pub apis: usize,
    /// How many could not be looked at, since the platform's side cannot be read.
    pub skipped: usize,
    /// How many findings waivers cover, and comments of owners; they are left out.
    pub waived: usize,
    /// What these are.
    pub passed: Vec<Passed>,
    /// The severities that the platform sets.
    pub levels: Arc<Levels>,
}

/// Looks at the APIs of a config repo.
///
/// With `only`, findings and changes of other APIs are left out, but they still take part in the
/// rules across the fleet. `today` is what rules about dates go by, as `YYYY-MM-DD`.
///
/// # Errors
/// Fails where the repo itself cannot be listed; a single file that cannot be read is a finding.
pub fn run(
    snapshot: &Snapshot,
    only: Option<&[String]>,
    work: Work<'_>,
    today: &str,
) -> Result<Outcome, SnapshotError> {
    run_all(snapshot, only, work, today, None, None, None)
}

/// The same with what an earlier run kept of the files: of a few APIs nothing else is found, and the others need not be read.
///
/// # Errors
/// As [`run`].
pub fn run_with(
    snapshot: &Snapshot,
    only: Option<&[String]>,
    work: Work<'_>,
    today: &str,
    index: Option<&Index>,
) -> Result<Outcome, SnapshotError> {
    run_all(snapshot, only, work, today, None, index, None)
}

/// Looks at all APIs once more: what was `seen` of one is taken as it is, and what is new is kept there. As one run after
/// another does, which changes a few APIs in between.
///
/// # Errors
/// As [`run`].
pub fn run_again(
    snapshot: &Snapshot,
    work: Work<'_>,
    today: &str,
    seen: &mut Seen,
) -> Result<Outcome, SnapshotError> {
    run_all(snapshot, None, work, today, None, None, Some(seen))
}

/// What decides over the findings of a change in place of the repo's own files: what may pass is not for a change to say.
#[derive(Clone, Copy, Debug)]
pub struct Trusted<'a> {
    /// Severities by code.
    pub levels: &'a Levels,
    /// Waivers and freezes.
    pub exceptions: &'a Exceptions,
    /// In which state of its life an API is there. A change may bring another, and has the severities of neither alone.
    pub lifecycles: &'a BTreeMap<String, Option<Box<str>>>,
}

/// The same under severities and exceptions of another snapshot, where there are any. The exceptions that the repo itself
/// has are then only looked at.
///
/// # Errors
/// As [`run`].
pub fn run_under(
    snapshot: &Snapshot,
    only: Option<&[String]>,
    work: Work<'_>,
    today: &str,
    trusted: Option<Trusted<'_>>,
) -> Result<Outcome, SnapshotError> {
    run_all(snapshot, only, work, today, trusted, None, None)
}

fn run_all(
    snapshot: &Snapshot,
    only: Option<&[String]>,
    work: Work<'_>,
    today: &str,
    trusted: Option<Trusted<'_>>,
    index: Option<&Index>,
    seen: Option<&mut Seen>,
) -> Result<Outcome, SnapshotError> {
    let mut sink = Sink::default();
    let names = api_names(snapshot, &mut sink)?;
    let own = Exceptions::read(snapshot, &mut sink)?;
    let selected = |name: &str| only.is_none_or(|only| only.iter().any(|wanted| wanted == name));
    let platform = match platform::read(snapshot, &mut sink) {
        Ok(platform) => platform,
        Err(error) => {
            sink.push(error.diagnostic());
            None
        }
    };
    let Some(platform) = platform else {
        let skipped = names.iter().filter(|name| selected(name)).count();
        return Ok(Outcome { findings: sorted(sink), skipped, ..Outcome::default() });
    };
    let levels = Arc::new(trusted.map_or_else(|| platform.levels(), |trusted| trusted.levels.clone()));
    let mut platform_sink = Sink::new(levels.clone());
    policy::check_platform(&platform, &mut platform_sink);
    platform_sink.into_findings().into_iter().for_each(|finding| sink.push(finding));
    let templates = templates::load(snapshot, &platform, &mut sink)?;

    let whole = work == Work::Render && only.is_none();
    let namespaces = whole && platform.model.namespace_objects.enabled;
    let counted = platform.model.environments.iter().any(|(_, here)| !here.capacity.is_open());
    let one = One {
        snapshot,
        platform: &platform,
        templates: &templates,
        levels: &levels,
        exceptions: trusted.map_or(&own, |trusted| trusted.exceptions),
        lifecycles: trusted.map(|trusted| trusted.lifecycles),
        work,
        shares: namespaces || counted,
        today,
    };
    let kept = |name: &str| seen.as_ref().and_then(|seen| seen.of(name));
    let look_at = |name: &str| kept(name).unwrap_or_else(|| one.look_at(name, selected(name)));
    let few = only.filter(|only| only.len() <= nearby::MOST_CHOSEN);
    let results: Vec<(&str, ApiResult)> = match few {
        None => names.par_iter().map(|name| (name.as_str(), look_at(name))).collect(),
        Some(chosen) => {
            let there: Vec<&String> = names.iter().filter(|name| selected(name)).collect();
            let mut results: Vec<_> = there.par_iter().map(|name| (name.as_str(), look_at(name))).collect();
            let nearby = Nearby::of(chosen, &results, &platform, index);
            if let Some(index) = index.filter(|_| !chosen.is_empty()) {
                index.only(&names);
            }
            // Nobody meets none.
            let asked = if chosen.is_empty() { &[][..] } else { &names[..] };
            let others = asked.par_iter().filter(|name| !selected(name) && nearby.has(snapshot, name));
            results.par_extend(others.map(|name| (name.as_str(), look_at(name))));
            results.sort_by_key(|(name, _)| *name);
            results
        }
    };
    if let Some(seen) = seen {
        seen.keep(&results);
    }

    let mut outcome = Outcome {
        apis: names.iter().filter(|name| selected(name)).count(),
        levels: levels.clone(),
        ..Outcome::default()
    };
    let (mut claims, mut neighbours, mut references) = (Vec::new(), Vec::new(), Vec::new());
    let (mut holdings, mut running, mut shares) = (Vec::new(), Vec::new(), Vec::new());
    let mut built = Vec::new();
    let (mut states, mut ignores) = (BTreeMap::new(), Vec::new());
    // Of APIs that were not looked at nobody knows which version they get.
    let mut used = few.is_none().then(BTreeSet::new);
    for (name, result) in results {
        claims.extend(result.claims);
        holdings.extend(result.holdings);
        neighbours.extend(result.neighbours);
        references.extend(result.references);
        running.extend(result.running);
        shares.extend(result.shares);
        used = used.zip(result.template).map(|(mut used, template)| {
            used.insert(template);
            used
        });
        if !result.states.is_empty() {
            states.insert(name.into(), result.states);
        }
        if selected(name) {
            ignores.extend(result.ignores.into_iter().map(|ignore| (name.into(), ignore)));
            outcome.findings.extend(result.findings);
            built.extend(Some((name, result.built)).filter(|(_, found)| !found.is_empty()));
            outcome.changes.changes.extend(result.changes);
            outcome.steps.extend(result.step);
        }
    }
    let mut fleet_sink = Sink::new(levels.clone()).knowing(states.clone());
    let fleet = FleetContext {
        names: &names,
        claims: &claims,
        holdings: &holdings,
        neighbours: &neighbours,
        references: &references,
        running: &running,
        shares: few.is_none().then_some(&shares),
        templates: used.as_ref(),
        platform: &platform,
    };
    policy::check_fleet(&fleet, &mut fleet_sink);
    outcome.findings.extend(fleet_sink.into_findings().into_iter().filter(|finding| {
        let speaks_of =
            |reference: &Reference| reference.location == finding.primary && selected(&reference.wanted);
        finding.api.as_deref().is_none_or(selected)
            || finding.related.iter().any(|related| only_touches(only, &related.location))
            || references.iter().any(speaks_of)
    }));
    // The engine's files belong to no API, and follow what holds for one that pins nothing.
    if let (true, Some(templates)) = (whole, templates.of(None)) {
        let shares = if namespaces { shares.as_slice() } else { &[] };
        match around::render(&platform, templates, shares) {
            Ok(tree) => around::compare(snapshot, tree, &mut sink, &mut outcome.changes)?,
            Err(finding) => sink.push(*finding),
        }
    }
    let around = sink.into_findings();
    let news = one.news(built, &outcome.findings, &around, &ignores);
    outcome.findings.extend(news);
    outcome.findings.extend(around);
    outcome.changes.sort();
    let waiving = Waiving {
        own: &own,
        others: trusted.map(|trusted| trusted.exceptions),
        platform: &platform,
        apis: &names,
        today,
    };
    waiving.apply(&mut outcome, ignores, only.is_none(), Sink::new(levels).knowing(states));
    Ok(outcome)
}

/// Returns the names of the API directories, sorted.
///
/// # Errors
/// Fails where the repo cannot be listed.
pub fn api_names(snapshot: &Snapshot, sink: &mut Sink) -> Result<Vec<String>, SnapshotError> {
    let mut names = Vec::new();
    for entry in list(snapshot, ONBOARDING, sink)? {
        match entry.plain() {
            Ok(()) if entry.kind == Kind::Directory => names.push(base_name(&entry.path).to_owned()),
            Ok(()) => {}
            Err(error) => sink.push(error.diagnostic()),
        }
    }
    Ok(names)
}

/// Lists a directory. A link or file in its place is the author's to mend, so it is a finding.
fn list(snapshot: &Snapshot, directory: &str, sink: &mut Sink) -> Result<Vec<Entry>, SnapshotError> {
    match snapshot.list(directory) {
        Err(error @ (SnapshotError::Symlink { .. } | SnapshotError::NotADirectory { .. })) => {
            sink.push(error.diagnostic());
            Ok(Vec::new())
        }
        listed => listed,
    }
}

/// Returns the path of an API's metadata.yaml.
pub fn metadata_path(api: &str) -> String {
    format!("{ONBOARDING}/{api}/{METADATA_FILE}")
}

/// What is kept of one API.
#[derive(Clone, Debug, Default)]
struct ApiResult {
    findings: Vec<Diagnostic>,
    claims: Vec<Claim>,
    holdings: Vec<Holding>,
    neighbours: Vec<Neighbour>,
    references: Vec<Reference>,
    running: Vec<Running>,
    shares: Vec<Share>,
    /// Version of the templates; nothing where metadata.yaml names none that there is.
    template: Option<String>,
    changes: Vec<Change>,
    step: Option<Step>,
    /// What its objects gave.
    built: Found,
    states: States,
    ignores: Vec<Ignore>,
}

/// What looking at one API needs.
struct One<'a> {
    snapshot: &'a Snapshot,
    platform: &'a LoadedPlatform,
    templates: &'a TemplateSets,
    levels: &'a Arc<Levels>,
    exceptions: &'a Exceptions,
    /// In which state of its life an API is on the base, where that counts as well.
    lifecycles: Option<&'a BTreeMap<String, Option<Box<str>>>>,
    work: Work<'a>,
    /// Whether it is asked what pods take.
    shares: bool,
    today: &'a str,
}

impl One<'_> {
    fn look_at(&self, name: &str, selected: bool) -> ApiResult {
        let mut sink = Sink::new(self.levels.clone());
        let mut result = ApiResult::default();
        if let Err(error) = self.try_look_at(name, selected, &mut sink, &mut result) {
            sink.push(error.diagnostic());
        }
        result.findings = sink.into_findings();
        let api: Arc<str> = name.into();
        result.findings.iter_mut().for_each(|finding| finding.api = Some(api.clone()));
        result
    }

    fn try_look_at(
        &self,
        name: &str,
        selected: bool,
        sink: &mut Sink,
        result: &mut ApiResult,
    ) -> Result<(), SnapshotError> {
        let directory = format!("{ONBOARDING}/{name}");
        let entries = self.snapshot.walk(&directory)?;
        for entry in &entries {
            if let Err(error) = entry.plain() {
                sink.push(error.diagnostic());
            }
        }
        let mut metadata = read_metadata(self.snapshot, self.platform, &directory, sink)?;
        if let Some(metadata) = &mut metadata {
            read::take_over(self.snapshot, name, &entries, metadata, sink)?;
        }
        let mut rendered = None;
        if let Some(metadata) = &metadata {
            let own = metadata.top.api.lifecycle.as_deref().map(Box::from);
            let on_base = self.lifecycles.and_then(|known| known.get(name).cloned());
            result.states = std::iter::once(own).chain(on_base).collect();
            sink.in_states(result.states.clone());
            result.ignores = Ignore::all(&metadata.source);
            let mut context = ApiContext {
                name,
                directory: &directory,
                metadata,
                platform: self.platform,
                entries: &entries,
                snapshot: self.snapshot,
                hatch: Hatch::default(),
                holdings: Vec::new(),
                today: self.today,
            };
            // A version that is not there is a finding of its own.
            let templates = self.templates.of(metadata.top.api.template.as_deref());
            if let Some(templates) = templates {
                context.hatch = Hatch::read(&context, templates, sink);
            }
            context.holdings = Holding::all(&context);
            policy::check_api(&context, sink);
            result.claims = Claim::all(&context);
            result.neighbours = Neighbour::all(&context);
            result.references = Reference::all(&context);
            if let Some(templates) = templates.filter(|_| selected && !matches!(self.work, Work::Upgrade(_)))
            {
                rendered = self.render(name, metadata, templates, &result.ignores, sink);
                if let Some(drafts) = &rendered {
                    let open = self.open(name, sink.findings(), &result.ignores).collect::<Vec<_>>();
                    result.built = Found::of(&context, drafts, templates, sink, &open);
                }
            }
            result.running = Running::all(&context);
            result.holdings = context.holdings;
            if self.shares {
                result.shares = Share::all(metadata, &self.platform.model);
            }
            let versions = &self.platform.model.templates;
            let version = versions.of(metadata.top.api.template.as_deref());
            result.template = versions.age(version).map(|_| version.to_owned());
        }
        if !selected && self.work != Work::Lint {
            return Ok(());
        }
        let sound = self.work != Work::Lint
            && selected
            && !self.has_errors(name, sink.findings(), &result.ignores)
            && !self.has_errors(name, result.built.iter(), &result.ignores);
        if let Work::Upgrade(to) = self.work {
            let metadata = metadata.filter(|_| sound);
            let (step, tree) = metadata.and_then(|metadata| self.step(name, &metadata, to, sink)).unzip();
            let files = self.compare(&directory, &entries, tree, sink)?;
            result.step = step.map(|step| Step { files, ..step });
        } else {
            result.changes =
                self.compare(&directory, &entries, rendered.filter(|_| sound).map(Drafts::into_tree), sink)?;
        }
        Ok(())
    }

    /// Tells whether a finding keeps an API from being rendered.
    fn has_errors<'f>(
        &self,
        name: &str,
        findings: impl IntoIterator<Item = &'f Diagnostic>,
        ignores: &[Ignore],
    ) -> bool {
        self.open(name, findings, ignores).next().is_some()
    }

    /// Walks the errors of an API that nothing lets pass.
    fn open<'f>(
        &self,
        name: &str,
        findings: impl IntoIterator<Item = &'f Diagnostic>,
        ignores: &[Ignore],
    ) -> impl Iterator<Item = &'f Diagnostic> {
        let errors = findings.into_iter().filter(|finding| finding.severity == Severity::Error);
        let passes = |finding| ignores.iter().any(|ignore| ignore.covers(finding).is_some());
        errors.filter(move |finding| {
            !passes(finding) && !self.exceptions.cover(finding, Some(name), self.today)
        })
    }

    fn step(&self, name: &str, metadata: &Metadata, to: &str, sink: &mut Sink) -> Option<(Step, FileTree)> {
        upgrade::plan(name, metadata, self.platform, self.templates, to).unwrap_or_else(|finding| {
            sink.push(*finding);
            None
        })
    }

    /// Renders an API. One with errors is rendered too, to be looked at; why it cannot be is said by them already.
    fn render(
        &self,
        name: &str,
        metadata: &Metadata,
        templates: &Templates,
        ignores: &[Ignore],
        sink: &mut Sink,
    ) -> Option<Drafts> {
        match render::drafts(metadata, &self.platform.model, templates) {
            Ok(drafts) => Some(drafts),
            Err(finding) => {
                if !self.has_errors(name, sink.findings(), ignores) {
                    sink.push(*finding);
                }
                None
            }
        }
    }

    /// Returns what the objects of APIs gave and nobody has said yet. What passes says nothing.
    fn news(
        &self,
        built: Vec<(&str, Found)>,
        of_apis: &[Diagnostic],
        around: &[Diagnostic],
        ignores: &[(Arc<str>, Ignore)],
    ) -> Vec<Diagnostic> {
        if built.is_empty() {
            return Vec::new();
        }
        let passes = |finding: &Diagnostic| {
            self.exceptions.cover(finding, finding.api.as_deref(), self.today)
                || ignores.iter().any(|(_, ignore)| ignore.covers(finding).is_some())
        };
        let open = |finding: &&Diagnostic| finding.severity == Severity::Error && !passes(finding);
        let mut said = Said::by(self.snapshot, of_apis.iter().chain(around).filter(open));
        let platform = around.iter().any(|finding| open(&finding));
        let failing: BTreeSet<&str> =
            of_apis.iter().filter(open).filter_map(|finding| finding.api.as_deref()).collect();
        let mut news = Vec::new();
        for (name, found) in built {
            news.extend(found.news(&mut said, platform || failing.contains(name)));
        }
        news
    }
}

fn only_touches(only: Option<&[String]>, location: &Location) -> bool {
    only.is_some_and(|only| only.iter().any(|api| location.path.starts_with(&format!("{ONBOARDING}/{api}/"))))
}

fn sorted(sink: Sink) -> Vec<Diagnostic> {
    let mut findings = sink.into_findings();
    policy::sort(&mut findings);
    findings
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
