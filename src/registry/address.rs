//! Addresses of registries and archives: `http` and `https` only, and what may be followed from where.

use std::fmt;

use ureq::http::Uri;

/// An address that may be asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    /// True for `https`.
    pub(super) is_secure: bool,
    /// Host and port, in small letters; the port that the scheme means is left out.
    pub(super) host: String,
    /// What follows, from the first slash on.
    path: String,
}

impl Address {
    /// Reads an address; the error says what is wrong with it.
    pub fn read(text: &str) -> Result<Address, String> {
        // What stands before an `@` may be a password.
        let shown = text.rsplit_once('@').map_or_else(|| text.to_owned(), |(_, rest)| format!("…@{rest}"));
        let wrong = |what: &str| format!("`{shown:.200}` {what}");
        let uri: Uri = text.trim().parse().map_err(|_| wrong("is no address, such as https://host/path"))?;
        let is_secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(wrong("is no address that begins with https:// or http://")),
        };
        let authority = uri.authority().ok_or_else(|| wrong("names no host"))?;
        if authority.as_str().contains('@') {
            return Err(
                "an address with a name or a password in it is not asked: write a token into your own .npmrc"
                    .into(),
            );
        }
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(|| wrong("names no host"))?;
        let host = host.to_ascii_lowercase();
        let usual = if is_secure { 443 } else { 80 };
        let host = match uri.port_u16().filter(|port| *port != usual) {
            Some(port) => format!("{host}:{port}"),
            None => host,
        };
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Ok(Address { is_secure, host, path: path.to_owned() })
    }

    /// An address below this one, as below a folder.
    pub(super) fn below(&self, path: &str) -> Address {
        let folder = self.path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        Address { path: format!("{folder}/{path}"), ..self.clone() }
    }

    /// Where an answer from here leads to; `None` for what is not followed. From `https` nothing leads to `http`.
    pub(super) fn lead(&self, location: &str) -> Option<Address> {
        let next = match location.strip_prefix("//") {
            Some(rest) => Address::read(&format!("{}://{rest}", self.scheme())).ok()?,
            None if location.contains("://") => Address::read(location).ok()?,
            None => {
                let folder = self.path.split('?').next().unwrap_or_default();
                let folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
                let path = if location.starts_with('/') { location } else { &format!("{folder}/{location}") };
                Address::read(&format!("{}://{}{path}", self.scheme(), self.host)).ok()?
            }
        };
        (next.is_secure || !self.is_secure).then_some(next)
    }

    /// The address of an archive as a document of this registry names it. Old documents name the registry itself by `http`.
    pub(super) fn archive(&self, written: &str) -> Option<Address> {
        match Address::read(written) {
            Ok(named) if named.host == self.host => Some(Address { is_secure: self.is_secure, ..named }),
            _ => self.lead(written),
        }
    }

    /// True when both are of one server, asked in one way: what is told to one may be told to the other.
    pub(super) fn is_at(&self, other: &Address) -> bool {
        (self.is_secure, &self.host) == (other.is_secure, &other.host)
    }

    /// `host/path`, by which .npmrc names who a token is for.
    pub(super) fn without_scheme(&self) -> String {
        format!("{}{}", self.host, self.path)
    }

    fn scheme(&self) -> &'static str {
        if self.is_secure { "https" } else { "http" }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}://{}{}", self.scheme(), self.host, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        Address::read(text).map_or_else(|fault| fault, |address| address.to_string())
    }

    #[test]
    fn only_http_is_an_address() {
        assert_eq!(read("HTTPS://Host.example:443/npm"), "https://host.example/npm");
        assert_eq!(read("http://h:4873"), "http://h:4873/");
        for wrong in ["file:///etc/passwd", "ftp://h/", "h/path", "", "https://", "https://user:secret@h/"] {
            assert!(Address::read(wrong).is_err(), "{wrong}");
        }
        for told in
            ["https://user:secret@h/", "https://user:se cret@h/", "ftp://user:secret@h/@x", "secret@h"]
        {
            assert!(!read(told).contains("cret"), "{told}");
        }
    }

    #[test]
    fn a_leads_to_b() {
        let from = Address::read("https://h/npm/a/-/a-1.0.0.tgz?x=1").unwrap();
        let to = |location: &str| from.lead(location).map(|to| to.to_string());
        assert_eq!(to("/x").as_deref(), Some("https://h/x"));
        assert_eq!(to("b.tgz").as_deref(), Some("https://h/npm/a/-/b.tgz"));
        assert_eq!(to("//cdn/x").as_deref(), Some("https://cdn/x"));
        assert!(to("http://h/x").is_none() && to("file:///x").is_none() && to("a b").is_none());
        assert_eq!(from.archive("http://h/x").unwrap().to_string(), "https://h/x");
        assert!(from.archive("http://cdn/x").is_none());
        let open = Address::read("http://h:1/").unwrap();
        assert!(!open.is_at(&from) && !open.is_at(&Address::read("http://h:2/").unwrap()));
    }
}
