//! `--format`: how something is shown, and where. Shared by the commands that report findings, and read in the same way by
//! those with formats of their own.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Args};

use super::repo::Repo;
use super::terminal::Terminal;
use crate::apply;
use crate::outcome::{Failure, Kind};
use crate::report::{FORMATS, Format, Report, Style};

/// How findings are shown, and where
#[derive(Debug, Args)]
pub(super) struct FormatArgs {
    /// How to show findings: FORMAT on standard output, FORMAT=FILE in a file; several by a comma or
    /// another --format
    #[arg(
        long = "format",
        value_name = "FORMAT[=FILE]",
        default_value = "human",
        value_delimiter = ',',
        value_parser = OutputParser(FORMATS),
        env = "ONRAMP_FORMAT"
    )]
    format: Vec<Output<Format>>,
}

/// A format that has a name on the command line.
pub(super) trait Named {
    /// What `--format` calls it.
    fn name(&self) -> &'static str;
}

/// One place that something goes to, in a format of a list.
#[derive(Clone, Debug)]
pub(super) struct Output<F: 'static> {
    /// How it is written.
    pub(super) format: &'static F,
    /// The file; nothing for standard output.
    pub(super) file: Option<PathBuf>,
}

impl Named for Format {
    fn name(&self) -> &'static str {
        self.name
    }
}

impl FormatArgs {
    /// Refuses, before any work is done, what could not be written afterwards.
    pub(super) fn check(&self) -> Result<(), Failure> {
        check(&self.format)
    }

    /// Tells a report where the config repo lies, if any of the formats wants to know.
    pub(super) fn place(&self, report: Report, repo: &Repo) -> Report {
        let for_forge = self.format.iter().any(|output| output.format.for_forge);
        if for_forge { report.below(&repo.prefix()) } else { report }
    }

    /// Writes a report in all formats that were asked for.
    pub(super) fn write(&self, report: &Report, terminal: &Terminal) -> Result<(), Failure> {
        for output in self.outputs() {
            let style = output.style(terminal);
            let text = (output.format.write)(report, &style);
            let word = output.format.name == FORMATS[0].name && report.findings.is_empty();
            output.deliver(&text, word, terminal)?;
        }
        Ok(())
    }

    /// Returns the places that findings go to: files before standard output, whose reader may go away.
    pub(super) fn outputs(&self) -> impl Iterator<Item = &Output<Format>> {
        files_first(&self.format)
    }
}

/// Refuses, before any work is done, what could not be written afterwards.
pub(super) fn check<F: Named>(outputs: &[Output<F>]) -> Result<(), Failure> {
    let mut printed = outputs.iter().filter(|output| output.file.is_none());
    if let (Some(first), Some(second)) = (printed.next(), printed.next()) {
        let (first, second) = (first.format.name(), second.format.name());
        return Err(Failure::usage(format!("`{first}` and `{second}` would both go to standard output"))
            .hint(format!("name a file for one of them: `--format {second}=FILE`")));
    }
    for (index, output) in outputs.iter().enumerate() {
        let Some(file) = &output.file else { continue };
        if outputs[..index].iter().any(|other| other.file.as_ref() == Some(file)) {
            return Err(Failure::usage(format!("two formats would go to `{}`", file.display())));
        }
        apply::check_report(file).map_err(|error| blame_the_call(&error))?;
    }
    Ok(())
}

/// Returns places in the order of writing: files before standard output, whose reader may go away.
pub(super) fn files_first<F>(outputs: &[Output<F>]) -> impl Iterator<Item = &Output<F>> {
    let files = outputs.iter().filter(|output| output.file.is_some());
    files.chain(outputs.iter().filter(|output| output.file.is_none()))
}

impl<F> Output<F> {
    /// Returns how it wants to be written: a file has no colours.
    pub(super) fn style(&self, terminal: &Terminal) -> Style {
        let style = *terminal.style();
        if self.file.is_some() { Style { color: false, ..style } } else { style }
    }

    /// Writes the text of a format to its place. What is only a `word` on how it went is not printed where
    /// the user asked for quiet.
    pub(super) fn deliver(&self, text: &str, word: bool, terminal: &Terminal) -> Result<(), Failure> {
        match &self.file {
            Some(file) => apply::write_report(file, text).map_err(|error| Failure::system(&error)),
            None if word => terminal.say(text),
            None => terminal.print(text),
        }
    }
}

/// A place that the user names wrongly is the user's to mend.
fn blame_the_call(error: &apply::ApplyError) -> Failure {
    Failure { kind: Kind::Usage, ..Failure::system(error) }
        .hint("name a file in a directory that is there".to_owned())
}

/// Reads `FORMAT` and `FORMAT=FILE`, for a list of formats.
#[derive(Clone)]
pub(super) struct OutputParser<F: 'static>(pub(super) &'static [F]);

impl<F: Named + Clone + Send + Sync> TypedValueParser for OutputParser<F> {
    type Value = Output<F>;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Output<F>, clap::Error> {
        let text = value.to_string_lossy();
        let (name, file) = match text.split_once('=') {
            Some((name, file)) => (name, Some(file)),
            None => (&*text, None),
        };
        // This one knows the words for a format that there is not.
        let names = PossibleValuesParser::new(self.0.iter().map(Named::name));
        let name = names.parse_ref(command, argument, OsStr::new(name))?;
        let format = self.0.iter().find(|format| format.name() == name);
        let unreadable = value.to_str().is_none() || file.is_some_and(str::is_empty);
        match format {
            Some(format) if !unreadable => Ok(Output { format, file: file.map(PathBuf::from) }),
            _ => {
                let message = format!("`{name}=` needs the name of a file, in UTF-8\n");
                Err(clap::Error::raw(ErrorKind::InvalidValue, message).with_cmd(command))
            }
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.0.iter().map(|format| PossibleValue::new(format.name()))))
    }
}
