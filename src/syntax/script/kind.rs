//! What a node is and what it is to its parent, in our words; one table per grammar translates.

use std::num::NonZeroU16;
use std::sync::OnceLock;

use tree_sitter::Language;

use super::Dialect;

/// What a node of a script is. Nodes that carry no fact are [`Kind::Other`], tokens that carry none are never seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Kind {
    Program,
    Error,
    Other,
    // Leaves.
    Identifier,
    Property,
    Shorthand,
    ShorthandPattern,
    Keyword,
    String,
    Number,
    True,
    False,
    Null,
    Undefined,
    // Tokens that change what their parent means.
    OrToken,
    NullishToken,
    AndToken,
    PlusToken,
    MinusToken,
    ConstToken,
    LetToken,
    VarToken,
    OfToken,
    TypeToken,
    DefaultToken,
    StarToken,
    // Expressions.
    Template,
    Substitution,
    Call,
    New,
    Member,
    Subscript,
    Arguments,
    Array,
    Object,
    Pair,
    Spread,
    Computed,
    Wrapper,
    Await,
    Assertion,
    Binary,
    Unary,
    Assignment,
    Update,
    Function,
    FunctionDeclaration,
    Method,
    Class,
    ClassDeclaration,
    ClassBody,
    ClassHeritage,
    Field,
    Decorator,
    Enum,
    EnumBody,
    // Patterns.
    Parameters,
    Parameter,
    ObjectPattern,
    ArrayPattern,
    PairPattern,
    DefaultPattern,
    RestPattern,
    // Statements.
    Block,
    Declaration,
    Declarator,
    ForIn,
    For,
    /// `if`: its condition, what then runs, and what else does.
    If,
    /// `a ? b : c`.
    Ternary,
    /// `try` with all that belongs to it.
    Try,
    Catch,
    Statement,
    Case,
    Import,
    ImportClause,
    NamespaceImport,
    ImportSpecifier,
    ImportRequire,
    Export,
    ExportClause,
    ExportSpecifier,
    NamespaceExport,
    /// Types, comments, regular expressions, JSX text: not walked into.
    Skipped,
    /// Tokens that carry no fact.
    Mark,
}

impl Kind {
    /// True for nodes whose children are not looked at.
    pub(super) fn is_leaf(self) -> bool {
        (Kind::Identifier as u8..=Kind::StarToken as u8).contains(&(self as u8))
    }

    /// True for tokens that change what their parent means: they have no role.
    pub(super) fn is_token(self) -> bool {
        (Kind::OrToken as u8..=Kind::StarToken as u8).contains(&(self as u8))
    }

    /// True for nodes whose children are told apart by their roles.
    pub(super) fn reads_roles(self) -> bool {
        let lists = matches!(
            self,
            Kind::Template
                | Kind::Substitution
                | Kind::Arguments
                | Kind::Array
                | Kind::Object
                | Kind::Spread
                | Kind::Computed
                | Kind::Wrapper
                | Kind::Assertion
                | Kind::Update
                | Kind::ClassHeritage
                | Kind::Decorator
                | Kind::EnumBody
                | Kind::Parameters
                | Kind::ObjectPattern
                | Kind::ArrayPattern
                | Kind::RestPattern
                | Kind::ImportClause
                | Kind::NamespaceImport
                | Kind::NamespaceExport
        );
        self.reads_children() && !lists
    }

    /// True for nodes that are read from their children; of all others the children only stand in them.
    pub fn reads_children(self) -> bool {
        let kind = self as u8;
        let read = (Kind::Template as u8..=Kind::RestPattern as u8).contains(&kind);
        let module = (Kind::Import as u8..=Kind::NamespaceExport as u8).contains(&kind);
        read || module || matches!(self, Kind::Declarator | Kind::ForIn | Kind::Catch | Kind::Statement)
    }
}

/// What a node is to its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Role {
    None,
    Function,
    Arguments,
    Object,
    Property,
    Index,
    Left,
    Right,
    Name,
    Alias,
    Value,
    Key,
    Body,
    Parameter,
    Pattern,
    Source,
    Declaration,
    Decorator,
    Argument,
}

/// The words of one grammar.
pub(super) struct Grammar {
    kinds: Vec<Kind>,
    roles: Vec<Role>,
}

impl Grammar {
    pub(super) fn kind(&self, id: u16) -> Kind {
        self.kinds.get(id as usize).copied().unwrap_or(Kind::Error)
    }

    pub(super) fn role(&self, id: Option<NonZeroU16>) -> Role {
        id.and_then(|id| self.roles.get(id.get() as usize).copied()).unwrap_or(Role::None)
    }

    fn new(language: &Language) -> Grammar {
        let ids = 0..language.node_kind_count() as u16;
        let kinds = ids
            .map(|id| kind(language.node_kind_for_id(id).unwrap_or(""), language.node_kind_is_named(id)))
            .collect();
        let fields = 0..=language.field_count() as u16;
        let roles = fields.map(|id| role(language.field_name_for_id(id).unwrap_or(""))).collect();
        Grammar { kinds, roles }
    }
}

pub(super) fn language(dialect: Dialect) -> Language {
    match dialect {
        Dialect::JavaScript => tree_sitter_javascript::LANGUAGE.into(),
        Dialect::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
        Dialect::Tsx => tree_sitter_typescript::LANGUAGE_TSX.into(),
    }
}

pub(super) fn grammar(dialect: Dialect) -> &'static Grammar {
    static GRAMMARS: [OnceLock<Grammar>; 3] = [const { OnceLock::new() }; 3];
    GRAMMARS[dialect as usize].get_or_init(|| Grammar::new(&language(dialect)))
}

fn kind(name: &str, named: bool) -> Kind {
    if named { named_kind(name) } else { token_kind(name) }
}

fn token_kind(name: &str) -> Kind {
    match name {
        "||" => Kind::OrToken,
        "??" => Kind::NullishToken,
        "&&" => Kind::AndToken,
        "+" => Kind::PlusToken,
        "-" => Kind::MinusToken,
        "const" => Kind::ConstToken,
        "let" => Kind::LetToken,
        "var" => Kind::VarToken,
        "of" => Kind::OfToken,
        "type" | "typeof" => Kind::TypeToken,
        "default" => Kind::DefaultToken,
        "*" => Kind::StarToken,
        _ => Kind::Mark,
    }
}

fn named_kind(name: &str) -> Kind {
    match name {
        "program" => Kind::Program,
        "identifier" | "nested_identifier" => Kind::Identifier,
        "property_identifier" | "private_property_identifier" | "type_identifier" => Kind::Property,
        "shorthand_property_identifier" => Kind::Shorthand,
        "shorthand_property_identifier_pattern" => Kind::ShorthandPattern,
        "this" | "super" | "import" | "meta_property" => Kind::Keyword,
        "string" => Kind::String,
        "number" => Kind::Number,
        "true" => Kind::True,
        "false" => Kind::False,
        "null" => Kind::Null,
        "undefined" => Kind::Undefined,
        "template_string" => Kind::Template,
        "template_substitution" => Kind::Substitution,
        "call_expression" => Kind::Call,
        "new_expression" => Kind::New,
        "member_expression" => Kind::Member,
        "subscript_expression" => Kind::Subscript,
        "arguments" => Kind::Arguments,
        "array" => Kind::Array,
        "object" => Kind::Object,
        "pair" | "enum_assignment" => Kind::Pair,
        "spread_element" => Kind::Spread,
        "computed_property_name" => Kind::Computed,
        "parenthesized_expression"
        | "as_expression"
        | "satisfies_expression"
        | "non_null_expression"
        | "instantiation_expression"
        | "extends_clause" => Kind::Wrapper,
        "await_expression" => Kind::Await,
        "type_assertion" => Kind::Assertion,
        "binary_expression" => Kind::Binary,
        "unary_expression" => Kind::Unary,
        "assignment_expression" => Kind::Assignment,
        "augmented_assignment_expression" | "update_expression" => Kind::Update,
        "arrow_function" | "function_expression" | "generator_function" => Kind::Function,
        "function_declaration" | "generator_function_declaration" => Kind::FunctionDeclaration,
        "method_definition" => Kind::Method,
        "class" => Kind::Class,
        "class_declaration" | "abstract_class_declaration" => Kind::ClassDeclaration,
        "class_body" => Kind::ClassBody,
        "class_heritage" => Kind::ClassHeritage,
        "field_definition" | "public_field_definition" => Kind::Field,
        "decorator" => Kind::Decorator,
        "enum_declaration" => Kind::Enum,
        "enum_body" => Kind::EnumBody,
        "formal_parameters" => Kind::Parameters,
        "required_parameter" | "optional_parameter" => Kind::Parameter,
        "object_pattern" => Kind::ObjectPattern,
        "array_pattern" => Kind::ArrayPattern,
        "pair_pattern" => Kind::PairPattern,
        "assignment_pattern" | "object_assignment_pattern" => Kind::DefaultPattern,
        "rest_pattern" => Kind::RestPattern,
        "statement_block" | "switch_body" | "class_static_block" => Kind::Block,
        "lexical_declaration" | "variable_declaration" => Kind::Declaration,
        "variable_declarator" => Kind::Declarator,
        "for_in_statement" => Kind::ForIn,
        "for_statement" => Kind::For,
        "if_statement" => Kind::If,
        "ternary_expression" => Kind::Ternary,
        "try_statement" => Kind::Try,
        "catch_clause" => Kind::Catch,
        "expression_statement" => Kind::Statement,
        "switch_case" | "switch_default" => Kind::Case,
        "import_statement" => Kind::Import,
        "import_clause" | "named_imports" => Kind::ImportClause,
        "namespace_import" => Kind::NamespaceImport,
        "import_specifier" => Kind::ImportSpecifier,
        "import_require_clause" => Kind::ImportRequire,
        "export_statement" => Kind::Export,
        "export_clause" => Kind::ExportClause,
        "export_specifier" => Kind::ExportSpecifier,
        "namespace_export" => Kind::NamespaceExport,
        "comment"
        | "html_comment"
        | "hash_bang_line"
        | "regex"
        | "regex_pattern"
        | "regex_flags"
        | "jsx_text"
        | "string_fragment"
        | "escape_sequence"
        | "optional_chain"
        | "statement_identifier"
        | "type_annotation"
        | "type_arguments"
        | "type_parameters"
        | "interface_declaration"
        | "type_alias_declaration"
        | "ambient_declaration"
        | "implements_clause"
        | "function_signature"
        | "method_signature"
        | "abstract_method_signature"
        | "index_signature"
        | "accessibility_modifier"
        | "override_modifier"
        | "asserts_annotation"
        | "type_predicate_annotation"
        | "union_type"
        | "intersection_type"
        | "object_type"
        | "generic_type"
        | "predefined_type"
        | "array_type"
        | "function_type"
        | "literal_type"
        | "lookup_type"
        | "tuple_type"
        | "readonly_type"
        | "type_query"
        | "index_type_query"
        | "conditional_type"
        | "template_literal_type"
        | "parenthesized_type"
        | "nested_type_identifier"
        | "html_character_reference" => Kind::Skipped,
        _ => Kind::Other,
    }
}

fn role(name: &str) -> Role {
    match name {
        "function" | "constructor" => Role::Function,
        "arguments" => Role::Arguments,
        "object" => Role::Object,
        "property" => Role::Property,
        "index" => Role::Index,
        "left" => Role::Left,
        "right" => Role::Right,
        "name" => Role::Name,
        "alias" => Role::Alias,
        "value" => Role::Value,
        "key" => Role::Key,
        "body" => Role::Body,
        "parameter" => Role::Parameter,
        "pattern" => Role::Pattern,
        "source" => Role::Source,
        "declaration" => Role::Declaration,
        "decorator" => Role::Decorator,
        "argument" => Role::Argument,
        _ => Role::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_grammar_knows_the_words_that_facts_stand_on() {
        for dialect in [Dialect::JavaScript, Dialect::TypeScript, Dialect::Tsx] {
            let grammar = grammar(dialect);
            let needed = [
                Kind::Call,
                Kind::New,
                Kind::Member,
                Kind::Import,
                Kind::Export,
                Kind::Declarator,
                Kind::ForIn,
            ];
            for kind in needed {
                assert!(grammar.kinds.contains(&kind), "{dialect:?} lost {kind:?}");
            }
            for role in [Role::Function, Role::Arguments, Role::Property, Role::Source, Role::Body] {
                assert!(grammar.roles.contains(&role), "{dialect:?} lost {role:?}");
            }
        }
    }
}
