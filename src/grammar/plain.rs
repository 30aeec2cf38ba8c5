//! Which texts a YAML file holds without quotes: those that YAML 1.1 (yaml.org/type), YAML 1.2 (section 10.3) and Compose
//! read as that very text. Everything that any of them takes for a number, a date, a truth value or nothing is left out, and
//! more than that: a text that only looks like one stays in quotes, which is how people write it too.

use std::net::Ipv4Addr;

/// Words with a meaning of their own, however they are written, with a sign and a point before them as well.
const WORDS: [&str; 11] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"];

/// Whether a text stays what it is without quotes, wherever a value or a key may stand.
pub(super) fn is_plain(text: &str) -> bool {
    !text.contains(',') && is_plain_in_block(text)
}

/// The same for a value outside of `[…]` and `{…}`, where a comma is a character like others.
pub(super) fn is_plain_in_block(text: &str) -> bool {
    let known = |b: u8| b.is_ascii_alphanumeric() || b"_./:@%+-=~, ".contains(&b);
    text.bytes().all(known)
        && begins(text)
        && !text.ends_with([' ', ':', ','])
        && !text.contains(": ")
        && !WORDS.contains(&text.trim_start_matches(['-', '.']).to_ascii_lowercase().as_str())
        && (!is_like_a_number(text) || text.parse::<Ipv4Addr>().is_ok())
}

/// Whether the first characters begin a text and nothing else: no list, key, document, tag or home.
fn begins(text: &str) -> bool {
    let mut chars = text.chars();
    match (chars.next(), chars.next(), chars.next()) {
        (Some(first), ..) if first.is_ascii_alphanumeric() || matches!(first, '/' | '_') => true,
        (Some('.'), Some('/'), _) | (Some('.'), Some('.'), Some('/')) => true,
        (Some('.' | '-'), Some(letter), _) if letter.is_ascii_alphabetic() => true,
        // And not `---`, which begins a document.
        (Some('-'), Some('-'), Some(letter)) => letter.is_ascii_alphabetic(),
        _ => false,
    }
}

/// Begins as a number or a date does, and goes on with nothing that is in none: digits of every base, exponents, the
/// sixtieths of YAML 1.1, separators. Some readers take an exponent alone for a number.
fn is_like_a_number(text: &str) -> bool {
    let number = text.trim_start_matches(['-', '+', '.']);
    let sixteen = number.starts_with("0x") || number.starts_with("0X");
    let known = |b: u8| b.is_ascii_digit() || b"_.:+-, eEtTzZxXoObB".contains(&b) || (sixteen && b.is_ascii_hexdigit());
    number.starts_with(|c: char| c.is_ascii_digit() || matches!(c, 'e' | 'E'))
        && text.bytes().any(|b| b.is_ascii_digit())
        && text.bytes().all(known)
}
