//! In: our own types. Out: JSON schemas for editors and other tools; the files in `schemas/` are these texts.

use crate::format::File;
use crate::report;
use schemars::Schema;

/// A schema by name.
#[derive(Debug)]
pub struct Named {
    /// Its name, as in `stockade schema profile`.
    pub name: &'static str,
    /// What it describes.
    pub title: &'static str,
    make: fn() -> Schema,
}

/// Every schema.
pub static ALL: [Named; 3] = [
    Named { name: "profile", title: "a profile, `stockade.yaml`", make: || File::Profile.schema() },
    Named { name: "system", title: "a system file, `NAME.system.yaml`", make: || File::System.schema() },
    Named { name: "report-v1", title: "the report of a bundle, `report.json`", make: report::schema },
];

impl Named {
    /// Its file: `profile.schema.json`.
    pub fn file(&self) -> String {
        format!("{}.schema.json", self.name)
    }

    /// Its text, indented, with a line end.
    pub fn text(&self) -> String {
        let mut text = serde_json::to_string_pretty(&(self.make)()).expect("a schema is plain JSON");
        text.push('\n');
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const SHORT: &str = "version: 1\nname: demo\nsystem: demo\ndomain: demo.example.com\nadmin: [10.8.0.0/24]\n";

    #[test]
    fn the_files_are_what_the_types_say() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
        for schema in &ALL {
            let path = folder.join(schema.file());
            if std::env::var_os("STOCKADE_BLESS").is_some() {
                std::fs::write(&path, schema.text()).unwrap();
            }
            let found = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(found == schema.text(), "{} is stale; STOCKADE_BLESS=1 cargo test rewrites it", schema.file());
        }
    }

    #[test]
    fn the_profile_schema_takes_a_short_profile_and_names_what_is_wrong() {
        let schema: serde_json::Value = serde_json::from_str(&ALL[0].text()).unwrap();
        let schema = jsonschema::validator_for(&schema).unwrap();
        let good: serde_json::Value = serde_yaml::from_str(SHORT).unwrap();
        assert!(schema.is_valid(&good), "{:?}", schema.iter_errors(&good).map(|e| e.to_string()).collect::<Vec<_>>());
        let mut unknown = good.clone();
        unknown["domian"] = "x".into();
        assert!(!schema.is_valid(&unknown));
        let mut wrong = good;
        wrong["environment"] = "prod".into();
        assert!(!schema.is_valid(&wrong));
    }

    #[test]
    fn the_system_schema_takes_every_built_in() {
        let schema: serde_json::Value = serde_json::from_str(&ALL[1].text()).unwrap();
        let schema = jsonschema::validator_for(&schema).unwrap();
        for (name, text) in crate::systems::builtins() {
            let mut system: serde_yaml::Value = serde_yaml::from_str(text).unwrap();
            system.apply_merge().unwrap();
            let system = serde_json::to_value(system).unwrap();
            let errors: Vec<_> =
                schema.iter_errors(&system).map(|e| format!("{}: {e}", e.instance_path())).take(5).collect();
            assert!(errors.is_empty(), "{name}: {errors:#?}");
        }
    }
}
