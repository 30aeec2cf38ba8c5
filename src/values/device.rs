//! Devices of the host: where they are, and what a container may do with one.

use super::{ContainerPath, HostPath, Invalid, pattern, textual};
use std::{fmt, str::FromStr};

/// One device of the host, below `/dev`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DevicePath(HostPath);

impl DevicePath {
    /// The path as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The same path inside a container.
    pub fn in_container(&self) -> Option<ContainerPath> {
        self.as_str().parse().ok()
    }
}

impl FromStr for DevicePath {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let help = "write one device such as `/dev/dri/renderD128`";
        let path: HostPath = text.parse().map_err(|invalid: Invalid| Invalid::new(invalid.reason).help(help))?;
        match text.strip_prefix("/dev/") {
            Some(_) => Ok(Self(path)),
            None => Err(Invalid::new("this is no path below `/dev`").help(help)),
        }
    }
}

impl fmt::Display for DevicePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

textual!(
    DevicePath,
    "DevicePath",
    "a device of the host, below `/dev`",
    Some(pattern::device()),
    ["/dev/dri/renderD128"]
);

/// What a container may do with a device: read, write, make its node anew (`mknod`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceRights {
    read: bool,
    write: bool,
    mknod: bool,
}

/// Reading alone.
impl Default for DeviceRights {
    fn default() -> Self {
        Self { read: true, write: false, mknod: false }
    }
}

impl FromStr for DeviceRights {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let has = |letter: char| text.matches(letter).count() == 1;
        let rights = Self { read: has('r'), write: has('w'), mknod: has('m') };
        match rights.to_string().len() == text.len() && !text.is_empty() {
            true => Ok(rights),
            false => Err(Invalid::new("these are no rights on a device")
                .help("write `r` to read, `rw` to write too; `m` beside them to make its node anew, each letter once")),
        }
    }
}

impl fmt::Display for DeviceRights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters = [(self.read, "r"), (self.write, "w"), (self.mknod, "m")];
        letters.into_iter().filter(|(has, _)| *has).try_for_each(|(_, letter)| f.write_str(letter))
    }
}

textual!(
    DeviceRights,
    "DeviceRights",
    "rights on a device: `r` to read, `w` to write, `m` to make its node anew",
    Some("^(?!.*(.).*\\1)[rwm]{1,3}$"),
    ["r", "rw"]
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_one_path_below_dev() {
        for text in ["/dev", "/dev/", "dev/kvm", "/sys/kvm", "/dev/../etc/shadow", "/dev/a:b", "/devices/a", "/dev/a\n"]
        {
            assert!(text.parse::<DevicePath>().is_err(), "{text:?}");
        }
        assert!("/dev/dri/renderD128".parse::<DevicePath>().is_ok() && "/dev/kvm".parse::<DevicePath>().is_ok());
    }

    #[test]
    fn rights_are_letters_each_once() {
        for text in ["", "x", "rr", "rwx", "rwmr", "R", "r w"] {
            assert!(text.parse::<DeviceRights>().is_err(), "{text:?}");
        }
        for (text, shown) in [("r", "r"), ("wr", "rw"), ("mrw", "rwm"), ("w", "w")] {
            assert_eq!(text.parse::<DeviceRights>().map(|rights| rights.to_string()), Ok(shown.into()));
        }
        assert_eq!(DeviceRights::default().to_string(), "r");
    }
}
