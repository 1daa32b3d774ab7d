//! Keeps the panic of one check from taking the others with it, and from printing over the report.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

static HOOK: Once = Once::new();

/// Runs `work`; what it panicked with is the error.
pub(super) fn contained(work: impl FnOnce()) -> Result<(), String> {
    HOOK.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !CONTAINED.get() {
                others(info);
            }
        }));
    });
    let before = CONTAINED.replace(true);
    // What a panic may leave half done is the sink of that one check, and a sink is whole after every call.
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    CONTAINED.set(before);
    result.map_err(|payload| message_of(&*payload))
}

fn message_of(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_its_message() {
        assert_eq!(contained(|| ()), Ok(()));
        assert_eq!(contained(|| panic!("oh")), Err("oh".to_owned()));
        let what = 3;
        assert_eq!(contained(|| panic!("{what} times")), Err("3 times".to_owned()));
    }
}
