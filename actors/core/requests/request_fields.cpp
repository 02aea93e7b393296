#include "actors/core/requests/request_fields.hpp"

#include "messages/text/ascii.hpp"
#include "messages/text/url.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace sluice {

namespace {

/// The texts with which a parameter or form field is sent.
expected<std::vector<std::string>> parameter_values(const named_template& t, request_scope& scope) {
  if (!t.verbatim) {
    return t.value.render_values(scope(t.value));
  }
  return t.value.render(scope(t.value)).map(separated);
}

/// The text with which a header is sent, or nothing.
expected<std::vector<std::string>> header_values(const named_template& t, request_scope& scope) {
  auto text = t.verbatim ? t.value.render(scope(t.value)).map([](std::string x) { return std::optional{std::move(x)}; })
                         : t.value.render_optional(scope(t.value));
  return std::move(text).map([](std::optional<std::string> x) {
    return x ? std::vector<std::string>{std::move(*x)} : std::vector<std::string>{};
  });
}

} // namespace

std::vector<std::string> separated(std::string text) {
  auto elements = language::list_elements(text);
  return elements ? std::move(*elements) : std::vector<std::string>{std::move(text)};
}

expected<void> request_fields::add(const std::string& name, std::vector<std::string> values) {
  values.erase(std::remove(values.begin(), values.end(), ""), values.end());
  if (values.empty()) {
    return {};
  }
  for (auto& [known, text] : pairs_) {
    if (known == name) {
      constexpr std::string_view words[] = {"request parameter", "request header", "field of the request's form"};
      return fail(errc::bad_manifest, failure_type::system_error,
                  "The manifest gives the " + std::string{words[static_cast<std::size_t>(kind_)]} + " `" + name
                    + "` twice, at different places. Nothing was requested; remove one of them.");
    }
  }
  for (auto& value : values) {
    if (is_header() && !(is_field_text(name) && is_field_text(value))) {
      return fail(
        errc::bad_config, failure_type::config_error,
        "The value for the request header `" + name + "` contains a line break or another control character. "
          + "Nothing was requested; check the config value it is made of (a token copied with its line end?).");
    }
    // Of names that differ only in case, the reference sends the later one.
    auto same = is_header() ? std::find_if(pairs_.begin(), pairs_.end(),
                                           [&](const auto& known) { return equals_ignoring_case(known.first, name); })
                            : pairs_.end();
    if (same != pairs_.end()) {
      *same = {name, std::move(value)};
    } else {
      pairs_.emplace_back(name, std::move(value));
    }
  }
  return {};
}

expected<void> request_fields::render(const std::vector<named_template>& templates, request_scope& scope,
                                      std::string_view without) {
  for (const auto& t : templates) {
    if (!without.empty() && url::has_parameter(without, t.name)) {
      continue;
    }
    auto values = is_header() ? header_values(t, scope) : parameter_values(t, scope);
    auto added = std::move(values).and_then([&](std::vector<std::string> x) { return add(t.name, std::move(x)); });
    if (!added) {
      return added;
    }
  }
  return {};
}

} // namespace sluice
