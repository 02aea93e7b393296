#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <openssl/types.h>

namespace sluice::test {

/// A certificate and its private key.
struct tls_identity {
  std::shared_ptr<X509> certificate;
  std::shared_ptr<EVP_PKEY> key;
};

/// Options of a certificate that a `test_authority` issues.
struct certificate_options {
  /// As in OpenSSL's configuration: `DNS:localhost,IP:127.0.0.1`; empty: it has no subjectAltName.
  std::string names = "DNS:localhost,IP:127.0.0.1";
  /// Its validity is over.
  bool expired = false;
  std::string common_name = "sluice test server";
};

/// A certificate authority that lives as long as a test. Its own certificate lies in a temporary file.
class test_authority {
public:
  test_authority();
  ~test_authority();
  test_authority(const test_authority&) = delete;
  test_authority& operator=(const test_authority&) = delete;

  /// PEM file for those who shall trust it.
  const std::string& ca_file() const noexcept { return ca_file_; }

  tls_identity issue(const certificate_options& options = {}) const;

private:
  std::filesystem::path directory_;
  std::string ca_file_;
  tls_identity self_;
};

} // namespace sluice::test
