//! The systems that a package installs on, and whether a given one is among them.

/// The systems that a package names; most name none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Platform(Option<Box<Lists>>);

/// Lists of operating systems, processors and C libraries, as package.json writes them: empty allows all, `!x` excludes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lists {
    /// `os`: `linux`, `!win32`.
    pub(super) os: Vec<String>,
    /// `cpu`: `x64`, `arm64`.
    pub(super) cpu: Vec<String>,
    /// `libc`: `glibc`, `musl`.
    pub(super) libc: Vec<String>,
}

impl From<Lists> for Platform {
    fn from(lists: Lists) -> Platform {
        Platform((lists != Lists::default()).then(|| Box::new(lists)))
    }
}

impl Platform {
    /// True when it says nothing.
    pub fn is_any(&self) -> bool {
        self.0.is_none()
    }

    /// True when it installs on this system. Source: npm-install-checks and npm's documentation of `os`, `cpu`, `libc`.
    pub fn allows(&self, os: &str, cpu: &str, libc: &str) -> bool {
        let Some(lists) = &self.0 else { return true };
        is_listed(&lists.os, os) && is_listed(&lists.cpu, cpu) && is_listed(&lists.libc, libc)
    }

    /// Reads the conditions of yarn berry: `os=linux & cpu=x64 & libc=glibc`, `(os=darwin | os=linux) & cpu=x64`.
    pub(super) fn from_conditions(conditions: &str) -> Platform {
        let mut lists = Lists::default();
        for term in conditions.split(['&', '|', '(', ')']) {
            let Some((name, value)) = term.trim().split_once('=') else { continue };
            let list = match name.trim() {
                "os" => &mut lists.os,
                "cpu" => &mut lists.cpu,
                "libc" => &mut lists.libc,
                _ => continue,
            };
            list.push(value.trim().to_owned());
        }
        Platform::from(lists)
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
        let list = |os: &[&str]| {
            Platform::from(Lists { os: os.iter().map(|os| (*os).to_owned()).collect(), ..Lists::default() })
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
