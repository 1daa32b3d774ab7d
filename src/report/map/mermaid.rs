//! The map as a Mermaid flowchart, for pages that draw it. Ids are numbers of our own, so that they stay the same for the
//! same project; whatever comes from the files stands in quotes, with every character written as its code that could
//! mean something to Mermaid or to the page.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{By, Entry, Image, Map, Run, Service};
use crate::report::clean;

/// Characters of a label that are drawn; the rest of a name that is longer tells nothing at a glance.
const LONGEST: usize = 60;

struct Writer {
    text: String,
    /// Lines that join nodes, which come after all nodes.
    edges: String,
    drawn: BTreeSet<String>,
    /// Ids of entry files, by the image and their path: several runs may start the same.
    entries: BTreeMap<(usize, String), String>,
    runs: usize,
}

/// The whole flowchart.
pub fn write(map: &Map) -> String {
    let mut writer = Writer {
        text: "flowchart LR\n".to_owned(),
        edges: String::new(),
        drawn: BTreeSet::new(),
        entries: BTreeMap::new(),
        runs: 0,
    };
    let mut images = 0;
    for (at, app) in map.apps.iter().enumerate() {
        writer.open(&format!("app{at}"), &app.name);
        for image in &app.images {
            writer.image(images, image);
            images += 1;
        }
        for run in &app.beside {
            writer.run(run, None);
        }
        writer.close();
    }
    if !map.others.is_empty() {
        writer.open("others", "others");
        for run in &map.others {
            writer.run(run, None);
        }
        writer.close();
    }
    writer.text + &writer.edges
}

impl Writer {
    fn open(&mut self, id: &str, title: &str) {
        let _ = writeln!(self.text, "  subgraph {id}[{}]", label(&[title]));
    }

    fn close(&mut self) {
        self.text.push_str("  end\n");
    }

    /// Draws a node once.
    fn node(&mut self, id: &str, shape: [&str; 2], lines: &[&str]) {
        if self.drawn.insert(id.to_owned()) {
            let _ = writeln!(self.text, "    {id}{}{}{}", shape[0], label(lines), shape[1]);
        }
    }

    fn edge(&mut self, from: &str, to: &str, why: Option<&str>) {
        let why = why.map(|why| format!("|{}|", label(&[why]))).unwrap_or_default();
        let line = format!("  {from} -->{why} {to}\n");
        if self.drawn.insert(line.clone()) {
            self.edges.push_str(&line);
        }
    }

    fn image(&mut self, at: usize, image: &Image) {
        let id = format!("image{at}");
        let target = image.target.as_ref().map(|target| format!("target {target}"));
        let base = image.base.as_ref().map(|base| format!("on {base}"));
        let lines = [Some(image.dockerfile.as_str()), target.as_deref(), base.as_deref()];
        self.node(&id, ["[", "]"], &lines.into_iter().flatten().collect::<Vec<_>>());
        for run in &image.runs {
            self.run(run, Some((&id, at)));
        }
    }

    /// `image`: the node of the image that is started, and its number.
    fn run(&mut self, run: &Run, image: Option<(&str, usize)>) {
        let entry = run.chain.as_ref().and_then(|chain| Some((chain, chain.entry.as_ref()?)));
        let id = match image {
            Some((image, _)) if run.by == By::Image => image.to_owned(),
            _ => self.starter(run, image),
        };
        if let (Some((chain, entry)), Some((_, at))) = (entry, image) {
            let steps: Vec<&str> = chain.steps.iter().map(|step| program(&step.command)).collect();
            let file = self.entry(at, entry);
            self.edge(&id, &file, Some(&steps.join(" → ")));
        }
        for service in &run.services {
            self.service(service, &id);
        }
    }

    fn starter(&mut self, run: &Run, image: Option<(&str, usize)>) -> String {
        let id = format!("run{}", self.runs);
        self.runs += 1;
        let name = run.name.as_deref().unwrap_or_default();
        let role = match run.by {
            By::Compose => "compose service",
            By::Init => "init container",
            By::Sidecar => "sidecar",
            By::Container | By::Image => "container",
        };
        let workload = run.workload.as_ref().map(|workload| format!("{} {}", workload.kind, workload.name));
        let named = format!("{role} {name}");
        let foreign = run.image.as_deref().filter(|_| image.is_none());
        let lines = [workload.as_deref(), Some(&named), foreign];
        self.node(&id, ["([", "])"], &lines.into_iter().flatten().collect::<Vec<_>>());
        if let Some((image, _)) = image {
            self.edge(image, &id, run.link);
        }
        id
    }

    fn entry(&mut self, image: usize, entry: &Entry) -> String {
        let path =
            entry.file.as_deref().or(entry.in_image.as_deref()).unwrap_or("an entry that is not known");
        let next = format!("entry{}", self.entries.len());
        let id = self.entries.entry((image, path.to_owned())).or_insert(next).clone();
        self.node(&id, ["[/", "/]"], &[path]);
        id
    }

    fn service(&mut self, service: &Service, run: &str) {
        let id = format!("service{}", service.id);
        self.node(&id, ["{{", "}}"], &[&format!("Service {}", service.name)]);
        self.edge(&id, run, None);
        for way in &service.ways {
            let way_id = format!("way{}", way.id);
            self.node(&way_id, ["{{", "}}"], &[&format!("{} {}", way.object.kind, way.object.name)]);
            let addresses = way.addresses.join(", ");
            self.edge(&way_id, &id, Some(addresses.as_str()).filter(|text| !text.is_empty()));
        }
    }
}

fn program(command: &str) -> &str {
    command.split(' ').next().unwrap_or(command)
}

/// Lines as one label in quotes.
fn label(lines: &[&str]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| escape(line)).collect();
    format!("\"{}\"", lines.join("<br>"))
}

/// Letters, digits and a few marks stand for themselves; anything else is its code between `#` and `;`.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    let line = clean::line(text);
    let mut characters = line.chars();
    for each in characters.by_ref().take(LONGEST) {
        if each.is_alphanumeric() || " -_./,:@+→".contains(each) {
            escaped.push(each);
        } else {
            let _ = write!(escaped, "#{};", u32::from(each));
        }
    }
    if characters.next().is_some() {
        escaped.push('…');
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_label_means_anything() {
        for (text, wanted) in [
            ("a\"b", "a#34;b"),
            ("a]b[c", "a#93;b#91;c"),
            ("a\nb\u{202e}c", "a b\u{fffd}c".replace('\u{fffd}', "#65533;").as_str()),
            ("</script>", "#60;/script#62;"),
            ("%%{init: {}}%%", "#37;#37;#123;init: #123;#125;#125;#37;#37;"),
            ("`*a*` #quot; &amp;", "#96;#42;a#42;#96; #35;quot#59; #38;amp#59;"),
            ("日本 é", "日本 é"),
        ] {
            assert_eq!(escape(text), wanted);
        }
        assert_eq!(escape(&"x".repeat(1000)).chars().count(), LONGEST + 1);
    }
}
