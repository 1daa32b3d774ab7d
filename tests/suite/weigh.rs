//! What `plimsoll weigh` prints, of figures that are made up.

use insta::assert_snapshot;
use plimsoll::facts::replacement;
use plimsoll::report::paint::Paint;
use plimsoll::report::weigh as report;
use plimsoll::source::{ProjectPath, SourceFile, Sources, Span};
use plimsoll::weigh::{Copied, Duplicate, Held, Row, Scope, Sheet};

const PACKAGE: &str =
    r#"{"name": "shop", "dependencies": {"geoip-lite": "^1.4.10", "express": "^5.1.0", "pm2": "^5.1.0"}}"#;

fn held(name: &str, bytes: u64) -> Held {
    Held { name: name.to_owned(), bytes: Some(bytes), is_estimate: false }
}

fn row(sources: &Sources, name: &str, own: u64, held: Vec<Held>) -> Row {
    let file = sources.find(&ProjectPath::new("package.json").unwrap()).unwrap();
    let at = PACKAGE.find(name).unwrap_or(0);
    let saves = held.iter().filter_map(|one| one.bytes).sum();
    Row {
        name: name.to_owned(),
        version: Some("1.0.0".to_owned()),
        entry: Span::new(file, at, at + name.len()),
        own: Some(own),
        saves,
        needs: saves + 1_000,
        needs_unknown: 0,
        held,
        imports: Vec::new(),
        other_use: None,
        members: None,
        is_development: false,
        is_tool: false,
        instead: None,
        replacement: None,
    }
}

/// A service with a heavy dependency, one in use, a tool, and packages that several need.
fn shop() -> (Sources, Sheet) {
    let mut sources = Sources::default();
    let add = |sources: &mut Sources, path: &str, text: &str| {
        sources.add(SourceFile::new(ProjectPath::new(path).unwrap(), text))
    };
    add(&mut sources, "package.json", PACKAGE);
    let code = add(&mut sources, "src/geo.js", "const geo = require('geoip-lite');\n");
    let mut geo = row(
        &sources,
        "geoip-lite",
        160_555_980,
        vec![held("geoip-lite@1.4.10", 160_555_980), held("ip-address@9.0.5", 412_345)],
    );
    geo.imports = vec![Span::new(code, 20, 32)];
    geo.members = Some(vec!["lookup".to_owned()]);
    geo.instead = Some("where the country is enough: `geoip-country`".to_owned());
    let mut tool =
        row(&sources, "pm2", 900_000, vec![held("pm2@5.1.0", 900_000), held("vizion@2.2.1", 99_000)]);
    tool.is_tool = true;
    let express = row(&sources, "express", 75_400, vec![held("express@5.1.0", 75_400)]);
    let mut glob = row(&sources, "glob", 640_000, vec![held("glob@10.4.5", 640_000)]);
    glob.replacement = replacement::of("glob");
    let mut ansi = row(&sources, "strip-ansi", 4_000, vec![held("strip-ansi@7.1.0", 4_000)]);
    ansi.replacement = replacement::of("strip-ansi");
    let sheet = Sheet {
        package: "shop".to_owned(),
        image: Some("Dockerfile".to_owned()),
        target: None,
        folder: None,
        lock: "package-lock.json".to_owned(),
        system: "linux x64 musl".to_owned(),
        development: Some(false),
        total: 163_000_000,
        packages: 31,
        shared: 957_275,
        shared_packages: vec![held("ms@2.1.3", 957_275)],
        sources: vec![("node_modules".to_owned(), 30)],
        is_installed: true,
        unsized_packages: vec!["left-pad@1.3.0".to_owned()],
        rows: vec![geo, tool, express, glob, ansi],
        scopes: vec![Scope { name: "@shop".to_owned(), members: 2, saves: 5_000_000, unknown: 0 }],
        duplicates: vec![Duplicate {
            name: "ms".to_owned(),
            versions: vec!["2.0.0".to_owned(), "2.1.3".to_owned()],
            bytes: 9_000,
            unknown: 0,
        }],
        copied: vec![Copied { name: "debug@4.4.0".to_owned(), places: 3, bytes: 84_000 }],
        leftovers: vec![held("better-sqlite3@11.1.0", 7_000_000)],
    };
    (sources, sheet)
}

/// Names and paths that try to get out of where they stand.
fn hostile() -> (Sources, Sheet) {
    let (sources, mut sheet) = shop();
    let name = "</script><script>alert(1)</script>\u{1b}[31m\u{202e}\n::error::x%0A<!--\"'|`";
    sheet.package = name.to_owned();
    sheet.lock = name.to_owned();
    sheet.image = Some(name.to_owned());
    sheet.system = name.to_owned();
    sheet.unsized_packages = vec![name.to_owned()];
    sheet.sources = vec![(name.to_owned(), 1)];
    sheet.shared_packages[0].name = name.to_owned();
    sheet.scopes[0].name = name.to_owned();
    sheet.leftovers[0].name = name.to_owned();
    sheet.copied[0].name = name.to_owned();
    sheet.duplicates[0] =
        Duplicate { name: name.to_owned(), versions: vec![name.to_owned()], bytes: 1, unknown: 0 };
    for row in &mut sheet.rows {
        row.name = name.to_owned();
        row.version = Some(name.to_owned());
        row.instead = Some(name.to_owned());
        row.members = Some(vec![name.to_owned()]);
        row.held[0].name = name.to_owned();
    }
    (sources, sheet)
}

#[test]
fn people_get_a_table() {
    let (sources, sheet) = shop();
    assert_snapshot!(report::table(&sources, &[sheet], "services/", Paint::PLAIN));
    assert!(report::table(&sources, &[], "", Paint::PLAIN).starts_with("nothing here installs"));
}

#[test]
fn programs_get_json() {
    let (sources, sheet) = shop();
    let json = report::json(&sources, &[sheet]);
    let document = serde_json::from_str(&json).unwrap();
    assert_eq!(crate::schema::faults_of("/$defs/weigh", &document), [""; 0]);
    assert_snapshot!(json);
}

#[test]
fn nothing_gets_out_of_its_place() {
    let (sources, sheet) = hostile();
    let sheets = [sheet];
    let table = report::table(&sources, &sheets, "", Paint::PLAIN);
    assert!(!table.contains(['\u{1b}', '\u{202e}']) && !table.contains("\n::error"), "{table}");
    let page = report::html(&sources, &sheets);
    assert_eq!(page.matches("<script").count(), 2, "the page's own two");
    assert_eq!(page.matches("</script").count(), 2);
    assert!(!page.contains(['\u{1b}', '\u{202e}']) && !page.contains("<!--") && !page.contains("alert(1)<"));
    let json: serde_json::Value = serde_json::from_str(&report::json(&sources, &sheets)).unwrap();
    assert_eq!(json["weights"][0]["package"], sheets[0].package);
}

#[test]
fn what_changed_is_told() {
    let (sources, sheet) = shop();
    let earlier = report::earlier(&report::json(&sources, std::slice::from_ref(&sheet))).unwrap();
    let same = report::changes(std::slice::from_ref(&sheet), &earlier);
    assert_eq!((same.grew, same.text.as_str()), (false, "shop (Dockerfile): no change (163.0 MB now)\n"));
    let mut heavier = sheet;
    heavier.total += 1_500_000;
    heavier.rows[2].saves += 1_500_000;
    heavier.rows[2].held.push(held("new@1.0.0", 1_500_000));
    heavier.rows.remove(1);
    let changes = report::changes(&[heavier], &earlier);
    assert!(changes.grew);
    assert_snapshot!(changes.text);
    for broken in ["", "{}", "{\"version\": 2, \"weights\": []}", "[]"] {
        assert!(report::earlier(broken).is_err(), "{broken}");
    }
}

#[test]
fn installs_of_one_dockerfile_are_told_apart() {
    let (sources, sheet) = shop();
    let of = |image: &str, target: Option<&str>, total: u64| {
        let mut one = sheet.clone();
        (one.image, one.target, one.total) = (Some(image.to_owned()), target.map(str::to_owned), total);
        one.rows[0].held[1].bytes = Some(total);
        one.folder = Some("web".to_owned());
        one
    };
    let then =
        [of("Dockerfile", Some("a"), 1), of("Dockerfile", Some("b"), 2), of("Dockerfile", Some("b"), 3)];
    let earlier = report::earlier(&report::json(&sources, &then)).unwrap();
    let same = report::changes(&then, &earlier);
    assert!(!same.grew && same.text.matches("no change").count() == 3, "{}", same.text);
    let fewer = report::changes(&then[..2], &earlier);
    assert!(!fewer.grew && fewer.text.ends_with("shop (Dockerfile, b) is gone\n"), "{}", fewer.text);
    let one = report::earlier(&report::json(&sources, &then[..1])).unwrap();
    let renamed = report::changes(&[of("web.Dockerfile", None, 8)], &one);
    let expected = "shop (web.Dockerfile), which was shop (Dockerfile, a): +7 B";
    assert!(renamed.grew && renamed.text.starts_with(expected), "{}", renamed.text);
}
