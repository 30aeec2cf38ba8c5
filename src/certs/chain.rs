//! A chain of certificates as a person wants to see it, and what clients would find wrong with it.

use std::fmt;

use time::UtcDateTime;

use super::key::{KeyFlaw, public_half};
use super::parsed::Parsed;
use super::renewal::{days_left, due};
use super::signature::{algorithm, is_signed_by};
use super::{CertError, KeyType};
use crate::secrets::Secret;

/// What one certificate says.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Whom it is for.
    pub subject: String,
    /// DNS names, then addresses.
    pub names: Vec<String>,
    /// Who signed it.
    pub issuer: String,
    /// Its key's kind.
    pub key: KeyType,
    /// How it was signed.
    pub signature: String,
    /// The first moment of its life.
    pub from: UtcDateTime,
    /// The last.
    pub until: UtcDateTime,
    /// Whole days until then; negative afterwards.
    pub days_left: i64,
    /// When a third of its life is left.
    pub due: UtcDateTime,
    /// Whether it may sign others.
    pub authority: bool,
    /// Whether it is for clients and for no server.
    pub client: bool,
    /// Of its bytes, as clients show it.
    pub sha256: String,
}

/// What is wrong with a chain and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// No certificate can be read.
    Unreadable(String),
    /// The first one is an authority's; that of the server is at this place, if it is there.
    LeafNotFirst(Option<usize>),
    /// The one at this place did not sign the one before it; the one that did is at the other.
    Order(usize, Option<usize>),
    /// No authority signed it.
    SelfSigned,
    /// The certificate of its issuer, which public clients do not have, is missing.
    Incomplete,
    /// The key has a passphrase, which a proxy cannot type.
    EncryptedKey,
    /// The key cannot be read.
    UnreadableKey,
    /// The key is another one's.
    OtherKey,
    /// The one at this place has ended.
    Expired(usize),
    /// The one at this place has not begun.
    NotYetValid(usize),
    /// A third of its life is left, or less.
    Due {
        /// Whole days.
        days: i64,
    },
    /// Names that clients ask for, and it does not have.
    Lacks(Vec<String>),
    /// Its key can be computed.
    WeakKey(usize, KeyType),
    /// Browsers know no such key.
    RareKey(KeyType),
    /// The signature could be somebody else's.
    WeakSignature(usize, String),
    /// It is for something else than servers.
    NotForServers,
}

impl Flaw {
    /// Whether no server can use it as it is.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        matches!(
            self,
            Self::Unreadable(_) | Self::LeafNotFirst(_) | Self::EncryptedKey | Self::UnreadableKey | Self::OtherKey
        )
    }

    /// Whether it is about the key's file.
    #[must_use]
    pub fn is_of_key(&self) -> bool {
        matches!(self, Self::EncryptedKey | Self::UnreadableKey | Self::OtherKey)
    }

    /// How it is mended.
    #[must_use]
    pub fn way_out(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "bring PEM, the server's certificate first",
            Self::LeafNotFirst(_) | Self::Order(..) => {
                "put them in order: the server's certificate, then the one that signed it, and so on"
            }
            Self::SelfSigned => "have an authority sign it, or choose `tls.mode: self-signed`, which makes one",
            Self::Incomplete => "bring the whole chain, as in `fullchain.pem`",
            Self::EncryptedKey => "take the passphrase off: `openssl pkey -in KEY -out NEW`",
            Self::UnreadableKey | Self::OtherKey => "bring the key that the certificate was requested with",
            Self::Expired(_) | Self::Due { .. } => "renew it",
            Self::NotYetValid(_) => "look at the clock of this machine, or wait",
            Self::Lacks(_) => "have one issued for all of these names",
            Self::WeakKey(..) | Self::RareKey(_) => {
                "make a new key, ECDSA P-256 or RSA of 2048 bits, and a certificate for it"
            }
            Self::WeakSignature(..) => "have it issued again with SHA-256",
            Self::NotForServers => "have one issued for server authentication",
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(why) => write!(f, "no certificate can be read: {why}"),
            Self::LeafNotFirst(Some(at)) => {
                write!(
                    f,
                    "the server's certificate comes at place {}, and servers send the first one as theirs",
                    at + 1
                )
            }
            Self::LeafNotFirst(None) => f.write_str("it is an authority's certificate, not a server's"),
            Self::Order(at, Some(right)) => {
                write!(f, "certificate {} did not sign the one before it; the one at place {} did", at + 1, right + 1)
            }
            Self::Order(at, None) => write!(f, "certificate {} did not sign the one before it", at + 1),
            Self::SelfSigned => f.write_str("it signed itself, so no client trusts it"),
            Self::Incomplete => {
                f.write_str("the certificate of its issuer is missing, without which many clients refuse it")
            }
            Self::EncryptedKey => f.write_str("the key is protected by a passphrase, which nobody types for a proxy"),
            Self::UnreadableKey => f.write_str("the key cannot be read: it must be PEM, RSA or ECDSA"),
            Self::OtherKey => f.write_str("the key does not belong to the certificate"),
            Self::Expired(0) => f.write_str("it has expired"),
            Self::Expired(at) => write!(f, "certificate {} has expired", at + 1),
            Self::NotYetValid(0) => f.write_str("it is not valid yet"),
            Self::NotYetValid(at) => write!(f, "certificate {} is not valid yet", at + 1),
            Self::Due { days } => write!(f, "it ends in {days} days and is due for renewal"),
            Self::Lacks(names) => {
                let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
                write!(f, "it is not for {}", names.join(", "))
            }
            Self::WeakKey(0, kind) => write!(f, "its key, {kind}, is too weak"),
            Self::WeakKey(at, kind) => write!(f, "the key of certificate {}, {kind}, is too weak", at + 1),
            Self::RareKey(kind) => write!(f, "its key, {kind}, is of a kind that browsers do not take"),
            Self::WeakSignature(0, how) => write!(f, "its signature, {how}, is broken"),
            Self::WeakSignature(at, how) => write!(f, "the signature of certificate {}, {how}, is broken", at + 1),
            Self::NotForServers => f.write_str("it is not for servers (extended key usage)"),
        }
    }
}

/// What every certificate of a PEM text says, in its order.
///
/// # Errors
/// [`CertError::Unreadable`].
pub fn facts(pem: &str, now: UtcDateTime) -> Result<Vec<Facts>, CertError> {
    let at = |seconds| UtcDateTime::from_unix_timestamp(seconds).map_err(|_| CertError::Time);
    let one = |parsed: Parsed| {
        Ok(Facts {
            names: parsed.dns.iter().cloned().chain(parsed.ips.iter().map(ToString::to_string)).collect(),
            signature: algorithm(&parsed).0,
            from: at(parsed.not_before)?,
            until: at(parsed.not_after)?,
            days_left: days_left(&parsed, now.unix_timestamp()),
            due: at(due(&parsed))?,
            authority: parsed.authority.is_some(),
            client: !is_for_servers(&parsed)
                && parsed.extended_usage.iter().flatten().any(|it| it == "client authentication"),
            sha256: fingerprint(&parsed.der),
            subject: parsed.subject,
            issuer: parsed.issuer,
            key: parsed.key,
        })
    };
    Parsed::chain(pem)?.into_iter().map(one).collect()
}

fn fingerprint(der: &[u8]) -> String {
    use sha2::Digest as _;
    let bytes = sha2::Sha256::digest(der);
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}

/// What is wrong with a server's chain, its key where that can be read, and the names under which clients ask for it.
#[must_use]
pub fn judge(pem: &str, key: Option<&Secret>, wanted: &[&str], now: UtcDateTime) -> Vec<Flaw> {
    let chain = match Parsed::chain(pem) {
        Ok(chain) => chain,
        Err(CertError::Unreadable(why)) => return vec![Flaw::Unreadable(why)],
        Err(error) => return vec![Flaw::Unreadable(error.to_string())],
    };
    let mut flaws = Vec::new();
    let leaf = &chain[0];
    if leaf.authority.is_some() && leaf.dns.is_empty() && leaf.ips.is_empty() {
        let right = chain.iter().position(|other| other.authority.is_none());
        flaws.push(Flaw::LeafNotFirst(right));
        if right.is_some() {
            // What follows would be about the wrong one.
            return flaws;
        }
    }
    flaws.extend(key.and_then(|key| of_key(leaf, key)));
    order(&chain, &mut flaws);
    dates(&chain, now.unix_timestamp(), &mut flaws);
    let lacking: Vec<String> =
        wanted.iter().filter(|name| !covers(leaf, name)).map(|name| (*name).to_owned()).collect();
    if !lacking.is_empty() {
        flaws.push(Flaw::Lacks(lacking));
    }
    strength(&chain, &mut flaws);
    if !is_for_servers(leaf) {
        flaws.push(Flaw::NotForServers);
    }
    flaws
}

/// What is wrong with a certificate that no server sends: an authority's, or a client's.
#[must_use]
pub fn judge_alone(pem: &str, key: Option<&Secret>, now: UtcDateTime) -> Vec<Flaw> {
    let chain = match Parsed::chain(pem) {
        Ok(chain) => chain,
        Err(error) => return vec![Flaw::Unreadable(error.to_string())],
    };
    let mut flaws: Vec<Flaw> = key.and_then(|key| of_key(&chain[0], key)).into_iter().collect();
    dates(&chain[..1], now.unix_timestamp(), &mut flaws);
    strength(&chain[..1], &mut flaws);
    flaws
}

/// Whether it may stand for a server (RFC 5280 section 4.2.1.12).
fn is_for_servers(parsed: &Parsed) -> bool {
    let is = |usages: &Vec<String>| usages.iter().any(|it| it == "server authentication" || it == "any");
    parsed.extended_usage.as_ref().is_none_or(is)
}

/// Keys of kinds that cannot be read here are not called wrong.
fn of_key(leaf: &Parsed, key: &Secret) -> Option<Flaw> {
    match public_half(key) {
        Ok(public) => (public != leaf.public_key).then_some(Flaw::OtherKey),
        Err(KeyFlaw::Encrypted) => Some(Flaw::EncryptedKey),
        Err(KeyFlaw::Unreadable) => {
            let known = matches!(leaf.key, KeyType::Rsa(2048..=4096) | KeyType::P256 | KeyType::P384);
            (known || !key.expose().contains("PRIVATE KEY-----")).then_some(Flaw::UnreadableKey)
        }
    }
}

fn order(chain: &[Parsed], flaws: &mut Vec<Flaw>) {
    for at in 1..chain.len() {
        if !is_signed_by(&chain[at - 1], &chain[at]) {
            let right =
                chain.iter().enumerate().position(|(other, it)| other != at - 1 && is_signed_by(&chain[at - 1], it));
            flaws.push(Flaw::Order(at, right));
            return;
        }
    }
    let leaf = &chain[0];
    if leaf.issuer_der == leaf.subject_der {
        flaws.push(Flaw::SelfSigned);
    } else if chain.len() == 1 && leaf.names_issuer {
        flaws.push(Flaw::Incomplete);
    }
}

fn dates(chain: &[Parsed], now: i64, flaws: &mut Vec<Flaw>) {
    for (at, parsed) in chain.iter().enumerate() {
        if now > parsed.not_after {
            flaws.push(Flaw::Expired(at));
        } else if now < parsed.not_before {
            flaws.push(Flaw::NotYetValid(at));
        } else if at == 0 && now >= due(parsed) {
            flaws.push(Flaw::Due { days: days_left(parsed, now) });
        }
    }
}

fn strength(chain: &[Parsed], flaws: &mut Vec<Flaw>) {
    for (at, parsed) in chain.iter().enumerate() {
        match &parsed.key {
            KeyType::Rsa(..2048) => flaws.push(Flaw::WeakKey(at, parsed.key.clone())),
            KeyType::Other(_) if at == 0 => flaws.push(Flaw::RareKey(parsed.key.clone())),
            _ => {}
        }
        // Nobody looks at the signature of an authority on itself.
        if let (how, true) = algorithm(parsed)
            && parsed.issuer_der != parsed.subject_der
        {
            flaws.push(Flaw::WeakSignature(at, how));
        }
    }
}

/// Whether a client that asks for this name takes the certificate (RFC 9525 section 6.3): a wildcard stands for one label.
fn covers(leaf: &Parsed, name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let wild = name.split_once('.').map(|(_, rest)| format!("*.{rest}"));
    leaf.dns.contains(&name)
        || wild.is_some_and(|wild| leaf.dns.contains(&wild))
        || name.parse().is_ok_and(|address| leaf.ips.contains(&address))
}
