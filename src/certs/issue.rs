//! Issues a development authority and its one server certificate.

use rcgen::{Issuer, KeyPair, PKCS_ECDSA_P256_SHA256, SerialNumber};
use zeroize::Zeroizing;

use super::{CertError, CertRequest, authority, leaf};
use crate::secrets::{Entropy, Secret};

/// Longest common name (RFC 5280 appendix A, `ub-common-name`).
pub(super) const MOST_COMMON_NAME: usize = 64;

/// A development authority and its server certificate, all PEM; keys are ECDSA P-256 in PKCS#8.
#[derive(Debug)]
pub struct Issued {
    /// `ca.crt`: what clients are told to trust.
    pub ca_cert: String,
    /// `ca.key`: needed by no service.
    pub ca_key: Secret,
    /// `server.crt`: the server's certificate alone.
    pub server_cert: String,
    /// `server.key`.
    pub server_key: Secret,
    /// The server's certificate, then the authority's: the order TLS sends them in (RFC 8446 section 4.4.2).
    pub fullchain: String,
}

/// Makes a new authority limited to the request's names, and a server certificate signed by it; both end together.
///
/// # Errors
/// [`CertError::Entropy`], [`CertError::Issuing`].
pub fn issue(request: &CertRequest, entropy: &mut dyn Entropy) -> Result<Issued, CertError> {
    let ca_key = Zeroizing::new(KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?);
    let ca_params = authority::params(request, serial(entropy)?);
    let ca_cert = ca_params.self_signed(&*ca_key)?.pem();

    let server_key = Zeroizing::new(KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?);
    let issuer = Issuer::from_params(&ca_params, &*ca_key);
    let server_cert = leaf::params(request, serial(entropy)?)?.signed_by(&*server_key, &issuer)?.pem();

    Ok(Issued {
        fullchain: format!("{server_cert}{ca_cert}"),
        ca_key: Secret::new(ca_key.serialize_pem()),
        server_key: Secret::new(server_key.serialize_pem()),
        ca_cert,
        server_cert,
    })
}

/// 126 random bits, positive and always 16 bytes long (RFC 5280 section 4.1.2.2).
pub(super) fn serial(entropy: &mut dyn Entropy) -> Result<SerialNumber, CertError> {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes)?;
    bytes[0] = bytes[0] & 0x3f | 0x40;
    Ok(SerialNumber::from_slice(&bytes))
}
