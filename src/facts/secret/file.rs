//! Files that hold secrets, by their names; and `.npmrc`, which holds one only with a token in it.

use std::ops::Range;

use super::of_variable;
use super::value::{is_placeholder, is_reference};

/// What a file of this path holds that nobody else may see, in words: `environment settings`, `a private key`.
/// `.env.example` and its kin, public keys and certificates hold nothing.
pub fn file_kind(path: &str) -> Option<&'static str> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let folder = folder.rsplit('/').next().unwrap_or("");
    match name {
        "id_rsa" | "id_ed25519" | "id_ecdsa" | "id_dsa" => return Some("a private key"),
        ".netrc" | ".pgpass" | ".git-credentials" | ".htpasswd" => return Some("passwords"),
        "credentials" if folder == ".aws" => return Some("keys of a cloud account"),
        "config.json" if folder == ".docker" => return Some("the login of a registry"),
        "config" if folder == ".kube" => return Some("the login of a cluster"),
        "kubeconfig" => return Some("the login of a cluster"),
        _ => {}
    }
    if name == ".env" || name.starts_with(".env.") {
        let kind = name.strip_prefix(".env").unwrap_or("");
        return (!is_sample(kind)).then_some("environment settings");
    }
    [".pem", ".key", ".p12", ".pfx", ".jks", ".keystore"]
        .iter()
        .any(|end| name.len() > end.len() && name.ends_with(end))
        .then_some("keys")
        .filter(|_| !["pub", "public", "cert", "ca", "chain"].iter().any(|word| name.contains(word)))
}

/// True for the JSON of a service account of Google's cloud, with its private key in it.
pub fn is_account(text: &str) -> bool {
    text.contains("\"service_account\"") && text.contains("-----BEGIN PRIVATE KEY-----\\n")
}

/// The first secret among the settings of an `.env` file: the name of its variable.
pub fn in_settings(text: &str) -> Option<&str> {
    text.lines().find_map(|line| {
        let line = line.trim().strip_prefix("export ").unwrap_or(line.trim());
        let (name, value) = line.split_once('=').filter(|_| !line.starts_with('#'))?;
        of_variable(name.trim(), value).map(|_| name.trim())
    })
}

fn is_sample(kind: &str) -> bool {
    let words = [
        "example", "sample", "template", "tpl", "dist", "default", "schema", "test", "ci", "vault", "d.ts",
        "md",
    ];
    kind.split(['.', '-', '_']).any(|word| words.contains(&word)) || kind.ends_with(".d.ts")
}

/// A token that is written out in a `.npmrc` or `.yarnrc.yml`, with its bytes. `${NPM_TOKEN}` is none.
pub fn npmrc_token(text: &str) -> Option<Range<usize>> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let body = line.trim();
        if body.starts_with(['#', ';']) {
            continue;
        }
        let Some((key, value)) = setting(body) else { continue };
        if is_reference(value) || is_placeholder(key, value) {
            continue;
        }
        let offset = line.find(value)?;
        return Some(start + offset..start + offset + value.len());
    }
    None
}

/// The key and the value of a line that sets a login: `//registry/:_authToken=x`, `npmAuthToken: x`.
fn setting(line: &str) -> Option<(&str, &str)> {
    let keys = ["_authToken", "_auth", "_password", "npmAuthToken", "npmAuthIdent"];
    let end = keys.iter().find_map(|key| Some(line.find(key)? + key.len()))?;
    let value = line[end..].trim_start().strip_prefix(['=', ':'])?;
    Some((&line[..end], value.trim().trim_matches(['"', '\''])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_tell_keys() {
        for path in [
            ".env",
            "api/.env.production",
            "id_rsa",
            "certs/server.key",
            ".aws/credentials",
            "tls/privkey.pem",
        ] {
            assert!(file_kind(path).is_some(), "{path}");
        }
        for path in [
            ".env.example",
            ".env.sample",
            "src/env.ts",
            "ca.pem",
            "id_rsa.pub",
            "public.key",
            ".env.d.ts",
            "credentials",
        ] {
            assert_eq!(file_kind(path), None, "{path}");
        }
    }

    #[test]
    fn tokens_of_npm_are_written_out_or_not() {
        let token = |text: &str| npmrc_token(text).map(|range| text[range].to_owned());
        assert_eq!(token("//registry.npmjs.org/:_authToken=0b8c-f1\n").as_deref(), Some("0b8c-f1"));
        assert_eq!(token("a=b\n_auth = \"aGk6aGk=\"\n").as_deref(), Some("aGk6aGk="));
        assert_eq!(token("//registry.npmjs.org/:_authToken=${NPM_TOKEN}\n"), None);
        assert_eq!(token("# _authToken=abc\nsave-exact=true\n"), None);
        assert_eq!(token("npmAuthToken: \"${NPM_TOKEN-}\"\n"), None);
    }
}
