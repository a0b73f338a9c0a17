//! RTP and RTCP on the wire and the state machines that go with them (RFC 3550, 3551, 4733).

pub mod event_receiver;
pub mod event_sender;
pub mod header;
pub mod jitter;
pub mod latch;
pub mod quality;
pub mod reception;
pub mod rtcp;
pub mod sender;
pub mod telephone_event;
