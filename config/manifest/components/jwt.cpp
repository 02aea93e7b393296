#include "config/manifest/components/all.hpp"
#include "config/manifest/components/logins.hpp"
#include "config/manifest/identity.hpp"
#include "messages/text/base64.hpp"

#include <utility>

namespace sluice::compiling {

namespace {

using jwt_fields = JwtAuthenticator;

/// What templates of a JwtAuthenticator may call, and no others.
const std::vector<std::string> jwt_functions{"json_loads"};

void add_jwt_members(context& x, const dict_ref& field, std::vector<signed_token::member>& to) {
  if (field.raw() == nullptr)
    return;
  for (const auto& [key, content] : *field.raw()->as_dict()) {
    const auto path = field.path() + "." + key;
    auto name = x.dynamic(field, key, path, jwt_functions);
    if (const auto* text = content.as_string())
      to.push_back({std::move(name), x.dynamic(field, *text, path, jwt_functions), false, true});
    else
      to.push_back({std::move(name), content, false, true});
  }
}

/// A member that has a field of its own; none if it is empty.
void add_jwt_member(context& x, const char* name, const text_ref& field, bool is_text,
                    std::vector<signed_token::member>& to) {
  if (!field.text().empty())
    to.push_back({text_template::literal(name), x.dynamic(field, jwt_functions), is_text});
}

std::optional<jwt::signing_key> jwt_key(context& x, const view<jwt_fields>& c, std::vector<std::string>& secrets) {
  const auto field = c[&jwt_fields::secret_key];
  const auto how = *c[&jwt_fields::algorithm].chosen;
  auto text = x.fixed(field, jwt_functions);
  const auto passphrase = x.fixed(c[&jwt_fields::passphrase], jwt_functions);
  secrets = {text, passphrase};
  if (x.failed())
    return std::nullopt;
  if (!passphrase.empty() && jwt::takes_secret(how)) {
    x.refuse_config(c[&jwt_fields::passphrase],
                    "only a private key has a passphrase, and " + std::string{jwt::name_of(how)} + " takes a secret");
    return std::nullopt;
  }
  if (passphrase.empty() && c[&jwt_fields::base64_encode_secret_key].value()) {
    text = base64_encode(text);
    secrets.push_back(text);
  }
  auto key = jwt::signing_key::read(how, text, passphrase);
  if (!key) {
    x.refuse_config(field, "the secret key cannot be used: " + key.error().message);
    return std::nullopt;
  }
  return std::move(*key);
}

token_place jwt_place(context& x, const view<jwt_fields>& c) {
  token_place result;
  result.prefix = x.fixed(c[&jwt_fields::header_prefix], jwt_functions);
  if (has_control_characters(result.prefix))
    x.refuse_config(c[&jwt_fields::header_prefix], "it contains a control character, such as a line break");
  if (!result.prefix.empty())
    result.prefix += " ";
  if (auto option = compile_option(x, c[&jwt_fields::request_option].get())) {
    result.where = secret_place(option->into);
    result.name = std::move(option->name);
    result.inner = std::move(option->inner);
  }
  return result;
}

} // namespace

std::optional<signed_token> compile_signed_token(context& x, const view<JwtAuthenticator>& c) {
  std::vector<std::string> secrets;
  auto key = jwt_key(x, c, secrets);
  if (!key)
    return std::nullopt;
  signed_token how{std::move(*key)};
  how.secrets = std::move(secrets);
  constexpr std::int64_t usual_seconds = 1200;
  constexpr std::int64_t most_seconds = 100LL * 366 * 24 * 3600;
  how.duration
    = std::chrono::seconds{x.fixed_integer(c[&jwt_fields::token_duration], 0, most_seconds).value_or(usual_seconds)};
  how.place = jwt_place(x, c);
  add_jwt_members(x, c[&jwt_fields::additional_jwt_headers], how.header);
  const auto headers = c[&jwt_fields::jwt_headers].get();
  if (headers)
    add_jwt_member(x, "kid", (*headers)[&JwtHeaders::kid], true, how.header);
  if (headers && !(*headers)[&JwtHeaders::typ].text().empty())
    add_jwt_member(x, "typ", (*headers)[&JwtHeaders::typ], true, how.header);
  else
    how.header.push_back({text_template::literal("typ"), value{"JWT"}});
  if (headers)
    add_jwt_member(x, "cty", (*headers)[&JwtHeaders::cty], true, how.header);
  add_jwt_members(x, c[&jwt_fields::additional_jwt_payload], how.claims);
  if (const auto claims = c[&jwt_fields::jwt_payload].get()) {
    add_jwt_member(x, "iss", (*claims)[&JwtPayload::iss], true, how.claims);
    add_jwt_member(x, "sub", (*claims)[&JwtPayload::sub], false, how.claims);
    add_jwt_member(x, "aud", (*claims)[&JwtPayload::aud], false, how.claims);
  }
  // What is wrong with it is said before anything is asked for.
  if (!x.failed())
    if (auto token = sign_token(how, x.input().config, x.input().now); !token)
      x.refuse_config(c, token.error().message);
  return how;
}

planned_credential compile_jwt(context& x, const view<JwtAuthenticator>& c) {
  auto how = compile_signed_token(x, c);
  planned_credential result{
    "signed token (" + *c[&jwt_fields::algorithm].raw()->as_string() + ")", {}, identity_of_part(c.whole())};
  if (how)
    result.how = std::move(*how);
  return result;
}

} // namespace sluice::compiling
