#include "actors/support/line_writer.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <unistd.h>

namespace sluice {

namespace {

constexpr int wanted_pipe_bytes = 1 << 20;
/// A file or a terminal takes large writes well.
constexpr std::size_t plain_chunk_bytes = 256 << 10;

} // namespace

fd_line_writer::fd_line_writer(int fd) : fd_(fd), chunk_bytes_(plain_chunk_bytes) {
  if (::fcntl(fd, F_GETPIPE_SZ) <= 0)
    return;
  ::fcntl(fd, F_SETPIPE_SZ, wanted_pipe_bytes); // may be refused; the size that counts is asked for below
  // The kernel wakes a pipe's reader when the write ends or the pipe is full: with writes as large as the pipe, writer
  // and reader take turns instead of working at once (measured: half the throughput).
  chunk_bytes_ = std::max<std::size_t>(4096, static_cast<std::size_t>(::fcntl(fd, F_GETPIPE_SZ)) / 4);
}

expected<void> fd_line_writer::write(std::string_view text) {
  while (!text.empty()) {
    auto n = ::write(fd_, text.data(), std::min(text.size(), chunk_bytes_));
    if (n >= 0) {
      text.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      // The descriptor came to us non-blocking, and its flags are shared with whoever else has it.
      pollfd ready{fd_, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      if (errno == EPIPE)
        return fail(errc::output_closed, failure_type::system_error,
                    "The reader of stdout went away; the run ends. The last state that it received is valid.");
      std::string why = std::strerror(errno);
      return fail(errc::output_closed, failure_type::system_error, "stdout cannot be written: " + why + ".", why);
    }
  }
  return {};
}

} // namespace sluice
