//! Quantities as the server reads them, with a sign.

use std::cmp::Ordering;

use serde_json::Value as Json;

use super::at::{At, Faults};
use crate::quantity::Quantity;

/// A quantity, exact where it fits into [`Quantity`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Amount {
    negative: bool,
    /// Nothing beyond all sizes.
    size: Option<Quantity>,
}

impl Amount {
    /// Reads a number or a text: `resource.ParseQuantity`. Nothing for what is no quantity.
    pub(super) fn read(json: &Json) -> Option<Self> {
        match json {
            Json::String(text) => Self::parse(text),
            Json::Number(number) => Self::parse(&number.to_string()),
            _ => None,
        }
    }

    /// Reads a text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let digits = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
        let (number, suffix) = unsigned.split_at(digits);
        if number.matches('.').count() > 1 || !number.bytes().any(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let known = matches!(
            suffix,
            "" | "n"
                | "u"
                | "m"
                | "k"
                | "M"
                | "G"
                | "T"
                | "P"
                | "E"
                | "Ki"
                | "Mi"
                | "Gi"
                | "Ti"
                | "Pi"
                | "Ei"
        );
        let exponent = suffix.strip_prefix(['e', 'E']).and_then(|rest| rest.parse::<i32>().ok());
        if !known && exponent.is_none() {
            return None;
        }
        let size = match Quantity::parse(unsigned) {
            None if exponent.is_some_and(|exponent| exponent < 0) => Some(Quantity::ZERO),
            size => size,
        };
        let negative = text.starts_with('-') && size != Some(Quantity::ZERO);
        Some(Self { negative, size })
    }

    /// Tells whether it is below nothing.
    pub(super) fn is_negative(self) -> bool {
        self.negative
    }

    /// Tells whether it is more than nothing.
    pub(super) fn is_positive(self) -> bool {
        !self.negative && self.size != Some(Quantity::ZERO)
    }

    /// Tells whether it is a whole number, after what is less than a thousandth was rounded up.
    pub(super) fn is_whole(self) -> bool {
        self.size.is_none_or(|size| size.in_millis().bytes().all(|byte| byte.is_ascii_digit()))
    }
}

impl PartialOrd for Amount {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Amount {
    fn cmp(&self, other: &Self) -> Ordering {
        let larger = |one: Option<Quantity>, other: Option<Quantity>| match (one, other) {
            (Some(one), Some(other)) => one.cmp(&other),
            (one, other) => other.is_some().cmp(&one.is_some()),
        };
        match (self.negative, other.negative) {
            (false, false) => larger(self.size, other.size),
            (true, true) => larger(other.size, self.size),
            (mine, _) => other.negative.cmp(&mine),
        }
    }
}

/// Refuses what is set and not more than nothing.
pub(super) fn positive<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    if Amount::read(at.json).is_some_and(|amount| !amount.is_positive()) {
        faults.refuse(at, format!("it is {}, and must be more than 0", written(at.json)));
    }
}

/// Refuses what is set and negative.
pub(super) fn not_negative<'a>(at: At<'a, '_>, faults: &mut Faults<'a>) {
    if Amount::read(at.json).is_some_and(Amount::is_negative) {
        faults.refuse(at, format!("it is {}, and cannot be negative", written(at.json)));
    }
}

/// Shows a quantity as it was written.
pub(super) fn written(json: &Json) -> String {
    match json {
        Json::String(text) => super::at::show(text),
        other => format!("`{other}`"),
    }
}
