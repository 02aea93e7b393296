// What a cursor says and reads: states as JSON, moments in requests.

#include "actors/core/state/cursor_text.hpp"

#include "actors/core/state/cursor.hpp"
#include "actors/core/state/state_members.hpp"

#include <simdjson.h>

#include <algorithm>
#include <string>

namespace sluice {

namespace {

using language::value;
using std::chrono::microseconds;

/// A step that makes more windows than this is a mistake, and would fill the memory.
constexpr double max_windows = 1e6;

} // namespace

namespace state_text {

std::string write_moment(const datetime_cursor& cursor, instant t) {
  if (cursor.counts)
    return std::to_string(t.time_since_epoch().count());
  if (cursor.state == state_format::text)
    if (auto text = format_cursor(cursor, t))
      return language::to_json(value{std::move(*text)});
  return std::to_string(std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count());
}

tl::unexpected<error> bad_state(std::string what) {
  return fail(errc::bad_state, failure_type::config_error,
              std::move(what)
                + " Nothing was read with it. Correct the state, or remove it to read from the start date.");
}

namespace {

std::string shortened(std::string text) {
  constexpr std::size_t longest = 80;
  if (text.size() <= longest)
    return text;
  auto end = longest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) // not in the middle of a character
    --end;
  return text.substr(0, end) + "...";
}

} // namespace

std::string shown(const value& x) {
  return shortened(language::to_json(x));
}

std::string shown_json(std::string_view json) {
  return shortened(std::string{json.substr(0, 100)});
}

tl::unexpected<error> bad_moment(const datetime_cursor& cursor, const std::string& where, const value& x) {
  if (cursor.counts)
    return bad_state("The state's " + where + " is " + shown(x) + ", expected a whole number of 64 bits.");
  return bad_state("The state's " + where + " is " + shown(x)
                   + ", expected epoch seconds or a date and time between the years 1 and 9999"
                   + (x.as_int() && *x.as_int() > 0 ? " (epoch milliseconds are not accepted)." : "."));
}

bool is_marker(std::string_view key) {
  return key.starts_with("__ab_");
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::optional<error> unusable(const datetime_cursor& cursor) {
  const auto bad = [](const std::string& what) {
    return error{errc::bad_manifest,
                 failure_type::config_error,
                 what + " No time window can be made. Correct the manifest or the setting it comes from.",
                 {}};
  };
  if (auto text = format_cursor(cursor, cursor.start); !text)
    return text.error();
  if (cursor.granularity && *cursor.granularity < microseconds{0})
    return bad("The cursor_granularity of \"" + cursor.cursor_field + "\" is negative.");
  if (cursor.lookback.months < 0 || cursor.lookback.exact < microseconds{0})
    return bad("The lookback_window of \"" + cursor.cursor_field + "\" is negative.");
  if (cursor.counts || !cursor.step)
    return std::nullopt;
  const auto in_us = [](microseconds x) { return static_cast<double>(x.count()); };
  const auto shortest = cursor.step->months * in_us(std::chrono::days{28}) + in_us(cursor.step->exact);
  if (cursor.step->months < 0 || cursor.step->exact < microseconds{0} || shortest <= 0)
    return bad("The step of \"" + cursor.cursor_field + "\" is not positive.");
  if (cursor.granularity && shortest < in_us(*cursor.granularity))
    return bad("The step of \"" + cursor.cursor_field + "\" is shorter than its cursor_granularity.");
  const auto span = in_us(cursor.end.time_since_epoch()) - in_us(cursor.start.time_since_epoch());
  const auto count = span / shortest;
  if (count > max_windows)
    return bad(
      "The step of \"" + cursor.cursor_field + "\" is too short: the time since the start date would be cut into "
      + std::to_string(static_cast<std::int64_t>(std::min(count, 1e18))) + " windows, at most 1000000 are possible.");
  return std::nullopt;
}

expected<std::vector<interval>> read_slices(const datetime_cursor& cursor, const value& state) {
  std::vector<interval> known;
  const auto* type = state.find("state_type");
  // The reference takes "integer" for the same.
  if (!type || !type->as_string() || (*type->as_string() != "date-range" && *type->as_string() != "integer"))
    return bad_state("The state's \"state_type\" is " + (type ? shown(*type) : std::string{"missing"})
                     + ", expected \"date-range\".");
  const auto* slices = state.find("slices");
  if (!slices || !slices->as_list())
    return bad_state("The state says \"state_type\": \"date-range\" but has no list \"slices\".");
  for (std::size_t i = 0; i < slices->as_list()->size(); ++i) {
    const auto& item = (*slices->as_list())[i];
    interval one;
    const auto read = [&](const char* key, bool required) -> expected<std::optional<instant>> {
      const auto where = "slices[" + std::to_string(i) + "]." + key;
      const auto* x = item.find(key);
      if (!x || x->is_none()) {
        if (required)
          return bad_state("The state has no " + where + ".");
        return std::optional<instant>{};
      }
      auto t = read_moment(cursor, *x);
      if (!t)
        return bad_moment(cursor, where, *x);
      return t;
    };
    auto start = read("start", true);
    if (!start)
      return tl::unexpected(std::move(start.error()));
    auto end = read("end", true);
    if (!end)
      return tl::unexpected(std::move(end.error()));
    auto newest = read("most_recent_cursor_value", false);
    if (!newest)
      return tl::unexpected(std::move(newest.error()));
    if (**end < **start)
      return bad_state("The state's slices[" + std::to_string(i) + "] ends before it starts: " + shown(item) + ".");
    known.push_back({**start, **end, *newest});
  }
  return known;
}

} // namespace state_text

using namespace state_text;

namespace {

using members = std::vector<std::pair<std::string, std::string>>;

/// The object's foreign members as JSON text: numbers keep their digits. Nothing if the object cannot be read.
std::optional<members> foreign_members(std::string_view text, const std::string& ours) {
  members out;
  simdjson::ondemand::parser parser;
  const simdjson::padded_string padded{text};
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS
      || document.get_object().get(object) != simdjson::SUCCESS)
    return std::nullopt;
  for (auto member : object) {
    std::string_view key;
    simdjson::ondemand::value inner;
    std::string_view raw;
    if (member.unescaped_key().get(key) != simdjson::SUCCESS)
      return std::nullopt;
    const std::string name{key};
    if (member.value().get(inner) != simdjson::SUCCESS || simdjson::to_json_string(inner).get(raw) != simdjson::SUCCESS)
      return std::nullopt;
    if (name == ours || name == "slices" || name == "state_type" || is_marker(name))
      continue;
    std::string compact(raw.size(), '\0');
    std::size_t size = 0;
    if (simdjson::minify(raw.data(), raw.size(), compact.data(), size) != simdjson::SUCCESS)
      return std::nullopt;
    compact.resize(size);
    auto key_json = language::to_json(value{name});
    const auto same = std::find_if(out.begin(), out.end(), [&](const auto& x) { return x.first == key_json; });
    if (same != out.end()) // a repeated key: the last one counts, as in every JSON object
      same->second = std::move(compact);
    else
      out.emplace_back(std::move(key_json), std::move(compact));
  }
  return out;
}

} // namespace

expected<cursor_state> cursor_state::open(const datetime_cursor& cursor, std::string_view state_json) {
  if (auto problem = unusable(cursor))
    return tl::unexpected(std::move(*problem));
  if (is_blank(state_json))
    return cursor_state{cursor, {}};
  const auto state = language::parse_json(state_json);
  if (!state)
    return bad_state("The state is not valid JSON: " + state.error().message);
  if (!state->as_dict())
    return bad_state("The state is " + shown(*state) + ", expected an object.");
  if (auto problem = misused_marker(state_json.substr(state_json.find('{'))))
    return tl::unexpected(std::move(*problem));

  std::vector<interval> known;
  auto known_until = instant::min();
  if (state->find("state_type") != nullptr) {
    auto slices = read_slices(cursor, *state);
    if (!slices)
      return tl::unexpected(std::move(slices.error()));
    known = std::move(*slices);
    for (const auto& i : known)
      known_until = std::max({known_until, i.end, i.newest.value_or(i.end)});
  } else if (const auto* mark = state->find(cursor.cursor_field)) {
    if (!mark->is_none()) {
      const auto t = read_moment(cursor, *mark);
      if (!t)
        return bad_moment(cursor, "\"" + cursor.cursor_field + "\"", *mark);
      known_until = *t;
      if (*t > cursor.start)
        known.push_back({cursor.start, *t, *t});
    }
  } else {
    const auto& all = *state->as_dict();
    if (!std::all_of(all.begin(), all.end(), [](const auto& x) { return is_marker(x.first); }))
      return bad_state("The state has no \"" + cursor.cursor_field + "\"; it is " + shown(*state) + ".");
  }
  auto extras = foreign_members(state_json, cursor.cursor_field);
  if (!extras)
    return bad_state("The state cannot be read: " + shown(*state) + ".");
  cursor_state out{cursor, std::move(known)};
  out.extras_ = std::move(*extras);
  out.came_until_ = known_until;
  out.came_in_.assign(state_json.size(), '\0');
  std::size_t size = 0;
  if (simdjson::minify(state_json.data(), state_json.size(), out.came_in_.data(), size) != simdjson::SUCCESS)
    return bad_state("The state cannot be read: " + shown(*state) + ".");
  out.came_in_.resize(size);
  return out;
}

std::string cursor_state::state_json() const {
  return json_at(track_.promise());
}

std::string cursor_state::state_json_until(instant t) const {
  return json_at(std::min(track_.promise(), std::max({t, came_until_, cursor_.start})));
}

std::string cursor_state::progress_json() const {
  return json_at(track_.progress(cursor_));
}

std::string cursor_state::json_at(instant t) const {
  if (asks_nothing())
    return came_in_;
  std::string out;
  out.reserve(key_.size() + 32);
  out += '{';
  out += key_;
  out += ':';
  out += write_moment(cursor_, t);
  for (const auto& [key, json] : extras_)
    out += "," + key + ":" + json;
  return out + "}";
}

std::string cursor_state::concurrent_state_json() const {
  std::string out = "{\"slices\":[";
  const auto& all = track_.intervals();
  for (std::size_t n = 0; n < all.size(); ++n) {
    const auto& i = all[n];
    auto end = i.end;
    if (n + 1 < all.size()) {
      // Before a gap, an end that was to be read again and was not does not count: who resumes here reads the gap from
      // the next granule on. And the gap must be so wide that the format can tell it from none.
      if (track_.must_reread(end))
        end -= cursor_.granularity.value_or(microseconds{0});
      end = std::max(i.start, std::min(end, all[n + 1].start - 2 * state_unit(cursor_)));
    }
    if (n > 0)
      out += ",";
    out += "{\"start\":" + write_moment(cursor_, i.start) + ",\"end\":" + write_moment(cursor_, end);
    if (i.newest)
      out += ",\"most_recent_cursor_value\":" + write_moment(cursor_, *i.newest);
    out += "}";
  }
  return out + "],\"state_type\":\"date-range\"}";
}

expected<std::string> format_cursor(const datetime_cursor& cursor, instant t) {
  if (cursor.counts)
    return t == instant::max() ? "inf" : std::to_string(t.time_since_epoch().count());
  return language::format_datetime(t, cursor.datetime_format);
}

} // namespace sluice
