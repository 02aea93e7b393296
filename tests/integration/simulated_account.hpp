#pragma once

#include "app/simulator/server.hpp"
#include "tests/integration/protocol_output.hpp"
#include "tests/support/program.hpp"
#include "tests/support/temporary_file.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sluice::test {

/// A token that no other text contains by chance.
inline constexpr const char* secret_token = "s3cr3t-t0ken-4711";

/// Bound for waits that end at once unless something is broken.
inline constexpr std::chrono::seconds patience{60};

/// All that the simulator has.
std::vector<std::string> all_streams();

/// A small account without latency, limits or faults.
simulator::options small_account();

/// A result with its stdout taken apart.
struct sync_result : program_result {
  explicit sync_result(program_result r) : program_result(std::move(r)), messages(out) {}
  protocol_output messages;
};

/// A simulator in this process, and the files that a run of the real program against it needs.
class simulated_account {
public:
  explicit simulated_account(const simulator::options& o = small_account());

  simulator::server& server() { return *server_; }
  const simulator::account& account() const { return server_->account(); }
  const temporary_directory& files() const { return files_; }

  /// Writes a config; `more` are further members, such as `"page_size":3`.
  std::string config(const std::string& more = {}, const std::string& token = secret_token) const;
  /// Writes a catalogue of these streams; `surveys` is incremental if asked for.
  std::string catalog(const std::vector<std::string>& streams, bool incremental = true) const;

  /// The command line of a read.
  std::vector<std::string> read_command(const std::vector<std::string>& streams, const std::string& more_config = {},
                                        const std::vector<std::string>& more_arguments = {}) const;
  sync_result read(const std::vector<std::string>& streams, const std::string& more_config = {},
                   const std::vector<std::string>& more_arguments = {}) const;

  /// What a complete read of a stream prints.
  std::multiset<std::string> expected(const std::string& stream) const;
  std::set<std::string> survey_ids() const;

private:
  temporary_directory files_;
  std::unique_ptr<simulator::server> server_;
};

/// For the failure message of a test: how a program ended and the end of what it wrote.
std::string describe(const program_result& r);

} // namespace sluice::test
