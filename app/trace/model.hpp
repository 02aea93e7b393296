#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

/// A trace file, read: what the views of `sluice trace show` are made from. docs/tracing.md describes the file.
namespace sluice::trace {

/// Stands for a text that occurs often; 0 is the empty one.
using name_id = std::uint32_t;

/// Each text once.
class name_table {
public:
  name_table() { intern(""); }
  // Copies would point into the original.
  name_table(name_table&&) = default;
  name_table& operator=(name_table&&) = default;
  name_id intern(std::string_view text);
  const std::string& operator[](name_id id) const { return *texts_[id]; }
  /// 0 if no such text was met.
  name_id find(std::string_view text) const;

private:
  std::unordered_map<std::string, name_id> ids_;
  /// Keys of the map, which do not move.
  std::vector<const std::string*> texts_;
};

/// An actor of the run. The first one of a model stands for everything outside of actors.
struct actor {
  /// Its number in the run.
  std::uint64_t tid = 0;
  name_id kind = 0;
  /// `fetcher #23`
  name_id name = 0;
};

struct permit_args {
  std::uint64_t ticket = 0;
  std::uint32_t attempt = 0;
  std::int64_t queued_ns = 0;
  std::int64_t quota_ns = 0;
  /// Its page had failed for good before, and gets another round of tries at the end of the run.
  bool again = false;
};

struct outcome_args {
  std::uint64_t ticket = 0;
  /// next_page, slice_done, retry, unauthorized, failed.
  name_id result = 0;
  name_id error = 0;
  std::int64_t status = 0;
  std::uint64_t bytes = 0;
  std::int64_t took_ns = 0;
  std::int64_t delay_ns = 0;
};

/// Of `record_batch` and `page_written`.
struct page_args {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  /// End of the slice's time window, microseconds since the epoch.
  std::optional<std::int64_t> upper_us;
  /// `key_fingerprint` of the page's records, in `model::keys`.
  std::uint64_t first_key = 0;
  std::uint32_t keys = 0;
  /// `surveys:12 x:3`
  name_id streams = 0;
  bool last = false;
};

struct state_args {
  name_id stream = 0;
  /// nothing, windows, partitions, everything.
  name_id covers = 0;
  std::int64_t through_us = 0;
  std::uint64_t bytes = 0;
};

/// What other messages tell.
struct note_args {
  name_id stream = 0;
  name_id endpoint = 0;
  name_id status = 0;
  std::optional<std::uint64_t> count;
};

/// One handled message. All times are nanoseconds since `file_header::epoch_us`.
struct message {
  std::int64_t sent_ns = 0;
  std::int64_t begin_ns = 0;
  std::int64_t took_ns = 0;
  std::uint64_t slice_id = 0;
  /// Indices of `model::actors`.
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  name_id name = 0;
  name_id slice = 0;
  /// 0: it belongs to no page.
  std::uint32_t page = 0;
  std::variant<std::monostate, permit_args, outcome_args, page_args, state_args, note_args> args;

  std::int64_t end_ns() const { return begin_ns + took_ns; }
  std::int64_t waited_ns() const { return begin_ns > sent_ns ? begin_ns - sent_ns : 0; }
};

/// What the governor and the fetcher say of a request, where the trace holds these messages.
struct request_story {
  std::optional<std::int64_t> permit_sent_ns;
  std::int64_t permit_begin_ns = 0;
  /// As in `permit_args`.
  bool again = false;
  std::int64_t queued_ns = 0;
  std::int64_t quota_ns = 0;
  name_id result = 0;
  std::int64_t delay_ns = 0;
};

/// One HTTP request.
struct request {
  std::uint64_t ticket = 0;
  std::int64_t begin_ns = 0;
  /// None: it was under way when the trace ended.
  std::optional<std::int64_t> end_ns;
  std::uint32_t actor = 0;
  name_id endpoint = 0;
  name_id slice = 0;
  std::uint64_t slice_id = 0;
  std::uint32_t page = 0;
  std::uint32_t attempt = 0;
  /// 0: no answer.
  std::int64_t status = 0;
  std::uint64_t bytes = 0;
  name_id error = 0;
  request_story story;
};

/// A time in which a rate limit held up a request.
struct quota_wait {
  std::uint64_t ticket = 0;
  std::int64_t begin_ns = 0;
  std::optional<std::int64_t> end_ns;
  std::uint32_t actor = 0;
  name_id endpoint = 0;
  name_id slice = 0;
  std::uint64_t slice_id = 0;
  std::uint32_t page = 0;
};

/// A time in which an actor waited for whoever reads stdout.
struct output_wait {
  std::uint32_t actor = 0;
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
};

/// A number over time.
struct counter {
  /// `requests`, `quota minute`
  std::string name;
  /// `in flight`
  std::string series;
  /// Time and value, in time order.
  std::vector<std::pair<std::int64_t, double>> samples;
};

struct file_header {
  std::string version;
  std::int64_t epoch_us = 0;
  std::string filter;
  std::string limit;
  std::vector<std::string> endpoints;
  std::vector<std::string> streams;
};

/// Said at the end of a trace, unless the run was killed.
struct ending {
  std::uint64_t messages = 0;
  std::uint64_t left_out = 0;
  std::string reason;
};

struct model {
  name_table names;
  std::vector<actor> actors;
  /// In the order in which handling began. Never empty in a model that was read.
  std::vector<message> messages;
  /// In the order in which they began.
  std::vector<request> requests;
  std::vector<quota_wait> quota_waits;
  std::vector<output_wait> output_waits;
  std::vector<counter> counters;
  std::vector<std::uint64_t> keys;
  std::optional<file_header> head;
  std::optional<ending> end;
  /// Lines that are no events. One of them is the last line of a run that was killed.
  std::uint64_t unreadable = 0;
  /// First and last moment that anything in the trace belongs to.
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;

  const std::string& text(name_id id) const { return names[id]; }
  const std::string& actor_name(std::uint32_t index) const { return names[actors[index].name]; }
  const std::string& kind_name(std::uint32_t index) const { return names[actors[index].kind]; }
  /// There are none because the filter let none through: nothing is known of requests.
  bool lacks_requests() const { return requests.empty() && head && !head->filter.empty(); }
  std::int64_t end_of(const request& x) const { return x.end_ns.value_or(end_ns); }
  std::int64_t end_of(const quota_wait& x) const { return x.end_ns.value_or(end_ns); }
};

} // namespace sluice::trace
