#include "messages/text/jwt.hpp"

#include "messages/text/base64.hpp"
#include "tests/support/catch2.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/bio.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

using namespace sluice;
using jwt::algorithm;
using jwt::signing_key;

namespace {

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

key_ptr owned(EVP_PKEY* key) {
  REQUIRE(key != nullptr);
  return {key, &EVP_PKEY_free};
}

key_ptr rsa_key(std::size_t bits = 2048) {
  return owned(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits));
}
key_ptr curve_key(const char* curve) {
  return owned(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve));
}
key_ptr edwards_key(const char* name) {
  return owned(EVP_PKEY_Q_keygen(nullptr, nullptr, name));
}

std::string text_of(BIO* out) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(out, &data);
  std::string result{data, static_cast<std::size_t>(size)};
  BIO_free(out);
  return result;
}

std::string pem(const key_ptr& key, const char* passphrase = nullptr) {
  auto* out = BIO_new(BIO_s_mem());
  REQUIRE(PEM_write_bio_PKCS8PrivateKey(
            out, key.get(), passphrase != nullptr ? EVP_aes_256_cbc() : nullptr, passphrase,
            passphrase != nullptr ? static_cast<int>(std::string_view{passphrase}.size()) : 0, nullptr, nullptr)
          == 1);
  return text_of(out);
}

std::string public_pem(const key_ptr& key) {
  auto* out = BIO_new(BIO_s_mem());
  REQUIRE(PEM_write_bio_PUBKEY(out, key.get()) == 1);
  return text_of(out);
}

/// PKCS#1 and SEC1: with the kind of the key in the first line.
std::string old_pem(const key_ptr& key) {
  auto* out = BIO_new(BIO_s_mem());
  REQUIRE(PEM_write_bio_PrivateKey_traditional(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return text_of(out);
}

std::string url_decoded(std::string text) {
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  text.resize((text.size() + 3) / 4 * 4, '=');
  return base64_decode(text).value();
}

std::vector<std::string> parts_of(const std::string& token) {
  std::vector<std::string> result{""};
  for (char c : token)
    if (c == '.')
      result.emplace_back();
    else
      result.back() += c;
  return result;
}

const unsigned char* bytes(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// Whether the token is signed by the key, says OpenSSL.
bool is_signed(const std::string& token, const key_ptr& key, const EVP_MD* digest, bool pss, bool curve) {
  const auto parts = parts_of(token);
  REQUIRE(parts.size() == 3);
  const auto message = parts[0] + "." + parts[1];
  auto signature = url_decoded(parts[2]);
  if (curve) { // two numbers of one size
    const auto half = signature.size() / 2;
    CHECK(half == static_cast<std::size_t>((EVP_PKEY_get_bits(key.get()) + 7) / 8));
    auto* both = ECDSA_SIG_new();
    ECDSA_SIG_set0(both, BN_bin2bn(bytes(signature), static_cast<int>(half), nullptr),
                   BN_bin2bn(bytes(signature) + half, static_cast<int>(half), nullptr));
    std::string der(static_cast<std::size_t>(i2d_ECDSA_SIG(both, nullptr)), '\0');
    auto* out = reinterpret_cast<unsigned char*>(der.data());
    i2d_ECDSA_SIG(both, &out);
    ECDSA_SIG_free(both);
    signature = der;
  }
  auto* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* more = nullptr;
  bool ok = EVP_DigestVerifyInit(context, &more, digest, nullptr, key.get()) == 1;
  if (ok && pss)
    ok = EVP_PKEY_CTX_set_rsa_padding(more, RSA_PKCS1_PSS_PADDING) == 1
         && EVP_PKEY_CTX_set_rsa_pss_saltlen(more, RSA_PSS_SALTLEN_DIGEST) == 1;
  ok = ok && EVP_DigestVerify(context, bytes(signature), signature.size(), bytes(message), message.size()) == 1;
  EVP_MD_CTX_free(context);
  return ok;
}

std::string problem(algorithm how, const std::string& text, const std::string& passphrase = {}) {
  auto key = signing_key::read(how, text, passphrase);
  return key ? std::string{} : key.error().message;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("HS256 signs as RFC 7515 has it") {
  const auto secret
    = url_decoded("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
  const auto key = signing_key::read(algorithm::hs256, secret).value();
  CHECK(
    key.token("{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}",
              "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}")
    == "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxl"
       "LmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
}

TEST_CASE("EdDSA signs as RFC 8037 has it") {
  const auto raw = url_decoded("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
  const auto key = owned(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes(raw), raw.size()));
  const auto token
    = signing_key::read(algorithm::ed_dsa, pem(key)).value().token(R"({"alg":"EdDSA"})", "Example of Ed25519 signing");
  CHECK(
    token
    == "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4k"
       "i4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
}

TEST_CASE("every algorithm's signature is good") {
  struct row {
    algorithm how;
    const char* curve;
    const EVP_MD* digest;
    bool pss;
  };
  auto r = GENERATE(values<row>({{algorithm::rs256, nullptr, EVP_sha256(), false},
                                 {algorithm::rs384, nullptr, EVP_sha384(), false},
                                 {algorithm::rs512, nullptr, EVP_sha512(), false},
                                 {algorithm::ps256, nullptr, EVP_sha256(), true},
                                 {algorithm::ps384, nullptr, EVP_sha384(), true},
                                 {algorithm::ps512, nullptr, EVP_sha512(), true},
                                 {algorithm::es256, "P-256", EVP_sha256(), false},
                                 {algorithm::es256k, "secp256k1", EVP_sha256(), false},
                                 {algorithm::es384, "P-384", EVP_sha384(), false},
                                 {algorithm::es512, "P-521", EVP_sha512(), false}}));
  CAPTURE(jwt::name_of(r.how));
  const auto key = r.curve != nullptr ? curve_key(r.curve) : rsa_key();
  for (const auto& text : {pem(key), old_pem(key)}) {
    const auto token = signing_key::read(r.how, text).value().token("{}", R"({"a":1})").value();
    CHECK(token.starts_with("e30.eyJhIjoxfQ."));
    CHECK(is_signed(token, key, r.digest, r.pss, r.curve != nullptr));
  }
}

TEST_CASE("EdDSA takes Ed448, too") {
  const auto key = edwards_key("ED448");
  const auto token = signing_key::read(algorithm::ed_dsa, pem(key)).value().token("{}", "{}").value();
  CHECK(is_signed(token, key, nullptr, false, false));
}

TEST_CASE("HS384 and HS512 sign with longer digests") {
  CHECK(url_decoded(parts_of(*signing_key::read(algorithm::hs384, "x").value().token("{}", "{}"))[2]).size() == 48);
  CHECK(url_decoded(parts_of(*signing_key::read(algorithm::hs512, "x").value().token("{}", "{}"))[2]).size() == 64);
}

TEST_CASE("an encrypted private key needs its passphrase") {
  const auto key = rsa_key();
  const auto text = pem(key, "pass-phrase");
  const auto token = signing_key::read(algorithm::rs256, text, "pass-phrase").value().token("{}", "{}").value();
  CHECK(is_signed(token, key, EVP_sha256(), false, false));
  CHECK(problem(algorithm::rs256, text) == "the private key is encrypted: give its passphrase");
  CHECK(problem(algorithm::rs256, text, "other") == "the private key is encrypted with another passphrase");
  CHECK(problem(algorithm::rs256, text, std::string(5000, 'x'))
        == "the private key is encrypted with another passphrase");
}

TEST_CASE("a key that cannot be used is told by its kind, and shown never") {
  const auto rsa = rsa_key();
  const auto p256 = curve_key("P-256");
  auto flat = pem(rsa);
  for (auto at = flat.find('\n'); at != std::string::npos; at = flat.find('\n', at + 2))
    flat.replace(at, 1, "\\n");
  struct row {
    algorithm how;
    std::string text;
    std::string_view what;
  };
  const std::vector<row> rows{
    {algorithm::hs256, "", "the secret is empty"},
    {algorithm::hs256, pem(rsa), "HS256 signs with a secret"},
    {algorithm::hs256, "ssh-rsa AAAA", "HS256 signs with a secret"},
    {algorithm::rs256, "", "no private key in PEM form"},
    {algorithm::rs256, "just words", "no private key in PEM form"},
    {algorithm::rs256, flat, "written as \\n"},
    {algorithm::rs256, public_pem(rsa), "a public key or a certificate"},
    {algorithm::rs256, "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----", "ssh-keygen"},
    {algorithm::rs256, pem(p256), "RS256 needs an RSA key"},
    {algorithm::ps256, pem(p256), "PS256 needs an RSA key"},
    {algorithm::es256, pem(rsa), "ES256 needs a key on the curve P-256"},
    {algorithm::es384, pem(p256), "ES384 needs a key on the curve P-384"},
    {algorithm::es256k, pem(p256), "ES256K needs a key on the curve secp256k1"},
    {algorithm::ed_dsa, pem(p256), "EdDSA needs an Ed25519 or Ed448 key"},
  };
  for (const auto& r : rows) {
    CAPTURE(r.what);
    const auto told = problem(r.how, r.text);
    CHECK(contains(told, r.what));
    if (r.text.size() > 100)
      CHECK_FALSE(contains(told, r.text.substr(60, 20)));
  }
}

TEST_CASE("a key that is too small for its digest does not sign") {
  const auto key = signing_key::read(algorithm::rs512, pem(rsa_key(512)));
  REQUIRE(key);
  CHECK(key->token("{}", "{}") == std::nullopt);
}
