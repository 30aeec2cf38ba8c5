//! What is to be done about a bundle's own certificates, told before it is done.

use super::key::Kept;
use crate::artifact::CertificatePart;
use crate::certs::{self, Authority, CertError};
use crate::cli::exit::Failure;
use crate::cli::secrets::place::Place;
use crate::diagnostics::codes;
use crate::secrets::{Entropy, Secret};
use crate::stack::Certificate;
use crate::writer::certificates::{anew, names, parts, request};
use crate::writer::{Folder, exchange};
use time::UtcDateTime;

/// What becomes of the authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Above {
    /// It stays as it is.
    Kept,
    /// It gets another certificate for the same key.
    Prolonged,
    /// Another one takes its place, for this reason.
    New(String),
}

/// One bundle's certificates.
pub struct Work<'p> {
    pub place: &'p Place,
    wanted: &'p Certificate,
    parts: Vec<(CertificatePart, Secret)>,
    /// Why the server's certificate is made anew.
    pub server: Option<String>,
    pub above: Above,
}

/// What a person asks for beyond what is due.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// Also what is not due.
    pub all: bool,
    /// Another authority.
    pub authority: bool,
}

impl<'p> Work<'p> {
    /// Looks at a bundle; nothing where it has no certificates of its own.
    ///
    /// # Errors
    /// A failing disk.
    pub fn of(place: &'p Place, asked: Asked, now: UtcDateTime) -> Result<Option<Self>, Failure> {
        let Some(wanted) = &place.bundle.certificate else { return Ok(None) };
        let folder = Folder::watch(&place.folder)?;
        let parts = folder.as_ref().map_or(Ok(Vec::new()), |folder| parts(&place.bundle, folder))?;
        let mut work = Self { place, wanted, parts, server: None, above: Above::Kept };
        work.above = work.authority(asked, now)?;
        work.server = work.due(asked, now)?;
        if work.server.is_none() && work.above != Above::Kept {
            work.server = Some("it comes with its authority's certificate".to_owned());
        }
        Ok(Some(work))
    }

    fn part(&self, part: CertificatePart) -> Option<&Secret> {
        self.parts.iter().find(|(known, _)| *known == part).map(|(_, text)| text)
    }

    /// Whether there is nothing of any certificate yet.
    pub fn is_new(&self) -> bool {
        self.parts.is_empty()
    }

    /// Whether there is nothing to do.
    pub fn is_done(&self) -> bool {
        self.server.is_none()
    }

    /// The authority's certificate, from its file or out of the server's.
    fn authority_text(&self) -> Option<&str> {
        let server = || certs::authority_behind(self.part(CertificatePart::ServerCertificate)?.expose());
        self.part(CertificatePart::AuthorityCertificate).map(Secret::expose).or_else(server)
    }

    fn authority(&self, asked: Asked, now: UtcDateTime) -> Result<Above, Failure> {
        let Some(text) = self.authority_text() else { return Ok(Above::New("there is none".to_owned())) };
        if asked.authority {
            return Ok(Above::New("you asked for another one".to_owned()));
        }
        if certs::facts(text, now).map_or(true, |found| found.is_empty()) {
            // Nobody loses the authority that everybody trusts for a file that is spoilt.
            return Err(Failure::input(
                codes::BAD_CERTIFICATE,
                format!("`{}` holds no certificate", self.place.folder.join("certs/ca.crt").display()),
                "put it back, or move it away: `stockade generate` takes it out of `certs/server.crt`; or `stockade certs renew \
                 --new-authority`",
            ));
        }
        let names = names(self.wanted).map_err(|error| refused(&error))?;
        if !certs::permits(text, &names) {
            return Ok(Above::New("it may not sign for the names that the profile has now".to_owned()));
        }
        Ok(if certs::is_due(text, now) { Above::Prolonged } else { Above::Kept })
    }

    fn due(&self, asked: Asked, now: UtcDateTime) -> Result<Option<String>, Failure> {
        let parts = (self.part(CertificatePart::ServerCertificate), self.part(CertificatePart::ServerKey));
        let (Some(server), Some(key)) = parts else { return Ok(Some("it is not there".to_owned())) };
        let names = names(self.wanted).map_err(|error| refused(&error))?;
        let reason = certs::needs_renewal(server.expose(), key, now, &names).map(|reason| reason.to_string());
        let long = || {
            certs::outlasts(server.expose(), now, self.wanted.days)
                .then(|| format!("it lasts longer than {} days", self.wanted.days))
        };
        Ok(reason.or_else(long).or_else(|| asked.all.then(|| "you asked for it".to_owned())))
    }

    /// What will be done, as a person reads it.
    pub fn said(&self) -> String {
        let Some(server) = &self.server else { return String::new() };
        let folder = self.place.folder.display();
        let mut text = format!("{folder}/certs/server.crt: {server}; made anew, with a new key\n");
        text.push_str(&match &self.above {
            Above::Kept => "  its authority stays: whoever trusts it need do nothing\n".to_owned(),
            Above::Prolonged => format!(
                "{folder}/certs/ca.crt: a third of its life is left; it gets another certificate for the same key\n  whoever trusts the present \
                 one need do nothing until that ends: bring them the new one before\n"
            ),
            Above::New(_) if self.is_new() => format!("{folder}/certs/ca.crt: a new authority\n"),
            Above::New(why) => format!(
                "{folder}/certs/ca.crt: {why}; made anew\n  whoever trusts the present one must import the new one: `stockade certs trust`\n"
            ),
        });
        text
    }

    /// Does it.
    ///
    /// # Errors
    /// The authority's key is not to be had or does not fit, a failing disk.
    pub fn apply(&self, kept: &Kept, typed: &str, now: UtcDateTime, entropy: &mut dyn Entropy) -> Result<(), Failure> {
        // First, so that no key is left elsewhere by a run that cannot write here.
        let folder = Folder::claim(&self.place.folder)?;
        let new = match &self.above {
            Above::New(_) => self.anew(kept, now, entropy)?,
            Above::Kept | Above::Prolonged => self.under(kept, typed, now, entropy)?,
        };
        exchange::finish(&folder)?;
        Ok(exchange::exchange(&self.place.bundle, &folder, &new)?)
    }

    fn anew(
        &self,
        kept: &Kept,
        now: UtcDateTime,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<(CertificatePart, Secret)>, Failure> {
        let was_out = !self.is_new() && self.part(CertificatePart::AuthorityKey).is_none();
        if was_out && kept.out().is_none() {
            return Err(Failure::input(
                codes::BAD_CERTIFICATE,
                "the key of the present authority is kept outside the bundle, and nothing says where that of the new one goes",
                "say where: `--ca-key-out FILE`",
            ));
        }
        let mut new = anew(self.wanted, now, entropy).map_err(|error| refused(&error))?;
        if kept.out().is_some() {
            if self.part(CertificatePart::AuthorityKey).is_some() {
                let key = self.place.folder.join("certs/ca.key");
                return Err(Failure::input(
                    codes::BAD_CERTIFICATE,
                    format!("`{}` would stay there beside a new authority, whose key it is not", key.display()),
                    "move it away first, then run this again",
                ));
            }
            if let Some(at) = new.iter().position(|(part, _)| *part == CertificatePart::AuthorityKey) {
                kept.write(&new.remove(at).1)?;
            }
        }
        Ok(new)
    }

    fn under(
        &self,
        kept: &Kept,
        typed: &str,
        now: UtcDateTime,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<(CertificatePart, Secret)>, Failure> {
        let brought;
        let key = match self.part(CertificatePart::AuthorityKey) {
            Some(key) => key,
            None => {
                brought = kept.read(typed, "`stockade certs renew --new-authority` makes another")?;
                &brought
            }
        };
        let text = self.authority_text().unwrap_or_default();
        let mut authority = Authority::open(text, key).map_err(|why| {
            Failure::input(codes::BAD_CERTIFICATE, format!("nothing can be signed: {why}"), "name the key that belongs to `certs/ca.crt`: `--ca-key FILE`; or `stockade certs renew --new-authority`")
        })?;
        let ask = request(self.wanted, now).map_err(|error| refused(&error))?;
        let mut new = Vec::new();
        if self.above == Above::Prolonged {
            authority = authority.prolong(&ask, entropy).map_err(|error| refused(&error))?;
            new.push((CertificatePart::AuthorityCertificate, Secret::new(authority.pem().to_owned())));
        }
        let pair = authority.issue(ask, entropy).map_err(|error| refused(&error))?;
        new.push((CertificatePart::ServerCertificate, Secret::new(pair.chain)));
        new.push((CertificatePart::ServerKey, pair.key));
        Ok(new)
    }
}

/// A certificate that cannot be made.
pub fn refused(error: &CertError) -> Failure {
    Failure::input(codes::BAD_CERTIFICATE, error.to_string(), "nothing was changed")
}
