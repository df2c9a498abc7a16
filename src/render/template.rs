//! Text templates whose values cannot become structure.
//!
//! A template is Jinja text, as every platform engineer can write. It is run with a formatter that
//! does not print values: each `{{ expression }}` leaves a *slot*, a mark that YAML reads as one plain
//! scalar. What comes out, the *skeleton*, holds only what the template's author wrote; it is parsed
//! once, and the values are put into the parsed tree. So no value can open a map, close a quote or
//! end a line, whatever it contains. Three rules follow:
//!
//! - **The whole-scalar rule.** An expression stands alone as a value (`image: {{ container.image }}`,
//!   `host: {{ "a." ~ domain }}`), never beside other text and never inside quotes. It is checked for
//!   every branch when a template is loaded, and again on each skeleton.
//! - A value may be a whole map or list; the emitter indents it.
//! - A value that is `none` leaves its key (or list item) out.
//! - Behind the key `<<` stands a map whose keys come here, in place of those that the template has.
//!
//! APIs of one shape share their skeletons, so that a fleet parses each once.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, RwLock};

use minijinja::value::Value as Jinja;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior};
use serde_json::Value as Json;

use super::codes;
use super::data::Data;
use super::skeleton::{self, SLOT, Shape};
use crate::diagnostic::{Diagnostic, Location, line_range};

/// The templates that come with onramp, by file name.
pub static BUILT_IN: &[(&str, &str)] = &[
    ("applicationset.yaml.j2", include_str!("../../templates/applicationset.yaml.j2")),
    ("applicationset-namespaces.yaml.j2", include_str!("../../templates/applicationset-namespaces.yaml.j2")),
    ("base.yaml.j2", include_str!("../../templates/base.yaml.j2")),
    ("component.yaml.j2", include_str!("../../templates/component.yaml.j2")),
    ("cronjob.yaml.j2", include_str!("../../templates/cronjob.yaml.j2")),
    ("deployment.yaml.j2", include_str!("../../templates/deployment.yaml.j2")),
    ("externalsecret.yaml.j2", include_str!("../../templates/externalsecret.yaml.j2")),
    ("gateway-api.yaml.j2", include_str!("../../templates/gateway-api.yaml.j2")),
    ("gce-ingress.yaml.j2", include_str!("../../templates/gce-ingress.yaml.j2")),
    ("ingress-nginx.yaml.j2", include_str!("../../templates/ingress-nginx.yaml.j2")),
    ("job.yaml.j2", include_str!("../../templates/job.yaml.j2")),
    ("kong.yaml.j2", include_str!("../../templates/kong.yaml.j2")),
    ("namespace.yaml.j2", include_str!("../../templates/namespace.yaml.j2")),
    ("networkpolicy.yaml.j2", include_str!("../../templates/networkpolicy.yaml.j2")),
    ("overlay.yaml.j2", include_str!("../../templates/overlay.yaml.j2")),
    ("pod.yaml.j2", include_str!("../../templates/pod.yaml.j2")),
    ("record.yaml.j2", include_str!("../../templates/record.yaml.j2")),
    ("rollout.yaml.j2", include_str!("../../templates/rollout.yaml.j2")),
    ("scaling.yaml.j2", include_str!("../../templates/scaling.yaml.j2")),
    ("service.yaml.j2", include_str!("../../templates/service.yaml.j2")),
    ("serviceaccount.yaml.j2", include_str!("../../templates/serviceaccount.yaml.j2")),
    ("statefulset.yaml.j2", include_str!("../../templates/statefulset.yaml.j2")),
];

/// The version of the built-in templates, raised whenever one of them renders something else.
pub const BUILT_IN_VERSION: &str = "1";

/// Where a config repo keeps its own templates.
pub const DIRECTORY: &str = "templates";

/// Instructions that one rendering may take; a template that loops over itself ends here.
const FUEL: u64 = 1_000_000;

/// The most skeletons that are remembered; beyond it they are parsed each time.
const MOST_SKELETONS: usize = 10_000;

/// All templates of one version.
pub struct Templates {
    environment: Environment<'static>,
    /// Where the repo's own lie.
    directory: String,
    /// Texts of the repo's own templates, by name.
    own: BTreeMap<String, String>,
    skeletons: RwLock<HashMap<String, Arc<Vec<Shape>>>>,
}

thread_local! {
    /// Values of the rendering that runs on this thread, by slot number.
    static SLOTS: RefCell<Vec<Jinja>> = const { RefCell::new(Vec::new()) };
}

impl Templates {
    /// Loads the built-in templates, and over them the repo's own of one directory, by file name.
    ///
    /// Everything that is wrong with the repo's own goes to `findings`.
    ///
    /// # Panics
    /// Only where a built-in template does not compile, which a test would have found.
    pub fn load(directory: &str, own: BTreeMap<String, String>, findings: &mut Vec<Diagnostic>) -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.set_debug(true);
        // Output of macros and blocks must be told from values: with escaping on it is a safe string.
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        // These would let a value claim to be such output.
        environment.remove_filter("safe");
        environment.remove_filter("escape");
        environment.remove_filter("e");
        let syntax = minijinja::syntax::SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.expect("the default delimiters are valid"));
        environment.set_formatter(|out, _, value| {
            if value.is_safe() {
                return out.write_str(value.as_str().unwrap_or_default()).map_err(Into::into);
            }
            let slot = SLOTS.with_borrow_mut(|slots| {
                slots.push(value.clone());
                slots.len() - 1
            });
            write!(out, "{SLOT}{slot}{SLOT}").map_err(Into::into)
        });
        for (name, text) in BUILT_IN {
            environment.add_template(name, text).expect("built-in templates compile, a test loads them");
        }
        let mut templates =
            Self { environment, directory: directory.to_owned(), own, skeletons: RwLock::default() };
        for (name, text) in templates.own.clone() {
            templates.add_own(&name, &text, findings);
        }
        templates
    }

    fn add_own(&mut self, name: &str, text: &str, findings: &mut Vec<Diagnostic>) {
        if !BUILT_IN.iter().any(|(known, _)| *known == name) {
            let near = crate::diagnostic::nearest(name, BUILT_IN.iter().map(|(known, _)| *known));
            let known: Vec<String> = BUILT_IN.iter().map(|(known, _)| format!("`{known}`")).collect();
            findings.push(
                Diagnostic::new(
                    &codes::UNKNOWN_TEMPLATE,
                    Location::file(self.own_path(name)),
                    format!("no template is called `{name}`"),
                )
                .help(near.map_or_else(
                    || format!("templates are {}", known.join(", ")),
                    |near| format!("did you mean `{near}`?"),
                )),
            );
            return;
        }
        let misplaced = skeleton::misplaced_expressions(text);
        if misplaced.is_empty() {
            if let Err(error) = self.environment.add_template_owned(name.to_owned(), text.to_owned()) {
                findings.push(self.explain(name, &error));
            }
            return;
        }
        for (span, why) in misplaced {
            findings.push(
                Diagnostic::new(&codes::UNSAFE_TEMPLATE, Location::at(self.own_path(name), span), why)
                    .label("this expression")
                    .help("let the expression be the whole value, such as `host: {{ \"a.\" ~ domain }}`"),
            );
        }
    }

    /// Renders a template into its documents.
    ///
    /// # Errors
    /// Returns the finding: the repo's own template is the user's, a built-in one is a bug.
    pub fn render(&self, name: &str, context: Json) -> Result<Vec<Json>, Box<Diagnostic>> {
        let context = Data::view(context);
        SLOTS.with_borrow_mut(Vec::clear);
        let text = self
            .environment
            .get_template(name)
            .and_then(|template| template.render(context))
            .map_err(|error| Box::new(self.explain(name, &error)))?;
        let shapes = self.skeleton(name, text)?;
        SLOTS
            .with_borrow(|slots| skeleton::fill(&shapes, slots))
            .map_err(|why| Box::new(self.finding(name, None, &why)))
    }

    fn skeleton(&self, name: &str, text: String) -> Result<Arc<Vec<Shape>>, Box<Diagnostic>> {
        if let Some(shapes) = self.skeletons.read().ok().and_then(|known| known.get(&text).cloned()) {
            return Ok(shapes);
        }
        let shapes = skeleton::parse(&text).map_err(|problem| {
            let line = self.text(name).and_then(|template| skeleton::line_of(template, &problem.line));
            Box::new(self.finding(name, line, &problem.why))
        })?;
        let shapes = Arc::new(shapes);
        if let Ok(mut known) = self.skeletons.write()
            && known.len() < MOST_SKELETONS
        {
            known.insert(text, shapes.clone());
        }
        Ok(shapes)
    }

    /// Returns path and text of a template of the repo's own.
    pub fn own(&self, name: &str) -> Option<(String, &str)> {
        self.own.get(name).map(|text| (self.own_path(name), text.as_str()))
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.own
            .get(name)
            .map(String::as_str)
            .or_else(|| BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text))
    }

    fn explain(&self, name: &str, error: &minijinja::Error) -> Diagnostic {
        // An error inside an included template names that one.
        let name = error.name().filter(|name| self.text(name).is_some()).unwrap_or(name);
        let why = match (error.kind(), error.detail()) {
            (ErrorKind::OutOfFuel, _) => format!("the template took more than {FUEL} steps"),
            (kind, Some(detail)) => format!("{kind}: {detail}"),
            (kind, None) => kind.to_string(),
        };
        let mut finding = self.finding(name, error.line(), &why);
        if let (Some(range), true) = (error.range(), self.own.contains_key(name)) {
            finding.primary.span = Some(range);
        }
        finding
    }

    fn own_path(&self, name: &str) -> String {
        format!("{}/{name}", self.directory)
    }

    /// Makes the finding for a template that fails, with the blame where it belongs.
    fn finding(&self, name: &str, line: Option<usize>, why: &str) -> Diagnostic {
        if let Some(text) = self.own.get(name) {
            let location =
                Location { path: self.own_path(name).into(), span: line.map(|line| line_range(text, line)) };
            return Diagnostic::new(
                &codes::TEMPLATE_FAILURE,
                location,
                format!("template `{name}` fails: {why}"),
            )
            .label("here");
        }
        let at = line.map(|line| format!(" at line {line}")).unwrap_or_default();
        Diagnostic::new(
            &crate::schema::codes::ONRAMP_BUG,
            Location::file(format!("<built-in templates>/{name}")),
            format!("the built-in template `{name}` fails{at}: {why}"),
        )
        .help("this is a bug in onramp; please report it with the metadata.yaml that shows it")
    }
}

#[cfg(test)]
mod tests;
