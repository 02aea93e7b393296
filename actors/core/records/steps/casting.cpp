#include "actors/core/records/steps/casting.hpp"

#include "actors/core/records/value_casts.hpp"
#include "messages/text/json_scan.hpp"

namespace sluice::steps {

expected<bool> casting::take(passage& p) {
  std::size_t at = 0;
  p.record.change_each([&](std::string_view key, std::string_view value) -> std::optional<std::string> {
    if (at == places_.size())
      places_.emplace_back();
    auto& known = places_[at++];
    if (known.key != key || key.empty())
      known = {std::string{key}, key.find('\\') == std::string_view::npos ? step_.record->field(key)
                                                                          : step_.record->field(json::unescape(key))};
    std::string changed;
    if (known.rule == nullptr || !append_cast(changed, value, *known.rule))
      return std::nullopt;
    return changed;
  });
  return true;
}

} // namespace sluice::steps
