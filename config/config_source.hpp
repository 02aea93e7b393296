#pragma once

#include "messages/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Where a command's config comes from: a file, standard input (`-`), variables of the environment, or those on top of
/// one of the others.
struct config_source {
  /// Empty: none.
  std::string path;
  /// What the names of the variables begin with; empty: none are read.
  std::string prefix;

  /// It can be written to: what changes for good is kept in it.
  bool is_file() const noexcept { return !path.empty() && path != "-" && prefix.empty(); }
};

/// A config's JSON text, from its brace on.
/// @param environment `NAME=value`, in any order.
/// @param connection_specification says what the variables mean; JSON schema, as text.
///
/// Errors: those of `read_text_file`, `read_config_object` and `with_environment`.
expected<std::string> read_config(const config_source& from, const std::vector<std::string>& environment,
                                  std::string_view connection_specification);

} // namespace sluice
