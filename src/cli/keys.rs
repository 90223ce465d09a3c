use crate::config::Config;
use crate::keys::managed::KeyOrder;

use super::configuration::load_or_read;
use super::key_args::{KeyOrderArgs, KeyRevokeArgs, KeysArgs, KeysCommand};
use super::{Edge, Exit, Failure};

/// Lists or changes the signing keys in a store, whoever serves from it.
pub(super) fn run(command: &KeysCommand, edge: &mut Edge<'_>) -> Result<Exit, Failure> {
    let (args, order) = match command {
        KeysCommand::List(args) => (args, None),
        KeysCommand::Stage(args) => (args, Some(KeyOrder::Stage)),
        KeysCommand::Activate(KeyOrderArgs { keys, kid, force }) => {
            let (kid, force) = (kid.clone(), *force);
            (keys, Some(KeyOrder::Activate { kid, force }))
        }
        KeysCommand::Retire(KeyOrderArgs { keys, kid, force }) => {
            let (kid, force) = (kid.clone(), *force);
            (keys, Some(KeyOrder::Retire { kid, force }))
        }
        KeysCommand::Revoke(KeyRevokeArgs { keys, kid }) => {
            (keys, Some(KeyOrder::Revoke { kid: kid.clone() }))
        }
    };
    let config = load_or_read(args.config.as_deref(), edge)?;
    config.refuse_memory(&edge.environment)?;
    for profile in profiles(&config, args, order.is_some())? {
        let keeper = config.signing_keys_of(&profile, &edge.environment, &edge.clock)?;
        let book = match &order {
            None => keeper.vault().read()?.unwrap_or_default(),
            Some(order) => {
                keeper.order(order)?;
                keeper.book().as_ref().clone()
            }
        };
        for key in book.status(edge.clock.now()) {
            edge.print(&key.to_json(&profile).to_string())?;
        }
    }
    Ok(Exit::Good)
}

/// All that there are may be listed; an order is for one.
fn profiles(config: &Config, args: &KeysArgs, is_order: bool) -> Result<Vec<String>, Failure> {
    let managed: Vec<String> = config.managed_profiles().map(str::to_owned).collect();
    match (&args.profile, managed.len()) {
        (Some(name), _) => Ok(vec![name.clone()]),
        (None, 0) => Err(Failure::usage("no profile makes signing keys")
            .hint("add a [profiles.NAME.sign.managed] section")),
        (None, several) if several > 1 && is_order => {
            Err(Failure::usage("several profiles make signing keys")
                .hint(format!("name one with --profile: {}", managed.join(", "))))
        }
        (None, _) => Ok(managed),
    }
}
