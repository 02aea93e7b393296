// Manifests of strangers: loading, compiling, and the first steps of a run.
#include "actors/core/pages/pagination.hpp"
#include "actors/core/records/page_cutter.hpp"
#include "actors/core/requests/request_builder.hpp"
#include "actors/core/slices/partition.hpp"
#include "actors/core/state/slice_ledger.hpp"
#include "config/connector_config.hpp"
#include "config/manifest/compile.hpp"
#include "tests/fuzz/built_in_plan.hpp"
#include "tests/fuzz/target.hpp"

#include <memory>
#include <string>

using namespace sluice;
using namespace sluice::fuzz;

namespace {

constexpr std::string_view config = R"({"url":"https://api.example.com/v1/","key":"k","start":"2024-01-01","n":10})";

void check_error(const error& e) {
  require(!e.message.empty(), "an error says what is wrong");
  require(e.message.size() < 256 * 1024, "an error can be read");
}

void start(const plan_ptr& p) {
  if (auto ledger = slice_ledger::open(p); !ledger) {
    check_error(ledger.error());
    return;
  }
  page_cutter cutter{p};
  for (const auto& e : p->endpoints) {
    page_request first;
    first.slice.endpoint = e.id;
    first.slice.partition = sample_partition(*p, e);
    if (auto built = build_request(*p, e, first); !built)
      check_error(built.error());
    std::string body = R"({"data":[{"id":1,"updated":"2024-05-06T07:08:09Z"},{"id":"b"}],"links":{"next":"/p2"}})";
    auto response = cutter.read_response(e, body);
    if (!response)
      continue;
    auto cut = cutter.cut(e, first.slice, body, 1);
    if (!cut) {
      check_error(cut.error());
      continue;
    }
    (void)next_page_token(*p, e, first.slice, {*response, {}, cut->last_record, cut->records, {}, {}});
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto loaded = load_manifest(text_of(data, size), "fuzz.yaml");
  if (!loaded) {
    require(loaded.error().code == errc::bad_manifest, "a refused manifest is a bad manifest");
    check_error(loaded.error());
    return 0;
  }
  const auto& m = **loaded;
  (void)validate_config(config, m.connection_specification);
  auto input = select_all(m, config);
  for (const auto& stream : m.streams)
    if (auto field = default_cursor_field(m, stream, input.config); !field)
      check_error(field.error());
  auto all = input.streams;
  // Each stream alone, so that one that is broken does not hide the others.
  for (std::size_t i = 0; i < all.size() && i < 8; ++i) {
    input.streams = {all[i]};
    auto compiled = compile_plan(m, input);
    if (!compiled) {
      check_error(compiled.error());
      continue;
    }
    (void)describe_plan(*compiled);
    start(std::make_shared<const plan>(std::move(*compiled)));
  }
  input.streams = all;
  (void)compile_plan(m, input);
  return 0;
}
