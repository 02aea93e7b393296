#include "config/language/json_part.hpp"

#include "messages/text/json_scan.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace sluice::language {

namespace detail {

namespace {

/// What a list or dict inside of another takes before anything of it is decoded, and what each key of a dict takes
/// while it is decoded: with what the allocator adds.
constexpr std::size_t part_bytes = 96;
constexpr std::size_t key_bytes = 64;
/// Texts up to this size lie inside of their `std::string`.
constexpr std::size_t inner_text = 15;
/// Dicts up to this size have their fields noted.
constexpr std::size_t most_noted = 64;
/// Dicts up to this size are searched for a key from end to end.
constexpr std::size_t small_dict = 16;

std::size_t text_bytes(std::size_t size) noexcept {
  return size > inner_text ? size + 2 * inner_text : 0;
}

std::string text_of(std::string_view raw) {
  return raw.find('\\') == std::string_view::npos ? std::string{raw} : json::unescape(raw);
}

} // namespace

/// What has been decoded so far.
struct json_part::decoded {
  std::optional<std::size_t> size;
  std::optional<value_list> list;
  std::optional<value_dict> dict;
  /// Where the fields of a dict are, so that its text is walked once however many are asked for; those of a dict with
  /// many fields are not noted.
  struct field {
    std::string_view key;
    std::string_view text;
    std::unique_ptr<value> made{};
  };
  std::vector<field> fields;
  bool is_walked = false;
  /// Keys that were looked for in a dict with many fields; null: there is none.
  std::vector<std::pair<std::string, std::unique_ptr<value>>> found;
};

json_part::json_part(std::string_view text, std::shared_ptr<memory_budget> budget)
  : text_(text), budget_(std::move(budget)) {}

json_part::json_part(const json_fields& fields, std::shared_ptr<memory_budget> budget)
  : fields_(&fields), budget_(std::move(budget)) {}

json_part::~json_part() = default;

json_part::decoded& json_part::state() const {
  if (!decoded_)
    decoded_ = std::make_unique<decoded>();
  return *decoded_;
}

bool json_part::empty() const noexcept {
  try {
    return json::is_empty(text());
  } catch (const std::exception&) {
    budget_->refuse();
    return true;
  }
}

std::size_t json_part::size() const noexcept {
  try {
    if (auto* all = is_dict() ? dict() : nullptr)
      return all->size(); // only decoding tells which keys are equal
    auto& s = state();
    if (!s.size) {
      const auto whole = text();
      auto end = whole.data() + whole.size();
      s.size = 0;
      json::each_element(whole.data(), end, [&](const char* p) {
        ++*s.size;
        return json::skip_value(p, end);
      });
    }
    return *s.size;
  } catch (const std::exception&) {
    budget_->refuse();
    return 0;
  }
}

const value_list* json_part::list() const noexcept {
  if (is_dict())
    return nullptr;
  try {
    auto& s = state();
    if (!s.list)
      decode_list(s.list.emplace());
    return &*s.list;
  } catch (const std::exception&) {
    static const value_list none;
    budget_->refuse();
    return &none;
  }
}

void json_part::decode_list(value_list& to) const {
  auto count = size();
  if (!budget_->take(count * sizeof(value)))
    return;
  to.reserve(count);
  const auto whole = text();
  auto end = whole.data() + whole.size();
  json::each_element(whole.data(), end, [&](const char* p) -> const char* {
    auto behind = json::skip_value(p, end);
    to.push_back(json_in_place(json::view(p, behind), budget_));
    return budget_->refused() ? nullptr : behind;
  });
}

const value_dict* json_part::dict() const noexcept {
  if (!is_dict())
    return nullptr;
  try {
    auto& s = state();
    if (!s.dict)
      decode_dict(s.dict.emplace());
    return &*s.dict;
  } catch (const std::exception&) {
    static const value_dict none;
    budget_->refuse();
    return &none;
  }
}

void json_part::decode_dict(value_dict& to) const {
  const auto whole = text();
  auto end = whole.data() + whole.size();
  std::size_t count = 0;
  json::each_field(whole.data(), end, [&](std::string_view, const char* p) {
    ++count;
    return json::skip_value(p, end);
  });
  bool large = count > small_dict;
  if (!budget_->take(count * (sizeof(value_dict::value_type) + (large ? key_bytes : 0))))
    return;
  to.reserve(count);
  // Of equal keys, the last value stands at the first one's place. Views of the keys stay good: `to` does not grow.
  std::unordered_map<std::string_view, std::size_t> places;
  json::each_field(whole.data(), end, [&](std::string_view raw, const char* p) -> const char* {
    auto behind = json::skip_value(p, end);
    if (!budget_->take(text_bytes(raw.size())))
      return nullptr;
    auto key = text_of(raw);
    auto place = to.size();
    if (!large) {
      auto same = [&key](const auto& field) { return field.first == key; };
      place = static_cast<std::size_t>(std::find_if(to.begin(), to.end(), same) - to.begin());
    } else if (auto known = places.find(key); known != places.end()) {
      place = known->second;
    }
    auto x = json_in_place(json::view(p, behind), budget_);
    if (place < to.size()) {
      to[place].second = std::move(x);
    } else {
      to.emplace_back(std::move(key), std::move(x));
      if (large)
        places.emplace(to.back().first, place);
    }
    return budget_->refused() ? nullptr : behind;
  });
}

void json_part::note_fields(decoded& s) const {
  s.is_walked = true;
  const auto* end = text_.data() + text_.size();
  json::each_field(text_.data(), end, [&](std::string_view key, const char* p) -> const char* {
    if (s.fields.size() == most_noted) {
      s.fields.clear();
      return nullptr;
    }
    const auto* behind = json::skip_value(p, end);
    s.fields.push_back({key, json::view(p, behind)});
    return behind;
  });
  if (!budget_->take(s.fields.size() * sizeof(decoded::field)))
    s.fields.clear();
}

const value* json_part::noted(decoded& s, std::string_view key) const {
  // Of equal keys, the last one counts.
  auto field = std::find_if(s.fields.rbegin(), s.fields.rend(), [&](auto& f) { return json::key_equals(f.key, key); });
  if (field == s.fields.rend())
    return nullptr;
  if (field->made == nullptr) {
    if (!budget_->take(sizeof(value)))
      return nullptr;
    field->made = std::make_unique<value>(json_in_place(field->text, budget_));
  }
  return field->made.get();
}

const value* json_part::find(std::string_view key) const noexcept {
  if (!is_dict())
    return nullptr;
  try {
    if (fields_ != nullptr)
      return fields_->find_field(key);
    auto& s = state();
    if (!s.is_walked)
      note_fields(s);
    if (!s.fields.empty())
      return noted(s, key);
    for (const auto& [name, x] : s.found)
      if (name == key)
        return x.get();
    auto text = json::find_field(text_, key);
    if (!budget_->take(sizeof s.found.front() + sizeof(value) + text_bytes(key.size())))
      return nullptr;
    auto& found = s.found.emplace_back(std::string{key}, nullptr);
    if (!text.empty())
      found.second = std::make_unique<value>(json_in_place(text, budget_));
    return found.second.get();
  } catch (const std::exception&) {
    budget_->refuse();
    return nullptr;
  }
}

} // namespace detail

value json_in_place(std::string_view text, const std::shared_ptr<memory_budget>& budget) {
  switch (text.empty() ? '\0' : text.front()) {
    case '{':
    case '[':
      if (!budget->take(detail::part_bytes))
        return {};
      return value{std::make_shared<const detail::json_part>(text, budget)};
    case '"':
      text = text.substr(1, text.size() - 2);
      if (!budget->take(detail::text_bytes(text.size())))
        return {};
      return value{detail::text_of(text)};
    default:
      // The parser copies its text.
      if (text.size() > detail::inner_text && !budget->take(4 * text.size()))
        return {};
      // Only a number beyond what a double can hold is not read: infinite, as in Python.
      return parse_json(text)
        .or_else([&](const error&) { return expected<value>{std::strtod(std::string{text}.c_str(), nullptr)}; })
        .value();
  }
}

value json_in_place(const json_fields& fields, const std::shared_ptr<memory_budget>& budget) {
  return value{std::make_shared<const detail::json_part>(fields, budget)};
}

} // namespace sluice::language
