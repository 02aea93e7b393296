#include "actors/core/admission/rate_matcher.hpp"

#include <algorithm>

#include <re2/re2.h>

namespace sluice {

namespace {

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
char to_upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

template <class Map>
std::string mapped(std::string_view text, Map map) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(), map);
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  c = to_lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// Decodes a query's name or value; a `%` without two digits stands for itself.
std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

struct url_parts {
  std::string base;
  std::string path;
  std::string_view query;
};

url_parts split_url(std::string_view url) {
  url_parts out;
  url = url.substr(0, url.find('#'));
  if (const auto q = url.find('?'); q != std::string_view::npos) {
    out.query = url.substr(q + 1);
    url = url.substr(0, q);
  }
  if (const auto scheme_end = url.find("://"); scheme_end != std::string_view::npos) {
    const auto host_begin = scheme_end + 3;
    const auto host_end = std::min(url.find('/', host_begin), url.size());
    auto host = url.substr(host_begin, host_end - host_begin);
    if (const auto at = host.rfind('@'); at != std::string_view::npos)
      host.remove_prefix(at + 1);
    const auto scheme = mapped(url.substr(0, scheme_end), to_lower);
    const std::string_view default_port = scheme == "https" ? ":443" : scheme == "http" ? ":80" : "";
    if (!default_port.empty() && host.ends_with(default_port))
      host.remove_suffix(default_port.size());
    out.base = scheme + "://" + mapped(host, to_lower);
    url.remove_prefix(host_end);
  }
  while (url.ends_with('/'))
    url.remove_suffix(1);
  out.path = url;
  return out;
}

bool contains(const std::vector<std::pair<std::string, std::string>>& all, const std::string& name,
              const std::string& value, bool any_case) {
  return std::any_of(all.begin(), all.end(), [&](const auto& x) {
    return x.second == value && (any_case ? mapped(x.first, to_lower) == mapped(name, to_lower) : x.first == name);
  });
}

bool contains(const credential_fields& all, credential_field::place where, const std::string& name,
              const std::string& value) {
  return std::any_of(all.begin(), all.end(), [&](const credential_field& x) {
    return x.where == where && x.value == value
           && (where == credential_field::place::header ? mapped(x.name, to_lower) == mapped(name, to_lower)
                                                        : x.name == name);
  });
}

} // namespace

request_view::request_view(std::string_view method_name, std::string_view url,
                           const std::vector<std::pair<std::string, std::string>>& request_headers,
                           const credential_fields& known_credential)
  : method(mapped(method_name, to_upper)), headers(&request_headers), credential(&known_credential) {
  auto parts = split_url(url);
  base = std::move(parts.base);
  path = std::move(parts.path);
  while (!parts.query.empty()) {
    const auto end = std::min(parts.query.find('&'), parts.query.size());
    const auto item = parts.query.substr(0, end);
    const auto equals = std::min(item.find('='), item.size());
    const auto value = equals < item.size() ? item.substr(equals + 1) : std::string_view{};
    if (!item.empty())
      parameters.emplace_back(decoded(item.substr(0, equals)), decoded(value));
    parts.query.remove_prefix(std::min(end + 1, parts.query.size()));
  }
}

rate_matcher::rate_matcher(const request_matcher& definition)
  : method_(mapped(definition.method, to_upper)), parameters_(definition.parameters), headers_(definition.headers),
    weight_(std::max<std::uint32_t>(definition.weight, 1)) {
  if (!definition.url_base.empty()) {
    auto parts = split_url(definition.url_base);
    base_ = std::move(parts.base);
    base_path_ = std::move(parts.path);
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
