//! A runner for composite actions: the steps of `action.yml`, one after the other, with the files that GitHub's runner gives
//! to steps, and with its reading of the log.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_yaml::Value;

/// Annotations of one type that the runner keeps of a step.
const ANNOTATIONS: usize = 10;
/// Bytes of a step's summary, above which the runner drops it.
const SUMMARY: usize = 1024 * 1024;

/// A machine that runs jobs: its folders live as long as it does.
pub(super) struct Runner {
    /// The folder that holds `action.yml`.
    pub(super) action: PathBuf,
    /// Where the repository is checked out, and where steps run.
    pub(super) workspace: PathBuf,
    /// What else is in the environment of every step.
    pub(super) environment: Vec<(String, String)>,
    scratch: tempfile::TempDir,
}

/// What a run of the action left.
#[derive(Debug, Default)]
pub(super) struct Run {
    /// True when each step that ran succeeded.
    pub(super) succeeded: bool,
    /// Everything that was printed.
    pub(super) log: String,
    /// The commands to the runner in it.
    pub(super) commands: Vec<WorkflowCommand>,
    /// The outputs of the action.
    pub(super) outputs: BTreeMap<String, String>,
    /// The summary of the job.
    pub(super) summary: String,
}

/// `::error file=a,line=1::text`, decoded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WorkflowCommand {
    pub(super) name: String,
    pub(super) properties: BTreeMap<String, String>,
    pub(super) message: String,
}

impl Run {
    /// Annotations of a type: `error`, `warning` or `notice`.
    pub(super) fn annotations(&self, name: &str) -> Vec<&WorkflowCommand> {
        self.commands.iter().filter(|command| command.name == name).collect()
    }
}

/// What expressions can name.
struct Context<'a> {
    action: &'a Path,
    inputs: BTreeMap<String, String>,
    steps: BTreeMap<String, BTreeMap<String, String>>,
}

impl Runner {
    pub(super) fn new(action: &Path, workspace: &Path) -> Runner {
        let scratch = tempfile::tempdir().unwrap();
        for folder in ["temp", "tools", "home"] {
            fs::create_dir(scratch.path().join(folder)).unwrap();
        }
        Runner {
            action: action.to_owned(),
            workspace: workspace.to_owned(),
            environment: Vec::new(),
            scratch,
        }
    }

    /// What is kept between the jobs of one machine.
    pub(super) fn tool_cache(&self) -> PathBuf {
        self.scratch.path().join("tools")
    }

    /// Runs the action with these inputs; those that are not given have their defaults.
    pub(super) fn run(&self, given: &[(&str, &str)]) -> Run {
        let text = fs::read_to_string(self.action.join("action.yml")).unwrap();
        let action: Value = serde_yaml::from_str(&text).unwrap();
        assert_eq!(action["runs"]["using"], "composite");
        let mut context =
            Context { action: &self.action, inputs: inputs(&action, given), steps: BTreeMap::new() };
        let mut run = Run { succeeded: true, ..Run::default() };
        for step in action["runs"]["steps"].as_sequence().unwrap() {
            let runs = match step.get("if").map(|condition| condition.as_str().unwrap()) {
                None | Some("success()") => run.succeeded,
                Some("always()") => true,
                Some(other) => panic!("the condition `{other}` is not known here"),
            };
            if runs {
                self.step(step, &mut context, &mut run);
            }
        }
        for (name, output) in action["outputs"].as_mapping().unwrap() {
            let value = context.expanded(output["value"].as_str().unwrap());
            run.outputs.insert(name.as_str().unwrap().to_owned(), value);
        }
        run
    }

    fn step(&self, step: &Value, context: &mut Context<'_>, run: &mut Run) {
        assert_eq!(step["shell"], "bash", "a composite step names its shell");
        let script = step["run"].as_str().unwrap();
        assert!(!script.contains("${{"), "an expression in `run` is pasted into a program: {script}");
        let at = |name: &str| self.scratch.path().join(name);
        fs::write(at("script.sh"), script).unwrap();
        for file in ["output", "summary", "env", "path"] {
            fs::write(at(file), "").unwrap();
        }
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-e", "-o", "pipefail"]).arg(at("script.sh"));
        command.current_dir(&self.workspace).envs(self.environment.iter().cloned());
        for (name, value) in [
            ("GITHUB_ACTION_PATH", self.action.clone()),
            ("GITHUB_OUTPUT", at("output")),
            ("GITHUB_STEP_SUMMARY", at("summary")),
            ("GITHUB_ENV", at("env")),
            ("GITHUB_PATH", at("path")),
            ("GITHUB_WORKSPACE", self.workspace.clone()),
            ("RUNNER_TEMP", at("temp")),
            ("RUNNER_TOOL_CACHE", at("tools")),
            ("HOME", at("home")),
        ] {
            command.env(name, value);
        }
        command.env("CI", "true").env("GITHUB_ACTIONS", "true");
        command.env("RUNNER_OS", if cfg!(target_os = "macos") { "macOS" } else { "Linux" });
        command.env("RUNNER_ARCH", if cfg!(target_arch = "aarch64") { "ARM64" } else { "X64" });
        for (name, value) in step.get("env").and_then(Value::as_mapping).into_iter().flatten() {
            command.env(name.as_str().unwrap(), context.expanded(value.as_str().unwrap()));
        }
        // The runner reads both streams as one log; which of two lines came first does not matter here.
        let done = command.output().unwrap();
        let log = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
        run.succeeded &= done.status.success();
        let commands = commands(&log);
        for annotation in ["error", "warning", "notice"] {
            let count = commands.iter().filter(|command| command.name == annotation).count();
            assert!(count <= ANNOTATIONS, "{count} annotations of type {annotation}: {log}");
        }
        run.commands.extend(commands);
        run.log.push_str(&log);
        let summary = fs::read_to_string(at("summary")).unwrap();
        assert!(summary.len() <= SUMMARY, "the summary has {} bytes", summary.len());
        run.summary.push_str(&summary);
        for file in ["env", "path"] {
            assert_eq!(fs::read_to_string(at(file)).unwrap(), "", "the action changes no later step");
        }
        if let Some(id) = step.get("id") {
            let outputs = outputs(&fs::read_to_string(at("output")).unwrap());
            context.steps.insert(id.as_str().unwrap().to_owned(), outputs);
        }
    }
}

fn inputs(action: &Value, given: &[(&str, &str)]) -> BTreeMap<String, String> {
    let declared = action["inputs"].as_mapping().unwrap();
    let mut inputs: BTreeMap<String, String> = declared
        .iter()
        .map(|(name, input)| {
            let default = input.get("default").and_then(Value::as_str).unwrap_or_default();
            (name.as_str().unwrap().to_owned(), default.to_owned())
        })
        .collect();
    for (name, value) in given {
        let old = inputs.insert((*name).to_owned(), (*value).to_owned());
        assert!(old.is_some(), "the action has no input {name}");
    }
    inputs
}

impl Context<'_> {
    /// The text with each `${{ … }}` replaced.
    fn expanded(&self, text: &str) -> String {
        let mut expanded = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${{") {
            let (expression, behind) = after.split_once("}}").unwrap();
            expanded.push_str(before);
            expanded.push_str(&self.value(expression.trim()));
            rest = behind;
        }
        expanded + rest
    }

    fn value(&self, expression: &str) -> String {
        let parts: Vec<&str> = expression.split('.').collect();
        match parts[..] {
            ["inputs", name] => self.inputs[name].clone(),
            ["github", "action_path"] => self.action.display().to_string(),
            // Of a step that did not run, each output is empty.
            ["steps", id, "outputs", name] => {
                self.steps.get(id).and_then(|outputs| outputs.get(name)).cloned().unwrap_or_default()
            }
            _ => panic!("the expression `{expression}` is not known here"),
        }
    }
}

/// `name=value` and `name<<END`, as the runner reads them from the file of outputs.
fn outputs(text: &str) -> BTreeMap<String, String> {
    let mut outputs = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let heredoc = line.split_once("<<").filter(|(name, _)| !name.contains('='));
        if let Some((name, end)) = heredoc {
            let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
            outputs.insert(name.to_owned(), value.join("\n"));
        } else {
            let (name, value) = line.split_once('=').unwrap();
            outputs.insert(name.to_owned(), value.to_owned());
        }
    }
    outputs
}

/// The commands in a log, read as the runner reads them: `::name properties::message` after blanks, and the older
/// `##[name properties]message` anywhere in a line. Between `::stop-commands::token` and `::token::` there are none.
fn commands(log: &str) -> Vec<WorkflowCommand> {
    let mut found = Vec::new();
    let mut stopped: Option<String> = None;
    for line in log.lines() {
        let Some(command) = new_form(line).or_else(|| old_form(line)) else { continue };
        match &stopped {
            Some(token) if command.name == *token => stopped = None,
            Some(_) => {}
            None if command.name == "stop-commands" => stopped = Some(command.message),
            None => found.push(command),
        }
    }
    assert_eq!(stopped, None, "commands are never resumed: {log}");
    found
}

fn new_form(line: &str) -> Option<WorkflowCommand> {
    let (head, message) = line.trim_start().strip_prefix("::")?.split_once("::")?;
    Some(command(head, ',', message))
}

fn old_form(line: &str) -> Option<WorkflowCommand> {
    let (_, rest) = line.split_once("##[")?;
    let (head, message) = rest.split_once(']')?;
    Some(command(head, ';', message))
}

fn command(head: &str, separator: char, message: &str) -> WorkflowCommand {
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let properties = properties.split(separator).filter_map(|property| property.split_once('='));
    WorkflowCommand {
        name: name.to_owned(),
        properties: properties.map(|(key, value)| (key.trim().to_owned(), decoded(value))).collect(),
        message: decoded(message),
    }
}

fn decoded(text: &str) -> String {
    let pairs = [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")];
    pairs.iter().fold(text.to_owned(), |text, (code, character)| text.replace(code, character))
}

#[test]
fn the_log_is_read_as_the_runner_reads_it() {
    let log = "  ::error file=a%2Cb,line=3::one%0Atwo\n::stop-commands::x\n::error::no\n##[error]no\n::x::\n\
               text ##[warning]old\n::not a command\n";
    let found = commands(log);
    let names: Vec<&str> = found.iter().map(|command| command.name.as_str()).collect();
    assert_eq!(names, ["error", "warning"]);
    assert_eq!(found[0].properties["file"], "a,b");
    assert_eq!(found[0].message, "one\ntwo");
    let read = outputs("a=b=c\nd<<E-1\none\ne=2\nE-1\n");
    assert_eq!(read, BTreeMap::from([("a".into(), "b=c".into()), ("d".into(), "one\ne=2".into())]));
}
