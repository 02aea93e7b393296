// What a user gives to the built-in connector: config, catalogue and state, up to the first requests.
#include "actors/core/requests/request_builder.hpp"
#include "actors/core/slices/partition.hpp"
#include "actors/core/state/slice_ledger.hpp"
#include "config/catalogue.hpp"
#include "config/connector_config.hpp"
#include "config/manifest/compile.hpp"
#include "tests/actors/core/state/all_windows.hpp"
#include "tests/fuzz/built_in_plan.hpp"
#include "tests/fuzz/target.hpp"

#include <memory>
#include <string>

using namespace sluice;
using namespace sluice::fuzz;

namespace {

void check_error(const error& e, const std::vector<std::string>& secrets) {
  require(!e.message.empty(), "an error says what is wrong");
  for (const auto& secret : secrets)
    // Short ones occur in any text.
    require(secret.size() < 12 || e.message.find(secret) == std::string::npos, "an error shows no secret");
}

} // namespace

/// Sections: config, catalogue.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto parts = sections(text_of(data, size), 2);
  const auto& m = built_in_manifest();
  auto config = validate_config(parts[0], m.connection_specification);
  if (!config)
    require(config.error().code == errc::bad_config || config.error().code == errc::unreadable_file,
            "a refused config is a bad config");
  auto catalogue = parse_catalogue(parts[1]);
  if (!catalogue)
    require(catalogue.error().code == errc::bad_catalog, "a refused catalogue is a bad catalogue");
  if (!config)
    return 0;
  auto input = select_all(m, "{}");
  input.config = config->values;
  if (catalogue && !catalogue->empty()) {
    input.streams.clear();
    for (const auto& s : *catalogue)
      input.streams.push_back({s.name, s.name_space, s.incremental, {}});
  }
  auto compiled = compile_plan(m, input);
  if (!compiled) {
    check_error(compiled.error(), config->secrets);
    return 0;
  }
  (void)describe_plan(*compiled);
  auto p = std::make_shared<const plan>(std::move(*compiled));
  if (auto ledger = slice_ledger::open(p); !ledger) {
    check_error(ledger.error(), config->secrets);
    return 0;
  }
  for (const auto& e : p->endpoints) {
    page_request first;
    first.slice.endpoint = e.id;
    if (e.cursor) {
      auto cursor = cursor_state::open(*e.cursor, {});
      require(cursor.has_value(), "a cursor that was accepted opens");
      auto windows = test::all(cursor->windows(true));
      require(windows.size() <= 1'100'000, "windows are bounded");
    }
    first.slice.partition = sample_partition(*p, e);
    if (auto built = build_request(*p, e, first); !built)
      check_error(built.error(), config->secrets);
  }
  return 0;
}
