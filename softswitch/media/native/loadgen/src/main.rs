//! Places SIP/UDP calls with RTP through a switch and measures what comes back.
//!
//! It plays both parties: the caller, which dials a number of the switch, and the callee, to
//! which that number leads. Payloads bear the call, a sequence number and the time they were
//! sent; the callee echoes them, so the caller sees loss and delay of every packet. The result
//! is one JSON object on standard output.

mod callee;
mod caller;
mod histogram;
mod media;
mod options;
mod sip;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;

use media::Media;
use options::Options;

fn main() {
    let options = match Options::from_arguments(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("loadgen: {message}\n{}", options::USAGE);
            std::process::exit(2);
        }
    };
    if let Err(error) = run(options) {
        eprintln!("loadgen: {error}");
        std::process::exit(1);
    }
}

fn run(options: Options) -> std::io::Result<()> {
    let media = Arc::new(Media::bind(options.caller.ip(), options.calls)?);
    let echo = Arc::new(media::Echo::bind(options.callee.ip())?);
    let callee = callee::Callee::bind(&options, echo.port())?;
    let caller = caller::Caller::bind(options, Arc::clone(&media))?;
    let stop = media.stop_flag();
    let helpers = [
        spawn({
            let media = Arc::clone(&media);
            move || media.send_packets()
        }),
        spawn({
            let media = Arc::clone(&media);
            move || media.receive_packets()
        }),
        spawn({
            let stop = Arc::clone(&stop);
            move || echo.run(&stop)
        }),
        spawn({
            let stop = Arc::clone(&stop);
            move || callee.run(&stop)
        }),
    ];
    let report = caller.run();
    stop.store(true, Ordering::Relaxed);
    for helper in helpers {
        helper.join().expect("a helper thread never panics");
    }
    println!("{}", report.to_json(&media));
    Ok(())
}

fn spawn(work: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
    thread::spawn(work)
}
