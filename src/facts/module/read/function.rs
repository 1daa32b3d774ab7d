//! Functions: their names, and the calls that stand in them.

use super::{Declares, Frame, Reader, Slot};
use crate::facts::module::{Declared, FunctionId, Value};
use crate::syntax::script::{Kind, Role};

impl Reader {
    pub(super) fn close_function(&mut self, frame: &Frame, slot: &mut Slot) {
        let id = self.functions.pop().unwrap_or(FunctionId::MODULE);
        self.bind_single_parameter(frame, id);
        let own_scope = self.scopes.pop();
        let name = self.child(frame, Role::Name).and_then(|name| name.name);
        if frame.node.kind == Kind::Method {
            slot.decorators = self.close_decorators(frame);
        }
        // The function's record may be referred to from now on, so its values stay.
        self.made += 1;
        let calls_end = self.facts.calls.len() as u32;
        let function = &mut self.facts.functions[id.0 as usize];
        function.name = name;
        function.calls.start = frame.calls as u32;
        function.calls.end = calls_end;
        let value = self.push(Value::Function(id), slot.at);
        slot.value = Some(value);
        slot.name = name;
        let scope = match frame.node.kind {
            Kind::FunctionDeclaration => Some(self.scope(Declares::Const)),
            Kind::Function => own_scope.map(|scope| scope.at),
            _ => None,
        };
        if let (Some(name), Some(scope)) = (name, scope) {
            self.bind(name, value, Declared::Once, scope);
        }
    }

    /// `x => …` has its parameter without a list.
    fn bind_single_parameter(&mut self, frame: &Frame, id: FunctionId) {
        let Some(Slot { value: Some(pattern), at, .. }) = self.child(frame, Role::Parameter) else { return };
        let parameter = self.push(Value::Parameter(id, 0), at);
        let scope = self.scope(Declares::Let);
        self.bind_pattern(pattern, parameter, Declared::Variable, scope);
        self.facts.functions[id.0 as usize].parameters = 1;
    }
}
