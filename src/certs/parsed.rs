//! A certificate as facts.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::der::asn1::{ObjectIdentifier, UintRef};
use x509_cert::der::flagset::FlagSet;
use x509_cert::der::{self, Decode, Encode, Reader, SliceReader};
use x509_cert::ext::pkix::constraints::name::GeneralSubtree;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityInfoAccessSyntax, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages, NameConstraints,
    SubjectAltName, SubjectKeyIdentifier,
};
use x509_cert::spki::SubjectPublicKeyInfoOwned;

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
    /// What its issuer has signed, how, and the signature.
    pub signed: Vec<u8>,
    pub algorithm: String,
    pub signature: Vec<u8>,
    /// Subject key identifier, by which certificates below name their issuer's key.
    pub key_id: Option<Vec<u8>>,
    /// It says where its issuer's certificate is to be had, as those of public authorities do.
    pub names_issuer: bool,
    /// All of it.
    pub der: Vec<u8>,
}

impl Parsed {
    /// Every certificate of a PEM text, in its order, at least one. Other blocks are passed over.
    pub fn chain(pem: &str) -> Result<Vec<Self>, CertError> {
        let unreadable = |error: &dyn fmt::Display| CertError::Unreadable(error.to_string());
        let mut chain = Vec::new();
        for block in pem::parse_many(pem).map_err(|error| unreadable(&error))? {
            if block.tag() == "CERTIFICATE" {
                chain.push(Self::read(block.contents()).map_err(|error| unreadable(&error))?);
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

    /// Serial numbers and dates that RFC 5280 forbids are read all the same: whether they do is the client's to say.
    fn read(bytes: &[u8]) -> der::Result<Self> {
        let whole = CertificateInner::<Raw>::from_der(bytes)?;
        let certificate = whole.tbs_certificate();
        let (mut dns, mut ips) = (BTreeSet::new(), BTreeSet::new());
        if let Some((_, names)) = certificate.get_extension::<SubjectAltName>()? {
            for name in names.0 {
                match name {
                    GeneralName::DnsName(name) => drop(dns.insert(name.as_str().to_ascii_lowercase())),
                    GeneralName::IpAddress(bytes) => ips.extend(address(bytes.as_bytes())),
                    _ => {}
                }
            }
        }
        let constraints = certificate.get_extension::<NameConstraints>()?.map(|(_, names)| names);
        let list = |trees: Option<&Vec<GeneralSubtree>>| -> Vec<String> {
            trees.into_iter().flatten().map(|tree| subtree(&tree.base)).collect()
        };
        let basic = certificate.get_extension::<BasicConstraints>()?.map(|(_, basic)| basic);
        let usage = certificate.get_extension::<KeyUsage>()?.map(|(_, usage)| words(usage.0));
        let validity = certificate.validity();
        let seconds = |time: &x509_cert::time::Time| {
            i64::try_from(time.to_unix_duration().as_secs()).map_err(|_| der::Error::from(der::ErrorKind::DateTime))
        };
        Ok(Self {
            subject: certificate.subject().to_string(),
            issuer: certificate.issuer().to_string(),
            subject_der: certificate.subject().to_der()?,
            issuer_der: certificate.issuer().to_der()?,
            dns,
            ips,
            key: key_type(certificate.subject_public_key_info()),
            public_key: certificate.subject_public_key_info().subject_public_key.raw_bytes().to_vec(),
            not_before: seconds(&validity.not_before)?,
            not_after: seconds(&validity.not_after)?,
            authority: basic.filter(|basic| basic.ca).map(|basic| basic.path_len_constraint.map(u32::from)),
            usage: usage.unwrap_or_default(),
            extended_usage: certificate.get_extension::<ExtendedKeyUsage>()?.map(|(_, usage)| extended(&usage)),
            permitted: list(constraints.as_ref().and_then(|names| names.permitted_subtrees.as_ref())),
            excluded: list(constraints.as_ref().and_then(|names| names.excluded_subtrees.as_ref())),
            signed: SliceReader::new(bytes)?.sequence(|reader| {
                let signed = reader.tlv_bytes()?.to_vec();
                reader.tlv_bytes()?;
                reader.tlv_bytes()?;
                Ok::<_, der::Error>(signed)
            })?,
            algorithm: whole.signature_algorithm().oid.to_string(),
            signature: whole.signature().raw_bytes().to_vec(),
            key_id: certificate.get_extension::<SubjectKeyIdentifier>()?.map(|(_, id)| id.0.as_bytes().to_vec()),
            names_issuer: certificate.get_extension::<AuthorityInfoAccessSyntax>()?.is_some_and(|(_, access)| {
                access.0.iter().any(|one| one.access_method.to_string() == "1.3.6.1.5.5.7.48.2")
            }),
            der: bytes.to_vec(),
        })
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(|bytes| Ipv4Addr::from(bytes).into());
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(|bytes| Ipv6Addr::from(bytes).into())).ok()
}

fn subtree(name: &GeneralName) -> String {
    match name {
        GeneralName::DnsName(name) if name.as_str().is_empty() => "all DNS names".into(),
        GeneralName::DnsName(name) => format!("DNS {name}"),
        GeneralName::IpAddress(bytes) => {
            let (net, mask) = bytes.as_bytes().split_at(bytes.as_bytes().len() / 2);
            let ones: u32 = mask.iter().map(|byte| byte.count_ones()).sum();
            match address(net) {
                Some(net) => format!("IP {net}/{ones}"),
                None => "IP of unknown form".into(),
            }
        }
        GeneralName::DirectoryName(name) => format!("directory {name}"),
        GeneralName::Rfc822Name(name) => format!("mail {name}"),
        GeneralName::UniformResourceIdentifier(name) => format!("URI {name}"),
        _ => "name of another kind".into(),
    }
}

fn words(usage: FlagSet<KeyUsages>) -> String {
    let word = |usage| match usage {
        KeyUsages::DigitalSignature => "Digital Signature",
        KeyUsages::NonRepudiation => "Non Repudiation",
        KeyUsages::KeyEncipherment => "Key Encipherment",
        KeyUsages::DataEncipherment => "Data Encipherment",
        KeyUsages::KeyAgreement => "Key Agreement",
        KeyUsages::KeyCertSign => "Key Cert Sign",
        KeyUsages::CRLSign => "CRL Sign",
        KeyUsages::EncipherOnly => "Encipher Only",
        KeyUsages::DecipherOnly => "Decipher Only",
    };
    usage.into_iter().map(word).collect::<Vec<_>>().join(", ")
}

fn extended(usage: &ExtendedKeyUsage) -> Vec<String> {
    let named = [
        ("2.5.29.37.0", "any"),
        ("1.3.6.1.5.5.7.3.1", "server authentication"),
        ("1.3.6.1.5.5.7.3.2", "client authentication"),
        ("1.3.6.1.5.5.7.3.3", "code signing"),
        ("1.3.6.1.5.5.7.3.4", "email protection"),
        ("1.3.6.1.5.5.7.3.8", "time stamping"),
        ("1.3.6.1.5.5.7.3.9", "OCSP signing"),
    ];
    let name = |oid: &ObjectIdentifier| {
        let oid = oid.to_string();
        named.iter().find(|(id, _)| *id == oid).map_or(oid.clone(), |(_, name)| (*name).to_owned())
    };
    usage.0.iter().map(name).collect()
}

fn key_type(key: &SubjectPublicKeyInfoOwned) -> KeyType {
    if key.algorithm.oid.to_string() == "1.2.840.113549.1.1.1"
        && let Ok(bits) = modulus(key.subject_public_key.raw_bytes())
    {
        return KeyType::Rsa(bits);
    }
    let curve =
        key.algorithm.parameters.as_ref().and_then(|parameters| parameters.decode_as::<ObjectIdentifier>().ok());
    match curve.map(|curve| curve.to_string()).as_deref() {
        Some("1.2.840.10045.3.1.7") => KeyType::P256,
        Some("1.3.132.0.34") => KeyType::P384,
        Some(other) => KeyType::Other(other.to_owned()),
        None => KeyType::Other(key.algorithm.oid.to_string()),
    }
}

/// Bits of an RSA key's modulus (RFC 8017 appendix A.1.1).
fn modulus(key: &[u8]) -> der::Result<usize> {
    SliceReader::new(key)?.sequence(|reader| {
        let bytes = UintRef::decode(reader)?;
        UintRef::decode(reader)?;
        let first = bytes.as_bytes().first().map_or(0, |byte| byte.leading_zeros() as usize);
        Ok(bytes.as_bytes().len() * 8 - first)
    })
}
