//! `onramp route`

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand, ValueEnum};

use super::Global;
use super::repo::{Repo, cannot_open, outcome_of};
use super::terminal::Terminal;
use crate::diagnostic::{Severity, nearest};
use crate::fleet::{self, Gathered};
use crate::outcome::{Failure, Outcome};
use crate::report::{FORMATS, Report, harmless};
use crate::route::{self, Route, Url, explain, nearest_hosts};

/// Say who answers a URL, and list all routes
#[derive(Debug, Args)]
pub(super) struct RouteArgs {
    #[command(subcommand)]
    command: RouteCommand,
}

#[derive(Debug, Subcommand)]
enum RouteCommand {
    Explain(ExplainArgs),
    List(ListArgs),
}

/// Say which API answers a URL, which path its container sees, and why
#[derive(Debug, Args)]
struct ExplainArgs {
    /// The URL, with or without scheme
    #[arg(value_name = "URL")]
    url: String,
    /// The environment [default: all that know the host]
    #[arg(long, value_name = "ENV", env = "ONRAMP_ENV")]
    env: Option<String>,
    /// How to show the answers
    #[arg(long, value_name = "FORMAT", default_value = "human", env = "ONRAMP_ROUTE_FORMAT")]
    format: ExplainFormat,
}

/// How to show answers
#[derive(Clone, Copy, Debug, ValueEnum)]
enum ExplainFormat {
    /// For people
    Human,
    /// One JSON document
    Json,
}

/// List the routes of all APIs, also as tables for an edge proxy
#[derive(Debug, Args)]
struct ListArgs {
    /// The environment [default: all]
    #[arg(long, value_name = "ENV", env = "ONRAMP_ENV")]
    env: Option<String>,
    /// How to write the routes
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = list_formats(), env = "ONRAMP_ROUTE_FORMAT")]
    format: String,
}

pub(super) fn run(args: &RouteArgs, global: &Global, terminal: &Terminal) -> Result<Outcome, Failure> {
    match &args.command {
        RouteCommand::Explain(args) => explain(args, global, terminal),
        RouteCommand::List(args) => list(args, global, terminal),
    }
}

fn explain(args: &ExplainArgs, global: &Global, terminal: &Terminal) -> Result<Outcome, Failure> {
    let url = Url::parse(&args.url)
        .map_err(|error| Failure::usage(format!("`{}` is no URL: {error}", args.url)))?;
    let (routes, outcome) = routes(args.env.as_deref(), global, terminal)?;
    let explained = explain::explain(&routes, &url);
    if explained.is_empty() {
        let near = nearest_hosts(&url.host, routes.iter().map(|route| route.host.as_str()));
        let near = near.iter().map(|host| format!("`{host}`")).collect::<Vec<_>>().join(", ");
        let near =
            if near.is_empty() { "no API has a route".to_owned() } else { format!("nearest are {near}") };
        let nobody = args
            .env
            .as_ref()
            .map_or("no environment serves".to_owned(), |env| format!("`{env}` does not serve"));
        Terminal::error(&format!("{nobody} the host `{}`; {near}\n", harmless(&url.host)));
        return Ok(Outcome::Findings);
    }
    terminal.print(&match args.format {
        ExplainFormat::Human => explain::human(&url, &explained),
        ExplainFormat::Json => explain::json(&url, &explained),
    })?;
    let answered = explained.iter().any(|explained| explained.answer.route.is_some());
    Ok(if answered { outcome } else { Outcome::Findings })
}

fn list(args: &ListArgs, global: &Global, terminal: &Terminal) -> Result<Outcome, Failure> {
    let (routes, outcome) = routes(args.env.as_deref(), global, terminal)?;
    if outcome != Outcome::Clean {
        // An edge that is fed with half a table drops the other half.
        Terminal::error("nothing is listed, since not all APIs can be read\n");
        return Ok(outcome);
    }
    let format = route::FORMATS.iter().find(|format| format.name == args.format);
    let Some(format) = format else {
        return Err(Failure::usage(format!("no format is called `{}`", args.format)));
    };
    let text = (format.write)(&routes)
        .map_err(|value| Failure::usage(format!("`{value}` cannot be written as {}", format.name)))?;
    terminal.print(&text)?;
    Ok(outcome)
}

/// Reads the routes of all APIs in the platform's order of environments, then by host and path, then in
/// the platform's order of routers.
/// Findings go to standard error; an API that cannot be read has no routes.
fn routes(env: Option<&str>, global: &Global, terminal: &Terminal) -> Result<(Vec<Route>, Outcome), Failure> {
    let repo = Repo::open(global, None, terminal)?;
    let Gathered { values, platform, apis, findings } =
        fleet::gather(&repo.snapshot, route::of).map_err(|error| cannot_open(&error))?;
    let report = Report::new(findings, &repo.snapshot, apis, 0);
    if !report.findings.is_empty() {
        Terminal::error(&(FORMATS[0].write)(&report, terminal.style()));
    }
    let outcome = outcome_of(&report, Severity::Error)?;
    let mut routes: Vec<Route> = values.into_iter().flatten().collect();
    if let Some(platform) = platform {
        let order: Vec<&str> = platform.model.environments.keys().collect();
        if let Some(wanted) = env {
            if !order.contains(&wanted) {
                let failure = Failure::usage(format!("platform.yaml has no environment `{wanted}`"));
                return Err(match nearest(wanted, order.iter().copied()) {
                    Some(near) => failure.hint(format!("did you mean `{near}`?")),
                    None => failure.hint(format!("it has {}", order.join(", "))),
                });
            }
            routes.retain(|route| *route.environment == *wanted);
        }
        // Where the environment and the router stand in platform.yaml.
        let place = |route: &Route| {
            let environment = order.iter().position(|known| *known == &*route.environment);
            let settings = platform.model.environments.get(&route.environment);
            (environment, settings.and_then(|it| it.router.iter().position(|kind| kind == route.router)))
        };
        routes.sort_by_cached_key(|route| {
            let (first, last) = place(route);
            (first, route.host.clone(), route.path.clone(), !route.exact, last, route.object.clone())
        });
    }
    Ok((routes, outcome))
}

fn list_formats() -> PossibleValuesParser {
    PossibleValuesParser::new(route::FORMATS.iter().map(|format| format.name))
}
