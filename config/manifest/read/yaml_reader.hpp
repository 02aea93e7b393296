#pragma once

#include "config/language/value.hpp"
#include "messages/error.hpp"

#include <string_view>
#include <unordered_map>

namespace sluice {

/// Lines (from 1) of the dicts and lists of a document, by identity of the shared node.
class line_table {
public:
  void set(const language::value& x, int line);
  /// 0 if unknown.
  int find(const language::value& x) const noexcept;

private:
  std::unordered_map<const void*, int> lines_;
};

/// A parsed YAML document. Aliases share their nodes.
struct yaml_document {
  language::value root;
  line_table lines;
};

/// A manifest has fewer nodes than this, also after aliases, references and parameters are expanded; more is refused,
/// so that a small file cannot use up time and memory.
inline constexpr std::size_t max_manifest_nodes = 1'000'000;

/// What a copy of `x` alone counts: a long text is as much work as many nodes.
inline std::size_t nodes_of_text(std::string_view text) noexcept {
  constexpr std::size_t bytes_a_node = 64;
  return 1 + text.size() / bytes_a_node;
}
inline std::size_t nodes_of(const language::value& x) noexcept {
  const auto* text = x.as_string();
  return text == nullptr ? 1 : nodes_of_text(*text);
}

/// How deep a manifest may be nested, references included.
inline constexpr std::size_t max_manifest_depth = 128;

/// Parses one YAML document with the scalars of YAML 1.1 as PyYAML's `safe_load` reads them: `yes` and `on` are
/// booleans, `0o17` is text, `017` is octal, `1:30` is 90. Dates stay text. Merge keys work, of equal keys the last
/// wins, keys that are no text become text. Errors are `errc::bad_manifest` and name `origin` and the line.
expected<yaml_document> read_yaml(std::string_view text, std::string_view origin);

/// What PyYAML makes of a plain scalar.
language::value resolve_plain_scalar(std::string_view text);

} // namespace sluice
