//! The filters beside `length`: values with a form of their own, which only the gate can print. Other filters would
//! decide something, and decisions are made in Rust.

use minijinja::value::{Object, Value};
use minijinja::{Error, ErrorKind};

/// Ids of the controls behind a line, printed as `  # why: a, b`, or as nothing when there are none.
#[derive(Debug)]
pub(super) struct Why(pub(super) Vec<String>);

impl Object for Why {}

/// Text that is printed as a code span.
#[derive(Debug)]
pub(super) struct Code(pub(super) String);

impl Object for Code {}

/// Text that is printed as a fenced code block, indented by so much.
#[derive(Debug)]
pub(super) struct Block(pub(super) String, pub(super) usize);

impl Object for Block {}

/// A word of letters, digits, `-`, `_` and `.`, printed as it is, for comments.
#[derive(Debug)]
pub(super) struct Word(pub(super) String);

impl Object for Word {}

/// Running text whose words between backticks are printed as code.
#[derive(Debug)]
pub(super) struct Prose(pub(super) String);

impl Object for Prose {}

/// Text that is printed in quotes even if it is a plain word.
#[derive(Debug)]
pub(super) struct Quoted(pub(super) String);

impl Object for Quoted {}

/// Text of a comment that has a line of its own.
#[derive(Debug)]
pub(super) struct Remark(pub(super) String);

impl Object for Remark {}

/// `# {{ v|remark }}`: without quotes, as far as that can be read in one way only.
pub(super) fn remark(text: String) -> Value {
    Value::from_object(Remark(text))
}

/// `comment {{ v|quoted }}`: for places of an nftables file where any word may stand, and so might be a keyword, and for
/// those of a compose file where people expect quotes.
pub(super) fn quoted(text: String) -> Value {
    Value::from_object(Quoted(text))
}

/// `{{ v }}{{ x.why|why }}`: two spaces and the comment, so that a line without controls has no trailing space.
pub(super) fn why(ids: Vec<String>) -> Result<Value, Error> {
    for id in &ids {
        let kebab = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if id.is_empty() || !id.bytes().all(kebab) {
            return Err(Error::new(
                ErrorKind::InvalidOperation,
                format!("`{}` is not the id of a control", id.escape_debug()),
            ));
        }
    }
    Ok(Value::from_object(Why(ids)))
}

/// `# until {{ v|word }}`: an id, a name or a day without quotes.
pub(super) fn word(text: String) -> Result<Value, Error> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) {
        let cause = format!("`{}` is more than a word", text.escape_debug());
        return Err(Error::new(ErrorKind::InvalidOperation, cause));
    }
    Ok(Value::from_object(Word(text)))
}

/// `{{ v|code }}`: a Markdown code span.
pub(super) fn code(text: String) -> Value {
    Value::from_object(Code(text))
}

/// `{{ v|prose }}`: text in which words between backticks are code.
pub(super) fn prose(text: String) -> Value {
    Value::from_object(Prose(text))
}

/// `{{ v|block(4) }}`: a Markdown code block in a list item whose text begins at the column where the filter stands.
pub(super) fn block(text: String, indent: Option<usize>) -> Value {
    Value::from_object(Block(text, indent.unwrap_or_default()))
}
