#include "actors/core/admission/rate_matcher.hpp"

#include "messages/text/ascii.hpp"
#include "messages/text/url.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include <re2/re2.h>

namespace sluice {

namespace {

std::string upper_case(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return out;
}

/// `scheme://host[:port]`, and the path without slashes at its end. The URL is one that requests are sent to.
std::pair<std::string, std::string> base_and_path(std::string_view text) {
  const auto whole = url::split(text);
  if (!whole)
    return {};
  auto path = whole->target.substr(0, whole->target.find('?'));
  path.resize(path.find_last_not_of('/') + 1);
  return {whole->origin(), std::move(path)};
}

bool contains(const std::vector<std::pair<std::string, std::string>>& all, const std::string& name,
              const std::string& value, bool any_case) {
  return std::any_of(all.begin(), all.end(), [&](const auto& x) {
    return x.second == value && (any_case ? equals_ignoring_case(x.first, name) : x.first == name);
  });
}

bool contains(const credential_fields& all, credential_field::place where, const std::string& name,
              const std::string& value) {
  return std::any_of(all.begin(), all.end(), [&](const credential_field& x) {
    return x.where == where && x.value == value
           && (where == credential_field::place::header ? equals_ignoring_case(x.name, name) : x.name == name);
  });
}

} // namespace

request_view::request_view(std::string_view method_name, std::string_view url,
                           const std::vector<std::pair<std::string, std::string>>& request_headers,
                           const credential_fields& known_credential)
  : method(upper_case(method_name)), headers(&request_headers), credential(&known_credential) {
  std::tie(base, path) = base_and_path(url);
  parameters = url::query_of(url);
}

rate_matcher::rate_matcher(const request_matcher& definition)
  : method_(upper_case(definition.method)), parameters_(definition.parameters), headers_(definition.headers),
    weight_(std::max<std::uint32_t>(definition.weight, 1)) {
  if (!definition.url_base.empty()) {
    std::tie(base_, base_path_) = base_and_path(definition.url_base);
    if (base_.empty()) // no URL: no request has it
      base_ = definition.url_base;
  }
  if (!definition.path_pattern.empty()) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    auto pattern = std::make_shared<const re2::RE2>(definition.path_pattern, options);
    if (pattern->ok())
      pattern_ = std::move(pattern);
  }
}

bool rate_matcher::matches(const request_view& request) const {
  if (!method_.empty() && method_ != request.method)
    return false;
  if (!base_.empty() && base_ != request.base)
    return false;
  if (!base_path_.empty()) {
    const std::string_view path = request.path;
    if (!path.starts_with(base_path_) || (path.size() > base_path_.size() && path[base_path_.size()] != '/'))
      return false;
  }
  if (pattern_ && !re2::RE2::PartialMatch(request.path, *pattern_))
    return false;
  using place = credential_field::place;
  const auto has_parameter = [&](const auto& x) {
    return contains(request.parameters, x.first, x.second, false)
           || contains(*request.credential, place::parameter, x.first, x.second);
  };
  const auto has_header = [&](const auto& x) {
    return contains(*request.headers, x.first, x.second, true)
           || contains(*request.credential, place::header, x.first, x.second);
  };
  return std::all_of(parameters_.begin(), parameters_.end(), has_parameter)
         && std::all_of(headers_.begin(), headers_.end(), has_header);
}

} // namespace sluice
