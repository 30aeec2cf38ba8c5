//! The bytes of one artifact, secrets filled in.

use zeroize::Zeroizing;

use super::Filled;
use crate::artifact::{Artifact, CertificatePart, Content, Piece};
use crate::backends::escape::{Form, Grammar};
use crate::diagnostics::{Diagnostic, codes};
use crate::secrets::Secret;

/// The bytes of a file; wiped when dropped because they may hold a secret.
pub(super) type Bytes = Zeroizing<Vec<u8>>;

/// The bytes of an artifact; `None` for a directory, and where a secret in it has no value yet.
///
/// # Errors
/// A secret that the grammar of its file cannot hold; the message never shows it.
pub(super) fn render(artifact: &Artifact, filled: &Filled) -> Result<Option<Bytes>, Diagnostic> {
    let bytes = |text: &str| Zeroizing::new(text.as_bytes().to_vec());
    Ok(match &artifact.content {
        Content::Directory => None,
        Content::Text(text) => Some(bytes(text)),
        Content::Secret(name) => filled.secret(name.as_str()).map(|secret| bytes(secret.expose())),
        Content::Certificate(part) => filled.certificate(*part).map(bytes),
        Content::Pieces(pieces) => join(artifact, pieces, filled)?,
    })
}

/// Whether the file holds what nobody may see.
pub(super) fn is_secret(content: &Content) -> bool {
    match content {
        Content::Directory | Content::Text(_) => false,
        Content::Secret(_) => true,
        Content::Pieces(pieces) => pieces.iter().any(|piece| matches!(piece, Piece::Secret { .. })),
        Content::Certificate(part) => {
            matches!(part, CertificatePart::AuthorityKey | CertificatePart::ServerKey)
        }
    }
}

fn join(artifact: &Artifact, pieces: &[Piece], filled: &Filled) -> Result<Option<Bytes>, Diagnostic> {
    let mut out = Zeroizing::new(Vec::with_capacity(capacity(pieces, filled)));
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.extend_from_slice(text.as_bytes()),
            Piece::Secret { name, grammar } => {
                let Some(secret) = filled.secret(name.as_str()) else { return Ok(None) };
                let inner = inside_quotes(secret, *grammar).map_err(|reason| {
                    Diagnostic::error(
                        codes::BAD_SECRET,
                        format!("the secret `{name}` cannot be written into `{}`: {reason}", artifact.path),
                    )
                    .help("choose a value of letters, digits and plain marks")
                })?;
                out.extend_from_slice(inner.as_bytes());
            }
        }
    }
    Ok(Some(out))
}

/// Room for everything, so that no half-written copy of a secret stays behind when the buffer grows.
fn capacity(pieces: &[Piece], filled: &Filled) -> usize {
    let length = |piece: &Piece| match piece {
        Piece::Text(text) => text.len(),
        Piece::Secret { name, .. } => filled.secret(name.as_str()).map_or(0, |secret| secret.expose().len() * 6),
    };
    pieces.iter().map(length).sum()
}

/// A value as it stands between double quotes, which the file's text already has.
fn inside_quotes(secret: &Secret, grammar: Grammar) -> Result<Zeroizing<String>, &'static str> {
    let mut quoted = Zeroizing::new(String::with_capacity(secret.expose().len() * 6 + 2));
    // A refusal holds the value: only its reason goes on.
    let form = grammar.quoted(secret.expose(), &mut quoted).map_err(|refusal| refusal.reason)?;
    match quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) if form == Form::Quoted => Ok(Zeroizing::new(inner.to_owned())),
        _ if form != Form::Quoted => Ok(quoted),
        _ => Err("this kind of file holds it only between other quotes"),
    }
}
