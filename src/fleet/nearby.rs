//! Which other APIs can meet a few chosen ones in a rule across the fleet.
//!
//! Such rules compare hosts with paths, names of objects in one namespace, and the names that APIs call each other by. To ask
//! them of ten APIs among 10,000, most files need not be understood: an API that meets one of the chosen has the same text in
//! its metadata.yaml, or gets its namespace from its own name. Where a file holds anything by which YAML can say a text in other
//! letters, it is read like the chosen ones. So is one with extra resources, whose files can claim a host as well.

use std::collections::BTreeSet;

use super::{ApiResult, metadata_path};
use crate::index::{Index, Wanted};
use crate::metadata;
use crate::platform::LoadedPlatform;
use crate::snapshot::Snapshot;

/// More chosen APIs than this are not worth searching for: all are read.
pub(super) const MOST_CHOSEN: usize = 100;

/// The key under which an API names files that say more, in lower case.
const ELSEWHERE: &str = "extraresources";

/// Tells whether YAML may say a text in other letters somewhere: by an escape, an alias or a tag. What only looks like one,
/// such as `&&` within a command, is told by what stands before it.
fn is_odd(bytes: &[u8]) -> bool {
    bytes.iter().enumerate().any(|(at, byte)| match byte {
        b'&' | b'*' | b'!' => {
            let before = bytes[..at].iter().rev().find(|byte| !matches!(byte, b' ' | b'\t'));
            before.is_none_or(|before| b"\n\r:-,[{?".contains(before))
        }
        // The other escapes stand for what no name, host or path holds.
        b'\\' => bytes.get(at + 1).is_none_or(|next| b"xuU/\r\n".contains(next)),
        _ => false,
    })
}

/// What another API has if it can meet one of the chosen.
pub(super) struct Nearby<'a> {
    platform: &'a LoadedPlatform,
    /// Texts of which its file holds one, in lower case.
    texts: BTreeSet<String>,
    /// Namespaces, of which its name leads to one.
    namespaces: BTreeSet<String>,
    /// APIs that the chosen name.
    named: BTreeSet<String>,
    /// What earlier runs kept, and the texts as it is asked for them.
    index: Option<(&'a Index, Vec<Wanted>)>,
}

impl<'a> Nearby<'a> {
    /// Takes it from the chosen APIs, of which some may not be there.
    pub(super) fn of(
        chosen: &[String],
        results: &[(&str, ApiResult)],
        platform: &'a LoadedPlatform,
        index: Option<&'a Index>,
    ) -> Self {
        let mut texts: BTreeSet<String> = chosen.iter().map(|name| name.to_lowercase()).collect();
        // A namespace that is made of the name of the API.
        texts.insert("{name}".to_owned());
        let mut namespaces = BTreeSet::new();
        let mut named = BTreeSet::new();
        for (_, result) in results {
            for holding in &result.holdings {
                texts.insert(holding.namespace.to_lowercase());
                namespaces.insert(holding.namespace.to_string());
            }
            texts.extend(
                result.running.iter().filter_map(|running| Some(running.built_from.as_ref()?.to_lowercase())),
            );
            named.extend(result.references.iter().map(|reference| reference.wanted.to_string()));
            for claim in &result.claims {
                let mut environments = platform.model.environments.iter();
                let unified = environments.any(|(_, here)| here.unified_host.as_deref() == Some(&claim.host));
                match claim.path.split('/').find(|segment| !segment.is_empty()) {
                    Some(segment) => texts.insert(format!("/{}", segment.to_lowercase())),
                    None if unified => texts.insert("unified".to_owned()),
                    None => false,
                };
                if !unified {
                    texts.insert(claim.host.to_lowercase());
                }
            }
        }
        let index = index.map(|index| (index, texts.iter().map(|text| Wanted::new(text)).collect()));
        Self { platform, texts, namespaces, named, index }
    }

    /// Tells whether an API can meet one of the chosen.
    pub(super) fn has(&self, snapshot: &Snapshot, name: &str) -> bool {
        let mut environments = self.platform.model.environments.iter();
        if self.named.contains(name)
            || environments.any(|(_, here)| self.namespaces.contains(&here.namespace_of(name, None)))
        {
            return true;
        }
        let path = metadata_path(name);
        // Before it is read: a change after that shows.
        let stamp = self.index.as_ref().and_then(|_| snapshot.stamp(&path));
        let index = self.index.as_ref().zip(stamp.as_ref());
        if index.is_some_and(|((index, texts), stamp)| index.holds_none(name, stamp, texts)) {
            return false;
        }
        // One that cannot be read is looked at, and found to be so.
        let Ok(read) = snapshot.read_listed(&path, metadata::MAX_BYTES) else { return true };
        let Some(mut bytes) = read else { return false };
        let odd = is_odd(&bytes);
        let text = if bytes.is_ascii() {
            bytes.make_ascii_lowercase();
            String::from_utf8_lossy(&bytes)
        } else {
            String::from_utf8_lossy(&bytes).to_lowercase().into()
        };
        let odd = odd || text.contains(ELSEWHERE);
        if let Some(((index, _), stamp)) = index {
            index.keep(name, stamp, &text, odd);
        }
        odd || self.texts.iter().any(|wanted| text.contains(wanted.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_a_text_in_other_letters_is_odd() {
        for odd in [
            "a: *b",
            "a: [b, *c]",
            "a: { b: *c }",
            "- &a b",
            "a: !!str b",
            "*a : b",
            "a:\n  *b",
            "a: \"\\x41\"",
            "a: \"b\\\n  c\"",
            "a: \"\\u0041\"",
            "a: \"b\\/c\"",
            "<<: *a",
            "--- *a",
            "? *a",
        ] {
            assert!(is_odd(odd.as_bytes()), "{odd}");
        }
        for plain in [
            "a: b && ! c",
            "a: \"*/5 * * * *\"",
            "a: '*.example'",
            "a: x*y",
            "a: \"b\\n\"",
            "a: ö",
            "a: \\.b",
        ] {
            assert!(!is_odd(plain.as_bytes()), "{plain}");
        }
    }
}
