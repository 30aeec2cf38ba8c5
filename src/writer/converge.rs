//! Three states of one file, what is wanted, what was last written and what is found, and what follows from them.

use crate::artifact::Policy;

/// What is to be done with one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is not there.
    Create,
    /// It holds something else.
    Update {
        /// Somebody has changed it since it was generated.
        edited: bool,
    },
    /// It holds something else, and no earlier run has written it.
    Foreign,
    /// Only its owner or mode differ.
    Access,
    /// It is as it should be.
    Unchanged,
    /// It is written once and then belongs to whoever uses it.
    Kept,
    /// It cannot be told, because this is a clone of a repository, which does not keep it.
    Unjudged,
}

impl Change {
    /// Whether something is to be done.
    pub fn is_one(self) -> bool {
        match self {
            Self::Create | Self::Update { .. } | Self::Foreign | Self::Access => true,
            Self::Unchanged | Self::Kept | Self::Unjudged => false,
        }
    }

    /// Whether somebody's work would be lost, so that somebody must agree first.
    pub fn is_conflict(self) -> bool {
        matches!(self, Self::Foreign | Self::Update { edited: true })
    }
}

/// What is known of the last text that a run has written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// None was, or it was given away for good.
    Never,
    /// Its digest.
    Digest,
    /// That there was one: the record of its digest is lost.
    Something,
}

/// What stands there now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Now {
    Nothing,
    /// What is wanted, whoever wrote it.
    Wanted,
    /// What was last written.
    Written,
    /// What a power cut leaves of a file, and nobody's work.
    Torn,
    Other,
}

/// What follows, for every file whose bytes are ours to choose; owner and mode are compared where this says `Unchanged`.
pub(super) fn settle(wanted: Policy, written: Written, now: Now) -> Change {
    match (now, wanted, written) {
        (Now::Nothing, _, _) => Change::Create,
        (Now::Wanted, Policy::Managed, _) => Change::Unchanged,
        (Now::Wanted | Now::Written | Now::Torn | Now::Other, Policy::Once, _) => Change::Kept,
        (Now::Written | Now::Torn | Now::Other, Policy::Managed, Written::Never) => Change::Foreign,
        (Now::Written | Now::Torn, Policy::Managed, Written::Digest | Written::Something)
        | (Now::Other, Policy::Managed, Written::Something) => Change::Update { edited: false },
        (Now::Other, Policy::Managed, Written::Digest) => Change::Update { edited: true },
    }
}

/// Units in which file systems put bytes on disk, or multiples of them.
const SECTOR: usize = 512;

/// Whether bytes are what a power cut leaves of a file whose bytes nobody waited for: none, NUL at the end, or the first
/// sectors of what is wanted. Who shortens a text by hand hits the end of a sector once in 512 times, and has nothing in it then that
/// is not written again.
pub(super) fn is_torn(found: &[u8], wanted: &[u8]) -> bool {
    let is_cut = |found: &[u8]| found.len().is_multiple_of(SECTOR) && wanted.starts_with(found);
    found.is_empty() || found.ends_with(&[0]) || is_cut(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table() {
        use Change::{Create, Foreign, Kept, Unchanged};
        use Policy::{Managed, Once};
        const OURS: Change = Change::Update { edited: false };
        const EDITED: Change = Change::Update { edited: true };
        let rows = [
            (Managed, Written::Never, [Create, Unchanged, Foreign, Foreign, Foreign]),
            (Managed, Written::Digest, [Create, Unchanged, OURS, OURS, EDITED]),
            (Managed, Written::Something, [Create, Unchanged, OURS, OURS, OURS]),
            (Once, Written::Never, [Create, Kept, Kept, Kept, Kept]),
            (Once, Written::Digest, [Create, Kept, Kept, Kept, Kept]),
            (Once, Written::Something, [Create, Kept, Kept, Kept, Kept]),
        ];
        for (wanted, written, expected) in rows {
            let states = [Now::Nothing, Now::Wanted, Now::Written, Now::Torn, Now::Other];
            for (now, expected) in states.into_iter().zip(expected) {
                assert_eq!(settle(wanted, written, now), expected, "{wanted:?} {written:?} {now:?}");
            }
        }
    }

    #[test]
    fn only_somebodys_work_is_a_conflict() {
        for (change, conflict) in [
            (Change::Create, false),
            (Change::Update { edited: false }, false),
            (Change::Update { edited: true }, true),
            (Change::Foreign, true),
            (Change::Access, false),
            (Change::Unchanged, false),
            (Change::Kept, false),
        ] {
            assert_eq!(change.is_conflict(), conflict, "{change:?}");
            assert!(change.is_one() || !conflict, "{change:?}");
        }
    }

    #[test]
    fn torn_is_empty_or_ends_in_nul_or_with_a_sector() {
        let line = "0123456789abcde\n";
        let wanted = line.repeat(100).into_bytes();
        let mut cut = wanted.clone();
        cut.insert(0, b'x');
        for (found, torn) in [
            (&b""[..], true),
            (b"\0\0\0", true),
            (b"ours\0\0", true),
            (&cut[..1024], true),
            // By hand: whole lines taken away, the last newline, another beginning, bytes in the middle.
            (&cut[..1025], false),
            (&cut[..1000], false),
            (&wanted[..1024], false),
            (b"\0a", false),
            (b"\n", false),
        ] {
            assert_eq!(is_torn(found, &cut), torn, "{} bytes", found.len());
        }
        assert!(!is_torn(&cut[..1024], &wanted));
        assert!(is_torn(&wanted[..1024], &wanted), "a sector may end with a line");
    }
}
