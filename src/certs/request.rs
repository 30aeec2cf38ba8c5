//! What a development certificate is asked to be.

use time::{OffsetDateTime, UtcDateTime};

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
    authority_not_after: OffsetDateTime,
}

impl CertRequest {
    /// A certificate for `names`, valid for `days` (1 to 366) counted from one hour before `valid_from`. The authority's is
    /// valid for as long as any may be.
    ///
    /// # Errors
    /// [`CertError::CommonNameNotListed`], [`CertError::Days`], [`CertError::Time`].
    pub fn new(common_name: &str, names: Names, valid_from: UtcDateTime, days: u16) -> Result<Self, CertError> {
        if !names.contains(common_name) {
            return Err(CertError::CommonNameNotListed(common_name.to_owned()));
        }
        if !(1..=MOST_DAYS).contains(&days) {
            return Err(CertError::Days(days));
        }
        let at = |second| OffsetDateTime::from_unix_timestamp(second).map_err(|_| CertError::Time);
        let begin = valid_from.unix_timestamp() - BACKDATE;
        // Both ends belong to the validity (RFC 5280 section 4.1.2.5), so the last second is one less.
        let end = |days: u16| at(begin + i64::from(days) * 86_400 - 1);
        Ok(Self {
            common_name: common_name.to_ascii_lowercase(),
            names,
            not_before: at(begin)?,
            not_after: end(days)?,
            authority_not_after: end(MOST_DAYS)?,
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

    pub(super) fn authority_not_after(&self) -> OffsetDateTime {
        self.authority_not_after
    }
}
