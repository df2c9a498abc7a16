//! Two objects compared as a cluster sees them, and the closed list of differences that are intended.

use serde_json::Value as Json;

use super::outcome::Verdict;

/// A place where what is rendered differs from what the branch holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The place in the object, as a JSON pointer (RFC 6901); empty for the object as a whole.
    pub path: String,
    /// What the branch holds there; nothing where nothing is.
    pub before: Option<Json>,
    /// What is rendered there.
    pub after: Option<Json>,
    /// Why it differs.
    pub class: Class,
}

/// Why something differs. The list is closed: what is not on it is unexplained.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// The API version is one that clusters serve.
    ApiVersion,
    /// The server's defaults are made explicit or left out, or a quantity is spelt otherwise.
    Default,
    /// What exports carry, and no file should.
    Noise,
    /// The platform says the namespace, and the branch did not.
    Namespace,
    /// A label of the platform on the object itself.
    PlatformLabel,
    /// The number of pods is left to the autoscaler.
    Replicas,
    /// The server would refuse the value as it is written, and there is one thing that it can mean.
    Repaired,
    /// Somebody decided so, in the decisions file.
    Decided,
    /// Nothing says why.
    Unexplained,
}

impl Class {
    /// Returns the name that reports use.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ApiVersion => "api-version",
            Self::Default => "default",
            Self::Noise => "noise",
            Self::Namespace => "namespace",
            Self::PlatformLabel => "platform-label",
            Self::Replicas => "replicas",
            Self::Repaired => "repaired",
            Self::Decided => "decided",
            Self::Unexplained => "unexplained",
        }
    }

    /// Says what the class alone makes of an object.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Unexplained => Verdict::Unexplained,
            _ => Verdict::Intended,
        }
    }

    /// Tells whether a cluster sees such a difference at all.
    pub fn is_seen(&self) -> bool {
        !matches!(self, Self::ApiVersion | Self::Default | Self::Noise)
    }
}

impl Difference {
    /// Tells whether it lies in a pod template.
    pub fn is_of_pods(&self) -> bool {
        ["/spec/template", "/spec/jobTemplate/spec/template"].iter().any(|template| {
            self.path.strip_prefix(template).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }
}
