//! What a development certificate is asked to be.

use jiff::Timestamp;
use time::OffsetDateTime;

use super::{CertError, Names};

/// Longest validity: what Mozilla's intermediate profile allows.
const MOST_DAYS: u16 = 366;
/// How far the validity begins in the past, for clients whose clock is late.
const BACKDATE: i64 = 3600;

/// A checked wish for a development certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertRequest {
    common_name: String,
    names: Names,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
}

impl CertRequest {
    /// A certificate for `names`, valid for `days` (1 to 366) counted from one hour before `valid_from`.
    ///
    /// # Errors
    /// [`CertError::CommonNameNotListed`], [`CertError::Days`], [`CertError::Time`].
    pub fn new(common_name: &str, names: Names, valid_from: Timestamp, days: u16) -> Result<Self, CertError> {
        if !names.contains(common_name) {
            return Err(CertError::CommonNameNotListed(common_name.to_owned()));
        }
        if !(1..=MOST_DAYS).contains(&days) {
            return Err(CertError::Days(days));
        }
        let at = |second| OffsetDateTime::from_unix_timestamp(second).map_err(|_| CertError::Time);
        let begin = valid_from.as_second() - BACKDATE;
        Ok(Self {
            common_name: common_name.to_ascii_lowercase(),
            names,
            not_before: at(begin)?,
            // Both ends belong to the validity (RFC 5280 section 4.1.2.5), so the last second is one less.
            not_after: at(begin + i64::from(days) * 86_400 - 1)?,
        })
    }

    pub(super) fn common_name(&self) -> &str {
        &self.common_name
    }

    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    pub(super) fn not_before(&self) -> OffsetDateTime {
        self.not_before
    }

    pub(super) fn not_after(&self) -> OffsetDateTime {
        self.not_after
    }
}
