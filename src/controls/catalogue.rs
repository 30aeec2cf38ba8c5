//! The one list of controls.

use super::{Control, Meta};
use std::sync::LazyLock;

/// Every control. The order is that of the documentation; the result does not depend on it.
pub static ALL: &[&dyn Control] = &[
    &super::least_capabilities::LeastCapabilities,
    &super::no_new_privileges::NoNewPrivileges,
    &super::non_root_user::NonRootUser,
    &super::read_only_root::ReadOnlyRoot,
    &super::tmpfs_flags::TmpfsFlags,
    &super::memory_limit::MemoryLimit,
    &super::cpu_limit::CpuLimit,
    &super::pids_limit::PidsLimit,
    &super::file_handles::FileHandles,
    &super::pinned_image::PinnedImage,
    &super::docker_socket::DockerSocket,
    &super::no_host_namespaces::NoHostNamespaces,
    &super::device_rights::DeviceRights,
    &super::narrow_mounts::NarrowMounts,
    &super::bounded_logs::BoundedLogs,
    &super::healthcheck::Healthcheck,
    &super::restart_policy::RestartPolicy,
    &super::stop_grace::StopGrace,
    &super::secrets_out_of_environment::SecretsOutOfEnvironment,
    &super::secret_file_modes::SecretFileModes,
    &super::file_permissions::FilePermissions,
    &super::internal_networks::InternalNetworks,
    &super::bound_ports::BoundPorts,
    &super::only_proxy_published::OnlyProxyPublished,
    &super::default_deny_firewall::DefaultDenyFirewall,
    &super::admin_ports::AdminPorts,
    &super::rate_limits::RateLimits,
    &super::egress_deny_list::EgressDenyList,
    &super::tls_floor::TlsFloor,
    &super::hsts::Hsts,
    &super::security_headers::SecurityHeaders,
    &super::api_response_headers::ApiResponseHeaders,
    &super::hidden_headers::HiddenHeaders,
    &super::admin_allow_list::AdminAllowList,
    &super::source_allow_list::SourceAllowList,
    &super::proxy_authentication::ProxyAuthentication,
    &super::client_certificates::ClientCertificates,
    &super::blocked_paths::BlockedPaths,
    &super::allowed_methods::AllowedMethods,
    &super::body_limits::BodyLimits,
    &super::forwarded_headers::ForwardedHeaders,
    &super::cross_site_writes::CrossSiteWrites,
    &super::access_logs::AccessLogs,
    &super::cookie_flags::CookieFlags,
    &super::cors::Cors,
];

/// The control of an id.
pub fn find(id: &str) -> Option<&'static dyn Control> {
    ALL.iter().copied().find(|control| control.meta().id == id)
}

/// What is known of every control, for those who do not carry them out.
pub fn known() -> crate::stack::Catalogue {
    static METAS: LazyLock<Vec<&'static Meta>> = LazyLock::new(|| ALL.iter().map(|control| control.meta()).collect());
    crate::stack::Catalogue(&METAS)
}
