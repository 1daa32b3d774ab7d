//! A page as html5ever's tokenizer sees it: which elements there are, and that nothing in them can act.

use std::cell::RefCell;

use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use sha2::{Digest, Sha256};

const ATTRIBUTES: [&str; 27] = [
    "lang",
    "charset",
    "http-equiv",
    "content",
    "name",
    "class",
    "id",
    "href",
    "rel",
    "open",
    "hidden",
    "title",
    "aria-label",
    "aria-labelledby",
    "aria-hidden",
    "role",
    "tabindex",
    "type",
    "value",
    "checked",
    "placeholder",
    "autocomplete",
    "scope",
    "viewbox",
    "preserveaspectratio",
    "width",
    "height",
];
const VOID: [&str; 4] = ["meta", "input", "br", "rect"];

#[derive(Default)]
struct Elements {
    outline: RefCell<Vec<String>>,
    open: RefCell<Vec<String>>,
    fault: RefCell<Option<String>>,
}

/// The elements in their order, without those by which lines are marked and words are code.
pub(super) fn read(page: &str) -> Result<Vec<String>, String> {
    let input = BufferQueue::default();
    input.push_back(page.into());
    let tokenizer =
        Tokenizer::new(Elements::default(), TokenizerOpts { exact_errors: true, ..Default::default() });
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    let Elements { outline, open, fault } = tokenizer.sink;
    match fault.into_inner() {
        Some(fault) => Err(fault),
        None if !open.borrow().is_empty() => Err(format!("left open: {:?}", open.borrow())),
        None => Ok(outline.into_inner()),
    }
}

impl TokenSink for Elements {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) => return self.tag(&tag),
            // Code points that mean nothing are no fault of the page: every reader lets them through.
            Token::ParseError(fault) if fault.starts_with("Bad character") => {}
            Token::ParseError(fault) => self.fail(format!("parse error: {fault}")),
            Token::CommentToken(text) => self.fail(format!("comment: {text}")),
            Token::NullCharacterToken => self.fail("a null character".to_owned()),
            Token::DoctypeToken(_) | Token::CharacterTokens(_) | Token::EOFToken => {}
        }
        TokenSinkResult::Continue
    }
}

impl Elements {
    fn fail(&self, fault: String) {
        self.fault.borrow_mut().get_or_insert(fault);
    }

    fn tag(&self, tag: &Tag) -> TokenSinkResult<()> {
        let name = &*tag.name;
        for attribute in &tag.attrs {
            let (key, value) = (&*attribute.name.local, &*attribute.value);
            let is_known = ATTRIBUTES.contains(&key) || key.starts_with("data-");
            let is_inside =
                value.starts_with('#') || value.starts_with("https://github.com/plimsoll-lint/plimsoll/");
            if !is_known || (key == "href" && !is_inside) {
                self.fail(format!("{key}={value} of {name}"));
            }
        }
        let is_inline = ["mark", "span", "code", "del", "ins", "b"].contains(&name);
        match tag.kind {
            TagKind::StartTag => {
                if !is_inline {
                    self.outline.borrow_mut().push(name.to_owned());
                }
                if !VOID.contains(&name) && !tag.self_closing {
                    self.open.borrow_mut().push(name.to_owned());
                }
                match name {
                    "script" => return TokenSinkResult::RawData(RawKind::ScriptData),
                    "style" => return TokenSinkResult::RawData(RawKind::Rawtext),
                    "title" => return TokenSinkResult::RawData(RawKind::Rcdata),
                    _ => {}
                }
            }
            TagKind::EndTag => {
                let open = self.open.borrow_mut().pop();
                if open.as_deref() != Some(name) {
                    self.fail(format!("</{name}> ends {open:?}"));
                }
            }
        }
        TokenSinkResult::Continue
    }
}

/// SHA-256 in base64, as policies name scripts.
pub(super) fn sha256(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let hash = Sha256::digest(text.as_bytes());
    let mut encoded = String::new();
    for chunk in hash.chunks(3) {
        let bits =
            chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at) & 63) as usize] as char;
            encoded.push(if at <= chunk.len() { digit } else { '=' });
        }
    }
    encoded
}
