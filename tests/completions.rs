//! What real shells complete: the program is asked as they ask it, and each of them is asked in a session of its own.

use std::fs;
use std::process::Command;

use crate::support::session::Session;
use crate::support::tools;

const PROFILE: &str =
    "version: 1\nname: notes\nsystem: ./notes.system.yaml\ndomain: notes.example.com\nadmin: [10.8.0.0/24]\n";

/// A folder with a profile of an own system, another profile, and a bundle's file.
fn folder() -> Session {
    let session = Session::new();
    session.run("systems new notes").exits(0);
    session.put("stockade.yaml", PROFILE);
    session.put("deploy/east.stockade.yaml", PROFILE);
    session.put("bundle/compose.yaml", "services: {}\n");
    session.put("unrelated.txt", "");
    session
}

/// What the program answers to words of which the last is incomplete.
fn asked(session: &Session, words: &[&str]) -> Vec<String> {
    let mut command = session.command("");
    command.env("COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", words.len().to_string());
    command.args(["--", "stockade"]).args(words);
    let done = command.output().expect("the binary starts");
    assert!(done.status.success(), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("candidates are text").lines().map(str::to_owned).collect()
}

#[test]
fn every_kind_of_name_is_known_where_it_may_stand() {
    let session = folder();
    for (words, wanted) in [
        (&["generate", "s"][..], &["stockade.yaml"][..]),
        (&["check", "deploy/"], &["deploy/east.stockade.yaml"]),
        (&["report", "st"], &["stockade.yaml"]),
        (&["schema", "--for", "st"], &["stockade.yaml"]),
        (&["schema", "init"], &["init-answers"]),
        (&["controls", "read-only"], &["read-only-root"]),
        (&["systems", "hy"], &["hyos"]),
        (&["systems", "show", "stell"], &["stellarstack"]),
        (&["explain", "unknown-k"], &["unknown-key"]),
        // Of the profile's own system: a setting, a secret, a recommendation; a service has the system's name.
        (&["explain", "upload"], &["upload_max"]),
        (&["explain", "session"], &["session_key"]),
        (&["explain", "notes"], &["notes", "notes.system.yaml:"]),
        (&["explain", "APP-0"], &["APP-01", "APP-02"]),
        (&["explain", "bundle/c"], &["bundle/compose.yaml:"]),
        (&["init", "--set", "ce"], &["certificate="]),
        (&["init", "--set", "proxy="], &["proxy=traefik", "proxy=caddy", "proxy=nginx"]),
        (&["init", "--set", "system=hyos", "--set", "settings.docker_s"], &["settings.docker_socket="]),
        (&["check", "--fix=s"], &["--fix=safe"]),
        (&["secrets", "rotate", "sess"], &["session_key"]),
        (&["secrets", "set", "proxy"], &["proxy_password"]),
        (&["secrets", "list", "--profile", "st"], &["stockade.yaml"]),
        (&["images", "show", "valk"], &["valkey"]),
        (&["images", "pin", "--service", "n"], &["notes"]),
    ] {
        let mut found = asked(&session, words);
        found.sort();
        let mut wanted: Vec<String> = wanted.iter().map(|&word| word.to_owned()).collect();
        wanted.sort();
        assert_eq!(found, wanted, "{words:?}");
    }
    assert!(!asked(&session, &["explain", ""]).iter().any(|one| one.starts_with("HYOS-")), "another system's");
}

#[test]
fn a_shell_that_nobody_knows_is_refused_and_none_is_an_ordinary_run() {
    let session = folder();
    let run = |value: &str| session.command("controls").env("COMPLETE", value).output().expect("the binary starts");
    assert_eq!(run("tcsh").status.code(), Some(2));
    for nothing in ["", "0"] {
        let done = run(nothing);
        assert!(done.status.success() && String::from_utf8_lossy(&done.stdout).contains("read-only-root"));
    }
}

/// The real shell in the session's folder, with the program on its path.
fn shell(session: &Session, name: &str, script: &str) -> String {
    let mut command = Command::new(tools::tool(name));
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_stockade")).parent().expect("it lies in a folder");
    let path = format!("{}:/usr/bin:/bin", bin.display());
    command.env_clear().env("PATH", path).env("HOME", session.path("")).env("LC_ALL", "C.UTF-8");
    let plain = match name {
        "bash" => &["--noprofile", "--norc", "-c"][..],
        "zsh" => &["-f", "-c"],
        _ => &["--no-config", "-c"],
    };
    let done = command.current_dir(session.path("")).args(plain).arg(script).output().expect("the shell starts");
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success() && err.is_empty(), "{name}\n{script}\n{out}\n{err}");
    out.into_owned()
}

/// What bash would write for a line: readline's own splitting is asked of `compgen`'s neighbour, an interactive bash.
#[test]
fn bash_completes_words_and_what_follows_signs_of_its_own() {
    let session = folder();
    for (line, wanted) in [
        ("stockade expl", "stockade explain "),
        ("stockade generate st", "stockade generate stockade.yaml "),
        ("stockade generate de", "stockade generate deploy/"),
        ("stockade init --set certificate=self", "stockade init --set certificate=self-signed "),
        ("stockade init --set cert", "stockade init --set certificate="),
        (
            "stockade init --set system=hyos --set settings.docker_socket=fil",
            "stockade init --set system=hyos --set settings.docker_socket=filtered ",
        ),
        ("stockade check --fix=al", "stockade check --fix=all "),
        ("stockade explain bundle/com", "stockade explain bundle/compose.yaml:"),
        ("stockade --format js", "stockade --format json "),
    ] {
        assert_eq!(typed(&session, line), wanted, "{line}");
    }
}

/// What stands in the line of an interactive bash in a terminal after a Tab.
fn typed(session: &Session, line: &str) -> String {
    fs::write(
        session.path("rc"),
        "PS1=\nsource <(stockade completions bash)\nbind 'set bell-style none' 'set enable-bracketed-paste off'\n\
         shown() { printf '%s' \"$READLINE_LINE\" > line; READLINE_LINE=exit; }\nbind -x '\"\\C-g\": shown'\n",
    )
    .expect("the folder can be written");
    // `script` gives it a terminal; what is typed is a line, Tab, Ctrl-G, and Enter upon `exit`.
    shell(
        session,
        "bash",
        &format!(
            "printf '%s\\t\\a\\n' {} | TERM=dumb script --quiet --return --command 'bash --noprofile --rcfile rc -i' /dev/null >/dev/null",
            shlex::try_quote(line).expect("no NUL"),
        ),
    );
    session.read("line")
}

#[test]
fn zsh_completes_by_source_and_by_the_name_of_a_file() {
    let session = folder();
    let script = session.run("completions zsh").exits(0).out;
    session.put("functions/_stockade", &script);
    for load in [
        "autoload -U compinit; compinit -u -D; source <(stockade completions zsh)",
        "fpath=(functions $fpath); autoload -U compinit; compinit -u -D",
    ] {
        session.put("rc.zsh", format!("{load}\n"));
        // A terminal of zsh's own: what stands in the line after Tab is written to a file.
        let script = r#"
zmodload zsh/zpty
zpty z 'zsh -f -i'
zpty -w z 'PS1=; unsetopt beep; source ./rc.zsh; shown() { print -rn -- "$BUFFER" > line; BUFFER=exit; zle accept-line }; zle -N shown; bindkey "^G" shown; print READY'
while zpty -r z out; do [[ $out == READY* ]] && break; done
zpty -n -w z $'stockade generate st\t\a'
while zpty -r z out; do :; done
"#;
        let _ = fs::remove_file(session.path("line"));
        shell(&session, "zsh", script);
        assert_eq!(session.read("line"), "stockade generate stockade.yaml ", "{load}");
    }
}

#[test]
fn fish_completes_with_what_each_word_is() {
    let session = folder();
    let ask = |line: &str| {
        shell(&session, "fish", &format!("stockade completions fish | source; complete --do-complete '{line}'"))
    };
    assert!(
        ask("stockade controls read-only").starts_with("read-only-root\t"),
        "{}",
        ask("stockade controls read-only")
    );
    assert!(ask("stockade explain APP-01").contains("APP-01\tServe the application over TLS alone"));
    assert!(ask("stockade init --set certificate=se").contains("certificate=self-signed"));
}

/// For packages that are built where the program cannot run.
#[test]
fn the_script_that_stands_alone_knows_what_is_built_in() {
    let session = folder();
    session.put("alone", session.run("completions --static bash").exits(0).out);
    let asked = "source ./alone; COMP_WORDS=(stockade controls read-only-r); COMP_CWORD=2; _stockade stockade read-only-r controls; \
                 printf '%s\\n' \"${COMPREPLY[@]}\"";
    assert_eq!(shell(&session, "bash", asked), "read-only-root\n");
    let alone = session.read("alone");
    assert!(!alone.contains("COMPLETE=bash"), "it asks the program");
}
