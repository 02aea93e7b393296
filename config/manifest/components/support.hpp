#pragma once

// What the parts of the plan compiler share. Private to config/manifest.

#include "config/manifest/compile.hpp"
#include "config/manifest/components/fields.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::compiling {

/// One compilation. Faults are collected; once there is one, results are not used.
class context {
public:
  context(const manifest& m, const compile_input& input) : manifest_{m}, input_{input} {}

  const manifest& source() const noexcept { return manifest_; }
  const compile_input& input() const noexcept { return input_; }
  bool failed() const noexcept { return !faults_.empty(); }
  const std::vector<manifest_fault>& faults() const noexcept { return faults_; }

  /// Something in the manifest is wrong or not supported.
  void refuse(const field_ref& field, const std::string& what);
  void refuse(const component_view& c, const std::string& what);
  /// The same for a place without a view: its line is not known.
  void refuse(const std::string& path, const std::string& what);
  /// A config value does not fit where the manifest uses it.
  void refuse_config(const field_ref& field, const std::string& what);
  void refuse_config(const component_view& c, const std::string& what);
  /// The same where only the stream at hand, and those below it, cannot be read.
  void refuse_stream(const field_ref& field, const std::string& what);

  /// What was found before.
  void refuse(const manifest_fault& fault) { add(fault); }

  /// Renders a field that sees `config` and `parameters` only.
  std::string fixed(const text_ref& field);
  /// The same, but what its text means: a list, a number, ... Nothing if that is refused.
  std::optional<value> fixed_value(const text_ref& field);
  /// The same for a text that stands somewhere in `field`; `path` is its own place.
  std::optional<value> fixed_value(const field_ref& field, const std::string& source, const std::string& path);
  std::string fixed_text(const field_ref& field, const std::string& source, const std::string& path);
  std::string fixed_text(const field_ref& field, const std::string& source) {
    return fixed_text(field, source, field.path());
  }
  /// A `fixed` whole number in [least, most]; nothing if the field is missing.
  std::optional<std::int64_t> fixed_integer(const text_ref& field, std::int64_t least,
                                            std::int64_t most = std::numeric_limits<std::int64_t>::max());
  /// A `fixed` non-negative number of seconds (may have a fraction).
  std::optional<double> fixed_number(const text_ref& field);

  /// A template that may see `variables` at run time, besides `config` and `parameters`. These are known only here: the
  /// template takes them along, or is rendered now if it uses them and nothing of run time. Others stay as written: a
  /// plan can be shown without showing the config's secrets.
  text_template dynamic(const text_ref& field, const std::vector<std::string>& variables) {
    return dynamic(field, field.text(), field.path(), variables);
  }
  /// The same for a text made of `field`, or that stands somewhere in it; `path` is its own place.
  text_template dynamic(const field_ref& field, std::string_view source, const std::vector<std::string>& variables) {
    return dynamic(field, source, field.path(), variables);
  }
  text_template dynamic(const field_ref& field, std::string_view source, const std::string& path,
                        const std::vector<std::string>& variables);
  /// A condition that may see `variables`, `config` and `parameters`.
  std::optional<condition> dynamic_condition(const text_ref& field, std::vector<std::string> variables);

private:
  language::scope fixed_scope(const field_ref& field) const;
  static value parameters_of(const field_ref& field);
  std::optional<text_template> parse(const field_ref& field, std::string_view source, const std::string& path,
                                     const std::vector<std::string>& variables);
  void refuse_template(const field_ref& field, const std::string& path, const error& why);
  void add(manifest_fault x);
  int line_of(const value& component) const noexcept { return manifest_.lines.find(component); }

  const manifest& manifest_;
  const compile_input& input_;
  std::vector<manifest_fault> faults_;
};

/// True if there is something to render in `source`.
bool is_template(std::string_view source);
/// A number that would make a long list of nulls of a path whose list is not there.
bool is_far_position(const std::string& segment);
/// A path as it is written, for what takes patterns: at most one `**`, which may stand for any number of segments.
std::vector<std::string> checked_path(context& x, const field_ref& field, std::vector<std::string> path,
                                      bool any_depth);
/// True if `pattern` compiles as RE2; otherwise `why` tells.
bool is_pattern(const std::string& pattern, std::string& why);

} // namespace sluice::compiling
