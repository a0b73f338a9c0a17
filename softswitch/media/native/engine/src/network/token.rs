//! What a socket is known by where it is waited for.

use crate::output::Channel;

/// A socket of the stream at a place.
///
/// Places are used again: the number of the watch tells a late packet of the stream before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    pub place: usize,
    pub watch: u32,
    pub channel: Channel,
}

impl Token {
    /// Watches are numbered up to this.
    pub const LAST_WATCH: u32 = (1 << 30) - 1;

    /// As a number below 2⁶².
    pub fn encode(self) -> u64 {
        u64::from(self.watch) << 32
            | (self.place as u64) << 1
            | u64::from(self.channel == Channel::Rtcp)
    }

    pub fn decode(number: u64) -> Token {
        let channel = if number & 1 == 0 {
            Channel::Rtp
        } else {
            Channel::Rtcp
        };
        Token {
            place: (number as u32 >> 1) as usize,
            watch: (number >> 32) as u32,
            channel,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_back_as_it_went() {
        for place in [0, 1, (1 << 31) - 1] {
            for watch in [0, 1, Token::LAST_WATCH] {
                for channel in [Channel::Rtp, Channel::Rtcp] {
                    let token = Token {
                        place,
                        watch,
                        channel,
                    };
                    assert!(token.encode() < 1 << 62);
                    assert_eq!(Token::decode(token.encode()), token);
                }
            }
        }
    }
}
