//! The pipeline: what a kustomization names, and what it does to it, in kustomize's order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::codes::UNBUILDABLE_OVERLAY;
use super::kustomization::{Kustomization, Text};
use super::load::{self, Failed, Named};
use super::read::{self, Role};
use super::resource::Resource;
use super::vars::{self, Var};
use super::{Files, LeftOut, drafts, generator, images, labels, names, namespace, patch, replicas};
use crate::diagnostic::{Diagnostic, Location, Sink, shorten};

/// What a directory came to, and the directories that it was made of.
#[derive(Clone, Debug)]
struct Built {
    resources: Arc<Vec<Resource>>,
    visited: Arc<Vec<Box<str>>>,
}

/// Evaluates kustomizations. A directory that several name is evaluated once.
pub(super) struct Engine<'a> {
    files: &'a dyn Files,
    built: BTreeMap<Box<str>, Option<Built>>,
    /// The directories that are being evaluated, each named by the one before it.
    open: Vec<Box<str>>,
    /// The directories that were entered since the start.
    visited: Vec<Box<str>>,
    /// What foreign kustomizations went without, by directory.
    left_out: BTreeMap<Box<str>, Vec<LeftOut>>,
    /// The variables of foreign kustomizations, by directory.
    vars: BTreeMap<Box<str>, Vec<Var>>,
}

/// Why an entry of `resources` comes to nothing. The finding is made already.
enum Fault {
    /// There is nothing that the entry could mean.
    Entry,
    /// What it means cannot be built.
    Below,
}

impl From<Failed> for Fault {
    fn from(_: Failed) -> Self {
        Self::Entry
    }
}

impl<'a> Engine<'a> {
    pub(super) fn new(files: &'a dyn Files) -> Self {
        Self {
            files,
            built: BTreeMap::new(),
            open: Vec::new(),
            visited: Vec::new(),
            left_out: BTreeMap::new(),
            vars: BTreeMap::new(),
        }
    }

    /// Evaluates a directory up to where names get their hashes. The kustomization comes with it.
    pub(super) fn root(
        &mut self,
        directory: &str,
        sink: &mut Sink,
    ) -> Option<(Kustomization, Vec<Resource>)> {
        self.open.clear();
        self.visited.clear();
        let kustomization = match load::directory(self.files, directory, sink) {
            Ok(Some(kustomization)) => kustomization,
            Ok(None) => {
                let message = "the directory has no kustomization";
                let finding = Diagnostic::new(&UNBUILDABLE_OVERLAY, Location::file(directory), message);
                sink.push(finding.help("write a `kustomization.yaml` there"));
                return None;
            }
            Err(Failed) => return None,
        };
        let resources = self.enter(directory, &kustomization, Vec::new(), sink)?;
        Some((kustomization, resources))
    }

    /// Returns what the directories since the start went without.
    pub(super) fn left_out(&self) -> Vec<LeftOut> {
        let visited: BTreeSet<&str> = self.visited.iter().map(AsRef::as_ref).collect();
        visited.into_iter().filter_map(|directory| self.left_out.get(directory)).flatten().cloned().collect()
    }

    /// Puts the values of variables into the objects, in the end.
    pub(super) fn fill_in(&self, resources: &mut [Resource], sink: &mut Sink) -> Option<()> {
        let of = self.visited.iter().filter_map(|directory| self.vars.get(directory));
        let vars: Vec<&Var> = of.flatten().collect();
        vars::run(&vars, !self.left_out().is_empty(), resources, sink)
    }

    /// Evaluates a kustomization on top of what is there already.
    fn enter(
        &mut self,
        directory: &str,
        kustomization: &Kustomization,
        resources: Vec<Resource>,
        sink: &mut Sink,
    ) -> Option<Vec<Resource>> {
        self.open.push(directory.into());
        self.visited.push(directory.into());
        let out = self.evaluate(directory, kustomization, resources, sink);
        self.open.pop();
        out
    }

    fn evaluate(
        &mut self,
        directory: &str,
        kustomization: &Kustomization,
        mut resources: Vec<Resource>,
        sink: &mut Sink,
    ) -> Option<Vec<Resource>> {
        let before = sink.len();
        let mark = self.visited.len();
        let is_foreign = self.files.is_foreign();
        let mut left_out = kustomization.left_out();
        // Why a base cannot be built is said once, however many name it.
        let mut failed = false;
        for named in &kustomization.resources {
            let mut own = Sink::default();
            let found =
                self.resource(directory, kustomization, named, if is_foreign { &mut own } else { sink });
            if is_foreign && matches!(found, Err(Fault::Entry)) {
                let why = own.into_findings().into_iter().next().map(|finding| finding.message);
                left_out.extend(why.map(|why| LeftOut { place: kustomization.at(named.span), why }));
                continue;
            }
            own.into_findings().into_iter().for_each(|finding| sink.push(finding));
            match found {
                Ok(found) => append(&mut resources, found, sink),
                Err(_) => failed = true,
            }
        }
        // What is not there can be neither patched nor added to.
        let below = self.visited[mark..].iter().any(|directory| self.left_out.contains_key(directory));
        let mut without = (below || !left_out.is_empty()).then_some(left_out);
        for of in &kustomization.generators {
            generator::run(self.files, directory, kustomization, of, (&mut resources, &mut without), sink);
        }
        if failed || sink.errors_since(before) {
            return None;
        }
        for named in &kustomization.components {
            resources = self.component(directory, kustomization, named, resources, sink)?;
        }
        for of in &kustomization.patches {
            patch::run(self.files, directory, kustomization, of, (&mut resources, &mut without), sink)?;
        }
        namespace::run(kustomization, &mut resources, sink)?;
        names::run(kustomization, &mut resources);
        labels::run(kustomization, &mut resources, sink)?;
        for of in &kustomization.late_patches {
            patch::run(self.files, directory, kustomization, of, (&mut resources, &mut without), sink)?;
        }
        if let Some(left_out) = without {
            self.left_out.insert(directory.into(), left_out);
        }
        if !kustomization.vars.is_empty() {
            self.vars.insert(directory.into(), kustomization.vars.clone());
        }
        replicas::run(kustomization, &mut resources, sink)?;
        images::run(kustomization, &mut resources, sink)?;
        Some(resources)
    }

    /// Reads an entry of `resources`: a file, or a directory with a kustomization.
    fn resource(
        &mut self,
        directory: &str,
        kustomization: &Kustomization,
        text: &Text,
        sink: &mut Sink,
    ) -> Result<Vec<Resource>, Fault> {
        let at = kustomization.at(text.span);
        let named = Named { path: &text.value, at: &at };
        let path = load::resolve(directory, named, sink).ok_or(Fault::Entry)?;
        // What looks like a file is asked for as one first, for speed alone: a path is one or the other.
        if is_file_name(&path) {
            if let Some(documents) = self.files.documents(&path) {
                load::hold_inside(self.files, directory, &path, named, sink)?;
                if let Some(found) = drafts::objects(&path, documents) {
                    return Ok(found);
                }
            }
            if let Some(bytes) = load::probe(self.files, &path, sink)? {
                return objects(self.files, directory, &path, named, bytes, sink);
            }
        }
        if let Some(resources) = self.base(&path, named, sink)? {
            return Ok(resources.as_ref().clone());
        }
        if let Some(bytes) = load::probe(self.files, &path, sink)? {
            return objects(self.files, directory, &path, named, bytes, sink);
        }
        sink.push(load::missing(named, "there is no file, and no directory with a kustomization,"));
        Err(Fault::Entry)
    }

    /// Evaluates a directory on its own; nothing where it has no kustomization.
    fn base(
        &mut self,
        directory: &str,
        named: Named<'_>,
        sink: &mut Sink,
    ) -> Result<Option<Arc<Vec<Resource>>>, Fault> {
        self.hold_against_cycles(directory, named, sink).map_err(|Failed| Fault::Below)?;
        if let Some(built) = self.built.get(directory) {
            let Some(built) = built.clone() else { return Err(Fault::Below) };
            for visited in built.visited.iter() {
                self.hold_against_cycles(visited, named, sink).map_err(|Failed| Fault::Below)?;
            }
            self.visited.extend(built.visited.iter().cloned());
            return Ok(Some(built.resources));
        }
        let found = load::directory(self.files, directory, sink).map_err(|Failed| Fault::Below)?;
        let Some(kustomization) = found else { return Ok(None) };
        if kustomization.component {
            let message = format!("`{}` is a Component", shorten(named.path));
            let finding = Diagnostic::new(&UNBUILDABLE_OVERLAY, named.at.clone(), message);
            sink.push(finding.help("name it under `components`"));
            return Err(Fault::Below);
        }
        let mark = self.visited.len();
        let resources = self.enter(directory, &kustomization, Vec::new(), sink);
        let built = resources.map(|resources| Built {
            resources: Arc::new(resources),
            visited: Arc::new(self.visited[mark..].to_vec()),
        });
        self.built.insert(directory.into(), built.clone());
        built.map(|built| Some(built.resources)).ok_or(Fault::Below)
    }

    fn component(
        &mut self,
        directory: &str,
        kustomization: &Kustomization,
        text: &Text,
        resources: Vec<Resource>,
        sink: &mut Sink,
    ) -> Option<Vec<Resource>> {
        let at = kustomization.at(text.span);
        let named = Named { path: &text.value, at: &at };
        let path = load::resolve(directory, named, sink)?;
        self.hold_against_cycles(&path, named, sink).ok()?;
        let Some(component) = load::directory(self.files, &path, sink).ok()? else {
            sink.push(load::missing(named, "there is no directory with a kustomization"));
            return None;
        };
        if !component.component {
            let message = format!("`{}` is no Component", shorten(named.path));
            let finding = Diagnostic::new(&UNBUILDABLE_OVERLAY, at, message);
            sink.push(finding.help("name it under `resources`, or write `kind: Component` there"));
            return None;
        }
        self.enter(&path, &component, resources, sink)
    }

    /// Refuses a directory that is, or holds, one that is being evaluated.
    fn hold_against_cycles(&self, directory: &str, named: Named<'_>, sink: &mut Sink) -> Result<(), Failed> {
        let holds = |open: &str| {
            directory.is_empty()
                || open.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if !self.open.iter().any(|open| holds(open)) {
            return Ok(());
        }
        let message = format!("`{}` leads back to a directory that names it", shorten(named.path));
        let finding = Diagnostic::new(&UNBUILDABLE_OVERLAY, named.at.clone(), message);
        sink.push(finding.help("a base may be neither the directory of its user nor one above it"));
        Err(Failed)
    }
}

/// Reads the objects of a file that a kustomization names.
fn objects(
    files: &dyn Files,
    directory: &str,
    path: &str,
    named: Named<'_>,
    bytes: Vec<u8>,
    sink: &mut Sink,
) -> Result<Vec<Resource>, Fault> {
    load::hold_inside(files, directory, path, named, sink)?;
    let source = read::source(&path.into(), bytes, sink).ok_or(Fault::Entry)?;
    read::objects(&source, Role::Resource, sink).ok_or(Fault::Entry)
}

/// Tells whether a path looks like that of a file of objects.
fn is_file_name(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').is_some_and(|(_, extension)| matches!(extension, "yaml" | "yml" | "json"))
}

/// Adds objects; one that is there already is a finding.
fn append(resources: &mut Vec<Resource>, more: Vec<Resource>, sink: &mut Sink) {
    for resource in more {
        let id = resource.id();
        if let Some(known) = resources.iter().find(|known| known.is(&id)) {
            sink.push(twice(known, &resource));
            continue;
        }
        resources.push(resource);
    }
}

/// Says that two objects are one to kustomize.
pub(super) fn twice(known: &Resource, resource: &Resource) -> Diagnostic {
    let message = format!("`{}` is there already", resource.title());
    Diagnostic::new(&UNBUILDABLE_OVERLAY, resource.location.clone(), message)
        .related(known.location.clone(), "the first one")
        .help("give one of them another name, or remove it")
}
