#include "app/simulator/mutations.hpp"

#include "app/simulator/random.hpp"

#include <algorithm>
#include <array>

namespace sluice::simulator {

namespace {

/// In the order of `mutation_kind`.
constexpr std::array<std::string_view, 6> names
  = {"modify-survey", "delete-survey", "add-survey", "modify-response", "delete-response", "add-response"};

} // namespace

std::string mutation_names() {
  std::string result;
  for (auto name : names)
    result += (result.empty() ? "" : ", ") + std::string{name};
  return result;
}

expected<mutation_rule> parse_mutation(std::string_view text) {
  rule_text source{"mutation rule", text};
  auto words = split_rule(source);
  if (!words)
    return tl::unexpected<error>(words.error());
  mutation_rule rule;
  std::string_view change;
  for (const auto& w : *words) {
    if (auto name = std::find(names.begin(), names.end(), w.name); name != names.end()) {
      if (w.has_value)
        return source.bad("gives a value to `" + w.name + "`, which takes none.");
      if (!change.empty())
        return source.bad("has two changes, `" + std::string{change} + "` and `" + w.name
                          + "`; write one rule for each.");
      change = *name;
      rule.kind = static_cast<mutation_kind>(name - names.begin());
    } else if (w.name == "to") {
      if (w.value != "now" && w.value != "end")
        return source.bad("needs `to=now` or `to=end`.");
      rule.to_end = w.value == "end";
    } else if (w.name == "seed") {
      auto seed = parse_number<std::uint64_t>(w.value);
      if (!seed)
        return source.bad("needs a number, e.g. `seed=7`.");
      rule.seed = *seed;
    } else {
      auto known = read_choice(rule, w, source);
      if (!known)
        return tl::unexpected<error>(known.error());
      if (!*known)
        return source.bad("has the unknown word `" + w.name + "`. Changes: " + mutation_names()
                          + ". After which requests: path=, regex=, nth=, after=, every=, probability=, times=, "
                            "per_path. Besides: to=now|end, seed=.");
    }
  }
  if (change.empty())
    return source.bad("names no change. There are: " + mutation_names() + ".");
  if (auto good = check_choice(rule, *words, source); !good)
    return tl::unexpected<error>(good.error());
  return rule;
}

expected<mutation_plan> mutation_plan::make(std::vector<mutation_rule> rules) {
  mutation_plan result;
  for (auto& rule : rules) {
    auto trigger = request_trigger::make(rule, rule.seed);
    if (!trigger)
      return tl::unexpected<error>(trigger.error());
    result.entries_.push_back({std::move(rule), std::move(*trigger)});
  }
  return result;
}

std::vector<mutation> mutation_plan::next(std::string_view target, std::int64_t now) {
  std::vector<mutation> result;
  for (auto& e : entries_)
    if (e.trigger.next(target)) {
      mutation m;
      m.kind = e.rule.kind;
      m.dice = mix({e.rule.seed, ++e.fired});
      m.time = e.rule.to_end ? 0 : now;
      result.push_back(m);
    }
  return result;
}

} // namespace sluice::simulator
