//! What is started, and by whom: each container and compose service whose command or image says so, and each image that
//! none of them runs.

use std::collections::{BTreeMap, BTreeSet};

use super::purpose::{Purpose, Purposes};
use super::told::Told;
use super::{AppId, ComposeService, Container, Image, ImageId, Project, RunBy};
use crate::facts::base_images::{BaseImage, Runtime};
use crate::facts::command::Command;
use crate::facts::image::Config;
use crate::facts::object::EnvValue;
use crate::facts::{Fact, Origin, Why};
use crate::source::Span;
use crate::syntax::image_ref::ImageRef;

/// What is started, before the chain is followed.
pub(super) struct Plan<'a> {
    pub(super) by: RunBy,
    pub(super) image: Option<ImageId>,
    pub(super) entrypoint: Fact<Option<Command>>,
    pub(super) cmd: Fact<Option<Command>>,
    pub(super) shell: Fact<Vec<String>>,
    pub(super) base: Option<BaseImage>,
    pub(super) workdir: Fact<String>,
    pub(super) env: BTreeMap<String, Fact<String>>,
    pub(super) runtime: Fact<Runtime>,
    /// Where to show the start when no step of the chain has bytes of its own.
    pub(super) at: Span,
    pub(super) purpose: &'a Purposes,
    pub(super) app: Option<AppId>,
}

impl Project {
    /// Every container and compose service whose command or image says what it starts; and each image that none of them
    /// runs for the purpose that the image has.
    pub(super) fn plans(&self) -> Vec<Plan<'_>> {
        let mut plans: Vec<Plan<'_>> =
            self.containers.iter().filter_map(|container| self.of_container(container)).collect();
        let mut shipped: BTreeSet<ImageId> = plans.iter().filter_map(|plan| plan.image).collect();
        for service in &self.compose_services {
            plans.extend(self.of_service(service, &shipped));
        }
        let ships = |plan: &&Plan<'_>| plan.purpose.decided == Purpose::Ship;
        shipped.extend(plans.iter().filter(ships).filter_map(|plan| plan.image));
        let alone = self.images.iter().filter(|image| !shipped.contains(&image.id));
        plans.extend(alone.map(|image| Plan::of_image(image, RunBy::Image, &image.purpose)));
        plans
    }

    fn of_container<'a>(&'a self, container: &'a Container) -> Option<Plan<'a>> {
        let facts = &container.facts;
        let by = RunBy::Container(container.id);
        let mut plan = match container.image.known() {
            Some(image) => Plan::of_image(self.image(*image), by, &container.purpose),
            None => Plan::of_name(
                &self.told,
                facts.image.known().and_then(Option::as_deref),
                by,
                facts.anchor,
                &container.purpose,
            )?,
        };
        plan.app = container.app;
        plan.at = facts.anchor;
        replace(&mut plan, &facts.command, &facts.args);
        if let Some(Some(folder)) = facts.working_dir.known() {
            plan.workdir = facts.working_dir.clone().map(|_| folder.clone());
        }
        for variable in &facts.env.items {
            let value = match &variable.value.value {
                EnvValue::Literal(value) => value.clone(),
                EnvValue::From(_) => Fact::Unknown(Why::Variable),
            };
            plan.env.insert(variable.value.name.value.clone(), value);
        }
        Some(plan)
    }

    fn of_service<'a>(
        &'a self,
        service: &'a ComposeService,
        in_cluster: &BTreeSet<ImageId>,
    ) -> Option<Plan<'a>> {
        let facts = &service.facts;
        let by = RunBy::Compose(service.id);
        let mut plan = match service.image.known() {
            // Where Kubernetes runs the image, compose is how it is tried out.
            Some(image) if in_cluster.contains(image) && service.purpose.evidence.is_empty() => return None,
            Some(image) => Plan::of_image(self.image(*image), by, &service.purpose),
            None => {
                let name = facts.image.known().and_then(Option::as_deref);
                Plan::of_name(&self.told, name, by, facts.name.span, &service.purpose)?
            }
        };
        plan.app = service.app;
        plan.at = facts.name.span;
        replace(&mut plan, &facts.entrypoint, &facts.command);
        if let Some(Some(folder)) = facts.working_dir.known() {
            plan.workdir = facts.working_dir.clone().map(|_| folder.clone());
        }
        for variable in &facts.environment.items {
            plan.env.insert(variable.value.name.value.clone(), variable.value.text());
        }
        Some(plan)
    }
}

impl<'a> Plan<'a> {
    /// Where a person wrote what is started: CMD or what stands in for it, else ENTRYPOINT.
    pub(super) fn start(&self) -> Span {
        let written = |fact: &Fact<Option<Command>>| match fact {
            Fact::Known { value: Some(_), origin: Origin::Written(span) } => Some(*span),
            _ => None,
        };
        written(&self.cmd).or_else(|| written(&self.entrypoint)).unwrap_or(self.at)
    }

    fn of_image(image: &'a Image, by: RunBy, purpose: &'a Purposes) -> Plan<'a> {
        let Config { entrypoint, cmd, shell, workdir, env, .. } = image.config();
        let at = cmd.span().or_else(|| entrypoint.span()).unwrap_or(image.stage().from_span);
        Plan {
            by,
            image: Some(image.id),
            entrypoint: entrypoint.clone(),
            cmd: cmd.clone(),
            shell: shell.clone(),
            base: image.base.clone(),
            workdir: workdir.clone(),
            env: env.variables.clone(),
            runtime: image.runtime(),
            at,
            purpose,
            app: image.app,
        }
    }

    /// An image that the project does not build: what the tables know of it is what there is.
    fn of_name(
        told: &Told,
        name: Option<&str>,
        by: RunBy,
        at: Span,
        purpose: &'a Purposes,
    ) -> Option<Plan<'a>> {
        let name = ImageRef::parse(name?);
        let base = told.base(&name);
        let config = super::image::known_base(told, &name, at);
        let runtime = match base.as_ref().and_then(|base| Some((base.runtime.clone()?, base.source))) {
            Some((value, row)) => Fact::Known { value, origin: Origin::Table { named_at: at, row } },
            None => Fact::Unknown(Why::UnknownBase),
        };
        let unknown = || Fact::Unknown(Why::UnknownBase);
        Some(Plan {
            by,
            image: None,
            entrypoint: config.as_ref().map_or_else(unknown, |config| config.entrypoint.clone()),
            cmd: config.as_ref().map_or_else(unknown, |config| config.cmd.clone()),
            shell: config.as_ref().map_or(Fact::Unknown(Why::UnknownBase), |config| config.shell.clone()),
            base,
            workdir: config.as_ref().map_or(Fact::Unknown(Why::UnknownBase), |config| config.workdir.clone()),
            env: BTreeMap::new(),
            runtime,
            at,
            purpose,
            app: None,
        })
    }
}

/// What replaces ENTRYPOINT drops the image's CMD with it; what replaces CMD leaves ENTRYPOINT. That is how Kubernetes
/// reads `command` and `args`, and compose `entrypoint` and `command`.
fn replace(plan: &mut Plan<'_>, entrypoint: &Fact<Option<Command>>, cmd: &Fact<Option<Command>>) {
    match entrypoint {
        Fact::Known { value: None, .. } => {}
        Fact::Known { value: Some(_), origin } => {
            plan.entrypoint = entrypoint.clone();
            plan.cmd = Fact::Known { value: None, origin: origin.clone() };
        }
        Fact::Unknown(why) => {
            plan.entrypoint = Fact::Unknown(*why);
            plan.cmd = Fact::Unknown(*why);
        }
    }
    match cmd {
        Fact::Known { value: None, .. } => {}
        _ => plan.cmd = cmd.clone(),
    }
}
