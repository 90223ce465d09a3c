use crate::verify::VerifyOptions;

use super::super::args::VerifyArgs;
use super::super::input::read_line;
use super::super::progress::Progress;
use super::super::{Edge, Exit, Failure};
use super::subject::{self, Judge};
use super::verdict;

/// Verifies one token, or one a line.
pub(in super::super) fn verify(args: &VerifyArgs, edge: &mut Edge<'_>) -> Result<Exit, Failure> {
    subject::check_standard_input(&args.rules, args.token.as_deref())?;
    let guard = subject::guard(&args.rules)?;
    let options = subject::options(&args.rules, guard.as_ref());
    let judge = Judge::new(&args.rules, edge)?;
    match &args.token {
        Some(token) => {
            let token = subject::token(token, edge)?;
            print_verdict(&judge, &token, &options, edge)
        }
        None => verify_lines(&judge, &options, edge),
    }
}

fn verify_lines(
    judge: &Judge,
    options: &VerifyOptions<'_>,
    edge: &mut Edge<'_>,
) -> Result<Exit, Failure> {
    let progress = Progress::new(edge.shows_progress);
    let mut line = Vec::new();
    let mut rejected = 0;
    while read_line(edge.input, &mut line)? {
        if print_verdict(judge, &line, options, edge)? == Exit::Rejected {
            rejected += 1;
        }
        progress.step(rejected);
    }
    Ok(if rejected == 0 {
        Exit::Good
    } else {
        Exit::Rejected
    })
}

fn print_verdict(
    judge: &Judge,
    token: &[u8],
    options: &VerifyOptions<'_>,
    edge: &mut Edge<'_>,
) -> Result<Exit, Failure> {
    let verifier = judge.verifier(token, edge)?;
    match verifier.verify(token, options) {
        Ok(verified) => {
            edge.print(&verdict::accepted(&verified))?;
            Ok(Exit::Good)
        }
        Err(reject) => {
            edge.print(&verdict::rejected(reject, verifier.claim_map()))?;
            Ok(Exit::Rejected)
        }
    }
}
