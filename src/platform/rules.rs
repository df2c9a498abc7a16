//! `rules` of platform.yaml: which severity the findings of a code have, and where.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor, value};

use super::RuleLevel;
use crate::diagnostic::{Level, Setting, Severity};

/// The severities of one code: one for all, or a map that says where it has which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleLevels {
    /// Where nothing below fits; nothing for the one that the code has of its own.
    pub default: Option<RuleLevel>,
    /// By environment.
    pub environments: BTreeMap<Box<str>, RuleLevel>,
    /// By the state of life of the API.
    pub lifecycles: BTreeMap<Box<str>, RuleLevel>,
}

impl From<RuleLevel> for Setting {
    fn from(level: RuleLevel) -> Self {
        match level {
            RuleLevel::Error => Self::At(Severity::Error),
            RuleLevel::Warning => Self::At(Severity::Warning),
            RuleLevel::Info => Self::At(Severity::Info),
            RuleLevel::Ignore => Self::Off,
        }
    }
}

impl From<&RuleLevels> for Level {
    fn from(levels: &RuleLevels) -> Self {
        let settings = |levels: &BTreeMap<Box<str>, RuleLevel>| {
            levels.iter().map(|(name, level)| (name.clone(), (*level).into())).collect()
        };
        Self {
            default: levels.default.map(Setting::from),
            environments: settings(&levels.environments),
            lifecycles: settings(&levels.lifecycles),
        }
    }
}

impl<'de> Deserialize<'de> for RuleLevels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Long {
            default: Option<RuleLevel>,
            #[serde(default)]
            environments: BTreeMap<Box<str>, RuleLevel>,
            #[serde(default)]
            lifecycles: BTreeMap<Box<str>, RuleLevel>,
        }

        struct ShortOrLong;
        impl<'de> Visitor<'de> for ShortOrLong {
            type Value = RuleLevels;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a severity, or a map with `default`, `environments` or `lifecycles`")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<RuleLevels, E> {
                let level = RuleLevel::deserialize(value::StrDeserializer::new(text))?;
                let (environments, lifecycles) = (BTreeMap::new(), BTreeMap::new());
                Ok(RuleLevels { default: Some(level), environments, lifecycles })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RuleLevels, A::Error> {
                let Long { default, environments, lifecycles } =
                    Long::deserialize(value::MapAccessDeserializer::new(map))?;
                Ok(RuleLevels { default, environments, lifecycles })
            }
        }
        deserializer.deserialize_any(ShortOrLong)
    }
}
