//! Mozilla's server side TLS guidelines 5.7 in each server's words. The key exchange groups are named in both policies; the
//! suites of TLS 1.3 are all good and cannot be chosen in two of the servers.

use crate::stack::Because;
use crate::stack::edge::Tls;
use crate::values::TlsPolicy;
use serde::Serialize;

/// OpenSSL's names; the DHE suites, for servers that have them, come last.
const OPENSSL: &[&str] = &[
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
    "DHE-RSA-AES128-GCM-SHA256",
    "DHE-RSA-AES256-GCM-SHA384",
    "DHE-RSA-CHACHA20-POLY1305",
];

/// IANA's names; Go has no DHE.
const IANA: &[&str] = &[
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
];

/// Protocol versions, suites and groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// Whether TLS 1.2 is refused.
    pub modern: bool,
    /// Suites of TLS 1.2, best first; empty where there is no TLS 1.2.
    pub ciphers: Vec<&'static str>,
    /// The same as one word with colons.
    pub cipher_list: String,
}

/// The policy with OpenSSL's names.
pub(super) fn openssl(tls: &Tls) -> Option<Because<Policy>> {
    tls.policy.because(|policy| view(*policy, OPENSSL))
}

/// The policy with IANA's names.
pub(super) fn iana(tls: &Tls) -> Option<Because<Policy>> {
    tls.policy.because(|policy| view(*policy, IANA))
}

fn view(policy: TlsPolicy, suites: &[&'static str]) -> Policy {
    let modern = policy == TlsPolicy::Modern;
    let ciphers = if modern { Vec::new() } else { suites.to_vec() };
    Policy { modern, cipher_list: ciphers.join(":"), ciphers }
}
