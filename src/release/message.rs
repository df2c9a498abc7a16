//! The message of a release's commit: a subject for people, and trailers for programs. It is the record that `history` reads,
//! so what is written here is read back here.

use std::fmt::Write as _;

use super::{Kind, Origin};

/// What a commit changes of one container.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageChange {
    /// The API.
    pub api: String,
    /// The environment.
    pub environment: String,
    /// Where its objects live.
    pub namespace: String,
    /// The name of the object in the cluster.
    pub workload: String,
    /// The container's name.
    pub container: String,
    /// What ran.
    pub old: String,
    /// What is to run.
    pub new: String,
}

/// What the trailers of a commit say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// The images, in the order of the message.
    pub changes: Vec<ImageChange>,
    /// Who released it.
    pub actor: Option<String>,
    /// Where the pipeline's run can be seen.
    pub pipeline: Option<String>,
    /// The number of the build.
    pub build_number: Option<u64>,
    /// The commit that was built.
    pub source_revision: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

const API: &str = "Onramp-Api";
const ENVIRONMENT: &str = "Onramp-Environment";
const NAMESPACE: &str = "Onramp-Namespace";
const WORKLOAD: &str = "Onramp-Workload";
const CONTAINER: &str = "Onramp-Container";
const OLD: &str = "Onramp-Old-Image";
const NEW: &str = "Onramp-New-Image";
const ACTOR: &str = "Onramp-Actor";
const PIPELINE: &str = "Onramp-Pipeline";
const BUILD: &str = "Onramp-Build-Number";
const REVISION: &str = "Onramp-Source-Revision";
const REASON: &str = "Onramp-Reason";
/// The trailer that names a request.
pub(super) const REQUEST: &str = "Onramp-Request";
/// The trailer that says why pods were restarted.
pub(super) const RESTART: &str = "Onramp-Restart";
/// The trailer that names the repository of the source, which is Argo CD's.
pub(super) const REPOSITORY: &str = "Argocd-reference-commit-repourl";

/// The longest subject; more than that is cut by most tools.
const MAX_SUBJECT: usize = 100;

/// Writes the message of a commit.
///
/// `Argocd-reference-commit-*` are Argo CD's own: <https://argo-cd.readthedocs.io/en/stable/user-guide/source-hydrator/>. Its
/// interface shows them as the commit that the change came from.
pub fn compose(kind: Kind, changes: &[ImageChange], origin: &Origin) -> String {
    let mut text = subject(kind, changes);
    text.push_str("\n\n");
    for change in changes {
        let ImageChange { workload, container, environment, old, new, .. } = change;
        let _ = writeln!(text, "- {workload}/{container} in {environment}: {old} -> {new}");
    }
    text.push('\n');
    let mut trailer = |key: &str, value: &str| {
        let _ = writeln!(text, "{key}: {value}");
    };
    for change in changes {
        trailer(API, &change.api);
        trailer(ENVIRONMENT, &change.environment);
        trailer(NAMESPACE, &change.namespace);
        trailer(WORKLOAD, &change.workload);
        trailer(CONTAINER, &change.container);
        trailer(OLD, &change.old);
        trailer(NEW, &change.new);
    }
    let build = origin.build_number.map(|number| number.to_string());
    let further = [
        (ACTOR, &origin.actor),
        (PIPELINE, &origin.pipeline),
        (BUILD, &build),
        (REVISION, &origin.source_revision),
        (REASON, &origin.reason),
        (REQUEST, &origin.request),
        (REPOSITORY, &origin.source_repository),
        ("Argocd-reference-commit-sha", &origin.source_revision),
        ("Argocd-reference-commit-author", &origin.actor),
    ];
    for (key, value) in further {
        if let Some(value) = value {
            trailer(key, value);
        }
    }
    text
}

/// Writes the message of a restart.
pub(super) fn compose_restart(api: &str, environment: &str, origin: &Origin) -> String {
    let mut text =
        format!("chore({api}): restart {environment}\n\n{API}: {api}\n{ENVIRONMENT}: {environment}\n");
    let further = [(RESTART, &origin.reason), (ACTOR, &origin.actor), (PIPELINE, &origin.pipeline)];
    for (key, value) in further {
        if let Some(value) = value {
            let _ = writeln!(text, "{key}: {value}");
        }
    }
    text
}

/// Writes the first line: by the words of Conventional Commits, <https://www.conventionalcommits.org/en/v1.0.0/>.
fn subject(kind: Kind, changes: &[ImageChange]) -> String {
    let names = |of: fn(&ImageChange) -> &str| {
        let mut names: Vec<&str> = changes.iter().map(of).collect();
        names.sort_unstable();
        names.dedup();
        if names.len() > 3 {
            format!("{} and {} more", names[..2].join(", "), names.len() - 2)
        } else {
            names.join(", ")
        }
    };
    let apis = names(|change| &change.api);
    let environments = names(|change| &change.environment);
    let versions = names(|change| version(&change.new));
    let subject = match kind {
        Kind::Bump => format!("chore({apis}): release {versions} to {environments}"),
        Kind::Promotion => format!("chore({apis}): promote {versions} to {environments}"),
        Kind::Rollback => format!("revert({apis}): roll {environments} back to {versions}"),
    };
    if subject.chars().count() <= MAX_SUBJECT {
        subject
    } else {
        subject.chars().take(MAX_SUBJECT - 3).chain("...".chars()).collect()
    }
}

/// Returns what people call an image by: its tag, or the start of its digest.
fn version(image: &str) -> &str {
    let (name, digest) = image.split_once('@').map_or((image, None), |(name, digest)| (name, Some(digest)));
    let tag = name.rsplit_once(':').map(|(_, tag)| tag).filter(|tag| !tag.contains('/'));
    tag.or_else(|| digest.map(|digest| digest.get(..19).unwrap_or(digest))).unwrap_or(image)
}

/// Reads the trailers of a commit's message; nothing where it is no release of onramp.
///
/// Only the last paragraph counts, as for `git interpret-trailers`.
pub fn parse(message: &str) -> Option<Recorded> {
    let last = message.trim_end().rsplit("\n\n").next()?;
    let mut recorded = Recorded::default();
    for line in last.lines() {
        let Some((key, value)) = line.split_once(": ") else { continue };
        if key == API {
            recorded.changes.push(ImageChange {
                api: value.to_owned(),
                environment: String::new(),
                namespace: String::new(),
                workload: String::new(),
                container: String::new(),
                old: String::new(),
                new: String::new(),
            });
        }
        let change = recorded.changes.last_mut();
        match (key, change) {
            (ENVIRONMENT, Some(change)) => value.clone_into(&mut change.environment),
            (NAMESPACE, Some(change)) => value.clone_into(&mut change.namespace),
            (WORKLOAD, Some(change)) => value.clone_into(&mut change.workload),
            (CONTAINER, Some(change)) => value.clone_into(&mut change.container),
            (OLD, Some(change)) => value.clone_into(&mut change.old),
            (NEW, Some(change)) => value.clone_into(&mut change.new),
            (ACTOR, _) => recorded.actor = Some(value.to_owned()),
            (PIPELINE, _) => recorded.pipeline = Some(value.to_owned()),
            (BUILD, _) => recorded.build_number = value.parse().ok(),
            (REVISION, _) => recorded.source_revision = Some(value.to_owned()),
            (REASON, _) => recorded.reason = Some(value.to_owned()),
            _ => {}
        }
    }
    (!recorded.changes.is_empty()).then_some(recorded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(api: &str, new: &str) -> ImageChange {
        let own = |text: &str| text.to_owned();
        ImageChange {
            api: own(api),
            environment: own("prod"),
            namespace: own(api),
            workload: format!("{api}-web"),
            container: own("app"),
            old: own("r.example/x:v1"),
            new: own(new),
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let changes = vec![
            change("payments", "r.example:5000/x:v2"),
            change("orders", "r.example/x@sha256:00112233445566778899"),
        ];
        let origin = Origin {
            build_number: Some(7),
            source_revision: Some("0f3a".to_owned()),
            pipeline: Some("https://ci.example/7".to_owned()),
            actor: Some("Ann: the one".to_owned()),
            reason: Some("hotfix".to_owned()),
            ..Origin::default()
        };
        let message = compose(Kind::Bump, &changes, &origin);
        let recorded = parse(&message).unwrap();
        assert_eq!(recorded.changes, changes);
        assert_eq!((recorded.build_number, recorded.actor.as_deref()), (Some(7), Some("Ann: the one")));
        assert_eq!(
            message.lines().next().unwrap(),
            "chore(orders, payments): release sha256:001122334455, v2 to prod"
        );
    }

    #[test]
    fn other_messages_record_nothing() {
        assert_eq!(parse("fix: a thing\n"), None);
        // A paragraph in the middle is text.
        assert_eq!(parse("x\n\nOnramp-Api: payments\n\nSigned-off-by: a\n"), None);
        assert_eq!(parse(""), None);
    }

    #[test]
    fn a_long_list_is_told_short() {
        let changes: Vec<ImageChange> = (0..40).map(|at| change(&format!("api-{at:02}"), "x:v1")).collect();
        let message = compose(Kind::Rollback, &changes, &Origin::default());
        assert_eq!(
            message.lines().next().unwrap(),
            "revert(api-00, api-01 and 38 more): roll prod back to v1"
        );
    }
}
