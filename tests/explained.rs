//! Examples of codes that no text alone can show: what is typed, and how it is mended, run by a real shell.

use std::process::Command;

use stockade::inside::codes;

use crate::support::session::Session;

const HEAD: &str = "version: 1\nname: hyos\nsystem: hyos\ndomain: play.example.com\nadmin: [10.8.0.0/24]\n";

#[test]
fn commands_of_examples_show_their_codes_and_mend_them() {
    let examples = include_str!("../src/diagnostics/examples.yaml");
    let examples: serde_yaml::Mapping = serde_yaml::from_str(examples).expect("the examples are YAML");
    let mut seen = 0;
    for (code, example) in &examples {
        if example["form"].as_str() != Some("commands") {
            continue;
        }
        seen += 1;
        let code = code.as_str().expect("a code is text");
        assert!(codes::ALL.iter().any(|info| info.code.as_str() == code), "{code} is no code");
        let session = Session::with_profile(HEAD);
        let run = |form: &str| {
            let script = example[form].as_str().expect("an example has both forms");
            // The last command decides; what leads up to it must succeed.
            let (before, last) = script.trim_end().rsplit_once('\n').unwrap_or(("", script));
            let mut command = Command::new("/bin/bash");
            let bin = std::path::Path::new(env!("CARGO_BIN_EXE_stockade")).parent().expect("it lies in a folder");
            command.args(["-c", &format!("set -eu\n{{\n:\n{before}\n}} >/dev/null 2>&1\n{last}")]);
            command.env_clear().env("PATH", format!("{}:/usr/bin:/bin", bin.display())).env("HOME", session.path(""));
            command.env("NO_COLOR", "1").env("STOCKADE_TODAY", crate::support::TODAY);
            let done = command.current_dir(session.path("")).output().expect("bash starts");
            let said = [done.stderr, done.stdout].concat();
            (done.status.code(), String::from_utf8_lossy(&said).into_owned())
        };
        // For people, and in the form for a workflow's log.
        let shown = |said: &str| [format!("[{code}]"), format!("title={code}::")].iter().any(|it| said.contains(it));
        let (status, said) = run("bad");
        assert!(shown(&said), "{code}, wrong form: status {status:?}\n{said}");
        let (status, said) = run("good");
        assert!(status == Some(0) && !shown(&said), "{code}, right form: status {status:?}\n{said}");
    }
    assert!(seen > 10, "{seen} examples are commands");
}
