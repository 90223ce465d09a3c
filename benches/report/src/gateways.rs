//! Gateways that check the same claims of the same tokens: alg, signature, iss, aud and exp. Each
//! has one thread and answers by itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::log;
use crate::desk::{AUDIENCE, Desk, ISSUER, SECRET, text};
use crate::server::{Server, free_port};
use crate::{Run, machine};

/// Those that are here and start, with the tokens that they take.
pub fn start(run: &mut Run, desk: &Desk) -> Vec<(String, Server, PathBuf)> {
    let mut started = Vec::new();
    let mut add = |run: &mut Run, name: &str, program: &str, tokens: &Path, make: &Make<'_>| {
        let Some(found) = machine::find(program) else {
            return run.lacks(name, &format!("install {program}"));
        };
        let begun = free_port().and_then(|port| {
            let command = make(run, &found, port)?;
            Server::start(command, port, &log(run, name))
        });
        match begun {
            Ok(server) => started.push((name.to_owned(), server, tokens.to_owned())),
            Err(why) => run.fails(name, &why),
        }
    };
    for (name, algorithm, tokens) in [
        ("HAProxy, HS256", "HS256", &desk.hs),
        ("HAProxy, HS256, signature alone", "HS256", &desk.hs),
        ("HAProxy, RS256", "RS256", &desk.rs),
    ] {
        let key = if algorithm == "HS256" {
            SECRET.to_owned()
        } else {
            text(&desk.public)
        };
        if machine::find("haproxy").is_some() && !desk.public.exists() && key != SECRET {
            run.lacks(name, "install openssl: HAProxy wants the public key as PEM");
            continue;
        }
        let checks = !name.ends_with("alone");
        add(run, name, "haproxy", tokens, &|run, program, port| {
            haproxy(run, program, port, algorithm, &key, checks)
        });
    }
    if machine::find("nginx").is_some() && lua_modules().is_none() {
        run.lacks(
            LUA_NAME,
            "install nginx's Lua module (Debian: libnginx-mod-http-lua)",
        );
    } else {
        add(run, LUA_NAME, "nginx", &desk.hs, &nginx);
    }
    for (name, tokens, cached) in [
        ("Envoy, HS256, its cache on", &desk.hs, true),
        ("Envoy, HS256, its cache off", &desk.hs, false),
        ("Envoy, RS256, its cache on", &desk.rs, true),
        ("Envoy, RS256, its cache off", &desk.rs, false),
    ] {
        add(run, name, "envoy", tokens, &|run, program, port| {
            envoy(run, program, desk, port, cached, name)
        });
    }
    started
}

type Make<'a> = dyn Fn(&Run, &Path, u16) -> Made + 'a;
const LUA_NAME: &str = "nginx with Lua, HS256";

/// Where nginx has its modules, if Lua is among them.
fn lua_modules() -> Option<PathBuf> {
    let nginx = machine::find("nginx")?;
    let output = Command::new(nginx).arg("-V").output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let told = text
        .split_whitespace()
        .find_map(|word| word.strip_prefix("--modules-path="));
    let folder = PathBuf::from(told.unwrap_or("/usr/lib/nginx/modules"));
    folder
        .join("ngx_http_lua_module.so")
        .exists()
        .then_some(folder)
}

type Made = Result<Command, String>;

fn haproxy(run: &Run, program: &Path, port: u16, algorithm: &str, key: &str, checks: bool) -> Made {
    let config = run.work.join(format!("haproxy-{port}.cfg"));
    let claims = if checks {
        format!(
            "\x20 http-request deny deny_status 401 unless {{ var(txn.token),jwt_payload_query('$.iss') -m str {ISSUER} }}\n\
             \x20 http-request deny deny_status 401 unless {{ var(txn.token),jwt_payload_query('$.aud') -m str {AUDIENCE} }}\n\
             \x20 http-request set-var(txn.exp) var(txn.token),jwt_payload_query('$.exp','int')\n\
             \x20 http-request set-var(txn.now) date()\n\
             \x20 http-request deny deny_status 401 if {{ var(txn.exp),sub(txn.now) -m int lt 1 }}\n"
        )
    } else {
        String::new()
    };
    let document = format!(
        "global\n  nbthread 1\n\
         defaults\n  mode http\n  timeout client 30s\n  timeout server 30s\n  timeout connect 5s\n\
         frontend auth\n  bind 127.0.0.1:{port}\n\
         \x20 http-request set-var(txn.token) http_auth_bearer\n\
         \x20 http-request set-var(txn.alg) var(txn.token),jwt_header_query('$.alg')\n\
         \x20 http-request deny deny_status 401 unless {{ var(txn.alg) -m str {algorithm} }}\n{claims}\
         \x20 http-request deny deny_status 401 unless {{ var(txn.token),jwt_verify(txn.alg,\"{key}\") 1 }}\n\
         \x20 http-request return status 200\n"
    );
    fs::write(&config, document).map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command.arg("-f").arg(config);
    Ok(command)
}

fn nginx(run: &Run, program: &Path, port: u16) -> Made {
    let modules = lua_modules().ok_or("its Lua module is not there")?;
    let (config, script) = (run.work.join("nginx.conf"), run.work.join("verify.lua"));
    let work = text(&run.work);
    let document = format!(
        "load_module {modules}/ndk_http_module.so;\nload_module {modules}/ngx_http_lua_module.so;\n\
         daemon off;\nworker_processes 1;\npid {work}/nginx.pid;\nerror_log stderr error;\n\
         events {{ worker_connections 1024; }}\n\
         http {{\n  access_log off;\n  keepalive_requests 1000000000;\n\
         \x20 client_body_temp_path {work}/nginx-body;\n  proxy_temp_path {work}/nginx-proxy;\n\
         \x20 fastcgi_temp_path {work}/nginx-fastcgi;\n  uwsgi_temp_path {work}/nginx-uwsgi;\n  scgi_temp_path {work}/nginx-scgi;\n\
         \x20 server {{\n    listen 127.0.0.1:{port};\n\
         \x20   location / {{ content_by_lua_file {script}; }}\n  }}\n}}\n",
        modules = modules.display(),
        script = script.display(),
    );
    let verify = LUA
        .replace("SECRET", SECRET)
        .replace("ISSUER", ISSUER)
        .replace("AUDIENCE", AUDIENCE);
    fs::write(&config, document)
        .and_then(|()| fs::write(&script, verify))
        .map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command.arg("-p").arg(&run.work).arg("-c").arg(config);
    Ok(command)
}

/// HMAC by the OpenSSL that nginx is linked with; the claims are read by patterns, which is less
/// than a parser costs.
const LUA: &str = r#"
local ffi = require "ffi"
if not loaded_hmac then
  ffi.cdef [[
    typedef struct evp_md_st EVP_MD;
    const EVP_MD *EVP_sha256(void);
    unsigned char *HMAC(const EVP_MD *md, const void *key, int key_len, const unsigned char *data,
                        size_t length, unsigned char *out, unsigned int *out_length);
  ]]
  loaded_hmac = true
end
local out, out_length = ffi.new("unsigned char[64]"), ffi.new("unsigned int[1]")
local key = "SECRET"
local function decode(text)
  local plain = text:gsub("-", "+"):gsub("_", "/")
  return ngx.decode_base64(plain .. ("="):rep(-#plain % 4))
end
local function verify()
  local header = ngx.var.http_authorization
  if not header or header:sub(1, 7) ~= "Bearer " then return false end
  local message, signature = header:sub(8):match("^(.+)%.([^.]+)$")
  if not message then return false end
  local head, body = message:match("^([^.]+)%.([^.]+)$")
  head, body = head and decode(head), body and decode(body)
  if not head or not body or not head:find('"alg":"HS256"', 1, true) then return false end
  ffi.C.HMAC(ffi.C.EVP_sha256(), key, #key, message, #message, out, out_length)
  if decode(signature) ~= ffi.string(out, out_length[0]) then return false end
  local exp = tonumber(body:match('"exp":(%d+)'))
  return exp and exp > ngx.time() and body:find('"iss":"ISSUER"', 1, true)
    and body:find('"aud":"AUDIENCE"', 1, true)
end
ngx.status = verify() and 200 or 401
ngx.header["Content-Length"] = 0
ngx.exit(ngx.status)
"#;

fn envoy(run: &Run, program: &Path, desk: &Desk, port: u16, cached: bool, name: &str) -> Made {
    let secret = base64url(SECRET.as_bytes());
    let keys = if name.contains("HS256") {
        format!("{{\"keys\":[{{\"kty\":\"oct\",\"alg\":\"HS256\",\"k\":\"{secret}\"}}]}}")
    } else {
        desk.jwks.clone()
    };
    let cache = if cached {
        "jwt_cache_config: { jwt_cache_size: 65536 }"
    } else {
        "forward: false"
    };
    let config = run
        .work
        .join(format!("{}.yaml", name.replace([' ', ','], "-")));
    let document = format!(
        r#"
static_resources:
  listeners:
  - address: {{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: auth
          generate_request_id: false
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - match: {{ prefix: "/" }}
                direct_response: {{ status: 200 }}
          http_filters:
          - name: envoy.filters.http.jwt_authn
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication
              providers:
                issuer:
                  issuer: {ISSUER}
                  audiences: [ {AUDIENCE} ]
                  local_jwks: {{ inline_string: '{keys}' }}
                  {cache}
              rules:
              - match: {{ prefix: "/" }}
                requires: {{ provider_name: issuer }}
          - name: envoy.filters.http.router
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
"#
    );
    fs::write(&config, document).map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command
        .args([
            "--concurrency",
            "1",
            "--disable-hot-restart",
            "-l",
            "error",
            "-c",
        ])
        .arg(config);
    Ok(command)
}

fn base64url(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number = chunk
            .iter()
            .fold(0_u32, |number, byte| number << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for digit in 0..=chunk.len() {
            text.push(char::from(
                DIGITS[(number >> (18 - 6 * digit)) as usize & 63],
            ));
        }
    }
    text
}
