#pragma once

#include "messages/error.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::simulator {

/// What goes wrong with an answer.
enum class fault_kind : std::uint8_t {
  /// `status=503`: this status, with the API's error object as body.
  status,
  /// `drop`: the connection is closed before any byte of an answer.
  drop,
  /// `reset`: the same with a TCP reset.
  reset,
  /// `truncate`: the body ends before its announced length, connection closed.
  truncate,
  /// `cut_chunked`: a chunked body ends in the middle of a chunk, connection closed.
  cut_chunked,
  /// `reset_body`: a TCP reset in the middle of the body.
  reset_body,
  /// `garbage`: 200 and bytes that are no JSON.
  garbage,
  /// `html`: 200 and an HTML page.
  html,
  /// `empty`: 200 and no body.
  empty,
  /// `error_body`, `error_body=1010`: 200 and the API's error object.
  error_body,
  /// `no_data`: 200 and a list body without `data`.
  no_data,
  /// `stall=5s`: nothing at all for that long, then the answer.
  stall,
  /// `stall_body=5s`: half of the body, nothing for that long, then the rest.
  stall_body,
  /// `drip=1000`: so many bytes a second.
  drip,
  /// `bad_gzip`: says gzip, but its checksum is wrong.
  bad_gzip,
  /// `redirect=http://other/`: 302 with this Location.
  redirect,
  /// `foreign_link=http://other`: links.next leads to this origin.
  foreign_link,
  /// `self_link`: links.next leads to the page itself.
  self_link,
};

/// Number of values in `fault_kind`.
inline constexpr std::size_t fault_kind_count = 18;

/// Which requests get which fault. A rule counts the requests that match it, whatever other rules do.
struct fault_rule {
  fault_kind kind = fault_kind::status;
  /// status, error_body: the HTTP status or the API's error id.
  int code = 0;
  /// stall, stall_body.
  std::chrono::microseconds duration{0};
  /// drip: bytes a second.
  std::uint64_t rate = 0;
  /// redirect, foreign_link: the URL. status: the body, instead of the API's error object.
  std::string text;
  /// status: value of a Retry-After header; none if empty.
  std::string retry_after;

  /// The request's path and query contain this text.
  std::string path;
  /// The request's path and query match this expression somewhere (ECMAScript); empty matches all.
  std::string pattern;
  /// Matching requests to let pass first.
  std::uint64_t after = 0;
  /// Of the rest only every k-th; 1 is all.
  std::uint64_t every = 1;
  /// Of those each with this probability.
  double probability = 1;
  /// At most so many times; 0 is without end.
  std::uint64_t times = 0;
  /// `after`, `every` and `times` count for each path (without query) by itself.
  bool per_path = false;
};

/// Reads one rule from words, e.g. `status=503 path=/details every=10 times=3`, `drop nth=2 per_path`,
/// `stall=5s regex=responses probability=0.05`. Exactly one word is the fault (see `fault_kind` for their forms), the
/// others say which requests: `path=`, `regex=`, `nth=K` (the K-th only: `after=K-1 times=1`), `after=`, `every=`,
/// `probability=`, `times=`, `per_path`; `status` takes `retry_after=` and `body=`. Values in double quotes may contain
/// blanks. Errors: `errc::bad_config`, naming the word and what is allowed.
expected<fault_rule> parse_fault(std::string_view text);

/// One line for `--help`: the names of all faults.
std::string fault_names();

/// Rules at work. Not thread-safe.
class fault_plan {
public:
  /// Errors: `errc::bad_config` for a regular expression that cannot be compiled.
  static expected<fault_plan> make(std::vector<fault_rule> rules, std::uint64_t seed);
  /// Counts a request and says which fault it gets, if any: the first rule that fires wins.
  std::optional<fault_rule> next(std::string_view target);

private:
  struct counter {
    std::uint64_t seen = 0;
    std::uint64_t fired = 0;
  };
  struct entry {
    fault_rule rule;
    std::optional<std::regex> pattern;
    std::map<std::string, counter, std::less<>> counters;
  };
  std::vector<entry> entries_;
  std::uint64_t seed_ = 0;
  std::uint64_t throws_ = 0;
};

} // namespace sluice::simulator
