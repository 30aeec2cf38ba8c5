//! Owner and mode of a file, as far as this process may set them.

use crate::stack::Access;
use crate::values::{Mode, User};

/// Who runs this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// Effective user id.
    pub uid: u32,
    /// Effective group id.
    pub gid: u32,
}

/// Owner and mode a file gets, and why these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// The owner to set; `None` leaves the file to whoever creates it.
    pub owner: Option<User>,
    /// Permission bits.
    pub mode: Mode,
    /// Why.
    pub choice: Choice,
}

/// How a container's user gets to read a file that Compose bind-mounts, which keeps the host's owner and mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Choice {
    /// Nobody but the generating user has to.
    Plain,
    /// The file is given to that user, because we are root.
    Given,
    /// The generating user has the same number.
    Same,
    /// Everybody may read it, inside a directory that only the generating user may enter.
    Shared,
}

impl Identity {
    /// Of this process.
    pub fn current() -> Self {
        Self { uid: rustix::process::geteuid().as_raw(), gid: rustix::process::getegid().as_raw() }
    }

    /// Whether owners can be set.
    pub fn is_root(self) -> bool {
        self.uid == 0
    }
}

/// Decides owner and mode of one file or directory.
pub fn settle(access: Access, identity: Identity) -> Settled {
    match access.owner {
        None => Settled { owner: None, mode: access.mode, choice: Choice::Plain },
        Some(owner) if identity.is_root() => Settled { owner: Some(owner), mode: access.mode, choice: Choice::Given },
        Some(owner) if owner.uid == identity.uid => Settled { owner: None, mode: access.mode, choice: Choice::Same },
        Some(_) => Settled { owner: None, mode: access.shared, choice: Choice::Shared },
    }
}

/// Whether a file that has this owner, group and mode needs no other ones.
pub fn fits(access: Access, identity: Identity, (uid, gid, mode): (u32, u32, Mode)) -> bool {
    let settled = settle(access, identity);
    let is = |user: User| (user.uid, user.gid) == (uid, gid);
    (access.owner.is_some_and(is) && mode == access.mode) || (mode == settled.mode && settled.owner.is_none_or(is))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: Access = Access { owner: Some(User { uid: 568, gid: 568 }), mode: Mode(0o400), shared: Mode(0o444) };

    #[test]
    fn the_owner_decides_the_mode() {
        let by = |uid| settle(SECRET, Identity { uid, gid: uid });
        assert_eq!(by(0), Settled { owner: SECRET.owner, mode: Mode(0o400), choice: Choice::Given });
        assert_eq!(by(568), Settled { owner: None, mode: Mode(0o400), choice: Choice::Same });
        assert_eq!(by(1000), Settled { owner: None, mode: Mode(0o444), choice: Choice::Shared });
        assert_eq!(settle(Access::PRIVATE, Identity { uid: 1000, gid: 1000 }).mode, Mode(0o600));
    }
}
