//! The questions, as data.

use super::value::{CERTIFICATES, PROXIES};
use super::{Key, Place, Proposed, Value, Wizard};
use crate::values::{ProxyKind, TlsMode};

/// Most questions for a system that is built in.
const MOST: usize = 5;

/// A question every system shares.
struct Question {
    key: Key,
    text: &'static str,
    help: &'static str,
    /// What an answer looks like, where one is typed.
    example: &'static str,
    /// Whether this system has it.
    asked: fn(&Wizard) -> bool,
    /// Whether it gives way first where there would be too many.
    gives_way: bool,
    /// What there is to choose from, where it is not typed.
    choices: Option<fn(&Wizard) -> Vec<Choice>>,
}

/// In the order in which they are asked; those of the system itself come last.
static QUESTIONS: [Question; 6] = [
    Question {
        key: Key::System,
        text: "What is to be set up?",
        help: "A system is built in, an example, or a file of your own, NAME.system.yaml in this folder.",
        example: "",
        asked: |_| true,
        gives_way: false,
        choices: Some(systems),
    },
    Question {
        key: Key::Host,
        text: "Will it run on this host?",
        help: "If so, what was found here decides: the firewall, the SSH port, addresses that are taken.",
        example: "",
        asked: |_| true,
        gives_way: true,
        choices: Some(places),
    },
    Question {
        key: Key::Name,
        text: "What is the stack called?",
        help: "Lower-case letters, digits, `-` and `_`; containers and networks carry it.",
        example: "",
        asked: |wizard| wizard.offer().is_some_and(|offer| !offer.web),
        gives_way: false,
        choices: None,
    },
    Question {
        key: Key::Domain,
        text: "Under which name do people reach it?",
        help: "The host name alone, without https:// and port; it must lead to the host.",
        example: "play.example.com",
        asked: |wizard| wizard.offer().is_some_and(|offer| offer.web),
        gives_way: false,
        choices: None,
    },
    Question {
        key: Key::Admin,
        text: "From which networks is it administered?",
        help: "A VPN or an office; SSH and admin pages are open to these alone. Several with commas between them.",
        example: "10.8.0.0/24",
        asked: |_| true,
        gives_way: false,
        choices: None,
    },
    Question {
        key: Key::Proxy,
        text: "Which proxy, and where does its certificate come from?",
        help: "Traefik and Caddy get certificates by themselves; Traefik and nginx limit rates.",
        example: "",
        asked: |wizard| wizard.offer().is_some_and(|offer| offer.proxy),
        gives_way: true,
        choices: Some(proxies),
    },
];

/// One thing to choose.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What it is.
    pub label: String,
    /// More on it.
    pub note: String,
    /// The answers it stands for.
    pub answers: Vec<(Key, Value)>,
}

/// How a question is answered.
#[derive(Debug, Clone)]
pub enum Form {
    /// One of a list.
    Pick {
        /// The list.
        choices: Vec<Choice>,
        /// The one that Enter takes.
        first: usize,
    },
    /// A line of text.
    Type {
        /// What it looks like.
        example: String,
        /// Whether an empty line leaves it for later.
        may_wait: bool,
    },
}

/// The question that is open.
#[derive(Debug, Clone)]
pub struct Open {
    /// What is decided.
    pub key: Key,
    /// The question.
    pub text: String,
    /// One line of help.
    pub help: String,
    /// How it is answered.
    pub form: Form,
    /// What Enter takes.
    pub default: Option<Proposed>,
}

impl Wizard {
    /// The questions this system has, as far as answers tell already.
    pub fn sequence(&self) -> Vec<Key> {
        let asked: Vec<&Question> = QUESTIONS.iter().filter(|question| (question.asked)(self)).collect();
        let Some(offer) = self.offer() else { return vec![Key::System] };
        let own: Vec<Key> = self.asks().map(|ask| Key::Own(ask.key.value.clone())).collect();
        let mut spare = (asked.len() + own.len()).saturating_sub(if offer.built_in { MOST } else { usize::MAX });
        let mut keys = Vec::new();
        for question in asked {
            if question.gives_way && spare > 0 {
                spare -= 1;
            } else {
                keys.push(question.key.clone());
            }
        }
        keys.extend(own);
        keys.truncate(if offer.built_in { MOST } else { usize::MAX });
        keys
    }

    /// The question that is open; nothing where all are answered.
    pub fn next(&self) -> Option<Open> {
        let key = self.sequence().into_iter().find(|key| !self.is_answered(key))?;
        let default = self.default(&key);
        if let Key::Own(own) = &key {
            let ask = self.asks().find(|ask| ask.key.value == *own)?;
            let form = Form::Type { example: ask.example.to_string(), may_wait: true };
            return Some(Open { key, text: ask.question.to_string(), help: ask.help.to_string(), form, default });
        }
        let question = QUESTIONS.iter().find(|question| question.key == key)?;
        let form = match question.choices {
            Some(choices) => {
                let choices = choices(self);
                let first = choices.iter().position(|choice| self.is_default(choice)).unwrap_or(0);
                Form::Pick { choices, first }
            }
            None => Form::Type { example: question.example.to_owned(), may_wait: false },
        };
        Some(Open { key, text: question.text.to_owned(), help: question.help.to_owned(), form, default })
    }

    /// Both halves of a choice may come from elsewhere.
    fn is_answered(&self, key: &Key) -> bool {
        let answered = |key| self.answers().get(key).is_some();
        match key {
            Key::Proxy => answered(&Key::Proxy) && answered(&Key::Certificate),
            key => answered(key),
        }
    }

    fn is_default(&self, choice: &Choice) -> bool {
        choice.answers.iter().all(|(key, value)| self.value(key).as_ref() == Some(value))
    }
}

fn systems(wizard: &Wizard) -> Vec<Choice> {
    let mut choices = Vec::new();
    for offer in &wizard.offers {
        let system = (Key::System, Value::System(offer.reference.clone()));
        if offer.variants.len() < 2 {
            let note = match offer.example {
                _ if offer.built_in => offer.summary.clone(),
                Some(_) => format!("{} An example: its file is written here.", offer.summary),
                None => offer.reference.clone(),
            };
            choices.push(Choice { label: offer.title.clone(), note, answers: vec![system] });
            continue;
        }
        for variant in &offer.variants {
            let answers = vec![system.clone(), (Key::Variant, Value::Variant(variant.name.clone()))];
            choices.push(Choice { label: offer.title.clone(), note: variant.title.clone(), answers });
        }
    }
    if wizard.facts.truenas.is_some() {
        // What is for this host comes first.
        let fits = |choice: &Choice| !choice.answers.contains(&(Key::Variant, Value::Variant("truenas".to_owned())));
        choices.sort_by_key(fits);
    }
    choices
}

fn places(_: &Wizard) -> Vec<Choice> {
    [
        (Place::Here, "this host", "what was found here counts"),
        (Place::Elsewhere, "another host", "the bundle is copied there"),
    ]
    .map(|(place, label, note)| Choice {
        label: label.to_owned(),
        note: note.to_owned(),
        answers: vec![(Key::Host, Value::Host(place))],
    })
    .into()
}

/// The pairs that work, one half of which may be chosen already.
fn proxies(wizard: &Wizard) -> Vec<Choice> {
    let public = matches!(wizard.value(&Key::Domain), Some(Value::Domain(domain)) if domain.is_public());
    let chosen = |key: &Key, value: &Value| wizard.answers().get(key).is_none_or(|given| given == value);
    let mut choices = Vec::new();
    for mode in CERTIFICATES {
        for kind in PROXIES {
            let answers = vec![(Key::Proxy, Value::Proxy(kind)), (Key::Certificate, Value::Certificate(mode))];
            let works = mode != TlsMode::Acme || (public && kind != ProxyKind::Nginx);
            if works && answers.iter().all(|(key, value)| chosen(key, value)) {
                choices.push(Choice { label: title(kind).to_owned(), note: source(mode).to_owned(), answers });
            }
        }
    }
    choices
}

const fn title(kind: ProxyKind) -> &'static str {
    match kind {
        ProxyKind::Traefik => "Traefik",
        ProxyKind::Nginx => "nginx",
        ProxyKind::Caddy => "Caddy",
    }
}

/// Where certificates of a mode come from, in words.
pub(super) const fn source(mode: TlsMode) -> &'static str {
    match mode {
        TlsMode::Acme => "a certificate from Let's Encrypt, over port 80",
        TlsMode::Files => "certificate files of yours",
        TlsMode::SelfSigned => "a private authority's certificate; browsers must import it",
    }
}
