//! `.nvim.lua`, which Neovim reads where `exrc` is on: one block between two comments.

use super::{Association, Merged, entries};

const BEGIN: &str = "-- Schemas of Stockade, kept up to date by `stockade schema --write`.";
const END: &str = "-- End of the schemas of Stockade.";

/// The file with the block.
pub(super) fn merge(text: Option<&str>, all: &[Association]) -> Merged {
    let list = |files: &str| format!("{{{}}}", files.trim_start_matches('[').trim_end_matches(']'));
    let lines: String = entries(all)
        .iter()
        .map(|(key, files)| format!("  [{}] = {},\n", serde_json::Value::from(key.as_str()), list(files)))
        .collect();
    let block = format!(
        "{BEGIN}\nvim.lsp.config('yamlls', {{ settings = {{ yaml = {{ schemas = {{\n{lines}}} }} }} }})\n{END}"
    );
    let text = text.unwrap_or_default();
    match (text.find(BEGIN), text.find(END)) {
        (Some(start), Some(end)) if start < end => {
            let new = format!("{}{block}{}", &text[..start], &text[end + END.len()..]);
            if new == text { Merged::Same } else { Merged::Text(new) }
        }
        (None, None) => {
            let gap = if text.is_empty() {
                ""
            } else if text.ends_with('\n') {
                "\n"
            } else {
                "\n\n"
            };
            Merged::Text(format!("{text}{gap}{block}\n"))
        }
        _ => Merged::ByHand(block),
    }
}
