//! One file being read: its bytes, checked, and the places in it.

use std::sync::Arc;

use super::codes::{ENCRYPTED_FILE, FILE_TOO_LARGE, INVALID_ENCODING};
use super::{Node, SourceId, Span, Value};
use crate::diagnostic::{Diagnostic, Location, Sink};

/// The largest file that is read. The largest `ConfigMap` that Kubernetes takes is as large.
pub const MAX_BYTES: usize = 1 << 20;

/// One file being read.
#[derive(Clone, Debug)]
pub struct Source {
    /// What the spans of its nodes call it.
    pub id: SourceId,
    /// Path relative to the root of the config repo, with `/`.
    pub path: Arc<str>,
    /// The whole text, with a byte order mark where the file has one: offsets are those of the file.
    pub text: String,
}

impl Source {
    /// Turns a span of this file into the place that a finding names.
    pub fn location(&self, span: Span) -> Location {
        Location::at(self.path.clone(), span.start as usize..span.end as usize)
    }

    /// Returns what is written at a span of this file, or nothing where the span is of another file.
    pub fn slice(&self, span: Span) -> &str {
        if span.source != self.id {
            return "";
        }
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }
}

/// Checks the bytes of a file and returns them as text: size, NUL bytes, UTF-8.
pub fn decode(path: &Arc<str>, bytes: Vec<u8>, sink: &mut Sink) -> Option<String> {
    if bytes.len() > MAX_BYTES {
        let message = format!("the file has {} bytes, more than the {MAX_BYTES} that are read", bytes.len());
        sink.push(
            Diagnostic::new(&FILE_TOO_LARGE, Location::file(path.clone()), message)
                .help("move bulk data into files of their own, or out of the repository"),
        );
        return None;
    }
    // Before UTF-8: an encrypted file fails both, and this is what is wrong with it.
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        // UTF-16 text is half NUL bytes, and Windows tools still write it.
        let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
        let (code, message, help) = if utf16 {
            (&INVALID_ENCODING, "the file is UTF-16, not UTF-8", "save the file as UTF-8")
        } else {
            (
                &ENCRYPTED_FILE,
                "the file holds NUL bytes: it is encrypted or binary, not YAML",
                "decrypt it (`git-crypt unlock`), or replace it by the YAML that was meant",
            )
        };
        let place = Location::at(path.clone(), at..at + 1);
        sink.push(Diagnostic::new(code, place, message).help(help));
        return None;
    }
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let byte = error.as_bytes().get(at).copied().unwrap_or_default();
            let message = format!("the byte 0x{byte:02x} is not UTF-8");
            let place = Location::at(path.clone(), at..at + 1);
            sink.push(Diagnostic::new(&INVALID_ENCODING, place, message).help("save the file as UTF-8"));
            None
        }
    }
}

/// Tells whether a value is null because nothing is written, as in `FOO:`.
pub fn is_empty_value(source: &Source, node: &Node) -> bool {
    node.value == Value::Null && source.slice(node.span).is_empty()
}

/// Tells whether a scalar is written without quotes and not as a block.
pub fn is_plain(source: &Source, span: Span) -> bool {
    !source.slice(span).starts_with(['"', '\'', '|', '>'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> Result<String, (&'static str, Option<std::ops::Range<usize>>)> {
        let mut sink = Sink::default();
        decode(&Arc::from("a.yaml"), bytes.to_vec(), &mut sink).ok_or_else(|| {
            let finding = sink.into_findings().remove(0);
            (finding.code.name, finding.primary.span)
        })
    }

    #[test]
    fn bytes_become_text_or_one_finding() {
        assert_eq!(decoded(b"a: b"), Ok("a: b".to_owned()));
        assert_eq!(decoded("\u{feff}a: é".as_bytes()), Ok("\u{feff}a: é".to_owned()));
        assert_eq!(decoded(b"\0GITCRYPT\0\xff"), Err(("encrypted-file", Some(0..1))));
        assert_eq!(decoded(b"ab\0"), Err(("encrypted-file", Some(2..3))));
        assert_eq!(decoded(b"ab\xff\xfe"), Err(("invalid-encoding", Some(2..3))));
        assert_eq!(decoded(b"\xff\xfea\0"), Err(("invalid-encoding", Some(3..4))));
        assert_eq!(decoded(b"\xc3"), Err(("invalid-encoding", Some(0..1))));
        assert_eq!(decoded(&vec![b'#'; MAX_BYTES]).map(|text| text.len()), Ok(MAX_BYTES));
        assert_eq!(decoded(&vec![0xff; MAX_BYTES + 1]), Err(("file-too-large", None)));
    }

    #[test]
    fn a_span_of_another_file_has_no_text() {
        let source = Source { id: SourceId(1), path: Arc::from("a"), text: "abc".to_owned() };
        assert_eq!(source.slice(Span { source: SourceId(1), start: 1, end: 2 }), "b");
        assert_eq!(source.slice(Span { source: SourceId(2), start: 1, end: 2 }), "");
        assert_eq!(source.slice(Span { source: SourceId(1), start: 2, end: 9 }), "");
    }
}
