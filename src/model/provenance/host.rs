//! The node_modules that may lie beside the sources where an image is built, and come along with `COPY . .`.

use super::Build;
use crate::facts::image::CopyStep;
use crate::model::context::ignorefile_of;
use crate::source::ProjectPath;

impl Build<'_> {
    /// True when COPY takes packages of the host along, if there are any.
    pub(super) fn takes_packages_of_host(&self, copy: &CopyStep, source: &str) -> bool {
        let sources = &self.project.sources;
        let Some(context) = self.image.context.known() else { return true };
        let Some(folder) = context.join(source.trim_start_matches('/')) else { return true };
        if source.split('/').any(|part| part == "node_modules") {
            return true;
        }
        let has_package = folder.join("package.json").is_some_and(|path| sources.exists(&path));
        has_package && !self.leaves_out_packages(copy, context)
    }

    /// True when the ignore file of the build, or the COPY, leaves node_modules out.
    fn leaves_out_packages(&self, copy: &CopyStep, context: &ProjectPath) -> bool {
        let sources = &self.project.sources;
        if copy.exclude.iter().filter_map(|pattern| pattern.known()).any(|pattern| names_packages(pattern)) {
            return true;
        }
        let dockerfile = &sources.file(self.image.dockerfile).path;
        let file = ignorefile_of(dockerfile, context, sources).and_then(|path| sources.find(&path));
        let Some(text) = file.map(|file| sources.file(file).text()) else { return false };
        let lines = || text.trim_start_matches('\u{feff}').lines().map(str::trim);
        let taken_back =
            lines().filter_map(|line| line.strip_prefix('!')).any(|line| line.contains("node_modules"));
        !taken_back && lines().any(|line| names_packages(line) || matches!(line, "*" | "**" | "/*"))
    }
}

/// A pattern for node_modules, at the top or anywhere.
fn names_packages(pattern: &str) -> bool {
    let parts = pattern.split('/').filter(|part| !matches!(*part, "" | "." | "*" | "**"));
    parts.eq(["node_modules"])
}
