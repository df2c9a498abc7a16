//! How many pods run, and how they are replaced.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::container::Verbatim;
use super::unions::IntOrString;
use crate::ordered::Ordered;

/// A range of pods.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Autoscaling {
    /// Least number of pods.
    pub min: u32,
    /// Greatest number of pods.
    pub max: u32,
    /// Target CPU use in percent of the request.
    pub cpu: Option<u32>,
    /// Target memory use in percent of the request.
    pub memory: Option<u32>,
    /// Labels of the autoscaler alone.
    #[serde(default)]
    pub labels: Ordered<String>,
    /// Annotations of the autoscaler.
    #[serde(default)]
    pub annotations: Ordered<String>,
    /// Further metrics, in Kubernetes' own words.
    #[serde(default)]
    pub metrics: Vec<Verbatim>,
    /// How fast, in Kubernetes' own words.
    pub behavior: Option<Behavior>,
}

/// How fast an autoscaler moves.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Behavior {
    /// Upwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale_up: Option<ScalingRules>,
    /// Downwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale_down: Option<ScalingRules>,
}

/// One direction of an autoscaler.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ScalingRules {
    /// Seconds of past recommendations that are looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stabilization_window_seconds: Option<u32>,
    /// Which of several policies holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub select_policy: Option<String>,
    /// Steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policies: Option<Vec<ScalingPolicy>>,
}

/// One step of an autoscaler.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ScalingPolicy {
    /// `Pods` or `Percent`.
    #[serde(rename = "type")]
    pub kind: String,
    /// How many.
    pub value: u32,
    /// In how many seconds.
    pub period_seconds: u32,
}

/// How pods are replaced.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Strategy {
    /// Which way.
    #[serde(rename = "type")]
    pub kind: StrategyType,
    /// Pods above the wanted number while rolling.
    pub max_surge: Option<IntOrString>,
    /// Pods that may be missing while rolling.
    pub max_unavailable: Option<IntOrString>,
    /// Of a canary: how its share grows.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// Of blue and green: whether the new pods get the requests without a person's word.
    pub auto_promote: Option<bool>,
    /// Of blue and green: how long the new pods are looked at before that, such as `10m`.
    pub promote_after: Option<Duration>,
    /// How long the old pods stay after the switch, such as `10m`.
    pub keep_old: Option<Duration>,
}

/// One step of a canary.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Share of the new pods in percent.
    pub weight: u32,
    /// How long to wait then: a duration, or `manual` until somebody promotes it.
    pub pause: Option<Pause>,
}

/// How long to wait after a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pause {
    /// Until somebody promotes it.
    Manual,
    /// For a time.
    For(Duration),
}

/// A time such as `90s`, `10m` or `2h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duration {
    /// Seconds.
    pub seconds: u32,
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        duration(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is no duration")))
    }
}

impl<'de> Deserialize<'de> for Pause {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "manual" {
            return Ok(Pause::Manual);
        }
        let time = duration(&text).map(Pause::For);
        time.ok_or_else(|| D::Error::custom(format!("`{text}` is neither a duration nor `manual`")))
    }
}

/// Reads a number with one of the units `s`, `m` and `h`.
fn duration(text: &str) -> Option<Duration> {
    let number: u32 = text.get(..text.len().checked_sub(1)?)?.parse().ok()?;
    let unit = match text.as_bytes().last()? {
        b's' => 1,
        b'm' => 60,
        b'h' => 3600,
        _ => return None,
    };
    number.checked_mul(unit).map(|seconds| Duration { seconds })
}

/// The ways of replacing pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StrategyType {
    /// A few at a time.
    Rolling,
    /// All old ones first.
    Recreate,
    /// New ones beside the old ones, and then a switch.
    BlueGreen,
    /// New ones with a growing share of the requests.
    Canary,
}

impl StrategyType {
    /// Tells whether a controller of its own replaces the pods.
    pub fn is_progressive(self) -> bool {
        matches!(self, StrategyType::BlueGreen | StrategyType::Canary)
    }
}
