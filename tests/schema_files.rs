//! `stockade schema --write` in a project: what it writes, what it leaves alone, and that a second run changes nothing.

use crate::support::session::Session;
use std::collections::BTreeMap;
use std::path::Path;

const PROFILE: &str = "version: 1\nname: hyos\nsystem: hyos\ndomain: play.example.com\nadmin: [10.8.0.0/24]\n";
const OWN: &str =
    "version: 1\nname: book\nsystem: ./guestbook.system.yaml\ndomain: book.example.com\nadmin: [10.8.0.0/24]\n";

/// Every file below a folder with its bytes and mode.
fn files(folder: &Path, found: &mut BTreeMap<String, (Vec<u8>, u32)>) {
    use std::os::unix::fs::PermissionsExt as _;
    for entry in std::fs::read_dir(folder).expect("it can be listed") {
        let path = entry.expect("it can be listed").path();
        let meta = path.symlink_metadata().expect("it is there");
        if meta.is_dir() {
            files(&path, found);
        } else if meta.is_file() {
            let bytes = std::fs::read(&path).expect("it can be read");
            found.insert(path.display().to_string(), (bytes, meta.permissions().mode() & 0o777));
        }
    }
}

#[test]
fn a_project_gets_schemas_and_a_second_run_changes_nothing() {
    let session = Session::with_profile(PROFILE);
    session.put("apps/book.stockade.yaml", OWN);
    session.put("apps/guestbook.system.yaml", include_str!("../examples/own-app/guestbook.system.yaml"));
    session.put("broken/stockade.yaml", "# my own words\nversion: 1\nsystem: hyos\nlevel: [\n");
    session
        .put("other/stockade.yaml", format!("# yaml-language-server: $schema=https://example.com/x.json\n{PROFILE}"));
    session.put("bundle/stockade.yaml", PROFILE);
    session.put(".hidden/stockade.yaml", PROFILE);
    session.put("made/stockade.lock", "");
    session.put("made/stockade.yaml", PROFILE);
    session.put(".vscode/settings.json", "{\n  // two\n  \"editor.tabSize\": 2,\n}\n");
    session.put(".idea/jsonSchemas.xml", "<project/>");
    std::os::unix::fs::symlink("stockade.yaml", session.path("linked.stockade.yaml")).expect("a link");
    let first = session.run("schema --write").exits(0);
    assert!(
        first.out.contains("other/stockade.yaml left alone: it names the schema `https://example.com/x.json`"),
        "{}",
        first.out
    );
    assert!(
        first.out.contains(".idea/jsonSchemas.xml left alone") && first.out.contains("<SchemaInfo>"),
        "{}",
        first.out
    );
    let line = "# yaml-language-server: $schema=";
    assert_eq!(session.read("stockade.yaml"), format!("{line}.stockade/stockade.schema.json\n{PROFILE}"));
    assert!(
        session
            .read("apps/book.stockade.yaml")
            .starts_with(&format!("{line}../.stockade/apps/book.stockade.schema.json\n"))
    );
    assert!(
        session.read("apps/guestbook.system.yaml").starts_with(&format!("{line}../.stockade/system.schema.json\n"))
    );
    assert!(session.read("broken/stockade.yaml").ends_with("\n# my own words\nversion: 1\nsystem: hyos\nlevel: [\n"));
    for untouched in ["bundle", ".hidden", "made"] {
        assert_eq!(session.read(&format!("{untouched}/stockade.yaml")), PROFILE, "{untouched}");
    }
    let settings = session.read(".vscode/settings.json");
    assert!(
        settings.contains("// two\n  \"editor.tabSize\": 2,\n}") && settings.contains("apps/book.stockade.schema.json"),
        "{settings}"
    );
    assert_eq!(session.read(".idea/jsonSchemas.xml"), "<project/>");
    assert!(session.read(".stockade/apps/book.stockade.schema.json").contains("\"workers\""));
    assert!(
        session.read(".stockade/broken/stockade.schema.json").contains("\"players\""),
        "a profile that is not valid yet"
    );

    let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
    files(&session.path("."), &mut before);
    let second = session.run("schema --write").exits(0);
    assert!(!second.out.contains(" written"), "{}", second.out);
    files(&session.path("."), &mut after);
    assert_eq!(before, after);
    // What was right stays right.
    session.run("check stockade.yaml").exits(0);
    session.run("check apps/book.stockade.yaml").exits(0);
}

#[test]
fn an_explicit_folder_gets_schemas_and_nothing_else_changes() {
    let session = Session::with_profile(PROFILE);
    session.put(".vscode/settings.json", "{}");
    session.run("schema --write out").exits(0).prints("begin a profile with");
    assert_eq!(
        (session.read("stockade.yaml"), session.read(".vscode/settings.json")),
        (PROFILE.to_owned(), "{}".to_owned())
    );
    assert!(session.read("out/profile.schema.json").contains("Stockade profile"));
    assert!(session.read("out/stockade.schema.json").contains("\"players\""));
}

#[test]
fn the_schema_of_a_profile_needs_no_valid_profile() {
    let session = Session::with_profile("system: hyos\nlevel: nonsense\n");
    let narrow = session.run("schema --for stockade.yaml").exits(0);
    assert!(narrow.out.contains("\"players\"") && narrow.out.contains("\"hyos-server\""), "{}", narrow.out);
    session.put("missing.yaml", "system: ./not-there.system.yaml\n");
    let any = session.run("schema --for missing.yaml").exits(0);
    assert_eq!(any.out, session.run("schema profile").exits(0).out);
    session.run("schema --for nowhere.yaml").exits(2).says("there is no file");
}
