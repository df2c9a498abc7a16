//! What the platform's rules say of migrated APIs: what they forbid is waived with a reason, what they warn of is the
//! baseline that a fleet starts from.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::environments;
use super::outcome::{ApiOutcome, Fate, State};
use super::record::{DIRECTORY, Record};
use super::run::{Migration, Request};
use crate::diagnostic::{Diagnostic, Severity, Sink, WaivedBy};
use crate::exceptions::Baseline;
use crate::fleet::{self, Seen, Work};
use crate::git::Repo;
use crate::outcome::Failure;
use crate::platform;
use crate::snapshot::{ONBOARDING, Snapshot};
use crate::yaml::emit;

/// Where the baseline of migrated APIs lies.
pub const BASELINE: &str = "migration/baseline.json";

/// Looks at a migration with the rules of the platform, and adds what it takes that it can be rendered and starts clean:
/// waivers, a baseline, and what stands around all APIs. An API that a rule forbids for good is taken out and named.
///
/// # Errors
/// If the repo cannot be read.
pub fn settle(
    config: &Snapshot,
    repo: &Repo,
    request: &Request<'_>,
    migration: &mut Migration,
) -> Result<(), Failure> {
    let today = request.today;
    let mut waived: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    // Each round looks anew at the APIs that the last one changed.
    let mut seen = Seen::default();
    loop {
        let found = look(config, migration, today, &mut seen)?;
        let mut refused: BTreeMap<String, String> = BTreeMap::new();
        let mut left: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for (api, finding) in errors(&found.findings, migration) {
            if finding.code.waived_by != WaivedBy::Never {
                continue;
            }
            let why = format!("{} ({})", finding.message, finding.code.name);
            let outcome = migration.outcome.apis.iter().find(|outcome| outcome.name == api);
            match outcome.and_then(|outcome| kept_in(outcome, &finding.primary.path)) {
                Some(title) => drop(left.entry(api.to_owned()).or_default().insert(title, why)),
                None => drop(refused.entry(api.to_owned()).or_insert(why)),
            }
        }
        if !refused.is_empty() || !left.is_empty() {
            left.retain(|api, _| !refused.contains_key(api));
            refused.keys().chain(left.keys()).for_each(|api| seen.forget(api));
            for (api, why) in refused {
                take_out(migration, &api, &format!("a rule that nobody waives forbids it: {why}"));
            }
            migration.without(left, config, repo, request)?;
            continue;
        }
        // What one error hides comes to light when it is waived.
        let mut more = false;
        for (api, finding) in errors(&found.findings, migration) {
            if waived.entry(api.to_owned()).or_default().insert(finding.code.name) {
                seen.forget(api);
                more = true;
            }
        }
        if more {
            waive(&waived, migration);
            continue;
        }
        // An API that is not written brings no environment.
        if migration.without_unused_environments(config)? {
            seen = Seen::default();
            continue;
        }
        count(&found.findings, migration);
        // What is waived so that it can be written is to be seen all the same.
        let passed = found.passed.iter().map(|passed| &passed.finding);
        let literals: Vec<Diagnostic> =
            passed.filter(|finding| finding.code.name == "literal-secret").cloned().collect();
        count(&literals, migration);
        let known = Record::apis(config).map_err(|error| Failure::system(&error))?;
        let is_migrated = |finding: &&Diagnostic| {
            let api = finding.api.as_deref();
            api.is_some_and(|api| {
                migration.by_api.contains_key(api) || known.iter().any(|known| known == api)
            })
        };
        let baseline = Baseline::of(found.findings.iter().filter(is_migrated));
        if !baseline.is_empty() {
            migration.files.insert(BASELINE.to_owned(), Some(baseline.to_json()));
        }
        for change in found.changes.changes {
            // What an API needs was rendered with its proof; what it no longer needs goes.
            let below = change.path.strip_prefix(ONBOARDING).and_then(|path| path.strip_prefix('/'));
            let api = below.and_then(|path| path.split('/').next());
            let own = api.filter(|api| migration.by_api.contains_key(*api)).map(str::to_owned);
            if api.is_none() || (own.is_some() && change.new.is_none()) {
                if let Some(own) = own {
                    migration.by_api.entry(own).or_default().push(change.path.clone());
                }
                migration.files.insert(change.path, change.new);
            }
        }
        migration.tell();
        return Ok(());
    }
}

/// Returns the text of platform.yaml with the environments that it lacks; nothing where it has all of them, or takes no more.
pub fn with_environments(text: &str, wanted: &[String]) -> Option<String> {
    let platform = platform::parse(text.as_bytes().to_vec(), &mut Sink::default())?;
    let (text, added) = environments::add(text, &platform.model, wanted).ok()?;
    (!added.is_empty()).then_some(text)
}

/// Returns the object that stays as it was in a file.
fn kept_in(outcome: &ApiOutcome, path: &str) -> Option<String> {
    let path = path.strip_prefix(&format!("{ONBOARDING}/{}/", outcome.name))?;
    let mut objects = outcome.environments.iter().flat_map(|environment| &environment.objects);
    let object = objects.find(|object| matches!(&object.fate, Fate::Kept(file) if file == path))?;
    Some(format!("{} {}", object.kind, object.name))
}

/// Looks at the repo as it would be.
fn look(
    config: &Snapshot,
    migration: &Migration,
    today: &str,
    seen: &mut Seen,
) -> Result<fleet::Outcome, Failure> {
    let mut laid = config.clone();
    for (path, text) in &migration.files {
        if let Some(text) = text {
            laid.lay(path, text.as_bytes()).map_err(|error| Failure::system(&error))?;
        }
    }
    let mut found =
        fleet::run_again(&laid, Work::Render, today, seen).map_err(|error| Failure::system(&error))?;
    // A file that goes still lies there, and what is wrong with it is of no matter.
    found.findings.retain(|finding| !matches!(migration.files.get(&*finding.primary.path), Some(None)));
    Ok(found)
}

/// The errors of APIs that are migrated.
fn errors<'a>(findings: &'a [Diagnostic], migration: &Migration) -> Vec<(&'a str, &'a Diagnostic)> {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    let named = errors.filter_map(|finding| Some((finding.api.as_deref()?, finding)));
    named.filter(|(api, _)| migration.by_api.contains_key(*api)).collect()
}

/// Takes the files of an API out of a migration.
fn take_out(migration: &mut Migration, api: &str, why: &str) {
    for path in migration.by_api.remove(api).unwrap_or_default() {
        migration.files.remove(&path);
    }
    if let Some(outcome) = migration.outcome.apis.iter_mut().find(|outcome| outcome.name == api) {
        outcome.state = State::Refused(why.to_owned());
        outcome.files.clear();
    }
}

/// Writes a file of waivers for each API that needs some.
fn waive(waived: &BTreeMap<String, BTreeSet<&str>>, migration: &mut Migration) {
    for (api, codes) in waived {
        if !migration.by_api.contains_key(api) {
            continue;
        }
        let outcome = migration.outcome.apis.iter().find(|outcome| outcome.name == *api);
        let branches: Vec<&str> =
            outcome.iter().flat_map(|outcome| &outcome.sources).map(|(branch, _)| branch.as_str()).collect();
        let reason = format!("It ran so in {} before it was migrated.", branches.join(", "));
        let entries: Vec<Json> =
            codes.iter().map(|code| json!({ "code": code, "api": api, "reason": reason })).collect();
        let text = emit(&json!({ "apiVersion": "onramp/v1", "waivers": entries }));
        let path = format!("waivers/{DIRECTORY}/{api}.yaml");
        let schema = "# yaml-language-server: $schema=../../schemas/waivers.schema.json\n";
        migration.files.insert(path.clone(), Some(format!("{schema}{text}")));
        let own = migration.by_api.entry(api.clone()).or_default();
        if !own.contains(&path) {
            own.push(path);
        }
    }
}

/// Counts the findings of each API by code.
fn count(findings: &[Diagnostic], migration: &mut Migration) {
    for outcome in &mut migration.outcome.apis {
        let own = findings.iter().filter(|finding| finding.api.as_deref() == Some(&outcome.name));
        for finding in own {
            *outcome.findings.entry(finding.code.name.to_owned()).or_default() += 1;
        }
    }
}
