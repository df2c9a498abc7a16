//! The check of a change before it is merged: what it leads to, and whether it may.
//!
//! Three revisions take part. The *head* is what would be merged: its committed files are what is looked at. The *start* is
//! where the head left the base: what differs from it is the change. The *tip* of the base says what a change may do; nothing
//! of that comes from the head, whose author would be asked for permission by himself, nor from the start, which the author
//! chose.

mod files;
mod join;
mod requests;
mod stale;
mod unread;

pub use files::Files;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Levels, Passed, Sink};
use crate::effective::{self, Collector, Groups, Kept, Unit, UnitChange};
use crate::exceptions::Exceptions;
use crate::fleet::{self, Trusted, Work};
use crate::git::{GitError, Repo};
use crate::metadata::{self, Metadata};
use crate::moment::Moment;
use crate::platform::{self, Level, LoadedPlatform};
use crate::policy::transition::{ApiChange, ChangedFile, KeyChange, State, Trust};
use crate::policy::{self, ApiContext, ChangeContext, Claim, TransitionContext};
use crate::snapshot::{Snapshot, SnapshotError};

/// How to check.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// What somebody with the right to it approved.
    pub approved: Option<Level>,
    /// What rules about dates go by, as `YYYY-MM-DD`.
    pub today: &'a str,
    /// What freezes are held against.
    pub now: Moment,
}

/// The three revisions of a check.
#[derive(Debug)]
pub struct Revisions {
    /// The tip of the base.
    pub tip: Snapshot,
    /// Where the head left the base.
    pub start: Snapshot,
    /// What would be merged.
    pub head: Snapshot,
    /// Which files differ between start and head.
    pub files: Files,
}

/// What a check found.
#[derive(Debug)]
pub struct Checked {
    /// Findings in the order of the report.
    pub findings: Vec<Diagnostic>,
    /// How many APIs were looked at.
    pub apis: usize,
    /// How many could not be looked at, since the platform's side cannot be read.
    pub skipped: usize,
    /// What the base's waivers cover, and comments of owners; it is left out of the findings.
    pub passed: Vec<Passed>,
    /// What changes in the clusters; nothing where the head has no platform that can be read.
    pub groups: Option<Groups>,
}

impl Revisions {
    /// Finds the three revisions in a repository.
    ///
    /// # Errors
    /// If one of the two names no commit, if the base could be one of two, if they have no common ancestor
    /// or several, or if an object cannot be read.
    pub fn find(repo: &Repo, base: &str, head: &str) -> Result<Self, GitError> {
        repo.one_meaning(base)?;
        let start = repo.tree(&repo.only_merge_base(base, head)?.to_string())?;
        let (tip, head) = (repo.tree(base)?, repo.tree(head)?);
        let files = Files::sort(head.changes(&start)?);
        let [tip, start, head] = [tip, start, head].map(Snapshot::tree);
        Ok(Self { tip, start, head, files })
    }
}

/// Checks a change.
///
/// # Errors
/// If one of the revisions cannot be listed; what is wrong with a single file is a finding.
pub fn run(revisions: &Revisions, request: Request<'_>) -> Result<Checked, SnapshotError> {
    let Revisions { tip, start, head, files } = revisions;
    let mut tip_sink = Sink::default();
    let trusted = platform::read(tip, &mut tip_sink).unwrap_or_else(|error| {
        tip_sink.push(error.diagnostic());
        None
    });
    let levels = trusted.as_ref().map(LoadedPlatform::levels).unwrap_or_default();
    let exceptions = Exceptions::read(tip, &mut tip_sink)?;
    let mut trust = Trust::new(trusted.as_ref()).approved(request.approved).under(exceptions, request.now);

    let changed = files.apis();
    let [at_tip, before, after] = [tip, start, head].map(names);
    let (at_tip, before, after) = (at_tip?, before?, after?);
    // One that is gone is among them: others may name it.
    let only = if files.reach_all() { None } else { Some(changed.as_slice()) };
    let mut lifecycles = BTreeMap::new();
    if let Some(trusted) = &trusted {
        for name in changed.iter().filter(|name| at_tip.contains(*name)) {
            let metadata = read_metadata(tip, name, trusted);
            trust.api(name, metadata.as_ref());
            let lifecycle = metadata.and_then(|metadata| metadata.top.api.lifecycle.clone());
            lifecycles.insert(name.clone(), lifecycle.map(Into::into));
        }
    }
    let by_base = Trusted { levels: &levels, exceptions: trust.exceptions(), lifecycles: &lifecycles };
    let looked = fleet::run_under(head, only, Work::Render, request.today, Some(by_base))?;
    let (mut findings, mut passed) = (looked.findings, looked.passed);
    // Held against no waiver: what grants is itself what cannot be read.
    let unread = unread::of_base(tip_sink.into_findings(), files, &findings);
    findings.extend(unread);
    let mut sink = Sink::new(Arc::new(levels.clone()));
    stale::report(&looked.changes, &mut sink);

    let Some(platform) = quietly(|sink| platform::read(head, sink)) else {
        // Why is among the findings of the fleet.
        findings.extend(sink.into_findings());
        policy::sort(&mut findings);
        return Ok(Checked { findings, apis: looked.apis, skipped: looked.skipped, passed, groups: None });
    };
    let old_platform = quietly(|sink| platform::read(start, sink));
    let one = One {
        revisions,
        platform: &platform,
        old_platform: old_platform.as_ref().unwrap_or(&platform),
        before,
        after,
        stale: stale::Paths::of(&looked.changes),
        trust: &trust,
        lifecycles: &lifecycles,
        levels: Arc::new(levels),
    };
    let collector = Collector::default();
    let mut compared = effective::compare(start, head, None, |unit| one.look_at(unit, &collector))?;
    let mut apis = Vec::new();
    // Those of the fleet were held against the waivers already, and what is left of these stays.
    let mut of_change = Vec::new();
    for (_, looked) in &mut compared.units {
        of_change.append(&mut looked.findings);
        apis.extend(looked.change.take());
    }
    of_change.append(&mut compared.findings);
    let groups = collector.group(&compared, |looked| &looked.kept);
    let context = ChangeContext { apis: &apis, around: &files.around, platform: &platform, trust: &trust };
    policy::check_change(&context, &mut sink);
    requests::check(head, files, request.now, request.today, &mut sink);
    of_change.extend(sink.into_findings());
    policy::sort(&mut of_change);
    passed.extend(trust.exceptions().apply(&mut of_change, request.today).passed);
    findings.extend(of_change);
    policy::sort(&mut findings);
    Ok(Checked { findings, apis: looked.apis, skipped: looked.skipped, passed, groups: Some(groups) })
}

/// Reads something whose findings are not this change's.
fn quietly<T>(read: impl FnOnce(&mut Sink) -> Result<Option<T>, SnapshotError>) -> Option<T> {
    read(&mut Sink::default()).ok().flatten()
}

fn names(snapshot: &Snapshot) -> Result<BTreeSet<String>, SnapshotError> {
    fleet::api_names(snapshot, &mut Sink::default()).map(|names| names.into_iter().collect())
}

fn read_metadata(snapshot: &Snapshot, api: &str, platform: &LoadedPlatform) -> Option<Metadata> {
    let path: Arc<str> = fleet::metadata_path(api).into();
    let bytes = snapshot.read(&path, metadata::MAX_BYTES).ok().flatten()?;
    metadata::read(&path, bytes, platform, &mut Sink::default())
}

/// What looking at one API needs.
struct One<'a> {
    revisions: &'a Revisions,
    platform: &'a LoadedPlatform,
    old_platform: &'a LoadedPlatform,
    /// Names of the APIs there before.
    before: BTreeSet<String>,
    /// Names of the APIs there after.
    after: BTreeSet<String>,
    stale: stale::Paths,
    trust: &'a Trust,
    /// In which state of its life an API is at the tip.
    lifecycles: &'a BTreeMap<String, Option<Box<str>>>,
    levels: Arc<Levels>,
}

/// What is kept of one API.
struct Looked {
    findings: Vec<Diagnostic>,
    change: Option<ApiChange>,
    kept: Kept,
}

impl One<'_> {
    fn look_at(&self, unit: &UnitChange<'_>, collector: &Collector) -> Looked {
        let kept = collector.keep(unit);
        let Unit::Api(name) = unit.unit else { return Looked { findings: Vec::new(), change: None, kept } };
        let changing = unit.environments.iter().filter(|here| here.is_unknown() || !here.objects.is_empty());
        let Revisions { start, head, files, .. } = self.revisions;
        let old = self.before.contains(&**name).then(|| read_metadata(start, name, self.old_platform));
        let new = self.after.contains(&**name).then(|| read_metadata(head, name, self.platform));
        let own: &[ChangedFile] = files.of(name);
        let keys = match (&old, &new) {
            (old, Some(Some(new))) => KeyChange::between(old.as_ref().and_then(Option::as_ref), new),
            _ => Vec::new(),
        };
        let context = TransitionContext {
            name,
            directory: &format!("{}/{name}", fleet::ONBOARDING),
            before: old.as_ref().map(|old| State { platform: self.old_platform, metadata: old.as_ref() }),
            after: new.as_ref().map(|new| State { platform: self.platform, metadata: new.as_ref() }),
            files: own,
            stale: self.stale.of_api(name),
            keys,
            environments: &unit.environments,
            trust: self.trust,
        };
        let mut sink = Sink::new(self.levels.clone());
        let metadata = new.as_ref().and_then(Option::as_ref);
        let own = metadata.and_then(|metadata| metadata.top.api.lifecycle.as_deref()).map(Box::from);
        sink.in_states(std::iter::once(own).chain(self.lifecycles.get(&**name).cloned()).collect());
        policy::check_transition(&context, &mut sink);
        let claims = |snapshot, metadata: &Option<Option<Metadata>>, platform| {
            let metadata = metadata.as_ref().and_then(Option::as_ref);
            metadata.map(|metadata| claims(snapshot, name, metadata, platform)).unwrap_or_default()
        };
        let change = ApiChange {
            api: name.clone(),
            location: context.cause(None, &[]),
            before: old.is_some(),
            after: new.is_some(),
            environments: changing.map(|here| here.environment.into()).collect(),
            claimed: claims(start, &old, self.old_platform),
            claims: claims(head, &new, self.platform),
        };
        let names: Vec<&str> = unit.environments.iter().map(|here| here.environment).collect();
        let findings = join::environments(sink.into_findings(), &names);
        Looked { findings, change: Some(change), kept }
    }
}

/// Returns the hosts and paths that an API claims.
fn claims(snapshot: &Snapshot, name: &str, metadata: &Metadata, platform: &LoadedPlatform) -> Vec<Claim> {
    Claim::all(&ApiContext::of_metadata(name, "", metadata, platform, snapshot))
}
