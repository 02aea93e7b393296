#include "app/simulator/query.hpp"

#include "messages/text/ascii.hpp"
#include "messages/text/url.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace sluice::simulator {

namespace {

/// Cuts `text` at the next `separator` and returns the part before it.
std::string_view cut(std::string_view& text, char separator) {
  auto part = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return part;
}

/// Takes exactly `digits` digits from the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  auto part = text.substr(0, digits);
  if (part.size() != digits || !std::all_of(part.begin(), part.end(), is_digit))
    return std::nullopt;
  int result = 0;
  std::from_chars(part.data(), part.data() + part.size(), result);
  text.remove_prefix(digits);
  return result;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c)
    return false;
  text.remove_prefix(1);
  return true;
}

/// The rest of a time behind its seconds: a zone. Minutes east of Greenwich.
std::optional<int> take_offset(std::string_view& text) {
  if (text.empty() || take(text, 'Z') || take(text, 'z'))
    return 0;
  int sign = take(text, '-') ? -1 : take(text, '+') ? 1 : 0;
  auto hours = take_number(text, 2);
  take(text, ':');
  auto minutes = take_number(text, 2);
  if (sign == 0 || !hours || !minutes || *hours > 23 || *minutes > 59)
    return std::nullopt;
  return sign * (*hours * 60 + *minutes);
}

} // namespace

std::optional<std::string_view> request_target::parameter(std::string_view name) const noexcept {
  for (const auto& p : parameters)
    if (p.name == name)
      return p.value;
  return std::nullopt;
}

request_target parse_target(std::string_view target) {
  request_target result;
  auto rest = target.substr(0, target.find('#'));
  auto path = cut(rest, '?');
  result.path = path;
  while (!path.empty())
    if (auto segment = cut(path, '/'); !segment.empty())
      result.segments.push_back(url::decode(segment));
  while (!rest.empty()) {
    auto raw = cut(rest, '&');
    if (raw.empty())
      continue;
    auto value = raw;
    auto name = cut(value, '=');
    result.parameters.push_back({std::string{raw}, url::decode_query(name), url::decode_query(value)});
  }
  return result;
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  auto year = take_number(text, 4);
  bool well_formed = take(text, '-');
  auto month = take_number(text, 2);
  well_formed = take(text, '-') && well_formed;
  auto day = take_number(text, 2);
  well_formed = take(text, 'T') && well_formed;
  auto hour = take_number(text, 2);
  well_formed = take(text, ':') && well_formed;
  auto minute = take_number(text, 2);
  well_formed = take(text, ':') && well_formed;
  auto second = take_number(text, 2);
  if (!well_formed || !year || !month || !day || !hour || !minute || !second)
    return std::nullopt;
  std::int64_t fraction = 0;
  if (take(text, '.')) {
    std::int64_t unit = 100'000;
    std::size_t digits = 0;
    for (; digits < text.size() && is_digit(text[digits]); ++digits, unit /= 10)
      fraction += (text[digits] - '0') * unit;
    if (digits == 0)
      return std::nullopt;
    text.remove_prefix(digits);
  }
  auto offset = take_offset(text);
  std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                   std::chrono::day{static_cast<unsigned>(*day)}};
  if (!offset || !text.empty() || !date.ok() || *hour > 23 || *minute > 59 || *second > 59)
    return std::nullopt;
  std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  std::int64_t minutes = days * 1440 + *hour * 60 + *minute - *offset;
  return (minutes * 60 + *second) * 1'000'000 + fraction;
}

bool accepts_gzip(std::string_view accept_encoding) {
  while (!accept_encoding.empty()) {
    auto item = cut(accept_encoding, ',');
    auto text = lower_case(item);
    std::erase_if(text, [](char c) { return c == ' ' || c == '\t'; });
    std::string_view quality = text;
    auto name = cut(quality, ';');
    if (name == "gzip" || name == "*")
      return quality.substr(0, 3) != "q=0" || quality.find_first_of("123456789") != std::string_view::npos;
  }
  return false;
}

} // namespace sluice::simulator
