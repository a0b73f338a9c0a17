//! The called party: answers every call at once and hangs up when told.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::media::Echo;
use crate::options::Options;
use crate::secure::Secure;
use crate::sip;

const T1: Duration = Duration::from_millis(500);
const MOST_REPEATS: u32 = 6;

/// To an offer with a key where none is wanted, or without where one is.
const REFUSAL: &str = "488 Not Acceptable Here";

struct Unacknowledged {
    response: String,
    peer: SocketAddr,
    next: Instant,
    repeats: u32,
}

pub struct Callee {
    socket: UdpSocket,
    local: SocketAddr,
    echo: Arc<Echo>,
    media: SocketAddr,
    srtp: bool,
}

impl Callee {
    pub fn bind(options: &Options, echo: Arc<Echo>) -> io::Result<Self> {
        let socket = UdpSocket::bind(options.callee)?;
        socket.set_read_timeout(Some(Duration::from_millis(50)))?;
        Ok(Self {
            socket,
            local: options.callee,
            media: SocketAddr::new(options.callee.ip(), echo.port()),
            echo,
            srtp: options.srtp,
        })
    }

    pub fn run(&self, stop: &AtomicBool) {
        let mut waiting: HashMap<String, Unacknowledged> = HashMap::new();
        let mut buffer = [0; 8192];
        while !stop.load(Ordering::Relaxed) {
            if let Ok((length, peer)) = self.socket.recv_from(&mut buffer)
                && let Ok(message) = std::str::from_utf8(&buffer[..length])
            {
                self.handle(message, peer, &mut waiting);
            }
            self.repeat(&mut waiting);
        }
    }

    fn handle(
        &self,
        message: &str,
        peer: SocketAddr,
        waiting: &mut HashMap<String, Unacknowledged>,
    ) {
        let id = sip::header(message, "Call-ID").unwrap_or("").to_owned();
        match message.split(' ').next() {
            Some("INVITE") => {
                let secure = Secure::from_description(message);
                if secure.is_some() != self.srtp {
                    let response = sip::response(message, REFUSAL, self.local, "");
                    let _ = self.socket.send_to(response.as_bytes(), peer);
                    return;
                }
                let payload_type = offered_payload_type(message);
                if !waiting.contains_key(&id) {
                    self.echo.secure(sip::media_address(message), secure);
                }
                let body = sip::description(self.media, payload_type, self.srtp, false);
                let response = sip::response(message, "200 OK", self.local, &body);
                let _ = self.socket.send_to(response.as_bytes(), peer);
                waiting.insert(
                    id,
                    Unacknowledged {
                        response,
                        peer,
                        next: Instant::now() + T1,
                        repeats: 0,
                    },
                );
            }
            Some("ACK") => {
                waiting.remove(&id);
            }
            Some("BYE" | "CANCEL" | "OPTIONS") => {
                waiting.remove(&id);
                let response = sip::response(message, "200 OK", self.local, "");
                let _ = self.socket.send_to(response.as_bytes(), peer);
            }
            _ => {}
        }
    }

    fn repeat(&self, waiting: &mut HashMap<String, Unacknowledged>) {
        let now = Instant::now();
        waiting.retain(|_, call| call.repeats < MOST_REPEATS);
        for call in waiting.values_mut().filter(|call| call.next <= now) {
            call.repeats += 1;
            call.next = now + T1 * 2_u32.pow(call.repeats.min(3));
            let _ = self.socket.send_to(call.response.as_bytes(), call.peer);
        }
    }
}

/// The first payload type of an offer: the switch's own choice for this leg.
fn offered_payload_type(message: &str) -> u8 {
    message
        .lines()
        .find_map(|line| line.strip_prefix("m=audio "))
        .and_then(|line| line.split_whitespace().nth(2))
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}
