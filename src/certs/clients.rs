//! Certificates by which a proxy knows its clients, under an authority that is worth nothing to a browser.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, KeyPair, KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P256_SHA256,
};
use time::UtcDateTime;
use zeroize::Zeroizing;

use super::issue::serial;
use super::request::{AUTHORITY_DAYS, life};
use super::{Authority, CertError, MOST_DAYS, Pair, authority};
use crate::secrets::{Entropy, Secret};
use crate::values::ServiceName;

/// Makes the authority of a stack's clients: its certificate and its key. It can sign for clients and for no server: every
/// name that a server could have is excluded.
///
/// # Errors
/// The library refused, the entropy source failed, the time cannot be expressed.
pub fn client_authority(
    stack: &str,
    now: UtcDateTime,
    entropy: &mut dyn Entropy,
) -> Result<(String, Secret), CertError> {
    let mut params = authority::named(&format!("Stockade clients of {stack}"));
    params.serial_number = Some(serial(entropy)?);
    (params.not_before, params.not_after) = life(now, AUTHORITY_DAYS)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let all = |address: IpAddr| GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, 0));
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: Vec::new(),
        excluded_subtrees: vec![
            GeneralSubtree::DnsName(String::new()),
            all(Ipv4Addr::UNSPECIFIED.into()),
            all(Ipv6Addr::UNSPECIFIED.into()),
        ],
    });
    let key = Zeroizing::new(KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?);
    Ok((params.self_signed(&*key)?.pem(), Secret::new(key.serialize_pem())))
}

/// Makes the certificate of one client, which ends with its authority at the latest.
///
/// # Errors
/// As [`client_authority`]; a validity outside 1 to 366 days.
pub fn client(
    authority: &Authority,
    name: &ServiceName,
    (now, days): (UtcDateTime, u16),
    entropy: &mut dyn Entropy,
) -> Result<Pair, CertError> {
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(CertError::Days(days));
    }
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name.as_str());
    params.serial_number = Some(serial(entropy)?);
    (params.not_before, params.not_after) = life(now, days)?;
    let last = time::OffsetDateTime::from_unix_timestamp(authority.parsed.not_after).map_err(|_| CertError::Time)?;
    params.not_after = params.not_after.min(last);
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.use_authority_key_identifier_extension = true;
    authority.sign(params)
}
