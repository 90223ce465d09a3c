use super::super::args::ExplainArgs;
use super::super::one_line::one_line;
use super::super::{Edge, Exit, Failure};
use super::subject::{self, Judge};

/// Says why a token is accepted or rejected, for whoever operates the verifier.
pub(in super::super) fn explain(args: &ExplainArgs, edge: &mut Edge<'_>) -> Result<Exit, Failure> {
    subject::check_standard_input(&args.rules, Some(&args.token))?;
    let guard = subject::guard(&args.rules)?;
    let options = subject::options(&args.rules, guard.as_ref());
    let judge = Judge::new(&args.rules, edge)?;
    let token = subject::token(&args.token, edge)?;
    let explained = judge.verifier(&token, edge)?.explain(&token, &options);
    let (code, exit) = match explained.verdict {
        Ok(()) => (crate::error::Code::Ok, Exit::Good),
        Err(reject) => (reject.code(), Exit::Rejected),
    };
    let mut line = |name: &str, value: &str| edge.print(&format!("{name:<10}{}", one_line(value)));
    line("verdict", code.name())?;
    line("reason", &explained.reason)?;
    line("profile", &explained.profile)?;
    if let Some(explanation) = &explained.explanation {
        line("claim", &explanation.claim)?;
        line("expected", &explanation.expected)?;
        line("actual", &explanation.actual)?;
    }
    Ok(exit)
}
