//! Views of Kubernetes objects and compose services: defaults, recognition, templates, and that nothing panics.

use std::sync::Arc;

use plimsoll::facts::command::Command;
use plimsoll::facts::compose::{self, ComposeFile, MountKind};
use plimsoll::facts::object::{EnvSource, EnvValue, Handler, Object, PortRef, Role, VolumeSource, objects};
use plimsoll::facts::{Fact, Origin, Why};
use plimsoll::source::FileId;
use plimsoll::syntax::tree::{Schema, Tree};
use plimsoll::syntax::yaml;

fn tree(text: &str, schema: Schema) -> Arc<Tree> {
    Arc::new(yaml::parse(FileId(0), Arc::from(text), schema).tree)
}

fn read(text: &str) -> Vec<Object> {
    objects(&tree(text, Schema::Kubernetes))
}

fn composed(text: &str) -> ComposeFile {
    compose::read(&tree(text, Schema::Compose)).unwrap()
}

fn known<T>(fact: &Fact<T>) -> &T {
    fact.known().expect("a known fact")
}

fn words(command: &Fact<Option<Command>>) -> Vec<&str> {
    match known(command) {
        Some(Command::Exec(words)) => words.iter().map(|word| word.value.as_str()).collect(),
        other => panic!("no exec form: {other:?}"),
    }
}

const DEPLOYMENT: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  labels: {app: web}
spec:
  replicas: 3
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web, tier: front}
    spec:
      terminationGracePeriodSeconds: 60
      securityContext:
        runAsUser: 1000
        runAsNonRoot: true
      initContainers:
      - name: migrate
        image: shop/web:1.2
        args: [migrate]
      - name: mesh
        image: mesh:1
        restartPolicy: Always
      containers:
      - name: web
        image: shop/web:1.2
        command: ["sh", "-c", "node server.js"]
        env:
        - {name: PORT, value: "3000"}
        - name: PASSWORD
          valueFrom: {secretKeyRef: {name: db, key: password}}
        - name: EMPTY
        envFrom:
        - configMapRef: {name: settings}
        ports:
        - {name: http, containerPort: 3000}
        readinessProbe:
          httpGet: {path: /ready, port: http}
          periodSeconds: 5
        livenessProbe:
          exec: {command: [node, check.js]}
        lifecycle:
          preStop: {sleep: {seconds: 5}}
        resources:
          requests: {cpu: 250m}
          limits: {cpu: 1, memory: 512Mi}
        volumeMounts:
        - {name: data, mountPath: /data, readOnly: true}
        securityContext:
          runAsUser: 2000
          capabilities: {drop: [ALL]}
      volumes:
      - name: data
        persistentVolumeClaim: {claimName: web-data}
      - name: tmp
        emptyDir:
"#;

#[test]
fn a_deployment_is_seen_whole() {
    let objects = read(DEPLOYMENT);
    let workload = objects[0].workload().unwrap();
    assert_eq!(known(&objects[0].name()), "web");
    assert_eq!(known(&objects[0].namespace()).as_deref(), Some("shop"));
    assert_eq!(known(workload.replicas.as_ref().unwrap()), &3);
    assert_eq!(workload.selector[0].key.value, "app");
    let pod = workload.template.unwrap();
    assert_eq!(&DEPLOYMENT[pod.anchor.range()], "spec");
    assert_eq!(known(&pod.grace_period), &60);
    let roles: Vec<Role> = pod.containers.iter().map(|container| container.role).collect();
    assert_eq!(roles, [Role::Init, Role::Sidecar, Role::Main]);
    assert_eq!(pod.running().count(), 2);
    let web = pod.main().next().unwrap();
    assert_eq!(&DEPLOYMENT[web.anchor.range()], "web");
    assert_eq!(words(&web.command), ["sh", "-c", "node server.js"]);
    assert_eq!(known(&web.args), &None);
    let script = match known(&web.command) {
        Some(Command::Exec(words)) => objects[0].mapped(words[2].span).unwrap(),
        _ => unreachable!(),
    };
    let server = script.text.find("server").unwrap();
    assert_eq!(&DEPLOYMENT[script.span(server, server + 6).range()], "server");
    let env: Vec<&str> = web.env.items.iter().map(|env| env.value.name.value.as_str()).collect();
    assert_eq!(env, ["PORT", "PASSWORD", "EMPTY"]);
    assert!(web.env.rest.is_ok());
    assert!(matches!(&web.env.items[0].value.value, EnvValue::Literal(text) if known(text) == "3000"));
    assert!(matches!(&web.env.items[1].value.value,
        EnvValue::From(EnvSource::Secret { name, .. }) if known(name) == "db"));
    assert!(matches!(&web.env.items[2].value.value, EnvValue::Literal(text) if known(text).is_empty()));
    assert_eq!(known(&web.env_from.items[0].value.name), "settings");
    assert_eq!(known(&web.ports.items[0].value.number), &Some(3000));
    assert_eq!(known(&web.ports.items[0].value.protocol), "TCP");
    let readiness = known(&web.readiness).as_ref().unwrap();
    assert_eq!((known(&readiness.period), known(&readiness.timeout)), (&5, &1));
    match &readiness.handler {
        Handler::Http { path, port, scheme, .. } => {
            assert_eq!(known(path), "/ready");
            assert_eq!(known(port), &Some(PortRef::Name("http".to_owned())));
            assert_eq!(known(scheme), "HTTP");
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(known(&web.pre_stop), Some(Handler::Sleep { .. })));
    assert!(known(&web.startup).is_none());
    let VolumeSource::Claim(claim) = &pod.volumes.items[0].value.source else { panic!() };
    assert_eq!(known(claim), "web-data");
    assert!(matches!(pod.volumes.items[1].value.source, VolumeSource::EmptyDir));
}

#[test]
fn requests_fall_back_to_limits() {
    let workload = read(DEPLOYMENT)[0].workload().unwrap();
    let pod = workload.template.unwrap();
    let web = pod.main().next().unwrap();
    let milli = |fact: &Fact<Option<plimsoll::facts::object::Quantity>>| known(fact).map(|size| size.milli());
    assert_eq!(milli(&web.resources.cpu_request), Some(250));
    assert_eq!(milli(&web.resources.cpu_limit), Some(1000));
    assert_eq!(known(&web.resources.memory_request).unwrap().units(), 512 << 20);
    let init = &pod.containers[0];
    assert_eq!(known(&init.resources.memory_limit), &None);
    let Fact::Known { origin: Origin::Default { owner, source }, .. } = &init.resources.memory_limit else {
        panic!("a default")
    };
    assert_eq!((&DEPLOYMENT[owner.range()], *source), ("migrate", "kubernetes"));
}

#[test]
fn the_container_wins_over_the_pod() {
    let workload = read(DEPLOYMENT)[0].workload().unwrap();
    let pod = workload.template.unwrap();
    let (init, web) = (&pod.containers[0].security, &pod.main().next().unwrap().security);
    assert_eq!(known(&init.run_as_user), &Some(1000));
    assert_eq!(known(&web.run_as_user), &Some(2000));
    assert_eq!(known(&web.run_as_non_root), &Some(true));
    assert!(DEPLOYMENT[..web.run_as_non_root.span().unwrap().range().start].ends_with("runAsNonRoot: "));
    assert_eq!(web.dropped.items[0].value, "ALL");
    assert_eq!((known(&web.privileged), known(&web.allow_privilege_escalation)), (&false, &true));
}

#[test]
fn a_pod_context_that_is_templated_makes_the_users_unknown() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  securityContext: {{ .Values.sc }}\n  \
                containers: [{name: c, image: x}]\n";
    let pod = read(text)[0].workload().unwrap().template.unwrap();
    assert_eq!(pod.containers[0].security.run_as_user, Fact::Unknown(Why::Templated));
    assert_eq!(known(&pod.containers[0].security.privileged), &false);
}

#[test]
fn every_kind_of_workload_has_its_template() {
    let template = "{metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}";
    let cases = [
        ("apps/v1", "Deployment", format!("{{template: {template}}}")),
        ("extensions/v1beta1", "Deployment", format!("{{template: {template}}}")),
        ("apps/v1", "StatefulSet", format!("{{serviceName: x, template: {template}}}")),
        ("apps/v1", "DaemonSet", format!("{{template: {template}}}")),
        ("apps/v1", "ReplicaSet", format!("{{template: {template}}}")),
        ("v1", "ReplicationController", format!("{{selector: {{a: b}}, template: {template}}}")),
        ("batch/v1", "Job", format!("{{template: {template}}}")),
        ("batch/v1beta1", "CronJob", format!("{{jobTemplate: {{spec: {{template: {template}}}}}}}")),
        ("v1", "Pod", "{containers: [{name: c, image: i}]}".to_owned()),
        ("apps.openshift.io/v1", "DeploymentConfig", format!("{{template: {template}}}")),
        ("argoproj.io/v1alpha1", "Rollout", format!("{{template: {template}}}")),
        ("serving.knative.dev/v1", "Service", format!("{{template: {template}}}")),
    ];
    for (version, kind, spec) in cases {
        let text = format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: x}}\nspec: {spec}\n");
        let workload = read(&text)[0].workload().unwrap_or_else(|| panic!("{kind}"));
        let pod = workload.template.unwrap();
        assert_eq!(known(&pod.containers[0].image).as_deref(), Some("i"), "{kind}");
        assert_eq!(known(&pod.grace_period), &30, "{kind}");
    }
}

#[test]
fn other_configurations_are_no_workloads() {
    for (version, kind) in [
        ("skaffold/v4beta1", "Config"),
        ("kustomize.config.k8s.io/v1beta1", "Kustomization"),
        ("eksctl.io/v1alpha5", "ClusterConfig"),
        ("v1", "Deployment"),
        ("example.com/v1", "Pod"),
    ] {
        let text = format!("apiVersion: {version}\nkind: {kind}\nspec: {{containers: [{{name: a}}]}}\n");
        assert!(read(&text)[0].workload().is_none(), "{version} {kind}");
    }
    assert!(read("services: {web: {image: x}}\n").is_empty());
    assert!(read("spec:\n  template:\n    spec:\n      containers: []\n").is_empty(), "a nodeshift fragment");
    assert!(read("- apiVersion: v1\n  kind: Pod\n").is_empty());
}

#[test]
fn lists_and_templates_hold_objects() {
    let list = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Service, metadata: {name: a}}\n- \
                {apiVersion: v1, kind: Pod, metadata: {name: b}}\n- nonsense\n";
    let kinds: Vec<String> = read(list).into_iter().map(|object| object.kind.value).collect();
    assert_eq!(kinds, ["Service", "Pod"]);

    let template = "apiVersion: template.openshift.io/v1\nkind: Template\nparameters:\n- name: NAME\n- name: COUNT\n\
                    objects:\n- apiVersion: apps.openshift.io/v1\n  kind: DeploymentConfig\n  metadata: {name: '${NAME}-web'}\n  \
                    spec:\n    replicas: ${{COUNT}}\n    template:\n      spec:\n        containers:\n        - name: web\n          \
                    image: ' '\n          command: [sh, -c, 'echo ${HOME}']\n";
    let objects = read(template);
    assert_eq!(objects.len(), 1);
    assert_eq!(objects[0].name(), Fact::Unknown(Why::Templated));
    let workload = objects[0].workload().unwrap();
    assert_eq!(workload.replicas, Some(Fact::Unknown(Why::Templated)));
    let pod = workload.template.unwrap();
    assert_eq!(pod.containers[0].image, Fact::Unknown(Why::Placeholder));
    assert_eq!(words(&pod.containers[0].command), ["sh", "-c", "echo ${HOME}"]);
}

#[test]
fn what_is_filled_in_later_is_unknown() {
    for (image, why) in [
        ("'{{ .Values.image }}:1'", Why::Templated),
        ("{{ .Values.image }}", Why::Templated),
        ("${REGISTRY}/app:${TAG}", Why::Variable),
        ("<REGISTRY>/app:1", Why::Placeholder),
    ] {
        let text =
            format!("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n    image: {image}\n");
        let pod = read(&text)[0].workload().unwrap().template.unwrap();
        assert_eq!(pod.containers[0].image, Fact::Unknown(why), "{image}");
    }
}

#[test]
fn absence_in_a_broken_document_says_nothing() {
    let text = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n    image: x\n   bad: [\n";
    let objects = read(text);
    assert_eq!(objects[0].uncertain, Some(Why::Broken));
    let pod = objects[0].workload().unwrap().template.unwrap();
    assert_eq!(pod.grace_period, Fact::Unknown(Why::Broken));
    assert!(pod.rest.is_err());
}

#[test]
fn services_and_routes_name_their_ports() {
    let text = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  clusterIP: None\n  selector: {app: a}\n  \
                ports:\n  - port: 80\n  - {port: 81, targetPort: http, nodePort: 30000}\n---\n\
                apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i}\nspec:\n  rules:\n  - host: x.y\n    \
                http:\n      paths:\n      - path: /\n        backend: {service: {name: a, port: {number: 80}}}\n---\n\
                apiVersion: extensions/v1beta1\nkind: Ingress\nspec:\n  backend: {serviceName: b, servicePort: web}\n---\n\
                apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nspec:\n  rules:\n  - backendRefs: [{name: c, port: 8080}]\n---\n\
                apiVersion: route.openshift.io/v1\nkind: Route\nspec:\n  to: {kind: Service, name: d}\n  port: {targetPort: http}\n";
    let objects = read(text);
    let service = objects[0].service().unwrap();
    assert_eq!((known(&service.kind).as_str(), known(&service.headless)), ("ClusterIP", &true));
    assert_eq!(known(&service.ports.items[0].value.target), &Some(PortRef::Number(80)));
    assert_eq!(known(&service.ports.items[1].value.target), &Some(PortRef::Name("http".to_owned())));
    assert_eq!(known(&service.ports.items[1].value.node_port), &Some(30000));
    let v1 = &objects[1].ingress().unwrap().backends.items[0].value;
    assert_eq!((known(&v1.service).as_str(), known(&v1.port)), ("a", &Some(PortRef::Number(80))));
    assert_eq!(v1.host.as_ref().unwrap().value, "x.y");
    let beta = &objects[2].ingress().unwrap().backends.items[0].value;
    assert_eq!(
        (known(&beta.service).as_str(), known(&beta.port)),
        ("b", &Some(PortRef::Name("web".to_owned())))
    );
    assert_eq!(known(&objects[3].http_route().unwrap().backends.items[0].value.service), "c");
    assert_eq!(known(&objects[4].route().unwrap().backends.items[0].value.service), "d");
}

#[test]
fn the_other_kinds_have_their_defaults() {
    let text = "apiVersion: batch/v1\nkind: CronJob\nspec: {schedule: '* * * * *', jobTemplate: {spec: {backoffLimit: 2}}}\n---\n\
                apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nspec: {scaleTargetRef: {kind: Deployment, name: web}, maxReplicas: 5, \
                metrics: [{type: Resource, resource: {name: cpu, target: {averageUtilization: 60}}}]}\n---\n\
                apiVersion: policy/v1\nkind: PodDisruptionBudget\nspec: {minAvailable: 50%, selector: {matchLabels: {a: b}}}\n---\n\
                apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n---\n\
                apiVersion: storage.k8s.io/v1\nkind: StorageClass\nprovisioner: x\n---\n\
                apiVersion: v1\nkind: Secret\nstringData: {a: b}\n---\n\
                apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nrules: [{apiGroups: ['*'], resources: ['*'], verbs: ['*']}]\n";
    let objects = read(text);
    let cron = objects[0].workload().unwrap();
    assert_eq!(known(&cron.cron.as_ref().unwrap().concurrency_policy), "Allow");
    assert_eq!(known(&cron.cron.as_ref().unwrap().successful_history), &3);
    assert_eq!(known(&cron.job.unwrap().backoff_limit), &2);
    let scaler = objects[1].autoscaler().unwrap();
    assert_eq!((known(&scaler.min_replicas), known(&scaler.utilization_of[0]).as_str()), (&1, "cpu"));
    assert_eq!(known(&objects[2].disruption_budget().unwrap().min_available).as_deref(), Some("50%"));
    let claim = objects[3].claim().unwrap();
    assert_eq!(known(&claim.size).unwrap().units(), 1 << 30);
    assert_eq!(known(&objects[4].storage_class().unwrap().reclaim_policy), "Delete");
    let secret = objects[5].secret().unwrap();
    assert_eq!((known(&secret.kind).as_str(), secret.string_data.items.len()), ("Opaque", 1));
    assert!(objects[6].access().unwrap().cluster_wide);
}

const COMPOSE: &str = r#"x-env: &env
  LOG: info
services:
  web:
    build:
      context: ./web
      target: dev
      args: [NODE=22, TOKEN]
    command: npm run "dev server"
    entrypoint: ["tini", "--"]
    environment:
      <<: *env
      PORT: 3000
      SECRET:
    ports: ["127.0.0.1:8080:80/tcp", 9229, {target: 81, published: "8081"}]
    volumes:
      - ./src:/app/src:ro
      - /app/node_modules
      - data:/data
      - {type: bind, source: ., target: /all}
      - ${HOME}/x:/x
    depends_on:
      db: {condition: service_healthy}
    healthcheck: {test: ["CMD-SHELL", "curl -f localhost"]}
    stop_grace_period: 1m30s
    deploy: {replicas: 2, resources: {limits: {memory: 512m, cpus: "0.5"}}}
  db:
    image: postgres:${TAG:-16}
    environment: [POSTGRES_DB=x, POSTGRES_PASSWORD]
    healthcheck: {disable: true}
  api:
    extends: web
    image: ${IMAGE}
    build: ./api
    command: ["node", "api.js"]
"#;

#[test]
fn a_compose_service_is_seen_whole() {
    let file = composed(COMPOSE);
    let web = file.service("web").unwrap();
    let build = known(&web.build).as_ref().unwrap();
    assert_eq!((known(&build.context).as_str(), known(&build.dockerfile).as_str()), ("./web", "Dockerfile"));
    assert_eq!(known(&build.target).as_deref(), Some("dev"));
    assert_eq!(known(&build.args.items[1].value.value), &None);
    assert_eq!(words(&web.command), ["npm", "run", "dev server"]);
    let Some(Command::Exec(arguments)) = known(&web.command) else { panic!() };
    assert_eq!(&COMPOSE[arguments[2].span.range()], "\"dev server\"");
    assert_eq!(words(&web.entrypoint), ["tini", "--"]);
    let environment: Vec<(&str, Option<&str>)> = web
        .environment
        .items
        .iter()
        .map(|variable| (variable.value.name.value.as_str(), known(&variable.value.value).as_deref()))
        .collect();
    assert!(environment.contains(&("LOG", Some("info"))));
    assert!(environment.contains(&("PORT", Some("3000"))));
    assert!(environment.contains(&("SECRET", None)));
    let ports: Vec<(&str, Option<&str>)> = web
        .ports
        .items
        .iter()
        .map(|port| (known(&port.value.target).as_str(), known(&port.value.published).as_deref()))
        .collect();
    assert_eq!(ports, [("80", Some("8080")), ("9229", None), ("81", Some("8081"))]);
    assert_eq!(known(&web.ports.items[0].value.host).as_deref(), Some("127.0.0.1"));
    let mounts: Vec<(MountKind, &str, bool)> = web
        .volumes
        .items
        .iter()
        .map(|mount| (mount.value.kind, known(&mount.value.target).as_str(), mount.value.read_only))
        .collect();
    assert_eq!(
        mounts,
        [
            (MountKind::Bind, "/app/src", true),
            (MountKind::Volume, "/app/node_modules", false),
            (MountKind::Volume, "/data", false),
            (MountKind::Bind, "/all", false),
            (MountKind::Unknown, "/x", false),
        ]
    );
    assert_eq!(known(&web.depends_on.items[0].value.condition), "service_healthy");
    let check = known(&web.healthcheck).as_ref().unwrap();
    assert!(matches!(known(&check.test), Some(Command::Shell(script)) if script.text == "curl -f localhost"));
    assert_eq!(known(&web.stop_grace_period), &90.0);
    assert_eq!(known(&web.replicas), &2);
    assert_eq!(known(&web.memory_limit).unwrap().units(), 512 << 20);
    assert_eq!(known(&web.cpu_limit).unwrap().milli(), 500);
    assert_eq!(known(&web.restart), "no");
}

#[test]
fn a_variable_with_a_default_is_derived() {
    let file = composed(COMPOSE);
    let image = &file.service("db").unwrap().image;
    assert_eq!(known(image).as_deref(), Some("postgres:16"));
    assert!(matches!(image, Fact::Known { origin: Origin::Derived(_), .. }));
    assert!(known(&file.service("db").unwrap().healthcheck).as_ref().unwrap().disabled);
    assert_eq!(known(&file.service("db").unwrap().stop_grace_period), &10.0);
}

#[test]
fn a_service_is_laid_over_the_one_it_extends() {
    let file = composed(COMPOSE);
    let api = file.service("api").unwrap();
    assert_eq!(api.image, Fact::Unknown(Why::Variable));
    assert_eq!(words(&api.command), ["node", "api.js"]);
    assert_eq!(known(&api.replicas), &2);
    assert!(api.extends.is_none());
}

#[test]
fn an_override_replaces_commands_and_joins_the_rest() {
    let over = "services:\n  web:\n    command: node x.js\n    environment: [LOG=debug]\n    ports: ['1:1']\n  new: {image: n}\n";
    let base = tree(COMPOSE, Schema::Compose);
    let over = Arc::new(yaml::parse(FileId(1), Arc::from(over), Schema::Compose).tree);
    let file = compose::read_all(&[base, over]).unwrap();
    let web = file.service("web").unwrap();
    assert_eq!(words(&web.command), ["node", "x.js"]);
    assert_eq!(web.command.span().unwrap().file, FileId(1));
    let log = web.environment.items.iter().find(|variable| variable.value.name.value == "LOG").unwrap();
    assert_eq!(known(&log.value.value).as_deref(), Some("debug"));
    assert_eq!(web.ports.items.len(), 4);
    assert_eq!(file.services.len(), 4);
    assert_eq!(compose::overridden_by("compose.override.yaml").as_deref(), Some("compose.yaml"));
}

#[test]
fn compose_files_are_known_by_name_and_content() {
    for name in [
        "compose.yaml",
        "docker-compose.yml",
        "docker-compose.dev.yml",
        "compose-prod.yaml",
        "dev.docker-compose.yml",
    ] {
        assert!(compose::is_compose_name(name), "{name}");
    }
    for name in ["composer.json", "decompose.yaml", "values.yaml", "compose"] {
        assert!(!compose::is_compose_name(name), "{name}");
    }
    assert!(compose::is_compose(&tree(COMPOSE, Schema::Compose)));
    assert!(!compose::is_compose(&tree("services: {a: {port: 80}}\n", Schema::Compose)));
    assert!(!compose::is_compose(&tree("services: [a]\n", Schema::Compose)));
}

/// Builds every view of everything.
fn look_at_all(text: &str) {
    for object in read(text) {
        let _ = (object.name(), object.namespace(), object.labels(), object.annotations());
        let _ = (object.workload(), object.service(), object.ingress(), object.http_route(), object.route());
        let _ = (object.claim(), object.persistent_volume(), object.storage_class(), object.config_map());
        let _ = (object.secret(), object.autoscaler(), object.disruption_budget(), object.access());
    }
    let tree = tree(text, Schema::Compose);
    let _ = compose::is_compose(&tree);
    if let Some(file) = compose::read_all(&[tree.clone(), tree]) {
        for service in &file.services {
            assert!(service.name.span.range().end <= text.len());
        }
    }
}

#[test]
fn mutated_text_never_panics() {
    let rounds: u64 = std::env::var("PLIMSOLL_FUZZ").ok().and_then(|text| text.parse().ok()).unwrap_or(2_000);
    let seeds = [DEPLOYMENT, COMPOSE];
    let pieces = [
        "{{ x }}", "${A}", "null", "- ", "&a ", "*a", "<<: *a", ": ", "[", "}", "é", "\t", "|\n", "-1",
        "1e99", "'", "\n  ", "$", "{",
    ];
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    let work = move || {
        for round in 0..rounds {
            let mut text: Vec<char> = seeds[round as usize % seeds.len()].chars().collect();
            for _ in 0..1 + random(4) {
                let at = random(text.len());
                match random(3) {
                    0 => drop(text.drain(at..(at + 1 + random(20)).min(text.len()))),
                    1 => drop(text.splice(at..at, pieces[random(pieces.len())].chars())),
                    _ => text[at] = char::from(b' ' + random(90) as u8),
                }
            }
            look_at_all(&text.into_iter().collect::<String>());
        }
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap();
}

#[test]
fn nested_aliases_do_not_blow_up() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..30 {
        let below = level - 1;
        text.push_str(&format!(
            "a{level}: &a{level} [*a{below}, *a{below}, *a{below}, *a{below}, *a{below}]\n"
        ));
    }
    text.push_str(
        "apiVersion: v1\nkind: Pod\nspec: {containers: *a29}\nservices: {w: {image: x, ports: *a29}}\n",
    );
    let work = move || look_at_all(&text);
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap();
}
