#include "app/simulator/faults.hpp"

#include "app/simulator/random.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace sluice::simulator {

namespace {

/// What follows the name of a fault.
enum class argument : std::uint8_t { none, optional_code, status_code, duration, rate, url };

struct fault_form {
  std::string_view name;
  argument takes;
};

/// In the order of `fault_kind`.
constexpr std::array forms = {
  fault_form{"status", argument::status_code},  fault_form{"drop", argument::none},
  fault_form{"reset", argument::none},          fault_form{"truncate", argument::none},
  fault_form{"cut_chunked", argument::none},    fault_form{"reset_body", argument::none},
  fault_form{"garbage", argument::none},        fault_form{"html", argument::none},
  fault_form{"empty", argument::none},          fault_form{"error_body", argument::optional_code},
  fault_form{"no_data", argument::none},        fault_form{"stall", argument::duration},
  fault_form{"stall_body", argument::duration}, fault_form{"drip", argument::rate},
  fault_form{"bad_gzip", argument::none},       fault_form{"redirect", argument::url},
  fault_form{"foreign_link", argument::url},    fault_form{"self_link", argument::none},
};
static_assert(forms.size() == fault_kind_count);

struct word {
  std::string name;
  std::string value;
  bool has_value = false;
};

tl::unexpected<error> bad(std::string_view text, const std::string& why) {
  return fail(errc::bad_config, failure_type::config_error, "The fault rule `" + std::string{text} + "` " + why);
}

/// Splits at blanks; double quotes keep blanks together and are dropped.
expected<std::vector<word>> split_words(std::string_view text) {
  std::vector<word> result;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == ' ' || text[i] == '\t') {
      ++i;
      continue;
    }
    word w;
    bool in_quotes = false;
    for (; i < text.size() && (in_quotes || (text[i] != ' ' && text[i] != '\t')); ++i) {
      if (text[i] == '"')
        in_quotes = !in_quotes;
      else if (text[i] == '=' && !w.has_value && !in_quotes)
        w.has_value = true;
      else
        (w.has_value ? w.value : w.name) += text[i];
    }
    if (in_quotes)
      return bad(text, "has a double quote that is not closed.");
    result.push_back(std::move(w));
  }
  return result;
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number result{};
  auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (status != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return result;
}

/// `500us`, `500ms`, `1.5s`, `2m`.
std::optional<std::chrono::microseconds> parse_duration(std::string_view text) {
  double number = 0;
  auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status != std::errc{} || !std::isfinite(number) || number < 0)
    return std::nullopt;
  std::string_view unit{end, static_cast<std::size_t>(text.data() + text.size() - end)};
  double scale = unit == "us" ? 1 : unit == "ms" ? 1e3 : unit == "s" ? 1e6 : unit == "m" ? 6e7 : 0;
  if (scale == 0 || number * scale > 8.64e10)
    return std::nullopt;
  return std::chrono::microseconds{std::llround(number * scale)};
}

expected<void> read_argument(fault_rule& rule, const fault_form& form, const word& w, std::string_view text) {
  auto name = std::string{form.name};
  if (form.takes == argument::none) {
    if (w.has_value)
      return bad(text, "gives a value to `" + name + "`, which takes none.");
    return {};
  }
  if (form.takes == argument::optional_code && !w.has_value) {
    rule.code = 1050;
    return {};
  }
  switch (form.takes) {
    case argument::status_code:
    case argument::optional_code: {
      bool is_status = form.takes == argument::status_code;
      auto code = parse_number<int>(w.value);
      if (!code || *code < (is_status ? 200 : 1) || *code > (is_status ? 599 : 99'999))
        return bad(text, is_status ? "needs an HTTP status from 200 to 599, e.g. `status=503`."
                                   : "needs an error number of the API, e.g. `error_body=1010`.");
      rule.code = *code;
      return {};
    }
    case argument::duration: {
      auto duration = parse_duration(w.value);
      if (!duration)
        return bad(text, "needs a time with a unit (us, ms, s, m; at most a day), e.g. `" + name + "=5s`.");
      rule.duration = *duration;
      return {};
    }
    case argument::rate: {
      auto rate = parse_number<std::uint64_t>(w.value);
      if (!rate || *rate == 0)
        return bad(text, "needs a number of bytes a second, e.g. `drip=1000`.");
      rule.rate = *rate;
      return {};
    }
    case argument::url:
      if (w.value.find("://") == std::string::npos || w.value.find_first_of("\r\n") != std::string::npos)
        return bad(text, "needs an absolute URL, e.g. `" + name + "=http://other.example`.");
      rule.text = w.value;
      return {};
    case argument::none:
      break;
  }
  return {};
}

/// Reads a word that chooses requests or adds to a `status`. False if there is no such word.
expected<bool> read_modifier(fault_rule& rule, const word& w, std::string_view text) {
  if (w.name == "per_path") {
    if (w.has_value)
      return bad(text, "gives a value to `per_path`, which takes none.");
    rule.per_path = true;
  } else if (w.name == "path") {
    rule.path = w.value;
  } else if (w.name == "regex") {
    rule.pattern = w.value;
  } else if (w.name == "body") {
    rule.text = w.value;
  } else if (w.name == "retry_after") {
    if (w.value.find_first_of("\r\n") != std::string::npos)
      return bad(text, "has a line break in `retry_after`.");
    rule.retry_after = w.value;
  } else if (w.name == "probability") {
    auto probability = parse_number<double>(w.value);
    if (!probability || !(*probability >= 0 && *probability <= 1))
      return bad(text, "needs a probability from 0 to 1, e.g. `probability=0.05`.");
    rule.probability = *probability;
  } else if (w.name == "nth" || w.name == "every" || w.name == "after" || w.name == "times") {
    auto count = parse_number<std::uint64_t>(w.value);
    if (!count || (*count == 0 && w.name != "after"))
      return bad(text, "needs a count of at least 1, e.g. `" + w.name + "=3`.");
    if (w.name == "nth") {
      rule.after = *count - 1;
      rule.times = 1;
    } else {
      (w.name == "every" ? rule.every : w.name == "after" ? rule.after : rule.times) = *count;
    }
  } else {
    return false;
  }
  if (!w.has_value && w.name != "per_path")
    return bad(text, "needs a value for `" + w.name + "`, as in `" + w.name + "=...`.");
  return true;
}

expected<std::regex> compile(const std::string& pattern) {
  try {
    return std::regex{pattern, std::regex::ECMAScript | std::regex::optimize};
  } catch (const std::regex_error& e) {
    return fail(errc::bad_config, failure_type::config_error,
                "The fault rule's regular expression `" + pattern + "` cannot be used: " + e.what());
  }
}

bool matches(const std::regex& pattern, std::string_view text) {
  // The standard's matcher recurses for each character: a long text would take the thread's whole stack.
  text = text.substr(0, 2048);
  try {
    return std::regex_search(text.begin(), text.end(), pattern);
  } catch (const std::regex_error&) { // too complex for this text
    return false;
  }
}

} // namespace

std::string fault_names() {
  std::string result;
  for (const auto& form : forms) {
    result += result.empty() ? "" : ", ";
    result += form.name;
    switch (form.takes) {
      case argument::none:
        break;
      case argument::status_code:
        result += "=CODE";
        break;
      case argument::optional_code:
        result += "[=ID]";
        break;
      case argument::duration:
        result += "=TIME";
        break;
      case argument::rate:
        result += "=BYTES_PER_SECOND";
        break;
      case argument::url:
        result += "=URL";
        break;
    }
  }
  return result;
}

expected<fault_rule> parse_fault(std::string_view text) {
  auto words = split_words(text);
  if (!words)
    return tl::unexpected<error>(words.error());
  fault_rule rule;
  std::string_view fault;
  bool has_nth = false;
  bool has_after_or_times = false;
  std::string status_only;
  std::vector<std::string_view> seen;
  for (const auto& w : *words) {
    for (auto name : seen)
      if (name == w.name)
        return bad(text, "says `" + w.name + "` twice.");
    seen.push_back(w.name);
    has_nth |= w.name == "nth";
    has_after_or_times |= w.name == "after" || w.name == "times";
    if (w.name == "body" || w.name == "retry_after")
      status_only = w.name;
    std::size_t kind = 0;
    while (kind < forms.size() && forms[kind].name != w.name)
      ++kind;
    if (kind < forms.size()) {
      if (!fault.empty())
        return bad(text, "has two faults, `" + std::string{fault} + "` and `" + w.name + "`; write one rule for each.");
      fault = forms[kind].name;
      rule.kind = static_cast<fault_kind>(kind);
      if (auto read = read_argument(rule, forms[kind], w, text); !read)
        return tl::unexpected<error>(read.error());
      continue;
    }
    auto known = read_modifier(rule, w, text);
    if (!known)
      return tl::unexpected<error>(known.error());
    if (!*known)
      return bad(text, "has the unknown word `" + w.name + "`. Faults: " + fault_names()
                         + ". Which requests: path=, regex=, nth=, after=, every=, probability=, times=, per_path.");
  }
  if (fault.empty())
    return bad(text, "names no fault. There are: " + fault_names() + ".");
  if (has_nth && has_after_or_times)
    return bad(text, "has `nth` together with `after` or `times`, which say the same.");
  if (!status_only.empty() && rule.kind != fault_kind::status)
    return bad(text, "has `" + status_only + "`, which belongs to `status` only.");
  if (!rule.pattern.empty())
    if (auto pattern = compile(rule.pattern); !pattern)
      return tl::unexpected<error>(pattern.error());
  return rule;
}

expected<fault_plan> fault_plan::make(std::vector<fault_rule> rules, std::uint64_t seed) {
  fault_plan result;
  result.seed_ = seed;
  for (auto& rule : rules) {
    entry e;
    if (!rule.pattern.empty()) {
      auto pattern = compile(rule.pattern);
      if (!pattern)
        return tl::unexpected<error>(pattern.error());
      e.pattern = std::move(*pattern);
    }
    e.rule = std::move(rule);
    result.entries_.push_back(std::move(e));
  }
  return result;
}

std::optional<fault_rule> fault_plan::next(std::string_view target) {
  std::optional<fault_rule> result;
  for (auto& e : entries_) {
    const auto& rule = e.rule;
    if (target.find(rule.path) == std::string_view::npos || (e.pattern && !matches(*e.pattern, target)))
      continue;
    auto key = rule.per_path ? std::string{target.substr(0, target.find('?'))} : std::string{};
    auto& count = e.counters[key];
    ++count.seen;
    if (result || count.seen <= rule.after || (count.seen - rule.after) % (rule.every == 0 ? 1 : rule.every) != 0
        || (rule.times != 0 && count.fired >= rule.times))
      continue;
    if (rule.probability < 1 && static_cast<double>(mix({seed_, ++throws_}) >> 11) * 0x1p-53 >= rule.probability)
      continue;
    ++count.fired;
    result = rule;
  }
  return result;
}

} // namespace sluice::simulator
