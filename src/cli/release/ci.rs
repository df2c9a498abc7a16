//! What a CI says of its run, by the variables that each documents. They fill the record, and name the source of an image.

/// What is known of a run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::cli) struct Run {
    /// The commit that was built.
    pub(in crate::cli) revision: Option<String>,
    /// Where it lies.
    pub(in crate::cli) repository: Option<String>,
    /// Where the run can be seen.
    pub(in crate::cli) pipeline: Option<String>,
    /// Who started it.
    pub(in crate::cli) actor: Option<String>,
}

/// A CI: the variable that tells that it runs, and its variables for revision, repository, pipeline and actor.
struct Ci {
    present: &'static str,
    revision: &'static str,
    repository: &'static [&'static str],
    pipeline: &'static [&'static str],
    actor: &'static str,
}

/// Several parts of an address are put together with `/`; a part that is no variable stands for itself.
const KNOWN: &[Ci] = &[
    // <https://docs.github.com/en/actions/reference/workflows-and-actions/variables>
    Ci {
        present: "GITHUB_ACTIONS",
        revision: "GITHUB_SHA",
        repository: &["GITHUB_SERVER_URL", "GITHUB_REPOSITORY"],
        pipeline: &["GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "actions/runs", "GITHUB_RUN_ID"],
        actor: "GITHUB_ACTOR",
    },
    // <https://docs.gitlab.com/ci/variables/predefined_variables/>
    Ci {
        present: "GITLAB_CI",
        revision: "CI_COMMIT_SHA",
        repository: &["CI_PROJECT_URL"],
        pipeline: &["CI_PIPELINE_URL"],
        actor: "GITLAB_USER_LOGIN",
    },
    // <https://plugins.jenkins.io/git/>
    Ci {
        present: "JENKINS_URL",
        revision: "GIT_COMMIT",
        repository: &["GIT_URL"],
        pipeline: &["BUILD_URL"],
        actor: "BUILD_USER_ID",
    },
    // <https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/>
    Ci {
        present: "BITBUCKET_BUILD_NUMBER",
        revision: "BITBUCKET_COMMIT",
        repository: &["BITBUCKET_GIT_HTTP_ORIGIN"],
        pipeline: &["BITBUCKET_GIT_HTTP_ORIGIN", "pipelines/results", "BITBUCKET_BUILD_NUMBER"],
        actor: "BITBUCKET_STEP_TRIGGERER_UUID",
    },
    // <https://learn.microsoft.com/en-us/azure/devops/pipelines/build/variables>
    Ci {
        present: "TF_BUILD",
        revision: "BUILD_SOURCEVERSION",
        repository: &["BUILD_REPOSITORY_URI"],
        pipeline: &[],
        actor: "BUILD_REQUESTEDFOREMAIL",
    },
];

/// Asks the environment.
#[expect(clippy::disallowed_methods, reason = "the CI says in variables what it runs")]
pub(super) fn variables() -> Run {
    of(&|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
}

fn of(variable: &dyn Fn(&str) -> Option<String>) -> Run {
    let Some(ci) = KNOWN.iter().find(|ci| variable(ci.present).is_some()) else { return Run::default() };
    let address = |parts: &[&str]| {
        let part = |part: &&str| {
            let is_variable = part.chars().all(|c| c.is_ascii_uppercase() || c == '_');
            if is_variable { variable(part) } else { Some((*part).to_owned()) }
        };
        let parts: Option<Vec<String>> = parts.iter().map(part).collect();
        parts.filter(|parts| !parts.is_empty()).map(|parts| parts.join("/"))
    };
    Run {
        revision: variable(ci.revision),
        repository: address(ci.repository),
        pipeline: address(ci.pipeline),
        actor: variable(ci.actor),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_put_together_from_its_variables() {
        let github = |name: &str| {
            let value = match name {
                "GITHUB_ACTIONS" => "true",
                "GITHUB_SHA" => "0f3a",
                "GITHUB_SERVER_URL" => "https://github.com",
                "GITHUB_REPOSITORY" => "acme/payments",
                "GITHUB_RUN_ID" => "7",
                _ => return None,
            };
            Some(value.to_owned())
        };
        let run = of(&github);
        assert_eq!(run.repository.as_deref(), Some("https://github.com/acme/payments"));
        assert_eq!(run.pipeline.as_deref(), Some("https://github.com/acme/payments/actions/runs/7"));
        assert_eq!((run.revision.as_deref(), run.actor), (Some("0f3a"), None));
        assert_eq!(of(&|_| None), Run::default());
    }
}
