//! Who is told who asks.

use std::fs;

use super::server::{Reply, Server, archive, document};
use super::{command, project, stderr, weigh, written};

/// A registry that has one package for who says `Bearer <token>`.
fn guarded(token: &'static str) -> Server {
    Server::start(move |request| match request.authorization.as_deref() {
        Some(said) if said == format!("Bearer {token}") => Reply::json(document(r#""unpackedSize": 9"#)),
        _ => Reply::status(401),
    })
}

fn of_one_package() -> tempfile::TempDir {
    let folder = project(&[("node_modules/@mine/x", r#"{"version": "1.0.0"}"#)]);
    fs::create_dir(folder.path().join("home")).unwrap();
    folder
}

#[test]
fn the_users_token_goes_to_its_host() {
    let server = guarded("open");
    let folder = of_one_package();
    let npmrc =
        format!("; mine\n@mine:registry = {}\n//{}/:_authToken=${{TOKEN}}\n", server.url(), server.host());
    fs::write(folder.path().join("home/.npmrc"), npmrc).unwrap();
    let without = weigh(folder.path(), &["--update"]);
    assert_eq!((without.status.code(), server.told()), (Some(0), vec![None]));
    assert!(stderr(&without).contains("1 package is shown by"), "{without:?}");
    let with = command(folder.path(), &["--update"]).env("TOKEN", "open").output().unwrap();
    assert_eq!(with.status.code(), Some(0), "{with:?}");
    assert_eq!(written(folder.path()), ["@mine/x@1.0.0 9"]);
}

#[test]
fn a_host_that_only_the_project_names_is_told_nothing() {
    let server = guarded("${SECRET}");
    let folder = of_one_package();
    let host = server.host();
    let npmrc =
        format!("@mine:registry=http://{host}\n//{host}/:_authToken=${{SECRET}}\n//{host}/:_auth=plain\n");
    fs::write(folder.path().join(".npmrc"), npmrc).unwrap();
    let output = command(folder.path(), &["--update"]).env("SECRET", "of mine").output().unwrap();
    assert_eq!((output.status.code(), server.told()), (Some(0), vec![None]), "{output:?}");
    // A variable in an address would be told, too.
    fs::write(folder.path().join(".npmrc"), format!("@mine:registry=http://{host}/${{SECRET}}/\n")).unwrap();
    let output = command(folder.path(), &["--update"]).env("SECRET", "mine").output().unwrap();
    assert_eq!((output.status.code(), server.paths().len()), (Some(2), 1), "{output:?}");
    assert!(stderr(&output).contains("`@mine:registry` in the project's .npmrc"), "{output:?}");
}

#[test]
fn a_host_that_is_named_in_the_command_gets_the_projects_token() {
    let server = guarded("open");
    let folder = of_one_package();
    fs::write(folder.path().join(".npmrc"), format!("//{}/:_authToken=${{TOKEN}}\n", server.host())).unwrap();
    let mut command = command(folder.path(), &["--update", "--registry", &server.url()]);
    let output = command.env("TOKEN", "open").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(written(folder.path()), ["@mine/x@1.0.0 9"]);
}

#[test]
fn a_token_does_not_go_on_to_other_servers() {
    let bytes = archive(&[("package/a.js", 11)]);
    let elsewhere = Server::start(move |request| match request.path.as_str() {
        "/far/1.0.0" => Reply::json(document(r#""unpackedSize": 3"#)),
        _ => Reply::bytes(bytes.clone()),
    });
    let other = elsewhere.host().to_owned();
    let server = Server::start(move |request| match request.path.as_str() {
        "/archive/1.0.0" => Reply::json(document(&format!(r#""tarball": "http://{other}/a.tgz""#))),
        "/moved/1.0.0" => Reply::json(document(&format!(r#""tarball": "http://{}/here.tgz""#, request.host))),
        "/here.tgz" => Reply::Redirect(format!("http://{other}/b.tgz")),
        _ => Reply::Redirect(format!("http://{other}{}", request.path)),
    });
    let folder = project(&[
        ("node_modules/archive", r#"{"version": "1.0.0"}"#),
        ("node_modules/moved", r#"{"version": "1.0.0"}"#),
        ("node_modules/far", r#"{"version": "1.0.0"}"#),
    ]);
    fs::create_dir(folder.path().join("home")).unwrap();
    // Even a token for the other host is not for this registry's packages.
    let (ours, theirs) = (server.host(), elsewhere.host());
    let npmrc = format!("//{ours}/:_auth=b3Vycw==\n//{theirs}/:_authToken=theirs\n");
    fs::write(folder.path().join("home/.npmrc"), npmrc).unwrap();
    let output = weigh(folder.path(), &["--update", "--registry", &server.url()]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(written(folder.path()), ["archive@1.0.0 11", "far@1.0.0 3", "moved@1.0.0 11"]);
    assert!(
        server.told().iter().all(|told| told.as_deref() == Some("Basic b3Vycw==")),
        "{:?}",
        server.told()
    );
    assert_eq!(elsewhere.told(), [None, None, None]);
}

#[test]
fn an_address_that_is_none_is_said_so() {
    let folder = of_one_package();
    for wrong in ["file:///etc", "registry", "https://me:secret@host/"] {
        let output = weigh(folder.path(), &["--update", "--registry", wrong]);
        assert_eq!(output.status.code(), Some(2), "{wrong}");
    }
    fs::write(folder.path().join("home/.npmrc"), "registry=nowhere\n").unwrap();
    let output = weigh(folder.path(), &["--update"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains(".npmrc, registry: `nowhere` is no address"), "{output:?}");
    assert_eq!(written(folder.path()), [""; 0], "what is known is written");
}

#[test]
fn what_npx_hands_on_of_the_project_is_not_the_users_word() {
    let server = guarded("mine");
    let folder = of_one_package();
    let (host, root) = (server.host(), folder.path());
    fs::write(root.join("evilrc"), format!("registry=http://{host}/\n//{host}/:_authToken=${{SECRET}}\n"))
        .unwrap();
    let outside = tempfile::tempdir().unwrap();
    fs::copy(root.join("evilrc"), outside.path().join("rc")).unwrap();
    let run = |npmrc: &str, variable: (&str, &str)| {
        fs::write(root.join(".npmrc"), npmrc).unwrap();
        let mut command = command(root, &["--update"]);
        command.env("SECRET", "mine").env(variable.0, variable.1);
        // Nothing of a real registry is asked here.
        command.env("HTTPS_PROXY", "http://127.0.0.1:9").output().unwrap()
    };
    let evil = root.join("evilrc");
    run("userconfig=./evilrc\n", ("npm_config_userconfig", evil.to_str().unwrap()));
    let rc = outside.path().join("rc");
    run("UserConfig=../rc\n", ("npm_config_userconfig", rc.to_str().unwrap()));
    assert_eq!(server.told(), [], "a file that the project names is not read");
    let capital = format!("REGISTRY=http://{host}/\n//{host}/:_authToken=${{SECRET}}\n");
    run(&capital, ("npm_config_registry", &server.url()));
    assert_eq!(server.told(), [None]);
    run("", ("NPM_CONFIG_USERCONFIG", rc.to_str().unwrap()));
    assert_eq!(server.told(), [None, Some("Bearer mine".to_owned())], "a pipeline's own file is");
}

#[test]
fn a_password_is_not_printed() {
    let folder = of_one_package();
    let output = weigh(folder.path(), &["--update", "--registry", "https://user:pa ss@host/"]);
    assert!(output.status.code() == Some(2) && !stderr(&output).contains("pa ss"), "{output:?}");
    fs::write(folder.path().join("home/.npmrc"), "registry=https://user:pa ss@host/\n").unwrap();
    let output = weigh(folder.path(), &["--update"]);
    assert!(output.status.code() == Some(2) && !stderr(&output).contains("pa ss"), "{output:?}");
}

#[cfg(unix)]
#[test]
fn only_a_plain_file_is_written() {
    let folder = of_one_package();
    let (target, path) = (folder.path().join("home/mine"), folder.path().join("plimsoll.sizes.json"));
    fs::write(&target, "{}").unwrap();
    std::os::unix::fs::symlink(&target, &path).unwrap();
    assert_eq!(weigh(folder.path(), &["--update", "--offline"]).status.code(), Some(2));
    assert_eq!(fs::read_to_string(&target).unwrap(), "{}");
    fs::remove_file(&path).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    assert_eq!(weigh(folder.path(), &["--update", "--offline"]).status.code(), Some(2), "it does not wait");
}
