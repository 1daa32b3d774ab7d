//! What lies outside of the subset: noted, and what it may touch made unknown.

use super::build::{Builder, READER, Scope};
use super::resource::{Resource, text_of};
use super::selector::Selector;
use crate::facts::Why;
use crate::facts::object::value::{Data, Is, Value};
use crate::source::Spanned;

impl Builder<'_> {
    /// What plimsoll does not do makes unknown what it may touch.
    pub(super) fn leave_unknown(&mut self, scope: &Scope<'_>, resources: &mut [Resource]) {
        for (key, what) in [
            ("transformers", "transformers"),
            ("configurations", "configurations"),
            ("openapi", "an own schema"),
            ("imageTags", "imageTags"),
        ] {
            if let Some(field) = scope.root.field(key) {
                self.build.outside.push(Spanned::new(what, field.key_span));
                resources.iter_mut().for_each(|resource| resource.uncertain = Some(Why::Unsupported));
            }
        }
        for (key, what) in [
            ("generators", "generators"),
            ("helmCharts", "helmCharts"),
            ("helmChartInflationGenerator", "helmChartInflationGenerator"),
        ] {
            if let Some(field) = scope.root.field(key) {
                self.build.outside.push(Spanned::new(what, field.key_span));
                self.note(field.key_span, "objects that a generator or a chart makes are not judged");
                self.build.rest = Err(Why::Unsupported);
            }
        }
        for (key, what) in
            [("crds", "crds"), ("buildMetadata", "buildMetadata"), ("validators", "validators")]
        {
            if let Some(field) = scope.root.field(key) {
                self.build.outside.push(Spanned::new(what, field.key_span));
            }
        }
        for field in scope.list("labels").iter().filter_map(|item| item.field("fields")) {
            self.build.outside.push(Spanned::new("fields of labels", field.key_span));
            resources.iter_mut().for_each(|resource| resource.uncertain = Some(Why::Unsupported));
        }
        if let Some(field) = scope.root.field("vars") {
            self.build.outside.push(Spanned::new("vars", field.key_span));
            let names = field.value.items().iter().map(|var| text_of(var.get("name")).to_owned());
            self.vars.extend(names.filter(|name| !name.is_empty()));
        }
        if let Some(field) = scope.root.field("replacements") {
            self.build.outside.push(Spanned::new("replacements", field.key_span));
            for item in field.value.items() {
                self.leave_replaced(scope, item, resources);
            }
        }
    }

    /// The fields that a replacement writes; an object in which such a field is not found is uncertain as a whole.
    fn leave_replaced(&mut self, scope: &Scope<'_>, item: &Value, resources: &mut [Resource]) {
        let from_file = item.get("path").and_then(|path| {
            let tree = self.tree_at(scope, path)?;
            let mut budget = 100_000;
            Some(Value::read_as(tree.root()?, READER, &mut budget))
        });
        let replacements = match &from_file {
            Some(Value { data: Data::Seq(items), .. }) => items.as_slice(),
            Some(single) => std::slice::from_ref(single),
            None => std::slice::from_ref(item),
        };
        let targets =
            replacements.iter().flat_map(|one| one.get("targets").map_or(&[] as &[Value], Value::items));
        for target in targets {
            let Some(select) = target.get("select") else { continue };
            let paths = target.get("fieldPaths").map_or(&[] as &[Value], Value::items);
            let selector = Selector::new(select);
            for resource in resources.iter_mut().filter(|resource| selector.picks(resource)) {
                let known = paths.iter().all(|path| forget(&mut resource.root, &steps(text_of(Some(path)))));
                if paths.is_empty() || !known {
                    resource.uncertain = Some(Why::Unsupported);
                }
            }
        }
    }
}

/// The steps of a field path: `spec.containers.[name=web].image`, `metadata.annotations.[example.com/a]`.
fn steps(path: &str) -> Vec<&str> {
    let (mut steps, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (at, character) in path.char_indices() {
        match character {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '.' if depth == 0 => {
                steps.push(&path[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    steps.push(&path[start..]);
    steps.into_iter().map(|step| step.trim_start_matches('[').trim_end_matches(']')).collect()
}

/// Makes the values at the end of a field path unknown; false when there is none. Every item of a list is taken for
/// the one that is meant.
fn forget(value: &mut Value, steps: &[&str]) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        let text = text_of(Some(value)).to_owned();
        *value = Value::unknown(text, Why::Unsupported, value.span);
        return true;
    };
    match &mut value.data {
        Data::Map(_) => value.get_mut(step).is_some_and(|field| forget(field, rest)),
        Data::Seq(items) => {
            let mut found = false;
            items.iter_mut().for_each(|item| found |= forget(item, rest));
            found
        }
        Data::Scalar(_) => false,
    }
}

/// Marks the texts that `$(NAME)` of a var stands in.
pub(super) fn forget_vars(value: &mut Value, vars: &[String]) {
    match &mut value.data {
        Data::Map(fields) => fields.iter_mut().for_each(|field| forget_vars(&mut field.value, vars)),
        Data::Seq(items) => items.iter_mut().for_each(|item| forget_vars(item, vars)),
        Data::Scalar(scalar) => {
            let names = scalar.text.split("$(").skip(1).filter_map(|rest| rest.split_once(')'));
            if names.into_iter().any(|(name, _)| vars.iter().any(|var| var == name)) {
                scalar.is = Is::Unknown(Why::Unsupported);
            }
        }
    }
}
