#include "actors/support/trace_log.hpp"

#include "messages/json_text.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace sluice {

namespace {

std::int64_t micros(std::chrono::system_clock::time_point t) {
  return std::chrono::duration_cast<std::chrono::microseconds>(t.time_since_epoch()).count();
}

} // namespace

expected<std::unique_ptr<trace_log>> trace_log::open(const std::string& path) {
  int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0)
    return fail(errc::unreadable_file, failure_type::config_error,
                "The trace file " + path + " cannot be written: " + std::strerror(errno) + ".");
  return std::unique_ptr<trace_log>(new trace_log(fd));
}

trace_log::trace_log(int fd) : fd_(fd) {}

trace_log::~trace_log() {
  ::close(fd_);
}

void trace_log::write(const trace_event& event) noexcept {
  try {
    std::string line;
    line.reserve(256);
    line += R"({"sent_us":)" + std::to_string(micros(event.sent));
    line += R"(,"handled_us":)" + std::to_string(micros(event.handled));
    line += R"(,"took_ns":)" + std::to_string(event.took.count());
    line += R"(,"from":)" + json_string(event.from) + R"(,"from_id":)" + std::to_string(event.from_id);
    line += R"(,"to":)" + json_string(event.to) + R"(,"to_id":)" + std::to_string(event.to_id);
    line += R"(,"message":)" + json_string(event.message);
    if (event.slice_id != 0) {
      line += R"(,"slice":)" + json_string(event.slice) + R"(,"slice_id":)" + std::to_string(event.slice_id);
      line += R"(,"page":)" + std::to_string(event.page);
    }
    line += "}\n";
    // O_APPEND: one write is one whole line, whoever writes at the same time.
    [[maybe_unused]] auto n = ::write(fd_, line.data(), line.size());
  } catch (...) {
    // A trace that cannot be written must not end the run.
  }
}

} // namespace sluice
