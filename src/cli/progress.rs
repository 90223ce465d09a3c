use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How many tokens were looked at, on standard error, where somebody watches.
pub(super) struct Progress(ProgressBar);

impl Progress {
    pub(super) fn new(shown: bool) -> Self {
        let target = if shown {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} tokens, {per_sec}, {msg}")
        {
            bar.set_style(style);
        }
        if shown {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self(bar)
    }

    pub(super) fn step(&self, rejected: u64) {
        self.0.inc(1);
        if !self.0.is_hidden() {
            self.0.set_message(format!("{rejected} rejected"));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// How far something has come that takes a given time, on standard error, where somebody watches.
pub(super) struct Span {
    bar: ProgressBar,
    time: Duration,
}

impl Span {
    pub(super) fn new(shown: bool, time: Duration) -> Self {
        let target = if shown {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        Self { bar, time }
    }

    /// What is done beforehand, so many times.
    pub(super) fn prepares(&self, what: &'static str, count: usize) {
        self.bar.set_length(count as u64);
        self.style("{bar:40} {pos} of {len} {msg}");
        self.bar.set_message(what);
    }

    /// So many of them are done.
    pub(super) fn at(&self, number: usize) {
        if number.is_multiple_of(64) {
            self.bar.set_position(number as u64);
        }
    }

    /// The time runs from here.
    pub(super) fn begins(&self) {
        self.bar.set_length(nanoseconds(self.time));
        self.bar.set_position(0);
        self.style("{bar:40} {msg}");
    }

    /// So many nanoseconds have passed, with so many answers.
    pub(super) fn tick(&self, time: u64, answers: u64) {
        self.bar.set_position(time);
        if !self.bar.is_hidden() {
            let rate = u128::from(answers) * 1_000_000_000 / u128::from(time.max(1));
            let (now, whole) = (time / 1_000_000_000, self.time.as_secs());
            self.bar
                .set_message(format!("{now} of {whole} s, {rate} answers/s"));
        }
    }

    fn style(&self, template: &str) {
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
