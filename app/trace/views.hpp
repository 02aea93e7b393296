#pragma once

#include "app/trace/model.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// The views of `sluice trace show`, each in a file of its own. All are pure: a model gives a text.
namespace sluice::trace {

struct view_options {
  /// Columns of the terminal.
  std::size_t width = 100;
  bool colour = false;
  /// Nobody looks at a terminal: tables are as wide as they need to be, and nothing in them is cut.
  bool whole_lines = false;
  /// Characters beyond ASCII may be used.
  bool utf8 = false;
};

/// What a view of something that was asked for by its name has to say.
struct answer {
  std::string text;
  /// False: there is nothing of this name, and the text says so.
  bool found = true;
};

/// Who was busy, who waited for whom; and the same for each type of message.
std::string actors_view(const model& m, const view_options& o);

/// One line a message of the slices whose name contains `text`.
answer table_view(const model& m, std::string_view text, const view_options& o);

/// A message-sequence chart of the first such slice: a lifeline an actor.
answer sequence_view(const model& m, std::string_view text, const view_options& o);

/// The same as a Mermaid `sequenceDiagram`.
answer mermaid_view(const model& m, std::string_view text);

/// The slowest requests, the longest handlers, the longest waits in mailboxes.
std::string slowest_view(const model& m, std::size_t count, const view_options& o);

/// Slices over time, at most `rows`: the most telling ones.
std::string gantt_view(const model& m, std::size_t rows, const view_options& o);

/// Where one record came from and which STATE covers it. `record` is `STREAM/KEY`.
answer why_view(const model& m, std::string_view record, const view_options& o);

/// One self-contained HTML page. `title` is the trace file's name.
std::string html_view(const model& m, std::string_view title);

} // namespace sluice::trace
