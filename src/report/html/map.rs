//! The map as trees that grow to the right: app, image, what starts it, the Services and Ingresses that lead to it.
//! Without styles they are nested lists.

use std::fmt::Write as _;

use super::text::{prose, text};
use crate::report::count;
use crate::report::map::{App, By, Chain, Fate, Image, Map, Place, Purpose, Run, Service, port, starter};

/// Apps up to which all are seen without opening them.
const OPEN: usize = 4;
/// Things that belong to no app, and units, that are shown.
const MOST: usize = 300;

struct Writer<'a> {
    prefix: &'a str,
    main: &'a mut String,
}

/// True when there is nothing to show.
pub(super) fn is_empty(map: &Map) -> bool {
    map.apps.is_empty() && map.others.is_empty() && map.units.is_empty()
}

pub(super) fn write(map: &Map, prefix: &str, main: &mut String) {
    if is_empty(map) {
        return;
    }
    main.push_str("<section aria-labelledby=\"map\">\n<h2 id=\"map\">Map</h2>\n");
    let mut writer = Writer { prefix, main };
    for app in &map.apps {
        writer.app(app, map.apps.len() <= OPEN);
    }
    if !map.others.is_empty() {
        writer.others(&map.others);
    }
    if !map.units.is_empty() {
        writer.units(map);
    }
    main.push_str("</section>\n");
}

impl Writer<'_> {
    fn push(&mut self, html: &str) {
        self.main.push_str(html);
    }

    fn app(&mut self, app: &App, is_open: bool) {
        let open = if is_open { " open" } else { "" };
        let folder = self.path(&app.folder);
        let _ = writeln!(
            self.main,
            "<details class=\"tree\"{open}>\n<summary><strong>{}</strong> <span class=\"quiet\">{}</span> {}</summary>\n<ul>",
            text(&app.name),
            count(app.images.len(), "image", "images"),
            if matches!(app.folder.as_str(), "" | ".") { "" } else { folder.as_str() }
        );
        for image in &app.images {
            self.image(image);
        }
        for run in &app.beside {
            self.run(run, None);
        }
        self.push("</ul>\n</details>\n");
    }

    fn others(&mut self, others: &[Run]) {
        let number = others.len();
        let runs = count(number, "run of an image from elsewhere", "runs of images from elsewhere");
        let _ = writeln!(
            self.main,
            "<details class=\"tree\">\n<summary><strong>others</strong> <span class=\"quiet\">{runs}</span></summary>\n<ul>"
        );
        for run in others.iter().take(MOST) {
            self.run(run, None);
        }
        self.push("</ul>\n");
        self.left(number);
        self.push("</details>\n");
    }

    fn units(&mut self, map: &Map) {
        let number = map.units.len();
        let groups = count(
            number,
            "group of Kubernetes objects that live together",
            "groups of Kubernetes objects that live together",
        );
        let _ = writeln!(
            self.main,
            "<details class=\"tree\">\n<summary><strong>units</strong> <span class=\"quiet\">{groups}</span></summary>\n<ul class=\"units\">"
        );
        for unit in map.units.iter().take(MOST) {
            let kinds = unit.kinds.iter().map(|each| match each.count {
                1 => text(&each.kind),
                count => format!("{count} × {}", text(&each.kind)),
            });
            let kinds: Vec<String> = kinds.collect();
            let path = self.path(&unit.path);
            let more =
                unit.incomplete.map(|why| format!(" and perhaps more ({})", text(why))).unwrap_or_default();
            let purpose = purpose(&unit.purpose);
            let _ = writeln!(
                self.main,
                "<li>{path} {}: {}{more} {purpose}</li>",
                text(unit.made_from),
                kinds.join(", ")
            );
        }
        self.push("</ul>\n");
        self.left(number);
        self.push("</details>\n");
    }

    fn left(&mut self, number: usize) {
        if number > MOST {
            let _ = writeln!(self.main, "<p class=\"quiet\">and {} more</p>", number - MOST);
        }
    }

    fn image(&mut self, image: &Image) {
        let (dockerfile, mut more) = (self.path(&image.dockerfile), String::new());
        if let Some(target) = &image.target {
            let _ = write!(more, "<br>target {}", text(target));
        }
        if let Some(base) = &image.base {
            let _ = write!(more, "<br>on <code>{}</code>", text(base));
        }
        match &image.context {
            Some(context) => {
                let _ = write!(more, "<br>context {}", self.path(context));
            }
            None => {
                let _ = write!(more, "<br>context not known: {}", text(image.context_by));
            }
        }
        for build in &image.builds {
            let names: Vec<String> =
                build.names.iter().map(|name| format!(" <code>{}</code>", text(name))).collect();
            let _ = write!(
                more,
                "<br>built by {}{} {}",
                text(build.by),
                names.join(","),
                self.place(&build.place)
            );
        }
        let purpose = purpose(&image.purpose);
        let _ = writeln!(
            self.main,
            "<li><div class=\"node image\"><em>image</em> {purpose}<br>{dockerfile}{more}</div>"
        );
        if !image.runs.is_empty() {
            self.push("<ul>\n");
            for run in &image.runs {
                self.run(run, Some(&image.purpose));
            }
            self.push("</ul>\n");
        }
        self.push("</li>\n");
    }

    /// `of`: the purpose of the project's image that runs.
    fn run(&mut self, run: &Run, of: Option<&Purpose>) {
        let mut node = match run.by {
            By::Image => "nothing here starts it".to_owned(),
            _ => format!("<strong>{}</strong> {}", text(&starter(run)), self.place(&run.place)),
        };
        if of.map_or(run.purpose.decided != "ship", |of| *of != run.purpose) {
            let _ = write!(node, " {}", purpose(&run.purpose));
        }
        if let Some(image) = &run.image {
            let _ = write!(node, "<br>runs <code>{}</code>", text(image));
        }
        if let Some(chain) = run.chain.as_ref().filter(|chain| of.is_some() || chain.entry.is_some()) {
            self.chain(chain, &mut node);
        }
        let _ = writeln!(self.main, "<li><div class=\"node run\">{node}</div>");
        if !run.services.is_empty() {
            self.push("<ul>\n");
            for service in &run.services {
                self.service(service);
            }
            self.push("</ul>\n");
        }
        self.push("</li>\n");
    }

    fn chain(&self, chain: &Chain, node: &mut String) {
        let mut line = String::new();
        for (at, step) in chain.steps.iter().enumerate() {
            let arrow = match at.checked_sub(1).map(|before| chain.steps[before].becomes_next) {
                None => "",
                Some(true) => " ⇒ ",
                Some(false) => " → ",
            };
            let _ = write!(line, "{arrow}<code>{}</code>", text(&step.command));
        }
        if !line.is_empty() {
            let _ = write!(node, "<br>{line}");
        }
        if let Some(why) = chain.stops {
            let _ = write!(node, "<br><span class=\"quiet\">{}</span>", prose(why));
        }
        let how = chain.sigterm.how.as_deref().map(prose).unwrap_or_default();
        let _ = match chain.sigterm.fate {
            Fate::Reaches => write!(node, "<br><span class=\"good\">SIGTERM arrives</span>"),
            Fate::Hurried => write!(node, "<br><span class=\"bad\">SIGTERM is not enough</span> {how}"),
            Fate::Lost => write!(node, "<br><span class=\"bad\">SIGTERM is lost</span> {how}"),
            Fate::Unknown => Ok(()),
        };
        if let Some(file) = chain.entry.as_ref().and_then(|entry| Some((entry.file.as_ref()?, entry.files))) {
            let _ = write!(node, "<br>{}, {}", self.path(file.0), count(file.1, "file", "files"));
        }
    }

    fn service(&mut self, service: &Service) {
        let kind = service.kind.as_deref().map(|kind| format!(" ({})", text(kind))).unwrap_or_default();
        let ports: Vec<String> = service.ports.iter().map(|each| text(&port(each))).collect();
        let ports = if ports.is_empty() { String::new() } else { format!("<br>port {}", ports.join(", ")) };
        let place = self.place(&service.place);
        let _ = writeln!(
            self.main,
            "<li><div class=\"node service\"><em>Service</em> <strong>{}</strong>{kind} {place}{ports}</div>",
            text(&service.name)
        );
        if !service.ways.is_empty() {
            self.push("<ul>\n");
            for way in &service.ways {
                let addresses: Vec<String> = way.addresses.iter().map(|address| text(address)).collect();
                let place = self.place(&way.place);
                let _ = writeln!(
                    self.main,
                    "<li><div class=\"node way\"><em>{}</em> <strong>{}</strong> {place}<br>{}</div></li>",
                    text(&way.object.kind),
                    text(&way.object.name),
                    addresses.join("<br>")
                );
            }
            self.push("</ul>\n");
        }
        self.push("</li>\n");
    }

    fn path(&self, path: &str) -> String {
        let path = match path {
            "." if !self.prefix.is_empty() => self.prefix.to_owned(),
            _ => format!("{}{path}", self.prefix),
        };
        format!("<span class=\"place\">{}</span>", text(&path))
    }

    fn place(&self, place: &Place) -> String {
        self.path(&format!("{}:{}", place.path, place.line))
    }
}

/// Nothing for what ships, which is the rule.
fn purpose(purpose: &Purpose) -> String {
    let what = match purpose.decided {
        "ship" => return String::new(),
        "develop" => "for developing",
        "test" => "for testing",
        _ => "for building",
    };
    let why: Vec<String> = purpose.evidence.iter().map(|reason| text(&reason.why)).collect();
    format!("<span class=\"purpose\" title=\"{}\">{what}</span>", why.join("; "))
}
