//! The discrete Fourier transform of a power of two of points (Cooley and Tukey, radix 2).

use std::f32::consts::PI;

/// Real and imaginary part.
pub type Complex = (f32, f32);

/// A transform of one size.
pub struct Fourier {
    /// The roots of unity of the first half turn.
    roots: Vec<Complex>,
    /// Where each point goes before the first step.
    order: Vec<usize>,
}

impl Fourier {
    /// `size` must be a power of two, two or more.
    pub fn new(size: usize) -> Fourier {
        let bits = size.trailing_zeros();
        let root = |number: usize| {
            let angle = -2.0 * PI * number as f32 / size as f32;
            (angle.cos(), angle.sin())
        };
        Fourier {
            roots: (0..size / 2).map(root).collect(),
            order: (0..size)
                .map(|number| number.reverse_bits() >> (usize::BITS - bits))
                .collect(),
        }
    }

    /// Transform in place.
    pub fn forward(&self, points: &mut [Complex]) {
        let size = self.order.len();
        for (here, &there) in self.order.iter().enumerate() {
            if here < there {
                points.swap(here, there);
            }
        }
        let mut span = 2;
        while span <= size {
            let (half, step) = (span / 2, size / span);
            for group in points.chunks_exact_mut(span) {
                let (low, high) = group.split_at_mut(half);
                for ((a, b), root) in low
                    .iter_mut()
                    .zip(high)
                    .zip(self.roots.iter().step_by(step))
                {
                    let turned = (b.0 * root.0 - b.1 * root.1, b.0 * root.1 + b.1 * root.0);
                    *b = (a.0 - turned.0, a.1 - turned.1);
                    *a = (a.0 + turned.0, a.1 + turned.1);
                }
            }
            span *= 2;
        }
    }

    /// Undo `forward`.
    pub fn backward(&self, points: &mut [Complex]) {
        let scale = 1.0 / self.order.len() as f32;
        for point in points.iter_mut() {
            point.1 = -point.1;
        }
        self.forward(points);
        for point in points.iter_mut() {
            *point = (point.0 * scale, -point.1 * scale);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sine_is_one_line_of_the_spectrum() {
        let mut points: Vec<Complex> = (0..64)
            .map(|at| ((2.0 * PI * 5.0 * at as f32 / 64.0).cos(), 0.0))
            .collect();
        Fourier::new(64).forward(&mut points);
        for (line, point) in points.iter().enumerate() {
            let size = point.0.hypot(point.1);
            let expected = if line == 5 || line == 59 { 32.0 } else { 0.0 };
            assert!((size - expected).abs() < 1e-3, "line {line}: {size}");
        }
    }

    #[test]
    fn backward_undoes_forward() {
        let fourier = Fourier::new(128);
        let before: Vec<Complex> = (0..128)
            .map(|at| (((at * at) % 97) as f32, ((at * 7) % 31) as f32))
            .collect();
        let mut points = before.clone();
        fourier.forward(&mut points);
        fourier.backward(&mut points);
        for (point, expected) in points.iter().zip(&before) {
            assert!((point.0 - expected.0).abs() < 1e-3 && (point.1 - expected.1).abs() < 1e-3);
        }
    }
}
