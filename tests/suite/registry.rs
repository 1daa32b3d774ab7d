//! `plimsoll weigh --update` against registries on this machine: whom it asks, what it believes, and to whom it tells nothing.

mod credentials;
mod server;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use plimsoll::registry::{self, Address, Answers, Patience, Registries};
use plimsoll::weigh::Wanted;
use serde_json::Value;

use server::{Reply, Server, archive, document, integrity};

/// A project with these packages in its lock file: the key, and what its entry says.
fn project(packages: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let top = |key: &str| key.matches("node_modules/").count() == 1;
    let asked: Vec<String> = packages
        .iter()
        .filter(|(key, _)| top(key))
        .map(|(key, _)| format!("\"{}\": \"*\"", key.trim_start_matches("node_modules/")))
        .collect();
    let asked = asked.join(", ");
    let entries: Vec<String> =
        packages.iter().map(|(key, entry)| format!("    \"{key}\": {entry}")).collect();
    let lock = format!(
        "{{\"name\": \"shop\", \"lockfileVersion\": 3, \"packages\": {{\n    \"\": {{\"name\": \"shop\", \"dependencies\": {{{asked}}}}},\n{}\n}}}}\n",
        entries.join(",\n")
    );
    fs::write(
        folder.path().join("package.json"),
        format!("{{\"name\": \"shop\", \"dependencies\": {{{asked}}}}}"),
    )
    .unwrap();
    fs::write(folder.path().join("package-lock.json"), lock).unwrap();
    folder
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
    command.args(["weigh", "--color", "never"]).args(arguments).current_dir(folder).env_clear();
    command.env("HOME", folder.join("home"));
    command
}

fn weigh(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// What was written, as `name@version bytes`.
fn written(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join("plimsoll.sizes.json")).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    document["packages"].as_object().unwrap().iter().map(|(name, bytes)| format!("{name} {bytes}")).collect()
}

fn wanted(name: &str) -> Wanted {
    Wanted { name: name.to_owned(), version: "1.0.0".to_owned(), ..Wanted::default() }
}

/// The library, with less patience than the program has.
fn ask(server: &Server, names: &[&str]) -> Answers {
    let patience = Patience {
        connection: Duration::from_secs(2),
        document: Duration::from_millis(300),
        archive: Duration::from_millis(300),
        all: Duration::from_secs(20),
        pause: Duration::from_millis(1),
    };
    let nothing = |_: &str| None;
    let told = Address::read(&server.url()).unwrap();
    let registries = Registries::find(Path::new("/nonexistent"), Some(&told), &nothing).unwrap();
    let wanted: Vec<Wanted> = names.iter().map(|name| wanted(name)).collect();
    registry::ask(&wanted, &registries, patience, &nothing).unwrap()
}

#[test]
fn what_is_not_known_is_asked_for_once_and_written() {
    let server = Server::start(|request| match request.path.as_str() {
        "/npm/heavy/1.0.0" => Reply::json(document(r#""unpackedSize": 500000"#)),
        "/npm/@s%2flight/2.0.0-rc.1" => Reply::json(document(r#""unpackedSize": 700"#)),
        _ => Reply::status(404),
    });
    let folder = project(&[
        ("node_modules/heavy", r#"{"version": "1.0.0"}"#),
        ("node_modules/@s/light", r#"{"version": "2.0.0-rc.1"}"#),
        ("node_modules/@s/light/node_modules/heavy", r#"{"version": "1.0.0"}"#),
        ("node_modules/of-git", r#"{"version": "1.0.0", "resolved": "git+ssh://git@host/a/b.git#abc"}"#),
        ("node_modules/of-file", r#"{"version": "1.0.0", "resolved": "file:of-file.tgz"}"#),
        ("node_modules/of-page", r#"{"version": "1.0.0", "resolved": "https://host/a/tar.gz/main"}"#),
        ("node_modules/for-windows", r#"{"version": "1.0.0", "os": ["win32"], "optional": true}"#),
    ]);
    let registry = format!("{}npm/", server.url());
    let output = weigh(folder.path(), &["--update", "--registry", &registry]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(written(folder.path()), ["@s/light@2.0.0-rc.1 700", "heavy@1.0.0 500000"]);
    assert_eq!(server.paths(), ["/npm/@s%2flight/2.0.0-rc.1", "/npm/heavy/1.0.0"]);
    let said = stderr(&output);
    assert!(said.starts_with("2 packages in "), "{said}");
    assert!(
        said.ends_with(&format!("plimsoll.sizes.json, 2 of them asked of {}\n", server.host())),
        "{said}"
    );
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(table.contains("500.0 kB") || table.contains("500 kB"), "{table}");
    let again = weigh(folder.path(), &["--update", "--registry", &registry]);
    assert_eq!((again.status.code(), server.paths().len()), (Some(0), 2), "what is written is not asked for");
}

#[test]
fn only_update_uses_the_network() {
    let server = Server::start(|_| Reply::json(document(r#""unpackedSize": 1"#)));
    let folder = project(&[("node_modules/heavy", r#"{"version": "1.0.0"}"#)]);
    for arguments in [&[][..], &["--format", "json"], &["why", "heavy"], &["--update", "--offline"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
        command
            .arg("weigh")
            .args(arguments)
            .current_dir(folder.path())
            .env("npm_config_registry", server.url());
        let output = command.env("HOME", folder.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?} {output:?}");
    }
    assert_eq!(server.connections(), 0);
    assert_eq!(weigh(folder.path(), &["--offline"]).status.code(), Some(2));
    let mut update = command(folder.path(), &["--update"]);
    assert_eq!(update.env("NPM_CONFIG_REGISTRY", server.url()).output().unwrap().status.code(), Some(0));
    assert_eq!(server.connections(), 1);
}

#[test]
fn without_a_size_the_archive_is_added_up() {
    let bytes = archive(&[("package/package.json", 30), ("package/lib/a.js", 2_000)]);
    let sum = integrity(&bytes);
    let said = bytes.clone();
    let server = Server::start(move |request| {
        let address = format!("http://{}/files/any.tgz", request.host);
        match request.path.as_str() {
            "/old/1.0.0" => Reply::json(document(&format!(r#""tarball": "{address}""#))),
            "/zero/1.0.0" => Reply::json(document(&format!(r#""unpackedSize": 0, "tarball": "{address}""#))),
            "/odd/1.0.0" => Reply::json(document(r#""unpackedSize": "12", "tarball": ["x"]"#)),
            "/files/any.tgz" | "/odd/-/odd-1.0.0.tgz" => Reply::bytes(said.clone()),
            _ => Reply::status(404),
        }
    });
    let entry = format!(r#"{{"version": "1.0.0", "integrity": "{sum}"}}"#);
    let folder = project(&[
        ("node_modules/old", entry.as_str()),
        ("node_modules/zero", entry.as_str()),
        ("node_modules/odd", r#"{"version": "1.0.0"}"#),
    ]);
    let output = weigh(folder.path(), &["--update", "--registry", &server.url()]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(written(folder.path()), ["odd@1.0.0 2030", "old@1.0.0 2030", "zero@1.0.0 2030"]);
}

#[test]
fn packages_within_others_are_told_apart() {
    let bytes = archive(&[
        ("package/a.js", 100),
        ("package/node_modules/in/i.js", 7),
        ("package/node_modules/x/x.js", 1),
    ]);
    let server = Server::start(move |request| match request.path.as_str() {
        "/out/1.0.0" => Reply::json(document(r#""unpackedSize": 108"#)),
        "/out/-/out-1.0.0.tgz" => Reply::bytes(bytes.clone()),
        _ => Reply::status(404),
    });
    let folder = project(&[
        ("node_modules/out", r#"{"version": "1.0.0"}"#),
        ("node_modules/out/node_modules/in", r#"{"version": "2.0.0", "inBundle": true}"#),
    ]);
    let output = weigh(folder.path(), &["--update", "--registry", &server.url()]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(written(folder.path()), ["in@2.0.0 7", "out@1.0.0 101"]);
}

#[test]
fn another_package_under_the_same_name_is_not_believed() {
    let bytes = archive(&[("package/evil.js", 1)]);
    let other = integrity(&bytes);
    let server = Server::start(move |request| match request.path.as_str() {
        "/named/1.0.0" => Reply::json(document(&format!(r#""unpackedSize": 66, "integrity": "{other}""#))),
        // A registry that says nothing of checksums has to show the archive.
        "/silent/1.0.0" => Reply::json(document(r#""unpackedSize": 66"#)),
        "/sha1/1.0.0" => Reply::json(document(
            r#""unpackedSize": 66, "shasum": "0000000000000000000000000000000000000000""#,
        )),
        "/silent/-/silent-1.0.0.tgz" => Reply::bytes(bytes.clone()),
        _ => Reply::status(404),
    });
    let ours = integrity(b"ours");
    let entry = format!(r#"{{"version": "1.0.0", "integrity": "{ours}"}}"#);
    let folder = project(&[
        ("node_modules/named", entry.as_str()),
        ("node_modules/silent", entry.as_str()),
        ("node_modules/sha1", r#"{"version": "1.0.0", "integrity": "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="}"#),
    ]);
    let output = weigh(folder.path(), &["--update", "--registry", &server.url()]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(written(folder.path()), [""; 0]);
    let said = stderr(&output);
    assert!(said.contains("another checksum than the lock file's: named@1.0.0, sha1@1.0.0"), "{said}");
    assert!(said.contains("an archive of another checksum: silent@1.0.0"), "{said}");
}

#[test]
fn what_is_of_another_host_is_not_asked_for() {
    let server = Server::start(|_| Reply::json(document(r#""unpackedSize": 5"#)));
    let of = |host: &str| format!(r#"{{"version": "1.0.0", "resolved": "https://{host}/x/-/x-1.0.0.tgz"}}"#);
    let (private, npm, yarn) = (of("me:pw@h.example"), of("registry.npmjs.org"), of("registry.yarnpkg.com"));
    let own = of(server.host());
    let folder = project(&[
        ("node_modules/private", &private),
        ("node_modules/npm", &npm),
        ("node_modules/yarn", &yarn),
        ("node_modules/own", &own),
    ]);
    let output = weigh(folder.path(), &["--update", "--registry", &server.url()]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(server.paths(), ["/npm/1.0.0", "/own/1.0.0", "/yarn/1.0.0"]);
    let said = stderr(&output);
    assert!(said.contains("1 package is of h.example, which") && !said.contains("pw"), "{said}");
}

#[test]
fn what_a_registry_does_not_know_is_named() {
    let server = Server::start(|request| match request.path.as_str() {
        "/a/1.0.0" => Reply::json(document(r#""unpackedSize": 5"#)),
        // A registry that has one document for all versions.
        "/listed" => Reply::json(r#"{"versions": {"1.0.0": {"dist": {"unpackedSize": 6}}}}"#.to_owned()),
        path if path.starts_with("/@mine") => Reply::status(401),
        path if path.starts_with("/broken") => Reply::json("{\"dist\":".to_owned()),
        path if path.starts_with("/failing") => Reply::status(500),
        _ => Reply::status(404),
    });
    let names = ["a", "b", "c", "listed", "broken", "failing", "@mine/x"];
    let keys: Vec<String> = names.iter().map(|name| format!("node_modules/{name}")).collect();
    let entries: Vec<(&str, &str)> =
        keys.iter().map(|key| (key.as_str(), r#"{"version": "1.0.0"}"#)).collect();
    let folder = project(&entries);
    let output = weigh(folder.path(), &["--update", "--registry", &server.url()]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(written(folder.path()), ["a@1.0.0 5", "listed@1.0.0 6"]);
    let said = stderr(&output);
    let host = server.host();
    for line in [
        format!("2 packages are not known at {host}: b@1.0.0, c@1.0.0\n"),
        format!("1 package is shown by {host} to those alone that it knows: @mine/x@1.0.0"),
        "a document that cannot be read: broken@1.0.0\n".to_owned(),
        "an answer of status 500: failing@1.0.0\n".to_owned(),
    ] {
        assert!(said.contains(&line), "{line}\n{said}");
    }
}

#[test]
fn a_registry_that_is_not_there_is_an_error_and_loses_nothing() {
    let gone = Server::start(|_| Reply::status(404)).stop();
    let folder = project(&[
        ("node_modules/here", r#"{"version": "1.0.0"}"#),
        ("node_modules/there", r#"{"version": "1.0.0"}"#),
    ]);
    let here = folder.path().join("node_modules/here");
    fs::create_dir_all(&here).unwrap();
    fs::write(here.join("package.json"), r#"{"name": "here", "version": "1.0.0"}"#).unwrap();
    let output = weigh(folder.path(), &["--update", "--registry", &format!("http://{gone}/")]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(written(folder.path()), ["here@1.0.0 36"]);
    let said = stderr(&output);
    assert!(
        said.contains(&format!("error: {gone} cannot be reached: connection refused. 1 package stays")),
        "{said}"
    );
    assert!(!output.stdout.is_empty(), "what is known is shown");
}

#[test]
fn the_way_goes_through_the_proxy_of_the_environment() {
    let server = Server::start(|_| Reply::json(document(r#""unpackedSize": 5"#)));
    let gone = Server::start(|_| Reply::status(404)).stop();
    let folder = project(&[("node_modules/a", r#"{"version": "1.0.0"}"#)]);
    let through = |variables: &[(&str, &str)]| {
        let mut command = command(folder.path(), &["--update", "--registry", &server.url()]);
        command.envs(variables.iter().copied()).output().unwrap()
    };
    let output = through(&[("HTTP_PROXY", &format!("http://{gone}"))]);
    let said = format!("{} cannot be reached: connection refused (by the proxy {gone})", server.host());
    assert!(output.status.code() == Some(2) && stderr(&output).contains(&said), "{output:?}");
    let output = through(&[("HTTP_PROXY", ":")]);
    assert!(stderr(&output).contains("HTTP_PROXY is no address of a proxy"), "{output:?}");
    assert_eq!(server.connections(), 0);
    let spared = [("HTTP_PROXY", gone.as_str()), ("NO_PROXY", "example.org, 127.0.0.1")];
    assert_eq!((through(&spared).status.code(), server.connections()), (Some(0), 1));
}

#[test]
fn a_server_that_hangs_is_given_up() {
    let server = Server::start(|_| Reply::Hang);
    let names: Vec<String> = (0..100).map(|at| format!("p{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let answers = ask(&server, &names);
    let left: usize = answers.unreachable.values().map(Vec::len).sum();
    assert_eq!((answers.answered, left), (0, 100));
    let ((host, why), _) = answers.unreachable.first_key_value().unwrap();
    assert_eq!((host.as_str(), why.as_str()), (server.host(), "no whole answer within 0.3 s"));
    assert!(server.connections() <= 16, "{}", server.connections());
}

#[test]
fn an_answer_without_end_is_left() {
    let server = Server::start(|request| match request.path.as_str() {
        "/endless/1.0.0" => Reply::Endless,
        "/circle/1.0.0" => Reply::Redirect("/circle/1.0.0".to_owned()),
        "/out/1.0.0" => Reply::Redirect("file:///etc/passwd".to_owned()),
        "/moved/1.0.0" => Reply::Redirect("../fine/1.0.0".to_owned()),
        _ => Reply::json(document(r#""unpackedSize": 5"#)),
    });
    let answers = ask(&server, &["circle", "out", "fine", "moved"]);
    let faults: Vec<&str> = answers.senseless.keys().map(String::as_str).collect();
    assert_eq!(answers.answered, 2, "{answers:?}");
    assert_eq!(faults.len(), 2, "{faults:?}");
    // Whichever of the two limits comes first on a busy machine.
    let endless = ask(&server, &["endless"]);
    assert_eq!(endless.senseless.len() + endless.unreachable.len(), 1, "{endless:?}");
}

#[test]
fn a_busy_server_is_asked_again() {
    let times = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |_| {
        let before = times.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        if before < 2 { Reply::status(503) } else { Reply::json(document(r#""unpackedSize": 5"#)) }
    });
    assert_eq!(ask(&server, &["a"]).answered, 1);
    assert_eq!(server.paths().len(), 3);
}

#[test]
fn several_are_asked_for_at_a_time() {
    let server = Server::start(|_| {
        std::thread::sleep(Duration::from_millis(20));
        Reply::json(document(r#""unpackedSize": 5"#))
    });
    let names: Vec<String> = (0..64).map(|at| format!("p{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(ask(&server, &names).answered, 64);
    assert!((2..=8).contains(&server.most_at_once()), "{}", server.most_at_once());
    assert_eq!(server.paths().len(), 64);
}

#[test]
fn one_room_of_the_house_uses_the_network() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![source.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let inside = path.strip_prefix(&source).unwrap();
            if path.is_dir() {
                folders.push(path);
            } else if !inside.starts_with("registry") && path.extension().is_some_and(|end| end == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                assert!(!text.contains("ureq::") && !text.contains("std::net"), "{}", path.display());
            }
        }
    }
}
