//! The modules that Node brings along.

/// Modules that may be imported without `node:`, of Node 26 and before (`module.builtinModules`).
const BUILTIN: [&str; 42] = [
    "assert",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "console",
    "constants",
    "crypto",
    "dgram",
    "diagnostics_channel",
    "dns",
    "domain",
    "events",
    "fs",
    "http",
    "http2",
    "https",
    "inspector",
    "module",
    "net",
    "os",
    "path",
    "perf_hooks",
    "process",
    "punycode",
    "querystring",
    "readline",
    "repl",
    "stream",
    "string_decoder",
    "sys",
    "timers",
    "tls",
    "trace_events",
    "tty",
    "url",
    "util",
    "v8",
    "vm",
    "wasi",
    "worker_threads",
    "zlib",
];

/// True when Node itself answers to this specifier: `fs`, `fs/promises`, `node:test`.
pub fn is_builtin(specifier: &str) -> bool {
    if let Some(name) = specifier.strip_prefix("node:") {
        return !name.is_empty();
    }
    let (name, rest) = specifier.split_once('/').unwrap_or((specifier, ""));
    BUILTIN.contains(&name)
        && matches!(rest, "" | "promises" | "strict" | "web" | "consumers" | "posix" | "win32" | "types")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_answers_to_its_own_names_only() {
        for name in ["fs", "fs/promises", "node:test", "path/posix", "stream/web"] {
            assert!(is_builtin(name), "{name}");
        }
        for name in ["test", "node:", "express", "fs-extra", "fs/other", "./fs", "process/browser"] {
            assert!(!is_builtin(name), "{name}");
        }
    }
}
