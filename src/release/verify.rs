//! Whether a commit is a release and nothing else, and tells the truth of itself. It is for commits from whoever they come: what
//! is not exactly what a release of that would have written is refused, with the reason.

use std::collections::{BTreeMap, BTreeSet};

use super::ask::DONE;
use super::message::ImageChange;
use super::target::{Slot, Target, targets};
use super::trailers::{self, Deed, Told};
use super::{Ask, Bump, REQUESTS, Request, Terms, overlay, plan, proof, read_request, recorded};
use crate::diagnostic::Sink;
use crate::edit;
use crate::fleet;
use crate::git::{Changed, Object, ObjectKind};
use crate::image::ImageRef;
use crate::metadata::{self, Metadata};
use crate::moment::Moment;
use crate::platform::{self, LoadedPlatform};
use crate::record::{RELEASES, Record, Release, record_path};
use crate::snapshot::{ONBOARDING, Snapshot};

/// The mode of a file that is new.
const NEW_FILE: u32 = 0o100_644;
/// How many files are named that do not belong into a release.
const MOST_NAMED: usize = 5;

/// A commit, and its parent.
#[derive(Debug)]
pub struct Candidate<'a> {
    /// The files of its parent.
    pub before: &'a Snapshot,
    /// Its own.
    pub after: &'a Snapshot,
    /// All that differs between the two, by path from the root of the config repo.
    pub changed: &'a [Changed],
    /// What it says of itself.
    pub message: &'a str,
}

/// What a commit is that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verified {
    /// It changes these images.
    Images(Vec<ImageChange>),
    /// It restarts the pods of an API in an environment.
    Restart {
        /// The API.
        api: String,
        /// The environment.
        environment: String,
    },
}

/// Files as they are to be, by path; nothing for one that goes.
type Expected = BTreeMap<String, Option<String>>;

/// Checks a commit. What else may ever land without review is a deed that its trailers say, with the files that it comes to.
///
/// # Errors
/// Says everything that is wrong with it.
pub fn verify(commit: &Candidate<'_>) -> Result<Verified, Vec<String>> {
    let told = trailers::strict(commit.message).map_err(|why| vec![why])?;
    match &told.step {
        Deed::Images(changes) => images(commit, &told, changes),
        Deed::Restart(api, environment) => restart(commit, &told, api, environment),
    }
}

/// Holds the files of a commit against those that a release of what it says would have written.
fn images(commit: &Candidate<'_>, told: &Told, changes: &[ImageChange]) -> Result<Verified, Vec<String>> {
    let mut draft = Draft { commit, told, changes, files: BTreeMap::new(), reasons: Vec::new() };
    draft.write();
    if !draft.reasons.is_empty() {
        // Without knowing what they were to be nothing can be said of the files.
        return Err(draft.reasons);
    }
    let expected = draft.files.into_iter().map(|(path, text)| (path, Some(text))).collect();
    let request = told.origin.request.as_deref();
    let mut reasons = hold(commit, &expected, request);
    if let Some(id) = request {
        reasons.extend(applied(commit, id, changes).err());
    }
    if reasons.is_empty() {
        let apis: BTreeSet<&str> = changes.iter().map(|change| change.api.as_str()).collect();
        for api in apis {
            let meant: Vec<&ImageChange> = changes.iter().filter(|change| change.api == api).collect();
            if let Err(failure) = proof::prove(commit.before, commit.after, api, &meant) {
                reasons.push(failure.message);
            }
        }
    }
    if reasons.is_empty() { Ok(Verified::Images(changes.to_vec())) } else { Err(reasons) }
}

/// Holds them against those of a restart at the time that its record says. Nothing but that time is the commit's own.
fn restart(
    commit: &Candidate<'_>,
    told: &Told,
    api: &str,
    environment: &str,
) -> Result<Verified, Vec<String>> {
    let path = record_path(api, environment);
    let record = match commit.after.read(&path, metadata::MAX_BYTES) {
        Ok(Some(bytes)) => Record::parse(&path, bytes).map_err(|why| vec![format!("`{path}`: {why}")])?,
        Ok(None) => return Err(vec![format!("it writes no `{path}`")]),
        Err(error) => return Err(vec![error.to_string()]),
    };
    let time = record.restart.map(|restart| restart.time).unwrap_or_default();
    let now = moment(&time).ok_or_else(|| vec![format!("`{path}` does not say when it was restarted")])?;
    let request = Request {
        ask: Ask::Restart { api: api.to_owned(), environment: environment.to_owned() },
        // A pull request may do more, and whoever may push here is for the server to say.
        terms: Terms { pull_request: true, ..Terms::default() },
        origin: told.origin.clone(),
    };
    let plan = plan(commit.before, &request, now, time.get(..10).unwrap_or_default());
    let plan = plan.map_err(|failure| vec![failure.message])?;
    let reasons = hold(commit, &plan.files, None);
    if !reasons.is_empty() {
        return Err(reasons);
    }
    Ok(Verified::Restart { api: api.to_owned(), environment: environment.to_owned() })
}

/// Reads a moment that is written as onramp writes it.
fn moment(time: &str) -> Option<Moment> {
    Moment::start(time).ok().filter(|moment| moment.to_string() == time)
}

/// Holds what differs against what is to differ: these files with these texts, none beside them, and all of them files.
fn hold(commit: &Candidate<'_>, expected: &Expected, request: Option<&str>) -> Vec<String> {
    let mut reasons = Vec::new();
    let mut foreign: Vec<&str> = Vec::new();
    let mut seen = BTreeSet::new();
    let of_request = |id: &str| [format!("{REQUESTS}/{id}.yaml"), format!("{DONE}/{id}.yaml")];
    let requests = request.map(of_request).unwrap_or_default();
    for changed in commit.changed {
        let path = changed.path.as_str();
        if !seen.insert(path) {
            reasons.push(format!("`{path}` is there twice"));
        } else if let Some(text) = expected.get(path) {
            reasons.extend(mode(changed, text.is_none()));
        } else if requests.iter().any(|request| request == path) {
            reasons.extend(mode(changed, path == requests[0]));
        } else {
            foreign.push(path);
        }
    }
    if !foreign.is_empty() {
        let mut named: Vec<String> =
            foreign.iter().take(MOST_NAMED).map(|path| format!("`{path}`")).collect();
        if foreign.len() > MOST_NAMED {
            named.push(format!("{} more", foreign.len() - MOST_NAMED));
        }
        reasons.push(format!("it changes what is no part of that release: {}", named.join(", ")));
    }
    reasons.extend(expected.iter().filter_map(|(path, text)| differs(commit, path, text.as_deref())));
    reasons
}

/// Checks that a request is put aside as one that was applied, and says no other images than those that are released.
fn applied(commit: &Candidate<'_>, id: &str, changes: &[ImageChange]) -> Result<(), String> {
    let read = |snapshot: &Snapshot, path: &str| -> Result<Option<Vec<Bump>>, String> {
        let bytes = snapshot.read(path, metadata::MAX_BYTES).map_err(|error| error.to_string())?;
        let Some(bytes) = bytes else { return Ok(None) };
        let asked = read_request(path, bytes, &mut Sink::default());
        asked.map(|asked| Some(asked.bumps)).ok_or_else(|| format!("`{path}` is no request"))
    };
    let (open, done) = (format!("{REQUESTS}/{id}.yaml"), format!("{DONE}/{id}.yaml"));
    if commit.before.read(&done, metadata::MAX_BYTES).is_ok_and(|before| before.is_some()) {
        return Err(format!("the request `{id}` was applied before"));
    }
    if commit.after.read(&open, metadata::MAX_BYTES).is_ok_and(|after| after.is_some()) {
        return Err(format!("`{open}` is still there, and its trailers say that it is applied"));
    }
    let asked = read(commit.after, &done)?.ok_or_else(|| format!("it writes no `{done}`"))?;
    if read(commit.before, &open)?.is_some_and(|was| was != asked) {
        return Err(format!("`{done}` is not what `{open}` was"));
    }
    let fits = |change: &ImageChange, bump: &Bump| {
        (&bump.api, &bump.environment, &bump.image) == (&change.api, &change.environment, &change.new)
    };
    match changes.iter().find(|change| !asked.iter().any(|bump| fits(change, bump))) {
        Some(change) => {
            Err(format!("the request `{id}` does not ask for `{}` in `{}`", change.new, change.environment))
        }
        None => Ok(()),
    }
}

/// Says what is wrong with the kind of a file: a release makes no links, and makes nothing executable.
fn mode(changed: &Changed, may_go: bool) -> Option<String> {
    let path = &changed.path;
    let is_file = |object: &Object| object.kind() == ObjectKind::File;
    match (changed.before, changed.after) {
        (_, None) => (!may_go).then(|| format!("`{path}` is gone")),
        (_, Some(after)) if !is_file(&after) => Some(format!("`{path}` is no file any more")),
        (Some(before), Some(after)) if before.mode != after.mode => {
            Some(format!("the mode of `{path}` changes from {:o} to {:o}", before.mode, after.mode))
        }
        (None, Some(after)) if after.mode != NEW_FILE => {
            Some(format!("`{path}` is new, and its mode is {:o}", after.mode))
        }
        _ => None,
    }
}

/// Says that a file is not what is to be.
fn differs(commit: &Candidate<'_>, path: &str, expected: Option<&str>) -> Option<String> {
    let read = |snapshot: &Snapshot| snapshot.read(path, metadata::MAX_BYTES);
    match (read(commit.after), read(commit.before)) {
        (Ok(after), _) if after.as_deref() == expected.map(str::as_bytes) => None,
        (Err(error), _) | (_, Err(error)) => Some(error.to_string()),
        (Ok(after), Ok(before)) if after == before => {
            Some(format!("`{path}` does not change, and the release that its trailers say changes it"))
        }
        _ => Some(format!("`{path}` is not what the release that its trailers say makes of it")),
    }
}

/// The files of a release, as its trailers say it.
struct Draft<'a> {
    commit: &'a Candidate<'a>,
    told: &'a Told,
    changes: &'a [ImageChange],
    /// Texts by path.
    files: BTreeMap<String, String>,
    reasons: Vec<String>,
}

/// What is told of one API in one environment.
struct Here<'a> {
    api: &'a str,
    environment: &'a str,
    changes: Vec<&'a ImageChange>,
    targets: Vec<Target>,
}

impl<'a> Draft<'a> {
    fn write(&mut self) {
        let platform = platform::read(self.commit.before, &mut Sink::default());
        let Ok(Some(platform)) = platform else {
            return self.reasons.push("its parent has no platform.yaml that can be used".to_owned());
        };
        let mut groups: Vec<(&str, &str)> = Vec::new();
        for change in self.changes {
            let group = (change.api.as_str(), change.environment.as_str());
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        for (api, environment) in groups {
            if let Err(reason) = self.environment(api, environment, &platform) {
                self.reasons.push(reason);
            }
        }
    }

    fn environment(
        &mut self,
        api: &'a str,
        environment: &'a str,
        platform: &LoadedPlatform,
    ) -> Result<(), String> {
        let path = fleet::metadata_path(api);
        let text = self.text(&path)?.ok_or_else(|| format!("its parent has no API `{api}`"))?;
        let before = read(&path, &text, platform)
            .ok_or_else(|| format!("`{path}` of its parent has errors, so nobody can say what would run"))?;
        let changes = self.changes.iter();
        let here = Here {
            api,
            environment,
            changes: changes.filter(|one| one.api == api && one.environment == environment).collect(),
            targets: targets(api, &before, environment, platform, &|path| self.text(path).ok().flatten()),
        };
        let overlay_path = overlay::path(api, environment);
        let old = self.text(&overlay_path)?.ok_or_else(|| format!("its parent has no `{overlay_path}`"))?;
        let (mut text, mut overlay) = (before.source.text.clone(), old.clone());
        let mut slots: Vec<(Slot, &ImageChange)> = Vec::new();
        for change in &here.changes {
            let target = here.target(change, &old)?;
            let image = ImageRef::parse(&change.new).ok().filter(ImageRef::is_complete);
            let image = image
                .filter(|image| image.to_string() == change.new)
                .ok_or_else(|| format!("`{}` is no complete image reference", change.new))?;
            match slots.iter().find(|(slot, _)| *slot == target.slot) {
                Some((_, first)) if first.new != change.new => {
                    return Err(format!(
                        "`{}` says one image, and its trailers say two",
                        target.slot.place()
                    ));
                }
                Some(_) => {}
                None => {
                    here.complete(&target.slot)?;
                    match &target.slot {
                        Slot::Key(keys) => {
                            let mut way = vec!["environments", environment];
                            way.extend(keys.iter().map(String::as_str));
                            text = edit::set_at(&text, &way, image.as_str(), &[])
                                .map_err(|why| format!("`{path}`: {why}"))?;
                        }
                        Slot::Brought(of) => {
                            of.is_own(environment)?;
                            let old = self.text(&of.path)?.unwrap_or_default();
                            let new = edit::set_in(&old, of.document, &of.way(), image.as_str())
                                .map_err(|why| format!("`{}`: {why}", of.path))?;
                            self.files.insert(of.path.clone(), new);
                        }
                    }
                    slots.push((target.slot.clone(), change));
                }
            }
            if let Some(placeholder) = &target.placeholder {
                overlay = overlay::set(&overlay_path, &overlay, placeholder, &image)
                    .map_err(|failure| failure.message)?;
            }
        }
        let record = self.record(&here, &slots)?;
        self.files.insert(path, text);
        self.files.insert(overlay_path, overlay);
        self.files.insert(record_path(api, environment), record);
        Ok(())
    }

    /// Writes the record as it is to be. Its time is all that the commit decides.
    fn record(&self, here: &Here<'_>, slots: &[(Slot, &ImageChange)]) -> Result<String, String> {
        let path = record_path(here.api, here.environment);
        let read = |snapshot: &Snapshot| match snapshot.read(&path, metadata::MAX_BYTES) {
            Ok(None) => Ok(None),
            Ok(Some(bytes)) => {
                Record::parse(&path, bytes).map(Some).map_err(|why| format!("`{path}`: {why}"))
            }
            Err(error) => Err(error.to_string()),
        };
        let mut record = read(self.commit.before)?.unwrap_or_default();
        let after = read(self.commit.after)?.ok_or_else(|| format!("it writes no `{path}`"))?;
        for (slot, change) in slots {
            let key = slot.name();
            let Some(own) = after.releases.get(&key).filter(|own| moment(&own.time).is_some()) else {
                return Err(format!("`{path}` does not say when `{key}` was released"));
            };
            let last = record.releases.get(&key).cloned();
            let build = self.build(here, &key, own)?;
            // What was taken back is not what to go back to.
            let is_back = self.commit.message.starts_with("revert(");
            let release = Release {
                previous: (!is_back).then(|| change.old.clone()),
                build_number: build,
                newest_build: last
                    .as_ref()
                    .and_then(Release::highest_build)
                    .filter(|highest| build.is_none_or(|build| build < *highest)),
                ..recorded(&change.new, &self.told.origin, own.time.clone())
            };
            record.set(&key, release);
        }
        Ok(record.to_text())
    }

    /// Returns the number of the build that was released: the one that the trailers say, or that of the same image in the record
    /// of another environment, where it comes from.
    fn build(&self, here: &Here<'_>, key: &str, own: &Release) -> Result<Option<u64>, String> {
        if self.told.origin.build_number.is_some() || own.build_number.is_none() {
            return Ok(self.told.origin.build_number);
        }
        let directory = format!("{ONBOARDING}/{}/{RELEASES}", here.api);
        let entries = self.commit.before.list(&directory).map_err(|error| error.to_string())?;
        let mut from = entries.iter().filter_map(|entry| {
            let bytes = self.commit.before.read(&entry.path, metadata::MAX_BYTES).ok().flatten()?;
            Record::parse(&entry.path, bytes).ok()
        });
        let is_same =
            |release: &Release| release.image == own.image && release.build_number == own.build_number;
        if from.any(|record| record.releases.iter().any(|(_, release)| is_same(release))) {
            return Ok(own.build_number);
        }
        Err(format!(
            "the record of `{}` in `{}` gives `{key}` a build number that neither its trailers nor another environment say",
            here.api, here.environment
        ))
    }

    /// Reads a file as its parent has it, or as the release makes it so far.
    fn text(&self, path: &str) -> Result<Option<String>, String> {
        if let Some(text) = self.files.get(path) {
            return Ok(Some(text.clone()));
        }
        let bytes = self.commit.before.read(path, metadata::MAX_BYTES).map_err(|error| error.to_string())?;
        bytes.map(String::from_utf8).transpose().map_err(|_| format!("`{path}` is not UTF-8"))
    }
}

impl Here<'_> {
    /// Finds what a trailer speaks of, and checks what it says of it.
    fn target(&self, change: &ImageChange, overlay: &str) -> Result<&Target, String> {
        let ImageChange { api, environment, namespace, workload, container, old, new } = change;
        let named = || {
            self.targets
                .iter()
                .filter(|target| target.workload == *workload && target.container == *container)
        };
        // Objects of two kinds may have one name.
        let target =
            named().find(|target| overlay::running(overlay, target) == *old).or_else(|| named().next());
        let target = target
            .ok_or_else(|| {
                format!("its trailers say `{container}` of `{workload}`, and `{api}` has no such container in `{environment}`")
            })?;
        if target.namespace != *namespace {
            return Err(format!(
                "its trailers say the namespace `{namespace}`, and `{api}` lives in `{}` in `{environment}`",
                target.namespace
            ));
        }
        let running = overlay::running(overlay, target);
        if running != *old {
            return Err(format!(
                "its trailers say that `{container}` of `{workload}` ran `{old}` in `{environment}`, and it ran `{running}`"
            ));
        }
        if *new == running && target.image.as_str() == new {
            return Err(format!(
                "its trailers say that `{container}` of `{workload}` changes, and it ran `{new}` already"
            ));
        }
        Ok(target)
    }

    /// Checks that all who share an image are spoken of.
    fn complete(&self, slot: &Slot) -> Result<(), String> {
        let silent = self.targets.iter().filter(|target| target.slot == *slot).find(|target| {
            !self
                .changes
                .iter()
                .any(|change| change.workload == target.workload && change.container == target.container)
        });
        match silent {
            Some(target) => Err(format!(
                "`{}` of `{}` shares the image in `{}`, and its trailers do not say so",
                target.container, target.workload, target.environment
            )),
            None => Ok(()),
        }
    }
}

fn read(path: &str, text: &str, platform: &LoadedPlatform) -> Option<Metadata> {
    metadata::read(&path.into(), text.as_bytes().to_vec(), platform, &mut Sink::default())
}
