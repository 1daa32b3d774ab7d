//! Images that are for developing because of how they are used: a tool of developers copies sources into their running
//! containers, and the images start a program that waits for that.

use super::build::BuiltBy;
use super::purpose::{Purpose, Purposes};
use super::{Image, ImageId, Project, Run, RunBy};

impl Project {
    /// Decides the purpose of such images, and of what starts them alone. An image that CI pushes ships all the same.
    pub(super) fn find_synced(&mut self) {
        let of_run = |run: &Run| {
            let image = run.image.map(|id| self.image(id)).filter(|_| run.by == RunBy::Image)?;
            run.chain.steps.iter().any(|step| step.is_watcher()).then_some(())?;
            Some((image.id, synced(image)?))
        };
        let found: Vec<(ImageId, Purposes)> = self.runs.iter().filter_map(of_run).collect();
        for (id, purpose) in found {
            let runs = self.runs.iter_mut().filter(|run| run.image == Some(id) && run.by == RunBy::Image);
            runs.for_each(|run| run.purpose = purpose.clone());
            self.images[id.0 as usize].purpose = purpose;
        }
    }
}

fn synced(image: &Image) -> Option<Purposes> {
    let published = image.builds.iter().any(|build| build.pushed && build.by == BuiltBy::Ci);
    let build = image.builds.iter().find(|build| build.synced).filter(|_| !published)?;
    let reason =
        format!("{} copies sources into its running containers, and it waits for that", build.by.as_str());
    (image.purpose.decided == Purpose::Ship)
        .then(|| Purposes::because(Purpose::Develop, reason, Some(build.span)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::ProjectPath;

    /// What the image of `api/Dockerfile` is for, that starts `command`.
    fn purpose(path: &str, text: &str, command: &str) -> Purpose {
        let dockerfile = format!("FROM node:24\nWORKDIR /app\nCOPY . .\nCMD {command}\n");
        let files =
            [(path, text), ("api/Dockerfile", &dockerfile), ("api/package.json", "{}"), ("api/a.js", "")];
        let files = files.map(|(path, text)| (ProjectPath::new(path).unwrap(), text.to_owned()));
        Project::from_texts(files).images[0].purpose.decided
    }

    #[test]
    fn tools_of_developers_sync_into_what_waits_for_changes() {
        let watcher = r#"["nodemon","a.js"]"#;
        let okteto = "build:\n  api: api\ndev:\n  api:\n    sync: [\"api:/app\"]\n";
        let tilt = "docker_build('api', 'api', live_update=[sync('api', '/app')])\n";
        let skaffold = "apiVersion: skaffold/v4beta13\nkind: Config\nbuild:\n  artifacts:\n    - image: api\n      context: api\n      sync: {infer: ['**/*.js']}\n";
        for (path, text) in [("okteto.yml", okteto), ("Tiltfile", tilt), ("skaffold.yaml", skaffold)] {
            assert_eq!(purpose(path, text, watcher), Purpose::Develop, "{path}");
            assert_eq!(purpose(path, text, r#"["node","a.js"]"#), Purpose::Ship, "{path}");
        }
        let own_image =
            "build:\n  api: api\ndev:\n  api:\n    image: okteto/node:20\n    sync: [\"api:/app\"]\n";
        assert_eq!(purpose("okteto.yml", own_image, watcher), Purpose::Ship);
        assert_eq!(purpose("Tiltfile", "docker_build('api', 'api')\n", watcher), Purpose::Ship);
    }
}
