#include "app/selection.hpp"

#include "tests/support/catch2.hpp"

#include <string>
#include <vector>

using namespace sluice;

namespace {

manifest source_of(const std::vector<std::string>& names) {
  manifest m;
  m.origin = "shop.yaml";
  for (const auto& name : names) {
    stream_definition s;
    s.name = name;
    s.supports_incremental = name.starts_with("i_");
    m.streams.push_back(std::move(s));
  }
  return m;
}

std::string chosen(const manifest& m, const stream_selection& wanted) {
  auto selected = select_streams(m, wanted);
  if (!selected)
    return selected.error().message;
  std::string result;
  for (const auto& s : *selected)
    result += (result.empty() ? "" : " ") + s.name + (s.incremental ? "+" : "");
  return result;
}

} // namespace

TEST_CASE("streams are selected in the source's order, by names, lists and patterns") {
  const auto m = source_of({"orders", "i_items", "item_lines", "a,b", "x*"});
  CHECK(chosen(m, {}) == "orders i_items+ item_lines a,b x*");
  CHECK(chosen(m, {{"item_lines, orders"}, {}, false, false}) == "orders item_lines");
  CHECK(chosen(m, {{"*item*"}, {}, false, false}) == "i_items+ item_lines");
  CHECK(chosen(m, {{"*item*"}, {"i_*"}, false, false}) == "item_lines");
  CHECK(chosen(m, {{}, {"i*", "orders"}, false, false}) == "a,b x*");
  CHECK(chosen(m, {{"a,b"}, {}, false, false}) == "a,b");
  CHECK(chosen(m, {{"x*"}, {}, false, false}) == "x*");
  CHECK(chosen(m, {{}, {}, true, true}) == "orders i_items item_lines a,b x*");
}

TEST_CASE("what fits no stream is wrong arguments, with the nearest") {
  const auto m = source_of({"orders", "i_items"});
  for (const auto& [wanted, words] : std::vector<std::pair<stream_selection, std::string>>{
         {{{"ordres"}, {}, false, false}, R"(Did you mean "orders"?)"},
         {{{"orders,"}, {}, false, false}, R"(no stream "")"},
         {{{"z*"}, {}, false, false}, "It has: orders, i_items."},
         {{{}, {"nothing"}, false, false}, "--exclude:"},
         {{{"orders"}, {"orders"}, false, false}, "nothing is left"}}) {
    auto selected = select_streams(m, wanted);
    REQUIRE(!selected);
    INFO(selected.error().message);
    CHECK(selected.error().code == errc::bad_arguments);
    CHECK(selected.error().message.find(words) != std::string::npos);
  }
}

TEST_CASE("streams that cannot be read are named with what leaves them out, unless they were asked for by name") {
  auto m = source_of({"orders", "i_items", "files"});
  m.streams[2].faults.push_back({"streams[2]", "custom"});
  auto all = select_streams(m, {{}, {}, true, false});
  REQUIRE(!all);
  CHECK(all.error().code == errc::bad_manifest);
  CHECK(all.error().message.find("--exclude files") != std::string::npos);
  CHECK(chosen(m, {{}, {"files"}, true, false}) == "orders i_items+");
  // The compiler says what is wrong with it.
  CHECK(chosen(m, {{"files"}, {}, false, false}) == "files");
}
