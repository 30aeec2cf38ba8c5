//! Why a certificate cannot be issued or read.

use std::fmt;

use crate::secrets::EntropyError;

/// Why a certificate cannot be issued or read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertError {
    /// A text that is no DNS name; wildcards count as none.
    NotADnsName(String),
    /// No name at all: nothing could be reached under the certificate.
    NoNames,
    /// The common name is not among the names.
    CommonNameNotListed(String),
    /// A validity outside 1 to 366 days.
    Days(u16),
    /// A point in time that a certificate cannot express.
    Time,
    /// An authority whose name has a form that this program does not write.
    ForeignAuthority(String),
    /// The library that makes certificates refused.
    Issuing(String),
    /// No certificate in the text, or a broken one.
    Unreadable(String),
    /// The entropy source failed.
    Entropy(EntropyError),
}

impl fmt::Display for CertError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotADnsName(name) => {
                write!(f, "`{name}` is not a DNS name, use letters, digits, `-` and `.`, without wildcard")
            }
            Self::NoNames => f.write_str("a certificate needs a name, give it a domain or an address"),
            Self::CommonNameNotListed(name) => {
                write!(f, "the common name `{name}` is not among the certificate's names, add it to them")
            }
            Self::Days(days) => write!(f, "a certificate of {days} days is refused by browsers, use 1 to 366"),
            Self::ForeignAuthority(name) => {
                write!(f, "`{name}` is not an authority that Stockade made, issue the certificate where that was made")
            }
            Self::Time => f.write_str("the time lies outside what a certificate can express, check the system's clock"),
            Self::Issuing(reason) => write!(f, "the certificate could not be made: {reason}"),
            Self::Unreadable(reason) => {
                write!(f, "no certificate can be read: {reason}, it must be PEM, the server's certificate first")
            }
            Self::Entropy(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for CertError {}

impl From<EntropyError> for CertError {
    fn from(error: EntropyError) -> Self {
        Self::Entropy(error)
    }
}

impl From<rcgen::Error> for CertError {
    fn from(error: rcgen::Error) -> Self {
        Self::Issuing(error.to_string())
    }
}
