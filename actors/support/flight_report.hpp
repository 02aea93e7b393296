#pragma once

#include "actors/support/flight_record.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Collects what actors say about themselves. Thread-safe; outlives the one who asked, for answers that come late.
class flight_answers {
public:
  void add(std::uint64_t actor, std::string text);
  /// Waits for so many answers, but not longer than `patience`. Returns those that came.
  std::map<std::uint64_t, std::string> wait(std::size_t expected, std::chrono::milliseconds patience);

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::uint64_t, std::string> texts_;
};

/// To any actor: what are you waiting for? Handled by the common base, on the actor's own thread.
struct flight_question {
  std::shared_ptr<flight_answers> answers;
};

/// The kind of a question, for the common base.
inline const message_kind question_kind = kind_of(caf::make_rtti_pair<flight_question>());

/// Asks all actors and writes down who waits for what, since when, on which message. An actor that waits for something
/// outside is not asked, and one that does not answer within `patience` is busy: they are reported from their records
/// alone.
std::string make_flight_report(const flight_recorder& actors, std::string_view headline,
                               std::chrono::milliseconds patience);

/// The text of a report. Actors that have ended are in it: the reason for a report may be that one did.
/// @param asked false: nobody was asked, because it is too late for that.
std::string flight_report_text(std::string_view headline, const std::vector<flight_view>& actors,
                               const std::map<std::uint64_t, std::string>& answers, flight_time now, bool asked = true);

} // namespace sluice

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::flight_question)
