#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace sluice::test {

/// What a `token_server` is.
struct token_account {
  int lists = 12;
  int pages = 4;
  int rows = 5;
  /// Requests that an access token is good for; 0: any number.
  int uses = 0;
  /// The first refresh token stays good, whatever was issued.
  bool lasting = false;
  /// What the refusal of a token request says; `{}` in it: the form that came.
  std::string refusal;
  /// `POST /login` wants the newest key as a bearer token, which is good for so many logins; 0: it wants none.
  int key_uses = 0;
};

/// A server on 127.0.0.1 whose rows need a token. `POST /token` issues one for a refresh token that is good once, and
/// another refresh token; the one before stays good until something of the new ones is used. `POST /login` opens a
/// session. `GET /rows?list=L&page=P` wants either as a bearer token, or in X-Session; it ends after some requests. So
/// do tokens that are signed by the client (`A.B.C`), each for itself. A page that was refused is answered with the
/// next token however many others use that meanwhile: threads of a loaded machine may be slow. `GET /me` knows no
/// session; `POST /key` issues a key for logins.
class token_server {
public:
  explicit token_server(const token_account& what);
  ~token_server();
  token_server(const token_server&) = delete;
  token_server& operator=(const token_server&) = delete;

  /// `http://127.0.0.1:PORT`
  std::string url() const;
  /// Tokens and sessions that were issued, token requests that were refused, uses of tokens, requests that were
  /// refused.
  int issued() const;
  int refused_logins() const;
  int uses() const;
  int refused() const;
  /// Keys that were issued, and logins that were refused for theirs.
  int keys() const;
  int refused_keys() const;

  static std::string access_token(int number);
  static std::string refresh_token(int number);

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace sluice::test
