//! What an edit of a profile, or of a secret, makes of a bundle, and what a run says of it.

use crate::support::session::{Outcome, Session};

const PROFILE: &str = "version: 1\nname: hyos\nsystem: hyos\nadmin: [10.8.0.0/24]\ndomain: play.home.arpa\n";

/// Labels of the services, in the order of the file.
fn labels(session: &Session) -> Vec<String> {
    let text = session.read("bundle/compose.yaml");
    let marks = text.lines().filter_map(|line| line.split_once("stockade.inputs: "));
    marks.map(|(_, mark)| mark.to_owned()).collect()
}

/// Generates from an edited profile; which labels are others now, and what was said.
fn edit(session: &Session, profile: &str) -> (Vec<bool>, Outcome) {
    let before = labels(session);
    session.put("stockade.yaml", profile);
    let said = session.run("generate").exits(0);
    (before.iter().zip(labels(session)).map(|(old, new)| *old != new).collect(), said)
}

/// Dashboard, server, proxy.
const NONE: [bool; 3] = [false; 3];
const PROXY: [bool; 3] = [false, false, true];

#[test]
fn a_label_follows_the_files_of_its_service() {
    let session = Session::with_profile(PROFILE);
    session.run("generate").exits(0);
    assert_eq!(edit(&session, PROFILE).0, NONE);
    let more = |line: &str| format!("{PROFILE}{line}\n");
    assert_eq!(edit(&session, &PROFILE.replace("10.8.0.0/24", "10.9.0.0/24")).0, PROXY);
    assert_eq!(edit(&session, &more("proxy: {headers: {set: {X-Rig: here}}}")).0, PROXY);
    assert_eq!(edit(&session, &more("proxy: {rate_limits: {login: 2/1m}}")).0, PROXY);
    edit(&session, PROFILE);
    assert_eq!(
        edit(&session, &more("settings: {jwt_minutes: 30}")).0,
        [false, true, false],
        "the plugin's configuration"
    );
    edit(&session, PROFILE);
    assert_eq!(edit(&session, &more("settings: {game_password: true}")).0, [false, true, false], "shim and secret");
    edit(&session, PROFILE);
    // The same file of another secret: nobody's label but its reader's.
    session.put("bundle/secrets/session_secret", "cmlnLXNlc3Npb24tc2VjcmV0LW9mLTQ4LWJ5dGVzLS0tLS0tLS0tLS0tLS0tLS0t");
    session.run("generate --check").exits(1).prints("compose.yaml differs");
    let (changed, said) = edit(&session, PROFILE);
    assert_eq!(changed, [true, false, false]);
    said.prints("makes anew hyos-manager")
        .prints("# session_secret is another one: every session of the dashboard ends");
}

#[test]
fn a_later_run_says_what_its_change_needs_and_nothing_else() {
    let session = Session::with_profile(PROFILE);
    let first = session.run("generate").exits(0);
    let block =
        |outcome: &Outcome| outcome.out.split_once("\nnext\n").map(|(_, block)| block.to_owned()).unwrap_or_default();
    for line in [
        "getent ahosts play.home.arpa",
        "sudo ./install.sh",
        "sudo ./firewall/apply --install",
        "sudo docker compose up -d --wait",
        "docker logs -f hyos-server",
        "Import certs/ca.crt",
        "sudo cat secrets/proxy_password",
    ] {
        assert!(block(&first).contains(line), "{line}\n{}", first.out);
    }
    let again = session.run("generate").exits(0);
    assert_eq!(
        block(&again),
        "  cd bundle\n  # this run changed nothing that runs; the first start is in chapter 2 of HARDENING.md\n"
    );
    let (_, said) = edit(&session, &format!("{PROFILE}proxy: {{headers: {{set: {{X-Rig: here}}}}}}\n"));
    assert_eq!(
        block(&said),
        "  cd bundle\n  sudo docker compose up -d --wait   # makes anew proxy; cuts people off on 80/tcp, 443/tcp for a moment\n"
    );
    let (_, said) = edit(&session, &PROFILE.replace("10.8.0.0/24", "10.9.0.0/24"));
    assert!(block(&said).contains("sudo ./firewall/apply --install   # the rules have changed\n"), "{}", said.out);
    let here = session.run("generate --out . stockade.yaml").exits(0);
    assert!(!here.out.contains("cd ."), "{}", here.out);
}

/// What is to be done, without the way to the bundle.
fn steps(outcome: &Outcome) -> Vec<String> {
    let (_, block) = outcome.out.split_once("\nnext\n").unwrap_or_else(|| panic!("{}", outcome.out));
    block.lines().skip(1).map(|line| line.trim_start().to_owned()).collect()
}

#[test]
fn another_name_takes_the_old_project_away_first() {
    let session = Session::with_profile(PROFILE);
    session.run("generate").exits(0);
    let (_, said) = edit(&session, &PROFILE.replace("name: hyos", "name: other"));
    let steps = steps(&said);
    let at = |words: &str| {
        steps.iter().position(|line| line.starts_with(words)).unwrap_or_else(|| panic!("{words}\n{}", said.out))
    };
    let down = at("(cd / && sudo docker compose -p hyos down)   #");
    assert!(down < at("sudo docker compose up -d --wait"), "{}", said.out);
    at("sudo ./firewall/apply --install --replace=hyos");
}

#[test]
fn a_change_says_the_steps_that_no_file_takes() {
    let session = Session::with_profile(PROFILE);
    session.run("generate").exits(0);
    let (_, said) = edit(&session, &PROFILE.replace("play.home.arpa", "game.home.arpa"));
    said.prints("getent ahosts game.home.arpa");
    let public = PROFILE.replace("play.home.arpa", "play.example.com");
    let (_, said) = edit(&session, &public);
    said.prints("getent ahosts play.example.com");
    let moved = format!("{public}proxy: {{https_port: 8443}}\n");
    let (_, said) = edit(&session, &moved);
    assert!(!said.out.contains("getent"), "{}", said.out);
    assert!(
        said.out.contains("cuts people off on 80/tcp for a moment; closes 443/tcp; opens 8443/tcp"),
        "{}",
        said.out
    );
}

#[test]
fn an_authority_that_asks_needs_its_way() {
    let public = PROFILE.replace("play.home.arpa", "play.example.com");
    let session = Session::with_profile(&format!("{public}proxy: {{tls: {{mode: self-signed}}}}\n"));
    session.run("generate").exits(0).prints("certs/ca.crt");
    let (_, said) = edit(&session, &public);
    said.prints("# Let the whole internet reach 80/tcp of this host");
}

#[test]
fn another_kind_of_firewall_leaves_no_rules_behind() {
    let session = Session::with_profile(&format!("{PROFILE}firewall: {{kind: ufw}}\n"));
    session.run("generate").exits(0);
    // It stands alone: what it reads becomes the new kind's.
    let read = ". \"$(dirname -- \"$0\")/common.sh\"\n";
    let script = session.read("bundle/firewall/rollback");
    assert_eq!(script.matches(read).count(), 1, "{script}");
    let script = script.replace(read, &session.read("bundle/firewall/common.sh"));
    let step = "sudo ./firewall/rollback-ufw --remove && sudo rm firewall/rollback-ufw   #";
    let says = "`sudo bundle/firewall/rollback-ufw --remove`";
    for kind in ["nftables", "none", "nftables"] {
        let (_, said) = edit(&session, &format!("{PROFILE}firewall: {{kind: {kind}}}\n"));
        assert_eq!(session.read("bundle/firewall/rollback-ufw"), script, "{kind}");
        assert_eq!(session.mode("bundle/firewall/rollback-ufw"), 0o755, "{kind}");
        let said = said.says(says);
        let steps = steps(&said);
        let at = |words: &str| steps.iter().position(|line| line.starts_with(words));
        assert!(at(step).is_some(), "{kind}\n{}", said.out);
        let load = at("sudo ./firewall/apply --install");
        assert!(if kind == "none" { load.is_none() } else { load > at(step) }, "{kind}\n{}", said.out);
        session.run("generate --check --no-cache").exits(0);
    }
    assert!(session.path("bundle/firewall/rollback-nftables").exists(), "it went for `none`");
    // It is said until it is done, and the rules of now are loaded again after it.
    let again = session.run("generate").exits(0).says(says);
    assert!(again.out.contains(step) && again.out.contains("apply --install"), "{}", again.out);
    assert!(!again.out.contains("rollback-nftables"), "{}", again.out);
    std::fs::remove_file(session.path("bundle/firewall/rollback-ufw")).expect("it is there");
    session.run("generate").exits(0).prints("this run changed nothing that runs");
}

#[test]
fn what_is_made_anew_is_said_when_it_is_written() {
    let session = Session::with_profile(PROFILE);
    session.run("generate").exits(0);
    let caddy = format!("{PROFILE}proxy: {{kind: caddy, auth: {{user: root}}}}\n");
    session.put("stockade.yaml", &caddy);
    let compose = session.read("bundle/compose.yaml");
    session.put("bundle/compose.yaml", format!("{compose}# mine\n"));
    let said = session.run("generate").exits(2).says("changed by hand");
    assert!(!said.err.contains("made anew"), "{}", said.err);
    session.put("bundle/compose.yaml", compose);
    session.run("generate").exits(0).says("`secrets/proxy_users` was made anew from `proxy_password`");
}

#[test]
fn what_a_broken_run_changed_is_to_be_done_after_the_next() {
    let session = Session::with_profile(PROFILE);
    session.run("generate").exits(0);
    // The lock as it is until the last rename.
    let mut lock: serde_json::Value = serde_json::from_str(&session.read("bundle/stockade.lock")).expect("JSON");
    lock["unfinished"] = serde_json::json!({ "anew": ["proxy"], "firewall": true, "cut": ["443/tcp"] });
    session.put("bundle/stockade.lock", lock.to_string());
    session.run("generate --check").exits(1).prints("stockade.lock differs");
    let said = session.run("generate").exits(0);
    let steps = steps(&said);
    assert!(steps[0].starts_with("# an earlier run did not get to its end"), "{}", said.out);
    for words in ["sudo ./firewall/apply --install", "sudo docker compose up -d --wait"] {
        assert!(steps.iter().any(|line| line.starts_with(words)), "{words}\n{}", said.out);
    }
    assert!(said.out.contains("makes anew proxy"), "{}", said.out);
    session.run("generate --check --no-cache").exits(0);
    session.run("generate").exits(0).prints("# this run changed nothing that runs");
}

#[test]
fn a_difference_shows_what_acts_and_names_what_follows() {
    let session = Session::with_profile(PROFILE);
    session.run("generate").exits(0);
    session.put("stockade.yaml", PROFILE.replace("10.8.0.0/24", "10.9.0.0/24"));
    let short = session.run("generate --diff").exits(0);
    let lines: Vec<&str> = short.out.lines().collect();
    assert!(lines.len() < 90, "{}", short.out);
    let last: Vec<&str> = lines[lines.len() - 3..].to_vec();
    for (line, path) in last.iter().zip(["HARDENING.md", "report.json", "stockade.lock"]) {
        assert_eq!(*line, format!("{path}: follows; `--all` shows it"));
    }
    assert!(short.out.contains("+++ b/proxy/dynamic/site-manager.yml"), "{}", short.out);
    session.run("generate --diff --all").exits(0).prints("+++ b/report.json").prints("+++ b/stockade.lock");
    session.run("generate --all").exits(2);
}

#[test]
fn a_derived_value_follows_its_form_and_its_source() {
    let session = Session::with_profile(PROFILE);
    session.run("generate").exits(0);
    let users = |begin: &str| assert!(session.read("bundle/secrets/proxy_users").starts_with(begin), "{begin}");
    users("admin:$2y$");
    let caddy = format!("{PROFILE}proxy: {{kind: caddy, auth: {{user: root}}}}\n");
    session.put("stockade.yaml", &caddy);
    session.run("generate --check").exits(1).says("`secrets/proxy_users` will be made anew from `proxy_password`");
    session.run("generate --diff").exits(0);
    session.run("generate").exits(0).says("`secrets/proxy_users` was made anew from `proxy_password`");
    users("root $2y$");
    session.run("generate").exits(0);

    // Somebody writes over a password that leaked.
    session.put("bundle/secrets/proxy_password", "Zq8mBvR4nYxTcK2sWdLpHj7e");
    let before = session.read("bundle/secrets/proxy_users");
    session.run("generate --check --no-cache").exits(1).prints("secrets/proxy_users differs");
    session.run("generate").exits(0).says("which has another value now");
    assert_ne!(session.read("bundle/secrets/proxy_users"), before);
    session.run("generate --check --no-cache").exits(0);

    // A hash of somebody's own is theirs.
    session.put("bundle/secrets/proxy_users", "root $2y$14$Ro0CUfOqk6cXEKf3dyaM7OhSCvnwM9s4wIX9JeLapehKK5YdLxKcm");
    for command in ["generate --check --no-cache", "generate"] {
        session.run(command).exits(2).says("`proxy_users` is not a hash of the present `proxy_password`");
    }

    // What the application keeps goes on with the earlier one.
    session.put("bundle/secrets/proxy_users", session.read("bundle/secrets/proxy_users").replace("$2y$14", "$2y$04"));
    session.run("generate").exits(2).says("move its file away");
}

#[test]
fn a_file_that_is_written_once_is_said_to_keep_the_earlier_value() {
    let session = Session::with_profile(PROFILE);
    session.run("generate").exits(0);
    session.put("bundle/secrets/manager_admin_password", "Zq8mBvR4nYxTcK2sWdLpHj7e");
    let said = "`data/hyos/.state/users.json` still holds the earlier value of `manager_admin_hash`";
    session.run("generate").exits(0).says(said);
    let again = session.run("generate").exits(0);
    assert!(!again.err.contains(said), "once is enough");
}

#[test]
fn the_label_is_explained() {
    let session = Session::with_profile(PROFILE);
    session.run("generate").exits(0);
    let text = session.read("bundle/compose.yaml");
    let line = text.lines().position(|line| line.contains("stockade.inputs")).expect("a label") + 1;
    let said = session.run(&format!("explain bundle/compose.yaml:{line}")).exits(0).out;
    // It is wrapped to the terminal.
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("makes the container anew"), "{said}");
    assert!(text.contains("    hostname: hyos-server\n"));
}
