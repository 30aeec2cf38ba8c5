//! Questions at a terminal, by what is typed. A pseudo-terminal made by Python is one that does not know its width, too.

use crate::support::session::Session;
use crate::support::tools;

const HYOS: &str = "version: 1\nname: hyos\nsystem: hyos\nadmin: [10.8.0.0/24]\ndomain: play.home.arpa\n";

/// Starts a program at a terminal; waits for each text and types what belongs to it; prints status and all that was shown.
const TERMINAL: &str = r#"
import json, os, pty, sys, termios, time
hidden = "(not shown)"
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
said = whole = b""
def more():
    global said, whole
    try:
        new = os.read(fd, 4096)
    except OSError:
        new = b""
    said, whole = said + new, whole + new
    return new
for wanted, typed in json.loads(sys.argv[1]):
    while wanted.encode() not in said:
        more() or sys.exit("it ended without " + repr(wanted) + ": " + whole.decode())
    said = said.split(wanted.encode(), 1)[1]
    # What is typed before the echo is off is thrown away.
    while hidden in wanted and termios.tcgetattr(fd)[3] & termios.ECHO:
        time.sleep(0.01)
    os.write(fd, typed.encode())
while more():
    pass
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(status, whole.decode().replace("\r\n", "\n"), sep="\n")
"#;

/// Status and what was shown.
fn typed(session: &Session, line: &str, answers: &[(&str, &str)]) -> (i32, String) {
    let answers = serde_json::to_string(answers).expect("texts");
    let program =
        ["env", "TERM=xterm", "NO_COLOR=1", "python3", "-c", TERMINAL, &answers, env!("CARGO_BIN_EXE_stockade")];
    let words: Vec<&str> = program.into_iter().chain(line.split(' ')).collect();
    let quoted = shlex::try_join(words).expect("no NUL");
    // Whoever waits for an answer that nobody types waits for ever.
    let done = tools::shell(&session.path(""), &format!("timeout 60 {quoted} 2>&1"));
    let status = done.out.split_once('\n').and_then(|(status, shown)| Some((status.parse().ok()?, shown.to_owned())));
    status.unwrap_or_else(|| panic!("{line}: {}", done.out))
}

#[test]
fn only_yes_is_a_yes() {
    let session = Session::with_profile(HYOS);
    session.run("generate").exits(0);
    let before = session.read("bundle/secrets/session_secret");
    let ask = "make another value? [y/N] ";
    let again = "answer `yes` or `no`, and Enter";
    let rotate = "secrets rotate session_secret";
    for no in ["\u{4}", "\n", "n\n", " NO\n"] {
        let (status, shown) = typed(&session, rotate, &[(ask, no)]);
        assert!(status == 1 && shown.contains("nothing was changed"), "{no:?}: {status}\n{shown}");
    }
    // Letters of what was pasted answer nothing, nor do lines behind it.
    for pasted in ["yes please\n", "any notes\nyes\n", "\u{1b}[A\n"] {
        let (status, shown) = typed(&session, rotate, &[(ask, pasted), (again, ""), (ask, "no\n")]);
        assert!(status == 1 && shown.contains("nothing was changed"), "{pasted:?}: {status}\n{shown}");
    }
    assert_eq!(session.read("bundle/secrets/session_secret"), before);
    let (status, shown) = typed(&session, rotate, &[(ask, "Yes\n")]);
    assert!(status == 0 && shown.contains("the earlier value is kept"), "{status}\n{shown}");
    assert_ne!(session.read("bundle/secrets/session_secret"), before);
    let (status, _) = typed(&session, "secrets rotate --undo", &[("[y/N] ", "y\n")]);
    assert_eq!((status, session.read("bundle/secrets/session_secret")), (0, before));
}

#[test]
fn nothing_typed_ends_a_question_for_a_value_and_for_a_file() {
    let session = Session::with_profile(HYOS);
    session.run("generate").exits(0);
    session.run("certs issue --client laptop --ca-key-out ca.key").exits(0);
    for nothing in ["\u{4}", "\n"] {
        let (status, shown) = typed(&session, "secrets set proxy_password", &[("(not shown)", nothing)]);
        assert!(status == 2 && shown.contains("nothing was typed"), "{status}\n{shown}");
        let (status, shown) = typed(&session, "certs issue --client phone", &[("authority's key: ", nothing)]);
        assert!(status == 2 && shown.contains("--ca-key FILE"), "{status}\n{shown}");
    }
    let (status, shown) = typed(&session, "certs issue --client phone", &[("authority's key: ", "ca.key\n")]);
    assert!(status == 0 && shown.contains("clients/phone.crt"), "{status}\n{shown}");
}

#[test]
fn a_terminal_without_a_width_has_the_usual_one() {
    let (status, shown) = typed(&Session::new(), "systems", &[]);
    assert!(status == 0 && shown.contains("A Hytale game server with a REST plugin"), "{shown}");
}
