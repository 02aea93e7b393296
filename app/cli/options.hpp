#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
class Option;
} // namespace CLI

/// How commands declare their options: the little of CLI11 that we use, so that its header, which takes long to
/// compile, is read once.
namespace sluice::cli {

/// One option, to say more about it.
class option {
public:
  explicit option(CLI::Option* o) : option_(o) {}
  option& required();
  option& needs(const option& other);
  option& excludes(const option& other);
  /// The help shows what its variable holds now.
  option& show_default();
  /// Numbers: both bounds are allowed.
  option& between(int least, int most);
  option& positive();
  /// Refuses a text with the reason that `problem` gives; empty: it is good.
  option& refuse(std::function<std::string(const std::string&)> problem);

private:
  CLI::Option* option_;
};

/// The options of a command. `flag` is `--name`, `--name,--other-name` or, for an argument without a flag, `NAME`;
/// `type` what the help shows behind it. A value that is wrong ends the program with exit code 2 and the reason.
class options {
public:
  explicit options(CLI::App& to) : app_(to) {}

  option text(const std::string& flag, std::string& into, const std::string& help, const std::string& type = "FILE");
  /// An argument without a flag, and without a type in the help.
  option argument(const std::string& name, std::string& into, const std::string& help);
  /// Something to write. An empty name, as of a variable that is not set, must not mean in silence that nothing is
  /// wanted.
  option path(const std::string& flag, std::string& into, const std::string& help, const std::string& type = "FILE");
  option number(const std::string& flag, std::uint16_t& into, const std::string& help, const std::string& type = "N");
  option number(const std::string& flag, std::uint32_t& into, const std::string& help, const std::string& type = "N");
  option number(const std::string& flag, std::uint64_t& into, const std::string& help, const std::string& type = "N");
  option flag(const std::string& flag, bool& into, const std::string& help);
  option flag(const std::string& flag, std::function<void()> given, const std::string& help);
  /// `30s`, `PT1M`, ...
  option duration(const std::string& flag, std::chrono::microseconds& into, const std::string& help);
  /// A text that `take` reads; it returns what is wrong with it, or nothing.
  option parsed(const std::string& flag, const std::string& type, std::function<std::string(const std::string&)> take,
                const std::string& help);
  /// The same, for an option that may be repeated.
  option repeated(const std::string& flag, const std::string& type, std::function<std::string(const std::string&)> take,
                  const std::string& help);
  option repeated(const std::string& flag, std::vector<std::string>& into, const std::string& help,
                  const std::string& type);
  /// One of a few words, whatever their case.
  template <class T>
  option choice(const std::string& flag, T& into, const std::map<std::string, T>& words, const std::string& help) {
    std::vector<std::string> names;
    for (const auto& [word, meaning] : words)
      names.push_back(word);
    return one_of(
      flag, names, [&into, &words](const std::string& word) { into = words.at(word); }, help);
  }
  /// Options at most one of which may be given.
  options at_most_one_of(const std::string& name, const std::string& help);
  /// Options at least one of which must be given.
  options at_least_one_of(const std::string& name, const std::string& help);

private:
  option one_of(const std::string& flag, const std::vector<std::string>& words,
                std::function<void(const std::string&)> take, const std::string& help);

  CLI::App& app_;
};

/// Takes what a parser of ours makes of a text (`expected`): for `options::parsed`.
template <class T, class Parse>
std::function<std::string(const std::string&)> parsed_into(T& into, Parse parse) {
  return [&into, parse](const std::string& text) {
    auto value = parse(text);
    if (!value)
      return value.error().message;
    into = std::move(*value);
    return std::string{};
  };
}

} // namespace sluice::cli
