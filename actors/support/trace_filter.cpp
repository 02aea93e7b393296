#include "actors/support/trace_filter.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace sluice {

namespace {

constexpr std::string_view known_keys = "actor, from, to, message, slice";

/// `*` any text, `?` one character. Linear in practice: only the last `*` is gone back to.
bool glob(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*')
    ++p;
  return p == pattern.size();
}

bool is_glob(std::string_view pattern) {
  return pattern.find_first_of("*?") != std::string_view::npos;
}

bool matches_actor(std::string_view pattern, std::string_view kind, std::uint64_t id) {
  if (pattern.find('#') == std::string_view::npos)
    return is_glob(pattern) ? glob(pattern, kind) : pattern == kind;
  auto name = std::string{kind} + "#" + std::to_string(id);
  return glob(pattern, name);
}

bool matches_message(std::string_view pattern, std::string_view name) {
  if (is_glob(pattern))
    return glob(pattern, name);
  if (pattern == name)
    return true;
  for (std::size_t at = 0; at <= name.size();) {
    auto end = std::min(name.find('_', at), name.size());
    if (name.substr(at, end - at) == pattern)
      return true;
    at = end + 1;
  }
  return false;
}

bool matches_slice(std::string_view pattern, std::string_view label) {
  if (label.empty())
    return false;
  auto matches
    = [&label](std::string_view p) { return is_glob(p) ? glob(p, label) : label.find(p) != std::string_view::npos; };
  if (matches(pattern))
    return true;
  auto slash = pattern.find('/');
  if (slash == std::string_view::npos)
    return false;
  std::string spaced{pattern};
  spaced[slash] = ' ';
  return matches(spaced);
}

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> result;
  while (!text.empty()) {
    auto end = std::min(text.find(at), text.size());
    if (end > 0)
      result.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

auto problem(std::string text) {
  return fail(errc::bad_config, failure_type::config_error, std::move(text));
}

} // namespace

expected<trace_filter> trace_filter::parse(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, key>, 5> keys{
    {{"actor", key::actor}, {"from", key::from}, {"to", key::to}, {"message", key::message}, {"slice", key::slice}}};
  trace_filter result;
  result.text_ = text;
  for (const auto& word : split(text, ' ')) {
    auto equals = word.find('=');
    auto name = word.substr(0, std::min(equals, word.size()));
    auto found = std::find_if(keys.begin(), keys.end(), [&name](const auto& k) { return k.first == name; });
    if (equals == std::string::npos || found == keys.end())
      return problem("'" + word + "' is no term of a trace filter: write KEY=PATTERN with one of the keys "
                     + std::string{known_keys} + ".");
    auto patterns = split(word.substr(equals + 1), ',');
    if (patterns.empty())
      return problem("'" + word + "' in the trace filter has no pattern; * stands for anything.");
    result.terms_.push_back({found->second, std::move(patterns)});
  }
  return result;
}

bool trace_filter::holds(const term& t, const trace_subject& x) {
  return std::any_of(t.patterns.begin(), t.patterns.end(), [&](const std::string& p) {
    switch (t.what) {
      case key::actor:
        return matches_actor(p, x.from, x.from_id) || matches_actor(p, x.to, x.to_id);
      case key::from:
        return matches_actor(p, x.from, x.from_id);
      case key::to:
        return matches_actor(p, x.to, x.to_id);
      case key::message:
        return matches_message(p, x.message);
      case key::slice:
        return matches_slice(p, x.slice);
    }
    return false;
  });
}

bool trace_filter::shows(const trace_subject& x) const {
  return std::all_of(terms_.begin(), terms_.end(), [&x](const term& t) { return holds(t, x); });
}

expected<trace_limit> trace_limit::parse(std::string_view text) {
  trace_limit result;
  auto number = text;
  if (number.size() > 2 && number.substr(number.size() - 2) == "/s") {
    result.per_second = true;
    number.remove_suffix(2);
  }
  auto [end, failure] = std::from_chars(number.data(), number.data() + number.size(), result.messages);
  if (failure != std::errc{} || end != number.data() + number.size() || result.messages == 0)
    return problem("'" + std::string{text}
                   + "' is no limit of a trace: write 1000 for so many messages in all, or 50/s.");
  return result;
}

std::string trace_limit::text() const {
  return std::to_string(messages) + (per_second ? " messages a second" : " messages");
}

} // namespace sluice
