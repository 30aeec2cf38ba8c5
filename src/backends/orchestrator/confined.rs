//! What confines a container in the same words in most services: a YAML anchor for all of them where it is in all of them.

use super::service::ServiceView;
use crate::format::system::Restart;
use crate::stack::{Because, Hardening};
use serde::Serialize;

/// Hardening without anything of the application in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Confined {
    /// Images are pulled once, as every run does unless told otherwise.
    pull_once: bool,
    /// Root file system is read-only.
    read_only: Option<Because<()>>,
    /// All capabilities are dropped.
    drop_all: Option<Because<()>>,
    /// `no-new-privileges`.
    no_new_privileges: Option<Because<()>>,
    /// Own IPC and cgroup namespaces.
    namespaces: Option<Because<()>>,
    /// Restart policy.
    restart: Option<Because<&'static str>>,
}

impl Confined {
    pub(super) fn of(hardening: &Hardening) -> Self {
        Self {
            pull_once: true,
            read_only: hardening.read_only.because(|()| ()),
            drop_all: hardening.capabilities.because(|()| ()),
            no_new_privileges: hardening.no_new_privileges.because(|()| ()),
            namespaces: hardening.namespaces.because(|()| ()),
            restart: hardening.restart.because(|policy| restart(*policy)),
        }
    }

    /// What all services have, where there are several and that is worth a name.
    pub(super) fn shared(services: &[ServiceView<'_>]) -> Option<Self> {
        let (first, others) = services.split_first()?;
        let mut shared = first.own.clone();
        others.iter().for_each(|service| shared.keep(&service.own));
        (!others.is_empty() && shared.len() > 1).then_some(shared)
    }

    /// Leaves out what another has not, or has otherwise.
    fn keep(&mut self, other: &Self) {
        fn both<T: PartialEq>(one: &mut Option<T>, other: &Option<T>) {
            if one != other {
                *one = None;
            }
        }
        both(&mut self.read_only, &other.read_only);
        both(&mut self.drop_all, &other.drop_all);
        both(&mut self.no_new_privileges, &other.no_new_privileges);
        both(&mut self.namespaces, &other.namespaces);
        both(&mut self.restart, &other.restart);
    }

    fn len(&self) -> usize {
        let Self { pull_once: _, read_only, drop_all, no_new_privileges, namespaces, restart } = self;
        let set = [read_only, drop_all, no_new_privileges, namespaces].iter().filter(|it| it.is_some()).count();
        set + usize::from(restart.is_some())
    }

    /// Leaves out what is said for all services.
    pub(super) fn leave_to(&mut self, common: &Self) {
        fn unless<T>(one: &mut Option<T>, common: &Option<T>) {
            if common.is_some() {
                *one = None;
            }
        }
        self.pull_once = false;
        unless(&mut self.read_only, &common.read_only);
        unless(&mut self.drop_all, &common.drop_all);
        unless(&mut self.no_new_privileges, &common.no_new_privileges);
        unless(&mut self.namespaces, &common.namespaces);
        unless(&mut self.restart, &common.restart);
    }
}

fn restart(restart: Restart) -> &'static str {
    match restart {
        Restart::UnlessStopped => "unless-stopped",
        Restart::OnFailure => "on-failure:5",
        Restart::No => "no",
    }
}
