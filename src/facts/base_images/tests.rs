use super::*;
use crate::facts::table::cell;

fn image(text: &str) -> BaseImage {
    lookup(&ImageRef::parse(text)).unwrap_or_else(|| panic!("{text} is not known"))
}

fn npm(text: &str) -> Option<String> {
    match image(text).npm {
        Tool::Present(versions) => versions.map(|versions| versions.to_string()),
        _ => None,
    }
}

fn os(text: &str) -> String {
    format!("{:?}", image(text).os)
}

#[test]
fn tags_of_node_name_version_and_variant() {
    for (text, version, sh, release) in [
        ("node:24-alpine", "24", Sh::Busybox, "Some(Alpine(Some(\"3.24\")))"),
        ("node:18.20.2-alpine3.18", "18.20.2", Sh::Busybox, "Some(Alpine(Some(\"3.18\")))"),
        ("node:18.12.1-alpine", "18.12.1", Sh::Busybox, "Some(Alpine(Some(\"3.17\")))"),
        ("node:20.9.0", "20.9.0", Sh::Dash, "Some(Debian(Some(\"bookworm\")))"),
        ("node:16-slim", "16", Sh::Dash, "Some(Debian(Some(\"buster\")))"),
        ("node:22-trixie-slim", "22", Sh::Dash, "Some(Debian(Some(\"trixie\")))"),
        ("node:iron-bookworm", "20", Sh::Dash, "Some(Debian(Some(\"bookworm\")))"),
        ("node:lts-jod", "22", Sh::Dash, "Some(Debian(Some(\"bookworm\")))"),
        ("docker.io/library/node", "26", Sh::Dash, "Some(Debian(Some(\"trixie\")))"),
        ("public.ecr.aws/docker/library/node:22", "22", Sh::Dash, "Some(Debian(Some(\"bookworm\")))"),
        ("node:alpine", "26", Sh::Busybox, "Some(Alpine(Some(\"3.24\")))"),
        ("node:10.1.0-jessie", "10.1.0", Sh::Dash, "Some(Debian(Some(\"jessie\")))"),
    ] {
        let found = image(text);
        assert_eq!(found.node().unwrap().to_string(), version, "{text}");
        assert_eq!(found.sh, Some(sh), "{text}");
        assert_eq!(os(text), release, "{text}");
        assert_eq!(found.is_nonroot(), Some(false));
    }
}

#[test]
fn a_name_that_does_not_tell_is_not_guessed() {
    let by_digest = image(&format!("node@sha256:{}", "a".repeat(64)));
    assert_eq!((by_digest.sh, by_digest.os.clone(), by_digest.npm), (None, None, Tool::Present(None)));
    assert_eq!(by_digest.node().unwrap().major, None);
    assert_eq!(image("node:lts-alpine").node().unwrap().major, None);
    assert_eq!(image("node:my-own").sh, None);
    assert_eq!(lookup(&ImageRef::parse("node:$V")), None);
    assert_eq!(lookup(&ImageRef::parse("acme/thing:1")), None);
}

#[test]
fn npm_comes_with_node() {
    for (text, version) in [
        ("node:18.16.1", "9.5.1"),
        ("node:18.17.0-alpine", "9.6.7"),
        ("node:20.2.0", "9.6.6"),
        ("node:20.11.1", "10.2.4"),
        ("node:20.12.0", "10.5.0"),
        ("node:20", "10.8.2"),
        ("node:18.19", "10.2.4"),
        ("node:16", "8.19.4"),
        ("node:14.20.0", "6.14.17"),
    ] {
        assert_eq!(npm(text).as_deref(), Some(version), "{text}");
    }
    assert_eq!(npm("node:14.0.0"), None, "older than the first row of its line");
    assert_eq!(image("node:26").yarn, Tool::Absent);
    assert_eq!(image("node:24-alpine").yarn, Tool::Present(Some(Versions::one(Version(1, 22, 22)))));
}

#[test]
fn images_from_before_the_entrypoint_have_none() {
    for text in ["node:10.9.0-slim", "node:8.11-alpine", "node:12.2.0"] {
        assert_eq!(image(text).entrypoint, Some(Vec::new()), "{text}");
    }
    for text in ["node:10.15.3", "node:10.15", "node:6.17.1", "node:9.11.2"] {
        assert_eq!(image(text).entrypoint, None, "{text}");
    }
}

#[test]
fn the_entrypoint_of_old_images_is_not_known() {
    for (text, known) in [
        ("node:10.15.3", false),
        ("node:10.16.0", true),
        ("node:12", true),
        ("node:8.16", false),
        ("node:13.0", true),
    ] {
        assert_eq!(image(text).entrypoint.is_some(), known, "{text}");
    }
}

#[test]
fn distroless_tells_its_user_by_tag() {
    let nonroot = image("gcr.io/distroless/nodejs24-debian13:nonroot");
    assert_eq!(nonroot.is_nonroot(), Some(true));
    assert_eq!(nonroot.entrypoint, Some(vec!["/nodejs/bin/node".to_owned()]));
    assert_eq!((nonroot.sh, nonroot.npm), (Some(Sh::Absent), Tool::Absent));
    assert_eq!(nonroot.node().unwrap().major, Some(24));
    assert_eq!(os("gcr.io/distroless/nodejs24-debian13:nonroot"), "Some(Debian(Some(\"trixie\")))");
    assert_eq!(image("gcr.io/distroless/nodejs22-debian12").is_nonroot(), Some(false));
    assert_eq!(image("gcr.io/distroless/nodejs22-debian12:debug-nonroot").is_nonroot(), Some(true));
    assert_eq!(image("gcr.io/distroless/static:nonroot").runtime, Some(Runtime::None));
    assert_eq!(image("gcr.io/distroless/nodejs22-debian12:b1946ac9").user, None);
}

#[test]
fn other_images_are_known_for_what_they_are() {
    assert_eq!(image("scratch").sh, Some(Sh::Absent));
    assert_eq!(os("alpine:3.19.1"), "Some(Alpine(Some(\"3.19\")))");
    assert_eq!(os("debian:bookworm-20240101-slim"), "Some(Debian(Some(\"bookworm\")))");
    assert_eq!(os("debian:12.5-slim"), "Some(Debian(Some(\"bookworm\")))");
    assert_eq!(os("ubuntu:jammy"), "Some(Ubuntu(Some(\"22.04\")))");
    assert_eq!(os("ubuntu:24.04"), "Some(Ubuntu(Some(\"24.04\")))");
    let python = image("python:3.12-slim-bookworm");
    assert_eq!((python.runtime, python.sh), (Some(Runtime::Other("python")), Some(Sh::Dash)));
    assert_eq!(image("golang:1.22-alpine3.19").sh, Some(Sh::Busybox));
    assert_eq!(image("nginxinc/nginx-unprivileged:1.27-alpine").is_nonroot(), Some(true));
    let ubi = image("registry.access.redhat.com/ubi9/nodejs-20-minimal:1-51");
    assert_eq!((ubi.node().unwrap().major, ubi.sh, ubi.is_nonroot()), (Some(20), Some(Sh::Bash), Some(true)));
    assert_eq!(image("bitnami/node:18.20.2-debian-12-r3").node().unwrap().to_string(), "18.20.2");
    assert!(image("bitnami/node:22").shell.is_some_and(|shell| shell[0] == "/bin/bash"));
    assert_eq!(os("bitnami/node:18.20.2-debian-12-r3"), "Some(Debian(Some(\"bookworm\")))");
    assert_eq!(
        image("mcr.microsoft.com/devcontainers/javascript-node:1-22-bookworm").node().unwrap().major,
        Some(22)
    );
    assert_eq!(image("cgr.dev/chainguard/node:latest-dev").sh, Some(Sh::Busybox));
    assert_eq!(image("mcr.microsoft.com/dotnet/aspnet:8.0").runtime, Some(Runtime::Other("dotnet")));
}

#[test]
fn every_row_can_be_read() {
    for table in tables() {
        assert!(table.seen.is_some() && !table.source.is_empty(), "{}", table.name);
    }
    let [images, node, lines, npm, ..] = tables();
    for row in &images.rows {
        assert_eq!(row.len(), 16, "{row:?}");
        for column in [3, 4] {
            if let Some(text) = cell(row, column) {
                assert!(serde_json::from_str::<Vec<String>>(text).is_ok(), "{row:?}");
            }
        }
        assert!(cell(row, 13).is_some_and(|day| day.parse::<Date>().is_ok()), "{row:?}");
    }
    for row in node.rows.iter().chain(&npm.rows) {
        assert!(Version::parse(cell(row, 0).unwrap()).is_some());
    }
    assert!(npm.rows.iter().all(|row| cell(row, 1).and_then(Version::parse).is_some()));
    assert!(lines.rows.iter().all(|row| cell(row, 1).and_then(Version::parse).is_some()));
}

#[test]
fn private_names_tell_their_version() {
    let told = |text: &str| node_version_in_tag(&ImageRef::parse(text));
    let named = |text: &str| told(text).map(|(version, confidence)| (version.to_string(), confidence));
    for (text, version, confidence) in [
        ("x/platformjs:base-18.20.2-alpine3.18-v1", "18.20.2", Confidence::Likely),
        ("x/tools:1.4-node18.11.0", "18.11.0", Confidence::Named),
        ("registry.acme.io/node:20-slim", "20", Confidence::Named),
        ("acme/node-18-base:1.2", "18", Confidence::Named),
        ("acme/base:nodejs-v22", "22", Confidence::Named),
        ("acme/base-node:20-alpine3.19", "20", Confidence::Likely),
    ] {
        assert_eq!(named(text), Some((version.to_owned(), confidence)), "{text}");
    }
    for text in [
        "acme/api:18.2.0",
        "acme/node-api:1.2.3",
        "acme/node-api:18.2.0",
        "acme/node-exporter:1.8.0",
        "acme/docsjs:3.0.0-alpine3.18",
        "acme/base:node-$V",
        "acme/anode20:1",
        "acme/js:20.11.1-18.2.0-alpine",
    ] {
        assert_eq!(named(text), None, "{text}");
    }
}

#[test]
fn some_tags_of_node_follow_whatever_is_newest() {
    for tag in [None, Some("latest"), Some("lts"), Some("lts-slim"), Some("alpine"), Some("bookworm-slim")] {
        assert_eq!(follows_newest(tag), Some(true), "{tag:?}");
    }
    for tag in ["24", "22.1-alpine3.23", "jod", "lts-jod", "iron-bookworm"] {
        assert_eq!(follows_newest(Some(tag)), Some(false), "{tag}");
    }
    assert_eq!(follows_newest(Some("our-own")), None);
}
