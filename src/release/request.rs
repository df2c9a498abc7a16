//! What somebody asks for: which images are to run where, on which terms, and on whose behalf.

use serde::{Deserialize, Serialize};

use crate::report::harmless;
use crate::snapshot::ONBOARDING;

/// Where requests lie that were asked for by pull request.
pub const REQUESTS: &str = "requests";

/// A release as it is asked for. Waiting ones of a machine are handed from process to process, so it is plain data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// What is asked for.
    pub ask: Ask,
    /// What is let pass.
    pub terms: Terms,
    /// Who asks, and why.
    pub origin: Origin,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Ask {
    /// Images that were built; all of them or none.
    Bump(Vec<Bump>),
    /// What runs in one environment, in another.
    Promote {
        /// The API.
        api: String,
        /// The environment that has it.
        from: String,
        /// The environment that gets it.
        to: String,
    },
    /// What ran before, of all containers or of some.
    Rollback {
        /// The API and the environment, and what is meant of them; its image is what to go back to, or empty for the one before.
        bump: Bump,
    },
    /// New pods, with the images that run.
    Restart {
        /// The API.
        api: String,
        /// The environment.
        environment: String,
    },
}

/// What kind of step a release is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// An image that was built.
    #[default]
    Bump,
    /// What runs in one environment, taken to another.
    Promotion,
    /// What ran before.
    Rollback,
}

/// One image that is to run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bump {
    /// The API.
    pub api: String,
    /// The environment.
    pub environment: String,
    /// The reference, in full.
    pub image: String,
    /// The repository, image name of the base or container that it takes the place of, where that was said as in
    /// `kustomize edit set image NAME=REFERENCE`.
    #[serde(default)]
    pub name: Option<String>,
    /// The namespace that the caller expects.
    pub namespace: Option<String>,
    /// The workload, by its key in metadata.yaml or by its name in the cluster.
    pub workload: Option<String>,
    /// The container.
    pub container: Option<String>,
}

/// What is let pass that is refused otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Terms {
    /// More than one key of metadata.yaml may be meant.
    pub all_matching: bool,
    /// Another repository may take the place of the one that runs.
    pub repository_change: bool,
    /// An older image may take the place of a newer one.
    pub downgrade: bool,
    /// What is asked for lands in a pull request, and not on the branch.
    pub pull_request: bool,
}

/// Who asks for a release, and why. Nothing in it decides what may be released, but for the build number and the source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Origin {
    /// Counts the builds of a pipeline: the greater is the newer.
    pub build_number: Option<u64>,
    /// The commit that was built.
    pub source_revision: Option<String>,
    /// Where that commit lies.
    pub source_repository: Option<String>,
    /// Where the pipeline's run can be seen.
    pub pipeline: Option<String>,
    /// Who released it.
    pub actor: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The request that it was asked for by: its name below `requests/`.
    pub request: Option<String>,
}

/// The most characters of one text that a request brings.
const MAX_TEXT: usize = 1_000;

impl Request {
    /// Checks what a caller hands over: nothing of it may break a line of the record, or hide in a terminal.
    ///
    /// # Errors
    /// Says which argument is wrong and why.
    pub fn check(&self) -> Result<(), String> {
        let Origin { source_revision, source_repository, pipeline, actor, reason, request, .. } =
            &self.origin;
        let texts = [
            ("source revision", source_revision),
            ("source repository", source_repository),
            ("pipeline", pipeline),
            ("actor", actor),
            ("reason", reason),
            ("request", request),
        ];
        for (what, text) in texts {
            text.as_deref().map_or(Ok(()), |text| check_text(what, text))?;
        }
        if let Some(id) = &self.origin.request {
            check_name("request", id)?;
        }
        for (what, name) in self.names() {
            // Where objects of two kinds have one name, the kind stands before it.
            match name.split_once('/').filter(|_| what == "workload") {
                Some((kind, name)) => [kind, name].into_iter().try_for_each(|part| check_name(what, part))?,
                None => check_name(what, name)?,
            }
        }
        Ok(())
    }
}

impl Request {
    /// Walks the names that the caller gave, with what each is a name of.
    fn names(&self) -> Vec<(&'static str, &str)> {
        fn of_bump(bump: &Bump) -> Vec<(&'static str, &str)> {
            let further = [
                ("namespace", &bump.namespace),
                ("workload", &bump.workload),
                ("container", &bump.container),
            ];
            let own = [("API", bump.api.as_str()), ("environment", bump.environment.as_str())];
            let further = further.map(|(what, name)| name.as_deref().map(|name| (what, name)));
            own.into_iter().chain(further.into_iter().flatten()).collect()
        }
        match &self.ask {
            Ask::Bump(bumps) => bumps.iter().flat_map(of_bump).collect(),
            Ask::Rollback { bump } => of_bump(bump),
            Ask::Promote { api, from, to } => vec![("API", api), ("environment", from), ("environment", to)],
            Ask::Restart { api, environment } => vec![("API", api), ("environment", environment)],
        }
    }

    /// Returns the files and directories that a plan reads, from the root of the config repo.
    pub fn reads(&self) -> Vec<String> {
        let mut paths: Vec<String> =
            ["platform.yaml", "waivers", "freezes", "templates", REQUESTS].map(str::to_owned).into();
        let apis = self.names().into_iter().filter(|(what, _)| *what == "API");
        paths.extend(apis.map(|(_, api)| format!("{ONBOARDING}/{api}")));
        paths.dedup();
        paths
    }

    /// Says in short what is asked for, and in full what makes it the same as another request.
    pub fn summary(&self) -> (String, String) {
        let text = match &self.ask {
            Ask::Bump(bumps) => {
                let each = bumps.iter().map(|bump| format!("{}-{}", bump.api, bump.environment));
                each.collect::<Vec<_>>().join("-")
            }
            Ask::Promote { api, to, .. } => format!("{api}-{to}"),
            Ask::Rollback { bump } => format!("rollback-{}-{}", bump.api, bump.environment),
            Ask::Restart { api, environment } => format!("restart-{api}-{environment}"),
        };
        (text, format!("{:?}", self.ask))
    }
}

fn check_text(what: &str, text: &str) -> Result<(), String> {
    if harmless(text) != text {
        return Err(format!(
            "the {what} has a line break, or another character that a terminal or a log acts on"
        ));
    }
    if text.trim().is_empty() || text.trim() != text {
        return Err(format!("the {what} is empty, or has blanks around it"));
    }
    if text.chars().count() > MAX_TEXT {
        return Err(format!("the {what} has more than {MAX_TEXT} characters"));
    }
    Ok(())
}

/// Names of Kubernetes and of directories here: nothing that leads anywhere.
fn check_name(what: &str, name: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    if name.is_empty()
        || name.len() > 253
        || !name.chars().all(plain)
        || !name.starts_with(|c: char| c.is_ascii_alphanumeric())
    {
        return Err(format!("`{}` cannot be the name of a {what}", name.escape_default()));
    }
    Ok(())
}
