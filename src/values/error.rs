//! Why a text is not the value it should be, and what to write instead.

use std::fmt;

/// A refused value: the reason, and a way out where one is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// What is wrong, in lower case and without a full stop.
    pub reason: String,
    /// What to write instead.
    pub help: Option<String>,
}

/// Refuses a number that begins with a zero.
///
/// # Errors
/// YAML 1.1 reads `010` as eight, YAML 1.2 as ten.
pub fn no_leading_zero(text: &str) -> Result<(), Invalid> {
    let digits = text.trim_start_matches(['+', '-']);
    if digits.len() < 2 || !digits.starts_with('0') || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(());
    }
    let number = digits.trim_start_matches('0');
    let says = format!("`{text}` begins with a zero, which some readers take for a number to the base 8");
    Err(Invalid::new(says).help(format!("write `{}`", if number.is_empty() { "0" } else { number })))
}

impl Invalid {
    /// A refusal without a way out of its own.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), help: None }
    }

    /// Adds the way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)?;
        match &self.help {
            // The reader splits the two again at this line; serde can carry one string only.
            Some(help) => write!(f, "\nhelp: {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Invalid {}

impl From<std::convert::Infallible> for Invalid {
    /// For values that every text is.
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}
