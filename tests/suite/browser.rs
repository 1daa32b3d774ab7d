//! Chromium, where it is installed: pages are looked at as a person does.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A page after its scripts have run.
pub(crate) struct Opened {
    /// Its elements as they are then.
    pub(crate) shown: String,
    /// What the browser says in its console: errors of scripts, and what the policy of the page forbade.
    pub(crate) console: Vec<String>,
}

/// Opens a page; `None`, and a word of it, where there is no browser.
pub(crate) fn open(page: &Path) -> Option<Opened> {
    let Some(chromium) = chromium() else {
        eprintln!("skipped: no Chromium is installed, so the page was not opened in a browser");
        return None;
    };
    let profile = tempfile::tempdir().unwrap();
    let opened = Command::new(chromium)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-sync"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(["--virtual-time-budget=2000", "--enable-logging=stderr", "--dump-dom"])
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&opened.stderr).into_owned();
    let console = said.lines().filter(|line| line.contains("CONSOLE")).map(str::to_owned).collect();
    Some(Opened { shown: String::from_utf8_lossy(&opened.stdout).into_owned(), console })
}

fn chromium() -> Option<PathBuf> {
    let paths = std::env::split_paths(&std::env::var_os("PATH")?).collect::<Vec<_>>();
    let found = paths
        .iter()
        .flat_map(|path| ["chromium", "chromium-browser", "google-chrome"].map(|name| path.join(name)));
    found.into_iter().find(|path| path.is_file())
}
