//! What a container sees of itself: its name, and the settings of its own kernel namespaces.

use super::{Invalid, textual};
use std::{fmt, str::FromStr};

/// The name a container has inside (RFC 1123; at most 63 characters fit in `hostname(7)` everywhere).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InsideName(String);

impl FromStr for InsideName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let label =
            |part: &str| !part.is_empty() && part.bytes().all(inner) && !part.starts_with('-') && !part.ends_with('-');
        if text.len() <= 63 && text.split('.').all(label) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("this is no name of a host").help(
                "write lower-case letters, digits, `-` and dots between them, at most 63 characters, such as `broker-1`",
            ))
        }
    }
}

impl fmt::Display for InsideName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

textual!(
    InsideName,
    "InsideName",
    "the name of a host",
    Some("^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$"),
    ["broker-1"]
);

/// A setting of the kernel that each container has for itself (namespaces(7)); all others are the host's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sysctl(String);

/// System V IPC, as sysctl(5) spells what lies in the namespace.
const IPC: [&str; 8] = [
    "kernel.msgmax",
    "kernel.msgmnb",
    "kernel.msgmni",
    "kernel.sem",
    "kernel.shmall",
    "kernel.shmmax",
    "kernel.shmmni",
    "kernel.shm_rmid_forced",
];

impl Sysctl {
    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Sysctl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let plain =
            |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        if text.len() > 120 || !text.contains('.') || !text.split('.').all(plain) {
            return Err(Invalid::new("this is no setting of the kernel")
                .help("write its name with dots, such as `net.core.somaxconn`"));
        }
        let own = text.starts_with("net.") || text.starts_with("fs.mqueue.") || IPC.contains(&text);
        if !own {
            return Err(Invalid::new(format!("`{text}` is a setting of the whole host, not of one container"))
                .help("set it on the host, in a file below `/etc/sysctl.d`; a container has its own `net.*`, `fs.mqueue.*`, and `kernel.shm*`, `kernel.msg*` and `kernel.sem`"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Sysctl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

textual!(
    Sysctl,
    "Sysctl",
    "a setting of the kernel that each container has for itself",
    Some(
        "^(net(\\.[A-Za-z0-9_-]+)+|fs\\.mqueue(\\.[A-Za-z0-9_-]+)+|kernel\\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced))$"
    ),
    ["net.core.somaxconn"]
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_hosts_is_refused() {
        for own in ["net.ipv4.ip_forward", "net.ipv6.conf.all.disable_ipv6", "kernel.shmmax", "fs.mqueue.msg_max"] {
            assert!(own.parse::<Sysctl>().is_ok(), "{own}");
        }
        for host in
            ["vm.max_map_count", "kernel.panic", "kernel.shm", "fs.file-max", "net", "net.", "net.a b", "net.a=1"]
        {
            assert!(host.parse::<Sysctl>().is_err(), "{host}");
        }
    }

    #[test]
    fn a_name_inside_is_one_that_resolvers_take() {
        for good in ["broker-1", "mail.example.org", "a"] {
            assert!(good.parse::<InsideName>().is_ok(), "{good}");
        }
        let long = "a".repeat(64);
        for bad in ["", "-a", "a-", "a..b", "a.", "A", "a_b", "a b", &long] {
            assert!(bad.parse::<InsideName>().is_err(), "{bad}");
        }
    }
}
