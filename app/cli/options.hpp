#pragma once

#include "app/cli/command_doc.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
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

/// Which numbers an option takes.
struct number_range {
  std::uint64_t least = 0;
  std::uint64_t most = 0;
};

/// Words and what they mean, in the order of the help.
template <class T>
using choices = std::vector<std::pair<std::string, T>>;

/// One option, to say more about it.
class option {
public:
  option(CLI::Option* o, option_doc& doc, std::shared_ptr<number_range> range = nullptr)
    : option_(o), doc_(&doc), range_(std::move(range)) {}
  option& required();
  option& needs(const option& other);
  option& excludes(const option& other);
  /// The help says what holds without it.
  option& fallback(const std::string& text);
  /// Numbers: both bounds are allowed.
  option& between(std::uint64_t least, std::uint64_t most);
  option& positive();
  /// Arguments: exactly one.
  option& one();
  /// Refuses a text with the reason that `problem` gives; empty: it is good.
  option& refuse(std::function<std::string(const std::string&)> problem);

private:
  void say_range();

  CLI::Option* option_;
  option_doc* doc_;
  std::shared_ptr<number_range> range_;
};

/// The options of a command. `flag` is `--name`, `--name,--other-name` or, for an argument without a flag, `NAME`;
/// `type` what the help shows behind it. A value that is wrong ends the program with exit code 2 and the reason.
class options {
public:
  /// @param docs takes what there is to say of them; must outlive the options.
  options(CLI::App& to, std::vector<std::unique_ptr<option_doc>>& docs) : app_(to), docs_(docs) {}

  /// What follows stands under this heading.
  options& group(const std::string& title);
  /// What follows is accepted, so that all commands of the protocol take the same flags, but this command has no use
  /// for it: the help does not show it.
  options& unused();

  option text(const std::string& flag, std::string& into, const std::string& help, const std::string& type = "FILE");
  /// An argument without a flag.
  option argument(const std::string& name, std::string& into, const std::string& help);
  /// Several of them.
  option arguments(const std::string& name, std::vector<std::string>& into, const std::string& help);
  /// Something to write. An empty name, as of a variable that is not set, must not mean in silence that nothing is
  /// wanted.
  option path(const std::string& flag, std::string& into, const std::string& help, const std::string& type = "FILE");
  /// A whole number, by default of any size that `T` has.
  template <class T>
  option number(const std::string& flag, T& into, const std::string& help, const std::string& type = "N") {
    return whole_number(
      flag, std::numeric_limits<T>::max(), [&into](std::uint64_t n) { into = static_cast<T>(n); }, help, type);
  }
  option flag(const std::string& flag, bool& into, const std::string& help);
  option flag(const std::string& flag, std::function<void()> given, const std::string& help);
  /// `30s`, `PT1M`, ...; no longer than a year.
  option duration(const std::string& flag, std::chrono::microseconds& into, const std::string& help);
  /// A text that `take` reads; it returns what is wrong with it, or nothing.
  option parsed(const std::string& flag, const std::string& type, std::function<std::string(const std::string&)> take,
                const std::string& help);
  /// The same, for an option that may be repeated.
  option repeated(const std::string& flag, const std::string& type, std::function<std::string(const std::string&)> take,
                  const std::string& help);
  option repeated(const std::string& flag, std::vector<std::string>& into, const std::string& help,
                  const std::string& type);
  /// One of a few words (`choices`), whatever their case.
  template <class T, class Words>
  option choice(const std::string& flag, T& into, const Words& words, const std::string& help) {
    std::vector<std::string> names;
    std::vector<T> meanings;
    for (const auto& [word, meaning] : words) {
      names.push_back(word);
      meanings.push_back(meaning);
    }
    return one_of(
      flag, names, [&into, meanings](std::size_t i) { into = meanings[i]; }, help);
  }
  /// Options at most, or at least, one of which may be given; `name` is their heading.
  options at_most_one_of(const std::string& name);
  options at_least_one_of(const std::string& name);

private:
  option one_of(const std::string& flag, const std::vector<std::string>& words, std::function<void(std::size_t)> take,
                const std::string& help);
  option whole_number(const std::string& flag, std::uint64_t most, std::function<void(std::uint64_t)> take,
                      const std::string& help, const std::string& type);
  options one_of_group(const std::string& name, std::size_t least, std::size_t most);
  option_doc& describe(const std::string& flag, const std::string& type, const std::string& help);

  CLI::App& app_;
  std::vector<std::unique_ptr<option_doc>>& docs_;
  std::string group_ = "Options";
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
