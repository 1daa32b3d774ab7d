//! A release on this machine: archives behind a server, and a copy of the action that knows their checksums.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

/// Serves one archive until the test is over.
pub(super) struct Release {
    /// A copy of the action: `action.yml` and `action/`.
    pub(super) action: PathBuf,
    /// The SHA-256 of the archive.
    pub(super) checksum: String,
    /// `http://127.0.0.1:1234`.
    pub(super) url: String,
    asked: Arc<Mutex<Vec<String>>>,
    _folder: tempfile::TempDir,
}

impl Release {
    /// An archive that holds `program` as `plimsoll`, and an action that lists it for these versions.
    pub(super) fn of(program: &Path, listed: &[&str]) -> Release {
        let folder = tempfile::tempdir().unwrap();
        let unpacked = folder.path().join("unpacked");
        fs::create_dir(&unpacked).unwrap();
        fs::copy(program, unpacked.join("plimsoll")).unwrap();
        let archive = folder.path().join("plimsoll.tar.gz");
        let packed = Command::new("tar").arg("-czf").arg(&archive).arg("-C").arg(&unpacked).arg(".").status();
        assert!(packed.unwrap().success());
        let checksum = sha256(&archive);

        let action = folder.path().join("plimsoll's action");
        let from = Path::new(env!("CARGO_MANIFEST_DIR"));
        fs::create_dir_all(action.join("action")).unwrap();
        for file in ["action.yml", "action/install.sh", "action/run.sh"] {
            fs::copy(from.join(file), action.join(file)).unwrap();
        }
        let rows: Vec<String> = listed
            .iter()
            .map(|version| format!("{checksum}  v{version}/plimsoll-{}.tar.gz\n", target()))
            .collect();
        fs::write(action.join("action/checksums.txt"), format!("# Of a test.\n{}", rows.concat())).unwrap();

        let (url, asked) = serve(fs::read(&archive).unwrap());
        Release { action, checksum, url, asked, _folder: folder }
    }

    /// An archive whose program is this shell script.
    pub(super) fn of_script(script: &str, listed: &[&str]) -> Release {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        Release::of(&program, listed)
    }

    /// The paths that were asked for, in order.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// What the action calls the platform of this machine.
pub(super) fn target() -> &'static str {
    match (cfg!(target_os = "macos"), cfg!(target_arch = "aarch64")) {
        (true, true) => "aarch64-apple-darwin",
        (true, false) => "x86_64-apple-darwin",
        (false, true) => "aarch64-unknown-linux-musl",
        (false, false) => "x86_64-unknown-linux-musl",
    }
}

fn sha256(file: &Path) -> String {
    let program = if cfg!(target_os = "macos") { "shasum -a 256" } else { "sha256sum" };
    let mut words = program.split(' ');
    let output = Command::new(words.next().unwrap()).args(words).arg(file).output().unwrap();
    String::from_utf8(output.stdout).unwrap().split(' ').next().unwrap().to_owned()
}

/// Answers every request with the archive, and keeps the paths. The thread ends with the process.
fn serve(archive: Vec<u8>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let path = answer(&mut stream.unwrap(), &archive);
            log.lock().unwrap().push(path);
        }
    });
    (url, asked)
}

fn answer(stream: &mut TcpStream, archive: &[u8]) -> String {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let request = lines.next().unwrap_or_default();
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    // The head ends with an empty line; only then may the answer come.
    let _ = lines.find(String::is_empty);
    let found = path.ends_with(".tar.gz");
    let (status, body) = if found { ("200 OK", archive) } else { ("404 Not Found", &b""[..]) };
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    // Whoever asked may have gone.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
    path
}
