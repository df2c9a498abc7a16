//! What is there of an API before it is written. What people made of it is never overwritten, and what was interrupted goes on.

use std::collections::{BTreeMap, BTreeSet};

use super::assemble::METADATA_FILE;
use super::group::Group;
use super::record::{Part, Record};
use super::run::{Place, Request};
use crate::change::TEMPORARY_PREFIX;
use crate::legacy::Branch;
use crate::snapshot::{Kind, ONBOARDING, Snapshot};

/// What was there of an API before.
pub(super) enum Before {
    Nothing,
    /// Why it cannot be written.
    InTheWay(String),
    /// Files without a record: of people, or of a run that was interrupted.
    Unrecorded,
    /// People took it over, or a run was interrupted that would have changed it.
    Edited(Record),
    /// A migration wrote it, and whether people edited it since.
    Written(Record, bool),
}

/// Looks at what is there of an API.
pub(super) fn before(group: &Group, parts: &[&Branch], place: &Place<'_>) -> Before {
    let Place { config, request, claimed, clashes, .. } = *place;
    if let Some(why) = clashes.get(&group.name) {
        return Before::InTheWay(why.clone());
    }
    let known = parts.iter().filter_map(|branch| claimed.get_key_value(&branch.reference.name));
    if let Some((branch, api)) = known.into_iter().find(|(_, api)| **api != group.name) {
        return Before::InTheWay(format!(
            "`{branch}` is a part of `{api}` already, as `{}` says",
            Record::path(api)
        ));
    }
    let directory = format!("{ONBOARDING}/{}", group.name);
    let record = match Record::read(config, &group.name) {
        Ok(Some(record)) => record,
        Ok(None) if !files(config, &directory).is_empty() => return Before::Unrecorded,
        Ok(None) => return Before::Nothing,
        Err(why) => return Before::InTheWay(why),
    };
    for part in &record.sources {
        let Some(now) = parts.iter().find(|branch| branch.reference.name == part.branch) else {
            return Before::InTheWay(without(part, &group.name, request));
        };
        if now.reference.commit.to_string() != part.commit && !request.sync {
            return Before::InTheWay(format!(
                "`{}` moved since it was migrated: `onramp migrate sync` takes that over",
                part.branch
            ));
        }
    }
    let edited = record.edited(config, &directory);
    if edited.is_empty() {
        return Before::Written(record, false);
    }
    let metadata = format!("{directory}/{METADATA_FILE}");
    if !config.read(&metadata, u64::MAX).is_ok_and(|found| found.is_some()) {
        // To write it anew would lose what people made of the rest.
        return Before::InTheWay(format!(
            "`{metadata}` is gone, and somebody edited `{directory}/{}`: bring the one back, or remove the directory",
            edited[0]
        ));
    }
    if request.sync { Before::Written(record, true) } else { Before::Edited(record) }
}

/// Says why a branch of the record is no part of an API now.
fn without(part: &Part, api: &str, request: &Request<'_>) -> String {
    let decided = request.decisions.branch(&part.branch).and_then(|decided| decided.api.as_deref());
    match decided.filter(|other| *other != api) {
        Some(other) => format!(
            "`{}` is a part of it, as `{}` says, and of `{other}`, as the decisions file says",
            part.branch,
            Record::path(api)
        ),
        None => format!(
            "`{0}` is gone since it was migrated: `git branch {0} {1}` brings it back",
            part.branch, part.commit
        ),
    }
}

/// Tells whether all that lies there of an API is of a run that was interrupted: each file is what would be written now, or
/// what the record says that was written before.
pub(super) fn is_interrupted(
    config: &Snapshot,
    directory: &str,
    written: &BTreeMap<String, Option<String>>,
    record: Option<&Record>,
) -> bool {
    let is_new = |path: &str| {
        let new = written.get(path).and_then(Option::as_ref);
        let there = config.read(path, u64::MAX).ok().flatten();
        new.zip(there).is_some_and(|(new, there)| new.as_bytes() == there)
    };
    match record {
        Some(record) => {
            let edited = record.edited(config, directory);
            edited.iter().all(|path| is_new(&format!("{directory}/{path}")))
        }
        None => files(config, directory).iter().all(|path| is_new(path)),
    }
}

/// Lists the files of an API, but for those that a killed run had begun; a directory that cannot be listed is there.
fn files(config: &Snapshot, directory: &str) -> Vec<String> {
    let Ok(entries) = config.walk(directory) else { return vec![directory.to_owned()] };
    let begun = |path: &str| path.rsplit('/').next().is_some_and(|name| name.starts_with(TEMPORARY_PREFIX));
    let kept = entries.into_iter().filter(|entry| entry.kind != Kind::Directory && !begun(&entry.path));
    kept.map(|entry| entry.path.into()).collect()
}

/// Puts files in the order in which they are written: those of no API, then those of each, its record last.
pub(super) fn in_order<'a>(
    files: &'a BTreeMap<String, Option<String>>,
    by_api: &'a BTreeMap<String, Vec<String>>,
) -> Vec<&'a str> {
    let own: BTreeSet<&str> = by_api.values().flatten().map(String::as_str).collect();
    let mut order: Vec<&str> = files.keys().map(String::as_str).filter(|path| !own.contains(path)).collect();
    for (api, paths) in by_api {
        let record = Record::path(api);
        let (last, first): (Vec<&str>, Vec<&str>) =
            paths.iter().map(String::as_str).partition(|path| *path == record);
        order.extend(first.into_iter().chain(last));
    }
    // No file is written twice.
    let mut seen = BTreeSet::new();
    order.retain(|path| seen.insert(*path));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_written_when_all_of_its_api_is() {
        let own = |api: &str| {
            let paths =
                [Record::path(api), format!("{ONBOARDING}/{api}/a"), format!("waivers/migration/{api}.yaml")];
            (api.to_owned(), paths.to_vec())
        };
        let by_api = BTreeMap::from([own("cart"), own("shop")]);
        let around = ["platform.yaml", "schemas/metadata.schema.json"].map(str::to_owned);
        let paths = around.into_iter().chain(by_api.values().flatten().cloned());
        let files: BTreeMap<String, Option<String>> = paths.map(|path| (path, None)).collect();
        let order = in_order(&files, &by_api);
        let wanted = [
            "platform.yaml",
            "schemas/metadata.schema.json",
            "onboarding/cart/a",
            "waivers/migration/cart.yaml",
            "migration/apis/cart.yaml",
            "onboarding/shop/a",
            "waivers/migration/shop.yaml",
            "migration/apis/shop.yaml",
        ];
        assert_eq!(order, wanted);
    }
}
