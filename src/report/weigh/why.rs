//! Why a package is installed.

use std::fmt::Write as _;

use crate::report::paint::Paint;
use crate::report::{clean, count};
use crate::weigh::Reason;

/// The ways to each version and place of a package.
pub fn write(name: &str, reasons: &[Reason], paint: Paint) -> String {
    if reasons.is_empty() {
        return format!("nothing here installs {}\n", clean::line(name));
    }
    let mut text = String::new();
    for reason in reasons {
        let place = format!("in {} by {}", reason.install, reason.lock);
        let _ =
            writeln!(text, "{} {}", paint.bold(clean::line(&reason.package)), paint.dim(clean::line(&place)));
        for chain in &reason.chains {
            let _ = writeln!(text, "  {}", clean::line(&chain.join(" > ")));
        }
        let more = reason.dependencies.saturating_sub(reason.chains.len());
        if more > 0 {
            let more = count(more, "more direct dependency", "more direct dependencies");
            let _ = writeln!(text, "  {}", paint.dim(format!("and through {more}")));
        }
        if let Some(through) = reason
            .through
            .as_ref()
            .filter(|_| reason.dependencies > 1 || reason.chains.iter().any(|chain| chain.len() > 2))
        {
            let line = format!("it goes when {through} goes");
            let _ = writeln!(text, "  {}", paint.help(clean::line(&line)));
        }
    }
    text
}
