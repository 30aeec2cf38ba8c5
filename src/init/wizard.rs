//! What can be set up, what was seen, and what has been answered.

use super::offer::OfferedVariant;
use super::value::no_proxy;
use super::{Answers, Facts, Key, Offer, Place, Value};
use crate::format::system::Ask;
use crate::values::{AnswerKey, Invalid};
use std::collections::BTreeMap;

/// A run of questions.
#[derive(Debug, Clone, Default)]
pub struct Wizard {
    /// What can be set up.
    pub offers: Vec<Offer>,
    /// What was seen of this host.
    pub facts: Facts,
    answers: Answers,
    /// What a profile says already, where one is changed.
    current: Option<BTreeMap<Key, Value>>,
}

impl Wizard {
    /// Nothing is answered yet.
    pub fn new(offers: Vec<Offer>, facts: Facts) -> Self {
        Self { offers, facts, answers: Answers::default(), current: None }
    }

    /// Changes a profile that says this; its system stays, and where it runs is known to whoever wrote it.
    pub fn of_profile(offer: Offer, current: BTreeMap<Key, Value>) -> Self {
        let mut wizard = Self::new(Vec::new(), Facts::default());
        wizard.answers.set(Key::System, Value::System(offer.reference.clone()));
        wizard.answers.set(Key::Host, Value::Host(Place::Elsewhere));
        wizard.offers.push(offer);
        wizard.current = Some(current);
        wizard
    }

    /// What the profile says that is changed; nothing where a new one is made.
    pub fn current(&self) -> Option<&BTreeMap<Key, Value>> {
        self.current.as_ref()
    }

    /// What has been answered.
    pub fn answers(&self) -> &Answers {
        &self.answers
    }

    /// Answers from the command line or a file; those that others depend on come first.
    ///
    /// # Errors
    /// Why it is no answer.
    pub fn set(&mut self, key: Key, text: &str) -> Result<(), Invalid> {
        let value = self.judge(&key, text)?;
        self.fits(&key)?;
        self.answers.set(key, value);
        Ok(())
    }

    /// Judges an answer and keeps nothing.
    ///
    /// # Errors
    /// Why it is no answer.
    pub fn judge(&self, key: &Key, text: &str) -> Result<Value, Invalid> {
        Value::parse(key, text, &self.offers, self.offer())
    }

    /// An answer that is judged already.
    ///
    /// # Errors
    /// This system has no such question.
    pub fn put(&mut self, key: Key, value: Value) -> Result<(), Invalid> {
        self.fits(&key)?;
        self.answers.set(key, value);
        Ok(())
    }

    /// What a person chose at the open question.
    pub fn choose(&mut self, chosen: Vec<(Key, Value)>) {
        self.answers.choose(chosen);
    }

    /// Opens the question before; `false` at the first one.
    pub fn back(&mut self) -> bool {
        self.answers.back()
    }

    /// Opens a question again, and keeps the other answers; `false` where nobody has answered it.
    pub fn reopen(&mut self, key: &Key) -> bool {
        self.answers.reopen(key)
    }

    /// The system that was chosen.
    pub fn offer(&self) -> Option<&Offer> {
        let reference = match self.answers.get(&Key::System) {
            Some(Value::System(reference)) => reference,
            _ => return None,
        };
        self.offers.iter().find(|offer| offer.reference == *reference)
    }

    /// The kind of host or deployment, where the system has several.
    pub fn chosen_variant(&self) -> Option<&OfferedVariant> {
        let Some(Value::Variant(name)) = self.value(&Key::Variant) else { return None };
        self.offer()?.variants.iter().find(|variant| variant.name == name)
    }

    /// What was seen, where it counts.
    pub fn local(&self) -> Option<&Facts> {
        (self.value(&Key::Host) == Some(Value::Host(Place::Here))).then_some(&self.facts)
    }

    /// The answer, or the default.
    pub fn value(&self, key: &Key) -> Option<Value> {
        self.answers.get(key).cloned().or_else(|| Some(self.default(key)?.value))
    }

    /// What this system asks for itself.
    pub fn asks(&self) -> impl Iterator<Item = &Ask> {
        let variant = self.chosen_variant().map(|variant| variant.name.as_str());
        let offer = self.offer();
        offer.into_iter().flat_map(|offer| &offer.asks).filter(move |ask| {
            ask.variants.is_empty() || ask.variants.iter().any(|known| Some(known.as_str()) == variant)
        })
    }

    /// Questions that only a person can answer, and nobody has.
    pub fn missing(&self) -> Vec<Key> {
        let needed = [Key::System, Key::Domain, Key::Admin];
        let has = |key: &Key| *key != Key::Domain || self.offer().is_none_or(|offer| offer.web);
        needed.into_iter().filter(|key| has(key) && self.value(key).is_none()).collect()
    }

    /// Everything that is decided: answers, and defaults that the profile says.
    pub fn decided(&self) -> Vec<(Key, Value)> {
        let Some(offer) = self.offer() else { return Vec::new() };
        let mut keys = vec![Key::System];
        keys.extend((offer.variants.len() > 1).then_some(Key::Variant));
        keys.extend([Key::Host, Key::Name]);
        keys.extend(offer.web.then_some(Key::Domain));
        keys.push(Key::Admin);
        keys.extend([Key::Proxy, Key::Certificate].into_iter().filter(|_| offer.proxy));
        keys.extend([Key::Firewall, Key::SshPort]);
        let asked = self.asks().map(|ask| Key::Own(ask.key.value.clone()));
        let subnets = offer.subnets.iter().map(|(name, _)| Key::Own(AnswerKey::Setting(name.clone())));
        let given = self.answers.all().map(|(key, _)| key.clone()).filter(|key| matches!(key, Key::Own(_)));
        let mut own: Vec<Key> = asked.chain(subnets).chain(given).collect();
        own.sort();
        own.dedup();
        keys.extend(own);
        keys.into_iter().filter_map(|key| Some((key.clone(), self.value(&key)?))).collect()
    }

    /// Whether the system has such a question at all.
    fn fits(&self, key: &Key) -> Result<(), Invalid> {
        match (key, self.offer()) {
            (Key::Proxy | Key::Certificate, Some(offer)) if !offer.proxy => Err(no_proxy(offer)),
            (Key::Domain, Some(offer)) if !offer.web => {
                Err(Invalid::new(format!("{} is reached under no name", offer.title)).help("leave `domain` out"))
            }
            (Key::Own(AnswerKey::Image(name)), Some(offer)) if !offer.images.contains_key(name.as_str()) => {
                let names: Vec<&str> = offer.images.keys().map(String::as_str).collect();
                Err(Invalid::new(format!("{} has no service `{name}`", offer.title))
                    .help(crate::diagnostics::nearest_or_allowed(name.as_str(), names)))
            }
            _ => Ok(()),
        }
    }
}
