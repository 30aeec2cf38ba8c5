//! How large what expressions and templates give may become.

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, Template, Value};
use std::io;

/// Bytes of one value, those of its parts together: as much as a whole file may have.
const MAX_SIZE: usize = crate::yaml::MAX_BYTES;
/// Bytes of the text of one template.
const MAX_OUTPUT: usize = 4 << 20;
/// Items of a list that a filter makes.
pub(super) const MAX_ITEMS: usize = 10_000;
/// Lists and maps within each other.
const MAX_DEPTH: usize = 64;
/// What a value takes beside its text.
const EACH: usize = 8;

/// How all reasons here begin.
const TOO_LARGE: &str = "too large: ";

fn too_large(what: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("{TOO_LARGE}{what}"))
}

/// Whether a reason is one of these.
pub(super) fn is_too_large(reason: &str) -> bool {
    reason.starts_with(TOO_LARGE)
}

/// Why an expression or template failed, in words.
pub(super) fn reason(error: &Error, steps: u64) -> String {
    match (error.kind(), error.detail()) {
        (ErrorKind::OutOfFuel, _) => format!("it takes more than {steps} steps"),
        (_, Some(detail)) => detail.to_owned(),
        (kind, None) => kind.to_string(),
    }
}

/// Refuses a value that is larger than one may be.
///
/// # Errors
/// Too many bytes, or lists nested too deep.
pub fn check(value: &Value) -> Result<(), Error> {
    of(value).map(|_| ())
}

/// The size of a value.
pub(super) fn of(value: &Value) -> Result<usize, Error> {
    let mut left = MAX_SIZE;
    take(value, MAX_DEPTH, &mut left)?;
    Ok(MAX_SIZE - left)
}

fn take(value: &Value, depth: usize, left: &mut usize) -> Result<(), Error> {
    let of_text = value.as_str().map_or(0, str::len);
    let Some(rest) = left.checked_sub(of_text + EACH) else {
        return Err(too_large(&format!("a value of more than {MAX_SIZE} bytes")));
    };
    *left = rest;
    if !matches!(value.kind(), ValueKind::Seq | ValueKind::Map | ValueKind::Iterable) {
        return Ok(());
    }
    let Some(depth) = depth.checked_sub(1) else {
        return Err(too_large(&format!("lists nested deeper than {MAX_DEPTH}")));
    };
    // What cannot be listed, such as an amount, is small.
    for item in value.try_iter().into_iter().flatten() {
        take(&item, depth, left)?;
        if value.kind() == ValueKind::Map {
            take(&value.get_item(&item)?, depth, left)?;
        }
    }
    Ok(())
}

/// Refuses a list of so many items.
pub(super) fn items(count: usize) -> Result<(), Error> {
    match count > MAX_ITEMS {
        true => Err(too_large(&format!("a list of more than {MAX_ITEMS} items"))),
        false => Ok(()),
    }
}

fn bytes(count: Option<usize>) -> Result<(), Error> {
    match count.is_none_or(|count| count > MAX_SIZE) {
        true => Err(too_large(&format!("a value of more than {MAX_SIZE} bytes"))),
        false => Ok(()),
    }
}

/// What `join` gives.
pub(super) fn of_join(arguments: &[Value]) -> Result<(), Error> {
    let Some(list) = arguments.first() else { return Ok(()) };
    let items = of(list)?;
    // At most one for each item, whose number the size bounds.
    let count = list.try_iter().map_or(0, Iterator::count);
    let longest = arguments[1..].iter().map(of).try_fold(0, |longest, size| size.map(|size| longest.max(size)))?;
    bytes(count.checked_mul(longest.saturating_sub(EACH)).and_then(|joints| joints.checked_add(items)))
}

/// What `replace` gives.
pub(super) fn of_replace(arguments: &[Value]) -> Result<(), Error> {
    let [text, from, to, ..] = arguments else { return Ok(()) };
    let (text, from, to) = (text.to_string(), from.to_string(), to.to_string());
    bytes(Some(text.len()))?;
    bytes(text.matches(&from).count().checked_mul(to.len()).and_then(|new| new.checked_add(text.len())))
}

/// What `split` gives.
pub(super) fn of_split(arguments: &[Value]) -> Result<(), Error> {
    let Some(text) = arguments.first().and_then(|text| text.as_str()) else { return Ok(()) };
    let count = match arguments.get(1).and_then(|by| by.as_str()) {
        Some(by) => text.matches(by).count(),
        None => text.split_whitespace().count(),
    };
    items(count)
}

/// The text of a template, where it is no longer than a file may become.
///
/// # Errors
/// Those of the template, and a text that is too long.
pub fn render(template: &Template, facts: impl Into<Value>) -> Result<String, Error> {
    let mut out = Bounded(Vec::new());
    template.render_captured_to(facts.into(), &mut out).map_err(|error| match error.kind() {
        ErrorKind::WriteFailure => too_large(&format!("a text of more than {MAX_OUTPUT} bytes")),
        _ => error,
    })?;
    String::from_utf8(out.0).map_err(|_| Error::new(ErrorKind::BadSerialization, "the text is not UTF-8"))
}

struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_OUTPUT {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
