//! The names a server answers to.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::CertError;

/// DNS names in lower case and addresses, sorted, each once, at least one in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    dns: BTreeSet<String>,
    ips: BTreeSet<IpAddr>,
}

impl Names {
    /// Checks and sorts the names.
    ///
    /// # Errors
    /// [`CertError::NotADnsName`] for the first that is none, [`CertError::NoNames`].
    pub fn new(
        dns: impl IntoIterator<Item = impl AsRef<str>>,
        ips: impl IntoIterator<Item = IpAddr>,
    ) -> Result<Self, CertError> {
        let dns: BTreeSet<_> = dns.into_iter().map(|name| dns_name(name.as_ref())).collect::<Result<_, _>>()?;
        let ips: BTreeSet<_> = ips.into_iter().map(|ip| ip.to_canonical()).collect();
        if dns.is_empty() && ips.is_empty() {
            return Err(CertError::NoNames);
        }
        Ok(Self { dns, ips })
    }

    /// The DNS names.
    pub fn dns(&self) -> impl ExactSizeIterator<Item = &str> {
        self.dns.iter().map(String::as_str)
    }

    /// The addresses.
    pub fn ips(&self) -> impl ExactSizeIterator<Item = IpAddr> {
        self.ips.iter().copied()
    }

    /// Whether this DNS name or address is one of them.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.dns.contains(&name.to_ascii_lowercase())
            || name.parse::<IpAddr>().is_ok_and(|ip| self.ips.contains(&ip.to_canonical()))
    }
}

/// RFC 1123 section 2.1 in lower case; a last label of digits would be an address (RFC 3696 section 2).
fn dns_name(name: &str) -> Result<String, CertError> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last_is_a_word = name.rsplit('.').next().is_some_and(|last| last.bytes().any(|b| !b.is_ascii_digit()));
    if name.len() <= 253 && last_is_a_word && name.split('.').all(label) {
        Ok(name.to_ascii_lowercase())
    } else {
        Err(CertError::NotADnsName(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_lower_case_sorted_and_single() {
        let names = Names::new(
            ["b.example", "A.Example", "a.example"],
            ["::ffff:10.0.0.1", "10.0.0.1"].map(|ip| ip.parse().unwrap()),
        )
        .unwrap();
        assert_eq!(names.dns().collect::<Vec<_>>(), ["a.example", "b.example"]);
        assert_eq!(names.ips().len(), 1);
        assert!(names.contains("A.EXAMPLE") && names.contains("10.0.0.1") && !names.contains("c.example"));
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let long = format!("{}.example", "a".repeat(64));
        for name in
            ["", "*.example.com", "a..b", ".a", "a.", "-a.b", "a-.b", "a b", "a\nb", "a_b", "127.0.0.1", "ü.de", &long]
        {
            assert_eq!(Names::new([name], []), Err(CertError::NotADnsName(name.into())), "{name}");
        }
        assert_eq!(Names::new([""; 0], []), Err(CertError::NoNames));
    }
}
