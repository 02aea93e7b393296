#include "config/language/time_zone.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace sluice::language::detail {

namespace {

/// Reads a file of the database (RFC 8536): the moments at which clocks changed, and to what.
class zone_file {
public:
  explicit zone_file(std::string_view bytes) : bytes_(bytes) {}

  std::optional<std::chrono::seconds> offset(std::int64_t at) {
    // The first block has 32 bit times; the second, if there is one, has the same in 64 bits.
    auto first = read_header(0);
    if (!first)
      return std::nullopt;
    if (version_ == '\0')
      return find(*first, 4, at);
    auto second = read_header(first->data + size_of(*first, 4));
    return second ? find(*second, 8, at) : std::nullopt;
  }

private:
  struct block {
    std::size_t data = 0;
    std::size_t is_utc = 0, is_standard = 0, leaps = 0, times = 0, types = 0, letters = 0;
  };

  std::int64_t number(std::size_t at, std::size_t size) const {
    std::uint64_t x = 0;
    for (std::size_t i = 0; i < size; ++i)
      x = x << 8 | (at + i < bytes_.size() ? static_cast<unsigned char>(bytes_[at + i]) : 0U);
    return size == 4 ? std::int64_t{static_cast<std::int32_t>(x)} : static_cast<std::int64_t>(x);
  }

  std::optional<block> read_header(std::size_t at) {
    constexpr std::size_t size = 44;
    if (at > bytes_.size() || bytes_.size() - at < size || bytes_.substr(at, 4) != "TZif")
      return std::nullopt;
    version_ = bytes_[at + 4];
    block b{at + size};
    std::size_t* counts[] = {&b.is_utc, &b.is_standard, &b.leaps, &b.times, &b.types, &b.letters};
    for (std::size_t i = 0; i < 6; ++i)
      *counts[i] = static_cast<std::size_t>(std::clamp<std::int64_t>(number(at + 20 + 4 * i, 4), 0, 65536));
    return b.types > 0 ? std::optional{b} : std::nullopt;
  }

  static std::size_t size_of(const block& b, std::size_t width) {
    return b.times * (width + 1) + b.types * 6 + b.letters + b.leaps * (width + 4) + b.is_standard + b.is_utc;
  }

  std::optional<std::chrono::seconds> find(const block& b, std::size_t width, std::int64_t at) const {
    if (b.data + size_of(b, width) > bytes_.size())
      return std::nullopt;
    std::size_t count = 0;
    while (count < b.times && number(b.data + count * width, width) <= at)
      ++count;
    auto types = b.data + b.times * (width + 1);
    auto type = count == 0 ? 0U : static_cast<unsigned char>(bytes_[b.data + b.times * width + count - 1]);
    if (type >= b.types)
      return std::nullopt;
    return std::chrono::seconds{number(types + type * std::size_t{6}, 4)};
  }

  std::string_view bytes_;
  char version_ = '\0';
};

bool is_zone_name(std::string_view name) {
  bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '_'
           || c == '-' || c == '+';
  });
  return plain && !name.empty() && name.front() != '/' && name.size() < 64;
}

} // namespace

std::optional<std::chrono::seconds> zone_offset(std::string_view zone, std::chrono::sys_seconds at) {
  if (!is_zone_name(zone))
    return std::nullopt;
  std::ifstream in{"/usr/share/zoneinfo/" + std::string{zone}, std::ios::binary};
  std::string bytes{std::istreambuf_iterator<char>{in}, {}};
  return zone_file{bytes}.offset(at.time_since_epoch().count());
}

} // namespace sluice::language::detail
