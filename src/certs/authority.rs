//! The development authority: it can sign for this stack's names and for nothing else.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, KeyUsagePurpose, NameConstraints, SerialNumber,
};

use super::issue::MOST_COMMON_NAME;
use super::{CertRequest, Names};

/// The authority's certificate before it is signed. A user trusts it in the browser, so its key must be worthless to a
/// thief: critical name constraints, no further authorities, server authentication only.
pub(super) fn params(request: &CertRequest, serial: SerialNumber) -> CertificateParams {
    let mut params = named(&common_name(request));
    params.serial_number = Some(serial);
    params.not_before = request.not_before();
    params.not_after = request.authority_not_after();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.name_constraints = Some(constraints(request.names()));
    params
}

/// What certificates below it say of an authority: its name, and what its key may do.
pub(super) fn named(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn common_name(request: &CertRequest) -> String {
    let full = format!("Stockade development CA for {}", request.common_name());
    if full.len() <= MOST_COMMON_NAME { full } else { "Stockade development CA".into() }
}

/// RFC 5280 section 4.2.1.10: a permitted list limits only names of its own form, so a form without any name has to be
/// excluded as a whole. A permitted DNS name includes what lies below it; X.509 has no way to say less.
fn constraints(names: &Names) -> NameConstraints {
    let mut permitted = Vec::new();
    let mut excluded = Vec::new();
    permitted.extend(names.dns().map(|name| GeneralSubtree::DnsName(name.to_owned())));
    if names.dns().len() == 0 {
        excluded.push(GeneralSubtree::DnsName(String::new()));
    }
    permitted.extend(names.ips().map(|ip| {
        let all_bits = if ip.is_ipv4() { 32 } else { 128 };
        GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(ip, all_bits))
    }));
    // One family's permitted list refuses the other family too, but not in every verifier: exclude it by name.
    for whole in [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)] {
        if !names.ips().any(|ip| ip.is_ipv4() == whole.is_ipv4()) {
            excluded.push(GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(whole, 0)));
        }
    }
    NameConstraints { permitted_subtrees: permitted, excluded_subtrees: excluded }
}
