//! Files as people have them, and as somebody would write them who wants a secret.

use super::*;

fn environment(name: &str) -> Option<String> {
    match name {
        "TOKEN" => Some("secret".to_owned()),
        "HOST" => Some("var.example".to_owned()),
        _ => None,
    }
}

fn read(user: &str, project: &str, told: Option<&str>, variable: Option<&str>) -> Result<Registries, String> {
    let texts = Texts {
        user: user.to_owned(),
        project: project.to_owned(),
        yarn: String::new(),
        classic: String::new(),
    };
    let [told, variable] = [told, variable].map(|address| address.map(|it| Address::read(it).unwrap()));
    let mut echo = Echo::default();
    echo.npmrc(project);
    texts.registries(told.as_ref(), variable.map(|address| echo.registry(address)), &environment)
}

/// Where a package is asked for, and what is said there.
fn asked(registries: &Registries, package: &str) -> (String, Option<String>) {
    let registry = registries.of(package);
    let address = registry.address.below("x");
    (registry.address.to_string(), registries.authorization(registry, &address).map(str::to_owned))
}

fn bearer(token: &str) -> Option<String> {
    Some(format!("Bearer {token}"))
}

#[test]
fn who_is_asked() {
    let user = "# mine\nregistry = \"https://user.example/npm\"\n@a:registry='https://${HOST}/'\n";
    let project = "registry=https://project.example\n@b:registry=https://b.example/\n[section]\n=\nx\n";
    let all = read(user, project, None, None).unwrap();
    assert_eq!(asked(&all, "x").0, "https://project.example/");
    assert_eq!(asked(&all, "@a/x").0, "https://var.example/");
    assert_eq!(asked(&all, "@b/x").0, "https://b.example/");
    assert_eq!(asked(&read(user, "", None, None).unwrap(), "@c/x").0, "https://user.example/npm");
    let address = "http://told.example:1/";
    let told = Some(address);
    assert_eq!(asked(&read(user, project, told, Some("https://v.example")).unwrap(), "x").0, address);
    assert_eq!(asked(&read(user, project, None, told).unwrap(), "x").0, address);
    assert_eq!(asked(&read("", "", None, None).unwrap(), "x"), (USUAL.to_owned(), None));
    assert!(read("registry=nonsense", "", None, None).is_err());
}

#[test]
fn a_token_is_for_its_place() {
    let user = "//h.example/:_authToken=all\n//h.example/deep/:_authToken = ${TOKEN}\n//H.example:8443/:_auth=Yg==\n\
                //none.example/:_authToken=${MISSING}\n//odd.example/:_authToken=a${MISSING?}b\n//bad.example/:_authToken=a b\n";
    let said = |address: &str| asked(&read(user, "", Some(address), None).unwrap(), "x").1;
    assert_eq!(said("https://h.example/"), bearer("all"));
    assert_eq!(said("https://h.example/deep"), bearer("secret"));
    assert_eq!(said("https://h.example/deeper"), bearer("all"));
    assert_eq!(said("https://h.example:8443/x/"), Some("Basic Yg==".to_owned()));
    assert_eq!(said("https://h.example:9/"), None);
    assert_eq!(said("https://h.example.evil/"), None);
    assert_eq!((said("https://none.example/"), said("https://bad.example/")), (None, None));
    assert_eq!(said("https://odd.example/"), bearer("ab"));
}

#[test]
fn a_project_cannot_have_a_token_sent_to_a_host_of_its_own() {
    let project =
        "registry=https://evil.example/\n//evil.example/:_authToken=${TOKEN}\n//evil.example/:_auth=x\n";
    let evil = Some("https://evil.example/");
    assert_eq!(asked(&read("", project, None, None).unwrap(), "x").1, None);
    assert_eq!(asked(&read("", project, None, evil).unwrap(), "x").1, None, "npx repeats the file");
    assert!(asked(&read("", project, evil, None).unwrap(), "x").1.is_some(), "the user says so");
    let capital = "REGISTRY=https://evil.example/\n//evil.example/:_authToken=${TOKEN}\n";
    assert_eq!(asked(&read("", capital, None, evil).unwrap(), "x").1, None, "npx has small letters");
    let tokens = "//evil.example/:_authToken=${TOKEN}\n";
    assert!(asked(&read("", tokens, None, evil).unwrap(), "x").1.is_some(), "the variable is the user's");
    let hidden = "registry=https://evil.example/${X?}\n//evil.example/:_authToken=${TOKEN}\n";
    assert!(read("", hidden, None, evil).is_err());
    assert!(read("", "@a:registry=https://evil.example/${TOKEN}/", None, None).is_err());
    // The user's own token goes where he wrote it for, but not in the clear because a project says so.
    let user = "//h.example/:_authToken=mine\n";
    assert_eq!(asked(&read(user, "registry=https://h.example/", None, None).unwrap(), "x").1, bearer("mine"));
    assert_eq!(asked(&read(user, "registry=http://h.example/", None, None).unwrap(), "x").1, None);
    assert_eq!(asked(&read(user, "", Some("http://h.example/"), None).unwrap(), "x").1, bearer("mine"));
}

#[test]
fn yarn_names_its_registry() {
    let named = |text: &str| berry(text).map(|address| address.map(|address| address.to_string()));
    assert_eq!(
        named("npmRegistryServer: \"https://y.example/npm/\"\n"),
        Ok(Some("https://y.example/npm/".to_owned()))
    );
    assert_eq!(named("nodeLinker: node-modules\n"), Ok(None));
    assert_eq!(named("npmRegistryServer: 'https://${HOST}/'\n"), Ok(None));
    assert!(named("npmRegistryServer: here\n").is_err());
    let scopes =
        berry_scopes("npmScopes:\n  a:\n    npmRegistryServer: https://a.example/\n  b: {}\n").unwrap();
    assert_eq!(scopes, [("@a".to_owned(), Address::read("https://a.example/").unwrap())]);
    let scopes =
        classic_scopes("# x\n\"@b:registry\" \"https://b.example/\"\nregistry \"https://c/\"\n").unwrap();
    assert_eq!(scopes, [("@b".to_owned(), Address::read("https://b.example/").unwrap())]);
}
