//! What a reverse proxy can do.

use crate::secrets::Separator;
use crate::values::Rate;
use schemars::JsonSchema;
use serde::Deserialize;

/// What a server can do in its stock image.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Abilities {
    /// Gets certificates by itself (RFC 8555).
    pub acme: bool,
    /// Limits requests per client address.
    pub rate_limits: bool,
    /// The slowest rate it can count, where there is one.
    #[serde(default)]
    pub slowest_rate: Option<Rate>,
    /// Filters requests by a rule set.
    pub waf: bool,
    /// Answers paths by itself, with a text of the system's.
    #[serde(default)]
    pub answers: bool,
    /// Reads a body to its end, in memory, before it passes it on.
    #[serde(default)]
    pub buffers_bodies: bool,
    /// Waits for a request's header no longer than ten seconds, however long its body may take.
    #[serde(default)]
    pub header_timeout: bool,
    /// bcrypt cost of its password file. A server that hashes on every request gets less than one that remembers; the
    /// passwords are random and long, so the cost only guards what a person might choose.
    pub password_cost: u8,
    /// What stands between user and hash in its password file.
    #[serde(default)]
    pub password_separator: Separator,
}

impl Abilities {
    /// Of no server.
    pub const NONE: Self = Self {
        acme: false,
        rate_limits: false,
        slowest_rate: None,
        waf: false,
        answers: false,
        buffers_bodies: false,
        header_timeout: false,
        password_cost: 12,
        password_separator: Separator::Colon,
    };
}
