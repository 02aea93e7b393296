#include "config/tuning.hpp"

#include "config/files.hpp"
#include "config/language/datetime.hpp"
#include "config/nearest.hpp"
#include "config/tuning_file.hpp"
#include "messages/text/durations.hpp"
#include "messages/text/json_text.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <utility>
#include <variant>

namespace sluice {

namespace {

using std::chrono::microseconds;

/// The member that a key sets.
using field = std::variant<std::uint32_t*, std::uint64_t*, std::optional<std::uint64_t>*, microseconds*, std::string*,
                           on_exhausted*, on_missing_rows*, schema_style*>;

enum class unit : std::uint8_t { count, size, duration, path, choice };

constexpr std::string_view to_string(unit u) {
  constexpr std::array<std::string_view, 5> names{"count", "size", "duration", "path", "choice"};
  return names[static_cast<std::size_t>(u)];
}

/// A key: where its value lives, what it may be, what it does. Limits count in units, bytes or microseconds.
struct binding {
  std::string_view name;
  unit kind;
  field (*member)(tuning&);
  std::uint64_t lowest;
  std::uint64_t highest;
  std::string_view effect;
  /// choice: the allowed words, in the order of the enumerators.
  std::array<std::string_view, 3> words = {};
};

constexpr std::uint64_t kib = 1 << 10;
constexpr std::uint64_t gib = 1 << 30;
constexpr std::uint64_t millisecond = 1000;
constexpr std::uint64_t second = 1000 * millisecond;
constexpr std::uint64_t minute = 60 * second;
constexpr std::uint64_t hour = 60 * minute;
constexpr std::uint64_t day = 24 * hour;

constexpr std::array bindings = {
  binding{"fetchers.pool_size", unit::count, [](tuning& t) -> field { return &t.fetchers.pool_size; }, 1, 1000,
          "Fetchers that work at once, each with its own connection; num_workers of the connector config wins."},
  binding{"fetchers.max_pool_size", unit::count, [](tuning& t) -> field { return &t.fetchers.max_pool_size; }, 1, 1000,
          "Upper bound of the pool; a larger request is capped with a warning."},
  binding{
    "emitter.mailbox_bytes", unit::size, [](tuning& t) -> field { return &t.emitter.mailbox_bytes; }, 64 * kib, 4 * gib,
    "Bytes fetched but not yet written; when they are used up, no further page is requested. Unless it is set, it "
    "grows with a pool above 204: 40KiB for each fetcher, up to a third of memory.limit."},
  binding{"fan_out.mailbox", unit::count, [](tuning& t) -> field { return &t.fan_out.mailbox; }, 1, 10000000,
          "Parent records that wait for their child requests; when it is full, no further parent page is requested."},
  binding{"slice_generator.lookahead", unit::count, [](tuning& t) -> field { return &t.slice_generator.lookahead; }, 1,
          100000, "Slices that are made ahead of their requests."},
  binding{"http.connect_timeout", unit::duration, [](tuning& t) -> field { return &t.http.connect_timeout; },
          millisecond, hour, "Longest time for a connection to be made, TLS included."},
  binding{"http.read_timeout", unit::duration, [](tuning& t) -> field { return &t.http.read_timeout; }, millisecond,
          hour, "Longest time without a byte from the server."},
  binding{"http.total_timeout", unit::duration, [](tuning& t) -> field { return &t.http.total_timeout; }, millisecond,
          day, "Longest time for one whole request, body included."},
  binding{"http.max_body_bytes", unit::size, [](tuning& t) -> field { return &t.http.max_body_bytes; }, kib, 2 * gib,
          "Largest response body, unpacked; a larger one fails its slice."},
  binding{"http.max_retries", unit::count, [](tuning& t) -> field { return &t.http.max_retries; }, 0, 100,
          "Retries of one page after its first try; an error handler of the manifest may say otherwise."},
  binding{"http.max_retry_time", unit::duration, [](tuning& t) -> field { return &t.http.max_retry_time; }, 0, day,
          "Longest time that one page may be retried, waits included."},
  binding{"http.ca_file", unit::path, [](tuning& t) -> field { return &t.http.ca_file; }, 0, 4096,
          "File with PEM certificates to trust instead of the system's; empty: the system's."},
  binding{
    "http.io_threads", unit::count, [](tuning& t) -> field { return &t.http.io_threads; }, 1, 64,
    "Threads on which all connections are waited for and pages read; no more than there are processors are used."},
  binding{"budget.window", unit::duration, [](tuning& t) -> field { return &t.budget.window; }, millisecond, day,
          "Length of the account's minute; only a simulator uses another."},
  binding{"quota.on_exhausted",
          unit::choice,
          [](tuning& t) -> field { return &t.quota.on_exhausted; },
          0,
          0,
          "When the day's quota is used up: stop ends the run with exit code 3, wait waits until it comes back, finish "
          "ends the run with exit code 0 and a warning; on_quota of the connector config and --on-quota say the same.",
          {"stop", "wait", "finish"}},
  binding{
    "catalog.schemas",
    unit::choice,
    [](tuning& t) -> field { return &t.catalog.schemas; },
    0,
    0,
    "How discover prints schemas: as the manifest has them, or complete, with the properties and items that Singer's "
    "tools need.",
    {"as_written", "complete"}},
  binding{"errors.slice_retries", unit::count, [](tuning& t) -> field { return &t.errors.slice_retries; }, 0, 100,
          "How often a failed slice is tried again after everything else, before it counts as failed."},
  binding{"errors.max_failed_slices", unit::count, [](tuning& t) -> field { return &t.errors.max_failed_slices; }, 0,
          1000000, "A stream with more failed slices is given up: the rest of its slices is not requested."},
  binding{"errors.max_failures_in_a_row", unit::count,
          [](tuning& t) -> field { return &t.errors.max_failures_in_a_row; }, 1, 1000000,
          "An endpoint whose requests fail so often, with no good answer in between, is given up."},
  binding{"errors.max_empty_pages", unit::count, [](tuning& t) -> field { return &t.errors.max_empty_pages; }, 1,
          1000000, "A list with more pages without rows in a row fails its slice: it would be read for ever."},
  binding{"errors.on_missing_rows",
          unit::choice,
          [](tuning& t) -> field { return &t.errors.on_missing_rows; },
          0,
          0,
          "When a list's pages hold fewer rows than the server says it has: fail the slice, or accept what came.",
          {"fail", "accept"}},
  binding{"state.interval", unit::duration, [](tuning& t) -> field { return &t.state.interval; }, millisecond, day,
          "How often a state that moves within a slice is printed; the end of a slice prints it at once."},
  binding{"state.max_bytes_per_second", unit::size, [](tuning& t) -> field { return &t.state.max_bytes_per_second; },
          kib, gib, "What STATE lines may take of the output, on average; the final states are always printed."},
  binding{"state.heartbeat", unit::duration, [](tuning& t) -> field { return &t.state.heartbeat; }, 0, day,
          "While a quota holds up the run: how often an unchanged STATE is printed as a sign of life; 0s: never."},
  binding{
    "memory.limit", unit::size, [](tuning& t) -> field { return &t.memory.limit; }, 16 * kib* kib, 1024 * gib,
    "What pages in the fetchers' hands may take together, and resident memory above which only one page at a time is "
    "requested until some is free again."},
  binding{"shutdown.grace", unit::duration, [](tuning& t) -> field { return &t.shutdown.grace; }, 0, hour,
          "After a stop signal: how long requests in flight may take before they are cut off."},
  binding{"watchdog.stall", unit::duration, [](tuning& t) -> field { return &t.watchdog.stall; }, 0, day,
          "A run in which nothing moves for that long beyond legitimate waits ends with exit code 4; 0s: never."},
  binding{"trace.max_bytes", unit::size, [](tuning& t) -> field { return &t.trace.max_bytes; }, kib, 1024 * gib,
          "Size of the file of --trace beyond which the trace switches itself off; the run goes on."},
};

/// In the largest unit that leaves no rest.
std::string format(std::uint64_t x, unit kind) {
  using unit_name = std::pair<std::uint64_t, std::string_view>;
  constexpr std::array<unit_name, 4> sizes{{{gib, "GiB"}, {kib * kib, "MiB"}, {kib, "KiB"}, {1, "B"}}};
  if (kind == unit::duration)
    return exact_duration_text(microseconds{static_cast<microseconds::rep>(x)});
  if (kind == unit::size && x > 0)
    for (auto [factor, name] : sizes)
      if (x % factor == 0)
        return std::to_string(x / factor) + std::string{name};
  return std::to_string(x) + (kind == unit::size ? "B" : "");
}

std::vector<std::string_view> words_of(const binding& b) {
  std::vector<std::string_view> result;
  for (auto word : b.words)
    if (!word.empty())
      result.push_back(word);
  return result;
}

std::string range_text(const binding& b) {
  if (b.kind == unit::path)
    return "at most " + std::to_string(b.highest) + " bytes";
  if (b.kind == unit::choice)
    return (b.words[2].empty() ? std::string{b.words[0]} : std::string{b.words[0]} + ", " + std::string{b.words[1]})
           + " or " + std::string{b.words[2].empty() ? b.words[1] : b.words[2]};
  return format(b.lowest, b.kind) + " to " + format(b.highest, b.kind);
}

struct printer {
  const binding& key;
  std::string operator()(const std::uint32_t* x) const { return format(*x, key.kind); }
  std::string operator()(const std::uint64_t* x) const { return format(*x, key.kind); }
  std::string operator()(const std::optional<std::uint64_t>* x) const {
    return format(x->value_or(least_mailbox_bytes), key.kind);
  }
  std::string operator()(const microseconds* x) const {
    return format(static_cast<std::uint64_t>(x->count()), key.kind);
  }
  std::string operator()(const std::string* x) const { return json_string(*x); }
  template <class Choice>
  std::string operator()(const Choice* x) const {
    return std::string{key.words[static_cast<std::size_t>(*x)]};
  }
};

/// Stores a number that is within the key's range; of a choice the number of its word.
struct storer {
  std::uint64_t number;
  void operator()(std::uint32_t* x) const { *x = static_cast<std::uint32_t>(number); }
  void operator()(std::uint64_t* x) const { *x = number; }
  void operator()(std::optional<std::uint64_t>* x) const { *x = number; }
  void operator()(microseconds* x) const { *x = microseconds{static_cast<microseconds::rep>(number)}; }
  template <class Choice>
  void operator()(Choice* x) const {
    *x = static_cast<Choice>(number);
  }
  void operator()(std::string*) const {
    // nop: paths are stored as they are
  }
};

/// The value as a number, or nothing if it is not written as its unit asks. What does not fit counts as too large.
std::optional<std::uint64_t> parse_number(const std::string& text, unit kind) {
  if (kind == unit::duration) {
    auto x = language::parse_setting_duration(text);
    return x && x->count() >= 0 ? std::optional{static_cast<std::uint64_t>(x->count())} : std::nullopt;
  }
  if (kind == unit::size) {
    auto x = language::parse_setting_bytes(text);
    return x ? std::optional{*x} : std::nullopt;
  }
  std::uint64_t result = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (text.empty() || end != text.data() + text.size() || code == std::errc::invalid_argument)
    return std::nullopt;
  return code == std::errc{} ? result : std::numeric_limits<std::uint64_t>::max();
}

std::string_view expected_words(unit kind) {
  switch (kind) {
    case unit::count:
      return "a whole number like 10";
    case unit::size:
      return "a size with its unit like 64KiB or 8MiB";
    case unit::duration:
      return "a duration with its unit like 500ms, 30s or 2m";
    case unit::choice:
      return "one of its words";
    case unit::path:
      break;
  }
  return "a path";
}

std::string shown(std::string_view text) {
  return json_string(utf8_prefix(text, 100));
}

std::string unknown_key(std::string_view key) {
  std::vector<std::string_view> names;
  std::transform(bindings.begin(), bindings.end(), std::back_inserter(names), [](const auto& b) { return b.name; });
  auto result = shown(key) + " is not a known key";
  if (auto near = nearest(key, names); !near.empty())
    return result + "; did you mean " + std::string{near} + "?";
  result += "; known are";
  for (auto name : names)
    result += (name == names.front() ? " " : ", ") + std::string{name};
  return result;
}

bool is_section(std::string_view key) {
  return std::any_of(bindings.begin(), bindings.end(), [key](const binding& b) {
    return b.name.size() > key.size() && b.name[key.size()] == '.' && b.name.substr(0, key.size()) == key;
  });
}

/// Applies one setting; what is wrong with it, or nothing.
std::optional<std::string> apply(tuning& t, const detail::setting& s) {
  auto b = std::find_if(bindings.begin(), bindings.end(), [&s](const auto& x) { return x.name == s.key; });
  if (b == bindings.end()) {
    // A section whose keys are all commented out.
    if (!s.has_value && is_section(s.key))
      return std::nullopt;
    return unknown_key(s.key);
  }
  auto name = std::string{b->name};
  if (!s.has_value)
    return name + " has no value; write " + std::string{expected_words(b->kind)} + ", or leave the key out";
  if (b->kind == unit::path) {
    if (s.text.size() > b->highest || s.text.find('\0') != std::string::npos)
      return name + " is not a usable path: " + range_text(*b) + ", without NUL characters";
    *std::get<std::string*>(b->member(t)) = s.text;
    return std::nullopt;
  }
  if (b->kind == unit::choice) {
    const auto word = std::find(b->words.begin(), b->words.end(), s.text);
    if (word == b->words.end() || word->empty())
      return name + ": " + shown(s.text) + " is not allowed; allowed is " + range_text(*b);
    std::visit(storer{static_cast<std::uint64_t>(word - b->words.begin())}, b->member(t));
    return std::nullopt;
  }
  auto number = parse_number(s.text, b->kind);
  if (!number)
    return name + ": expected " + std::string{expected_words(b->kind)} + ", found " + shown(s.text);
  if (*number < b->lowest || *number > b->highest)
    return name + ": " + shown(s.text) + " is out of range; allowed is " + range_text(*b);
  std::visit(storer{*number}, b->member(t));
  return std::nullopt;
}

tl::unexpected<error> invalid(const std::string& where, const std::string& what) {
  return fail(errc::bad_tuning, failure_type::config_error,
              where + " is not valid: " + what + (what.back() == '?' ? "" : "."));
}

} // namespace

std::vector<tuning_key> tuning_keys() {
  tuning defaults;
  std::vector<tuning_key> result;
  result.reserve(bindings.size());
  for (const auto& b : bindings)
    result.push_back({b.name, std::visit(printer{b}, b.member(defaults)), to_string(b.kind), range_text(b), b.effect,
                      b.lowest, b.highest, words_of(b)});
  return result;
}

std::vector<tuning_override> overrides_of_variable(std::string_view name, std::string_view value) {
  constexpr std::string_view separators = ", \t\r\n";
  std::vector<tuning_override> result;
  while (!value.empty()) {
    const auto end = std::min(value.find_first_of(separators), value.size());
    if (end > 0)
      result.emplace_back(std::string{value.substr(0, end)}, "the environment variable " + std::string{name});
    value.remove_prefix(std::min(end + 1, value.size()));
  }
  return result;
}

namespace {

/// Where an unset key's value comes from.
std::string default_origin(const binding& b, tuning& t) {
  return std::holds_alternative<std::optional<std::uint64_t>*>(b.member(t)) ? "default; grows with the pool"
                                                                            : "default";
}

/// `--set` of `the option --set`.
std::string short_name(std::string_view origin) {
  for (std::string_view kind : {"the option ", "the environment variable ", "the "})
    if (origin.starts_with(kind)) {
      origin.remove_prefix(kind.size());
      break;
    }
  return std::string{origin.substr(0, origin.find(','))};
}

} // namespace

expected<tuning> load_tuning(const std::string& path, const std::vector<tuning_override>& overrides,
                             std::vector<tuning_value>* values) {
  tuning result;
  std::map<std::string, std::string, std::less<>> origins;
  if (!path.empty()) {
    auto file = "The tuning file " + json_string(path);
    auto text = read_text_file(path, "tuning file", max_tuning_bytes);
    if (!text)
      return tl::unexpected<error>(text.error());
    auto settings = detail::read_settings(*text);
    if (!settings) {
      auto e = settings.error();
      e.message = file + " is not valid: " + e.message + ".";
      return tl::unexpected<error>(std::move(e));
    }
    for (const auto& s : *settings) {
      if (auto fault = apply(result, s))
        return invalid(file, s.place + ": " + *fault);
      origins[s.key] = path + ", " + s.place;
    }
  }
  for (const auto& x : overrides) {
    auto where = x.origin + " " + shown(x.text);
    where.front() = 'T'; // of `the`: it begins the sentence
    auto equals = x.text.find('=');
    if (equals == std::string::npos)
      return invalid(where, "expected key=value");
    if (auto fault = apply(result, {x.text.substr(0, equals), x.text.substr(equals + 1), true, x.origin}))
      return invalid(where, *fault);
    origins[x.text.substr(0, equals)] = short_name(x.origin);
  }
  if (values != nullptr)
    for (const auto& b : bindings) {
      const auto origin = origins.find(b.name);
      const bool is_set = origin != origins.end();
      values->push_back({b.name, std::visit(printer{b}, b.member(result)),
                         is_set ? origin->second : default_origin(b, result), is_set});
    }
  return result;
}

} // namespace sluice
