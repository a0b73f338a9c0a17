//! Real-time scheduling of a thread.

use std::io;

/// Above all usual threads, below all other real-time ones.
const LOWEST_PRIORITY: i32 = 1;

/// Let the calling thread run whenever it wants to, before all threads that are not real-time.
/// The kernel keeps a twentieth of each processor for those. Takes the right to do so
/// (`CAP_SYS_NICE` or `RLIMIT_RTPRIO`).
pub fn run_in_real_time() -> io::Result<()> {
    // SAFETY: all zeros is a valid parameter.
    let mut parameter: libc::sched_param = unsafe { std::mem::zeroed() };
    parameter.sched_priority = LOWEST_PRIORITY;
    let policy = libc::SCHED_RR | libc::SCHED_RESET_ON_FORK;
    // SAFETY: the parameter is read during the call alone; 0 is the calling thread.
    match unsafe { libc::sched_setscheduler(0, policy, &raw const parameter) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
