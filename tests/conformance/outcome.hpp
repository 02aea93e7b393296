#pragma once

#include "config/language/value.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::test {

/// What a run printed and asked, in parts that are compared one by one: `records.STREAM` (a record a text),
/// `states.STREAM`, `statuses.STREAM`, `errors.STREAM`, `requests` (a request a text), `check`, `spec`, `discover`,
/// `controls`, `controls.COMMAND` (a config a text).
using outcome = std::map<std::string, std::vector<std::string>>;

/// The outcome that a recording holds.
outcome recorded_outcome(const language::value& recording, const std::vector<std::string>& partition_by);

/// A part as a case writes it, in the form in which outcomes have it. A record that is a text is JSON, whose numbers
/// keep their text.
std::vector<std::string> written_part(std::string_view what, const language::value& here,
                                      const std::vector<std::string>& partition_by);

/// Adds what a command of Sluice printed.
void add_output(outcome& to, const std::string& command, const std::string& printed,
                const std::vector<std::string>& partition_by);

/// Adds what it asked: each request once, or with how often.
void add_requests(outcome& to, const std::vector<language::value>& requests, bool counted);

/// The first difference, in a few lines for people; empty if there is none.
std::string difference(const std::vector<std::string>& reference, const std::vector<std::string>& here);

} // namespace sluice::test
