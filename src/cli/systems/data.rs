//! A system as data: what may be set, with types and bounds, its secrets, rates and services.

use crate::controls::catalogue;
use crate::format::system::{Field, Setting, SettingType, System};
use crate::stack::services_of;
use crate::systems::words::{kind, origin};
use serde_json::{Map, Value, json};

/// Everything a profile for the system may say.
pub(super) fn of(system: &System) -> Value {
    let rates = system.edge.iter().flat_map(|edge| &edge.rates).map(|(name, class)| {
        json!({ "name": name.value, "rate": class.rate.to_string(), "burst": class.burst, "purpose": class.purpose.as_str() })
    });
    let secrets = system.secrets.iter().map(|(name, spec)| {
        json!({
            "name": name.as_str(),
            "purpose": spec.purpose.as_str(),
            "from": origin(spec),
            "each": spec.each.as_ref().map(|each| each.0.value.as_str()),
            "when": spec.when.as_ref().map(|when| when.0.value.as_str()),
            "readers": spec.deliver.iter().map(|delivery| delivery.service.as_str()).collect::<Vec<_>>(),
        })
    });
    json!({
        "name": system.name.as_str(),
        "title": system.title.as_str(),
        "summary": system.summary.as_str(),
        "variants": system.variants.iter().map(|(name, variant)| {
            let role = default_role(system);
            json!({
                "name": name.value,
                "title": variant.title.as_str(),
                "default": variant.default,
                "services": services_of(system, Some(&name.value), role, catalogue::known()),
            })
        }).collect::<Vec<_>>(),
        "roles": system.roles.iter().map(|(name, role)| {
            json!({
                "name": name.value,
                "title": role.title.as_str(),
                "default": role.default,
                "services": services_of(system, None, Some(&name.value), catalogue::known()),
            })
        }).collect::<Vec<_>>(),
        "services": system.services.keys().map(|name| name.as_str()).collect::<Vec<_>>(),
        "containers": system.services.iter().map(|(name, service)| {
            json!({
                "name": name.as_str(),
                "title": service.title.as_str(),
                "image": service.image.to_string(),
                "when": service.when.as_ref().map(|when| when.0.value.as_str()),
            })
        }).collect::<Vec<_>>(),
        "settings": system.settings.iter().map(|(name, it)| setting(name.as_str(), it)).collect::<Vec<_>>(),
        "secrets": secrets.collect::<Vec<_>>(),
        "rates": rates.collect::<Vec<_>>(),
        "recommendations": system.recommendations.len(),
    })
}

/// The role of a host where the profile names none.
pub(super) fn default_role(system: &System) -> Option<&str> {
    system.roles.iter().find(|(_, role)| role.default).map(|(name, _)| name.value.as_str())
}

fn setting(name: &str, setting: &Setting) -> Value {
    let mut all = Map::from_iter([
        ("name".to_owned(), Value::from(name)),
        ("type".to_owned(), kind(&setting.kind).into()),
        ("default".to_owned(), setting.default.value.to_json()),
        ("purpose".to_owned(), setting.purpose.as_str().into()),
    ]);
    all.extend(bounds(&setting.kind));
    Value::Object(all)
}

fn field(name: &str, field: &Field) -> Value {
    let mut all = Map::from_iter([
        ("name".to_owned(), Value::from(name)),
        ("type".to_owned(), kind(&field.kind).into()),
        ("required".to_owned(), field.default.is_none().into()),
        ("purpose".to_owned(), field.purpose.as_str().into()),
    ]);
    all.extend(field.default.as_ref().map(|default| ("default".to_owned(), default.value.to_json())));
    all.extend(bounds(&field.kind));
    Value::Object(all)
}

/// What a type allows, by name.
fn bounds(kind: &SettingType) -> Vec<(String, Value)> {
    let named =
        |pairs: &[(&str, Value)]| pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    match kind {
        SettingType::Integer { min, max } => named(&[("min", (*min).into()), ("max", (*max).into())]),
        SettingType::Number { min, max } => named(&[("min", (*min).into()), ("max", (*max).into())]),
        SettingType::Text { max_length, without } | SettingType::List { max_length, without } => {
            let mut all = vec![("max_length", Value::from(*max_length))];
            all.extend((!without.is_empty()).then(|| ("without", without.as_str().into())));
            named(&all)
        }
        SettingType::Choice { of } => named(&[("values", of.clone().into())]),
        SettingType::Size { min, max } => {
            let bounds = [("min", min), ("max", max)];
            let written = bounds.iter().filter_map(|(name, bound)| Some((*name, bound.as_ref()?.to_string().into())));
            named(&written.collect::<Vec<_>>())
        }
        SettingType::Items { of } => bounds(of),
        SettingType::Records { fields, unique } => named(&[
            ("fields", fields.iter().map(|(name, it)| field(&name.value, it)).collect()),
            ("unique", unique.iter().map(|name| name.value.as_str()).collect()),
        ]),
        _ => Vec::new(),
    }
}
