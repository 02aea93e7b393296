#include "app/cli/options.hpp"

#include "app/text/numbers.hpp"
#include "config/language/datetime.hpp"
#include "messages/text/ascii.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>

namespace sluice::cli {

namespace {

/// `--manifest` of `--manifest,--manifest-path`.
std::string first_name(const std::string& flag) {
  return flag.substr(0, flag.find(','));
}

void take_or_refuse(const std::string& flag, const std::function<std::string(const std::string&)>& take,
                    const std::string& text) {
  if (auto problem = take(text); !problem.empty())
    throw CLI::ValidationError(first_name(flag), problem);
}

/// `1 to 1,000`, `1 or more`; empty: any.
std::string words_of(const number_range& range, std::uint64_t most_of_type) {
  if (range.most < most_of_type)
    return count_text(range.least) + " to " + count_text(range.most);
  return range.least > 0 ? count_text(range.least) + " or more" : std::string{};
}

/// Beyond this a bound is the type's, and nobody's.
constexpr std::uint64_t endless = 1'000'000'000'000'000;

std::string range_words(const number_range& range) {
  return words_of(range, endless);
}

} // namespace

option& option::required() {
  option_->required();
  doc_->required = true;
  return *this;
}

option& option::needs(const option& other) {
  option_->needs(other.option_);
  return *this;
}

option& option::excludes(const option& other) {
  option_->excludes(other.option_);
  return *this;
}

option& option::fallback(const std::string& text) {
  doc_->fallback = text;
  return *this;
}

option& option::between(std::uint64_t least, std::uint64_t most) {
  *range_ = {least, most};
  say_range();
  return *this;
}

option& option::positive() {
  range_->least = 1;
  say_range();
  return *this;
}

void option::say_range() {
  doc_->range = range_words(*range_);
}

option& option::one() {
  option_->expected(1);
  doc_->repeated = false;
  return *this;
}

option& option::refuse(std::function<std::string(const std::string&)> problem) {
  option_->check(std::move(problem));
  return *this;
}

options& options::group(const std::string& title) {
  group_ = title;
  return *this;
}

options& options::unused() {
  group_.clear();
  return *this;
}

option_doc& options::describe(const std::string& flag, const std::string& type, const std::string& help) {
  auto& doc = *docs_.emplace_back(std::make_unique<option_doc>());
  if (flag.front() == '-')
    for (std::size_t at = 0; at < flag.size();) {
      const auto comma = std::min(flag.find(',', at), flag.size());
      doc.names.push_back(flag.substr(at, comma - at));
      at = comma + 1;
    }
  doc.value = type;
  doc.help = help;
  doc.group = group_;
  return doc;
}

option options::text(const std::string& flag, std::string& into, const std::string& help, const std::string& type) {
  return {app_.add_option(flag, into), describe(flag, type, help)};
}

option options::argument(const std::string& name, std::string& into, const std::string& help) {
  return {app_.add_option(name, into), describe(name, name, help)};
}

option options::arguments(const std::string& name, std::vector<std::string>& into, const std::string& help) {
  auto& doc = describe(name, name, help);
  doc.repeated = true;
  return {app_.add_option(name, into), doc};
}

option options::path(const std::string& flag, std::string& into, const std::string& help, const std::string& type) {
  return text(flag, into, help, type).refuse([](const std::string& name) {
    return name.empty() ? std::string{"the name is empty"} : std::string{};
  });
}

option options::whole_number(const std::string& flag, std::uint64_t most, std::function<void(std::uint64_t)> take,
                             const std::string& help, const std::string& type) {
  auto range = std::make_shared<number_range>(number_range{0, most});
  auto read = [flag, range, take = std::move(take)](const std::string& text) {
    std::uint64_t n = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (problem != std::errc{} || end != text.data() + text.size() || n < range->least || n > range->most) {
      const auto allowed = range_words(*range);
      throw CLI::ValidationError(first_name(flag), "'" + text + "' is no whole number "
                                                     + (range->most < endless ? "from " + allowed
                                                        : allowed.empty()     ? "of 0 or more"
                                                                              : "of " + allowed));
    }
    take(n);
  };
  return {app_.add_option_function<std::string>(flag, read), describe(flag, type, help), range};
}

option options::flag(const std::string& flag, bool& into, const std::string& help) {
  return {app_.add_flag(flag, into), describe(flag, {}, help)};
}

option options::flag(const std::string& flag, std::function<void()> given, const std::string& help) {
  return {app_.add_flag_callback(flag, std::move(given)), describe(flag, {}, help)};
}

option options::duration(const std::string& flag, std::chrono::microseconds& into, const std::string& help) {
  auto read = [&into](const std::string& text) {
    auto value = language::parse_setting_duration(text);
    if (!value)
      return value.error().message;
    if (value->count() < 0 || *value > std::chrono::hours{24 * 365})
      return "'" + text + "' is no duration from 0s to a year (365d)";
    into = *value;
    return std::string{};
  };
  return parsed(flag, "DURATION", read, help);
}

option options::parsed(const std::string& flag, const std::string& type,
                       std::function<std::string(const std::string&)> take, const std::string& help) {
  auto callback = [flag, take = std::move(take)](const std::string& text) { take_or_refuse(flag, take, text); };
  return {app_.add_option_function<std::string>(flag, callback), describe(flag, type, help)};
}

option options::repeated(const std::string& flag, const std::string& type,
                         std::function<std::string(const std::string&)> take, const std::string& help) {
  auto callback = [flag, take = std::move(take)](const std::vector<std::string>& texts) {
    for (const auto& text : texts)
      take_or_refuse(flag, take, text);
  };
  auto& doc = describe(flag, type, help);
  doc.repeated = true;
  return {app_.add_option_function<std::vector<std::string>>(flag, callback)->allow_extra_args(false), doc};
}

option options::repeated(const std::string& flag, std::vector<std::string>& into, const std::string& help,
                         const std::string& type) {
  auto& doc = describe(flag, type, help);
  doc.repeated = true;
  return {app_.add_option(flag, into)->allow_extra_args(false), doc};
}

option options::one_of(const std::string& flag, const std::vector<std::string>& words,
                       std::function<void(std::size_t)> take, const std::string& help) {
  std::string listed;
  for (const auto& word : words)
    listed += (listed.empty() ? "" : "|") + word;
  auto read = [words, listed, take = std::move(take)](const std::string& given) {
    const auto found = std::find(words.begin(), words.end(), lower_case(given));
    if (found == words.end())
      return "'" + given + "' is not one of " + listed;
    take(static_cast<std::size_t>(found - words.begin()));
    return std::string{};
  };
  auto result = parsed(flag, listed, read, help);
  docs_.back()->words = words;
  return result;
}

options options::at_most_one_of(const std::string& name) {
  return one_of_group(name, 0, 1);
}

options options::at_least_one_of(const std::string& name) {
  return one_of_group(name, 1, 0);
}

options options::one_of_group(const std::string& name, std::size_t least, std::size_t most) {
  auto* group = app_.add_option_group(name);
  group->require_option(least, most);
  options result{*group, docs_};
  result.group(name);
  return result;
}

} // namespace sluice::cli
