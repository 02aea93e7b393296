#pragma once

#include "actors/core/state/cursor.hpp"
#include "messages/slice.hpp"

namespace sluice {

/// Makes a slice a window of a cursor: its bounds, as numbers and as the API wants them, and its label.
/// @param unread_from see `slice::unread_from_us`.
void set_window(slice& s, const datetime_cursor& cursor, const cursor_window& window,
                instant unread_from = instant::min());

} // namespace sluice
