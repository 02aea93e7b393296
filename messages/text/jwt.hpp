#pragma once

#include "messages/error.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// Signed tokens in their compact form (RFC 7515, RFC 7518, RFC 8037), by OpenSSL.
namespace sluice::jwt {

enum class algorithm : std::uint8_t {
  hs256,
  hs384,
  hs512,
  rs256,
  rs384,
  rs512,
  ps256,
  ps384,
  ps512,
  es256,
  es256k,
  es384,
  es512,
  ed_dsa
};

/// `RS256`.
std::string_view name_of(algorithm x) noexcept;
/// The key is a secret that both sides know, not a private key.
bool takes_secret(algorithm x) noexcept;

/// What signs. Shared by its copies; may be used by several threads at once.
class signing_key {
public:
  /// @param text a secret, or a private key in PEM form (PKCS#8, PKCS#1, SEC1).
  /// @param passphrase of an encrypted private key.
  /// Errors are `errc::bad_config`; the message says what is wrong with the key, without a full stop, and shows nothing
  /// of it.
  static expected<signing_key> read(algorithm how, std::string_view text, std::string_view passphrase = {});

  algorithm how() const noexcept { return how_; }

  /// The token of a header and claims, JSON objects. Nothing only if OpenSSL cannot sign, as with a key that is too
  /// small for its digest.
  std::optional<std::string> token(std::string_view header, std::string_view claims) const;

private:
  struct key;

  signing_key(algorithm how, std::shared_ptr<const key> k) : how_(how), key_(std::move(k)) {}
  std::optional<std::string> sign(std::string_view message) const;

  algorithm how_;
  std::shared_ptr<const key> key_;
};

} // namespace sluice::jwt
