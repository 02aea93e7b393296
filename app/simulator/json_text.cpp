#include "app/simulator/json_text.hpp"

#include "messages/text/json_scan.hpp"
#include "messages/text/utf8.hpp"

#include <cstdio>

namespace sluice::simulator {

namespace {

void append_escape(std::string& out, std::uint32_t unit) {
  char text[16];
  std::snprintf(text, sizeof text, "\\u%04x", static_cast<unsigned>(unit));
  out += text;
}

void append_ascii(std::string& out, char32_t code_point) {
  if (code_point < 0x10000) {
    append_escape(out, code_point);
    return;
  }
  code_point -= 0x10000;
  append_escape(out, 0xD800 + (code_point >> 10));
  append_escape(out, 0xDC00 + (code_point & 0x3FF));
}

} // namespace

void append_quoted(std::string& out, std::string_view text, escape_style style) {
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x80 && style == escape_style::ascii) {
      append_ascii(out, next_code_point(text, i));
      continue;
    }
    ++i;
    if (c == '"' || c == '\\' || (c == '/' && style == escape_style::slashes)) {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c < 0x20) {
      append_escape(out, c);
    } else {
      out += static_cast<char>(c);
    }
  }
  out += '"';
}

std::string quoted(std::string_view text, escape_style style) {
  std::string result;
  append_quoted(result, text, style);
  return result;
}

std::string restyle(std::string_view text, body_style style) {
  std::string out;
  out.reserve(text.size() + (style == body_style::compact ? 0 : text.size() / 4));
  std::size_t depth = 0;
  auto new_line = [&] {
    if (style == body_style::pretty) {
      out += '\n';
      out.append(2 * depth, ' ');
    }
  };
  for (std::size_t i = 0; i < text.size();) {
    char c = text[i];
    if (c == '"') {
      auto end = text.data() + text.size();
      auto whole = json::view(text.data() + i, json::skip_string(text.data() + i, end));
      out += whole;
      i += whole.size();
      continue;
    }
    ++i;
    if (json::is_space(c))
      continue;
    if (c == '{' || c == '[') {
      out += c;
      while (i < text.size() && json::is_space(text[i]))
        ++i;
      if (i < text.size() && (text[i] == '}' || text[i] == ']')) {
        out += text[i++];
      } else {
        ++depth;
        new_line();
      }
    } else if (c == '}' || c == ']') {
      depth -= depth > 0;
      new_line();
      out += c;
    } else {
      out += c;
      if (c == ':' && style != body_style::compact)
        out += ' ';
      if (c == ',' && style == body_style::spaced)
        out += ' ';
      if (c == ',')
        new_line();
    }
  }
  return out;
}

void object_writer::key(std::string_view name) {
  if (!first_)
    out_ += ',';
  first_ = false;
  append_quoted(out_, name);
  out_ += ':';
}

void object_writer::text(std::string_view name, std::string_view value, escape_style style) {
  key(name);
  append_quoted(out_, value, style);
}

void object_writer::raw(std::string_view name, std::string_view json) {
  key(name);
  out_ += json;
}

void object_writer::number(std::string_view name, std::uint64_t value) {
  key(name);
  out_ += std::to_string(value);
}

void object_writer::boolean(std::string_view name, bool value) {
  key(name);
  out_ += value ? "true" : "false";
}

} // namespace sluice::simulator
