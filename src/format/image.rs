//! What is known of the images of one kind: a file of `src/images/builtin/`.

use super::system::{CapabilityNeed, Healthcheck, Limits, Process, Stop, Tmpfs};
use crate::text::Spanned;
use crate::values::{ContainerPath, EnvName, Line, Mode, Port, Protocol, User};
use schemars::JsonSchema;
use serde::Deserialize;

/// What is known of a family of images: those that are built and start in the same way.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Stockade image facts")]
pub struct Family {
    /// Version of the format; always 1.
    pub format: Spanned<u32>,
    /// Its name, which is that of the file.
    pub name: Line,
    /// Its name for people.
    pub title: Line,
    /// Repositories without the registry and without `library/`; one that ends with `/` stands for all below it.
    pub images: Vec<Line>,
    /// Words of a tag that mark images of another kind, of which nothing is said here.
    #[serde(default)]
    pub unless: Vec<Line>,
    /// Words of a tag of which one must be there; none are needed where none are named.
    #[serde(default)]
    pub only: Vec<Line>,
    /// What stands before the version in a tag, where the version is not what it begins with: `pg` of `pg17`.
    pub version_after: Option<Line>,
    /// Where the facts come from.
    pub sources: Vec<Source>,
    /// What holds for every image of it.
    pub facts: Facts,
    /// What holds for some of them; a later case replaces what an earlier one says.
    #[serde(default)]
    pub cases: Vec<Case>,
}

/// Where facts come from.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// A public repository, `OWNER/NAME`, or the address of a page.
    pub repository: Line,
    /// The file in it.
    pub path: Option<Line>,
    /// The commit at which it was read.
    pub commit: Option<Line>,
    /// Whether it was only read, or the image's program was run as it says.
    pub seen: Seen,
}

/// What a service has from what is known of its image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FromImage {
    /// The family.
    pub family: String,
    /// Keys of the service, such as `user` or `limits.memory`.
    pub keys: Vec<String>,
}

/// How a fact was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Seen {
    /// Read.
    Read,
    /// Run.
    Run,
}

/// What holds for some images of a family.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// A word that the tag holds.
    pub tag: Option<Line>,
    /// The first version.
    pub from: Option<Line>,
    /// The first version for which it no longer holds.
    pub before: Option<Line>,
    /// What holds then, instead of what is said above.
    pub facts: Facts,
}

/// What is known.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Facts {
    /// What its entry point does before the program runs.
    pub starts: Option<Line>,
    /// What a service of it needs, in the words of a system file; it counts where the service says nothing of it.
    pub service: Needs,
    /// Why it runs as no other user.
    pub only_user: Option<Line>,
    /// Where it keeps what must survive.
    pub data: Vec<Data>,
    /// What it must be able to write to start at all.
    pub writes: Vec<Written>,
    /// Mounts that are wrong for it.
    pub moved: Vec<Moved>,
    /// Variables that it also reads from the file that `NAME_FILE` names.
    pub file_variables: Vec<EnvName>,
    /// Variables of which it wants one at its first start.
    pub wants: Vec<Wanted>,
    /// Variables that it does not start with.
    pub refuses: Vec<Refused>,
    /// Ports it listens on.
    pub ports: Vec<Listens>,
    /// Whether other ports are a mistake: it listens on these whatever its configuration says.
    pub only_ports: bool,
    /// Programs that it does not have, and that health checks often name.
    pub lacks: Vec<Line>,
    /// What goes wrong easily.
    pub traps: Vec<Line>,
    /// What it does when a newer version finds older data.
    pub updates: Option<Line>,
}

/// What a service needs, in the words of a system file.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Needs {
    /// What the image starts.
    pub process: Option<Process>,
    /// The user it runs as.
    pub user: Option<User>,
    /// Why that is root.
    pub root_user: Option<Line>,
    /// Capabilities it cannot do without.
    pub capabilities: Vec<CapabilityNeed>,
    /// Why its root file system must be writable.
    pub writable_root: Option<Line>,
    /// Scratch space.
    pub tmpfs: Vec<Tmpfs>,
    /// How to tell that it works.
    pub healthcheck: Option<Healthcheck>,
    /// Why there is no health check.
    pub no_healthcheck: Option<Line>,
    /// Limits for a small installation.
    pub limits: Option<Limits>,
    /// How it stops.
    pub stop: Option<Stop>,
}

/// A place that keeps what must survive.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// Where.
    pub path: ContainerPath,
    /// What is there.
    pub purpose: Line,
    /// Whose it must be.
    pub owner: User,
    /// Its permission bits.
    pub mode: Mode,
}

/// A place that must be writable.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// Where.
    pub path: ContainerPath,
    /// What is written there.
    pub reason: Line,
}

/// A mount that is wrong.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Moved {
    /// Where something is mounted.
    pub path: ContainerPath,
    /// What goes wrong.
    pub reason: Line,
    /// Where it belongs.
    pub instead: ContainerPath,
    /// The variable with which other places are chosen: with it nothing is wrong.
    pub unless: Option<EnvName>,
}

/// Variables of which one is wanted.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Their names; the first is the one to set.
    pub one_of: Vec<EnvName>,
    /// What happens without.
    pub reason: Line,
}

/// A variable that stops it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// Its name.
    pub variable: EnvName,
    /// What happens.
    pub reason: Line,
    /// What to do.
    pub instead: Line,
}

/// A port it listens on.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Listens {
    /// Its number.
    pub number: Port,
    /// Transport.
    pub protocol: Protocol,
    /// What for.
    pub purpose: Line,
}
