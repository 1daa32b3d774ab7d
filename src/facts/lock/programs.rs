//! The programs that installed packages bring, by the names that scripts start them with.

use rustc_hash::FxHashMap;

use super::Flavour;

/// The programs of each package, of all its versions together; none where the format only says that there are some (pnpm). Read line
/// by line, as the managers write their files. Yarn 1 and npm 6 say nothing of programs.
pub fn programs(text: &str, flavour: Flavour) -> FxHashMap<String, Vec<String>> {
    let mut found: FxHashMap<String, Vec<String>> = FxHashMap::default();
    let mut package = "";
    let mut within: Option<usize> = None;
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let key = line.trim().trim_end_matches(['{', ' ']).trim_end_matches(':').trim_matches(['"', '\'']);
        if matches!(flavour, Flavour::Bun(_)) {
            let Some((name, rest)) = line.trim().split_once("\": [") else { continue };
            let Some((_, bins)) = rest.split_once("\"bin\": {") else { continue };
            let bins = bins.split('}').next().unwrap_or("");
            let named = bins.split(',').filter_map(|bin| bin.trim().strip_prefix('"')?.split('"').next());
            let name = name.trim_start_matches('"');
            found.entry(name.to_owned()).or_default().extend(named.map(str::to_owned));
            continue;
        }
        within = within.filter(|outer| indent > *outer);
        if within.is_some() {
            let name = line.trim().split(':').next().unwrap_or("").trim_matches(['"', '\'']);
            found.entry(package.to_owned()).or_default().push(name.to_owned());
        } else if matches!(key, "bin") {
            within = Some(indent);
        } else if line.trim() == "hasBin: true" {
            found.entry(package.to_owned()).or_default();
        } else if let Some((_, name)) = key.rsplit_once("node_modules/") {
            package = name;
        } else if indent <= 2 && line.trim_end().ends_with(':') {
            package = named(key.trim_start_matches('/'));
        }
    }
    found
}

/// The name in `@a/b@npm:^1`, `@a/b@1.0.0(c@2)`, `@a/b/1.0.0`.
fn named(key: &str) -> &str {
    let behind_scope = if key.starts_with('@') { key.find('/').map_or(0, |at| at + 1) } else { 0 };
    let end = key[behind_scope..].find(['@', '/']).map_or(key.len(), |at| behind_scope + at);
    &key[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_where_the_format_has_them() {
        let of =
            |text: &str, flavour| programs(text, flavour).remove("@sentry/cli").map(|names| names.join(" "));
        let npm = "{\n  \"packages\": {\n    \"node_modules/@sentry/cli\": {\n      \"bin\": {\n        \"sentry-cli\": \"bin/s\"\n      }\n    },\n    \"node_modules/b\": {\n      \"version\": \"1.0.0\"\n    }\n";
        assert_eq!(of(npm, Flavour::Npm(3)).as_deref(), Some("sentry-cli"));
        assert_eq!(programs(npm, Flavour::Npm(3)).len(), 1);
        let berry =
            "\"@sentry/cli@npm:^2.0.0\":\n  version: 2.0.0\n  bin:\n    sentry-cli: bin/s\n  checksum: a\n";
        assert_eq!(of(berry, Flavour::YarnBerry(8)).as_deref(), Some("sentry-cli"));
        let pnpm = "packages:\n\n  '@sentry/cli@2.0.0':\n    resolution: {integrity: a}\n    hasBin: true\n\n  b@1.0.0:\n    resolution: {}\n";
        assert_eq!(of(pnpm, Flavour::Pnpm(9, 0)).as_deref(), Some(""));
        let bun = "    \"@sentry/cli\": [\"@sentry/cli@2.0.0\", \"\", { \"bin\": { \"sentry-cli\": \"bin/s\" } }, \"sha512\"],\n";
        assert_eq!(of(bun, Flavour::Bun(1)).as_deref(), Some("sentry-cli"));
    }
}
