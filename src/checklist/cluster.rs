//! Items about what runs it: pods, Services, compose, and the files that say so.

use super::deployed::Deployed;
use super::{Evidence, all, count};
use crate::date::Date;
use crate::facts::Fact;
use crate::facts::object::{Quantity, VolumeSource};
use crate::model::{Container, Run, Workload};

const NO_POD: &str = "no manifest of the project runs it";

fn name_of(container: &Container) -> &str {
    container.facts.name.known().map_or("it", String::as_str)
}

pub(super) fn probes(deployed: &Deployed<'_>, _: Date) -> Evidence {
    let of_container = |container: &&Container| match &container.facts.readiness {
        Fact::Known { value: Some(probe), .. } => {
            Evidence::Met(Some(probe.span), format!("container {} has a readinessProbe", name_of(container)))
        }
        Fact::Known { value: None, .. } => Evidence::Unknown(format!(
            "container {} has none, and nothing shows that it serves",
            name_of(container)
        )),
        Fact::Unknown(why) => Evidence::Unknown(format!("its probe is not known: {}", why.as_str())),
    };
    all(deployed.containers.iter().map(of_container), NO_POD)
}

pub(super) fn ports(deployed: &Deployed<'_>, _: Date) -> Evidence {
    let of_run = |run: &Run| {
        let listens = run.program.as_ref().map_or(&[] as &[_], |program| &program.listens);
        let Some(listen) = listens.first() else {
            return Evidence::Unknown("no port was found that it listens on".to_owned());
        };
        let Some(port) = listen.port.known().copied() else {
            return Evidence::Unknown("the port that it listens on is not known".to_owned());
        };
        let declared =
            |id| {
                let container: &Container = deployed.project.container(id);
                container.facts.ports.items.iter().find(|declared| {
                    declared.value.number.known().copied().flatten() == Some(i64::from(port))
                })
            };
        match run.container().and_then(declared) {
            Some(declared) => Evidence::Met(
                Some(declared.span),
                format!("it listens on {port}, which its container declares"),
            ),
            None => Evidence::Unknown(format!("it listens on {port}, and no container of it declares that")),
        }
    };
    all(deployed.servers().map(of_run), "no process is meant to stay")
}

pub(super) fn exposure(deployed: &Deployed<'_>, _: Date) -> Evidence {
    let project = deployed.project;
    let services = deployed.lasting().flat_map(|workload| project.services_of(workload.id));
    let of_service = |id: &_| {
        let object = project.object(*id);
        let kind = object.facts.service().map(|service| service.kind);
        match kind.as_ref().and_then(Fact::known).map(String::as_str) {
            Some("ClusterIP") => {
                Evidence::Met(Some(object.facts.kind.span), "its Service is a ClusterIP".to_owned())
            }
            Some(kind) => Evidence::Unknown(format!("its Service is a {kind}, and no Ingress leads to it")),
            None => Evidence::Unknown("the type of its Service is not known".to_owned()),
        }
    };
    all(services.map(of_service), "no Service leads to it")
}

pub(super) fn state(deployed: &Deployed<'_>, _: Date) -> Evidence {
    let of_workload = |workload: &Workload| {
        let Some(template) = &workload.facts.template else { return Evidence::Unknown(NO_POD.to_owned()) };
        if template.volumes.rest.is_err() {
            return Evidence::Unknown("not all of its volumes are known".to_owned());
        }
        let at = Some(deployed.project.object(workload.object).facts.kind.span);
        let claims = template
            .volumes
            .items
            .iter()
            .any(|volume| matches!(volume.value.source, VolumeSource::Claim { .. }));
        match claims || !workload.facts.claims.items.is_empty() {
            true => Evidence::Met(at, "what it keeps is on a claim".to_owned()),
            false => Evidence::Unknown("nothing shows that it keeps data".to_owned()),
        }
    };
    all(deployed.lasting().map(of_workload), NO_POD)
}

pub(super) fn replicas(deployed: &Deployed<'_>, _: Date) -> Evidence {
    let of_workload = |workload: &Workload| {
        let place = deployed.project.object(workload.object).facts.kind.span;
        match deployed.project.pods_of(workload) {
            None => Evidence::Unknown("how many pods there are is not known".to_owned()),
            Some(..=1) => {
                Evidence::Broken(place, "one pod: while it restarts or moves, nobody answers".to_owned())
            }
            Some(pods) => match deployed.project.budget_of(workload.id) {
                Some(budget) => Evidence::Met(
                    Some(budget.facts.kind.span),
                    format!("{pods} pods, and a PodDisruptionBudget keeps some of them"),
                ),
                None => Evidence::Unknown(format!("{pods} pods, and no PodDisruptionBudget was found")),
            },
        }
    };
    all(deployed.lasting().map(of_workload), NO_POD)
}

pub(super) fn resources(deployed: &Deployed<'_>, _: Date) -> Evidence {
    let of_container = |container: &&Container| {
        let own = &container.facts.resources;
        let is_set = |quantity: &Fact<Option<Quantity>>| matches!(quantity.known(), Some(Some(_)));
        let wanted = [&own.cpu_request, &own.memory_request, &own.memory_limit];
        match wanted.iter().all(|quantity| is_set(quantity)) {
            true => Evidence::Met(
                own.memory_limit.span(),
                format!("container {} has requests and a memory limit", name_of(container)),
            ),
            false => {
                Evidence::Unknown(format!("not all resources of container {} are known", name_of(container)))
            }
        }
    };
    all(deployed.containers.iter().map(of_container), NO_POD)
}

pub(super) fn secrets(deployed: &Deployed<'_>, _: Date) -> Evidence {
    let of_container = |container: &&Container| match container.facts.env.rest {
        Ok(()) => Evidence::Met(
            Some(container.facts.anchor),
            format!("no value of container {} looks like a secret", name_of(container)),
        ),
        Err(why) => Evidence::Unknown(format!("not all of its environment is known: {}", why.as_str())),
    };
    all(deployed.containers.iter().map(of_container), NO_POD)
}

pub(super) fn compose(deployed: &Deployed<'_>, _: Date) -> Evidence {
    let services = deployed.services.iter();
    all(
        services
            .map(|service| Evidence::Met(Some(service.facts.name.span), "a compose file runs it".to_owned())),
        "no compose file runs it for production",
    )
}

pub(super) fn syntax(deployed: &Deployed<'_>, _: Date) -> Evidence {
    let files = deployed.files();
    Evidence::Met(None, format!("{} read without a fault", count(files.len(), "file", "files")))
}
