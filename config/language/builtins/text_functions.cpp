#include "config/language/builtins/text_functions.hpp"

#include "config/language/characters.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>
#include <cstring>

namespace sluice::language::detail {

namespace {

bool is_letter(char32_t c) {
  return to_lower(c) != to_upper(c);
}

} // namespace

std::string capitalize(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    bool first = at == 0;
    auto c = next_code_point(text, at);
    append_utf8(out, first ? to_upper(c) : to_lower(c));
  }
  return out;
}

std::string title(std::string_view text) {
  std::string out;
  bool in_word = false;
  for (std::size_t at = 0; at < text.size();) {
    auto c = next_code_point(text, at);
    append_utf8(out, in_word ? to_lower(c) : to_upper(c));
    in_word = is_letter(c);
  }
  return out;
}

std::string title_words(std::string_view text) {
  std::string out;
  bool in_word = false;
  for (std::size_t at = 0; at < text.size();) {
    auto c = next_code_point(text, at);
    append_utf8(out, in_word ? to_lower(c) : to_upper(c));
    in_word = !is_space(c) && std::u32string_view{U"-({[<"}.find(c) == std::u32string_view::npos;
  }
  return out;
}

std::size_t find_text(std::string_view text, std::string_view part, std::size_t from) noexcept {
  if (from > text.size() || part.size() > text.size() - from)
    return std::string_view::npos;
  if (part.empty())
    return from;
  auto* found = static_cast<const char*>(::memmem(text.data() + from, text.size() - from, part.data(), part.size()));
  return found == nullptr ? std::string_view::npos : static_cast<std::size_t>(found - text.data());
}

std::vector<std::string_view> split_lines(std::string_view text, bool keep_ends) {
  std::vector<std::string_view> lines;
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size();) {
    auto end = at;
    auto c = next_code_point(text, at);
    bool ends = (c >= 0x0A && c <= 0x0D) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029;
    if (!ends)
      continue;
    if (c == '\r' && at < text.size() && text[at] == '\n')
      ++at;
    lines.push_back(text.substr(start, (keep_ends ? at : end) - start));
    start = at;
  }
  if (start < text.size())
    lines.push_back(text.substr(start));
  return lines;
}

std::string centered(std::string_view text, std::int64_t width, std::string_view fill) {
  auto missing = width - static_cast<std::int64_t>(utf8_length(text));
  std::string out;
  auto left = missing > 0 ? missing / 2 + (missing & width & 1) : 0;
  for (std::int64_t i = 0; i < left; ++i)
    out += fill;
  out += text;
  for (std::int64_t i = left; i < missing; ++i)
    out += fill;
  return out;
}

tl::unexpected<evaluation_error> refuse_not_string(const object& x) {
  auto error = refuse_kind(x, "a string").value();
  if (error.kind == error_kind::type)
    error.kind = error_kind::other;
  return tl::unexpected<evaluation_error>(std::move(error));
}

std::string_view strip(std::string_view text, std::string_view set, bool left, bool right) {
  std::vector<char32_t> members;
  for (std::size_t at = 0; at < set.size();)
    members.push_back(next_code_point(set, at));
  std::sort(members.begin(), members.end());
  auto contains = [&](char32_t c) { return std::binary_search(members.begin(), members.end(), c); };
  std::size_t start = 0;
  while (left && start < text.size()) {
    auto at = start;
    if (!contains(next_code_point(text, at)))
      break;
    start = at;
  }
  auto end = start;
  for (auto at = start; at < text.size();) {
    if (!contains(next_code_point(text, at)))
      end = at;
  }
  return text.substr(start, (right ? end : text.size()) - start);
}

result<object> replace(context& c, std::string_view text, std::string_view from, std::string_view to,
                       std::int64_t count) {
  std::string out;
  std::size_t at = 0;
  if (auto ok = c.charge(text.size()); !ok)
    return tl::unexpected(ok.error());
  for (; count != 0 && out.size() <= limits::text; --count) {
    auto found = find_text(text, from, at);
    if (found == std::string_view::npos)
      break;
    out += text.substr(at, found - at);
    out += to;
    at = found + from.size();
    if (from.empty()) { // between all characters, and at both ends
      if (at == text.size())
        return c.text(std::move(out));
      auto start = at;
      next_code_point(text, at);
      out += text.substr(start, at - start);
    }
  }
  if (out.size() <= limits::text)
    out += text.substr(at);
  return c.text(std::move(out));
}

result<object> join(context& c, const std::vector<object>& items, std::string_view separator) {
  std::string out;
  for (std::size_t i = 0; i < items.size() && out.size() <= limits::text; ++i) {
    if (i > 0)
      out += separator;
    auto text = c.text_of(items[i]);
    if (!text)
      return tl::unexpected(text.error());
    out += *text;
  }
  return c.text(std::move(out));
}

const builtin* find_builtin(const std::vector<builtin>& sorted, std::string_view name) noexcept {
  auto found
    = std::lower_bound(sorted.begin(), sorted.end(), name, [](auto& entry, auto& key) { return entry.name < key; });
  return found == sorted.end() || found->name != name ? nullptr : &*found;
}

std::vector<std::string_view> names_of(const std::vector<builtin>& table) {
  std::vector<std::string_view> names;
  names.reserve(table.size());
  for (auto& entry : table)
    names.push_back(entry.name);
  return names;
}

} // namespace sluice::language::detail
