//! Single values of settings.

use super::SettingType;
use crate::diagnostics::{nearest, nearest_or_allowed};
use crate::format::system::Given;
use crate::values::{
    ByteSize, Cidr, Day, DevicePath, Domain, Duration, Gid, HeaderName, HostIp, HostPath, Invalid, NamePart, Port,
    UrlPath, amounts, zone,
};
use minijinja::Value;
use std::net::IpAddr;
use std::str::FromStr;

/// A single value of a type, from its text; lists and records are none.
pub(super) fn value(kind: &SettingType, text: &str, given: &Given) -> Result<Value, Invalid> {
    match kind {
        SettingType::Boolean => match given {
            Given::Value(serde_json::Value::Bool(flag)) => Ok(Value::from(*flag)),
            _ => Err(Invalid::new("this is neither true nor false").help("write `true` or `false`")),
        },
        SettingType::Integer { min, max } => match text.parse::<i64>() {
            Ok(number) if (*min..=*max).contains(&number) => Ok(Value::from(number)),
            _ => {
                let digits = text.trim_start_matches(['+', '-']).bytes().all(|b| b.is_ascii_digit());
                let help = match digits {
                    true => format!("write a number from {min} to {max}"),
                    false => "write the digits alone, without a unit".to_owned(),
                };
                Err(Invalid::new(format!("this is no whole number from {min} to {max}")).help(help))
            }
        },
        SettingType::Number { min, max } => match text.parse::<f64>() {
            // A whole number is written without decimals.
            Ok(number) if (*min..=*max).contains(&number) => {
                Ok(text.parse::<i64>().map_or_else(|_| Value::from(number), Value::from))
            }
            _ => Err(Invalid::new(format!("this is no number from {min} to {max}"))
                .help("write it in digits, with a point before decimals: `0.7`")),
        },
        SettingType::Name => parsed::<NamePart>(text),
        SettingType::HeaderName => parsed::<HeaderName>(text),
        SettingType::Text { max_length, without } => line(text, *max_length, without).map(Value::from),
        SettingType::Choice { of } => {
            if of.iter().any(|word| word == text) {
                return Ok(Value::from(text));
            }
            Err(Invalid::new(format!("`{}` is not one of its values", text.escape_debug()))
                .help(nearest_or_allowed(text, of.iter().map(String::as_str))))
        }
        SettingType::Size { min, max } => {
            let size: ByteSize = text.parse()?;
            if min.is_some_and(|min| size < min) || max.is_some_and(|max| size > max) {
                let bound = |b: &Option<ByteSize>| b.map_or("any".to_owned(), |b| b.to_string());
                let range = format!("from {} to {}", bound(min), bound(max));
                let help = match text.bytes().all(|b| b.is_ascii_digit()) {
                    true => format!("a number without a unit counts bytes; write a size {range}, such as `{text}g`"),
                    false => format!("write a size {range}"),
                };
                return Err(Invalid::new(format!("`{size}` is out of bounds")).help(help));
            }
            Ok(amounts::size(size))
        }
        SettingType::Duration => text.parse::<Duration>().map(amounts::duration),
        SettingType::Port => text.parse::<Port>().map(|port| Value::from(port.get())),
        SettingType::Cidr => parsed::<Cidr>(text),
        SettingType::Domain => parsed::<Domain>(text),
        SettingType::Path => parsed::<HostPath>(text),
        SettingType::UrlPath => parsed::<UrlPath>(text),
        SettingType::LastDay => parsed::<Day>(text),
        SettingType::Device => parsed::<DevicePath>(text),
        SettingType::Group => text.parse::<Gid>().map(|group| Value::from(group.0)),
        SettingType::Address => parsed::<HostIp>(text),
        SettingType::Endpoint => endpoint(text).map(Value::from),
        SettingType::Email => email(text).map(Value::from),
        SettingType::TimeZone => time_zone(text).map(Value::from),
        SettingType::Origins | SettingType::List { .. } | SettingType::Items { .. } | SettingType::Records { .. } => {
            Err(Invalid::new("a list is wanted").help("write `[first, second]`"))
        }
    }
}

fn parsed<T: FromStr<Err = Invalid> + ToString>(text: &str) -> Result<Value, Invalid> {
    text.parse::<T>().map(|value| Value::from(value.to_string()))
}

fn line(text: &str, max_length: u32, without: &str) -> Result<String, Invalid> {
    if let Some(bad) = text.chars().find(|c| c.is_control() || crate::values::is_invisible(*c)) {
        return Err(Invalid::new(format!("it holds the invisible character {}", bad.escape_unicode()))
            .help("write plain text on one line"));
    }
    if let Some(bad) = text.chars().find(|c| without.contains(*c)) {
        return Err(Invalid::new(format!("it holds {bad:?}, which the application would misread"))
            .help(format!("leave out all of {without}")));
    }
    match text.chars().count() {
        n if n > max_length as usize => {
            Err(Invalid::new(format!("it has {n} characters, at most {max_length} are allowed")).help("shorten it"))
        }
        _ => Ok(text.to_owned()),
    }
}

/// `https://` with host and port only (RFC 6454).
pub(super) fn origin(text: &str) -> Result<Value, Invalid> {
    let refuse = |reason: &str| {
        Invalid::new(reason).help("write scheme, host and port only, such as `https://panel.example.com`")
    };
    let host = text.strip_prefix("https://").ok_or_else(|| refuse("an origin begins with `https://`"))?;
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let name: Domain =
        name.parse().map_err(|_| refuse("an origin has a host name and no path, wildcard or final `/`"))?;
    Ok(Value::from(match port.map(str::parse::<Port>).transpose()? {
        Some(port) if port.get() != 443 => format!("https://{name}:{port}"),
        _ => format!("https://{name}"),
    }))
}

/// `HOST:PORT`; an IPv6 address stands in brackets.
fn endpoint(text: &str) -> Result<String, Invalid> {
    let refuse = |reason: &str| Invalid::new(reason).help("write `HOST:PORT`, such as `wiki:8080` or `10.0.0.5:8080`");
    let (host, port) = text.rsplit_once(':').ok_or_else(|| refuse("it has no port"))?;
    let port: Port = port.parse()?;
    let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match (address, host.parse::<IpAddr>()) {
        (Some(address), _) if address.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv6()) => {}
        (None, Ok(ip)) if ip.is_ipv4() => {}
        (None, Err(_)) => {
            host.parse::<Domain>().map_err(|_| refuse("its host is neither a name nor an address"))?;
        }
        _ => return Err(refuse("its host is neither a name nor an address")),
    }
    Ok(format!("{}:{port}", host.to_ascii_lowercase()))
}

/// A name of the IANA database as it is written there: programs look for a file of that name, and take UTC where there is none.
fn time_zone(text: &str) -> Result<String, Invalid> {
    if zone::names().binary_search(&text).is_ok() {
        return Ok(text.to_owned());
    }
    let city = || {
        zone::names().iter().find(|name| name.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(text)))
    };
    let near = nearest(text, zone::names().iter().copied()).or_else(|| city().copied());
    let says = Invalid::new(format!("there is no time zone `{}`", text.escape_debug()));
    Err(says.help(match near {
        Some(name) => format!("did you mean `{name}`?"),
        None => "write a name of the IANA database such as `Europe/Berlin`; `timedatectl list-timezones` lists them"
            .to_owned(),
    }))
}

/// `LOCAL@DOMAIN` with the characters people use (RFC 5321 without quoting).
fn email(text: &str) -> Result<String, Invalid> {
    let refuse = || Invalid::new("this is no e-mail address").help("write it as `anna@example.com`");
    let (local, domain) = text.rsplit_once('@').ok_or_else(refuse)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    if local.is_empty() || local.len() > 64 || !local.chars().all(plain) {
        return Err(refuse());
    }
    let domain: Domain = domain.parse().map_err(|_| refuse())?;
    Ok(format!("{local}@{domain}"))
}
