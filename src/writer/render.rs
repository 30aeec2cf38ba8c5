//! The bytes of one artifact, secrets filled in.

use std::borrow::Cow;
use std::ops::Deref;

use zeroize::Zeroizing;

use super::Filled;
use crate::artifact::{Artifact, Content, Piece};
use crate::backends::orchestrator;
use crate::diagnostics::{Diagnostic, codes};
use crate::grammar::{Form, Grammar};
use crate::secrets::Secret;

/// The bytes of a file.
#[derive(Debug)]
pub(super) enum Bytes<'a> {
    /// Those of a file without secrets.
    Plain(Cow<'a, [u8]>),
    /// Those of one that holds, or may hold, a secret: wiped when dropped.
    Wiped(Zeroizing<Vec<u8>>),
}

impl Bytes<'_> {
    pub(super) fn into_owned(self) -> Bytes<'static> {
        match self {
            Self::Plain(bytes) => Bytes::Plain(bytes.into_owned().into()),
            Self::Wiped(bytes) => Bytes::Wiped(bytes),
        }
    }
}

impl Deref for Bytes<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Plain(bytes) => bytes,
            Self::Wiped(bytes) => bytes,
        }
    }
}

/// The bytes of an artifact; `None` for a directory, and where a secret in it has no value yet.
///
/// # Errors
/// A secret that the grammar of its file cannot hold; the message never shows it.
pub(super) fn render<'a>(artifact: &'a Artifact, filled: &Filled) -> Result<Option<Bytes<'a>>, Diagnostic> {
    let wiped = |text: &str| Bytes::Wiped(Zeroizing::new(text.as_bytes().to_vec()));
    Ok(match &artifact.content {
        Content::Directory => None,
        Content::Text(text) => Some(Bytes::Plain(text.as_bytes().into())),
        Content::Secret(name) => filled.secret(name.as_str()).map(|secret| wiped(secret.expose())),
        Content::Certificate(part) => filled.certificate(*part).map(wiped),
        Content::Marks => filled.marks().map(|marks| wiped(marks.expose())),
        Content::Pieces(pieces) => {
            let secret = artifact.content.holds_secret();
            let bytes = |mut bytes: Zeroizing<Vec<u8>>| match secret {
                true => Bytes::Wiped(bytes),
                false => Bytes::Plain(std::mem::take(&mut *bytes).into()),
            };
            join(artifact, pieces, filled)?.map(bytes)
        }
    })
}

fn join(artifact: &Artifact, pieces: &[Piece], filled: &Filled) -> Result<Option<Zeroizing<Vec<u8>>>, Diagnostic> {
    let unfit = |names: String, reason: &str| {
        Diagnostic::error(
            codes::BAD_SECRET,
            format!("the secret `{names}` cannot be written into `{}`: {reason}", artifact.path),
        )
        .help("choose a value of letters, digits and plain marks")
    };
    let mut out = Zeroizing::new(Vec::with_capacity(capacity(pieces, filled)));
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.extend_from_slice(text.as_bytes()),
            Piece::Secret { name, grammar } => {
                let Some(secret) = filled.secret(name.as_str()) else { return Ok(None) };
                let inner = inside_quotes(secret, *grammar).map_err(|reason| unfit(name.to_string(), reason))?;
                out.extend_from_slice(inner.as_bytes());
            }
            Piece::Inputs { public, private } => {
                let generation = |name: &'_ String| filled.generations().get(name).map_or("", String::as_str);
                let named = private.iter().map(|name| (name.as_str(), generation(name)));
                out.extend_from_slice(orchestrator::label(public, named).as_bytes());
            }
            Piece::Value { parts, grammar } => {
                let Some(whole) = whole(parts, filled) else { return Ok(None) };
                let mut written = Zeroizing::new(String::with_capacity(room(whole.len())));
                // A refusal holds the value: only its reason goes on.
                grammar
                    .quoted(&whole, &mut written)
                    .map_err(|refusal| unfit(piece.secrets().join("`, `"), refusal.reason))?;
                out.extend_from_slice(written.as_bytes());
            }
        }
    }
    Ok(Some(out))
}

/// Room for a value of so many bytes in any grammar: `\u{…}` and quotes are the longest.
fn room(length: usize) -> usize {
    length * 6 + 2
}

/// Plain text and secrets in turn; `None` where a secret has no value yet.
fn whole(parts: &[String], filled: &Filled) -> Option<Zeroizing<String>> {
    let texts = parts.iter().enumerate().map(|(at, part)| match at % 2 {
        0 => Some(part.as_str()),
        _ => filled.secret(part).map(Secret::expose),
    });
    let texts = texts.collect::<Option<Vec<&str>>>()?;
    let mut whole = Zeroizing::new(String::with_capacity(texts.iter().map(|text| text.len()).sum()));
    texts.iter().for_each(|text| whole.push_str(text));
    Some(whole)
}

/// Room for everything, so that no half-written copy of a secret stays behind when the buffer grows.
fn capacity(pieces: &[Piece], filled: &Filled) -> usize {
    let length = |piece: &Piece| match piece {
        Piece::Text(text) => text.len(),
        // Digits of a digest, more than there are.
        Piece::Inputs { .. } => 64,
        Piece::Secret { name, .. } => filled.secret(name.as_str()).map_or(0, |secret| room(secret.expose().len())),
        Piece::Value { parts, .. } => whole(parts, filled).map_or(0, |whole| room(whole.len())),
    };
    pieces.iter().map(length).sum()
}

/// A value as it stands between double quotes, which the file's text already has.
fn inside_quotes(secret: &Secret, grammar: Grammar) -> Result<Zeroizing<String>, &'static str> {
    let mut quoted = Zeroizing::new(String::with_capacity(room(secret.expose().len())));
    // A refusal holds the value: only its reason goes on.
    let form = grammar.quoted(secret.expose(), &mut quoted).map_err(|refusal| refusal.reason)?;
    match quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) if form == Form::Quoted => Ok(Zeroizing::new(inner.to_owned())),
        _ if form != Form::Quoted => Ok(quoted),
        _ => Err("this kind of file holds it only between other quotes"),
    }
}
