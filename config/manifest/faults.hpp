#pragma once

#include "messages/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Something in a manifest that is wrong or not supported, or a config value that does not fit where it is used.
struct manifest_fault {
  /// Where it is: `streams[2].retriever.paginator`; empty: in the manifest as a whole.
  std::string path;
  /// What is wrong there, without a full stop.
  std::string what;
  /// From 1; 0 if unknown.
  int line = 0;
  /// bad_manifest, bad_template or bad_config.
  errc code = errc::bad_manifest;
  std::string internal_message = {};
  /// The reference has it, but it is not supported here.
  bool is_gap = false;
  /// It keeps this one stream from being read, and those below it, as in the reference: others do not need to wait.
  bool is_of_stream = false;
};

/// Adds a fault unless the list has it: what several references lead to is one place in the file. Of very many only the
/// first are kept.
void add_fault(std::vector<manifest_fault>& list, manifest_fault x);

/// `at a: ...`, or `1) at a: ...; 2) at b: ...`: each with path and line; of very many the first, and how many there
/// are.
std::string text_of(const std::vector<manifest_fault>& faults);

/// One error that names every fault, as `text_of` does. A fault
/// of the manifest goes before those of the config; its code is the error's.
error error_of(std::string_view origin, const std::vector<manifest_fault>& faults);

} // namespace sluice
