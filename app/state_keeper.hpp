#pragma once

#include "actors/support/line_writer.hpp"
#include "config/manifest/plan/plan.hpp"
#include "config/state_file.hpp"
#include "messages/error.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace sluice {

/// Passes lines on, and keeps the states among them in a file: that file is replaced as a whole soon after each, by a
/// thread of its own, so that nobody waits for the disk. A state is in it only when its line, and so all lines before
/// it, have been written. States of streams that say nothing stay as they were.
class state_keeper final : public line_writer {
public:
  /// @param path a regular file, or one that is not there yet.
  /// @param known the states that the file has now.
  /// @param out where the lines go.
  state_keeper(std::string path, std::vector<stream_state> known, const plan& p, std::shared_ptr<line_writer> out);
  /// Writes what is not written yet.
  ~state_keeper() override;
  state_keeper(const state_keeper&) = delete;
  state_keeper& operator=(const state_keeper&) = delete;

  expected<void> write(std::string_view text) override;
  /// No state comes any more: waits until all are in the file. An error: they are not.
  expected<void> finish();

private:
  struct known_stream {
    /// What its STATE lines begin with.
    std::string prefix;
    /// Its place among the states.
    std::size_t state = 0;
  };

  void take(std::string_view line);
  void keep_writing();
  expected<void> write_file(const std::string& text) const;

  const std::string path_;
  std::shared_ptr<line_writer> out_;
  std::vector<known_stream> streams_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<stream_state> states_;
  bool dirty_ = false;
  bool ending_ = false;
  expected<void> last_;
  std::thread thread_;
};

} // namespace sluice
