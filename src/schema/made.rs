//! The schemas that the types give, made pleasant for editors. The program has them as files; tests write those.

use super::clean::clean;
use super::snippets;
use crate::controls::catalogue;
use crate::format::File;
use crate::format::image::Family;
use crate::init::AnswersFile;
use crate::report;
use crate::systems::builtins;
use crate::text::SourceFile;
use crate::values::{HeaderName, HostName, ServiceName, pattern};
use crate::yaml::Sources;
use schemars::{JsonSchema, schema_for};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// The schema of a name, as it is now.
pub(super) fn made(name: &str) -> Value {
    match name {
        "profile" => profile(),
        "system" => system(),
        "image" => image(),
        "init-answers" => clean(schema_for!(AnswersFile).to_value(), false),
        "report-v1" => report::schema().to_value(),
        _ => unreachable!("there is no schema {name}"),
    }
}

fn image() -> Value {
    let mut schema = clean(schema_for!(Family).to_value(), false);
    schema["properties"]["format"]["const"] = 1.into();
    schema
}

fn system() -> Value {
    let mut schema = clean(File::System.schema().to_value(), false);
    schema["properties"]["format"]["const"] = 1.into();
    optional(&mut schema["$defs"]);
    snippets::add(&mut schema, snippets::SYSTEM);
    schema
}

/// What a service may leave out where its image is known; of others the compiler says that it is missing.
fn optional(parts: &mut Value) {
    if let Some(limits) = parts["Limits"].as_object_mut() {
        limits.remove("required");
    }
    if let Some(required) = parts["Service"]["required"].as_array_mut() {
        required.retain(|key| key != "user" && key != "limits");
    }
}

/// Of any profile.
fn profile() -> Value {
    let mut schema = clean(File::Profile.schema().to_value(), true);
    schema["required"] = json!(["version", "name"]);
    // Either is needed; with both, the compiler says which one counts.
    schema["anyOf"] = json!([
        { "required": ["system"] },
        { "required": ["systems"] },
        // A proxy that serves other stacks alone.
        { "required": ["proxy"] },
    ]);
    let properties = &mut schema["properties"];
    properties["version"]["const"] = 1.into();
    choose_system(&mut properties["system"]);
    let part = &mut properties["systems"]["patternProperties"];
    for part in part.as_object_mut().into_iter().flat_map(|it| it.values_mut()) {
        choose_system(&mut part["properties"]["system"]);
    }
    email(&mut properties["proxy"]["properties"]["tls"]["properties"]["email"]);
    let speed = &mut properties["proxy"]["properties"]["slowest_upload"];
    speed["pattern"] = pattern::whole(&pattern::size(1024, None)).into();
    speed["minimum"] = 1024.into();
    controls(&mut properties["waivers"]["items"]["properties"]["control"]);
    names::<HostName>(&mut properties["hosts"]);
    names::<ServiceName>(&mut properties["services"]);
    names::<HeaderName>(&mut properties["proxy"]["properties"]["headers"]["properties"]["set"]);
    snippets::add(&mut schema, snippets::PROFILE);
    schema
}

/// A built-in system with what it is.
fn told((name, text): (&'static str, &'static str)) -> (&'static str, String) {
    let mut sources = Sources::new();
    let id = sources.add(SourceFile::new(name, text));
    let root = sources.tree(id);
    let word = |key| root.and_then(|root| root.get(key)).and_then(|it| it.as_text()).unwrap_or(name);
    (name, format!("{}. {}", word("title"), word("summary")))
}

/// A built-in system, or the path of a file.
fn choose_system(system: &mut Value) {
    static KNOWN: LazyLock<(Vec<&str>, Vec<String>)> = LazyLock::new(|| builtins().into_iter().map(told).unzip());
    let (words, says) = &*KNOWN;
    if let Some(system) = system.as_object_mut() {
        for key in ["type", "pattern", "patternErrorMessage"] {
            system.remove(key);
        }
    }
    system["examples"] = json!(["./my-app.system.yaml"]);
    system["anyOf"] = json!([
        { "type": "string", "enum": words, "markdownEnumDescriptions": says },
        {
            "type": "string",
            "pattern": r"^[\s]*[^\s\u0000-\u001f][^\u0000-\u001f]*$",
            "allOf": [{ "pattern": r"/|\.ya?ml$" }],
            "patternErrorMessage": "wanted is a built-in system, which `stockade systems` lists, or a path such as `./my-app.system.yaml`",
        },
    ]);
}

/// The address of an ACME account.
fn email(key: &mut Value) {
    key["pattern"] = pattern::whole(&pattern::account()).into();
    key["patternErrorMessage"] = "wanted is an e-mail address, such as `admin@example.com`".into();
    key["examples"] = json!(["admin@example.com"]);
    key["type"] = "string".into();
}

/// Lets a mapping take only keys that are names of a type.
fn names<T: JsonSchema>(mapping: &mut Value) {
    let key = schemars::schema_for!(T).to_value();
    mapping["propertyNames"] = json!({ "pattern": key["pattern"], "title": "NAME", "description": key["description"] });
}

/// Every control, as words with what they are and why.
fn controls(control: &mut Value) {
    let all = catalogue::ALL.iter().map(|it| it.meta());
    let says: Vec<Value> = all.clone().map(|meta| format!("**{}.** {}", meta.title, meta.why).into()).collect();
    if let Some(control) = control.as_object_mut() {
        for key in ["pattern", "patternErrorMessage", "examples"] {
            control.remove(key);
        }
    }
    control["enum"] = all.map(|meta| meta.id).collect::<Vec<_>>().into();
    control["markdownEnumDescriptions"] = says.into();
}
