//! Releases: exactly one image changes, and a record of it stays.
//!
//! From value to value: a view of the branch's tip and a request in, files and a message for one commit out. Nothing is
//! rendered. The key of metadata.yaml and the entry of the overlay, or the image in an extra resource, are spliced, each proved by reading the outcome again, and
//! then everything that the API builds to is held against what was meant. Whoever lands the commit does it again on the next
//! tip if somebody was faster, so a release is applied by its meaning and never as a patch.

mod ask;
mod brought;
mod catalog;
mod guard;
mod message;
mod order;
mod overlay;
mod proof;
mod request;
mod resolve;
mod restart;
mod select;
mod target;
mod trailers;
mod verify;

pub use ask::{Asked, read_request};
pub use brought::{Brought, Read};
pub use catalog::{catalog, choice, complete, matches};
pub use message::{ImageChange, Recorded, compose, parse};
pub use order::{Order, order};
pub use request::{Ask, Bump, Kind, Origin, REQUESTS, Request, Terms};
pub use target::{Slot, Target, targets};
pub use verify::{Candidate, Verified, verify};

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::diagnostic::{Diagnostic, Levels, Severity, Sink};
use crate::edit;
use crate::exceptions::{Exceptions, FREEZES};
use crate::fleet;
use crate::image::ImageRef;
use crate::metadata::{self, Metadata};
use crate::moment::Moment;
use crate::outcome::Failure;
use crate::platform::{self, LoadedPlatform, ReleaseOrder};
use crate::record::{Record, Release, record_path};
use crate::snapshot::{Snapshot, SnapshotError};

/// What a release reads: the tip that it is put on.
#[derive(Debug)]
pub struct View<'a> {
    /// The files.
    pub snapshot: &'a Snapshot,
    /// The platform, as the tip has it.
    pub platform: &'a LoadedPlatform,
    /// Waivers and freezes of the tip.
    pub exceptions: &'a Exceptions,
    /// Severities of the tip.
    pub levels: Arc<Levels>,
    /// What freezes are held against, and what the record says.
    pub now: Moment,
    /// What rules about dates go by, as `YYYY-MM-DD`.
    pub today: &'a str,
}

/// How one bump of a request ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// The image changes.
    Changed,
    /// It runs already.
    Nothing,
    /// A newer one was released already.
    Superseded,
}

/// One container of a plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Line {
    /// What it is about.
    pub change: ImageChange,
    /// How it ends.
    pub step: Step,
    /// Why, where that is not plain.
    pub note: Option<String>,
}

/// What a release comes to on a tip.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Plan {
    /// Files as they are to be, by path; empty where nothing is to do.
    pub files: BTreeMap<String, Option<String>>,
    /// The message of the commit.
    pub message: String,
    /// Container by container.
    pub lines: Vec<Line>,
    /// What the caller should know.
    pub notes: Vec<String>,
}

impl Plan {
    /// Walks the images that change.
    pub fn changes(&self) -> impl Iterator<Item = &ImageChange> {
        self.lines.iter().filter(|line| line.step == Step::Changed).map(|line| &line.change)
    }
}

/// Plans a release on a tip.
///
/// # Errors
/// Says what is wrong with the request, or why the release may not happen; then nothing of it does.
pub fn plan(tip: &Snapshot, request: &Request, now: Moment, today: &str) -> Result<Plan, Failure> {
    request.check().map_err(Failure::usage)?;
    let mut sink = Sink::default();
    let platform = platform::read(tip, &mut sink).map_err(|error| Failure::system(&error))?;
    let Some(platform) = platform else {
        let why = sink.into_findings().into_iter().next().map(|finding| finding.message);
        return Err(Failure::usage(format!("platform.yaml cannot be used: {}", why.unwrap_or_default())));
    };
    let exceptions = Exceptions::read(tip, &mut sink).map_err(|error| Failure::system(&error))?;
    // A freeze that cannot be read may hold. A waiver grants nothing then, and that is all.
    let in_freezes = |finding: &Diagnostic| finding.primary.path.starts_with(&format!("{FREEZES}/"));
    if let Some(finding) = sink
        .into_findings()
        .into_iter()
        .find(|finding| finding.severity == Severity::Error && in_freezes(finding))
    {
        return Err(Failure::refused(format!(
            "`{}` cannot be read, and may be a freeze: {}",
            finding.primary.path, finding.message
        )));
    }
    let levels = Arc::new(platform.levels());
    let view = View { snapshot: tip, platform: &platform, exceptions: &exceptions, levels, now, today };
    let mut draft =
        Draft { view: &view, request, kind: Kind::Bump, files: BTreeMap::new(), plan: Plan::default() };
    if let Some(id) = &request.origin.request
        && draft.was_applied(id)?
    {
        draft.plan.notes.push(format!("the request `{id}` was applied already"));
        return Ok(draft.plan);
    }
    match &request.ask {
        Ask::Restart { api, environment } => return draft.restart(api, environment),
        Ask::Bump(bumps) => {
            bumps.iter().try_for_each(|bump| draft.bump(bump, request.origin.build_number))?;
        }
        Ask::Promote { api, from, to } => {
            draft.kind = Kind::Promotion;
            for (bump, build) in draft.promoted(api, from, to)? {
                draft.bump(&bump, build)?;
            }
        }
        Ask::Rollback { bump } => {
            draft.kind = Kind::Rollback;
            for bump in draft.taken_back(bump)? {
                draft.bump(&bump, None)?;
            }
        }
    }
    draft.finish()
}

/// Texts by path, as they are to be; nothing for one that goes.
type Files = BTreeMap<String, Option<String>>;

/// A plan that grows bump by bump.
struct Draft<'a> {
    view: &'a View<'a>,
    request: &'a Request,
    kind: Kind,
    files: Files,
    plan: Plan,
}

impl Draft<'_> {
    /// Adds one image, of the build of that number.
    fn bump(&mut self, bump: &Bump, build: Option<u64>) -> Result<(), Failure> {
        let image = ImageRef::parse(&bump.image).map_err(|error| {
            Failure::usage(format!("`{}` is no image reference: {error}", bump.image.escape_default()))
        })?;
        if !image.is_complete() {
            return Err(Failure::usage(format!("`{image}` names no tag and no digest"))
                .hint("name the image that is to run, as in `repository:v1.2.3`"));
        }
        let (request, view) = (self.request, self.view);
        let path = fleet::metadata_path(&bump.api);
        let before = self.metadata(&bump.api)?;
        guard::may_release(view, request, &bump.api, &bump.environment, &before)?;
        guard::comes_from_source(request, &bump.api, &before)?;
        let targets = targets(&bump.api, &before, &bump.environment, view.platform, &self.reader());
        let slots = select::slots(request, bump, &image, &targets, view.platform.model.release.target)
            .map_err(|failure| brought::or_patched(failure, bump, &image, &before, &self.reader()))?;
        self.note_what_stays(bump, &image, &targets, &slots);
        let mut record = self.record(&bump.api, &bump.environment)?;
        let overlay_path = overlay::path(&bump.api, &bump.environment);
        let mut overlay = self.text(&overlay_path)?.ok_or_else(|| {
            Failure::refused(format!("`{}` was never rendered for `{}`", bump.api, bump.environment))
                .hint("run `onramp render`, and commit what it writes")
        })?;
        let mut text = before.source.text.clone();
        let mut brought: BTreeMap<String, String> = BTreeMap::new();
        let mut changed: Vec<Slot> = Vec::new();
        for slot in slots {
            let of_slot: Vec<&Target> = targets.iter().filter(|target| target.slot == slot).collect();
            let Some(first) = of_slot.first() else { continue };
            let last = record.releases.get(&slot.name());
            let running: Vec<String> =
                of_slot.iter().map(|target| overlay::running(&overlay, target)).collect();
            let is_there = first.image == image && running.iter().all(|running| *running == bump.image);
            let (step, note) =
                if is_there { (Step::Nothing, None) } else { self.order(&image, first, last, build) };
            for (target, old) in of_slot.iter().zip(&running) {
                self.plan.lines.push(Line { change: change(target, old, &image), step, note: note.clone() });
                if *old != target.image.to_string() {
                    let note = format!(
                        "`{path}` said `{}` for `{}`, and `{old}` was rendered",
                        target.image, target.container
                    );
                    self.plan.notes.push(note);
                }
            }
            if step != Step::Changed {
                continue;
            }
            match &slot {
                Slot::Key(keys) => {
                    let mut way = vec!["environments", bump.environment.as_str()];
                    way.extend(keys.iter().map(String::as_str));
                    text = edit::set_at(&text, &way, image.as_str(), &[]).map_err(|refusal| {
                        Failure::refused(format!("`{path}` is not changed, since {refusal}")).hint(format!(
                            "write `{}` below `environments.{}` by hand once",
                            slot.name(),
                            bump.environment
                        ))
                    })?;
                }
                Slot::Brought(of) => {
                    of.is_own(&bump.environment).map_err(Failure::usage)?;
                    let old = match brought.get(&of.path) {
                        Some(text) => text.clone(),
                        None => self.text(&of.path)?.unwrap_or_default(),
                    };
                    let new =
                        edit::set_in(&old, of.document, &of.way(), image.as_str()).map_err(|refusal| {
                            Failure::refused(format!("`{}` is not changed, since {refusal}", of.path))
                                .hint("write the image as one plain text on its line by hand once")
                        })?;
                    brought.insert(of.path.clone(), new);
                }
            }
            for placeholder in of_slot.iter().filter_map(|target| target.placeholder.as_ref()) {
                overlay = overlay::set(&overlay_path, &overlay, placeholder, &image)?;
            }
            let time = view.now.to_string();
            let release = Release {
                // What was taken back is not what to go back to.
                previous: (self.kind != Kind::Rollback).then(|| running[0].clone()),
                build_number: build,
                newest_build: last
                    .and_then(Release::highest_build)
                    .filter(|highest| build.is_none_or(|build| build < *highest)),
                ..recorded(image.as_str(), &request.origin, time)
            };
            record.set(&slot.name(), release);
            changed.push(slot);
        }
        if !changed.is_empty() {
            let was = self.files.clone();
            if text != before.source.text {
                self.files.insert(path.clone(), Some(text));
            }
            let brings = !brought.is_empty();
            self.files.extend(brought.into_iter().map(|(path, text)| (path, Some(text))));
            let after = self.metadata(&bump.api)?;
            self.prove_written(bump, &image, &changed, (&was, &before), &after)?;
            // The rules read no other file that a release writes.
            let laid = if brings { Some((self.laid(&was)?, self.laid(&self.files)?)) } else { None };
            let (old, new) = laid.as_ref().map_or((view.snapshot, view.snapshot), |(old, new)| (old, new));
            guard::rules(view, &bump.api, (old, &before), (new, &after), brings)?;
            if self.text(&overlay_path)?.as_ref() != Some(&overlay) {
                self.files.insert(overlay_path, Some(overlay));
            }
            self.files.insert(record_path(&bump.api, &bump.environment), Some(record.to_text()));
        }
        Ok(())
    }

    /// Says which images of the same repository are left, since they stand in a file that other environments have as well.
    fn note_what_stays(&mut self, bump: &Bump, image: &ImageRef, targets: &[Target], slots: &[Slot]) {
        for target in select::named(bump, targets) {
            let Slot::Brought(brought) = &target.slot else { continue };
            let is_left = !slots.contains(&target.slot) && target.image != *image;
            if is_left && target.image.full_repository() == image.full_repository() {
                let change = change(target, target.image.as_str(), image);
                self.plan.notes.extend(brought::stays(brought, &change));
            }
        }
    }

    /// Decides whether an image may take the place of another, by age.
    fn order(
        &self,
        image: &ImageRef,
        target: &Target,
        last: Option<&Release>,
        build: Option<u64>,
    ) -> (Step, Option<String>) {
        if self.kind == Kind::Rollback || self.request.terms.downgrade {
            return (Step::Changed, None);
        }
        match order(&target.image, last, image, build) {
            Order::Newer => (Step::Changed, None),
            Order::Unknown => {
                let note = "neither build numbers nor versions tell which of the two is newer".to_owned();
                (Step::Changed, Some(note))
            }
            Order::Older(why) if self.view.platform.model.release.order == ReleaseOrder::Warn => {
                (Step::Changed, Some(why))
            }
            Order::Older(why) => (Step::Superseded, Some(why)),
        }
    }

    /// Holds what metadata.yaml and extra resources say before and after against what was meant.
    fn prove_written(
        &self,
        bump: &Bump,
        image: &ImageRef,
        changed: &[Slot],
        (was, before): (&Files, &Metadata),
        after: &Metadata,
    ) -> Result<(), Failure> {
        let written = |files: &Files, metadata: &Metadata, environment: &str| {
            let read = |path: &str| self.text_in(files, path).ok().flatten();
            targets(&bump.api, metadata, environment, self.view.platform, &read)
        };
        for here in &before.environments {
            let mut expected = written(was, before, &here.name);
            for target in &mut expected {
                if here.name == bump.environment && changed.contains(&target.slot) {
                    target.image = image.clone();
                }
            }
            let plain = |target: Target| (target.kind, target.workload, target.container, target.image);
            let is: Vec<_> = written(&self.files, after, &here.name).into_iter().map(plain).collect();
            let meant: Vec<_> = expected.into_iter().map(plain).collect();
            if is != meant {
                return Err(Failure::refused(format!(
                    "more than the image of `{}` would change in `{}`",
                    bump.environment, here.name
                ))
                .hint("this is a bug of onramp; nothing was written"));
            }
        }
        Ok(())
    }

    /// Proves the whole, and writes the message.
    fn finish(mut self) -> Result<Plan, Failure> {
        if self.files.is_empty() {
            return Ok(self.plan);
        }
        let after = self.laid(&self.files)?;
        let changes: Vec<ImageChange> = self.plan.changes().cloned().collect();
        let mut apis: Vec<&str> = changes.iter().map(|change| change.api.as_str()).collect();
        apis.dedup();
        for api in apis {
            let meant: Vec<&ImageChange> = changes.iter().filter(|change| change.api == api).collect();
            proof::prove(self.view.snapshot, &after, api, &meant)?;
        }
        self.plan.message = compose(self.kind, &changes, &self.request.origin);
        if let Some(id) = &self.request.origin.request {
            self.note_applied(id)?;
        }
        self.plan.files = self.files;
        Ok(self.plan)
    }

    /// Reads an API as it is after the bumps before this one.
    fn metadata(&self, api: &str) -> Result<Metadata, Failure> {
        let path = fleet::metadata_path(api);
        let text = self.text(&path)?.ok_or_else(|| {
            let names = fleet::api_names(self.view.snapshot, &mut Sink::default()).unwrap_or_default();
            let failure = Failure::usage(format!("there is no API `{api}`"));
            match crate::diagnostic::nearest(api, names.iter().map(String::as_str)) {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => failure,
            }
        })?;
        let mut sink = Sink::new(self.view.levels.clone());
        let read = metadata::read(&path.as_str().into(), text.into_bytes(), self.view.platform, &mut sink);
        read.ok_or_else(|| {
            let mut failure =
                Failure::refused(format!("`{path}` has errors, so nobody can say what would run"))
                    .hint(format!("run `onramp lint {api}`"));
            failure.causes.extend(sink.into_findings().into_iter().map(|finding| finding.message));
            failure
        })
    }

    fn record(&self, api: &str, environment: &str) -> Result<Record, Failure> {
        let path = record_path(api, environment);
        match self.text(&path)? {
            None => Ok(Record::default()),
            Some(text) => Record::parse(&path, text.into_bytes()).map_err(|why| {
                Failure::refused(format!("`{path}` cannot be read: {why}"))
                    .hint("it says what was released last; take it back from git's history, or remove it to start anew")
            }),
        }
    }

    /// Reads a file as it is after the bumps before this one.
    fn text(&self, path: &str) -> Result<Option<String>, Failure> {
        self.text_in(&self.files, path)
    }

    /// Reads files for whoever takes one that cannot be read for none.
    fn reader(&self) -> impl Fn(&str) -> Option<String> + use<'_> {
        |path| self.text(path).ok().flatten()
    }

    fn text_in(&self, files: &Files, path: &str) -> Result<Option<String>, Failure> {
        if let Some(text) = files.get(path) {
            return Ok(text.clone());
        }
        let bytes = match self.view.snapshot.read(path, metadata::MAX_BYTES) {
            Ok(bytes) => bytes,
            Err(error @ (SnapshotError::Git { .. } | SnapshotError::Unreadable { .. })) => {
                return Err(Failure::system(&error));
            }
            Err(error) => return Err(Failure::refused(error.to_string())),
        };
        let text = bytes.map(String::from_utf8).transpose();
        text.map_err(|_| Failure::refused(format!("`{path}` is not UTF-8")))
    }

    /// Lays files over the tip.
    fn laid(&self, files: &Files) -> Result<Snapshot, Failure> {
        let mut after = self.view.snapshot.clone();
        for (path, text) in files {
            let Some(text) = text else { continue };
            after.lay(path, text.as_bytes()).map_err(|error| Failure::system(&error))?;
        }
        Ok(after)
    }
}

/// Makes the record of a release.
fn recorded(image: &str, origin: &Origin, time: String) -> Release {
    let Origin { source_revision, pipeline, actor, reason, .. } = origin.clone();
    Release { image: image.to_owned(), source_revision, pipeline, actor, reason, time, ..Release::default() }
}

fn change(target: &Target, old: &str, image: &ImageRef) -> ImageChange {
    ImageChange {
        api: target.api.clone(),
        environment: target.environment.clone(),
        namespace: target.namespace.clone(),
        workload: target.workload.clone(),
        container: target.container.clone(),
        old: old.to_owned(),
        new: image.to_string(),
    }
}
