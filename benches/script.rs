//! JavaScript and TypeScript: tree-sitter alone, and facts on top of it. The aim is facts at 0.8 of tree-sitter's speed.
//!
//! Reads testdata/script, and with PLIMSOLL_CORPUS the scripts of a folder of real repositories.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use plimsoll::facts::module;
use plimsoll::source::{FileId, ProjectPath};
use plimsoll::syntax::script::{self, Dialect, LIMIT};

fn main() {
    divan::main();
}

/// Bytes of scripts that one sample reads.
const SAMPLE: usize = 4 << 20;

fn scripts() -> Vec<(Dialect, Arc<str>)> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/script");
    let corpus = std::env::var_os("PLIMSOLL_CORPUS");
    let mut open: Vec<PathBuf> = vec![own];
    open.extend(corpus.iter().flat_map(|folders| std::env::split_paths(folders)));
    let mut found = Vec::new();
    let mut bytes = 0;
    while let Some(path) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&path) else { continue };
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.sort();
        for path in paths.into_iter().filter(|path| !path.is_symlink()) {
            if path.is_dir() {
                open.push(path);
            } else if bytes < SAMPLE
                && let Some(dialect) = dialect(&path)
                && let Ok(text) = std::fs::read_to_string(&path)
                && text.len() < LIMIT
            {
                bytes += text.len();
                found.push((dialect, Arc::from(text)));
            }
        }
    }
    found
}

fn dialect(path: &Path) -> Option<Dialect> {
    Dialect::of(&ProjectPath::new(path.file_name()?.to_str()?)?)
}

fn bytes(scripts: &[(Dialect, Arc<str>)]) -> BytesCount {
    BytesCount::new(scripts.iter().map(|(_, text)| text.len()).sum::<usize>())
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn parse_alone(bencher: Bencher) {
    let scripts = scripts();
    bencher.counter(bytes(&scripts)).bench(|| {
        for (dialect, text) in &scripts {
            black_box(script::parse(FileId(0), text, *dialect));
        }
    });
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn parse_and_draw_facts(bencher: Bencher) {
    let scripts = scripts();
    bencher.counter(bytes(&scripts)).bench(|| {
        for (dialect, text) in &scripts {
            black_box(module::read(FileId(0), Arc::clone(text), *dialect));
        }
    });
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn detectors(bencher: Bencher) {
    let scripts = scripts();
    let read =
        |(dialect, text): &(Dialect, Arc<str>)| module::read(FileId(0), Arc::clone(text), *dialect).tree;
    let facts: Vec<module::FileFacts> = scripts.iter().map(read).collect();
    bencher.counter(bytes(&scripts)).bench(|| {
        for facts in &facts {
            black_box(module::signals(facts));
            black_box(module::listens(facts));
            black_box(module::routes(facts));
            black_box(module::schedules(facts));
        }
    });
}
