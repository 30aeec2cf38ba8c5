//! The bundle's own certificate: kept while its files are there, issued when there are none.

use time::UtcDateTime;

use super::fill::text;
use super::{Folder, Found, WriteError, exchange};
use crate::artifact::{Artifact, CertificatePart, Content};
use crate::backends::secrets::MARKS;
use crate::certs::{self, CertError, CertRequest, Names, RenewalReason};
use crate::compile::Bundle;
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::secrets::{Entropy, Secret};
use crate::stack::Certificate;
use crate::values::BundlePath;

/// In the order in which they are put in place.
pub(super) const PARTS: [CertificatePart; 4] = [
    CertificatePart::AuthorityCertificate,
    CertificatePart::AuthorityKey,
    CertificatePart::ServerCertificate,
    CertificatePart::ServerKey,
];

/// The four files, as far as there are any.
#[derive(Debug, Default)]
pub(super) struct Certificates {
    texts: Vec<(CertificatePart, Secret)>,
    /// The server's pair is there, so an authority's file that is not was taken away on purpose.
    kept: bool,
    /// It is not what the profile asks for, and only its owner may replace it.
    pub(super) unfit: bool,
}

impl Certificates {
    pub(super) fn part(&self, part: CertificatePart) -> Option<&Secret> {
        self.texts.iter().find(|(known, _)| *known == part).map(|(_, text)| text)
    }

    pub(super) fn left_out(&self, part: CertificatePart) -> bool {
        self.kept && self.part(part).is_none()
    }
}

/// Keeps or issues; without entropy nothing is issued. `issuing`: an earlier run was ended while it put new ones in place, so
/// that a part of them is nobody's.
pub(super) fn fill(
    bundle: &Bundle,
    folder: Option<&Folder>,
    now: UtcDateTime,
    issuing: bool,
    entropy: Option<&mut dyn Entropy>,
    findings: &mut Diagnostics,
) -> Result<Certificates, WriteError> {
    let Some(certificate) = &bundle.certificate else { return Ok(Certificates::default()) };
    if let Some(folder) = folder {
        match entropy {
            Some(_) => drop(exchange::finish(folder)?),
            None if exchange::is_unfinished(folder)? => findings.push(
                Diagnostic::warning(
                    codes::BAD_CERTIFICATE,
                    "new certificates lie ready, and were not put in place to the end",
                )
                .help("run `stockade generate`, which finishes it"),
            ),
            None => {}
        }
    }
    let texts = existing(bundle, folder, findings)?;
    let mut found = Certificates { texts, kept: true, unfit: false };
    let has = |part| found.part(part).is_some();
    match (has(CertificatePart::ServerCertificate), has(CertificatePart::ServerKey)) {
        (true, true) => {
            found.unfit = judge(bundle, certificate, &found, now, findings);
            authority(bundle, &mut found, findings);
            Ok(found)
        }
        // They are put in place in this order.
        (_, false)
            if found.texts.is_empty()
                || (issuing && found.texts.iter().zip(PARTS).all(|((part, _), next)| *part == next)) =>
        {
            match entropy.map(|entropy| issue(certificate, now, entropy)) {
                None => Ok(Certificates::default()),
                Some(Ok(issued)) => Ok(issued),
                Some(Err(error)) => {
                    findings.push(Diagnostic::error(codes::BAD_CERTIFICATE, error.to_string()));
                    Ok(Certificates::default())
                }
            }
        }
        // A clone has what a repository keeps, which no key is.
        _ if entropy.is_none() && is_without_keys(&found, folder)? => Ok(Certificates { kept: false, ..found }),
        _ => {
            let there: Vec<_> = found.texts.iter().filter_map(|(part, _)| place(bundle, *part)).collect();
            let there: Vec<_> = there.iter().map(|path| format!("`{path}`")).collect();
            findings.push(
                Diagnostic::error(
                    codes::BAD_CERTIFICATE,
                    "the server's certificate or its key is missing, and other parts are there",
                )
                .help(format!(
                    "put the missing file back; or `stockade certs renew` makes both anew under the same authority; or move {} away to have \
                     all of them issued anew",
                    there.join(", ")
                )),
            );
            Ok(found)
        }
    }
}

fn is_without_keys(found: &Certificates, folder: Option<&Folder>) -> Result<bool, WriteError> {
    let keys = [CertificatePart::ServerKey, CertificatePart::AuthorityKey];
    let marks =
        || MARKS.parse().map_or(Ok(Found::Absent), |path| folder.map_or(Ok(Found::Absent), |it| it.find(&path)));
    Ok(keys.iter().all(|part| found.part(*part).is_none()) && matches!(marks()?, Found::Absent))
}

/// The file of a part.
pub fn artifact(bundle: &Bundle, part: CertificatePart) -> Option<&Artifact> {
    bundle.artifacts.iter().find(|artifact| artifact.content == Content::Certificate(part))
}

fn place(bundle: &Bundle, part: CertificatePart) -> Option<&BundlePath> {
    artifact(bundle, part).map(|artifact| &artifact.path)
}

/// The texts of the bundle's own certificates, as far as there are any.
///
/// # Errors
/// A symbolic link or directory in the way, a failing disk.
pub fn parts(bundle: &Bundle, folder: &Folder) -> Result<Vec<(CertificatePart, Secret)>, WriteError> {
    existing(bundle, Some(folder), &mut Diagnostics::new())
}

fn existing(
    bundle: &Bundle,
    folder: Option<&Folder>,
    findings: &mut Diagnostics,
) -> Result<Vec<(CertificatePart, Secret)>, WriteError> {
    let mut texts = Vec::new();
    let Some(folder) = folder else { return Ok(texts) };
    for part in PARTS {
        let Some(path) = place(bundle, part) else { continue };
        match folder.find(path)? {
            Found::Absent => {}
            Found::Directory { .. } => {
                return Err(WriteError::InTheWay { path: folder.shown(path.as_str()), wanted: "regular file" });
            }
            Found::File { bytes, .. } => match text(&bytes) {
                Some(text) => texts.push((part, Secret::new(text.to_owned()))),
                None => findings.push(
                    Diagnostic::error(codes::BAD_CERTIFICATE, format!("`{path}` is not text, and so not PEM"))
                        .help("move the files of this certificate away to have them issued anew"),
                ),
            },
        }
    }
    Ok(texts)
}

/// What vouches for the pair: its certificate is public and comes out of the server's chain again when it is gone; its key
/// may be kept elsewhere, but what lies there must be it.
fn authority(bundle: &Bundle, found: &mut Certificates, findings: &mut Diagnostics) {
    let Some(server) = found.part(CertificatePart::ServerCertificate).map(Secret::expose) else { return };
    let behind = certs::authority_behind(server).map(|text| Secret::new(text.to_owned()));
    let path = |part| place(bundle, part).map(ToString::to_string).unwrap_or_default();
    let refused = |part, why: certs::Distrust, help: String| {
        Diagnostic::error(codes::BAD_CERTIFICATE, format!("`{}` cannot be used: {why}", path(part))).help(help)
    };
    let own = CertificatePart::AuthorityCertificate;
    match (found.part(own), behind) {
        (Some(text), behind) => {
            if let Some(why) = certs::distrust(text.expose(), server) {
                let way = match behind {
                    Some(_) => format!(
                        "move it away: the next run takes it out of `{}`",
                        path(CertificatePart::ServerCertificate)
                    ),
                    None => "put the right one back".to_owned(),
                };
                findings.push(refused(own, why, way));
                return;
            }
        }
        (None, Some(behind)) => found.texts.push((own, behind)),
        (None, None) => return,
    }
    let key = CertificatePart::AuthorityKey;
    if let (Some(text), Some(secret)) = (found.part(own), found.part(key))
        && let Some(why) = certs::distrust_key(text.expose(), secret)
    {
        let way = "put the right one back, or move it away: only new certificates need it";
        findings.push(refused(key, why, way.to_owned()));
    }
}

/// An existing pair is never replaced by itself: clients may have been told to trust its authority. Whether it serves nobody as
/// it is.
fn judge(
    bundle: &Bundle,
    wanted: &Certificate,
    found: &Certificates,
    now: UtcDateTime,
    findings: &mut Diagnostics,
) -> bool {
    let (Some(certificate), Some(key)) =
        (found.part(CertificatePart::ServerCertificate), found.part(CertificatePart::ServerKey))
    else {
        return false;
    };
    let Ok(names) = names(wanted) else { return false };
    let reason = certs::needs_renewal(certificate.expose(), key, now, &names);
    let long = reason.is_none() && certs::outlasts(certificate.expose(), now, wanted.days);
    let path = place(bundle, CertificatePart::ServerCertificate).map(ToString::to_string).unwrap_or_default();
    let help = match reason {
        None | Some(RenewalReason::Due { .. }) => {
            "`stockade certs renew` makes another one under the same authority, so that clients go on trusting it"
        }
        Some(_) => "`stockade certs renew` makes another one, and says whether clients go on trusting it",
    };
    if long {
        let message = format!("the certificate `{path}` is kept, but lasts longer than {} days", wanted.days);
        findings.push(Diagnostic::warning(codes::BAD_CERTIFICATE, message).help(help));
        return false;
    }
    let Some(reason) = reason else { return false };
    let unfit = match reason {
        RenewalReason::Due { .. } => false,
        RenewalReason::NamesDiffer => certs::lacks(certificate.expose(), &names),
        _ => true,
    };
    let message = format!("the certificate `{path}` is kept, but {reason}");
    findings.push(match reason {
        RenewalReason::Unreadable | RenewalReason::KeyMismatch => {
            Diagnostic::error(codes::BAD_CERTIFICATE, message).help(help)
        }
        RenewalReason::Expired
        | RenewalReason::NotYetValid
        | RenewalReason::NamesDiffer
        | RenewalReason::Due { .. } => Diagnostic::warning(codes::BAD_CERTIFICATE, message).help(help),
    });
    unfit
}

/// The names that a certificate is to be for.
///
/// # Errors
/// There are none.
pub fn names(certificate: &Certificate) -> Result<Names, CertError> {
    Names::new(certificate.names.iter().map(crate::values::Domain::as_str), [])
}

/// What is asked of an authority.
///
/// # Errors
/// There are no names, or the time lies outside what a certificate can express.
pub fn request(certificate: &Certificate, now: UtcDateTime) -> Result<CertRequest, CertError> {
    let common = certificate.names.first().map_or("", crate::values::Domain::as_str);
    CertRequest::new(common, names(certificate)?, now, certificate.days)
}

/// A new authority, and a certificate of it.
///
/// # Errors
/// As [`request`]; the entropy source failed.
pub fn anew(
    certificate: &Certificate,
    now: UtcDateTime,
    entropy: &mut dyn Entropy,
) -> Result<Vec<(CertificatePart, Secret)>, CertError> {
    let issued = certs::issue(&request(certificate, now)?, entropy)?;
    Ok(vec![
        (CertificatePart::AuthorityCertificate, Secret::new(issued.ca_cert)),
        (CertificatePart::AuthorityKey, issued.ca_key),
        (CertificatePart::ServerCertificate, Secret::new(issued.fullchain)),
        (CertificatePart::ServerKey, issued.server_key),
    ])
}

fn issue(certificate: &Certificate, now: UtcDateTime, entropy: &mut dyn Entropy) -> Result<Certificates, CertError> {
    Ok(Certificates { texts: anew(certificate, now, entropy)?, kept: false, unfit: false })
}
