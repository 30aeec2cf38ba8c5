//! Time zones.

use std::sync::OnceLock;

/// The names of the IANA database, sorted.
pub fn names() -> &'static [&'static str] {
    static LIST: OnceLock<Vec<&'static str>> = OnceLock::new();
    LIST.get_or_init(|| include_str!("zones.txt").lines().filter(|line| !line.starts_with('#')).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_knows_what_people_write() {
        assert!(names().windows(2).all(|pair| pair[0] < pair[1]), "sorted, each once");
        assert!(["UTC", "Etc/UTC", "Europe/Berlin", "Asia/Kolkata"].iter().all(|zone| names().contains(zone)));
    }
}
