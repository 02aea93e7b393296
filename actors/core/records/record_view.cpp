#include "actors/core/records/record_view.hpp"

#include "messages/text/json_scan.hpp"
#include "messages/text/json_text.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

/// Templates name a few fields; whoever looks for keys that the data tell has no place for each kept.
constexpr std::size_t kept_fields = 32;
/// What a field that was read takes, besides its value.
constexpr std::size_t field_bytes = 96;

} // namespace

record_view::record_view(std::shared_ptr<language::memory_budget> budget) : budget_(std::move(budget)) {}

void record_view::begin_anew(std::string_view object) {
  original_ = object;
  size_ = object.size();
  fields_.clear();
  used_ = 0;
  is_changed_ = false;
  has_whole_ = false;
  given_ = given_ && !templates_see_.whole;
  if (templates_see_.fields.size() > kept_fields)
    templates_see_.fields.clear();
  for (auto& x : templates_see_.fields)
    if (std::exchange(x->known, false) && x->there)
      x->x = {};
}

void record_view::add_entry(std::string_view key, std::string_view value) {
  fields_.push_back({key, value, key.data() - 1, value.data(), value.data() + value.size()});
}

void record_view::begin(const page_index& page, page_index::token t) {
  begin_anew(page.value_text(t));
  page.each_field(t, [&](std::string_view key, page_index::token value) {
    add_entry(key, page.value_text(value));
    return true;
  });
}

void record_view::begin(std::string_view object) {
  begin_anew(object);
  const auto* end = object.data() + object.size();
  json::each_field(object.data(), end, [&](std::string_view key, const char* value) {
    const auto* behind = json::skip_value(value, end);
    add_entry(key, json::view(value, behind));
    return behind;
  });
}

std::string_view record_view::field(std::string_view key) const {
  for (auto x = fields_.rbegin(); x != fields_.rend(); ++x)
    if (!x->gone && json::key_equals(x->key, key))
      return x->value;
  return {};
}

std::string_view record_view::find(const std::vector<std::string>& path) const {
  return path.empty() ? text() : json::find_path(field(path.front()), path, 1);
}

std::string_view record_view::keep(std::string text) {
  if (used_ == made_.size())
    made_.emplace_back();
  return made_[used_++] = std::move(text);
}

/// The field with this text between the quotes of its key is not what templates have read of it.
void record_view::changed(std::string_view key) {
  for (auto& x : templates_see_.fields)
    if (x->known && json::key_equals(key, x->key))
      x->known = false;
  is_changed_ = true;
  has_whole_ = false;
  given_ = given_ && !templates_see_.whole;
}

void record_view::put(field_entry& x, std::string_view value) {
  size_ = size_ - x.value.size() + value.size();
  x.value = value;
  x.changed = true;
  changed(x.key);
}

void record_view::set(std::string_view key, std::string value) {
  set(key, {}, keep(std::move(value)));
}

void record_view::set(const named_field& key, std::string_view value) {
  set(key.name, key.quoted, value);
}

/// `quoted` is the key's text as JSON; empty: it is made.
void record_view::set(std::string_view key, std::string_view quoted, std::string_view value) {
  bool found = false;
  for (auto& x : fields_)
    if (!x.gone && json::key_equals(x.key, key)) {
      put(x, value);
      found = true;
    }
  if (found)
    return;
  if (quoted.empty())
    quoted = keep(json_string(key));
  size_ += quoted.size() + value.size() + 2; // with colon and comma
  quoted.remove_prefix(1);
  quoted.remove_suffix(1);
  fields_.push_back({quoted, value});
  changed(quoted);
}

void record_view::remove(std::string_view key) {
  for (auto& x : fields_)
    if (!x.gone && json::key_equals(x.key, key)) {
      x.gone = true;
      changed(x.key);
      // Its comma and blanks go, too: how many is seen when the text is put together.
      size_ -= x.key.size() + x.value.size() + 3;
    }
}

void record_view::replace(std::string object) {
  replaced_ = std::move(object);
  begin(replaced_);
}

void record_view::append_to(std::string& out) const {
  if (!is_changed_) {
    out += original_;
    return;
  }
  const auto* inside = original_.data() + 1;
  // Fields that stay as they are follow each other; their bytes are copied together.
  const auto* from = original_.data();
  const auto* to = inside;
  const auto* behind = inside;
  bool first = true;
  auto field = fields_.begin();
  for (; field != fields_.end() && field->first != nullptr; behind = field++->last) {
    if (field->gone)
      continue;
    // The comma before it comes along, unless nothing stands before it any more.
    const auto* start = first && behind != inside ? field->first : behind;
    if (start != to) {
      out.append(from, to);
      from = start;
    }
    to = field->last;
    if (field->changed) {
      out.append(from, field->at);
      out += field->value;
      from = to;
    }
    first = false;
  }
  out.append(from, to);
  for (; field != fields_.end(); ++field) {
    if (field->gone)
      continue;
    out += first ? "\"" : ",\"";
    out += field->key;
    out += "\":";
    out += field->value;
    first = false;
  }
  out.append(behind, original_.data() + original_.size());
}

std::string_view record_view::text() const {
  if (!is_changed_)
    return original_;
  if (!std::exchange(has_whole_, true)) {
    whole_.clear();
    append_to(whole_);
  }
  return whole_;
}

std::optional<language::value> record_view::for_templates() {
  if (std::exchange(given_, true))
    return std::nullopt;
  templates_see_.whole = false;
  return language::json_in_place(templates_see_, budget_);
}

// -- what templates read ----------------------------------------------------------

const language::value* record_view::template_view::find_field(std::string_view key) const {
  auto& known = fields;
  auto found = std::find_if(known.begin(), known.end(), [&](const auto& x) { return x->key == key; });
  if (found == known.end()) {
    if (!record.budget_->take(field_bytes + key.size()))
      return nullptr;
    found = known.insert(known.end(), std::make_unique<decoded_field>());
    (*found)->key = key;
  }
  auto& x = **found;
  if (!std::exchange(x.known, true)) {
    const auto text = record.field(key);
    x.there = !text.empty();
    x.x = x.there ? language::json_in_place(text, record.budget_) : language::value{};
  }
  return x.there ? &x.x : nullptr;
}

std::string_view record_view::template_view::text() const {
  whole = true;
  return record.text();
}

} // namespace sluice
