//! In: what an editor's file says, and which schema is for which files. Out: the same file with that in it, or what to add by
//! hand where it cannot be put there safely. Nothing else in it changes.

mod helix;
mod jetbrains;
mod jsonc;
pub mod modeline;
mod neovim;

/// One schema and the files it is for, both as paths from the root of the project, with `/` between names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Association {
    /// The schema.
    pub schema: String,
    /// The files: a path, or a pattern such as `*.system.yaml`.
    pub files: Vec<String>,
}

/// What becomes of an editor's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merged {
    /// It says all of it.
    Same,
    /// Its new text.
    Text(String),
    /// It cannot be changed safely; this is to be added by hand.
    ByHand(String),
}

/// An editor whose settings Stockade can merge into.
#[derive(Debug)]
pub struct Editor {
    /// Its name.
    pub name: &'static str,
    /// The file or folder that must be there.
    pub sign: &'static str,
    /// Its file.
    pub file: &'static str,
    merge: fn(Option<&str>, &[Association]) -> Merged,
}

/// All of them.
pub static ALL: [Editor; 5] = [
    Editor { name: "VS Code", sign: ".vscode", file: ".vscode/settings.json", merge: vscode },
    Editor { name: "JetBrains", sign: ".idea", file: ".idea/jsonSchemas.xml", merge: jetbrains::merge },
    Editor { name: "Helix", sign: ".helix", file: ".helix/languages.toml", merge: helix::merge },
    Editor { name: "Neovim", sign: ".nvim.lua", file: ".nvim.lua", merge: neovim::merge },
    Editor { name: "Neovim", sign: ".neoconf.json", file: ".neoconf.json", merge: neoconf },
];

impl Editor {
    /// The file with the associations in it; nothing stands for one that is not there.
    pub fn merge(&self, text: Option<&str>, all: &[Association]) -> Merged {
        (self.merge)(text, all)
    }
}

/// The associations as the yaml-language-server's `yaml.schemas` wants them.
fn entries(all: &[Association]) -> Vec<(String, String)> {
    let list = |files: &[String]| {
        let files: Vec<String> = files.iter().map(|file| serde_json::Value::from(file.as_str()).to_string()).collect();
        format!("[{}]", files.join(", "))
    };
    all.iter().map(|it| (format!("./{}", it.schema), list(&it.files))).collect()
}

fn vscode(text: Option<&str>, all: &[Association]) -> Merged {
    jsonc::merge(text, &["yaml.schemas"], &entries(all))
}

fn neoconf(text: Option<&str>, all: &[Association]) -> Merged {
    jsonc::merge(text, &["lspconfig", "yamlls", "yaml.schemas"], &entries(all))
}

#[cfg(test)]
mod tests;
