//! A monorepo of services that look alike and are not: 25 files each, some sound, some with the usual faults.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

/// Writes `services` services below `root` and returns the number of files.
pub(crate) fn write(root: &Path, services: usize) -> io::Result<usize> {
    let mut files = 0;
    let mut put = |path: String, text: String| -> io::Result<()> {
        let path = root.join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        files += 1;
        fs::write(path, text)
    };
    put(
        "package.json".into(),
        r#"{ "name": "monorepo", "private": true, "workspaces": ["services/*"] }"#.into(),
    )?;
    for number in 0..services {
        let folder = format!("services/service-{number}");
        put(format!("{folder}/Dockerfile"), dockerfile(number))?;
        if !number.is_multiple_of(3) {
            put(format!("{folder}/.dockerignore"), "node_modules\n.git\n".into())?;
        }
        put(format!("{folder}/package.json"), package(number))?;
        put(format!("{folder}/package-lock.json"), lock(number))?;
        put(format!("{folder}/tsconfig.json"), TSCONFIG.into())?;
        put(format!("{folder}/compose.yaml"), compose(number))?;
        for module in 0..12 {
            put(format!("{folder}/src/{}.ts", module_name(module)), source(number, module))?;
        }
        put(
            format!("{folder}/k8s/base/kustomization.yaml"),
            "resources: [service.yaml, config.yaml]\n".into(),
        )?;
        put(format!("{folder}/k8s/base/service.yaml"), manifests(number))?;
        put(format!("{folder}/k8s/base/config.yaml"), config(number))?;
        for overlay in ["staging", "production"] {
            let text =
                format!("namespace: {overlay}\nresources: [../../base]\npatches:\n  - path: patch.yaml\n");
            put(format!("{folder}/k8s/overlays/{overlay}/kustomization.yaml"), text)?;
            put(format!("{folder}/k8s/overlays/{overlay}/patch.yaml"), patch(number))?;
        }
    }
    Ok(files)
}

const TSCONFIG: &str =
    r#"{ "compilerOptions": { "outDir": "dist", "rootDir": "src", "strict": true }, "include": ["src"] }"#;

fn dockerfile(number: usize) -> String {
    let start = if number.is_multiple_of(2) { r#"CMD ["node", "dist/main.js"]"# } else { "CMD npm start" };
    let user = if number.is_multiple_of(4) { "USER node\n" } else { "" };
    format!(
        "FROM node:22-slim AS build\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build \\\n \
         && npm prune --omit=dev\n\nFROM node:22-slim\nWORKDIR /app\nENV NODE_ENV=production\n\
         COPY --from=build /app/node_modules ./node_modules\nCOPY --from=build /app/dist ./dist\n\
         COPY package.json ./\n{user}EXPOSE 3000\n{start}\n"
    )
}

fn package(number: usize) -> String {
    format!(
        r#"{{ "name": "service-{number}", "version": "1.0.0",
  "scripts": {{ "start": "node dist/main.js", "build": "tsc" }},
  "dependencies": {{ "express": "^4.21.0", "pino": "^9.0.0" }},
  "devDependencies": {{ "typescript": "^5.6.0" }} }}
"#
    )
}

fn lock(number: usize) -> String {
    let mut text = format!("{{ \"name\": \"service-{number}\", \"lockfileVersion\": 3, \"packages\": {{\n");
    text.push_str("  \"\": { \"dependencies\": { \"express\": \"^4.21.0\", \"pino\": \"^9.0.0\" } }");
    for package in 0..120 {
        let _ = write!(text, ",\n  \"node_modules/package-{package}\": {{ \"version\": \"1.{package}.0\" }}");
    }
    text.push_str("\n} }\n");
    text
}

fn compose(number: usize) -> String {
    format!(
        "services:\n  service-{number}:\n    build: .\n    image: registry.example/service-{number}\n    ports: [\"3000:3000\"]\n  \
         database:\n    image: postgres:17\n"
    )
}

fn module_name(module: usize) -> String {
    if module == 0 { "main".to_owned() } else { format!("module-{module}") }
}

fn source(number: usize, module: usize) -> String {
    let mut text = String::from("import express from 'express';\n");
    if module == 0 {
        for other in 1..12 {
            let _ = writeln!(text, "import {{ handle{other} }} from './module-{other}.js';");
        }
        text.push_str("const app = express();\napp.get('/healthz', (_, response) => response.send('ok'));\n");
        for other in 1..12 {
            let _ = writeln!(text, "app.get('/route-{other}', handle{other});");
        }
        text.push_str("const server = app.listen(process.env.PORT || 3000);\n");
        if !number.is_multiple_of(5) {
            text.push_str("process.on('SIGTERM', () => server.close(() => process.exit(0)));\n");
        }
        return text;
    }
    let _ = writeln!(
        text,
        "export function handle{module}(request: express.Request, response: express.Response) {{"
    );
    for line in 0..40 {
        let _ =
            writeln!(text, "  const value{line} = [{line}, 2, 3].map((n) => n * {number}).filter(Boolean);");
    }
    text.push_str("  response.json({ ok: true });\n}\n");
    text
}

fn manifests(number: usize) -> String {
    let kind = if number.is_multiple_of(6) { "NodePort" } else { "ClusterIP" };
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata:
  name: service-{number}
spec:
  replicas: 2
  selector:
    matchLabels: {{ app: service-{number} }}
  template:
    metadata:
      labels: {{ app: service-{number} }}
    spec:
      containers:
        - name: service-{number}
          image: registry.example/service-{number}:1.0.0
          ports:
            - containerPort: 3000
          envFrom:
            - configMapRef: {{ name: service-{number} }}
---
apiVersion: v1
kind: Service
metadata:
  name: service-{number}
spec:
  type: {kind}
  selector: {{ app: service-{number} }}
  ports:
    - port: 80
      targetPort: 3000
"
    )
}

fn config(number: usize) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: service-{number}\ndata:\n  LOG_LEVEL: info\n"
    )
}

fn patch(number: usize) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata:
  name: service-{number}
spec:
  template:
    spec:
      containers:
        - name: service-{number}
          resources:
            requests: {{ cpu: 100m, memory: 128Mi }}
            limits: {{ memory: 256Mi }}
"
    )
}
