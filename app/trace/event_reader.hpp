#pragma once

#include "app/trace/model.hpp"

#include <simdjson.h>

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

namespace sluice::trace {

/// Makes a model of a trace's lines, one after the other.
class event_reader {
public:
  event_reader();
  /// One line of the file, without its end.
  void take(std::string_view line);
  /// Call once, after the last line.
  model finish();

private:
  using element = simdjson::dom::element;
  /// Where the two ends of an async span meet, in whatever order they come.
  struct open_span {
    bool begun = false;
    std::size_t index = 0;
    std::optional<std::int64_t> end_ns;
    std::int64_t status = 0;
    std::uint64_t bytes = 0;
    name_id error = 0;
  };
  using open_spans = std::unordered_map<std::uint64_t, open_span>;

  bool take_event(element event);
  bool take_metadata(element event, std::string_view name);
  bool take_message(element event);
  bool take_http(element event, char phase);
  bool take_quota(element event, char phase);
  bool take_output(element event, char phase);
  bool take_counter(element event);
  void take_args(message& m, std::string_view name, element args);
  std::uint32_t actor_of(std::uint64_t tid);
  name_id intern(element from, const char* key);
  void note_time(std::int64_t ns);
  /// The endpoint of a slice whose requests are not in the trace is the first word of its name.
  void name_endpoints();
  void mark_last_tries();
  void tell_stories();

  model model_;
  simdjson::dom::parser parser_;
  std::unordered_map<std::uint64_t, std::uint32_t> actors_;
  std::map<std::pair<std::string, std::string>, std::size_t> counters_;
  open_spans http_;
  open_spans quota_;
  /// Begun waits for stdout, by actor.
  std::unordered_map<std::uint32_t, std::int64_t> outputs_;
  bool timed_ = false;
};

} // namespace sluice::trace
