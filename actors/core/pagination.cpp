#include "actors/core/headers.hpp"
#include "actors/core/request_builder.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace sluice {

namespace {

/// Texts that the reference takes for "no token": what Python calls false, once read as a literal.
bool means_none(std::string_view text) noexcept {
  constexpr std::string_view nothing[] = {"", "None", "False", "0", "0.0", "[]", "{}", "()", "''", "\"\""};
  return std::find(std::begin(nothing), std::end(nothing), text) != std::end(nothing);
}

std::string_view trim(std::string_view text) noexcept {
  auto first = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  auto last = text.find_last_not_of(" \t\r\n");
  return last == std::string_view::npos ? std::string_view{} : text.substr(first, last + 1 - first);
}

} // namespace

std::int64_t reported_total(const plan& p, const endpoint& e, const slice& s, const language::value& response) {
  if (e.pages.total.source().empty())
    return -1;
  auto scope = slice_scope(p, s);
  scope.set("response", response);
  auto text = e.pages.total.render(scope);
  std::int64_t result = -1;
  if (text) {
    auto number = trim(*text);
    auto [end, problem] = std::from_chars(number.data(), number.data() + number.size(), result);
    if (problem != std::errc{} || end != number.data() + number.size())
      return -1;
  }
  return result;
}

expected<std::optional<std::string>> next_page_token(const plan& p, const endpoint& e, const slice& s,
                                                     const language::value& response, const header_pairs& headers,
                                                     std::string_view last_record_json, std::uint64_t record_count,
                                                     std::string_view previous_token) {
  std::optional<std::string> none;
  if (e.pages.kind == pagination::strategy::none) {
    return none;
  }
  language::value last_record;
  if (!last_record_json.empty()) {
    auto parsed = language::parse_json(last_record_json);
    if (!parsed) {
      return tl::unexpected(std::move(parsed.error()));
    }
    last_record = std::move(*parsed);
  }
  auto scope = slice_scope(p, s);
  scope.set("response", response);
  if (e.needs_headers) {
    scope.set_lazy("headers", [&headers] { return headers_value(headers); });
  }
  scope.set("last_record", std::move(last_record));
  scope.set("last_page_size", static_cast<std::int64_t>(record_count));
  if (e.pages.stop_condition) {
    auto stop = e.pages.stop_condition->evaluate(scope);
    if (!stop) {
      return tl::unexpected(std::move(stop.error()));
    }
    if (*stop) {
      return none;
    }
  }
  // Rendered, not evaluated: a token such as `1e5` or `00123` must go back as it came.
  auto rendered = e.pages.cursor_value.render(scope);
  if (!rendered) {
    return tl::unexpected(std::move(rendered.error()));
  }
  auto token = std::move(*rendered);
  if (auto trimmed = trim(token); trimmed.size() < token.size()) {
    token = std::string{trimmed};
  }
  if (means_none(token)) {
    return none;
  }
  bool as_parameter = e.pages.token_option && e.pages.token_option->into == inject_into::parameter;
  if (as_parameter && language::is_dict_text(token)) {
    return fail(
      errc::bad_page, failure_type::system_error,
      "The token of the next page is an object, which cannot be sent as a parameter: the pages from here on are "
      "missing. Correct `cursor_value` in the manifest: it must lead to a text or a number.",
      "next-page token: " + display_url(token));
  }
  if (token == previous_token) {
    return fail(errc::bad_page, failure_type::system_error,
                "The server names a page as the one that follows it: reading would never end.",
                "next-page token: " + display_url(token));
  }
  return std::optional<std::string>{std::move(token)};
}

} // namespace sluice
