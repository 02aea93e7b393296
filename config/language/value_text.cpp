#include "config/language/value_text.hpp"

#include "config/language/calendar.hpp"
#include "config/language/characters.hpp"
#include "config/language/number_text.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

namespace sluice::language {

namespace detail {

namespace {

void append_hex(std::string& out, const char* format, char32_t c) {
  std::array<char, 16> buffer;
  int length = std::snprintf(buffer.data(), buffer.size(), format, static_cast<unsigned>(c));
  out.append(buffer.data(), static_cast<std::size_t>(length));
}

void append_json_escape(std::string& out, char32_t c, bool ascii) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    default:
      break;
  }
  if (c < 0x20 || (ascii && c >= 0x7F && c < 0x10000)) {
    append_hex(out, "\\u%04x", c);
  } else if (ascii && c >= 0x10000) {
    append_hex(out, "\\u%04x", 0xD800 + ((c - 0x10000) >> 10));
    append_hex(out, "\\u%04x", 0xDC00 + ((c - 0x10000) & 0x3FF));
  } else {
    append_utf8(out, c);
  }
}

void append_json_string(std::string& out, std::string_view text, bool ascii) {
  auto is_plain = [](char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; };
  out.push_back('"');
  for (std::size_t at = 0; at < text.size();) {
    auto start = at;
    while (at < text.size() && is_plain(text[at]))
      ++at;
    out += text.substr(start, at - start);
    if (at < text.size())
      append_json_escape(out, next_code_point(text, at), ascii);
  }
  out.push_back('"');
}

void append_json_double(std::string& out, double x, bool python) {
  if (python)
    out += std::isnan(x) ? "NaN" : std::isinf(x) ? (x < 0 ? "-Infinity" : "Infinity") : python_float(x);
  else
    out += std::isfinite(x) ? json_float(x) : "null";
}

/// What stands between the elements of a list or dict, and before the first and behind the last.
void append_json_break(std::string& out, json_style style, std::size_t level) {
  if (style.indent < 0)
    return;
  out.push_back('\n');
  out.append(static_cast<std::size_t>(style.indent) * level, ' ');
}

bool append_json_dict(std::string& out, const value_dict& items, json_style style, std::size_t limit,
                      std::size_t level) {
  if (items.empty()) {
    out += "{}";
    return out.size() <= limit;
  }
  std::vector<const value_dict::value_type*> order;
  order.reserve(items.size());
  for (auto& item : items)
    order.push_back(&item);
  if (style.sort_keys)
    std::sort(order.begin(), order.end(), [](auto* a, auto* b) { return a->first < b->first; });
  out.push_back('{');
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i > 0)
      out += style.python && style.indent < 0 ? ", " : ",";
    append_json_break(out, style, level + 1);
    append_json_string(out, order[i]->first, style.python);
    out += style.python ? ": " : ":";
    if (!append_json(out, order[i]->second, style, limit, level + 1))
      return false;
  }
  append_json_break(out, style, level);
  out.push_back('}');
  return out.size() <= limit;
}

bool append_json_list(std::string& out, const value_list& items, json_style style, std::size_t limit,
                      std::size_t level) {
  if (items.empty()) {
    out += "[]";
    return out.size() <= limit;
  }
  out.push_back('[');
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0)
      out += style.python && style.indent < 0 ? ", " : ",";
    append_json_break(out, style, level + 1);
    if (!append_json(out, items[i], style, limit, level + 1))
      return false;
  }
  append_json_break(out, style, level);
  out.push_back(']');
  return out.size() <= limit;
}

std::string datetime_repr(const datetime& t) {
  auto c = to_civil(t.instant, t.offset);
  if (!c)
    return iso_text(t, ' ');
  auto text = "datetime.datetime(" + std::to_string(c->year) + ", " + std::to_string(c->month) + ", "
              + std::to_string(c->day) + ", " + std::to_string(c->hour) + ", " + std::to_string(c->minute);
  if (c->second != 0 || c->microsecond != 0)
    text += ", " + std::to_string(c->second);
  if (c->microsecond != 0)
    text += ", " + std::to_string(c->microsecond);
  if (t.offset == std::chrono::seconds{0})
    return text + ", tzinfo=datetime.timezone.utc)";
  return text + ", tzinfo=datetime.timezone(" + span_repr(t.offset) + "))";
}

} // namespace

bool append_json(std::string& out, const value& x, json_style style, std::size_t limit, std::size_t level) {
  if (x.is_none())
    out += "null";
  else if (auto* b = x.as_bool())
    out += *b ? "true" : "false";
  else if (auto* i = x.as_int())
    out += std::to_string(*i);
  else if (auto* big = x.as_big())
    out += big->digits;
  else if (auto* d = x.as_double())
    append_json_double(out, *d, style.python);
  else if (auto* s = x.as_string())
    append_json_string(out, *s, style.python);
  else if (auto* t = x.as_datetime())
    append_json_string(out, iso_text(*t, 'T'), style.python);
  else if (auto* list = x.as_list())
    return append_json_list(out, *list, style, limit, level);
  else if (auto* dict = x.as_dict())
    return append_json_dict(out, *dict, style, limit, level);
  return out.size() <= limit;
}

bool append_text(std::string& out, const value& x, std::size_t limit) {
  if (auto* s = x.as_string())
    out += *s;
  else if (auto* t = x.as_datetime())
    out += iso_text(*t, ' ');
  else
    return append_repr(out, x, limit);
  return out.size() <= limit;
}

bool append_repr(std::string& out, const value& x, std::size_t limit) {
  if (x.is_none()) {
    out += "None";
  } else if (auto* b = x.as_bool()) {
    out += *b ? "True" : "False";
  } else if (auto* i = x.as_int()) {
    out += std::to_string(*i);
  } else if (auto* big = x.as_big()) {
    out += big->digits;
  } else if (auto* d = x.as_double()) {
    out += python_float(*d);
  } else if (auto* s = x.as_string()) {
    out += string_repr(*s);
  } else if (auto* t = x.as_datetime()) {
    out += datetime_repr(*t);
  } else if (x.is_list() && x.size() > limit) {
    return false; // each element takes a character at least: it need not be decoded
  } else if (auto* list = x.as_list()) {
    out.push_back('[');
    for (std::size_t n = 0; n < list->size(); ++n) {
      if (n > 0)
        out += ", ";
      if (!append_repr(out, (*list)[n], limit))
        return false;
    }
    out.push_back(']');
  } else if (auto* dict = x.as_dict()) {
    out.push_back('{');
    for (std::size_t n = 0; n < dict->size(); ++n) {
      if (n > 0)
        out += ", ";
      out += string_repr((*dict)[n].first);
      out += ": ";
      if (!append_repr(out, (*dict)[n].second, limit))
        return false;
    }
    out.push_back('}');
  }
  return out.size() <= limit;
}

std::string span_repr(std::chrono::microseconds span) {
  // Python keeps a negative timedelta as negative days and positive rest.
  auto days = std::chrono::floor<std::chrono::days>(span);
  auto seconds = std::chrono::floor<std::chrono::seconds>(span - days);
  auto rest = span - days - seconds;
  std::string fields;
  auto add = [&](const char* name, std::int64_t x) {
    if (x != 0)
      fields += (fields.empty() ? "" : ", ") + std::string{name} + "=" + std::to_string(x);
  };
  add("days", days.count());
  add("seconds", seconds.count());
  add("microseconds", rest.count());
  return "datetime.timedelta(" + (fields.empty() ? "0" : fields) + ")";
}

std::string string_repr(std::string_view text) {
  bool double_quotes = text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos;
  char quote = double_quotes ? '"' : '\'';
  std::string out{quote};
  out.reserve(text.size() + 2);
  for (std::size_t at = 0; at < text.size();) {
    auto c = next_code_point(text, at);
    if (c == static_cast<char32_t>(quote) || c == '\\') {
      out.push_back('\\');
      out.push_back(static_cast<char>(c));
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (is_printable(c)) {
      append_utf8(out, c);
    } else {
      append_hex(out, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
    }
  }
  out.push_back(quote);
  return out;
}

} // namespace detail

std::string to_json(const value& x) {
  std::string out;
  detail::append_json(out, x, {}, std::numeric_limits<std::size_t>::max());
  return out;
}

std::string to_text(const value& x) {
  std::string out;
  detail::append_text(out, x, std::numeric_limits<std::size_t>::max());
  return out;
}

} // namespace sluice::language
