#pragma once

#include "messages/error.hpp"

#include <string_view>

namespace sluice {

/// Where the emitter's lines go.
class line_writer {
public:
  virtual ~line_writer() = default;
  /// Writes all of `text`, blocking as long as its reader takes. An error means that nothing can be written any more;
  /// without an `internal_message`, because the reader went away.
  virtual expected<void> write(std::string_view text) = 0;
};

/// A file descriptor that is written in chunks which keep a pipe's reader busy. Does not own the descriptor.
class fd_line_writer final : public line_writer {
public:
  /// Enlarges the buffer if the descriptor is a pipe.
  explicit fd_line_writer(int fd);
  expected<void> write(std::string_view text) override;

private:
  int fd_;
  std::size_t chunk_bytes_;
};

} // namespace sluice
