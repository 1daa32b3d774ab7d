//! The environment that a run's first process gets: the image's ENV, and what the manifest or the compose file sets over it.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::{ComposeService, Container, Image, Project, UnitId};
use crate::facts::object::{ConfigMap, EnvSource, EnvValue};
use crate::facts::{Fact, Found, Why};

/// Environment variables of a run.
#[derive(Clone, Debug)]
pub struct Environment {
    variables: BTreeMap<String, Fact<String>>,
    /// `Ok` when no other variable is set.
    rest: Result<(), Why>,
}

impl Environment {
    /// The value of a variable; `Ok(None)`: it is not set.
    pub fn get(&self, name: &str) -> Result<Option<&Fact<String>>, Why> {
        match self.variables.get(name) {
            Some(Fact::Unknown(why)) => Err(*why),
            Some(known) => Ok(Some(known)),
            None => self.rest.map(|()| None),
        }
    }

    fn set(&mut self, name: &str, value: Fact<String>) {
        self.variables.insert(name.to_owned(), value);
    }

    /// Nothing is known any more of what is not set after this.
    fn forget(&mut self, why: Why) {
        self.rest = self.rest.and(Err(why));
        self.variables.values_mut().for_each(|value| *value = Fact::Unknown(why));
    }
}

/// The ConfigMaps of all units by name.
pub(super) struct ConfigMaps<'a> {
    project: &'a Project,
    by_name: FxHashMap<(UnitId, String), Vec<usize>>,
}

impl<'a> ConfigMaps<'a> {
    pub(super) fn of(project: &'a Project) -> ConfigMaps<'a> {
        let mut by_name: FxHashMap<(UnitId, String), Vec<usize>> = FxHashMap::default();
        for (index, object) in project.objects.iter().enumerate() {
            if object.facts.is("", "ConfigMap")
                && let Some(name) = object.facts.name().known()
            {
                by_name.entry((object.unit, name.clone())).or_default().push(index);
            }
        }
        ConfigMaps { project, by_name }
    }

    /// The ConfigMap of this name beside a container.
    fn find(&self, unit: UnitId, name: &Fact<String>) -> Result<ConfigMap, Why> {
        let name = match name {
            Fact::Known { value, .. } => value.clone(),
            Fact::Unknown(why) => return Err(*why),
        };
        match self.by_name.get(&(unit, name)).map(Vec::as_slice) {
            Some([one]) => self.project.objects[*one].facts.config_map().ok_or(Why::Unsupported),
            Some(_) => Err(Why::Ambiguous),
            None => Err(Why::NotFound),
        }
    }
}

/// What an image sets: its ENV, and nothing more when the tables know what it is built on.
pub(super) fn of_image(image: &Image) -> Environment {
    let env = &image.config().env;
    let rest = if image.base.is_some() && env.rest == Err(Why::UnknownBase) { Ok(()) } else { env.rest };
    Environment { variables: env.variables.clone(), rest }
}

/// What an image sets that the project does not build: images of the tables set no variable that programs of others read.
pub(super) fn of_known(known: bool) -> Environment {
    let rest = if known { Ok(()) } else { Err(Why::UnknownBase) };
    Environment { variables: BTreeMap::new(), rest }
}

impl Environment {
    /// Lays what the container's manifest says over it: `envFrom` over the image, `env` over both.
    pub(super) fn lay_container(&mut self, container: &Container, unit: UnitId, maps: &ConfigMaps<'_>) {
        let facts = &container.facts;
        if let Err(why) = facts.env_from.rest {
            self.forget(why);
        }
        for from in &facts.env_from.items {
            let from = &from.value;
            let map = if from.secret { Err(Why::Unsupported) } else { maps.find(unit, &from.name) };
            match (map, from.prefix.known()) {
                (Ok(map), Some(prefix)) => self.lay_map(&map, prefix),
                (Err(why), _) => self.forget(why),
                (_, None) => self.forget(Why::Variable),
            }
        }
        for variable in &facts.env.items {
            let value = match &variable.value.value {
                // `$(NAME)` is replaced by the kubelet.
                EnvValue::Literal(Fact::Known { value, .. }) if value.contains("$(") => {
                    Fact::Unknown(Why::Variable)
                }
                EnvValue::Literal(value) => value.clone(),
                EnvValue::From(EnvSource::ConfigMap { name, key, .. }) => of_key(maps, unit, name, key),
                EnvValue::From(_) => Fact::Unknown(Why::Variable),
            };
            self.set(&variable.value.name.value, value);
        }
        if let Err(why) = facts.env.rest {
            self.forget(why);
        }
    }

    fn lay_map(&mut self, map: &ConfigMap, prefix: &str) {
        if let Err(why) = map.data.rest {
            self.forget(why);
        }
        for entry in &map.data.items {
            let (key, value) = &entry.value;
            self.set(&format!("{prefix}{}", key.value), value.clone());
        }
    }

    /// Lays what a compose service says over it: `env_file` over the image, `environment` over both.
    pub(super) fn lay_service(&mut self, service: &ComposeService) {
        let facts = &service.facts;
        let Found { items, rest } = &facts.env_file;
        if !items.is_empty() || rest.is_err() {
            self.forget(rest.err().unwrap_or(Why::NotFound));
        }
        for variable in &facts.environment.items {
            self.set(&variable.value.name.value, variable.value.text());
        }
        if let Err(why) = facts.environment.rest {
            self.forget(why);
        }
    }
}

fn of_key(maps: &ConfigMaps<'_>, unit: UnitId, name: &Fact<String>, key: &Fact<String>) -> Fact<String> {
    let map = match maps.find(unit, name) {
        Ok(map) => map,
        Err(why) => return Fact::Unknown(why),
    };
    let Some(wanted) = key.known() else { return Fact::Unknown(Why::Variable) };
    let found = map.data.items.into_iter().find(|entry| entry.value.0.value == *wanted);
    found.map_or(Fact::Unknown(Why::NotFound), |entry| entry.value.1)
}
