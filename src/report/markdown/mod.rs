//! In: the view. Out: `HARDENING.md`, laid out so that it also reads as plain text.

mod layout;

use super::view::View;
use crate::templates::{Engine, TemplateError};

const TEMPLATE: &str = "report/HARDENING.md.j2";

/// The text of `HARDENING.md`.
///
/// # Errors
/// A value that Markdown cannot hold, or a mistake of the template.
pub(super) fn render(view: &View, engine: &Engine) -> Result<String, TemplateError> {
    engine.render(TEMPLATE, view).map(|text| layout::tidy(&text))
}
