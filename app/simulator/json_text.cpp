#include "app/simulator/json_text.hpp"

#include <cstdio>

namespace sluice::simulator {

namespace {

void append_escape(std::string& out, std::uint32_t unit) {
  char text[16];
  std::snprintf(text, sizeof text, "\\u%04x", static_cast<unsigned>(unit));
  out += text;
}

/// Decodes the UTF-8 character at `i` and moves `i` behind it. The simulator's own texts are valid.
std::uint32_t next_code_point(std::string_view text, std::size_t& i) {
  auto lead = static_cast<unsigned char>(text[i++]);
  int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
  std::uint32_t result = more == 0 ? lead : lead & (0x3FU >> more);
  for (; more > 0 && i < text.size(); --more)
    result = (result << 6) | (static_cast<unsigned char>(text[i++]) & 0x3FU);
  return result;
}

void append_ascii(std::string& out, std::uint32_t code_point) {
  if (code_point < 0x10000) {
    append_escape(out, code_point);
    return;
  }
  code_point -= 0x10000;
  append_escape(out, 0xD800 + (code_point >> 10));
  append_escape(out, 0xDC00 + (code_point & 0x3FF));
}

/// The position behind the string that starts at `i`.
std::size_t string_end(std::string_view json, std::size_t i) {
  for (++i; i < json.size() && json[i] != '"'; ++i)
    if (json[i] == '\\')
      ++i;
  return i < json.size() ? i + 1 : json.size();
}

bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
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

std::string restyle(std::string_view json, body_style style) {
  std::string out;
  out.reserve(json.size() + (style == body_style::compact ? 0 : json.size() / 4));
  std::size_t depth = 0;
  auto new_line = [&] {
    if (style == body_style::pretty) {
      out += '\n';
      out.append(2 * depth, ' ');
    }
  };
  for (std::size_t i = 0; i < json.size();) {
    char c = json[i];
    if (c == '"') {
      auto end = string_end(json, i);
      out.append(json.substr(i, end - i));
      i = end;
      continue;
    }
    ++i;
    if (is_blank(c))
      continue;
    if (c == '{' || c == '[') {
      out += c;
      while (i < json.size() && is_blank(json[i]))
        ++i;
      if (i < json.size() && (json[i] == '}' || json[i] == ']')) {
        out += json[i++];
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

std::string minify(std::string_view json) {
  return restyle(json, body_style::compact);
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
