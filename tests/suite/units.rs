//! Which objects live together, and that every value of a built object knows the file that set it.

use plimsoll::facts::object::value::Value;
use plimsoll::facts::{Fact, Why};
use plimsoll::model::Project;
use plimsoll::model::unit::MadeFrom;
use plimsoll::source::ProjectPath;

fn project(files: &[(&str, &str)]) -> Project {
    let files = files.iter().map(|(path, text)| (ProjectPath::new(path).unwrap(), (*text).to_owned()));
    Project::from_texts(files.collect::<Vec<_>>())
}

/// Units with their objects in words.
fn units(project: &Project) -> Vec<(MadeFrom, String, Vec<String>)> {
    let in_words = |unit: &plimsoll::model::Unit| {
        let objects = project.objects_of(unit.id).map(|object| {
            let name = object.facts.name();
            format!("{} {}", object.facts.kind.value, name.known().map_or("?", String::as_str))
        });
        (unit.made_from, unit.at.as_str().to_owned(), objects.collect())
    };
    project.units.iter().map(in_words).collect()
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

const WEB: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {a: b}}\n  \
                   template:\n    metadata: {labels: {a: b}}\n    spec:\n      containers:\n      - name: web\n        image: web:1\n";
const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n";

#[test]
fn a_base_is_judged_through_its_overlays() {
    let project = project(&[
        ("k8s/base/kustomization.yaml", "resources: [web.yaml]\n"),
        ("k8s/base/web.yaml", WEB),
        (
            "k8s/overlays/prod/kustomization.yaml",
            "resources: [../../base]\nnamePrefix: prod-\npatches: [{path: patch.yaml}]\nimages: [{name: web, newTag: '2'}]\n",
        ),
        (
            "k8s/overlays/prod/patch.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 4\n",
        ),
        ("k8s/overlays/dev/kustomization.yaml", "resources: [../../base]\n"),
        ("k8s/plain/service.yaml", SERVICE),
    ]);
    assert_eq!(
        units(&project),
        [
            (MadeFrom::Kustomization, "k8s/overlays/dev".to_owned(), strings(&["Deployment web"])),
            (MadeFrom::Kustomization, "k8s/overlays/prod".to_owned(), strings(&["Deployment prod-web"])),
            (MadeFrom::Folder, "k8s/plain".to_owned(), strings(&["Service web"])),
        ]
    );
    let path_of = |span: plimsoll::source::Span| project.sources.file(span.file).path.as_str().to_owned();
    let workload = &project.workloads[1].facts;
    let replicas = workload.replicas.as_ref().unwrap();
    assert_eq!(replicas.known(), Some(&4));
    assert_eq!(path_of(replicas.span().unwrap()), "k8s/overlays/prod/patch.yaml");
    let pod = workload.template.as_ref().unwrap();
    let image = &pod.containers[0].image;
    assert_eq!(image.known().unwrap().as_deref(), Some("web:2"));
    assert_eq!(project.sources.text(image.span().unwrap()), "'2'");
    assert_eq!(path_of(image.span().unwrap()), "k8s/overlays/prod/kustomization.yaml");
    assert_eq!(path_of(pod.containers[0].anchor), "k8s/base/web.yaml");
    // The name is set by the base; the prefix is not a place where a reader would look for it.
    let name = project.objects_of(project.units[1].id).next().unwrap().facts.name();
    assert_eq!(path_of(name.span().unwrap()), "k8s/base/web.yaml");
}

#[test]
fn a_folder_of_variants_is_a_unit_for_each_file() {
    let project = project(&[
        ("k8s/a.yaml", WEB),
        ("k8s/b.yaml", WEB),
        ("other/web.yaml", WEB),
        ("other/service.yaml", SERVICE),
    ]);
    assert_eq!(
        units(&project),
        [
            (MadeFrom::File, "k8s/a.yaml".to_owned(), strings(&["Deployment web"])),
            (MadeFrom::File, "k8s/b.yaml".to_owned(), strings(&["Deployment web"])),
            (MadeFrom::Folder, "other".to_owned(), strings(&["Service web", "Deployment web"])),
        ]
    );
}

#[test]
fn configurations_of_tools_are_in_no_unit() {
    let project = project(&[
        ("a/skaffold.yaml", "apiVersion: skaffold/v4beta1\nkind: Config\n"),
        ("a/cluster.yaml", "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: {name: x}\n"),
        ("a/web.yaml", WEB),
    ]);
    assert_eq!(units(&project), [(MadeFrom::Folder, "a".to_owned(), strings(&["Deployment web"]))]);
}

#[test]
fn circles_and_missing_files_end_and_are_noted() {
    let project = project(&[
        ("a/kustomization.yaml", "resources: [../b, web.yaml]\n"),
        ("a/web.yaml", WEB),
        ("b/kustomization.yaml", "resources: [../a, gone.yaml, 'https://example.com/x.yaml']\n"),
    ]);
    assert_eq!(units(&project), [(MadeFrom::Kustomization, "a".to_owned(), strings(&["Deployment web"]))]);
    assert!(project.units[0].rest.is_err());
    let said = |text: &str| project.notes.iter().any(|note| note.message.contains(text));
    assert!(said("circle") && said("gone.yaml") && said("remote"), "{:?}", project.notes);
}

#[test]
fn what_lies_outside_of_the_subset_is_unknown() {
    let kustomization = "resources: [web.yaml, service.yaml]\nreplacements:\n- source: {kind: Service, name: web}\n  targets:\n  \
                         - select: {kind: Deployment}\n    fieldPaths: [PATH]\n";
    let read = |path: &str| {
        project(&[
            ("kustomization.yaml", kustomization.replace("PATH", path).as_str()),
            ("web.yaml", WEB),
            ("service.yaml", SERVICE),
        ])
    };
    let unknown = Fact::Unknown(Why::Unsupported);
    let image = |project: &Project| project.containers[0].facts.image.clone().map(|_| 0);
    let exact = read("'spec.template.spec.containers.[name=web].image'");
    assert_eq!((exact.objects[0].facts.uncertain, image(&exact)), (None, unknown.clone()));
    assert_eq!(exact.workloads[0].facts.replicas.as_ref().unwrap().known(), Some(&1));
    let created = read("spec.replicas");
    assert_eq!(
        (created.objects[0].facts.uncertain, image(&created)),
        (Some(Why::Unsupported), unknown.clone())
    );
    assert_eq!(created.workloads[0].facts.replicas.clone().unwrap().map(|_| 0), unknown);
    assert_eq!(created.objects[1].facts.uncertain, None);

    let transformed = project(&[
        ("kustomization.yaml", "resources: [web.yaml]\ntransformers: [t.yaml]\n"),
        ("web.yaml", WEB),
    ]);
    assert_eq!(transformed.objects[0].facts.name(), Fact::Unknown(Why::Unsupported));
}

#[test]
fn a_generated_name_is_unknown_when_its_contents_are() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: a\n    image: a:1\n    \
                envFrom: [{configMapRef: {name: settings}}]\n";
    let project = project(&[
        (
            "kustomization.yaml",
            "resources: [pod.yaml]\nconfigMapGenerator:\n- {name: settings, files: [secret.bin]}\n",
        ),
        ("pod.yaml", text),
    ]);
    let map = project.objects.iter().find(|object| object.facts.kind.value == "ConfigMap").unwrap();
    assert_eq!(map.facts.name(), Fact::Unknown(Why::NotFound));
    let name = map.facts.root.at(&["metadata", "name"]).and_then(Value::scalar).unwrap();
    assert_eq!(&*name.text, "settings-");
    let from = &project.containers[0].facts.env_from.items[0].value;
    assert_eq!(from.name, Fact::Unknown(Why::NotFound));
}
