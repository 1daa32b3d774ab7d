//! The map as a tree for people at a terminal.

use std::fmt::Write as _;

use super::{App, By, Chain, Entry, Fate, Image, Map, Place, Port, Purpose, Reason, Run, Service, Unit};
use crate::finding::Severity;
use crate::report::paint::Paint;
use crate::report::{clean, count};

/// A line with the lines that tell more of it, and what hangs below.
#[derive(Default)]
struct Branch {
    head: String,
    more: Vec<String>,
    below: Vec<Branch>,
}

struct Writer<'a> {
    paint: Paint,
    prefix: &'a str,
}

/// The whole tree. `prefix` stands before each path, so that it can be opened from here.
pub fn write(map: &Map, prefix: &str, paint: Paint) -> String {
    let writer = Writer { paint, prefix };
    let mut roots: Vec<Branch> = map.apps.iter().map(|app| writer.app(app)).collect();
    if !map.others.is_empty() {
        let below = map.others.iter().map(|run| writer.foreign(run)).collect();
        roots.push(Branch { head: paint.bold("others"), below, ..Branch::default() });
    }
    if !map.units.is_empty() {
        let below = map.units.iter().map(|unit| writer.unit(unit)).collect();
        roots.push(Branch { head: paint.bold("units"), below, ..Branch::default() });
    }
    if !map.notes.is_empty() {
        let below = map.notes.iter().map(|note| writer.note(note)).collect();
        roots.push(Branch { head: paint.bold("notes"), below, ..Branch::default() });
    }
    let mut text = String::new();
    for root in &roots {
        print(root, "", "", &mut text);
        text.push('\n');
    }
    if roots.is_empty() {
        return "nothing is built or deployed here\n".to_owned();
    }
    let legend = "→ starts the next program, ⇒ becomes it";
    if text.contains(['→', '⇒']) {
        let _ = writeln!(text, "{}", paint.dim(legend));
    }
    text
}

/// A branch is four deep at most.
fn print(branch: &Branch, first: &str, rest: &str, text: &mut String) {
    let _ = writeln!(text, "{first}{}", branch.head);
    for line in &branch.more {
        let guide = if branch.below.is_empty() { "  " } else { "│ " };
        let _ = writeln!(text, "{rest}{guide}{line}");
    }
    for (at, below) in branch.below.iter().enumerate() {
        let is_last = at + 1 == branch.below.len();
        let (first, more) = if is_last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        print(below, &format!("{rest}{first}"), &format!("{rest}{more}"), text);
    }
}

impl Writer<'_> {
    fn app(&self, app: &App) -> Branch {
        let files = app.package.iter().chain(&app.locks).map(|path| self.path(path));
        let mut head = self.paint.bold(clean::line(&app.name));
        for file in files {
            let _ = write!(head, "  {file}");
        }
        let mut below: Vec<Branch> = app.images.iter().map(|image| self.image(image)).collect();
        below.extend(app.beside.iter().map(|run| self.foreign(run)));
        Branch { head, below, ..Branch::default() }
    }

    fn image(&self, image: &Image) -> Branch {
        let mut head = format!("image {}", self.paint.bold(self.path(&image.dockerfile)));
        if let Some(target) = &image.target {
            let _ = write!(head, ", target {}", clean::line(target));
        }
        if let Some(base) = &image.base {
            let _ = write!(head, "  on {}", clean::line(base));
        }
        let _ = write!(head, ", {}", self.purpose(&image.purpose));
        let context = match &image.context {
            Some(context) => {
                format!("context {} {}", self.path(context), self.reason(image.context_by))
            }
            None => format!("context not known: {}", image.context_by),
        };
        let ignorefile = match &image.ignorefile {
            Some(path) => self.path(path),
            None => "no ignore file".to_owned(),
        };
        let mut more = vec![format!("{context}, {ignorefile}")];
        for build in &image.builds {
            let names = build.names.iter().map(|name| clean::line(name)).collect::<Vec<_>>().join(", ");
            let named = if names.is_empty() { String::new() } else { format!(" as {names}") };
            more.push(format!("built by {}{named}  {}", build.by, self.place(&build.place)));
        }
        let mut below = Vec::new();
        for (at, run) in image.runs.iter().enumerate() {
            let same = image.runs[..at].iter().find(|earlier| earlier.chain == run.chain);
            below.push(self.run(run, &image.purpose, same));
        }
        Branch { head, more, below }
    }

    /// A run of an image that is for `purpose`. `same`: an earlier one that goes through the same chain.
    fn run(&self, run: &Run, purpose: &Purpose, same: Option<&Run>) -> Branch {
        let mut head = self.head(run);
        if run.purpose != *purpose {
            let _ = write!(head, ", {}", self.purpose(&run.purpose));
        }
        let mut more = Vec::new();
        match (same, &run.chain) {
            (_, None) => {}
            (Some(same), _) => more.push(format!("starts as at {}", self.place(&same.place))),
            (None, Some(chain)) => self.chain(chain, &mut more),
        }
        Branch { head, more, below: self.services(run) }
    }

    /// A run of an image from elsewhere: how it starts is told when node is what runs.
    fn foreign(&self, run: &Run) -> Branch {
        let mut head = self.head(run);
        if run.purpose.decided != "ship" {
            let _ = write!(head, ", {}", self.purpose(&run.purpose));
        }
        let mut more = Vec::new();
        if let Some(chain) = run.chain.as_ref().filter(|chain| chain.entry.is_some()) {
            self.chain(chain, &mut more);
        }
        Branch { head, more, below: self.services(run) }
    }

    fn head(&self, run: &Run) -> String {
        if run.by == By::Image {
            return "nothing here starts it".to_owned();
        }
        let mut head = format!("{}  {}", self.paint.bold(starter(run)), self.place(&run.place));
        if let Some(image) = &run.image {
            let _ = write!(head, "  {}", clean::line(image));
        }
        if let Some(link) = run.link {
            let _ = write!(head, "  {}", self.reason(link));
        }
        head
    }

    fn services(&self, run: &Run) -> Vec<Branch> {
        run.services.iter().map(|service| self.service(service)).collect()
    }

    fn chain(&self, chain: &Chain, more: &mut Vec<String>) {
        let Some((last, before)) = chain.steps.split_last() else {
            return;
        };
        let mut line = String::new();
        for step in before {
            let arrow = if step.becomes_next { "⇒" } else { "→" };
            let _ = write!(line, "{} {arrow} ", clean::line(&step.command));
        }
        line.push_str(&clean::line(&last.command));
        if let Some(why) = chain.stops {
            let _ = write!(line, " … {}", self.reason(why));
        }
        more.push(line);
        more.extend(self.sigterm(chain, &last.command));
        if let Some(entry) = &chain.entry {
            more.push(self.entry(entry));
        }
    }

    /// Nothing where the chain has already said why it is not known.
    fn sigterm(&self, chain: &Chain, last: &str) -> Option<String> {
        let program = clean::line(last.split(' ').next().unwrap_or(last));
        let how = chain.sigterm.how.as_deref().map(clean::line).unwrap_or_default();
        Some(match chain.sigterm.fate {
            Fate::Reaches => format!("SIGTERM reaches {program}"),
            Fate::Hurried => format!("{} {how}", self.warn("SIGTERM is not enough:")),
            Fate::Lost => format!("{} {how}", self.warn("SIGTERM is lost:")),
            Fate::Unknown if chain.stops.is_some() => return None,
            Fate::Unknown => format!("what becomes of SIGTERM is not known: {how}"),
        })
    }

    fn entry(&self, entry: &Entry) -> String {
        let Some(file) = &entry.file else {
            let why = entry.unknown.unwrap_or("nothing names it");
            return match &entry.in_image {
                Some(path) => format!("entry {}, source not known: {why}", clean::line(path)),
                None => format!("entry not known: {why}"),
            };
        };
        let mut line = format!("entry {}, {}", self.path(file), count(entry.files, "file", "files"));
        if let Some(why) = entry.incomplete {
            let _ = write!(line, " and perhaps more {}", self.reason(why));
        }
        if entry.handles.is_empty() {
            line.push_str(", handles no signal");
        }
        for handler in &entry.handles {
            let _ =
                write!(line, ", handles {}  {}", clean::line(&handler.signal), self.place(&handler.place));
        }
        line
    }

    fn service(&self, service: &Service) -> Branch {
        let kind =
            service.kind.as_deref().map_or_else(String::new, |kind| format!(" ({})", clean::line(kind)));
        let ports: Vec<String> = service.ports.iter().map(port).collect();
        let ports = if ports.is_empty() { String::new() } else { format!(", port {}", ports.join(", ")) };
        let name = self.paint.bold(clean::line(&service.name));
        let head = format!("← Service {name}{kind}{ports}  {}", self.place(&service.place));
        let ways = service.ways.iter().map(|way| {
            let addresses: Vec<String> = way.addresses.iter().map(|address| clean::line(address)).collect();
            let (kind, name) =
                (clean::line(&way.object.kind), self.paint.bold(clean::line(&way.object.name)));
            let head = format!("← {kind} {name} {}  {}", addresses.join(", "), self.place(&way.place));
            Branch { head, ..Branch::default() }
        });
        Branch { head, below: ways.collect(), ..Branch::default() }
    }

    fn unit(&self, unit: &Unit) -> Branch {
        let kinds = unit.kinds.iter().map(|each| match each.count {
            1 => clean::line(&each.kind),
            count => format!("{count} × {}", clean::line(&each.kind)),
        });
        let kinds: Vec<String> = kinds.collect();
        let mut head =
            format!("{}  {}: {}", self.paint.bold(self.path(&unit.path)), unit.made_from, kinds.join(", "));
        if let Some(why) = unit.incomplete {
            let _ = write!(head, " and perhaps more {}", self.reason(why));
        }
        if unit.purpose.decided != "ship" {
            let _ = write!(head, ", {}", self.purpose(&unit.purpose));
        }
        Branch { head, ..Branch::default() }
    }

    fn note(&self, note: &Reason) -> Branch {
        let place = note.place.as_ref().map(|place| format!("  {}", self.place(place)));
        let head = clean::line(&note.why) + &place.unwrap_or_default();
        Branch { head, ..Branch::default() }
    }

    fn purpose(&self, purpose: &Purpose) -> String {
        let verb = match purpose.decided {
            "ship" => "ships",
            "develop" => "is for developing",
            "test" => "is for testing",
            _ => "is for building",
        };
        let reasons = purpose.evidence.iter().map(|reason| match &reason.place {
            Some(place) => format!("{} {}", clean::line(&reason.why), self.bare(place)),
            None => clean::line(&reason.why),
        });
        let reasons: Vec<String> = reasons.collect();
        let reasons = if reasons.is_empty() { "assumed".to_owned() } else { reasons.join("; ") };
        format!("{verb} {}", self.reason(&reasons))
    }

    fn reason(&self, reason: &str) -> String {
        self.paint.dim(format!("({reason})"))
    }

    fn warn(&self, text: &str) -> String {
        self.paint.severity(Severity::Warning, text)
    }

    fn path(&self, path: &str) -> String {
        if path == "." && !self.prefix.is_empty() {
            return clean::line(self.prefix);
        }
        clean::line(&format!("{}{path}", self.prefix))
    }

    fn place(&self, place: &Place) -> String {
        self.paint.dim(self.bare(place))
    }

    fn bare(&self, place: &Place) -> String {
        format!("{}:{}", self.path(&place.path), place.line)
    }
}

/// `Deployment shop, container web`.
pub(in crate::report) fn starter(run: &Run) -> String {
    let name = run.name.as_deref().map_or_else(|| "without a name".to_owned(), clean::line);
    let role = match run.by {
        By::Image => return "the image by itself".to_owned(),
        By::Compose => return format!("compose service {name}"),
        By::Container => "container",
        By::Init => "init container",
        By::Sidecar => "sidecar",
    };
    let workload = run.workload.as_ref();
    let workload = workload.map(|each| format!("{} {}, ", clean::line(&each.kind), clean::line(&each.name)));
    format!("{}{role} {name}", workload.unwrap_or_default())
}

/// `80 to 3000, 30080 of every node`.
pub(in crate::report) fn port(port: &Port) -> String {
    let number = port.port.map_or_else(|| "?".to_owned(), |port| port.to_string());
    let target = match &port.target {
        Some(target) if *target != number => format!(" to {}", clean::line(target)),
        _ => String::new(),
    };
    let node_port = port.node_port.map_or_else(String::new, |port| format!(" and {port} of every node"));
    format!("{number}{target}{node_port}")
}
