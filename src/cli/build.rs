//! `onramp build`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::FalseyValueParser;

use super::Global;
use super::diff::complain;
use super::repo::{Repo, cannot_open, no_api};
use super::terminal::Terminal;
use crate::apply;
use crate::change::{Change, ChangeSet, is_generated};
use crate::diagnostic::{Sink, count, nearest};
use crate::effective::{Overlay, Own, Unit, build_all};
use crate::fleet::ONBOARDING;
use crate::kustomize::{Builder, print};
use crate::outcome::{Failure, Outcome};
use crate::render::{NAMESPACES_DIRECTORY, header};
use crate::report::harmless;
use crate::snapshot::{Entry, Kind, Snapshot, SnapshotError};

/// The most bytes of a manifest that is there already.
const MOST_BYTES: u64 = 64 << 20;

/// Print what is applied: the manifests that an overlay builds to
///
/// For one API and environment the output is what `kustomize build` prints of the overlay, byte for byte. With `--all`,
/// each overlay is written to ENV/API.yaml below DIR, with a header. Files there that have no such header are left
/// alone, and nothing is written while one of them is in the way.
#[derive(Debug, Args)]
pub(super) struct BuildArgs {
    /// An API by name, or a path at or below its directory
    #[arg(value_name = "PATH or API", required_unless_present = "all", conflicts_with = "all")]
    api: Option<String>,
    /// The environment
    #[arg(
        long,
        value_name = "ENV",
        required_unless_present = "all",
        conflicts_with = "all",
        env = "ONRAMP_ENV"
    )]
    env: Option<String>,
    /// Build all APIs in all environments
    #[arg(long, requires = "out", env = "ONRAMP_ALL", value_parser = FalseyValueParser::new())]
    all: bool,
    /// The directory that all manifests are written to
    #[arg(long, value_name = "DIR", requires = "all", env = "ONRAMP_OUT")]
    out: Option<PathBuf>,
    /// Build a git revision, without checking it out
    #[arg(long, value_name = "REV", env = "ONRAMP_REVISION")]
    revision: Option<String>,
}

pub(super) fn run(args: &BuildArgs, global: &Global, terminal: &Terminal) -> Result<Outcome, Failure> {
    let repo = Repo::open(global, args.revision.as_deref(), terminal)?;
    match (&args.api, &args.env, &args.out) {
        (Some(api), Some(environment), _) => one(&repo, api, environment, terminal),
        (_, _, Some(out)) => all(&repo, out, terminal),
        _ => Err(Failure::usage("name an API and an environment, or a directory for all of them")),
    }
}

fn one(repo: &Repo, argument: &str, environment: &str, terminal: &Terminal) -> Result<Outcome, Failure> {
    let apis = repo.apis(&[argument.to_owned()])?;
    let Some([api]) = apis.as_deref() else {
        return Err(Failure::usage(format!("`{argument}` is not one API")).hint("name one, or add `--all`"));
    };
    let overlays = format!("{ONBOARDING}/{api}/overlays");
    let entries = repo.snapshot.list(&overlays).map_err(|error| cannot_open(&error))?;
    let directories = entries.iter().filter(|entry| entry.kind == Kind::Directory);
    let known: Vec<&str> = directories.filter_map(|entry| entry.path.rsplit('/').next()).collect();
    if !known.contains(&environment) {
        let failure = Failure::usage(format!("`{api}` has no overlay for the environment `{environment}`"));
        return Err(match nearest(environment, known.iter().copied()) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None if known.is_empty() => failure.hint("run `onramp render` to write its overlays"),
            None => failure.hint(format!("it has overlays for {}", known.join(", "))),
        });
    }
    let mut sink = Sink::default();
    let directory = format!("{ONBOARDING}/{api}");
    let files = Own::new(&repo.snapshot, &directory).map_err(|error| cannot_open(&error))?;
    let objects = Builder::new(&files).build(&format!("{overlays}/{environment}"), &mut sink);
    let broken = complain(sink.into_findings(), &repo.snapshot, 1, terminal);
    let Some(objects) = objects else { return Ok(Outcome::Findings) };
    terminal.print(&print(objects.iter().map(|object| &object.json)))?;
    Ok(if broken { Outcome::Findings } else { Outcome::Clean })
}

/// Manifests by their path below the directory that they are written to.
type Manifests = BTreeMap<String, String>;

fn all(repo: &Repo, out: &Path, terminal: &Terminal) -> Result<Outcome, Failure> {
    let inside = out.to_str().and_then(|out| repo.inside(out));
    let inside = inside.as_deref().and_then(|inside| inside.split('/').next());
    let built_from = [ONBOARDING, NAMESPACES_DIRECTORY];
    if let Some(directory) = built_from.iter().find(|directory| inside == Some(**directory)) {
        let out = harmless(&out.to_string_lossy());
        return Err(Failure::usage(format!("`{out}` lies among what is built"))
            .hint(format!("name a directory outside of `{directory}/`")));
    }
    let mut built = build_all(&repo.snapshot, manifests).map_err(|error| cannot_open(&error))?;
    if built.units.is_empty() {
        return Err(no_api());
    }
    let findings = std::mem::take(&mut built.findings);
    if complain(findings, &repo.snapshot, built.units.len(), terminal) {
        Terminal::error("Nothing was written, since there are errors.\n");
        return Ok(Outcome::Findings);
    }
    let manifests: Manifests = built.units.into_iter().flat_map(|(_, manifests)| manifests).collect();
    let number = manifests.len();
    let changes = changes(out, manifests)?;
    if changes.is_empty() {
        terminal.say("Nothing changed.\n")?;
        return Ok(Outcome::Clean);
    }
    apply::apply(out, &changes).map_err(|error| Failure::system(&error))?;
    let (new, differing, gone) = changes.counts();
    let parts = [(new, "added"), (differing, "changed"), (gone, "removed")];
    let parts = parts.iter().filter(|(number, _)| *number > 0);
    let parts: Vec<String> =
        parts.map(|(number, what)| format!("{} {what}", count(*number, "file"))).collect();
    terminal.say(&format!("Built {}: {}.\n", count(number, "overlay"), parts.join(", ")))?;
    Ok(Outcome::Clean)
}

/// Writes the manifests of one API or namespace.
fn manifests(unit: &Unit, overlays: &[Overlay]) -> Vec<(String, String)> {
    let built = overlays.iter().filter_map(|overlay| Some((&overlay.environment, overlay.objects.as_ref()?)));
    let manifest = |(environment, objects): (&std::sync::Arc<str>, &Vec<crate::kustomize::Object>)| {
        let (path, source) = match unit {
            Unit::Api(name) => {
                (format!("{environment}/{name}.yaml"), format!("{ONBOARDING}/{name}/overlays/{environment}"))
            }
            Unit::Namespace(name) => {
                (format!("{environment}/namespaces/{name}.yaml"), format!("namespaces/{environment}/{name}"))
            }
        };
        (path, header(&source) + &print(objects.iter().map(|object| &object.json)))
    };
    built.map(manifest).collect()
}

/// Compares manifests with the files of a directory, which need not be there.
fn changes(out: &Path, mut manifests: Manifests) -> Result<ChangeSet, Failure> {
    let present = match Snapshot::work_tree(out) {
        Err(SnapshotError::Unreadable { error, .. }) if error.kind() == std::io::ErrorKind::NotFound => None,
        opened => Some(opened.map_err(|error| cannot_open(&error))?),
    };
    let mut changes = ChangeSet::default();
    let mut foreign = Vec::new();
    if let Some(present) = &present {
        for entry in entries(present).map_err(|error| cannot_open(&error))? {
            if entry.kind == Kind::Directory && !manifests.contains_key(&*entry.path) {
                continue;
            }
            if entry.kind != Kind::File {
                // What stands in the place of a manifest, or of its directory.
                let below = format!("{}/", entry.path);
                if manifests.keys().any(|path| **path == *entry.path || path.starts_with(&below)) {
                    foreign.push(entry.path);
                }
                continue;
            }
            let new = manifests.remove(&*entry.path);
            if new.is_none() && !is_manifest(&entry.path) {
                continue;
            }
            let bytes = present.read_entry(&entry, MOST_BYTES).map_err(|error| cannot_open(&error))?;
            let bytes = bytes.unwrap_or_default();
            match (is_ours(&entry.path, &bytes), new) {
                (true, new) => changes.changes.extend(Change::of_file(&entry.path, &bytes, new)),
                (false, Some(_)) => foreign.push(entry.path),
                (false, None) => {}
            }
        }
    }
    if let Some(path) = foreign.first() {
        let more =
            if foreign.len() > 1 { format!(" (and {} more)", foreign.len() - 1) } else { String::new() };
        let path = out.join(&**path);
        return Err(Failure::usage(format!(
            "`{}`{more} was not written by `onramp build`",
            harmless(&path.to_string_lossy())
        ))
        .hint("move it away, or name another directory"));
    }
    changes.changes.extend(manifests.into_iter().map(Change::added));
    changes.sort();
    Ok(changes)
}

/// Lists the places where manifests may lie; what else is in the directory is nobody's business.
fn entries(present: &Snapshot) -> Result<Vec<Entry>, SnapshotError> {
    let mut entries = Vec::new();
    for top in present.list("")? {
        if top.kind == Kind::Directory {
            let below = present.list(&top.path)?;
            let namespaces = format!("{}/namespaces", top.path);
            if below.iter().any(|entry| *entry.path == *namespaces && entry.kind == Kind::Directory) {
                entries.extend(present.list(&namespaces)?);
            }
            entries.extend(below);
        }
        entries.push(top);
    }
    Ok(entries)
}

/// Tells whether a path may be that of a manifest.
fn is_manifest(path: &str) -> bool {
    let extension = Path::new(path).extension();
    extension.is_some_and(|extension| extension == "yaml") && (1..=2).contains(&path.matches('/').count())
}

/// Tells whether a file was written here: its header names the overlay whose manifests belong to its path. A rendered
/// file elsewhere has a header too, and is none of these.
fn is_ours(path: &str, bytes: &[u8]) -> bool {
    let parts: Vec<&str> = path.trim_end_matches(".yaml").split('/').collect();
    let source = match parts[..] {
        [environment, name] => format!("{ONBOARDING}/{name}/overlays/{environment}"),
        [environment, "namespaces", name] => format!("namespaces/{environment}/{name}"),
        _ => return false,
    };
    is_generated(bytes) && bytes.starts_with(header(&source).as_bytes())
}
