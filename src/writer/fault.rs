//! Where a run may be ended by a failing disk or a kill: the tests end it at each of these in turn.

#[cfg(not(test))]
use rustix::io::Errno;

/// Before a step that changes the bundle.
#[cfg(not(test))]
#[inline]
pub(super) fn point() -> Result<(), Errno> {
    Ok(())
}

#[cfg(test)]
pub(super) use injected::{after, point};

#[cfg(test)]
mod injected {
    use std::cell::Cell;

    use rustix::io::Errno;

    thread_local! {
        static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
    }

    /// So many steps succeed in this thread, and the next one fails once; `None` for all. Returns what was left.
    pub fn after(steps: Option<usize>) -> Option<usize> {
        LEFT.replace(steps)
    }

    pub fn point() -> Result<(), Errno> {
        match LEFT.get() {
            None => Ok(()),
            Some(0) => {
                LEFT.set(None);
                Err(Errno::IO)
            }
            Some(left) => {
                LEFT.set(Some(left - 1));
                Ok(())
            }
        }
    }
}
