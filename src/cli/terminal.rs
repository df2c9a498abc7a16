//! Standard output and standard error: the only place that prints.

use std::cell::Cell;
use std::io::{ErrorKind, IsTerminal as _, Read as _, Write as _};
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

    /// Tells whether a person sits at both ends.
    pub(super) fn is_interactive() -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
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
            while let Ok(Some(message)) = Message::read(&mut input) {
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
