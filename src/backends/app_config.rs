//! The application's own files and directories, as its system describes them.

use crate::artifact::{self, Artifact, Content, Piece};
use crate::controls::Hardened;
use crate::format::system::Policy;
use crate::grammar::{Grammar, Unprintable, yaml_block};
use crate::stack::{Access, AppFile, Body, Directory, OwnTemplate, Stack};
use crate::templates::{Engine, TemplateError};
use crate::values::{Mode, SecretName};
use serde_json::Value;

/// Directories first, then files.
///
/// # Errors
/// What a system's own template cannot print, and a tree that its format cannot hold.
pub fn emit(stack: &Hardened, _: &Engine) -> Result<Vec<Artifact>, TemplateError> {
    let mut artifacts: Vec<_> = stack.directories.iter().map(directory).collect();
    for file in &stack.files {
        artifacts.push(Artifact {
            path: file.path.value.clone(),
            content: content(file, stack)?,
            access: access(file, stack),
            policy: match file.policy {
                Policy::Managed => artifact::Policy::Managed,
                Policy::Seed => artifact::Policy::Once,
            },
        });
    }
    Ok(artifacts)
}

fn directory(directory: &Directory) -> Artifact {
    let Directory { path, owner, mode } = directory;
    // Where the owner cannot be set, its user must be let in as anybody; the bundle around it is closed then.
    let shared = if owner.is_some() { Mode(0o777) } else { *mode };
    Artifact {
        path: path.value.clone(),
        content: Content::Directory,
        access: Access { owner: *owner, mode: *mode, shared },
        policy: artifact::Policy::Managed,
    }
}

fn access(file: &AppFile, stack: &Stack) -> Access {
    // The application writes its own state, but only reads what we keep up to date.
    let shared = match file.policy {
        Policy::Managed if file.mode.0 & 0o111 != 0 => Mode(0o555),
        Policy::Managed => Mode(0o444),
        Policy::Seed => Mode(0o666),
    };
    if stack.file_permissions.is_set() {
        Access { owner: Some(file.owner), mode: file.mode, shared }
    } else {
        Access { owner: None, mode: shared, shared }
    }
}

fn content(file: &AppFile, stack: &Stack) -> Result<Content, TemplateError> {
    let bug = |cause: String| TemplateError::Bug { template: file.path.to_string(), line: None, cause };
    match &file.body {
        Body::Json(tree) => tree::write(tree, Grammar::Json).map_err(bug),
        Body::Yaml(tree) => tree::write(tree, Grammar::Yaml).map_err(bug),
        Body::Verbatim(text) => Ok(Content::Text(text.clone())),
        Body::Template(template) => {
            let pieces = rendered(template).map_err(|error| at_home(error, template))?;
            let named = pieces.iter().flat_map(Piece::secrets);
            // A filter can turn the name of one secret into that of another.
            if let Some(name) =
                named.into_iter().find(|name| !stack.secrets.keys().any(|known| known.as_str() == *name))
            {
                return Err(at_home(bug(format!("there is no secret `{name}`")), template));
            }
            Ok(match pieces.as_slice() {
                [Piece::Text(text)] => Content::Text(text.clone()),
                _ => Content::Pieces(pieces),
            })
        }
    }
}

fn rendered(template: &OwnTemplate) -> Result<Vec<Piece>, TemplateError> {
    Engine::own(&template.folder).pieces(&template.name, template.facts.clone())
}

/// The error of a system's own template, with the places of its author's files.
fn at_home(mut error: TemplateError, template: &OwnTemplate) -> TemplateError {
    let (TemplateError::Refused { template: name, line, .. } | TemplateError::Bug { template: name, line, .. }) =
        &error
    else {
        return error;
    };
    let at = line.and_then(|line| Some(template.folder.get(name)?.line(line)));
    // Expressions of a template keep no places, but its line names what it prints.
    let said = line.and_then(|line| template.said.get(name)?.get(&line));
    if let (TemplateError::Refused { refusal, .. }, Some(texts)) = (&mut error, said) {
        let whole = texts.iter().find(|text| Unprintable::shown(text.trim()) == refusal.value).or(texts.first());
        refusal.at = whole.map_or(refusal.at, |text| text.span);
    }
    TemplateError::Own { at, named: template.name.span, error: Box::new(error) }
}

/// Trees of JSON and YAML with secrets in their texts.
mod tree {
    use super::{Content, Grammar, Piece, SecretName, Value, yaml_block};

    /// The text of a tree. Each secret is first a mark that no other text of the tree holds, and that both formats can
    /// only write in double quotes; then the written text is cut at the marks.
    pub(super) fn write(tree: &Value, grammar: Grammar) -> Result<Content, String> {
        let mut tree = tree.clone();
        let mut marks = Marks { word: unused_word(&tree), names: Vec::new() };
        marks.replace(&mut tree)?;
        let mut text = match grammar {
            Grammar::Json => serde_json::to_string_pretty(&tree).map_err(|error| error.to_string())?,
            _ => yaml_block(&tree).map_err(|refusal| refusal.to_string())?,
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
            let control = "\\u0001";
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
