//! The map for programs: version 1 of what `docs/schema.json` describes under `map`.

use super::Map;

/// The map as one JSON document.
pub fn write(map: &Map) -> String {
    // Plain structs of texts and numbers always serialise.
    serde_json::to_string_pretty(map).unwrap_or_default() + "\n"
}
