// What the program does where the system gives it too little: threads, memory, descriptors, room in a file.

#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

using arguments = std::vector<std::string>;

/// The command as a shell runs it after `before`, such as `ulimit -n 8;`.
arguments under(const std::string& before, const arguments& command) {
  arguments result{"/bin/sh", "-c", before + " exec \"$0\" \"$@\""};
  result.insert(result.end(), command.begin(), command.end());
  return result;
}

/// Every verb, with what it needs, against the account.
std::vector<std::pair<std::string, arguments>> all_verbs(simulated_account& a) {
  auto config = a.config();
  auto catalog = a.catalog({"surveys"});
  // What a refused connection costs is another matter.
  const arguments no_retries{"--set", "http.max_retries=0", "--set", "errors.slice_retries=0"};
  auto with = [](const arguments& more) {
    arguments all{SLUICE_BINARY};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  return {{"spec", with({"spec"})},
          {"check", with({"check", "--config", config})},
          {"discover", with({"discover", "--config", config})},
          {"read", with({"read", "--config", config, "--catalog", catalog, "--progress", "always", "--metrics",
                         a.files().path("metrics"), "--control", a.files().path("socket"), "--trace",
                         a.files().path("trace"), no_retries[0], no_retries[1], no_retries[2], no_retries[3]})},
          {"demo", with({"demo", "--surveys", "3", "--latency", "0ms", "--progress", "never", no_retries[0],
                         no_retries[1], no_retries[2], no_retries[3]})},
          {"plan", with({"plan", "--config", config, "--catalog", catalog, "--probe"})},
          {"top", with({"top", "--once", a.files().path("nobody")})},
          {"trace show", with({"trace", "show", a.files().path("nothing")})}};
}

/// One sentence for people, on stderr or in the protocol.
bool says_why(const program_result& r) {
  return r.err.find("sluice: ") != std::string::npos || r.out.find(R"("type":"ERROR")") != std::string::npos
         || r.out.find(R"("status":"FAILED")") != std::string::npos;
}

/// It has not crashed, not hung, and said what is wrong if anything is.
void check_clean_end(const program_result& r) {
  INFO(describe(r));
  CHECK(!r.timed_out);
  CHECK(r.signal == 0);
  CHECK(r.err.find("terminate called") == std::string::npos);
  CHECK((r.exit_code == 0 || r.exit_code == 1));
  if (r.exit_code == 1)
    CHECK(says_why(r));
}

} // namespace

#if !defined(__SANITIZE_ADDRESS__)                                                                                     \
  && !defined(__SANITIZE_THREAD__) // the sanitizers' runtime must come first, and needs memory of its own

TEST_CASE("whichever thread the system refuses, the program says so and ends") {
  simulated_account a;
  for (const auto& [verb, command] : all_verbs(a)) {
    if (verb == "top" || verb == "trace show")
      continue; // they start none
    int succeeded = 0;
    // The first so many are there, and all further ones are refused; until three numbers in a row are enough.
    for (int threads = 0; threads < 80 && succeeded < 3; threads += verb == "read" ? 1 : 3) {
      CAPTURE(verb, threads);
      auto r = run_program(
        under("export LD_PRELOAD=" FEW_THREADS_LIBRARY " FEW_THREADS=" + std::to_string(threads) + ";", command));
      check_clean_end(r);
      if (r.exit_code == 1 && threads == 0 && verb == "read")
        CHECK(r.out.find("The system allows no further thread") != std::string::npos);
      succeeded = r.exit_code == 0 ? succeeded + 1 : 0;
    }
    CHECK(succeeded == 3);
  }
}

TEST_CASE("with too little memory the program says so and ends") {
  simulated_account a;
  for (const auto& [verb, command] : all_verbs(a))
    for (int megabytes = 60; megabytes <= 400; megabytes += verb == "read" ? 20 : 60) {
      CAPTURE(verb, megabytes);
      check_clean_end(run_program(under("ulimit -v " + std::to_string(megabytes * 1024) + ";", command)));
    }
}

// A sanitizer opens a pipe to look whether memory can be read, and takes its failure for a "no".
TEST_CASE("with too few descriptors the program says so and ends") {
  simulated_account a;
  auto verbs = all_verbs(a);
  for (auto& [verb, command] : verbs) {
    // Its server takes no connections then, so that answers do not come, which is tried again as the manifest says: for
    // minutes.
    if (verb == "demo")
      command.insert(command.end(), {"--max-duration", "2s", "--set", "http.read_timeout=1s"});
    for (int descriptors = 4; descriptors <= 16; descriptors += 2) {
      CAPTURE(verb, descriptors);
      auto r = run_program(under("ulimit -n " + std::to_string(descriptors) + ";", command));
      if (r.exit_code == 3 && verb == "demo")
        r.exit_code = 1;      // the time is over
      if (r.exit_code != 127) // the shell's, or the loader's
        check_clean_end(r);
    }
  }
}

TEST_CASE("a pool for which there are too few descriptors is refused before anything is read") {
  simulated_account a;
  auto r = run_program(under("ulimit -n 300;", a.read_command({"surveys"}, R"("num_workers":400)")));
  INFO(describe(r));
  CHECK(r.exit_code == 1);
  CHECK(r.out.find("A pool of 400 needs 440 file descriptors, and the system allows 300") != std::string::npos);
  CHECK(a.server().statistics().requests == 0);
}

#endif

TEST_CASE("a stdout without room is one sentence and exit code 1, for every verb") {
  simulated_account a;
  auto trace = a.files().path("whole-trace"); // the reads below write another
  REQUIRE(a.read({"surveys"}, {}, {"--trace", trace}).exit_code == 0);
  auto verbs = all_verbs(a);
  verbs.back() = {"trace show", {SLUICE_BINARY, "trace", "show", trace}};
  for (const auto& [verb, command] : verbs) {
    if (verb == "top")
      continue; // it writes where it draws
    CAPTURE(verb);
    auto full = run_program(under("exec >/dev/full;", command));
    INFO(describe(full));
    CHECK(full.exit_code == 1);
    CHECK(full.err.find("No space left on device") != std::string::npos);
    // A file that may not grow: SIGXFSZ must not be the end.
    auto file = a.files().path("out");
    auto limited = run_program(under("exec >" + file + "; ulimit -f 0;", command));
    INFO(describe(limited));
    CHECK(limited.signal == 0);
    CHECK(limited.exit_code == 1);
    CHECK(limited.err.find("File too large") != std::string::npos);
  }
}
