//! What holds for every text, however broken: nothing panics or hangs in a small stack, the parts add up to the file,
//! spans lie where they should, one broken line leaves the others as they were, and time grows with the text.

use crate::random::Random;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use plimsoll::facts::image::fold;
use plimsoll::source::{FileId, Span};
use plimsoll::syntax::dockerfile::{Args, Dockerfile, Instruction, parse};
use plimsoll::syntax::mapped::MappedText;

use super::dockerfile_goldens::{node_args, records, shared};

const FILE: FileId = FileId(0);

/// Number of mutated inputs.
fn rounds() -> usize {
    std::env::var("PLIMSOLL_FUZZ").ok().and_then(|number| number.parse().ok()).unwrap_or(10_000)
}

/// Our own texts, and the shared real ones when they are there.
fn seeds() -> Vec<Vec<u8>> {
    let own = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/dockerfile"));
    let mut paths: Vec<_> = fs::read_dir(own).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut seeds: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(path).unwrap()).collect();
    assert!(seeds.len() >= 8);
    for file in ["edge/expected.jsonl", "real/real.jsonl"] {
        if let Some(path) = shared(file) {
            seeds.extend(records(&path).into_iter().map(|(_, input)| input));
        }
    }
    seeds
}

const TOKENS: [&[u8]; 28] = [
    b"\\\n",
    b"\n",
    b"\r\n",
    b"<<EOF",
    b"<<-'E'",
    b"EOF\n",
    b"\"",
    b"'",
    b"[",
    b"]",
    b"${",
    b"}",
    b"$",
    b"--",
    b"=",
    b"#",
    b"FROM ",
    b"ONBUILD ",
    b"HEALTHCHECK ",
    b"\xff",
    b"\xc3",
    b"\xf0\x9f\x98\x80",
    b"\x00",
    b"\t",
    b"`",
    b"# escape=`\n",
    b"[\"a\",",
    b"\\u00e4",
];

fn mutated(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut text = seeds[random.below(seeds.len())].clone();
    text.truncate(20_000);
    for _ in 0..1 + random.below(6) {
        let at = random.below(text.len() + 1);
        match random.below(5) {
            0 => drop(text.splice(at..at, TOKENS[random.below(TOKENS.len())].iter().copied())),
            1 => drop(text.drain(at..(at + 1 + random.below(20)).min(text.len()))),
            2 => drop(text.splice(at..at, std::iter::repeat_n(random.below(256) as u8, 1 + random.below(8)))),
            3 if at < text.len() => text[at] = random.below(256) as u8,
            _ => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len() + 1);
                let end = (from + random.below(80)).min(other.len());
                text.splice(at..at, other[from..end].iter().copied());
            }
        }
    }
    text
}

/// Checks everything that holds for any text, and shows the text for which it does not.
fn sound(text: &[u8]) {
    if let Err(fault) = std::panic::catch_unwind(|| check_all(text)) {
        eprintln!("not sound: {:?}", text.escape_ascii().to_string());
        std::panic::resume_unwind(fault);
    }
}

fn check_all(text: &[u8]) {
    let parsed = parse(FILE, text);
    let tree = &parsed.tree;
    parts_add_up(tree, text);
    let inside = |span: Span| assert!(span.start <= span.end && span.end as usize <= text.len(), "{span:?}");
    parsed.issues.iter().for_each(|issue| inside(issue.span));
    assert!(parsed.issues.is_sorted_by_key(|issue| issue.span.start));
    let mut end = 0;
    for instruction in &tree.instructions {
        let span = instruction.full_span();
        inside(span);
        assert!(end <= span.start, "{span:?} starts before {end}");
        end = span.end;
        tokens_lie_inside(instruction, text);
    }
    let stages = fold(tree, &BTreeMap::new(), |_, _| None);
    if let Some(last) = stages.shipped(None) {
        assert!(!stages.reachable(last).is_empty());
    }
}

fn parts_add_up(tree: &Dockerfile, text: &[u8]) {
    let mut joined = Vec::with_capacity(text.len());
    for part in &tree.parts {
        assert_eq!(part.span.start as usize, joined.len(), "a gap before {part:?}");
        assert!(!part.span.is_empty());
        joined.extend_from_slice(&text[part.span.range()]);
    }
    assert!(joined == text, "the parts do not add up to the text");
}

fn tokens_lie_inside(instruction: &Instruction, text: &[u8]) {
    let inside = |span: Span| assert!(instruction.span.contains(span), "{span:?} in {:?}", instruction.span);
    inside(instruction.name.span);
    let mut end = instruction.name.span.end;
    for flag in &instruction.flags {
        inside(flag.span);
        assert!(end <= flag.span.start);
        end = flag.span.end;
        flag.value_span.into_iter().for_each(|value| assert!(flag.span.contains(value)));
    }
    for heredoc in &instruction.heredocs {
        inside(heredoc.marker);
        assert_eq!(heredoc.body.text.len(), stands_for(&heredoc.body, text).len());
        assert!(heredoc.span.end <= heredoc.end.start);
    }
    arguments_lie_inside(&instruction.args, &inside, text);
}

fn arguments_lie_inside(args: &Args, inside: &dyn Fn(Span), text: &[u8]) {
    match args {
        Args::None => {}
        Args::Json(items) => items.iter().for_each(|item| {
            inside(item.span);
            assert_eq!(text[item.span.start as usize], b'"');
            item.text.pieces(0, item.text.text.len()).into_iter().for_each(inside);
        }),
        Args::Words(words) => words.iter().for_each(|word| inside(word.span)),
        Args::Pairs(pairs) => pairs.iter().for_each(|pair| {
            inside(pair.name.span);
            pair.value.iter().for_each(|value| assert!(pair.name.span.end <= value.span.start + 1));
        }),
        Args::LegacyPair(pair) => inside(pair.name.span),
        Args::Text(words) => {
            words.pieces(0, words.text.len()).into_iter().for_each(inside);
            assert_eq!(words.text, stands_for(words, text));
        }
        Args::Health(word, rest) => {
            inside(word.span);
            arguments_lie_inside(rest, inside, text);
        }
        Args::Sub(trigger) => tokens_lie_inside(&trigger.instruction, text),
    }
}

/// The text again, from the bytes of the file that its pieces lead to.
fn stands_for(mapped: &MappedText, text: &[u8]) -> String {
    let mut again = String::new();
    let mut buffer = [0; 4];
    for (at, character) in mapped.text.char_indices() {
        let pieces = mapped.pieces(at, at + character.len_utf8());
        let bytes: Vec<u8> = pieces.iter().flat_map(|piece| text[piece.range()].iter().copied()).collect();
        let written = character.encode_utf8(&mut buffer).as_bytes();
        // A byte that is not UTF-8, and a character that a continuation cuts, are replaced as a whole.
        let replaced = character == '\u{fffd}' && bytes.len() == 1;
        let cut = bytes.len() > written.len() && bytes.first() == written.first();
        assert!(bytes == written || replaced || cut, "{character:?} at {at} stands for {bytes:?}");
        again.push(character);
    }
    again
}

/// Runs in a stack as small as a worker thread's.
fn in_small_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap();
    thread.join().unwrap();
}

#[test]
fn mutated_texts_are_read_soundly() {
    in_small_stack(|| {
        let seeds = seeds();
        seeds.iter().for_each(|seed| sound(seed));
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        for _ in 0..rounds() {
            let text = mutated(&mut random, &seeds);
            let start = Instant::now();
            sound(&text);
            assert!(
                start.elapsed() < Duration::from_secs(5),
                "{} bytes took {:?}",
                text.len(),
                start.elapsed()
            );
        }
    });
}

#[test]
fn hostile_texts_cost_little() {
    in_small_stack(|| {
        let lines = |line: &str, count: usize| format!("FROM a\n{}", line.repeat(count));
        for text in [
            lines("RUN x \\\n", 100_000),
            lines("x \\\n\n", 100_000),
            format!("FROM a\nCMD {}", "[".repeat(1_000_000)),
            format!("FROM a\nRUN {}", "${a:-".repeat(100_000)),
            format!("FROM a\n{}", "ONBUILD ".repeat(100_000)),
            format!("FROM a\nRUN <<A {}", "<<B ".repeat(50_000)),
            format!("FROM a\nENV {}", "A=$A ".repeat(100_000)),
            format!("FROM a\nUSER {}\n{}", "x".repeat(400_000), "RUN a\n".repeat(50_000)),
            format!("FROM a\nWORKDIR /{}\n{}", "x".repeat(400_000), "COPY a b\n".repeat(50_000)),
            lines("ENV A=$A$A\n", 50_000),
            format!("FROM scratch\nENV A={}\n{}", "x".repeat(900), "ENV A=$A$A\n".repeat(50_000)),
            lines("FROM a AS b\nCOPY --from=b x y\n", 20_000),
            format!("FROM a{}", " ".repeat(1_000_000)),
        ] {
            let start = Instant::now();
            let parsed = parse(FILE, text.as_bytes());
            parts_add_up(&parsed.tree, text.as_bytes());
            let stages = fold(&parsed.tree, &BTreeMap::new(), |_, _| None);
            assert!(!stages.stages.is_empty());
            let head: String = text.chars().take(40).collect();
            assert!(start.elapsed() < Duration::from_secs(20), "{head:?} took {:?}", start.elapsed());
        }
    });
}

#[test]
fn open_heredocs_cost_time_in_proportion() {
    let text = |count: usize, name: fn(usize) -> String| {
        let mut text = String::from("FROM a\n");
        (0..count).for_each(|number| text += &format!("RUN <<{}\n", name(number)));
        text
    };
    let least = |text: &str| {
        let time = || {
            let start = Instant::now();
            assert!(parse(FILE, text.as_bytes()).issues.len() > 1_000);
            start.elapsed()
        };
        (0..3).map(|_| time()).min().unwrap()
    };
    for name in [(|_| "EOF".to_owned()) as fn(usize) -> String, |number| format!("E{number}")] {
        let (small, large) = (least(&text(5_000, name)), least(&text(40_000, name)));
        // Eight times the text: 8 when linear, 64 when quadratic.
        let ratio = large.as_secs_f64() / small.as_secs_f64();
        assert!(ratio < 32.0, "{small:?} for 5,000 and {large:?} for 40,000");
    }
}

/// An instruction without its place.
fn written(instruction: &Instruction) -> String {
    let flags: Vec<&str> = instruction.flags.iter().map(|flag| flag.text.as_str()).collect();
    let bodies: Vec<&str> = instruction.heredocs.iter().map(|heredoc| heredoc.body.text.as_str()).collect();
    format!("{} {flags:?} {:?} {bodies:?}", instruction.name.value, node_args(instruction))
}

/// True when all of `wanted` are in `found`, in order.
fn kept(wanted: &[String], found: &[String]) -> bool {
    let mut found = found.iter();
    wanted.iter().all(|wanted| found.any(|found| found == wanted))
}

#[test]
fn one_broken_line_leaves_the_others() {
    let mut tried = 0;
    for seed in seeds() {
        let before = parse(FILE, &seed).tree.instructions;
        for (index, instruction) in before.iter().enumerate() {
            let mut others: Vec<String> = before.iter().map(written).collect();
            others.remove(index);
            let name = instruction.name.span.range();
            let span = instruction.span.range();
            // A misspelt keyword, a keyword alone, a quote that nothing closes, a heredoc that nothing ends.
            let end = span.end..span.end;
            let faults = [(name, "QZ"), (span.clone(), "COPY"), (end.clone(), " \""), (end, " <<QZ")];
            for (range, text) in faults {
                let mut broken = seed.clone();
                broken.splice(range, text.bytes());
                let found: Vec<String> = parse(FILE, &broken).tree.instructions.iter().map(written).collect();
                tried += 1;
                assert!(
                    kept(&others, &found),
                    "{:?} breaks others in {}\n{found:#?}",
                    String::from_utf8_lossy(&seed[span.clone()]),
                    String::from_utf8_lossy(&broken)
                );
            }
        }
    }
    assert!(tried > 200, "{tried}");
}
