//! How many pods run, and how they are replaced.

use serde::{Deserialize, Serialize};

use super::container::Verbatim;
use super::unions::IntOrString;

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
}

/// The ways of replacing pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StrategyType {
    /// A few at a time.
    Rolling,
    /// All old ones first.
    Recreate,
}
