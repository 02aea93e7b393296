#include "tests/support/certificates.hpp"

#include <atomic>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <system_error>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace sluice::test {

namespace {

constexpr long day = 24 * 60 * 60;

std::atomic<int> authorities{0};

void require(bool done, const char* what) {
  if (!done)
    throw std::runtime_error{std::string{"test certificates: "} + what};
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  auto* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  require(extension != nullptr, "bad extension");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

/// A certificate that is not signed yet.
tls_identity make_identity(const char* common_name, long serial, bool expired) {
  tls_identity made{{X509_new(), X509_free}, {EVP_EC_gen("P-256"), EVP_PKEY_free}};
  require(made.certificate && made.key, "no memory");
  auto* raw = made.certificate.get();
  X509_set_version(raw, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(raw), serial);
  X509_gmtime_adj(X509_getm_notBefore(raw), -2 * day);
  X509_gmtime_adj(X509_getm_notAfter(raw), expired ? -day : day);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(raw), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name), -1, -1, 0);
  X509_set_pubkey(raw, made.key.get());
  return made;
}

void sign(const tls_identity& subject, const tls_identity& issuer) {
  X509_set_issuer_name(subject.certificate.get(), X509_get_subject_name(issuer.certificate.get()));
  require(X509_sign(subject.certificate.get(), issuer.key.get(), EVP_sha256()) > 0, "cannot sign");
}

} // namespace

test_authority::test_authority()
  // Each has a name of its own: OpenSSL looks for an issuer by name.
  : self_{make_identity(("Sluice test authority " + std::to_string(++authorities)).c_str(), 1, false)} {
  auto* raw = self_.certificate.get();
  add_extension(raw, raw, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(raw, raw, NID_key_usage, "critical,keyCertSign,cRLSign");
  sign(self_, self_);
  auto pattern = (std::filesystem::temp_directory_path() / "sluice-ca-XXXXXX").string();
  require(::mkdtemp(pattern.data()) != nullptr, "no temporary directory");
  directory_ = pattern;
  ca_file_ = (directory_ / "ca.pem").string();
  const std::unique_ptr<BIO, decltype(&BIO_free)> file{BIO_new_file(ca_file_.c_str(), "w"), &BIO_free};
  require(file && PEM_write_bio_X509(file.get(), raw) == 1, "cannot write the CA file");
}

test_authority::~test_authority() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

tls_identity test_authority::issue(const certificate_options& options) const {
  auto made = make_identity(options.common_name.c_str(), 2, options.expired);
  add_extension(made.certificate.get(), self_.certificate.get(), NID_basic_constraints, "critical,CA:FALSE");
  if (!options.names.empty())
    add_extension(made.certificate.get(), self_.certificate.get(), NID_subject_alt_name, options.names);
  sign(made, self_);
  return made;
}

} // namespace sluice::test
