//! The shell reader against real RUN bodies: what `bash -n` accepts is read, every word maps back to its bytes, and no
//! input makes it panic or hang.

use crate::random::Random;
use std::time::{Duration, Instant};

use plimsoll::source::{FileId, Span};
use plimsoll::syntax::mapped::MappedText;
use plimsoll::syntax::shell::{self, Script};

const BODIES: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/fixtures/dockerfile/shell/run-bodies.jsonl");

struct Body {
    text: String,
    accepted: bool,
}

fn bodies() -> Option<Vec<Body>> {
    let Ok(lines) = std::fs::read_to_string(BODIES) else {
        eprintln!("skipped: no {BODIES}");
        return None;
    };
    let body = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        Body {
            text: value["text"].as_str().unwrap().to_owned(),
            accepted: value["bash_n_ok"].as_bool().unwrap(),
        }
    };
    Some(lines.lines().map(body).collect())
}

fn verbatim(text: &str) -> MappedText {
    MappedText::verbatim(FileId(0), text, 0)
}

#[test]
fn real_scripts_are_read() {
    let Some(bodies) = bodies() else { return };
    assert!(bodies.len() > 600);
    let accepted: Vec<&Body> = bodies.iter().filter(|body| body.accepted).collect();
    let unclean: Vec<&str> = accepted
        .iter()
        .filter(|body| !shell::parse(&verbatim(&body.text)).clean)
        .map(|body| body.text.as_str())
        .collect();
    let share = 1.0 - unclean.len() as f64 / accepted.len() as f64;
    assert!(share >= 0.99, "{} of {} not clean: {unclean:#?}", unclean.len(), accepted.len());
    let wrong = bodies.iter().filter(|body| !body.accepted && shell::parse(&verbatim(&body.text)).clean);
    assert_eq!(wrong.count(), 0, "bash refuses what we call clean");
}

/// Lays a text out in a file as continuation lines would, and checks that every word finds its bytes there.
#[test]
fn every_word_maps_back_through_continuations() {
    let Some(bodies) = bodies() else { return };
    let mut random = Random(7);
    let mut words = 0;
    for body in &bodies {
        let mut file = String::from("RUN ");
        let mut mapped = MappedText::new(FileId(0));
        let mut rest = body.text.as_str();
        while !rest.is_empty() {
            let mut cut = (1 + random.below(40)).min(rest.len());
            while !rest.is_char_boundary(cut) {
                cut += 1;
            }
            mapped.push(&rest[..cut], file.len());
            file.push_str(&rest[..cut]);
            file.push_str("\\\n# ä comment\n");
            rest = &rest[cut..];
        }
        for word in shell::parse(&mapped).commands.iter().flat_map(|command| &command.words) {
            let pieces = mapped.pieces(word.range.start, word.range.end);
            let found: String = pieces.iter().map(|piece| &file[piece.range()]).collect();
            assert_eq!(found, word.raw);
            assert_eq!(word.raw, body.text[word.range.clone()]);
            let hull = pieces.first().zip(pieces.last()).map(|(first, last)| first.to(*last));
            assert_eq!(Some(word.span), hull);
            words += 1;
        }
    }
    assert!(words > 6_000, "only {words} words");
}

fn in_bounds(script: &Script, length: usize) {
    let fits = |span: Span| span.start <= span.end && span.end as usize <= length;
    for command in &script.commands {
        assert!(fits(command.span) && command.words.iter().all(|word| fits(word.span)));
    }
    for statement in &script.statements {
        assert!(statement.commands.start <= statement.commands.end);
        assert!(statement.commands.end <= script.commands.len());
    }
}

#[test]
fn mutated_scripts_do_no_harm() {
    let Some(bodies) = bodies() else { return };
    let rounds = std::env::var("PLIMSOLL_FUZZ").ok().and_then(|count| count.parse().ok()).unwrap_or(2_000);
    let run = move || {
        let mut random = Random(11);
        let alphabet: Vec<char> = "\"'`$(){}[]<>|&;\\\n #!=*?~%-abc\u{0}ä𝄞".chars().collect();
        for _ in 0..rounds {
            let mut text: Vec<char> = bodies[random.below(bodies.len())].text.chars().take(600).collect();
            for _ in 0..1 + random.below(6) {
                let at = random.below(text.len() + 1);
                match random.below(3) {
                    0 if at < text.len() => drop(text.remove(at)),
                    1 => text.truncate(at.max(1)),
                    _ => text.insert(at, alphabet[random.below(alphabet.len())]),
                }
            }
            let text: String = text.into_iter().collect();
            in_bounds(&shell::parse(&verbatim(&text)), text.len());
        }
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join().unwrap();
}

#[test]
fn hostile_scripts_end_soon() {
    let deep = |open: &str, close: &str, count: usize| open.repeat(count) + "a" + &close.repeat(count);
    let texts = [
        deep("( ", " )", 20_000),
        deep("$(", ")", 20_000),
        deep("a \"$(", ")\"", 10_000),
        deep("{ ", "; }", 20_000),
        deep("if a; then ", "; fi", 5_000),
        "(".repeat(100_000),
        "${".repeat(50_000),
        "{".repeat(100_000),
        "[".repeat(100_000),
        "\"".repeat(99_999),
        "a <<X\n".repeat(5_000),
        "a && ".repeat(40_000),
        "a | ".repeat(40_000),
        "a | ".repeat(3_900),
        "a & ".repeat(40_000),
        "`".repeat(50_001),
        "case x in a) ".repeat(5_000),
        "\\\n".repeat(50_000),
        "a=".repeat(50_000),
    ];
    let run = move || {
        for text in &texts {
            let start = Instant::now();
            in_bounds(&shell::parse(&verbatim(text)), text.len());
            let took = start.elapsed();
            let name: String = text.chars().take(12).collect();
            assert!(took < Duration::from_secs(10), "{name:?} took {took:?}");
        }
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join().unwrap();
}
