#![allow(clippy::unwrap_used)]

use super::*;

fn ask(session: &mut Session, ask: Value) -> Value {
    let answer: Value = serde_json::from_str(&session.answer(&ask.to_string())).unwrap();
    answer.get("is").unwrap_or_else(|| panic!("{ask}: {answer}")).clone()
}

fn session() -> Session {
    Session::new("2026-11-30").unwrap()
}

fn write(session: &mut Session, text: &str) -> Value {
    ask(session, json!({ "ask": "text", "path": PROFILE, "text": text }))
}

const SOUND: &str = "version: 1\nname: hyos\nsystem: hyos\ndomain: play.example.com\nadmin: [10.8.0.0/24]\n";

#[test]
fn what_one_can_begin_with_is_sound() {
    let all = ask(&mut session(), json!({ "ask": "begin" }));
    assert!(all.as_array().unwrap().len() > 5);
    for begin in all.as_array().unwrap() {
        let mut session = session();
        if let [path, text] = begin["system"].as_array().map_or(&[][..], Vec::as_slice) {
            ask(&mut session, json!({ "ask": "text", "path": path, "text": text }));
        }
        let answer = write(&mut session, begin["profile"].as_str().unwrap());
        // An example may want what only an operator knows, and says so itself.
        let findings = answer["findings"].as_object().unwrap().values().flat_map(|found| found.as_array().unwrap());
        let wrong = findings.filter(|it| it["severity"] == 1 && (begin["system"].is_null() || it["code"] != "lint"));
        assert_eq!(wrong.count(), 0, "{}: {:#}", begin["title"], answer["findings"]);
    }
}

#[test]
fn a_changed_line_shows_what_it_does_until_another_is_changed() {
    let mut session = session();
    let text = format!("{SOUND}level: strict\nservices: {{}}\n");
    assert!(
        write(&mut session, &text)["bundles"][0]["files"][0]["changed"].is_null(),
        "there is nothing to compare with"
    );
    let changed = |answer: &Value| -> Vec<String> {
        let files = answer["bundles"][0]["files"].as_array().unwrap().iter();
        files.filter(|file| !file["changed"].is_null()).map(|file| file["path"].as_str().unwrap().to_owned()).collect()
    };
    // Typed: what is no level yet keeps the last bundle, and the comparison goes on.
    let half = write(&mut session, &text.replace("strict", "bas"));
    assert_eq!((&half["current"], changed(&half)), (&json!(false), Vec::new()));
    let answer = write(&mut session, &text.replace("strict", "baseline"));
    assert!(changed(&answer).contains(&"compose.yaml".to_owned()), "{answer:#}");
    let file = ask(&mut session, json!({ "ask": "file", "bundle": 0, "path": "compose.yaml" }));
    let gone = file["changes"].as_array().unwrap().iter().filter(|line| line["is"] == "-").count();
    assert!(gone > 0 && file["text"].as_str().unwrap().contains("services:"));
    // The same line again compares with what was before it, another line with now.
    assert_eq!(changed(&write(&mut session, &text)), Vec::<String>::new());
    write(&mut session, &text.replace("strict", "baseline"));
    let other = write(&mut session, &text.replace("strict", "baseline").replace("{}", "{ }"));
    assert_eq!(changed(&other), Vec::<String>::new());
}

#[test]
fn a_line_of_a_file_is_explained_with_the_recommendations_behind_it() {
    let mut session = session();
    write(&mut session, SOUND);
    let file = ask(&mut session, json!({ "ask": "file", "bundle": 0, "path": "compose.yaml" }));
    let line = file["text"].as_str().unwrap().lines().position(|line| line.contains("read_only: true")).unwrap() + 1;
    let why = ask(&mut session, json!({ "ask": "explain", "bundle": 0, "path": "compose.yaml", "line": line }));
    let why = why.as_str().unwrap();
    for part in ["read-only-root", "recommendations behind it", "to switch it off"] {
        assert!(why.contains(part), "{why}");
    }
}

#[test]
fn the_editor_completes_and_findings_have_their_place() {
    let mut session = session();
    let answer = write(&mut session, &format!("{SOUND}levle: strict\n"));
    let findings = answer["findings"][PROFILE_URI].as_array().unwrap();
    assert_eq!((&findings[0]["code"], &findings[0]["range"]["start"]["line"]), (&json!("unknown-key"), &json!(5)));
    write(&mut session, &format!("{SOUND}level: \n"));
    let at = json!({ "textDocument": { "uri": PROFILE_URI }, "position": { "line": 5, "character": 7 } });
    let words = ask(&mut session, json!({ "ask": "editor", "method": "textDocument/completion", "params": at }));
    let words: Vec<&str> = words.as_array().unwrap().iter().map(|item| item["label"].as_str().unwrap()).collect();
    assert!(words.contains(&"strict"), "{words:?}");
}

#[test]
fn no_secret_is_made_and_each_gap_has_a_name() {
    let mut session = session();
    write(&mut session, SOUND);
    let all = ask(&mut session, json!({ "ask": "all", "bundle": 0 }));
    let files = all["files"].as_object().unwrap();
    let secrets: Vec<_> = files.iter().filter(|(path, _)| path.starts_with("secrets/")).collect();
    assert!(!secrets.is_empty() && secrets.iter().all(|(_, file)| file["content"].is_null()), "{secrets:?}");
    assert!(
        files["compose.yaml"]["content"].is_string()
            || session.bundles[0].files["compose.yaml"].content.made().is_some()
    );
}

#[test]
fn the_diagram_is_that_of_the_report() {
    let mut session = session();
    write(&mut session, SOUND);
    let svg = ask(&mut session, json!({ "ask": "diagram", "bundle": 0 }));
    let page = ask(&mut session, json!({ "ask": "report", "bundle": 0 }));
    let svg = svg.as_str().unwrap().trim();
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"));
    assert!(page.as_str().unwrap().contains(svg));
}

#[test]
fn a_system_file_that_is_not_open_is_told_at_its_place() {
    let answer = write(&mut session(), &SOUND.replace("system: hyos", "system: ./mine.system.yaml"));
    let found = &answer["findings"][PROFILE_URI][0];
    assert_eq!((&found["code"], &found["range"]["start"]["line"]), (&json!("io"), &json!(2)), "{answer:#}");
}

#[test]
fn nonsense_is_answered_and_not_died_of() {
    let mut session = session();
    for ask in ["", "{", r#"{"ask":"file","bundle":7,"path":"x"}"#, r#"{"ask":"editor","method":"x","params":null}"#] {
        assert!(session.answer(ask).contains("wrong"), "{ask}");
    }
    assert!(Session::new("yesterday").is_err());
}
