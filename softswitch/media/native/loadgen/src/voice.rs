//! What a caller says in Opus: a second of a made-up voice, over and over.

/// Samples of a packet of 20 ms, by the RTP clock of Opus.
pub const FRAME: u32 = 960;
pub const PAYLOAD_TYPE: u8 = 96;
const RATE: u32 = 48_000;

/// Payloads of 20 ms each.
pub fn payloads() -> Vec<Vec<u8>> {
    let mut codec = dsp::codec::create("OPUS", RATE, 2, "").expect("it is built in");
    let samples: Vec<i16> = (0..RATE).map(sample).collect();
    samples
        .chunks(FRAME as usize)
        .map(|frame| {
            let mut payload = Vec::new();
            codec.encode(frame, &mut payload);
            payload
        })
        .collect()
}

/// Harmonics of a gliding pitch, four syllables a second.
fn sample(index: u32) -> i16 {
    let time = f64::from(index) / f64::from(RATE);
    let turn = std::f64::consts::TAU * time;
    let pitch = 140.0 + 30.0 * turn.sin();
    let voice: f64 = (1..12)
        .map(|number| (turn * pitch * f64::from(number)).sin() / f64::from(number))
        .sum();
    (4000.0 * voice * (2.0 * turn).sin().powi(2)) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_of_it_can_be_decoded_and_is_loud() {
        let payloads = payloads();
        assert_eq!(payloads.len(), 50);
        let mut codec = dsp::codec::create("OPUS", RATE, 2, "").expect("it is built in");
        let mut samples = Vec::new();
        for payload in &payloads {
            codec.decode(payload, &mut samples).expect("it is Opus");
        }
        assert_eq!(samples.len(), RATE as usize);
        assert!(samples.iter().any(|&sample| sample > 3000));
    }
}
