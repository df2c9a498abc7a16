//! For people: each finding with its source line, drawn by miette, and a closing line of counts.

use std::fmt;
use std::sync::Arc;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};

use super::{File, Located, Report, Style, harmless};
use crate::diagnostic::Severity;

/// The most characters of a source line that are shown.
const LONGEST_LINE: usize = 160;
/// How many characters stand before a place far out in a long line.
const LEAD: usize = 40;

/// Writes the report.
pub(super) fn write(report: &Report, style: &Style) -> String {
    let theme = if style.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(style.width)
        .with_links(false)
        .with_context_lines(1)
        .without_syntax_highlighting();
    let mut out = String::new();
    for finding in &report.findings {
        let drawn = Drawn::new(finding);
        if handler.render_report(&mut out, &drawn).is_err() {
            out.push_str(&drawn.message);
        }
        out.push('\n');
    }
    out += &report.closing_line();
    out.push('\n');
    if let Some(line) = report.fixes_line() {
        out += &line;
        out.push('\n');
    }
    out
}

/// A finding as miette wants it.
#[derive(Debug)]
struct Drawn {
    code: &'static str,
    severity: Severity,
    message: String,
    help: Option<String>,
    labels: Vec<LabeledSpan>,
    source: Option<Excerpt>,
}

impl Drawn {
    fn new(finding: &Located) -> Self {
        let diagnostic = &finding.diagnostic;
        let mut labels = Vec::new();
        let mut elsewhere = Vec::new();
        let mut message = harmless(&diagnostic.message);
        let path = harmless(&diagnostic.primary.path);
        let source =
            finding.place.file.as_ref().map(|file| Excerpt { path: path.clone(), file: file.clone() });
        match (&diagnostic.primary.span, &source) {
            (Some(span), Some(source)) => {
                labels.push(label(source, span.start, span.end, &diagnostic.label, true));
            }
            _ => message = format!("{path}: {message}"),
        }
        for (related, place) in diagnostic.related.iter().zip(&finding.related) {
            match (&related.location.span, &source) {
                (Some(span), Some(source)) if related.location.path == diagnostic.primary.path => {
                    labels.push(label(source, span.start, span.end, &related.label, false));
                }
                _ => elsewhere.push(format!(
                    "{}: {}",
                    place.address(&harmless(&related.location.path)),
                    harmless(&related.label)
                )),
            }
        }
        elsewhere.extend(diagnostic.help.as_deref().map(harmless));
        Self {
            code: diagnostic.code.name,
            severity: diagnostic.severity,
            message,
            help: (!elsewhere.is_empty()).then(|| elsewhere.join("\n")),
            labels,
            source,
        }
    }
}

/// Makes a label that stays on the line where its place starts.
fn label(source: &Excerpt, start: usize, end: usize, text: &str, primary: bool) -> LabeledSpan {
    let start = start.min(source.file.masked.len());
    let line_end =
        source.file.masked[start..].find(['\n', '\r']).map_or(source.file.masked.len(), |at| start + at);
    let end = end.clamp(start, line_end).min(start + LONGEST_LINE - LEAD);
    let text = (!text.is_empty()).then(|| harmless(text));
    let span = (start, end - start);
    if primary {
        LabeledSpan::new_primary_with_span(text, span)
    } else {
        LabeledSpan::new_with_span(text, span)
    }
}

impl fmt::Display for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Drawn {}

impl miette::Diagnostic for Drawn {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Info => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty()).then(|| Box::new(self.labels.iter().cloned()) as Box<_>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }
}

/// Hands out only the lines that a place touches, cropped. The text is masked already: miette prints
/// what it is given.
#[derive(Debug)]
struct Excerpt {
    path: String,
    file: Arc<File>,
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let text = &self.file.masked;
        let start = text.floor_char_boundary(span.offset().min(text.len()));
        let end = text.ceil_char_boundary((span.offset() + span.len()).min(text.len()));
        let (line_number, line_start) = self.file.line(start);
        let line_end = text[end..].find('\n').map_or(text.len(), |newline| end + newline);
        // Without context miette asks for the place alone, to write its column into the header.
        let from = if before == 0 {
            start
        } else if start - line_start > LONGEST_LINE - LEAD {
            text.floor_char_boundary(start - LEAD)
        } else {
            line_start
        };
        let to = if line_end - from > LONGEST_LINE && !text[from..line_end].contains('\n') {
            text.ceil_char_boundary(end.max(from + LONGEST_LINE)).min(line_end)
        } else {
            line_end
        };
        let contents = MietteSpanContents::new_named(
            self.path.clone(),
            &text.as_bytes()[from..to],
            (from, to - from).into(),
            line_number,
            text[line_start..from].chars().count(),
            1,
        );
        Ok(Box::new(contents))
    }
}
