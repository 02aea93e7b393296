#include "app/simulator/rules.hpp"

#include "app/simulator/random.hpp"

#include <algorithm>
#include <cmath>
#include <regex>
#include <utility>

namespace sluice::simulator {

class request_pattern {
public:
  /// Throws `std::regex_error` if it is none.
  explicit request_pattern(const std::string& text) : regex_(text, std::regex::ECMAScript | std::regex::optimize) {}

  bool matches(std::string_view text) const {
    // The standard's matcher recurses for each character: a long text would take the thread's whole stack.
    text = text.substr(0, 2048);
    try {
      return std::regex_search(text.begin(), text.end(), regex_);
    } catch (const std::regex_error&) { // too complex for this text
      return false;
    }
  }

private:
  std::regex regex_;
};

namespace {

expected<std::shared_ptr<const request_pattern>> compile(const std::string& pattern) {
  try {
    return std::make_shared<const request_pattern>(pattern);
  } catch (const std::regex_error& e) {
    return fail(errc::bad_config, failure_type::config_error,
                "The rule's regular expression `" + pattern + "` cannot be used: " + e.what());
  }
}

} // namespace

tl::unexpected<error> rule_text::bad(const std::string& why) const {
  return fail(errc::bad_config, failure_type::config_error,
              "The " + std::string{what} + " `" + std::string{text} + "` " + why);
}

expected<std::vector<rule_word>> split_rule(const rule_text& rule) {
  auto text = rule.text;
  std::vector<rule_word> result;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == ' ' || text[i] == '\t') {
      ++i;
      continue;
    }
    rule_word w;
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
      return rule.bad("has a double quote that is not closed.");
    if (std::any_of(result.begin(), result.end(), [&](const rule_word& other) { return other.name == w.name; }))
      return rule.bad("says `" + w.name + "` twice.");
    result.push_back(std::move(w));
  }
  return result;
}

expected<bool> read_choice(request_choice& choice, const rule_word& w, const rule_text& rule) {
  if (w.name == "per_path") {
    if (w.has_value)
      return rule.bad("gives a value to `per_path`, which takes none.");
    choice.per_path = true;
    return true;
  }
  if (w.name == "path") {
    choice.path = w.value;
  } else if (w.name == "regex") {
    choice.pattern = w.value;
  } else if (w.name == "probability") {
    auto probability = parse_number<double>(w.value);
    if (!probability || !(*probability >= 0 && *probability <= 1))
      return rule.bad("needs a probability from 0 to 1, e.g. `probability=0.05`.");
    choice.probability = *probability;
  } else if (w.name == "nth" || w.name == "every" || w.name == "after" || w.name == "times") {
    auto count = parse_number<std::uint64_t>(w.value);
    if (!count || (*count == 0 && w.name != "after"))
      return rule.bad("needs a count of at least 1, e.g. `" + w.name + "=3`.");
    if (w.name == "nth") {
      choice.after = *count - 1;
      choice.times = 1;
    } else {
      (w.name == "every" ? choice.every : w.name == "after" ? choice.after : choice.times) = *count;
    }
  } else {
    return false;
  }
  if (!w.has_value)
    return rule.bad("needs a value for `" + w.name + "`, as in `" + w.name + "=...`.");
  return true;
}

expected<void> check_choice(const request_choice& choice, const std::vector<rule_word>& words, const rule_text& rule) {
  auto says = [&](std::string_view name) {
    return std::any_of(words.begin(), words.end(), [&](const rule_word& w) { return w.name == name; });
  };
  if (says("nth") && (says("after") || says("times")))
    return rule.bad("has `nth` together with `after` or `times`, which say the same.");
  if (!choice.pattern.empty())
    if (auto pattern = compile(choice.pattern); !pattern)
      return tl::unexpected<error>(pattern.error());
  return {};
}

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

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t shift = 0;
  for (auto [unit, bits] : {std::pair{"KiB", 10}, {"MiB", 20}, {"GiB", 30}})
    if (text.ends_with(unit)) {
      shift = static_cast<std::uint64_t>(bits);
      text.remove_suffix(3);
    }
  auto number = parse_number<std::uint64_t>(text);
  if (!number || *number > (std::uint64_t{1} << 40) >> shift)
    return std::nullopt;
  return *number << shift;
}

expected<request_trigger> request_trigger::make(request_choice choice, std::uint64_t seed) {
  request_trigger result;
  if (!choice.pattern.empty()) {
    auto pattern = compile(choice.pattern);
    if (!pattern)
      return tl::unexpected<error>(pattern.error());
    result.pattern_ = std::move(*pattern);
  }
  result.choice_ = std::move(choice);
  result.seed_ = seed;
  return result;
}

bool request_trigger::next(std::string_view target, bool free) {
  if (target.find(choice_.path) == std::string_view::npos || (pattern_ && !pattern_->matches(target)))
    return false;
  auto key = choice_.per_path ? std::string{target.substr(0, target.find('?'))} : std::string{};
  auto& count = counters_[key];
  ++count.seen;
  if (!free || count.seen <= choice_.after
      || (count.seen - choice_.after) % std::max<std::uint64_t>(1, choice_.every) != 0
      || (choice_.times != 0 && count.fired >= choice_.times))
    return false;
  if (choice_.probability < 1 && static_cast<double>(mix({seed_, ++throws_}) >> 11) * 0x1p-53 >= choice_.probability)
    return false;
  ++count.fired;
  return true;
}

} // namespace sluice::simulator
