#include "actors/core/pages/pagination.hpp"

#include "actors/core/records/page_memory.hpp"
#include "actors/core/requests/headers.hpp"
#include "messages/text/ascii.hpp"
#include "messages/text/url.hpp"

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

/// A link as an absolute URL, if the request's is known: a link says where it leads from the page that it stands in.
std::string seen_from(std::string_view request_url, std::string_view link) {
  link.remove_prefix(std::min(link.find_first_not_of(" \t\r\n"), link.size()));
  while (!link.empty() && (link.back() == '\r' || link.back() == '\n')) {
    link.remove_suffix(1);
  }
  if (!url::has_scheme(link)) {
    if (auto base = url::split(request_url)) {
      return url::resolve(*base, link);
    }
  }
  return std::string{link};
}

using maybe_token = expected<std::optional<std::string>>;

// What each strategy takes for the next page's token; nothing after the last page.

maybe_token next_token(const no_pagination&, const plan&, const endpoint&, const slice&, const page_view&) {
  return std::nullopt;
}

maybe_token next_token(const cursor_pagination& strategy, const plan& p, const endpoint& e, const slice& s,
                       const page_view& page) {
  std::optional<std::string> none;
  const auto bound = max_page_memory(page.last_record.size(), 2 * page.last_record.size());
  auto budget = std::make_shared<language::memory_budget>(bound);
  auto scope = slice_scope(p, s);
  scope.set("response", page.response);
  if (e.needs_headers) {
    scope.set_lazy("headers", [&page] { return headers_value(page.headers); });
  }
  if (!page.last_record.empty()) {
    scope.set("last_record", language::json_in_place(page.last_record, budget));
  } else {
    scope.set("last_record", language::value{});
  }
  scope.set("last_page_size", static_cast<std::int64_t>(page.records));
  if (e.pages.page_size) {
    scope.set("page_size", *e.pages.page_size);
  }
  if (strategy.stop_condition) {
    auto stop = strategy.stop_condition->evaluate(scope);
    if (!stop) {
      return tl::unexpected(std::move(stop.error()));
    }
    if (*stop) {
      return none;
    }
  }
  // Rendered, not evaluated: a token such as `1e5` or `00123` must go back as it came.
  auto rendered = strategy.cursor_value.render(scope);
  if (!rendered) {
    return tl::unexpected(std::move(rendered.error()));
  }
  if (budget->refused()) {
    return fail(errc::body_too_large, failure_type::config_error,
                "The part of the page's last record that the paginator reads would take more than "
                  + std::to_string(bound >> 20) + " MiB of memory. Ask for smaller pages.");
  }
  // Blanks at its ends belong to a token. What is nothing but blanks is none.
  return means_none(trim(*rendered, blanks_and_line_ends)) ? none : std::optional{std::move(*rendered)};
}

/// Strategies that count take the records as the page has them: what a filter drops is there all the same.
bool is_last_of(std::int64_t page_size, const page_view& page) noexcept {
  return page.extracted == 0 || (page_size > 0 && page.extracted < static_cast<std::uint64_t>(page_size));
}

/// The whole number that a template makes of the page; nothing if it is none.
std::optional<std::int64_t> whole_number(const std::string& text) {
  const auto digits = trim(text, blanks_and_line_ends);
  std::int64_t result = 0;
  const auto* end = digits.data() + digits.size();
  const auto [stop, problem] = std::from_chars(digits.data(), end, result);
  return problem == std::errc{} && stop == end ? std::optional{result} : std::nullopt;
}

/// The number that a page was asked for with. A first page may have been asked for without: then it is `first`.
std::int64_t number_of(const page_view& page, std::int64_t first) noexcept {
  std::from_chars(page.token.data(), page.token.data() + page.token.size(), first);
  return first;
}

maybe_token next_token(const page_increment& strategy, const plan&, const endpoint&, const slice&,
                       const page_view& page) {
  if (is_last_of(strategy.page_size, page)) {
    return std::nullopt;
  }
  return std::to_string(number_of(page, strategy.first_page) + 1);
}

maybe_token next_token(const offset_increment& strategy, const plan& p, const endpoint&, const slice& s,
                       const page_view& page) {
  auto page_size = strategy.page_size;
  if (!strategy.page_size_of_page.source().empty() && page.extracted > 0) {
    auto scope = slice_scope(p, s);
    scope.set("response", page.response);
    const auto text = strategy.page_size_of_page.render(scope);
    const auto told = !text                                           ? std::nullopt
                      : means_none(trim(*text, blanks_and_line_ends)) ? std::optional<std::int64_t>{0}
                                                                      : whole_number(*text);
    if (!told) {
      return fail(errc::bad_page, failure_type::system_error,
                  "The page does not tell, as a whole number, how many records a full page has: whether it is the last "
                  "one is not known. Correct `page_size` in the manifest.");
    }
    page_size = *told;
  }
  if (is_last_of(page_size, page)) {
    return std::nullopt;
  }
  return std::to_string(number_of(page, 0) + static_cast<std::int64_t>(page.extracted));
}

} // namespace

std::int64_t reported_total(const plan& p, const endpoint& e, const slice& s, const language::value& response) {
  if (e.pages.total.source().empty())
    return -1;
  auto scope = slice_scope(p, s);
  scope.set("response", response);
  const auto text = e.pages.total.render(scope);
  return text ? whole_number(*text).value_or(-1) : -1;
}

expected<std::optional<std::string>> next_page_token(const plan& p, const endpoint& e, const slice& s,
                                                     const page_view& page) {
  if (page.feed_ends)
    return std::nullopt;
  auto next = std::visit([&](const auto& strategy) { return next_token(strategy, p, e, s, page); }, e.pages.strategy);
  if (!next || !*next) {
    return next;
  }
  auto& token = **next;
  if (e.pages.token_is_unsent) {
    return fail(errc::bad_manifest, failure_type::system_error,
                "The page names another one, but the manifest does not say where its token goes into the request "
                "(`page_token_option`), so that the next request would be the same as this one: reading would never "
                "end.",
                "next-page token: " + display_url(token));
  }
  const auto as_parameter
    = e.pages.token_option
      && (e.pages.token_option->into == inject_into::parameter || e.pages.token_option->into == inject_into::body_data);
  if ((as_parameter || e.pages.token_is_url) && language::is_dict_text(token)) {
    return fail(errc::bad_page, failure_type::system_error,
                "The token of the next page is an object, which "
                  + std::string{as_parameter ? "cannot be sent as a parameter" : "is no link"}
                  + ": the pages from here on are missing. Correct `cursor_value` in the manifest: it must lead to "
                  + (as_parameter ? "a text or a number." : "the link itself."),
                "next-page token: " + display_url(token));
  }
  if (e.pages.token_is_url) {
    token = seen_from(page.url, token);
  }
  if (token == (page.token.empty() ? e.pages.first_token : page.token)) {
    return fail(errc::bad_page, failure_type::system_error,
                "The server names a page as the one that follows it: reading would never end.",
                "next-page token: " + display_url(token));
  }
  return next;
}

} // namespace sluice
