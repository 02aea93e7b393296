#pragma once

#include "config/manifest/plan/plan.hpp"
#include "messages/error.hpp"
#include "messages/slice.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Appends `text`, the text of a JSON value, to `out` without what `path` leads to. `*` in the path stands for every
/// field or element. Everything else keeps its bytes; a removed field takes its comma along. A path that leads nowhere
/// changes nothing.
void append_without(std::string& out, std::string_view text, const std::vector<std::string>& path);

/// Appends `text`, the text of a JSON object, to `out` with `path` set to the JSON text `value`: in place if the field
/// exists (all of them, if a key occurs several times), else as the last field. What is missing on the way is made: a
/// list before a segment that is a number, else an object; lists are filled up with null, as in the reference.
/// Returns an empty text, or what stands in the way: a value on the path that is neither.
std::string append_with(std::string& out, std::string_view text, const std::vector<std::string>& path,
                        std::string_view value);

/// Applies an output's changes to records: ancestor fields first, then additions and removals in their order, each
/// seeing the work of those before it. Made for one page of one slice; templates that do not read `record` are
/// evaluated once.
class field_changer {
public:
  /// @param budget for what templates decode of the record at hand.
  field_changer(const output& o, const plan& p, const slice& s, std::shared_ptr<language::memory_budget> budget);

  /// True if records stay as they are.
  bool idle() const noexcept { return output_.changes.empty() && output_.ancestors.empty(); }

  /// The changed record; valid until the next call. `ancestors` are values for `output::ancestors` (empty: no such
  /// field).
  expected<std::string_view> apply(std::string_view record, const std::vector<std::string_view>& ancestors);

private:
  struct step {
    /// The addition's template reads `record`: `value` must be made for each record.
    bool per_record = false;
    /// JSON text of the added value.
    std::string value;
  };

  expected<std::string> evaluate(const field_change& change) const;

  const output& output_;
  std::shared_ptr<language::memory_budget> budget_;
  language::scope scope_;
  std::vector<step> steps_;
  bool prepared_ = false;
  std::string now_;
  std::string next_;
};

} // namespace sluice
