#pragma once

#include "messages/text/header_list.hpp"
#include "messages/text/url.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace sluice::net {

/// The cookies that servers gave to one session. Each goes back to the origin that gave it and to no other, whatever
/// its `Domain` says, and below its path. Bounded: what is over the bounds is forgotten, the oldest first.
class cookie_jar {
public:
  using clock = std::chrono::system_clock;

  static constexpr std::size_t most_cookies = 200;
  /// Name, value and path together.
  static constexpr std::size_t most_bytes = 8192;

  /// Takes the `Set-Cookie` headers of an answer from `from`. What is no cookie is passed over.
  void take(const header_list& headers, const url::parts& from, clock::time_point now);

  /// The `Cookie` header for a request; empty: there are none for it.
  std::string header_for(const url::parts& to, clock::time_point now) const;

  bool empty() const noexcept { return cookies_.empty(); }

private:
  struct cookie {
    std::string origin;
    std::string name;
    std::string value;
    std::string path;
    bool secure = false;
    clock::time_point ends = clock::time_point::max();
  };

  void keep(cookie x, clock::time_point now);

  std::vector<cookie> cookies_;
};

} // namespace sluice::net
