#include "config/manifest/faults.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

constexpr std::size_t most_faults = 100;
constexpr std::size_t most_named = 20;

/// `paginator` of `streams[2].retriever.paginator`.
std::string_view last_segment(std::string_view path) {
  return path.substr(path.rfind('.') + 1);
}

std::string named(const manifest_fault& x) {
  std::string_view what = x.what;
  if (!what.empty() && what.back() == '.')
    what.remove_suffix(1);
  return (x.path.empty() ? "" : "at " + x.path + ": ") + std::string{what}
         + (x.line > 0 ? " (line " + std::to_string(x.line) + ")" : "");
}

/// What follows on "cannot be used": `: a`, or ` for 2 reasons: 1) a; 2) b`.
std::string reasons(const std::vector<manifest_fault>& faults) {
  return (faults.size() > 1 ? " for " + std::to_string(faults.size()) + " reasons" : "") + ": " + text_of(faults);
}

} // namespace

void add_fault(std::vector<manifest_fault>& list, manifest_fault x) {
  auto known = std::any_of(list.begin(), list.end(), [&x](const manifest_fault& y) {
    bool same_place
      = x.path == y.path || (x.line > 0 && x.line == y.line && last_segment(x.path) == last_segment(y.path));
    return same_place && x.what == y.what;
  });
  if (!known && list.size() < most_faults)
    list.push_back(std::move(x));
}

std::string text_of(const std::vector<manifest_fault>& faults) {
  if (faults.size() == 1)
    return named(faults.front());
  std::string result;
  for (std::size_t i = 0; i < std::min(faults.size(), most_named); ++i)
    result += (i == 0 ? "" : "; ") + std::to_string(i + 1) + ") " + named(faults[i]);
  if (faults.size() > most_named)
    result += "; and " + std::to_string(faults.size() - most_named) + " more";
  return result;
}

error error_of(std::string_view origin, const std::vector<manifest_fault>& faults) {
  std::vector<manifest_fault> in_manifest;
  std::vector<manifest_fault> in_config;
  for (const auto& x : faults)
    (x.code == errc::bad_config ? in_config : in_manifest).push_back(x);
  error result{errc::bad_manifest, failure_type::config_error, {}, {}};
  if (!in_manifest.empty()) {
    result.code = in_manifest.front().code;
    result.internal_message = in_manifest.front().internal_message;
    result.message = "The manifest " + std::string{origin} + " cannot be used" + reasons(in_manifest)
                     + ". Nothing was read from the source.";
  }
  if (!in_config.empty()) {
    if (in_manifest.empty())
      result.code = errc::bad_config;
    result.message += (in_manifest.empty() ? "" : " ") + std::string{"The configuration does not fit the manifest "}
                      + std::string{origin} + reasons(in_config)
                      + ". Nothing was read from the source; correct the configuration.";
  }
  return result;
}

} // namespace sluice
