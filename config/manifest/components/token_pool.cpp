#include "config/language/datetime.hpp"
#include "config/manifest/components/all.hpp"
#include "config/manifest/components/logins.hpp"
#include "messages/text/ascii.hpp"
#include "messages/text/url.hpp"

#include <algorithm>
#include <utility>

namespace sluice::compiling {

namespace {

using pool_fields = RateLimitedMultipleTokenAuthenticator;

/// The parts of a text between delimiters, without blanks around them and without empty ones.
std::vector<std::string> parts_of(std::string_view text, std::string_view delimiter) {
  std::vector<std::string> result;
  while (true) {
    const auto end = std::min(text.find(delimiter), text.size());
    if (const auto part = trim(text.substr(0, end)); !part.empty())
      result.emplace_back(part);
    if (end == text.size())
      return result;
    text.remove_prefix(end + delimiter.size());
  }
}

std::vector<std::string> tokens_of(context& x, const view<pool_fields>& c) {
  const auto field = c[&pool_fields::tokens];
  std::vector<std::string> result;
  if (field.is_list()) {
    std::size_t position = 0;
    for (const auto& source : field.list()) {
      const auto text = x.fixed_text(field, source, field.path() + "[" + std::to_string(position++) + "]");
      if (const auto token = trim(text); !token.empty())
        result.emplace_back(token);
    }
  } else {
    const auto delimiter = c[&pool_fields::token_delimiter].text();
    result = parts_of(x.fixed(field), delimiter.empty() ? "," : delimiter);
  }
  // One that stands there twice has its calls once.
  std::vector<std::string> once;
  for (auto& token : result)
    if (std::find(once.begin(), once.end(), token) == once.end())
      once.push_back(std::move(token));
  if (once.empty())
    x.refuse_config(field, "there is no token: is its config key missing?");
  if (std::any_of(once.begin(), once.end(), has_control_characters))
    x.refuse_config(field, "a token contains a control character, such as a line break");
  return once;
}

login_request status_of(context& x, const view<QuotaStatusSource>& c) {
  using fields = QuotaStatusSource;
  login_request result;
  result.method = c[&fields::http_method].chosen.value_or("GET");
  const auto text = x.fixed(c[&fields::url]);
  if (const auto parts = url::split(text); !parts && !x.failed())
    x.refuse_config(c[&fields::url], "it is no http or https URL: " + std::string{parts.error()});
  result.url = url::encode_illegal(text.substr(0, text.find('#')));
  const auto headers = c[&fields::request_headers];
  for (const auto& [name, source] : headers.members()) {
    result.headers.emplace_back(name, x.fixed_text(headers, source, headers.path() + "." + name));
    if (has_control_characters(result.headers.back().second))
      x.refuse_config(headers, "the header `" + name + "` contains a control character, such as a line break");
  }
  return result;
}

token_quota compile_quota(context& x, const view<TokenQuota>& c) {
  using fields = TokenQuota;
  token_quota result;
  result.name = c[&fields::name].text();
  for (const auto& matcher : c[&fields::matchers].list())
    result.matchers.push_back(compile_matcher(x, matcher));
  result.remaining_path = c[&fields::remaining_path].list();
  result.reset_path = c[&fields::reset_path].list();
  result.limit_path = c[&fields::limit_path].list();
  result.remaining_header = c[&fields::remaining_header].text();
  result.reset_header = c[&fields::reset_header].text();
  result.limit_header = c[&fields::limit_header].text();
  for (const auto code : c[&fields::exhaustion_status_codes].numbers())
    result.exhaustion_statuses.push_back(static_cast<int>(code));
  return result;
}

std::chrono::microseconds longest_wait(context& x, const text_ref& field) {
  const auto text = field.text().empty() ? std::string{"PT2H"} : x.fixed(field);
  const auto span = language::parse_iso8601_duration(text);
  if (span && span->months == 0)
    return span->exact;
  x.refuse(field, "'" + text + "' is no duration of a fixed length, such as PT2H");
  return {};
}

/// What keeps tokens apart from each other: everything but where the component stands.
std::string identity_of_pool(const token_pool& p) {
  language::value_list parts{value{"token pool"},
                             value{p.status.method},
                             value{p.status.url},
                             value{p.place.name},
                             value{p.place.prefix},
                             value{p.reserve_fraction},
                             value{static_cast<std::int64_t>(p.least_reserve)},
                             value{p.longest_wait.count()}};
  const auto add_texts = [&parts](const std::vector<std::string>& texts) {
    language::value_list list;
    for (const auto& text : texts)
      list.emplace_back(text);
    parts.emplace_back(std::move(list));
  };
  const auto add_numbers = [&parts](std::vector<int> numbers) {
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    language::value_list list;
    for (const auto number : numbers)
      list.emplace_back(static_cast<std::int64_t>(number));
    parts.emplace_back(std::move(list));
  };
  const auto add_pairs = [&add_texts](const std::vector<std::pair<std::string, std::string>>& pairs) {
    std::vector<std::string> texts;
    for (const auto& [name, text] : pairs)
      texts.insert(texts.end(), {name, text});
    add_texts(texts);
  };
  add_texts(p.tokens);
  add_pairs(p.status.headers);
  add_numbers(p.untracked_statuses);
  for (const auto& q : p.quotas) {
    add_texts({q.name, q.remaining_header, q.reset_header, q.limit_header});
    add_texts(q.remaining_path);
    add_texts(q.reset_path);
    add_texts(q.limit_path);
    add_numbers(q.exhaustion_statuses);
    for (const auto& m : q.matchers) {
      add_texts({m.method, m.url_base, m.path_pattern});
      add_pairs(m.parameters);
      add_pairs(m.headers);
    }
  }
  return language::to_json(value{std::move(parts)});
}

} // namespace

planned_credential compile_token_pool(context& x, const view<RateLimitedMultipleTokenAuthenticator>& c) {
  token_pool how;
  how.tokens = tokens_of(x, c);
  const auto source = *c[&pool_fields::quota_status_source].get();
  how.status = status_of(x, source);
  for (const auto code : source[&QuotaStatusSource::unavailable_status_codes].numbers())
    how.untracked_statuses.push_back(static_cast<int>(code));
  if (const auto header = c[&pool_fields::header].text(); !header.empty())
    how.place.name = header;
  if (const auto method = c[&pool_fields::auth_method].text(); !method.empty())
    how.place.prefix = method + " ";
  for (const auto& quota : c[&pool_fields::quotas].list())
    how.quotas.push_back(compile_quota(x, quota));
  if (how.quotas.empty())
    x.refuse(c[&pool_fields::quotas], "must not be empty");
  how.longest_wait = longest_wait(x, c[&pool_fields::max_wait_time]);
  how.reserve_fraction = x.fixed_number(c[&pool_fields::budget_reserve_fraction]).value_or(how.reserve_fraction);
  constexpr std::int64_t most = 1'000'000'000;
  how.least_reserve = static_cast<std::uint64_t>(x.fixed_integer(c[&pool_fields::budget_min_reserve], 0, most)
                                                   .value_or(static_cast<std::int64_t>(how.least_reserve)));
  const auto count = how.tokens.size();
  planned_credential result{(count == 1 ? "one token" : std::to_string(count) + " tokens") + " with quotas at "
                              + host_of(how.status.url),
                            {},
                            identity_of_pool(how)};
  result.how = std::move(how);
  return result;
}

} // namespace sluice::compiling
