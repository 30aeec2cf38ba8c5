//! Judges a certificate and key that the operator brings.

use std::fmt;

use time::UtcDateTime;

use super::key::{KeyFlaw, public_half};
use super::parsed::Parsed;
use super::renewal::{SOON_DAYS, days_left};
use super::{Description, KeyType, Names};
use crate::secrets::Secret;

/// Signatures that clients no longer accept: MD5 and SHA-1, with RSA and ECDSA.
const BROKEN_SIGNATURES: [&str; 3] = ["1.2.840.113549.1.1.4", "1.2.840.113549.1.1.5", "1.2.840.10045.4.1"];

/// A certificate that can be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What it says.
    pub description: Description,
    /// Whole days left.
    pub days_left: i64,
    /// What to see to before long.
    pub warnings: Vec<CertWarning>,
}

/// Something about a usable certificate that will need attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertWarning {
    /// It ends within 30 days.
    ExpiresSoon {
        /// Whole days left.
        days: i64,
    },
}

impl fmt::Display for CertWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ExpiresSoon { days } => write!(f, "the certificate expires in {days} days, renew it in time"),
        }
    }
}

/// Why a certificate and key cannot be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertProblem {
    /// The certificate file holds no certificate, or a broken one.
    CertificateUnreadable(String),
    /// The key file holds no key of a supported kind.
    KeyUnreadable,
    /// The key is protected by a passphrase, which no service could type.
    KeyEncrypted,
    /// Certificate and key do not belong together.
    KeyMismatch,
    /// RSA below 2048 bits, or neither RSA, P-256 nor P-384.
    WeakKey(KeyType),
    /// It is signed with MD5 or SHA-1.
    WeakSignature,
    /// A name of the profile is not among its alternative names.
    NotCovered(String),
    /// Its end has passed.
    Expired,
    /// Its beginning lies ahead.
    NotYetValid,
    /// Its extended key usage leaves out servers.
    NotForServers,
    /// The first certificate is an authority's.
    AuthorityFirst,
    /// A certificate of the chain does not vouch for the one before it.
    ChainOrder {
        /// Its place in the file, from 1.
        position: usize,
    },
}

impl fmt::Display for CertProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CertificateUnreadable(reason) => f.write_str(reason),
            Self::KeyUnreadable => {
                f.write_str("the private key cannot be read, give a PEM key: RSA of 2048 to 4096 bits, P-256 or P-384")
            }
            Self::KeyEncrypted => f.write_str(
                "the private key needs a passphrase that no service can type, decrypt it with `openssl pkey`",
            ),
            Self::KeyMismatch => {
                f.write_str("the private key does not belong to the certificate, give the key it was requested with")
            }
            Self::WeakKey(key) => {
                write!(f, "the certificate's key is {key}, have it issued for RSA 2048 or more, P-256 or P-384")
            }
            Self::WeakSignature => {
                f.write_str("the certificate is signed with MD5 or SHA-1, which clients refuse, have it issued anew")
            }
            Self::NotCovered(name) => {
                write!(f, "the certificate is not valid for `{name}`, have it issued with that name")
            }
            Self::Expired => f.write_str("the certificate has expired, renew it"),
            Self::NotYetValid => f.write_str("the certificate is not valid yet, check the system's clock"),
            Self::NotForServers => {
                f.write_str("the certificate's extended key usage leaves out servers, have it issued for `serverAuth`")
            }
            Self::AuthorityFirst => f.write_str(
                "the first certificate in the file is an authority's, put the server's certificate before it",
            ),
            Self::ChainOrder { position } => write!(
                f,
                "certificate {position} of the file did not sign the one before it, order the file from the server up"
            ),
        }
    }
}

impl std::error::Error for CertProblem {}

/// Checks what the operator brings: the server's certificate first, then its chain, and the private key. Signatures are
/// not computed and no root store is asked; the proxy's clients do that.
///
/// # Errors
/// All that is wrong.
pub fn load_files(
    cert_pem: &str,
    key_pem: &Secret,
    names: &Names,
    now: UtcDateTime,
) -> Result<Checked, Vec<CertProblem>> {
    let key = public_half(key_pem);
    let mut problems = Vec::new();
    match key {
        Err(KeyFlaw::Encrypted) => problems.push(CertProblem::KeyEncrypted),
        Err(KeyFlaw::Unreadable) => problems.push(CertProblem::KeyUnreadable),
        Ok(_) => {}
    }
    let chain = match Parsed::chain(cert_pem) {
        Ok(chain) => chain,
        Err(error) => {
            problems.insert(0, CertProblem::CertificateUnreadable(error.to_string()));
            return Err(problems);
        }
    };
    let server = &chain[0];
    if key.is_ok_and(|key| key != server.public_key) {
        problems.push(CertProblem::KeyMismatch);
    }
    problems.extend(strength(server));
    problems.extend(fitness(server, names, now));
    for (at, pair) in chain.windows(2).enumerate() {
        if pair[0].issuer_der != pair[1].subject_der {
            problems.push(CertProblem::ChainOrder { position: at + 2 });
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let days_left = days_left(server, now.unix_timestamp());
    let soon = days_left < SOON_DAYS;
    let warnings = soon.then_some(CertWarning::ExpiresSoon { days: days_left }).into_iter().collect();
    Ok(Checked { description: Description::from(server), days_left, warnings })
}

fn strength(server: &Parsed) -> Vec<CertProblem> {
    let mut problems = Vec::new();
    match server.key {
        KeyType::P256 | KeyType::P384 => {}
        KeyType::Rsa(bits) if bits >= 2048 => {}
        KeyType::Rsa(_) | KeyType::Other(_) => problems.push(CertProblem::WeakKey(server.key.clone())),
    }
    if BROKEN_SIGNATURES.contains(&server.signature.as_str()) {
        problems.push(CertProblem::WeakSignature);
    }
    problems
}

fn fitness(server: &Parsed, names: &Names, now: UtcDateTime) -> Vec<CertProblem> {
    let mut problems = Vec::new();
    let dns = names.dns().filter(|name| !server.covers_dns(name)).map(ToOwned::to_owned);
    let ips = names.ips().filter(|ip| !server.ips.contains(ip)).map(|ip| ip.to_string());
    problems.extend(dns.chain(ips).map(CertProblem::NotCovered));
    if now.unix_timestamp() > server.not_after {
        problems.push(CertProblem::Expired);
    }
    if now.unix_timestamp() < server.not_before {
        problems.push(CertProblem::NotYetValid);
    }
    if server.authority.is_some() {
        problems.push(CertProblem::AuthorityFirst);
    } else if !server.for_servers() {
        problems.push(CertProblem::NotForServers);
    }
    problems
}
