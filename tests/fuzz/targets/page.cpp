// Cutting pages of the built-in connector's endpoints.
#include "actors/core/records/page_cutter.hpp"
#include "actors/core/records/page_memory.hpp"
#include "actors/core/slices/partition.hpp"
#include "messages/text/json_check.hpp"
#include "tests/fuzz/built_in_plan.hpp"
#include "tests/fuzz/target.hpp"

#include <map>
#include <string>

using namespace sluice;
using namespace sluice::fuzz;

namespace {

constexpr std::int64_t emitted_at = 1700000000123;

slice slice_of(const endpoint& e, const plan& p) {
  slice s;
  s.endpoint = e.id;
  s.label = "slice";
  s.partition = sample_partition(p, e);
  return s;
}

void check_lines(const cut_page& cut, const plan& p) {
  const std::string_view suffix = R"(,"emitted_at":1700000000123}})";
  std::map<std::string, std::uint64_t> seen;
  require(cut.lines.empty() || cut.lines.back() == '\n', "the last line is complete");
  for (auto line : lines_of(cut.lines)) {
    const std::string_view prefix = R"({"type":"RECORD","record":{"stream":")";
    require(line.substr(0, prefix.size()) == prefix, "a line is a RECORD");
    require(line.size() > suffix.size() && line.substr(line.size() - suffix.size()) == suffix, "a line has its end");
    require(!check_json(line), "a line is one JSON document");
    require(line.find('\r') == std::string_view::npos, "a line has no other line break in it");
    line.remove_prefix(prefix.size());
    ++seen[std::string{line.substr(0, line.find('"'))}];
  }
  std::map<std::string, std::uint64_t> counted;
  for (const auto& c : cut.counts)
    if (c.records > 0)
      counted[p.streams.at(c.stream).name] += c.records;
  require(seen == counted, "the counts are those of the lines");
}

void check_parents(const cut_page& cut, const slice& s, const endpoint& e, const plan& p) {
  require(cut.parents.size() == e.child_edges.size(), "every edge has its list of parents");
  require(cut.without_key.size() == e.child_edges.size(), "every edge has its count of records without a key");
  for (std::size_t i = 0; i < cut.parents.size(); ++i) {
    const auto& edge = p.edges[e.child_edges[i]];
    if (edge.parent_output == 0)
      require(cut.parents[i].size() + cut.without_key[i] == cut.records, "every record is a parent, or has no key");
    for (const auto& parent : cut.parents[i]) {
      require(!check_json(parent.key) && parent.key != "null", "a parent's key is a value");
      const auto partition = make_partition(edge.partition_field, parent.key, s.partition);
      require(!check_json(partition), "a partition is JSON");
      require(partition_key(partition_key(partition)) == partition_key(partition), "a key is canonical");
    }
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const plan_ptr plans[] = {built_in_plan(), built_in_plan(true)};
  static page_cutter cutters[] = {page_cutter{plans[0]}, page_cutter{plans[1]}};
  auto input = text_of(data, size);
  auto choice = take_choice(input, 10);
  const auto& p = *plans[choice / 5];
  auto& cutter = cutters[choice / 5];
  const auto& e = p.endpoints[choice % 5 % p.endpoints.size()];
  auto s = slice_of(e, p);

  std::string body{input};
  const bool marked = input.substr(0, 3) == "\xEF\xBB\xBF";
  auto problem = check_json(input.substr(marked ? 3 : 0));
  auto response = cutter.read_response(e, body);
  require(!(response && problem), "no broken page is accepted");
  auto again = std::string{input};
  auto alone = page_cutter{plans[choice / 5]}.cut(e, s, again, emitted_at);
  if (!response) {
    require(response.error().code == errc::bad_page, "a refused page is a bad page");
    require(!(alone && problem), "no broken page is cut");
    return 0;
  }
  auto cut = cutter.cut(e, s, body, emitted_at);
  require(cut.has_value() == alone.has_value(), "a cutter's past changes nothing");
  if (!cut) {
    require(cut.error().code == errc::bad_page || cut.error().code == errc::body_too_large,
            "a page that cannot be cut is a bad page, or too large");
    return 0;
  }
  require(cut->lines == alone->lines, "a cutter's past changes no line");
  check_lines(*cut, p);
  check_parents(*cut, s, e, p);
  require(cutter.memory() <= max_page_memory(input.size(), std::size_t{256} << 20), "a page keeps its memory's bound");
  return 0;
}
