//! Items about images: who they run as, what they hold, how they are built, how long they get fixes.

use super::deployed::Deployed;
use super::{Evidence, all};
use crate::date::Date;
use crate::facts::image::RunStep;
use crate::facts::install::{Strict, What};
use crate::facts::{Fact, end_of_life};
use crate::model::user::User;
use crate::model::{Image, Project, Run};

const NO_IMAGE: &str = "no image of it is built here";

pub(super) fn user(deployed: &Deployed<'_>, _: Date) -> Evidence {
    let of_run = |run: &&Run| match deployed.project.user_of(run) {
        Fact::Known { value: User::Root, origin } => {
            Evidence::Broken(origin.span().unwrap_or(run.start), "it runs as root".to_owned())
        }
        Fact::Known { value: User::Number(uid), origin } => {
            Evidence::Met(origin.span(), format!("it runs as user {uid}"))
        }
        Fact::Known { value: User::Named(name), origin } => {
            Evidence::Met(origin.span(), format!("it runs as {name}"))
        }
        Fact::Known { value: User::Unnamed, origin } => {
            Evidence::Met(origin.span(), "it does not run as root".to_owned())
        }
        Fact::Unknown(why) => Evidence::Unknown(format!("its user is not known: {}", why.as_str())),
    };
    all(deployed.runs.iter().map(of_run), "nothing runs it")
}

pub(super) fn lean(deployed: &Deployed<'_>, _: Date) -> Evidence {
    all(deployed.images.iter().map(|image| holds(deployed.project, image)), NO_IMAGE)
}

fn holds(project: &Project, image: &Image) -> Evidence {
    let provenance = project.provenance(image.id);
    let of_folder = |development: &Fact<bool>| match development {
        Fact::Known { value: false, origin } => {
            Evidence::Met(origin.span(), "packages are installed without development dependencies".to_owned())
        }
        // That the package has none is for the rule to know, which is silent then.
        Fact::Known { value: true, origin } => {
            Evidence::Met(origin.span(), "there are no development dependencies to leave out".to_owned())
        }
        Fact::Unknown(why) => {
            Evidence::Unknown(format!("what is in node_modules is not known: {}", why.as_str()))
        }
    };
    if let Err(why) = provenance.rest {
        return Evidence::Unknown(format!("not all of the image is known: {}", why.as_str()));
    }
    let folders = provenance.folders.iter().map(|folder| of_folder(&folder.development));
    match provenance.folders.is_empty() {
        true => Evidence::Met(Some(image.stage().from_span), "it holds no node_modules".to_owned()),
        false => all(folders, NO_IMAGE),
    }
}

pub(super) fn reproducible(deployed: &Deployed<'_>, _: Date) -> Evidence {
    let of_image = |image: &&Image| {
        let runs = image.stages.reachable(image.stage()).into_iter().flat_map(|stage| &stage.runs);
        let installs = runs.flat_map(RunStep::installs).filter(|(install, ..)| install.what != What::Named);
        let bound = installs.map(|(install, written, at)| match install.strict {
            Strict::Yes => Evidence::Met(Some(at), format!("`{written}` follows the lock file")),
            _ => Evidence::Unknown(format!("whether the lock file binds `{written}` is not known")),
        });
        all(bound, "no install was found in its image")
    };
    all(deployed.images.iter().map(of_image), NO_IMAGE)
}

/// Paths of the context that no image needs.
const NEEDLESS: [&str; 2] = ["node_modules/a/index.js", ".env"];

pub(super) fn context(deployed: &Deployed<'_>, _: Date) -> Evidence {
    let of_image = |image: &&Image| {
        let Some(whole) = image.takes_whole_context() else {
            return Evidence::Met(Some(image.stage().from_span), "only what is named is copied".to_owned());
        };
        let Some(sent) = deployed.project.sent(image) else {
            return Evidence::Unknown("its build context is not known".to_owned());
        };
        match NEEDLESS.iter().find(|path| sent.sends(path)) {
            Some(path) => Evidence::Broken(whole, format!("{path} would be copied")),
            None => {
                let place = sent.decided_by(NEEDLESS[0]).map(|line| line.span);
                Evidence::Met(place, "the ignore file leaves out what is not needed".to_owned())
            }
        }
    };
    all(deployed.images.iter().map(of_image), NO_IMAGE)
}

pub(super) fn supported(deployed: &Deployed<'_>, as_of: Date) -> Evidence {
    let of_image = |image: &&Image| {
        let major = image.base.as_ref().and_then(|base| base.node()).and_then(|version| version.major);
        let Some(support) = major.and_then(end_of_life::node) else {
            return Evidence::Unknown("the version of Node.js in its image is not known".to_owned());
        };
        let at = image.root_stage().from_span;
        match support.is_over(as_of) {
            true => {
                Evidence::Broken(at, format!("its Node.js has had no fixes since {}", support.last_day()))
            }
            false => Evidence::Met(Some(at), format!("its Node.js gets fixes until {}", support.last_day())),
        }
    };
    all(deployed.images.iter().map(of_image), NO_IMAGE)
}
