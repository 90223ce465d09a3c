//! Gateways that ask the sidecar about each request, and pass it on to bare hyper.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::Run;
use crate::command::log;
use crate::desk::{Desk, text};
use crate::machine;
use crate::server::{Server, free_port};

pub const GROUP: &str = "CPU a request of gateway and bearerd together, forward auth";

type Made = Result<Command, String>;

struct Ports {
    own: u16,
    auth: u16,
    behind: u16,
}

/// Those that are here and start.
pub fn start(run: &mut Run, desk: &Desk, behind: &Server) -> Vec<(String, Server)> {
    let mut started = Vec::new();
    for (name, program, make) in [
        (
            "nginx, auth_request",
            "nginx",
            nginx as fn(&Run, &Path, &Ports) -> Made,
        ),
        ("Caddy, forward_auth", "caddy", caddy),
        ("Traefik, ForwardAuth", "traefik", traefik),
    ] {
        let Some(program) = machine::find(program) else {
            run.lacks(name, &format!("install {program}"));
            continue;
        };
        let begun = free_port().and_then(|own| {
            let ports = Ports {
                own,
                auth: desk.port,
                behind: behind.port,
            };
            let command = make(run, &program, &ports)?;
            Server::start(command, own, &log(run, name))
        });
        match begun {
            Ok(server) => started.push((name.to_owned(), server)),
            Err(why) => run.fails(name, &why),
        }
    }
    started
}

fn write(run: &Run, name: &str, document: &str) -> Result<String, String> {
    let file = run.work.join(name);
    fs::write(&file, document).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(text(&file))
}

fn nginx(run: &Run, program: &Path, ports: &Ports) -> Made {
    let Ports { own, auth, behind } = ports;
    let work = text(&run.work);
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|what| format!("  {what}_temp_path {work}/forward-{what};\n"))
        .concat();
    let document = format!(
        "daemon off;\nworker_processes 1;\npid {work}/forward-nginx.pid;\nerror_log stderr error;\n\
         events {{ worker_connections 1024; }}\n\
         http {{\n  access_log off;\n  keepalive_requests 1000000000;\n{temporary}\
         \x20 upstream auth {{ server 127.0.0.1:{auth}; keepalive 128; keepalive_requests 1000000000; }}\n\
         \x20 upstream behind {{ server 127.0.0.1:{behind}; keepalive 128; keepalive_requests 1000000000; }}\n\
         \x20 server {{\n    listen 127.0.0.1:{own};\n\
         \x20   location / {{\n      auth_request /auth;\n      proxy_pass http://behind;\n\
         \x20     proxy_http_version 1.1;\n      proxy_set_header Connection \"\";\n    }}\n\
         \x20   location = /auth {{\n      internal;\n      proxy_pass http://auth/v1/auth;\n\
         \x20     proxy_http_version 1.1;\n      proxy_set_header Connection \"\";\n      proxy_set_header Host localhost;\n\
         \x20     proxy_pass_request_body off;\n      proxy_set_header Content-Length \"\";\n    }}\n  }}\n}}\n"
    );
    let config = write(run, "forward-nginx.conf", &document)?;
    let mut command = Command::new(program);
    command.arg("-p").arg(&run.work).args(["-c", &config]);
    Ok(command)
}

fn caddy(run: &Run, program: &Path, ports: &Ports) -> Made {
    let Ports { own, auth, behind } = ports;
    let document = format!(
        "{{\n\tadmin off\n\tauto_https off\n\tpersist_config off\n\tlog {{\n\t\tlevel ERROR\n\t}}\n}}\n\
         http://127.0.0.1:{own} {{\n\tbind 127.0.0.1\n\
         \tforward_auth 127.0.0.1:{auth} {{\n\t\turi /v1/auth\n\t\theader_up Host localhost\n\t}}\n\
         \treverse_proxy 127.0.0.1:{behind}\n}}\n"
    );
    let config = write(run, "Caddyfile", &document)?;
    let mut command = Command::new(program);
    command
        .args(["run", "--adapter", "caddyfile", "--config", &config])
        .env("XDG_DATA_HOME", &run.work)
        .env("XDG_CONFIG_HOME", &run.work);
    Ok(command)
}

fn traefik(run: &Run, program: &Path, ports: &Ports) -> Made {
    let Ports { own, auth, behind } = ports;
    let routes = format!(
        "http:\n  routers:\n    all: {{ rule: \"PathPrefix(`/`)\", entryPoints: [web], middlewares: [auth], service: behind }}\n\
         \x20 middlewares:\n    auth: {{ forwardAuth: {{ address: \"http://127.0.0.1:{auth}/v1/auth\" }} }}\n\
         \x20 services:\n    behind: {{ loadBalancer: {{ servers: [ {{ url: \"http://127.0.0.1:{behind}\" }} ] }} }}\n"
    );
    let routes = write(run, "traefik-routes.yaml", &routes)?;
    let document = format!(
        "global: {{ checkNewVersion: false, sendAnonymousUsage: false }}\nlog: {{ level: ERROR }}\n\
         entryPoints:\n  web: {{ address: \"127.0.0.1:{own}\" }}\n\
         providers:\n  file: {{ filename: \"{routes}\", watch: false }}\n"
    );
    let config = write(run, "traefik.yaml", &document)?;
    let mut command = Command::new(program);
    command.arg(format!("--configfile={config}"));
    Ok(command)
}
