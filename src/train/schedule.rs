//! Learning rates that change as training goes on.

use core::f64::consts::PI;

/// The learning rate of each step, or of each epoch: a pure function of the count.
///
/// ```
/// use convnet::train::Schedule;
///
/// let schedule = Schedule::Steps { initial: 0.1, factor: 0.5, every: 10 };
/// assert_eq!([0, 9, 10, 20].map(|step| schedule.at(step)), [0.1, 0.1, 0.05, 0.025]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Schedule {
    /// The same always.
    Constant(f64),
    /// γ₀ · factor^⌊t / every⌋. PyTorch: `lr_scheduler.StepLR`.
    Steps {
        /// γ₀, the first.
        initial: f64,
        /// What each change multiplies it with.
        factor: f64,
        /// The count between two changes; 0 is never.
        every: u64,
    },
    /// Half a cosine wave from γ₀ down to γ₁[^1]: γ₁ + ½ (γ₀ − γ₁) (1 + cos(π t / T)), and γ₁ from T on. PyTorch:
    /// `lr_scheduler.CosineAnnealingLR`.
    ///
    /// [^1]: Loshchilov, Hutter: SGDR, stochastic gradient descent with warm restarts, ICLR 2017, formula 5.
    Cosine {
        /// γ₀, the first.
        initial: f64,
        /// γ₁, the last.
        last: f64,
        /// T, the count at which it is reached.
        steps: u64,
    },
}

impl Schedule {
    /// The learning rate at count `t`, from 0.
    pub fn at(&self, t: u64) -> f64 {
        match *self {
            Self::Constant(rate) => rate,
            Self::Steps { initial, factor, every } => {
                initial * libm::pow(factor, t.checked_div(every).unwrap_or(0) as f64)
            }
            Self::Cosine { last, steps, .. } if t >= steps => last,
            Self::Cosine { initial, last, steps } => {
                last + 0.5 * (initial - last) * (1.0 + libm::cos(PI * t as f64 / steps as f64))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cosine_falls_from_first_to_last() {
        let schedule = Schedule::Cosine { initial: 0.5, last: 0.1, steps: 8 };
        let quarter = 0.1 + 0.2 * (1.0 + core::f64::consts::FRAC_1_SQRT_2);
        for (t, expected) in [(0, 0.5), (2, quarter), (4, 0.3), (8, 0.1), (9, 0.1), (u64::MAX, 0.1)] {
            assert!((schedule.at(t) - expected).abs() < 1e-12, "{} at {t}", schedule.at(t));
        }
    }

    #[test]
    fn schedules_of_no_length_stand_still() {
        assert_eq!(Schedule::Constant(0.3).at(7), 0.3);
        assert_eq!(Schedule::Steps { initial: 0.3, factor: 0.5, every: 0 }.at(7), 0.3);
        assert_eq!(Schedule::Cosine { initial: 0.3, last: 0.1, steps: 0 }.at(0), 0.1);
    }
}
