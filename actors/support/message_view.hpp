#pragma once

#include "actors/support/flight_record.hpp"
#include "messages/slice.hpp"
#include "messages/text/redaction.hpp"

#include <caf/type_erased_tuple.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Bytes of a text that a trace shows: it is for finding one's way, not for reading.
inline constexpr std::size_t longest_text = 200;

/// What a trace needs to write down a message's content.
struct trace_words {
  /// Names by index, of `slice::endpoint` and `stream_index`.
  std::vector<std::string> endpoints;
  std::vector<std::string> streams;
  const redactor* secrets = nullptr;
};

/// What recorder and trace know of a type of message.
struct message_traits {
  std::string_view name = "other";
  /// Where in a slice a message of this type belongs.
  message_place (*place)(const caf::type_erased_tuple&) = nullptr;
  /// Appends what else of it a trace shows, as members of a JSON object, each with a comma before it.
  void (*describe)(const caf::type_erased_tuple&, const trace_words&, std::string&) = nullptr;
};

/// Knows every type of the type-id block and CAF's own that we get; of anything else only that it is `other`.
const message_traits& traits_of(message_kind kind) noexcept;

inline message_place place_of(const message_traits& traits, const caf::type_erased_tuple& content) {
  return traits.place != nullptr ? traits.place(content) : message_place{};
}

} // namespace sluice
