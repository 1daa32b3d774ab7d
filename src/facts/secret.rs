//! What is a secret: by the name of a variable together with a literal value, by a value that nothing else looks like, and by
//! the names of files that hold keys.
//!
//! A name alone decides nothing: `SECRET_STORE=vault`, `TOKEN_FILE=/run/x` and `API_KEY=$(KEY)` are no secrets. The
//! words are those of the field's scanners (hadolint DL3064, BuildKit SecretsUsedInArgOrEnv, Polaris, kube-linter),
//! compared word by word, without what they are known to take wrongly; seen on 2026-11-20.

mod file;
mod value;

pub use file::{file_kind, in_settings, is_account, npmrc_token};
pub use value::in_text;

/// How a value is known to be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secret {
    /// Its form is that of one kind of secret alone, in words: `a private key`.
    Recognised(&'static str),
    /// The variable is named like one, and the value is written out.
    Named,
    /// The variable is named like one, and the value is a default that everybody knows (`changeme`, `postgres`).
    WellKnown,
}

/// What a variable with a literal value is, when it is a secret. Values with variables, paths, booleans, numbers, references to a
/// store and placeholders (`<token>`, `dummy`, `YOUR_KEY`) are none.
pub fn of_variable(name: &str, text: &str) -> Option<Secret> {
    let text = text.trim().trim_matches(['"', '\'']);
    if let Some((_, secret)) = in_text(text) {
        return Some(secret);
    }
    let words = words(name);
    if !is_name(&words) || value::is_reference(text) || value::is_placeholder(name, text) {
        return None;
    }
    // Digits are a limit or a lifetime, unless the name ends in the password itself.
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let is_password =
        words.last().is_some_and(|word| PASSWORD.contains(&word.as_str()) || GROWN.contains(&word.as_str()));
    if is_number && (!is_password || text.len() < 4) {
        return None;
    }
    // `DB_SECRET=db-secret` may as well be the name of a Secret.
    let is_label = ["-secret", "-secrets", "-credentials", "-token"].iter().any(|end| text.ends_with(end));
    if is_label && !is_password {
        return None;
    }
    Some(if is_number || value::is_well_known(text) { Secret::WellKnown } else { Secret::Named })
}

/// True when a variable of this name holds a secret, whatever its value: for ARGs without a default.
pub fn is_secret_name(name: &str) -> bool {
    is_name(&words(name))
}

const PASSWORD: [&str; 6] = ["password", "passwd", "passphrase", "pass", "pwd", "passcode"];

/// Words that have grown together to one: those of PostgreSQL's and Redis' clients, of `sshpass`, and what people write like them.
const GROWN: [&str; 8] = [
    "pgpassword",
    "dbpassword",
    "rootpassword",
    "adminpassword",
    "userpassword",
    "mysqlpassword",
    "redispassword",
    "sshpass",
];

/// Words that make a name a secret's wherever they stand.
const SINGLE: [&str; 10] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "credential",
    "credentials",
    "apikey",
    "secretkey",
    "privatekey",
];

/// Words that make `…_KEY` a secret.
const KEYS: [&str; 13] = [
    "api",
    "access",
    "private",
    "secret",
    "encryption",
    "signing",
    "session",
    "master",
    "jwt",
    "cookie",
    "auth",
    "account",
    "license",
];

/// Words behind which stands something about a secret and not the secret.
const ABOUT: &[&str] = &[
    "file",
    "path",
    "dir",
    "folder",
    "name",
    "names",
    "id",
    "ids",
    "arn",
    "url",
    "uri",
    "host",
    "endpoint",
    "ttl",
    "expiry",
    "expire",
    "expires",
    "expiration",
    "in",
    "lifetime",
    "age",
    "timeout",
    "interval",
    "duration",
    "header",
    "headers",
    "length",
    "size",
    "limit",
    "count",
    "max",
    "min",
    "rounds",
    "algorithm",
    "alg",
    "hash",
    "digest",
    "issuer",
    "audience",
    "scope",
    "scopes",
    "enabled",
    "disabled",
    "required",
    "store",
    "backend",
    "version",
    "type",
    "kind",
    "format",
    "mode",
    "policy",
    "provider",
    "manager",
    "engine",
    "driver",
    "region",
    "prefix",
    "suffix",
    "separator",
    "field",
    "property",
    "column",
    "param",
    "username",
    "user",
    "email",
    "ref",
    "mount",
    "location",
    "regex",
    "pattern",
    "rotation",
    "days",
    "hours",
    "minutes",
    "seconds",
    "ms",
];

/// First words of switches: `ALLOW_EMPTY_PASSWORD`.
const SWITCHES: [&str; 12] =
    ["allow", "enable", "disable", "require", "use", "no", "skip", "has", "is", "max", "min", "with"];

/// Words of what everybody may see: public halves of keys, and what a bundler writes into pages.
const PUBLIC: [&str; 6] = ["public", "publishable", "pub", "anon", "site", "vite"];

fn is_name(words: &[String]) -> bool {
    let Some(last) = words.last() else { return false };
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let is_in_page = matches!(words, [first, second, ..] if first == "react" && second == "app");
    if ABOUT.contains(&last.as_str()) || SWITCHES.contains(&words[0].as_str()) || has(&PUBLIC) || is_in_page {
        return false;
    }
    // `PWD` is the shell's, `PASS` may be a count.
    let is_short = words.len() > 1 && matches!(last.as_str(), "pass" | "pwd" | "pw") && words[0] != "old";
    let is_key = words.windows(2).any(|pair| {
        pair[1] == "key" && KEYS.contains(&pair[0].as_str()) && last == "key" || pair == ["secret", "key"]
    });
    let is_redis = words == ["rediscli", "auth"];
    has(&SINGLE) || GROWN.contains(&last.as_str()) || is_short || is_key || is_redis
}

/// The words of a name in lower case: `dbPassword`, `DB_PASSWORD` and `db.password` are `db`, `password`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut was_lower = false;
    for character in name.chars() {
        let starts = character.is_uppercase() && was_lower;
        if !character.is_alphanumeric() || starts {
            words.push(String::new());
        }
        was_lower = character.is_lowercase() || character.is_ascii_digit();
        if let Some(word) = words.last_mut().filter(|_| character.is_alphanumeric()) {
            word.extend(character.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_decide_together() {
        for (name, value) in [
            ("DB_PASSWORD", "hunter2-prod"),
            ("PGPASSWORD", "hunter2-prod"),
            ("dbPassword", "hunter2-prod"),
            ("API_KEY", "a81bc81b-dead-4e5d-abff-90865d1e13b1"),
            ("JWT_SECRET", "s3cr3t-of-ours"),
            ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMIK7MDENGbPxRfiCYzz"),
            ("NPM_TOKEN", "0b8cf1c2"),
            ("MYSQL_PWD", "lovely day"),
            ("POSTGRES_PASSWORD", "p@ss/w0rd"),
        ] {
            assert_eq!(of_variable(name, value), Some(Secret::Named), "{name}={value}");
        }
        for (name, value) in [
            ("MYSQL_ROOT_PASSWORD", "123456"),
            ("POSTGRES_PASSWORD", "postgres"),
            ("JWT_SECRET", "secret"),
            ("ADMIN_PASSWORD", "changeme"),
            ("SESSION_SECRET", "change-me-please"),
        ] {
            assert_eq!(of_variable(name, value), Some(Secret::WellKnown), "{name}={value}");
        }
    }

    #[test]
    fn what_only_looks_like_one() {
        for (name, value) in [
            ("SECRET_STORE", "vault"),
            ("SECRET_VERSION", "v3"),
            ("SECRET_ID", "projects/x"),
            ("DB_PASSWORD_FILE", "/run/secrets/db"),
            ("DB_PASSWORD", "/run/secrets/db"),
            ("MAX_TOTAL_TOKENS", "2048"),
            ("TOKEN_TTL", "1h"),
            ("TOKEN_LIFETIME_SECONDS", "3600"),
            ("JWT_EXPIRES_IN", "1d"),
            ("ACCESS_TOKEN_EXPIRES", "15m"),
            ("MYSQL_ALLOW_EMPTY_PASSWORD", "yes"),
            ("ALLOW_EMPTY_PASSWORD", "anything"),
            ("HF_TOKEN", "HF_TOKEN"),
            ("API_KEY", "$(API_KEY)"),
            ("API_KEY", "${API_KEY}"),
            ("API_KEY", "$API_KEY"),
            ("API_KEY", "<your key>"),
            ("API_KEY", "YOUR_KEY_HERE"),
            ("API_KEY", ""),
            ("SECRET_KEY_BASE", "dummy"),
            ("AUTH_SECRET", "build-time-placeholder"),
            ("JWT_PUBLIC_KEY", "MIIBIjANBg"),
            ("STRIPE_PUBLISHABLE_KEY", "pk_live_x"),
            ("NEXT_PUBLIC_API_KEY", "abcdef012345"),
            ("REACT_APP_API_KEY", "abcdef012345"),
            ("DB_SECRET", "db-secret"),
            ("DB_PASSWORD", "op://vault/db/password"),
            ("PWD", "/app"),
            ("OLD_PWD", "x"),
            ("KEYCLOAK_HOST", "keycloak"),
            ("MONKEY", "banana"),
            ("KEY", "banana"),
            ("TOKENIZER", "banana"),
            ("DATABASE_URL", "postgres://user:pass@localhost:5432/db"),
            ("DATABASE_URL", "postgres://db:5432/shop"),
            ("TOKEN_URL", "https://id.example/token"),
        ] {
            assert_eq!(of_variable(name, value), None, "{name}={value}");
        }
    }

    #[test]
    fn a_form_of_its_own_needs_no_name() {
        let recognised = |value: &str| matches!(of_variable("X", value), Some(Secret::Recognised(_)));
        assert!(recognised("-----BEGIN RSA PRIVATE KEY-----\nMIIE"));
        assert!(recognised("ghp_0123456789abcdefghijABCDEFGHIJ012345"));
        assert!(recognised("AKIAQ3EGRZ7NEXAMPLQZ"));
        assert!(!recognised("AKIAIOSFODNN7EXAMPLE"), "the one of the documentation");
        assert!(recognised("postgres://shop:vErYq7@db.internal:5432/shop"));
        assert!(!recognised("postgres://shop:${PASSWORD}@db:5432/shop"));
        assert!(!recognised("http://user:password@example.com"));
        assert_eq!(of_variable("X", "amqp://guest:guest@rabbit:5672"), Some(Secret::WellKnown));
    }
}
