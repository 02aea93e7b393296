#include "actors/core/admission/quota_headers.hpp"

#include "config/language/datetime.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

namespace sluice {

namespace {

using std::chrono::microseconds;

constexpr double first_epoch_seconds = 1e8;
constexpr double first_epoch_milliseconds = 1e11;
/// Numbers beyond it are not quotas.
constexpr double largest_quota = 1e15;
/// Every whole number up to it is one that a double can hold.
constexpr std::uint64_t largest_exact = std::uint64_t{1} << 53;

constexpr microseconds whole_second = std::chrono::seconds{1};
/// Error of a value with a fraction: the server did not round to seconds.
constexpr microseconds fractional_error = std::chrono::milliseconds{10};

/// A header's value without blanks around it; nothing for a policy without such a header, too.
std::optional<std::string_view> value_of(const header_list& headers, std::string_view name) {
  const auto found = name.empty() ? std::nullopt : find_header(headers, name);
  return found ? std::optional{trim(*found)} : std::nullopt;
}

struct header_number {
  double value = 0;
  bool has_fraction = false;
};

/// A number that is not negative, alone or before a list's rest (`100, 100;window=60`).
std::optional<header_number> read_number(std::optional<std::string_view> text) {
  if (!text)
    return std::nullopt;
  const auto ends = [](char c) { return c == ',' || c == ';' || c == ' '; };
  const auto* end = text->data() + text->size();
  // Most are whole, and small enough to be exact.
  std::uint64_t whole = 0;
  if (const auto [rest, ec] = std::from_chars(text->data(), end, whole);
      ec == std::errc{} && whole <= largest_exact && (rest == end || ends(*rest)))
    return header_number{static_cast<double>(whole), false};
  double x = 0;
  const auto [rest, ec] = std::from_chars(text->data(), end, x, std::chars_format::fixed);
  if (ec != std::errc{} || !std::isfinite(x) || x < 0)
    return std::nullopt;
  if (rest != end && !ends(*rest))
    return std::nullopt;
  const std::string_view digits{text->data(), static_cast<std::size_t>(rest - text->data())};
  return header_number{x, digits.find('.') != std::string_view::npos};
}

/// A number with a sign is no quota: who has used more than was granted has nothing left.
bool has_sign(std::string_view text) {
  return text.size() > 1 && (text.front() == '-' || text.front() == '+')
         && (ascii_digits.contains(text[1]) || text[1] == '.');
}

std::optional<std::uint64_t> read_count(std::optional<std::string_view> text) {
  const auto x = read_number(text);
  return x && x->value < largest_quota ? std::optional{static_cast<std::uint64_t>(x->value)} : std::nullopt;
}

microseconds from_seconds(double seconds) {
  return microseconds{static_cast<std::int64_t>(seconds * 1e6)};
}

std::optional<language::instant> read_http_date(std::optional<std::string_view> text) {
  if (!text)
    return std::nullopt;
  const auto t = language::parse_datetime(*text, "%a, %d %b %Y %H:%M:%S GMT");
  return t ? std::optional{t->instant} : std::nullopt;
}

/// A wait that can be meant: at most a little in the past, and not for ever.
std::optional<microseconds> plausible(microseconds wait, microseconds past) {
  if (wait < -past || wait > longest_wait)
    return std::nullopt;
  return std::max(wait, microseconds{0});
}

} // namespace

language::instant server_time(const header_list& headers, language::instant wall) {
  return read_http_date(value_of(headers, "Date")).value_or(wall);
}

std::optional<reset_bounds> quota_report::reset(steady_time sent, steady_time answered) const {
  if (!reset_in)
    return std::nullopt;
  return reset_bounds{sent + *reset_in - reset_error, answered + *reset_in + reset_error};
}

quota_report read_quota(const rate_policy& policy, microseconds window, const header_list& headers,
                        language::instant wall) {
  using kind = rate_policy::reset_kind;
  quota_report out;
  out.limit = read_count(value_of(headers, policy.limit_header));
  if (out.limit == std::uint64_t{0}) // nobody grants nothing: a default of some proxy
    out.limit.reset();
  const auto remaining = value_of(headers, policy.remaining_header);
  out.remaining = remaining && has_sign(*remaining) ? std::uint64_t{0} : read_count(remaining);

  const auto number = read_number(value_of(headers, policy.reset_header));
  if (!number)
    return out;
  out.reset_error = number->has_fraction ? fractional_error : whole_second;
  const auto is_epoch
    = policy.reset == kind::epoch || (policy.reset == kind::detect && number->value >= first_epoch_seconds);
  const auto seconds = is_epoch && number->value >= first_epoch_milliseconds ? number->value / 1e3 : number->value;
  if (seconds >= first_epoch_milliseconds)
    return out;
  if (is_epoch) {
    out.reset_error += whole_second; // the server's clock is known to the second
    const auto epoch = language::instant{from_seconds(seconds)};
    out.reset_in = plausible(epoch - server_time(headers, wall), out.reset_error);
  } else {
    out.reset_in = plausible(from_seconds(seconds), microseconds{0});
  }
  if (out.reset_in && *out.reset_in > window) {
    out.reset_in = window;
  }
  return out;
}

std::optional<microseconds> wait_until_epoch(double epoch, const header_list& headers, language::instant wall) {
  const auto seconds = epoch >= first_epoch_milliseconds ? epoch / 1e3 : epoch;
  if (seconds >= first_epoch_milliseconds)
    return std::nullopt;
  const auto until = language::instant{from_seconds(seconds)};
  return plausible(std::max(until - server_time(headers, wall), microseconds{0}), microseconds{0});
}

std::optional<microseconds> wait_of_number(double number, const header_list& headers, language::instant wall) {
  if (number < first_epoch_seconds)
    return plausible(from_seconds(number), microseconds{0});
  const auto seconds = number >= first_epoch_milliseconds ? number / 1e3 : number;
  if (seconds >= first_epoch_milliseconds)
    return std::nullopt;
  return plausible(language::instant{from_seconds(seconds)} - server_time(headers, wall), whole_second);
}

std::optional<microseconds> read_retry_after(const header_list& headers, language::instant wall) {
  const auto text = value_of(headers, "Retry-After");
  if (const auto number = read_number(text))
    return wait_of_number(number->value, headers, wall);
  const auto until = read_http_date(text);
  return until ? plausible(*until - server_time(headers, wall), whole_second) : std::nullopt;
}

} // namespace sluice
