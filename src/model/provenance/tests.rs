use super::Provenance;
use crate::facts::Why;
use crate::model::Project;
use crate::source::ProjectPath;

const PACKAGE: &str = r#"{"scripts": {
    "setup": "npm ci", "tidy": "npm prune --omit=dev", "a": "npm run b && npm run b", "b": "npm run a && npm run a"
  }, "devDependencies": {"mocha": "1"}}"#;

fn provenance(dockerfile: &str, others: &[(&str, &str)]) -> Provenance {
    let files = [("Dockerfile", dockerfile), ("package.json", PACKAGE)];
    let files = files.into_iter().chain(others.iter().copied());
    let project =
        Project::from_texts(files.map(|(path, text)| (ProjectPath::new(path).unwrap(), text.to_owned())));
    project.provenance(project.images[0].id).clone()
}

/// Each folder of the shipped stage with `dev`, `prod` or why that is not known.
fn folders(dockerfile: &str, others: &[(&str, &str)]) -> Vec<String> {
    let found = provenance(dockerfile, others).folders;
    let name = |development: &crate::facts::Fact<bool>| match development.known() {
        Some(true) => "dev".to_owned(),
        Some(false) => "prod".to_owned(),
        None => "?".to_owned(),
    };
    found.iter().map(|modules| format!("{} {}", modules.path, name(&modules.development))).collect()
}

/// The same for RUNs in `/app` of one stage.
fn ran(commands: &str) -> Vec<String> {
    folders(
        &format!("FROM node:24\nWORKDIR /app\nCOPY package.json ./\n{commands}\nCMD [\"node\", \"a.js\"]\n"),
        &[],
    )
}

#[test]
fn installs_and_what_undoes_them() {
    for (commands, found) in [
        ("RUN npm ci", "/app/node_modules dev"),
        ("RUN [\"npm\", \"ci\"]", "/app/node_modules dev"),
        ("RUN npm ci && npm prune --omit=dev", "/app/node_modules prod"),
        ("ENV NODE_ENV=production\nRUN npm ci", "/app/node_modules prod"),
        ("RUN npm ci\nENV NODE_ENV=production\nRUN npm prune", "/app/node_modules prod"),
        ("RUN export NODE_ENV=production && npm ci", "/app/node_modules prod"),
        ("RUN NODE_ENV=production npm ci", "/app/node_modules prod"),
        ("RUN NODE_ENV=production node x.js && npm ci", "/app/node_modules dev"),
        ("RUN npm config set omit dev && npm ci", "/app/node_modules prod"),
        ("ARG NODE_ENV\nRUN npm ci", "/app/node_modules ?"),
        ("ARG NODE_ENV=production\nRUN npm ci", "/app/node_modules prod"),
        ("ARG NODE_ENV=development\nRUN npm ci", "/app/node_modules ?"),
        ("ARG FLAGS\nRUN npm ci $FLAGS", "/app/node_modules ?"),
        ("RUN npm run setup && npm run tidy", "/app/node_modules prod"),
        ("RUN npm run setup", "/app/node_modules dev"),
        ("RUN npm ci && npm run a", "/app/node_modules ?"),
        ("RUN npm ci --omit=dev && npm i sharp", "/app/node_modules ?"),
        ("RUN npm ci && make", "/app/node_modules ?"),
        ("RUN npm ci && ./clean.sh", "/app/node_modules ?"),
        ("RUN [ -z \"$CI\" ] && npm ci", "/app/node_modules ?"),
        ("RUN npm ci || npm install", "/app/node_modules dev"),
        ("RUN (cd /srv && npm ci) && true", "/srv/node_modules dev"),
        ("RUN npm --prefix /srv ci", "/srv/node_modules dev"),
        ("RUN npm ci && mv node_modules /", "/node_modules dev"),
    ] {
        assert_eq!(ran(commands), [found], "{commands}");
    }
    for commands in [
        "RUN npm ci && rm -rf node_modules",
        "RUN npm install -g npm",
        "RUN --mount=type=cache,target=/app/node_modules npm ci",
        "RUN echo npm ci",
    ] {
        assert_eq!(ran(commands), [""; 0], "{commands}");
    }
}

#[test]
fn scripts_of_the_image_are_read() {
    let dockerfile = "FROM node:24\nWORKDIR /app\nCOPY . .\nRUN sh ci/setup.sh\nCMD [\"node\", \"a.js\"]\n";
    let script = ("ci/setup.sh", "#!/bin/sh\nnpm ci\nnpm prune --production\n");
    assert_eq!(folders(dockerfile, &[script]), ["/app/node_modules prod"]);
}

#[test]
fn packages_of_the_host_may_come_along() {
    let clean = "FROM node:24\nWORKDIR /app\nRUN npm ci --omit=dev\nCOPY . .\nCMD [\"node\", \"a.js\"]\n";
    assert_eq!(folders(clean, &[]), ["/app/node_modules ?"]);
    for text in ["node_modules\n", "**/node_modules\n", "*\n!src\n"] {
        assert_eq!(folders(clean, &[(".dockerignore", text)]), ["/app/node_modules prod"], "{text}");
    }
    // What is there stays there.
    let full = clean.replace(" --omit=dev", "");
    assert_eq!(folders(&full, &[]), ["/app/node_modules dev"]);
}

#[test]
fn folders_go_from_stage_to_stage() {
    let build = "FROM node:24 AS build\nWORKDIR /app\nCOPY package.json ./\nRUN npm ci\n";
    let last = |rest: &str| {
        folders(&format!("{build}FROM node:24-slim\nWORKDIR /srv\n{rest}\nCMD [\"node\", \"a.js\"]\n"), &[])
    };
    assert_eq!(last("COPY --from=build /app ./"), ["/srv/node_modules dev"]);
    assert_eq!(last("COPY --from=build /app/node_modules node_modules"), ["/srv/node_modules dev"]);
    assert_eq!(last("COPY --from=0 / /"), ["/app/node_modules dev"]);
    assert_eq!(last("COPY --from=build /app/dist ./dist"), [""; 0]);
    assert_eq!(
        last("COPY --from=build /app/packages/api/node_modules ./node_modules"),
        ["/srv/node_modules dev"]
    );
    assert_eq!(last("COPY --from=build /opt/node_modules ./node_modules"), ["/srv/node_modules ?"]);
    assert_eq!(
        last("COPY --from=registry.example/x /app/node_modules ./node_modules"),
        ["/srv/node_modules ?"]
    );
    assert_eq!(last("COPY --from=build --parents /app/node_modules ./"), ["/srv/app/node_modules dev"]);
}

#[test]
fn a_base_that_nobody_knows_holds_what_it_will() {
    let of = |base: &str| provenance(&format!("FROM {base}\nRUN npm ci\nCMD [\"node\", \"a.js\"]\n"), &[]);
    assert_eq!(of("registry.example/node:24").rest, Err(Why::UnknownBase));
    assert_eq!(of("registry.example/node:24").folders[0].development.known(), None);
    assert_eq!(of("node:24").rest, Ok(()));
}

#[test]
fn the_nearest_folder_is_seen() {
    let found = provenance(
        "FROM node:24\nWORKDIR /app\nCOPY package.json ./\nRUN npm ci\nCMD [\"node\", \"a.js\"]\n",
        &[],
    );
    assert!(found.seen_from("/app/dist/src").is_some());
    assert!(found.seen_from("/opt").is_none());
}
