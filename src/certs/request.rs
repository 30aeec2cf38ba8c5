//! What a development certificate is asked to be.

use time::{OffsetDateTime, UtcDateTime};

use super::{CertError, Names};

/// Longest validity: what Mozilla's intermediate profile allows.
pub const MOST_DAYS: u16 = 366;
/// Ten years, as long as private authorities usually last: each new one has to be brought to every client.
pub(super) const AUTHORITY_DAYS: u16 = 3653;
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
    /// valid for ten years.
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
        let (not_before, not_after) = life(valid_from, days)?;
        Ok(Self {
            common_name: common_name.to_ascii_lowercase(),
            names,
            not_before,
            not_after,
            authority_not_after: life(valid_from, AUTHORITY_DAYS)?.1,
        })
    }

    /// The same, ending no later than the authority whose certificate this is.
    #[must_use]
    pub(super) fn within(mut self, not_after: i64) -> Self {
        if let Ok(end) = OffsetDateTime::from_unix_timestamp(not_after) {
            self.not_after = self.not_after.min(end);
        }
        self
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

/// The two ends of so many days. Both belong to the validity (RFC 5280 section 4.1.2.5), so the last second is one less.
pub(super) fn life(valid_from: UtcDateTime, days: u16) -> Result<(OffsetDateTime, OffsetDateTime), CertError> {
    let at = |second| OffsetDateTime::from_unix_timestamp(second).map_err(|_| CertError::Time);
    let begin = valid_from.unix_timestamp() - BACKDATE;
    Ok((at(begin)?, at(begin + i64::from(days) * 86_400 - 1)?))
}
