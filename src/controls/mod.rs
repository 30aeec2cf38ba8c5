//! In: a resolved [`Stack`](crate::stack::Stack). Out: a [`Hardened`] one, which only this folder can build.
//!
//! One file holds one control: why it is, what it sets in the stack and, later, how its absence is found in a compose
//! file. [`catalogue::ALL`] lists them all.

pub mod catalogue;
mod control;
mod hardened;
pub mod live;
#[cfg(test)]
pub(crate) mod tests;

mod access_logs;
mod admin_allow_list;
mod admin_ports;
mod allowed_methods;
mod api_response_headers;
mod blocked_paths;
mod body_limits;
mod bound_ports;
mod bounded_logs;
mod client_certificates;
mod cookie_flags;
mod cors;
mod cpu_limit;
mod cross_site_writes;
mod default_deny_firewall;
mod device_rights;
mod docker_socket;
mod egress_deny_list;
mod file_handles;
mod file_permissions;
mod forwarded_headers;
mod healthcheck;
mod hidden_headers;
mod hsts;
mod internal_networks;
mod least_capabilities;
mod memory_limit;
mod narrow_mounts;
mod no_host_namespaces;
mod no_new_privileges;
mod non_root_user;
mod only_proxy_published;
mod pids_limit;
mod pinned_image;
mod proxy_authentication;
mod rate_limits;
mod read_only_root;
mod restart_policy;
mod secret_file_modes;
mod secrets_out_of_environment;
mod security_headers;
mod sites;
mod source_allow_list;
mod stop_grace;
mod tls_floor;
mod tmpfs_flags;
pub use crate::stack::{Id, Meta, Reach};
pub use control::{Control, Surroundings};
pub use hardened::{Hardened, enforce};
