#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::test {

/// What a run printed on stdout, taken apart.
struct protocol_output {
  struct error_message {
    std::string stream;
    std::string failure_type;
    std::string message;
    std::string internal_message;
  };
  struct state_message {
    std::string stream;
    /// `stream_state` as compact JSON.
    std::string json;
    double record_count = 0;
    /// RECORDs of the stream before this line.
    std::size_t records_before = 0;
    /// The whole state object, as a `--state` file holds it.
    std::string envelope;
  };
  struct estimate_message {
    std::string stream;
    std::int64_t records = 0;
    std::int64_t bytes = 0;
  };
  struct log_message {
    std::string level;
    std::string message;
  };

  explicit protocol_output(const std::string& text);

  /// Without their line ends.
  std::vector<std::string> lines;
  /// Lines that are no JSON object with `type` first, among them an unfinished last one.
  std::vector<std::string> bad_lines;
  /// `data` of the RECORDs by stream, byte for byte.
  std::map<std::string, std::vector<std::string>> records;
  std::map<std::string, std::vector<std::string>> statuses;
  std::vector<state_message> states;
  std::vector<error_message> errors;
  std::vector<estimate_message> estimates;
  std::vector<log_message> logs;
  /// The configs of the CONTROL lines, JSON text.
  std::vector<std::string> configs;
  /// Status and message of the CONNECTION_STATUS.
  std::string check_status;
  std::string check_message;

  std::string last_status(const std::string& stream) const;
  /// The last state of a stream, if it has one.
  std::optional<state_message> last_state(const std::string& stream) const;
  /// A `--state` file with the last state of each stream.
  std::string state_file() const;
  /// The records of a stream in an order of their own, to compare with other sources.
  std::multiset<std::string> record_set(const std::string& stream) const;
  /// The `id`s among them.
  std::set<std::string> ids(const std::string& stream) const;
  /// All LOG and TRACE lines.
  std::string talk() const;
  /// Whether any LOG of this level contains a text.
  bool logged(std::string_view level, std::string_view text) const;
};

/// `date_modified` of a state of `surveys`; -1 if there is none.
std::int64_t cursor_of(const std::string& state_json);

/// Replaces the value of every `emitted_at` by 0.
std::string mask_times(std::string line);

} // namespace sluice::test
