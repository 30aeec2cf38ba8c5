//! In: what a control or a recommendation claims of a running host. Out: checks as data: what they are about, where they run,
//! what they ask, what they expect. `report.json` carries them, people read the command they stand for, `verify` runs them.

mod ask;
mod expect;
mod print;

pub use ask::{Ask, Client, Limit};
pub use expect::{Attributes, Expect};

use crate::values::{Boundary, Vantage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A claim about a running host that can be shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// Its name: the control or recommendation, what it is about, and more where that has several.
    pub id: String,
    /// What is claimed, as a sentence.
    pub claim: String,
    /// The trust boundary it is about.
    pub boundary: Boundary,
    /// Controls that it shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<String>,
    /// Recommendations of the guide that it speaks of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recommendations: Vec<String>,
    /// What it is about; where that is not there, nothing is proven.
    pub subject: Subject,
    /// Where it is asked.
    #[serde(default, skip_serializing_if = "Vantage::is_host")]
    pub at: Vantage,
    /// What is asked.
    pub ask: Ask,
    /// What shows that it holds.
    pub expect: Expect,
    /// What it cannot do without.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Need>,
    /// Whether asking changes anything; then it is never asked unbidden.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub changes: bool,
    /// The command that asks the same by hand, from inside the bundle.
    pub run: String,
    /// What that command shows when all is well.
    pub shows: String,
}

/// All of a bundle, and what is needed to ask them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verification {
    /// Name of the compose project.
    pub project: String,
    /// The engine's command line: `docker` or `podman`.
    pub engine: String,
    /// The checks, those of one boundary beside each other.
    pub checks: Vec<Check>,
}

/// What a check is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Subject {
    /// All containers of the project.
    Stack,
    /// One container.
    Service {
        /// Its service.
        service: String,
        /// Its name.
        container: String,
    },
    /// A network of the engine.
    Network {
        /// Its name there.
        name: String,
    },
    /// A file or directory.
    File {
        /// Relative to the bundle, or absolute.
        path: String,
    },
    /// The host's firewall.
    Firewall,
    /// A site that the proxy serves.
    Site {
        /// Its name.
        host: String,
        /// The proxy's service.
        proxy: String,
    },
}

impl Subject {
    /// Its name for people.
    pub fn name(&self) -> &str {
        match self {
            Self::Stack => "the stack",
            Self::Service { service, .. } => service,
            Self::Network { name } => name,
            Self::File { path } => path,
            Self::Firewall => "the firewall",
            Self::Site { host, .. } => host,
        }
    }
}

/// What a check cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// The superuser.
    Root,
    /// A way to the internet.
    Network,
    /// More than a moment.
    Time,
}

/// A check before it is known whose it is.
#[derive(Debug, Clone)]
pub struct Claim {
    subject: Subject,
    part: Option<String>,
    text: String,
    ask: Ask,
    expect: Expect,
}

impl Claim {
    /// A claim about a subject.
    pub fn new(subject: Subject, text: impl Into<String>, ask: Ask, expect: Expect) -> Self {
        Self { subject, part: None, text: text.into(), ask, expect }
    }

    /// Which of several about the same subject it is.
    pub fn part(self, part: impl Into<String>) -> Self {
        Self { part: Some(part.into()), ..self }
    }

    /// The check, in the name of what makes the claim.
    pub fn by(self, id: &str, boundary: Boundary, engine: &str) -> Check {
        let Self { subject, part, text, ask, expect } = self;
        let mut name = format!("{id}/{}", word(&subject));
        if let Some(part) = part {
            name.push('/');
            name.push_str(&part);
        }
        Check {
            id: name,
            claim: text,
            boundary,
            controls: Vec::new(),
            recommendations: Vec::new(),
            at: ask.place(),
            needs: ask.needs(),
            changes: false,
            run: print::command(&subject, &ask, engine),
            shows: print::shows(&expect),
            subject,
            ask,
            expect,
        }
    }
}

/// A subject in the name of a check.
fn word(subject: &Subject) -> &str {
    match subject {
        Subject::Stack => "stack",
        Subject::Firewall => "firewall",
        other => other.name(),
    }
}
