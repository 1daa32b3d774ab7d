use super::*;
use crate::source::FileId;
use crate::syntax::mapped::MappedText;

fn script(text: &str) -> Script {
    parse(&MappedText::verbatim(FileId(0), text, 0))
}

fn words(command: &ShellCommand) -> Vec<&str> {
    command.words.iter().map(|word| word.literal().unwrap_or(&word.raw)).collect()
}

fn all(text: &str) -> Vec<Vec<String>> {
    let script = script(text);
    script.commands.iter().map(|command| words(command).into_iter().map(str::to_owned).collect()).collect()
}

#[test]
fn words_lose_their_quotes_and_keep_their_bytes() {
    let text = r#"NODE_ENV=production  'no'de "a b"\ c --x="$Y" server.js"#;
    let script = script(text);
    let command = script.only().unwrap();
    assert_eq!(words(command), ["node", "a b c", "--x=\"$Y\"", "server.js"]);
    assert_eq!(command.assignments[0].name, "NODE_ENV");
    assert_eq!(command.assignments[0].value.literal(), Some("production"));
    assert_eq!(&text[command.words[1].span.range()], r#""a b"\ c"#);
    assert_eq!(all("a \\\n  b\\\nc")[0], ["a", "bc"]);
    assert_eq!(command.words[2].literal(), None);
    assert_eq!(command.words[2].expand(|_| Some("1".to_owned())), Some("--x=1".to_owned()));
}

#[test]
fn expansions_are_not_literal() {
    for (raw, variable) in [
        ("$X", Some("X")),
        ("\"${X}\"", Some("X")),
        ("\"$@\"", Some("@")),
        ("${X:-y}", None),
        ("$(a)", None),
        ("`a`", None),
        ("a*.js", None),
        ("{a,b}", None),
        ("$1x", None),
    ] {
        let script = script(&format!("run {raw}"));
        let word = &script.commands[0].words[1];
        assert_eq!(word.literal(), None, "{raw}");
        assert_eq!(word.variable(), variable, "{raw}");
    }
    assert_eq!(all("[ -f x ] && echo {} $ 100% a=b ~")[1], ["echo", "{}", "$", "100%", "a=b", "~"]);
}

#[test]
fn commands_say_how_they_are_joined() {
    let script = script("a && b | c; d & e || f\n[[ x && y ]]\ng");
    let joins: Vec<(&str, Join, bool, bool)> = script
        .commands
        .iter()
        .map(|command| (command.program().unwrap(), command.joined, command.piped, command.background))
        .collect();
    assert_eq!(
        joins,
        [
            ("a", Join::Then, false, false),
            ("b", Join::And, true, false),
            ("c", Join::Pipe, false, false),
            ("d", Join::Then, false, true),
            ("e", Join::Then, false, false),
            ("f", Join::Or, false, false),
            ("[[", Join::Then, false, false),
            ("g", Join::Then, false, false),
        ]
    );
    let kinds: Vec<StatementKind> = script.statements.iter().map(|statement| statement.kind).collect();
    use StatementKind::{List, Simple};
    assert_eq!(kinds, [List, Simple, List, Simple, Simple]);
    assert_eq!(script.last().and_then(ShellCommand::program), Some("g"));
    assert!(script.only().is_none());
}

#[test]
fn commands_know_what_they_stand_in() {
    let script = script(
        "if [ x ]; then a; fi\n(b)\nf() { c; }\nfor i in 1; do d; done\ne $(g)\ncase $1 in x|y) h;; esac\n! i\n{ j; }",
    );
    let place =
        |name: &str| script.commands.iter().find(|command| command.program() == Some(name)).unwrap().place;
    assert!(place("a").branch && place("h").branch);
    assert!(place("b").subshell);
    assert!(place("c").function);
    assert_eq!(script.functions, ["f"]);
    assert!(place("d").looped);
    assert!(place("g").substitution && !place("e").substitution);
    assert!(place("i").negated);
    assert!(place("j").is_top() && place("e").is_top());
    assert_eq!(script.commands.iter().filter(|command| command.joined != Join::Then).count(), 0);
    assert_eq!(script.last().and_then(ShellCommand::program), Some("j"));
}

#[test]
fn the_last_command_of_a_branch_is_not_the_scripts() {
    assert!(script("a; if b; then c; fi").last().is_none());
    assert_eq!(script("a && b > log").last().and_then(ShellCommand::program), Some("b"));
    assert_eq!(script("a $(b)").last().and_then(ShellCommand::program), Some("a"));
}

#[test]
fn exec_names_what_takes_the_shells_place() {
    let of = |text: &str| {
        let script = script(text);
        let rest = script.commands[0].exec()?;
        Some(rest.iter().map(|word| word.raw.clone()).collect::<Vec<_>>())
    };
    assert_eq!(of("exec node a.js"), Some(vec!["node".to_owned(), "a.js".to_owned()]));
    assert_eq!(of("exec -a x \"$@\""), Some(vec!["\"$@\"".to_owned()]));
    assert_eq!(of("exec > log 2>&1"), None);
    assert_eq!(of("node a.js"), None);
}

#[test]
fn options_and_traps_are_seen() {
    assert!(script("set -eu\na").stops_at_errors());
    assert!(script("set -o errexit").stops_at_errors());
    assert!(!script("set -- -x; set -u").stops_at_errors());
    assert_eq!(script("trap 'kill $P' TERM\nnode a &\nwait").traps().count(), 1);
    assert_eq!(all("export A=1 B\nunset C"), [vec!["export", "B"], vec!["unset", "C"]]);
}

#[test]
fn broken_scripts_say_so() {
    let script = script("echo 'a\nnode x");
    assert!(!script.clean);
    assert!(script.only().is_none());
}

#[test]
fn the_exec_at_the_end_stands_whatever_is_before_it() {
    let broken = "if true\nthen ((\nfi\n# exec no\n";
    let last = |text: String| {
        assert!(!script(&text).clean, "{text}");
        let script = last_exec(&MappedText::verbatim(FileId(0), &text, 0))?;
        Some(text[script.commands[0].words[1].span.range()].to_owned())
    };
    assert_eq!(last(format!("{broken}exec node server.js\n\n")).as_deref(), Some("node"));
    for other in [
        "node server.js",
        "  exec node a",
        "exec node 'a",
        "exec node a && b",
        "exec > log",
        "exit",
        "a \\\nexec b",
    ] {
        assert_eq!(last(format!("{broken}{other}\n")), None, "{other}");
    }
    for before in ["exec a", "test -f x || exit 0", "cd sub"] {
        assert_eq!(last(format!("{before}\n{broken}exec node server.js\n")), None, "{before}");
    }
}

#[test]
fn redirections_belong_to_their_command() {
    let script = script("node a.js >> /var/log/x 2>&1");
    let redirects: Vec<(&str, Option<&str>)> = script.commands[0]
        .redirects
        .iter()
        .map(|redirect| (redirect.operator.as_str(), redirect.target.as_ref().and_then(Word::literal)))
        .collect();
    assert_eq!(redirects, [(">>", Some("/var/log/x")), ("2>&", Some("1"))]);
    assert_eq!(words(&script.commands[0]), ["node", "a.js"]);
    assert_eq!(script.statements[0].kind, StatementKind::Simple);
}
