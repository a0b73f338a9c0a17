//! WAV files: reading whatever is called one, and writing ones that are right at every moment.

mod layout;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

pub use reader::WavReader;
pub use writer::WavWriter;
