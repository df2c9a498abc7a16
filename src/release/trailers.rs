//! The trailers of a commit from whoever it comes: read only where nobody could read them otherwise.

use super::message::{ImageChange, REPOSITORY, REQUEST, RESTART, Recorded, compose, compose_restart, parse};
use super::{Ask, Bump, Kind, Origin, Request, Terms};
use crate::report::harmless;

/// How trailers begin that programs read as a record.
const OWN: [&str; 2] = ["onramp-", "argocd-reference-commit-"];

/// What the trailers of a commit say, all of it.
#[derive(Clone, Debug)]
pub(super) struct Told {
    /// What the commit does.
    pub(super) step: Deed,
    /// On whose behalf, with the request.
    pub(super) origin: Origin,
}

/// What a commit says that it does.
#[derive(Clone, Debug)]
pub(super) enum Deed {
    /// It changes images.
    Images(Vec<ImageChange>),
    /// It restarts the pods of an API in an environment.
    Restart(String, String),
}

/// Reads the trailers of a release or of a restart.
///
/// They are taken only as `compose` writes them: all of them, in its order, each once, in the last paragraph, with nothing like
/// them anywhere else. So `git interpret-trailers`, Argo CD and `history` read the same in them.
///
/// # Errors
/// Says why they could be read in two ways, or that there are none.
pub(super) fn strict(message: &str) -> Result<Told, String> {
    if let Some(line) = message.lines().find(|line| harmless(line) != **line) {
        return Err(format!(
            "a line of its message has a character that hides or reorders what stands there: `{}`",
            line.escape_default()
        ));
    }
    if message.contains('\r') || message.lines().any(|line| !line.is_empty() && line.trim().is_empty()) {
        return Err("a line of its message looks empty and is not".to_owned());
    }
    let Some(recorded) = parse(message) else {
        let elsewhere = message.lines().any(is_own);
        return Err(if elsewhere {
            "the trailers of a release do not stand in the last paragraph of its message".to_owned()
        } else {
            "its message has no trailers of a release".to_owned()
        });
    };
    let (before, last) = message.trim_end().rsplit_once("\n\n").unwrap_or_default();
    if let Some(line) = before.lines().find(|line| is_own(line)) {
        return Err(format!(
            "`{line}` stands outside the last paragraph of its message, where some read it too"
        ));
    }
    if before.trim().is_empty() || before.lines().any(|line| line.starts_with("---")) {
        return Err(
            "its message has no subject, or a line of dashes, behind which git reads no trailers".to_owned()
        );
    }
    let value = |key: &str| {
        let of_line = |line: &str| Some(line.strip_prefix(key)?.strip_prefix(": ")?.to_owned());
        last.lines().find_map(of_line)
    };
    let Recorded { changes, actor, pipeline, build_number, source_revision, reason } = recorded;
    let mut origin = Origin {
        build_number,
        source_revision,
        source_repository: value(REPOSITORY),
        pipeline,
        actor,
        reason,
        request: value(REQUEST),
    };
    let step = match (value(RESTART), changes.as_slice()) {
        (Some(reason), [one]) => {
            origin.reason = Some(reason);
            Deed::Restart(one.api.clone(), one.environment.clone())
        }
        _ => Deed::Images(changes),
    };
    check(&step, &origin)?;
    // What was read is written again: whatever differs is twice there, in another order, or spelled otherwise.
    let written = match &step {
        Deed::Images(changes) => compose(Kind::Bump, changes, &origin),
        Deed::Restart(api, environment) => compose_restart(api, environment, &origin),
    };
    let canonical = written.trim_end().rsplit("\n\n").next().unwrap_or_default();
    let rest = last.strip_prefix(canonical).ok_or_else(|| differs(canonical, last))?;
    if !(rest.is_empty() || rest.starts_with('\n')) {
        return Err(differs(canonical, last));
    }
    for line in rest.lines().skip(1) {
        if is_own(line) || !is_trailer(line) {
            return Err(format!("`{line}` stands among its trailers, and is none that onramp writes there"));
        }
    }
    Ok(Told { step, origin })
}

/// Checks what was read as what a caller hands over is checked: names are names, and texts are one line.
fn check(step: &Deed, origin: &Origin) -> Result<(), String> {
    let bump = |change: &ImageChange| Bump {
        api: change.api.clone(),
        environment: change.environment.clone(),
        image: change.new.clone(),
        namespace: Some(change.namespace.clone()),
        workload: Some(change.workload.clone()),
        container: Some(change.container.clone()),
        name: None,
    };
    let ask = match step {
        Deed::Images(changes) => Ask::Bump(changes.iter().map(bump).collect()),
        Deed::Restart(api, environment) => {
            Ask::Restart { api: api.clone(), environment: environment.clone() }
        }
    };
    let request = Request { ask, terms: Terms::default(), origin: origin.clone() };
    request.check().map_err(|why| format!("its trailers cannot be right: {why}"))?;
    let Deed::Images(changes) = step else { return Ok(()) };
    for (at, change) in changes.iter().enumerate() {
        let same = |other: &ImageChange| {
            (&other.api, &other.environment, &other.workload, &other.container)
                == (&change.api, &change.environment, &change.workload, &change.container)
        };
        if changes[..at].iter().any(same) {
            return Err(format!(
                "its trailers speak twice of `{}` of `{}` in `{}`",
                change.container, change.workload, change.environment
            ));
        }
    }
    Ok(())
}

/// Names the first line that is not as it would be written.
fn differs(canonical: &str, last: &str) -> String {
    let mut lines = last.lines();
    let first = canonical.lines().find(|line| lines.next() != Some(*line));
    match first {
        Some(line) => format!(
            "its trailers are not those that onramp writes, each once and in its order: `{line}` is expected where it is not"
        ),
        None => "its trailers are not those that onramp writes".to_owned(),
    }
}

/// Tells whether a line could be read as a trailer of a record, however it is spelled.
fn is_own(line: &str) -> bool {
    let line = line.trim_start().to_ascii_lowercase();
    let Some((key, _)) = line.split_once([':', '=']) else { return false };
    OWN.iter().any(|own| key.trim_end().starts_with(own)) && !key.trim_end().contains(' ')
}

/// Tells whether a line is a trailer of somebody else, such as `Signed-off-by: Ann <ann@acme.example>`.
fn is_trailer(line: &str) -> bool {
    line.split_once(": ").is_some_and(|(key, value)| {
        !key.is_empty()
            && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !value.trim().is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> String {
        let own = |text: &str| text.to_owned();
        let change = ImageChange {
            api: own("payments"),
            environment: own("prod"),
            namespace: own("payments"),
            workload: own("payments"),
            container: own("app"),
            old: own("r.example/x:v1"),
            new: own("r.example/x:v2"),
        };
        let origin = Origin {
            actor: Some(own("Ann")),
            build_number: Some(7),
            source_repository: Some(own("https://git.example/x")),
            request: Some(own("r-1")),
            ..Origin::default()
        };
        compose(Kind::Bump, &[change], &origin)
    }

    #[test]
    fn what_onramp_writes_is_taken_with_the_trailers_of_others_behind_it() {
        let told = strict(&message()).unwrap();
        assert!(matches!(&told.step, Deed::Images(changes) if changes.len() == 1));
        assert_eq!(told.origin.build_number, Some(7));
        assert_eq!(told.origin.request.as_deref(), Some("r-1"));
        assert_eq!(told.origin.source_repository.as_deref(), Some("https://git.example/x"));
        assert!(strict(&format!("{}Signed-off-by: Ann <a@x>\n", message())).is_ok());
        let subject = message().split_once('\n').map(|(_, rest)| format!("chore: other words (#3)\n{rest}"));
        assert!(strict(&subject.unwrap()).is_ok());
    }

    #[test]
    fn a_restart_is_told_from_a_release() {
        let origin = Origin { reason: Some("stuck".to_owned()), ..Origin::default() };
        let message = compose_restart("payments", "prod", &origin);
        let told = strict(&message).unwrap();
        assert!(
            matches!(&told.step, Deed::Restart(api, environment) if api == "payments" && environment == "prod")
        );
        assert_eq!(told.origin.reason.as_deref(), Some("stuck"));
        for more in [
            "Onramp-Api: orders\n",
            "Onramp-New-Image: x:v1\n",
            "Onramp-Reason: other\n",
            "Onramp-Request: r\n",
        ] {
            assert!(strict(&format!("{message}{more}")).is_err(), "{more}");
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        let message = message();
        let with = |from: &str, to: &str| {
            assert!(message.contains(from), "{from}");
            message.replacen(from, to, 1)
        };
        let tricks = [
            "fix: a thing\n".to_owned(),
            format!("{message}\nSigned-off-by: Ann <a@x>\n"),
            format!("{message}\nOnramp-Api: orders\nOnramp-New-Image: x:v1\n"),
            format!("{message}Onramp-Api: orders\n"),
            format!("{message}Onramp-New-Image: r.example/x:v3\n"),
            format!("{message}onramp-actor: Bob\n"),
            format!("{message}Argocd-reference-commit-sha: 00\n"),
            format!("{message}a line of text\n"),
            format!("{message} folded\n"),
            with("Onramp-Actor: Ann", "Onramp-Actor: Bob\nOnramp-Actor: Ann"),
            with("Onramp-Build-Number: 7", "Onramp-Build-Number: 07"),
            with("Onramp-Build-Number: 7", "Onramp-Build-Number: 7\nOnramp-Build-Number: x"),
            with("Onramp-Api: ", "Onramp-Api:  "),
            with("Onramp-Api: ", "onramp-api: "),
            with("Onramp-Workload: payments", "Onramp-Workload: pay\u{202e}ments"),
            with("Onramp-Container: app\n", ""),
            with("Onramp-Container: app\n", "Onramp-Container: app\r\n"),
            with("Onramp-Api: payments", "Onramp-Api: ../payments"),
            with("\n\n", "\n\nOnramp-Actor: Bob\n\n"),
            with("\n\n", "\n\nOnramp-Actor : Bob\n\n"),
            with("\n\n", "\n\n---\n\n"),
            with("\n\nOnramp-Api", "\n \nOnramp-Api"),
            message.split_once("\n\nOnramp").map(|(_, rest)| format!("Onramp{rest}")).unwrap(),
        ];
        for trick in tricks {
            assert!(strict(&trick).is_err(), "{trick}");
        }
        let block = message.split_once("Onramp-Api").map(|(_, rest)| format!("Onramp-Api{rest}")).unwrap();
        let block = block.split("Onramp-Actor").next().unwrap();
        assert!(strict(&with("Onramp-Api", &format!("{block}Onramp-Api"))).is_err());
    }
}
