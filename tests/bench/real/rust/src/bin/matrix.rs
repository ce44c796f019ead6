//! nalgebra: products, LU, Cholesky and QR decompositions, singular values and eigenvalues.

use nalgebra::DMatrix;
use real::{mix, Random};

// The CPU's instructions decide about the last bits: what counts is what is well before them.
fn rounded(sum: u64, value: f64) -> u64 {
    mix(sum, (value * 1e4).round() as i64 as u64)
}

fn main() {
    real::run(24, |rounds| {
        let mut sum = 0;
        for round in 0..rounds {
            let mut random = Random::new(round);
            let size = 160;
            let a = DMatrix::from_fn(size, size, |_, _| random.unit() - 0.5);
            let b = DMatrix::from_fn(size, size, |_, _| random.unit() - 0.5);
            let product = &a * &b;
            let square = a.transpose() * &a + DMatrix::identity(size, size);
            sum = rounded(sum, product.sum());
            sum = rounded(sum, square.clone().cholesky().unwrap().l().trace());
            let solved = square.clone().lu().solve(&b).unwrap();
            sum = rounded(sum, (&square * solved - &b).norm());
            let qr = a.clone().qr();
            sum = rounded(sum, (qr.q() * qr.r() - &a).norm());
            sum = rounded(sum, product.svd(true, true).singular_values.sum());
            sum = rounded(sum, square.symmetric_eigen().eigenvalues.sum());
        }
        sum
    });
}
