//! What keeps a release from happening: the platform's rules, freezes, and where the image comes from.

use super::{Request, Target, View};
use crate::diagnostic::{Diagnostic, Severity, Sink};
use crate::exceptions::Ignore;
use crate::image::ImageRef;
use crate::metadata::Metadata;
use crate::outcome::Failure;
use crate::platform::{Extent, ReleaseMode};
use crate::policy::{self, ApiContext, Hatch};
use crate::snapshot::{ONBOARDING, Snapshot};

/// Checks what does not depend on the image: whether anything may be released of this API, there and now.
///
/// # Errors
/// Says which rule is against it.
pub(super) fn may_release(
    view: &View<'_>,
    request: &Request,
    api: &str,
    environment: &str,
    metadata: &Metadata,
) -> Result<(), Failure> {
    let model = &view.platform.model;
    let settings = model.environments.get(environment).ok_or_else(|| {
        let known: Vec<&str> = model.environments.keys().collect();
        Failure::usage(format!("there is no environment `{environment}`"))
            .hint(format!("platform.yaml has {}", list(&known)))
    })?;
    let here = metadata.environments.iter().find(|here| here.name == environment);
    let here = here.ok_or_else(|| {
        let known: Vec<&str> = metadata.environments.iter().map(|here| here.name.as_str()).collect();
        Failure::usage(format!("`{api}` is not in `{environment}`"))
            .hint(format!("it is in {}", list(&known)))
    })?;
    if settings.release == ReleaseMode::PullRequest && !request.terms.pull_request {
        return Err(Failure::refused(format!("`{environment}` takes releases by pull request only"))
            .hint("use `--pr-branch`, and open a pull request from the branch"));
    }
    let lifecycle = here.merged.api.lifecycle.as_deref();
    if model.extent(lifecycle) != Extent::Full {
        let state = lifecycle.unwrap_or_default();
        return Err(Failure::refused(format!("`{api}` is `{state}`, in which nothing of it runs")));
    }
    let state = lifecycle.and_then(|name| model.lifecycles.get(name));
    if let Some(state) = state.filter(|state| !state.environments.is_empty())
        && !state.environments.iter().any(|allowed| allowed == environment)
    {
        let lifecycle = lifecycle.unwrap_or_default();
        return Err(Failure::refused(format!(
            "an API in lifecycle `{lifecycle}` cannot be in `{environment}`"
        )));
    }
    if let Some(freeze) = view.exceptions.freeze(api, environment, view.now) {
        return Err(Failure::refused(format!("`{environment}` is frozen: {}", freeze.reason))
            .hint(format!("the freeze is in `{}`", freeze.written.locate([]).path)));
    }
    Ok(())
}

/// Checks that what was built is this API's: its repository is the one that metadata.yaml names.
///
/// # Errors
/// If both are known and differ.
pub(super) fn comes_from_source(request: &Request, api: &str, metadata: &Metadata) -> Result<(), Failure> {
    let (Some(given), Some(own)) = (&request.origin.source_repository, &metadata.top.api.source) else {
        return Ok(());
    };
    if same_repository(given, own) {
        return Ok(());
    }
    Err(Failure::refused(format!("the image was built from `{given}`, and `{api}` is built from `{own}`"))
        .hint("`source` in metadata.yaml says where an API's images come from"))
}

/// Tells whether two addresses lead to the same repository, however it is reached.
fn same_repository(one: &str, other: &str) -> bool {
    let plain = |address: &str| {
        let address = address.trim().trim_end_matches('/');
        let address = address.strip_suffix(".git").unwrap_or(address);
        let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
        let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
        // `git@host:path` is how ssh writes it, and a port is part of no name.
        let (host, path) = rest.split_once(['/', ':']).unwrap_or((rest, ""));
        let path = path
            .split_once('/')
            .filter(|(port, _)| port.parse::<u16>().is_ok())
            .map_or(path, |(_, path)| path);
        (host.to_ascii_lowercase(), path.trim_matches('/').to_ascii_lowercase())
    };
    plain(one) == plain(other)
}

/// Checks an image against the one that a container runs.
///
/// # Errors
/// If it is no complete reference, or lies in another repository and that is not let pass.
pub(super) fn fits(request: &Request, image: &ImageRef, target: &Target) -> Result<(), Failure> {
    if request.terms.repository_change || image.full_repository() == target.image.full_repository() {
        return Ok(());
    }
    Err(Failure::refused(format!(
        "`{}` of `{}` in `{}` runs images of `{}`, and this one is of `{}`",
        target.container,
        target.workload,
        target.environment,
        target.image.repository(),
        image.repository()
    ))
    .hint("use `--allow-repository-change` if it is meant"))
}

/// Asks the rules on metadata.yaml what they say of the file with the new image, and refuses what is new. Where the image is
/// one of an extra resource, they are asked about those as well.
///
/// # Errors
/// Says what each new error says.
pub(super) fn rules(
    view: &View<'_>,
    api: &str,
    before: (&Snapshot, &Metadata),
    after: (&Snapshot, &Metadata),
    brings: bool,
) -> Result<(), Failure> {
    let known = errors(view, api, before, brings);
    let mut new = errors(view, api, after, brings).into_iter().filter(|finding| {
        !known.iter().any(|old| old.code == finding.code && old.message == finding.message)
    });
    let Some(first) = new.next() else { return Ok(()) };
    let mut failure = Failure::refused(format!("{} ({})", first.message, first.code.name));
    failure.causes.extend(new.map(|finding| format!("{} ({})", finding.message, finding.code.name)));
    failure.hints.extend(first.help);
    Err(failure)
}

/// Returns the errors of an API's state that nothing lets pass.
fn errors(
    view: &View<'_>,
    api: &str,
    (snapshot, metadata): (&Snapshot, &Metadata),
    brings: bool,
) -> Vec<Diagnostic> {
    let mut sink = Sink::new(view.levels.clone());
    let lifecycle = metadata.top.api.lifecycle.as_deref().map(Box::from);
    sink.in_states(std::iter::once(lifecycle).collect());
    let directory = format!("{ONBOARDING}/{api}");
    let entries = snapshot.walk(&directory).unwrap_or_default();
    let mut context = ApiContext::of_metadata(api, &directory, metadata, view.platform, snapshot);
    context.entries = &entries;
    if brings {
        context.hatch = Hatch::of_files(&context, &mut sink);
    }
    context.today = view.today;
    policy::check_api(&context, &mut sink);
    let ignores = Ignore::all(&metadata.source);
    let mut findings = sink.into_findings();
    findings.retain(|finding| {
        finding.severity == Severity::Error
            && !ignores.iter().any(|ignore| ignore.covers(finding).is_some())
            && !view.exceptions.cover(finding, Some(api), view.today)
    });
    findings
}

fn list(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_the_same_however_it_is_reached() {
        let https = "https://git.acme.example/apis/payments";
        for same in [
            "https://git.acme.example/apis/payments.git",
            "https://token@git.acme.example/apis/Payments/",
            "git@git.acme.example:apis/payments.git",
            "ssh://git@git.acme.example:7999/apis/payments",
            "git.acme.example/apis/payments",
        ] {
            assert!(same_repository(https, same), "{same}");
        }
        for other in [
            "https://git.acme.example/apis/payment",
            "https://git.evil.example/apis/payments",
            "payments",
            "",
        ] {
            assert!(!same_repository(https, other), "{other}");
        }
    }
}
