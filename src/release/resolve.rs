//! From what people mean to the images that it comes to: what another environment runs, and what ran before.

use super::{Bump, Draft, Slot, Target, select, targets};
use crate::outcome::Failure;

impl Draft<'_> {
    /// Returns what an environment runs, as what another is to run, each with the number of its build.
    pub(super) fn promoted(
        &self,
        api: &str,
        from: &str,
        to: &str,
    ) -> Result<Vec<(Bump, Option<u64>)>, Failure> {
        let metadata = self.metadata(api)?;
        if from == to {
            return Err(Failure::usage(format!("`{from}` is promoted to itself")));
        }
        let read = self.reader();
        let [have, want] = [from, to].map(|name| targets(api, &metadata, name, self.view.platform, &read));
        for (name, found) in [(from, &have), (to, &want)] {
            if found.is_empty() {
                return Err(Failure::usage(format!("`{api}` runs nothing in `{name}`")));
            }
        }
        let record = self.record(api, from)?;
        let mut bumps: Vec<(Bump, Option<u64>)> = Vec::new();
        let mut seen: Vec<&Slot> = Vec::new();
        for source in have {
            let is_brought = |target: &Target| matches!(target.slot, Slot::Brought(_));
            let same = |target: &&Target| {
                (&target.key, &target.container) == (&source.key, &source.container)
                    && is_brought(target) == is_brought(&source)
                    && (!is_brought(target) || target.kind == source.kind)
            };
            let Some(target) = want.iter().find(same) else { continue };
            // Containers that share a place share what is written there, and so do environments.
            if target.slot.is_shared() || seen.contains(&&target.slot) {
                continue;
            }
            seen.push(&target.slot);
            let build = record.releases.get(&source.slot.name()).and_then(|release| release.build_number);
            let bump = Bump {
                api: api.to_owned(),
                environment: to.to_owned(),
                image: source.image.to_string(),
                name: None,
                namespace: Some(target.namespace.clone()),
                workload: Some(target.address()),
                container: Some(target.container.clone()),
            };
            bumps.push((bump, build));
        }
        Ok(bumps)
    }

    /// Returns what to go back to: what was asked for, or what the record says that ran before.
    pub(super) fn taken_back(&self, bump: &Bump) -> Result<Vec<Bump>, Failure> {
        let metadata = self.metadata(&bump.api)?;
        let all = targets(&bump.api, &metadata, &bump.environment, self.view.platform, &self.reader());
        if !bump.image.is_empty() {
            return Ok(vec![bump.clone()]);
        }
        let record = self.record(&bump.api, &bump.environment)?;
        let mut bumps: Vec<Bump> = Vec::new();
        let mut seen = Vec::new();
        let named = select::named(bump, &all);
        // Where nobody says which one, it is what the last release changed, and not what was released before that.
        let is_named = bump.workload.is_some() || bump.container.is_some() || bump.name.is_some();
        let times = named.iter().filter_map(|target| record.releases.get(&target.slot.name()));
        let newest = times.map(|release| release.time.clone()).max().filter(|_| !is_named);
        for target in named {
            if seen.contains(&&target.slot) {
                continue;
            }
            seen.push(&target.slot);
            let last = record.releases.get(&target.slot.name());
            let last = last.filter(|last| newest.as_ref().is_none_or(|newest| last.time == *newest));
            let Some(previous) = last.and_then(|release| release.previous.clone()) else { continue };
            bumps.push(Bump {
                image: previous,
                namespace: Some(target.namespace.clone()),
                workload: Some(target.address()),
                container: Some(target.container.clone()),
                ..bump.clone()
            });
        }
        if bumps.is_empty() {
            return Err(Failure::usage(format!(
                "nothing is recorded of what `{}` ran before in `{}`",
                bump.api, bump.environment
            ))
            .hint("name the image with `--to`; `onramp history` lists those that ran"));
        }
        Ok(bumps)
    }
}
