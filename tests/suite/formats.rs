//! The formats for GitHub, for summaries and for browsers: what they print for findings across files, and that no text of a
//! project leaves its field, as readers of each format see it that are not ours.

mod commands;
mod elements;
mod outline;

use insta::assert_snapshot;
use plimsoll::checklist::{AppChecklist, Judgement, State};
use plimsoll::finding::{Finding, Severity};
use plimsoll::report::map::Map;
use plimsoll::report::paint::Paint;
use plimsoll::report::{Report, clean, concise, github, html, human, markdown};
use plimsoll::source::{ProjectPath, Sources, Span};
use plimsoll::weigh::{Held, Row, Sheet};

use crate::browser;
use crate::hostile;
use crate::reports::{Case, add, at, everything, finding, label};

/// A checklist of one app whose words are these.
fn checklist(words: &str, place: Option<Span>) -> Vec<AppChecklist> {
    let item = |item, title, state, place| Judgement {
        item,
        title,
        state,
        because: format!("because {words}"),
        place,
        rules: Vec::new(),
    };
    let items = vec![
        item("user", "it does not run as root", State::Met, place),
        item("signals", "SIGTERM is handled", State::Broken, place),
        item("probes", "Kubernetes knows when it is ready", State::Unknown, None),
    ];
    vec![AppChecklist { app: format!("app {words}"), folder: ProjectPath::root(), items }]
}

fn sheet(words: &str, entry: Span) -> Sheet {
    let row = |name: &str, saves| Row {
        name: format!("{name}{words}"),
        version: Some(format!("1.0.0{words}")),
        entry,
        own: Some(saves),
        saves,
        needs: saves,
        needs_unknown: 0,
        held: vec![Held { name: format!("{name}{words}"), bytes: Some(saves), is_estimate: false }],
        imports: vec![entry],
        other_use: None,
        members: None,
        is_development: false,
        is_tool: false,
        instead: Some(format!("write `{name}` {words}")),
        replacement: None,
    };
    Sheet {
        package: format!("shop{words}"),
        image: Some(format!("web/Dockerfile{words}")),
        target: None,
        folder: None,
        lock: format!("package-lock.json{words}"),
        system: format!("linux x64{words}"),
        development: Some(false),
        total: 3_000_000,
        packages: 3,
        shared: 500_000,
        shared_packages: Vec::new(),
        sources: vec![("node_modules".to_owned(), 2)],
        is_installed: true,
        unsized_packages: vec![format!("small{words}")],
        rows: vec![row("heavy", 2_000_000), row("light", 500_000)],
        scopes: Vec::new(),
        duplicates: Vec::new(),
        leftovers: Vec::new(),
        copied: Vec::new(),
    }
}

/// A map with each kind of thing that one can have, all named by these words.
fn map(words: &str) -> Map {
    use plimsoll::report::map::{
        App, Build, By, Chain, Count, Entry, Fate, Image, Named, Place, Port, Purpose, Reason, Run, Service,
        Sigterm, Step, Unit, Way,
    };
    let named = |name: &str| format!("{name}{words}");
    let place = || Place { path: named("web/x"), line: 3 };
    let purpose =
        |decided| Purpose { decided, evidence: vec![Reason { why: named("why"), place: Some(place()) }] };
    let way = Way {
        id: 1,
        object: Named { kind: named("Ingress"), name: named("shop") },
        addresses: vec![named("shop.example/")],
        place: place(),
    };
    let port = Port { port: Some(80), target: Some(named("http")), node_port: None };
    let service = Service {
        id: 0,
        name: named("shop"),
        kind: Some(named("ClusterIP")),
        ports: vec![port],
        place: place(),
        ways: vec![way],
    };
    let step = |command: &str| Step { command: named(command), becomes_next: false, place: None };
    let chain = Chain {
        steps: vec![step("npm start"), step("node server.js")],
        stops: None,
        sigterm: Sigterm { fate: Fate::Lost, how: Some(named("npm keeps it")) },
        entry: Some(Entry {
            file: Some(named("server.js")),
            in_image: None,
            unknown: None,
            files: 2,
            incomplete: None,
            handles: Vec::new(),
        }),
    };
    let run = |chain| Run {
        by: By::Container,
        workload: Some(Named { kind: named("Deployment"), name: named("shop") }),
        name: Some(named("web")),
        place: place(),
        image: Some(named("shop:1")),
        link: Some("its name"),
        purpose: purpose("ship"),
        chain,
        services: vec![service.clone()],
    };
    let image = Image {
        dockerfile: named("web/Dockerfile"),
        target: Some(named("run")),
        base: Some(named("node:24")),
        context: Some(named("web")),
        context_by: "compose says it",
        ignorefile: None,
        builds: vec![Build { by: "compose", names: vec![named("shop")], place: place() }],
        purpose: purpose("ship"),
        runs: vec![run(Some(chain))],
    };
    let app = App {
        name: named("shop"),
        folder: named("web"),
        package: Some(named("web/package.json")),
        locks: vec![named("web/package-lock.json")],
        images: vec![image],
        beside: Vec::new(),
    };
    let unit = Unit {
        path: named("k8s"),
        made_from: "folder",
        kinds: vec![Count { kind: named("Deployment"), count: 2 }],
        incomplete: None,
        purpose: purpose("test"),
    };
    Map { version: 1, apps: vec![app], others: vec![run(None)], units: vec![unit], notes: Vec::new() }
}

/// The page of a case, with words in everything that is no finding, too.
fn page(case: &Case, words: &str) -> String {
    let place = case.findings.first().map(|finding| finding.primary.span);
    let checklist = checklist(words, place);
    let sheets: Vec<Sheet> = place.map(|place| sheet(words, place)).into_iter().collect();
    let report = Report { checklist: &checklist, ..case.report() };
    html::write(&html::Page { report: &report, map: &map(words), sheets: &sheets })
}

fn summary(case: &Case, words: &str) -> String {
    let checklist = checklist(words, case.findings.first().map(|finding| finding.primary.span));
    markdown::write(&Report { checklist: &checklist, ..case.report() })
}

/// Findings of each severity, the worst last, in as many files as are wanted.
fn many(numbers: [usize; 3], files: usize) -> Case {
    let mut sources = Sources::default();
    let files: Vec<_> = (0..files)
        .map(|at| add(&mut sources, &format!("k8s/{at}.yaml"), &"name: web\n".repeat(2_000)))
        .collect();
    let mut findings: Vec<Finding> = Vec::new();
    for (severity, number) in [Severity::Info, Severity::Warning, Severity::Error].into_iter().zip(numbers) {
        for at in 0..number {
            let line = at / files.len() % 2_000;
            let span = Span::new(files[at % files.len()], line * 10, line * 10 + 4);
            let mut one = finding("run/signal-lost", severity, &format!("message {at}"), label(span, "here"));
            one.help = Some(format!("write `x{at}`"));
            one.related.push(label(span, "related"));
            findings.push(one);
        }
    }
    plimsoll::fingerprint::set_all(&sources, "", &mut findings);
    Case { sources, findings, notes: Vec::new(), failures: Vec::new() }
}

#[test]
fn github_gets_workflow_commands() {
    assert_snapshot!(github::write(&everything().report()));
}

#[test]
fn summaries_get_markdown() {
    let case = everything();
    assert_snapshot!(summary(&case, "npm ci"));
}

#[test]
fn browsers_get_a_page() {
    let case = everything();
    let page = page(&case, "");
    let (_, main) = page.split_once("</style>").unwrap();
    assert_snapshot!(main.split_once("<script>").unwrap().0);
}

#[test]
fn annotations_are_ranked_and_at_most_ten_of_a_type() {
    let case = many([3, 10, 40], 4);
    let commands = commands::read(&github::write(&case.report()));
    let of = |name: &str| commands.iter().filter(|command| command.name == name).count();
    assert_eq!((of("error"), of("warning"), of("notice"), commands.len()), (10, 10, 3, 23));
    let files: Vec<&str> = commands[..4].iter().map(|command| command.properties["file"].as_str()).collect();
    assert_eq!(
        files,
        ["k8s/0.yaml", "k8s/1.yaml", "k8s/2.yaml", "k8s/3.yaml"],
        "one of each file comes first"
    );
    assert_eq!(commands[9].data, "31 more errors: see the summary of this job");
    assert!(commands[19].data.starts_with("message "), "ten are ten");
}

#[test]
fn columns_are_told_within_one_line_and_lines_within_the_file() {
    let mut sources = Sources::default();
    let file = add(&mut sources, "a,b:c%/Dockerfile", "FROM x\nRUN a \\\n  b\n");
    let spans = [(7, 19), (0, 6), (7, 12), (15, 19), (19, 19), (6, 7)];
    let of = |(start, end)| finding("x/y", Severity::Error, "m", label(Span::new(file, start, end), ""));
    let findings = spans.into_iter().map(of).collect();
    let case = Case { sources, findings, notes: Vec::new(), failures: Vec::new() };
    let report = Report { prefix: "shop/", ..case.report() };
    let commands = commands::read(&github::write(&report));
    let places: Vec<String> = commands
        .iter()
        .map(|command| {
            assert_eq!(command.properties["file"], "shop/a,b:c%/Dockerfile");
            let property = |name: &str| command.properties.get(name).map_or("-", String::as_str);
            ["line", "endLine", "col", "endColumn"].map(property).join(" ")
        })
        .collect();
    assert_eq!(places, ["2 3 - -", "1 1 1 7", "2 2 1 6", "3 3 1 4", "3 3 4 4", "1 1 7 7"]);
}

#[test]
fn nothing_leaves_a_workflow_command() {
    for input in hostile::inputs() {
        let case = hostile::case(&input);
        let name = hostile::name(&input);
        let written = github::write(&Report { prefix: "shop/", ..case.report() });
        let commands = commands::read(&written);
        assert_eq!(commands.len(), 1, "{name}\n{written}");
        let (command, finding) = (&commands[0], &case.findings[0]);
        assert_eq!(command.name, "error", "{name}");
        let file = format!("shop/{}", case.sources.file(finding.primary.span.file).path);
        let print = |each: char| if matches!(each, '\n' | '\r') { each } else { clean::character(each) };
        let file: String = file.chars().map(print).collect();
        assert_eq!(command.properties["file"], file, "{name}");
        assert_eq!(command.properties["title"], finding.rule, "{name}");
        let others = ["line", "endLine", "col", "endColumn", "file", "title"];
        assert!(command.properties.keys().all(|key| others.contains(&key.as_str())), "{name}: {command:?}");
        let lines: Vec<&str> = command.data.split('\n').collect();
        assert_eq!(lines.len(), 4, "the message, what to do, two places: {name}: {lines:?}");
        assert_eq!(lines[0], clean::line(&finding.message), "{name}");
        assert_eq!(lines[1], format!("Instead: {}", clean::line(finding.help.as_deref().unwrap())), "{name}");
        assert!(!command.data.chars().any(|each| each != '\n' && clean::is_harmful(each)), "{name}");
        assert_eq!(written.lines().count(), 5, "an annotation, three notes, the sum: {name}\n{written}");
        assert!(written.len() < 12_000 + 8 * file.len(), "{name}: {} bytes", written.len());
    }
}

#[test]
fn nothing_leaves_its_place_in_markdown() {
    let plain = hostile::case("plain");
    let wanted = outline::read(&summary(&plain, "plain")).unwrap();
    for input in hostile::inputs() {
        let (case, name) = (hostile::case(&input), hostile::name(&input));
        let written = summary(&case, &input);
        let read = outline::read(&written).unwrap_or_else(|fault| panic!("{name}: {fault}\n{written}"));
        assert_eq!(read, wanted, "{name}\n{written}");
        assert!(!written.chars().any(|each| each != '\n' && clean::is_harmful(each)), "{name}");
    }
}

#[test]
fn a_summary_is_never_too_large_for_its_place() {
    let case = many([30_000, 3_000, 20], 40);
    let written = summary(&case, "");
    assert!((800_000..950_000).contains(&written.len()), "{} bytes", written.len());
    let told = written.lines().find(|line| line.ends_with("left out: there is no room for more here."));
    let left: usize = told.unwrap().split(' ').next().unwrap().parse().unwrap();
    assert_eq!(left + written.matches("`k8s/").count() / 2, 33_020 + 1, "each is shown or counted");
    outline::read(&written).unwrap();
}

#[test]
fn nothing_becomes_an_element_of_the_page() {
    let wanted = elements::read(&page(&hostile::case("plain"), "plain")).unwrap();
    for input in hostile::inputs() {
        let (case, name) = (hostile::case(&input), hostile::name(&input));
        let written = page(&case, &input);
        let read = elements::read(&written).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert_eq!(read, wanted, "{name}");
        let harmful = written.chars().find(|each| !matches!(each, '\n' | '\t') && clean::is_harmful(*each));
        assert_eq!(harmful, None, "{name}");
        assert!(written.len() < 200_000, "{name}: {} bytes", written.len());
    }
}

#[test]
fn people_get_one_harmless_line_for_each() {
    for input in hostile::inputs() {
        let (case, name) = (hostile::case(&input), hostile::name(&input));
        let report = case.report();
        assert_eq!(concise::write(&report).lines().count(), 1, "{name}");
        for written in [concise::write(&report), human::write(&report, Paint::PLAIN)] {
            let harmful = written.chars().find(|each| *each != '\n' && clean::is_harmful(*each));
            assert_eq!(harmful, None, "{name}");
        }
    }
}

#[test]
fn a_page_of_thousands_of_findings_is_bounded() {
    let case = many([20_000, 0, 0], 30);
    let start = std::time::Instant::now();
    let written = page(&case, "");
    // Debug builds on a loaded machine: this catches a step to quadratic, no more.
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
    assert_eq!(written.matches("class=\"finding\"").count(), 20_000);
    assert!(written.len() < 15_000_000, "{} bytes", written.len());
    let long = format!("FROM {}TARGET{}\n", "é".repeat(500_000), "日".repeat(500_000));
    let mut sources = Sources::default();
    let file = add(&mut sources, "Dockerfile", &long);
    let place = at(&sources, file, "TARGET");
    let whole = Span::new(file, 0, long.len());
    let mut one = finding("x/y", Severity::Error, "m", label(place, ""));
    one.related = (0..500).map(|_| label(whole, "all of it")).collect();
    let case = Case { sources, findings: vec![one], notes: Vec::new(), failures: Vec::new() };
    let written = page(&case, "");
    assert!(written.contains("<mark class=\"p\">TARGET</mark>") && written.len() < 60_000);
}

#[test]
fn a_browser_shows_each_finding_and_runs_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.html");
    std::fs::write(&path, page(&everything(), "")).unwrap();
    let Some(opened) = browser::open(&path) else { return };
    assert_eq!(opened.console, [""; 0]);
    assert!(opened.shown.contains(">2 of 2 shown</output>"), "{}", opened.shown);
    // All that is hostile in one page; what tries to run would say so, or be reported by the policy of the page.
    let all =
        hostile::INPUTS.join("\n</script><script>console.log(1)</script><img src=x onerror=console.log(2)>");
    std::fs::write(&path, page(&hostile::case(&all), &all)).unwrap();
    let opened = browser::open(&path).unwrap();
    assert_eq!(opened.console, [""; 0]);
    assert_eq!(opened.shown.matches("<script").count(), 1);
    assert_eq!(opened.shown.matches("<img").count(), 0);
    assert_eq!(opened.shown.matches("class=\"finding\"").count(), 1);
}

#[test]
fn the_policy_of_each_page_names_its_script() {
    for script in [html::SCRIPT, plimsoll::report::weigh::SCRIPT] {
        assert_eq!(
            script.sha256,
            elements::sha256(script.text),
            "the hash in the source must be that of the script"
        );
    }
}
