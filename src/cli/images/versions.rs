//! Tags as versions: which of a repository's tags is the one to move to.

use clap::ValueEnum;

/// How far a version may move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Reach {
    /// Only its last number
    Patch,
    /// All but its first number
    Minor,
    /// Any number
    Major,
}

/// A tag that is a version: what stands before its numbers, the numbers, and what stands behind them, such as `-alpine`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Version<'t> {
    before: &'t str,
    numbers: Vec<u64>,
    after: &'t str,
}

impl<'t> Version<'t> {
    fn read(tag: &'t str) -> Option<Self> {
        let start = tag.find(|c: char| c.is_ascii_digit())?;
        let (before, rest) = tag.split_at(start);
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let numbers: Option<Vec<u64>> = rest[..end].split('.').map(|part| part.parse().ok()).collect();
        // Digests and dates as tags are no versions.
        let plain = matches!(before, "" | "v" | "version-" | "release-");
        numbers.filter(|_| plain).map(|numbers| Self { before, numbers, after: &rest[end..] })
    }

    /// What of it a move changes; nothing where it is no move forward, or one to another kind of tag.
    fn reach_to(&self, other: &Self) -> Option<Reach> {
        let alike = self.before == other.before && self.after == other.after;
        let count = self.numbers.len();
        if !alike || count != other.numbers.len() || other.numbers <= self.numbers {
            return None;
        }
        let first = self.numbers.iter().zip(&other.numbers).position(|(a, b)| a != b)?;
        Some(match first {
            0 => Reach::Major,
            // `16.4` says no patch: its publisher moves the tag over those.
            _ if first + 1 == count && count > 2 => Reach::Patch,
            _ => Reach::Minor,
        })
    }
}

/// The newest tag that is no further than that, and how far it is.
pub fn newest<'t>(tag: &str, tags: &'t [String], most: Reach) -> Option<(&'t str, Reach)> {
    let now = Version::read(tag)?;
    let reached = tags.iter().filter_map(|tag| {
        let version = Version::read(tag)?;
        let reach = now.reach_to(&version).filter(|reach| *reach <= most)?;
        Some((version.numbers, tag.as_str(), reach))
    });
    reached.max_by(|one, two| one.0.cmp(&two.0)).map(|(_, tag, reach)| (tag, reach))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_of_a_kind_is_found_and_no_other() {
        let tags = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let all =
            tags("1.2.3 1.2.4 1.2.10 1.3.0 2.0.0 1.2.11-rc1 v1.2.12 1.2 1 latest 1.2.10-alpine 1.2.3.9 sha-1234567");
        for (tag, most, expected) in [
            ("1.2.3", Reach::Patch, Some(("1.2.10", Reach::Patch))),
            ("1.2.3", Reach::Minor, Some(("1.3.0", Reach::Minor))),
            ("1.2.3", Reach::Major, Some(("2.0.0", Reach::Major))),
            ("1.2.10", Reach::Patch, None),
            ("1.2.9-alpine", Reach::Patch, Some(("1.2.10-alpine", Reach::Patch))),
            ("v1.2.0", Reach::Major, Some(("v1.2.12", Reach::Patch))),
            ("1.1", Reach::Patch, None),
            ("1.1", Reach::Minor, Some(("1.2", Reach::Minor))),
            ("latest", Reach::Major, None),
            ("2.0.0", Reach::Major, None),
            ("99999999999999999999.1.1", Reach::Major, None),
        ] {
            assert_eq!(newest(tag, &all, most), expected, "{tag} {most:?}");
        }
    }
}
