//! Who signed a certificate, and how.

use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ED25519,
    RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA384, UnparsedPublicKey,
    VerificationAlgorithm,
};

use super::KeyType;
use super::parsed::Parsed;

/// Algorithms by their object identifier: name, and whether nobody should rely on it.
const ALGORITHMS: &[(&str, &str, bool)] = &[
    ("1.2.840.113549.1.1.4", "MD5 with RSA", true),
    ("1.2.840.113549.1.1.5", "SHA-1 with RSA", true),
    ("1.2.840.113549.1.1.10", "RSA-PSS", false),
    ("1.2.840.113549.1.1.11", "SHA-256 with RSA", false),
    ("1.2.840.113549.1.1.12", "SHA-384 with RSA", false),
    ("1.2.840.113549.1.1.13", "SHA-512 with RSA", false),
    ("1.2.840.10045.4.1", "SHA-1 with ECDSA", true),
    ("1.2.840.10045.4.3.2", "SHA-256 with ECDSA", false),
    ("1.2.840.10045.4.3.3", "SHA-384 with ECDSA", false),
    ("1.2.840.10045.4.3.4", "SHA-512 with ECDSA", false),
    ("1.3.101.112", "Ed25519", false),
];

/// An algorithm in words, and whether it is broken.
pub(super) fn algorithm(parsed: &Parsed) -> (String, bool) {
    let known = ALGORITHMS.iter().find(|(oid, ..)| *oid == parsed.algorithm);
    known.map_or_else(|| (parsed.algorithm.clone(), false), |(_, name, broken)| ((*name).to_owned(), *broken))
}

/// Whether `issuer` is who a certificate says has signed it, and has. Where the algorithm is one that cannot be tried here, the
/// names decide.
pub(super) fn is_signed_by(parsed: &Parsed, issuer: &Parsed) -> bool {
    if parsed.issuer_der != issuer.subject_der {
        return false;
    }
    let Some(algorithm) = verifier(&parsed.algorithm, &issuer.key) else { return true };
    UnparsedPublicKey::new(algorithm, &issuer.public_key).verify(&parsed.signed, &parsed.signature).is_ok()
}

fn verifier(algorithm: &str, key: &KeyType) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match (algorithm, key) {
        ("1.2.840.113549.1.1.5", KeyType::Rsa(_)) => &RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        ("1.2.840.113549.1.1.11", KeyType::Rsa(_)) => &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        ("1.2.840.113549.1.1.12", KeyType::Rsa(2048..)) => &RSA_PKCS1_2048_8192_SHA384,
        ("1.2.840.113549.1.1.13", KeyType::Rsa(_)) => &RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        ("1.2.840.10045.4.3.2", KeyType::P256) => &ECDSA_P256_SHA256_ASN1,
        ("1.2.840.10045.4.3.3", KeyType::P256) => &ECDSA_P256_SHA384_ASN1,
        ("1.2.840.10045.4.3.2", KeyType::P384) => &ECDSA_P384_SHA256_ASN1,
        ("1.2.840.10045.4.3.3", KeyType::P384) => &ECDSA_P384_SHA384_ASN1,
        ("1.3.101.112", _) => &ED25519,
        _ => return None,
    })
}
