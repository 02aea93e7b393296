#include "actors/core/records/record_expander.hpp"

#include "actors/core/records/record_view.hpp"
#include "config/language/value.hpp"
#include "messages/text/json_paths.hpp"
#include "messages/text/json_scan.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace sluice {

namespace {

bool is_list(std::string_view text) {
  return !text.empty() && text.front() == '[';
}

bool is_object(std::string_view text) {
  return !text.empty() && text.front() == '{';
}

/// Appends `text` without these values in it, which are parts of it.
void append_without_parts(std::string& out, std::string_view text, const std::vector<std::string_view>& parts) {
  const auto holds_one = std::any_of(parts.begin(), parts.end(), [text](std::string_view part) {
    return text.data() <= part.data() && part.data() < text.data() + text.size();
  });
  if (!holds_one) {
    out += text;
    return;
  }
  const auto* end = text.data() + text.size();
  const auto opening = text.front();
  bool is_first = true;
  out += opening;
  const auto append = [&](std::string_view before, const char* at) {
    const auto* behind = json::skip_value(at, end);
    const auto value = json::view(at, behind);
    const auto is_unwanted
      = std::any_of(parts.begin(), parts.end(), [&](std::string_view part) { return part.data() == value.data(); });
    if (!is_unwanted) {
      out += std::exchange(is_first, false) ? "" : ",";
      out += before;
      append_without_parts(out, value, parts);
    }
    return behind;
  };
  if (opening == '{')
    json::each_field(text.data(), end,
                     [&](std::string_view key, const char* at) { return append("\"" + std::string{key} + "\":", at); });
  else
    json::each_element(text.data(), end, [&](const char* at) { return append({}, at); });
  out += opening == '{' ? '}' : ']';
}

} // namespace

bool record_expander::is_truncated(std::string_view around) const {
  if (how_.truncation_mark.empty())
    return false;
  const auto mark = language::parse_json(json::find_path(around, how_.truncation_mark));
  return mark && language::truthy(*mark);
}

void record_expander::begin(std::string_view around) {
  around_ = around;
  elements_.clear();
  auto lists = find_matches(around, how_.path, std::numeric_limits<std::size_t>::max());
  std::erase_if(lists, [](std::string_view x) { return !is_list(x); });
  for (auto list : lists) {
    const auto* end = list.data() + list.size();
    json::each_element(list.data(), end, [&](const char* at) {
      const auto* behind = json::skip_value(at, end);
      elements_.push_back(json::view(at, behind));
      return behind;
    });
  }
  shared_.clear();
  if (how_.merges_parent && !elements_.empty())
    append_without_parts(shared_, around, lists);
}

std::string record_expander::make(std::string_view element) {
  if (!how_.gives_context()) {
    made_ = element;
    return {};
  }
  const auto own = is_object(element) ? std::string{element} : "{\"value\":" + std::string{element} + "}";
  record_view record{nullptr};
  if (how_.merges_parent) {
    record.begin(shared_);
    const auto* end = own.data() + own.size();
    json::each_field(own.data(), end, [&](std::string_view key, const char* at) {
      const auto* behind = json::skip_value(at, end);
      record.set(json::unescape(key), std::string{json::view(at, behind)});
      return behind;
    });
  } else {
    record.begin(own);
  }
  for (const auto& field : how_.parent_fields) {
    const auto found = json::find_path(around_, field.from);
    std::string changed;
    if (auto problem = append_with(changed, record.field(field.to.front()), field.to,
                                   found.empty() ? std::string_view{"null"} : found, 1);
        !problem.empty())
      return problem;
    record.set(field.to.front(), std::move(changed));
  }
  if (how_.embeds_parent)
    record.set("original_record", std::string{around_});
  text_.clear();
  record.append_to(text_);
  made_ = text_;
  return {};
}

} // namespace sluice
