//! In which order APIs are handed over to Argo CD, and what an operator does for each.

use std::fmt::Write as _;

use super::outcome::{ApiOutcome, Fate, ObjectOutcome, Outcome, State};
use crate::platform::{Environment, Platform};

/// What makes a hand-over harder, from easy to hard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Care {
    /// One Deployment with what belongs to it.
    Plain,
    /// Several workloads, or several environments to go through.
    Several,
    /// Objects that stay as they were, such as routes of its own.
    Own,
    /// State: volumes or a StatefulSet.
    Stateful,
    /// Objects that are left out, such as Secrets: they must be there before.
    Waiting,
}

/// Writes the waves of all APIs that are proved: the plain ones first, in waves of at most `size`. Those that are not are
/// named at the end.
pub fn plan(outcome: &Outcome, platform: &Platform, size: usize) -> String {
    let (mut ready, open): (Vec<&ApiOutcome>, Vec<&ApiOutcome>) =
        outcome.apis.iter().partition(|api| !matches!(api.state, State::Refused(_)));
    ready.sort_by_key(|api| (care(api), api.name.as_str()));
    let mut text = String::new();
    let mut number = 0;
    for care_of in [Care::Plain, Care::Several, Care::Own, Care::Stateful, Care::Waiting] {
        let these: Vec<&&ApiOutcome> = ready.iter().filter(|api| care(api) == care_of).collect();
        for wave in these.chunks(size.max(1)) {
            number += 1;
            let _ = writeln!(text, "Wave {number}: {}", words(care_of));
            let names: Vec<String> = wave.iter().flat_map(|api| applications(api, platform)).collect();
            let project = platform.gitops.as_ref().map_or("default", |gitops| &gitops.project);
            let _ = writeln!(
                text,
                "  Before it is on the branch that Argo CD follows, so that nothing is synced by itself:"
            );
            let _ = writeln!(
                text,
                "    argocd proj windows add {project} --kind deny --manual-sync --schedule '* * * * *' --duration 1h --applications {}",
                names.join(",")
            );
            for api in wave {
                steps(&mut text, api, platform);
            }
            let _ = writeln!(text, "  When all of them are synced and healthy:");
            let _ = writeln!(text, "    argocd proj windows list {project}        # the ID of that window");
            let _ = writeln!(text, "    argocd proj windows delete {project} ID");
            text.push('\n');
        }
    }
    if !open.is_empty() {
        let _ = writeln!(text, "Not yet:");
        for api in &open {
            let why = if let State::Refused(why) = &api.state { why } else { "" };
            let _ = writeln!(text, "  {}: {why}", api.name);
        }
        text.push('\n');
    }
    text
}

fn words(care: Care) -> &'static str {
    match care {
        Care::Plain => "one workload each, in words of metadata.yaml",
        Care::Several => "several workloads",
        Care::Own => "with objects of their own beside it",
        Care::Stateful => "with state: have a backup at hand",
        Care::Waiting => "with objects that no repo has: see that they are in the cluster",
    }
}

fn care(api: &ApiOutcome) -> Care {
    let objects = || api.environments.iter().flat_map(|environment| &environment.objects);
    let waits =
        |object: &ObjectOutcome| matches!(object.fate, Fate::Withheld | Fate::Left(_) | Fate::Superseded(_));
    let is_state = |object: &ObjectOutcome| matches!(&*object.kind, "StatefulSet" | "PersistentVolumeClaim");
    let workloads = api
        .environments
        .iter()
        .map(|environment| environment.objects.iter().filter(|object| object.is_workload).count());
    if objects().any(waits) {
        Care::Waiting
    } else if objects().any(is_state) {
        Care::Stateful
    } else if objects().any(|object| object.fate != Fate::Said && object.fate != Fate::Generated) {
        Care::Own
    } else if workloads.max().unwrap_or(0) > 1 {
        Care::Several
    } else {
        Care::Plain
    }
}

/// The name that the ApplicationSet of an environment gives an application.
fn application(api: &ApiOutcome, environment: &str, cluster: &str) -> String {
    format!("{}-{environment}-{cluster}", api.name)
}

/// The applications of an API.
fn applications(api: &ApiOutcome, platform: &Platform) -> Vec<String> {
    let of_environment = |name: &str| {
        let settings = platform.environments.get(name);
        let clusters = settings.map(Environment::clusters).unwrap_or_default();
        clusters.iter().map(|cluster| application(api, name, cluster)).collect::<Vec<_>>()
    };
    api.environments.iter().flat_map(|environment| of_environment(&environment.name)).collect()
}

/// What an operator does, environment by environment: the first is the one that nobody depends on.
fn steps(text: &mut String, api: &ApiOutcome, platform: &Platform) {
    let _ = writeln!(text, "  {}", api.name);
    for environment in &api.environments {
        let waiting =
            environment.objects.iter().filter(|object| matches!(object.fate, Fate::Withheld | Fate::Left(_)));
        let waiting: Vec<String> =
            waiting.map(|object| format!("{}/{}", object.kind.to_lowercase(), object.name)).collect();
        let settings = platform.environments.get(&environment.name);
        let clusters = settings.map(Environment::clusters).unwrap_or_default();
        for cluster in clusters {
            let name = application(api, &environment.name, cluster);
            let _ = writeln!(text, "    {} on {cluster}:", environment.name);
            if !waiting.is_empty() {
                let _ = writeln!(text, "      see that these are there: {}", waiting.join(" "));
            }
            let _ =
                writeln!(text, "      argocd app diff {name}        # nothing but what Argo CD itself notes");
            let _ = writeln!(text, "      argocd app sync {name} --prune=false");
        }
    }
}
