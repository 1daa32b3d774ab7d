//! A registry on this machine: one thread for each connection, one answer for each request.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use flate2::Compression;
use flate2::write::GzEncoder;

pub(super) struct Request {
    pub(super) path: String,
    pub(super) host: String,
    pub(super) authorization: Option<String>,
}

pub(super) enum Reply {
    Full(u16, Vec<u8>),
    Redirect(String),
    Endless,
    Hang,
}

impl Reply {
    pub(super) fn status(status: u16) -> Reply {
        Reply::Full(status, b"{}".to_vec())
    }

    pub(super) fn json(text: String) -> Reply {
        Reply::bytes(text.into_bytes())
    }

    pub(super) fn bytes(bytes: Vec<u8>) -> Reply {
        Reply::Full(200, bytes)
    }
}

#[derive(Default)]
struct Seen {
    requests: Mutex<Vec<(String, Option<String>)>>,
    connections: AtomicUsize,
    now: AtomicUsize,
    most: AtomicUsize,
    is_stopped: AtomicBool,
    held: Mutex<Vec<TcpStream>>,
}

pub(super) struct Server {
    host: String,
    seen: Arc<Seen>,
}

impl Server {
    pub(super) fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let seen: Arc<Seen> = Arc::default();
        let (answer, all) = (Arc::new(answer), Arc::clone(&seen));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if all.is_stopped.load(Ordering::SeqCst) {
                    return;
                }
                all.connections.fetch_add(1, Ordering::SeqCst);
                let (answer, all) = (Arc::clone(&answer), Arc::clone(&all));
                // Whoever asked may be gone.
                thread::spawn(move || drop(converse(stream.unwrap(), answer.as_ref(), &all)));
            }
        });
        Server { host, seen }
    }

    /// Closes the door, and says where it was.
    pub(super) fn stop(self) -> String {
        self.seen.is_stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(&self.host);
        while TcpStream::connect(&self.host).is_ok() {
            thread::yield_now();
        }
        self.host
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/", self.host)
    }

    /// What was asked for, in order.
    pub(super) fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> =
            self.seen.requests.lock().unwrap().iter().map(|(path, _)| path.clone()).collect();
        paths.sort();
        paths
    }

    /// What was said of who asks, for each request.
    pub(super) fn told(&self) -> Vec<Option<String>> {
        self.seen.requests.lock().unwrap().iter().map(|(_, told)| told.clone()).collect()
    }

    pub(super) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    pub(super) fn most_at_once(&self) -> usize {
        self.seen.most.load(Ordering::SeqCst)
    }
}

fn converse(
    mut stream: TcpStream,
    answer: &(dyn Fn(&Request) -> Reply + Sync),
    seen: &Seen,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut request = Request { path, host: String::new(), authorization: None };
    for line in lines.map_while(Result::ok).take_while(|line| !line.is_empty()) {
        match line.split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("host") => request.host = value.to_owned(),
            Some((name, value)) if name.eq_ignore_ascii_case("authorization") => {
                request.authorization = Some(value.to_owned());
            }
            _ => {}
        }
    }
    seen.requests.lock().unwrap().push((request.path.clone(), request.authorization.clone()));
    let now = seen.now.fetch_add(1, Ordering::SeqCst) + 1;
    seen.most.fetch_max(now, Ordering::SeqCst);
    let reply = answer(&request);
    seen.now.fetch_sub(1, Ordering::SeqCst);
    match reply {
        Reply::Full(status, body) => {
            let length = body.len();
            write!(stream, "HTTP/1.1 {status} So\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")?;
            stream.write_all(&body)
        }
        Reply::Redirect(to) => {
            write!(
                stream,
                "HTTP/1.1 302 There\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
        }
        Reply::Endless => {
            write!(stream, "HTTP/1.1 200 So\r\nConnection: close\r\n\r\n")?;
            loop {
                stream.write_all(&[b' '; 1 << 16])?;
            }
        }
        Reply::Hang => {
            seen.held.lock().unwrap().push(stream);
            Ok(())
        }
    }
}

/// A document of one version with these fields of `dist`.
pub(super) fn document(dist: &str) -> String {
    format!("{{\"name\": \"any\", \"dist\": {{{dist}}}}}")
}

/// An archive of files of zeros.
pub(super) fn archive(files: &[(&str, usize)]) -> Vec<u8> {
    let mut tar = Vec::new();
    for (path, size) in files {
        let mut block = vec![0; 512];
        block[..path.len()].copy_from_slice(path.as_bytes());
        block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
        block[148..156].fill(b' ');
        block[156] = b'0';
        block[257..263].copy_from_slice(b"ustar\0");
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        tar.extend(block);
        tar.resize(tar.len() + size.next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&tar).unwrap();
    encoder.finish().unwrap()
}

/// The checksum of bytes as lock files write it.
pub(super) fn integrity(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let sum = ring::digest::digest(&ring::digest::SHA512, bytes);
    let mut text = "sha512-".to_owned();
    for three in sum.as_ref().chunks(3) {
        let bits =
            three.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at)) as usize & 63] as char;
            text.push(if at > three.len() { '=' } else { digit });
        }
    }
    text
}
