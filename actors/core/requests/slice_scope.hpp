#pragma once

#include "config/manifest/plan/plan.hpp"
#include "messages/page.hpp"
#include "messages/slice.hpp"

#include <optional>
#include <string>

namespace sluice {

/// The variables that templates see for this slice, which must outlive them: `config`, and `stream_slice` with its
/// other names `stream_partition` and `stream_interval`, which all hold the partition and the bounds of the window.
language::scope slice_scope(const plan& p, const slice& s);

/// A token as a value: the number, list or other literal that it is, if that is written just so, else its text.
language::value token_value(const std::string& token);

/// A page's variables, made when a template first asks for them: most templates are literals.
class request_scope {
public:
  /// @param token that the page is asked for with; empty: none.
  /// @param config as it is by now; null: that of the plan.
  request_scope(const plan& p, const slice& s, const std::string& token, const language::value* config)
    : plan_{p}, slice_{s}, token_{token}, config_{config} {}

  /// What `t` needs to be rendered.
  const language::scope& operator()(const text_template& t) { return t.is_literal() ? empty_ : all(); }
  const language::scope& all();

private:
  const plan& plan_;
  const slice& slice_;
  const std::string& token_;
  const language::value* config_;
  language::scope empty_;
  std::optional<language::scope> made_;
};

} // namespace sluice
