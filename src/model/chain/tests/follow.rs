//! Where chains end.

use super::*;

fn ends(case: &Case<'_>) -> (String, Option<String>) {
    entry(&chain(case))
}

fn at(path: &str, source: &str) -> (String, Option<String>) {
    (path.to_owned(), Some(source.to_owned()).filter(|source| !source.is_empty()))
}

#[test]
fn commands_lead_to_the_file_that_node_runs() {
    let distroless = "gcr.io/distroless/nodejs24-debian13:nonroot";
    for (base, entrypoint, cmd) in [
        ("node:24", None, r#"["node","server.js"]"#),
        ("node:24", None, r#"["server.js"]"#),
        ("node:24", None, r#"["--require=./x.js","server.js"]"#),
        ("node:24", None, r#"["./server.js"]"#),
        (distroless, None, r#"["server.js"]"#),
        (distroless, None, r#"["--require=./Instrumentation.js","server.js"]"#),
        ("node:24", Some(r#"["node"]"#), r#"["server.js"]"#),
        ("node:24", Some(r#"["npm"]"#), r#"["start"]"#),
        ("node:24", None, r#"["npm","run","start"]"#),
        ("node:24", None, r#"["npm","--silent","run","start","--","--port","1"]"#),
        ("node:24", None, r#"["npm","--prefix","/app","start"]"#),
        ("node:24", None, r#"["/usr/local/bin/npm","start"]"#),
        ("node:24", None, r#"["yarn","start"]"#),
        ("node:24", None, r#"["yarn","run","start"]"#),
        ("node:24", None, r#"["yarn","--silent","start"]"#),
        ("node:24", None, r#"["pnpm","run","start"]"#),
        ("node:24", None, r#"["pnpm","start"]"#),
        ("node:24", None, r#"["corepack","pnpm","start"]"#),
        ("node:24", None, r#"["bun","run","start"]"#),
        ("node:24", None, r#"["node","--run","start"]"#),
        ("node:24", None, "exec npm start"),
        ("node:24", None, r#"["sh","-c","npm start"]"#),
        (
            "node:24",
            None,
            r#"["/usr/local/bin/node","--max-old-space-size=300","-r","dotenv/config","server.js"]"#,
        ),
        ("node:24", None, r#"["node","--import","./x.mjs","--inspect","/app/server.js"]"#),
        ("node:24", None, r#"["tini","-g","--","node","server.js"]"#),
        ("node:24", None, r#"["env","-u","X","A=1","nice","-n","5","node","server.js"]"#),
        ("node:24", None, r#"["gosu","node","node","server.js"]"#),
        ("node:24", None, r#"["su-exec","node","npm","start"]"#),
        ("node:24", None, r#"["pm2-runtime","start","server.js","-i","max"]"#),
        ("node:24", None, r#"["pm2-runtime","npm","--","start"]"#),
        ("node:24", None, r#"["node","node_modules/.bin/pm2-runtime","server.js"]"#),
        ("node:24", None, r#"["npx","--yes","nodemon","server.js"]"#),
        ("node:24", None, r#"["doppler","run","--","node","server.js"]"#),
        ("node:24", None, r#"["ts-node","-r","tsconfig-paths/register","server.js"]"#),
        ("node:24", None, "PORT=1 node server.js"),
        ("node:24", None, "sleep 3; NODE_ENV=production exec node server.js"),
        ("node:24", None, "node $MAIN"),
        ("node:24", None, "cd /app/lib && node ../server.js"),
        ("node:24", None, "if [ -f .env ]; then . ./.env; fi; exec node server.js"),
        ("node:24", None, "(node server.js)"),
        ("acme/thing:1", None, r#"["node","server.js"]"#),
        ("cgr.dev/chainguard/node", None, r#"["server.js"]"#),
    ] {
        let env = &[("MAIN", "server.js")];
        let case = Case { base, entrypoint, cmd: Some(cmd), files: SERVICE, env, ..Case::default() };
        assert_eq!(ends(&case), at("/app/server.js", "server.js"), "{base} {entrypoint:?} {cmd}");
    }
}

#[test]
fn packages_say_what_their_scripts_start() {
    for (package, cmd, expected) in [
        (
            r#"{"scripts":{"container":"node dist/main.js"}}"#,
            r#"["npm","run","container"]"#,
            at("/app/dist/main.js", ""),
        ),
        (r#"{"scripts":{}}"#, r#"["npm","start"]"#, at("/app/server.js", "server.js")),
        (r#"{"main":"lib/api.js"}"#, r#"["node","."]"#, at("/app/lib/api.js", "lib/api.js")),
        (r#"{"main":"lib/api"}"#, r#"["node","."]"#, at("/app/lib/api", "lib/api.js")),
        (r#"{}"#, r#"["node","lib"]"#, at("/app/lib/index.js", "lib/index.js")),
        (
            r#"{"scripts":{"start":"cross-env A=b dotenv -- node lib/api"}}"#,
            r#"["npm","start"]"#,
            at("/app/lib/api", "lib/api.js"),
        ),
        (
            r#"{"scripts":{"start":"run-s build serve","serve":"node lib/api.js"}}"#,
            r#"["npm","start"]"#,
            at("/app/lib/api.js", "lib/api.js"),
        ),
        (
            r#"{"scripts":{"start":"node lib/api.js | bunyan"}}"#,
            r#"["npm","start"]"#,
            at("/app/lib/api.js", "lib/api.js"),
        ),
        (
            r#"{"scripts":{"start":"sh ./bin/run.sh"}}"#,
            r#"["npm","start"]"#,
            at("/app/lib/api.js", "lib/api.js"),
        ),
        (r#"{"scripts":{"start":"./bin/www"}}"#, r#"["npm","start"]"#, at("/app/bin/www", "bin/www")),
    ] {
        let files = &[
            ("package.json", package),
            ("server.js", ""),
            ("lib/api.js", ""),
            ("lib/index.js", ""),
            ("bin/run.sh", "cd lib\nexec node api.js\n"),
            ("bin/www", "#!/usr/bin/env node\nlisten()\n"),
        ];
        let case = Case { base: "node:24", cmd: Some(cmd), files, ..Case::default() };
        assert_eq!(ends(&case), expected, "{package} {cmd}");
    }
}

#[test]
fn workspaces_are_entered() {
    let files = &[
        ("package.json", r#"{"workspaces":["apps/*"],"scripts":{"start":"yarn workspace @a/api start"}}"#),
        ("apps/api/package.json", r#"{"name":"@a/api","scripts":{"start":"node main.js"}}"#),
        ("apps/api/main.js", ""),
    ];
    for cmd in [
        r#"["npm","run","start","-w","@a/api"]"#,
        r#"["npm","-w","apps/api","start"]"#,
        r#"["npm","--prefix","apps/api","start"]"#,
        r#"["npm","--prefix=./apps/api","run","start"]"#,
        r#"["yarn","workspace","@a/api","start"]"#,
        r#"["yarn","workspace","@a/api","run","start"]"#,
        r#"["yarn","--cwd","apps/api","start"]"#,
        r#"["pnpm","--filter","@a/api","start"]"#,
        r#"["pnpm","--filter=@a/api","run","start"]"#,
        r#"["pnpm","-C","apps/api","start"]"#,
        r#"["npm","start"]"#,
    ] {
        let case = Case { base: "node:24", cmd: Some(cmd), files, ..Case::default() };
        assert_eq!(ends(&case), at("/app/apps/api/main.js", "apps/api/main.js"), "{cmd}");
    }
}

#[test]
fn other_ends_are_named() {
    let end = |base: &str, cmd: &str| started(base, cmd).end;
    let other = |name: &str| End::Other(name.to_owned());
    assert_eq!(end("nginx:1.27", r#"["nginx","-g","daemon off;"]"#), other("nginx"));
    assert_eq!(end("golang:1.22", r#"["/app/server"]"#), other("server"));
    assert_eq!(end("node:24", r#"["next","start"]"#), other("next"));
    assert_eq!(end("node:24", r#"["bun","server.ts"]"#), other("bun"));
    assert_eq!(end("oven/bun:1", r#"["bun","server.ts"]"#), other("bun"));
    assert_eq!(end("oven/bun:1", r#"["server.ts"]"#), other("bun"));
    assert_eq!(end("node:24", r#"["tail","-f","/dev/null"]"#), other("tail"));
    assert_eq!(end("node:24", "$CMD x"), End::Unknown(Why::Variable));
    assert_eq!(end("node:24", r#"["npm","run","nothing"]"#), End::Unknown(Why::NotFound));
    assert_eq!(end("node:24", r#"["pm2-runtime","ecosystem.config.js"]"#), End::Unknown(Why::Dynamic));
    assert_eq!(end("node:24", r#"["./missing.sh"]"#), End::Unknown(Why::NotFound));
    assert_eq!(end("node:24", "main() { node a.js; }; main"), End::Unknown(Why::Dynamic));
    assert_eq!(end("node:24", "node a.js & node b.js & wait"), End::Unknown(Why::Ambiguous));
    assert_eq!(end("node:24", "echo 'open"), End::Unknown(Why::Broken));
    assert_eq!(chain(&Case { base: "scratch", ..Case::default() }).end, End::Nothing);
}

#[test]
fn roles_tell_what_stands_in_between() {
    let role = |cmd: &str, role: Role| started("node:24", cmd).step(role).map(|step| step.program.clone());
    assert_eq!(role(r#"["npm","start"]"#, Role::PackageManager).as_deref(), Some("npm"));
    assert_eq!(role(r#"["node","--watch","server.js"]"#, Role::DevServer).as_deref(), Some("node --watch"));
    assert_eq!(role(r#"["next","dev"]"#, Role::DevServer).as_deref(), Some("next"));
    assert_eq!(role(r#"["next","start"]"#, Role::DevServer), None);
    assert_eq!(role(r#"["vue-cli-service","serve"]"#, Role::DevServer).as_deref(), Some("vue-cli-service"));
    assert_eq!(role(r#"["react-scripts","start"]"#, Role::DevServer).as_deref(), Some("react-scripts"));
    assert_eq!(role(r#"["nest","start","--watch"]"#, Role::DevServer).as_deref(), Some("nest"));
    assert_eq!(role(r#"["pm2-runtime","server.js"]"#, Role::ProcessManager).as_deref(), Some("pm2-runtime"));
    assert_eq!(role(r#"["ts-node","server.js"]"#, Role::Transpiler).as_deref(), Some("ts-node"));
}

#[test]
fn steps_point_at_what_names_them() {
    let chain = started("node:24", r#"["npm","start"]"#);
    let npm = chain.step(Role::PackageManager).unwrap();
    assert_eq!(npm.command, "npm start");
    assert_eq!(npm.version.map(|versions| versions.to_string()).as_deref(), Some("11.17.0"));
    let at = npm.at.unwrap();
    assert_eq!((at.file, at.start, at.end), (FileId(1), 1, 14));
    let shell = chain.step(Role::Shell).unwrap().at.unwrap();
    assert_eq!(&SERVICE[0].1[shell.range()], "node server.js");
    let node = chain.step(Role::Node).unwrap().at.unwrap();
    assert_eq!((node.file, &SERVICE[0].1[node.range()]), (shell.file, "node server.js"));
    assert_eq!(chain.ends_as_first_process(), Some(false));
    assert_eq!(started("node:24", "exec node server.js").ends_as_first_process(), Some(true));
}

#[test]
fn hooks_are_noted() {
    let files = &[("package.json", r#"{"scripts":{"prestart":"node migrate.js","start":"node server.js"}}"#)];
    let chain = chain(&Case { base: "node:24", cmd: Some(r#"["npm","start"]"#), files, ..Case::default() });
    let hooks: Vec<&str> =
        chain.steps.iter().flat_map(|step| &step.hooks).map(|hook| hook.value.as_str()).collect();
    assert_eq!(hooks, ["prestart"]);
}

#[test]
fn flags_of_node_are_kept() {
    let chain =
        started("node:24", r#"["node","--max-old-space-size=300","--inspect","server.js","--not-node"]"#);
    let End::Node { flags, .. } = &chain.end else { panic!("{:?}", chain.end) };
    let flags: Vec<&str> = flags.iter().map(|flag| flag.value.as_str()).collect();
    assert_eq!(flags, ["--max-old-space-size=300", "--inspect"]);
}

#[test]
fn chains_that_go_in_circles_end() {
    let files = &[
        ("package.json", r#"{"scripts":{"start":"npm run start","a":"sh a.sh"}}"#),
        ("a.sh", "exec npm run a\n"),
    ];
    for cmd in [r#"["npm","start"]"#, r#"["npm","run","a"]"#] {
        let chain = chain(&Case { base: "node:24", cmd: Some(cmd), files, ..Case::default() });
        assert_eq!(chain.end, End::Unknown(Why::Unsupported));
        assert!(chain.steps.len() <= 32);
    }
}

#[test]
fn an_entrypoint_script_passes_its_arguments() {
    let node_like =
        "#!/bin/sh\nset -e\nif [ \"${1#-}\" != \"${1}\" ]; then\n  set -- node \"$@\"\nfi\nexec \"$@\"\n";
    for (script, cmd, expected) in [
        ("#!/bin/sh\nexec \"$@\"\n", r#"["node","server.js"]"#, at("/app/server.js", "server.js")),
        (node_like, r#"["server.js"]"#, at("/app/server.js", "server.js")),
        ("#!/bin/sh\nexec node \"$1\"\n", r#"["server.js"]"#, at("/app/server.js", "server.js")),
        (
            "#!/bin/sh\nexec tini -- node server.js \"$@\"\n",
            r#"["--port","1"]"#,
            at("/app/server.js", "server.js"),
        ),
    ] {
        let files = &[("entry.sh", script), ("server.js", "")];
        let entrypoint = Some(r#"["/app/entry.sh"]"#);
        let case = Case { base: "node:24", entrypoint, cmd: Some(cmd), files, ..Case::default() };
        assert_eq!(ends(&case), expected, "{script}");
    }
}

#[test]
fn a_folder_that_is_not_known_is_not_guessed() {
    for cmd in
        ["(cd lib && node x.js)", "cd $UNSET; node x.js", "cd a || cd b; node x.js", "pushd lib; node x.js"]
    {
        let chain = started("node:24", cmd);
        assert_eq!(entry(&chain), ("x.js".to_owned(), None), "{cmd}");
    }
}

#[test]
fn no_command_does_harm() {
    let seeds = [
        r#"["tini","-g","--","npm","run","start","-w","x"]"#,
        "cd x && exec npm run start -- --port $PORT | cat & wait",
        r#"["sh","-c","node --run start || exit 1","--","a"]"#,
        r#"["pm2-runtime","npm","--","start","--","-i"]"#,
        r#"["yarn","workspace","a","--cwd","b","run","-p","c"]"#,
    ];
    let rounds: usize =
        std::env::var("PLIMSOLL_FUZZ").ok().and_then(|count| count.parse().ok()).unwrap_or(400);
    let mut state = 5u64;
    let mut below = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % bound.max(1) as u64) as usize
    };
    for _ in 0..rounds {
        let mut words: Vec<String> = Vec::new();
        let shell = below(2) == 0;
        let parts: Vec<&str> = seeds.iter().flat_map(|seed| seed.split([',', '[', ']', ' '])).collect();
        for _ in 0..below(12) {
            words.push(parts[below(parts.len())].trim_matches('"').to_owned());
        }
        let list = serde_json::to_string(&words).unwrap();
        let text = if shell { format!(" {}", words.join(" ")) } else { list };
        let chain = started("node:24-alpine", &text);
        assert!(chain.steps.len() <= 32);
        let _ = (chain.sigterm(), chain.sentence(), chain.line(), chain.ends_as_first_process());
    }
}

#[test]
fn steps_are_written_as_people_would() {
    let commands = |chain: ProcessChain| -> Vec<String> {
        chain.steps.into_iter().skip(1).map(|step| step.command).collect()
    };
    assert_eq!(
        commands(started("node:24", r#"["nodemon","--inspect","server.js"]"#)),
        ["nodemon --inspect server.js", "node server.js"]
    );
    // A package without a start script: npm runs its own default through the shell all the same.
    let files = &[("package.json", "{}"), ("server.js", "")];
    let case = Case { base: "node:24", cmd: Some(r#"["npm","start"]"#), files, ..Case::default() };
    assert_eq!(commands(chain(&case)), ["npm start", "sh -c \"node server.js\"", "node server.js"]);
}

#[test]
fn a_file_that_is_made_is_where_it_would_stand() {
    let made = started("node:24", r#"["node","built/main.js"]"#);
    assert_eq!(entry(&made), ("/app/built/main.js".to_owned(), Some("built/main.js".to_owned())));
    let absent = started("node:24", r#"["node","absent.js"]"#);
    assert_eq!(entry(&absent), ("/app/absent.js".to_owned(), None));
}

#[test]
fn what_scripts_run_beside_the_server_is_noted() {
    let files = &[
        (
            "package.json",
            r#"{"scripts":{"prestart":"npm run build","build":"tsc -p . && echo ok","start":"node server.js","both":"run-p api worker","api":"node api.js","worker":"node worker.js"}}"#,
        ),
        ("server.js", ""),
        (
            "start.sh",
            "#!/bin/sh\nnpm ci\nif [ -n \"$X\" ]; then npm install; fi\ncrond &\nexec node server.js\n",
        ),
    ];
    let of = |cmd| {
        let chain = chain(&Case { base: "node:24-alpine", cmd: Some(cmd), files, ..Case::default() });
        let line = |aside: &Aside| format!("{:?} {}", aside.when, aside.words.join(" "));
        chain.asides.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(of("npm start"), ["Before tsc -p ."]);
    assert_eq!(of("[\"./start.sh\"]"), ["Before npm ci", "Beside crond"]);
    assert_eq!(of("npm run both"), ["Beside node api.js", "Beside node worker.js"]);
    assert_eq!(of("npm run build && node server.js"), ["Before tsc -p ."]);
    assert_eq!(of("node a.js & node server.js"), ["Beside node a.js"]);
}

#[test]
fn what_nodemon_and_cross_env_shell_start_is_followed() {
    for cmd in [
        "[\"nodemon\", \"--exec\", \"node server.js\"]",
        "[\"cross-env-shell\", \"A=1\", \"node server.js\"]",
    ] {
        let chain = started("node:24-alpine", cmd);
        assert!(matches!(chain.end, End::Node { entry: Fact::Known { .. }, .. }), "{cmd}: {chain:?}");
    }
}

#[test]
fn official_images_hand_on_to_what_they_are_given() {
    let chain = chain(&Case {
        base: "nginx:1.29",
        cmd: Some("[\"nginx\", \"-g\", \"daemon off;\"]"),
        ..Case::default()
    });
    assert_eq!(chain.end, End::Other("nginx".to_owned()));
    assert_eq!(chain.steps[0].signals, [Signal::Replaced]);
}
