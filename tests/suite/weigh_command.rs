//! `plimsoll weigh` over a small install that is made here, as the program that people start.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::browser::{self, Opened};

const LOCK: &str = r#"{
  "name": "shop", "lockfileVersion": 3, "requires": true,
  "packages": {
    "": {"name": "shop", "dependencies": {"heavy": "1.0.0", "light": "2.0.0"}, "devDependencies": {"tool": "3.0.0"}},
    "node_modules/heavy": {"version": "1.0.0", "dependencies": {"data": "1.0.0", "both": "1.0.0"}},
    "node_modules/data": {"version": "1.0.0"},
    "node_modules/light": {"version": "2.0.0", "dependencies": {"both": "1.0.0"}},
    "node_modules/both": {"version": "1.0.0"},
    "node_modules/tool": {"version": "3.0.0", "dev": true}
  }
}
"#;

/// A service with an install beside it: bytes of each package are those of its package.json and of one file.
fn service() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let manifest = r#"{"name": "shop", "private": true, "dependencies": {"heavy": "1.0.0", "light": "2.0.0"}, "devDependencies": {"tool": "3.0.0"}}"#;
    write("package.json", manifest);
    write("package-lock.json", LOCK);
    write("server.js", "const { lookup } = require('heavy');\nlookup();\nrequire('light')();\n");
    let dockerfile = "FROM node:24-alpine\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci --omit=dev\nCOPY . .\nCMD [\"node\", \"server.js\"]\n";
    write("Dockerfile", dockerfile);
    write(".dockerignore", "node_modules\n");
    for (name, version, bytes) in [
        ("heavy", "1.0.0", 1_000),
        ("data", "1.0.0", 50_000),
        ("light", "2.0.0", 10),
        ("both", "1.0.0", 300),
        ("tool", "3.0.0", 9_999),
    ] {
        let manifest = format!(r#"{{"name": "{name}", "version": "{version}"}}"#);
        write(&format!("node_modules/{name}/index.js"), &" ".repeat(bytes - manifest.len().min(bytes)));
        write(&format!("node_modules/{name}/package.json"), &manifest);
    }
    folder
}

fn weigh(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .arg("weigh")
        .args(arguments)
        .current_dir(folder)
        // No cache of whoever runs this.
        .env("HOME", folder.join("nowhere"))
        .env_remove("npm_config_cache")
        .env_remove("PNPM_HOME")
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(folder: &Path) -> Value {
    let output = weigh(folder, &["--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(&stdout(&output)).unwrap()
}

#[test]
fn an_install_is_weighed_to_the_byte() {
    let folder = service();
    let document = json(folder.path());
    assert_eq!(crate::schema::faults_of("/$defs/weigh", &document), [""; 0]);
    let sheet = &document["weights"][0];
    assert_eq!((sheet["image"].as_str(), sheet["development"].as_bool()), (Some("Dockerfile"), Some(false)));
    assert_eq!(sheet["sources"][0]["source"], "node_modules");
    let rows = sheet["dependencies"].as_array().unwrap();
    let figures = |name: &str| {
        let row = rows.iter().find(|row| row["name"] == name).unwrap();
        ["own", "saves", "needs"].map(|figure| row[figure].as_u64().unwrap())
    };
    let light = fs::metadata(folder.path().join("node_modules/light/package.json")).unwrap().len();
    assert_eq!(figures("heavy"), [1_000, 51_000, 51_300]);
    assert_eq!(figures("light"), [light, light, light + 300]);
    assert_eq!(rows.len(), 2, "what is for development alone is not in the image");
    let saves: u64 = rows.iter().map(|row| row["saves"].as_u64().unwrap()).sum();
    assert_eq!(saves + sheet["shared"].as_u64().unwrap(), sheet["total"].as_u64().unwrap());
    assert_eq!(rows[0]["imports"][0]["path"], "server.js");
    assert_eq!(rows[0]["members"], serde_json::json!(["lookup"]));
}

#[test]
fn a_budget_and_an_earlier_report_decide_the_status() {
    let folder = service();
    let status = |arguments: &[&str]| weigh(folder.path(), arguments).status.code();
    assert_eq!(status(&["--budget", "1MB"]), Some(0));
    assert_eq!(status(&["--budget", "51kB"]), Some(1));
    assert_eq!(status(&["--budget", "much"]), Some(2));
    fs::write(folder.path().join("before.json"), stdout(&weigh(folder.path(), &["--format", "json"])))
        .unwrap();
    assert_eq!(status(&["--compare", "before.json"]), Some(0));
    fs::write(folder.path().join("node_modules/data/more.bin"), [0; 777]).unwrap();
    let grown = weigh(folder.path(), &["--compare", "before.json"]);
    assert_eq!(grown.status.code(), Some(1));
    assert!(stdout(&grown).contains("heavy: +777 B"), "{}", stdout(&grown));
    assert_eq!(status(&["--compare", "package.json"]), Some(2));
    assert_eq!(status(&["--compare", "nothing.json"]), Some(2));
}

/// A package that came into the lock file of [`service`], and one that went.
fn other_lock() -> String {
    let lock = LOCK.replace("\"light\": \"2.0.0\"}", "\"fresh\": \"1.0.0\"}");
    lock.replace(
        "node_modules/light\": {\"version\": \"2.0.0\", \"dependencies\": {\"both\": \"1.0.0\"}}",
        "node_modules/fresh\": {\"version\": \"1.0.0\"}",
    )
}

#[test]
fn an_earlier_commit_is_compared_with() {
    let folder = service();
    let git = |arguments: &[&str]| {
        let set = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
        let output =
            Command::new("git").args(set).args(arguments).current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    fs::write(folder.path().join(".gitignore"), "node_modules\n").unwrap();
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-qm", "one"]);
    let compare = || {
        let output = weigh(folder.path(), &["--compare", "HEAD"]);
        (output.status.code(), stdout(&output))
    };
    let (status, text) = compare();
    assert!(status == Some(0) && text.contains("shop (Dockerfile): no change"), "{text}");

    // The size of what went is known as long as it is installed; that of what came is, once it is committed.
    let manifest = fs::read_to_string(folder.path().join("package.json")).unwrap();
    fs::write(folder.path().join("package.json"), manifest.replace("light\": \"2.0.0", "fresh\": \"1.0.0"))
        .unwrap();
    fs::write(folder.path().join("package-lock.json"), other_lock()).unwrap();
    let (status, text) = compare();
    let light = fs::metadata(folder.path().join("node_modules/light/package.json")).unwrap().len();
    let expected = format!(
        "shop (Dockerfile): -{light} B (51.3 kB now, without 1 package that came and whose size nobody knows)"
    );
    assert!(status == Some(0) && text.contains(&expected), "{text}");
    let sizes = r#"{"version": 1, "packages": {"fresh@1.0.0": 5000}}"#;
    fs::write(folder.path().join("plimsoll.sizes.json"), sizes).unwrap();
    let (status, text) = compare();
    assert!(
        status == Some(1) && text.contains("fresh is new: +5.0 kB") && text.contains("light is gone"),
        "{text}"
    );

    // Where what went is not known, nobody can say that there is more.
    fs::remove_dir_all(folder.path().join("node_modules/light")).unwrap();
    let (status, text) = compare();
    assert!(status == Some(0) && text.contains("light is gone: nobody knows its size"), "{text}");
}

#[test]
fn sizes_that_are_committed_serve_where_nothing_is_installed() {
    let folder = service();
    fs::remove_dir_all(folder.path().join("node_modules")).unwrap();
    let none = json(folder.path());
    assert_eq!(none["weights"][0]["unsized_packages"].as_array().unwrap().len(), 4);
    let table = stdout(&weigh(folder.path(), &[]));
    assert!(table.contains("4 packages of no known size"), "{table}");
    assert!(!table.contains(" 0 B "), "{table}");
    let row = &none["weights"][0]["dependencies"][0];
    assert!(["own", "saves", "needs"].iter().all(|figure| row[figure].is_null()), "{row}");
    let held = weigh(folder.path(), &["--budget", "6MB"]);
    let said = String::from_utf8_lossy(&held.stderr).into_owned();
    assert!(
        held.status.success() && said.contains("holds as far as is known: 4 of 4 packages have no size"),
        "{said}"
    );
    let sizes = r#"{"version": 1, "packages": {"heavy@1.0.0": 5, "data@1.0.0": 7}}"#;
    fs::write(folder.path().join("plimsoll.sizes.json"), sizes).unwrap();
    let document = json(folder.path());
    assert_eq!(document["weights"][0]["total"], 12);
    assert_eq!(document["weights"][0]["sources"][0]["source"], "plimsoll.sizes.json");
    fs::write(
        folder.path().join("plimsoll.sizes.json"),
        "{\"version\": 1,\n \"packages\": {\"a@1\": \"b\"}}",
    )
    .unwrap();
    let broken = weigh(folder.path(), &[]);
    assert_eq!(broken.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&broken.stderr).contains("plimsoll.sizes.json:2:"), "{broken:?}");
}

#[test]
fn what_is_known_is_written_for_others() {
    let folder = service();
    let before = json(folder.path());
    assert_eq!(weigh(folder.path(), &["--update"]).status.code(), Some(0));
    let written = fs::read_to_string(folder.path().join("plimsoll.sizes.json")).unwrap();
    assert!(
        written.contains("\"tool@3.0.0\": 9999") && written.contains("\"data@1.0.0\": 50000"),
        "{written}"
    );
    fs::remove_dir_all(folder.path().join("node_modules")).unwrap();
    let after = json(folder.path());
    assert_eq!(after["weights"][0]["total"], before["weights"][0]["total"]);
    assert_eq!(weigh(folder.path(), &["--update"]).status.code(), Some(0));
    assert_eq!(
        fs::read_to_string(folder.path().join("plimsoll.sizes.json")).unwrap(),
        written,
        "nothing is lost"
    );
}

/// A service with dependencies that are replaced by what Node has, or by lighter ones.
fn replaceable(node: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let names = ["chalk", "glob", "isarray", "moment", "once", "uuid"];
    let entries: Vec<String> = names.iter().map(|name| format!("\"{name}\": \"1.0.0\"")).collect();
    let entries = entries.join(", ");
    let packages: Vec<String> = names
        .iter()
        .map(|name| {
            let needs = if *name == "once" { r#", "dependencies": {"isarray": "1.0.0"}"# } else { "" };
            format!("\"node_modules/{name}\": {{\"version\": \"1.0.0\"{needs}}}")
        })
        .collect();
    let manifest = format!(
        r#"{{"name": "shop", "dependencies": {{{entries}}}, "devDependencies": {{"rimraf": "6.0.0"}}}}"#
    );
    let lock = format!(
        r#"{{"name": "shop", "lockfileVersion": 3, "packages": {{"": {{"name": "shop", "dependencies": {{{entries}}}}}, {}}}}}"#,
        packages.join(", ")
    );
    let dockerfile = format!(
        "FROM node:{node}\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci --omit=dev\nCOPY server.js ./\nCMD [\"node\", \"server.js\"]\n"
    );
    let code = "const { v4 } = require('uuid');\nconst moment = require('moment');\n\
                require('chalk').red(require('glob')('*', require('isarray')([])));\nconsole.log(v4(), moment().locale('de'));\n";
    for (path, text) in [
        ("package.json", &*manifest),
        ("package-lock.json", &lock),
        ("Dockerfile", &dockerfile),
        ("server.js", code),
    ] {
        fs::write(folder.path().join(path), text).unwrap();
    }
    sized(folder.path(), "\"glob@1.0.0\": 7000000");
    folder
}

fn sized(folder: &Path, sizes: &str) {
    let text = format!(r#"{{"version": 1, "packages": {{{sizes}}}}}"#);
    fs::write(folder.join("plimsoll.sizes.json"), text).unwrap();
}

/// What replaces each dependency, by the JSON.
fn replaced(folder: &Path) -> Vec<String> {
    let document = json(folder);
    assert_eq!(crate::schema::faults_of("/$defs/weigh", &document), [""; 0]);
    let rows = document["weights"][0]["dependencies"].as_array().unwrap().iter();
    let words =
        |row: &Value| Some(format!("{} {}", row["name"].as_str()?, row["replacement"]["name"].as_str()?));
    let mut words: Vec<String> = rows.filter_map(words).collect();
    words.sort();
    words
}

#[test]
fn what_replaces_a_dependency_is_said_where_the_image_has_it_and_would_lose_the_package() {
    let folder = replaceable("24-slim");
    // Others need isarray, too; of moment our own table has the say; rimraf is not in the image.
    assert_eq!(
        replaced(folder.path()),
        ["chalk util.styleText", "glob tinyglobby", "uuid crypto.randomUUID"]
    );
    let table = stdout(&weigh(folder.path(), &[]));
    assert!(
        table.contains("→ Node has it: `util.styleText`, called with the format, not chained\n"),
        "{table}"
    );
    assert!(table.contains("→ lighter: `tinyglobby` (186 kB), with other options\n"), "{table}");
    let page = stdout(&weigh(folder.path(), &["--format", "html"]));
    assert!(
        page.contains("<p class=\"replacement\">Node has it: `crypto.randomUUID` <a href=\"https://"),
        "{page}"
    );
    let other = "require('chalk').red(require('uuid').v5('a', 'b'));\n";
    fs::write(folder.path().join("server.js"), other).unwrap();
    assert_eq!(replaced(folder.path()), ["chalk util.styleText"]);
    // What this glob weighs is not known, or less than the other.
    let old = replaceable("18-slim");
    assert_eq!(replaced(old.path()), ["glob tinyglobby", "uuid crypto.randomUUID"]);
    for sizes in ["", "\"glob@1.0.0\": 100000"] {
        sized(old.path(), sizes);
        assert_eq!(replaced(old.path()), ["uuid crypto.randomUUID"]);
    }
    let check = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .arg("check")
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(!stdout(&check).contains("styleText"), "they are no findings");
}

#[test]
fn what_lies_at_several_places_is_told() {
    let folder = service();
    fs::remove_file(folder.path().join("package-lock.json")).unwrap();
    let lock = "# yarn lockfile v1\n\nheavy@1.0.0:\n  version \"1.0.0\"\n  dependencies:\n    both \"1.0.0\"\n\n\
                light@2.0.0:\n  version \"2.0.0\"\n  dependencies:\n    both \"1.0.0\"\n\nboth@1.0.0:\n  version \"1.0.0\"\n";
    fs::write(folder.path().join("yarn.lock"), lock).unwrap();
    let dockerfile = "FROM node:24-alpine\nWORKDIR /app\nCOPY package.json yarn.lock ./\nRUN yarn install --production\nCOPY . .\nCMD [\"node\", \"server.js\"]\n";
    fs::write(folder.path().join("Dockerfile"), dockerfile).unwrap();
    assert_eq!(json(folder.path())["weights"][0]["copied"], serde_json::json!([]));
    let inner = folder.path().join("node_modules/light/node_modules/both");
    fs::create_dir_all(&inner).unwrap();
    for file in ["package.json", "index.js"] {
        fs::copy(folder.path().join("node_modules/both").join(file), inner.join(file)).unwrap();
    }
    let copied = &json(folder.path())["weights"][0]["copied"];
    assert_eq!(copied, &serde_json::json!([{"name": "both@1.0.0", "places": 2, "bytes": 300}]));
    let table = stdout(&weigh(folder.path(), &[]));
    assert!(table.contains("1 package lies at several places of the disk, 300 B more"), "{table}");
}

#[test]
fn why_tells_the_ways_to_a_package() {
    let folder = service();
    let both = weigh(folder.path(), &["why", "both"]);
    assert_eq!(both.status.code(), Some(0));
    assert_eq!(stdout(&both), "both@1.0.0 in shop by package-lock.json\n  heavy > both\n  light > both\n");
    let data = stdout(&weigh(folder.path(), &["why", "data"]));
    assert!(data.contains("  heavy > data\n"), "{data}");
    assert_eq!(weigh(folder.path(), &["why", "nothing"]).status.code(), Some(1));
}

#[test]
fn the_page_draws_its_map_in_a_browser() {
    let folder = service();
    let made = weigh(folder.path(), &["--format", "html", "--output", "page.html"]);
    assert_eq!((made.status.code(), stdout(&made).as_str()), (Some(0), ""));
    let Some(Opened { shown, console }) = browser::open(&folder.path().join("page.html")) else { return };
    let map =
        shown.split("class=\"map\"").nth(1).and_then(|rest| rest.split("</div>").next()).unwrap_or_default();
    assert_eq!(
        map.matches("<button").count(),
        3,
        "two dependencies and what they share\n{shown}\n{console:?}"
    );
    assert!(map.contains("heavy") && map.contains("tabindex=\"0\""), "{map}");
    assert!(shown.contains("aria-sort=\"descending\""), "the table can be sorted");
    assert_eq!(console, [""; 0]);
}
