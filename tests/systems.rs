//! A system is data: a copy of a built-in one under another name works without touching Rust.

use stockade::systems;

use crate::support::library;
use crate::support::session::Session;

const NAME: &str = "my-own";

#[test]
fn a_copied_system_under_another_name_compiles_to_the_same_services() {
    for (name, text) in systems::builtins() {
        let copy = text.replacen(&format!("name: {name}\n"), &format!("name: {NAME}\n"), 1);
        assert_ne!(copy, text, "{name} is not renamed");
        let profile = |system: &str| {
            format!("version: 1\nname: demo\nsystem: {system}\ndomain: play.example.com\nadmin: [10.8.0.0/24]\n")
        };
        let original = library::profile(&profile(name));
        let copied = library::system(&profile("./my.system.yaml"), "./my.system.yaml", &copy);
        assert!(!copied.bundles.is_empty(), "{:#?}", library::findings(&copied));
        assert_eq!(compose(&original), compose(&copied), "{name}");
    }
}

#[test]
fn a_system_beside_the_profile_is_found_by_its_path() {
    let (_, text) = systems::builtins().into_iter().next().expect("there are built-in systems");
    let session = Session::with_profile(
        "version: 1\nname: demo\nsystem: ./systems/mine.yaml\ndomain: play.example.com\nadmin: [10.8.0.0/24]\n",
    )
    .file("systems/mine.yaml", text);
    session.run("check").exits(0);
    session.put("systems/mine.yaml", text.replacen("format: 1", "format: 9", 1));
    session.run("check").exits(2).says("systems/mine.yaml:");
    std::fs::remove_file(session.path("systems/mine.yaml")).expect("it was there");
    session.run("check").exits(2).says("stockade.yaml:3:");
}

/// The services of `compose.yaml` with comments dropped.
fn compose(compiled: &stockade::compile::Compiled) -> serde_yaml::Value {
    use stockade::artifact::Content;
    let bundle = compiled.bundles.first().unwrap_or_else(|| panic!("{:#?}", library::findings(compiled)));
    let file = bundle.artifacts.iter().find(|artifact| artifact.path.as_str() == "compose.yaml");
    let Some(Content::Text(text)) = file.map(|file| &file.content) else { panic!("compose.yaml is text") };
    serde_yaml::from_str::<serde_yaml::Value>(text).expect("YAML")["services"].clone()
}
