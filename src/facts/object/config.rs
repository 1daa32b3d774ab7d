//! ConfigMaps and Secrets.

use super::Object;
use super::reading::At;
use crate::facts::{Fact, Found};
use crate::source::Spanned;

/// A ConfigMap.
#[derive(Clone, Debug)]
pub struct ConfigMap {
    /// Keys and texts of `data`; of `binaryData` the texts are base64.
    pub data: Found<(Spanned<String>, Fact<String>)>,
    /// Default false.
    pub immutable: Fact<bool>,
}

/// A Secret.
#[derive(Clone, Debug)]
pub struct Secret {
    /// `Opaque` by default.
    pub kind: Fact<String>,
    /// Keys and texts of `data`, in base64.
    pub data: Found<(Spanned<String>, Fact<String>)>,
    /// Keys and texts of `stringData`.
    pub string_data: Found<(Spanned<String>, Fact<String>)>,
    /// Default false.
    pub immutable: Fact<bool>,
}

impl Object {
    /// The object as a ConfigMap.
    pub fn config_map(&self) -> Option<ConfigMap> {
        let root = self.at();
        self.is("", "ConfigMap").then(|| {
            let mut data = entries(root.get("data"));
            let binary = entries(root.get("binaryData"));
            data.items.extend(binary.items);
            data.rest = data.rest.and(binary.rest);
            ConfigMap { data, immutable: root.get("immutable").bool_or(false) }
        })
    }

    /// The object as a Secret.
    pub fn secret(&self) -> Option<Secret> {
        let root = self.at();
        self.is("", "Secret").then(|| Secret {
            kind: root.get("type").text_or("Opaque"),
            data: entries(root.get("data")),
            string_data: entries(root.get("stringData")),
            immutable: root.get("immutable").bool_or(false),
        })
    }
}

fn entries(at: At<'_>) -> Found<(Spanned<String>, Fact<String>)> {
    let (fields, mut rest) = at.fields();
    let mut items = Vec::with_capacity(fields.len());
    for (key, at) in fields {
        let span = key.span;
        let text = at.plain().map(Option::unwrap_or_default);
        match text {
            // A file of variables that was not read stands as one value without a key.
            Fact::Unknown(why) if key.value.is_empty() => rest = Err(why),
            text => items.push(Spanned::new((key, text), span)),
        }
    }
    Found { items, rest }
}
