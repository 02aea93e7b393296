#include "messages/text/jwt.hpp"

#include "messages/text/base64.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace sluice::jwt {

namespace {

enum class family : std::uint8_t { secret, rsa, pss, curve, edwards };

struct traits {
  algorithm how;
  std::string_view name;
  family of;
  /// Bits of the digest; 0: the algorithm has its own.
  int digest;
  /// Of `family::curve`: its OpenSSL number, and what people call it.
  int curve;
  std::string_view curve_name;
};

constexpr std::array all{
  traits{algorithm::hs256, "HS256", family::secret, 256, 0, ""},
  traits{algorithm::hs384, "HS384", family::secret, 384, 0, ""},
  traits{algorithm::hs512, "HS512", family::secret, 512, 0, ""},
  traits{algorithm::rs256, "RS256", family::rsa, 256, 0, ""},
  traits{algorithm::rs384, "RS384", family::rsa, 384, 0, ""},
  traits{algorithm::rs512, "RS512", family::rsa, 512, 0, ""},
  traits{algorithm::ps256, "PS256", family::pss, 256, 0, ""},
  traits{algorithm::ps384, "PS384", family::pss, 384, 0, ""},
  traits{algorithm::ps512, "PS512", family::pss, 512, 0, ""},
  traits{algorithm::es256, "ES256", family::curve, 256, NID_X9_62_prime256v1, "P-256"},
  traits{algorithm::es256k, "ES256K", family::curve, 256, NID_secp256k1, "secp256k1"},
  traits{algorithm::es384, "ES384", family::curve, 384, NID_secp384r1, "P-384"},
  traits{algorithm::es512, "ES512", family::curve, 512, NID_secp521r1, "P-521"},
  traits{algorithm::ed_dsa, "EdDSA", family::edwards, 0, 0, ""},
};

const traits& traits_of(algorithm how) noexcept {
  return *std::find_if(all.begin(), all.end(), [how](const traits& x) { return x.how == how; });
}

const EVP_MD* digest_of(const traits& x) {
  switch (x.digest) {
    case 256:
      return EVP_sha256();
    case 384:
      return EVP_sha384();
    case 512:
      return EVP_sha512();
    default:
      return nullptr;
  }
}

struct free_key {
  void operator()(EVP_PKEY* x) const { EVP_PKEY_free(x); }
};
struct free_context {
  void operator()(EVP_MD_CTX* x) const { EVP_MD_CTX_free(x); }
};
struct free_bio {
  void operator()(BIO* x) const { BIO_free(x); }
};
struct free_signature {
  void operator()(ECDSA_SIG* x) const { ECDSA_SIG_free(x); }
};

/// OpenSSL keeps what went wrong in a list of the thread's; nobody else is to find it there.
struct clean_errors {
  ~clean_errors() { ERR_clear_error(); }
};

/// What OpenSSL is told when it asks for a passphrase; it must never ask at a terminal.
struct passphrase_request {
  std::string_view passphrase;
  bool asked = false;
};

int answer_passphrase(char* buffer, int size, int, void* x) {
  auto& request = *static_cast<passphrase_request*>(x);
  request.asked = true;
  if (request.passphrase.empty() || request.passphrase.size() > static_cast<std::size_t>(size))
    return -1;
  std::copy(request.passphrase.begin(), request.passphrase.end(), buffer);
  return static_cast<int>(request.passphrase.size());
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string not_readable(std::string_view text, const passphrase_request& request) {
  if (request.asked)
    return request.passphrase.empty() ? "the private key is encrypted: give its passphrase"
                                      : "the private key is encrypted with another passphrase";
  if (contains(text, "PUBLIC KEY-----") || contains(text, "CERTIFICATE-----"))
    return "it is a public key or a certificate; what signs is the private key";
  if (contains(text, "-----BEGIN OPENSSH"))
    return "it is a key in OpenSSH's form; convert it to PEM (ssh-keygen -p -m PKCS8)";
  if (contains(text, "-----BEGIN") && contains(text, "\\n"))
    return "the line breaks of the private key are written as \\n; they must be line breaks";
  return "it is no private key in PEM form, which begins with a line like -----BEGIN PRIVATE KEY-----";
}

/// What is wrong with a private key for an algorithm; empty: nothing.
std::string misfit(EVP_PKEY* key, const traits& x) {
  const auto is = EVP_PKEY_get_base_id(key);
  const std::string wanted{x.name};
  switch (x.of) {
    case family::rsa:
    case family::pss:
      return is == EVP_PKEY_RSA || (x.of == family::pss && is == EVP_PKEY_RSA_PSS)
               ? ""
               : wanted + " needs an RSA key, and it is of another kind";
    case family::edwards:
      return is == EVP_PKEY_ED25519 || is == EVP_PKEY_ED448
               ? ""
               : wanted + " needs an Ed25519 or Ed448 key, and it is of another kind";
    default:
      break;
  }
  std::array<char, 64> group{};
  if (is != EVP_PKEY_EC || EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) != 1
      || OBJ_txt2nid(group.data()) != x.curve)
    return wanted + " needs a key on the curve " + std::string{x.curve_name} + ", and it is another";
  return {};
}

tl::unexpected<error> unusable(std::string what) {
  return fail(errc::bad_config, failure_type::config_error, std::move(what));
}

std::string url_base64(std::string_view bytes) {
  auto result = base64_encode(bytes);
  result.erase(result.find_last_not_of('=') + 1);
  std::replace(result.begin(), result.end(), '+', '-');
  std::replace(result.begin(), result.end(), '/', '_');
  return result;
}

/// The two numbers of an ECDSA signature, each as long as the curve's order, in place of their DER.
std::optional<std::string> fixed_size(std::string_view der, EVP_PKEY* key) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const std::unique_ptr<ECDSA_SIG, free_signature> signature{
    d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()))};
  const int size = (EVP_PKEY_get_bits(key) + 7) / 8;
  std::string result(2 * static_cast<std::size_t>(size), '\0');
  auto* out = reinterpret_cast<unsigned char*>(result.data());
  if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out, size) != size
      || BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out + size, size) != size)
    return std::nullopt;
  return result;
}

} // namespace

struct signing_key::key {
  std::unique_ptr<EVP_PKEY, free_key> evp;
};

std::string_view name_of(algorithm x) noexcept {
  return traits_of(x).name;
}

bool takes_secret(algorithm x) noexcept {
  return traits_of(x).of == family::secret;
}

expected<signing_key> signing_key::read(algorithm how, std::string_view text, std::string_view passphrase) {
  const clean_errors at_the_end;
  const auto& x = traits_of(how);
  auto made = std::make_shared<key>();
  if (x.of == family::secret) {
    if (text.empty())
      return unusable("the secret is empty");
    if (contains(text, "-----BEGIN ") || text.starts_with("ssh-") || text.starts_with("ecdsa-sha2-"))
      return unusable("it is a key or a certificate; " + std::string{x.name} + " signs with a secret");
    made->evp.reset(EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, nullptr,
                                                 reinterpret_cast<const unsigned char*>(text.data()), text.size()));
    if (!made->evp)
      return unusable("OpenSSL does not take the secret");
    return signing_key{how, std::move(made)};
  }
  passphrase_request request{passphrase};
  const std::unique_ptr<BIO, free_bio> in{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
  if (in)
    made->evp.reset(PEM_read_bio_PrivateKey(in.get(), nullptr, answer_passphrase, &request));
  if (!made->evp)
    return unusable(not_readable(text, request));
  if (auto problem = misfit(made->evp.get(), x); !problem.empty())
    return unusable(std::move(problem));
  return signing_key{how, std::move(made)};
}

std::optional<std::string> signing_key::token(std::string_view header, std::string_view claims) const {
  const auto message = url_base64(header) + "." + url_base64(claims);
  const auto signature = sign(message);
  return signature ? std::optional{message + "." + url_base64(*signature)} : std::nullopt;
}

std::optional<std::string> signing_key::sign(std::string_view message) const {
  const clean_errors at_the_end;
  const auto& x = traits_of(how_);
  const std::unique_ptr<EVP_MD_CTX, free_context> context{EVP_MD_CTX_new()};
  EVP_PKEY_CTX* more = nullptr; // the context's own
  if (!context || EVP_DigestSignInit(context.get(), &more, digest_of(x), nullptr, key_->evp.get()) != 1)
    return std::nullopt;
  if (x.of == family::pss
      && (EVP_PKEY_CTX_set_rsa_padding(more, RSA_PKCS1_PSS_PADDING) != 1
          || EVP_PKEY_CTX_set_rsa_pss_saltlen(more, RSA_PSS_SALTLEN_DIGEST) != 1))
    return std::nullopt;
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
  std::size_t size = 0;
  if (EVP_DigestSign(context.get(), nullptr, &size, bytes, message.size()) != 1)
    return std::nullopt;
  std::string result(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(result.data()), &size, bytes, message.size()) != 1)
    return std::nullopt;
  result.resize(size);
  return x.of == family::curve ? fixed_size(result, key_->evp.get()) : std::optional{std::move(result)};
}

} // namespace sluice::jwt
