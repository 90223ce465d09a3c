use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::error::Fault;

/// rustls with aws-lc-rs, passed explicitly and not taken from the process, trusting the system's
/// authorities and those of `ca_file`.
pub(super) fn client(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, Fault> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca_file {
        let wrong = |why: &str| {
            Fault::config(format!(
                "redis ca_file {}: {why}; name a PEM file of certificates",
                path.display()
            ))
        };
        let found = CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| wrong("cannot be read").caused_by(error))?;
        if found.is_empty() {
            return Err(wrong("holds no certificate"));
        }
        for certificate in found {
            roots
                .add(certificate)
                .map_err(|error| wrong("holds what is no certificate").caused_by(error))?;
        }
    }
    if roots.is_empty() {
        return Err(Fault::config(
            "redis: the system has no certificate authorities for rediss://; \
             install ca-certificates or set ca_file",
        ));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Fault::config("redis: TLS cannot be set up").caused_by(error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
