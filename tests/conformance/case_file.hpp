#pragma once

#include "config/language/value.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::test {

/// What cases call the scripted API; its real address takes the place of it.
inline constexpr std::string_view case_host = "api.test";

/// A case of tests/conformance: see README.md there.
struct conformance_case {
  /// A part of what is printed or asked in which we differ from the reference on purpose.
  struct difference {
    std::string what;
    std::string why;
    language::value here;
  };

  /// `family/name`.
  std::string name;
  /// The manifest with what every manifest needs, the other files for the command line; all of them JSON.
  std::string manifest;
  std::string config;
  std::string catalog;
  std::string state;
  /// What lies beside the manifest: paths and JSON texts.
  std::vector<std::pair<std::string, std::string>> files;
  /// `spec`, `check`, `discover`, `read`.
  std::vector<std::string> commands;
  /// Tuning, as `--set` takes it.
  std::vector<std::string> settings;
  /// Fields whose values tell partitions apart: records of different partitions come in any order.
  std::vector<std::string> partition_by;
  /// Headers of requests that are compared, in lower case.
  std::vector<std::string> headers;
  bool count_requests = false;
  language::value routes;
  std::vector<difference> differences;
  /// Of what the reference was given, as a recording has it.
  std::string fingerprint;
  /// Why we differ although we should not; empty if we do not.
  std::string pending;
};

/// The names of all cases, sorted.
std::vector<std::string> all_cases();

/// Reads a case, with `host:port` in place of `case_host`. Throws std::runtime_error, with the reason, for a file that
/// is no case.
conformance_case read_case(const std::string& name, const std::string& address);

/// What the reference printed and asked. Throws like `read_case`, also if the recording is of another text of the case.
language::value read_recording(const conformance_case& of);

/// Every `from` becomes `to`.
void replace_all(std::string& text, std::string_view from, std::string_view to);

/// The texts of a list; empty for anything else.
std::vector<std::string> texts_of(const language::value* list);

} // namespace sluice::test
