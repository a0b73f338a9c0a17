use super::*;

use std::net::{IpAddr, Ipv4Addr, UdpSocket};

use crate::counters::StreamStatistics;
use crate::network::Method;
use crate::output::Channel;
use crate::ports::PortPool;
use crate::stream::Beginning;

/// A worker that does only what a test makes it do, with two streams.
struct Bench {
    worker: Loop,
    events: Arc<EventQueue>,
    counters: Arc<EngineCounters>,
}

impl Bench {
    fn new(first_port: u16) -> Bench {
        let events = Arc::new(EventQueue::new().expect("there are descriptors"));
        let counters = Arc::new(EngineCounters::default());
        let inbox = Inbox::new().expect("there are descriptors");
        let network = Method::Epoll.create(inbox.wake());
        let worker = Loop::new(
            network.expect("there are descriptors"),
            inbox,
            Arc::clone(&events),
            Arc::clone(&counters),
            Clock::start(),
        );
        let mut bench = Bench {
            worker,
            events,
            counters,
        };
        let pool = PortPool::new(first_port, first_port + 99).expect("it holds pairs");
        for id in [1, 2] {
            bench.counters.streams.add(1);
            bench.worker.open(opening(id, &pool));
        }
        bench
    }

    fn take_events(&mut self) -> Vec<Event> {
        self.worker.tell();
        self.events.take().into()
    }
}

fn opening(id: u64, pool: &Arc<PortPool>) -> Opening {
    let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
    Opening {
        id,
        ports: pool.bind(here, 0).expect("a pair is free"),
        begin: Beginning {
            ssrc: 1,
            sequence: 1,
            timestamp: 1,
        },
        statistics: Arc::new(StreamStatistics::default()),
        closed: Arc::new(AtomicBool::new(false)),
    }
}

#[test]
fn streams_that_the_end_overtakes_are_no_longer_counted() {
    let mut bench = Bench::new(24_800);
    let pool = PortPool::new(24_900, 24_999).expect("it holds pairs");
    let unread = opening(3, &pool);
    let closed = Arc::clone(&unread.closed);
    bench.counters.streams.add(1);
    bench.worker.inbox.post(Request::Open(Box::new(unread)));
    bench.worker.close_all();
    assert_eq!(bench.counters.streams.value(), 0);
    assert!(closed.load(Ordering::Acquire));
}

#[test]
fn a_panic_costs_its_stream_and_is_told() {
    let mut bench = Bench::new(24_000);
    let place = bench.worker.graph.place(1).expect("it is open");
    bench.worker.step(place, |graph| {
        let to = "127.0.0.1:9".parse().expect("it is an address");
        graph
            .output
            .send(place, Channel::Rtp, to, |out| out.push(0));
        panic!("the codec is {}", "broken");
    });
    let expected = Event::StreamFailed {
        stream: 1,
        text: "the codec is broken".to_owned(),
    };
    assert_eq!(bench.take_events(), [expected]);
    let output = &bench.worker.graph.output;
    assert!(
        output.transmits.is_empty(),
        "what it wanted sent may be wrong"
    );
    assert_eq!(bench.worker.graph.place(1), None);
    assert!(bench.worker.graph.place(2).is_some(), "the other lives");
    assert_eq!(bench.counters.streams.value(), 1);
}

#[test]
fn what_others_want_sent_survives_a_panic() {
    let mut bench = Bench::new(24_100);
    let far_end = UdpSocket::bind("127.0.0.1:0").expect("a port is free");
    let to = far_end.local_addr().expect("it is bound");
    let [broken, whole] = [1, 2].map(|id| bench.worker.graph.place(id).expect("it is open"));
    bench.worker.step(whole, |graph| {
        graph
            .output
            .send(whole, Channel::Rtp, to, |out| out.push(7));
    });
    bench.worker.step(broken, |_| panic!("out of order"));
    bench.worker.send();
    let mut packet = [0; 9];
    assert_eq!(far_end.recv(&mut packet).expect("it was sent"), 1);
    assert_eq!(packet[0], 7);
}

#[test]
fn sockets_that_cannot_be_waited_for_are_told_for_each_stream() {
    let mut bench = Bench::new(24_200);
    bench.worker.fail_all("packets cannot be waited for");
    let failed = bench.take_events().into_iter().map(|event| match event {
        Event::StreamFailed { stream, .. } => stream,
        other => panic!("{other:?} was told"),
    });
    let mut failed: Vec<u64> = failed.collect();
    failed.sort_unstable();
    assert_eq!(failed, [1, 2]);
    assert_eq!(bench.counters.streams.value(), 0);
}
