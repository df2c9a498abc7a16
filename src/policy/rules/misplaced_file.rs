//! A file where Kustomize cannot read it, or where it would be read for other environments than it is named for.

use crate::diagnostic::{Code, Diagnostic, Location, Sink};
use crate::policy::{ApiContext, Check, InEnvironment, Rule};
use crate::render;

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::unreadable("misplaced-file", include_str!("../../../docs/rules/misplaced-file.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let top = &context.metadata.top;
    check_shared(context, sink);
    for (at, config) in top.api.configs() {
        for (index, file) in config.files.iter().enumerate() {
            if !file.path.starts_with("config/") {
                let location = context.locate_config_file(&top.tree, &at, index, file);
                sink.push(outside(&file.path, location, "config/"));
            }
        }
    }
    for environment in context.environments() {
        check_own(context, &environment, sink);
        let directory = format!("config/{}/", environment.name);
        for (at, config) in environment.api.configs() {
            // Under another name it is another ConfigMap, of which the base has nothing.
            let name = environment.api.config_name_at(&at);
            let above = top.api.configs().find(|(known, _)| top.api.config_name_at(known) == name);
            let above = above.map(|(_, config)| config);
            for (index, file) in config.files.iter().enumerate() {
                // What the base has already is read there.
                let inherited = above.is_some_and(|above| above.files.iter().any(|known| known == file));
                if !inherited && !file.path.starts_with(&directory) {
                    let location = context.locate_config_file(environment.tree, &at, index, file);
                    sink.push(outside(&file.path, location, &directory));
                }
            }
        }
    }
}

/// Looks for patches and extra resources of all environments in the directory of one.
fn check_shared(context: &ApiContext<'_>, sink: &mut Sink) {
    let top = &context.metadata.top;
    let own = render::Own { patches: &top.api.patches, resources: &top.api.extra_resources };
    for (key, index, path) in files(own) {
        let Some((name, directory)) = environment_of(context, path) else { continue };
        let location = context.locate(&top.tree, &[key, &index.to_string()]);
        let message = format!("`{path}` is named for all environments, and lies in `{directory}`");
        sink.push(
            Diagnostic::new(&CODE, location, message).label(format!("the directory of `{name}`")).help(
                format!("move the file out of `{directory}`, or name it under `environments.{name}.{key}`"),
            ),
        );
    }
}

/// Looks for patches and extra resources of one environment outside its directory.
fn check_own(context: &ApiContext<'_>, environment: &InEnvironment<'_>, sink: &mut Sink) {
    let top = &context.metadata.top.api;
    let behind = |key| if key == PATCHES { top.patches.len() } else { top.extra_resources.len() };
    for (key, index, path) in files(render::own(top, environment.api)) {
        let first = if key == PATCHES { "patches" } else { "resources" };
        let directory = format!("{first}/{}/", environment.name);
        if !path.starts_with(&directory) {
            let index = (behind(key) + index).to_string();
            let location = context.locate(environment.tree, &[key, &index]);
            sink.push(outside(path, location, &directory).in_environment(environment.name));
        }
    }
}

const PATCHES: &str = "patches";

/// Walks patches and extra resources: the key of each, its index and its path.
fn files(own: render::Own<'_>) -> impl Iterator<Item = (&'static str, usize, &str)> {
    let patches = own.patches.iter().map(|patch| patch.path.as_str()).enumerate();
    let resources = own.resources.iter().map(String::as_str).enumerate();
    let patches = patches.map(|(index, path)| (PATCHES, index, path));
    patches.chain(resources.map(|(index, path)| ("extraResources", index, path)))
}

/// Returns the environment in whose directory a patch or an extra resource lies, with the directory.
fn environment_of<'a>(context: &'a ApiContext<'_>, path: &'a str) -> Option<(&'a str, &'a str)> {
    let (first, rest) = path.split_once('/')?;
    let (name, _) = rest.split_once('/')?;
    context.platform.model.environments.get(name)?;
    Some((name, &path[..first.len() + name.len() + 2]))
}

fn outside(path: &str, location: Location, directory: &str) -> Diagnostic {
    Diagnostic::new(&CODE, location, format!("`{path}` lies outside `{directory}`"))
        .label(format!("must lie in `{directory}`"))
        .help(format!("move the file into `{directory}`: Kustomize reads only what lies beside or below it"))
}
