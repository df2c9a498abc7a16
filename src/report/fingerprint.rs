//! What tells a finding from the others, whatever line it stands on.

use std::collections::BTreeMap;

use super::{Located, Report};

/// Returns what tells each finding of a report from the others: the code, the file, the text of the line without its
/// indentation, and the how-manieth of these it is. Where a line is added above, the finding is known again.
pub(super) fn fingerprints(report: &Report) -> Vec<String> {
    let mut seen = Seen::default();
    report.findings.iter().map(|finding| seen.fingerprint(report, finding)).collect()
}

/// The fingerprints so far.
#[derive(Default)]
pub(super) struct Seen(BTreeMap<u64, usize>);

impl Seen {
    /// Returns the fingerprint of the next finding.
    pub(super) fn fingerprint(&mut self, report: &Report, finding: &Located) -> String {
        let diagnostic = &finding.diagnostic;
        // A hash is no place to keep a secret, so it is that of what may be shown.
        let line = finding.place.file.as_ref().zip(diagnostic.primary.span.as_ref()).map(|(file, span)| {
            let (_, start) = file.line(span.start);
            file.masked[start..].lines().next().unwrap_or_default().trim()
        });
        let parts = [diagnostic.code.name, &report.path(&diagnostic.primary.path), line.unwrap_or_default()];
        let hash = fnv1a(parts.join("\0").as_bytes());
        let number = self.0.entry(hash).or_default();
        *number += 1;
        format!("{hash:016x}:{number}")
    }
}

/// The hash FNV-1a, 64 bits: the same in every version and on every machine, which the standard library
/// does not promise of its own. Source: <http://www.isthe.com/chongo/tech/comp/fnv/>.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
