//! A certificate in words, the same for every certificate made from the same request.

use std::fmt;

use super::parsed::Parsed;
use super::{CertError, KeyType};

/// What a certificate says, without dates, serial number and key, so that golden files can hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Whom it is for.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// DNS names, then addresses, sorted.
    pub names: Vec<String>,
    /// Its key's kind.
    pub key: KeyType,
    /// `Some` for an authority, with how many authorities may stand below it.
    pub authority: Option<Option<u32>>,
    /// Key usage, as in `Digital Signature`.
    pub usage: String,
    /// Extended key usage; `None` where it is not limited.
    pub extended_usage: Option<Vec<String>>,
    /// Names an authority may sign for, as in `DNS play.example.com`.
    pub permitted: Vec<String>,
    /// Names an authority must not sign for.
    pub excluded: Vec<String>,
    /// Whole days of validity.
    pub days: i64,
}

/// Describes the first certificate of a PEM text.
///
/// # Errors
/// [`CertError::Unreadable`].
pub fn inspect(pem: &str) -> Result<Description, CertError> {
    Parsed::first(pem).map(|parsed| Description::from(&parsed))
}

impl From<&Parsed> for Description {
    fn from(parsed: &Parsed) -> Self {
        Self {
            subject: parsed.subject.clone(),
            issuer: parsed.issuer.clone(),
            names: parsed.dns.iter().cloned().chain(parsed.ips.iter().map(ToString::to_string)).collect(),
            key: parsed.key.clone(),
            authority: parsed.authority,
            usage: parsed.usage.clone(),
            extended_usage: parsed.extended_usage.clone(),
            permitted: parsed.permitted.clone(),
            excluded: parsed.excluded.clone(),
            days: (parsed.not_after - parsed.not_before + 1) / 86_400,
        }
    }
}

/// One `key: value` line a fact; facts that are absent have no line.
impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let authority = match self.authority {
            None => "no".to_owned(),
            Some(None) => "yes".to_owned(),
            Some(Some(length)) => format!("yes, path length {length}"),
        };
        let lines = [
            ("subject", self.subject.clone()),
            ("issuer", self.issuer.clone()),
            ("key", self.key.to_string()),
            ("valid", format!("{} days", self.days)),
            ("authority", authority),
            ("names", self.names.join(", ")),
            ("usage", self.usage.clone()),
            ("extended usage", self.extended_usage.as_ref().map(|usages| usages.join(", ")).unwrap_or_default()),
            ("permitted", self.permitted.join(", ")),
            ("excluded", self.excluded.join(", ")),
        ];
        for (key, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
            writeln!(f, "{key}: {value}")?;
        }
        Ok(())
    }
}
