//! Who owns and runs things: numeric users and file modes.

use super::{Invalid, pattern, textual};
use std::{fmt, str::FromStr};

/// A numeric user and group, `568:568`; names would be looked up in the image and may change (CIS 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct User {
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
}

impl User {
    /// The superuser, which no generated service is by default.
    pub const ROOT: Self = Self { uid: 0, gid: 0 };
}

impl FromStr for User {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.split_once(':').and_then(|(uid, gid)| Some(Self { uid: id(uid)?, gid: id(gid)? })).ok_or_else(|| {
            Invalid::new("this is no numeric user and group").help("write both numbers such as `568:568`, in quotes")
        })
    }
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.uid, self.gid)
    }
}

textual!(User, "User", "numeric user and group", Some(format!("{0}:{0}", pattern::id())), ["568:568"]);

/// A number of a user or group; the two highest mean nobody and no change.
fn id(text: &str) -> Option<u32> {
    text.parse().ok().filter(|id| *id < u32::MAX - 1 && !text.starts_with('+'))
}

/// A numeric group; names would be looked up in the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gid(pub u32);

impl FromStr for Gid {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        id(text).map(Self).ok_or_else(|| {
            Invalid::new("this is no number of a group").help("`getent group NAME` on the host shows it between colons")
        })
    }
}

impl fmt::Display for Gid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

textual!(Gid, "Gid", "numeric group", Some(pattern::id()), ["104"]);

/// Permission bits of a file or directory, written in octal (`0640`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mode(pub u32);

impl FromStr for Mode {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match u32::from_str_radix(text, 8) {
            Ok(bits) if (3..=4).contains(&text.len()) && bits <= 0o1777 && !text.starts_with('+') => Ok(Self(bits)),
            _ => {
                Err(Invalid::new("this is no file mode").help("write the bits in octal, in quotes, such as `\"0640\"`"))
            }
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04o}", self.0)
    }
}

textual!(Mode, "Mode", "a file mode in octal", Some("^(0?[0-7]{3}|1[0-7]{3})$"), ["0640"]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_and_modes() {
        assert!(
            "568".parse::<User>().is_err() && "root:root".parse::<User>().is_err() && "-1:0".parse::<User>().is_err()
        );
        assert_eq!("568:568".parse::<User>().map(|u| u.to_string()), Ok("568:568".into()));
        assert!("render".parse::<Gid>().is_err() && "+1".parse::<Gid>().is_err() && "-1".parse::<Gid>().is_err());
        assert_eq!("104".parse::<Gid>(), Ok(Gid(104)));
        assert!("9".parse::<Mode>().is_err() && "4755".parse::<Mode>().is_err());
        assert_eq!("640".parse::<Mode>().map(|m| m.to_string()), Ok("0640".into()));
    }
}
