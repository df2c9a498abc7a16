//! `--select` and `--ignore`: which findings are shown and count.

use std::collections::BTreeSet;

use clap::Args;

use crate::diagnostic::{Code, WaivedBy, nearest};
use crate::exceptions::Pattern;
use crate::outcome::Failure;
use crate::policy::RULES;

/// Which findings are shown and count
#[derive(Debug, Args)]
pub(super) struct SelectArgs {
    /// Only findings of these codes, and what cannot be read: CODE or a pattern (`image-*`); several by a comma or
    /// another --select
    #[arg(long, value_name = "CODE", value_delimiter = ',', env = "ONRAMP_SELECT")]
    select: Vec<String>,
    /// No findings of these codes, in the same form; comes after --select
    #[arg(long, value_name = "CODE", value_delimiter = ',', env = "ONRAMP_IGNORE")]
    ignore: Vec<String>,
}

/// Which codes are shown and count.
#[derive(Debug)]
pub(super) struct Selection {
    /// Nothing for all of them.
    select: Option<BTreeSet<&'static str>>,
    ignore: BTreeSet<&'static str>,
}

impl SelectArgs {
    /// Reads the codes: those of onramp, and the platform's own, which are asked for only where a code is named.
    pub(super) fn read(&self, own: impl FnOnce() -> Vec<&'static Code>) -> Result<Selection, Failure> {
        let named = written(&self.select).chain(written(&self.ignore)).next().is_some();
        let own = if named { own() } else { Vec::new() };
        let mut select = BTreeSet::new();
        for text in written(&self.select) {
            select.extend(codes(text, &own)?.into_iter().map(|code| code.name));
        }
        let mut ignore = BTreeSet::new();
        for text in written(&self.ignore) {
            let codes = codes(text, &own)?;
            let ignored = codes.iter().filter(|code| code.waived_by != WaivedBy::Never);
            let before = ignore.len();
            ignore.extend(ignored.map(|code| code.name));
            if ignore.len() == before && codes.iter().all(|code| code.waived_by == WaivedBy::Never) {
                return Err(Failure::usage(format!("nobody can ignore `{text}`"))
                    .hint("what it is about cannot be read or rendered as it is"));
            }
        }
        Ok(Selection { select: (!select.is_empty()).then_some(select), ignore })
    }
}

impl Selection {
    /// Tells whether findings of a code are shown and count. What cannot be read always is.
    pub(super) fn has(&self, code: &Code) -> bool {
        let selected = self.select.as_ref().is_none_or(|select| select.contains(code.name));
        code.waived_by == WaivedBy::Never || (selected && !self.ignore.contains(code.name))
    }

    /// Tells whether all findings are shown and count.
    pub(super) fn is_all(&self) -> bool {
        self.select.is_none() && self.ignore.is_empty()
    }
}

/// A variable that is set to nothing says nothing.
fn written(texts: &[String]) -> impl Iterator<Item = &str> {
    texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty())
}

/// Finds the codes that a text stands for.
fn codes(text: &str, own: &[&'static Code]) -> Result<Vec<&'static Code>, Failure> {
    let all = || RULES.iter().map(|rule| rule.code).chain(own.iter().copied());
    let pattern =
        Pattern::new(text).map_err(|why| Failure::usage(format!("`{text}` is not a pattern: {why}")))?;
    if pattern.is_name() {
        return all().find(|code| code.name == text).map(|code| vec![code]).ok_or_else(|| {
            let near = nearest(text, all().map(|code| code.name));
            Failure::usage(format!("no rule is called `{text}`")).hint(near.map_or_else(
                || "`onramp explain` lists the rules".to_owned(),
                |near| format!("did you mean `{near}`?"),
            ))
        });
    }
    let codes: Vec<&Code> = all().filter(|code| pattern.fits(code.name)).collect();
    if codes.is_empty() {
        return Err(Failure::usage(format!("no rule fits `{text}`")).hint("`onramp explain` lists the rules"));
    }
    Ok(codes)
}
