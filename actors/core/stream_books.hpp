#pragma once

#include "config/manifest/plan/plan.hpp"
#include "messages/slice.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

/// Which streams of a run are over, and which of them lost data.
class stream_books {
public:
  /// Beyond these, further errors of a stream are only counted: an account with 10,000 unreadable surveys must not
  /// drown its log.
  static constexpr std::uint64_t max_errors_per_stream = 20;

  stream_books() = default;
  explicit stream_books(plan_ptr p);

  std::size_t size() const noexcept { return streams_.size(); }
  const std::string& name(stream_index s) const { return plan_->streams[s].name; }
  bool ended(stream_index s) const { return streams_[s].ended; }
  std::uint64_t errors(stream_index s) const { return streams_[s].errors; }

  /// Its last status is known; one that is not complete has failed, unless it has as many records as are wanted.
  void end(stream_index s, bool complete);
  /// It has as many records as are wanted, and may have more.
  void limit(stream_index s) { streams_[s].limited = true; }
  bool limited(stream_index s) const { return streams_[s].limited; }
  /// It will not be complete.
  void fail(stream_index s) { streams_[s].failed = true; }
  /// An error of the stream, which will not be complete; false if so many came before that it is not printed.
  bool count_error(stream_index s);

  /// An error of the stream with this cause has been met before; then it is counted, and the stream will not be
  /// complete.
  bool is_known_cause(stream_index s, const std::string& cause);
  /// Errors that were counted so, and not printed.
  std::uint64_t repeated(stream_index s) const { return streams_[s].repeated; }

  /// Printed streams that lose data if this endpoint does: its own, or else those below it.
  std::vector<stream_index> streams_of(endpoint_id e) const;
  /// Names of those that failed, and of those that have as many records as are wanted, in the catalogue's order.
  std::vector<std::string> failed() const;
  std::vector<std::string> limited() const;

private:
  struct book {
    bool ended = false;
    bool failed = false;
    bool limited = false;
    std::uint64_t errors = 0;
    std::uint64_t repeated = 0;
    /// Of those errors that are told once.
    std::vector<std::string> causes{};
  };

  plan_ptr plan_;
  std::vector<book> streams_;
};

} // namespace sluice
