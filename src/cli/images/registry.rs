//! What registries say, asked by the tools that the user has and is logged in with: `skopeo`, else `docker buildx imagetools`.

use crate::values::{Digest, ImageRef};
use std::io::ErrorKind;
use std::process::{Command, Stdio};

/// Seconds that one answer may take.
const PATIENCE: &str = "60s";
/// Most characters of a tool's complaint that are told.
const MOST_SAID: usize = 300;

/// A tool that asks registries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// Knows digests and tags.
    Skopeo,
    /// Knows digests.
    Docker,
}

impl Tool {
    /// The best there is.
    pub fn find() -> Option<Self> {
        let runs = |name: &str, arguments: &[&str]| {
            let quiet = || Stdio::null();
            let done = Command::new(name).args(arguments).stdin(quiet()).stdout(quiet()).stderr(quiet()).status();
            done.is_ok_and(|status| status.success())
        };
        let docker = || runs("docker", &["buildx", "version"]).then_some(Self::Docker);
        runs("skopeo", &["--version"]).then_some(Self::Skopeo).or_else(docker)
    }

    /// Whether it knows which tags there are.
    pub fn knows_tags(self) -> bool {
        self == Self::Skopeo
    }

    /// The digest that a tag leads to: that of the list, where there is an image for each platform.
    ///
    /// # Errors
    /// What the tool said.
    pub fn digest(self, image: &ImageRef) -> Result<Digest, String> {
        let name = ImageRef { digest: None, ..image.clone() }.to_string();
        let text = match self {
            Self::Skopeo => {
                let place = format!("docker://{name}");
                let format = "{{.Digest}}";
                said("skopeo", &["--command-timeout", PATIENCE, "inspect", "--no-tags", "--format", format, &place])?
            }
            Self::Docker => {
                let format = "{{.Manifest.Digest}}";
                said("docker", &["buildx", "imagetools", "inspect", "--format", format, &name])?
            }
        };
        text.trim().parse().map_err(|_| "it answered with something else than a digest".to_owned())
    }

    /// Every tag of a repository.
    ///
    /// # Errors
    /// What the tool said.
    pub fn tags(self, image: &ImageRef) -> Result<Vec<String>, String> {
        #[derive(serde::Deserialize)]
        struct Answer {
            #[serde(rename = "Tags")]
            tags: Vec<String>,
        }
        if !self.knows_tags() {
            return Ok(Vec::new());
        }
        let place = format!("docker://{}", image.repository);
        let text = said("skopeo", &["--command-timeout", PATIENCE, "list-tags", &place])?;
        let answer: Answer =
            serde_json::from_str(&text).map_err(|_| "it answered with something else than tags".to_owned())?;
        Ok(answer.tags)
    }
}

fn said(program: &str, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    let output = output.map_err(|error| match error.kind() {
        ErrorKind::NotFound => format!("there is no `{program}`"),
        _ => format!("`{program}` cannot be run: {error}"),
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it failed without a word");
    // What its log puts around the reason.
    let reason = last.split_once("msg=").map_or(last, |(_, reason)| reason).trim_matches('"');
    Err(reason.chars().take(MOST_SAID).collect())
}
