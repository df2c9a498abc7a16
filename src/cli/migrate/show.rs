//! Where reports of a migration go, and how it ends.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::ErrorKind;

use crate::apply;
use crate::cli::Global;
use crate::cli::terminal::Terminal;
use crate::migrate::{self, State, Verdict};
use crate::outcome::{Failure, Outcome};
use crate::report::markdown;

/// One place that a report goes to.
#[derive(Clone, Debug)]
pub(super) struct Output {
    format: Format,
    /// The file; nothing for standard output.
    file: Option<PathBuf>,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Text,
    Json,
    Markdown,
    Html,
}

const FORMATS: &[(&str, Format)] =
    &[("text", Format::Text), ("json", Format::Json), ("markdown", Format::Markdown), ("html", Format::Html)];

/// Reads `FORMAT` and `FORMAT=FILE`.
#[derive(Clone, Debug)]
pub(super) struct OutputParser;

impl TypedValueParser for OutputParser {
    type Value = Output;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Output, clap::Error> {
        let text = value.to_string_lossy();
        let (name, file) = text.split_once('=').map_or((&*text, None), |(name, file)| (name, Some(file)));
        let format = FORMATS.iter().find(|(known, _)| *known == name);
        match (format, file) {
            (Some((_, format)), file) if file != Some("") => {
                Ok(Output { format: *format, file: file.map(PathBuf::from) })
            }
            _ => {
                let known: Vec<&str> = FORMATS.iter().map(|(name, _)| *name).collect();
                let argument = argument.map(ToString::to_string).unwrap_or_default();
                let message =
                    format!("invalid value '{text}' for '{argument}': one of {}\n", known.join(", "));
                Err(clap::Error::raw(ErrorKind::InvalidValue, message).with_cmd(command))
            }
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(FORMATS.iter().map(|(name, _)| PossibleValue::new(*name))))
    }
}

/// Refuses, before any work is done, what could not be written afterwards.
pub(super) fn check(outputs: &[Output]) -> Result<(), Failure> {
    if outputs.iter().filter(|output| output.file.is_none()).count() > 1 {
        return Err(Failure::usage("two formats would both go to standard output")
            .hint("name a file for one of them: `--format html=FILE`"));
    }
    for file in outputs.iter().filter_map(|output| output.file.as_ref()) {
        apply::check_report(file).map_err(|error| {
            Failure::usage(format!("`{}` cannot be written: {}", file.display(), error.source))
        })?;
    }
    Ok(())
}

/// Writes a report in all formats that were asked for, files first.
pub(super) fn write(
    outcome: &migrate::Outcome,
    outputs: &[Output],
    global: &Global,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let mut sorted: Vec<&Output> = outputs.iter().collect();
    sorted.sort_by_key(|output| output.file.is_none());
    for output in sorted {
        let text = match output.format {
            Format::Text => migrate::report::text(outcome, global.verbose),
            Format::Json => migrate::report::json(outcome),
            Format::Markdown => migrate::report::markdown(outcome, markdown::LIMIT),
            Format::Html => migrate::report::html(outcome),
        };
        match &output.file {
            Some(file) => apply::write_report(file, &text).map_err(|error| Failure::system(&error))?,
            None => terminal.print(&text)?,
        }
    }
    Ok(())
}

/// Says how a step ends: an API that is not written, or not proved, is a finding.
pub(super) fn outcome(outcome: &migrate::Outcome) -> Outcome {
    let is_open = |api: &migrate::ApiOutcome| {
        matches!(api.state, State::Refused(_)) || api.verdict() == Verdict::Unexplained
    };
    if outcome.apis.iter().any(is_open) { Outcome::Findings } else { Outcome::Clean }
}
