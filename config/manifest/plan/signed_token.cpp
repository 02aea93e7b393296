#include "config/manifest/plan/credentials.hpp"
#include "config/manifest/read/dict_builder.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice {

namespace {

using language::value;

/// What stands in each token, and is nobody else's to say.
constexpr std::array header_names{"alg", "kid", "typ", "cty"};
constexpr std::array claim_names{"iss", "sub", "aud", "iat", "exp", "nbf"};

expected<value> content_of(const signed_token::member& x, const language::scope& s) {
  const auto* source = std::get_if<text_template>(&x.content);
  if (source == nullptr)
    return std::get<value>(x.content);
  if (x.is_text)
    return source->render_string(s).map([](std::string text) { return value{std::move(text)}; });
  return source->evaluate_given(s);
}

/// Puts `members` into `to`; those that the manifest adds (`own_names` are taken) come first.
template <class Names>
expected<void> put_members(dict_builder& to, const std::vector<signed_token::member>& members, const language::scope& s,
                           const Names& own_names) {
  for (const auto& x : members) {
    const auto name = x.name.render_string(s);
    if (!name)
      return tl::unexpected(name.error());
    const bool is_own = std::find(own_names.begin(), own_names.end(), *name) != own_names.end();
    if (x.is_added && is_own)
      return fail(errc::bad_manifest, failure_type::config_error,
                  "`" + *name
                    + "` has a place of its own in a JwtAuthenticator and must not be among additional ones.");
    auto content = content_of(x, s);
    if (!content)
      return tl::unexpected(std::move(content.error()));
    // A type of nothing is none.
    if (*name != "typ" || language::truthy(*content))
      to.put(*name, std::move(*content));
  }
  return {};
}

std::string sorted_json(language::value_dict x) {
  std::sort(x.begin(), x.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return language::to_json(value{std::move(x)});
}

} // namespace

expected<std::string> sign_token(const signed_token& how, const value& config, language::instant now) {
  language::scope s;
  s.set("config", config);
  s.set_now(now);
  dict_builder header;
  header.put("alg", value{std::string{jwt::name_of(how.key.how())}});
  if (auto ok = put_members(header, how.header, s, header_names); !ok)
    return tl::unexpected(std::move(ok.error()));
  dict_builder claims;
  if (auto ok = put_members(claims, how.claims, s, claim_names); !ok)
    return tl::unexpected(std::move(ok.error()));
  const auto begins = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch();
  claims.put("iat", value{std::int64_t{begins.count()}});
  claims.put("exp", value{std::int64_t{(begins + how.duration).count()}});
  claims.put("nbf", value{std::int64_t{begins.count()}});
  auto token = how.key.token(sorted_json(header.take()), language::to_json(value{claims.take()}));
  if (!token)
    return fail(errc::bad_config, failure_type::config_error,
                "The token cannot be signed: the secret key is not one for " + std::string{jwt::name_of(how.key.how())}
                  + " (it may be too short).");
  return std::move(*token);
}

} // namespace sluice
