//! An authority that exists, and what it signs from now on: clients that trust it need not be asked again.

use rcgen::{CertificateParams, Issuer, KeyIdMethod, KeyPair, PKCS_ECDSA_P256_SHA256};
use time::UtcDateTime;
use zeroize::Zeroizing;

use super::issue::serial;
use super::parsed::Parsed;
use super::renewal::due;
use super::{CertError, CertRequest, Distrust, Names, authority, key, leaf};
use crate::secrets::{Entropy, Secret};

/// An authority with its key.
pub struct Authority {
    pub(super) parsed: Parsed,
    pem: String,
    key: Zeroizing<KeyPair>,
}

/// A certificate and its key, both PEM.
#[derive(Debug)]
pub struct Pair {
    /// The certificate, then its authority's.
    pub chain: String,
    /// The key.
    pub key: Secret,
}

impl Authority {
    /// Reads one.
    ///
    /// # Errors
    /// The certificate is none of an authority, or the key is not its own.
    pub fn open(pem: &str, secret: &Secret) -> Result<Self, Distrust> {
        let parsed = Parsed::first(pem).ok().filter(|it| it.authority.is_some()).ok_or(Distrust::NoAuthority)?;
        let key = key::open(secret).map_err(|_| Distrust::KeyMismatch)?;
        if key.public_key_raw() != parsed.public_key {
            return Err(Distrust::KeyMismatch);
        }
        Ok(Self { parsed, pem: pem.to_owned(), key })
    }

    /// Its certificate.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Makes a server certificate with a key of its own. It ends with the authority at the latest.
    ///
    /// # Errors
    /// The library refused, the entropy source failed, or the authority is not one that Stockade made.
    pub fn issue(&self, request: CertRequest, entropy: &mut dyn Entropy) -> Result<Pair, CertError> {
        let request = request.within(self.parsed.not_after);
        self.sign(leaf::params(&request, serial(entropy)?)?)
    }

    fn common_name(&self) -> &str {
        self.parsed.subject.strip_prefix("CN=").unwrap_or_default()
    }

    pub(super) fn sign(&self, params: CertificateParams) -> Result<Pair, CertError> {
        let mut own = authority::named(self.common_name());
        if let Some(id) = &self.parsed.key_id {
            own.key_identifier_method = KeyIdMethod::PreSpecified(id.clone());
        }
        let key = Zeroizing::new(KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?);
        let cert = params.signed_by(&*key, &Issuer::from_params(&own, &*self.key))?.pem();
        // A client finds the issuer by the bytes of its name.
        if Parsed::first(&cert)?.issuer_der != self.parsed.subject_der {
            return Err(CertError::ForeignAuthority(self.parsed.subject.clone()));
        }
        Ok(Pair { chain: format!("{cert}{}", self.pem), key: Secret::new(key.serialize_pem()) })
    }

    /// The same authority, name and key, for another ten years: who trusts the present certificate goes on trusting what
    /// it signs until that one ends.
    ///
    /// # Errors
    /// As [`issue`](Self::issue).
    pub fn prolong(self, request: &CertRequest, entropy: &mut dyn Entropy) -> Result<Self, CertError> {
        let mut params = authority::params(request, serial(entropy)?);
        params.distinguished_name = authority::named(self.common_name()).distinguished_name;
        let pem = params.self_signed(&*self.key)?.pem();
        let parsed = Parsed::first(&pem)?;
        if parsed.subject_der != self.parsed.subject_der {
            return Err(CertError::ForeignAuthority(self.parsed.subject));
        }
        Ok(Self { parsed, pem, key: self.key })
    }
}

/// Whether an authority may sign for all of these names.
#[must_use]
pub fn permits(authority_pem: &str, names: &Names) -> bool {
    let Ok(parsed) = Parsed::first(authority_pem) else { return false };
    let permitted: Vec<&str> = parsed.permitted.iter().filter_map(|name| name.strip_prefix("DNS ")).collect();
    let covers = |base: &str, name: &str| name == base || name.strip_suffix(base).is_some_and(|it| it.ends_with('.'));
    let all_dns = permitted.is_empty() && !parsed.excluded.iter().any(|name| name == "all DNS names");
    let ip = |address: std::net::IpAddr| {
        let bits = if address.is_ipv4() { 32 } else { 128 };
        parsed.permitted.contains(&format!("IP {address}/{bits}"))
    };
    names.dns().all(|name| all_dns || permitted.iter().any(|base| covers(base, name))) && names.ips().all(ip)
}

/// Whether an authority's own certificate is due, or has ended.
#[must_use]
pub fn is_due(authority_pem: &str, now: UtcDateTime) -> bool {
    Parsed::first(authority_pem).is_ok_and(|parsed| now.unix_timestamp() >= due(&parsed))
}
