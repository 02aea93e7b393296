#include "app/cli/options.hpp"

#include "config/language/datetime.hpp"
#include "messages/text/ascii.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace sluice::cli {

namespace {

void take_or_refuse(const std::function<std::string(const std::string&)>& take, const std::string& text) {
  if (auto problem = take(text); !problem.empty())
    throw CLI::ValidationError(problem);
}

} // namespace

option& option::required() {
  option_->required();
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

option& option::show_default() {
  option_->capture_default_str();
  return *this;
}

option& option::between(int least, int most) {
  option_->check(CLI::Range(least, most));
  return *this;
}

option& option::positive() {
  option_->check(CLI::PositiveNumber);
  return *this;
}

option& option::refuse(std::function<std::string(const std::string&)> problem) {
  option_->check(std::move(problem));
  return *this;
}

option options::text(const std::string& flag, std::string& into, const std::string& help, const std::string& type) {
  return option{app_.add_option(flag, into, help)->type_name(type)};
}

option options::argument(const std::string& name, std::string& into, const std::string& help) {
  return option{app_.add_option(name, into, help)};
}

option options::path(const std::string& flag, std::string& into, const std::string& help, const std::string& type) {
  return text(flag, into, help, type).refuse([](const std::string& name) {
    return name.empty() ? std::string{"the name is empty"} : std::string{};
  });
}

option options::number(const std::string& flag, std::uint16_t& into, const std::string& help, const std::string& type) {
  return option{app_.add_option(flag, into, help)->type_name(type)};
}

option options::number(const std::string& flag, std::uint32_t& into, const std::string& help, const std::string& type) {
  return option{app_.add_option(flag, into, help)->type_name(type)};
}

option options::number(const std::string& flag, std::uint64_t& into, const std::string& help, const std::string& type) {
  return option{app_.add_option(flag, into, help)->type_name(type)};
}

option options::flag(const std::string& flag, bool& into, const std::string& help) {
  return option{app_.add_flag(flag, into, help)};
}

option options::flag(const std::string& flag, std::function<void()> given, const std::string& help) {
  return option{app_.add_flag_callback(flag, std::move(given), help)};
}

option options::duration(const std::string& flag, std::chrono::microseconds& into, const std::string& help) {
  return parsed(flag, "DURATION", parsed_into(into, language::parse_setting_duration), help);
}

option options::parsed(const std::string& flag, const std::string& type,
                       std::function<std::string(const std::string&)> take, const std::string& help) {
  auto callback = [take = std::move(take)](const std::string& text) { take_or_refuse(take, text); };
  return option{app_.add_option_function<std::string>(flag, callback, help)->type_name(type)};
}

option options::repeated(const std::string& flag, const std::string& type,
                         std::function<std::string(const std::string&)> take, const std::string& help) {
  auto callback = [take = std::move(take)](const std::vector<std::string>& texts) {
    for (const auto& text : texts)
      take_or_refuse(take, text);
  };
  return option{
    app_.add_option_function<std::vector<std::string>>(flag, callback, help)->type_name(type)->allow_extra_args(false)};
}

option options::repeated(const std::string& flag, std::vector<std::string>& into, const std::string& help,
                         const std::string& type) {
  return option{app_.add_option(flag, into, help)->type_name(type)->allow_extra_args(false)};
}

option options::one_of(const std::string& flag, const std::vector<std::string>& words,
                       std::function<void(const std::string&)> take, const std::string& help) {
  std::string listed;
  for (const auto& word : words)
    listed += (listed.empty() ? "" : "|") + word;
  auto read = [words, listed, take = std::move(take)](const std::string& given) {
    const auto word = lower_case(given);
    if (std::find(words.begin(), words.end(), word) == words.end())
      return "'" + given + "' is not one of " + listed;
    take(word);
    return std::string{};
  };
  return parsed(flag, listed, read, help);
}

options options::at_most_one_of(const std::string& name, const std::string& help) {
  auto* group = app_.add_option_group(name, help);
  group->require_option(0, 1);
  return options{*group};
}

options options::at_least_one_of(const std::string& name, const std::string& help) {
  auto* group = app_.add_option_group(name, help);
  group->require_option(1, 0);
  return options{*group};
}

} // namespace sluice::cli
