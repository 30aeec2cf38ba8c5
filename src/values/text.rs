//! Free text in its bounded forms, HTTP words and calendar days.

use super::{Invalid, pattern, textual};
use std::{fmt, str::FromStr};

/// One line of text for people: not blank, no control or direction-changing characters, at most 1000 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line(String);

impl Line {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Line {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::new("this text is empty").help("write one line that a colleague understands"));
        }
        if let Some(bad) = text.chars().find(|c| c.is_control() || is_invisible(*c)) {
            return Err(Invalid::new(format!("this text holds the invisible character {}", bad.escape_unicode()))
                .help("write plain text on one line"));
        }
        match text.chars().count() {
            n if n > 1000 => {
                Err(Invalid::new(format!("this text has {n} characters, at most 1000 are allowed")).help("shorten it"))
            }
            _ => Ok(Self(text.to_owned())),
        }
    }
}

/// A [`Line`], or nothing where the text is blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaybeLine(pub Option<Line>);

impl FromStr for MaybeLine {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        (!text.trim().is_empty()).then(|| text.parse()).transpose().map(Self)
    }
}

/// Characters that change what a reader sees without being seen (Unicode bidi controls, separators, BOM; CVE-2021-42574).
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

textual!(Line, "Line", "one line of text", Some(pattern::line()), ["the guide's value breaks the charts"]);

/// The name of an HTTP header field (RFC 9110, 5.1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HeaderName(String);

impl HeaderName {
    /// The name as written; comparisons of header names ignore case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HeaderName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if !text.is_empty() && text.len() <= 80 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("this is no header name")
                .help("a header name is letters, digits and `-` such as `X-Frame-Options`"))
        }
    }
}

impl fmt::Display for HeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

textual!(HeaderName, "HeaderName", "the name of an HTTP header", Some("^[A-Za-z0-9-]{1,80}$"), ["X-Frame-Options"]);

/// The value of an HTTP header field: visible ASCII and single spaces (RFC 9110, 5.5 without the obsolete part).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HeaderValue(String);

impl HeaderValue {
    /// The value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HeaderValue {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let help = "a header value is one line of visible ASCII";
        if text.ends_with('\n') {
            return Err(Invalid::new("a header value has no line end, and a `|` or `>` block keeps one")
                .help("write `>-` in place of it: that joins the lines and drops the last end"));
        }
        if text.is_empty() {
            return Err(Invalid::new("a header value is not empty").help(
                "list the header in `hide` to leave it out, or in `pass_headers` (in a profile `pass`) for the application's own",
            ));
        }
        if text.len() > 4096 || text.trim() != text {
            return Err(Invalid::new("a header value has 1 to 4096 characters and no space at its ends").help(help));
        }
        match text.chars().find(|c| !matches!(c, ' '..='~')) {
            Some(bad) => Err(Invalid::new(format!("a header value cannot hold {bad:?}")).help(help)),
            None => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Display for HeaderValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

textual!(
    HeaderValue,
    "HeaderValue",
    "the value of an HTTP header",
    Some("^(?=.{1,4096}$)[!-~]([ -~]*[!-~])?$"),
    ["default-src 'self'"]
);

/// An HTTP method in upper case (RFC 9110, 9).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Method(String);

impl FromStr for Method {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        if KNOWN.contains(&text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("this is no HTTP method").help(format!("write one of {}", KNOWN.join(", "))))
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

textual!(Method, "Method", "an HTTP method", Some("^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$"), ["GET"]);

/// A day of the calendar, `2027-03-31`; the end of a waiver is the last day it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub time::Date);

impl Day {
    /// The same day so many years later; of a leap day the one before it.
    pub fn years_later(self, years: i16) -> Self {
        let year = self.0.year() + i32::from(years);
        let later =
            self.0.replace_year(year).or_else(|_| self.0.replace_day(28).and_then(|day| day.replace_year(year)));
        Self(later.unwrap_or(time::Date::MAX))
    }
}

impl FromStr for Day {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refuse =
            || Invalid::new("this is no day of the calendar").help("write year, month and day such as `2027-03-31`");
        if text.len() != 10 {
            return Err(refuse());
        }
        let number =
            |range| text.get(range).filter(|part: &&str| part.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok();
        let dashes = text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
        let day = || {
            let month = time::Month::try_from(u8::try_from(number(5..7)?).ok()?).ok()?;
            time::Date::from_calendar_date(number(0..4)?, month, u8::try_from(number(8..10)?).ok()?).ok()
        };
        day().filter(|_| dashes).map(Self).ok_or_else(refuse)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

textual!(Day, "Day", "a day, YYYY-MM-DD", Some(pattern::day()), ["2027-03-31"]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_text_is_refused() {
        for text in ["", "  ", "a\nb", "a\u{202e}b", "a\u{0}b", "a\u{feff}"] {
            assert!(text.parse::<Line>().is_err(), "{text:?}");
        }
        assert!("größer als 3 € `x` ${y}".parse::<Line>().is_ok());
    }

    #[test]
    fn days_exist() {
        assert!(
            "2027-02-29".parse::<Day>().is_err()
                && "2027-1-1".parse::<Day>().is_err()
                && "soon".parse::<Day>().is_err()
        );
        assert!("2028-02-29".parse::<Day>().is_ok());
    }
}
