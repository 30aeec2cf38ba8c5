//! In: a template's name and a view, one struct per template. Out: the text of the file, every value in it escaped for the
//! file's grammar, or a [`TemplateError`] that says whether the value or the template is at fault.
//!
//! Three gates, none of which a template can open: `gate` prints values through [`Grammar`], `names` keeps every
//! include inside the embedded tree, and `position` checks that quoted values stand where a whole token may.

mod error;
mod filters;
mod gate;
mod names;
mod position;
mod said;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;

pub use error::TemplateError;
pub use said::Said;

use crate::artifact::Piece;
use crate::embedded;
use crate::format::system::Templates;
use crate::grammar::Grammar;
use crate::stack;
use crate::systems::bounds;

/// Where the templates are among the embedded files.
const FOLDER: &str = "templates/";

/// Names and texts of the embedded templates, by name.
pub fn builtin() -> impl Iterator<Item = (&'static str, &'static str)> {
    embedded::below(FOLDER).filter_map(|path| Some((path.strip_prefix(FOLDER)?, embedded::text(path)?)))
}

/// Renders the embedded templates, or those of one system.
pub struct Engine {
    environment: Environment<'static>,
    /// Whether its templates are a system's, and what they give is bounded.
    bounded: bool,
}

/// Steps of the engine for one file of a system.
const MAX_STEPS: u64 = 1_000_000;

impl Engine {
    /// The templates in `templates/`, named by their path below it (`orchestrator/compose.yaml.j2`). Each is parsed when
    /// it is first used.
    #[must_use]
    pub fn builtin() -> Self {
        Self::new(|name| embedded::text(&format!("{FOLDER}{name}")).map(Cow::Borrowed))
    }

    /// The templates of one system and no others, by name.
    #[must_use]
    pub fn own(folder: &Arc<Templates>) -> Self {
        let folder = Arc::clone(folder);
        // One that is beyond the bounds was refused when the system was read.
        let bounded = move |text: &str| bounds::text(text).map(|text| text.into_owned().into()).ok();
        let mut engine = Self::new(move |name| folder.get(name).and_then(|template| bounded(&template.text)));
        engine.environment.set_fuel(Some(MAX_STEPS));
        stack::language(&mut engine.environment);
        engine.bounded = true;
        engine
    }

    fn new(find: impl Fn(&str) -> Option<Cow<'static, str>> + Send + Sync + 'static) -> Self {
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_debug(false);
        environment.set_syntax(syntax());
        environment.set_loader(move |name| names::load(name, &find));
        environment.set_path_join_callback(names::join);
        // `None` is not "unescaped" here: the gate refuses to print anything in that mode.
        environment.set_auto_escape_callback(|name| match Grammar::of(name) {
            Some(grammar) => AutoEscape::Custom(grammar.id().into()),
            None => AutoEscape::None,
        });
        environment.set_formatter(gate::print);
        environment.add_filter("length", minijinja::filters::length);
        environment.add_test("none", minijinja::tests::is_none);
        environment.add_filter("why", filters::why);
        environment.add_filter("block", filters::block);
        environment.add_filter("code", filters::code);
        environment.add_filter("prose", filters::prose);
        environment.add_filter("quoted", filters::quoted);
        environment.add_filter("remark", filters::remark);
        environment.add_filter("word", filters::word);
        Self { environment, bounded: false }
    }

    /// Parses the templates that every bundle uses, so that [`render`](Self::render) finds them ready. Mistakes show there.
    pub fn prepare(&self) {
        let folders = ["report", "orchestrator", "housekeeping", "shims"];
        let files =
            folders.iter().flat_map(|folder| embedded::below(&format!("{FOLDER}{folder}/")).collect::<Vec<_>>());
        for name in files.filter_map(|path| path.strip_prefix(FOLDER)) {
            let _ = self.environment.get_template(name);
        }
    }

    /// Renders the template with the view's fields as its variables.
    ///
    /// # Errors
    /// [`TemplateError::Refused`] when a value has no form in the file's grammar, which is for the user to mend;
    /// [`TemplateError::Bug`] for everything that is the template's or the view's fault.
    pub fn render(&self, name: &str, view: &impl Serialize) -> Result<String, TemplateError> {
        let text = |piece| match piece {
            Piece::Text(text) => Ok(text),
            _ => Err(TemplateError::bug(name, "only a system's own templates can hold secrets")),
        };
        self.pieces(name, Serde(view))?.into_iter().map(text).collect()
    }

    /// Renders the template over facts whose texts may hold secrets, each as a [`hole`](stack::hole).
    ///
    /// # Errors
    /// As [`render`](Self::render).
    pub fn pieces(&self, name: &str, facts: impl Into<Value>) -> Result<Vec<Piece>, TemplateError> {
        names::check(name).map_err(|cause| TemplateError::bug(name, cause))?;
        let Some(grammar) = Grammar::of(name) else {
            return Err(TemplateError::bug(name, names::NO_GRAMMAR));
        };
        let rendered = self
            .environment
            .get_template(name)
            .and_then(|template| match self.bounded {
                true => stack::render_bounded(&template, facts),
                false => template.render(facts.into()),
            })
            .map_err(|error| TemplateError::from_engine(name, &error))?;
        position::settle(grammar, rendered).map_err(|cause| TemplateError::bug(name, cause))
    }
}

/// A line that holds only a tag leaves nothing behind, and files keep their last line break.
fn syntax() -> SyntaxConfig {
    SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()
        .expect("the delimiters are the engine's own")
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}
