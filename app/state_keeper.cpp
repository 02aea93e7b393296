#include "app/state_keeper.hpp"

#include "app/atomic_file.hpp"
#include "messages/protocol.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <sys/stat.h>
#include <utility>

namespace sluice {

namespace {

/// Between two replacements of the file, and at least so many times as long as the last one took: a slow disk is not
/// kept busy.
constexpr std::chrono::milliseconds least_pause{100};
constexpr int pauses_a_write = 4;

constexpr mode_t permissions = 0777;
constexpr mode_t private_file = S_IRUSR | S_IWUSR;

} // namespace

state_keeper::state_keeper(std::string path, std::vector<stream_state> known, const plan& p,
                           std::shared_ptr<line_writer> out)
  : path_(std::move(path)), out_(std::move(out)), states_(std::move(known)) {
  for (const auto& s : p.streams) {
    auto place = std::find_if(states_.begin(), states_.end(),
                              [&s](const auto& x) { return x.name == s.name && x.name_space == s.name_space; });
    const auto index = static_cast<std::size_t>(place - states_.begin());
    if (place == states_.end())
      states_.push_back({s.name, s.name_space, {}});
    streams_.push_back({state_prefix({s.name, s.name_space}), index});
  }
  thread_ = std::thread{[this] { keep_writing(); }};
}

state_keeper::~state_keeper() {
  (void)finish();
}

expected<void> state_keeper::write(std::string_view text) {
  if (auto written = out_->write(text); !written)
    return written;
  constexpr std::string_view state_line_begin = R"({"type":"STATE",)";
  // The emitter writes a state by itself; pages of records are not searched.
  while (text.starts_with(state_line_begin)) {
    const auto line = text.substr(0, text.find('\n'));
    take(line);
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return {};
}

void state_keeper::take(std::string_view line) {
  for (const auto& s : streams_)
    if (auto state = state_in_line(line, s.prefix); !state.empty()) {
      const std::lock_guard lock{mutex_};
      states_[s.state].json = state;
      dirty_ = true;
      changed_.notify_one();
      return;
    }
}

expected<void> state_keeper::finish() {
  if (thread_.joinable()) {
    {
      const std::lock_guard lock{mutex_};
      ending_ = true;
      changed_.notify_one();
    }
    thread_.join();
  }
  return last_;
}

void state_keeper::keep_writing() {
  std::unique_lock lock{mutex_};
  bool told = false;
  while (true) {
    changed_.wait(lock, [this] { return dirty_ || ending_; });
    if (!dirty_)
      return;
    dirty_ = false;
    auto known = states_;
    std::erase_if(known, [](const auto& s) { return s.json.empty(); });
    lock.unlock();
    const auto begin = std::chrono::steady_clock::now();
    auto written = write_file(state_list(known));
    const auto took = std::chrono::steady_clock::now() - begin;
    if (!written && !std::exchange(told, true))
      spdlog::warn("{} The run goes on, and tries again with each new state.", written.error().message);
    lock.lock();
    last_ = std::move(written);
    changed_.wait_for(lock, std::max<std::chrono::steady_clock::duration>(least_pause, took * pauses_a_write),
                      [this] { return ending_; });
  }
}

expected<void> state_keeper::write_file(const std::string& text) const {
  struct stat present {};
  const auto mode = ::stat(path_.c_str(), &present) == 0 ? present.st_mode & permissions : private_file;
  return replace_file(path_, text, mode, "state file", durability::machine);
}

} // namespace sluice
