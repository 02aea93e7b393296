#pragma once

#include "actors/core/state/ledger_books.hpp"
#include "messages/output.hpp"
#include "messages/run.hpp"

#include <string>
#include <vector>

/// What a ledger's books say, for people and for the protocol.
namespace sluice {

/// The numbers of each stream and endpoint.
aggregator_report report_of(const ledger_books& books);

/// How many records the streams' syncs will bring, of those that have not ended and whose size can be told.
std::vector<estimate> estimates_of(const ledger_books& books);

/// Which endpoints have not ended, and what of them is missing; a line each, for people.
std::string open_work_of(const ledger_books& books);

} // namespace sluice
