// Reads the states of a per-partition cursor, in all their shapes.

#include "actors/core/state/partition_state.hpp"

#include "actors/core/slices/partition.hpp"
#include "actors/core/state/cursor_text.hpp"
#include "actors/core/state/state_members.hpp"
#include "messages/text/json_check.hpp"
#include "messages/text/json_scan.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace sluice {

namespace {

using state_text::bad_state;
using state_text::shown_json;

/// 10,000 years: all the time there is, and far from the clock's ends.
constexpr std::int64_t longest_lookback = 315'360'000'000;

constexpr std::array<std::string_view, 5> own_keys{"use_global_cursor", "states", "state", "lookback_window",
                                                   "parent_state"};

bool is_object(std::string_view text) {
  return !text.empty() && text.front() == '{';
}

bool is_list(std::string_view text) {
  return !text.empty() && text.front() == '[';
}

std::string joined(const std::vector<state_member>& members) {
  std::string out = "{";
  for (const auto& m : members)
    out += (out.size() > 1 ? ",\"" : "\"") + std::string{m.raw_key} + "\":" + std::string{m.value};
  return out + "}";
}

expected<std::optional<instant>> moment_of_field(const datetime_cursor& cursor, const std::string& where,
                                                 std::string_view text) {
  auto x = language::parse_json(text);
  if (!x)
    return bad_state("The state's " + where + " is " + shown_json(text) + ", expected a date and time.");
  if (x->is_none())
    return std::optional<instant>{};
  auto t = state_text::read_moment(cursor, *x);
  if (!t)
    return state_text::bad_moment(cursor, where, *x);
  return t;
}

struct cursor_object {
  std::string json;
  std::optional<instant> value;
  std::vector<interval> slices{};
};

bool has_slices(const std::vector<state_member>& members) {
  return !value_of(members, "state_type").empty() && !value_of(members, "slices").empty();
}

/// A cursor in the form of concurrent ones: states print it in ours.
expected<cursor_object> read_concurrent(const datetime_cursor& cursor, std::string_view text) {
  auto slices = language::parse_json(text).and_then(
    [&cursor](const language::value& x) { return state_text::read_slices(cursor, x); });
  if (!slices)
    return tl::unexpected(std::move(slices.error()));
  if (slices->empty())
    return cursor_object{"{}", {}};
  const auto promise = cursor_track{cursor, *slices}.promise();
  return cursor_object{"{" + language::to_json(language::value{cursor.cursor_field}) + ":"
                         + state_text::write_moment(cursor, promise) + "}",
                       promise, std::move(*slices)};
}

/// `where` completes "The state's ...".
expected<cursor_object> read_cursor(const datetime_cursor& cursor, const std::string& where, std::string_view text) {
  if (!is_object(text))
    return bad_state("The state's " + where + " is " + (text.empty() ? "missing" : shown_json(text))
                     + ", expected an object with \"" + cursor.cursor_field + "\".");
  if (auto problem = misused_marker(text, where))
    return tl::unexpected(std::move(*problem));
  const auto members = members_of(text);
  cursor_object out{joined(members), {}};
  if (members.empty())
    return out;
  const auto field = value_of(members, cursor.cursor_field);
  if (field.empty() && has_slices(members))
    return read_concurrent(cursor, text);
  if (field.empty())
    return bad_state("The state's " + where + " has no \"" + cursor.cursor_field + "\"; it is " + shown_json(text)
                     + ".");
  auto value = moment_of_field(cursor, where + ".\"" + cursor.cursor_field + "\"", field);
  if (!value)
    return tl::unexpected(std::move(value.error()));
  out.value = *value;
  return out;
}

/// From so many partitions on, older versions of the reference drop some of their list.
constexpr std::size_t least_dropping = 9'999;

/// The fraction that was the mark in older states.
constexpr double older_mark = 0.5;

struct lookback {
  std::chrono::seconds seconds;
  bool marks;
};

expected<lookback> read_lookback(std::string_view text) {
  const auto bad = [&] {
    return bad_state("The state's \"lookback_window\" is " + shown_json(text) + ", expected seconds, from 0 to "
                     + std::to_string(longest_lookback) + ".");
  };
  const auto x = language::parse_json(text);
  if (!x)
    return bad();
  lookback out{};
  std::int64_t whole = 0;
  if (const auto* integer = x->as_int()) {
    whole = *integer;
  } else if (const auto* mark = x->as_string()) {
    const auto [end, code] = std::from_chars(mark->data(), mark->data() + mark->size(), whole);
    if (mark->empty() || code != std::errc{} || end != mark->data() + mark->size())
      return bad();
    out.marks = true;
  } else if (const auto real = x->number()) {
    out.marks = *real - std::floor(*real) == older_mark;
    const auto up = out.marks ? std::floor(*real) : std::ceil(*real);
    if (!(up >= 0 && up <= static_cast<double>(longest_lookback)))
      return bad();
    whole = static_cast<std::int64_t>(up);
  } else if (!x->is_none()) {
    return bad();
  }
  if (whole < 0 || whole > longest_lookback)
    return bad();
  out.seconds = std::chrono::seconds{whole};
  return out;
}

/// Null counts as nothing, here and in the parents' states.
std::optional<error> check_parent_state(std::string_view text) {
  if (!is_object(text))
    return bad_state("The state's \"parent_state\" is " + shown_json(text) + ", expected an object.").value();
  for (const auto& m : members_of(text))
    if (!is_object(m.value) && m.value != "null")
      return bad_state("The state's \"parent_state\".\"" + m.key + "\" is " + shown_json(m.value)
                       + ", expected an object.")
        .value();
  return std::nullopt;
}

/// Checks the text and takes the space out of it.
expected<std::string> compact_object(std::string_view text) {
  if (const auto problem = check_json(text))
    return bad_state("The state is not valid JSON: it " + problem->what + " at byte " + std::to_string(problem->offset)
                     + ".");
  std::string out(text.size(), '\0');
  std::size_t size = 0;
  if (simdjson::minify(text.data(), text.size(), out.data(), size) != simdjson::SUCCESS)
    return bad_state("The state cannot be read: " + shown_json(text) + ".");
  out.resize(size);
  if (!is_object(out))
    return bad_state("The state is " + shown_json(out) + ", expected an object.");
  return out;
}

} // namespace

std::string marked_lookback(std::chrono::seconds x) {
  return "\"" + std::to_string(x.count()) + "\"";
}

std::string foreign_cursor_members(std::string_view object, const std::string& cursor_field) {
  std::string out;
  for (const auto& m : members_of(object))
    if (m.key != cursor_field)
      out += ",\"" + std::string{m.raw_key} + "\":" + std::string{m.value};
  return out;
}

/// What came in is printed as it came, but older states did not name parents.
std::string partition_state::printed(std::string_view object) const {
  const auto parent = json::find_field(object, parent_slice_field);
  return kind.names_parents && (parent.empty() || parent == "null") ? partition_key(object) : canonical_json(object);
}

void partition_state::add(partition p) {
  const auto [found, is_new] = index.try_emplace(p.key, partitions.size());
  if (is_new)
    partitions.push_back(std::move(p));
  else if (p.value < partitions[found->second].value) // of two, the one that promises less
    partitions[found->second] = std::move(p);
}

void partition_state::add_older(const std::string& partition_field, std::string_view raw_name, std::string cursor_json,
                                std::optional<instant> value, std::vector<interval> slices) {
  const auto of = make_partition(partition_field, "\"" + std::string{raw_name} + "\"");
  auto key = partition_key(of);
  const auto position = index.find(key) == index.end() ? partitions.size() : index.at(key);
  add({std::move(key), printed(of), std::move(cursor_json), value, std::move(slices)});
  std::int64_t number = 0;
  const auto* end = raw_name.data() + raw_name.size();
  const auto [rest, code] = std::from_chars(raw_name.data(), end, number);
  if (code == std::errc{} && rest == end && std::to_string(number) == raw_name)
    index.try_emplace(partition_key(make_partition(partition_field, raw_name)), position);
}

std::optional<error> partition_state::read_partitions(std::string_view list) {
  if (!is_list(list))
    return bad_state("The state's \"states\" is " + shown_json(list) + ", expected a list.").value();
  const auto* end = list.data() + list.size();
  std::optional<error> problem;
  bool names_parents = false;
  std::size_t position = 0;
  json::each_element(list.data(), end, [&](const char* at) -> const char* {
    const auto* behind = json::skip_value(at, end);
    const auto item = json::view(at, behind);
    const auto where = "states[" + std::to_string(position++) + "]";
    if (!is_object(item)) {
      problem = bad_state("The state's " + where + " is " + shown_json(item) + ", expected an object.").value();
      return nullptr;
    }
    const auto of = json::find_field(item, "partition");
    if (!is_object(of)) {
      problem = bad_state("The state's " + where + ".partition is " + (of.empty() ? "missing" : shown_json(of))
                          + ", expected an object.")
                  .value();
      return nullptr;
    }
    auto own = read_cursor(cursor, where + ".cursor", json::find_field(item, "cursor"));
    if (!own) {
      problem = std::move(own.error());
      return nullptr;
    }
    names_parents = names_parents || !json::find_field(of, parent_slice_field).empty();
    add({partition_key(of), printed(of), std::move(own->json), own->value, std::move(own->slices)});
    return behind;
  });
  // Before partitions had a `parent_slice`, their list was complete as well; the reference always writes it.
  lists_all = lists_all || (kind.names_parents && !problem && !partitions.empty() && !names_parents);
  return problem;
}

std::optional<error> partition_state::read(std::string_view state_json, const std::string& partition_field) {
  if (state_text::is_blank(state_json))
    return std::nullopt;
  const auto text = compact_object(state_json);
  if (!text)
    return text.error();
  if (auto problem = misused_marker(*text))
    return problem;
  const auto members = members_of(*text);
  if (members.empty())
    return std::nullopt;

  const auto flat = value_of(members, cursor.cursor_field);
  const auto is_flat = !flat.empty() && !is_object(flat) && !is_list(flat);
  const auto is_own
    = [](const state_member& m) { return std::find(own_keys.begin(), own_keys.end(), m.key) != own_keys.end(); };
  const auto is_concurrent = !is_flat && has_slices(members);
  if (!is_flat && !is_concurrent && std::none_of(members.begin(), members.end(), is_own)) {
    // The older shape: partition values as keys.
    for (const auto& m : members) {
      if (!is_object(m.value))
        return bad_state("The state has neither \"" + cursor.cursor_field + "\" nor cursors of partitions; it is "
                         + shown_json(*text) + ".")
          .value();
      auto own = read_cursor(cursor, "\"" + m.key + "\"", m.value);
      if (!own)
        return std::move(own.error());
      add_older(partition_field, m.raw_key, std::move(own->json), own->value, std::move(own->slices));
    }
    return std::nullopt;
  }

  if (is_concurrent) {
    auto all = read_concurrent(cursor, *text);
    if (!all)
      return std::move(all.error());
    global = all->value;
    global_json = std::move(all->json);
    return std::nullopt;
  }
  for (const auto& m : members)
    if (!is_own(m) && !(is_flat && m.key == cursor.cursor_field))
      extras += ",\"" + std::string{m.raw_key} + "\":" + std::string{m.value};
  const auto state = value_of(members, "state");
  const auto states = value_of(members, "states");
  if (is_flat) {
    if (!state.empty() || !states.empty())
      return bad_state("The state has both \"" + cursor.cursor_field + "\" and cursors of partitions; it is "
                       + shown_json(*text) + ".")
        .value();
    auto value = moment_of_field(cursor, "\"" + cursor.cursor_field + "\"", flat);
    if (!value)
      return std::move(value.error());
    global = *value;
    if (global)
      global_json = "{" + language::to_json(language::value{cursor.cursor_field}) + ":" + std::string{flat} + "}";
  }
  if (!state.empty() && state != "null") {
    auto value = read_cursor(cursor, "\"state\"", state);
    if (!value)
      return std::move(value.error());
    global = value->value;
    if (global)
      global_json = std::move(value->json);
  }
  if (const auto mode = value_of(members, "use_global_cursor"); !mode.empty() && mode != "null") {
    if (mode != "true" && mode != "false")
      return bad_state("The state's \"use_global_cursor\" is " + shown_json(mode) + ", expected true or false.")
        .value();
    use_global = mode == "true";
  }
  if (const auto back = value_of(members, "lookback_window"); !back.empty() && back != "null") {
    auto seconds = read_lookback(back);
    if (!seconds)
      return std::move(seconds.error());
    lookback = seconds->seconds;
    lists_all = seconds->marks;
    lookback_json = lists_all ? std::to_string(lookback.count()) : std::string{back};
  }
  if (const auto parent = value_of(members, "parent_state"); !parent.empty() && parent != "null") {
    if (auto problem = check_parent_state(parent))
      return problem;
    parent_state = parent;
  }
  is_marked = lists_all;
  if (states.empty() || states == "null")
    return std::nullopt;
  auto problem = read_partitions(states);
  is_marked = lists_all;
  lists_all = lists_all
              || (!use_global && lookback > std::chrono::seconds{0} && !partitions.empty()
                  && partitions.size() < least_dropping);
  return problem;
}

} // namespace sluice
