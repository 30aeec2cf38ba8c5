//! Stockade for a page: texts go in and out four bytes at a time, so that no memory is shared and nothing here is unsafe but
//! that these functions have names. `browser/page/worker.js` calls them.

use std::cell::RefCell;
use stockade::browser::Session;

/// One page's session, what it is being told, and what it answers.
#[derive(Default)]
struct Engine {
    session: Option<Session>,
    told: Vec<u8>,
    answer: Vec<u8>,
}

thread_local! {
    static ENGINE: RefCell<Engine> = RefCell::default();
}

/// Takes four bytes of a text in, the first in the lowest bits.
#[unsafe(no_mangle)]
pub extern "C" fn tell(four: u32) {
    ENGINE.with_borrow_mut(|engine| engine.told.extend(four.to_le_bytes()));
}

/// What was told is a question, so many bytes long; the first is the day. Says how many bytes the answer has.
#[unsafe(no_mangle)]
pub extern "C" fn ask(length: u32) -> u32 {
    ENGINE.with_borrow_mut(|engine| {
        let mut told = std::mem::take(&mut engine.told);
        told.truncate(length as usize);
        let told = String::from_utf8_lossy(&told);
        let answer = match &mut engine.session {
            Some(session) => session.answer(&told),
            None => match Session::new(&told) {
                Ok(session) => {
                    engine.session = Some(session);
                    r#"{"is":true}"#.to_owned()
                }
                Err(_) => r#"{"wrong":"this is no day"}"#.to_owned(),
            },
        };
        engine.answer = answer.into_bytes();
        u32::try_from(engine.answer.len()).unwrap_or(0)
    })
}

/// Four bytes of the answer from a place on; zeros behind its end.
#[unsafe(no_mangle)]
pub extern "C" fn hear(at: u32) -> u32 {
    ENGINE.with_borrow(|engine| {
        let byte = |at: usize| engine.answer.get(at).copied().unwrap_or_default();
        let at = at as usize;
        u32::from_le_bytes([byte(at), byte(at + 1), byte(at + 2), byte(at + 3)])
    })
}
