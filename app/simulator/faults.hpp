#pragma once

#include "app/simulator/rules.hpp"
#include "messages/error.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::simulator {

/// What goes wrong with an answer.
enum class fault_kind : std::uint8_t {
  /// `status=503`: this status, with the API's error object as body.
  status,

  // -- the connection ends -----------------------------------------------------
  /// `drop`: it is closed before any byte of an answer.
  drop,
  /// `reset`: the same with a TCP reset.
  reset,
  /// `reset_head`: a TCP reset in the middle of the head.
  reset_head,
  /// `reset_body`: a TCP reset in the middle of the body.
  reset_body,
  /// `reset_chunk`: a TCP reset between two chunks.
  reset_chunk,
  /// `truncate`: the body ends before its announced length, connection closed.
  truncate,
  /// `cut_chunked`: a chunked body ends in the middle of a chunk, connection closed.
  cut_chunked,
  /// `no_last_chunk`: a chunked body ends without its last chunk, connection closed.
  no_last_chunk,
  /// `cut_close`: a body that the end of the connection ends, but too early.
  cut_close,
  /// `cut_gzip`: gzip that stops in its middle; the length says so too.
  cut_gzip,

  // -- bytes that do not fit -----------------------------------------------------
  /// `bad_gzip`: says gzip, but its checksum is wrong.
  bad_gzip,
  /// `long_length`: more bytes are announced than come, the connection stays open.
  long_length,
  /// `short_length`: more bytes come than are announced.
  short_length,
  /// `extra_answer`: behind the answer comes an empty list that nobody asked for.
  extra_answer,
  /// `bad_length`: the length is no number.
  bad_length,
  /// `two_lengths`: two lengths that differ.
  two_lengths,
  /// `length_and_chunked`: a chunked body with a length.
  length_and_chunked,
  /// `bad_chunk`: a chunk whose size is no number.
  bad_chunk,
  /// `bad_head`: the first line is not HTTP.
  bad_head,
  /// `huge_header=1MiB`: a header line of so many bytes.
  huge_header,

  // -- a whole answer, but the wrong one ---------------------------------------
  /// `garbage`: 200 and bytes that are no JSON.
  garbage,
  /// `html`: 200 and an HTML page.
  html,
  /// `empty`: 200 and no body.
  empty,
  /// `error_body`, `error_body=1010`: 200 and the API's error object.
  error_body,
  /// `huge=1GiB`: 200 and a JSON body of so many bytes, in chunks.
  huge,
  /// `gzip_bomb=1GiB`: the same, packed to a thousandth.
  gzip_bomb,
  /// `redirect=http://other/`: 302 with this Location.
  redirect,

  // -- lists ---------------------------------------------------------------------
  /// `no_data`: 200 and a list body without `data`.
  no_data,
  /// `foreign_link=http://other`: links.next leads to this origin.
  foreign_link,
  /// `self_link`: links.next leads to the page itself.
  self_link,
  /// `duplicate_page`: the rows of the page before, under this page's number; page 1 is not affected.
  duplicate_page,
  /// `short_page`: the page's second half is missing; total and links are those of the whole list.
  short_page,

  // -- time ------------------------------------------------------------------------
  /// `stall=5s`: nothing at all for that long, then the answer.
  stall,
  /// `stall_head=5s`: half of the head, nothing for that long, then the rest.
  stall_head,
  /// `stall_body=5s`: half of the body, nothing for that long, then the rest.
  stall_body,
  /// `drip=1000`: so many bytes a second.
  drip,
};

/// Number of values in `fault_kind`.
inline constexpr std::size_t fault_kind_count = 37;

/// Which requests get which fault. A rule counts the requests that match it, whatever other rules do.
struct fault_rule : request_choice {
  fault_kind kind = fault_kind::status;
  /// status, error_body: the HTTP status or the API's error id.
  int code = 0;
  /// stall, stall_head, stall_body.
  std::chrono::microseconds duration{0};
  /// drip: bytes a second.
  std::uint64_t rate = 0;
  /// huge, gzip_bomb, huge_header.
  std::uint64_t bytes = 0;
  /// redirect, foreign_link: the URL. status: the body, instead of the API's error object; HTML if it begins with `<`.
  std::string text;
  /// status: value of a Retry-After header; `date+2` means the HTTP date two seconds later. None if empty.
  std::string retry_after;
};

/// Reads one rule from words, e.g. `status=503 path=/details every=10 times=3`, `drop nth=2 per_path`,
/// `stall=5s regex=responses probability=0.05`. Exactly one word is the fault (see `fault_kind` for their forms), the
/// others say which requests (see `read_choice`; `nth=K` is `after=K-1 times=1`); `status` takes `retry_after=` and
/// `body=`. Values in double quotes may contain blanks. Errors: `errc::bad_config`, naming the word and what is
/// allowed.
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
  std::vector<std::pair<fault_rule, request_trigger>> entries_;
};

} // namespace sluice::simulator
