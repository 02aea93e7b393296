#include "config/language/builtins/regex.hpp"

#include "messages/text/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <variant>

namespace sluice::language::detail {

namespace {

/// A replacement's text and group numbers, in turn.
using replacement = std::vector<std::variant<std::string, std::size_t>>;

/// Reads `\1`, `\12`, `\g<1>`, `\n`, `\t`, `\\`. Nothing if it is not valid.
std::optional<replacement> read_replacement(std::string_view text, std::size_t groups) {
  replacement out{std::string{}};
  auto plain = [&](char c) {
    if (!std::holds_alternative<std::string>(out.back()))
      out.emplace_back(std::string{});
    std::get<std::string>(out.back()).push_back(c);
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\') {
      plain(text[at]);
      continue;
    }
    if (++at == text.size())
      return std::nullopt;
    constexpr std::string_view letters = "\\nrt";
    if (auto simple = letters.find(text[at]); simple != std::string_view::npos) {
      plain("\\\n\r\t"[simple]);
      continue;
    }
    bool named = text.substr(at, 2) == "g<";
    auto start = text.data() + at + (named ? 2 : 0);
    auto end = text.data() + text.size();
    std::size_t group = 0;
    auto [stop, code] = std::from_chars(start, named ? end : std::min(end, start + 2), group);
    if (code != std::errc{} || group > groups || (!named && group == 0) || (named && (stop == end || *stop != '>')))
      return std::nullopt;
    at = static_cast<std::size_t>(stop - text.data()) - (named ? 0 : 1);
    out.emplace_back(group);
  }
  return out;
}

/// A search reads the text once; with a large program, which RE2 may have to step through, more often.
std::size_t cost(std::size_t size, const re2::RE2& pattern) {
  constexpr int small = 256;
  return size * static_cast<std::size_t>(1 + std::max(pattern.ProgramSize(), 0) / small);
}

} // namespace

result<object> with_pattern(context& c, const object& self, const arguments& args, regex_action action) {
  if (self.as_string() == nullptr)
    return refuse_kind(self, "a string");
  auto& text = *self.as_string();
  if (args.pattern() != nullptr) {
    if (auto ok = c.charge(cost(text.size(), *args.pattern())); !ok)
      return tl::unexpected(ok.error());
    return action(c, text, *args.pattern(), args);
  }
  if (args[0].as_string() == nullptr)
    return refuse_kind(args[0], "a string as regular expression");
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  if (auto ok = c.charge(args[0].as_string()->size() * 64); !ok) // about what compiling it takes
    return tl::unexpected(ok.error());
  re2::RE2 pattern{*args[0].as_string(), options};
  if (!pattern.ok())
    return refuse("the regular expression is not valid or not supported");
  if (auto ok = c.charge(cost(text.size(), pattern)); !ok)
    return tl::unexpected(ok.error());
  return action(c, text, pattern, args);
}

result<object> regex_search(context& c, const std::string& text, const re2::RE2& pattern, const arguments&) {
  if (pattern.NumberOfCapturingGroups() == 0)
    return object{value{""}};
  re2::StringPiece groups[2];
  if (!pattern.Match(text, 0, text.size(), re2::RE2::UNANCHORED, groups, 2))
    return object{value{""}};
  if (groups[1].data() == nullptr)
    return object{};
  return c.text(std::string{groups[1].data(), groups[1].size()});
}

result<object> regex_replace(context& c, const std::string& text, const re2::RE2& pattern, const arguments& args) {
  if (args[1].as_string() == nullptr)
    return refuse_kind(args[1], "a string as replacement");
  auto count = static_cast<std::size_t>(pattern.NumberOfCapturingGroups());
  auto rewrite = read_replacement(*args[1].as_string(), count);
  if (!rewrite)
    return refuse("the replacement has an escape that is not valid or a group that the pattern has not");
  std::vector<re2::StringPiece> groups(count + 1);
  std::string out;
  std::size_t copied = 0;
  for (std::size_t from = 0; from <= text.size() && out.size() <= limits::text;) {
    // A search may read to the text's end before it knows where a match ends; most do not.
    constexpr std::size_t share = 64;
    if (auto ok = c.charge(cost((text.size() - from) / share + 1, pattern)); !ok)
      return tl::unexpected(ok.error());
    if (!pattern.Match(text, from, text.size(), re2::RE2::UNANCHORED, groups.data(), static_cast<int>(groups.size())))
      break;
    auto start = static_cast<std::size_t>(groups[0].data() - text.data());
    auto end = start + groups[0].size();
    out.append(text, copied, start - copied);
    for (auto& piece : *rewrite) {
      if (auto* group = std::get_if<std::size_t>(&piece))
        out.append(groups[*group].data() == nullptr ? "" : groups[*group].data(), groups[*group].size());
      else
        out += std::get<std::string>(piece);
    }
    copied = end;
    from = end;
    if (start == end) { // an empty match: the next one starts a character further
      if (from < text.size())
        next_code_point(text, from);
      else
        ++from;
    }
  }
  return c.text(out.append(text, std::min(copied, text.size())));
}

} // namespace sluice::language::detail
