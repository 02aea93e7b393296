#pragma once

#include "config/manifest/plan/plan.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace re2 {
class RE2;
}

namespace sluice {

/// A request's shape, taken apart for matching.
struct request_view {
  /// Upper case.
  std::string method;
  /// Lower case `scheme://host[:port]`, without a default port.
  std::string base;
  /// Without trailing slash; as sent, percent-encoded.
  std::string path;
  /// Decoded.
  std::vector<std::pair<std::string, std::string>> parameters;
  const std::vector<std::pair<std::string, std::string>>* headers = nullptr;
  /// What is known of its credential.
  const credential_fields* credential = nullptr;

  /// Keeps references to headers and credential.
  request_view(std::string_view method, std::string_view url,
               const std::vector<std::pair<std::string, std::string>>& request_headers,
               const credential_fields& known_credential);
};

/// A compiled `request_matcher`: all of its criteria must hold. The path pattern is searched, not anchored; parameters
/// and headers must be among the request's, those of a static credential included, as in the reference; what a
/// credential that expires will be is known to no manifest, so a matcher that names it matches nothing. A `url_base`
/// with a path also wants the request's path to begin with it. A pattern that RE2 refuses matches everything: rather
/// too slow than over the limit.
class rate_matcher {
public:
  explicit rate_matcher(const request_matcher& definition);

  bool matches(const request_view& request) const;
  std::uint32_t weight() const noexcept { return weight_; }

private:
  std::string method_;
  std::string base_;
  std::string base_path_;
  std::shared_ptr<const re2::RE2> pattern_;
  std::vector<std::pair<std::string, std::string>> parameters_;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::uint32_t weight_ = 1;
};

} // namespace sluice
