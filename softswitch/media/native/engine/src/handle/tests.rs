use super::*;

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use crate::parameters::{CodecParameters, Parameters};

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
const PATIENCE: Duration = Duration::from_secs(10);

/// Engines of two workers, one for each way to wait that this machine has. Tests run at once:
/// each has ports of its own.
fn engines(first_port: u16) -> Vec<Engine> {
    let start = |method| {
        let settings = Settings {
            rtp_start_port: first_port,
            rtp_end_port: first_port + 999,
            workers: 2,
            method,
        };
        Engine::start(settings).expect("the engine starts")
    };
    let engines = [Method::IoUring, Method::Epoll].map(start);
    assert_eq!(engines[1].method(), Method::Epoll);
    engines.into()
}

/// A far end, and a stream of that worker that talks to it.
fn leg(engine: &Engine, worker: usize) -> (UdpSocket, StreamHandle) {
    let far_end = UdpSocket::bind((HERE, 0)).expect("a port is free");
    far_end
        .set_read_timeout(Some(Duration::from_millis(20)))
        .expect("it can be set");
    let stream = engine.open_on(
        worker,
        engine.0.ports.bind(HERE, 0).expect("ports are free"),
    );
    let codec = CodecParameters {
        payload_type: 0,
        name: "PCMU".to_owned(),
        clock_rate: 8000,
        channels: 1,
        ptime: 20,
        fmtp: String::new(),
    };
    let parameters = Parameters {
        remote_address: Some(far_end.local_addr().expect("it is bound")),
        remote_rtcp_address: None,
        codecs: vec![codec],
        telephone_event: None,
        telephone_event_receive: None,
        send: true,
        receive: true,
        symmetric: true,
        timeout_ms: 0,
        rtcp_interval_ms: 0,
        rtcp_mux: true,
        transparent: false,
        bare: false,
    };
    stream.configure(parameters).expect("it is open");
    (far_end, stream)
}

/// Speak until the listener hears that very packet.
fn hears(speaker: &(UdpSocket, StreamHandle), listener: &(UdpSocket, StreamHandle), mark: u8) {
    let begun = Instant::now();
    let mut heard = [0; 200];
    for sequence in 0u16.. {
        let mut packet = [mark; 172];
        packet[..12].copy_from_slice(&[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, mark]);
        packet[2..4].copy_from_slice(&sequence.to_be_bytes());
        let to = speaker.1.local_address();
        speaker.0.send_to(&packet, to).expect("it is sent");
        if matches!(listener.0.recv(&mut heard), Ok(172)) && heard[171] == mark {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{mark} is not heard");
    }
}

#[test]
fn streams_of_two_workers_are_connected_and_connected_otherwise() {
    for engine in engines(20000) {
        let legs: Vec<_> = (0..4).map(|number| leg(&engine, number % 2)).collect();
        let mut mark = 0;
        for (one, other) in [(0, 1), (2, 3), (1, 2), (3, 0), (0, 1)] {
            legs[one].1.connect(&legs[other].1).expect("both are open");
            for (speaker, listener) in [(one, other), (other, one)] {
                mark += 1;
                hears(&legs[speaker], &legs[listener], mark);
            }
        }
        engine.close();
    }
}

#[test]
fn a_stream_may_end_on_its_way_to_another_worker() {
    for engine in engines(21000) {
        for _ in 0..50 {
            let (one, other) = (leg(&engine, 0), leg(&engine, 1));
            one.1.connect(&other.1).expect("both are open");
            other.1.close();
            drop(other);
            one.1.connect(&one.1).expect("it is open");
        }
        let (one, other) = (leg(&engine, 0), leg(&engine, 1));
        one.1.connect(&other.1).expect("both are open");
        hears(&one, &other, 1);
        engine.close();
    }
}

#[test]
fn ports_of_closed_streams_are_free_when_the_engine_is_closed() {
    for engine in engines(22000) {
        let legs: Vec<_> = (0..10).map(|number| leg(&engine, number % 2)).collect();
        engine.close();
        for (_, stream) in &legs {
            UdpSocket::bind(stream.local_address()).expect("its port is free");
        }
    }
}

#[test]
fn streams_begin_on_the_first_worker_that_is_not_busy() {
    for engine in engines(23000) {
        let workers = &engine.0.workers;
        assert_eq!(engine.choose_worker(), 0);
        workers[0].load.set(BUSY);
        assert_eq!(engine.choose_worker(), 1);
        workers[1].load.set(BUSY + 1);
        assert_eq!(engine.choose_worker(), 0, "it has more to spare");
        engine.close();
    }
}
