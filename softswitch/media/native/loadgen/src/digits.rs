//! Keys that callers press, as telephone events (RFC 4733).

pub const PAYLOAD_TYPE: u8 = 101;
/// Packets of one key: five while it is down, of 20 ms, then the end three times.
const DOWN: u32 = 5;
const PACKETS: u32 = DOWN + 2;
const FRAME: u32 = 160;

/// In place of a key: nothing is pressed for that time.
const PAUSE: char = '.';

/// Keys that a caller presses one after another, over and over.
#[derive(Clone, Debug)]
pub struct Digits {
    events: Vec<Option<u8>>,
    /// Packets from one key to the next.
    every: u32,
}

/// One packet of a key.
#[derive(Debug, PartialEq, Eq)]
pub struct Press {
    pub first: bool,
    /// How many packets ago it began.
    pub age: u32,
    pub payload: [u8; 4],
}

impl Digits {
    /// Keys as text, in which a dot is a pause, and milliseconds from one to the next.
    pub fn new(keys: &str, every_ms: u32) -> Result<Self, String> {
        let events = keys.chars().map(|key| {
            let at = "0123456789*#".find(key).map(|at| at as u8);
            if at.is_none() && key != PAUSE {
                return Err(format!("{key:?} is no key"));
            }
            Ok(at)
        });
        let every = every_ms / 20;
        if every <= PACKETS {
            return Err("--digits-every must be more than 140".into());
        }
        Ok(Self {
            events: events.collect::<Result<_, _>>()?,
            every,
        })
    }

    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// What of a key a call's packet of that number is; each call has its own moment.
    pub fn press(&self, call: usize, number: u32) -> Option<Press> {
        let shift = call as u32 * 7 % self.every;
        let time = number.checked_sub(shift + 1)?;
        let age = time % self.every;
        if self.events.is_empty() || age >= PACKETS {
            return None;
        }
        let event = self.events[(time / self.every) as usize % self.events.len()]?;
        let duration = ((age + 1).min(DOWN) * FRAME) as u16;
        let [high, low] = duration.to_be_bytes();
        let end = if age + 1 >= DOWN { 0x80 } else { 0 };
        Some(Press {
            first: age == 0,
            age,
            payload: [event, end | 10, high, low],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(digits: &Digits, call: usize, packets: u32) -> String {
        (0..packets)
            .filter_map(|number| digits.press(call, number))
            .filter(|press| press.first)
            .map(|press| "0123456789*#".as_bytes()[press.payload[0] as usize] as char)
            .collect()
    }

    #[test]
    fn keys_are_pressed_in_turn_and_over_and_over() {
        let digits = Digits::new("1*.#", 200).unwrap();
        assert_eq!(pressed(&digits, 0, 60), "1*#1*");
    }

    #[test]
    fn each_call_has_its_own_moment() {
        let digits = Digits::new("12", 1000).unwrap();
        assert_eq!(digits.press(0, 1).unwrap().age, 0);
        assert_eq!(digits.press(1, 1), None);
        assert_eq!(digits.press(1, 8).unwrap().age, 0);
    }

    #[test]
    fn the_end_is_sent_three_times_with_the_whole_duration() {
        let digits = Digits::new("5", 1000).unwrap();
        let packets: Vec<_> = (1..9)
            .filter_map(|number| digits.press(0, number))
            .collect();
        let ends: Vec<_> = packets
            .iter()
            .filter(|it| it.payload[1] & 0x80 != 0)
            .collect();
        assert_eq!((packets.len(), ends.len()), (7, 3));
        assert!(
            ends.iter()
                .all(|it| it.payload[2..] == 800u16.to_be_bytes())
        );
        assert_eq!(packets[1].payload, [5, 10, 1, 64]);
    }

    #[test]
    fn what_is_no_key_is_told() {
        assert!(Digits::new("1a", 1000).unwrap_err().contains("'a'"));
        assert!(Digits::new("1", 100).is_err());
        assert!(Digits::new("", 1000).unwrap().is_empty());
    }
}
