//! All builds of a project, from every file that can name one.

use crate::facts::compose::ComposeFile;
use crate::model::purpose::is_superseded;
use crate::model::read::{Files, Reading};
use crate::source::{ProjectPath, Sources};

use super::{Build, BuiltBy, DockerfileIn, Folder, Shells, Written, in_lines, in_text, in_yaml};

/// The builds that the files of a project name, in the order of the files.
pub(crate) fn builds(files: &Files, compose: &[ComposeFile]) -> Vec<Build> {
    let mut builds: Vec<Build> = compose.iter().flat_map(|file| in_compose(file, &files.sources)).collect();
    for (id, file, reading) in files.iter() {
        match reading {
            Reading::Data(tree) => builds.extend(in_yaml(tree, &file.path, &files.sources)),
            Reading::Text => builds.extend(in_text(id, file, &files.sources)),
            Reading::Package(package, _) => {
                let Some(folder) = file.path.parent() else { continue };
                for script in &package.scripts.items {
                    let text = &script.value.text.text;
                    let mut found = in_lines(
                        id,
                        text,
                        0,
                        Folder::new(folder.clone(), Shells::One),
                        &files.sources,
                        BuiltBy::Command,
                    );
                    found.iter_mut().for_each(|build| build.span = script.value.value);
                    builds.extend(found);
                }
            }
            _ => {}
        }
    }
    builds
}

fn in_compose(file: &ComposeFile, sources: &Sources) -> Vec<Build> {
    let base = sources.file(file.file).path.parent().unwrap_or_else(ProjectPath::root);
    file.services
        .iter()
        .filter_map(|service| {
            let build = service.build.known()?.as_ref().filter(|build| !build.inline)?;
            let dockerfile = build.dockerfile.known()?;
            let written = Written {
                context: Some(build.context.known()?.clone()),
                dockerfile: (dockerfile != "Dockerfile").then(|| dockerfile.clone()),
                target: build.target.known()?.clone(),
                names: service.image.known().cloned().flatten().into_iter().collect(),
                pushed: false,
                synced: service.watched.then_some(build.span),
            };
            let mut found =
                written.resolve(&base, DockerfileIn::Context, sources, BuiltBy::Compose, build.span)?;
            let profiles = service.profiles.items.iter();
            let mut named = profiles.filter(|profile| is_superseded(&profile.value));
            found.superseded = named.next().map(|profile| profile.span);
            Some(found)
        })
        .collect()
}
