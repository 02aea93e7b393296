#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <random>

using namespace sluice;
using namespace sluice::test;

namespace {

std::uint64_t number_of(const char* variable, std::uint64_t otherwise) {
  const auto* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// `sluice simulate` as a process of its own, with the account that `o` describes.
class simulator_process {
public:
  explicit simulator_process(const simulator::options& o)
    : account_(o.account),
      program_({SLUICE_BINARY, "simulate", "--port", "0", "--token", secret_token, "--rate-limit", "0", "--surveys",
                std::to_string(o.account.surveys), "--seed", std::to_string(o.account.seed), "--responses",
                range(o.account.responses), "--latency", milliseconds(o.latency), "--jitter", milliseconds(o.jitter),
                "--unpleasant"}) {
    REQUIRE(program_.wait_for_error_text(" until interrupted"));
    auto text = program_.error_text();
    auto from = text.find("http://");
    url_ = text.substr(from, text.find(' ', from) - from);
  }

  const std::string& url() const { return url_; }
  const simulator::account& account() const { return account_; }

  /// Ends it. Returns how many requests it served.
  std::uint64_t stop() {
    program_.send(SIGTERM);
    auto text = program_.wait().err;
    auto from = text.find("Served ");
    REQUIRE(from != std::string::npos);
    return std::strtoull(text.c_str() + from + 7, nullptr, 10);
  }

private:
  static std::string range(const simulator::count_range& r) {
    return std::to_string(r.least) + ".." + std::to_string(r.most);
  }
  static std::string milliseconds(std::chrono::microseconds d) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(d).count()) + "ms";
  }

  simulator::account account_;
  program program_;
  std::string url_;
};

/// What all tries of one sync printed together.
struct chain {
  std::map<std::string, std::set<std::string>> seen;
  std::uint64_t records = 0;
  std::uint64_t repeats = 0;

  void add(const protocol_output& out) {
    for (const auto& [stream, texts] : out.records) {
      for (const auto& text : texts) {
        ++records;
        repeats += seen[stream].insert(text).second ? 0 : 1;
      }
    }
  }
};

} // namespace

// A little of what `./run torture [KILLS]` does: SLUICE_TORTURE_KILLS and SLUICE_TORTURE_SEED choose how long and
// which.
TEST_CASE("syncs that are killed again and again lose nothing", "[torture]") {
  const auto kills_wanted = number_of("SLUICE_TORTURE_KILLS", 4);
  const auto seed = number_of("SLUICE_TORTURE_SEED", std::random_device{}());
  std::cout << "seed " << seed << " (SLUICE_TORTURE_SEED repeats it)" << std::endl;
  std::mt19937_64 random{seed};

  simulator::options o = small_account();
  o.account.seed = seed % 1000;
  o.account.surveys = 40;
  o.account.responses = {0, 60};
  o.latency = std::chrono::milliseconds{5};
  o.jitter = std::chrono::milliseconds{10};
  simulator_process server{o};
  const simulated_account files; // for its files alone
  // Some responses of the first surveys are older than the default start.
  const std::string settings
    = R"("page_size":7,"slice_range_days":60,"num_workers":12,"start_date":"2019-06-01T00:00:00Z")";
  auto command = files.read_command(all_streams(), settings);
  files.files().write("config.json", R"({"access_token":")" + std::string{secret_token} + R"(","api_url":")"
                                       + server.url() + R"(","rate_limit_per_minute":1000000,)" + settings + "}");

  std::map<std::string, std::set<std::string>> expected;
  for (const auto& stream : all_streams()) {
    auto records = server.account().expected_records(stream);
    expected[stream] = {records.begin(), records.end()};
  }
  sync_result whole{run_program(command)};
  INFO(describe(whole));
  REQUIRE(whole.exit_code == 0);

  std::uint64_t kills = 0;
  std::uint64_t syncs = 0;
  std::uint64_t records = 0;
  std::uint64_t repeats = 0;
  while (kills < kills_wanted) {
    chain sync;
    std::string state;
    for (bool complete = false; !complete;) {
      auto arguments = command;
      if (!state.empty()) {
        arguments.insert(arguments.end(), {"--state", files.files().write("state.json", state)});
      }
      program p{arguments};
      // Anywhere in a whole run, also before its first byte; sometimes later than it lasts.
      auto moment = random() % (whole.out.size() * 5 / 4);
      auto killed = kills < kills_wanted;
      if (killed) {
        p.wait_for_bytes(moment);
        p.send(SIGKILL);
      }
      sync_result result{p.wait()};
      INFO("sync " << syncs << ", kill " << kills << " after " << moment << " bytes\n" << describe(result));
      REQUIRE_FALSE(result.timed_out);
      REQUIRE((result.signal == SIGKILL || result.exit_code == 0));
      REQUIRE(result.messages.bad_lines.size() <= (result.signal == SIGKILL ? 1 : 0));
      sync.add(result.messages);
      complete = result.signal == 0;
      kills += complete ? 0 : 1;
      // What it printed serves as it is; without a STATE in it the former one stands.
      if (!result.messages.states.empty())
        state = result.out;
    }
    for (const auto& stream : all_streams()) {
      INFO(stream);
      std::string missing;
      for (const auto& record : expected[stream])
        if (!sync.seen[stream].contains(record))
          missing += record.substr(0, 400) + "\n";
      INFO("missing:\n" << missing);
      REQUIRE(missing.empty());
      REQUIRE(sync.seen[stream].size() == expected[stream].size());
    }
    ++syncs;
    records += sync.records;
    repeats += sync.repeats;
  }
  std::cout << "survived " << kills << " kills in " << syncs << " syncs: " << records << " records printed, " << repeats
            << " of them again, " << server.stop() << " requests; every sync had every record\n";
}
