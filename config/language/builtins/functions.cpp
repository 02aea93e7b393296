#include "config/language/builtins/collections.hpp"
#include "config/language/builtins/text_functions.hpp"
#include "config/language/calendar.hpp"
#include "config/language/characters.hpp"
#include "config/language/context.hpp"
#include "config/language/operators.hpp"
#include "config/language/time_zone.hpp"
#include "messages/text/url.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <random>

namespace sluice::language::detail {

namespace {

using failure = tl::unexpected<evaluation_error>;

object moment(instant t) {
  return value{datetime{t, std::chrono::seconds{0}}};
}

result<object> formatted(context& c, instant t, const std::string& format) {
  auto text = format_datetime(t, format);
  return text ? c.text(std::move(*text)) : refuse(text.error().message);
}

result<instant> read_instant(const object& x) {
  if (auto* t = x.as_datetime())
    return t->instant;
  if (auto* d = x.as_date())
    return instant{d->day};
  if (x.as_string() == nullptr)
    return refuse_kind(x, "a datetime or a text");
  auto t = parse_iso8601(*x.as_string());
  if (!t)
    return refuse("the text is no date or time in ISO 8601");
  return t->instant;
}

result<object> now_utc(context& c, const object&, const arguments&) {
  return moment(c.now());
}

result<object> today_utc(context& c, const object&, const arguments&) {
  return object{date{std::chrono::floor<std::chrono::days>(c.now())}};
}

result<object> str_to_datetime(context&, const object&, const arguments& args) {
  return read_instant(args[0]).map(moment);
}

/// Of a number, its integer; of a text or datetime, the epoch seconds as a float.
result<object> timestamp(context&, const object&, const arguments& args) {
  if (auto i = as_integer(args[0]))
    return object{value{*i}};
  if (args[0].as_big() != nullptr)
    return args[0];
  if (auto x = as_number(args[0])) {
    if (!(std::fabs(*x) < 9.2e18))
      return refuse("the number does not fit a 64 bit integer");
    return object{value{static_cast<std::int64_t>(*x)}};
  }
  return read_instant(args[0]).map(
    [](instant t) { return object{value{static_cast<double>(t.time_since_epoch().count()) / 1e6}}; });
}

/// The greatest (or least) of the arguments, or of the elements of the only one.
template <bool Greatest>
result<object> extreme(context& c, const object&, const arguments& args) {
  auto items = args.rest();
  if (items.size() == 1) {
    auto found = c.elements_of(items[0]);
    if (!found)
      return failure(found.error());
    items = std::move(*found);
  }
  if (items.empty())
    return refuse("there are no values to choose from");
  auto best = items.front();
  for (std::size_t i = 1; i < items.size(); ++i) {
    auto better = compare(c, Greatest ? comparison_operator::greater : comparison_operator::less, items[i], best);
    if (!better)
      return failure(better.error());
    if (*better)
      best = items[i];
  }
  return best;
}

/// (num_days, format='%Y-%m-%dT%H:%M:%S.%f%z'): so many days from now.
result<object> day_delta(context& c, const object&, const arguments& args) {
  auto days = as_number(args[0]);
  if (!days)
    return refuse_kind(args[0], "a number of days");
  constexpr double most = 4e6; // 10 000 years
  if (!(std::fabs(*days) <= most))
    return refuse("the number of days leads out of the years 1 to 9999");
  if (args.has(1) && args[1].as_string() == nullptr)
    return refuse_kind(args[1], "a string as format");
  constexpr double day = 86'400e6;
  std::chrono::microseconds shift{static_cast<std::int64_t>(std::nearbyint(*days * day))};
  return formatted(c, add(c.now(), {0, shift}), args.has(1) ? *args[1].as_string() : "%Y-%m-%dT%H:%M:%S.%f%z");
}

result<object> make_duration(context&, const object&, const arguments& args) {
  if (args[0].as_string() == nullptr)
    return refuse_kind(args[0], "a string");
  auto span = parse_iso8601_duration(*args[0].as_string());
  return span ? object{*span} : result<object>{refuse("the text is no ISO 8601 duration, such as P1D or PT1H30M")};
}

/// (dt, format, input_format=): an integer is epoch seconds; a text is ISO 8601 unless there is an input format.
result<object> reformat_datetime(context& c, const object&, const arguments& args) {
  auto& x = args[0];
  if (args[1].as_string() == nullptr)
    return refuse_kind(args[1], "a string as format");
  auto& format = *args[1].as_string();
  bool given = args.has(2) && truthy(args[2]);
  if (given && args[2].as_string() == nullptr)
    return refuse_kind(args[2], "a string as input format");
  std::string input_format = given ? *args[2].as_string() : "%s";
  auto number = as_integer(x);
  if (!number && (!given || x.as_string() == nullptr))
    return read_instant(x).and_then([&](instant t) { return formatted(c, t, format); });
  auto t = parse_datetime(number ? std::to_string(*number) : *x.as_string(), input_format);
  if (!t)
    return refuse(t.error().code == errc::bad_manifest
                    ? t.error().message
                    : "the text does not fit the input format '" + input_format + "'");
  return formatted(c, t->instant, format);
}

result<object> sanitize_url(context& c, const object&, const arguments& args) {
  if (args[0].as_string() == nullptr)
    return refuse_kind(args[0], "a string");
  return c.text(url::quote(*args[0].as_string(), "", true));
}

result<object> camel_case_to_snake_case(context& c, const object&, const arguments& args) {
  if (args[0].as_string() == nullptr)
    return refuse_kind(args[0], "a string");
  std::string out;
  for (char x : *args[0].as_string()) {
    if (x >= 'A' && x <= 'Z' && !out.empty())
      out.push_back('_');
    out.push_back(x);
  }
  return c.text(lower(out));
}

/// A random UUID, version 4.
result<object> generate_uuid(context& c, const object&, const arguments&) {
  std::random_device source;
  std::array<unsigned, 8> words{};
  for (auto& word : words)
    word = source() & 0xFFFF;
  words[3] = 0x4000 | (words[3] & 0x0FFF);
  words[4] = 0x8000 | (words[4] & 0x3FFF);
  std::array<char, 40> buffer;
  std::snprintf(buffer.data(), buffer.size(), "%04x%04x-%04x-%04x-%04x-%04x%04x%04x", words[0], words[1], words[2],
                words[3], words[4], words[5], words[6], words[7]);
  return c.text(buffer.data());
}

/// The date in a time zone, by its name in the system's database.
result<object> today_with_timezone(context& c, const object&, const arguments& args) {
  if (args[0].as_string() == nullptr) // an AttributeError in Python
    return refuse_not_string(args[0]);
  auto offset = zone_offset(*args[0].as_string(), std::chrono::floor<std::chrono::seconds>(c.now()));
  if (!offset)
    return refuse("there is no time zone of that name");
  return object{date{std::chrono::floor<std::chrono::days>(c.now() + *offset)}};
}

/// A dict that the template may change.
result<object> make_dict(context& c, const object&, const arguments& args) {
  if (args.rest().size() > 1)
    return refuse("it takes one dict", error_kind::type);
  auto& made = c.make_dict();
  auto ok = fill_dict(c, made, args);
  return ok ? object{&made} : result<object>{failure(ok.error())};
}

result<object> make_namespace(context& c, const object&, const arguments& args) {
  if (args.rest().size() > 1)
    return refuse("it takes one dict", error_kind::type);
  auto& items = c.make_dict();
  auto ok = fill_dict(c, items, args);
  return ok ? c.make_entity<namespace_entity>(items) : result<object>{failure(ok.error())};
}

result<object> make_cycler(context& c, const object&, const arguments& args) {
  if (args.rest().empty())
    return refuse("it takes the values that it gives in turn");
  return c.make_entity<cycler_entity>(args.rest());
}

/// (sep=', ')
result<object> make_joiner(context& c, const object&, const arguments& args) {
  return c.make_entity<joiner_entity>(args.has(0) ? args[0] : object{value{", "}});
}

/// The template itself, for its blocks: there are none to be asked for.
result<object> call_self(context&, const object&, const arguments&) {
  return refuse("a template cannot be called", error_kind::type);
}

result<object> json_loads(context& c, const object&, const arguments& args) {
  if (args[0].as_string() == nullptr)
    return refuse_kind(args[0], "a text that is JSON");
  if (auto ok = c.charge_copy(args[0]); !ok)
    return failure(ok.error());
  auto parsed = parse_json(*args[0].as_string());
  return parsed ? object{std::move(*parsed)} : result<object>{refuse("the text is no JSON")};
}

const std::vector<builtin>& granted_functions() {
  static const std::vector<builtin> all = {{"json_loads", {"s"}, 1, false, json_loads}};
  return all;
}

const std::vector<builtin>& functions() {
  static const std::vector<builtin> all = {
    {"camel_case_to_snake_case", {"value"}, 1, false, camel_case_to_snake_case},
    {"cycler", {}, 0, true, make_cycler},
    {"day_delta", {"num_days", "format"}, 1, false, day_delta},
    {"dict", {}, 0, true, make_dict, true},
    {"duration", {"datestring"}, 1, false, make_duration},
    {"format_datetime", {"dt", "format", "input_format"}, 2, false, reformat_datetime},
    {"generate_uuid", {}, 0, false, generate_uuid},
    {"joiner", {"sep"}, 0, false, make_joiner},
    {"max", {}, 1, true, extreme<true>},
    {"min", {}, 1, true, extreme<false>},
    {"namespace", {}, 0, true, make_namespace, true},
    {"now_utc", {}, 0, false, now_utc},
    {"sanitize_url", {"value"}, 1, false, sanitize_url},
    {"self", {}, 0, true, call_self, true},
    {"str_to_datetime", {"s"}, 1, false, str_to_datetime},
    {"timestamp", {"dt"}, 1, false, timestamp},
    {"today_utc", {}, 0, false, today_utc},
    {"today_with_timezone", {"timezone"}, 1, false, today_with_timezone},
  };
  return all;
}

} // namespace

const builtin* find_function(std::string_view name) noexcept {
  return find_builtin(functions(), name);
}

const builtin* find_granted_function(std::string_view name) noexcept {
  return find_builtin(granted_functions(), name);
}

std::vector<std::string_view> function_names() {
  return names_of(functions());
}

} // namespace sluice::language::detail
