#include "actors/core/requests/request_url.hpp"

#include "messages/text/ascii.hpp"
#include "messages/text/url.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

/// Other readers of URLs take these for slashes, or leave them out: where a link with one leads is not certain.
constexpr char_set unsafe_in_links = char_set::range(0, 8) | char_set::range(0x0a, 0x1f) | char_set{"\x7f\\"};

tl::unexpected<error> refused_link(std::string_view link, std::string_view why) {
  return fail(errc::foreign_url, failure_type::system_error,
              "A link of the server was not followed: " + std::string{why}
                + ". No request and no credentials were sent there; the pages from here on are missing.",
              "link: " + display_url(link));
}

tl::unexpected<error> refused_base(std::string_view base, const std::string& why) {
  return fail(errc::foreign_url, failure_type::system_error,
              "The URL of a slice's requests was not asked: " + why
                + ". No request and no credentials were sent there; the slice's records are missing.",
              "URL: " + display_url(base));
}

/// `base`, taken apart.
expected<url::parts> parts_of_base(const std::string& base) {
  auto parts = url::split(base);
  if (!parts) {
    return fail(errc::bad_config, failure_type::config_error,
                "`" + display_url(base) + "` is no URL that requests can be sent to; it must look like "
                  + "https://host/path, without user and password. Nothing was requested.");
  }
  return std::move(*parts);
}

/// `text` without a fragment, and with nothing that may not be in a URL.
std::string sendable(std::string_view text) {
  return url::encode_illegal(text.substr(0, text.find('#')));
}

/// Values of the slice stay where they stand in a path.
language::scope quoting(const language::scope& all) {
  auto result = all;
  result.set_quote({"stream_partition", "stream_slice", "stream_interval"}, url::encode_path_value);
  return result;
}

} // namespace

expected<std::string> base_for(const request_template& request, request_scope& scope) {
  if (!request.moving) {
    return request.url_base;
  }
  const auto& moving = *request.moving;
  auto base = moving.url.render(quoting(scope.all()));
  if (!base) {
    return base;
  }
  const auto parts = url::split(*base);
  if (!parts || unsafe_in_links.find_in(*base) < base->size()) {
    return refused_base(*base, "it is no plain http or https URL");
  }
  const bool known = moving.origin.empty()
                       ? parts->host.size() > moving.host_end.size() && parts->host.ends_with(moving.host_end)
                           && parts->origin() == parts->scheme + "://" + parts->host
                           && moving.url.source().starts_with(parts->scheme + "://")
                       : parts->origin() == moving.origin;
  if (!known) {
    return refused_base(*base,
                        "it leads to " + parts->origin() + ", but the manifest names "
                          + (moving.origin.empty() ? "hosts below " + moving.host_end.substr(1) : moving.origin));
  }
  return sendable(*base);
}

expected<std::string> linked_url(const std::string& base_text, std::string_view link) {
  auto base = parts_of_base(base_text);
  if (!base) {
    return tl::unexpected(std::move(base.error()));
  }
  if (unsafe_in_links.find_in(link) < link.size()) {
    return refused_link(link, "it contains a backslash, a line break or another control character");
  }
  std::string absolute;
  if (!url::has_scheme(link)) {
    absolute = url::resolve(*base, link);
    link = absolute;
  }
  auto target = url::split(link);
  if (!target) {
    return refused_link(link, "it is no plain http or https URL");
  }
  if (!target->same_origin(*base)) {
    return refused_link(link, "it leads to " + target->origin() + ", but this connector talks to " + base->origin());
  }
  return sendable(link);
}

expected<std::string> joined_url(const std::string& base, const text_template& path_template, request_scope& scope) {
  auto rendered = path_template.is_literal() ? path_template.render({}) : path_template.render(quoting(scope.all()));
  if (!rendered || rendered->starts_with("http://") || rendered->starts_with("https://")) {
    return rendered ? linked_url(base, *rendered) : std::move(rendered);
  }
  auto path = url::encode_path(
    std::string_view{*rendered}.substr(std::min(rendered->find_first_not_of('/'), rendered->size())));
  bool joined = !path.empty() && path.front() != '?';
  // An encoded path cannot lead away from the base.
  return parts_of_base(base).map(
    [&](const url::parts&) { return sendable(joined ? url::join(base, path) : base + path); });
}

} // namespace sluice
