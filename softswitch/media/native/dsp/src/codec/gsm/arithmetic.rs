//! Saturating fixed-point operations (§5.1).

pub(super) fn add(a: i16, b: i16) -> i16 {
    a.saturating_add(b)
}

pub(super) fn subtract(a: i16, b: i16) -> i16 {
    a.saturating_sub(b)
}

pub(super) fn magnitude(a: i16) -> i16 {
    a.saturating_abs()
}

/// The product as a fraction, cut off.
pub(super) fn multiply(a: i16, b: i16) -> i16 {
    ((i32::from(a) * i32::from(b)) >> 15).min(32767) as i16
}

/// The product as a fraction, rounded.
pub(super) fn multiply_rounded(a: i16, b: i16) -> i16 {
    ((i32::from(a) * i32::from(b) + 16384) >> 15).min(32767) as i16
}

/// How far a number other than 0 can be shifted left without overflow.
pub(super) fn norm(a: i32) -> u32 {
    if a < 0 {
        (!a).leading_zeros() - 1
    } else {
        a.leading_zeros() - 1
    }
}

/// The quotient of 0 ≤ numerator ≤ denominator as a fraction.
pub(super) fn divide(numerator: i16, denominator: i16) -> i16 {
    let (mut rest, mut quotient) = (i32::from(numerator), 0i16);
    for _ in 0..15 {
        quotient <<= 1;
        rest <<= 1;
        if rest >= i32::from(denominator) {
            rest -= i32::from(denominator);
            quotient += 1;
        }
    }
    quotient
}
