//! The sum of all that is said in an interval, and what each member hears of it.

use super::member::Member;
use super::play::Play;

/// The middle, the left and the right of a room.
const SIDES: usize = 3;

/// Sums of an interval. In 32 bits 65,000 voices at full scale have room.
#[derive(Default)]
pub struct Mix {
    sums: [Vec<i32>; SIDES],
    scratch: Vec<i32>,
    /// What those hear who say nothing: on one channel, and on two that alternate.
    pub common: Vec<i16>,
    pub common_stereo: Vec<i16>,
}

impl Mix {
    /// Begin an interval of so many samples.
    pub fn clear(&mut self, length: usize) {
        for sum in &mut self.sums {
            sum.clear();
            sum.resize(length, 0);
        }
    }

    /// Add a member's voice where it stands.
    pub fn add_voice(&mut self, member: &Member, stereo: bool) {
        add(&mut self.sums[0], &member.voice);
        if stereo {
            for (sum, factor) in self.sums[1..].iter_mut().zip(member.sides()) {
                scale(sum, &member.voice, factor);
            }
        }
    }

    /// Add a sound that comes from everywhere.
    pub fn add_sound(&mut self, samples: &[i16]) {
        for sum in &mut self.sums {
            add(sum, samples);
        }
    }

    /// Everything is in: make what is heard in common.
    pub fn finish(&mut self, stereo: bool) {
        self.common.clear();
        clip(&self.sums[0], &mut self.common);
        self.common_stereo.clear();
        if stereo {
            let both = self.sums[1].iter().zip(&self.sums[2]);
            let samples = both.flat_map(|(&left, &right)| [left, right]);
            self.common_stereo.extend(samples.map(clipped));
        }
    }

    /// What is heard in common on so many channels.
    pub fn common(&self, channels: usize) -> &[i16] {
        if channels == 1 {
            &self.common
        } else {
            &self.common_stereo
        }
    }

    /// One side of a stereo room.
    pub fn side(&self, index: usize, out: &mut Vec<i16>) {
        out.clear();
        clip(&self.sums[1 + index], out);
    }

    /// Append what one member hears: all but itself, whom it does not hear, and with what is
    /// played to it alone.
    pub fn own(
        &mut self,
        index: usize,
        members: &[Member],
        plays: &[Play],
        channels: usize,
        out: &mut Vec<i16>,
    ) {
        let member = &members[index];
        let length = self.common.len();
        let mine = || {
            let sounding = plays.iter().filter(|play| play.sounds());
            sounding.filter(|play| play.options.to == Some(member.stream))
        };
        let alone = mine().any(|play| play.options.exclusive) || member.settings.deaf;
        let start = out.len();
        out.resize(start + length * channels, 0);
        for channel in 0..channels {
            let side = if channels == 1 { 0 } else { channel + 1 };
            self.scratch.clear();
            if alone {
                self.scratch.resize(length, 0);
            } else {
                self.scratch.extend_from_slice(&self.sums[side]);
                for other in members {
                    let silent =
                        other.stream == member.stream || member.unheard.contains(&other.stream);
                    if !other.mixed || !silent {
                        continue;
                    }
                    if side == 0 {
                        subtract(&mut self.scratch, &other.voice);
                    } else {
                        scale(&mut self.scratch, &other.voice, -other.sides()[channel]);
                    }
                }
            }
            for play in mine() {
                add(&mut self.scratch, &play.frame);
            }
            let places = out[start + channel..].iter_mut().step_by(channels);
            for (place, &sample) in places.zip(&self.scratch) {
                *place = clipped(sample);
            }
        }
    }
}

fn add(sum: &mut [i32], samples: &[i16]) {
    for (sum, &sample) in sum.iter_mut().zip(samples) {
        *sum += i32::from(sample);
    }
}

fn subtract(sum: &mut [i32], samples: &[i16]) {
    for (sum, &sample) in sum.iter_mut().zip(samples) {
        *sum -= i32::from(sample);
    }
}

/// Add samples times a factor; the same factor negated takes exactly that away again.
fn scale(sum: &mut [i32], samples: &[i16], factor: f32) {
    for (sum, &sample) in sum.iter_mut().zip(samples) {
        *sum += (f32::from(sample) * factor) as i32;
    }
}

fn clip(sum: &[i32], out: &mut Vec<i16>) {
    out.extend(sum.iter().map(|&sample| clipped(sample)));
}

fn clipped(sample: i32) -> i16 {
    sample.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
}
