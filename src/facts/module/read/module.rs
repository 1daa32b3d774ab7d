//! `import` and `export`.

use super::{Frame, Reader, Slot};
use crate::facts::module::{
    Bytes, Export, Import, ImportId, ImportKind, Imported, ImportedName, Name, Run, Value, ValueId,
};
use crate::syntax::script::{Kind, Role};

impl Reader {
    /// Names in the clause of an import. Those of an inner clause are noted before it closes.
    pub(super) fn close_import_name(&mut self, frame: &Frame) {
        match frame.node.kind {
            Kind::ImportSpecifier => {
                let Some(name) = self.child(frame, Role::Name).and_then(|name| name.name) else { return };
                let local = self.child(frame, Role::Alias).and_then(|alias| alias.name).unwrap_or(name);
                let default = self.facts.name(name) == "default";
                let imported = if default { Imported::Default } else { Imported::Named(name) };
                let type_only = self.has(frame, Kind::TypeToken);
                self.facts.imported.push(ImportedName { imported, local: Some(local), type_only });
            }
            kind => {
                let imported =
                    if kind == Kind::NamespaceImport { Imported::Whole } else { Imported::Default };
                let name = self.slots[frame.slots..].iter().find(|child| child.kind == Kind::Identifier);
                if let Some(local) = name.and_then(|name| name.name) {
                    self.facts.imported.push(ImportedName { imported, local: Some(local), type_only: false });
                }
            }
        }
    }

    /// `import x = require("y")`.
    pub(super) fn close_import_require(&mut self, frame: &Frame, slot: &mut Slot) {
        let name = self.slots[frame.slots..].iter().find(|child| child.kind == Kind::Identifier);
        let local = name.and_then(|name| name.name);
        self.facts.imported.push(ImportedName { imported: Imported::Whole, local, type_only: false });
        if let Some(source) = self.child(frame, Role::Source) {
            *slot = Slot { kind: Kind::ImportRequire, role: Role::Source, ..source };
        }
    }

    pub(super) fn close_import(&mut self, frame: &Frame) {
        let names = Run { start: frame.imported as u32, end: self.facts.imported.len() as u32 };
        let Some(source) = self.child(frame, Role::Source) else { return };
        let equals = source.kind == Kind::ImportRequire;
        let kind = if equals { ImportKind::ImportEquals } else { ImportKind::Static };
        let type_only = self.has(frame, Kind::TypeToken) || self.only_types(names);
        let id = self.note_import(frame, kind, source, type_only, names);
        for index in names.range() {
            self.bind_import(id, self.facts.imported[index]);
        }
    }

    fn only_types(&self, names: Run) -> bool {
        !names.is_empty() && self.facts.imported[names.range()].iter().all(|name| name.type_only)
    }

    fn note_import(
        &mut self,
        frame: &Frame,
        kind: ImportKind,
        source: Slot,
        type_only: bool,
        names: Run,
    ) -> ImportId {
        self.made += 1;
        let id = ImportId(self.facts.imports.len() as u32);
        self.facts.imports.push(Import {
            kind,
            specifier: source.name,
            specifier_at: source.at,
            at: Bytes { start: frame.node.start, end: frame.node.end },
            type_only,
            tried: false,
            function: self.function(),
            names,
        });
        id
    }

    /// Names in the clause of an export: kept as imported names until it is known whether they are.
    pub(super) fn close_export_name(&mut self, frame: &Frame) {
        if frame.node.kind == Kind::NamespaceExport {
            let local = self.slots[frame.slots..].iter().find_map(|child| child.name);
            self.facts.imported.push(ImportedName { imported: Imported::Whole, local, type_only: false });
            return;
        }
        let Some(name) = self.child(frame, Role::Name).and_then(|name| name.name) else { return };
        let local = self.child(frame, Role::Alias).and_then(|alias| alias.name).unwrap_or(name);
        let type_only = self.has(frame, Kind::TypeToken);
        self.facts.imported.push(ImportedName {
            imported: Imported::Named(name),
            local: Some(local),
            type_only,
        });
    }

    pub(super) fn close_export(&mut self, frame: &Frame) {
        let names = Run { start: frame.imported as u32, end: self.facts.imported.len() as u32 };
        let type_only = self.has(frame, Kind::TypeToken);
        if let Some(source) = self.child(frame, Role::Source) {
            return self.close_reexport(frame, source, names, type_only);
        }
        if self.has(frame, Kind::ExportClause) {
            return self.close_export_clause(frame, names);
        }
        if let Some(declaration) = self.child(frame, Role::Declaration) {
            self.decorate(frame, declaration);
            return self.close_exported_declaration(frame, declaration);
        }
        let default = self.has(frame, Kind::DefaultToken);
        let value = self.child(frame, Role::Value);
        let value = value
            .or_else(|| self.slots[frame.slots..].iter().rev().find(|child| child.value.is_some()).copied());
        if let Some(value) = value {
            self.decorate(frame, value);
            let value = self.keep(value);
            self.export(if default { Imported::Default } else { Imported::Whole }, value);
        }
    }

    fn close_reexport(&mut self, frame: &Frame, source: Slot, names: Run, type_only: bool) {
        let type_only = type_only || self.only_types(names);
        let id = self.note_import(frame, ImportKind::Reexport, source, type_only, names);
        let at = source.at;
        if names.is_empty() && self.has(frame, Kind::StarToken) {
            let value = self.push(Value::Import(id, Imported::Whole), at);
            self.export(Imported::Whole, value);
        }
        for index in names.range() {
            let name = self.facts.imported[index];
            let value = self.push(Value::Import(id, name.imported), at);
            if let Some(local) = name.local {
                self.export(self.export_name(local), value);
            }
        }
    }

    /// `export { a, b as c }`: the names are values of this file after all.
    fn close_export_clause(&mut self, frame: &Frame, names: Run) {
        for name in self.facts.imported.split_off(names.range().start) {
            let (Imported::Named(inner), Some(local)) = (name.imported, name.local) else { continue };
            let at = Bytes { start: frame.node.start, end: frame.node.end };
            let value = self.push(Value::Ident(inner), at);
            self.export(self.export_name(local), value);
        }
    }

    fn close_exported_declaration(&mut self, frame: &Frame, declaration: Slot) {
        if self.has(frame, Kind::DefaultToken) {
            let value = self.keep(declaration);
            return self.export(Imported::Default, value);
        }
        if let (Some(name), Some(value)) = (declaration.name, declaration.value) {
            return self.export(Imported::Named(name), value);
        }
        let scope = self.scope(super::Declares::Const);
        let declared: Vec<(Name, ValueId)> = self.facts.bindings[frame.bindings..]
            .iter()
            .filter(|binding| binding.scope == scope)
            .map(|binding| (binding.name, binding.value))
            .collect();
        for (name, value) in declared {
            self.export(Imported::Named(name), value);
        }
    }

    /// Decorators that stand before `export` belong to the class behind it.
    fn decorate(&mut self, frame: &Frame, declaration: Slot) {
        let decorators = self.close_decorators(frame);
        if let Some(Value::Class(class)) = declaration.value.map(|value| self.facts.value(value))
            && !decorators.is_empty()
        {
            self.facts.classes[class.0 as usize].decorators = decorators;
        }
    }

    fn export_name(&self, name: Name) -> Imported {
        if self.facts.name(name) == "default" { Imported::Default } else { Imported::Named(name) }
    }

    fn export(&mut self, name: Imported, value: ValueId) {
        self.made += 1;
        self.facts.exports.push(Export { name, value });
    }
}
