//! The server's certificate.

use rcgen::string::Ia5String;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose, SanType, SerialNumber,
};

use super::issue::MOST_COMMON_NAME;
use super::{CertError, CertRequest};

/// The server's certificate before it is signed. Clients read the alternative names only; the common name is for people
/// and left out where it would be too long, and without any DNS name: openssl then reads it as one, and the authority
/// excludes them all.
pub(super) fn params(request: &CertRequest, serial: SerialNumber) -> Result<CertificateParams, CertError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    if request.names().dns().len() > 0 && request.common_name().len() <= MOST_COMMON_NAME {
        params.distinguished_name.push(DnType::CommonName, request.common_name());
    }
    params.serial_number = Some(serial);
    params.not_before = request.not_before();
    params.not_after = request.not_after();
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    for name in request.names().dns() {
        params.subject_alt_names.push(SanType::DnsName(Ia5String::try_from(name)?));
    }
    params.subject_alt_names.extend(request.names().ips().map(SanType::IpAddress));
    Ok(params)
}
