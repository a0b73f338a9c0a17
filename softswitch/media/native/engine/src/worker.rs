//! A thread that owns sockets and the clock, and runs a graph of streams on them: its start, its
//! end, and what others hold of it.

use std::io;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use crate::clock::Clock;
use crate::counters::{Counter, EngineCounters};
use crate::event::EventQueue;
use crate::inbox::{Inbox, Request};
use crate::network::Method;
use crate::sys::{Priority, go_first};

use rounds::Loop;

mod rounds;

/// A running worker.
pub struct Worker {
    pub inbox: Inbox,
    /// Thousandths of its time that it is busy, and one for each stream opened since that was told.
    pub load: Arc<Counter>,
    pub priority: Priority,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Worker {
    pub fn start(
        name: String,
        method: Method,
        events: Arc<EventQueue>,
        counters: Arc<EngineCounters>,
        clock: Clock,
    ) -> io::Result<Worker> {
        let inbox = Inbox::new()?;
        let network = method.create(inbox.wake())?;
        let loop_ = Loop::new(network, inbox.clone(), events, counters, clock);
        let load = Arc::clone(&loop_.load);
        let (told, hears) = std::sync::mpsc::channel();
        let thread = std::thread::Builder::new().name(name).spawn(move || {
            // Nobody asks if the engine could not start another worker.
            let _ = told.send(go_first());
            loop_.run();
        })?;
        Ok(Worker {
            inbox,
            load,
            priority: hears.recv().unwrap_or(Priority::Usual),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Close all streams and wait for the thread to end.
    pub fn shut_down(&self) {
        self.inbox.post(Request::Shutdown);
        let thread = self
            .thread
            .lock()
            .expect("no holder of the thread panics")
            .take();
        if let Some(thread) = thread {
            // A panic was already told by the thread itself.
            let _ = thread.join();
        }
    }

    /// Once all workers have ended: what one of them still sent to this one goes nowhere.
    pub fn discard_requests(&self, counters: &EngineCounters) {
        for request in self.inbox.take() {
            request.discard(counters);
        }
    }
}
