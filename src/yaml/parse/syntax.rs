//! Says in plain words why a text is not YAML.

use std::ops::Range;

use granit_parser::{ErrorKind, ScanError};

use super::super::codes::{DEEP_NESTING, TAB_INDENTATION, TEMPLATE_LEFTOVER, YAML_SYNTAX};
use super::{Builder, MAX_DEPTH};
use crate::diagnostic::{Code, Diagnostic};

/// What is wrong, where, and what to write.
struct Words {
    range: Range<usize>,
    message: String,
    help: &'static str,
}

const QUOTE_IT: &str = "write the whole value in quotes";
const INDENTATION: &str = "keys of one map start in the same column, keys inside it two spaces further right";

impl Builder<'_> {
    /// Reports the error that ends the reading, under the code that helps most.
    pub(super) fn syntax_error(&mut self, error: &ScanError) {
        // A template tag that was reported breaks the text behind it: one fault, one finding.
        if self.findings.iter().any(|finding| *finding.code == TEMPLATE_LEFTOVER) {
            return;
        }
        let text = &self.source.text;
        let at = error.marker().byte_offset().unwrap_or_default().min(text.len());
        let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        if *error.kind() == ErrorKind::RecursionLimitExceeded {
            let message = format!("maps and lists are nested deeper than {MAX_DEPTH} levels");
            return self
                .push(self.finding(&DEEP_NESTING, self.one(at), message).help("flatten the structure"));
        }
        if let Some(finding) = self.blame_template(at) {
            return self.push(finding);
        }
        if let Some(tab) = self.blamed_tab(error.kind(), at) {
            return self.push(self.tab(tab));
        }
        let words = self.words(error.kind(), at);
        self.push(self.say(&YAML_SYNTAX, words));
    }

    fn say(&self, code: &'static Code, words: Words) -> Diagnostic {
        self.finding(code, words.range, words.message).help(words.help)
    }

    /// The character at an offset, or the end of the text.
    fn one(&self, at: usize) -> Range<usize> {
        let length =
            self.source.text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        at..at + length
    }

    /// The line that holds an offset, without its break.
    fn line(&self, at: usize) -> Range<usize> {
        let text = &self.source.text;
        let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
        start..start + text[start..end].trim_end_matches('\r').len()
    }

    // Tabs.

    /// Reports a tab before a node that the parser lets pass and Kubernetes does not: in the margin
    /// of the first line, or behind the dash of a list item.
    pub(super) fn check_tabs(&mut self, at: usize) {
        if !self.has_tabs || self.stack.last().is_some_and(|frame| frame.flow) {
            return;
        }
        let text = &self.source.text;
        let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
        let Some(margin) = text.get(start..at) else { return };
        if margin.contains('\t') && margin.chars().all(|c| matches!(c, ' ' | '\t' | '-' | '?' | '\u{feff}')) {
            let tab = start + margin.find('\t').unwrap_or_default();
            let finding = self.tab(tab..start + margin.len());
            let known = self
                .findings
                .last()
                .is_some_and(|last| *last.code == TAB_INDENTATION && last.primary == finding.primary);
            // A map and its first key stand behind the same margin.
            if !known {
                self.push(finding);
            }
        }
    }

    /// Reports a tab on a blank line or before a comment, which the parser passes over and Kubernetes
    /// does not; inside brackets and text it is harmless.
    pub(super) fn check_blank_lines(&mut self, at: usize) {
        if !self.has_tabs || self.stack.last().is_some_and(|frame| frame.flow) {
            return;
        }
        let Some(gap) = self.source.text.get(self.last_end..at) else { return };
        if !gap.contains('\t') {
            return;
        }
        let mut start = self.last_end;
        let mut found = None;
        for (index, line) in gap.split_inclusive('\n').enumerate() {
            let rest = line.trim_start_matches([' ', '\t']);
            let margin = line.len() - rest.len();
            let blank = rest.is_empty() && start + margin == self.source.text.len();
            if (index > 0 || start == 0)
                && (blank || rest.starts_with(['\r', '\n', '#']))
                && let Some(tab) = line[..margin].find('\t')
            {
                found = Some(start + tab..start + margin);
                break;
            }
            start += line.len();
        }
        if let Some(range) = found {
            let finding = self.tab(range);
            // The same gap lies before a map and before its first key.
            if !self.findings.contains(&finding) {
                self.push(finding);
            }
        }
    }

    fn tab(&self, range: Range<usize>) -> Diagnostic {
        self.finding(&TAB_INDENTATION, range, "a tab is used for indentation")
            .help("write two spaces per level instead of the tab; most editors can convert the file")
    }

    /// Finds the tab that an error is about.
    fn blamed_tab(&self, kind: &ErrorKind, at: usize) -> Option<Range<usize>> {
        let about_tabs = matches!(
            kind,
            ErrorKind::TabInBlockIndentation
                | ErrorKind::TabInIndentation
                | ErrorKind::TabNotAllowed
                | ErrorKind::TabInPlainScalar
                | ErrorKind::TabAtBlockScalarStart
                | ErrorKind::UnexpectedCharacter { character: '\t' }
        );
        let text = &self.source.text;
        let mut start = self.line(at).start;
        loop {
            let rest = &text[start..];
            let margin = &rest[..rest.len() - rest.trim_start_matches([' ', '\t']).len()];
            if let Some(tab) = margin.find('\t') {
                return Some(start + tab..start + margin.len());
            }
            if !about_tabs {
                return None;
            }
            let Some(next) = rest.find('\n') else { break };
            start += next + 1;
        }
        // Not in a margin: the first one from where the parser stood.
        let tab = at + text[at..].find('\t')?;
        Some(tab..tab + 1)
    }

    // Everything else.

    fn words(&self, kind: &ErrorKind, at: usize) -> Words {
        let here = self.one(at);
        let words = |range: Range<usize>, message: &str, help: &'static str| Words {
            range,
            message: message.to_owned(),
            help,
        };
        match kind {
            ErrorKind::UnclosedQuotedScalar
            | ErrorKind::InvalidQuotedScalarIndent
            | ErrorKind::DocumentIndicatorInQuotedScalar => words(
                self.opening_quote(at),
                "the quote that opens here is not closed",
                "close it on the same line; the further lines of a quoted text must be indented",
            ),
            ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
                words(
                    here,
                    "text follows the closing quote",
                    "put the whole value into the quotes; inside, write `\\\"` in double and `''` in single quotes",
                )
            }
            ErrorKind::UnknownQuotedScalarEscape
            | ErrorKind::InvalidQuotedScalarHexEscape
            | ErrorKind::InvalidUnicodeEscape
            | ErrorKind::InvalidLowSurrogate
            | ErrorKind::InvalidLowSurrogateHexEscape
            | ErrorKind::MissingLowSurrogate
            | ErrorKind::UnpairedLowSurrogate => words(
                here,
                "the text in double quotes has an escape that YAML does not know",
                "write `\\\\` for a backslash, or use single quotes, where it is an ordinary character",
            ),
            ErrorKind::MappingValueNotAllowed => self.second_colon(at),
            ErrorKind::ExpectedDocumentStart => self.after_the_end(at),
            ErrorKind::ExpectedBlockMappingKey
            | ErrorKind::SimpleKeyExpected
            | ErrorKind::InvalidIndentation
            | ErrorKind::MappingKeyNotAllowed
            | ErrorKind::ExpectedBlockSequenceEntry
            | ErrorKind::UnexpectedEofBlockMapping
            | ErrorKind::UnexpectedEofBlockSequence => self.wrong_line(kind, at),
            ErrorKind::InvalidSimpleKey => words(
                here,
                "no `: ` follows this text on its line, or only after more than 1024 characters",
                "write `key: value`",
            ),
            ErrorKind::UnclosedFlowCollection { open } => Words {
                range: here,
                message: format!("the `{open}` that opens here is not closed"),
                help: "add the closing bracket",
            },
            ErrorKind::MismatchedFlowCollectionEnd { open, close } => Words {
                range: here,
                message: format!("the `{open}` that opens here is closed by `{close}`"),
                help: "close each bracket by its own kind",
            },
            ErrorKind::MisplacedFlowCollectionEnd => {
                words(here, "this bracket closes nothing", "remove it, or write the whole value in quotes")
            }
            ErrorKind::ExpectedFlowMappingSeparator
            | ErrorKind::ExpectedFlowSequenceSeparator
            | ErrorKind::UnexpectedEofFlowMapping
            | ErrorKind::UnexpectedEofFlowSequence
            | ErrorKind::UnexpectedEofImplicitFlowMapping
            | ErrorKind::InvalidColonPlacement
            | ErrorKind::InvalidFlowScalarIndent
            | ErrorKind::FlowMappingValueAdjacentCollection => words(
                here,
                "a `,` or the closing bracket is missing before this",
                "separate the items by `, ` and close the bracket; quote a value that contains `: ` or `,`",
            ),
            ErrorKind::BlockSequenceEntryNotAllowed
            | ErrorKind::BlockEntryInFlowCollection
            | ErrorKind::PlainScalarStartsWithDashFlowIndicator => words(
                here,
                "a list item `- ` cannot start here",
                "put each `- ` on a line of its own, or quote the value where the dash is text",
            ),
            ErrorKind::UnexpectedCharacter { character } => unexpected(*character, here),
            ErrorKind::BomInsideDocument => words(
                here,
                "a byte order mark stands inside the document",
                "remove it; it is invisible in most editors",
            ),
            ErrorKind::MissingAnchorOrAliasName => {
                words(here, "`*` and `&` start a YAML alias or anchor, and no name follows", QUOTE_IT)
            }
            ErrorKind::CommentNotSeparated | ErrorKind::CommentInterceptedScalar => words(
                here,
                "a comment cannot start here",
                "write a blank before `#`, or quote the value where `#` is text",
            ),
            ErrorKind::InvalidBlockScalarHeader | ErrorKind::ZeroBlockScalarIndent => words(
                here,
                "text follows the `|` or `>` that starts a block of text",
                "start the text on the next line, indented, or quote the value",
            ),
            ErrorKind::InvalidBlockScalarIndent => words(
                here,
                "a line of this block of text is indented less than the first one",
                "indent all lines of the block at least as far as its first line",
            ),
            ErrorKind::DirectiveDisallowed => words(
                self.line(at),
                "a line that starts with `%` is a YAML directive, which is not read here",
                "remove the line",
            ),
            ErrorKind::InvalidDocumentEnd => words(here, "text follows the document end `...`", "remove it"),
            ErrorKind::UndeclaredTagHandle
            | ErrorKind::ExpectedTagBang
            | ErrorKind::InvalidGlobalTagCharacter
            | ErrorKind::InvalidTagTerminator
            | ErrorKind::MissingTagUri
            | ErrorKind::UnclosedVerbatimTag
            | ErrorKind::InvalidTagEscape => words(here, "`!` starts a YAML tag, and this is none", QUOTE_IT),
            other => Words {
                range: here,
                message: format!("this is not YAML: {other}"),
                help: "check the brackets, quotes and indentation here and on the line above",
            },
        }
    }

    /// Finds the quote of a text that does not end: the first one behind the last sound token.
    fn opening_quote(&self, at: usize) -> Range<usize> {
        let text = &self.source.text;
        let end = self.line(at).end;
        let from = self.last_end.min(end);
        let quote = text.get(from..end).and_then(|rest| rest.find(['"', '\'']));
        quote.map_or(self.one(at), |quote| self.one(from + quote))
    }

    /// A colon where a value already stands.
    fn second_colon(&self, at: usize) -> Words {
        let text = &self.source.text;
        let line = self.line(at);
        let above = text.get(self.last_start..at).filter(|_| self.last_start < line.start);
        if let Some(above) = above {
            let first = self.line(self.last_start);
            if above.starts_with("----") {
                return Words {
                    range: first,
                    message: "a document starts with three dashes, not more".to_owned(),
                    help: "write `---`, or remove the line",
                };
            }
            // At the top of the file nothing came before: the first line lacks its colon.
            if self.stack.is_empty() {
                return Words {
                    range: first,
                    message: "this line is not `key: value`".to_owned(),
                    help: "write a colon and a blank behind the key",
                };
            }
            return Words {
                range: line.start..at + 1,
                message: "this line continues the value of the line above, so it cannot have a `: `"
                    .to_owned(),
                help: INDENTATION,
            };
        }
        Words {
            range: self.one(at),
            message: "a second `: ` on one line".to_owned(),
            help: "write the whole value in quotes, or put the inner key on a line of its own",
        }
    }

    /// Text behind what looked like the whole document.
    fn after_the_end(&self, at: usize) -> Words {
        let text = &self.source.text;
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let bare = line.trim_start_matches([' ', '\u{feff}']);
            if !matches!(bare.bytes().next(), None | Some(b'#' | b'\r' | b'\n')) {
                let margin = line.len() - bare.len();
                if line[..margin].contains(' ') && start + margin <= at {
                    return Words {
                        range: start..start + margin,
                        message: "the first line is indented, the lines below are not".to_owned(),
                        help: "remove the blanks before the first key",
                    };
                }
                break;
            }
            start += line.len();
        }
        Words {
            range: self.one(at),
            message: "the document ends before this line".to_owned(),
            help: INDENTATION,
        }
    }

    /// A line that is not what its neighbours are.
    fn wrong_line(&self, kind: &ErrorKind, at: usize) -> Words {
        let line = self.line(at);
        let content = self.source.text.get(line.clone()).unwrap_or_default().trim_start();
        let start = line.end - content.len();
        let (message, help) = if *kind == ErrorKind::ExpectedBlockSequenceEntry {
            ("a list item was expected here, `- `", "start the line with `- `, or check its indentation")
        } else if content.starts_with("- ") || content == "-" {
            (
                "a list item stands among the keys of a map",
                "indent the list under its key, or check the line above",
            )
        } else if content.contains(": ") || content.ends_with(':') {
            ("this line is not indented like its neighbours", INDENTATION)
        } else {
            (
                "this line is not `key: value`",
                "write a colon and a blank behind the key, or check the line above",
            )
        };
        Words { range: start..line.end.max(start), message: message.to_owned(), help }
    }
}

fn unexpected(character: char, range: Range<usize>) -> Words {
    if character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}') {
        return Words {
            range,
            message: format!("the control character U+{:04X} is not allowed in YAML", u32::from(character)),
            help: "remove it, or write it as an escape in double quotes",
        };
    }
    Words { range, message: format!("a value cannot start with `{character}`"), help: QUOTE_IT }
}
