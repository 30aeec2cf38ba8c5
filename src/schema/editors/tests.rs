//! Settings of editors keep what stands in them.

use super::modeline::{Line, put};
use super::*;

fn two() -> Vec<Association> {
    vec![
        Association { schema: ".stockade/stockade.schema.json".into(), files: vec!["stockade.yaml".into()] },
        Association { schema: ".stockade/system.schema.json".into(), files: vec!["*.system.yaml".into()] },
    ]
}

fn editor(file: &str) -> &'static Editor {
    ALL.iter().find(|editor| editor.file == file).expect("there is one")
}

/// The new text, which says all of it: merged once more it stays.
fn merged(file: &str, text: &str) -> String {
    let merge = |text: Option<&str>| editor(file).merge(text, &two());
    let Merged::Text(new) = merge(Some(text).filter(|text| !text.is_empty())) else {
        panic!("{file}: {:?}", merge(Some(text)))
    };
    assert_eq!(merge(Some(&new)), Merged::Same, "{file}:\n{new}");
    new
}

#[test]
fn an_empty_file_gets_all_of_it_and_a_second_run_changes_nothing() {
    for editor in &ALL {
        let new = merged(editor.file, "");
        assert!(new.contains("stockade.schema.json") && new.contains("*.system.yaml"), "{}", editor.file);
    }
    serde_json::from_str::<serde_json::Value>(&merged(".vscode/settings.json", "")).expect("JSON");
}

#[test]
fn comments_and_settings_of_vs_code_stay() {
    let file = ".vscode/settings.json";
    for text in [
        "{\n  // mine\n  \"editor.tabSize\": 2, /* two */\n  \"a\": [1, {\"b\": \"}\"}],\n}\n",
        "{}",
        "{ }\n",
        "{\"a\": 1}",
        "// head\n{\r\n\t\"a\": \"\\\"//no comment\" // end\r\n}\r\n",
        "{\n  \"yaml.schemas\": {\n    // kubernetes\n    \"kubernetes\": \"k8s/*.yaml\"\n  }\n}\n",
        "{\"yaml.schemas\": {}, \"a\": 1}",
        "{\"yaml.schemas\": {\"./.stockade/stockade.schema.json\": [\"old.yaml\"], \"x\": \"y\"}}",
    ] {
        let new = merged(file, text);
        let kept: Vec<_> = text
            .split(['{', '}', '[', ']', ','])
            .map(str::trim)
            .filter(|part| !part.is_empty() && *part != "\"old.yaml\"")
            .collect();
        assert!(kept.iter().all(|part| new.contains(part)), "{text}\n{new}");
        let comment = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
        if !text.contains("//no") {
            let plain: String =
                new.lines().map(comment).collect::<Vec<_>>().join("\n").replace("/* two */", "").replace(",\n}", "\n}");
            let read: serde_json::Value =
                serde_json::from_str(&plain).unwrap_or_else(|error| panic!("{error}\n{plain}"));
            assert_eq!(read["yaml.schemas"]["./.stockade/stockade.schema.json"], serde_json::json!(["stockade.yaml"]));
        }
    }
}

#[test]
fn what_cannot_be_read_is_left_for_a_person() {
    for (file, text) in [
        (".vscode/settings.json", "{"),
        (".vscode/settings.json", "[]"),
        (".vscode/settings.json", "{\"a\": 1} x"),
        (".vscode/settings.json", "{\"yaml.schemas\": true}"),
        (".vscode/settings.json", "{\"yaml.schemas\": {}, \"yaml.schemas\": {}}"),
        (".vscode/settings.json", "{'a': 1}"),
        (".neoconf.json", "{\"lspconfig\": []}"),
        (".idea/jsonSchemas.xml", "<project><component /></project>"),
        (".helix/languages.toml", "[language-server.yaml-language-server]\nconfig = {}\n"),
        (
            ".helix/languages.toml",
            "[language-server.yaml-language-server.config.yaml.schemas]\n\"./.stockade/stockade.schema.json\" = \"x\"\n",
        ),
        (".nvim.lua", "-- End of the schemas of Stockade.\n"),
    ] {
        let Merged::ByHand(snippet) = editor(file).merge(Some(text), &two()) else { panic!("{file}: {text}") };
        assert!(snippet.contains("stockade.schema.json"), "{snippet}");
    }
}

#[test]
fn other_editors_keep_their_own() {
    let jetbrains = "<project version=\"4\">\n  <component name=\"Other\"><map></map></component>\n  <component name=\"JsonSchemaMappingsProjectConfiguration\">\n    <state>\n      <map>\n        <entry key=\"mine\">\n        </entry>\n      </map>\n    </state>\n  </component>\n</project>\n";
    let new = merged(".idea/jsonSchemas.xml", jetbrains);
    assert!(new.contains("<entry key=\"mine\">\n        </entry>") && new.contains("\"Other\"><map></map>"), "{new}");
    let new = merged(".helix/languages.toml", "# mine\n[[language]]\nname = \"yaml\"");
    assert!(new.starts_with("# mine\n[[language]]\nname = \"yaml\"\n\n[language-server"), "{new}");
    let new = merged(".nvim.lua", "vim.o.exrc = true");
    assert!(new.starts_with("vim.o.exrc = true\n\n--"), "{new}");
}

#[test]
fn a_modeline_is_put_first_and_another_one_stays() {
    let ours = ".stockade/stockade.schema.json";
    let of = |text: &str| put(text, ours, ".stockade");
    assert_eq!(of("a: 1\n"), Line::Text(format!("# yaml-language-server: $schema={ours}\na: 1\n")));
    assert_eq!(
        of("\u{feff}a: 1\r\n"),
        Line::Text(format!("\u{feff}# yaml-language-server: $schema={ours}\r\na: 1\r\n"))
    );
    assert_eq!(of(&format!("# yaml-language-server: $schema={ours}\na: 1\n")), Line::Same);
    assert_eq!(
        of("# x\n# yaml-language-server: $schema=../.stockade/profile.schema.json extra\r\na: 1"),
        Line::Text(format!("# x\n# yaml-language-server: $schema={ours} extra\r\na: 1"))
    );
    let other = "# yaml-language-server: $schema=https://example.com/x.json\na: 1\n";
    assert_eq!(of(other), Line::Other("https://example.com/x.json".into()));
    assert!(matches!(of("a: 'yaml-language-server: $schema=x'\n"), Line::Text(_)));
}
