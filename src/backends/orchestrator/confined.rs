//! What confines a container in the same words in most services: a YAML anchor for all of them where it is in all of them.

use super::compose::Set;
use super::service::ServiceView;
use crate::format::system::Restart;
use crate::stack::{Enforced, Hardening};
use serde::Serialize;

/// Hardening without anything of the application in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Confined<'a> {
    /// Images are pulled once, as every run does unless told otherwise.
    pull_once: bool,
    /// Root file system is read-only.
    read_only: Option<Set<'a, ()>>,
    /// All capabilities are dropped.
    drop_all: Option<Set<'a, ()>>,
    /// `no-new-privileges`.
    no_new_privileges: Option<Set<'a, ()>>,
    /// Own IPC and cgroup namespaces.
    namespaces: Option<Set<'a, ()>>,
    /// Restart policy.
    restart: Option<Set<'a, &'static str>>,
}

impl<'a> Confined<'a> {
    pub(super) fn of(hardening: &'a Hardening) -> Self {
        let set = |rule: &'a Enforced<()>| rule.get().map(|()| Set::new((), rule.why()));
        Self {
            pull_once: true,
            read_only: set(&hardening.read_only),
            drop_all: hardening.capabilities.get().map(|_| Set::new((), hardening.capabilities.why())),
            no_new_privileges: set(&hardening.no_new_privileges),
            namespaces: set(&hardening.namespaces),
            restart: hardening.restart.get().map(|policy| Set::new(restart(*policy), hardening.restart.why())),
        }
    }

    /// What all services have, where there are several and that is worth a name.
    pub(super) fn shared(services: &[ServiceView<'a>]) -> Option<Self> {
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
