//! Which API a branch is a part of: what the record says where it was migrated before, and what its name says where it was not.

use std::collections::{BTreeMap, BTreeSet};

use super::environments::Names;
use super::group::{Group, Sortable, groups};
use super::outcome::Question;
use super::record::Record;
use super::run::Request;
use crate::git::Repo;
use crate::legacy::{self, Branch, Reference};
use crate::outcome::Failure;
use crate::snapshot::Snapshot;

/// The records of all APIs, by name.
pub(super) struct Known {
    records: BTreeMap<String, Record>,
}

/// The branches of a request.
pub(super) struct Found {
    /// All, by name: those that were asked for, and what else their APIs are made of.
    pub(super) references: Vec<Reference>,
    /// Those that were asked for.
    asked: Vec<Reference>,
    /// The APIs that are known and asked for.
    apis: BTreeSet<String>,
}

/// APIs with their branches.
pub(super) struct Sorted {
    pub(super) groups: Vec<Group>,
    /// APIs that cannot be, by name, and why.
    pub(super) clashes: BTreeMap<String, String>,
}

impl Found {
    /// Tells whether no branch fits, and no API is known that had one.
    pub(super) fn is_nothing(&self) -> bool {
        self.references.is_empty() && self.apis.is_empty()
    }
}

impl Known {
    /// Reads the records. One that cannot be read is told of its own API.
    ///
    /// # Errors
    /// If they cannot be listed.
    pub(super) fn read(config: &Snapshot) -> Result<Self, Failure> {
        let apis = Record::apis(config).map_err(|error| Failure::system(&error))?;
        let read = |api: String| Some((api.clone(), Record::read(config, &api).ok().flatten()?));
        Ok(Self { records: apis.into_iter().filter_map(read).collect() })
    }

    /// Returns the APIs that branches are a part of, by branch.
    pub(super) fn claimed(&self) -> BTreeMap<String, String> {
        let parts = self
            .records
            .iter()
            .flat_map(|(api, record)| record.sources.iter().map(|part| (part.branch.clone(), api.clone())));
        parts.collect()
    }

    /// Finds the branches of a request. An API that one of them is a part of comes with all of its branches; a sync that names
    /// none takes all APIs.
    ///
    /// # Errors
    /// If the branches cannot be listed.
    pub(super) fn find(&self, repo: &Repo, request: &Request<'_>) -> Result<Found, Failure> {
        let listed =
            |names: &[String]| legacy::branches(repo, names).map_err(|error| Failure::system(&error));
        let asked = listed(request.branches)?;
        let is_asked = |branch: &str| {
            asked.iter().any(|found| found.name == branch) || legacy::fits(branch, request.branches)
        };
        let decided: BTreeSet<&str> = asked
            .iter()
            .filter_map(|branch| request.decisions.branch(&branch.name)?.api.as_deref())
            .collect();
        let all = request.sync && request.branches.is_empty();
        let apis = self.records.iter().filter(|(api, record)| {
            let wanted = request.only.is_empty() || request.only.contains(api);
            let named = record.sources.iter().any(|part| is_asked(&part.branch));
            named || decided.contains(api.as_str()) || (all && wanted)
        });
        let apis: BTreeSet<String> = apis.map(|(api, _)| api.clone()).collect();
        let parts = apis.iter().flat_map(|api| &self.records[api].sources);
        let names: BTreeSet<String> = parts.map(|part| part.branch.clone()).collect();
        let more = listed(&names.iter().cloned().collect::<Vec<_>>())?;
        // A branch of another remote is not the one that is gone.
        let more = more.into_iter().filter(|found| names.contains(&found.name));
        let both = asked.iter().cloned().chain(more).map(|found| (found.name.clone(), found));
        let references = both.collect::<BTreeMap<_, _>>().into_values().collect();
        Ok(Found { references, asked, apis })
    }

    /// Sorts the branches of a request into APIs. `branches` are all that were found, in their order.
    pub(super) fn sort(
        &self,
        found: &Found,
        branches: &[Branch],
        names: &Names,
        request: &Request<'_>,
    ) -> Sorted {
        let claimed = self.claimed();
        let decided = |branch: &str| request.decisions.branch(branch);
        // What somebody decided comes before the record.
        let claim = |branch: &str| {
            let api = claimed.get(branch)?;
            let other = decided(branch).and_then(|decided| decided.api.as_ref());
            other.is_none_or(|other| other == api).then_some(api)
        };
        let index: BTreeMap<&str, usize> =
            found.references.iter().enumerate().map(|(at, branch)| (branch.name.as_str(), at)).collect();
        let asked: Vec<Sortable<'_>> =
            found.asked.iter().map(|branch| Sortable::of(&branches[index[branch.name.as_str()]])).collect();
        let by_names = groups(&asked, request.branches, names, request.decisions);
        let mut questions: BTreeMap<String, Vec<Question>> = BTreeMap::new();
        let branch = |at: usize| found.asked[at].name.as_str();
        let mut sorted: BTreeMap<String, Vec<(usize, Option<String>)>> = BTreeMap::new();
        for api in &found.apis {
            let by_name = by_names.iter().find(|group| group.name == *api);
            let parts = self.records[api].sources.iter().filter_map(|part| {
                let at = *index.get(part.branch.as_str())?;
                claim(&part.branch).filter(|claim| *claim == api)?;
                let said = by_name
                    .and_then(|group| group.parts.iter().find(|(asked, _)| branch(*asked) == part.branch));
                let environment = match said {
                    Some((_, environment)) => environment.clone(),
                    None => decided(&part.branch)
                        .and_then(|decided| decided.environment.clone())
                        .or_else(|| part.environment.clone()),
                };
                Some((at, environment))
            });
            let parts: Vec<_> = parts.collect();
            // Of an API that has no branch any more only a sync tells.
            if request.sync || !parts.is_empty() {
                sorted.insert(api.clone(), parts);
            }
        }
        let mut clashes = BTreeMap::new();
        for group in by_names {
            let (known, new): (Vec<_>, Vec<_>) =
                group.parts.into_iter().partition(|(at, _)| claim(branch(*at)).is_some());
            if new.is_empty() {
                questions.entry(group.name).or_default().extend(group.asked);
                continue;
            }
            let other = known.iter().find_map(|(at, _)| {
                let api = claim(branch(*at)).filter(|api| **api != group.name)?;
                Some((branch(*at), api.as_str()))
            });
            let is_decided = new.iter().all(|(at, _)| {
                decided(branch(*at)).is_some_and(|decided| decided.api.as_ref() == Some(&group.name))
            });
            let is_sibling = known.iter().any(|(at, _)| claim(branch(*at)) == Some(&group.name));
            let of = self.records.get(&group.name).filter(|_| !is_decided && !is_sibling);
            let first = branch(new[0].0);
            let why = match (of, other) {
                (Some(record), _) => {
                    let made = record.sources.first().map_or("others", |part| part.branch.as_str());
                    Some(format!(
                        "`{first}` would be `{}`, and that is made of `{made}`, as `{}` says",
                        group.name,
                        Record::path(&group.name)
                    ))
                }
                (None, Some((branch, api))) if !is_decided && !is_sibling => {
                    Some(format!("`{branch}` is a part of `{api}` already, as `{}` says", Record::path(api)))
                }
                _ => None,
            };
            let new = new.into_iter().map(|(at, environment)| (index[branch(at)], environment));
            let Some(why) = why else {
                questions.entry(group.name.clone()).or_default().extend(group.asked);
                sorted.entry(group.name).or_default().extend(new);
                continue;
            };
            let name = if of.is_some() { self.free(&group.name, &sorted) } else { group.name };
            let help = format!("say under `branches` of the decisions file which API `{first}` is");
            clashes.insert(name.clone(), format!("{why}: {help}"));
            sorted.insert(name, new.collect());
        }
        let whole = |(name, parts): (String, _)| {
            let asked = questions.remove(&name).unwrap_or_default();
            Group { name, parts, asked }
        };
        let groups = sorted.into_iter().map(whole).collect();
        Sorted { groups, clashes }
    }

    /// Returns a name that no API has.
    fn free(&self, name: &str, sorted: &BTreeMap<String, Vec<(usize, Option<String>)>>) -> String {
        let mut number = 2;
        loop {
            let free = format!("{name}-{number}");
            if !sorted.contains_key(&free) && !self.records.contains_key(&free) {
                return free;
            }
            number += 1;
        }
    }
}
