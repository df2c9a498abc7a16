//! The fate of every file and document of the branches.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::outcome::{ApiOutcome, BranchOutcome, DocumentOutcome, Fate, FileOutcome, State};
use crate::legacy::{Branch, DocumentState};

/// Where an object stands: branch, file and line.
type Place = (String, Arc<str>, usize);

/// Tells what became of each file and document, from what became of the objects.
pub(super) fn branches(branches: &[Branch], apis: &[ApiOutcome]) -> Vec<BranchOutcome> {
    let mut fates: BTreeMap<&Place, BTreeSet<Fate>> = BTreeMap::new();
    let mut owners: BTreeMap<&str, Vec<&ApiOutcome>> = BTreeMap::new();
    for api in apis {
        for (branch, _) in &api.sources {
            owners.entry(branch).or_default().push(api);
        }
        for object in api.environments.iter().flat_map(|environment| &environment.objects) {
            if let Some(place) = &object.origin {
                fates.entry(place).or_default().insert(object.fate.clone());
            }
        }
    }
    let one = |branch: &Branch| {
        let name = &branch.reference.name;
        let apis = owners.get(name.as_str());
        let unwritten = apis.into_iter().flatten().find_map(|api| match &api.state {
            State::Refused(why) | State::Skipped(why) => Some(Fate::Unwritten(why.clone())),
            State::Written | State::Unchanged => None,
        });
        let files = branch.files.iter().map(|file| {
            let documents = file.documents.iter().map(|document| {
                let place: Place = (name.clone(), file.path.clone(), document.line);
                let fates = match &document.state {
                    DocumentState::Objects => {
                        let known = fates.get(&place).into_iter().flatten().cloned();
                        let known: Vec<Fate> = match &unwritten {
                            Some(why) => vec![why.clone()],
                            None => known.collect(),
                        };
                        let by = branch.overridden.get(&(file.path.clone(), document.line));
                        match by {
                            _ if !known.is_empty() => known,
                            Some(by) => vec![Fate::Superseded(by.to_string())],
                            // The same object stands elsewhere too.
                            None => vec![Fate::Repeated(String::new())],
                        }
                    }
                    DocumentState::NoObject => vec![Fate::NoObject],
                    DocumentState::Unreadable(code, why) => vec![Fate::Unreadable(code.clone(), why.clone())],
                    DocumentState::Kustomization => vec![Fate::Kustomization],
                    DocumentState::LeftOut(why) | DocumentState::Unbuildable(why) => {
                        vec![Fate::Left(why.clone())]
                    }
                    DocumentState::Input(of) => vec![Fate::Input(of.clone())],
                };
                DocumentOutcome { line: document.line, title: document.title.clone(), fates }
            });
            FileOutcome {
                path: file.path.clone(),
                skipped: file.skipped.clone(),
                documents: documents.collect(),
            }
        });
        BranchOutcome {
            name: name.clone(),
            commit: branch.reference.commit.to_string(),
            apis: apis.into_iter().flatten().map(|api| api.name.clone()).collect(),
            failure: branch.failure.clone(),
            files: files.collect(),
        }
    };
    branches.iter().map(one).collect()
}
