//! A summary as a reader of GitHub's Markdown sees it: what there is of blocks and links, without the texts.

use pulldown_cmark::{Event, Options, Parser, Tag};

/// HTML that our own words write.
const OURS: [&str; 3] = ["<code>", "</code>", "</details>"];

/// The blocks in their order, with the targets of links. Whether words are code or not is left out.
pub(super) fn read(markdown: &str) -> Result<Vec<String>, String> {
    let options = Options::all()
        - Options::ENABLE_SMART_PUNCTUATION
        - Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        - Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS;
    let mut outline = Vec::new();
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Start(tag) => outline.push(block(&tag)?),
            Event::End(tag) => outline.push(format!("end {tag:?}")),
            Event::Text(text) => plain(&text)?,
            Event::Html(html) | Event::InlineHtml(html) => {
                let html = html.trim();
                let is_summary =
                    html.strip_prefix("<details><summary>").and_then(|rest| rest.strip_suffix("</summary>"));
                let is_ours = OURS.contains(&html)
                    || is_summary
                        .is_some_and(|words| words.chars().all(|each| each.is_alphanumeric() || each == ' '));
                if !is_ours {
                    return Err(format!("HTML: {html}"));
                }
                if !html.contains("code>") {
                    outline.push(html.to_owned());
                }
            }
            Event::Code(_) | Event::SoftBreak => {}
            other => return Err(format!("{other:?}")),
        }
    }
    Ok(outline)
}

fn block(tag: &Tag<'_>) -> Result<String, String> {
    match tag {
        Tag::Link { dest_url, .. } if dest_url.starts_with("https://github.com/plimsoll-lint/plimsoll/") => {
            Ok(format!("link {dest_url}"))
        }
        Tag::Heading { level, .. } => Ok(format!("{level:?}")),
        Tag::Paragraph
        | Tag::List(None)
        | Tag::Item
        | Tag::Table(_)
        | Tag::TableHead
        | Tag::TableRow
        | Tag::TableCell
        | Tag::HtmlBlock
        | Tag::Emphasis => Ok(format!("{tag:?}")),
        other => Err(format!("{other:?}")),
    }
}

/// Words out of which a site makes links or mentions, though Markdown does not.
fn plain(text: &str) -> Result<(), String> {
    let marks = ['@', '#', '<', '>', '$', '~', '^', '[', ']', '{', '}', '\\', '*', '_', '`', '|'];
    match text.contains(marks) || text.contains("//") || text.contains("www.") {
        // Entities of a code element come as texts of their own.
        true if text.chars().count() > 1 => Err(format!("words that are not plain: {text}")),
        _ => Ok(()),
    }
}
