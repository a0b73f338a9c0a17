use super::*;

use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

const PATIENCE: Duration = Duration::from_secs(10);

/// A ring, unless this machine refuses io_uring: then there is nothing to test.
fn ring() -> Option<Ring> {
    let mut ring = match Ring::build(-1) {
        Ok(ring) => ring,
        Err(error) => {
            eprintln!("io_uring is refused here: {error}");
            return None;
        }
    };
    ring.begin().expect("it begins on this thread");
    Some(ring)
}

fn sockets() -> (UdpSocket, UdpSocket, SocketAddr) {
    let bind = || UdpSocket::bind("127.0.0.1:0").expect("a port is free");
    let (one, other) = (bind(), bind());
    let address = other.local_addr().expect("it is bound");
    (one, other, address)
}

/// Wait for a completion and tell it as token and bytes; None when a socket was forgotten.
fn next(ring: &mut Ring) -> (u64, Option<Vec<u8>>) {
    loop {
        match ring.take().expect("the ring works") {
            Some(Completion::Datagram { token, .. }) => {
                return (token, Some(ring.datagram().to_vec()));
            }
            Some(Completion::Forgotten(token)) => return (token, None),
            None => {
                let asked = Instant::now();
                ring.wait_for_any(Some(PATIENCE)).expect("the ring works");
                assert!(asked.elapsed() < PATIENCE, "nothing came");
            }
        }
    }
}

#[test]
fn datagrams_of_one_socket_come_whole_and_in_order() {
    let Some(mut ring) = ring() else { return };
    let (one, other, to) = sockets();
    ring.watch(&other, 3).expect("it is watched");
    let texts: Vec<Vec<u8>> = (0..1000u16)
        .map(|it| vec![it as u8; usize::from(it)])
        .collect();
    // All of a part find room in the socket.
    for part in texts.chunks(50) {
        let datagrams = part.iter().map(|text| (&one, to, text.as_slice()));
        ring.send(datagrams).expect("the ring works");
        for text in part {
            assert_eq!(next(&mut ring), (3, Some(text.clone())));
        }
    }
    assert_eq!(ring.take_unsent(), 0);
}

#[test]
fn the_source_of_a_datagram_is_told() {
    let Some(mut ring) = ring() else { return };
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let (Ok(one), Ok(other)) = (UdpSocket::bind(address), UdpSocket::bind(address)) else {
            continue;
        };
        ring.watch(&other, 1).expect("it is watched");
        let to = other.local_addr().expect("it is bound");
        one.send_to(b"x", to).expect("it is sent");
        ring.wait_for_any(Some(PATIENCE)).expect("the ring works");
        let expected = Completion::Datagram {
            token: 1,
            source: one.local_addr().expect("it is bound"),
        };
        assert_eq!(ring.take().expect("the ring works"), Some(expected));
        assert_eq!(ring.datagram(), b"x");
        ring.forget(1).expect("the ring works");
        assert_eq!(next(&mut ring), (1, None));
    }
}

#[test]
fn buffers_that_ran_out_lose_nothing() {
    let Some(mut ring) = ring() else { return };
    let (one, other, to) = sockets();
    ring.watch(&other, 3).expect("it is watched");
    ring.wait_for_any(Some(Duration::ZERO))
        .expect("the ring works");
    let count = u64::from(buffers::COUNT) / 2;
    for round in 0..4 {
        // Sockets hold about 250 small datagrams: all are taken into buffers, none given back.
        for number in 0..count {
            let text = (round * count + number).to_be_bytes();
            one.send_to(&text, to).expect("it is sent");
        }
        ring.wait_for_many(Duration::from_millis(10))
            .expect("the ring works");
    }
    let received = (0..2 * count).map(|_| next(&mut ring).1);
    let expected = (0..2 * count).map(|number| Some(number.to_be_bytes().to_vec()));
    assert!(received.eq(expected), "the buffers hold so many");
}

#[test]
fn a_forgotten_socket_frees_its_port_when_dropped() {
    let Some(mut ring) = ring() else { return };
    let (_one, other, to) = sockets();
    ring.watch(&other, 3).expect("it is watched");
    ring.wait_for_any(Some(Duration::ZERO))
        .expect("the ring works");
    ring.forget(3).expect("the ring works");
    assert_eq!(next(&mut ring), (3, None));
    drop(other);
    UdpSocket::bind(to).expect("its port is free");
}

#[test]
fn what_cannot_be_sent_is_counted() {
    let Some(mut ring) = ring() else { return };
    let (one, _other, to) = sockets();
    let huge = vec![0; 70_000];
    let datagrams = [(&one, to, huge.as_slice()), (&one, to, b"x".as_slice())];
    ring.send(datagrams.into_iter()).expect("the ring works");
    assert_eq!(ring.take().expect("the ring works"), None);
    assert_eq!(ring.take_unsent(), 1);
}

#[test]
fn a_longer_datagram_is_cut() {
    let Some(mut ring) = ring() else { return };
    let (one, other, to) = sockets();
    ring.watch(&other, 3).expect("it is watched");
    one.send_to(&[7; 9000], to).expect("it is sent");
    let (_, bytes) = next(&mut ring);
    let length = bytes.expect("it came").len();
    assert!((LONGEST_DATAGRAM..9000).contains(&length), "{length}");
}

#[test]
fn another_thread_can_end_a_wait() {
    if ring().is_none() {
        return;
    }
    let (reader, writer) = std::io::pipe().expect("there are descriptors");
    let reader = OwnedFd::from(reader);
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut ring = Ring::new(&reader).expect("it was made before");
            ring.begin().expect("it begins on this thread");
            ring.wait_for_any(None).expect("the ring works");
            ended.store(true, Ordering::Relaxed);
        });
        std::io::Write::write_all(&mut &writer, b"x").expect("the pipe is open");
    });
    assert!(ended.load(Ordering::Relaxed));
}
