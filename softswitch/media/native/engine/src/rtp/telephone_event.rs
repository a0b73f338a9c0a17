//! The payload of named telephone events (RFC 4733 §2.3) and the names of digits.

/// Length of the payload on the wire.
pub const LENGTH: usize = 4;
/// Most a duration field can hold (RFC 4733 §2.3.4).
pub const LONGEST: u16 = u16::MAX;
const DIGITS: &[u8; 17] = b"0123456789*#ABCDF";

/// One report about an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TelephoneEvent {
    pub event: u8,
    pub end: bool,
    /// Level in −dBm0, 0 to 63.
    pub volume: u8,
    /// RTP clock units since the event (or its segment) began.
    pub duration: u16,
}

impl TelephoneEvent {
    /// Read the first event of a payload; None if it is too short.
    pub fn parse(payload: &[u8]) -> Option<TelephoneEvent> {
        let [event, flags, high, low] = *payload.first_chunk::<LENGTH>()?;
        Some(TelephoneEvent {
            event,
            end: flags & 0x80 != 0,
            volume: flags & 0x3f,
            duration: u16::from_be_bytes([high, low]),
        })
    }

    pub fn to_bytes(self) -> [u8; LENGTH] {
        let [high, low] = self.duration.to_be_bytes();
        [
            self.event,
            u8::from(self.end) << 7 | self.volume & 0x3f,
            high,
            low,
        ]
    }
}

/// The digit of an event code: `0-9 * # A-D`, `F` for a hook flash; None for other events.
pub fn digit_of(event: u8) -> Option<char> {
    DIGITS.get(usize::from(event)).map(|&byte| char::from(byte))
}

/// The event code of a digit in either case.
pub fn event_of(digit: char) -> Option<u8> {
    let wanted = digit.to_ascii_uppercase();
    (0..DIGITS.len() as u8).find(|&event| digit_of(event) == Some(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_survives_writing_and_reading() {
        let report = TelephoneEvent {
            event: 11,
            end: true,
            volume: 10,
            duration: 1600,
        };
        assert_eq!(report.to_bytes(), [11, 0x8a, 6, 64]);
        assert_eq!(TelephoneEvent::parse(&report.to_bytes()), Some(report));
    }

    #[test]
    fn a_short_payload_is_no_event() {
        assert_eq!(TelephoneEvent::parse(&[1, 2, 3]), None);
    }

    #[test]
    fn digits_and_event_codes_match() {
        for digit in "0123456789*#ABCDF".chars() {
            assert_eq!(digit_of(event_of(digit).expect("a digit")), Some(digit));
        }
        assert_eq!(event_of('b'), Some(13));
        assert_eq!(event_of('x'), None);
        assert_eq!(digit_of(17), None);
    }
}
