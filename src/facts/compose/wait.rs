//! Programs that hold a start back until something else answers.

/// Programs that wait for a port or a URL, by the names that their own pages use, and the readiness commands of
/// databases, which stand in loops.
const WAITING: &[&str] = &[
    "wait-for-it",
    "wait-for",
    "wait4x",
    "waitforit",
    "wait-on",
    "wait-port",
    "wait_for",
    "dockerize",
    "docker-compose-wait",
    "pg_isready",
    "mysqladmin",
    "nc -z",
    "nc -vz",
    "nc -zv",
    "/dev/tcp/",
    "until ",
];

/// True for a command line or a script that waits for something else before it goes on.
pub fn waits(text: &str) -> bool {
    WAITING.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_known_by_its_words() {
        for text in [
            "./wait-for-it.sh db:5432 -- node a.js",
            "until nc -z db 5432; do sleep 1; done",
            "wait-on tcp:db:1",
        ] {
            assert!(waits(text), "{text}");
        }
        assert!(!waits("node server.js --await"));
    }
}
