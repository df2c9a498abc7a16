//! What the platform's rules say of migrated APIs: what they forbid is waived with a reason, what they warn of is the
//! baseline that a fleet starts from.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::outcome::State;
use super::record::{DIRECTORY, Record};
use super::run::Migration;
use crate::diagnostic::{Diagnostic, Severity, WaivedBy};
use crate::exceptions::Baseline;
use crate::fleet::{self, Work};
use crate::outcome::Failure;
use crate::snapshot::{ONBOARDING, Snapshot};
use crate::yaml::emit;

/// Where the baseline of migrated APIs lies.
pub const BASELINE: &str = "migration/baseline.json";

/// Looks at a migration with the rules of the platform, and adds what it takes that it can be rendered and starts clean:
/// waivers, a baseline, and what stands around all APIs. An API that a rule forbids for good is taken out and named.
///
/// # Errors
/// If the repo cannot be read.
pub fn settle(config: &Snapshot, migration: &mut Migration, today: &str) -> Result<(), Failure> {
    loop {
        let found = look(config, migration, today)?;
        let mut forbidden: BTreeMap<String, String> = BTreeMap::new();
        for finding in errors(&found.findings, migration) {
            if finding.1.code.waived_by == WaivedBy::Never {
                let why = format!("{}: {}", finding.1.code.name, finding.1.message);
                forbidden.entry(finding.0.to_owned()).or_insert(why);
            }
        }
        if !forbidden.is_empty() {
            for (api, why) in forbidden {
                take_out(migration, &api, &format!("a rule that nobody waives forbids it: {why}"));
            }
            continue;
        }
        let waivers = waivers(&errors(&found.findings, migration), migration);
        let settled = waivers.is_empty();
        for (path, text) in waivers {
            migration.files.insert(path, Some(text));
        }
        let found = if settled { found } else { look(config, migration, today)? };
        count(&found.findings, migration);
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
        return Ok(());
    }
}

/// Looks at the repo as it would be.
fn look(config: &Snapshot, migration: &Migration, today: &str) -> Result<fleet::Outcome, Failure> {
    let mut laid = config.clone();
    for (path, text) in &migration.files {
        if let Some(text) = text {
            laid.lay(path, text.as_bytes()).map_err(|error| Failure::system(&error))?;
        }
    }
    fleet::run(&laid, None, Work::Render, today).map_err(|error| Failure::system(&error))
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

/// Writes a file of waivers for each API that has errors.
fn waivers(errors: &[(&str, &Diagnostic)], migration: &mut Migration) -> BTreeMap<String, String> {
    let mut codes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (api, finding) in errors {
        codes.entry(api).or_default().insert(finding.code.name);
    }
    let mut files = BTreeMap::new();
    for (api, codes) in codes {
        let outcome = migration.outcome.apis.iter().find(|outcome| outcome.name == api);
        let branches =
            outcome.map(|outcome| outcome.sources.iter().map(|(branch, _)| branch.as_str()).collect());
        let branches: Vec<&str> = branches.unwrap_or_default();
        let reason = format!("It ran so in {} before it was migrated.", branches.join(", "));
        let entries: Vec<Json> =
            codes.into_iter().map(|code| json!({ "code": code, "api": api, "reason": reason })).collect();
        let text = emit(&json!({ "apiVersion": "onramp/v1", "waivers": entries }));
        let path = format!("waivers/{DIRECTORY}/{api}.yaml");
        let schema = "# yaml-language-server: $schema=../../schemas/waivers.schema.json\n";
        files.insert(path.clone(), format!("{schema}{text}"));
        migration.by_api.entry(api.to_owned()).or_default().push(path);
    }
    files
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
