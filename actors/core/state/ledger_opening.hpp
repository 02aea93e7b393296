#pragma once

#include "actors/core/state/ledger_books.hpp"
#include "actors/core/state/partition_past.hpp"
#include "messages/error.hpp"

#include <memory>
#include <vector>

/// How a ledger begins: from the states that came in.
namespace sluice {

/// Opens the cursors with the plan's initial states. A state that cannot be understood is `errc::bad_state`.
expected<ledger_books> open_books(plan_ptr p);

/// What is to be read of an endpoint without parents; see `slice_ledger::windows_of`.
cursor_windows windows_left(const ledger_books& books, endpoint_id e);

/// What the partitions of an endpoint with parents have behind them; see `slice_ledger::past_of`.
std::shared_ptr<const partition_past> past_of(const ledger_books& books, endpoint_id e);

} // namespace sluice
