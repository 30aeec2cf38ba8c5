//! Reads private keys, whoever wrote them.

use rcgen::KeyPair;
use x509_cert::der::asn1::OctetStringRef;
use x509_cert::der::{Encode, Header, Length, Tag};
use zeroize::Zeroizing;

use crate::secrets::Secret;

/// Why a private key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyFlaw {
    /// Protected by a passphrase.
    Encrypted,
    /// No key, or of a kind this program cannot read.
    Unreadable,
}

/// `version 0`, then the algorithm, as PKCS#8 (RFC 5958) has them in front of the key: RSA, P-256, P-384.
const RSA: &[u8] = b"\x02\x01\x00\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
const P256: &[u8] = b"\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
const P384: &[u8] = b"\x02\x01\x00\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22";

/// The public half of a private key, as it stands in a certificate: PKCS#8, PKCS#1 (`RSA PRIVATE KEY`) or SEC1
/// (`EC PRIVATE KEY`); RSA of 2048 to 4096 bits, P-256, P-384.
pub(super) fn public_half(key: &Secret) -> Result<Vec<u8>, KeyFlaw> {
    open(key).map(|pair| pair.public_key_raw().to_vec())
}

/// The key itself.
pub(super) fn open(key: &Secret) -> Result<Zeroizing<KeyPair>, KeyFlaw> {
    if key.expose().contains("ENCRYPTED") {
        return Err(KeyFlaw::Encrypted);
    }
    for block in pem::parse_many(key.expose()).map_err(|_| KeyFlaw::Unreadable)? {
        let label = block.tag().to_owned();
        let der = Zeroizing::new(block.into_contents());
        let pair = match label.as_str() {
            "PRIVATE KEY" => read(&der),
            "RSA PRIVATE KEY" => read(&pkcs8(RSA, &der)?),
            "EC PRIVATE KEY" => read(&pkcs8(P256, &der)?).or_else(|_| read(&pkcs8(P384, &der)?)),
            _ => continue,
        };
        return pair;
    }
    Err(KeyFlaw::Unreadable)
}

fn read(pkcs8: &[u8]) -> Result<Zeroizing<KeyPair>, KeyFlaw> {
    KeyPair::try_from(pkcs8).map(Zeroizing::new).map_err(|_| KeyFlaw::Unreadable)
}

/// Puts an older key format into its PKCS#8 envelope, the only one `ring` reads.
fn pkcs8(head: &[u8], key: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyFlaw> {
    let seal = || {
        let key = OctetStringRef::new(key)?;
        let content = Length::try_from(head.len())? + key.encoded_len()?;
        let mut envelope = Zeroizing::new(Vec::with_capacity(head.len() + key.as_bytes().len() + 16));
        Header::new(Tag::Sequence, content?).encode_to_vec(&mut envelope)?;
        envelope.extend_from_slice(head);
        key.encode_to_vec(&mut envelope)?;
        Ok::<_, x509_cert::der::Error>(envelope)
    };
    seal().map_err(|_| KeyFlaw::Unreadable)
}
