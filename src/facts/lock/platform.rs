//! The systems that a package installs on, and whether a given one is among them.

/// Lists of operating systems, processors and C libraries, as package.json writes them: empty allows all, `!x` excludes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Platform {
    /// `os`: `linux`, `!win32`.
    pub os: Vec<String>,
    /// `cpu`: `x64`, `arm64`.
    pub cpu: Vec<String>,
    /// `libc`: `glibc`, `musl`.
    pub libc: Vec<String>,
}

impl Platform {
    /// True when it says nothing.
    pub fn is_any(&self) -> bool {
        self.os.is_empty() && self.cpu.is_empty() && self.libc.is_empty()
    }

    /// True when it installs on this system. Source: npm-install-checks and npm's documentation of `os`, `cpu`, `libc`.
    pub fn allows(&self, os: &str, cpu: &str, libc: &str) -> bool {
        is_listed(&self.os, os) && is_listed(&self.cpu, cpu) && is_listed(&self.libc, libc)
    }

    /// Reads the conditions of yarn berry: `os=linux & cpu=x64 & libc=glibc`, `(os=darwin | os=linux) & cpu=x64`.
    pub(super) fn from_conditions(conditions: &str) -> Platform {
        let mut platform = Platform::default();
        for term in conditions.split(['&', '|', '(', ')']) {
            let Some((name, value)) = term.trim().split_once('=') else { continue };
            let list = match name.trim() {
                "os" => &mut platform.os,
                "cpu" => &mut platform.cpu,
                "libc" => &mut platform.libc,
                _ => continue,
            };
            list.push(value.trim().to_owned());
        }
        platform
    }
}

fn is_listed(list: &[String], value: &str) -> bool {
    let mut wanted = list.is_empty() || list.iter().all(|entry| entry.starts_with('!'));
    for entry in list {
        match entry.strip_prefix('!') {
            Some(excluded) if excluded == value => return false,
            Some(_) => {}
            None => wanted |= entry == value || entry == "any",
        }
    }
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_may_exclude() {
        let list = |os: &[&str]| Platform {
            os: os.iter().map(|os| (*os).to_owned()).collect(),
            ..Platform::default()
        };
        assert!(list(&[]).allows("linux", "x64", "glibc"));
        assert!(list(&["!win32"]).allows("linux", "x64", "glibc"));
        assert!(!list(&["!linux"]).allows("linux", "x64", "glibc"));
        assert!(!list(&["darwin", "!win32"]).allows("linux", "x64", "glibc"));
        assert!(list(&["darwin", "linux"]).allows("linux", "x64", "glibc"));
    }

    #[test]
    fn conditions_of_yarn() {
        let platform = Platform::from_conditions("(os=darwin | os=linux) & cpu=x64 & libc=musl");
        assert!(platform.allows("linux", "x64", "musl") && platform.allows("darwin", "x64", "musl"));
        assert!(!platform.allows("linux", "x64", "glibc") && !platform.allows("linux", "arm64", "musl"));
    }
}
