//! Places SIP/UDP calls with RTP through a switch and measures what comes back.
//!
//! It plays both parties: the caller, which dials a number of the switch, and the callee, to
//! which that number leads. Payloads bear the call, a sequence number and the time they were
//! sent; the callee echoes them, so the caller sees loss and delay of every packet. The result
//! is one JSON object on standard output.

mod arrivals;
mod batch;
mod callee;
mod caller;
mod digits;
mod floor;
mod histogram;
mod media;
mod options;
mod secure;
mod sip;
mod voice;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use floor::Floor;
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
    let outcome = if options.floor {
        measure_floor(&options)
    } else {
        run(options)
    };
    if let Err(error) = outcome {
        eprintln!("loadgen: {error}");
        std::process::exit(1);
    }
}

fn run(options: Options) -> std::io::Result<()> {
    let media = Arc::new(Media::bind(&options)?);
    let echo = Arc::new(media::Echo::bind(options.callee.ip())?);
    let callee = callee::Callee::bind(&options, Arc::clone(&echo))?;
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

/// Let all calls run over the bare relay for their time.
fn measure_floor(options: &Options) -> std::io::Result<()> {
    let media = Arc::new(Media::bind(options)?);
    let echo = media::Echo::bind(options.callee.ip())?;
    let stop = media.stop_flag();
    let callee = SocketAddr::new(options.callee.ip(), echo.port());
    let floor = Floor::start(options.calls, media.local()?, callee, Arc::clone(&stop))?;
    for (number, &address) in floor.addresses.iter().enumerate() {
        media.direct(number, Some(address));
    }
    let (sender, receiver) = (Arc::clone(&media), Arc::clone(&media));
    let helpers = [
        spawn(move || sender.send_packets()),
        spawn(move || receiver.receive_packets()),
        spawn({
            let stop = Arc::clone(&stop);
            move || echo.run(&stop)
        }),
    ];
    thread::sleep(options.hold);
    let cpu = Floor::cpu()?;
    for number in 0..options.calls {
        media.direct(number, None);
    }
    // The last packets are on their way.
    thread::sleep(Duration::from_millis(200));
    stop.store(true, Ordering::Relaxed);
    for helper in helpers {
        helper.join().expect("a helper thread never panics");
    }
    floor.join()?;
    let per_call_second =
        cpu.as_secs_f64() * 1000.0 / options.calls as f64 / options.hold.as_secs_f64();
    println!(
        "{{\"cpu_ms_per_call_second\":{per_call_second:.4},{}}}",
        media.to_json()
    );
    Ok(())
}

/// Run a party in a thread that goes first where it may: a busy machine is not to be measured as
/// delay of the switch, whose media threads do the same.
fn spawn(work: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
    thread::spawn(|| {
        let _ = ring::run_in_real_time();
        work();
    })
}
