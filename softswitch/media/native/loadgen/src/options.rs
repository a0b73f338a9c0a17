//! Command-line options.

use std::net::SocketAddr;
use std::time::Duration;

use crate::digits::Digits;

pub const USAGE: &str = "usage: loadgen --target HOST:PORT [--number N] [--caller HOST:PORT] \
[--callee HOST:PORT] [--rate CALLS/S] [--calls N] [--hold SECONDS] [--media 0|1] \
[--payload-type PT] [--srtp 0|1] [--opus 0|1] [--arrivals 0|1] [--floor 0|1] \
[--digits KEYS] [--digits-every MS]";

/// What to do.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the switch listens.
    pub target: SocketAddr,
    /// What the caller dials; must lead to the callee.
    pub number: String,
    pub caller: SocketAddr,
    pub callee: SocketAddr,
    /// New calls each second.
    pub rate: f64,
    pub calls: usize,
    /// How long each call stays up after its answer.
    pub hold: Duration,
    pub media: bool,
    pub payload_type: u8,
    /// Both parties protect their packets, with keys in SDP.
    pub srtp: bool,
    /// The caller speaks Opus alone, to a callee that does not.
    pub opus: bool,
    /// Measure how evenly packets arrive, and how soon after the answer.
    pub arrivals: bool,
    /// What each caller presses.
    pub digits: Digits,
    /// No switch: measure the shortest relay there can be.
    pub floor: bool,
}

impl Options {
    /// Reads `--name value` pairs; says what is wrong with them.
    pub fn from_arguments(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut target = None;
        let (mut keys, mut every) = (String::new(), 1000);
        let mut options = Self {
            target: SocketAddr::from(([127, 0, 0, 1], 5070)),
            number: "7000".into(),
            caller: SocketAddr::from(([127, 0, 0, 1], 5091)),
            callee: SocketAddr::from(([127, 0, 0, 1], 5090)),
            rate: 10.0,
            calls: 100,
            hold: Duration::from_secs(1),
            media: true,
            payload_type: 0,
            srtp: false,
            opus: false,
            arrivals: false,
            digits: Digits::new("", every)?,
            floor: false,
        };
        while let Some(name) = arguments.next() {
            let value = arguments
                .next()
                .ok_or_else(|| format!("{name} needs a value"))?;
            match name.as_str() {
                "--target" => target = Some(parse(&name, &value)?),
                "--number" => options.number = value,
                "--caller" => options.caller = parse(&name, &value)?,
                "--callee" => options.callee = parse(&name, &value)?,
                "--rate" => options.rate = parse(&name, &value)?,
                "--calls" => options.calls = parse(&name, &value)?,
                "--hold" => options.hold = Duration::from_secs_f64(parse(&name, &value)?),
                "--media" => options.media = parse::<u8>(&name, &value)? != 0,
                "--payload-type" => options.payload_type = parse(&name, &value)?,
                "--srtp" => options.srtp = parse::<u8>(&name, &value)? != 0,
                "--opus" => options.opus = parse::<u8>(&name, &value)? != 0,
                "--arrivals" => options.arrivals = parse::<u8>(&name, &value)? != 0,
                "--digits" => keys = value,
                "--digits-every" => every = parse(&name, &value)?,
                "--floor" => options.floor = parse::<u8>(&name, &value)? != 0,
                _ => return Err(format!("there is no option {name}")),
            }
        }
        match target {
            Some(target) => options.target = target,
            None if options.floor => {}
            None => return Err("--target is missing".into()),
        }
        options.digits = Digits::new(&keys, every)?;
        if options.rate <= 0.0 || options.calls == 0 {
            return Err("--rate and --calls must be positive".into());
        }
        Ok(options)
    }
}

fn parse<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, String> {
    value
        .parse()
        .map_err(|_| format!("{name} cannot be {value:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Options, String> {
        Options::from_arguments(text.split_whitespace().map(String::from))
    }

    #[test]
    fn options_are_read_in_any_order() {
        let options = read("--rate 5 --target 127.0.0.1:1 --media 0").unwrap();
        assert_eq!((options.rate, options.media), (5.0, false));
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert!(read("--rate 5").unwrap_err().contains("--target"));
        assert!(read("--floor 1").is_ok());
        assert!(read("--target x").unwrap_err().contains("cannot be"));
        assert!(read("--what 1").unwrap_err().contains("no option"));
        assert!(read("--target").unwrap_err().contains("needs a value"));
    }
}
