#include "messages/text/redaction.hpp"

#include "messages/text/ascii.hpp"
#include "messages/text/base64.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <unordered_set>
#include <utility>

namespace sluice {

namespace {

constexpr std::string_view mask = "****";
constexpr std::size_t shortest_secret = 3;
/// A shorter one in lower case would hit by chance.
constexpr std::size_t shortest_host = 8;
/// Pieces of base64 text shorter than this would hit by chance.
constexpr std::size_t shortest_base64_piece = 6;

/// Hosts of URLs are shown in lower case.
constexpr char_set host_characters = ascii_letters | ascii_digits | char_set{"-."};

/// Base64 without padding.
std::string base64(std::string_view text) {
  auto result = base64_encode(text);
  result.resize(result.find_last_not_of('=') + 1);
  return result;
}

/// The characters of a longer base64 text that depend on `secret` alone, if `lead` bytes (modulo 3) come before it.
std::string base64_inside(std::string_view secret, std::size_t lead) {
  auto encoded = base64(std::string(lead, '\0') + std::string{secret});
  auto first = (lead * 8 + 5) / 6;
  auto last = (lead + secret.size()) * 8 / 6;
  return encoded.substr(first, last - first);
}

std::string url_safe(std::string text) {
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

// -- what a text says once its encodings are undone
// ----------------------------------------------------------------------

/// A text, and where its bytes came from.
struct layer {
  std::string text;
  /// For each byte of `text`, and for its end, the offset in the original. Empty: the text is the original.
  std::vector<std::size_t> origin;

  std::size_t offset(std::size_t at) const { return origin.empty() ? at : origin[at]; }
};

/// What stands for an escape: how many characters of it, and what it means. None: there is no escape.
struct escape {
  std::size_t length = 0;
  std::string meaning;
};

/// `count` hexadecimal digits at `at`; -1: there are none.
int hex_number(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size())
    return -1;
  int result = 0;
  for (auto c : text.substr(at, count)) {
    if (hex_value(c) < 0)
      return -1;
    result = result * 16 + hex_value(c);
  }
  return result;
}

std::string utf8_of(char32_t point) {
  std::string result;
  append_utf8(result, point);
  return result;
}

escape json_escape(std::string_view text, std::size_t at) {
  if (text[at] != '\\' || at + 1 == text.size())
    return {};
  static constexpr std::string_view signs = "\"\\/bfnrt";
  static constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
  if (auto known = signs.find(text[at + 1]); known != std::string_view::npos)
    return {2, std::string{meanings[known]}};
  auto unit = text[at + 1] == 'u' ? hex_number(text, at + 2, 4) : -1;
  if (unit < 0)
    return {};
  auto point = static_cast<std::uint32_t>(unit);
  if (point < 0xD800 || point > 0xDFFF)
    return {6, utf8_of(point)};
  auto low = text.substr(at + 6, 2) == "\\u" ? hex_number(text, at + 8, 4) : -1;
  if (point > 0xDBFF || low < 0xDC00 || low > 0xDFFF)
    return {};
  return {12, utf8_of(0x10000 + ((point - 0xD800) << 10) + static_cast<std::uint32_t>(low - 0xDC00))};
}

escape percent_escape(std::string_view text, std::size_t at) {
  auto value = text[at] == '%' ? hex_number(text, at + 1, 2) : -1;
  return value < 0 ? escape{} : escape{3, std::string(1, static_cast<char>(value))};
}

/// As forms and many queries are encoded.
escape form_escape(std::string_view text, std::size_t at) {
  return text[at] == '+' ? escape{1, " "} : percent_escape(text, at);
}

escape html_escape(std::string_view text, std::size_t at) {
  if (text[at] != '&')
    return {};
  static constexpr std::pair<std::string_view, char> entities[]
    = {{"&amp;", '&'},  {"&lt;", '<'},  {"&gt;", '>'},    {"&quot;", '"'}, {"&apos;", '\''},
       {"&#39;", '\''}, {"&#34;", '"'}, {"&#x27;", '\''}, {"&#x22;", '"'}, {"&#x2F;", '/'}};
  for (const auto& [entity, meaning] : entities)
    if (text.substr(at).starts_with(entity))
      return {entity.size(), std::string(1, meaning)};
  return {};
}

using escape_reader = escape (*)(std::string_view text, std::size_t at);
constexpr escape_reader escape_readers[] = {json_escape, percent_escape, form_escape, html_escape};

/// Undoes one encoding; none: the text has no escapes of that kind.
std::optional<layer> decoded(const layer& from, escape_reader read) {
  layer result;
  bool changed = false;
  for (std::size_t i = 0; i < from.text.size();) {
    auto found = read(from.text, i);
    changed = changed || found.length > 0;
    auto length = std::max<std::size_t>(1, found.length);
    std::string_view meaning = found.length > 0 ? found.meaning : std::string_view{from.text}.substr(i, 1);
    result.text += meaning;
    result.origin.insert(result.origin.end(), meaning.size(), from.offset(i));
    i += length;
  }
  result.origin.push_back(from.offset(from.text.size()));
  return changed ? std::optional{std::move(result)} : std::nullopt;
}

/// The text itself and what is left of it when encodings are undone, in any order, three times at most.
std::vector<layer> layers_of(std::string_view text) {
  constexpr std::size_t most_times = 3;
  std::vector<layer> all;
  all.push_back({std::string{text}, {}});
  std::size_t from = 0;
  for (std::size_t times = 0; times < most_times; ++times) {
    auto to = all.size();
    for (; from < to; ++from)
      for (auto read : escape_readers)
        if (auto next = decoded(all[from], read);
            next && std::none_of(all.begin(), all.end(), [&](const layer& known) { return known.text == next->text; }))
          all.push_back(std::move(*next));
  }
  return all;
}

/// Bytes of a secret that give it away wherever they are.
constexpr std::size_t piece_bytes = 12;

struct text_hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

/// Secrets, in all the forms in which they may be met.
class secret_forms {
public:
  void add(std::string_view secret);

  /// The text is a secret too short to be looked for in other texts.
  bool is_short_secret(std::string_view text) const {
    return std::find(short_secrets_.begin(), short_secrets_.end(), text) != short_secrets_.end();
  }
  /// There is nothing to look for.
  bool empty() const { return forms_.empty(); }

  /// Calls `hit(at, length)` for every occurrence of a form or a piece.
  template <class Hit>
  void find_in(std::string_view text, Hit hit) const {
    for (const auto& form : forms_)
      for (auto at = text.find(form); at != std::string_view::npos; at = text.find(form, at + 1))
        hit(at, form.size());
    if (!pieces_.empty())
      for (std::size_t at = 0; at + piece_bytes <= text.size(); ++at)
        if (pieces_.contains(text.substr(at, piece_bytes)))
          hit(at, piece_bytes);
  }

private:
  void add_form(std::string form);

  std::vector<std::string> short_secrets_;
  /// Searched literally; unique.
  std::vector<std::string> forms_;
  /// Of all forms.
  std::unordered_set<std::string, text_hash, std::equal_to<>> pieces_;
};

void secret_forms::add(std::string_view secret) {
  auto core = std::string{trim(secret, blanks_and_line_ends)};
  if (core.empty())
    return;
  if (utf8_length(core) < shortest_secret) {
    short_secrets_.push_back(std::move(core));
    return;
  }
  add_form(core);
  add_form(as_valid_utf8(core));
  if (core.size() >= shortest_host && host_characters.covers(core))
    add_form(lower_case(core));
  auto encoded = base64(core);
  add_form(url_safe(encoded));
  auto padding = std::string((4 - encoded.size() % 4) % 4, '=');
  add_form(url_safe(encoded) + padding);
  add_form(encoded + padding);
  add_form(std::move(encoded));
  for (std::size_t lead = 0; lead < 3; ++lead) {
    auto inside = base64_inside(core, lead);
    if (inside.size() < shortest_base64_piece)
      continue;
    add_form(url_safe(inside));
    add_form(std::move(inside));
  }
}

void secret_forms::add_form(std::string form) {
  if (std::find(forms_.begin(), forms_.end(), form) != forms_.end())
    return;
  for (std::size_t at = 0; at + piece_bytes < form.size() + 1; ++at)
    pieces_.insert(form.substr(at, piece_bytes));
  forms_.push_back(std::move(form));
}

} // namespace

struct redactor::known {
  std::shared_ptr<const secret_forms> fixed = std::make_shared<secret_forms>();
  std::map<std::string, std::shared_ptr<const secret_forms>> learnt;

  /// All sets of secrets that there are.
  std::vector<const secret_forms*> sets() const {
    std::vector<const secret_forms*> result{fixed.get()};
    for (const auto& [owner, forms] : learnt)
      result.push_back(forms.get());
    return result;
  }
};

redactor::redactor() : known_(std::make_shared<const known>()) {}
redactor::redactor(const redactor& other) : known_(other.known_.load()) {}
redactor::~redactor() = default;

template <class Change>
void redactor::change(Change f) {
  const std::lock_guard lock{changing_};
  auto next = std::make_shared<known>(*known_.load());
  f(*next);
  known_.store(std::move(next));
}

void redactor::add(const std::vector<std::string>& secrets) {
  change([&](known& x) {
    auto all = std::make_shared<secret_forms>(*x.fixed);
    for (const auto& secret : secrets)
      all->add(secret);
    x.fixed = std::move(all);
  });
}

void redactor::add(std::string secret) {
  add(std::vector{std::move(secret)});
}

void redactor::learn(const std::string& owner, const std::vector<std::string>& secrets) {
  auto all = std::make_shared<secret_forms>();
  for (const auto& secret : secrets)
    all->add(secret);
  change([&](known& x) { x.learnt[owner] = std::move(all); });
}

std::string redactor::apply(std::string_view text) const {
  const auto now = known_.load();
  const auto sets = now->sets();
  const auto whole = trim(text, blanks_and_line_ends);
  if (std::any_of(sets.begin(), sets.end(), [&](const secret_forms* x) { return x->is_short_secret(whole); }))
    return std::string{mask};
  if (std::all_of(sets.begin(), sets.end(), [](const secret_forms* x) { return x->empty(); }))
    return std::string{text};
  // All occurrences first, then one replacement of their union: replacing one form after the other could leave the tail
  // of a longer secret that overlaps a shorter one.
  std::vector<std::pair<std::size_t, std::size_t>> hits;
  for (const auto& x : layers_of(text))
    for (const auto* forms : sets)
      forms->find_in(
        x.text, [&](std::size_t at, std::size_t length) { hits.emplace_back(x.offset(at), x.offset(at + length)); });
  std::sort(hits.begin(), hits.end());
  std::string result;
  result.reserve(text.size());
  std::size_t done = 0;
  for (std::size_t i = 0; i < hits.size();) {
    auto [from, to] = hits[i];
    for (++i; i < hits.size() && hits[i].first < to; ++i)
      to = std::max(to, hits[i].second);
    result += text.substr(done, from - done);
    result += mask;
    done = to;
  }
  result += text.substr(done);
  return result;
}

} // namespace sluice
