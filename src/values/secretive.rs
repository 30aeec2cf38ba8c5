//! What looks like a secret, by the name it has or by what it says.

/// Words under which people keep secrets.
const WORDS: [&str; 9] =
    ["SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "TOKEN", "APIKEY", "API_KEY", "PRIVATE_KEY", "CREDENTIAL"];

/// Ends of names that say something about a secret, or where it is.
const ABOUT: [&str; 9] =
    ["_FILE", "_VALIDITY", "_TTL", "_PATH", "_ENABLED", "_LENGTH", "_LIFETIME", "_MINUTES", "_NAME"];

/// Whether a variable or key of this name is likely to hold a secret.
pub fn is_named_like_one(name: &str) -> bool {
    let name = name.to_ascii_uppercase().replace(['-', '.'], "_");
    WORDS.iter().any(|word| name.contains(word)) && !ABOUT.iter().any(|end| name.ends_with(end))
}

/// Whether a name says that the secret itself is there; of names that authors of systems choose.
pub fn ends_like_one(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    WORDS.iter().any(|word| *word != "CREDENTIAL" && name.ends_with(word))
}

/// Whether a text is an address with a password in it (`scheme://user:password@host`, RFC 3986, section 3.2.1).
pub fn holds_password(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let password = authority.rsplit_once('@').and_then(|(user, _)| user.split_once(':')).map(|(_, password)| password);
    password.is_some_and(|password| !password.is_empty() && !password.starts_with(['$', '{', '<']))
}

/// Whether a variable is likely to hold a secret.
pub fn is_variable(name: &str, value: &str) -> bool {
    !value.is_empty() && is_named_like_one(name) || holds_password(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_that_hold_secrets() {
        for (name, value, is) in [
            ("DB_PASSWORD", "x", true),
            ("DB_PASSWORD", "", false),
            ("db-password", "x", true),
            ("API_KEY", "x", true),
            ("DB_PASSWORD_FILE", "/run/secrets/x", false),
            ("TOKEN_TTL", "5", false),
            ("PASSWORD_MIN_LENGTH", "12", false),
            ("DATABASE_URL", "postgres://u:p@db/x", true),
            ("DATABASE_URL", "postgres://u:p@ss@db/x", true),
            ("DATABASE_URL", "postgres://u@db/x", false),
            ("DATABASE_URL", "postgres://u:@db/x", false),
            ("DATABASE_URL", "postgres://u:{{ x }}@db", false),
            ("PUBLIC_URL", "https://a.example.com:8443/x@y", false),
            ("LOG_LEVEL", "debug", false),
        ] {
            assert_eq!(is_variable(name, value), is, "{name}={value}");
        }
    }
}
