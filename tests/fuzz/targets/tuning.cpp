// Tuning files and overrides.
#include "config/tuning.hpp"

#include "config/tuning_file.hpp"
#include "tests/fuzz/target.hpp"

#include <string>

using namespace sluice;
using namespace sluice::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto text = text_of(data, size);
  std::vector<tuning_override> overrides;
  if (auto settings = detail::read_settings(text)) {
    for (const auto& s : *settings)
      if (s.has_value)
        overrides.push_back(s.key + "=" + s.text);
  } else {
    require(settings.error().code == errc::bad_tuning, "a refused file is a bad file");
    for (auto line : lines_of(text))
      overrides.emplace_back(std::string{line});
  }
  auto tuned = load_tuning({}, overrides);
  if (!tuned) {
    require(tuned.error().code == errc::bad_tuning && !tuned.error().message.empty(), "a refused setting is told");
    return 0;
  }
  require(tuned->fetchers.pool_size >= 1 && tuned->fetchers.max_pool_size >= 1, "somebody fetches");
  require(tuned->http.connect_timeout.count() > 0 && tuned->http.read_timeout.count() > 0
            && tuned->http.total_timeout.count() > 0,
          "time limits are positive");
  require(tuned->http.max_body_bytes > 0 && tuned->emitter.mailbox_bytes.value_or(1) > 0 && tuned->fan_out.mailbox > 0
            && tuned->budget.window.count() > 0,
          "bounds are positive");
  return 0;
}
