use std::path::Path;

use toml::{Table, Value};

use crate::crypto::{Algorithm, KeyFamily};
use crate::error::Fault;
use crate::sign::Lifetime;

use super::{Config, Environment};

const ALGORITHM: &str = "JWT_ALGORITHM";
const SECRET: &str = "JWT_SECRET";
const ACCESS_TTL: &str = "JWT_ACCESS_TTL";
const REFRESH_TTL: &str = "JWT_REFRESH_TTL";
const PRIVATE_KEY: &str = "JWT_PRIVATE_KEY_PATH";
const PUBLIC_KEY: &str = "JWT_PUBLIC_KEY_PATH";

/// The variables that make a configuration.
const VARIABLES: [&str; 6] = [
    ALGORITHM,
    SECRET,
    ACCESS_TTL,
    REFRESH_TTL,
    PRIVATE_KEY,
    PUBLIC_KEY,
];

/// The one profile's name.
const PROFILE: &str = "default";

impl Config {
    /// The configuration that the environment gives: the file that `BEARERD_CONFIG` names, else
    /// `JWT_*` variables; `None` where it names neither.
    ///
    /// # Errors
    /// `CONFIG_ERROR` naming the file and key, or the variable.
    pub fn from_environment(environment: &Environment) -> Result<Option<Self>, Fault> {
        match environment.get("BEARERD_CONFIG") {
            Some(path) => Self::from_file(Path::new(path), environment).map(Some),
            None => Self::from_jwt_environment(environment),
        }
    }

    /// One profile named `default` from `JWT_*` variables, for services that are configured by
    /// them already; `None` where none of them is set. `BEARERD_*` overrides apply.
    ///
    /// | variable | |
    /// |---|---|
    /// | `JWT_ALGORITHM` | one algorithm; `HS256` where it is left out beside a secret |
    /// | `JWT_SECRET` | the secret of `HS*`, its bytes being those of the text |
    /// | `JWT_PRIVATE_KEY_PATH`, `JWT_PUBLIC_KEY_PATH` | PEM files of the others; both are needed |
    /// | `JWT_ACCESS_TTL`, `JWT_REFRESH_TTL` | `"15m"`, `"7d"`, seconds or `"none"`; 15m and 7d where left out |
    ///
    /// With a lifetime of `"none"`, `exp` becomes optional; bound the age of tokens by
    /// `BEARERD_PROFILES__DEFAULT__MAX_AGE`. The claims are spelled `roleId`, `vip`, `teamId`,
    /// `tokenType`, `deviceId` and `scope`. A refresh token rotates once; whoever needs it to
    /// rotate again sets `BEARERD_PROFILES__DEFAULT__ROTATION__REUSE=stateless`.
    ///
    /// A `JWT_*` variable that has no effect is an error, because whoever set it believes that it
    /// has one: a secret beside `RS256`, or a `JWT_ISSUER` that nothing would check.
    ///
    /// # Errors
    /// `CONFIG_ERROR` naming the variable that is missing, wrong or of no use. The keys themselves
    /// are read by [`build`](Self::build).
    pub fn from_jwt_environment(environment: &Environment) -> Result<Option<Self>, Fault> {
        if VARIABLES
            .iter()
            .all(|variable| environment.get(variable).is_none())
        {
            return Ok(None);
        }
        refuse_unknown(environment)?;
        let algorithm = algorithm(environment)?;
        let keys = if algorithm.family() == KeyFamily::Hmac {
            secret(environment, algorithm)?
        } else {
            key_pair(environment, algorithm)?
        };
        let mut sign = Table::new();
        let mut unlimited = false;
        for (key, variable) in [("access", ACCESS_TTL), ("refresh", REFRESH_TTL)] {
            if let Some(text) = environment.get(variable) {
                let lifetime: Lifetime = text.parse().map_err(|why| wrong(variable, why))?;
                unlimited |= lifetime == Lifetime::Unlimited;
                sign.insert(key.to_owned(), text.into());
            }
        }
        let mut profile = table([
            ("algorithms", Value::Array(vec![algorithm.name().into()])),
            ("keys", Value::Array(keys)),
            ("claims", claims()),
            ("sign", Value::Table(sign)),
            ("rotation", Value::Table(Table::new())),
        ]);
        if unlimited {
            profile.insert("expiration".to_owned(), "optional".into());
        }
        let document = table([(
            "profiles",
            Value::Table(table([(PROFILE, Value::Table(profile))])),
        )]);
        Self::from_table(document, "JWT_* variables", environment).map(Some)
    }
}

fn refuse_unknown(environment: &Environment) -> Result<(), Fault> {
    let known = |name: &str| {
        VARIABLES
            .iter()
            .any(|known| known.strip_prefix("JWT_") == Some(name))
    };
    let stray = environment
        .with_prefix("JWT_")
        .find(|(name, value)| !value.is_empty() && !known(name));
    match stray {
        None => Ok(()),
        Some((name, _)) => Err(wrong(
            &format!("JWT_{name}"),
            format!(
                "is not a variable that is read ({}); unset it, or say the same by \
                 BEARERD_PROFILES__DEFAULT__… or in a configuration file",
                VARIABLES.join(", ")
            ),
        )),
    }
}

fn algorithm(environment: &Environment) -> Result<Algorithm, Fault> {
    let known = || {
        let names: Vec<&str> = Algorithm::all().map(Algorithm::name).collect();
        names.join(", ")
    };
    let has_paths = [PRIVATE_KEY, PUBLIC_KEY]
        .iter()
        .any(|variable| environment.get(variable).is_some());
    match environment.get(ALGORITHM) {
        Some(name) => Algorithm::from_name(name).ok_or_else(|| {
            wrong(
                ALGORITHM,
                format!("{name:?} is not an algorithm; choose from {}", known()),
            )
        }),
        // Nothing to choose from: a secret serves HMAC alone.
        None if environment.get(SECRET).is_some() && !has_paths => Ok(Algorithm::HS256),
        None => Err(wrong(
            ALGORITHM,
            format!("is not set; set it to one of {}", known()),
        )),
    }
}

fn secret(environment: &Environment, algorithm: Algorithm) -> Result<Vec<Value>, Fault> {
    for variable in [PRIVATE_KEY, PUBLIC_KEY] {
        refuse_useless(environment, variable, algorithm)?;
    }
    needed(environment, SECRET, algorithm)?;
    // By reference: the text itself enters no table and no message.
    Ok(vec![Value::Table(table([
        ("env", SECRET.into()),
        ("format", "secret".into()),
    ]))])
}

fn key_pair(environment: &Environment, algorithm: Algorithm) -> Result<Vec<Value>, Fault> {
    refuse_useless(environment, SECRET, algorithm)?;
    [(PRIVATE_KEY, "sign"), (PUBLIC_KEY, "verify")]
        .into_iter()
        .map(|(variable, purpose)| {
            Ok(Value::Table(table([
                ("pem_file", needed(environment, variable, algorithm)?.into()),
                ("use", Value::Array(vec![purpose.into()])),
            ])))
        })
        .collect()
}

fn needed<'e>(
    environment: &'e Environment,
    variable: &str,
    algorithm: Algorithm,
) -> Result<&'e str, Fault> {
    environment.get(variable).ok_or_else(|| {
        wrong(
            variable,
            format!("is not set, and {algorithm} needs it; set it, or correct {ALGORITHM}"),
        )
    })
}

fn refuse_useless(
    environment: &Environment,
    variable: &str,
    algorithm: Algorithm,
) -> Result<(), Fault> {
    match environment.get(variable) {
        None => Ok(()),
        Some(_) => Err(wrong(
            variable,
            format!("is of no use to {algorithm}; unset it, or correct {ALGORITHM}"),
        )),
    }
}

fn claims() -> Value {
    let kind = table([("claim", "tokenType".into())]);
    Value::Table(table([
        ("role", "roleId".into()),
        ("vip", "vip".into()),
        ("team", "teamId".into()),
        ("device", "deviceId".into()),
        ("scope", "scope".into()),
        ("kind", Value::Table(kind)),
    ]))
}

fn table<const N: usize>(members: [(&str, Value); N]) -> Table {
    members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn wrong(variable: &str, why: impl std::fmt::Display) -> Fault {
    Fault::config(format!("environment variable {variable}: {why}"))
}
