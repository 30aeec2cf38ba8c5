//! The wizard without a terminal and without a host.

use super::*;
use crate::format::system::ContainerEngine;
use crate::systems::{builtins, read};
use crate::text::SourceFile;
use crate::values::{AnswerKey, FirewallKind, TlsMode};
use crate::yaml::Sources;

fn offer(reference: &str, text: &str, built_in: bool) -> Offer {
    let mut sources = Sources::new();
    let id = sources.add(SourceFile::new(reference, text));
    Offer::of(reference, &read(&sources, id).0.expect("it can be read"), built_in)
}

fn wizard(facts: Facts) -> Wizard {
    Wizard::new(builtins().into_iter().map(|(name, text)| offer(name, text, true)).collect(), facts)
}

/// A host with Docker, a VPN and whatever else a test wants.
fn host() -> Facts {
    Facts {
        engine: Some(Engine {
            kind: ContainerEngine::Docker,
            version: Some("27.5.1".into()),
            answers: true,
            rootless: false,
            user_namespaces: false,
        }),
        vpns: vec![Vpn {
            interface: "wg0".into(),
            address: "10.8.0.1".parse().unwrap(),
            network: "10.8.0.0/24".parse().unwrap(),
        }],
        ..Facts::default()
    }
}

fn set(wizard: &mut Wizard, answers: &[&str]) {
    for answer in answers {
        let (key, value) = answer.split_once('=').unwrap();
        wizard.set(key.parse().unwrap(), value).unwrap_or_else(|why| panic!("{answer}: {why}"));
    }
}

fn answered(facts: Facts, answers: &[&str]) -> Wizard {
    let mut wizard = wizard(facts);
    set(&mut wizard, answers);
    wizard
}

/// The names of systems that are built in, found as a user would.
fn names() -> Vec<&'static str> {
    builtins().into_iter().map(|(name, _)| name).collect()
}

#[test]
fn no_built_in_system_asks_more_than_five_questions() {
    for name in names() {
        let variants = wizard(host()).offers.iter().find(|it| it.reference == name).unwrap().variants.clone();
        for variant in variants {
            let wizard = answered(host(), &[&format!("system={name}"), &format!("variant={}", variant.name)]);
            let keys = wizard.sequence();
            assert!(keys.len() <= 5, "{name}, {}: {keys:?}", variant.name);
            for needed in [Key::System, Key::Domain, Key::Admin] {
                assert!(keys.contains(&needed), "{name}, {}: {keys:?}", variant.name);
            }
            for ask in wizard.asks() {
                assert!(keys.contains(&Key::Own(ask.key.value.clone())), "{name}, {}: {keys:?}", variant.name);
            }
        }
    }
}

#[test]
fn all_but_domain_and_networks_can_be_taken_by_enter() {
    for name in names() {
        let mut wizard = answered(Facts::default(), &[&format!("system={name}")]);
        let mut typed = Vec::new();
        while let Some(open) = wizard.next() {
            match open.form {
                Form::Pick { choices, first } => wizard.choose(choices[first].answers.clone()),
                Form::Type { may_wait: true, .. } => wizard.choose(vec![(open.key, Value::Later)]),
                Form::Type { .. } => {
                    assert!(open.default.is_none());
                    typed.push(open.key.clone());
                    let text = if open.key == Key::Domain { "a.example.com" } else { "10.8.0.0/24" };
                    let value = wizard.judge(&open.key, text).unwrap();
                    wizard.choose(vec![(open.key, value)]);
                }
            }
        }
        assert_eq!(typed, [Key::Domain, Key::Admin], "{name}");
    }
}

#[test]
fn back_opens_the_question_before_and_forgets_its_answer() {
    let mut wizard = wizard(host());
    assert!(!wizard.back(), "there is none before the first");
    let mut seen = Vec::new();
    for _ in 0..2 {
        let open = wizard.next().unwrap();
        let Form::Pick { choices, first } = open.form else { panic!("{open:?}") };
        seen.push(open.key);
        wizard.choose(choices[first].answers.clone());
    }
    for key in seen.into_iter().rev() {
        assert!(wizard.back());
        assert_eq!(wizard.next().unwrap().key, key);
    }
    assert!(wizard.answers().all().next().is_none(), "all that a choice stood for is forgotten");
}

#[test]
fn what_was_seen_becomes_a_default_and_says_so() {
    let name = names()[0];
    let from = |wizard: &Wizard, key: Key| wizard.default(&key).and_then(|it| it.from).unwrap_or_default();
    let facts = Facts {
        firewall: Some((FirewallKind::Ufw, "ufw is enabled here")),
        peer: Some(Peer { address: "198.51.100.7".parse().unwrap(), network: None }),
        ssh_port: "2222".parse().ok(),
        taken: [80].into(),
        ..host()
    };
    let system = format!("system={name}");
    let here = answered(facts.clone(), &[&system, "domain=play.example.org"]);
    assert_eq!(here.value(&Key::Host), Some(Value::Host(Place::Here)));
    let networks = ["10.8.0.0/24", "198.51.100.7"].map(|it| it.parse().unwrap());
    assert_eq!(here.value(&Key::Admin), Some(Value::Admin(networks.into())), "who is logged in stays in");
    assert!(from(&here, Key::Admin).contains("wg0") && from(&here, Key::Admin).contains("logged in"));
    assert_eq!(here.value(&Key::Firewall), Some(Value::Firewall(FirewallKind::Ufw)));
    assert_eq!(here.value(&Key::SshPort).map(|it| it.text()), Some("2222".into()));
    assert_eq!(here.value(&Key::Certificate), Some(Value::Certificate(TlsMode::SelfSigned)));
    assert!(from(&here, Key::Certificate).contains("port 80"));
    // For another host none of it is known.
    let other = answered(facts, &[&system, "domain=play.example.org", "host=elsewhere"]);
    for key in [Key::Admin, Key::Firewall, Key::SshPort] {
        assert_eq!(other.value(&key), None, "{key}");
    }
    assert_eq!(other.value(&Key::Certificate), Some(Value::Certificate(TlsMode::Acme)));
}

#[test]
fn networks_of_a_system_give_way_to_those_of_the_host() {
    let wizard = wizard(host());
    let with_subnets = wizard.offers.iter().find(|offer| !offer.subnets.is_empty()).expect("one has some");
    let (name, wanted) = with_subnets.subnets[0].clone();
    let system = format!("system={}", with_subnets.reference);
    let key = Key::Own(AnswerKey::Setting(name));
    let taken = Facts { routes: vec![Route { network: wanted, interface: "eth1".into() }], ..host() };
    let free = answered(host(), &[&system, "domain=a.example.com"]);
    assert_eq!(free.default(&key), None);
    let moved = answered(taken.clone(), &[&system, "domain=a.example.com"]);
    let proposed = moved.default(&key).unwrap();
    assert!(proposed.from.unwrap().contains("eth1"));
    let chosen: crate::values::Cidr = proposed.value.text().parse().unwrap();
    assert!(!chosen.overlaps(wanted) && taken.user_of(chosen).is_none());
    assert!(moved.draft().unwrap().text.contains(&chosen.to_string()));
}

#[test]
fn answers_are_judged_by_the_types_of_the_profile() {
    let name = names()[0];
    let mut wizard = answered(host(), &[&format!("system={name}")]);
    for (key, text, says) in [
        ("domain", "https://a.example.com/", "scheme"),
        ("domain", "a b", "cannot hold"),
        ("admin", "0.0.0.0/0", "whole internet"),
        ("admin", "10.8.0.1/24", "host bits"),
        ("admin", " , ", "no network"),
        ("name", "Not This", "cannot begin"),
        ("proxy", "trafik", "did you mean `traefik`"),
        ("certificate", "letsencrypt", "allowed"),
        ("variant", "dokcer", "did you mean"),
        ("ssh_port", "0", ""),
        ("settings.nothing_like_it", "1", "has no setting"),
        ("images.nothing", "a:1", "no service"),
    ] {
        let refused = wizard.set(key.parse().unwrap(), text).unwrap_err().to_string();
        assert!(refused.contains(says), "{key}={text}: {refused}");
    }
    let nearest = "domian".parse::<Key>().unwrap_err().to_string();
    assert!(nearest.contains("did you mean `domain`"), "{nearest}");
    assert!(format!("system={}x", name).split_once('=').is_some_and(|(_, text)| {
        wizard.judge(&Key::System, text).unwrap_err().to_string().contains("did you mean")
    }));
}

#[test]
fn a_profile_has_at_most_fifteen_lines_and_reads_back() {
    for name in names() {
        let variants = wizard(host()).offers.iter().find(|it| it.reference == name).unwrap().variants.clone();
        for variant in variants {
            let answers = [&format!("system={name}"), &format!("variant={}", variant.name), "domain=a.example.com"];
            let wizard = answered(host(), &answers);
            let draft = wizard.draft().unwrap();
            assert!(draft.text.lines().count() <= 15, "{}", draft.text);
            let mut sources = Sources::new();
            let id = sources.add(SourceFile::new("stockade.yaml", draft.text.clone()));
            let (profile, found) = crate::format::profile::parse(&sources, id);
            assert!(!found.has_errors() && profile.is_some(), "{found:?}\n{}", draft.text);
        }
    }
}

/// What waits is a comment that becomes a line when its `# TODO ` goes.
#[test]
fn what_is_left_for_later_stands_in_the_profile() {
    let mut seen = 0;
    for name in names() {
        let wizard = answered(host(), &[&format!("system={name}"), "domain=a.example.com"]);
        let draft = wizard.draft().unwrap();
        assert_eq!(draft.text.contains("# TODO "), !draft.missing.is_empty(), "{}", draft.text);
        seen += draft.missing.len();
        let text = draft.text.replace("# TODO ", "");
        let read: serde_json::Value = serde_yaml::from_str(&text).unwrap_or_else(|why| panic!("{why}\n{text}"));
        assert!(read.get("version").is_some());
    }
    assert!(seen > 0, "one system needs something");
}

#[test]
fn the_command_without_questions_gives_the_same_profile() {
    for name in names() {
        let first = answered(host(), &[&format!("system={name}"), "domain=a.example.com"]);
        let words = shlex::split(&first.command(None)).unwrap();
        let given = words.windows(2).filter(|pair| pair[0] == "--set").map(|pair| pair[1].as_str());
        let second = answered(Facts::default(), &given.collect::<Vec<_>>());
        // Comments say where a default came from, which another host has not seen.
        let bare =
            |wizard: &Wizard| -> serde_json::Value { serde_yaml::from_str(&wizard.draft().unwrap().text).unwrap() };
        assert_eq!(bare(&first), bare(&second), "{}", first.command(None));
    }
}

#[test]
fn a_file_of_ones_own_asks_for_all_it_needs() {
    let text = crate::systems::STARTER.replace(
        "\nservices:\n",
        "\nask:\n  - {key: images.my-app, question: Which image?, help: A version., example: \"a.example.com/b:1\"}\nservices:\n",
    );
    let mut wizard = Wizard::new(vec![offer("./my-app.system.yaml", &text, false)], host());
    assert_eq!(wizard.missing(), [Key::System, Key::Domain].as_slice()[1..].to_vec(), "the only one is the default");
    set(&mut wizard, &["system=./my-app.system.yaml"]);
    assert!(wizard.sequence().iter().any(|key| matches!(key, Key::Own(AnswerKey::Image(_)))));
}

#[test]
fn a_hostile_answer_stays_a_value() {
    let setting = "\nsettings:\n  word: {purpose: A., type: {text: {max_length: 99}}, default: null}\n";
    let text = crate::systems::STARTER.replace("\nsettings:\n", setting);
    let mut wizard = Wizard::new(vec![offer("./my-app.system.yaml", &text, false)], host());
    set(&mut wizard, &["system=./my-app.system.yaml", "domain=a.example.com"]);
    let hostile = "x # y: {z: [\"'";
    wizard.set("settings.word".parse().unwrap(), hostile).unwrap();
    let text = wizard.draft().unwrap().text;
    let read: serde_json::Value = serde_yaml::from_str(&text).unwrap();
    assert_eq!(read["settings"]["word"], hostile, "{text}");
}
