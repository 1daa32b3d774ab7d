//! What may stand in `plimsoll.yaml`: one description, from which the file is judged, the JSON schema is generated and the
//! keys in docs/configuration.md are checked.

/// What a value may be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// Text.
    Text,
    /// A day, YYYY-MM-DD.
    Day,
    /// One of these words.
    Word(&'static [&'static str]),
    /// The id of a rule, or `family/*`.
    Rule,
    /// A profile that rules are in.
    Profile,
    /// A list of such values.
    List(&'static Shape),
    /// A mapping with these keys.
    Keys(&'static [Key]),
    /// A mapping from rules to their settings; with `true` their options may be set too.
    Settings(bool),
}

/// A key of a mapping.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) is_required: bool,
    /// What it does, for the schema.
    pub(super) doc: &'static str,
}

const fn key(name: &'static str, shape: Shape, doc: &'static str) -> Key {
    Key { name, shape, is_required: false, doc }
}

const fn required(name: &'static str, shape: Shape, doc: &'static str) -> Key {
    Key { name, shape, is_required: true, doc }
}

pub(super) const SEVERITIES: [&str; 3] = ["info", "warning", "error"];
const PURPOSES: [&str; 4] = ["ship", "develop", "test", "build"];
const GLOBS: Shape = Shape::List(&Shape::Text);

/// The whole file.
pub(super) const FILE: Shape = Shape::Keys(&[
    key("as-of", Shape::Day, "Day of end-of-life judgements; today without it. --as-of goes before it."),
    key(
        "fail-on",
        Shape::Word(&SEVERITIES),
        "Least severity that makes the exit status 1; error without it.",
    ),
    key("exclude", GLOBS, "Files and folders that are not read, in the manner of .gitignore."),
    key("profiles", Shape::List(&Shape::Profile), "Sets of rules that are asked beside the default ones."),
    key(
        "rules",
        Shape::Settings(true),
        "Rules that are off, or that have another severity or other options.",
    ),
    key("overrides", Shape::List(&Shape::Keys(&OVERRIDE)), "Other severities for findings in some files."),
    key("ignore", Shape::List(&Shape::Keys(&IGNORE)), "Findings that are accepted, with the reason."),
    key("targets", Shape::List(&Shape::Keys(&TARGET)), "Stages that are shipped, where no build says so."),
    key(
        "purposes",
        Shape::List(&Shape::Keys(&PURPOSE)),
        "What files and folders are for, where plimsoll is wrong.",
    ),
    key("base-images", Shape::List(&Shape::Keys(&BASE)), "Base images of one's own, and what they are like."),
]);

const OVERRIDE: [Key; 2] = [
    required("paths", GLOBS, "The files, in the manner of .gitignore."),
    required("rules", Shape::Settings(false), "off or a severity, by rule."),
];

const IGNORE: [Key; 7] = [
    required("rule", Shape::Rule, "The rule."),
    required("reason", Shape::Text, "Why its finding is accepted."),
    key("path", Shape::Text, "A glob of the files that the finding stands in."),
    key("app", Shape::Text, "The app that it belongs to."),
    key("object", Shape::Text, "The Kubernetes object: its name, or kind and name (Deployment web)."),
    key("container", Shape::Text, "The container."),
    key("until", Shape::Day, "The last day on which it is accepted."),
];

const TARGET: [Key; 2] = [
    required("dockerfile", Shape::Text, "A glob of Dockerfiles."),
    required("stage", Shape::Text, "The name of the stage."),
];

const PURPOSE: [Key; 2] = [
    required("paths", GLOBS, "The files, in the manner of .gitignore."),
    required("purpose", Shape::Word(&PURPOSES), "What they are for."),
];

const BASE: [Key; 3] = [
    required("image", Shape::Text, "Registry and repository; a * at the end stands for any text."),
    required("like", Shape::Text, "The public image that it is like, with its tag (node:24-slim)."),
    key(
        "user",
        Shape::Text,
        "The user that its processes run as, where that is another one: name, uid or name:uid.",
    ),
];
