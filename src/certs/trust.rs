//! Whether an authority's files belong to the certificate that they are said to vouch for.

use std::fmt;

use super::key::public_half;
use super::parsed::Parsed;
use crate::secrets::Secret;

/// What is wrong with an authority's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distrust {
    /// The certificate is none, or none of an authority.
    NoAuthority,
    /// It did not sign the server's certificate.
    Stranger,
    /// The key is not its own, or cannot be read.
    KeyMismatch,
}

impl fmt::Display for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoAuthority => "it is no certificate of an authority",
            Self::Stranger => "it is not the authority of the server's certificate",
            Self::KeyMismatch => "it is not the key of the authority",
        })
    }
}

/// Whether an authority vouches for the first certificate of `server_pem`; where that text holds authorities, it must be one
/// of them.
#[must_use]
pub fn distrust(authority_pem: &str, server_pem: &str) -> Option<Distrust> {
    let Some(authority) = Parsed::first(authority_pem).ok().filter(|parsed| parsed.authority.is_some()) else {
        return Some(Distrust::NoAuthority);
    };
    let chain = Parsed::chain(server_pem).unwrap_or_default();
    let (leaf, above) = chain.split_first()?;
    let same = |other: &Parsed| other.public_key == authority.public_key;
    let issued = above.is_empty() || above.iter().any(same);
    let named = above.len() > 1 || leaf.issuer_der == authority.subject_der;
    (!issued || !named).then_some(Distrust::Stranger)
}

/// Whether a key is an authority's.
#[must_use]
pub fn distrust_key(authority_pem: &str, key_pem: &Secret) -> Option<Distrust> {
    let authority = Parsed::first(authority_pem).ok()?;
    (public_half(key_pem).ok() != Some(authority.public_key)).then_some(Distrust::KeyMismatch)
}

/// The authority's certificate behind the server's, as text; nothing where there is none.
#[must_use]
pub fn authority_behind(server_pem: &str) -> Option<&str> {
    let (at, _) = server_pem.match_indices("-----BEGIN CERTIFICATE-----").nth(1)?;
    let rest = &server_pem[at..];
    Parsed::chain(rest).is_ok_and(|chain| chain.len() == 1 && chain[0].authority.is_some()).then_some(rest)
}
