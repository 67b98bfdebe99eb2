//! Threads that take no signals: whatever is sent to the process finds the program's own threads.
//!
//! Ctrl-C in a worker would be handled there, while Python waits for its main thread to notice; a timer's signal would
//! interrupt what cannot be interrupted.

#![expect(unsafe_code, reason = "calls of the C library")]

/// Does something while this thread takes no signals. Threads that it starts never take any.
#[cfg(unix)]
pub(super) fn without<T>(act: impl FnOnce() -> T) -> T {
    use std::mem::MaybeUninit;

    let mut all = MaybeUninit::<libc::sigset_t>::uninit();
    let mut before = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: the sets are filled by the calls, and `before` is used only if it was.
    unsafe {
        libc::sigfillset(all.as_mut_ptr());
        let blocked = libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr()) == 0;
        let done = act();
        if blocked {
            libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), std::ptr::null_mut());
        }
        done
    }
}

/// There are none.
#[cfg(not(unix))]
pub(super) fn without<T>(act: impl FnOnce() -> T) -> T {
    act()
}
