// What may keep records from being read although nothing fails ends in rows or in a warning. And what a stopped sync
// has read is not asked for again, records or not.
#include "tests/integration/simulated_account.hpp"
#include "tests/integration/window_api.hpp"
#include "tests/support/catch2.hpp"

#include <algorithm>
#include <csignal>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

using texts = std::vector<std::string>;

/// Reads from a `window_api`, in a folder of its own.
struct window_reads {
  explicit window_reads(const window_api& a, const std::string& step = "P3D", const std::string& more_cursor = {}) {
    command = {SLUICE_BINARY, "read",
               "--progress",  "never",
               "--manifest",  files.write("manifest.yaml", window_manifest(step, more_cursor)),
               "--config",    files.write("config.json", R"({"url":")" + a.url() + R"("})")};
  }

  texts arguments(const std::string& streams, const std::string& states, const texts& more = {}) {
    auto result = command;
    result.insert(result.end(), {"--stream", streams});
    if (!states.empty())
      result.insert(result.end(), {"--state", files.write("state.json", states)});
    result.insert(result.end(), more.begin(), more.end());
    return result;
  }

  sync_result read(const std::string& streams, const std::string& states = {}, const texts& more = {}) {
    return sync_result{run_program(arguments(streams, states, more))};
  }

  temporary_directory files;
  texts command;
};

std::string state_of(const std::string& stream, const std::string& json) {
  return R"([{"type":"STREAM","stream":{"stream_descriptor":{"name":")" + stream + R"("},"stream_state":)" + json
         + "}}]";
}

texts warnings_of(const sync_result& r) {
  texts found;
  for (const auto& log : r.messages.logs)
    if (log.level == "WARN")
      found.push_back(log.message);
  return found;
}

/// The beginnings of the windows that were asked for in a part.
std::set<std::string> begins(window_api& api, const std::string& part) {
  std::set<std::string> found;
  for (auto& asked : api.take_requests())
    if (asked["part"] == part)
      found.insert(asked["from"]);
  return found;
}

constexpr const char* partition_a
  = R"({"partition":{"part":"a","parent_slice":{}},"cursor":{"at":"2024-02-20T00:00:00Z"}})";

} // namespace

TEST_CASE("records without a cursor are one warning a stream, with their number") {
  std::vector<window_row> rows;
  for (int i = 0; i < 7; ++i)
    rows.push_back({"n" + std::to_string(i), "a", ""});
  rows.push_back({"r", "a", "2024-01-02T00:00:00Z"});
  window_api api{rows};
  window_reads reads{api};
  const auto r = reads.read("all");
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  REQUIRE(warnings_of(r).size() == 1);
  CHECK(warnings_of(r).front().find("140 of 141 records have no readable cursor `at`") != std::string::npos);
  CHECK(r.messages.ids("all").size() == 8);
}

TEST_CASE("a server that does not filter by time is one warning, and loses nothing") {
  window_api api{{{"r1", "a", "2024-01-02T00:00:00Z"}, {"r2", "a", "2024-01-20T00:00:00Z"}}, false};
  window_reads reads{api};
  const auto r = reads.read("all");
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  REQUIRE(warnings_of(r).size() == 1);
  CHECK(warnings_of(r).front().find("38 of 40 records have a cursor `at` outside of the window that was asked for")
        != std::string::npos);
  CHECK(warnings_of(r).front().find("seems not to filter by it") != std::string::npos);
  CHECK(r.messages.ids("all").size() == 2);
  CHECK(r.messages.last_state("all")->json.find("2024-01") != std::string::npos);
}

TEST_CASE("cursors finer than what lies between windows are a warning") {
  window_api api{{{"r1", "a", "2024-01-02T00:00:00.250Z"}, {"r2", "a", "2024-01-20T00:00:00.500Z"}}};
  window_reads reads{api};
  const auto r = reads.read("all");
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  REQUIRE(warnings_of(r).size() == 1);
  CHECK(warnings_of(r).front().find("finer than cursor_granularity") != std::string::npos);
}

TEST_CASE("an orderly stream gives no warning") {
  window_api api{{{"r1", "a", "2024-01-02T00:00:00Z"}, {"r2", "b", "2024-03-01T00:00:00Z"}}};
  window_reads reads{api};
  const auto r = reads.read("all,parted");
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(warnings_of(r).empty());
}

TEST_CASE("a partition that a state does not know is read from the start, or a warning counts it") {
  window_api api{{{"r1", "a", "2024-02-21T00:00:00Z"}, {"r2", "b", "2024-01-02T00:00:00Z"}}};
  window_reads reads{api};
  const auto state = [](const std::string& lookback) {
    return state_of("parted", R"({"use_global_cursor":false,"states":[)" + std::string{partition_a}
                                + R"(],"state":{"at":"2024-02-20T00:00:00Z"},"lookback_window":)" + lookback + "}");
  };
  SECTION("the list is whole") {
    for (const std::string lookback : {"1", R"("1")"}) {
      const auto r = reads.read("parted", state(lookback));
      INFO(describe(r));
      CHECK(r.exit_code == 0);
      CHECK(warnings_of(r).empty());
      CHECK(r.messages.ids("parted") == std::set<std::string>{"r1", "r2"});
      const auto asked = api.take_requests();
      CHECK(std::any_of(asked.begin(), asked.end(),
                        [](const auto& q) { return q.at("part") == "b" && q.at("from") == "2024-01-01T00:00:00Z"; }));
      CHECK(std::none_of(asked.begin(), asked.end(),
                         [](const auto& q) { return q.at("part") == "a" && q.at("from") < "2024-02-20T00:00:00Z"; }));
      // It is in the list from now on.
      CHECK(reads.read("parted", r.messages.state_file()).exit_code == 0);
      CHECK(*begins(api, "b").begin() == "2024-01-02T00:00:00Z");
    }
  }
  SECTION("it may lack some") {
    const auto r = reads.read("parted", state("0"));
    INFO(describe(r));
    CHECK(r.exit_code == 0);
    REQUIRE(warnings_of(r).size() == 1);
    CHECK(warnings_of(r).front().find("1 partitions that its state does not list") != std::string::npos);
    CHECK(r.messages.ids("parted") == std::set<std::string>{"r1"});
  }
  SECTION("there is none") {
    const auto r
      = reads.read("parted", state_of("parted", R"({"use_global_cursor":true,"state":{"at":"2024-02-20T00:00:00Z"}})"));
    INFO(describe(r));
    REQUIRE(warnings_of(r).size() == 1);
    CHECK(warnings_of(r).front().find("one cursor for all partitions") != std::string::npos);
  }
}

TEST_CASE("a partition that was read and is empty is not read from the start again") {
  // The part is there; its rows have no place in the time that is read.
  window_api api{{{"r1", "a", "2024-02-21T00:00:00Z"}, {"late", "b", "2024-06-01T00:00:00Z"}}};
  window_reads reads{api};
  const auto first = reads.read("parted");
  INFO(describe(first));
  REQUIRE(first.exit_code == 0);
  CHECK(first.messages.last_state("parted")->json.find(R"("part":"b"},"cursor":{"at":"2024-01-01T00:00:00Z"})")
        != std::string::npos);
}

TEST_CASE("a first sync that is stopped does not ask for empty windows again") {
  window_api api{{{"r1", "a", "2024-02-25T00:00:00Z"}}};
  window_reads reads{api, "PT6H"};
  std::multiset<std::string> asked;
  std::set<std::string> seen;
  std::string states;
  int runs = 0;
  for (bool complete = false; !complete; ++runs) {
    REQUIRE(runs < 20);
    const auto r = reads.read("all", states, {"--max-requests", "40"});
    INFO(describe(r));
    complete = r.exit_code == 0;
    REQUIRE((complete || r.exit_code == 3));
    states = r.messages.state_file();
    for (auto& q : api.take_requests())
      asked.insert(q["from"]);
    seen.merge(r.messages.ids("all"));
  }
  CHECK(seen == std::set<std::string>{"r1"});
  // 240 windows; a run begins again with at most a step's worth, and those that were out of order.
  CHECK(runs <= 8);
  CHECK(asked.size() >= 240);
  CHECK(asked.size() <= 240 + static_cast<std::size_t>(runs) * 6);
}

TEST_CASE("syncs that are killed at random moments and resumed lose no row, whatever the windows hold") {
  std::mt19937_64 random{20240301};
  for (int round = 0; round < 12; ++round) {
    std::vector<window_row> rows;
    const auto count = random() % 60;
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto day = random() % 58;
      const auto two = [](std::uint64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
      rows.push_back(
        {"r" + std::to_string(i), std::string(1, static_cast<char>('a' + random() % 4)),
         "2024-0" + std::to_string(1 + day / 29) + "-" + two(1 + day % 29) + "T" + two(random() % 24) + ":00:00Z"});
    }
    window_api api{rows};
    window_reads reads{api, "P3D", round % 3 == 0 ? "lookback_window: P5D" : ""};
    std::map<std::string, std::set<std::string>> seen;
    std::string states;
    for (int run = 0; run < 6; ++run) {
      const auto kill = run < 4;
      const auto moment = random() % (2000 + count * 200);
      program p{reads.arguments("all,parted", states)};
      if (kill) {
        p.wait_for_bytes(moment);
        p.send(random() % 3 == 0 ? SIGTERM : SIGKILL);
      }
      sync_result r{p.wait()};
      INFO("round " << round << ", run " << run << ", stopped after " << moment << " bytes\n" << describe(r));
      REQUIRE((kill || r.exit_code == 0));
      for (const std::string stream : {"all", "parted"}) {
        // Whoever reads keeps what stands before a state.
        const auto state = r.messages.last_state(stream);
        const auto& records = r.messages.records[stream];
        const auto kept = kill ? (state ? state->records_before : 0) : records.size();
        seen[stream].insert(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(kept));
      }
      const texts merge{SLUICE_BINARY, "state", "merge",
                        reads.files.write("before.json", states.empty() ? "[]" : states),
                        reads.files.write("run.json", r.messages.state_file())};
      const auto merged = run_program(merge);
      REQUIRE(merged.exit_code == 0);
      states = merged.out;
    }
    for (const std::string stream : {"all", "parted"})
      for (const auto& row : rows) {
        INFO("round " << round << ", stream " << stream << ": " << row.json());
        REQUIRE(seen[stream].contains(row.json()));
      }
  }
}
