//! What an answer on a command line may be called, and which words it may be, for shells that complete it.

use super::key::WORDS;
use super::value::{CERTIFICATES, FIREWALLS, PROXIES};
use super::{Key, Place, Wizard};
use crate::format::system::SettingType;

impl Wizard {
    /// Keys that nobody has answered, each with the words to choose from; none where anything may be typed.
    pub fn words(&self) -> Vec<(String, Vec<String>)> {
        let mut found: Vec<(String, Vec<String>)> = WORDS
            .iter()
            .filter(|(key, _)| self.answers().get(key).is_none())
            .map(|(key, word)| ((*word).to_owned(), self.choices(key)))
            .collect();
        let Some(offer) = self.offer() else { return found };
        found.push(("bind".to_owned(), Vec::new()));
        found.extend(offer.settings.iter().map(|(name, kind)| (format!("settings.{name}"), setting(kind))));
        found.extend(offer.images.keys().map(|name| (format!("images.{name}"), Vec::new())));
        found
    }

    fn choices(&self, key: &Key) -> Vec<String> {
        match key {
            Key::System => self.offers.iter().map(|offer| offer.reference.clone()).collect(),
            Key::Variant => {
                self.offer().into_iter().flat_map(|offer| &offer.variants).map(|variant| variant.name.clone()).collect()
            }
            Key::Host => [Place::Here, Place::Elsewhere].map(|place| place.as_str().to_owned()).to_vec(),
            Key::Proxy => PROXIES.map(|kind| kind.to_string()).to_vec(),
            Key::Certificate => CERTIFICATES.map(|mode| mode.to_string()).to_vec(),
            Key::Firewall => FIREWALLS.map(|kind| kind.to_string()).to_vec(),
            Key::Name | Key::Domain | Key::Admin | Key::SshPort | Key::Own(_) => Vec::new(),
        }
    }
}

fn setting(kind: &SettingType) -> Vec<String> {
    match kind {
        SettingType::Boolean => vec!["true".to_owned(), "false".to_owned()],
        SettingType::Choice { of } => of.clone(),
        _ => Vec::new(),
    }
}
