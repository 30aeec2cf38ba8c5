//! `.idea/jsonSchemas.xml`, the mappings of IntelliJ IDEA and its kin.

use super::{Association, Merged};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<project version=\"4\">\n  <component name=\"JsonSchemaMappingsProjectConfiguration\">\n    <state>\n      <map>\n";
const FOOT: &str = "      </map>\n    </state>\n  </component>\n</project>\n";

/// The file with an entry for each association.
pub(super) fn merge(text: Option<&str>, all: &[Association]) -> Merged {
    let entries: Vec<(String, String)> = all.iter().map(|it| (name(it), entry(it))).collect();
    let whole = |entries: &[(String, String)]| entries.iter().map(|(_, entry)| entry.as_str()).collect::<String>();
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return Merged::Text(format!("{HEAD}{}{FOOT}", whole(&entries)));
    };
    let mut out = text.to_owned();
    let mut new = Vec::new();
    for (name, entry) in entries.clone() {
        let head = format!("<entry key=\"{}\">", escaped(&name));
        let Some(start) = out.find(&head) else {
            new.push((name, entry));
            continue;
        };
        let Some(length) = out[start..].find("</entry>") else { return Merged::ByHand(whole(&entries)) };
        out.replace_range(start..start + length + "</entry>".len(), entry.trim());
    }
    if !new.is_empty() {
        let component = out.find("name=\"JsonSchemaMappingsProjectConfiguration\"");
        let Some(map) = component.and_then(|from| Some(from + out[from..].find("<map>")? + "<map>".len())) else {
            return Merged::ByHand(whole(&entries));
        };
        out.insert_str(map, &format!("\n{}", whole(&new).trim_end()));
    }
    if out == text { Merged::Same } else { Merged::Text(out) }
}

fn name(it: &Association) -> String {
    format!("Stockade: {}", it.files.join(", "))
}

fn entry(it: &Association) -> String {
    let items: String = it.files.iter().map(|file| {
        let pattern = if file.contains('*') { "\n                    <option name=\"pattern\" value=\"true\" />" } else { "" };
        format!(
            "                  <Item>{pattern}\n                    <option name=\"path\" value=\"{}\" />\n                  </Item>\n",
            escaped(file)
        )
    }).collect();
    format!(
        "        <entry key=\"{0}\">\n          <value>\n            <SchemaInfo>\n              <option name=\"name\" value=\"{0}\" />\n              <option name=\"relativePathToSchema\" value=\"{1}\" />\n              <option name=\"schemaVersion\" value=\"JSON Schema version 7\" />\n              <option name=\"patterns\">\n                <list>\n{items}                </list>\n              </option>\n            </SchemaInfo>\n          </value>\n        </entry>\n",
        escaped(&name(it)),
        escaped(&it.schema),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
