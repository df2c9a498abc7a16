//! Standard output and standard error: the only place that prints.

use std::cell::Cell;
use std::io::{BufRead, ErrorKind, IsTerminal as _, Read as _, Write as _};
use std::sync::mpsc::Receiver;

use lsp_server::Message;

use super::{Color, Global};
use crate::outcome::Failure;
use crate::report::Style;

/// Columns where the environment names none.
const DEFAULT_WIDTH: usize = 100;

/// The two streams, and how they want it.
pub(super) struct Terminal {
    quiet: bool,
    verbose: bool,
    style: Style,
    closed: Cell<bool>,
}

impl Terminal {
    #[expect(clippy::disallowed_methods, reason = "the terminal is described by its environment")]
    pub(super) fn new(global: &Global) -> Self {
        let no_color = std::env::var("NO_COLOR").is_ok_and(|value| !value.is_empty());
        let dumb = std::env::var("TERM").is_ok_and(|value| value == "dumb");
        let color = match global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => std::io::stdout().is_terminal() && !no_color && !dumb,
        };
        let width = std::env::var("COLUMNS").ok().and_then(|value| value.parse().ok());
        let width = width.filter(|width| (40..=400).contains(width)).unwrap_or(DEFAULT_WIDTH);
        let style = Style { color, width };
        Self { quiet: global.quiet, verbose: global.verbose, style, closed: Cell::new(false) }
    }

    pub(super) fn style(&self) -> &Style {
        &self.style
    }

    /// Tells whether what is drawn on standard error can be drawn anew: on a terminal that can, for somebody who wants it.
    #[expect(clippy::disallowed_methods, reason = "the terminal is described by its environment")]
    pub(super) fn redraws() -> bool {
        let plain = std::env::var("NO_COLOR").is_ok_and(|value| !value.is_empty());
        let dumb = std::env::var("TERM").is_ok_and(|value| value == "dumb");
        std::io::stderr().is_terminal() && !plain && !dumb
    }

    /// Tells whether a person sits at both ends.
    pub(super) fn is_interactive() -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// Asks a person, and returns the line that is the answer; nothing at the end of the input.
    pub(super) fn ask(question: &str) -> Result<Option<String>, Failure> {
        Self::error(question);
        let mut line = String::new();
        let read = std::io::stdin().lock().take(MOST_HEADER).read_line(&mut line);
        match read.map_err(|error| Failure::system(&error))? {
            0 => Ok(None),
            _ => Ok(Some(line)),
        }
    }

    /// Reads standard input to its end, or up to so many bytes.
    pub(super) fn read_input(most: usize) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        std::io::stdin().lock().take(most as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Returns the messages of an editor, read from standard input as they come. They end with it, and with the first thing
    /// that is none.
    pub(super) fn messages() -> Receiver<Message> {
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut input = std::io::stdin().lock();
            loop {
                let message = match read_message(&mut input) {
                    Ok(Some(message)) => message,
                    Ok(None) => return,
                    Err(error) => {
                        return Self::error(&format!("onramp: standard input holds no message: {error}\n"));
                    }
                };
                let is_exit =
                    matches!(&message, Message::Notification(notification) if notification.method == "exit");
                if sender.send(message).is_err() || is_exit {
                    return;
                }
            }
        });
        receiver
    }

    /// Sends a message to the editor.
    pub(super) fn send(&self, message: &Message) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        message.write(&mut out).map_err(|error| {
            self.closed.set(error.kind() == ErrorKind::BrokenPipe);
            Failure::system(&error)
        })
    }

    /// Tells whether standard output is a terminal.
    pub(super) fn is_at_output() -> bool {
        std::io::stdout().is_terminal()
    }

    /// Prints what the command was called for.
    pub(super) fn print(&self, text: &str) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        written.map_err(|error| {
            self.closed.set(error.kind() == ErrorKind::BrokenPipe);
            Failure::system(&error)
        })
    }

    /// Prints a word on how it went, unless quiet was asked for.
    pub(super) fn say(&self, text: &str) -> Result<(), Failure> {
        if self.quiet { Ok(()) } else { self.print(text) }
    }

    /// Prints what is looked at, where that was asked for.
    pub(super) fn note(&self, text: &str) {
        if self.verbose {
            Self::error(text);
        }
    }

    /// Prints to standard error. Where even that is closed there is nobody left to tell.
    pub(super) fn error(text: &str) {
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }

    /// Tells whether the reader of standard output went away, which is its right.
    pub(super) fn is_closed(&self) -> bool {
        self.closed.get()
    }
}

/// The most bytes of a message of an editor, and of one line before it.
const MOST_MESSAGE: u64 = 64 << 20;
const MOST_HEADER: u64 = 4 << 10;

/// Reads one message of an editor; nothing at the end. It is bounded, as whoever writes it says how long it is.
fn read_message(input: &mut impl BufRead) -> std::io::Result<Option<Message>> {
    let wrong = |what: &str| std::io::Error::new(ErrorKind::InvalidData, what.to_owned());
    let mut length = None;
    loop {
        let mut line = String::new();
        if input.by_ref().take(MOST_HEADER).read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let Some(header) = line.strip_suffix('\n') else { return Err(wrong("a header has no end")) };
        let Some((name, value)) = header.split_once(':') else {
            if header.trim().is_empty() {
                break;
            }
            return Err(wrong("a header has no colon"));
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse::<u64>().ok();
        }
    }
    let length = length.ok_or_else(|| wrong("there is no Content-Length"))?;
    if length > MOST_MESSAGE {
        return Err(wrong("it is too long"));
    }
    let mut body = Vec::new();
    input.by_ref().take(length).read_to_end(&mut body)?;
    Ok(Some(serde_json::from_slice(&body)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<Message>, String> {
        read_message(&mut text.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_message_is_read_or_said_to_be_none() {
        let body = r#"{"jsonrpc":"2.0","method":"exit"}"#;
        let message = read(&format!("Content-Type: a\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
        assert!(matches!(message, Ok(Some(Message::Notification(exit))) if exit.method == "exit"));
        assert!(matches!(read(""), Ok(None)));
        let words = |text: &str| read(text).expect_err("it is none");
        assert!(words("Content-Length: 3\r\n\r\n{a}").contains("line 1"));
        assert_eq!(words("Content-Length: 99999999999\r\n\r\n{}"), "it is too long");
        assert_eq!(words("\r\n{}"), "there is no Content-Length");
        assert_eq!(words(&"a".repeat(10_000)), "a header has no end");
    }
}
