//! When a certificate we issued has to be made anew.

use std::fmt;

use time::UtcDateTime;

use super::Names;
use super::key::public_half;
use super::parsed::Parsed;
use crate::secrets::Secret;

/// A certificate is renewed when this part of its life is left, as ACME clients do: a third.
pub const LEFT: i64 = 3;

/// Why a certificate has to be made anew, the gravest reason first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RenewalReason {
    /// It cannot be parsed.
    Unreadable,
    /// The key is not the certificate's, or cannot be read.
    KeyMismatch,
    /// Its end has passed.
    Expired,
    /// Its beginning lies ahead: the clock was wrong when it was made, or is now.
    NotYetValid,
    /// It was made for other names.
    NamesDiffer,
    /// A third of its life is left, or less.
    Due {
        /// Whole days left.
        days: i64,
    },
}

impl fmt::Display for RenewalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable => f.write_str("it cannot be read"),
            Self::KeyMismatch => f.write_str("its key does not belong to it"),
            Self::Expired => f.write_str("it has expired"),
            Self::NotYetValid => f.write_str("it is not valid yet"),
            Self::NamesDiffer => f.write_str("it is for other names than the profile's"),
            Self::Due { days } => write!(f, "it ends in {days} days and is due for renewal"),
        }
    }
}

/// Whether the server certificate in `cert_pem` (the first one) has to be made anew for `names`; `None` if it may stay.
#[must_use]
pub fn needs_renewal(cert_pem: &str, key_pem: &Secret, now: UtcDateTime, names: &Names) -> Option<RenewalReason> {
    let Ok(parsed) = Parsed::first(cert_pem) else {
        return Some(RenewalReason::Unreadable);
    };
    let now = now.unix_timestamp();
    let same_names =
        parsed.dns.iter().map(String::as_str).eq(names.dns()) && parsed.ips.iter().copied().eq(names.ips());
    if public_half(key_pem).ok().as_ref() != Some(&parsed.public_key) {
        Some(RenewalReason::KeyMismatch)
    } else if now > parsed.not_after {
        Some(RenewalReason::Expired)
    } else if now < parsed.not_before {
        Some(RenewalReason::NotYetValid)
    } else if !same_names {
        Some(RenewalReason::NamesDiffer)
    } else if now >= due(&parsed) {
        Some(RenewalReason::Due { days: days_left(&parsed, now) })
    } else {
        None
    }
}

/// Whether a certificate that can be read is not for one of these names.
pub fn lacks(cert_pem: &str, names: &Names) -> bool {
    Parsed::first(cert_pem).is_ok_and(|parsed| {
        let has = |name: &str| parsed.dns.iter().any(|known| known == name);
        !names.dns().all(has) || !names.ips().all(|address| parsed.ips.contains(&address))
    })
}

/// Whether a certificate that can be read lasts longer than it is to.
pub fn outlasts(cert_pem: &str, now: UtcDateTime, days: u16) -> bool {
    Parsed::first(cert_pem).is_ok_and(|parsed| days_left(&parsed, now.unix_timestamp()) > i64::from(days) + 1)
}

/// When a third of its life is left.
pub(super) fn due(parsed: &Parsed) -> i64 {
    parsed.not_after + 1 - (parsed.not_after + 1 - parsed.not_before) / LEFT
}

/// Whole days until the certificate ends; negative afterwards.
pub(super) fn days_left(parsed: &Parsed, now: i64) -> i64 {
    (parsed.not_after + 1 - now).div_euclid(86_400)
}
