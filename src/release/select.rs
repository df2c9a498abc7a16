//! Which image a bump means. It guesses nothing: what could be two things is an error that lists them.

use super::{Bump, Request, Slot, Target, guard};
use crate::image::ImageRef;
use crate::outcome::Failure;
use crate::platform::ReleaseTarget;

/// Finds the places that a bump changes.
///
/// # Errors
/// If no container fits, if several places do and not all of them were asked for, or if what runs is of another repository.
pub(super) fn slots(
    request: &Request,
    bump: &Bump,
    image: &ImageRef,
    targets: &[Target],
    explicit: ReleaseTarget,
) -> Result<Vec<Slot>, Failure> {
    if explicit == ReleaseTarget::Explicit
        && (bump.namespace.is_none() || bump.workload.is_none() || bump.container.is_none())
    {
        return Err(with_candidates(
            Failure::usage("this platform wants a release to name namespace, workload and container")
                .hint("use `--namespace`, `--workload` and `--container`"),
            targets,
        ));
    }
    if let Some(namespace) = &bump.namespace
        && let Some(target) = targets.first().filter(|target| target.namespace != *namespace)
    {
        return Err(Failure::usage(format!(
            "`{}` lives in the namespace `{}` in `{}`, and not in `{namespace}`",
            bump.api, target.namespace, bump.environment
        )));
    }
    let named = named(bump, targets);
    if named.is_empty() {
        let failure =
            Failure::usage(format!("nothing of `{}` in `{}` has that name", bump.api, bump.environment));
        return Err(with_candidates(failure, targets));
    }
    let same: Vec<&Target> = named
        .iter()
        .copied()
        .filter(|target| target.image.full_repository() == image.full_repository())
        .collect();
    let mut fitting = if same.is_empty() { named } else { same.clone() };
    // What other environments share cannot be meant where anything else can.
    if !request.terms.all_matching && fitting.iter().any(|target| !target.slot.is_shared()) {
        fitting.retain(|target| !target.slot.is_shared());
    }
    let mut slots: Vec<Slot> = Vec::new();
    for target in &fitting {
        if !slots.contains(&target.slot) {
            slots.push(target.slot.clone());
        }
    }
    if same.is_empty() && slots.len() == 1 {
        guard::fits(request, image, fitting[0])?;
    }
    if same.is_empty() && slots.len() > 1 {
        let message = format!(
            "no container of `{}` in `{}` runs images of `{}`",
            bump.api,
            bump.environment,
            image.repository()
        );
        return Err(with_candidates(Failure::usage(message), fitting));
    }
    if slots.len() > 1 && !request.terms.all_matching {
        let message = format!("several images of `{}` in `{}` could be meant", bump.api, bump.environment);
        let failure = Failure::usage(message)
            .hint("name one with `--workload` and `--container`, or take them all with `--all-matching`");
        return Err(with_candidates(failure, fitting));
    }
    Ok(slots)
}

/// Returns the containers that a caller's names leave.
pub(super) fn named<'t>(bump: &Bump, targets: &'t [Target]) -> Vec<&'t Target> {
    let asked = |wanted: &Option<String>, names: &[&str]| {
        wanted.as_deref().is_none_or(|wanted| names.contains(&wanted))
    };
    let fits = |target: &&Target| {
        let placeholder = target.placeholder.as_deref().unwrap_or(&target.container);
        asked(&bump.workload, &[&target.key, &target.workload, &target.address()])
            && asked(&bump.container, &[&target.container])
            && asked(&bump.name, &[target.image.repository(), placeholder, &target.container])
    };
    targets.iter().filter(fits).collect()
}

/// Lists what could be meant.
fn with_candidates<'t>(mut failure: Failure, targets: impl IntoIterator<Item = &'t Target>) -> Failure {
    failure.causes.extend(targets.into_iter().map(|target| {
        format!(
            "`{}` in {} `{}` (namespace `{}`) runs `{}`, said by `{}`",
            target.container,
            target.kind,
            target.workload,
            target.namespace,
            target.image,
            target.slot.place()
        )
    }));
    failure
}
