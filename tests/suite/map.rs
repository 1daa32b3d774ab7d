//! `plimsoll map`: the three formats on the example, and on a project whose names mean harm.

use std::path::Path;
use std::process::Command;

use plimsoll::model::Project;
use plimsoll::report::clean;
use plimsoll::report::map;
use plimsoll::report::paint::Paint;
use plimsoll::source::ProjectPath;

use crate::schema;

/// What the program prints of the example, started in this folder of the crate.
fn printed(folder: &str, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .arg("map")
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_example_at_a_glance() {
    let text = printed("testdata/shop", &[]);
    assert_eq!(text, printed("testdata/shop", &[]), "two runs say the same");
    insta::assert_snapshot!("shop_map_tree", text);
}

#[test]
fn the_example_as_a_flowchart() {
    insta::assert_snapshot!("shop_map_mermaid", printed("testdata/shop", &["--format", "mermaid"]));
}

#[test]
fn the_example_for_programs() {
    let text = printed("testdata/shop", &["--format", "json"]);
    let document = serde_json::from_str(&text).unwrap();
    assert_eq!(schema::faults_of("/$defs/map", &document), [""; 0]);
    insta::assert_snapshot!("shop_map_json", text);
}

#[test]
fn paths_can_be_opened_from_where_one_stands() {
    let text = printed(".", &["testdata/shop"]);
    for line in
        ["image testdata/shop/Dockerfile", "  testdata/shop/compose.yaml:2", "context testdata/shop/ ("]
    {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn an_empty_project_has_an_empty_map() {
    let map = map::draw(&Project::from_texts([]));
    assert_eq!(map::tree(&map, "", Paint::PLAIN), "nothing is built or deployed here\n");
    assert_eq!(map::mermaid(&map), "flowchart LR\n");
    let document = serde_json::from_str(&map::json(&map)).unwrap();
    assert_eq!(schema::faults_of("/$defs/map", &document), [""; 0]);
}

/// Every name in it tries to leave the place that it is printed in.
fn hostile() -> Project {
    const NAME: &str = "a\"]; b --> c\\n</script><b>`x`%%{init: {}}%%\u{202e}\u{1b}[31m#quot;|end";
    let name = serde_json::to_string(NAME).unwrap();
    let manifest = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec: {{template: {{metadata: {{labels: {{app: a}}}}, \
         spec: {{containers: [{{name: {name}, image: web}}, {{name: b, image: {name}}}]}}}}}}\n---\n\
         apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\n\
         spec: {{type: {name}, selector: {{app: a}}, ports: [{{port: 80, targetPort: {name}}}]}}\n---\n\
         apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: {name}}}\n\
         spec: {{rules: [{{host: {name}, http: {{paths: [{{path: {name}, backend: {{service: {{name: {name}}}}}}}]}}}}]}}\n---\n\
         apiVersion: v1\nkind: {name}\nmetadata: {{name: a}}\n"
    );
    let compose = format!(
        "services:\n  {name}:\n    build: {{context: web, target: {name}}}\n    image: {name}\n    command: [node, {name}]\n  db: {{image: {name}}}\n"
    );
    let package = format!("{{\"name\": {name}, \"scripts\": {{\"start\": {name}}}}}");
    let files = [
        ("k8s/all.yaml", manifest.as_str()),
        ("compose.yaml", &compose),
        ("web/package.json", &package),
        ("web/Dockerfile", "FROM node:24\nWORKDIR /a\nCOPY . .\nCMD [\"npm\", \"start\"]\n"),
        ("a\"]\u{202e}\n/Dockerfile", "FROM a\"]<b>\nCMD [\"node\", \"\\u001b[31m\"]\n"),
    ];
    Project::from_texts(files.map(|(path, text)| (ProjectPath::new(path).unwrap(), text.to_owned())))
}

#[test]
fn hostile_names_reach_no_terminal() {
    let map = map::draw(&hostile());
    let text = map::tree(&map, "", Paint::PLAIN);
    assert!(text.contains("Deployment a\"]; b"), "the names are in it: {text}");
    let harmful: Vec<char> = text.chars().filter(|each| *each != '\n' && clean::is_harmful(*each)).collect();
    assert_eq!(harmful, [], "{text}");
    let coloured = map::tree(&map, "", Paint { coloured: true });
    assert_ne!(coloured, text);
    let mut plain = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    assert_eq!(plain + rest, text, "colours are only added");
}

#[test]
fn hostile_names_are_kept_for_programs() {
    let text = map::json(&map::draw(&hostile()));
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(schema::faults_of("/$defs/map", &document), [""; 0]);
    assert!(text.contains("a\\\"]; b --> c"), "{text}");
}

/// One line of a flowchart as we write it: nothing but our own ids and shapes, and labels in quotes without a quote.
fn is_ours(line: &str) -> bool {
    let mut outside = String::new();
    for (at, part) in line.split('"').enumerate() {
        if at % 2 == 0 {
            outside.push_str(part);
            continue;
        }
        let part = part.replace("<br>", "");
        let fine = |each: char| each.is_alphanumeric() || " -_./,:@+→#;…".contains(each);
        if !part.chars().all(fine) {
            return false;
        }
    }
    let outside = outside.trim();
    let id = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let shapes = ["[]", "([])", "{{}}", "[//]"];
    let node = |text: &str| shapes.iter().any(|shape| text.strip_suffix(shape).is_some_and(id));
    if outside == "end" || outside == "flowchart LR" {
        return true;
    }
    if let Some((from, to)) = outside.split_once(" -->") {
        return id(from) && id(to.trim_start_matches("||").trim());
    }
    node(outside.strip_prefix("subgraph ").unwrap_or(outside))
}

#[test]
fn hostile_names_mean_nothing_to_mermaid() {
    let text = map::mermaid(&map::draw(&hostile()));
    assert!(text.contains("#60;/script#62;"), "the names are in it: {text}");
    let strange: Vec<&str> = text.lines().filter(|line| !is_ours(line)).collect();
    assert_eq!(strange, [""; 0], "{text}");
    assert!(
        !is_ours("    a0[\"x\"] --> b[\"y\"]") && !is_ours("    a0[\"<b>\"]") && !is_ours("  click a0 \"x\"")
    );
}
