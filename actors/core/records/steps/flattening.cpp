#include "actors/core/records/steps/flattening.hpp"

#include "actors/core/records/key_changes.hpp"
#include "messages/text/glob.hpp"
#include "messages/text/json_paths.hpp"
#include "messages/text/json_scan.hpp"
#include "messages/text/json_text.hpp"

#include <algorithm>
#include <utility>

namespace sluice::steps {

namespace {

/// Room for keys; a record has to be small beside what a page may take.
constexpr std::size_t most_bytes = std::size_t{16} << 20;

} // namespace

expected<bool> flattening::take(passage& p) {
  std::string changed;
  if (!append_flattened(changed, p.record.text(), step_.lists, most_bytes))
    return fail(errc::bad_page, failure_type::system_error, "the flattened record would have more than 16 MiB of keys");
  p.record.replace(std::move(changed));
  return true;
}

flattening_object::flattening_object(const flatten_object& step)
  : step_(step), is_plain_(std::none_of(step.path.begin(), step.path.end(), [](const auto& x) { return is_glob(x); })) {
}

expected<bool> flattening_object::take(passage& p) {
  auto& record = p.record;
  std::string_view object;
  if (is_plain_) {
    object = record.find(step_.path);
  } else {
    const auto found = find_matches(record.text(), step_.path, 2);
    const bool first_is_meant = std::find(step_.path.begin(), step_.path.end(), "*") != step_.path.end();
    if (found.size() > 1 && !first_is_meant)
      return fail(errc::bad_page, failure_type::system_error,
                  "`" + dotted(step_.path) + "` leads to several values; one was expected");
    if (!found.empty())
      object = found.front();
  }
  if (object.empty() || object.front() != '{')
    return true;
  std::vector<std::pair<std::string, std::string>> fields;
  const auto* end = object.data() + object.size();
  json::each_field(object.data(), end, [&](std::string_view key, const char* at) {
    const auto* behind = json::skip_value(at, end);
    fields.emplace_back(step_.prefix + json::unescape(key) + step_.suffix, json::view(at, behind));
    return behind;
  });
  if (step_.replaces_record && !fields.empty()) {
    record.replace("{}");
  } else {
    if (std::any_of(fields.begin(), fields.end(), [&](const auto& x) { return !record.field(x.first).empty(); }))
      return true;
    if (step_.removes_origin)
      remove_origin(record);
  }
  for (auto& [key, value] : fields)
    record.set(key, std::move(value));
  return true;
}

void flattening_object::remove_origin(record_view& record) const {
  if (is_plain_ && step_.path.size() == 1) {
    record.remove(step_.path.front());
    return;
  }
  std::string changed;
  if (append_without(changed, record.text(), step_.path))
    record.replace(std::move(changed));
}

} // namespace sluice::steps
