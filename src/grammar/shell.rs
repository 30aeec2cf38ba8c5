//! Shell: one word, quoted by shlex wherever a character could mean anything (POSIX.1-2024 XCU 2.2).

use super::{Form, Reason};

pub(super) fn string(text: &str, out: &mut String) -> Result<Form, Reason> {
    // shlex refuses only NUL, which no caller lets through.
    let word = shlex::try_quote(text).map_err(|_| "a shell word cannot hold a NUL character")?;
    out.push_str(&word);
    Ok(if word == text { Form::Bare } else { Form::Quoted })
}
