//! A piece of plain code, read a byte at a time.

use super::Dialect;
use super::kind::{Kind, Role};
use super::walk::{Node, Step};
use super::word::{Path, kind_of_word, number, string, word};

/// Values within values that are read at once. What turns out not to be plain is read again from within, once for each.
const DEEPEST: u32 = 3;

/// Bytes of the largest call that is read whole. Those of a chain start at the same place: each would read the first again.
const LONGEST_CALL: usize = 256;

/// A piece of text that is being read. What is not plain gives `None`, and leaves steps that are to be dropped.
pub(super) struct Piece<'t> {
    /// The text of the file up to where the piece ends at the latest.
    pub(super) text: &'t [u8],
    /// How far it is read.
    pub(super) at: usize,
    pub(super) dialect: Dialect,
    pub(super) steps: &'t mut Vec<Step>,
    /// The last place before a child of the outermost node, and how many steps lead there.
    pub(super) sure: Option<(usize, usize)>,
}

impl Piece<'_> {
    /// A node with all that is in it.
    pub(super) fn node(&mut self, node: Node) -> Option<()> {
        if node.kind == Kind::Member {
            let path = Path::of(&self.text[self.at..])?;
            return self.path(path, node.role);
        }
        self.steps.push(Step::Enter(node));
        match node.kind {
            kind if is_list(kind) => self.elements(kind, 0)?,
            Kind::Call => {
                let callee = Path::of(&self.text[self.at..])?;
                self.text.get(self.at + callee.len).filter(|byte| **byte == b'(')?;
                self.path(callee, Role::Function)?;
                self.sure();
                if self.text.len() - self.at > LONGEST_CALL {
                    return None;
                }
                self.list(Kind::Arguments, Role::Arguments, 0)?;
            }
            Kind::Declaration => {
                self.declares()?;
                self.sure();
                let declarator = self.enter(Kind::Declarator, Role::None);
                self.declared()?;
                self.value(Role::Value, 0)?;
                self.leave(declarator);
                self.skip(b';');
            }
            Kind::Declarator => {
                self.declared()?;
                self.sure();
                self.value(Role::Value, 0)?;
            }
            Kind::Pair => {
                self.key()?;
                self.sure();
                self.value(Role::Value, 0)?;
            }
            Kind::Await => {
                self.keyword(b"await")?;
                self.sure();
                self.value(Role::None, 0)?;
            }
            Kind::Statement if self.text.len() - self.at <= LONGEST_CALL => {
                self.value(Role::None, 0)?;
                self.skip(b';');
            }
            Kind::Function | Kind::FunctionDeclaration => {
                self.head()?;
                self.sure();
                // A block, which would pass for an object.
                self.byte().filter(|byte| *byte != b'{')?;
                self.value(Role::Body, 0)?;
            }
            Kind::Template => self.template()?,
            Kind::Substitution => self.substitution()?,
            Kind::Wrapper if self.skip(b'(') => {
                self.space();
                self.sure();
                self.value(Role::None, 0)?;
                self.space();
                self.skip(b')').then_some(())?;
            }
            _ if opens_with_bracket(self.text, node.start) => {
                self.at += 1;
                self.space();
                self.sure();
                return None;
            }
            _ => return None,
        }
        self.steps.push(Step::Leave);
        Some(())
    }

    fn byte(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn space(&mut self) {
        while self.byte().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn skip(&mut self, byte: u8) -> bool {
        let there = self.byte() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn sure(&mut self) {
        self.sure = Some((self.at, self.steps.len()));
    }

    fn leaf(&mut self, kind: Kind, role: Role, start: usize) {
        self.steps.push(Step::Leaf(Node { kind, role, start: start as u32, end: self.at as u32 }));
    }

    /// Enters a node that starts here. Gives its place in the steps, for [`Piece::leave`].
    fn enter(&mut self, kind: Kind, role: Role) -> usize {
        let start = self.at as u32;
        self.steps.push(Step::Enter(Node { kind, role, start, end: start }));
        self.steps.len() - 1
    }

    fn leave(&mut self, entered: usize) {
        if let Step::Enter(node) = &mut self.steps[entered] {
            node.end = self.at as u32;
        }
        self.steps.push(Step::Leave);
    }

    /// A word that is ASCII throughout.
    fn word(&mut self) -> Option<&[u8]> {
        let rest = &self.text[self.at..];
        let len = word(rest);
        self.at += len;
        (len > 0).then(|| &rest[..len])
    }

    /// A word that names a variable, or may.
    fn name(&mut self, role: Role) -> Option<()> {
        let start = self.at;
        let kind = kind_of_word(self.word()?)?;
        self.leaf(kind, role, start);
        (kind == Kind::Identifier).then_some(())
    }

    /// A word of the language, and what separates it from the next.
    fn keyword(&mut self, keyword: &[u8]) -> Option<()> {
        let start = self.at;
        if self.word() == Some(keyword) {
            self.space();
            return Some(());
        }
        self.at = start;
        None
    }

    /// A string, a whole number, a list, an object, a path of names, or a call of one.
    fn value(&mut self, role: Role, deep: u32) -> Option<()> {
        let start = self.at;
        match self.byte()? {
            b'"' | b'\'' => {
                self.at += string(&self.text[start..])?;
                self.leaf(Kind::String, role, start);
            }
            b'0'..=b'9' => {
                self.at += number(&self.text[start..])?;
                self.leaf(Kind::Number, role, start);
            }
            b'[' => self.list(Kind::Array, role, deep)?,
            b'{' => self.list(Kind::Object, role, deep)?,
            _ => {
                let path = Path::of(&self.text[start..])?;
                if self.text.get(start + path.len) == Some(&b'(') {
                    let call = self.enter(Kind::Call, role);
                    self.path(path, Role::Function)?;
                    self.list(Kind::Arguments, Role::Arguments, deep)?;
                    self.leave(call);
                } else {
                    self.path(path, role)?;
                }
            }
        }
        Some(())
    }

    /// The members that a path of names is, outer before inner.
    fn path(&mut self, path: Path, role: Role) -> Option<()> {
        let start = self.at;
        let own = &self.text[start..start + path.len];
        let (mut end, mut of) = (path.len, role);
        for _ in 0..path.dots {
            let (start, end_at) = (start as u32, (start + end) as u32);
            self.steps.push(Step::Enter(Node { kind: Kind::Member, role: of, start, end: end_at }));
            end = own[..end].iter().rposition(|byte| *byte == b'.')?;
            of = Role::Object;
        }
        let kind = kind_of_word(&own[..end])?;
        self.at += end;
        self.leaf(kind, of, start);
        for property in own[end..].split(|byte| *byte == b'.').skip(1) {
            let start = self.at + 1;
            self.at = start + property.len();
            self.leaf(Kind::Property, Role::Property, start);
            self.steps.push(Step::Leave);
        }
        Some(())
    }

    /// A list with its brackets.
    fn list(&mut self, kind: Kind, role: Role, deep: u32) -> Option<()> {
        if deep == DEEPEST {
            return None;
        }
        let list = self.enter(kind, role);
        self.elements(kind, deep + 1)?;
        self.leave(list);
        Some(())
    }

    /// From the opening bracket to the closing one; of the outermost node when `deep` is 0.
    pub(super) fn elements(&mut self, list: Kind, deep: u32) -> Option<()> {
        loop {
            // The bracket or a comma.
            self.at += 1;
            self.space();
            if deep == 0 {
                self.sure();
            }
            if !self.closes() {
                self.element(list, deep)?;
                self.space();
            }
            if self.closes() {
                self.at += 1;
                return Some(());
            }
            self.byte().filter(|byte| *byte == b',')?;
        }
    }

    fn closes(&self) -> bool {
        matches!(self.byte(), Some(b')' | b']' | b'}'))
    }

    fn element(&mut self, list: Kind, deep: u32) -> Option<()> {
        match list {
            Kind::Object => self.entry(deep),
            Kind::Parameters if self.dialect == Dialect::JavaScript => self.name(Role::None),
            // TypeScript has a node around each parameter.
            Kind::Parameters => {
                let parameter = self.enter(Kind::Parameter, Role::None);
                self.name(Role::Pattern)?;
                self.leave(parameter);
                Some(())
            }
            _ => self.value(Role::None, deep),
        }
    }

    /// `key: value` or `name` of an object.
    fn entry(&mut self, deep: u32) -> Option<()> {
        let start = self.at;
        let pair = self.enter(Kind::Pair, Role::None);
        if self.key().is_some() {
            self.value(Role::Value, deep)?;
            self.leave(pair);
            return Some(());
        }
        self.steps.truncate(pair);
        self.at = start;
        kind_of_word(self.word()?).filter(|kind| *kind == Kind::Identifier)?;
        self.leaf(Kind::Shorthand, Role::None, start);
        Some(())
    }

    /// `key: `
    fn key(&mut self) -> Option<()> {
        let start = self.at;
        let kind = match self.byte()? {
            b'"' | b'\'' => {
                self.at += string(&self.text[start..])?;
                Kind::String
            }
            b'0'..=b'9' => {
                self.at += number(&self.text[start..])?;
                Kind::Number
            }
            _ => {
                self.word()?;
                Kind::Property
            }
        };
        self.leaf(kind, Role::Key, start);
        self.space();
        self.skip(b':').then(|| self.space())
    }

    /// `const `
    fn declares(&mut self) -> Option<()> {
        let start = self.at;
        let kind = match self.word()? {
            b"const" => Kind::ConstToken,
            b"let" => Kind::LetToken,
            b"var" => Kind::VarToken,
            _ => return None,
        };
        self.leaf(kind, Role::None, start);
        self.space();
        Some(())
    }

    /// `name = `
    fn declared(&mut self) -> Option<()> {
        self.name(Role::Name)?;
        self.space();
        (self.skip(b'=') && !matches!(self.byte(), Some(b'=' | b'>'))).then(|| self.space())
    }

    /// What stands before the body of a function.
    fn head(&mut self) -> Option<()> {
        self.keyword(b"async");
        if self.keyword(b"function").is_some() {
            if self.byte() != Some(b'(') {
                self.name(Role::Name)?;
                self.space();
            }
            self.list(Kind::Parameters, Role::None, 0)?;
        } else {
            match self.byte()? {
                b'(' => self.list(Kind::Parameters, Role::None, 0)?,
                _ => self.name(Role::Parameter)?,
            }
            self.space();
            (self.skip(b'=') && self.skip(b'>')).then_some(())?;
        }
        self.space();
        Some(())
    }

    /// A template, whose text is passed over.
    fn template(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            match self.byte()? {
                b'`' => break,
                b'\\' => self.at += 2,
                b'$' if self.text.get(self.at + 1) == Some(&b'{') => {
                    self.sure();
                    let substitution = self.enter(Kind::Substitution, Role::None);
                    self.substitution()?;
                    self.leave(substitution);
                }
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some(())
    }

    fn substitution(&mut self) -> Option<()> {
        self.at += 2;
        self.space();
        self.value(Role::None, 1)?;
        self.space();
        self.skip(b'}').then_some(())
    }
}

pub(super) fn is_list(kind: Kind) -> bool {
    matches!(kind, Kind::Arguments | Kind::Array | Kind::Object | Kind::Parameters)
}

/// True when a node starts with a bracket: it is passed over without a look.
pub(super) fn opens_with_bracket(text: &[u8], start: u32) -> bool {
    matches!(text.get(start as usize), Some(b'(' | b'[' | b'{' | b'`'))
}
