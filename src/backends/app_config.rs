//! The application's own files and directories, as its system describes them.

use super::escape::Grammar;
use super::templates::{Engine, TemplateError};
use crate::artifact::{self, Artifact, Content, Piece};
use crate::controls::Hardened;
use crate::stack::{Access, AppFile, Body, Directory, Stack};
use crate::systems::format::Policy;
use crate::values::{Mode, SecretName};
use serde::Serialize;
use serde_json::Value;

/// What a template of a system sees.
#[derive(Serialize)]
struct Facts<'a> {
    /// Name of the compose project.
    project: &'a str,
    /// Host name under which people reach it.
    domain: Option<String>,
    /// Variant of the system.
    variant: Option<&'a str>,
}

/// Directories first, then files.
///
/// # Errors
/// What a system's own template cannot print, and a tree that its format cannot hold.
pub fn emit(stack: &Hardened, engine: &Engine) -> Result<Vec<Artifact>, TemplateError> {
    let mut artifacts: Vec<_> = stack.directories.iter().map(directory).collect();
    for file in &stack.files {
        artifacts.push(Artifact {
            path: file.path.clone(),
            content: content(file, stack, engine)?,
            access: access(file, stack),
            policy: match file.policy {
                Policy::Managed => artifact::Policy::Managed,
                Policy::Seed => artifact::Policy::Once,
            },
        });
    }
    Ok(artifacts)
}

/// Whether a file holds secrets, and so belongs in no repository.
pub fn holds_secret(file: &AppFile) -> bool {
    fn holds(value: &Value) -> bool {
        match value {
            Value::String(text) => text.contains('\0'),
            Value::Array(items) => items.iter().any(holds),
            Value::Object(entries) => entries.values().any(holds),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }
    match &file.body {
        Body::Json(tree) | Body::Yaml(tree) => holds(tree),
        Body::Template { .. } => false,
    }
}

fn directory(directory: &Directory) -> Artifact {
    let Directory { path, owner, mode } = directory;
    // Where the owner cannot be set, its user must be let in as anybody; the bundle around it is closed then.
    let shared = if owner.is_some() { Mode(0o777) } else { *mode };
    Artifact {
        path: path.clone(),
        content: Content::Directory,
        access: Access { owner: *owner, mode: *mode, shared },
        policy: artifact::Policy::Managed,
    }
}

fn access(file: &AppFile, stack: &Stack) -> Access {
    // The application writes its own state, but only reads what we keep up to date.
    let shared = match file.policy {
        Policy::Managed => Mode(0o444),
        Policy::Seed => Mode(0o666),
    };
    if stack.file_permissions.is_set() {
        Access { owner: Some(file.owner), mode: file.mode, shared }
    } else {
        Access { owner: None, mode: shared, shared }
    }
}

fn content(file: &AppFile, stack: &Stack, engine: &Engine) -> Result<Content, TemplateError> {
    let bug = |cause: String| TemplateError::Bug { template: file.path.to_string(), line: None, cause };
    match &file.body {
        Body::Json(tree) => tree::write(tree, Grammar::Json).map_err(bug),
        Body::Yaml(tree) => tree::write(tree, Grammar::Yaml).map_err(bug),
        Body::Template { name } => {
            let system = stack.systems.first();
            let domain = system.and_then(|system| system.domain.as_ref()).map(ToString::to_string);
            let variant = system.and_then(|system| system.variant.as_deref());
            let facts = Facts { project: stack.name.as_str(), domain, variant };
            engine.render(name, &facts).map(Content::Text)
        }
    }
}

/// Trees of JSON and YAML with secrets in their texts.
mod tree {
    use super::{Content, Grammar, Piece, SecretName, Value};

    /// The text of a tree. Each secret is first a mark that no other text of the tree holds, and that both formats can
    /// only write in double quotes; then the written text is cut at the marks.
    pub(super) fn write(tree: &Value, grammar: Grammar) -> Result<Content, String> {
        let mut tree = tree.clone();
        let mut marks = Marks { word: unused_word(&tree), names: Vec::new() };
        marks.replace(&mut tree)?;
        let mut text = match grammar {
            Grammar::Json => serde_json::to_string_pretty(&tree).map_err(|error| error.to_string())?,
            _ => serde_yaml::to_string(&tree).map_err(|error| error.to_string())?,
        };
        if !text.ends_with('\n') {
            text.push('\n');
        }
        if marks.names.is_empty() {
            return Ok(Content::Text(text));
        }
        Ok(Content::Pieces(marks.cut(&text, grammar)))
    }

    /// A word that occurs nowhere in the tree, the same for the same tree.
    fn unused_word(tree: &Value) -> String {
        let text = tree.to_string();
        let mut word = "secret".to_owned();
        while text.contains(&word) {
            word.push('x');
        }
        word
    }

    struct Marks {
        word: String,
        names: Vec<SecretName>,
    }

    impl Marks {
        /// Turns every hole of a text, `NUL name NUL`, into a mark.
        fn replace(&mut self, value: &mut Value) -> Result<(), String> {
            match value {
                Value::String(text) if text.contains('\0') => {
                    let mut marked = String::new();
                    for (at, part) in text.split('\0').enumerate() {
                        if at % 2 == 0 {
                            marked.push_str(part);
                        } else {
                            marked.push_str(&self.mark(part.parse().map_err(|_| "a text holds a NUL character")?));
                        }
                    }
                    if text.matches('\0').count() % 2 != 0 {
                        return Err("a text holds a NUL character".to_owned());
                    }
                    *text = marked;
                    Ok(())
                }
                Value::Array(items) => items.iter_mut().try_for_each(|item| self.replace(item)),
                Value::Object(entries) => entries.values_mut().try_for_each(|entry| self.replace(entry)),
                _ => Ok(()),
            }
        }

        fn mark(&mut self, name: SecretName) -> String {
            let at = self.names.iter().position(|known| *known == name).unwrap_or_else(|| {
                self.names.push(name);
                self.names.len() - 1
            });
            format!("\u{1}{}{at}\u{1}", self.word)
        }

        fn cut(&self, text: &str, grammar: Grammar) -> Vec<Piece> {
            let control = if grammar == Grammar::Json { "\\u0001" } else { "\\x01" };
            let open = format!("{control}{}", self.word);
            let mut pieces = Vec::new();
            let mut parts = text.split(&open);
            pieces.extend(parts.next().map(|first| Piece::Text(first.to_owned())));
            for part in parts {
                let (at, rest) = part.split_once(control).unwrap_or((part, ""));
                let name = at.parse::<usize>().ok().and_then(|at| self.names.get(at));
                pieces.extend(name.map(|name| Piece::Secret { name: name.clone(), grammar }));
                pieces.push(Piece::Text(rest.to_owned()));
            }
            pieces.retain(|piece| *piece != Piece::Text(String::new()));
            pieces
        }
    }
}

#[cfg(test)]
#[path = "app_config_tests.rs"]
mod tests;
