//! The proof of a release: what its files build to differs in the images that were meant, and in nothing else.

use std::collections::BTreeSet;

use super::message::ImageChange;
use crate::diagnostic::Sink;
use crate::effective::{self, ObjectChange, Overlay, Step, is_restart};
use crate::outcome::Failure;
use crate::snapshot::{ONBOARDING, Snapshot};

/// Builds all overlays of an API before and after, and holds the difference against what was meant.
///
/// An environment that cannot be built keeps others from no release: it is left as it is, byte for byte.
///
/// # Errors
/// Refuses where the overlay of the release cannot be built, or anything else differs than the images that were meant.
pub(super) fn prove(
    before: &Snapshot,
    after: &Snapshot,
    api: &str,
    meant: &[&ImageChange],
) -> Result<(), Failure> {
    let (old, new) = (overlays(before, api)?, overlays(after, api)?);
    let mut found: BTreeSet<(String, String, String)> = BTreeSet::new();
    for overlay in &new.0 {
        let environment = &*overlay.environment;
        let is_meant = meant.iter().any(|change| change.environment == environment);
        let was = old.0.iter().find(|old| old.environment == overlay.environment);
        let (Some(was), Some(is)) = (was.and_then(|was| was.objects.as_deref()), overlay.objects.as_deref())
        else {
            if is_meant {
                let why = new.1.first().map(|message| format!(": {message}")).unwrap_or_default();
                return Err(Failure::refused(format!(
                    "the overlay of `{api}` in `{environment}` cannot be built{why}"
                )));
            }
            continue;
        };
        for change in effective::changes(Some(was), Some(is)) {
            for (container, image) in images(&change).ok_or_else(|| beyond(api, environment, &change))? {
                let name = change.id.name.to_owned();
                let meant = meant.iter().any(|meant| {
                    meant.environment == environment
                        && meant.workload == name
                        && meant.container == container
                        && meant.new == image
                });
                if !meant {
                    return Err(beyond(api, environment, &change));
                }
                found.insert((environment.to_owned(), name, container));
            }
        }
    }
    for change in meant {
        let key = (change.environment.clone(), change.workload.clone(), change.container.clone());
        if !found.contains(&key) && change.old != change.new {
            return Err(Failure::refused(format!(
                "the container `{}` of `{}` in `{}` would not run the new image: a patch or a template decides what it runs",
                change.container, change.workload, change.environment
            ))
            .hint("`onramp lint` names what overrules it"));
        }
    }
    Ok(())
}

/// Builds all overlays of an API before and after a restart, and holds the difference against what it is: one annotation of pods.
///
/// # Errors
/// Refuses where the overlay cannot be built, or anything else differs.
pub(super) fn prove_restart(
    before: &Snapshot,
    after: &Snapshot,
    api: &str,
    environment: &str,
) -> Result<(), Failure> {
    let (old, new) = (overlays(before, api)?, overlays(after, api)?);
    for overlay in &new.0 {
        let was = old.0.iter().find(|old| old.environment == overlay.environment);
        let sides = (was.and_then(|was| was.objects.as_deref()), overlay.objects.as_deref());
        let (Some(was), Some(is)) = sides else {
            if *overlay.environment == *environment {
                return Err(Failure::refused(format!(
                    "the overlay of `{api}` in `{environment}` cannot be built"
                )));
            }
            continue;
        };
        for change in effective::changes(Some(was), Some(is)) {
            let only = !change.fields.is_empty() && change.fields.iter().all(is_restart);
            if *overlay.environment != *environment || !only {
                return Err(beyond(api, &overlay.environment, &change));
            }
        }
    }
    Ok(())
}

/// Returns the images of containers that an object changes; nothing where it changes anything else.
fn images(change: &ObjectChange<'_>) -> Option<Vec<(String, String)>> {
    if change.before.is_none()
        || change.after.is_none()
        || change.moved_from.is_some()
        || !change.content.is_empty()
    {
        return None;
    }
    let each = change.fields.iter().map(|field| {
        let [.., Step::Key("containers" | "initContainers"), Step::Element(name), Step::Key("image")] =
            &field.path.0[..]
        else {
            return None;
        };
        Some((name.to_string(), field.after?.as_str()?.to_owned()))
    });
    each.collect()
}

fn beyond(api: &str, environment: &str, change: &ObjectChange<'_>) -> Failure {
    let fields: Vec<String> = change.fields.iter().take(3).map(|field| format!("`{}`", field.path)).collect();
    let what = if fields.is_empty() {
        "comes or goes as a whole".to_owned()
    } else {
        format!("changes in {}", fields.join(", "))
    };
    Failure::refused(format!(
        "more than the image would change of `{api}`: in `{environment}`, {} {what}",
        change.id
    ))
    .hint("this is a bug of onramp, or a file of the overlay that reads the image from elsewhere; nothing was written")
}

/// Builds the overlays of an API, with what is wrong with them.
fn overlays(snapshot: &Snapshot, api: &str) -> Result<(Vec<Overlay>, Vec<String>), Failure> {
    let mut sink = Sink::default();
    let directory = format!("{ONBOARDING}/{api}");
    let overlays = effective::overlays(snapshot, &directory, &mut sink)
        .map_err(|error| Failure::refused(format!("the overlays of `{api}` cannot be read: {error}")))?;
    Ok((overlays, sink.into_findings().into_iter().map(|finding| finding.message).collect()))
}
