//! Whom a connection trusts and through whom it goes.
//!
//! Trusted are Mozilla's authorities and those of the files that npm is told of (`cafile`, `NODE_EXTRA_CA_CERTS`,
//! `SSL_CERT_FILE`): where npm gets through, so does this, in an image without certificates as behind a proxy that opens
//! everything.

use std::fs;
use std::path::PathBuf;

use ureq::Proxy;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use super::settings::Environment;

/// A file that cannot be read is passed over, as npm does: what is missing for it shows when a host is asked.
pub(super) fn config(files: &[PathBuf]) -> TlsConfig {
    // Whoever came first has set it, to the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let known = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
    let mut trusted: Vec<Certificate<'static>> = known.map(|root| Certificate::from_der(root)).collect();
    for text in files.iter().filter_map(|file| fs::read(file).ok()) {
        trusted.extend(parse_pem(&text).filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        }));
    }
    TlsConfig::builder().root_certs(RootCerts::from(trusted)).build()
}

/// The proxy of the environment, for `http` or `https`. `NO_PROXY` names hosts and, as everywhere, what is below them.
pub(super) fn proxy(is_secure: bool, environment: Environment<'_>) -> Result<Option<Proxy>, String> {
    let names = if is_secure {
        ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
    } else {
        ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]
    };
    let Some((name, address)) = names.iter().find_map(|name| Some((name, environment(name)?))) else {
        return Ok(None);
    };
    let wrong = || format!("the variable {name} is no address of a proxy, such as http://host:8080");
    let plain = Proxy::new(&address).map_err(|_| wrong())?;
    if plain.host().is_empty() {
        return Err(wrong());
    }
    let mut proxy = Proxy::builder(plain.protocol()).host(plain.host()).port(plain.port());
    if let Some(user) = plain.username() {
        proxy = proxy.username(user);
    }
    if let Some(password) = plain.password() {
        proxy = proxy.password(password);
    }
    let spared = environment("no_proxy").or_else(|| environment("NO_PROXY")).unwrap_or_default();
    for host in spared.split([',', ' ']).filter(|host| !host.is_empty()) {
        proxy = proxy.no_proxy(host);
        if !host.starts_with(['.', '*']) {
            proxy = proxy.no_proxy(&format!(".{host}"));
        }
    }
    proxy.build().map(Some).map_err(|_| wrong())
}
