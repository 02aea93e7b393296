#include "actors/core/slices/slice_window.hpp"

namespace sluice {

void set_window(slice& s, const datetime_cursor& cursor, const cursor_window& window, instant unread_from) {
  s.has_window = true;
  s.lower_us = window.lower.time_since_epoch().count();
  s.upper_us = window.upper.time_since_epoch().count();
  s.children_only = window.children_only;
  s.unread_from_us = unread_from.time_since_epoch().count();
  // A format that cannot be printed was refused when the plan was compiled.
  s.lower_text = format_cursor(cursor, window.lower).value_or(std::string{});
  s.upper_text = format_cursor(cursor, window.upper).value_or(std::string{});
  s.label.reserve(s.label.size() + s.lower_text.size() + s.upper_text.size() + 3);
  s.label += ' ';
  s.label += s.lower_text;
  s.label += "..";
  s.label += s.upper_text;
}

} // namespace sluice
