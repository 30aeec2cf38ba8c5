//! A certificate as facts.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{ExtendedKeyUsage, GeneralName, GeneralSubtree};
use x509_parser::pem::Pem;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::CertError;

/// What kind of key a certificate is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyType {
    /// RSA with so many bits.
    Rsa(usize),
    /// ECDSA on P-256.
    P256,
    /// ECDSA on P-384.
    P384,
    /// Another algorithm or curve, by its object identifier.
    Other(String),
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa(bits) => write!(f, "RSA {bits}"),
            Self::P256 => f.write_str("ECDSA P-256"),
            Self::P384 => f.write_str("ECDSA P-384"),
            Self::Other(oid) => write!(f, "other ({oid})"),
        }
    }
}

/// What the rest of this module asks about a certificate; times are seconds since 1970.
#[derive(Debug)]
pub(super) struct Parsed {
    pub subject: String,
    pub issuer: String,
    pub subject_der: Vec<u8>,
    pub issuer_der: Vec<u8>,
    pub dns: BTreeSet<String>,
    pub ips: BTreeSet<IpAddr>,
    pub key: KeyType,
    pub public_key: Vec<u8>,
    pub not_before: i64,
    pub not_after: i64,
    /// `Some` for an authority, with its path length.
    pub authority: Option<Option<u32>>,
    pub usage: String,
    /// `None` where the certificate does not limit it.
    pub extended_usage: Option<Vec<String>>,
    pub permitted: Vec<String>,
    pub excluded: Vec<String>,
}

impl Parsed {
    /// Every certificate of a PEM text, in its order, at least one. Other blocks are passed over.
    pub fn chain(pem: &str) -> Result<Vec<Self>, CertError> {
        let unreadable = |error: &dyn fmt::Display| CertError::Unreadable(error.to_string());
        let mut chain = Vec::new();
        for block in Pem::iter_from_buffer(pem.as_bytes()) {
            let block = block.map_err(|error| unreadable(&error))?;
            if block.label == "CERTIFICATE" {
                let certificate = block.parse_x509().map_err(|error| unreadable(&error))?;
                chain.push(Self::read(&certificate).map_err(|error| unreadable(&error))?);
            }
        }
        if chain.is_empty() {
            return Err(CertError::Unreadable("there is none in the text".into()));
        }
        Ok(chain)
    }

    /// The first certificate of a PEM text.
    pub fn first(pem: &str) -> Result<Self, CertError> {
        Self::chain(pem).map(|mut chain| chain.swap_remove(0))
    }

    fn read(certificate: &X509Certificate<'_>) -> Result<Self, x509_parser::error::X509Error> {
        let (mut dns, mut ips) = (BTreeSet::new(), BTreeSet::new());
        if let Some(names) = certificate.subject_alternative_name()? {
            for name in &names.value.general_names {
                match name {
                    GeneralName::DNSName(name) => drop(dns.insert(name.to_ascii_lowercase())),
                    GeneralName::IPAddress(bytes) => ips.extend(address(bytes)),
                    _ => {}
                }
            }
        }
        let constraints = certificate.name_constraints()?;
        let list = |trees: Option<&Vec<GeneralSubtree<'_>>>| -> Vec<String> {
            trees.into_iter().flatten().map(|tree| subtree(&tree.base)).collect()
        };
        Ok(Self {
            subject: certificate.subject().to_string(),
            issuer: certificate.issuer().to_string(),
            subject_der: certificate.subject().as_raw().to_vec(),
            issuer_der: certificate.issuer().as_raw().to_vec(),
            dns,
            ips,
            key: key_type(certificate.public_key()),
            public_key: certificate.public_key().subject_public_key.data.to_vec(),
            not_before: certificate.validity().not_before.timestamp(),
            not_after: certificate.validity().not_after.timestamp(),
            authority: certificate
                .basic_constraints()?
                .filter(|basic| basic.value.ca)
                .map(|basic| basic.value.path_len_constraint),
            usage: certificate.key_usage()?.map(|usage| usage.value.to_string()).unwrap_or_default(),
            extended_usage: certificate.extended_key_usage()?.map(|usage| extended(usage.value)),
            permitted: list(constraints.as_ref().and_then(|names| names.value.permitted_subtrees.as_ref())),
            excluded: list(constraints.as_ref().and_then(|names| names.value.excluded_subtrees.as_ref())),
        })
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(|bytes| Ipv4Addr::from(bytes).into());
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(|bytes| Ipv6Addr::from(bytes).into())).ok()
}

fn subtree(name: &GeneralName<'_>) -> String {
    match name {
        GeneralName::DNSName("") => "all DNS names".into(),
        GeneralName::DNSName(name) => format!("DNS {name}"),
        GeneralName::IPAddress(bytes) => {
            let (net, mask) = bytes.split_at(bytes.len() / 2);
            let ones: u32 = mask.iter().map(|byte| byte.count_ones()).sum();
            match address(net) {
                Some(net) => format!("IP {net}/{ones}"),
                None => "IP of unknown form".into(),
            }
        }
        other => other.to_string(),
    }
}

fn extended(usage: &ExtendedKeyUsage<'_>) -> Vec<String> {
    let named = [
        (usage.any, "any"),
        (usage.server_auth, "server authentication"),
        (usage.client_auth, "client authentication"),
        (usage.code_signing, "code signing"),
        (usage.email_protection, "email protection"),
        (usage.time_stamping, "time stamping"),
        (usage.ocsp_signing, "OCSP signing"),
    ];
    let known = named.into_iter().filter(|(set, _)| *set).map(|(_, name)| name.to_owned());
    known.chain(usage.other.iter().map(|oid| oid.to_id_string())).collect()
}

fn key_type(key: &SubjectPublicKeyInfo<'_>) -> KeyType {
    if let Ok(PublicKey::RSA(rsa)) = key.parsed() {
        return KeyType::Rsa(rsa.key_size());
    }
    let curve = key.algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
    match curve.map(|curve| curve.to_id_string()).as_deref() {
        Some("1.2.840.10045.3.1.7") => KeyType::P256,
        Some("1.3.132.0.34") => KeyType::P384,
        Some(other) => KeyType::Other(other.to_owned()),
        None => KeyType::Other(key.algorithm.algorithm.to_id_string()),
    }
}
