#pragma once

#include "config/connector_config.hpp"
#include "config/manifest/manifest.hpp"
#include "messages/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Something in a manifest, or in a config for it, that its author should know.
struct finding {
  enum class weight : std::uint8_t { warning, error };
  weight how = weight::error;
  /// Where it is: `streams[2].retriever.paginator`; empty: not known, or in the file as a whole.
  std::string path;
  /// From 1; 0: not known.
  int line = 0;
  std::string what;
  /// What was meant, or what to do; empty: nothing can be said.
  std::string suggestion;
};

/// What can be read of a stream.
struct stream_verdict {
  enum class state : std::uint8_t {
    runs,
    /// It uses what only the reference, the Python CDK, has: Python code, or a component that is not supported here.
    needs_python,
    /// It is wrong for the reference as well.
    cannot,
  };
  std::string name;
  state what = state::runs;
  /// Why it is not read here.
  std::vector<finding> reasons;
};

struct validation {
  /// What concerns the whole manifest, `check` or the config, and warnings; in the order of their lines.
  std::vector<finding> findings;
  std::vector<stream_verdict> streams;

  std::size_t errors() const;
  std::size_t warnings() const;
};

std::string_view to_string(stream_verdict::state x) noexcept;

/// Looks at a manifest without any request. Without a config one is made up, as the specification says, so that
/// templates can be looked at; what it does not fit is not held against anybody.
validation validate(const manifest& m, const connector_config* config);
/// What is wrong with a manifest that cannot be loaded.
validation validation_of(const error& problem, const std::vector<manifest_fault>& faults);

std::string validation_text(const std::string& origin, const validation& x);
std::string validation_json(const std::string& origin, const validation& x);

} // namespace sluice
